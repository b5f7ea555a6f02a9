"""Chapter 2: what students get wrong in `linear_forward`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.linear import linear_forward

reference(__name__, linear_forward)

TRUTH = "bias is asked whether it is true. How do you ask whether it is None?"


@mistake(
    "linear_forward",
    hint="x is multiplied by weight as it stands. weight has one row for each output "
    "feature: which of its axes has to meet the features of x?",
)
def weight_not_transposed(x, weight, bias=None):
    y = x @ weight
    if bias is not None:
        y = y + bias
    return y, (x, weight, bias is not None)


@mistake(
    "linear_forward",
    hint="the bias is missing from y. What does the formula add after the product?",
)
def bias_ignored(x, weight, bias=None):
    return x @ weight.T, (x, weight, bias is not None)


@mistake(
    "linear_forward",
    hint="the bias is always added. What should happen when bias is None?",
)
def bias_always_added(x, weight, bias=None):
    return x @ weight.T + bias, (x, weight, True)


@mistake(
    "linear_forward",
    hint="the bias is subtracted. Which sign does b have in y = x W^T + b?",
)
def bias_subtracted(x, weight, bias=None):
    y = x @ weight.T
    if bias is not None:
        y = y - bias
    return y, (x, weight, bias is not None)


@mistake(
    "linear_forward",
    hint="only two axes of x work. Which operation multiplies along the last axis, "
    "however many axes stand before it?",
)
def two_axes_only(x, weight, bias=None):
    N, D = x.shape
    y = np.zeros((N, len(weight)), dtype=x.dtype)
    for d in range(D):
        y += np.outer(x[:, d], weight[:, d])
    if bias is not None:
        y = y + bias
    return y, (x, weight, bias is not None)


@mistake(
    "linear_forward",
    hint="all leading axes of x have become one. Should y not keep every axis of x but "
    "the last?",
)
def leading_axes_merged(x, weight, bias=None):
    rows = x.reshape(-1, x.shape[-1])
    y = rows @ weight.T
    if bias is not None:
        y = y + bias
    return y, (x, weight, bias is not None)


@mistake(
    "linear_forward",
    hint="the loop reaches one leading axis. What does x.shape[0] count when x has "
    "three axes, and what when it has one?",
)
def loop_over_the_first_axis_of_two(x, weight, bias=None):
    y = np.zeros((x.shape[0], weight.shape[0]), x.dtype)
    for n in range(x.shape[0]):
        y[n] = weight @ x[n]
    if bias is not None:
        y = y + bias
    return y, (x, weight, bias is not None)


@mistake(
    "linear_forward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of x?",
)
def upcast_forward(x, weight, bias=None):
    y = np.zeros((*x.shape[:-1], weight.shape[0]))
    y += x @ weight.T
    if bias is not None:
        y += bias
    return y, (x, weight, bias is not None)


@mistake(
    "linear_forward",
    hint="float64 goes in, float32 comes out. Which line fixes the dtype?",
)
def always_float32(x, weight, bias=None):
    y = (x @ weight.T).astype(np.float32)
    if bias is not None:
        y = y + bias.astype(np.float32)
    return y, (x, weight, bias is not None)


@mistake(
    "linear_forward",
    hint="y comes back alone. What else does the docstring promise, for the backward "
    "pass to use?",
)
def no_cache(x, weight, bias=None):
    y = x @ weight.T
    return y if bias is None else y + bias


@mistake(
    "linear_forward",
    hint="x itself is changed. Which operation writes into the array that the caller "
    "still holds?",
)
def centered_in_place(x, weight, bias=None):
    original = x.copy()
    x -= x.mean()
    y = original @ weight.T
    if bias is not None:
        y = y + bias
    return y, (original, weight, bias is not None)


@mistake(
    "linear_forward",
    hint="weight itself is changed. Is there a way to use it without writing into it?",
)
def weight_scaled_in_place(x, weight, bias=None):
    original = weight.copy()
    weight *= 0
    y = x @ original.T
    if bias is not None:
        y = y + bias
    return y, (x, original, bias is not None)


@mistake("linear_forward", hint=TRUTH)
def bias_asked_whether_true(x, weight, bias=None):
    y = x @ weight.T
    if bias:
        y = y + bias
    return y, (x, weight, bias is not None)


@mistake("linear_forward", hint=TRUTH)
def bias_or_zero(x, weight, bias=None):
    return x @ weight.T + (bias or 0), (x, weight, bias is not None)


@mistake(
    "linear_forward",
    hint="every axis but the first counts as features. In x of shape (N, T, D), which "
    "axis meets weight?",
)
def features_joined(x, weight, bias=None):
    y = x.reshape(len(x), -1) @ weight.T
    if bias is not None:
        y = y + bias
    return y, (x, weight, bias is not None)


@mistake(
    "linear_forward",
    hint="x.T turns all axes of x around. Which product leaves the leading axes where "
    "they are?",
)
def all_axes_transposed(x, weight, bias=None):
    y = (weight @ x.T).T
    if bias is not None:
        y = y + bias
    return y, (x, weight, bias is not None)


@mistake(
    "linear_forward",
    hint="x itself gets another shape. Which way to reshape leaves the caller's array "
    "as it was?",
)
def x_reshaped_in_place(x, weight, bias=None):
    shape = x.shape
    x.shape = (-1, shape[-1])
    y = x @ weight.T
    if bias is not None:
        y = y + bias
    y = y.reshape(*shape[:-1], len(weight))
    return y, (x.reshape(shape), weight, bias is not None)


@right("linear_forward")
def forward_by_einsum(x, weight, bias=None):
    y = np.einsum("...d,kd->...k", x, weight)
    return (y if bias is None else y + bias), (x, weight, bias is not None)


@right("linear_forward")
def forward_by_loops(x, weight, bias=None):
    rows = x.reshape(-1, x.shape[-1])
    y = np.zeros((len(rows), len(weight)), dtype=x.dtype)
    for n in range(len(rows)):
        for k in range(len(weight)):
            for d in range(x.shape[-1]):
                y[n, k] += rows[n, d] * weight[k, d]
            if bias is not None:
                y[n, k] += bias[k]
    return y.reshape(*x.shape[:-1], len(weight)), (x, weight, bias is not None)


@right("linear_forward")
def forward_by_dot(x, weight, bias=None):
    if bias is None:
        bias = np.zeros(weight.shape[0], dtype=weight.dtype)
        has_bias = False
    else:
        has_bias = True
    return np.add(np.dot(x, np.transpose(weight)), bias), [x, weight, has_bias]
