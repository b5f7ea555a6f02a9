"""Chapter 1: what students get wrong in `matmul_backward`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.broadcast import unbroadcast
from solutions.teaching.products import matmul_backward, matmul_forward

reference(__name__, matmul_forward, matmul_backward, unbroadcast)


@mistake(
    "matmul_backward",
    hint="broadcasting is not undone. Which shape did x1 and x2 have before it, and "
    "which have their gradients?",
)
def broadcasting_not_undone(grad_y, cache):
    x1, x2 = cache
    return grad_y @ x2.swapaxes(-1, -2), x1.swapaxes(-1, -2) @ grad_y


@mistake(
    "matmul_backward",
    hint="broadcasting is undone for x2 but not for x1. Can x1 be broadcast too?",
)
def broadcasting_of_x1_not_undone(grad_y, cache):
    x1, x2 = cache
    grad_x2 = unbroadcast(x1.swapaxes(-1, -2) @ grad_y, x2.shape)
    return grad_y @ x2.swapaxes(-1, -2), grad_x2


@mistake(
    "matmul_backward",
    hint="broadcasting is undone for x1 but not for x2. Can x2 be broadcast too?",
)
def broadcasting_of_x2_not_undone(grad_y, cache):
    x1, x2 = cache
    grad_x1 = unbroadcast(grad_y @ x2.swapaxes(-1, -2), x1.shape)
    return grad_x1, x1.swapaxes(-1, -2) @ grad_y


@mistake(
    "matmul_backward",
    hint=".T turns all axes around, also those in front. Which two have to change "
    "places?",
)
def all_axes_transposed(grad_y, cache):
    x1, x2 = cache
    return unbroadcast(grad_y @ x2.T, x1.shape), unbroadcast(x1.T @ grad_y, x2.shape)


@mistake(
    "matmul_backward",
    hint="nothing is transposed. grad_y is (N, K) and grad_x1 is (N, D): which axis of "
    "x2 is summed over?",
)
def nothing_transposed(grad_y, cache):
    x1, x2 = cache
    return unbroadcast(grad_y @ x2, x1.shape), unbroadcast(x1 @ grad_y, x2.shape)


@mistake(
    "matmul_backward",
    hint="grad_x2 is transposed. Which of its axes has size D, as in x2?",
)
def grad_x2_transposed(grad_y, cache):
    x1, x2 = cache
    grad_x1 = unbroadcast(grad_y @ x2.swapaxes(-1, -2), x1.shape)
    turned = (*x2.shape[:-2], x2.shape[-1], x2.shape[-2])
    return grad_x1, unbroadcast(grad_y.swapaxes(-1, -2) @ x1, turned)


@mistake(
    "matmul_backward",
    hint="the two gradients stand in each other's place. In which order does "
    "matmul_forward take its arguments?",
)
def other_order(grad_y, cache):
    x1, x2 = cache
    grad_x1 = unbroadcast(grad_y @ x2.swapaxes(-1, -2), x1.shape)
    return unbroadcast(x1.swapaxes(-1, -2) @ grad_y, x2.shape), grad_x1


@mistake(
    "matmul_backward",
    hint="the upstream gradient plays no part. What if L grows ten times as fast with "
    "y?",
)
def upstream_ignored(grad_y, cache):
    x1, x2 = cache
    ones = np.ones_like(grad_y)
    grad_x1 = unbroadcast(ones @ x2.swapaxes(-1, -2), x1.shape)
    return grad_x1, unbroadcast(x1.swapaxes(-1, -2) @ ones, x2.shape)


@mistake(
    "matmul_backward",
    hint="only the first axis in front is summed over. How many axes can broadcasting "
    "add, and what does it do with those of size 1?",
)
def summed_over_axis_0(grad_y, cache):
    x1, x2 = cache
    grad_x1, grad_x2 = grad_y @ x2.swapaxes(-1, -2), x1.swapaxes(-1, -2) @ grad_y
    if x1.ndim < grad_y.ndim:
        grad_x1 = grad_x1.sum(axis=0)
    if x2.ndim < grad_y.ndim:
        grad_x2 = grad_x2.sum(axis=0)
    return grad_x1, grad_x2


@mistake(
    "matmul_backward",
    hint="the gradient of x2 is divided by the number of rows of x1. Was an average "
    "taken in the forward pass?",
)
def mean_over_rows(grad_y, cache):
    x1, x2 = cache
    grad_x1 = unbroadcast(grad_y @ x2.swapaxes(-1, -2), x1.shape)
    grad_x2 = unbroadcast(x1.swapaxes(-1, -2) @ grad_y, x2.shape)
    return grad_x1, grad_x2 / x1.shape[-2]


@mistake(
    "matmul_backward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of grad_y?",
)
def matmul_upcast(grad_y, cache):
    x1, x2 = cache
    grad_x1, grad_x2 = np.zeros(x1.shape), np.zeros(x2.shape)
    grad_x1 += unbroadcast(grad_y @ x2.swapaxes(-1, -2), x1.shape)
    grad_x2 += unbroadcast(x1.swapaxes(-1, -2) @ grad_y, x2.shape)
    return grad_x1, grad_x2


@mistake(
    "matmul_backward",
    hint="grad_y itself is changed. Which operation writes into the array that the "
    "caller still holds?",
)
def grad_y_in_place(grad_y, cache):
    x1, x2 = cache
    grad_x1 = unbroadcast(grad_y @ x2.swapaxes(-1, -2), x1.shape)
    grad_x2 = unbroadcast(x1.swapaxes(-1, -2) @ grad_y, x2.shape)
    grad_y *= 0
    return grad_x1, grad_x2


@mistake(
    "matmul_backward",
    hint="x1 and x2 are taken out of the cache in the wrong order. In which order did "
    "matmul_forward put them in?",
)
def cache_in_another_order(grad_y, cache):
    x2, x1 = cache
    grad_x1 = unbroadcast(grad_y @ x2.swapaxes(-1, -2), x1.shape)
    return grad_x1, unbroadcast(x1.swapaxes(-1, -2) @ grad_y, x2.shape)


@mistake(
    "matmul_backward",
    hint="all axes are turned around, and broadcasting is not undone. Which two axes "
    "have to change places, and which shapes did x1 and x2 have?",
)
def right_for_two_axes_only(grad_y, cache):
    x1, x2 = cache
    return grad_y @ x2.T, x1.T @ grad_y


@mistake(
    "matmul_backward",
    hint="it takes inputs with two axes or with three, and no others. How do you reach "
    "the last two axes, however many stand in front?",
)
def three_axes_at_most(grad_y, cache):
    x1, x2 = cache
    turned1, turned2 = (x.T if x.ndim == 2 else x.transpose(0, 2, 1) for x in (x1, x2))
    grad_x1, grad_x2 = grad_y @ turned2, turned1 @ grad_y
    return unbroadcast(grad_x1, x1.shape), unbroadcast(grad_x2, x2.shape)


@right("matmul_backward")
def by_einsum(grad_y, cache):
    x1, x2 = cache
    grad_x1 = np.einsum("...nk,...dk->...nd", grad_y, x2)
    grad_x2 = np.einsum("...nd,...nk->...dk", x1, grad_y)
    return [unbroadcast(grad_x1, x1.shape), unbroadcast(grad_x2, x2.shape)]


@right("matmul_backward")
def broadcast_first(grad_y, cache):
    x1, x2 = cache
    front = grad_y.shape[:-2]
    full1 = np.broadcast_to(x1, front + x1.shape[-2:])
    full2 = np.broadcast_to(x2, front + x2.shape[-2:])
    grads = np.zeros_like(full1), np.zeros_like(full2)
    for place in np.ndindex(*front):
        grads[0][place] = grad_y[place] @ full2[place].T
        grads[1][place] = full1[place].T @ grad_y[place]
    return unbroadcast(grads[0], x1.shape), unbroadcast(grads[1], x2.shape)


@right("matmul_backward")
def without_unbroadcast(grad_y, cache):
    x1, x2 = cache
    grads = [
        np.matmul(grad_y, np.moveaxis(x2, -1, -2)),
        np.matmul(np.moveaxis(x1, -1, -2), grad_y),
    ]
    for i, x in enumerate(cache):
        while grads[i].ndim > x.ndim:
            grads[i] = grads[i].sum(axis=0)
        for axis in range(x.ndim - 2):
            if x.shape[axis] == 1:
                grads[i] = grads[i].sum(axis=axis, keepdims=True)
    return tuple(grads)
