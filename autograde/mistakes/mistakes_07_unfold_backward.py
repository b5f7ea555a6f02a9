"""Chapter 7: what students get wrong in `unfold_backward`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.teaching.unfold import unfold_backward

reference(__name__, unfold_backward)


def folded(grad_y, cache):
    """What is right, for mistakes that are made before or afterwards."""
    _, padded_shape, _, _, (pH, pW) = cache
    return folded_padded(grad_y, cache)[
        :, :, pH : padded_shape[2] - pH, pW : padded_shape[3] - pW
    ]


def folded_padded(grad_y, cache):
    """The gradient of the padded image."""
    shape, padded_shape, rows, columns, _ = cache
    grads, padded = grad_y.reshape(shape), np.zeros(padded_shape, grad_y.dtype)
    for i, j in np.ndindex(shape[2:4]):
        padded[:, :, rows[i], columns[j]] += grads[:, :, i, j]
    return padded


@mistake(
    "unfold_backward",
    hint="where windows overlap, only one of their gradients arrives. How often was "
    "such an entry copied, and what do its gradients do?",
)
def fold_overwrites(grad_y, cache):
    shape, padded_shape, rows, columns, (pH, pW) = cache
    padded = np.zeros(padded_shape, grad_y.dtype)
    padded[:, :, rows[:, None], columns] += grad_y.reshape(shape)
    return padded[:, :, pH : padded_shape[2] - pH, pW : padded_shape[3] - pW]


@mistake(
    "unfold_backward",
    hint="where windows overlap, the gradients are averaged. Does a copy that is made "
    "four times move the loss once, or four times?",
)
def fold_averages(grad_y, cache):
    counts = folded(np.ones_like(grad_y), cache)
    return folded(grad_y, cache) / np.maximum(counts, 1)


@mistake(
    "unfold_backward",
    hint="the padding is still there. Which shape had x?",
)
def padding_kept(grad_y, cache):
    return folded_padded(grad_y, cache)


@mistake(
    "unfold_backward",
    hint="without padding nothing is left of the gradient. What does a slice that ends "
    "at -0 hold?",
)
def cropped_from_behind(grad_y, cache):
    pH, pW = cache[-1]
    return folded_padded(grad_y, cache)[:, :, pH:-pH, pW:-pW]


@mistake(
    "unfold_backward",
    hint="the upper left part of the padded gradient is returned. Where does the image "
    "lie in it?",
)
def corner_of_the_padding(grad_y, cache):
    _, padded_shape, _, _, (pH, pW) = cache
    padded = folded_padded(grad_y, cache)
    return padded[:, :, : padded_shape[2] - 2 * pH, : padded_shape[3] - 2 * pW]


@mistake(
    "unfold_backward",
    hint="the gradients land in other channels or other pixels of the window. In which "
    "order did forward put channel, kernel row and kernel column into a column?",
)
def fold_channels_last(grad_y, cache):
    (N, C, kH, kW), L = cache[0][:4], grad_y.shape[2]
    columns = grad_y.reshape(N, kH * kW, C, L).swapaxes(1, 2)
    return folded(columns.reshape(N, C * kH * kW, L), cache)


@mistake(
    "unfold_backward",
    hint="the gradient counts how often a pixel was copied. Where does grad_y come in?",
)
def fold_of_ones(grad_y, cache):
    return folded(np.ones_like(grad_y), cache)


@mistake(
    "unfold_backward",
    hint="the gradients of a window go to pixels side by side. Which pixels did "
    "forward copy when dilation is larger than 1?",
)
def fold_without_dilation(grad_y, cache):
    shape, padded_shape, rows, columns, padding = cache
    rows = rows[:1] + np.arange(len(rows))[:, None, None]
    columns = columns[:1] + np.arange(len(columns))[:, None, None]
    return folded(grad_y, (shape, padded_shape, rows, columns, padding))


@mistake(
    "unfold_backward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of grad_y?",
)
def fold_upcast(grad_y, cache):
    return folded(grad_y, cache).astype(np.float64)


@mistake(
    "unfold_backward",
    hint="the gradient comes back in a tuple. How many arrays does unfold_forward "
    "take?",
)
def fold_in_a_tuple(grad_y, cache):
    return (folded(grad_y, cache),)


@mistake(
    "unfold_backward",
    hint="grad_y itself is changed. Which operation writes into the array that the "
    "caller still holds?",
)
def grad_y_used_up(grad_y, cache):
    grad_x = folded(grad_y, cache)
    grad_y *= 0
    return grad_x


@right("unfold_backward")
def fold_by_index(grad_y, cache):
    shape, padded_shape, rows, columns, (pH, pW) = cache
    padded = np.zeros(padded_shape, dtype=grad_y.dtype)
    index = slice(None), slice(None), rows[:, None], columns
    np.add.at(padded, index, grad_y.reshape(shape))
    return padded[:, :, pH : padded_shape[2] - pH, pW : padded_shape[3] - pW]


@right("unfold_backward")
def fold_by_window(grad_y, cache):
    (N, C, kH, kW, down, across), padded_shape, rows, columns, (pH, pW) = cache
    padded = np.zeros(padded_shape, grad_y.dtype)
    for place in range(down * across):
        r, c = divmod(place, across)
        window = grad_y[:, :, place].reshape(N, C, kH, kW)
        at = np.ix_(range(N), range(C), rows[:, r, 0], columns[:, 0, c])
        padded[at] += window
    H, W = padded_shape[2] - 2 * pH, padded_shape[3] - 2 * pW
    return padded[:, :, pH : pH + H, pW : pW + W]
