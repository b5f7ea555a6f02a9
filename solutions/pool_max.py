"""Max and min pooling in one to three dimensions (chapter 10; `torch.nn.MaxPool2d`)."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from solutions.pooling import Ints, PoolNd, check_axes, pieces, pool_windows
from solutions.windows import Tap


def max_pool_forward(
    x: np.ndarray,
    *,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
) -> tuple[np.ndarray, tuple]:
    """Take the largest entry that each window sees; NaN is larger than all.

    Padding never wins: it counts as minus infinity.

    Shapes:
        x  (..., *size)
        y  (..., *count)  count as `slide` says

    Returns:
        y, and the cache that `max_pool_backward` and `max_pool_indices` take.

    Raises:
        ValueError: an option is out of range, or no window fits.

    Example:
        >>> x = np.array([[[1.0, 3.0, 2.0, 2.0]]])
        >>> max_pool_forward(x, kernel_size=2)[0]
        array([[[3., 2.]]])
    """
    windows = pool_windows(
        x,
        kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
    )
    n, taps = len(windows.size), list(windows.taps())
    least = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    y = np.full((*x.shape[: x.ndim - n], *windows.count), least, x.dtype)
    for x_piece, y_piece in pieces(n, x, y):
        for outputs, inputs in taps:
            seen = y_piece[outputs]
            np.maximum(seen, x_piece[inputs], out=seen)
    return y, (x, y, windows)


def max_pool_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """Send each gradient to the entry that won: where several are equal, to the first.

    Returns:
        grad_x, of the shape of x.

    Example:
        >>> x = np.array([[[1.0, 3.0, 2.0, 2.0]]])
        >>> _, cache = max_pool_forward(x, kernel_size=2)
        >>> max_pool_backward(np.array([[[10.0, 20.0]]]), cache)
        array([[[ 0., 10., 20.,  0.]]])
    """
    x, y, windows = cache
    n, taps = len(windows.size), list(windows.taps())
    grad_x = np.zeros(x.shape, grad_y.dtype)
    for x_piece, y_piece, upstream, grad in pieces(n, x, y, grad_y, grad_x):
        for outputs, inputs, won in winners(x_piece, y_piece, taps):
            grad[inputs] += upstream[outputs] * won  # windows may overlap
    return grad_x


def max_pool_indices(cache: tuple) -> np.ndarray:
    """Where each maximum stands among the entries of its channel, counted by rows.

    Example:
        >>> x = np.array([[[1.0, 3.0, 2.0, 2.0]]])
        >>> _, cache = max_pool_forward(x, kernel_size=2)
        >>> max_pool_indices(cache)
        array([[[1, 2]]])
    """
    x, y, windows = cache
    places = np.arange(np.prod(windows.size)).reshape(windows.size)
    indices = np.zeros(y.shape, np.int64)
    for outputs, inputs, won in winners(x, y, list(windows.taps())):
        np.copyto(indices[outputs], places[inputs], where=won)
    return indices


def winners(
    x: np.ndarray, y: np.ndarray, taps: list[Tap]
) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...], np.ndarray]]:
    """For each tap: its outputs, its inputs, and in which windows that input won.

    One input wins in each window: the first that equals the maximum, or, as in torch,
    the last NaN.
    """
    free = np.ones(y.shape, bool)
    for outputs, inputs in taps:
        won = (x[inputs] == y[outputs]) & free[outputs]
        free[outputs] ^= won
        yield outputs, inputs, won
    if free.any():  # NaN equals nothing
        for outputs, inputs in reversed(taps):
            won = np.isnan(x[inputs]) & free[outputs]
            free[outputs] ^= won
            yield outputs, inputs, won


class MaxPoolNd(PoolNd):
    """The largest entry of each window.

    With `return_indices` the output is (y, indices).
    """

    def __init__(
        self,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = 0,
        dilation: Ints = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(
            kernel_size,
            stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
        )
        self.return_indices = return_indices

    def forward(self, x: np.ndarray) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        check_axes(x, self.dims)
        y, self.cache = max_pool_forward(x, **self.options)
        return (y, max_pool_indices(self.cache)) if self.return_indices else y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return max_pool_backward(grad_y, self.cache)


class MinPoolNd(MaxPoolNd):
    """The smallest entry of each window: -max(-x). torch has no such layer."""

    def forward(self, x: np.ndarray) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        y = super().forward(-x)
        return (-y[0], y[1]) if isinstance(y, tuple) else -y


class MaxPool1d(MaxPoolNd):
    """The largest entry of each window over time (`torch.nn.MaxPool1d`).

    Example:
        >>> MaxPool1d(2)(np.zeros((2, 3, 8))).shape
        (2, 3, 4)
    """

    dims = 1


class MaxPool2d(MaxPoolNd):
    """The largest entry of each window over an image (`torch.nn.MaxPool2d`).

    Example:
        >>> MaxPool2d(2)(np.zeros((2, 3, 8, 9))).shape
        (2, 3, 4, 4)
    """

    dims = 2


class MaxPool3d(MaxPoolNd):
    """The largest entry of each window over a volume (`torch.nn.MaxPool3d`).

    Example:
        >>> MaxPool3d(2)(np.zeros((2, 3, 4, 6, 8))).shape
        (2, 3, 2, 3, 4)
    """

    dims = 3


class MinPool1d(MinPoolNd):
    """The smallest entry of each window over time, -MaxPool1d(-x).

    Example:
        >>> MinPool1d(2)(np.zeros((2, 3, 8))).shape
        (2, 3, 4)
    """

    dims = 1


class MinPool2d(MinPoolNd):
    """The smallest entry of each window over an image, -MaxPool2d(-x).

    Example:
        >>> MinPool2d(2)(np.zeros((2, 3, 8, 9))).shape
        (2, 3, 4, 4)
    """

    dims = 2


class MinPool3d(MinPoolNd):
    """The smallest entry of each window over a volume, -MaxPool3d(-x).

    Example:
        >>> MinPool3d(2)(np.zeros((2, 3, 4, 6, 8))).shape
        (2, 3, 2, 3, 4)
    """

    dims = 3
