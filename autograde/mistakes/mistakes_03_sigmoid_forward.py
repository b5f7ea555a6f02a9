"""Chapter 3: what students get wrong in `sigmoid_forward`."""

import math

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.teaching.activations import loudly, sigmoid_forward

reference(__name__, loudly, sigmoid_forward)


@mistake(
    "sigmoid_forward",
    hint="exp(-x) overflows far below 0. Which exponential of a negative x is small?",
)
def one_form_for_all(x):
    y = 1 / (1 + np.exp(-x))
    return y, (y,)


@mistake(
    "sigmoid_forward",
    hint="exp(x) overflows far above 0, and infinity over infinity is not a number. "
    "Which exponential of a positive x is small?",
)
def the_other_form_for_all(x):
    y = np.exp(x) / (1 + np.exp(x))
    return y, (y,)


@mistake(
    "sigmoid_forward",
    hint="the values are right, but np.where computes both of its branches for every "
    "entry. Can one exponential serve both branches?",
)
def both_branches_everywhere(x):
    y = np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))
    return y, (y,)


@mistake(
    "sigmoid_forward",
    hint="x is limited before the exponential, but not enough for float32, whose "
    "largest number is near exp(88). Would a formula for each sign need a limit?",
)
def limited_for_float64_only(x):
    y = 1 / (1 + np.exp(-np.clip(x, -500, 500)))
    return y, (y,)


@mistake(
    "sigmoid_forward",
    hint="x is limited so tightly that y is wrong beyond. What should y be at -20?",
)
def limited_too_tightly(x):
    y = 1 / (1 + np.exp(-np.clip(x, -10, 10)))
    return y, (y,)


@mistake(
    "sigmoid_forward",
    hint="the sign of x is turned around: y falls where it should rise. What does the "
    "formula have in its exponent?",
)
def falling(x):
    small = np.exp(-np.abs(x))
    y = np.where(x >= 0, small, 1) / (1 + small)
    return y, (y,)


@mistake(
    "sigmoid_forward",
    hint="negative and positive entries are treated alike. What should y be at -1, if "
    "it is 0.73 at 1?",
)
def the_sign_forgotten(x):
    y = 1 / (1 + np.exp(-np.abs(x)))
    return y, (y,)


@mistake(
    "sigmoid_forward",
    hint="an entry of exactly 0 belongs to neither of the two cases. What is y there?",
)
def zero_left_out(x):
    y = np.zeros_like(x)
    y[x > 0] = 1 / (1 + np.exp(-x[x > 0]))
    small = np.exp(x[x < 0])
    y[x < 0] = small / (1 + small)
    return y, (y,)


@mistake(
    "sigmoid_forward",
    hint="an `if` asks a whole array whether it is positive. How can each entry get an "
    "answer of its own?",
)
def if_of_an_array(x):
    y = 1 / (1 + np.exp(-x)) if x >= 0 else np.exp(x) / (1 + np.exp(x))
    return y, (y,)


@mistake(
    "sigmoid_forward",
    hint="the formula is chosen once for the whole array. What if one entry is -1000 "
    "and another 1000?",
)
def chosen_for_the_array(x):
    if (x >= 0).all():
        y = 1 / (1 + np.exp(-x))
        return y, (y,)
    y = np.exp(x) / (1 + np.exp(x))
    return y, (y,)


@mistake(
    "sigmoid_forward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of x?",
)
def upcast_sigmoid(x):
    small = np.exp(-np.abs(x))
    y = np.zeros(x.shape)
    y += np.where(x >= 0, 1, small) / (1 + small)
    return y, (y,)


@mistake(
    "sigmoid_forward",
    hint="the answer is always float32. Which line fixes the dtype?",
)
def always_float32_sigmoid(x):
    small = np.exp(-np.abs(x))
    y = (np.where(x >= 0, 1, small) / (1 + small)).astype(np.float32)
    return y, (y,)


@mistake(
    "sigmoid_forward",
    hint="x itself is limited. Which operation writes into the array that the caller "
    "still holds?",
)
def limited_in_place(x):
    original = x.copy()
    np.clip(x, -80, 80, out=x)
    small = np.exp(-np.abs(original))
    y = np.where(original >= 0, 1, small) / (1 + small)
    return y, (y,)


@mistake(
    "sigmoid_forward",
    hint="only arrays with one axis work. Which way to write it does not care how many "
    "axes x has?",
)
def one_axis_only(x):
    y = np.zeros_like(x)
    for i in range(len(x)):
        small = math.exp(-abs(x[i]))
        y[i] = (1 if x[i] >= 0 else small) / (1 + small)
    return y, (y,)


@mistake(
    "sigmoid_forward",
    hint="y comes back alone. What else does the docstring promise, for the backward "
    "pass to use?",
)
def sigmoid_without_cache(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


@mistake(
    "sigmoid_forward",
    hint="this is the hyperbolic tangent, or a scaled one: it goes from -1 to 1. Which "
    "range has the sigmoid?",
)
def tangent_of_half(x):
    y = np.tanh(x / 2)
    return y, (y,)


@right("sigmoid_forward")
def by_masks(x):
    y, positive = np.empty_like(x), x >= 0
    y[positive] = 1 / (1 + np.exp(-x[positive]))
    small = np.exp(x[~positive])
    y[~positive] = small / (1 + small)
    return y, (y,)


@right("sigmoid_forward")
def by_the_tangent(x):
    y = 0.5 * (1 + np.tanh(0.5 * x))
    return y, (y,)


@right("sigmoid_forward")
def by_logaddexp(x):
    y = np.exp(-np.logaddexp(0, -x))
    return y, (y,)


@right("sigmoid_forward")
def silenced(x):
    with np.errstate(over="ignore"):
        y = 1 / (1 + np.exp(-x))
    return y, (y,)
