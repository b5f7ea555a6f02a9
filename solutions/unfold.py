"""Windows as columns, and back (chapter 7; `torch.nn.Unfold`, `torch.nn.Fold`)."""

import math
from collections.abc import Sequence

import numpy as np

from solutions.layer import Layer
from solutions.pooling import check_axes
from solutions.windows import gather, integers, scatter, slide

Ints = int | Sequence[int]


def unfold_forward(
    x: np.ndarray,
    *,
    kernel_size: Sequence[int],
    dilation: Ints = 1,
    padding: Ints = 0,
    stride: Ints = 1,
) -> tuple[np.ndarray, tuple]:
    """Copy each window of `x` into a column (im2col), over as many axes as kernel_size.

    Shapes:
        x  (N, C, *size)
        y  (N, C * taps, L)  a row for each entry of a window, a column for each place

    Returns:
        y, and the cache that `unfold_backward` takes.

    Raises:
        ValueError: an option is out of range, or no window fits.

    Example:
        >>> unfold_forward(np.array([[[1.0, 2.0, 3.0]]]), kernel_size=(2,))[0]
        array([[[1., 2.],
                [2., 3.]]])
    """
    windows = slide(
        x.shape[2:], kernel_size, stride=stride, padding=padding, dilation=dilation
    )
    N, C = x.shape[:2]
    columns = gather(x.reshape(N * C, 1, *windows.size), windows)
    taps, places = columns.shape[1], math.prod(windows.count)
    return columns.reshape(N, C * taps, places), (C, windows)


def unfold_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """Add each column back to where its entries were copied from: `fold_forward`.

    Returns:
        grad_x, of the shape of x.

    Example:
        >>> x = np.array([[[1.0, 2.0, 3.0]]])
        >>> _, cache = unfold_forward(x, kernel_size=(2,))
        >>> unfold_backward(np.array([[[1.0, 2.0], [10.0, 20.0]]]), cache)
        array([[[ 1., 12., 20.]]])
    """
    C, windows = cache
    N, taps = len(grad_y), math.prod(windows.kernel_size)
    columns = grad_y.reshape(N * C, taps, 1, *windows.count)
    grad_x = np.zeros((N * C, 1, *windows.size), grad_y.dtype)
    scatter(columns, windows, grad_x)
    return grad_x.reshape(N, C, *windows.size)


def fold_forward(
    x: np.ndarray,
    *,
    output_size: Sequence[int],
    kernel_size: Sequence[int],
    dilation: Ints = 1,
    padding: Ints = 0,
    stride: Ints = 1,
) -> tuple[np.ndarray, tuple]:
    """Add each column to its window of an array of `output_size` (col2im).

    Shapes:
        x  (N, C * taps, L)
        y  (N, C, *output_size)

    Returns:
        y, and the cache that `fold_backward` takes.

    Raises:
        ValueError: an option is out of range; x has other numbers of rows or columns
            than the windows have entries and places.

    Example:
        >>> x = np.array([[[1.0, 2.0], [10.0, 20.0]]])
        >>> fold_forward(x, output_size=(3,), kernel_size=(2,))[0]
        array([[[ 1., 12., 20.]]])
    """
    windows = slide(
        output_size, kernel_size, stride=stride, padding=padding, dilation=dilation
    )
    taps, places = math.prod(windows.kernel_size), math.prod(windows.count)
    if x.ndim != 3 or x.shape[1] < 1 or x.shape[1] % taps or x.shape[2] != places:
        raise ValueError(
            f"x has shape {x.shape}, expected (N, C * {taps}, {places}) for windows of "
            f"{windows.kernel_size} over {windows.size}"
        )
    cache = (x.shape[1] // taps, windows)
    return unfold_backward(x, cache), cache


def fold_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """Copy the gradient that each entry of each column was added to: `unfold_forward`.

    Returns:
        grad_x, of the shape of x.

    Example:
        >>> x = np.array([[[1.0, 2.0], [10.0, 20.0]]])
        >>> _, cache = fold_forward(x, output_size=(3,), kernel_size=(2,))
        >>> fold_backward(np.array([[[1.0, 2.0, 3.0]]]), cache)
        array([[[1., 2.],
                [2., 3.]]])
    """
    C, windows = cache
    N, taps = len(grad_y), math.prod(windows.kernel_size)
    columns = gather(grad_y.reshape(N * C, 1, *windows.size), windows)
    return columns.reshape(N, C * taps, math.prod(windows.count))


class Unfold(Layer):
    """The windows of an image as columns (`torch.nn.Unfold`).

    Shapes:
        x  (N, C, H, W)  or without N
        y  (N, C * kH * kW, L)

    Raises:
        ValueError: x has another number of axes, or an empty one besides N.

    Example:
        >>> Unfold((2, 3))(np.zeros((2, 5, 3, 4))).shape
        (2, 30, 4)
    """

    def __init__(
        self, kernel_size: Ints, dilation: Ints = 1, padding: Ints = 0, stride: Ints = 1
    ) -> None:
        super().__init__()
        self.options = {
            "kernel_size": integers("kernel_size", kernel_size, 2, exact=True),
            "dilation": integers("dilation", dilation, 2, exact=True),
            "padding": integers("padding", padding, 2, exact=True),
            "stride": integers("stride", stride, 2, exact=True),
        }

    def forward(self, x: np.ndarray) -> np.ndarray:
        check_axes(x, 2)
        self.batched = x.ndim == 4
        y, self.cache = unfold_forward(x if self.batched else x[None], **self.options)
        return y if self.batched else y[0]

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        if self.batched:
            return unfold_backward(grad_y, self.cache)
        return unfold_backward(grad_y[None], self.cache)[0]


class Fold(Layer):
    """An image from columns, summed where windows overlap (`torch.nn.Fold`).

    Shapes:
        x  (N, C * kH * kW, L)  or without N
        y  (N, C, *output_size)

    Example:
        >>> Fold((3, 4), (2, 3))(np.zeros((2, 30, 4))).shape
        (2, 5, 3, 4)
    """

    def __init__(
        self,
        output_size: Ints,
        kernel_size: Ints,
        dilation: Ints = 1,
        padding: Ints = 0,
        stride: Ints = 1,
    ) -> None:
        super().__init__()
        self.options = {
            "output_size": integers("output_size", output_size, 2, exact=True),
            "kernel_size": integers("kernel_size", kernel_size, 2, exact=True),
            "dilation": integers("dilation", dilation, 2, exact=True),
            "padding": integers("padding", padding, 2, exact=True),
            "stride": integers("stride", stride, 2, exact=True),
        }

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.batched = x.ndim != 2
        y, self.cache = fold_forward(x if self.batched else x[None], **self.options)
        return y if self.batched else y[0]

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        if self.batched:
            return fold_backward(grad_y, self.cache)
        return fold_backward(grad_y[None], self.cache)[0]
