"""A recurrent step as a layer: its weights, its state, one step alone (chapter 16)."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from solutions.layer import Layer
from solutions.scan import Arrays, Step, Weights, scan_backward, scan_forward


class Recurrence(Layer):
    """What sequence layers and cells share: a step, its weights and its state."""

    step: Step
    gates = 1
    """Blocks of H rows in weight_ih and weight_hh."""
    states = 1
    """Arrays in the state: h, or h and c."""

    def add_weights(
        self, sizes: Weights, suffix: str, bound: float, rng: np.random.Generator
    ) -> None:
        """Register arrays, uniform in (-bound, bound), where there is a size."""
        for name, size in zip(Weights._fields, sizes, strict=True):
            if size is not None:
                weight = rng.uniform(-bound, bound, size).astype(np.float32)
                self.add_params(**{name + suffix: weight})

    def weights(self, suffix: str = "") -> Weights:
        """The arrays of one layer in one direction."""
        return Weights(
            *(self.own_params.get(name + suffix) for name in Weights._fields)
        )

    def learn(self, grads: Weights, suffix: str = "") -> None:
        """Add the gradients of `weights(suffix)`."""
        for name, grad in zip(Weights._fields, grads, strict=True):
            self.add_grads(**{name + suffix: grad})

    def bundle(self, arrays: Sequence[Any]) -> Any:
        """A state as the caller sees it: h alone, or (h, c)."""
        return tuple(arrays) if self.states > 1 else arrays[0]

    def unbundle(self, state: Any, shapes: Sequence[tuple[int, ...]], x: Any) -> list:
        """The arrays of a state: of the given shapes, zeros where it is None."""
        if state is None:
            return [np.zeros(shape, x.dtype) for shape in shapes]
        if self.states > 1 and not isinstance(state, tuple | list):
            raise TypeError(f"the state must be a pair (h, c), not {type(state)}")
        arrays = list(state) if self.states > 1 else [state]
        if [np.shape(a) for a in arrays] != shapes:
            came = ", ".join(str(np.shape(a)) for a in arrays)
            raise ValueError(
                f"the state has shape {came}, expected {', '.join(map(str, shapes))}"
            )
        return arrays

    def missing_as_zeros(self, grads: Any, state: Any) -> list[np.ndarray]:
        """A gradient for each array of the state, zeros where it is None."""
        arrays = state if self.states > 1 else [state]
        grads = (
            grads if self.states > 1 and grads is not None else [grads] * len(arrays)
        )
        return [
            np.zeros_like(a) if g is None else g
            for g, a in zip(grads, arrays, strict=True)
        ]

    def check_input(self, x: np.ndarray, ndims: tuple[int, int], size: int) -> None:
        if x.ndim not in ndims or x.shape[-1] != size:
            raise ValueError(
                f"the input must have {ndims[0]} or {ndims[1]} axes, the last one of "
                f"size {size}, not {x.shape}"
            )
        dtype = next(iter(self.own_params.values())).dtype
        if x.dtype != dtype:
            raise TypeError(f"the input holds {x.dtype}, the weights {dtype}")


class RecurrentCell(Recurrence):
    """One step: what RNNCell, LSTMCell and GRUCell share.

    Shapes (without N for a single example):
        x      (N, D)
        state  (N, H); an LSTM has two: h and c

    Parameters weight_ih (G, D), weight_hh (G, H), bias_ih (G,) and bias_hh (G,) start
    uniform in (-1/sqrt(H), 1/sqrt(H)).

    Calling it gives the next state. The last state, `hx`, is an optional second
    argument, zeros by default. `backward` takes a gradient (or None) for each array of
    the next state; it returns grad_x, or (grad_x, grad_state) if a state was given.

    Raises:
        TypeError, ValueError: an option, an input or a state that torch refuses.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        G, rows = (
            self.gates * hidden_size,
            (self.gates * hidden_size,) if bias else None,
        )
        bound = 1 / math.sqrt(hidden_size) if hidden_size else 0.0
        sizes = Weights((G, input_size), (G, hidden_size), rows, rows)
        self.add_weights(sizes, "", bound, rng or np.random.default_rng())

    def forward(self, x: np.ndarray, hx: Any = None) -> Any:
        self.check_input(x, (1, 2), self.input_size)
        self.given, self.batch = hx is not None, x.shape[:-1]
        shapes = [(*self.batch, self.hidden_size)] * self.states
        start = [np.atleast_2d(a) for a in self.unbundle(hx, shapes, x)]
        steps = np.atleast_2d(x)[None]  # a sequence of length 1
        (_, end), self.cache = scan_forward(self.step, steps, start, self.weights())
        self.result = self.as_given(end)
        return self.result

    def backward(
        self, grad_h: np.ndarray | None, grad_c: np.ndarray | None = None
    ) -> Any:
        grad_end = (grad_h, grad_c) if self.states > 1 else grad_h
        grads = [np.atleast_2d(g) for g in self.missing_as_zeros(grad_end, self.result)]
        nothing = np.zeros_like(grads[:1])  # the output is the final state itself
        grad_x, grad_start, grads_of_weights = scan_backward(nothing, grads, self.cache)
        self.learn(grads_of_weights)
        grad_x = grad_x[0].reshape(*self.batch, self.input_size)
        return (grad_x, self.as_given(grad_start)) if self.given else grad_x

    def as_given(self, arrays: Arrays) -> Any:
        return self.bundle([a.reshape(*self.batch, self.hidden_size) for a in arrays])
