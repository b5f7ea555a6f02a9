"""Chapter 3: what students get wrong in `sigmoid_backward`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.teaching.activations import sigmoid_backward

reference(__name__, sigmoid_backward)


@mistake(
    "sigmoid_backward",
    hint="the slope comes back without the upstream gradient. What does the chain rule "
    "do with grad_y?",
)
def slope_only(grad_y, cache):
    (y,) = cache
    return y * (1 - y)


@mistake(
    "sigmoid_backward",
    hint="this is the slope of tanh. What comes out if you differentiate "
    "1 / (1 + exp(-x)) and write it with y?",
)
def slope_of_tanh(grad_y, cache):
    (y,) = cache
    return grad_y * (1 - y * y)


@mistake(
    "sigmoid_backward",
    hint="the sign is wrong. Does the sigmoid rise or fall?",
)
def slope_negative(grad_y, cache):
    (y,) = cache
    return grad_y * y * (y - 1)


@mistake(
    "sigmoid_backward",
    hint="one factor of the slope is missing, so it does not go to 0 on one side. How "
    "steep is the sigmoid far out, on either side?",
)
def one_factor_only(grad_y, cache):
    (y,) = cache
    return grad_y * (1 - y)


@mistake(
    "sigmoid_backward",
    hint="the slope is grad_y times y, without a factor that goes to 0 far above 0. "
    "How steep is the sigmoid at 1000?",
)
def the_other_factor_only(grad_y, cache):
    (y,) = cache
    return grad_y * y


@mistake(
    "sigmoid_backward",
    hint="y, which is a sigmoid already, goes through the sigmoid again. What did the "
    "forward pass put into the cache?",
)
def sigmoid_twice(grad_y, cache):
    (y,) = cache
    again = 1 / (1 + np.exp(-y))
    return grad_y * again * (1 - again)


@mistake(
    "sigmoid_backward",
    hint="the gradient is averaged over the examples. Does one example's x change "
    "another one's y?",
)
def averaged(grad_y, cache):
    (y,) = cache
    return grad_y * y * (1 - y) / max(len(y), 1)


def forward_with_x_in_its_cache(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small), (x,)


@mistake(
    "sigmoid_backward",
    hint="the slope is computed from x, and its exponential overflows far below 0. "
    "Could it be made of y alone?",
    sigmoid_forward=forward_with_x_in_its_cache,
)
def slope_from_x(grad_y, cache):
    (x,) = cache
    return grad_y * np.exp(-x) / (1 + np.exp(-x)) ** 2


@mistake(
    "sigmoid_backward",
    hint="the cached y is changed. What happens when backward runs a second time?",
)
def cached_y_in_place(grad_y, cache):
    (y,) = cache
    y *= 1 - y
    return grad_y * y


@mistake(
    "sigmoid_backward",
    hint="grad_y itself is changed. Which operation writes into the array that the "
    "caller still holds?",
)
def upstream_in_place(grad_y, cache):
    (y,) = cache
    grad_y *= y * (1 - y)
    return grad_y.copy()


@mistake(
    "sigmoid_backward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of y?",
)
def upcast_slope(grad_y, cache):
    (y,) = cache
    return grad_y * y * (np.ones(y.shape) - y)


@mistake(
    "sigmoid_backward",
    hint="a tuple comes back where there is one gradient. What does a trailing comma "
    "make?",
)
def gradient_in_a_tuple(grad_y, cache):
    (y,) = cache
    return (grad_y * y * (1 - y),)


@right("sigmoid_backward")
def by_squares(grad_y, cache):
    (y,) = cache
    return grad_y * y - grad_y * y**2


@right("sigmoid_backward")
def around_the_middle(grad_y, cache):
    (y,) = cache
    return np.multiply(grad_y, 0.25 - np.square(y - 0.5))
