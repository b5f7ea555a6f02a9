"""Pooling: its definition, ties and NaN, identities, what it rejects."""

import numpy as np
import pytest
import torch

import solutions
from solutions.gradients import check_gradients
from solutions.pool_adaptive_avg import (
    adaptive_avg_pool_backward,
    adaptive_avg_pool_forward,
)
from solutions.pool_adaptive_max import (
    adaptive_max_pool_backward,
    adaptive_max_pool_forward,
)
from solutions.pool_avg import avg_pool_backward, avg_pool_forward
from solutions.pool_lp import lp_pool_backward, lp_pool_forward
from solutions.pool_max import max_pool_backward, max_pool_forward, max_pool_indices
from solutions.unfold import (
    fold_backward,
    fold_forward,
    unfold_backward,
    unfold_forward,
)

WINDOWS = {"kernel_size": (3, 2), "stride": (2, 1), "padding": 1, "ceil_mode": True}


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("name", ["max", "avg"])
def test_pooling_is_its_definition_by_loops(rng, name):
    x = rng.standard_normal((2, 3, 7, 8))
    forward = {"max": max_pool_forward, "avg": avg_pool_forward}[name]
    reduce = {"max": np.max, "avg": np.mean}[name]
    y, _ = forward(x, kernel_size=(3, 2), stride=2)
    want = np.zeros((2, 3, 3, 4))
    for n, c, h, w in np.ndindex(want.shape):
        want[n, c, h, w] = reduce(x[n, c, 2 * h : 2 * h + 3, 2 * w : 2 * w + 2])
    np.testing.assert_allclose(y, want, rtol=1e-12)


@pytest.mark.parametrize(
    ("forward", "backward", "options"),
    [
        (max_pool_forward, max_pool_backward, WINDOWS),
        (avg_pool_forward, avg_pool_backward, {**WINDOWS, "count_include_pad": False}),
        (avg_pool_forward, avg_pool_backward, {**WINDOWS, "divisor_override": 4}),
        (lp_pool_forward, lp_pool_backward, {"norm_type": 3, "kernel_size": 2}),
        (
            adaptive_avg_pool_forward,
            adaptive_avg_pool_backward,
            {"output_size": (3, 8)},
        ),
        (
            unfold_forward,
            unfold_backward,
            {"kernel_size": (3, 2), "stride": 2, "padding": 1},
        ),
    ],
)
def test_agrees_with_central_differences(rng, forward, backward, options):
    def f(x):
        return forward(x, **options)

    x = rng.permutation(2 * 2 * 5 * 6).reshape(2, 2, 5, 6) / 50 + 0.1  # no ties
    check_gradients(f, backward, rng.standard_normal(f(x)[0].shape), x=x)


def test_adaptive_max_agrees_with_central_differences(rng):
    def f(x):
        y, _, cache = adaptive_max_pool_forward(x, output_size=(3, 4))
        return y, cache

    x = rng.permutation(2 * 2 * 5 * 6).reshape(2, 2, 5, 6) / 50
    grad_y = rng.standard_normal((2, 2, 3, 4))
    check_gradients(f, adaptive_max_pool_backward, grad_y, x=x)


def test_fold_is_adjoint_to_unfold(rng):
    options = {
        "kernel_size": (3, 2),
        "stride": (2, 1),
        "padding": (1, 0),
        "dilation": 2,
    }
    x = rng.standard_normal((2, 3, 8, 9))
    columns, _ = unfold_forward(x, **options)
    u = rng.standard_normal(columns.shape)
    image, cache = fold_forward(u, output_size=(8, 9), **options)
    np.testing.assert_allclose(np.vdot(columns, u), np.vdot(x, image), rtol=1e-12)
    np.testing.assert_array_equal(fold_backward(x, cache), columns)


def test_unfolding_and_one_matrix_product_is_a_convolution(rng):
    x, weight = rng.standard_normal((2, 3, 7, 8)), rng.standard_normal((5, 3, 3, 2))
    columns, _ = unfold_forward(x, kernel_size=(3, 2), stride=2, padding=1)
    y, _ = solutions.conv_forward(x, weight, stride=2, padding=1)
    product = (weight.reshape(5, -1) @ columns).reshape(y.shape)
    np.testing.assert_allclose(product, y, rtol=1e-10)


