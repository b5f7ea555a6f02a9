"""A class of ours beside torch's: built alike, given the same arrays, compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

import solutions

Arrays = tuple[Any, ...]


@dataclass(frozen=True)
class Module:
    """One way to build and to call a class that torch has too."""

    name: str
    """The class, in `torch.nn` and in `solutions`."""
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    shapes: tuple[Any, ...] = ()
    """The inputs: a shape for normal random entries, an array as it is, a list of such
    for a tuple of arrays, or None."""
    call: Mapping[str, Any] = field(default_factory=dict)
    """Keyword arguments of the call; arrays become tensors for torch."""
    outputs: int = 1
    """How many of the outputs have a gradient; the first ones."""
    training: bool = True
    offset: float = 0.0
    """Added to random inputs: a mean far above the spread."""

    def __str__(self) -> str:
        options = [*map(str, self.args)]
        options += [f"{k}={getattr(v, 'shape', v)}" for k, v in self.kwargs.items()]
        shapes = [getattr(s, "shape", s) for s in self.shapes]
        calls = [
            k if isinstance(v, np.ndarray) else f"{k}={v}" for k, v in self.call.items()
        ]
        mode = "" if self.training else " eval"
        return f"{self.name}({', '.join(options)}) {shapes} {' '.join(calls)}{mode}"

    def build(self, package: Any) -> Any:
        """The class of `package`; modules among the arguments are built there too."""

        def argument(value: Any) -> Any:
            if package is torch.nn and isinstance(value, np.ndarray):
                return torch.tensor(value)
            return value.build(package) if isinstance(value, Module) else value

        args = map(argument, self.args)
        kwargs = {key: argument(value) for key, value in self.kwargs.items()}
        return getattr(package, self.name)(*args, **kwargs)

    def pair(self, dtype: torch.dtype = torch.float64) -> tuple[Any, torch.nn.Module]:
        """Ours and torch's, with the same random parameters and statistics."""
        torch.manual_seed(0)
        theirs = self.build(torch.nn).to(dtype)
        for name, tensor in theirs.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(torch.randn(tensor.shape))
                if name.endswith("var"):
                    tensor.exp_()
        ours = self.build(solutions)
        if dtype == torch.float64:
            ours.double()
        ours.load_state_dict(theirs.state_dict())
        ours.train(self.training)
        theirs.train(self.training)
        return ours, theirs

    def inputs(self, dtype: type = np.float64) -> Arrays:
        rng = np.random.default_rng(len(str(self)))

        def array(s: Any) -> Any:
            if isinstance(s, list):
                return tuple(map(array, s))
            if isinstance(s, tuple):
                s = np.asarray(self.offset + rng.standard_normal(s))
            return s.astype(dtype) if s is not None and s.dtype.kind == "f" else s

        return tuple(map(array, self.shapes))


def leaves(value: Any) -> Iterator[Any]:
    """The arrays of nested tuples, in order."""
    if isinstance(value, tuple | list):
        for item in value:
            yield from leaves(item)
    elif value is not None:
        yield value


def upstream(value: Any, rng: np.random.Generator) -> Any:
    """A random gradient for each array of nested tuples."""
    if isinstance(value, tuple | list):
        return tuple(upstream(item, rng) for item in value)
    return np.asarray(
        rng.standard_normal(np.shape(value)), dtype=np.asarray(value).dtype
    )


def every(value: Any) -> list[Any]:
    """The leaves of nested tuples, None included."""
    if isinstance(value, tuple | list):
        return [leaf for item in value for leaf in every(item)]
    return [value]


def tensors_of(value: Any) -> Any:
    """Tensors for the arrays of nested tuples; floats are to get a gradient."""
    if isinstance(value, tuple):
        return tuple(map(tensors_of, value))
    floats = value is not None and value.dtype.kind == "f"
    return None if value is None else torch.tensor(value, requires_grad=floats)


