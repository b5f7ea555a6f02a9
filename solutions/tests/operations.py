"""The pairs of functions, each with its torch counterpart and inputs that are hard."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

import solutions
from solutions.teaching import bilinear

Arrays = dict[str, np.ndarray | None]


@dataclass(frozen=True)
class Case:
    """One call of `<op>_forward`, and the torch function that must agree with it."""

    op: str
    reference: Callable[..., torch.Tensor]
    arrays: Arrays
    options: dict[str, Any] = field(default_factory=dict)
    module: Any = solutions
    has_batch: bool = True  # the first axis of every input counts examples

    def forward(self, arrays: Arrays) -> tuple[np.ndarray, Any]:
        function = getattr(self.module, f"{self.op}_forward")
        return function(*arrays.values(), **self.options)

    def backward(self, grad_y: np.ndarray, cache: Any) -> tuple[Any, ...]:
        grads = getattr(self.module, f"{self.op}_backward")(grad_y, cache)
        return grads if isinstance(grads, tuple) else (grads,)

    def __str__(self) -> str:
        shapes = [None if a is None else a.shape for a in self.arrays.values()]
        return f"{self.op} {shapes} {self.options or ''}".strip()


def _normal(*shapes: tuple[int, ...] | None, offset: float = 0.0) -> list[Any]:
    rng = np.random.default_rng(len(shapes) * 1000 + len(str(shapes)))
    return [None if s is None else offset + rng.standard_normal(s) for s in shapes]


def _linear(
    x: tuple[int, ...], D: int, K: int, *, bias: bool, offset: float = 0.0
) -> Case:
    arrays = _normal(x, (K, D), (K,) if bias else None, offset=offset)
    return Case(
        "linear", F.linear, dict(zip(["x", "weight", "bias"], arrays, strict=True))
    )


def _flatten(shape: tuple[int, ...], **options: int) -> Case:
    def reference(x: torch.Tensor) -> torch.Tensor:
        return torch.flatten(x, **{"start_dim": 1, **options})

    return Case("flatten", reference, {"x": _normal(shape)[0]}, options)


def _bilinear(N: int, D1: int, D2: int, K: int) -> Case:
    arrays = _normal((N, D1), (N, D2), (K, D1, D2), (K,))
    names = ["x1", "x2", "weight", "bias"]
    return Case(
        "bilinear", F.bilinear, dict(zip(names, arrays, strict=True)), module=bilinear
    )


def _relu(shape: tuple[int, ...]) -> Case:
    x = _normal(shape)[0]
    x[np.abs(x) < 0.3] = 0.0  # kinks: torch's gradient is 0 there
    return Case("relu", F.relu, {"x": x})


def _mse(shape: tuple[int, ...]) -> Case:
    x, target = _normal(shape, shape)
    return Case("mse_loss", F.mse_loss, {"input": x, "target": target}, has_batch=False)


def _cross_entropy(N: int, V: int, scale: float = 1.0) -> Case:
    rng = np.random.default_rng(N * V)
    arrays = {
        "input": scale * rng.standard_normal((N, V)),
        "target": rng.integers(0, V, N),
    }
    return Case("cross_entropy", F.cross_entropy, arrays, has_batch=False)


def _norm(
    op: str,
    reference: Callable[..., torch.Tensor],
    *shapes: tuple[int, ...] | None,
    **options: Any,
) -> Case:
    names = ["x", "weight", "bias", "eps"][: len(shapes)]
    arrays = dict(zip(names, _normal(*shapes), strict=True))
    return Case(op, reference, arrays, options)


def _layer_norm(x: tuple[int, ...], sizes: tuple[int, ...], bias: bool = True) -> Case:
    def reference(x: torch.Tensor, *params: torch.Tensor) -> torch.Tensor:
        return F.layer_norm(x, sizes, *params)

    shape = sizes if bias else None
    return _norm("layer_norm", reference, x, sizes, shape, normalized_shape=sizes)


def _rms_norm(x: tuple[int, ...], sizes: tuple[int, ...]) -> Case:
    def reference(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return F.rms_norm(x, sizes, weight)

    return _norm("rms_norm", reference, x, sizes, normalized_shape=sizes)


def _group_norm(x: tuple[int, ...], num_groups: int) -> Case:
    def reference(x: torch.Tensor, *params: torch.Tensor) -> torch.Tensor:
        return F.group_norm(x, num_groups, *params)

    return _norm("group_norm", reference, x, x[1:2], x[1:2], num_groups=num_groups)


def _instance_norm(x: tuple[int, ...], bias: bool = True) -> Case:
    def reference(x: torch.Tensor, *params: torch.Tensor) -> torch.Tensor:
        # With a weight torch fails on an empty batch: "select(): index 0 out of range".
        return F.instance_norm(x, None, None, *params) if len(x) else x

    return _norm("instance_norm", reference, x, x[1:2], x[1:2] if bias else None)


def _batch_norm(x: tuple[int, ...]) -> Case:
    def reference(x: torch.Tensor, *params: torch.Tensor) -> torch.Tensor:
        return F.batch_norm(x, None, None, *params, training=True)

    return _norm("batch_norm", reference, x, x[1:2], x[1:2])


def _frn(x: tuple[int, ...], C: int) -> Case:
    def reference(
        x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: torch.Tensor
    ) -> torch.Tensor:
        def column(a: torch.Tensor) -> torch.Tensor:
            return a.reshape(-1, *[1] * (x.ndim - 2))

        axes = tuple(range(2, x.ndim))
        mean_square = (x * x).mean(axes, keepdim=True) if axes else x * x
        z = x / torch.sqrt(mean_square + torch.abs(column(eps)))
        return z * column(weight) + column(bias)

    return _norm("frn", reference, x, x[1:2], x[1:2], (C,))


CASES = [
    _layer_norm((5, 4), (4,)),
    _layer_norm((1, 4), (4,), bias=False),
    _layer_norm((2, 5, 3, 4), (3, 4)),
    _rms_norm((5, 4), (4,)),
    _rms_norm((5, 2, 3), (2, 3)),
    _group_norm((5, 6), 2),
    _group_norm((2, 6, 4, 3), 3),
    _group_norm((4, 4, 5), 4),
    _instance_norm((3, 2, 5)),
    _instance_norm((2, 3, 4, 5), bias=False),
    _batch_norm((5, 3)),
    _batch_norm((4, 3, 5)),
    _batch_norm((2, 3, 4, 2, 3)),
    _batch_norm((1, 3, 4, 2)),
    _frn((5, 3), 1),
    _frn((2, 3, 4), 3),
    _frn((2, 3, 4, 5), 1),
    _linear((5, 3), 3, 2, bias=True),
    _linear((5, 3), 3, 2, bias=False),
    _linear((4, 6, 3), 3, 2, bias=True),
    _linear((1, 1), 1, 4, bias=True),
    _linear((3, 3), 3, 3, bias=True, offset=1e4),
    _flatten((4, 3, 2)),
    _flatten((4, 3, 2), start_dim=0),
    _flatten((4, 3, 2, 5), start_dim=1, end_dim=2),
    _flatten((4, 3, 2, 5), start_dim=-3, end_dim=-2),
    _bilinear(5, 2, 3, 4),
    _bilinear(1, 3, 1, 2),
    _relu((4, 7)),
    _mse((3, 4)),
    _cross_entropy(5, 3),
    _cross_entropy(4, 7, scale=1e4),
]
