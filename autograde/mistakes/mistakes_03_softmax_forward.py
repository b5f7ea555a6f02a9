"""Chapter 3: what students get wrong in `softmax_forward`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.teaching.activations import softmax_forward

reference(__name__, softmax_forward)


def along(x, dim):
    """The right softmax, for mistakes that are made after it."""
    powers = np.exp(x - x.max(axis=dim, keepdims=True))
    return powers / powers.sum(axis=dim, keepdims=True)


@mistake(
    "softmax_forward",
    hint="exp overflows for large entries. What may be subtracted from all entries of "
    "a line without changing their softmax?",
)
def nothing_subtracted(x, *, dim=-1):
    y = np.exp(x) / np.exp(x).sum(axis=dim, keepdims=True)
    return y, (y, dim)


@mistake(
    "softmax_forward",
    hint="one maximum of the whole array is subtracted. What is left of a line whose "
    "entries are all far below it?",
)
def one_maximum_for_all(x, *, dim=-1):
    powers = np.exp(x - x.max()) if x.size else np.exp(x)
    y = powers / powers.sum(axis=dim, keepdims=True)
    return y, (y, dim)


@mistake(
    "softmax_forward",
    hint="the smallest entry is subtracted. How large can exp become then?",
)
def smallest_subtracted(x, *, dim=-1):
    powers = np.exp(x - x.min(axis=dim, keepdims=True))
    y = powers / powers.sum(axis=dim, keepdims=True)
    return y, (y, dim)


@mistake(
    "softmax_forward",
    hint="the mean is subtracted. How far above the mean can an entry lie?",
)
def mean_subtracted(x, *, dim=-1):
    powers = np.exp(x - x.mean(axis=dim, keepdims=True))
    y = powers / powers.sum(axis=dim, keepdims=True)
    return y, (y, dim)


@mistake(
    "softmax_forward",
    hint="entries are limited before the exponential. What becomes of two different "
    "entries that are both beyond the limit?",
)
def entries_limited(x, *, dim=-1):
    powers = np.exp(np.clip(x, -500, 500))
    y = powers / powers.sum(axis=dim, keepdims=True)
    return y, (y, dim)


@mistake(
    "softmax_forward",
    hint="dim has no effect: the last axis is always taken. Along which axis must y "
    "add up to 1?",
)
def always_the_last_axis(x, *, dim=-1):
    return along(x, -1), (along(x, -1), dim)


@mistake(
    "softmax_forward",
    hint="dim has no effect: axis 0 is always taken. Along which axis must y add up to "
    "1?",
)
def always_axis_0(x, *, dim=-1):
    powers = np.exp(x - x.max(axis=0, keepdims=True, initial=-np.inf))
    y = powers / powers.sum(axis=0, keepdims=True)
    return y, (y, dim)


@mistake(
    "softmax_forward",
    hint="axis 1 is always taken. What if x has one axis, or dim is another one?",
)
def always_axis_1(x, *, dim=-1):
    return along(x, 1), (along(x, 1), dim)


@mistake(
    "softmax_forward",
    hint="the whole array adds up to 1. What should add up to 1 instead?",
)
def one_sum_for_all(x, *, dim=-1):
    powers = np.exp(x - x.max(axis=dim, keepdims=True))
    y = powers / powers.sum()
    return y, (y, dim)


@mistake(
    "softmax_forward",
    hint="the sum lost its axis, so it is broadcast against another one, or against "
    "none. How can a sum keep an axis of size 1?",
)
def sums_without_keepdims(x, *, dim=-1):
    powers = np.exp(x - x.max(axis=dim, keepdims=True))
    y = powers / powers.sum(axis=dim)
    return y, (y, dim)


@mistake(
    "softmax_forward",
    hint="the maximum is taken along the last axis, the sum along dim. Must all "
    "entries of a line lose the same number?",
)
def maximum_along_another_axis(x, *, dim=-1):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    y = powers / powers.sum(axis=dim, keepdims=True)
    return y, (y, dim)


@mistake(
    "softmax_forward",
    hint="the exponentials are not divided by their sum. What must y add up to?",
)
def exponentials_only(x, *, dim=-1):
    y = np.exp(x - x.max(axis=dim, keepdims=True))
    return y, (y, dim)


@mistake(
    "softmax_forward",
    hint="the entries themselves are divided by their sum. Where does the formula have "
    "an exponential?",
)
def no_exponential(x, *, dim=-1):
    y = x / x.sum(axis=dim, keepdims=True)
    return y, (y, dim)


@mistake(
    "softmax_forward",
    hint="this is the logarithm of softmax. Are the entries of y positive?",
)
def logarithm_returned(x, *, dim=-1):
    shifted = x - x.max(axis=dim, keepdims=True)
    y = shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))
    return y, (np.exp(y), dim)


@mistake(
    "softmax_forward",
    hint="a small number is added to the sum, and y no longer adds up to 1. Can the "
    "sum be 0 once the maximum is subtracted?",
)
def something_added_to_the_sum(x, *, dim=-1):
    powers = np.exp(x - x.max(axis=dim, keepdims=True))
    y = powers / (powers.sum(axis=dim, keepdims=True) + 1e-6)
    return y, (y, dim)


@mistake(
    "softmax_forward",
    hint="x itself is changed. Which operation writes into the array that the caller "
    "still holds?",
)
def shifted_in_place(x, *, dim=-1):
    x -= x.max(axis=dim, keepdims=True)
    y = np.exp(x) / np.exp(x).sum(axis=dim, keepdims=True)
    return y, (y, dim)


@mistake(
    "softmax_forward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of x?",
)
def upcast_softmax(x, *, dim=-1):
    y = np.zeros(x.shape)
    y += along(x, dim)
    return y, (y, dim)


@mistake(
    "softmax_forward",
    hint="y comes back alone. What else does the docstring promise, for the backward "
    "pass to use?",
)
def softmax_without_cache(x, *, dim=-1):
    return along(x, dim)


@mistake(
    "softmax_forward",
    hint="a small number is added to the sum, and y no longer adds up to 1. Which "
    "entry keeps the sum from being 0?",
)
def sum_made_larger(x, *, dim=-1):
    powers = np.exp(x - x.max(axis=dim, keepdims=True))
    y = powers / (powers.sum(axis=dim, keepdims=True) + 1e-8)
    return y, (y, dim)


@right("softmax_forward")
def by_its_logarithm(x, *, dim=-1):
    shifted = x - x.max(axis=dim, keepdims=True)
    y = np.exp(shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True)))
    return y, (y, dim)


@right("softmax_forward")
def with_the_axis_last(x, *, dim=-1):
    last = np.moveaxis(x, dim, -1)
    powers = np.exp(last - np.max(last, axis=-1)[..., None])
    y = np.moveaxis(powers / np.sum(powers, axis=-1)[..., None], -1, dim)
    return y, [y, dim]


@right("softmax_forward")
def line_by_line(x, *, dim=-1):
    def one(line):
        powers = np.exp(line - max(line))
        return powers / powers.sum()

    y = np.apply_along_axis(one, dim, x) if x.size else x.copy()
    return y, (y, dim)