def like(inputs: Arrays, call: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments, with float arrays of the dtype that float inputs have."""
    dtypes = [a.dtype for a in leaves(inputs) if a.dtype.kind == "f"]

    def cast(value: Any) -> Any:
        if dtypes and isinstance(value, np.ndarray) and value.dtype.kind == "f":
            return value.astype(dtypes[0])
        return value

    return {name: cast(value) for name, value in call.items()}


@dataclass(frozen=True)
class Outcome:
    """What a class gives: outputs, input gradients, parameter gradients, state."""

    outputs: list[np.ndarray]
    grads: list[np.ndarray | None]
    param_grads: dict[str, np.ndarray]
    state: dict[str, np.ndarray]


def doubled(value: Any) -> Any:
    """Nested tuples of arrays, the floats among them as float64."""
    if isinstance(value, tuple):
        return tuple(map(doubled, value))
    floats = value is not None and value.dtype.kind == "f"
    return value.astype(np.float64) if floats else value


def errors(found: Outcome, exact: Outcome) -> tuple[float, float]:
    """How far off the outputs and the gradients are, over their largest entry."""
    names = exact.param_grads
    return (
        error(found.outputs, exact.outputs),
        error(
            [*found.grads, *(found.param_grads[n] for n in names)],
            [*exact.grads, *(exact.param_grads[n] for n in names)],
        ),
    )


def error(found: list[Any], exact: list[Any]) -> float:
    """The largest difference over the largest entry (1 at least), where finite."""
    gaps, scales = [0.0], [1.0]
    for a, b in zip(found, exact, strict=True):
        if b is not None:
            keep = np.isfinite(b)
            gaps.append(np.abs(np.asarray(a)[keep] - b[keep]).max(initial=0))
            scales.append(np.abs(b[keep]).max(initial=0))
    return max(gaps) / max(scales)


def run_ours(layer: Any, module: Module, inputs: Arrays) -> tuple[Outcome, Arrays]:
    """Forward, backward with random upstream gradients; the outcome and those."""
    output = layer(*inputs, **like(inputs, module.call))
    several = output if isinstance(output, tuple) else (output,)
    grads_y = upstream(several[: module.outputs], np.random.default_rng(1))
    grads = layer.backward(*grads_y)
    outcome = Outcome(
        list(leaves(output)),
        every(grads),
        {name: grad.copy() for name, grad in layer.grads.items()},
        {name: array.copy() for name, array in layer.state.items()},
    )
    return outcome, grads_y


def run_torch(
    theirs: torch.nn.Module, module: Module, inputs: Arrays, grads_y: Arrays
) -> Outcome:
    """The same with torch."""
    tensors = tensors_of(inputs)
    call = {
        k: torch.tensor(v) if isinstance(v, np.ndarray) else v
        for k, v in like(inputs, module.call).items()
    }
    output = theirs(*tensors, **call)
    several = output if isinstance(output, tuple) else (output,)
    roots = list(leaves(several[: module.outputs]))
    torch.autograd.backward(roots, [torch.tensor(g) for g in leaves(grads_y)])
    grads = {n: p.grad for n, p in theirs.named_parameters()}
    zeros = {n: torch.zeros_like(p) for n, p in theirs.named_parameters()}
    return Outcome(
        [t.detach().numpy() for t in leaves(output)],
        [None if t.grad is None else t.grad.numpy() for t in leaves(tensors)],
        {n: (zeros[n] if g is None else g).numpy() for n, g in grads.items()},
        {n: b.numpy() for n, b in theirs.named_buffers()},
    )


def assert_agree(ours: Outcome, theirs: Outcome, rtol: float, atol: float) -> None:
    """Every array of two outcomes; `atol` counts in units of the largest entry."""

    def same(a: Any, b: Any, what: str) -> None:
        assert (a is None) == (b is None), what
        if a is not None:
            assert np.shape(a) == b.shape, f"{what}: {np.shape(a)}, torch has {b.shape}"
            scale = max(1.0, float(np.abs(b[np.isfinite(b)]).max(initial=0)))
            np.testing.assert_allclose(a, b, rtol, atol * scale, err_msg=what)

    assert len(ours.outputs) == len(theirs.outputs), "number of outputs"
    assert len(ours.grads) == len(theirs.grads), "number of input gradients"
    for i, pair in enumerate(zip(ours.outputs, theirs.outputs, strict=True)):
        same(*pair, f"output {i}")
    for i, pair in enumerate(zip(ours.grads, theirs.grads, strict=True)):
        same(*pair, f"gradient of input {i}")
    for kind in ("param_grads", "state"):
        a, b = getattr(ours, kind), getattr(theirs, kind)
        assert a.keys() == b.keys(), kind
        for name in b:
            same(a[name], b[name], f"{kind} {name}")
