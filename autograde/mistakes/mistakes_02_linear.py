"""Chapter 2: what students get wrong in linear, flatten and bilinear."""

import math

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.linear import linear_backward, linear_forward
from solutions.shape import flatten_backward, flatten_forward
from solutions.teaching.bilinear import bilinear_backward, bilinear_forward

reference(
    __name__,
    linear_forward,
    linear_backward,
    flatten_forward,
    flatten_backward,
    bilinear_forward,
    bilinear_backward,
)


# linear_forward


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


# linear_backward


@mistake(
    "linear_backward",
    hint="weight is transposed where it should not be, or the other way round. grad_y "
    "has K entries in a row, grad_x has D: which axis of weight is summed over?",
)
def grad_x_by_the_transpose(grad_y, cache):
    x, weight, has_bias = cache
    rows_x = x.reshape(-1, x.shape[-1])
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    grad_bias = rows_grad.sum(axis=0) if has_bias else None
    return grad_y @ weight.T, rows_grad.T @ rows_x, grad_bias


@mistake(
    "linear_backward",
    hint="grad_weight is transposed. Which of its axes counts output features, as in "
    "weight itself?",
)
def grad_weight_transposed(grad_y, cache):
    x, weight, has_bias = cache
    rows_x = x.reshape(-1, x.shape[-1])
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    grad_bias = rows_grad.sum(axis=0) if has_bias else None
    return grad_y @ weight, rows_x.T @ rows_grad, grad_bias


@mistake(
    "linear_backward",
    hint="the gradient of bias is averaged over the examples. Every example used the "
    "same bias: what does its gradient do over examples?",
)
def bias_gradient_is_a_mean(grad_y, cache):
    x, weight, has_bias = cache
    rows_x = x.reshape(-1, x.shape[-1])
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    grad_bias = rows_grad.mean(axis=0) if has_bias else None
    return grad_y @ weight, rows_grad.T @ rows_x, grad_bias


@mistake(
    "linear_backward",
    hint="the gradient of weight is divided by the number of examples. Does L, whose "
    "gradient comes in as grad_y, already say what is averaged?",
)
def weight_gradient_is_a_mean(grad_y, cache):
    x, weight, has_bias = cache
    rows_x = x.reshape(-1, x.shape[-1])
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    grad_bias = rows_grad.sum(axis=0) if has_bias else None
    return grad_y @ weight, rows_grad.T @ rows_x / max(len(rows_x), 1), grad_bias


@mistake(
    "linear_backward",
    hint="the gradients of weight and bias are both divided by the number of examples. "
    "Where was an average taken in the forward pass?",
)
def both_gradients_are_means(grad_y, cache):
    x, weight, has_bias = cache
    rows_x = x.reshape(-1, x.shape[-1])
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    N = max(len(rows_x), 1)
    grad_bias = rows_grad.sum(axis=0) / N if has_bias else None
    return grad_y @ weight, rows_grad.T @ rows_x / N, grad_bias


@mistake(
    "linear_backward",
    hint="the gradient of bias is summed over the first axis only. When x has shape "
    "(N, T, D), how often is the bias used?",
)
def bias_summed_over_axis_0(grad_y, cache):
    x, weight, has_bias = cache
    rows_x = x.reshape(-1, x.shape[-1])
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    grad_bias = grad_y.sum(axis=0) if has_bias else None
    return grad_y @ weight, rows_grad.T @ rows_x, grad_bias


@mistake(
    "linear_backward",
    hint="the gradient of bias is not summed over the examples. What is its shape, and "
    "what is that of grad_y?",
)
def bias_gradient_not_summed(grad_y, cache):
    x, weight, has_bias = cache
    rows_x = x.reshape(-1, x.shape[-1])
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    return grad_y @ weight, rows_grad.T @ rows_x, grad_y if has_bias else None


@mistake(
    "linear_backward",
    hint="the gradient of bias keeps an axis of size 1. Which shape has bias itself?",
)
def bias_gradient_keeps_its_axis(grad_y, cache):
    x, weight, has_bias = cache
    rows_x = x.reshape(-1, x.shape[-1])
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    grad_bias = rows_grad.sum(axis=0, keepdims=True) if has_bias else None
    return grad_y @ weight, rows_grad.T @ rows_x, grad_bias


