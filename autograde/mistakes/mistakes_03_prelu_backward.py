"""Chapter 3: what students get wrong in `prelu_backward`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.teaching.activations import prelu_backward

reference(__name__, prelu_backward)


def all_but_channels(x):
    return tuple(axis for axis in range(x.ndim) if axis != 1)


@mistake(
    "prelu_backward",
    hint="the gradient of weight is not summed. How often was each slope used, and "
    "which shape has weight?",
)
def slopes_not_summed(grad_y, cache):
    x, slopes = cache
    return np.where(x > 0, grad_y, slopes * grad_y), grad_y * np.minimum(x, 0)


@mistake(
    "prelu_backward",
    hint="the gradient of weight is summed over the examples only. Where else in an "
    "image is one slope used?",
)
def summed_over_examples_only(grad_y, cache):
    x, slopes = cache
    grad_weight = (grad_y * np.minimum(x, 0)).sum(axis=0)
    return np.where(x > 0, grad_y, slopes * grad_y), grad_weight


@mistake(
    "prelu_backward",
    hint="the gradient of weight is one number. How many slopes are there?",
)
def summed_over_everything(grad_y, cache):
    x, slopes = cache
    grad_weight = (grad_y * np.minimum(x, 0)).sum()
    return np.where(x > 0, grad_y, slopes * grad_y), grad_weight


@mistake(
    "prelu_backward",
    hint="all axes but the last are summed over. On which axis stand the channels?",
)
def all_but_the_last_axis(grad_y, cache):
    x, slopes = cache
    others = tuple(range(x.ndim - 1))
    grad_weight = (grad_y * np.minimum(x, 0)).sum(axis=others)
    return np.where(x > 0, grad_y, slopes * grad_y), grad_weight


@mistake(
    "prelu_backward",
    hint="the gradient of weight is averaged. What do the effects of one slope in many "
    "places do?",
)
def slopes_averaged(grad_y, cache):
    x, slopes = cache
    others = all_but_channels(x)
    count = max(x.size // x.shape[1], 1)
    grad_weight = (grad_y * np.minimum(x, 0)).sum(axis=others) / count
    return np.where(x > 0, grad_y, slopes * grad_y), grad_weight


@mistake(
    "prelu_backward",
    hint="the gradient of weight is divided by the number of examples. Where was an "
    "average taken in the forward pass?",
)
def slopes_divided_by_n(grad_y, cache):
    x, slopes = cache
    terms = (grad_y * np.minimum(x, 0)).sum(axis=all_but_channels(x))
    return np.where(x > 0, grad_y, slopes * grad_y), terms / max(len(x), 1)


@mistake(
    "prelu_backward",
    hint="negative entries pass no gradient on, as with ReLU. How much does y move "
    "when such an entry is nudged?",
)
def x_as_with_relu(grad_y, cache):
    x, _ = cache
    grad_weight = (grad_y * np.minimum(x, 0)).sum(axis=all_but_channels(x))
    return grad_y * (x > 0), grad_weight


@mistake(
    "prelu_backward",
    hint="an entry of exactly 0 is treated as positive. Which side does the text count "
    "it to?",
)
def zero_is_positive(grad_y, cache):
    x, slopes = cache
    grad_weight = (grad_y * np.minimum(x, 0)).sum(axis=all_but_channels(x))
    return np.where(x >= 0, grad_y, slopes * grad_y), grad_weight


@mistake(
    "prelu_backward",
    hint="an entry of exactly 0 passes no gradient on. Which slope does it get, if it "
    "counts as negative?",
)
def zero_is_nothing(grad_y, cache):
    x, slopes = cache
    grad_weight = (grad_y * np.minimum(x, 0)).sum(axis=all_but_channels(x))
    return grad_y * (x > 0) + slopes * grad_y * (x < 0), grad_weight


@mistake(
    "prelu_backward",
    hint="positive entries count for the gradient of weight as well. Does a slope act "
    "on them?",
)
def positive_entries_too(grad_y, cache):
    x, slopes = cache
    grad_weight = (grad_y * x).sum(axis=all_but_channels(x))
    return np.where(x > 0, grad_y, slopes * grad_y), grad_weight


@mistake(
    "prelu_backward",
    hint="x is missing from the gradient of weight. What was the slope multiplied by?",
)
def slopes_without_x(grad_y, cache):
    x, slopes = cache
    grad_weight = (grad_y * (x <= 0)).sum(axis=all_but_channels(x))
    return np.where(x > 0, grad_y, slopes * grad_y), grad_weight


@mistake(
    "prelu_backward",
    hint="the upstream gradient is missing from the gradient of weight. What does the "
    "chain rule do with grad_y?",
)
def slopes_without_upstream(grad_y, cache):
    x, slopes = cache
    grad_weight = np.minimum(x, 0).sum(axis=all_but_channels(x))
    return np.where(x > 0, grad_y, slopes * grad_y), grad_weight


@mistake(
    "prelu_backward",
    hint="the upstream gradient is missing from grad_x. What does the chain rule do "
    "with the slope?",
)
def x_without_upstream(grad_y, cache):
    x, slopes = cache
    grad_weight = (grad_y * np.minimum(x, 0)).sum(axis=all_but_channels(x))
    return np.where(x > 0, 1, slopes).astype(x.dtype), grad_weight


@mistake(
    "prelu_backward",
    hint="the gradient of weight has the sign of |x|. Which sign has x where the slope "
    "acts?",
)
def magnitude_in_the_slopes(grad_y, cache):
    x, slopes = cache
    terms = (grad_y * np.maximum(-x, 0)).sum(axis=all_but_channels(x))
    return np.where(x > 0, grad_y, slopes * grad_y), terms


@mistake(
    "prelu_backward",
    hint="the gradient of weight contains weight itself. What is the derivative of "
    "w x with respect to w?",
)
def slopes_times_weight(grad_y, cache):
    x, slopes = cache
    terms = (grad_y * slopes * np.minimum(x, 0)).sum(axis=all_but_channels(x))
    return np.where(x > 0, grad_y, slopes * grad_y), terms


@mistake(
    "prelu_backward",
    hint="the gradient of weight keeps axes of size 1. Which shape has weight itself?",
)
def axes_of_size_1_kept(grad_y, cache):
    x, slopes = cache
    terms = grad_y * np.minimum(x, 0)
    grad_weight = terms.sum(axis=all_but_channels(x), keepdims=True)
    return np.where(x > 0, grad_y, slopes * grad_y), grad_weight


@mistake(
    "prelu_backward",
    hint="only images, with four axes, work. Which axes are there when x has two?",
)
def sums_for_images_only(grad_y, cache):
    x, slopes = cache
    grad_weight = (grad_y * np.minimum(x, 0)).sum(axis=(0, 2, 3))
    return np.where(x > 0, grad_y, slopes * grad_y), grad_weight


def forward_with_y_in_its_cache(x, weight):
    slopes = weight.reshape(-1, *(1,) * (x.ndim - 2))
    y = np.where(x > 0, x, slopes * x)
    return y, (x, y, slopes)


@mistake(
    "prelu_backward",
    hint="the sign of y decides, not that of x. Which sign has y where x and the slope "
    "are both negative?",
    prelu_forward=forward_with_y_in_its_cache,
)
def side_by_the_sign_of_y(grad_y, cache):
    x, y, slopes = cache
    grad_weight = (grad_y * x * (y <= 0)).sum(axis=all_but_channels(x))
    return np.where(y > 0, grad_y, slopes * grad_y), grad_weight


@mistake(
    "prelu_backward",
    hint="the two gradients stand in each other's place. In which order are the "
    "arguments of prelu_forward?",
)
def weight_first(grad_y, cache):
    x, slopes = cache
    grad_weight = (grad_y * np.minimum(x, 0)).sum(axis=all_but_channels(x))
    return grad_weight, np.where(x > 0, grad_y, slopes * grad_y)


@mistake(
    "prelu_backward",
    hint="grad_y itself is changed. Which operation writes into the array that the "
    "caller still holds?",
)
def grad_y_changed(grad_y, cache):
    x, slopes = cache
    grad_weight = (grad_y * np.minimum(x, 0)).sum(axis=all_but_channels(x))
    grad_y *= np.where(x > 0, 1, slopes)
    return grad_y.copy(), grad_weight


@mistake(
    "prelu_backward",
    hint="the cached x is changed, and it is the caller's own x. Which operation "
    "writes into it?",
)
def cached_x_cut(grad_y, cache):
    x, slopes = cache
    grad_x = np.where(x > 0, grad_y, slopes * grad_y)
    x[x > 0] = 0
    return grad_x, (grad_y * x).sum(axis=all_but_channels(x))


@mistake(
    "prelu_backward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of grad_y?",
)
def upcast_slopes(grad_y, cache):
    x, slopes = cache
    grad_weight = np.zeros(x.shape[1])
    grad_weight += (grad_y * np.minimum(x, 0)).sum(axis=all_but_channels(x))
    return np.where(x > 0, grad_y, slopes * grad_y), grad_weight


@right("prelu_backward")
def backward_channel_by_channel(grad_y, cache):
    x, slopes = cache
    grad_x, grad_weight = grad_y.copy(), np.zeros_like(slopes.ravel())
    for c in range(x.shape[1]):
        below = x[:, c] <= 0
        grad_weight[c] = np.sum(grad_y[:, c][below] * x[:, c][below])
        grad_x[:, c][below] *= slopes.ravel()[c]
    return grad_x, grad_weight


@right("prelu_backward")
def backward_by_einsum(grad_y, cache):
    x, slopes = cache
    N, C = x.shape[:2]
    rest = x[0, 0].size if N else 1
    flat_x, flat_grad = x.reshape(N, C, rest), grad_y.reshape(N, C, rest)
    grad_weight = np.einsum("ncr,ncr->c", flat_grad, flat_x * (flat_x < 0))
    return grad_y * np.where(x <= 0, slopes, 1), grad_weight


@right("prelu_backward")
def backward_with_channels_last(grad_y, cache):
    x, slopes = cache
    channels = x.shape[1]
    last_x = np.moveaxis(x, 1, -1).reshape(-1, channels)
    last_grad = np.moveaxis(grad_y, 1, -1).reshape(-1, channels)
    terms = last_grad * np.where(last_x > 0, 0, last_x)
    return [grad_y * ((x > 0) + slopes * (x <= 0)), terms.sum(0)]
