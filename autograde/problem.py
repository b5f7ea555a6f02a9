"""One question to a layer, with torch's answer: arguments, output, gradients."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import torch


@dataclass(frozen=True)
class Problem:
    """The arguments of a layer, and what torch makes of them. All is read-only."""

    arrays: Mapping[str, np.ndarray | None]
    """The array arguments by name, in the order of the signature."""
    grad_y: np.ndarray
    """The upstream gradient: random, since an upstream of ones hides mistakes."""
    y: np.ndarray
    grads: Mapping[str, np.ndarray | None]
    """The gradient of each argument; None for None and for integers."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The keyword-only arguments."""

    @classmethod
    def solve(
        cls,
        torch_function: Callable[..., torch.Tensor],
        rng: np.random.Generator,
        /,
        *,
        options: Mapping[str, Any] | None = None,
        **arrays: np.ndarray | None,
    ) -> Self:
        """Ask torch, before any student's code runs.

        Example:
            >>> rng = np.random.default_rng(0)
            >>> problem = Problem.solve(torch.square, rng, x=np.array([3.0]))
            >>> problem.y
            array([9.])
            >>> problem.grads["x"] == 6 * problem.grad_y
            array([ True])
        """
        options = dict(options or {})
        tensors = {name: _tensor(array) for name, array in arrays.items()}
        y = torch_function(*tensors.values(), **options)
        upstream = rng.standard_normal(tuple(y.shape))
        grad_y = torch.as_tensor(upstream, dtype=y.dtype)
        wanted = {
            name: tensor
            for name, tensor in tensors.items()
            if tensor is not None and tensor.requires_grad
        }
        found = torch.autograd.grad(y, list(wanted.values()), grad_y) if wanted else ()
        grads = dict(zip(wanted, found, strict=True))
        return cls(
            arrays={name: _frozen(array) for name, array in arrays.items()},
            grad_y=_frozen(grad_y.numpy()),
            y=_frozen(y.detach().numpy()),
            grads={
                n: _frozen(g.numpy()) if (g := grads.get(n)) is not None else None
                for n in arrays
            },
            options=options,
        )


def _tensor(array: np.ndarray | None) -> torch.Tensor | None:
    if array is None:
        return None
    return torch.tensor(array, requires_grad=array.dtype.kind == "f")


def _frozen(array: np.ndarray | None) -> Any:
    """A copy that nobody can write to."""
    if array is None:
        return None
    copy = np.array(array)
    copy.flags.writeable = False
    return copy