@mistake(
    "linear_backward",
    hint="only two axes work. Could all leading axes be counted as examples before the "
    "product?",
)
def backward_for_two_axes_only(grad_y, cache):
    x, weight, has_bias = cache
    grad_bias = grad_y.sum(axis=0) if has_bias else None
    return grad_y @ weight, grad_y.T @ x, grad_bias


@mistake(
    "linear_backward",
    hint="there is a gradient of bias although there was no bias. What does the "
    "docstring say for that case?",
)
def bias_gradient_without_bias(grad_y, cache):
    x, weight, _ = cache
    rows_x = x.reshape(-1, x.shape[-1])
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    return grad_y @ weight, rows_grad.T @ rows_x, rows_grad.sum(axis=0)


@mistake(
    "linear_backward",
    hint="the gradients of x and weight stand in each other's place. In which order "
    "are the arguments of linear_forward?",
)
def gradients_in_another_order(grad_y, cache):
    x, weight, has_bias = cache
    rows_x = x.reshape(-1, x.shape[-1])
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    grad_bias = rows_grad.sum(axis=0) if has_bias else None
    return rows_grad.T @ rows_x, grad_y @ weight, grad_bias


@mistake(
    "linear_backward",
    hint="grad_y itself is changed. Which operation writes into the array that the "
    "caller still holds?",
)
def grad_y_in_place(grad_y, cache):
    x, weight, has_bias = cache
    rows_x = x.reshape(-1, x.shape[-1])
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1]).copy()
    grad_x = grad_y @ weight
    grad_y *= 0
    return grad_x, rows_grad.T @ rows_x, rows_grad.sum(axis=0) if has_bias else None


@mistake(
    "linear_backward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of grad_y?",
)
def upcast_backward(grad_y, cache):
    x, weight, has_bias = cache
    rows_x = x.reshape(-1, x.shape[-1])
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    grad_weight = np.zeros(weight.shape)
    grad_weight += rows_grad.T @ rows_x
    grad_bias = rows_grad.sum(axis=0) if has_bias else None
    return grad_y @ weight, grad_weight, grad_bias


@right("linear_backward")
def backward_by_einsum(grad_y, cache):
    x, weight, has_bias = cache
    (K, D), N = weight.shape, grad_y[..., 0].size
    rows_grad, rows_x = grad_y.reshape(N, K), x.reshape(N, D)
    grad_x = np.einsum("...k,kd->...d", grad_y, weight)
    grad_weight = np.einsum("nk,nd->kd", rows_grad, rows_x)
    return grad_x, grad_weight, np.einsum("nk->k", rows_grad) if has_bias else None


@right("linear_backward")
def backward_by_loops(grad_y, cache):
    x, weight, has_bias = cache
    rows_x = x.reshape(-1, x.shape[-1])
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    grad_rows, grad_weight = np.zeros_like(rows_x), np.zeros_like(weight)
    grad_bias = np.zeros_like(weight[:, 0]) if has_bias else None
    for n in range(len(rows_x)):
        for k in range(len(weight)):
            grad_rows[n] += rows_grad[n, k] * weight[k]
            grad_weight[k] += rows_grad[n, k] * rows_x[n]
            if has_bias:
                grad_bias[k] += rows_grad[n, k]
    return [grad_rows.reshape(x.shape), grad_weight, grad_bias]


@right("linear_backward")
def backward_by_tensordot(grad_y, cache):
    x, weight, has_bias = cache
    leading = tuple(range(grad_y.ndim - 1))
    grad_weight = np.tensordot(grad_y, x, axes=(leading, leading))
    grad_bias = np.sum(grad_y, axis=leading) if has_bias else None
    return np.dot(grad_y, weight), grad_weight, grad_bias


# flatten_forward


