"""Chapter 1: what students get wrong in `index_select_backward`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.teaching.products import (
    index_select_backward,
    index_select_forward,
)

reference(__name__, index_select_forward, index_select_backward)


@mistake(
    "index_select_backward",
    hint="a row that comes twice in the index has collected only once. Does "
    "grad_x[index] += ... add for each use, or write once?",
)
def added_once(grad_y, cache):
    shape, index = cache
    grad_x = np.zeros(shape, grad_y.dtype)
    grad_x[index] += grad_y
    return grad_x, None


@mistake(
    "index_select_backward",
    hint="a row that is used several times gets the average of its gradients. What "
    "does L do when the row moves, and all its copies with it?",
)
def average_over_uses(grad_y, cache):
    shape, index = cache
    grad_x = np.zeros(shape, grad_y.dtype)
    for row in np.unique(index):
        grad_x[row] = grad_y[index == row].mean(axis=0)
    return grad_x, None


@mistake(
    "index_select_backward",
    hint="the index selects from grad_y, as it did from x. Row n of grad_y belongs to "
    "which row of x?",
)
def selected_again(grad_y, cache):
    _, index = cache
    return grad_y[index], None


@mistake(
    "index_select_backward",
    hint="the rows of grad_y come back in their own order. Which row of x does each of "
    "them belong to?",
)
def rows_as_they_came(grad_y, cache):
    shape, _ = cache
    grad_x = np.zeros(shape, grad_y.dtype)
    rows = min(len(grad_x), len(grad_y))
    grad_x[:rows] = grad_y[:rows]
    return grad_x, None


@mistake(
    "index_select_backward",
    hint="only grad_x comes back. How many arrays does index_select_forward take?",
)
def one_thing_returned(grad_y, cache):
    shape, index = cache
    grad_x = np.zeros(shape, grad_y.dtype)
    np.add.at(grad_x, index, grad_y)
    return grad_x


@mistake(
    "index_select_backward",
    hint="the index gets a gradient. Can a whole number be nudged?",
)
def gradient_for_the_index(grad_y, cache):
    shape, index = cache
    grad_x = np.zeros(shape, grad_y.dtype)
    np.add.at(grad_x, index, grad_y)
    return grad_x, np.zeros(index.shape)


@mistake(
    "index_select_backward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of grad_y?",
)
def select_upcast(grad_y, cache):
    shape, index = cache
    grad_x = np.zeros(shape)
    np.add.at(grad_x, index, grad_y)
    return grad_x, None


@mistake(
    "index_select_backward",
    hint="grad_x ends at the last row that was used. How many rows has x?",
)
def rows_up_to_the_last_used(grad_y, cache):
    shape, index = cache
    grad_x = np.zeros((index.max() + 1, *shape[1:]), grad_y.dtype)
    np.add.at(grad_x, index, grad_y)
    return grad_x, None


@mistake(
    "index_select_backward",
    hint="grad_x has as many rows as grad_y. How many rows has x?",
)
def as_many_rows_as_grad_y(grad_y, cache):
    _, index = cache
    grad_x = np.zeros_like(grad_y)
    np.add.at(grad_x, index, grad_y)
    return grad_x, None


@mistake(
    "index_select_backward",
    hint="None stands where grad_x should. In which order does index_select_forward "
    "take its arguments?",
)
def none_in_front(grad_y, cache):
    shape, index = cache
    grad_x = np.zeros(shape, grad_y.dtype)
    np.add.at(grad_x, index, grad_y)
    return None, grad_x


@mistake(
    "index_select_backward",
    hint="it takes an x with two axes and no other. What if a row is a single number, "
    "or a picture?",
)
def two_axes_only(grad_y, cache):
    (V, D), index = cache
    grad_x = np.zeros((V, D), grad_y.dtype)
    for n, v in enumerate(index):
        for d in range(D):
            grad_x[v, d] += grad_y[n, d]
    return grad_x, None


@mistake(
    "index_select_backward",
    hint="the index is changed, and it is the caller's own. Which operation sorts or "
    "writes in place?",
)
def index_sorted_in_place(grad_y, cache):
    shape, index = cache
    grad_x = np.zeros(shape, grad_y.dtype)
    np.add.at(grad_x, index, grad_y)
    index.sort()
    return grad_x, None


@mistake(
    "index_select_backward",
    hint="the gradient counts how often each row was used. Where does grad_y come in?",
)
def counts_of_uses(grad_y, cache):
    shape, index = cache
    grad_x = np.zeros(shape, grad_y.dtype)
    np.add.at(grad_x, index, 1)
    return grad_x, None


@mistake(
    "index_select_backward",
    hint="reshape(..., -1) cannot tell the size of an axis where there are no entries. "
    "What if the index is empty?",
)
def axis_to_be_guessed(grad_y, cache):
    shape, index = cache
    rows = np.eye(shape[0], dtype=grad_y.dtype)[index]
    return (rows.T @ grad_y.reshape(len(index), -1)).reshape(shape), None


@right("index_select_backward")
def row_by_row(grad_y, cache):
    shape, index = cache
    grad_x = np.zeros(shape, dtype=grad_y.dtype)
    for n, row in enumerate(index):
        grad_x[row] += grad_y[n]
    return grad_x, None


@right("index_select_backward")
def by_one_hot(grad_y, cache):
    (V, *rest), index = cache
    one_hot = (np.arange(V)[:, None] == index).astype(grad_y.dtype)
    rows = one_hot @ grad_y.reshape(len(index), int(np.prod(rest)))
    return [rows.reshape(V, *rest), None]


@right("index_select_backward")
def by_masks(grad_y, cache):
    shape, index = cache
    return np.stack([grad_y[index == v].sum(axis=0) for v in range(shape[0])]), None
