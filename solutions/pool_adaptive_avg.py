"""Average pooling to a given size (chapter 10; `torch.nn.AdaptiveAvgPool2d`).

Bin i of an axis takes the entries from floor(i * size / count) up to, and without,
ceil((i + 1) * size / count): bins of nearly one length, that may share entries.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from solutions.layer import Layer
from solutions.pooling import check_axes, check_floats
from solutions.windows import integers

Sizes = int | Sequence[int | None]


def bins(size: int, count: int) -> list[slice]:
    """Cut an axis of `size` into `count` bins.

    Example:
        >>> bins(5, 3)
        [slice(0, 2, None), slice(1, 4, None), slice(3, 5, None)]
    """
    return [slice(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]


def adaptive_avg_pool_forward(
    x: np.ndarray, *, output_size: Sequence[int]
) -> tuple[np.ndarray, tuple]:
    """Take the mean of each bin, one axis after the other.

    Shapes:
        x  (..., *size)
        y  (..., *output_size)

    Returns:
        y, and the cache that `adaptive_avg_pool_backward` takes.

    Raises:
        TypeError: x holds no floats.

    Example:
        >>> x = np.array([[[1.0, 3.0, 2.0, 4.0]]])
        >>> adaptive_avg_pool_forward(x, output_size=(2,))[0]
        array([[[2., 3.]]])
    """
    check_floats(x)
    y = x
    for axis in range(-1, -len(output_size) - 1, -1):
        along = np.moveaxis(y, axis, -1)
        means = np.empty((*along.shape[:-1], output_size[axis]), x.dtype)
        for i, piece in enumerate(bins(along.shape[-1], output_size[axis])):
            length = piece.stop - piece.start
            weights = np.full(length, 1 / length, x.dtype)
            means[..., i] = along[..., piece] @ weights  # faster than np.mean
        y = np.moveaxis(means, -1, axis)
    return y, (x.shape, tuple(output_size))


def adaptive_avg_pool_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """Share each gradient equally among the entries of its bin.

    Returns:
        grad_x, of the shape of x.

    Example:
        >>> _, cache = adaptive_avg_pool_forward(np.zeros((1, 1, 4)), output_size=(2,))
        >>> adaptive_avg_pool_backward(np.array([[[10.0, 20.0]]]), cache)
        array([[[ 5.,  5., 10., 10.]]])
    """
    shape, output_size = cache
    for axis in reversed(range(len(shape) - len(output_size), len(shape))):
        size, count = shape[axis], grad_y.shape[axis]
        widened = (*grad_y.shape[:axis], size, *grad_y.shape[axis + 1 :])
        grad_x = np.zeros(widened, grad_y.dtype)
        rows = np.moveaxis(grad_x, axis, 0)
        rows_y = np.moveaxis(grad_y, axis, 0)
        for i, piece in enumerate(bins(size, count)):
            rows[piece] += rows_y[i] / (piece.stop - piece.start)
        grad_y = grad_x
    return grad_y


class AdaptivePoolNd(Layer):
    """Pooling whose output has a given size, whatever the size of the input.

    `output_size` is one integer for all axes or one for each; None keeps the input's.

    Shapes:
        x  (N, C, *size)  or without N; `dims` axes of size
        y  (N, C, *output_size)
    """

    dims: ClassVar[int]

    def __init__(self, output_size: Sizes) -> None:
        super().__init__()
        self.output_size = output_size

    def sizes(self, x: np.ndarray) -> tuple[int, ...]:
        """The size of the output for `x`.

        Raises:
            TypeError: a size is no integer, nor None beside others.
            ValueError: x has another number of axes; a wrong number of sizes, or one
                below 0.
        """
        check_axes(x, self.dims)
        given: Any = self.output_size
        if isinstance(given, Sequence) and self.dims > 1:  # torch: 1d takes no None
            kept = x.shape[-len(given) :]
            given = [k if g is None else g for g, k in zip(given, kept, strict=False)]
        return integers("output_size", given, self.dims, least=0, exact=True)


class AdaptiveAvgPoolNd(AdaptivePoolNd):
    """The mean of each bin."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = adaptive_avg_pool_forward(x, output_size=self.sizes(x))
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return adaptive_avg_pool_backward(grad_y, self.cache)


class AdaptiveAvgPool1d(AdaptiveAvgPoolNd):
    """The mean of each bin over time (`torch.nn.AdaptiveAvgPool1d`).

    Example:
        >>> AdaptiveAvgPool1d(5)(np.zeros((2, 3, 8))).shape
        (2, 3, 5)
    """

    dims = 1


class AdaptiveAvgPool2d(AdaptiveAvgPoolNd):
    """The mean of each bin over an image (`torch.nn.AdaptiveAvgPool2d`).

    Example:
        >>> AdaptiveAvgPool2d(5)(np.zeros((2, 3, 8, 9))).shape
        (2, 3, 5, 5)
    """

    dims = 2


class AdaptiveAvgPool3d(AdaptiveAvgPoolNd):
    """The mean of each bin over a volume (`torch.nn.AdaptiveAvgPool3d`).

    Example:
        >>> AdaptiveAvgPool3d(5)(np.zeros((2, 3, 4, 6, 8))).shape
        (2, 3, 5, 5, 5)
    """

    dims = 3
