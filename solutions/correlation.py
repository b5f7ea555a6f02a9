"""One sum over windows, read in three directions (chapters 8 and 9).

Cross-correlation ties three arrays: x, weight and y. Its gradients, and the
transposed convolution, are the same sum solved for another of the three:

    sum over n, k, c, o, t of  y[n, k, o] * weight[k, c, t] * x[n, c, i(o, t)]

where output o sees input i(o, t) through tap t of the window.
`correlate` gives the factor of y, `spread` that of x, `match` that of weight. Channels
come in groups: group g of y sees group g of x only.

Shapes in this file:
    x       (N, C, *size)
    weight  (K, C / groups, *kernel_size)
    y       (N, K, *count)
"""

import math

import numpy as np

from solutions.windows import Windows, blocks, gather, scatter


def correlate(
    x: np.ndarray, weight: np.ndarray, windows: Windows, groups: int = 1
) -> np.ndarray:
    """Slide `weight` over `x`: one dot product for each place and output channel.

    A piece at a time, so that the columns stay in the cache.

    Example:
        >>> x, weight = np.array([[[1.0, 2.0, 3.0]]]), np.array([[[1.0, 10.0]]])
        >>> windows = Windows((3,), (2,), (2,), (1,), (0,), (1,))
        >>> correlate(x, weight, windows)
        array([[[21., 32.]]])
    """
    N, K, height = len(x), len(weight), groups * weight[0].size
    filters = weight.reshape(groups, K // groups, -1)  # (G, K/G, C/G * taps)
    y = np.empty((N, K, *windows.count), np.result_type(x, weight))
    for examples, rows, block in blocks(N, windows, height):
        columns = gather(by_channel(x[examples]), block)  # (n * C, taps, 1, *count)
        n, places = len(x[examples]), math.prod(block.count)
        products = filters @ columns.reshape(n, groups, height // groups, places)
        y[examples, :, rows] = products.reshape(n, K, *block.count)
    return y


def spread(
    y: np.ndarray, weight: np.ndarray, windows: Windows, groups: int = 1
) -> np.ndarray:
    """Add a copy of `weight`, times an entry of `y`, at each place: `correlate` turned.

    Example:
        >>> y, weight = np.array([[[1.0, 2.0]]]), np.array([[[1.0, 10.0]]])
        >>> windows = Windows((3,), (2,), (2,), (1,), (0,), (1,))
        >>> spread(y, weight, windows)
        array([[[ 1., 12., 20.]]])
    """
    N, K, height = len(y), len(weight), groups * weight[0].size
    filters = weight.reshape(groups, K // groups, -1).mT  # (G, C/G * taps, K/G)
    channels, taps = weight.shape[1] * groups, math.prod(windows.kernel_size)
    outer = groups == K  # BLAS is slow at products of a column and a row
    x = np.zeros((N, channels, *windows.size), np.result_type(y, weight))
    for examples, rows, block in blocks(N, windows, height):
        n, places = len(y[examples]), math.prod(block.count)
        factors = y[examples, :, rows].reshape(n, groups, K // groups, places)
        columns = filters * factors if outer else filters @ factors
        columns = columns.reshape(n * channels, taps, 1, *block.count)
        scatter(columns, block, by_channel(x[examples]))
    return x


def match(
    x: np.ndarray, y: np.ndarray, windows: Windows, groups: int = 1
) -> np.ndarray:
    """Sum, for each tap, the products of y with the entries of x that it saw.

    Example:
        >>> x, y = np.array([[[1.0, 2.0, 3.0]]]), np.array([[[1.0, 10.0]]])
        >>> windows = Windows((3,), (2,), (2,), (1,), (0,), (1,))
        >>> match(x, y, windows)
        array([[[21., 32.]]])
    """
    N, K, C = len(x), y.shape[1], x.shape[1]
    height = C * math.prod(windows.kernel_size)
    weight = np.zeros((groups, K // groups, height // groups), x.dtype)
    for examples, rows, block in blocks(N, windows, height):
        columns = gather(x[examples].swapaxes(0, 1), block)  # (C, taps, n, *count)
        columns = columns.reshape(groups, height // groups, -1)
        factors = y[examples, :, rows].swapaxes(0, 1)  # (K, n, *count)
        weight += factors.reshape(groups, K // groups, -1) @ columns.mT
    return weight.reshape(K, C // groups, *windows.kernel_size)


def by_channel(x: np.ndarray) -> np.ndarray:
    """Every channel of every example by itself: (N, C, *size) -> (N * C, 1, *size)."""
    return x.reshape(x.shape[0] * x.shape[1], 1, *x.shape[2:])
