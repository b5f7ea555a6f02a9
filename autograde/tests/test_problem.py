"""A problem holds torch's answer, found before any student's code runs."""

import numpy as np
import pytest
import torch
from torch.nn.functional import linear

from autograde.problem import Problem


def solve(dtype=np.float64, bias=True):
    rng = np.random.default_rng(3)
    x, weight = rng.standard_normal((4, 3)), rng.standard_normal((2, 3))
    arrays = {
        "x": x,
        "weight": weight,
        "bias": rng.standard_normal(2) if bias else None,
    }
    arrays = {n: a if a is None else a.astype(dtype) for n, a in arrays.items()}
    return Problem.solve(linear, rng, **arrays)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_gradients_and_dtypes(dtype):
    p = solve(dtype)
    x, weight, bias = p.arrays.values()
    np.testing.assert_allclose(p.y, x @ weight.T + bias, rtol=1e-5)
    np.testing.assert_allclose(p.grads["weight"], p.grad_y.T @ x, rtol=1e-4)
    np.testing.assert_allclose(p.grads["bias"], p.grad_y.sum(axis=0), rtol=1e-4)
    assert {a.dtype for a in (p.y, p.grad_y, *p.grads.values())} == {np.dtype(dtype)}


def test_the_upstream_gradient_is_random():
    assert len(np.unique(solve().grad_y)) == 8


def test_everything_is_read_only_and_a_copy():
    x = np.array([2.0, 3.0])
    p = Problem.solve(torch.square, np.random.default_rng(0), x=x)
    x[:] = 0
    assert p.arrays["x"].tolist() == [2.0, 3.0]
    for array in (p.arrays["x"], p.y, p.grad_y, p.grads["x"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_none_and_integers_have_no_gradient():
    assert solve(bias=False).grads["bias"] is None
    table, index = np.random.default_rng(0).standard_normal((5, 2)), np.array([1, 1, 3])
    p = Problem.solve(
        lambda index, table: table[index],
        np.random.default_rng(0),
        index=index,
        table=table,
    )
    assert p.grads["index"] is None
    assert p.grads["table"].shape == (5, 2)
    p = Problem.solve(torch.flatten, np.random.default_rng(0), x=np.array([[1, 2]]))
    assert p.y.tolist() == [1, 2]


def test_options_reach_torch():
    x = np.zeros((2, 3, 4))
    p = Problem.solve(
        torch.flatten, np.random.default_rng(0), options={"start_dim": 1}, x=x
    )
    assert p.y.shape == (2, 12)
    assert p.options == {"start_dim": 1}


def test_an_empty_batch():
    arrays = {"x": np.zeros((0, 3)), "weight": np.zeros((2, 3))}
    p = Problem.solve(linear, np.random.default_rng(0), **arrays)
    assert p.y.shape == (0, 2)
    assert p.grads["weight"].tolist() == [[0] * 3] * 2
