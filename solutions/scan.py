"""A step repeated over time: what recurrent layers share (chapters 16 and 17).

A recurrent layer is a step, a pair of functions:

    step(from_x, from_h, h, ...) -> (h, ...), kept
    step_backward(grad_h, ..., kept) -> (to_x, to_h), (grad_h, ...)

`from_x` and `from_h` are what this input and the last h add to the pre-activations,
`to_x` and `to_h` their gradients, `...` is what else the state holds (c in an LSTM).
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

Arrays = Sequence[np.ndarray]


class Step(NamedTuple):
    """A recurrent layer at one time."""

    forward: Callable[..., tuple[tuple, tuple]]
    backward: Callable[..., tuple[tuple, tuple]]


class Weights(NamedTuple):
    """The arrays of one layer in one direction, or their gradients.

    Shapes:
        weight_ih         (G, D)  from D features of x to G pre-activations
        weight_hh         (G, H)  from h
        bias_ih, bias_hh  (G,)    or None
        weight_hr         (P, H)  a projection of h, or None
    """

    weight_ih: Any
    weight_hh: Any
    bias_ih: Any = None
    bias_hh: Any = None
    weight_hr: Any = None


def scan_forward(
    step: Step, x: np.ndarray, state: Arrays, weights: Weights
) -> tuple[tuple[np.ndarray, tuple], tuple]:
    """Repeat a step over time.

    Shapes:
        x       (T, N, D)
        state   each (N, H): h, which is the output (N, P if projected), then the others
        output  (T, N, H)  h at each time

    Returns:
        output and the final state, and the cache that `scan_backward` takes.
    """
    T, N, D = x.shape
    weight_ih, weight_hh, bias_ih, bias_hh, weight_hr = weights
    if bias_ih is None:
        bias_ih = bias_hh = np.zeros(len(weight_ih), x.dtype)
    # All inputs are known: their part of every step is one large product.
    from_x = x.reshape(T * N, D) @ np.ascontiguousarray(weight_ih.T) + bias_ih
    from_x = from_x.reshape(T, N, len(weight_ih))
    from_h_weight = np.ascontiguousarray(weight_hh.T)  # once: products are faster
    hidden, kept, wide = [state[0]], [], []  # h before each step
    for t in range(T):
        from_h = state[0] @ from_h_weight + bias_hh
        state, keep = step.forward(from_x[t], from_h, *state)
        if weight_hr is not None:
            wide.append(state[0])
            state = (state[0] @ weight_hr.T, *state[1:])
        hidden.append(state[0])
        kept.append(keep)
    return (np.stack(hidden[1:]), tuple(state)), (step, x, weights, hidden, kept, wide)


def scan_backward(
    grad_output: np.ndarray, grad_state: Arrays, cache: tuple
) -> tuple[np.ndarray, tuple, Weights]:
    """Backpropagation through time: from the last step to the first.

    Returns:
        The gradients of x, of the initial state and of the weights.
    """
    step, x, weights, _, kept, wide = cache
    to_x, to_h, to_wide = [], [], []
    for t in reversed(range(len(x))):
        grad_h, *others = grad_state
        grad_h = grad_h + grad_output[t]  # what later steps say, and what the output
        if wide:
            to_wide.append(grad_h)
            grad_h = grad_h @ weights.weight_hr
        (from_x, from_h), (grad_h, *others) = step.backward(grad_h, *others, kept[t])
        grad_state = (grad_h + from_h @ weights.weight_hh, *others)
        to_x.append(from_x)
        to_h.append(from_h)
    rows_x = in_order(to_x)
    rows_h = rows_x if to_h[0] is to_x[0] else in_order(to_h)
    grad_x = (rows_x @ weights.weight_ih).reshape(x.shape)
    return grad_x, tuple(grad_state), weights_backward(rows_x, rows_h, to_wide, cache)


def in_order(found: list[np.ndarray]) -> np.ndarray:
    """What was found from the last time to the first, as rows of all times: (T * N, G).

    Example:
        >>> in_order([np.array([[3.0]]), np.array([[2.0]]), np.array([[1.0]])])
        array([[1.],
               [2.],
               [3.]])
    """
    return np.concatenate(found[::-1])


def weights_backward(
    rows_x: np.ndarray, rows_h: np.ndarray, to_wide: list[np.ndarray], cache: tuple
) -> Weights:
    """Every time used the same weights: one product for each sums over all times."""
    _, x, weights, hidden, _, wide = cache
    has_bias = weights.bias_ih is not None
    return Weights(
        weight_ih=rows_x.T @ x.reshape(-1, x.shape[-1]),
        weight_hh=rows_h.T @ np.concatenate(hidden[:-1]),
        bias_ih=rows_x.sum(axis=0) if has_bias else None,
        bias_hh=rows_h.sum(axis=0) if has_bias else None,
        weight_hr=in_order(to_wide).T @ np.concatenate(wide) if wide else None,
    )


def gate(x: np.ndarray) -> np.ndarray:
    """The sigmoid, as a tanh: the faster form, less exact where a gate is shut."""
    return 0.5 * np.tanh(0.5 * x) + 0.5


def parts(x: np.ndarray, count: int) -> np.ndarray:
    """Cut the last axis of (N, count * H) into `count` pieces: (count, N, H)."""
    return x.reshape(len(x), count, x.shape[-1] // count).swapaxes(0, 1)
