"""Layers and directions around a recurrent step (chapters 16 and 17)."""

import math
import warnings
from typing import Any

import numpy as np

from solutions.dropout import dropout_backward, dropout_forward
from solutions.recurrence import Recurrence
from solutions.scan import Arrays, Weights, scan_backward, scan_forward


class Recurrent(Recurrence):
    """Recurrent layers over a sequence: what RNN, LSTM and GRU share.

    Options:
        num_layers     each layer takes the output of the one below
        bias           False: no bias_ih, no bias_hh
        batch_first    input and output are (N, T, ...), not (T, N, ...); states are not
        dropout        in training, what goes up from layer to layer is dropped so often
        bidirectional  a second pass from the end to the start, outputs side by side
        proj_size      LSTM only: h is projected to this size P by weight_hr

    Parameters, for layer k, start uniform in (-1/sqrt(H), 1/sqrt(H)):
        weight_ih_lk          (G, D), above the first layer (G, output features)
        weight_hh_lk          (G, H) or (G, P)
        bias_ih_lk, bias_hh_lk  (G,)
        weight_hr_lk          (P, H), with proj_size
        ..._reverse           the same for the second direction

    Shapes (M = num_layers * directions; without N for a single sequence):
        x            (T, N, D)
        state        (M, N, H); an LSTM has two: h (or (M, N, P)) and c
        output       (T, N, directions * H)

    Calling it gives output and the final state. The state to start from, `hx`, is an
    optional second argument, zeros by default. `backward(grad_output, grad_state)`
    takes None for a gradient that is zero; it returns grad_x, or (grad_x, grad_state)
    if a state was given.

    Raises:
        TypeError, ValueError: an option, an input or a state that torch refuses.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        check_sizes(
            input_size=input_size, hidden_size=hidden_size, num_layers=num_layers
        )
        check_switches(dropout, num_layers, bias=bias, batch_first=batch_first)
        if not 0 <= proj_size < hidden_size or (proj_size and self.states == 1):
            raise ValueError(
                f"proj_size {proj_size} must be below hidden_size {hidden_size}, "
                "and 0 unless this is an LSTM"
            )
        self.input_size, self.hidden_size = input_size, hidden_size
        self.num_layers, self.proj_size = num_layers, proj_size
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.directions = bidirectional, 2 if bidirectional else 1
        self.rng = rng or np.random.default_rng()
        ways = ("", "_reverse")[: self.directions]
        self.suffixes = [
            f"_l{layer}{way}" for layer in range(num_layers) for way in ways
        ]
        for k, suffix in enumerate(self.suffixes):
            self.add_weights(
                self.sizes(k), suffix, 1 / math.sqrt(hidden_size), self.rng
            )

    def sizes(self, k: int) -> Weights:
        """The shapes of the arrays of pass k: directions vary faster than layers."""
        G, H, P = self.gates * self.hidden_size, self.hidden_size, self.proj_size
        first = k < self.directions
        D = self.input_size if first else self.directions * (P or H)
        bias = (G,) if self.bias else None
        return Weights((G, D), (G, P or H), bias, bias, (P, H) if P else None)

    def forward(self, x: np.ndarray, hx: Any = None) -> tuple[np.ndarray, Any]:
        self.check_input(x, (2, 3), self.input_size)
        self.batched, self.given = x.ndim == 3, hx is not None
        x = self.time_first(x)
        if not len(x):
            raise ValueError("the sequence must have at least one entry, not none")
        start, ends = self.start(hx, x), []
        self.caches: dict[int, tuple] = {}
        self.dropped: dict[int, tuple] = {}
        for layer in range(self.num_layers):
            active = self.training and layer > 0 and self.dropout > 0
            x, self.dropped[layer] = dropout_forward(
                x, p=self.dropout, training=active, rng=self.rng
            )
            ways = [self.one_way(k, x, start) for k in self.passes(layer)]
            x = np.concatenate([output for output, _ in ways], axis=-1)
            ends += [end for _, end in ways]
        self.result = self.time_first(x, undo=True), self.stacked(ends)
        return self.result

    def backward(self, grad_output: np.ndarray | None, grad_state: Any = None) -> Any:
        output, state = self.result
        grad = self.time_first(
            np.zeros_like(output) if grad_output is None else grad_output
        )
        grad_ends = self.upstream(grad_state, state)
        grad_starts: list[tuple] = []
        for layer in reversed(range(self.num_layers)):
            pieces = np.split(grad, self.directions, axis=-1)
            ways = [
                self.one_way_backward(k, piece, grad_ends)
                for k, piece in zip(self.passes(layer), pieces, strict=True)
            ]
            grad = np.sum([grad_x for grad_x, _ in ways], axis=0)
            grad = dropout_backward(grad, self.dropped[layer])
            grad_starts = [start for _, start in ways] + grad_starts
        grad_x = self.time_first(grad, undo=True)
        return (grad_x, self.stacked(grad_starts)) if self.given else grad_x

    def passes(self, layer: int) -> range:
        return range(layer * self.directions, (layer + 1) * self.directions)

    def one_way(self, k: int, x: np.ndarray, start: Arrays) -> tuple[np.ndarray, tuple]:
        """One layer in one direction; the second direction turns time around."""
        turn = slice(None, None, -1 if k % self.directions else 1)
        start, weights = [array[k] for array in start], self.weights(self.suffixes[k])
        (output, end), self.caches[k] = scan_forward(self.step, x[turn], start, weights)
        return output[turn], end

    def one_way_backward(
        self, k: int, grad_output: np.ndarray, grad_ends: Arrays
    ) -> tuple[np.ndarray, tuple]:
        turn = slice(None, None, -1 if k % self.directions else 1)
        grad_end = [array[k] for array in grad_ends]
        grad_x, grad_start, grads = scan_backward(
            grad_output[turn], grad_end, self.caches[k]
        )
        self.learn(grads, self.suffixes[k])
        return grad_x[turn], grad_start

    def start(self, state: Any, x: np.ndarray) -> list[np.ndarray]:
        """The initial states, each (M, N, H)."""
        M, N = len(self.suffixes), (x.shape[1],) if self.batched else ()
        widths = [self.proj_size or self.hidden_size, self.hidden_size][: self.states]
        arrays = self.unbundle(state, [(M, *N, width) for width in widths], x)
        return [a if self.batched else a[:, None] for a in arrays]

    def upstream(self, grad_state: Any, state: Any) -> list[np.ndarray]:
        """The gradients of the final states, each (M, N, H), zeros where None."""
        grads = self.missing_as_zeros(grad_state, state)
        return [g if self.batched else g[:, None] for g in grads]

    def stacked(self, states: list[tuple]) -> Any:
        """What the passes give, as (M, N, H), or (M, H) without a batch."""
        arrays = [np.stack(passes) for passes in zip(*states, strict=True)]
        return self.bundle([a if self.batched else a[:, 0] for a in arrays])

    def time_first(self, x: np.ndarray, undo: bool = False) -> np.ndarray:
        """(T, N, ...) of what the caller gives; `undo` goes back."""
        if not self.batched:
            return x[:, 0] if undo else x[:, None]
        return x.swapaxes(0, 1) if self.batch_first else x


def check_sizes(**sizes: int) -> None:
    """Refuse what is not a positive integer."""
    for name, size in sizes.items():
        if not isinstance(size, int):
            raise TypeError(f"{name} must be an int, not {size!r}")
        if size <= 0:
            raise ValueError(f"{name} must be greater than zero, not {size}")


def check_switches(dropout: float, num_layers: int, **switches: bool) -> None:
    """Refuse a dropout that is no probability, switches that are no bool."""
    for name, switch in switches.items():
        if not isinstance(switch, bool):
            raise TypeError(f"{name} must be a bool, not {switch!r}")
    if isinstance(dropout, bool) or not 0 <= dropout <= 1:
        raise ValueError(f"dropout must be a number from 0 to 1, not {dropout!r}")
    if dropout and num_layers == 1:
        warnings.warn(
            f"dropout {dropout} acts between layers, but num_layers is 1", stacklevel=4
        )
