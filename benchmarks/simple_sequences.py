"""Recurrence and attention in their plainest vectorized form; see `simple`."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Arrays = tuple[np.ndarray, ...]


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def recurrent(start: int, step: Callable[..., Any], back: Callable[..., Any]) -> Any:
    """All gates in one product, for the input and for h; one time after the other.

    `step` gives the next state (`start` arrays) and what `back` needs.
    """

    def form(layer: Any, grad_y: np.ndarray, x: np.ndarray) -> Arrays:
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        w_ih, w_hh, b_ih, b_hh = (layer.params[name] for name in names)
        state: tuple[np.ndarray, ...]
        state = (np.zeros((x.shape[1], w_hh.shape[1]), x.dtype),) * start
        hidden, kept = [state[0]], []
        for x_t in x:
            state, keep = step(x_t @ w_ih.T + b_ih, state[0] @ w_hh.T + b_hh, *state)
            hidden.append(state[0])
            kept.append(keep)
        grad_x, grads = np.empty_like(x), tuple(np.zeros_like(h) for h in state)
        for t in reversed(range(len(x))):
            (from_x, from_h), grads = back(grads[0] + grad_y[t], *grads[1:], *kept[t])
            grad_x[t] = from_x @ w_ih
            grads = (grads[0] + from_h @ w_hh, *grads[1:])
            sums = from_x.T @ x[t], from_h.T @ hidden[t], from_x.sum(0), from_h.sum(0)
            layer.add_grads(**dict(zip(names, sums, strict=True)))
        return np.stack(hidden[1:]), grad_x

    return form


def rnn_step(from_x: np.ndarray, from_h: np.ndarray, h: np.ndarray) -> Any:
    h = np.tanh(from_x + from_h)
    return (h,), (h,)


def rnn_back(grad_h: np.ndarray, h: np.ndarray) -> Any:
    grad = grad_h * (1 - h * h)
    return (grad, grad), (0,)


def lstm_step(
    from_x: np.ndarray, from_h: np.ndarray, h: np.ndarray, c: np.ndarray
) -> Any:
    i, f, g, o = np.split(from_x + from_h, 4, axis=1)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    new_c = f * c + i * g
    tanh_c = np.tanh(new_c)
    return (o * tanh_c, new_c), (i, f, g, o, c, tanh_c)


def lstm_back(grad_h: np.ndarray, grad_c: np.ndarray, *kept: np.ndarray) -> Any:
    i, f, g, o, c, tanh_c = kept
    grad_c = grad_c + grad_h * o * (1 - tanh_c * tanh_c)
    to_i, to_f = grad_c * g * i * (1 - i), grad_c * c * f * (1 - f)
    to_g, to_o = grad_c * i * (1 - g * g), grad_h * tanh_c * o * (1 - o)
    grad = np.concatenate([to_i, to_f, to_g, to_o], axis=1)
    return (grad, grad), (0, grad_c * f)


def gru_step(from_x: np.ndarray, from_h: np.ndarray, h: np.ndarray) -> Any:
    (r_x, z_x, n_x), (r_h, z_h, n_h) = (
        np.split(a, 3, axis=1) for a in (from_x, from_h)
    )
    r, z = sigmoid(r_x + r_h), sigmoid(z_x + z_h)
    n = np.tanh(n_x + r * n_h)
    return ((1 - z) * n + z * h,), (r, z, n, n_h, h)


def gru_back(grad_h: np.ndarray, *kept: np.ndarray) -> Any:
    r, z, n, n_h, h = kept
    to_n = grad_h * (1 - z) * (1 - n * n)
    to_r, to_z = to_n * n_h * r * (1 - r), grad_h * (h - n) * z * (1 - z)
    from_x = np.concatenate([to_r, to_z, to_n], axis=1)
    return (from_x, np.concatenate([to_r, to_z, to_n * r], axis=1)), (grad_h * z,)


def attention(layer: Any, grad_y: np.ndarray, *arrays: np.ndarray) -> Arrays:
    """All heads at once."""
    query, key, value = arrays
    scale = 1 / math.sqrt(query.shape[-1])
    scores = query @ key.mT * scale
    e = np.exp(scores - scores.max(-1, keepdims=True))
    p = e / e.sum(-1, keepdims=True)
    grad_p = grad_y @ value.mT
    grad_scores = p * (grad_p - (p * grad_p).sum(-1, keepdims=True)) * scale
    return p @ value, grad_scores @ key, grad_scores.mT @ query, p.mT @ grad_y


def self_attention(layer: Any, grad_y: np.ndarray, x: np.ndarray) -> Arrays:
    """One product makes queries, keys and values."""
    inner, (N, T, E) = layer.layers["inner"], x.shape
    M, names = inner.num_heads, ("in_proj_weight", "out_proj.weight")
    (w_in, w_out), p = (inner.params[n] for n in names), inner.params
    qkv = (x @ w_in.T + p["in_proj_bias"]).reshape(N, T, 3, M, E // M)
    grad_heads = (grad_y @ w_out).reshape(N, T, M, E // M).swapaxes(1, 2)
    heads, *grads = attention(None, grad_heads, *qkv.transpose(2, 0, 3, 1, 4))
    merged = heads.swapaxes(1, 2).reshape(N, T, E)
    grad_qkv = np.stack(grads).transpose(1, 3, 0, 2, 4).reshape(N, T, 3 * E)
    for part, grad, seen in (("in_proj_", grad_qkv, x), ("out_proj.", grad_y, merged)):
        flat = grad.reshape(N * T, -1)
        inner.grads[f"{part}weight"] += flat.T @ seen.reshape(N * T, -1)
        inner.grads[f"{part}bias"] += flat.sum(0)
    return merged @ w_out.T + p["out_proj.bias"], grad_qkv @ w_in


FORMS = {
    "RNN": recurrent(1, rnn_step, rnn_back),
    "LSTM": recurrent(2, lstm_step, lstm_back),
    "GRU": recurrent(1, gru_step, gru_back),
    "DotProductAttention": attention,
    "SelfAttention": self_attention,
}
