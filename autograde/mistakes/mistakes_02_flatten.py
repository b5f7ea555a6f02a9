"""Chapter 2: what students get wrong in flatten."""

import math

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.shape import flatten_backward, flatten_forward

reference(__name__, flatten_forward, flatten_backward)


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
