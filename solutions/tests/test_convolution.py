"""Convolution: its definition, its transpose, what it rejects."""

from itertools import product

import numpy as np
import pytest
import torch

import solutions
from solutions.conv import conv_backward, conv_forward
from solutions.conv_transpose import conv_transpose_backward, conv_transpose_forward
from solutions.gradients import check_gradients
from solutions.padding import MODES, pad_backward, pad_forward
from solutions.unfold import unfold_forward
from solutions.weight_standardization import (
    weight_standardization_backward,
    weight_standardization_forward,
)
from solutions.windows import gather, scatter, slide

GEOMETRIES = [
    {"stride": 1},
    {"stride": (2, 3), "padding": (1, 2)},
    {"stride": 2, "padding": 3, "dilation": (2, 1)},
    {"padding": "same", "dilation": (1, 3)},
]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_conv_transpose_is_its_definition_by_loops(rng):
    x, weight = rng.standard_normal((2, 3, 2, 4)), rng.standard_normal((3, 5, 3, 2))
    y, _ = conv_transpose_forward(x, weight, stride=(2, 3), dilation=(1, 2))
    want = np.zeros((2, 5, 5, 12))
    for n, c, i, j in np.ndindex(x.shape):  # a copy of the filter at each entry
        at = slice(2 * i, 2 * i + 3), slice(3 * j, 3 * j + 3, 2)
        want[n, :, *at] += x[n, c, i, j] * weight[c]
    np.testing.assert_allclose(y, want, rtol=1e-10, atol=1e-12)


def test_unfold_is_its_definition_by_loops(rng):
    x = rng.standard_normal((2, 3, 5, 6))
    y, _ = unfold_forward(x, kernel_size=(2, 3), stride=(1, 2))
    places = [(i, j) for i in range(4) for j in (0, 2)]
    windows = [x[:, :, i : i + 2, j : j + 3].reshape(2, 18) for i, j in places]
    np.testing.assert_array_equal(y, np.stack(windows, axis=-1))


def conv_by_loops(x, weight, bias, *, stride, dilation):
    """The definition for one group without padding: a dot product for each output."""
    N, K, (kH, kW) = len(x), len(weight), weight.shape[2:]
    H = (x.shape[2] - dilation * (kH - 1) - 1) // stride + 1
    W = (x.shape[3] - dilation * (kW - 1) - 1) // stride + 1
    y = np.zeros((N, K, H, W))
    for n, k, h, w in np.ndindex(y.shape):
        rows = slice(h * stride, h * stride + dilation * (kH - 1) + 1, dilation)
        columns = slice(w * stride, w * stride + dilation * (kW - 1) + 1, dilation)
        y[n, k, h, w] = np.sum(x[n, :, rows, columns] * weight[k]) + bias[k]
    return y


@pytest.mark.parametrize(("stride", "dilation"), [*product([1, 2, 3], [1, 2])])
def test_conv_is_its_definition_by_four_loops(rng, stride, dilation):
    x, weight = rng.standard_normal((2, 3, 7, 9)), rng.standard_normal((4, 3, 2, 3))
    bias = rng.standard_normal(4)
    options = {"stride": stride, "dilation": dilation}
    y, _ = conv_forward(x, weight, bias, **options)
    np.testing.assert_allclose(y, conv_by_loops(x, weight, bias, **options), rtol=1e-12)


