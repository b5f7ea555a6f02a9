"""Chapter 7: what students get wrong in `convolve2d`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.teaching.correlate2d import convolve2d

reference(__name__, convolve2d)


def padded(x, kH, kW):
    around = [(0, 0)] * (x.ndim - 2) + [(kH - 1, kH - 1), (kW - 1, kW - 1)]
    return np.pad(x, around)


def convolved(x, weight, mode):
    """What is right, for mistakes that are made before or afterwards."""
    *leading, H, W = x.shape
    kH, kW = weight.shape
    full = np.zeros((*leading, H + kH - 1, W + kW - 1), x.dtype)
    for i, j in np.ndindex(kH, kW):
        full[..., i : i + H, j : j + W] += weight[i, j] * x
    if mode == "same":
        full = full[..., (kH - 1) // 2 :, (kW - 1) // 2 :][..., :H, :W]
    return full[..., kH - 1 : H, kW - 1 : W] if mode == "valid" else full


@mistake(
    "convolve2d",
    hint="this is cross-correlation. What happens to the kernel in a convolution, "
    "before it slides?",
)
def not_turned(x, weight, *, mode):
    return convolved(x, weight[::-1, ::-1], mode)


@mistake(
    "convolve2d",
    hint="the kernel is turned along one axis only. In which directions do the indices "
    "of x run backward in the formula?",
)
def turned_along_one_axis(x, weight, *, mode):
    return convolved(x, weight[:, ::-1], mode)


@mistake(
    "convolve2d",
    hint="the kernel is transposed, not turned around. Where does its upper right "
    "entry go when you rotate it by half a turn?",
)
def transposed_instead_of_turned(x, weight, *, mode):
    return convolved(x, weight.T[::-1, ::-1], mode)


@mistake(
    "convolve2d",
    hint='"same" starts one place too late where the kernel has an even size. With 2 '
    "entries, what is (kH - 1) // 2?",
)
def center_of_even_too_late(x, weight, *, mode):
    if mode != "same":
        return convolved(x, weight, mode)
    full, (kH, kW), (H, W) = (
        convolved(x, weight, "full"),
        weight.shape,
        x.shape[-2:],
    )
    return full[..., kH // 2 : kH // 2 + H, kW // 2 : kW // 2 + W]


@mistake(
    "convolve2d",
    hint='"same" is the upper left part of the full result. Which part of it is the '
    "center?",
)
def same_from_the_corner(x, weight, *, mode):
    if mode != "same":
        return convolved(x, weight, mode)
    return convolved(x, weight, "full")[..., : x.shape[-2], : x.shape[-1]]


@mistake(
    "convolve2d",
    hint="every mode gives the full result. Which of these places does mode ask for?",
)
def always_full(x, weight, *, mode):
    return convolved(x, weight, "full")


@mistake(
    "convolve2d",
    hint='"valid" has one row and one column too few. In how many places does a kernel '
    "of 2 entries fit into 3 pixels?",
)
def valid_too_small(x, weight, *, mode):
    y = convolved(x, weight, mode)
    return y[..., :-1, :-1] if mode == "valid" else y


@mistake(
    "convolve2d",
    hint="nothing is left where the kernel has one row or one column. What does a "
    "slice that ends at -0 hold?",
)
def ends_counted_from_behind(x, weight, *, mode):
    (kH, kW), full = weight.shape, convolved(x, weight, "full")
    if mode == "valid":
        return full[..., kH - 1 : -(kH - 1), kW - 1 : -(kW - 1)]
    return convolved(x, weight, mode)


@mistake(
    "convolve2d",
    hint='"same" has a row or column too many where the kernel has an even size. How '
    "many zeros make y as large as x?",
)
def same_padded_alike_at_both_ends(x, weight, *, mode):
    if mode != "same":
        return convolved(x, weight, mode)
    (kH, kW), (H, W) = weight.shape, x.shape[-2:]
    top, left = kH - 1 - kH // 2, kW - 1 - kW // 2
    bottom, right_end = top + H + (kH + 1) % 2, left + W + (kW + 1) % 2
    return convolved(x, weight, "full")[..., top:bottom, left:right_end]


@mistake(
    "convolve2d",
    hint="the padding is put around every axis, or around the first two. Which axes of "
    "x are height and width when there are others in front?",
)
def leading_axes_padded(x, weight, *, mode):
    if x.ndim == 2:
        return convolved(x, weight, mode)
    y = np.moveaxis(x, (0, 1), (-2, -1))
    return np.moveaxis(convolved(y, weight, mode), (-2, -1), (0, 1))


@mistake(
    "convolve2d",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of x?",
)
def convolve_upcast(x, weight, *, mode):
    return convolved(x.astype(np.float64), weight.astype(np.float64), mode)


@mistake(
    "convolve2d",
    hint="weight itself is turned around: its entries change. What does the caller "
    "find in weight afterwards?",
)
def kernel_turned_in_place(x, weight, *, mode):
    kernel = weight.copy()
    weight[...] = kernel[::-1, ::-1]
    return convolved(x, kernel, mode)


@right("convolve2d")
def pad_turn_and_slide(x, weight, *, mode):
    kH, kW = weight.shape
    windows = np.lib.stride_tricks.sliding_window_view
    seen = windows(padded(x, kH, kW), (kH, kW), axis=(-2, -1))
    full = np.einsum("...rcij,ij->...rc", seen, weight[::-1, ::-1])
    height, width = full.shape[-2:]
    if mode == "valid":
        return full[..., kH - 1 : height - kH + 1, kW - 1 : width - kW + 1]
    if mode == "same":
        top, left = (kH - 1) // 2, (kW - 1) // 2
        return full[..., top : height - kH // 2, left : width - kW // 2]
    return full


@right("convolve2d")
def pad_as_the_mode_needs(x, weight, *, mode):
    kH, kW = weight.shape
    before = {"full": (kH - 1, kW - 1), "same": (kH // 2, kW // 2), "valid": (0, 0)}
    after = {**before, "same": ((kH - 1) // 2, (kW - 1) // 2)}
    (top, left), (bottom, last) = before[mode], after[mode]
    x = np.pad(x, [(0, 0)] * (x.ndim - 2) + [(top, bottom), (left, last)])
    height, width = x.shape[-2] - kH + 1, x.shape[-1] - kW + 1
    y = np.zeros((*x.shape[:-2], height, width), dtype=x.dtype)
    for r in range(height):
        for c in range(width):
            window = x[..., r : r + kH, c : c + kW]
            y[..., r, c] = np.sum(window * np.rot90(weight, 2), axis=(-2, -1))
    return y


@right("convolve2d")
def rows_by_numpy(x, weight, *, mode):
    (kH, kW), (*leading, H, W) = weight.shape, x.shape
    full = np.zeros((*leading, H + kH - 1, W + kW - 1), x.dtype)
    for index in np.ndindex(*leading):
        for r, i in np.ndindex(H, kH):
            full[index][r + i] += np.convolve(x[index][r], weight[i])
    if mode == "full":
        return full
    if mode == "valid":
        return full[..., kH - 1 : H, kW - 1 : W]
    return full[..., (kH - 1) // 2 :, (kW - 1) // 2 :][..., :H, :W]
