"""The functions of chapter 7 equal the library's, which are more general and faster."""

import numpy as np
import pytest

from solutions.conv import conv_backward, conv_forward
from solutions.conv_transpose import conv_transpose_forward
from solutions.teaching.conv_matrix import conv_matrix2d
from solutions.teaching.correlate2d import (
    convolve2d,
    correlate2d_backward,
    correlate2d_forward,
)
from solutions.teaching.unfold import unfold_backward, unfold_forward
from solutions.unfold import unfold_backward as general_unfold_backward
from solutions.unfold import unfold_forward as general_unfold_forward

SHAPES = [((3, 5, 7), (2, 3)), ((2, 4, 4), (4, 4)), ((0, 5, 4), (1, 2))]


@pytest.fixture(params=SHAPES, ids=str)
def image(request):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape) for shape in request.param]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_correlation_is_the_librarys(image, dtype):
    x, weight = (array.astype(dtype) for array in image)
    y, cache = correlate2d_forward(x, weight)
    ours = y, *correlate2d_backward(2 * y, cache)
    full, cache = conv_forward(x[:, None], weight[None, None])
    grad_x, grad_weight, _ = conv_backward(2 * full, cache)
    theirs = full[:, 0], grad_x[:, 0], grad_weight[0, 0]
    for a, b in zip(ours, theirs, strict=True):
        assert a.dtype == dtype
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


def test_full_convolution_is_the_librarys_transposed_convolution(image):
    x, weight = image
    theirs, _ = conv_transpose_forward(x[:, None], weight[None, None])
    full = convolve2d(x, weight, mode="full")
    np.testing.assert_allclose(full, theirs[:, 0], atol=1e-12)


def test_modes_are_those_of_numpy():
    rng = np.random.default_rng(0)
    for taps in range(1, 6):
        x, weight = rng.standard_normal(6), rng.standard_normal(taps)
        for mode in ("full", "same", "valid"):
            for turn in (np.array, np.transpose):  # a row, and a column
                y = convolve2d(turn([x]), turn([weight]), mode=mode)
                np.testing.assert_allclose(y.ravel(), np.convolve(x, weight, mode))


def test_the_matrix_is_correlation_and_its_transpose_the_gradient(image):
    x, weight = image
    y, cache = correlate2d_forward(x, weight)
    matrix = conv_matrix2d(weight, *x.shape[1:])
    flat = x.reshape(len(x), matrix.shape[1])
    np.testing.assert_allclose((flat @ matrix.T).reshape(y.shape), y, atol=1e-12)
    grad_x, _ = correlate2d_backward(y, cache)
    turned = y.reshape(len(y), len(matrix)) @ matrix
    np.testing.assert_allclose(turned.reshape(x.shape), grad_x, atol=1e-12)


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": (2, 3)},
        {"kernel_size": (3, 2), "stride": (2, 3), "padding": (2, 1)},
        {"kernel_size": (2, 2), "dilation": (3, 2), "padding": (1, 0)},
    ],
    ids=str,
)
@pytest.mark.parametrize("N", [2, 0])
def test_unfold_is_the_librarys(options, N):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((N, 3, 6, 7)).astype(np.float32)
    y, cache = unfold_forward(x, **options)
    theirs, general = general_unfold_forward(x, **options)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, theirs)
    grad_y = rng.standard_normal(y.shape).astype(np.float32)
    grad_x = unfold_backward(grad_y, cache)
    assert grad_x.dtype == np.float32
    theirs = general_unfold_backward(grad_y, general)
    np.testing.assert_allclose(grad_x, theirs, rtol=1e-4, atol=1e-5)
