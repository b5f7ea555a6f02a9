"""Chapter 7: what students get wrong in `unfold_forward`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.teaching.unfold import unfold_forward

reference(__name__, unfold_forward)


def unfolded(x, kernel_size, dilation, padding, stride):
    """What is right, for mistakes that are made before or afterwards."""
    cache = other_cache(x, kernel_size, dilation, padding, stride)
    shape, _, rows, columns, (pH, pW) = cache
    padded = np.pad(x, [(0, 0), (0, 0), (pH, pH), (pW, pW)])
    N, C, kH, kW, down, across = shape
    y = padded[:, :, rows[:, None], columns].reshape(N, C * kH * kW, down * across)
    return y, cache


def other_cache(x, kernel_size, dilation, padding, stride):
    """The cache as the chapter's own function makes it."""
    sizes = [n + 2 * p for n, p in zip(x.shape[2:], padding, strict=True)]
    seen = []
    for n, k, d, s in zip(sizes, kernel_size, dilation, stride, strict=True):
        starts = np.arange(0, n - d * (k - 1), s)
        seen.append(d * np.arange(k)[:, None] + starts)
    shape = (*x.shape[:2], *kernel_size, seen[0].shape[1], seen[1].shape[1])
    rows, columns = seen[0][:, :, None], seen[1][:, None, :]
    return shape, (*x.shape[:2], *sizes), rows, columns, padding


@mistake(
    "unfold_forward",
    hint="the two last axes of y are exchanged. Is a window a row or a column of y?",
)
def windows_as_rows(x, *, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)):
    y, cache = unfolded(x, kernel_size, dilation, padding, stride)
    return y.swapaxes(1, 2), cache


@mistake(
    "unfold_forward",
    hint="within a column of y, the channels run fastest. Which of channel, kernel row "
    "and kernel column comes first in the docstring?",
)
def channels_last(x, *, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)):
    y, cache = unfolded(x, kernel_size, dilation, padding, stride)
    N, C = x.shape[:2]
    taps = kernel_size[0] * kernel_size[1]
    return y.reshape(N, C, taps, y.shape[2]).swapaxes(1, 2).reshape(y.shape), cache


@mistake(
    "unfold_forward",
    hint="the places run down the image first. In which order does the docstring count "
    "them?",
)
def places_column_by_column(
    x, *, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)
):
    y, cache = unfolded(x, kernel_size, dilation, padding, stride)
    rows, columns = cache[0][4:]
    places = y.reshape(*y.shape[:2], rows, columns).swapaxes(2, 3)
    return places.reshape(y.shape), cache


@mistake(
    "unfold_forward",
    hint="the entries of a window are read column by column. In which order does the "
    "docstring count the rows of y?",
)
def entries_column_by_column(
    x, *, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)
):
    y, cache = unfolded(x, kernel_size, dilation, padding, stride)
    entries = y.reshape(*x.shape[:2], *kernel_size, y.shape[2]).swapaxes(2, 3)
    return entries.reshape(y.shape), cache


@mistake(
    "unfold_forward",
    hint="the two numbers of stride have changed places. Which of them belongs to the "
    "rows?",
)
def stride_exchanged(x, *, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)):
    return unfolded(x, kernel_size, dilation, padding, stride[::-1])


@mistake(
    "unfold_forward",
    hint="the two numbers of padding have changed places. Which of them belongs to the "
    "rows?",
)
def padding_exchanged(
    x, *, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)
):
    return unfolded(x, kernel_size, dilation, padding[::-1], stride)


@mistake(
    "unfold_forward",
    hint="dilation makes no difference. How far apart are two entries of a window?",
)
def dilation_ignored(x, *, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)):
    return unfolded(x, kernel_size, (1, 1), padding, stride)


