"""Chapter 7: what students get wrong in `correlate2d_backward`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.teaching.correlate2d import correlate2d_backward

reference(__name__, correlate2d_backward)


def gradients(grad_y, cache):
    """What is right, for mistakes that are made afterwards."""
    x, weight = cache
    rows, columns = grad_y.shape[-2:]
    grad_x, grad_weight = np.zeros_like(x), np.zeros_like(weight)
    for i, j in np.ndindex(weight.shape):
        seen = ..., slice(i, i + rows), slice(j, j + columns)
        grad_x[seen] += weight[i, j] * grad_y
        grad_weight[i, j] = np.sum(grad_y * x[seen])
    return grad_x, grad_weight


@mistake(
    "correlate2d_backward",
    hint="grad_x is made with the kernel the wrong way round. Through which entry of "
    "the kernel does the upper left pixel of a window reach y?",
)
def kernel_not_turned(grad_y, cache):
    x, weight = cache
    rows, columns = grad_y.shape[-2:]
    grad_x, grad_weight = np.zeros_like(x), np.zeros_like(weight)
    for i, j in np.ndindex(weight.shape):
        seen = ..., slice(i, i + rows), slice(j, j + columns)
        grad_x[seen] += weight[::-1, ::-1][i, j] * grad_y
        grad_weight[i, j] = np.sum(grad_y * x[seen])
    return grad_x, grad_weight


@mistake(
    "correlate2d_backward",
    hint="where windows overlap, the last gradient replaces those before it. What do "
    "the gradients of a pixel do that several windows saw?",
)
def overlaps_overwritten(grad_y, cache):
    x, weight = cache
    rows, columns = grad_y.shape[-2:]
    grad_x, grad_weight = np.zeros_like(x), np.zeros_like(weight)
    for i, j in np.ndindex(weight.shape):
        seen = ..., slice(i, i + rows), slice(j, j + columns)
        grad_x[seen] = weight[i, j] * grad_y
        grad_weight[i, j] = np.sum(grad_y * x[seen])
    return grad_x, grad_weight


@mistake(
    "correlate2d_backward",
    hint="where windows overlap, the gradients are averaged. What do the gradients of "
    "a pixel do that several windows saw?",
)
def overlaps_averaged(grad_y, cache):
    x, weight = cache
    grad_x, grad_weight = gradients(grad_y, cache)
    often, _ = gradients(np.ones_like(grad_y), (x, np.ones_like(weight)))
    return grad_x / often, grad_weight


@mistake(
    "correlate2d_backward",
    hint="the upstream gradient is taken to be all ones. Where does grad_y come in?",
)
def upstream_of_ones(grad_y, cache):
    return gradients(np.ones_like(grad_y), cache)


@mistake(
    "correlate2d_backward",
    hint="grad_weight is averaged over the places. What does a gradient do when one "
    "kernel serves every place?",
)
def mean_over_places(grad_y, cache):
    x, weight = cache
    rows, columns = grad_y.shape[-2:]
    grad_x, grad_weight = np.zeros_like(x), np.zeros_like(weight)
    for i, j in np.ndindex(weight.shape):
        seen = ..., slice(i, i + rows), slice(j, j + columns)
        grad_x[seen] += weight[i, j] * grad_y
        grad_weight[i, j] = np.sum(grad_y * x[seen]) / max(grad_y.size, 1)
    return grad_x, grad_weight


@mistake(
    "correlate2d_backward",
    hint="grad_weight comes out turned around. Which pixels did the upper left entry "
    "of the kernel meet?",
)
def grad_weight_turned(grad_y, cache):
    grad_x, grad_weight = gradients(grad_y, cache)
    return grad_x, grad_weight[::-1, ::-1].copy()


@mistake(
    "correlate2d_backward",
    hint="the two gradients stand in each other's place. In which order are the "
    "arguments of correlate2d_forward?",
)
def gradients_swapped(grad_y, cache):
    grad_x, grad_weight = gradients(grad_y, cache)
    return grad_weight, grad_x


@mistake(
    "correlate2d_backward",
    hint="there is a gradient of weight for each image. How many kernels were there?",
)
def grad_weight_for_each_image(grad_y, cache):
    x, weight = cache
    rows, columns = grad_y.shape[-2:]
    grad_x = np.zeros_like(x)
    grad_weight = np.zeros((*x.shape[:-2], *weight.shape), weight.dtype)
    for i, j in np.ndindex(weight.shape):
        seen = ..., slice(i, i + rows), slice(j, j + columns)
        grad_x[seen] += weight[i, j] * grad_y
        grad_weight[..., i, j] = (grad_y * x[seen]).sum(axis=(-2, -1))
    return grad_x, grad_weight


@mistake(
    "correlate2d_backward",
    hint="grad_weight is that of the last image alone. What becomes of the gradients "
    "that the other images have for the kernel?",
)
def grad_weight_of_the_last_image(grad_y, cache):
    x, weight = cache
    grad_x, grad_weight = gradients(grad_y, cache)
    for image in np.ndindex(x.shape[:-2]):
        _, grad_weight = gradients(grad_y[image], (x[image], weight))
    return grad_x, grad_weight


@mistake(
    "correlate2d_backward",
    hint="grad_weight is 0 everywhere. Which line fills it?",
)
def grad_weight_left_at_zero(grad_y, cache):
    grad_x, grad_weight = gradients(grad_y, cache)
    return grad_x, np.zeros_like(grad_weight)


@mistake(
    "correlate2d_backward",
    hint="grad_x is as large as grad_y: pixels at two edges are missing. Which shape "
    "has x?",
)
def grad_x_as_large_as_y(grad_y, cache):
    grad_x, grad_weight = gradients(grad_y, cache)
    rows, columns = grad_y.shape[-2:]
    return grad_x[..., :rows, :columns], grad_weight


@mistake(
    "correlate2d_backward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of x or weight?",
)
def correlate_backward_upcast(grad_y, cache):
    x, weight = cache
    rows, columns = grad_y.shape[-2:]
    grad_x, grad_weight = np.zeros(x.shape), np.zeros(weight.shape)
    for i, j in np.ndindex(weight.shape):
        seen = ..., slice(i, i + rows), slice(j, j + columns)
        grad_x[seen] += weight[i, j] * grad_y
        grad_weight[i, j] = np.sum(grad_y * x[seen])
    return grad_x, grad_weight


@mistake(
    "correlate2d_backward",
    hint="x itself is used for its gradient: its entries change. Who still needs x as "
    "it was?",
)
def gradient_into_x(grad_y, cache):
    x, _ = cache
    grad_x, grad_weight = gradients(grad_y, cache)
    x[...] = grad_x
    return x, grad_weight


@right("correlate2d_backward")
def place_by_place_backward(grad_y, cache):
    x, weight = cache
    kH, kW = weight.shape
    grad_x = np.zeros(x.shape, dtype=x.dtype)
    grad_weight = np.zeros(weight.shape, dtype=weight.dtype)
    for r in range(grad_y.shape[-2]):
        for c in range(grad_y.shape[-1]):
            g = grad_y[..., r, c, None, None]
            grad_x[..., r : r + kH, c : c + kW] += g * weight
            window = x[..., r : r + kH, c : c + kW]
            grad_weight += (g * window).reshape(-1, kH, kW).sum(axis=0)
    return grad_x, grad_weight


@right("correlate2d_backward")
def two_correlations(grad_y, cache):
    x, weight = cache
    kH, kW = weight.shape
    around = [(0, 0)] * (grad_y.ndim - 2) + [(kH - 1, kH - 1), (kW - 1, kW - 1)]
    padded = np.pad(grad_y, around)
    windows = np.lib.stride_tricks.sliding_window_view
    seen = windows(padded, (kH, kW), axis=(-2, -1))
    grad_x = np.einsum("...rcij,ij->...rc", seen, weight[::-1, ::-1])
    met = windows(x, grad_y.shape[-2:], axis=(-2, -1))
    grads = np.einsum("...ijrc,...rc->...ij", met, grad_y)
    return grad_x, grads.sum(axis=tuple(range(grads.ndim - 2)))