@pytest.mark.parametrize("options", GEOMETRIES, ids=str)
@pytest.mark.parametrize("groups", [1, 2])
def test_the_transposed_convolution_is_adjoint_to_the_convolution(rng, options, groups):
    x = rng.standard_normal((3, 4, 8, 9))
    weight = rng.standard_normal((6, 4 // groups, 3, 2))
    y, cache = conv_forward(x, weight, groups=groups, **options)
    u = rng.standard_normal(y.shape)
    if options.get("padding") == "same":  # the transposed layer pads both ends alike
        back = conv_backward(u, cache)[0]
    else:
        windows = cache[3]
        least, _ = conv_transpose_forward(u, weight, groups=groups, **options)
        extra = tuple(np.subtract(x.shape[2:], least.shape[2:]).tolist())
        back, _ = conv_transpose_forward(
            u, weight, groups=groups, output_padding=extra, **options
        )
        assert windows.count == y.shape[2:]
    np.testing.assert_allclose(np.vdot(y, u), np.vdot(x, back), rtol=1e-10)


@pytest.mark.parametrize("options", GEOMETRIES, ids=str)
@pytest.mark.parametrize("entries", [1, 300, 2000])
def test_pieces_of_any_size_give_the_same(rng, monkeypatch, options, entries):
    x, weight = rng.standard_normal((3, 4, 8, 9)), rng.standard_normal((6, 2, 3, 2))
    want, cache = conv_forward(x, weight, groups=2, **options)
    grad_y = rng.standard_normal(want.shape)
    want_grads = conv_backward(grad_y, cache)[:2]
    monkeypatch.setattr("solutions.windows.CACHE", entries)  # of 6 * 4 * places
    y, cache = conv_forward(x, weight, groups=2, **options)
    np.testing.assert_allclose(y, want, rtol=1e-10, atol=1e-12)
    for grad, expected in zip(conv_backward(grad_y, cache), want_grads, strict=False):
        np.testing.assert_allclose(grad, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("options", GEOMETRIES, ids=str)
def test_scatter_is_adjoint_to_gather(rng, options):
    windows = slide((8, 9), (3, 2), **options)
    x = rng.standard_normal((2, 3, 8, 9))
    columns = gather(x, windows)
    u = rng.standard_normal(columns.shape)
    back = np.zeros_like(x)
    scatter(u, windows, back)
    np.testing.assert_allclose(np.vdot(columns, u), np.vdot(x, back), rtol=1e-12)


@pytest.mark.parametrize("options", GEOMETRIES, ids=str)
def test_conv_agrees_with_central_differences(rng, options):
    def forward(x, weight, bias):
        return conv_forward(x, weight, bias, groups=2, **options)

    arrays = {
        "x": rng.standard_normal((2, 2, 6, 7)),
        "weight": rng.standard_normal((4, 1, 3, 2)),
        "bias": rng.standard_normal(4),
    }
    grad_y = rng.standard_normal(forward(**arrays)[0].shape)
    check_gradients(forward, conv_backward, grad_y, **arrays)


@pytest.mark.parametrize(
    "options",
    [{}, {"stride": (2, 1), "padding": 1, "output_padding": (1, 0)}, {"dilation": 2}],
    ids=str,
)
def test_conv_transpose_agrees_with_central_differences(rng, options):
    def forward(x, weight, bias):
        return conv_transpose_forward(x, weight, bias, groups=2, **options)

    arrays = {
        "x": rng.standard_normal((2, 4, 3, 4)),
        "weight": rng.standard_normal((4, 1, 3, 2)),
        "bias": rng.standard_normal(2),
    }
    grad_y = rng.standard_normal(forward(**arrays)[0].shape)
    check_gradients(forward, conv_transpose_backward, grad_y, **arrays)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("pad", [(2, 1), (0, 3, 2, 0), (1, 0, 2, 3, 1, 1), (-1, 2)])
def test_pad_agrees_with_torch(rng, mode, pad):
    if len(pad) == 6 and mode == "reflect":
        pad = (1, 0, 2, 3, 1, 2)
    x = rng.standard_normal((2, 3, 4, 5, 6)[5 - len(pad) // 2 - 2 :])
    value = 1.5 if mode == "constant" else 0.0
    tensor = torch.tensor(x, requires_grad=True)
    want = torch.nn.functional.pad(tensor, pad, mode, value)
    y, cache = pad_forward(x, pad=pad, mode=mode, value=value)
    np.testing.assert_array_equal(y, want.detach())
    grad_y = rng.standard_normal(y.shape)
    want.backward(torch.tensor(grad_y))
    np.testing.assert_allclose(pad_backward(grad_y, cache), tensor.grad, rtol=1e-12)


def test_filters_start_as_torch_says(rng):
    for name, entries in [("Conv2d", 2 * 15), ("ConvTranspose2d", 4 * 15)]:
        layer = getattr(solutions, name)(4, 8, (3, 5), groups=2, rng=rng)
        theirs = getattr(torch.nn, name)(4, 8, (3, 5), groups=2)
        bound = 1 / np.sqrt(entries)
        for array in theirs.parameters():
            assert array.abs().max() <= bound
        for array in layer.params.values():
            assert array.dtype == np.float32
            assert bound / 4 < np.abs(array).max() <= bound


def test_the_same_rng_draws_the_same_filters():
    first, second = (
        solutions.Conv1d(2, 3, 5, rng=np.random.default_rng(4)) for _ in range(2)
    )
    np.testing.assert_array_equal(first.params["weight"], second.params["weight"])


@pytest.mark.parametrize(
    ("error", "match", "options"),
    [
        (ValueError, "groups is 0", {"groups": 0}),
        (ValueError, "in_channels is 3, .* multiple of groups 2", {"groups": 2}),
        (ValueError, "out_channels is 4", {"groups": 3}),
        (ValueError, "padding_mode is 'wrap'", {"padding_mode": "wrap"}),
        (ValueError, "kernel_size", {"kernel_size": (3, 3, 3)}),
        (TypeError, r"kernel_size is 2\.5", {"kernel_size": 2.5}),
        (ValueError, r"stride is \(0, 0\), expected at least 1", {"stride": 0}),
        (ValueError, "dilation", {"dilation": 0}),
        (TypeError, "dilation is None", {"dilation": None}),
        (ValueError, "padding is .*-1", {"padding": -1}),
        (ValueError, "does not fit: the input has size", {"kernel_size": 9}),
    ],
)
@pytest.mark.parametrize("name", ["Conv2d", "ConvTranspose2d"])
def test_what_torch_rejects_is_rejected(name, error, match, options):
    if name == "ConvTranspose2d" and options.get("kernel_size") == 9:
        options, match = {"padding": 9}, "gives an output of"
    options = {"in_channels": 3, "out_channels": 4, "kernel_size": 3} | options

    def use(package, x):
        return getattr(package, name)(**options)(x)

    with pytest.raises(error, match=match):
        use(solutions, np.zeros((2, 3, 5, 6), np.float32))
    with pytest.raises((RuntimeError, ValueError, TypeError)):
        use(torch.nn, torch.zeros(2, 3, 5, 6))


@pytest.mark.parametrize("shape", [(5, 6), (2, 4, 5, 6), (1, 2, 3, 5, 6), (2, 3, 0, 6)])
@pytest.mark.parametrize("name", ["Conv2d", "ConvTranspose2d"])
def test_wrong_inputs_are_rejected(name, shape):
    with pytest.raises(ValueError, match=r"shape|size"):
        getattr(solutions, name)(3, 4, 3, padding=1)(np.zeros(shape, np.float32))
    with pytest.raises((RuntimeError, ValueError)):
        getattr(torch.nn, name)(3, 4, 3, padding=1)(torch.zeros(shape))


@pytest.mark.parametrize("name", ["Conv2d", "ConvTranspose2d"])
def test_integers_are_rejected(name):
    with pytest.raises(TypeError, match="x holds int64, expected floats"):
        getattr(solutions, name)(3, 4, 3)(np.ones((2, 3, 5, 6), np.int64))


@pytest.mark.parametrize(
    ("match", "options"),
    [
        ("'same' needs stride 1", {"padding": "same", "stride": 2}),
        ("padding is 'full'", {"padding": "full"}),
        ("allows at most 4", {"padding": 5, "padding_mode": "reflect"}),
        ("allows at most 5", {"padding": 6, "padding_mode": "circular"}),
    ],
)
def test_wrong_padding_is_rejected(match, options):
    with pytest.raises(ValueError, match=match):
        solutions.Conv1d(3, 4, 3, **options)(np.zeros((2, 3, 5), np.float32))
    with pytest.raises((RuntimeError, ValueError)):
        torch.nn.Conv1d(3, 4, 3, **options)(torch.zeros(2, 3, 5))


def test_an_output_size_that_no_output_padding_gives_is_rejected():
    layer = solutions.ConvTranspose2d(3, 4, 3, stride=2)
    x = np.zeros((2, 3, 5, 6), np.float32)
    with pytest.raises(
        ValueError, match=r"\(13, 13\), expected \(11, 13\) to \(12, 14\)"
    ):
        layer(x, output_size=(13, 13))
    with pytest.raises(TypeError, match="output_size is 12, expected a sequence"):
        layer(x, output_size=12)
    with pytest.raises(ValueError, match="expected 2 or 4 numbers"):
        layer(x, output_size=(4, 11, 13))
    with pytest.raises(ValueError, match="output_padding is"):
        solutions.ConvTranspose2d(3, 4, 3, output_padding=1)(x)
    with pytest.raises(ValueError, match="expected 'zeros'"):
        solutions.ConvTranspose2d(3, 4, 3, padding_mode="circular")


@pytest.mark.parametrize("pad", [(1,), (1, 1, 1, 1)])
def test_pad_says_how_many_numbers_it_takes(pad):
    with pytest.raises(ValueError, match="expected two numbers for each"):
        pad_forward(np.zeros(3), pad=pad)
    with pytest.raises(ValueError, match="mode is 'mirror'"):
        pad_forward(np.zeros(3), pad=(1, 1), mode="mirror")


def standardized(weight: torch.Tensor, eps: float) -> torch.Tensor:
    """(weight - mean) / sqrt(var + eps) of each filter, in torch's operations."""
    axes = tuple(range(1, weight.ndim))
    var, mean = torch.var_mean(weight, axes, correction=0, keepdim=True)
    return (weight - mean) / torch.sqrt(var + eps)


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("offset", [0.0, 1e4])
@pytest.mark.parametrize("scaled", [False, True])
def test_standardized_filters_agree_with_the_formula_in_torch(
    rng, dims, offset, scaled
):
    options = {"stride": 2, "padding": 1, "groups": 2, "eps": 1e-3}
    name = f"{'Scaled' * scaled}WSConv{dims}d"
    kernel = (3, 2, 4)[:dims]
    gamma = {"gamma": 1.7} if scaled else {}
    layer = getattr(solutions, name)(4, 6, kernel, **options, **gamma).double()
    for array in layer.params.values():
        array[...] = offset + rng.standard_normal(array.shape)
    params = {
        k: torch.tensor(p, requires_grad=True) for k, p in layer.state_dict().items()
    }
    weight = standardized(params["weight"], 1e-3)
    if scaled:
        weight = params["gain"] * weight * 1.7 / np.sqrt(2 * np.prod(kernel))
    x = rng.standard_normal((3, 4, 7, 8, 6)[: dims + 2])
    tensor = torch.tensor(x, requires_grad=True)
    convolve = getattr(torch.nn.functional, f"conv{dims}d")
    want = convolve(tensor, weight, params["bias"], stride=2, padding=1, groups=2)
    y = layer(x)
    np.testing.assert_allclose(y, want.detach(), rtol=1e-7, atol=1e-9)
    grad_y = rng.standard_normal(y.shape)
    want.backward(torch.tensor(grad_y))
    np.testing.assert_allclose(layer.backward(grad_y), tensor.grad, 1e-7, 1e-9)
    assert layer.grads.keys() == params.keys()
    for key, grad in layer.grads.items():
        expected = params[key].grad
        scale = max(1.0, float(expected.abs().max()))
        np.testing.assert_allclose(grad, expected, 1e-7, 1e-9 * scale, err_msg=key)


@pytest.mark.parametrize("scale", [1.0, 0.3])
def test_weight_standardization_agrees_with_central_differences(rng, scale):
    def forward(weight, gain):
        return weight_standardization_forward(weight, gain, scale=scale)

    weight, gain = rng.standard_normal((4, 3, 2)), rng.standard_normal((4, 1, 1))
    grad_y = rng.standard_normal(weight.shape)
    check_gradients(
        forward, weight_standardization_backward, grad_y, weight=weight, gain=gain
    )


def test_scaled_filters_keep_the_variance_of_their_input(rng):
    layer = solutions.ScaledWSConv2d(64, 64, 3, rng=rng)
    y = layer(rng.standard_normal((4, 64, 12, 12), np.float32))
    assert 0.9 < y.var() < 1.1
    assert y.dtype == np.float32


def test_a_gain_of_another_shape_is_rejected(rng):
    with pytest.raises(
        ValueError, match=r"gain \(4,\) must have the shape \(4, 1, 1\)"
    ):
        weight_standardization_forward(np.zeros((4, 3, 2)), np.ones(4))
