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

from solutions.windows import Windows, chunks, gather, scatter


def correlate(
    x: np.ndarray, weight: np.ndarray, windows: Windows, groups: int = 1
) -> np.ndarray:
    """Slide `weight` over `x`: one dot product for each place and output channel.

    A chunk of examples at a time, so that the columns stay in the cache.

    Example:
        >>> x, weight = np.array([[[1.0, 2.0, 3.0]]]), np.array([[[1.0, 10.0]]])
        >>> windows = Windows((3,), (2,), (2,), (1,), (0,), (1,))
        >>> correlate(x, weight, windows)
        array([[[21., 32.]]])
    """
    N, K = len(x), len(weight)
    rows = weight.reshape(groups, K // groups, -1)  # (G, K/G, C/G * taps)
    dtype = np.result_type(x, weight)
    y = np.empty((N, groups, K // groups, math.prod(windows.count)), dtype)
    for part in chunks(N, column_entries(weight, windows, groups)):
        columns = columns_of(x[part], windows, groups)
        np.matmul(rows, columns, out=y[part])
    return y.reshape(N, K, *windows.count)


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
    N, K, C = len(y), len(weight), weight.shape[1] * groups
    rows = weight.reshape(groups, K // groups, -1).mT  # (G, C/G * taps, K/G)
    grouped = y.reshape(N, groups, K // groups, math.prod(windows.count))
    x = np.empty((N, C, *windows.size), np.result_type(y, weight))
    for part in chunks(N, column_entries(weight, windows, groups)):
        columns = (rows @ grouped[part]).reshape(
            len(x[part]) * C, -1, 1, *windows.count
        )
        x[part] = scatter(columns, windows).reshape(-1, C, *windows.size)
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
    taps, places = math.prod(windows.kernel_size), math.prod(windows.count)
    weight = np.zeros((groups, K // groups, C // groups * taps), x.dtype)
    for part in chunks(N, C * taps * places):
        n = len(x[part])
        columns = gather(x[part].swapaxes(0, 1), windows)  # (C, taps, n, *count)
        columns = columns.reshape(groups, C // groups * taps, n * places)
        rows = y[part].swapaxes(0, 1).reshape(groups, K // groups, n * places)
        weight += rows @ columns.mT  # one product sums over examples and places
    return weight.reshape(K, C // groups, *windows.kernel_size)


def columns_of(x: np.ndarray, windows: Windows, groups: int) -> np.ndarray:
    """The windows of each example, as the columns of one matrix for each group.

    Shapes:
        result  (N, groups, C / groups * taps, places)
    """
    N, C = x.shape[:2]
    columns = gather(x.reshape(N * C, 1, *windows.size), windows)
    rows = C // groups * math.prod(windows.kernel_size)
    return columns.reshape(N, groups, rows, math.prod(windows.count))


def column_entries(weight: np.ndarray, windows: Windows, groups: int) -> int:
    """How many entries the columns of one example have."""
    return groups * weight[0].size * math.prod(windows.count)
