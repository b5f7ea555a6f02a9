"""Layers as their definitions say: loops over the entries of y.

They are slow, so each gives only a corner of y: the first examples and channels.
"""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np

CHANNELS = 2


def linear(layer: Any, x: np.ndarray) -> np.ndarray:
    """One product after the other, for two examples and 16 features."""
    weight, bias = layer.params["weight"], layer.params["bias"]
    y = np.empty((2, 16), x.dtype)
    for n, k in np.ndindex(y.shape):
        y[n, k] = sum(x[n, d] * weight[k, d] for d in range(x.shape[1])) + bias[k]
    return y


def conv(layer: Any, x: np.ndarray) -> np.ndarray:
    """At each place, the sum of window times filter."""
    filters = zip(layer.params["weight"], layer.params["bias"], strict=True)
    first = [filters for filters, _ in zip(filters, range(CHANNELS), strict=False)]
    count, windows = slide(x[0], layer.kernel_size, layer.stride, layer.padding)
    y = [[np.sum(window * w) + b for w, b in first] for window in windows]
    return np.array(y).T.reshape(1, CHANNELS, *count)


def pool(reduce: Callable[[Any], Any], fill: float = 0.0) -> Callable[..., np.ndarray]:
    """At each place, what `reduce` makes of the window of a channel."""

    def forward(layer: Any, x: np.ndarray) -> np.ndarray:
        padding = layer.options.get("padding", 0)
        geometry = layer.kernel_size, layer.stride, padding, fill
        count, windows = slide(x[0, :CHANNELS], *geometry)
        y = [[reduce(channel) for channel in window] for window in windows]
        return np.array(y).T.reshape(1, CHANNELS, *count)

    return forward


def slide(
    x: np.ndarray,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: int,
    fill: float = 0.0,
) -> tuple[list[int], Iterator[np.ndarray]]:
    """How many windows (C, *kernel) the array (C, *size) has; then all of them."""
    x = np.pad(x, [(0, 0)] + [(padding, padding)] * len(kernel), constant_values=fill)
    axes = zip(x.shape[1:], kernel, stride, strict=True)
    starts = [range(0, size - k + 1, s) for size, k, s in axes]
    windows = (
        x[:, *(slice(i, i + k) for i, k in zip(start, kernel, strict=True))]
        for start in product(*starts)
    )
    return [len(s) for s in starts], windows