def test_the_first_of_equal_maxima_takes_the_whole_gradient():
    x = np.array([[[2.0, 5.0, 5.0, 5.0]]])
    _, cache = max_pool_forward(x, kernel_size=3, stride=1)
    np.testing.assert_array_equal(max_pool_indices(cache), [[[1, 1]]])
    grad_x = max_pool_backward(np.array([[[1.0, 10.0]]]), cache)
    np.testing.assert_array_equal(grad_x, [[[0, 11, 0, 0]]])


@pytest.mark.parametrize(
    ("name", "args"), [("MaxPool2d", (2, 1, 1)), ("AdaptiveMaxPool2d", (3,))]
)
def test_nan_wins_as_in_torch(rng, name, args):
    x = rng.standard_normal((2, 3, 6, 7))
    x[rng.random(x.shape) < 0.4] = np.nan
    tensor = torch.tensor(x, requires_grad=True)
    want, places = getattr(torch.nn, name)(*args, return_indices=True)(tensor)
    layer = getattr(solutions, name)(*args, return_indices=True)
    y, indices = layer(x)
    np.testing.assert_array_equal(y, want.detach())
    np.testing.assert_array_equal(indices, places)
    grad_y = rng.standard_normal(y.shape)
    want.backward(torch.tensor(grad_y))
    np.testing.assert_allclose(layer.backward(grad_y), tensor.grad, rtol=1e-12)


def test_an_infinity_stays_in_its_bin():
    x = np.array([[[1.0, np.inf, 2.0, 3.0]]])
    y = solutions.AdaptiveAvgPool1d(2)(x)
    np.testing.assert_array_equal(y, [[[np.inf, 2.5]]])


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize(
    "options", [{}, {"stride": 1, "padding": 1}, {"dilation": 2, "ceil_mode": True}]
)
def test_min_pooling_is_max_pooling_of_the_negative(rng, dims, options):
    x = rng.integers(-3, 3, (2, 3, 7, 6, 5)[: dims + 2]).astype(float)
    layer = getattr(solutions, f"MinPool{dims}d")(2, return_indices=True, **options)
    y, indices = layer(x)
    tensor = torch.tensor(x, requires_grad=True)
    theirs = getattr(torch.nn, f"MaxPool{dims}d")(2, return_indices=True, **options)
    negative, places = theirs(-tensor)
    np.testing.assert_array_equal(y, -negative.detach())
    np.testing.assert_array_equal(indices, places)
    grad_y = rng.standard_normal(y.shape)
    (-negative).backward(torch.tensor(grad_y))
    np.testing.assert_allclose(layer.backward(grad_y), tensor.grad, rtol=1e-12)


@pytest.mark.parametrize("p", [1.5, 3])
def test_the_root_of_a_negative_sum_is_nan_as_in_torch(rng, p):
    x = rng.standard_normal((2, 3, 6))
    tensor = torch.tensor(x, requires_grad=True)
    want = torch.nn.LPPool1d(p, 2)(tensor)
    layer = solutions.LPPool1d(p, 2)
    assert 0 < want.isnan().sum() < want.numel()
    np.testing.assert_allclose(layer(x), want.detach(), rtol=1e-12)
    grad_y = rng.standard_normal(want.shape)
    want.backward(torch.tensor(grad_y))
    np.testing.assert_allclose(layer.backward(grad_y), tensor.grad, rtol=1e-12)


@pytest.mark.parametrize("name", ["AvgPool2d", "AdaptiveAvgPool2d"])
def test_a_mean_of_integers_is_rejected(name):
    with pytest.raises(TypeError, match="x holds int64, expected floats"):
        getattr(solutions, name)(2)(np.ones((1, 1, 4, 4), np.int64))


@pytest.mark.parametrize(("name", "args"), [("AvgPool3d", (3,)), ("LPPool3d", (2, 3))])
def test_a_mean_over_a_volume_needs_a_window_that_fits_unpadded(name, args):
    x = np.ones((1, 1, 4, 2, 4))
    with pytest.raises(RuntimeError, match="smaller than kernel size"):
        getattr(torch.nn, name)(*args, ceil_mode=True)(torch.tensor(x))
    with pytest.raises(ValueError, match=r"kernel_size \(3, 3, 3\) is larger than"):
        getattr(solutions, name)(*args, ceil_mode=True)(x)


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_adaptive_max_pooling_to_nothing(dims):
    x = np.ones((2, 3, 5, 4, 3)[: dims + 2])
    layer = getattr(solutions, f"AdaptiveMaxPool{dims}d")(0)
    want = getattr(torch.nn, f"AdaptiveMaxPool{dims}d")(0)(torch.tensor(x))
    y = layer(x)
    assert y.shape == want.shape
    np.testing.assert_array_equal(layer.backward(y), 0 * x)


