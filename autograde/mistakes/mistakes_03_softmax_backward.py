"""Chapter 3: what students get wrong in `softmax_backward`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.teaching.activations import softmax_backward

reference(__name__, softmax_backward)


@mistake(
    "softmax_backward",
    hint="only the effect of each entry on its own output is counted. Which other "
    "outputs move when one input grows?",
)
def diagonal_only(grad_y, cache):
    y, _ = cache
    return grad_y * y * (1 - y)


@mistake(
    "softmax_backward",
    hint="the effect on the sum is missing. What happens to the denominator when one "
    "input grows?",
)
def denominator_forgotten(grad_y, cache):
    y, _ = cache
    return grad_y * y


@mistake(
    "softmax_backward",
    hint="the upstream gradients are summed without their weights y. What stands "
    "beside g in the sum of the text?",
)
def sum_without_weights(grad_y, cache):
    y, dim = cache
    return y * (grad_y - grad_y.sum(axis=dim, keepdims=True))


@mistake(
    "softmax_backward",
    hint="the plain mean of the upstream gradients is subtracted. Does every entry of "
    "y count the same?",
)
def mean_without_weights(grad_y, cache):
    y, dim = cache
    return y * (grad_y - grad_y.mean(axis=dim, keepdims=True))


@mistake(
    "softmax_backward",
    hint="the factor y in front is missing. How much does an output move that is "
    "almost 0?",
)
def factor_forgotten(grad_y, cache):
    y, dim = cache
    return grad_y - (y * grad_y).sum(axis=dim, keepdims=True)


@mistake(
    "softmax_backward",
    hint="this is the backward pass of log_softmax. What is the slope of the softmax "
    "itself?",
)
def gradient_of_the_logarithm(grad_y, cache):
    y, dim = cache
    return grad_y - y * grad_y.sum(axis=dim, keepdims=True)


@mistake(
    "softmax_backward",
    hint="this is what softmax and cross-entropy give together, for a target. Is "
    "grad_y a target here?",
)
def as_with_cross_entropy(grad_y, cache):
    y, _ = cache
    return y - grad_y


@mistake(
    "softmax_backward",
    hint="zeros come back. For which upstream gradient would that be right, and for "
    "which others not?",
)
def zeros(grad_y, cache):
    return np.zeros_like(grad_y)


@mistake(
    "softmax_backward",
    hint="the sign is wrong. Does an output grow or shrink with its own input?",
)
def signs_exchanged(grad_y, cache):
    y, dim = cache
    return y * ((y * grad_y).sum(axis=dim, keepdims=True) - grad_y)


@mistake(
    "softmax_backward",
    hint="the sum always runs along the last axis. Which axis did the forward pass "
    "take?",
)
def backward_along_the_last_axis(grad_y, cache):
    y, _ = cache
    return y * (grad_y - (y * grad_y).sum(axis=-1, keepdims=True))


@mistake(
    "softmax_backward",
    hint="the sum always runs along axis 1. Which axis did the forward pass take?",
)
def backward_along_axis_1(grad_y, cache):
    y, _ = cache
    return y * (grad_y - (y * grad_y).sum(axis=1, keepdims=True))


@mistake(
    "softmax_backward",
    hint="the sum runs over the whole array. Do entries of different lines compete?",
)
def sum_over_everything(grad_y, cache):
    y, _ = cache
    return y * (grad_y - (y * grad_y).sum())


@mistake(
    "softmax_backward",
    hint="the sum lost its axis, so it is broadcast against another one, or against "
    "none. How can a sum keep an axis of size 1?",
)
def weighted_sum_without_keepdims(grad_y, cache):
    y, dim = cache
    return y * (grad_y - (y * grad_y).sum(axis=dim))


@mistake(
    "softmax_backward",
    hint="the matrix of one line is used, which fits arrays with a single axis only. "
    "Can the sum be written without the matrix?",
)
def matrix_of_one_line(grad_y, cache):
    y, _ = cache
    return (np.diag(y) - np.outer(y, y)) @ grad_y


@mistake(
    "softmax_backward",
    hint="y, which is a softmax already, goes through softmax again. What did the "
    "forward pass put into the cache?",
)
def softmax_twice(grad_y, cache):
    y, dim = cache
    again = np.exp(y) / np.exp(y).sum(axis=dim, keepdims=True)
    return again * (grad_y - (again * grad_y).sum(axis=dim, keepdims=True))


@mistake(
    "softmax_backward",
    hint="the gradient is averaged over the first axis. Where was an average taken in "
    "the forward pass?",
)
def divided_by_n(grad_y, cache):
    y, dim = cache
    grad_x = y * (grad_y - (y * grad_y).sum(axis=dim, keepdims=True))
    return grad_x / max(len(y), 1)


@mistake(
    "softmax_backward",
    hint="the logarithm of y is taken, which is -inf where y is 0. Is it needed?",
)
def by_the_logarithm(grad_y, cache):
    y, dim = cache
    kept = y * (grad_y - (y * grad_y).sum(axis=dim, keepdims=True))
    return kept + 0 * np.log(y)


@mistake(
    "softmax_backward",
    hint="the cached y is changed. What happens when backward runs a second time?",
)
def cached_softmax_in_place(grad_y, cache):
    y, dim = cache
    y *= grad_y - (y * grad_y).sum(axis=dim, keepdims=True)
    return y.copy()


@mistake(
    "softmax_backward",
    hint="grad_y itself is changed. Which operation writes into the array that the "
    "caller still holds?",
)
def grad_y_shifted_in_place(grad_y, cache):
    y, dim = cache
    grad_y -= (y * grad_y).sum(axis=dim, keepdims=True)
    return y * grad_y


@mistake(
    "softmax_backward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of y?",
)
def upcast_gradient(grad_y, cache):
    y, dim = cache
    grad_x = np.zeros(y.shape)
    grad_x += y * (grad_y - (y * grad_y).sum(axis=dim, keepdims=True))
    return grad_x


@mistake(
    "softmax_backward",
    hint="a tuple comes back where there is one gradient. What does a trailing comma "
    "make?",
)
def softmax_gradient_in_a_tuple(grad_y, cache):
    y, dim = cache
    return (y * (grad_y - (y * grad_y).sum(axis=dim, keepdims=True)),)


@right("softmax_backward")
def in_two_products(grad_y, cache):
    y, dim = cache
    product = y * grad_y
    return product - y * product.sum(axis=dim, keepdims=True)


@right("softmax_backward")
def by_the_matrices(grad_y, cache):
    y, dim = cache
    last_y, last_grad = np.moveaxis(y, dim, -1), np.moveaxis(grad_y, dim, -1)
    eye = np.eye(last_y.shape[-1], dtype=y.dtype)
    matrices = last_y[..., :, None] * (eye - last_y[..., None, :])
    grad_x = np.einsum("...i,...ij->...j", last_grad, matrices)
    return np.moveaxis(grad_x, -1, dim)


@right("softmax_backward")
def by_einsum(grad_y, cache):
    y, dim = cache
    last_y, last_grad = np.moveaxis(y, dim, -1), np.moveaxis(grad_y, dim, -1)
    mean = np.einsum("...i,...i->...", last_y, last_grad)
    return y * (grad_y - np.expand_dims(mean, dim))
