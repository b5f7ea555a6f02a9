"""Chapter 7: what students get wrong in `correlate2d_forward`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.teaching.correlate2d import correlate2d_forward

reference(__name__, correlate2d_forward)


@mistake(
    "correlate2d_forward",
    hint="the kernel is turned around before it slides. Which entry of the kernel "
    "meets the upper left pixel of the window in the formula?",
)
def kernel_turned(x, weight):
    turned = weight[::-1, ::-1]
    rows, columns = x.shape[-2] - len(weight) + 1, x.shape[-1] - len(weight[0]) + 1
    y = np.zeros((*x.shape[:-2], rows, columns), x.dtype)
    for i, j in np.ndindex(weight.shape):
        y += turned[i, j] * x[..., i : i + rows, j : j + columns]
    return y, (x, weight)


@mistake(
    "correlate2d_forward",
    hint="y has one row and one column too few. In how many places does a kernel of "
    "2 entries fit into 3 pixels?",
)
def one_place_too_few(x, weight):
    kH, kW = weight.shape
    rows, columns = x.shape[-2] - kH, x.shape[-1] - kW
    y = np.zeros((*x.shape[:-2], rows, columns), x.dtype)
    for i, j in np.ndindex(kH, kW):
        y += weight[i, j] * x[..., i : i + rows, j : j + columns]
    return y, (x, weight)


@mistake(
    "correlate2d_forward",
    hint="y is as large as x, as if the kernel could leave the image. At which places "
    "does it lie inside?",
)
def padded_to_the_same_size(x, weight):
    (kH, kW), (*leading, H, W) = weight.shape, x.shape
    around = [(0, 0)] * len(leading) + [
        ((kH - 1) // 2, kH // 2),
        ((kW - 1) // 2, kW // 2),
    ]
    padded, y = np.pad(x, around), np.zeros_like(x)
    for i, j in np.ndindex(kH, kW):
        y += weight[i, j] * padded[..., i : i + H, j : j + W]
    return y, (x, weight)


@mistake(
    "correlate2d_forward",
    hint="only the last product of each window is in y. What happens to the products "
    "before it?",
)
def products_overwritten(x, weight):
    rows, columns = x.shape[-2] - len(weight) + 1, x.shape[-1] - len(weight[0]) + 1
    y = np.zeros((*x.shape[:-2], rows, columns), x.dtype)
    for i, j in np.ndindex(weight.shape):
        y = weight[i, j] * x[..., i : i + rows, j : j + columns]
    return y, (x, weight)


@mistake(
    "correlate2d_forward",
    hint="y is the mean of the products of a window. Does the formula divide by "
    "anything?",
)
def mean_of_the_products(x, weight):
    rows, columns = x.shape[-2] - len(weight) + 1, x.shape[-1] - len(weight[0]) + 1
    y = np.zeros((*x.shape[:-2], rows, columns), x.dtype)
    for i, j in np.ndindex(weight.shape):
        y += weight[i, j] * x[..., i : i + rows, j : j + columns]
    return y / weight.size, (x, weight)


@mistake(
    "correlate2d_forward",
    hint="the window slides over the first two axes of x. Which axes of x are height "
    "and width when there are others in front?",
)
def first_two_axes(x, weight):
    rows, columns = x.shape[0] - len(weight) + 1, x.shape[1] - len(weight[0]) + 1
    y = np.zeros((rows, columns, *x.shape[2:]), x.dtype)
    for i, j in np.ndindex(weight.shape):
        y += weight[i, j] * x[i : i + rows, j : j + columns]
    return y, (x, weight)


@mistake(
    "correlate2d_forward",
    hint="windows do not overlap: each starts where the one before ended. How far does "
    "the window move from one entry of y to the next?",
)
def windows_side_by_side(x, weight):
    (kH, kW), (*leading, H, W) = weight.shape, x.shape
    y = np.zeros((*leading, H // kH, W // kW), x.dtype)
    for r, c in np.ndindex(*y.shape[-2:]):
        window = x[..., r * kH : (r + 1) * kH, c * kW : (c + 1) * kW]
        y[..., r, c] = (window * weight).sum(axis=(-2, -1))
    return y, (x, weight)


@mistake(
    "correlate2d_forward",
    hint="the rows of the kernel are used as its columns. Which axis of weight runs "
    "along the rows of the image?",
)
def kernel_transposed(x, weight):
    rows, columns = x.shape[-2] - len(weight) + 1, x.shape[-1] - len(weight[0]) + 1
    y = np.zeros((*x.shape[:-2], rows, columns), x.dtype)
    for i, j in np.ndindex(weight.shape):
        y += weight.T[i, j] * x[..., i : i + rows, j : j + columns]
    return y, (x, weight)


@mistake(
    "correlate2d_forward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of x?",
)
def correlate_upcast(x, weight):
    rows, columns = x.shape[-2] - len(weight) + 1, x.shape[-1] - len(weight[0]) + 1
    y = np.zeros((*x.shape[:-2], rows, columns))
    for i, j in np.ndindex(weight.shape):
        y += weight[i, j] * x[..., i : i + rows, j : j + columns]
    return y, (x, weight)


@mistake(
    "correlate2d_forward",
    hint="y comes back alone. What else does the docstring promise, for the backward "
    "pass to use?",
)
def correlate_no_cache(x, weight):
    rows, columns = x.shape[-2] - len(weight) + 1, x.shape[-1] - len(weight[0]) + 1
    y = np.zeros((*x.shape[:-2], rows, columns), x.dtype)
    for i, j in np.ndindex(weight.shape):
        y += weight[i, j] * x[..., i : i + rows, j : j + columns]
    return y


@right("correlate2d_forward")
def place_by_place(x, weight):
    kH, kW = weight.shape
    height, width = x.shape[-2] - kH + 1, x.shape[-1] - kW + 1
    y = np.empty((*x.shape[:-2], height, width), dtype=x.dtype)
    for r in range(height):
        for c in range(width):
            y[..., r, c] = (x[..., r : r + kH, c : c + kW] * weight).sum(axis=(-1, -2))
    return y, (x, weight)


@right("correlate2d_forward")
def all_windows_at_once(x, weight):
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape, axis=(-2, -1))
    return np.einsum("...rcij,ij->...rc", windows, weight), (x, weight)
