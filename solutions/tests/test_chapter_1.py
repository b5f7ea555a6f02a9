"""The functions that chapter 1 teaches: torch agrees, and so does the library."""

import numpy as np
import pytest
import torch

from solutions.broadcast import unbroadcast
from solutions.embedding import embedding_backward, embedding_forward
from solutions.gradients import check_gradients, numerical_vjp
from solutions.teaching.graph import backward, node_backward, node_forward
from solutions.teaching.products import (
    index_select_backward,
    index_select_forward,
    matmul_backward,
    matmul_forward,
)

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("full", "shape"),
    [((2, 3, 5, 4), (3, 1, 4)), ((4, 3), ()), ((4, 3), (4, 3)), ((0, 3), (1, 3))],
)
def test_broadcasting_is_undone(full, shape):
    grad = RNG.standard_normal(full)
    expected = torch.tensor(grad).sum_to_size(shape).numpy()
    np.testing.assert_allclose(unbroadcast(grad, shape), expected, rtol=1e-12)
    assert unbroadcast(grad.astype(np.float32), shape).dtype == np.float32


@pytest.mark.parametrize("shapes", [((4, 3), (3, 2)), ((2, 1, 4, 3), (5, 3, 2))])
def test_a_matrix_product_passes_the_check(shapes):
    x1, x2 = (RNG.standard_normal(shape) for shape in shapes)
    grad_y = RNG.standard_normal((x1 @ x2).shape)
    check_gradients(matmul_forward, matmul_backward, grad_y, x1=x1, x2=x2)


def test_selected_rows_are_an_embedding():
    x, grad_y = RNG.standard_normal((4, 3)), RNG.standard_normal((6, 3))
    index = np.array([3, 1, 3, 3, 0, 1])
    y, cache = index_select_forward(x, index)
    expected, theirs = embedding_forward(index, x)
    np.testing.assert_array_equal(y, expected)
    grad_x, nothing = index_select_backward(grad_y, cache)
    np.testing.assert_allclose(grad_x, embedding_backward(grad_y, theirs)[1])
    assert nothing is None


@pytest.mark.parametrize(("op", "inputs"), [("add", 2), ("multiply", 2), ("tanh", 1)])
def test_a_node_s_gradients_are_those_of_its_operation(op, inputs):
    arrays, grad_y = (
        list(RNG.standard_normal((inputs, 2, 3))),
        RNG.standard_normal((2, 3)),
    )
    grads = node_backward(op, grad_y, *arrays)
    for place, grad in enumerate(grads):

        def f(x, place=place):
            return node_forward(op, *arrays[:place], x, *arrays[place + 1 :])

        expected = numerical_vjp(f, arrays[place], grad_y)
        np.testing.assert_allclose(grad, expected, rtol=1e-6)
    assert len(grads) == inputs


def test_an_operation_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="no operation 'divide'; there are add, mul"):
        node_forward("divide", RNG.standard_normal(1), RNG.standard_normal(1))
    with pytest.raises(ValueError, match="no operation 'divide'; there are add, mul"):
        node_backward("divide", RNG.standard_normal(1), RNG.standard_normal(1))


@pytest.mark.parametrize("order", ["cdL", "Ldc", "dcL"])
def test_a_graph_is_walked_in_its_own_order(order):
    graph = {"c": ("add", "a", "b"), "d": ("multiply", "a", "c")}
    graph["L"] = ("multiply", "c", "d")
    values = dict(zip("abcdL", map(np.float64, [2, 1, 3, 6, 18]), strict=True))
    grads = backward({name: graph[name] for name in order}, values, "L", np.float64(1))
    assert grads == {"a": 21, "b": 12, "c": 12, "d": 3, "L": 1}
