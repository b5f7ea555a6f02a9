"""Chapter 2: what students get wrong in `linear_backward`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.linear import linear_backward

reference(__name__, linear_backward)


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


@mistake(
    "linear_backward",
    hint="grad_x has one leading axis, whatever x had. Which shape has the gradient of "
    "x?",
)
def leading_axes_of_grad_x_merged(grad_y, cache):
    x, weight, has_bias = cache
    rows_x = x.reshape(-1, x.shape[-1])
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    grad_bias = rows_grad.sum(axis=0) if has_bias else None
    return rows_grad @ weight, rows_grad.T @ rows_x, grad_bias


@mistake(
    "linear_backward",
    hint="two or three axes work, no other number. Could one way serve any number of "
    "leading axes?",
)
def backward_for_two_or_three_axes(grad_y, cache):
    x, weight, has_bias = cache
    if grad_y.ndim == 2:
        grad_weight, grad_bias = grad_y.T @ x, grad_y.sum(axis=0)
    else:
        grad_weight = np.einsum("ntk,ntd->kd", grad_y, x)
        grad_bias = grad_y.sum(axis=(0, 1))
    return grad_y @ weight, grad_weight, grad_bias if has_bias else None


@mistake(
    "linear_backward",
    hint="the cached x gets another shape, and it is the caller's own x. Which way to "
    "reshape leaves the array as it was?",
)
def cached_x_reshaped_in_place(grad_y, cache):
    x, weight, has_bias = cache
    grad_x = (grad_y @ weight).reshape(x.shape)
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    x.shape = (-1, x.shape[-1])
    return grad_x, rows_grad.T @ x, rows_grad.sum(axis=0) if has_bias else None


@mistake(
    "linear_backward",
    hint="grad_y itself gets another shape. Which way to reshape leaves the caller's "
    "array as it was?",
)
def grad_y_reshaped_in_place(grad_y, cache):
    x, weight, has_bias = cache
    grad_x = grad_y @ weight
    rows_x = x.reshape(-1, x.shape[-1])
    grad_y.shape = (-1, grad_y.shape[-1])
    return grad_x, grad_y.T @ rows_x, grad_y.sum(axis=0) if has_bias else None


@mistake(
    "linear_backward",
    hint="the cached x is changed, and it is the caller's own x. Which operation "
    "writes into it?",
)
def cached_x_in_place(grad_y, cache):
    x, weight, has_bias = cache
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    grad_weight = rows_grad.T @ x.reshape(-1, x.shape[-1])
    x *= 0
    return grad_y @ weight, grad_weight, rows_grad.sum(axis=0) if has_bias else None


kept = []


def forward_with_a_global(x, weight, bias=None):
    kept[:] = x, weight, bias is not None
    return x @ weight.T + (0 if bias is None else bias), ()


@mistake(
    "linear_backward",
    hint="the arrays of the last forward pass are used, not those in the cache. What "
    "if two forward passes come before a backward pass?",
    linear_forward=forward_with_a_global,
)
def backward_with_a_global(grad_y, cache):
    x, weight, has_bias = kept
    rows_x = x.reshape(-1, x.shape[-1])
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    grad_bias = rows_grad.sum(axis=0) if has_bias else None
    return grad_y @ weight, rows_grad.T @ rows_x, grad_bias


def forward_with_the_bias_in_its_cache(x, weight, bias=None):
    return x @ weight.T + (0 if bias is None else bias), (x, weight, bias)


@mistake(
    "linear_backward",
    hint="the cached bias is asked whether it is true. How do you ask whether it is "
    "None?",
    linear_forward=forward_with_the_bias_in_its_cache,
)
def cached_bias_asked_whether_true(grad_y, cache):
    x, weight, bias = cache
    rows_x = x.reshape(-1, x.shape[-1])
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    grad_bias = rows_grad.sum(axis=0) if bias else None
    return grad_y @ weight, rows_grad.T @ rows_x, grad_bias


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