@mistake(
    "flatten_forward",
    hint="start_dim and end_dim have no effect. Which axes stay when start_dim is 0?",
)
def options_ignored(x, *, start_dim=1, end_dim=-1):
    return x.reshape(len(x), math.prod(x.shape[1:])), (x.shape,)


@mistake(
    "flatten_forward",
    hint="end_dim has no effect: every axis from start_dim on is joined. What stands "
    "after end_dim in the shape of y?",
)
def end_dim_ignored(x, *, start_dim=1, end_dim=-1):
    start = range(x.ndim)[start_dim]
    joined = math.prod(x.shape[start:])
    return x.reshape(*x.shape[:start], joined), (x.shape,)


@mistake(
    "flatten_forward",
    hint="start_dim has no effect: the first axis always stays. What should come out "
    "when start_dim is 0?",
)
def start_dim_ignored(x, *, start_dim=1, end_dim=-1):
    end = range(x.ndim)[end_dim]
    joined = math.prod(x.shape[1 : end + 1])
    return x.reshape(x.shape[0], joined, *x.shape[end + 1 :]), (x.shape,)


@mistake(
    "flatten_forward",
    hint="the axis end_dim is left out. Is end_dim included, and what does a slice do "
    "with its end?",
)
def end_dim_exclusive(x, *, start_dim=1, end_dim=-1):
    start, end = range(x.ndim)[start_dim], range(x.ndim)[end_dim]
    joined = math.prod(x.shape[start:end])
    return x.reshape(*x.shape[:start], joined, *x.shape[end:]), (x.shape,)


@mistake(
    "flatten_forward",
    hint="the batch has been joined too. How many rows should y have for N examples?",
)
def batch_joined(x, *, start_dim=1, end_dim=-1):
    return x.reshape(-1), (x.shape,)


@mistake(
    "flatten_forward",
    hint="the shape is right, but the entries come in another order. Which axis runs "
    "fastest when torch flattens, the first or the last?",
)
def order_of_fortran(x, *, start_dim=1, end_dim=-1):
    start, end = range(x.ndim)[start_dim], range(x.ndim)[end_dim]
    joined = math.prod(x.shape[start : end + 1])
    shape = (*x.shape[:start], joined, *x.shape[end + 1 :])
    return x.reshape(shape, order="F"), (x.shape,)


@mistake(
    "flatten_forward",
    hint="it fails for an empty batch. What can -1 stand for when there is no entry to "
    "count?",
)
def size_left_to_reshape(x, *, start_dim=1, end_dim=-1):
    start, end = range(x.ndim)[start_dim], range(x.ndim)[end_dim]
    return x.reshape(*x.shape[:start], -1, *x.shape[end + 1 :]), (x.shape,)


@mistake(
    "flatten_forward",
    hint="x itself gets the new shape. What does the caller find in x afterwards?",
)
def shape_set_in_place(x, *, start_dim=1, end_dim=-1):
    start, end = range(x.ndim)[start_dim], range(x.ndim)[end_dim]
    shape = x.shape
    joined = math.prod(shape[start : end + 1])
    x.resize((*shape[:start], joined, *shape[end + 1 :]), refcheck=False)
    return x.copy(), (shape,)


@right("flatten_forward")
def flatten_by_counting(x, *, start_dim=1, end_dim=-1):
    start, end = start_dim % x.ndim, end_dim % x.ndim
    shape, joined = list(x.shape), 1
    for size in shape[start : end + 1]:
        joined *= size
    shape[start : end + 1] = [joined]
    return np.reshape(x, shape), [x.shape]


@right("flatten_forward")
def flatten_by_loop(x, *, start_dim=1, end_dim=-1):
    start, end = range(x.ndim)[start_dim], range(x.ndim)[end_dim]
    y = x
    for _ in range(end - start):
        joined = y.shape[start] * y.shape[start + 1]
        y = y.reshape(*y.shape[:start], joined, *y.shape[start + 2 :])
    return y, (x.shape,)


# flatten_backward


@mistake(
    "flatten_backward",
    hint="grad_y comes back as it came. What shape must the gradient of x have?",
)
def grad_y_returned(grad_y, cache):
    return grad_y


