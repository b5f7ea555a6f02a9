"""Max pooling to a given size (chapter 10; `torch.nn.AdaptiveMaxPool2d`)."""

import math
from collections.abc import Sequence

import numpy as np

from solutions.pool_adaptive_avg import AdaptivePoolNd, Sizes, bins


def adaptive_max_pool_forward(
    x: np.ndarray, *, output_size: Sequence[int]
) -> tuple[np.ndarray, np.ndarray, tuple]:
    """Take the largest entry of each bin.

    Shapes:
        x           (..., *size)
        y, indices  (..., *output_size)

    Returns:
        y, where each maximum stands among the entries of its channel (counted by rows;
        the first of equal ones), and the cache that `adaptive_max_pool_backward` takes.

    Example:
        >>> x = np.array([[[1.0, 3.0, 2.0, 2.0]]])
        >>> adaptive_max_pool_forward(x, output_size=(2,))[:2]
        (array([[[3., 2.]]]), array([[[1, 2]]]))
    """
    n, count = len(output_size), tuple(output_size)
    places = bin_places(x.shape[x.ndim - n :], count)  # (*count, K)
    flat = x.reshape(*x.shape[: x.ndim - n], math.prod(x.shape[x.ndim - n :]))
    indices = np.broadcast_to(places[..., 0], (*flat.shape[:-1], *count)).copy()
    y = flat[..., places[..., 0]]
    for place in np.moveaxis(places, -1, 0)[1:]:  # (*count)
        entry = flat[..., place]
        better = (entry > y) | np.isnan(entry)  # so the last NaN wins, as in torch
        np.copyto(y, entry, where=better)
        np.copyto(indices, place, where=better)
    return y, indices, (x.shape, n, indices)


def adaptive_max_pool_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """Send each gradient to the entry that won; bins that share it add up.

    Returns:
        grad_x, of the shape of x.

    Example:
        >>> x = np.array([[[1.0, 3.0, 2.0]]])
        >>> *_, cache = adaptive_max_pool_forward(x, output_size=(2,))
        >>> adaptive_max_pool_backward(np.array([[[10.0, 20.0]]]), cache)
        array([[[ 0., 30.,  0.]]])
    """
    shape, n, indices = cache
    channels, area = math.prod(shape[:-n]), math.prod(shape[-n:])
    grad_x = np.zeros(channels * area, grad_y.dtype)
    starts = area * np.arange(channels).reshape(*shape[:-n], *[1] * n)
    np.add.at(grad_x, (starts + indices).ravel(), grad_y.ravel())
    return grad_x.reshape(shape)


def bin_places(size: Sequence[int], count: tuple[int, ...]) -> np.ndarray:
    """Where the entries of each bin stand, counted by rows; short bins repeat the last.

    Shapes:
        result  (*count, K)  K entries of the longest bin

    Example:
        >>> bin_places((5,), (3,))
        array([[0, 1, 1],
               [1, 2, 3],
               [3, 4, 4]])
    """
    places = np.zeros((*count, 1), np.int64)
    for axis, (length, number) in enumerate(zip(size, count, strict=True)):
        pieces = bins(length, number)
        longest = max((p.stop - p.start for p in pieces), default=1)
        ends = np.array([p.stop for p in pieces], np.int64)[:, None]
        starts = np.array([p.start for p in pieces], np.int64)[:, None]
        along = np.minimum(starts + np.arange(longest), ends - 1)  # (number, longest)
        along = along.reshape(number, *[1] * (len(count) - 1 - axis), 1, longest)
        columns = places.shape[-1] * longest
        places = (places[..., None] * length + along).reshape(*count, columns)
    return places


class AdaptiveMaxPoolNd(AdaptivePoolNd):
    """The largest entry of each bin.

    With `return_indices` the output is (y, indices).
    """

    def __init__(self, output_size: Sizes, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, x: np.ndarray) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        sizes = self.sizes(x)
        y, indices, self.cache = adaptive_max_pool_forward(x, output_size=sizes)
        return (y, indices) if self.return_indices else y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return adaptive_max_pool_backward(grad_y, self.cache)


class AdaptiveMaxPool1d(AdaptiveMaxPoolNd):
    """The largest entry of each bin over time (`torch.nn.AdaptiveMaxPool1d`).

    Example:
        >>> AdaptiveMaxPool1d(5)(np.zeros((2, 3, 8))).shape
        (2, 3, 5)
    """

    dims = 1


class AdaptiveMaxPool2d(AdaptiveMaxPoolNd):
    """The largest entry of each bin over an image (`torch.nn.AdaptiveMaxPool2d`).

    Example:
        >>> AdaptiveMaxPool2d(5)(np.zeros((2, 3, 8, 9))).shape
        (2, 3, 5, 5)
    """

    dims = 2


class AdaptiveMaxPool3d(AdaptiveMaxPoolNd):
    """The largest entry of each bin over a volume (`torch.nn.AdaptiveMaxPool3d`).

    Example:
        >>> AdaptiveMaxPool3d(5)(np.zeros((2, 3, 4, 6, 8))).shape
        (2, 3, 5, 5, 5)
    """

    dims = 3