@mistake(
    "unfold_forward",
    hint="there are as many places as dilation leaves, but each window sees pixels "
    "side by side. How far apart are two entries of a window?",
)
def dilation_counted_only(
    x, *, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)
):
    _, cache = unfolded(x, kernel_size, dilation, padding, stride)
    down, across = cache[0][4:]
    y, near = unfolded(x, kernel_size, (1, 1), padding, stride)
    y = y.reshape(*y.shape[:2], *near[0][4:])[..., :down, :across]
    return y.reshape(*y.shape[:2], down * across), cache


@mistake(
    "unfold_forward",
    hint="padding makes no difference. What lies around the image when padding is not "
    "zero?",
)
def padding_ignored(x, *, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)):
    return unfolded(x, kernel_size, dilation, (0, 0), stride)


@mistake(
    "unfold_forward",
    hint="stride makes no difference. How far does the window move from one place to "
    "the next?",
)
def stride_ignored(x, *, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)):
    return unfolded(x, kernel_size, dilation, padding, (1, 1))


@mistake(
    "unfold_forward",
    hint="the padding is there, but only before the image. At how many ends of an axis "
    "does the docstring put zeros?",
)
def padding_before_only(
    x, *, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)
):
    before = np.pad(x, [(0, 0), (0, 0), (padding[0], 0), (padding[1], 0)])
    return unfolded(before, kernel_size, dilation, (0, 0), stride)


@mistake(
    "unfold_forward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of x?",
)
def unfold_upcast(x, *, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)):
    y, cache = unfolded(x, kernel_size, dilation, padding, stride)
    return y.astype(np.float64), cache


@mistake(
    "unfold_forward",
    hint="y comes back alone. What else does the docstring promise, for the backward "
    "pass to use?",
)
def unfold_no_cache(x, *, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)):
    return unfolded(x, kernel_size, dilation, padding, stride)[0]


def spans(shape, kernel_size, dilation, padding, stride):
    """How many places there are, down and across."""
    return [
        (shape[2 + a] + 2 * padding[a] - dilation[a] * (kernel_size[a] - 1) - 1)
        // stride[a]
        + 1
        for a in (0, 1)
    ]


def cuts(i, j, places, dilation, stride):
    """The slices that entry (i, j) of the windows sees."""
    down, across = (
        slice(tap * d, tap * d + s * (n - 1) + 1, s)
        for tap, d, n, s in zip((i, j), dilation, places, stride, strict=True)
    )
    return ..., down, across


@right("unfold_forward")
def unfold_by_window(x, *, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)):
    N, C, H, W = x.shape
    (kH, kW), (dH, dW), (sH, sW) = kernel_size, dilation, stride
    (pH, pW) = padding
    padded = np.zeros((N, C, H + 2 * pH, W + 2 * pW), dtype=x.dtype)
    padded[:, :, pH : pH + H, pW : pW + W] = x
    windows = []
    bottom, right_end = dH * (kH - 1) + 1, dW * (kW - 1) + 1
    for r in range(0, H + 2 * pH - bottom + 1, sH):
        for c in range(0, W + 2 * pW - right_end + 1, sW):
            window = padded[:, :, r : r + bottom : dH, c : c + right_end : dW]
            windows.append(window.reshape(N, C * kH * kW))
    y = np.stack(windows, axis=2)
    return y, other_cache(x, kernel_size, dilation, padding, stride)


@right("unfold_forward")
def unfold_by_entry(x, *, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)):
    (N, C), (pH, pW) = x.shape[:2], padding
    places = spans(x.shape, kernel_size, dilation, padding, stride)
    padded = np.pad(x, ((0, 0), (0, 0), (pH, pH), (pW, pW)))
    y = np.empty((N, C, *kernel_size, *places), x.dtype)
    for i in range(kernel_size[0]):
        for j in range(kernel_size[1]):
            y[:, :, i, j] = padded[cuts(i, j, places, dilation, stride)]
    y = y.reshape(N, C * kernel_size[0] * kernel_size[1], places[0] * places[1])
    return y, other_cache(x, kernel_size, dilation, padding, stride)