def test_integers_are_pooled_as_in_torch():
    x = np.arange(-16, 0).reshape(1, 1, 4, 4)
    want = torch.nn.MaxPool2d(3, 2, 1)(torch.tensor(x))
    np.testing.assert_array_equal(solutions.MaxPool2d(3, 2, 1)(x), want)


@pytest.mark.parametrize(
    ("name", "args", "error", "match"),
    [
        ("MaxPool2d", (0,), ValueError, "kernel_size .* at least 1"),
        ("MaxPool2d", (2.5,), TypeError, r"kernel_size is 2\.5"),
        ("MaxPool2d", ((2, 2, 2),), ValueError, "expected one integer or 2"),
        ("MaxPool2d", (2, 0), ValueError, "stride"),
        ("MaxPool2d", (3, 1, 2), ValueError, "at most half of kernel_size"),
        ("MaxPool2d", (3, 1, -1), ValueError, "padding"),
        ("MaxPool2d", (3, 1, 1, 0), ValueError, "dilation"),
        ("MaxPool2d", (9,), ValueError, "does not fit"),
        ("AvgPool2d", (9,), ValueError, "does not fit"),
        ("AvgPool2d", (3, 1, 2), ValueError, "at most half"),
        ("AvgPool2d", (2, 2, 0, False, True, 0), ValueError, "divisor_override is 0"),
        ("AvgPool2d", (2, 2, 0, False, True, 2.5), TypeError, "divisor_override is"),
        ("LPPool2d", (0, 2), ValueError, "norm_type is 0"),
        ("LPPool2d", (2, 9), ValueError, "does not fit"),
        ("AdaptiveAvgPool2d", (-1,), ValueError, "output_size is -1"),
        ("AdaptiveAvgPool2d", (None,), TypeError, "output_size is None"),
        ("AdaptiveAvgPool2d", ((3,),), ValueError, "output_size"),
        ("AdaptiveMaxPool2d", ((3, 3, 3),), ValueError, "output_size"),
        ("AdaptiveMaxPool2d", (2.5,), TypeError, r"output_size is 2\.5"),
        ("Unfold", (9,), ValueError, "does not fit"),
        ("Unfold", (2, 0), ValueError, "dilation"),
        ("Unfold", (2, 1, -1), ValueError, "padding"),
        ("Unfold", ((2,),), ValueError, "kernel_size"),
        ("Unfold", (2.5,), TypeError, r"kernel_size is 2\.5"),
    ],
)
def test_what_torch_rejects_is_rejected(name, args, error, match):
    with pytest.raises(error, match=match):
        getattr(solutions, name)(*args)(np.zeros((2, 3, 5, 6)))
    with pytest.raises((RuntimeError, ValueError, TypeError, ZeroDivisionError)):
        getattr(torch.nn, name)(*args)(torch.zeros(2, 3, 5, 6))


@pytest.mark.parametrize("shape", [(5, 6), (1, 2, 3, 5, 6), (2, 3, 0, 6), (2, 0, 5, 6)])
@pytest.mark.parametrize(
    "name", ["MaxPool2d", "AvgPool2d", "AdaptiveMaxPool2d", "Unfold"]
)
def test_wrong_inputs_are_rejected(name, shape):
    with pytest.raises(ValueError, match="x has shape"):
        getattr(solutions, name)(2)(np.zeros(shape))
    with pytest.raises((RuntimeError, IndexError)):
        getattr(torch.nn, name)(2)(torch.zeros(shape))


@pytest.mark.parametrize("shape", [(2, 11, 30), (2, 12, 29), (1, 2, 12, 30), (12,)])
def test_fold_says_which_columns_it_takes(shape):
    with pytest.raises(ValueError, match=r"expected \(N, C \* 4, 30\)"):
        solutions.Fold((6, 7), 2)(np.zeros(shape))
    with pytest.raises(RuntimeError):
        torch.nn.Fold((6, 7), 2)(torch.zeros(shape))
