"""Chapter 3: what students get wrong in `prelu_forward`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.teaching.activations import prelu_forward

reference(__name__, prelu_forward)


def by_channel(x, weight):
    return weight.reshape(-1, *(1,) * (x.ndim - 2))


@mistake(
    "prelu_forward",
    hint="weight meets the last axis of x, which is the channels only where x has two "
    "axes. Which shape makes it meet axis 1?",
)
def slopes_on_the_last_axis(x, weight):
    return np.where(x > 0, x, weight * x), (x, by_channel(x, weight))


@mistake(
    "prelu_forward",
    hint="weight meets axis 0, the examples. On which axis stand the channels?",
)
def slopes_on_the_batch(x, weight):
    slopes = weight.reshape(-1, *(1,) * (x.ndim - 1))
    return np.where(x > 0, x, slopes * x), (x, by_channel(x, weight))


@mistake(
    "prelu_forward",
    hint="the larger of x and slope times x is taken. Is that right for a slope above "
    "1, or below 0?",
)
def larger_of_the_two(x, weight):
    slopes = by_channel(x, weight)
    return np.maximum(x, slopes * x), (x, slopes)


@mistake(
    "prelu_forward",
    hint="the slope multiplies the positive entries. Which ones does it belong to?",
)
def slope_on_the_wrong_side(x, weight):
    slopes = by_channel(x, weight)
    return np.where(x < 0, x, slopes * x), (x, slopes)


@mistake(
    "prelu_forward",
    hint="negative entries become zero, as with ReLU. What does weight do to them?",
)
def slopes_ignored(x, weight):
    return np.maximum(x, 0), (x, by_channel(x, weight))


@mistake(
    "prelu_forward",
    hint="every channel gets the slope of the first. Which entry of weight belongs to "
    "channel c?",
)
def one_slope_for_all(x, weight):
    return np.where(x > 0, x, weight[0] * x), (x, by_channel(x, weight))


@mistake(
    "prelu_forward",
    hint="negative entries change their sign. What is -2 times a slope of 0.5?",
)
def magnitude_of_the_negative(x, weight):
    slopes = by_channel(x, weight)
    return np.where(x > 0, x, slopes * np.abs(x)), (x, slopes)


@mistake(
    "prelu_forward",
    hint="weight multiplies every entry. What does PReLU do where x is positive?",
)
def everything_multiplied(x, weight):
    slopes = by_channel(x, weight)
    return slopes * x, (x, slopes)


@mistake(
    "prelu_forward",
    hint="only images, with four axes, work. How many axes of size 1 does weight need "
    "for any x?",
)
def images_only(x, weight):
    slopes = weight[None, :, None, None]
    return np.where(x > 0, x, slopes * x), (x, by_channel(x, weight))


@mistake(
    "prelu_forward",
    hint="x itself is changed. Which operation writes into the array that the caller "
    "still holds?",
)
def x_in_place(x, weight):
    original, slopes = x.copy(), by_channel(x, weight)
    x *= np.where(x > 0, 1, slopes)
    return x.copy(), (original, slopes)


@mistake(
    "prelu_forward",
    hint="weight itself gets another shape. Which way to reshape leaves the caller's "
    "array as it was?",
)
def weight_reshaped_in_place(x, weight):
    slopes = weight.copy().reshape(-1, *(1,) * (x.ndim - 2))
    weight.shape = (1, len(slopes), *(1,) * (x.ndim - 2))
    return np.where(x > 0, x, weight * x), (x, slopes)


@mistake(
    "prelu_forward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of x?",
)
def upcast_prelu(x, weight):
    slopes = by_channel(x, weight)
    y = np.zeros(x.shape)
    y += np.where(x > 0, x, slopes * x)
    return y, (x, slopes)


@mistake(
    "prelu_forward",
    hint="y comes back alone. What else does the docstring promise, for the backward "
    "pass to use?",
)
def prelu_without_cache(x, weight):
    return np.where(x > 0, x, by_channel(x, weight) * x)


@right("prelu_forward")
def forward_by_two_parts(x, weight):
    slopes = by_channel(x, weight)
    return np.maximum(x, 0) + slopes * np.minimum(x, 0), (x, slopes)


@right("prelu_forward")
def forward_with_channels_last(x, weight):
    last = np.moveaxis(x, 1, -1)
    y = np.moveaxis(last * (last > 0) + weight * last * (last <= 0), -1, 1)
    return y, [x, by_channel(x, weight)]


@right("prelu_forward")
def forward_channel_by_channel(x, weight):
    y = x.copy()
    for c in range(len(weight)):
        channel = y[:, c]
        channel[channel < 0] *= weight[c]
    return y, (x, by_channel(x, weight))