@mistake(
    "flatten_backward",
    hint="the shape is right, but the entries stand in other places. In which order "
    "did the forward pass put them?",
)
def backward_in_order_of_fortran(grad_y, cache):
    (shape,) = cache
    return grad_y.reshape(shape, order="F")


@mistake(
    "flatten_backward",
    hint="the first axis of grad_y is taken for the batch. What if start_dim was 0?",
)
def batch_axis_assumed(grad_y, cache):
    (shape,) = cache
    return grad_y.reshape(len(grad_y), *shape[1:])


@mistake(
    "flatten_backward",
    hint="the gradient is all zeros. Flatten moves each entry of x: with what factor "
    "does an entry of y change when that entry of x does?",
)
def zero_gradient(grad_y, cache):
    (shape,) = cache
    return np.zeros(shape, grad_y.dtype)


@mistake(
    "flatten_backward",
    hint="the gradient is all ones. Where does the upstream gradient come in?",
)
def ones_gradient(grad_y, cache):
    (shape,) = cache
    return np.ones(shape, grad_y.dtype)


@mistake(
    "flatten_backward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of grad_y?",
)
def flatten_upcast(grad_y, cache):
    (shape,) = cache
    grad_x = np.zeros(shape)
    grad_x += grad_y.reshape(shape)
    return grad_x


@mistake(
    "flatten_backward",
    hint="grad_y itself gets the new shape. What does the caller find in grad_y "
    "afterwards?",
)
def grad_y_resized(grad_y, cache):
    (shape,) = cache
    grad_y.resize(shape, refcheck=False)
    return grad_y.copy()


@mistake(
    "flatten_backward",
    hint="the gradient comes back in a tuple. How many arrays does flatten_forward "
    "take?",
)
def gradient_in_a_tuple(grad_y, cache):
    (shape,) = cache
    return (grad_y.reshape(shape),)


@right("flatten_backward")
def fill_a_flat_view(grad_y, cache):
    (shape,) = cache
    grad_x = np.empty(shape, dtype=grad_y.dtype)
    grad_x.ravel()[:] = grad_y.ravel()
    return grad_x


@right("flatten_backward")
def entry_by_entry(grad_y, cache):
    (shape,) = cache
    entries = iter(grad_y.ravel())
    grad_x = np.zeros(shape, dtype=grad_y.dtype)
    for index in np.ndindex(*shape):
        grad_x[index] = next(entries)
    return grad_x


# bilinear_forward


@mistake(
    "bilinear_forward",
    hint="the bias is missing from y. What does the formula add at the end?",
)
def bilinear_bias_ignored(x1, x2, weight, bias):
    return np.einsum("ni,kij,nj->nk", x1, weight, x2), (x1, x2, weight)


@mistake(
    "bilinear_forward",
    hint="x1 and x2 have changed places. Which axis of weight belongs to x1, and which "
    "to x2?",
)
def inputs_swapped(x1, x2, weight, bias):
    y = np.einsum("nj,kij,ni->nk", x1, weight, x2) + bias
    return y, (x1, x2, weight)


@mistake(
    "bilinear_forward",
    hint="every example meets every other one before the sum. Which index has to be "
    "the same in x1 and x2?",
)
def examples_mixed(x1, x2, weight, bias):
    y = np.einsum("ni,kij,mj->nk", x1, weight, x2) + bias
    return y, (x1, x2, weight)


@mistake(
    "bilinear_forward",
    hint="only the products with i = j are there. Over how many pairs (i, j) does the "
    "formula sum?",
)
def diagonal_only(x1, x2, weight, bias):
    y = np.zeros((len(x1), len(weight)), x1.dtype)
    for i in range(min(x1.shape[1], x2.shape[1])):
        y += (x1[:, i] * x2[:, i])[:, None] * weight[:, i, i]
    return y + bias, (x1, x2, weight)


@mistake(
    "bilinear_forward",
    hint="the two inputs are multiplied after weight has seen each of them alone. Is a "
    "sum of products the product of the sums?",
)
def product_of_sums(x1, x2, weight, bias):
    y = (x1 @ weight.sum(axis=2).T) * (x2 @ weight.sum(axis=1).T) + bias
    return y, (x1, x2, weight)


