"""Does the gradient check see what it is there to see?"""

import numpy as np
import pytest

from solutions.gradients import check_gradients
from solutions.linear import linear_backward, linear_forward

RNG = np.random.default_rng(0)
ARRAYS = {
    "x": RNG.standard_normal((4, 3)),
    "weight": RNG.standard_normal((2, 3)),
    "bias": RNG.standard_normal(2),
}
GRAD_Y = RNG.standard_normal((4, 2))


def test_right_gradients_pass_and_arrays_stay():
    before = {name: array.copy() for name, array in ARRAYS.items()}
    check_gradients(linear_forward, linear_backward, GRAD_Y, **ARRAYS)
    for name, array in ARRAYS.items():
        assert np.array_equal(array, before[name])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x, weight, bias: (x, weight, bias / 4), r"grad_bias\[\d\] is .* give"),
        (lambda x, weight, bias: (x, weight, bias[None]), r"is \(1, 2\), bias is \(2,"),
        (lambda x, weight, bias: (x, weight, None), r"grad_bias is \(\), bias is"),
        (lambda x, weight, bias: (x, weight), "2 gradients for 3 arrays"),
        (lambda x, weight, bias: (x * np.nan, weight, bias), r"grad_x\[0, 0\] is nan"),
        (lambda *grads: [1.0 * np.float64(1) * g for g in grads], "is float64"),
    ],
    ids=["averaged", "one axis too many", "none", "missing", "not a number", "upcast"],
)
def test_wrong_gradients_are_named(change, message):
    def backward(grad_y, cache):
        return change(*linear_backward(grad_y, cache))

    with pytest.raises(AssertionError, match=message):
        check_gradients(linear_forward, backward, GRAD_Y, **ARRAYS)


def test_a_single_gradient_may_be_a_bare_array():
    def forward(x):
        return 2 * x, ()

    check_gradients(forward, lambda grad_y, cache: 2 * grad_y, GRAD_Y, x=GRAD_Y)
    with pytest.raises(AssertionError, match="grad_x"):
        check_gradients(forward, lambda grad_y, cache: grad_y, GRAD_Y, x=GRAD_Y)


def test_gradients_may_come_as_a_list():
    def backward(grad_y, cache):
        return list(linear_backward(grad_y, cache))

    check_gradients(linear_forward, backward, GRAD_Y, **ARRAYS)


def test_changed_arguments_are_named():
    def scaling(x, weight, bias):
        x *= 2
        return linear_forward(x, weight, bias)

    def negating(grad_y, cache):
        np.negative(grad_y, out=grad_y)
        return linear_backward(grad_y, cache)

    with pytest.raises(AssertionError, match="x is changed"):
        check_gradients(scaling, linear_backward, GRAD_Y, **ARRAYS)
    with pytest.raises(AssertionError, match="grad_y is changed"):
        check_gradients(linear_forward, negating, GRAD_Y, **ARRAYS)


def test_a_forward_pass_in_another_dtype_is_named():
    def forward(x, weight, bias):
        y, cache = linear_forward(x, weight, bias)
        return y.astype(np.float64), cache

    with pytest.raises(AssertionError, match="float32 in, but y is float64"):
        check_gradients(forward, linear_backward, GRAD_Y, **ARRAYS)


def test_an_empty_batch_is_compared_by_its_shape():
    x, weight = np.zeros((0, 3)), np.random.default_rng(0).standard_normal((2, 3))
    grad_y = np.zeros((0, 2))
    check_gradients(linear_forward, two_gradients, grad_y, x=x, weight=weight)

    def flat(grad_y, cache):
        grad_x, grad_weight = two_gradients(grad_y, cache)
        return grad_x.ravel(), grad_weight

    with pytest.raises(AssertionError, match=r"grad_x is \(0,\), x is \(0, 3\)"):
        check_gradients(linear_forward, flat, grad_y, x=x, weight=weight)


def two_gradients(grad_y, cache):
    return linear_backward(grad_y, cache)[:2]
