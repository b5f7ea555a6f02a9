"""Layers in their plainest vectorized form, forward and backward.

Each takes a layer of ours, for its parameters, the upstream gradient and the inputs,
and gives y and the gradients of its inputs. Ours are to be no slower than these.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.simple_sequences import FORMS as SEQUENCES

Form = Callable[..., tuple[np.ndarray, ...]]


def windows(
    x: np.ndarray, layer: Any, padding: tuple[int, ...], fill: float = 0.0
) -> np.ndarray:
    """A view of all windows: (N, C, *size) -> (N, C, *count, *kernel)."""
    around = [(0, 0), (0, 0), *((p, p) for p in padding)]
    x = np.pad(x, around, constant_values=fill)
    axes = tuple(range(2, x.ndim))
    every = [slice(None)] * 2 + [slice(None, None, s) for s in layer.stride]
    return sliding_window_view(x, layer.kernel_size, axes)[tuple(every)]


def add_windows(
    grads: np.ndarray, size: tuple[int, ...], layer: Any, padding: tuple[int, ...]
) -> np.ndarray:
    """The way back: add what belongs to each window, tap by tap (col2im)."""
    n = len(padding)
    padded = [s + 2 * p for s, p in zip(size, padding, strict=True)]
    x = np.zeros((*grads.shape[:2], *padded), grads.dtype)
    axes = list(zip(grads.shape[2 : 2 + n], layer.stride, strict=True))
    for tap in np.ndindex(*layer.kernel_size):
        at = [slice(t, t + c * s, s) for t, (c, s) in zip(tap, axes, strict=True)]
        x[:, :, *at] += grads[..., *tap]
    inner = [slice(p, p + s) for s, p in zip(size, padding, strict=True)]
    return x[:, :, *inner]


def padding_of(layer: Any) -> tuple[int, ...]:
    n = len(layer.kernel_size)
    padding = getattr(layer, "padding", None)
    padding = layer.options.get("padding", 0) if padding is None else padding
    return (padding,) * n if isinstance(padding, int) else tuple(padding)


def as_columns(view: np.ndarray, n: int) -> np.ndarray:
    """All windows as columns: (C * taps, N * places), im2col."""
    order = (1, *range(2 + n, 2 + 2 * n), 0, *range(2, 2 + n))
    rows = view.shape[1] * math.prod(view.shape[2 + n :])
    return view.transpose(order).reshape(rows, -1)


def as_windows(columns: np.ndarray, shape: tuple[int, ...], n: int) -> np.ndarray:
    """(C * taps, N * places) as windows of `shape`, (N, C, *count, *kernel)."""
    N, C, *rest = shape
    apart = columns.reshape(C, *rest[n:], N, *rest[:n])
    return apart.transpose(1 + n, 0, *range(2 + n, 2 + 2 * n), *range(1, 1 + n))


def conv(layer: Any, grad_y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, ...]:
    """One product with the columns of the whole batch."""
    weight, bias = layer.params["weight"], layer.params["bias"]
    n, padding = x.ndim - 2, padding_of(layer)
    view = windows(x, layer, padding)
    columns, filters = as_columns(view, n), weight.reshape(len(weight), -1)
    y = (filters @ columns).reshape(len(weight), len(x), *view.shape[2 : 2 + n])
    y = y.swapaxes(0, 1) + bias.reshape(-1, *[1] * n)
    grad = grad_y.swapaxes(0, 1).reshape(len(weight), -1)
    layer.add_grads(weight=(grad @ columns.T).reshape(weight.shape), bias=grad.sum(1))
    grads = as_windows(filters.T @ grad, view.shape, n)
    return y, add_windows(grads, x.shape[2:], layer, padding)


def conv_transpose(
    layer: Any, grad_y: np.ndarray, x: np.ndarray
) -> tuple[np.ndarray, ...]:
    """The same with forward and backward exchanged."""
    weight, bias = layer.params["weight"], layer.params["bias"]
    n, padding = x.ndim - 2, padding_of(layer)
    filters, flat = weight.reshape(len(weight), -1), x.swapaxes(0, 1)
    flat = flat.reshape(len(weight), -1)
    view = windows(grad_y, layer, padding)
    seen = as_windows(filters.T @ flat, view.shape, n)
    y = add_windows(seen, grad_y.shape[2:], layer, padding)
    y = y + bias.reshape(-1, *[1] * n)
    columns = as_columns(view, n)
    bias_axes = (0, *range(2, x.ndim))
    layer.add_grads(
        weight=(flat @ columns.T).reshape(weight.shape), bias=grad_y.sum(bias_axes)
    )
    grad_x = (filters @ columns).reshape(len(weight), len(x), *x.shape[2:])
    return y, grad_x.swapaxes(0, 1)


def pool(kind: str) -> Form:
    """Reduce all windows at once."""

    def form(layer: Any, grad_y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, ...]:
        n, padding = x.ndim - 2, padding_of(layer)
        fill = -np.inf if kind == "max" else 0.0
        view = windows(x, layer, padding, fill)
        taps, wide = tuple(range(2 + n, 2 + 2 * n)), (..., *[None] * n)
        if kind == "max":
            y = view.max(taps)
            grads = (view == y[wide]) * grad_y[wide]  # right where none are equal
        elif kind == "avg":
            y = view.mean(taps)
            share = grad_y / math.prod(layer.kernel_size)
            grads = np.broadcast_to(share[wide], view.shape)
        else:
            y = np.sqrt((view * view).sum(taps))
            grads = view * (grad_y / y)[wide]
        return y, add_windows(grads, x.shape[2:], layer, padding)

    return form


def normalize(axes: tuple[int, ...], kept: tuple[int, ...]) -> Form:
    """Mean and variance over `axes`; one weight for each entry of the axes `kept`."""

    def form(layer: Any, grad_y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, ...]:
        shape = [size if axis in kept else 1 for axis, size in enumerate(x.shape)]
        weight, bias = (layer.params[n].reshape(shape) for n in ("weight", "bias"))
        mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
        rstd = 1 / np.sqrt(var + np.float32(layer.eps))
        z = (x - mean) * rstd
        others = tuple(axis for axis in range(x.ndim) if axis not in kept)
        layer.add_grads(weight=(grad_y * z).sum(others), bias=grad_y.sum(others))
        h = grad_y * weight
        pull = h.mean(axes, keepdims=True) + z * (h * z).mean(axes, keepdims=True)
        return z * weight + bias, rstd * (h - pull)

    return form


def softmax(layer: Any, grad_y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, ...]:
    e = np.exp(x - x.max(-1, keepdims=True))
    y = e / e.sum(-1, keepdims=True)
    return y, y * (grad_y - (y * grad_y).sum(-1, keepdims=True))


def cross_entropy(
    layer: Any, grad_y: np.ndarray, x: np.ndarray, target: np.ndarray
) -> tuple[np.ndarray, ...]:
    shifted, rows = x - x.max(1, keepdims=True), np.arange(len(x))
    log_p = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    grad = np.exp(log_p)
    grad[rows, target] -= 1
    return -log_p[rows, target].mean(), grad * (grad_y / len(x))


def mse(
    layer: Any, grad_y: np.ndarray, x: np.ndarray, target: np.ndarray
) -> tuple[np.ndarray, ...]:
    difference = x - target
    return np.mean(difference * difference), difference * (2 * grad_y / x.size)


def binary(
    layer: Any, grad_y: np.ndarray, x: np.ndarray, target: np.ndarray
) -> tuple[np.ndarray, ...]:
    losses = np.maximum(x, 0) - x * target + np.log1p(np.exp(-np.abs(x)))
    return np.mean(losses), (1 / (1 + np.exp(-x)) - target) * (grad_y / x.size)


def dropout(layer: Any, grad_y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, ...]:
    mask = (layer.rng.random(x.shape) >= layer.p) * np.float32(1 / (1 - layer.p))
    return x * mask, grad_y * mask


def embedding(layer: Any, grad_y: np.ndarray, x: np.ndarray) -> tuple[Any, ...]:
    weight = layer.params["weight"]
    np.add.at(layer.grads["weight"], x, grad_y)
    return weight[x], None


FORMS: dict[str, Form] = {
    **{f"Conv{n}d": conv for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": conv_transpose for n in (1, 2, 3)},
    "MaxPool2d": pool("max"),
    "AvgPool2d": pool("avg"),
    "LPPool2d": pool("lp"),
    "BatchNorm1d": normalize((0,), (1,)),
    "BatchNorm2d": normalize((0, 2, 3), (1,)),
    "LayerNorm": normalize((-1,), (1,)),
    "Softmax": softmax,
    "CrossEntropyLoss": cross_entropy,
    "MSELoss": mse,
    "BCEWithLogitsLoss": binary,
    "Dropout": dropout,
    "Embedding": embedding,
    **SEQUENCES,
}