@mistake(
    "bilinear_forward",
    hint="y is averaged over the pairs (i, j). Does the formula divide by anything?",
)
def mean_over_pairs(x1, x2, weight, bias):
    pairs = np.einsum("ni,kij,nj->nkij", x1, weight, x2)
    return pairs.mean(axis=(2, 3)) + bias, (x1, x2, weight)


@mistake(
    "bilinear_forward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of x1?",
)
def bilinear_upcast(x1, x2, weight, bias):
    y = np.zeros((len(x1), len(weight)))
    y += np.einsum("ni,kij,nj->nk", x1, weight, x2)
    return y + bias, (x1, x2, weight)


@mistake(
    "bilinear_forward",
    hint="y comes back alone. What else does the docstring promise, for the backward "
    "pass to use?",
)
def bilinear_no_cache(x1, x2, weight, bias):
    return np.einsum("ni,kij,nj->nk", x1, weight, x2) + bias


@right("bilinear_forward")
def bilinear_by_loop(x1, x2, weight, bias):
    y = np.empty((x1.shape[0], weight.shape[0]), dtype=x1.dtype)
    for k in range(weight.shape[0]):
        y[:, k] = ((x1 @ weight[k]) * x2).sum(axis=1) + bias[k]
    return y, (x1, x2, weight)


@right("bilinear_forward")
def bilinear_by_outer_products(x1, x2, weight, bias):
    pairs = outer_products(x1, x2)
    y = pairs @ weight.reshape(len(weight), pairs.shape[1]).T + bias
    return y, (x1, x2, weight)


def outer_products(x1, x2):
    """All products of an entry of x1 with one of x2, a row for each example."""
    pairs = x1[:, :, None] * x2[:, None, :]
    return pairs.reshape(len(x1), x1.shape[1] * x2.shape[1])


# bilinear_backward


@mistake(
    "bilinear_backward",
    hint="grad_x1 and grad_x2 stand in each other's place. In which order are the "
    "arguments of bilinear_forward?",
)
def input_gradients_swapped(grad_y, cache):
    x1, x2, weight = cache
    grad_x1 = np.einsum("nk,kij,nj->ni", grad_y, weight, x2)
    grad_x2 = np.einsum("nk,kij,ni->nj", grad_y, weight, x1)
    grad_weight = np.einsum("nk,ni,nj->kij", grad_y, x1, x2)
    return grad_x2, grad_x1, grad_weight, grad_y.sum(axis=0)


@mistake(
    "bilinear_backward",
    hint="grad_x1 forgets the other input. When x1[n, i] moves, what is it multiplied "
    "by before it reaches y?",
)
def other_input_forgotten(grad_y, cache):
    x1, x2, weight = cache
    grad_x1 = np.einsum("nk,kij->ni", grad_y, weight)
    grad_x2 = np.einsum("nk,kij->nj", grad_y, weight)
    grad_weight = np.einsum("nk,ni,nj->kij", grad_y, x1, x2)
    return grad_x1, grad_x2, grad_weight, grad_y.sum(axis=0)


@mistake(
    "bilinear_backward",
    hint="the two inputs' axes of grad_weight are exchanged. What shape has weight?",
)
def weight_gradient_axes_exchanged(grad_y, cache):
    x1, x2, weight = cache
    grad_x1 = np.einsum("nk,kij,nj->ni", grad_y, weight, x2)
    grad_x2 = np.einsum("nk,kij,ni->nj", grad_y, weight, x1)
    grad_weight = np.einsum("nk,ni,nj->kji", grad_y, x1, x2)
    return grad_x1, grad_x2, grad_weight, grad_y.sum(axis=0)


