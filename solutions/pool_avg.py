"""Average pooling in one to three dimensions (chapter 10; `torch.nn.AvgPool2d`)."""

import numpy as np

from solutions.pooling import (
    Ints,
    PoolNd,
    check_axes,
    check_fits,
    check_floats,
    pieces,
    pool_windows,
)
from solutions.windows import Windows, integers


def avg_pool_forward(
    x: np.ndarray,
    *,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> tuple[np.ndarray, tuple]:
    """Take the mean of the entries that each window sees.

    Padding counts as zeros in the mean, or not at all without `count_include_pad`;
    what `ceil_mode` adds beyond the padding never counts.
    `divisor_override` is what the sum is divided by instead.

    Shapes:
        x  (..., *size)
        y  (..., *count)  count as `slide` says

    Returns:
        y, and the cache that `avg_pool_backward` takes.

    Raises:
        TypeError: x holds no floats.
        ValueError: an option is out of range, or no window fits.

    Example:
        >>> x = np.array([[[1.0, 3.0, 2.0, 4.0]]])
        >>> avg_pool_forward(x, kernel_size=2)[0]
        array([[[2., 3.]]])
    """
    check_floats(x)
    if divisor_override is not None:
        (override,) = integers("divisor_override", divisor_override, 1)
        if override == 0:
            raise ValueError("divisor_override is 0, expected another integer or None")
    windows = pool_windows(
        x, kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode
    )
    divisor = divisor_override or window_entries(windows, count_include_pad)
    scale = np.asarray(1 / divisor, x.dtype)
    n, taps = len(windows.size), list(windows.taps())
    y = np.zeros((*x.shape[: x.ndim - n], *windows.count), x.dtype)
    for x_piece, y_piece in pieces(n, x, y):
        for outputs, inputs in taps:
            y_piece[outputs] += x_piece[inputs]
        y_piece[...] *= scale
    return y, (x.shape, scale, windows)


def avg_pool_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """Share each gradient equally among the entries that the window saw.

    Returns:
        grad_x, of the shape of x.

    Example:
        >>> _, cache = avg_pool_forward(np.zeros((1, 1, 4)), kernel_size=2)
        >>> avg_pool_backward(np.array([[[10.0, 20.0]]]), cache)
        array([[[ 5.,  5., 10., 10.]]])
    """
    shape, scale, windows = cache
    n, taps = len(windows.size), list(windows.taps())
    grad_x = np.zeros(shape, grad_y.dtype)
    for upstream, grad in pieces(n, grad_y, grad_x):
        share = upstream * scale
        for outputs, inputs in taps:
            grad[inputs] += share[outputs]
    return grad_x


def window_entries(windows: Windows, with_padding: bool) -> np.ndarray:
    """How many entries each window holds, padding included or not.

    Example:
        >>> x = np.zeros((1, 1, 4))
        >>> windows = pool_windows(x, 3, stride=2, padding=1, ceil_mode=True)
        >>> window_entries(windows, True), window_entries(windows, False)
        (array([3., 3., 2.]), array([2., 3., 1.]))
    """
    product = np.ones(())
    for size, count, kernel, stride, pad in zip(
        windows.size,
        windows.count,
        windows.kernel_size,
        windows.stride,
        windows.padding,
        strict=True,
    ):
        border = pad if with_padding else 0
        start = np.arange(count) * stride - pad
        stop = np.minimum(start + kernel, size + border)
        product = np.multiply.outer(product, stop - np.maximum(start, -border))
    return product


class AvgPoolNd(PoolNd):
    """The mean of each window."""

    def __init__(
        self,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__(
            kernel_size,
            stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
            divisor_override=divisor_override,
        )

    def forward(self, x: np.ndarray) -> np.ndarray:
        check_axes(x, self.dims)
        y, self.cache = avg_pool_forward(x, **self.options)
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return avg_pool_backward(grad_y, self.cache)


class AvgPool1d(AvgPoolNd):
    """The mean of each window over time (`torch.nn.AvgPool1d`).

    Example:
        >>> AvgPool1d(2)(np.zeros((2, 3, 8))).shape
        (2, 3, 4)
    """

    dims = 1

    def __init__(
        self,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:  # in torch, only this one has no divisor_override
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)


class AvgPool2d(AvgPoolNd):
    """The mean of each window over an image (`torch.nn.AvgPool2d`).

    Example:
        >>> AvgPool2d(2)(np.zeros((2, 3, 8, 9))).shape
        (2, 3, 4, 4)
    """

    dims = 2


class AvgPool3d(AvgPoolNd):
    """The mean of each window over a volume (`torch.nn.AvgPool3d`).

    Example:
        >>> AvgPool3d(2)(np.zeros((2, 3, 4, 6, 8))).shape
        (2, 3, 2, 3, 4)
    """

    dims = 3

    def forward(self, x: np.ndarray) -> np.ndarray:
        check_axes(x, self.dims)
        check_fits(x, self.kernel_size)
        return super().forward(x)
