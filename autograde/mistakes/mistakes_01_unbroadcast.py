"""Chapter 1: what students get wrong in `unbroadcast`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.broadcast import unbroadcast

reference(__name__, unbroadcast)


@mistake(
    "unbroadcast",
    hint="only the axes that were added in front are summed over. What did "
    "broadcasting do with an axis of size 1?",
)
def added_axes_only(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    return grad


@mistake(
    "unbroadcast",
    hint="only axes of size 1 are summed over. What becomes of the axes that "
    "broadcasting adds in front?",
)
def repeated_axes_only(grad, shape):
    added = grad.ndim - len(shape)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=added + axis, keepdims=True)
    return grad


@mistake(
    "unbroadcast",
    hint="the axes that were summed over are gone, also those of size 1. Which shape "
    "was asked for, and how does a sum keep its axis?",
)
def axes_of_size_1_lost(grad, shape):
    added = grad.ndim - len(shape)
    repeated = [added + axis for axis, size in enumerate(shape) if size == 1]
    return grad.sum(axis=(*range(added), *repeated))


@mistake(
    "unbroadcast",
    hint="the copies of an entry are averaged. If L moves by 2 with each of three "
    "copies, how far does it move when all three do?",
)
def average_of_copies(grad, shape):
    added = grad.ndim - len(shape)
    repeated = [added + axis for axis, size in enumerate(shape) if size == 1]
    axes = (*range(added), *repeated)
    copies = np.prod([grad.shape[axis] for axis in axes], dtype=int)
    return grad.sum(axis=axes, keepdims=True).reshape(shape) / max(copies, 1)


@mistake(
    "unbroadcast",
    hint="one copy is taken and the others are dropped. What do the other copies do to "
    "L?",
)
def first_copy_taken(grad, shape):
    added = grad.ndim - len(shape)
    first = grad[(slice(0, 1),) * added + tuple(slice(0, size) for size in shape)]
    return np.zeros(shape, grad.dtype) + first.reshape(shape)


@mistake(
    "unbroadcast",
    hint="the gradient comes back as it came. Which shape was asked for?",
)
def grad_returned(grad, shape):
    return grad


@mistake(
    "unbroadcast",
    hint="the shapes are compared from their first axis on. Where does broadcasting "
    "add the axes that are missing?",
)
def aligned_at_the_first_axis(grad, shape):
    grad = grad.sum(axis=tuple(range(len(shape), grad.ndim)))
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


@mistake(
    "unbroadcast",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of grad?",
)
def unbroadcast_upcast(grad, shape):
    added = grad.ndim - len(shape)
    repeated = [added + axis for axis, size in enumerate(shape) if size == 1]
    result = np.zeros(shape)
    result += grad.sum(axis=(*range(added), *repeated), keepdims=True).reshape(shape)
    return result


@mistake(
    "unbroadcast",
    hint="one axis in front is summed over, and no more. How many can broadcasting "
    "add?",
)
def one_added_axis_only(grad, shape):
    if grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


@mistake(
    "unbroadcast",
    hint="all axes of size 1 are squeezed out. Which of them belong to the shape that "
    "was asked for?",
)
def squeezed(grad, shape):
    added = grad.ndim - len(shape)
    repeated = [added + axis for axis, size in enumerate(shape) if size == 1]
    return grad.sum(axis=(*range(added), *repeated), keepdims=True).squeeze()


@mistake(
    "unbroadcast",
    hint="every entry gets the sum of all of grad. Which entries of grad belong to one "
    "entry of the result?",
)
def sum_of_all(grad, shape):
    return np.full(shape, grad.sum(), grad.dtype)


@mistake(
    "unbroadcast",
    hint="grad itself is changed. Which operation writes into the array that the "
    "caller still holds?",
)
def grad_in_place(grad, shape):
    added = grad.ndim - len(shape)
    repeated = [added + axis for axis, size in enumerate(shape) if size == 1]
    result = grad.sum(axis=(*range(added), *repeated), keepdims=True).reshape(shape)
    grad *= 0
    return result


@mistake(
    "unbroadcast",
    hint="only the last axes are compared, each by itself, and an axis of size 1 in "
    "front of the others is not noticed. Does your loop look at every axis of shape?",
)
def last_axis_only(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    if shape and shape[-1] == 1:
        grad = grad.sum(axis=-1, keepdims=True)
    return grad


@mistake(
    "unbroadcast",
    hint="the shapes are compared from their first axis on, and reshape hides which "
    "axes are left. Where does broadcasting add the axes that are missing?",
)
def aligned_at_the_first_axis_and_reshaped(grad, shape):
    added = range(len(shape), grad.ndim)
    repeated = [axis for axis, size in enumerate(shape) if size == 1]
    return grad.sum(axis=(*repeated, *added)).reshape(shape)


@mistake(
    "unbroadcast",
    hint="axes are summed over if their size does not occur in shape. What if two axes "
    "have the same size?",
)
def sizes_compared_without_places(grad, shape):
    axes = tuple(axis for axis, size in enumerate(grad.shape) if size not in shape)
    return grad.sum(axis=axes).reshape(shape)


@right("unbroadcast")
def axis_by_axis(grad, shape):
    for _ in range(grad.ndim - len(shape)):
        grad = grad.sum(axis=0)
    for axis, (have, want) in enumerate(zip(grad.shape, shape, strict=True)):
        if have != want:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


@right("unbroadcast")
def entry_by_entry(grad, shape):
    result = np.zeros(shape, grad.dtype)
    copies = np.broadcast_to(np.arange(result.size).reshape(shape), grad.shape)
    for index in np.ndindex(*grad.shape):
        result.flat[copies[index]] += grad[index]
    return result


@right("unbroadcast")
def by_add_at(grad, shape):
    places = np.broadcast_to(np.arange(int(np.prod(shape))).reshape(shape), grad.shape)
    result = np.zeros(int(np.prod(shape)), dtype=grad.dtype)
    np.add.at(result, places.ravel(), grad.ravel())
    return result.reshape(shape)