@mistake(
    "bilinear_backward",
    hint="the gradients of weight and bias are averaged over the examples. What does a "
    "gradient do when one parameter serves every example?",
)
def bilinear_parameter_means(grad_y, cache):
    x1, x2, weight = cache
    N = max(len(grad_y), 1)
    grad_x1 = np.einsum("nk,kij,nj->ni", grad_y, weight, x2)
    grad_x2 = np.einsum("nk,kij,ni->nj", grad_y, weight, x1)
    grad_weight = np.einsum("nk,ni,nj->kij", grad_y, x1, x2) / N
    return grad_x1, grad_x2, grad_weight, grad_y.sum(axis=0) / N


@mistake(
    "bilinear_backward",
    hint="grad_weight uses every pair of examples. Can an example's x1 meet another "
    "example's x2?",
)
def weight_gradient_mixes_examples(grad_y, cache):
    x1, x2, weight = cache
    grad_x1 = np.einsum("nk,kij,nj->ni", grad_y, weight, x2)
    grad_x2 = np.einsum("nk,kij,ni->nj", grad_y, weight, x1)
    grad_weight = np.einsum("nk,ni,mj->kij", grad_y, x1, x2)
    return grad_x1, grad_x2, grad_weight, grad_y.sum(axis=0)


@mistake(
    "bilinear_backward",
    hint="the gradient of bias is missing. How many arrays did bilinear_forward take?",
)
def no_bias_gradient(grad_y, cache):
    x1, x2, weight = cache
    grad_x1 = np.einsum("nk,kij,nj->ni", grad_y, weight, x2)
    grad_x2 = np.einsum("nk,kij,ni->nj", grad_y, weight, x1)
    return grad_x1, grad_x2, np.einsum("nk,ni,nj->kij", grad_y, x1, x2)


@mistake(
    "bilinear_backward",
    hint="the gradient of bias is summed over the wrong axis. Which axis of grad_y has "
    "the size of bias?",
)
def bias_summed_over_features(grad_y, cache):
    x1, x2, weight = cache
    grad_x1 = np.einsum("nk,kij,nj->ni", grad_y, weight, x2)
    grad_x2 = np.einsum("nk,kij,ni->nj", grad_y, weight, x1)
    grad_weight = np.einsum("nk,ni,nj->kij", grad_y, x1, x2)
    return grad_x1, grad_x2, grad_weight, grad_y.sum(axis=1)


@mistake(
    "bilinear_backward",
    hint="grad_y itself is changed. Which operation writes into the array that the "
    "caller still holds?",
)
def grad_y_scaled_in_place(grad_y, cache):
    x1, x2, weight = cache
    grad_x1 = np.einsum("nk,kij,nj->ni", grad_y, weight, x2)
    grad_x2 = np.einsum("nk,kij,ni->nj", grad_y, weight, x1)
    grad_weight = np.einsum("nk,ni,nj->kij", grad_y, x1, x2)
    grad_bias = grad_y.sum(axis=0)
    grad_y /= 2
    return grad_x1, grad_x2, grad_weight, grad_bias


@right("bilinear_backward")
def bilinear_backward_by_loop(grad_y, cache):
    x1, x2, weight = cache
    grad_x1, grad_x2 = np.zeros_like(x1), np.zeros_like(x2)
    grad_weight = np.zeros_like(weight)
    for k in range(len(weight)):
        g = grad_y[:, k : k + 1]
        grad_x1 += g * (x2 @ weight[k].T)
        grad_x2 += g * (x1 @ weight[k])
        grad_weight[k] = (g * x1).T @ x2
    return grad_x1, grad_x2, grad_weight, np.sum(grad_y, axis=0)


@right("bilinear_backward")
def bilinear_backward_by_outer_products(grad_y, cache):
    x1, x2, weight = cache
    K, D1, D2 = weight.shape
    grad_pairs = (grad_y @ weight.reshape(K, D1 * D2)).reshape(-1, D1, D2)
    pairs = (x1[:, :, None] * x2[:, None, :]).reshape(-1, D1 * D2)
    grad_x1 = (grad_pairs @ x2[:, :, None])[:, :, 0]
    grad_x2 = (x1[:, None, :] @ grad_pairs)[:, 0, :]
    return grad_x1, grad_x2, (grad_y.T @ pairs).reshape(K, D1, D2), grad_y.sum(0)
