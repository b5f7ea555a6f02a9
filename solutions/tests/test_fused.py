"""Fusing a batch normalization into the layer before it, beside torch's."""

import numpy as np
import pytest
import torch
from torch.nn.utils import fusion

import solutions
from solutions import (
    BatchNorm1d,
    Linear,
    Sequential,
    fuse_conv_bn_eval,
    fuse_conv_bn_weights,
    fuse_linear_bn_eval,
    fuse_linear_bn_weights,
)

CONVOLUTIONS = [
    ("Conv1d", {"stride": 2}, (4, 3, 9)),
    ("Conv2d", {"padding": 1}, (2, 3, 5, 4)),
    ("Conv2d", {"padding": 1, "bias": False}, (2, 3, 5, 4)),
    ("Conv3d", {}, (2, 3, 4, 3, 5)),
    ("ConvTranspose1d", {"stride": 2}, (4, 3, 5)),
    ("ConvTranspose2d", {"bias": False}, (2, 3, 5, 4)),
]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def fill(layer, rng):
    """Random parameters and statistics, in float64 and evaluation mode."""
    for name, array in layer.double().state_dict().items():
        if array.dtype.kind == "f":
            array[...] = rng.standard_normal(array.shape)
            if name.endswith("var"):
                np.exp(array, out=array)
    return layer.eval()


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("transpose", [False, True])
def test_weights_are_torchs(rng, affine, bias, transpose):
    weight, mean = rng.standard_normal((4, 4, 3, 2)), rng.standard_normal(4)
    var, params = rng.random(4), rng.standard_normal((3, 4))
    conv_b, bn_w, bn_b = (
        array if given else None
        for array, given in zip(params, [bias, affine, affine], strict=True)
    )
    given = [weight, conv_b, mean, var, 0.01, bn_w, bn_b]
    want = fusion.fuse_conv_bn_weights(
        *(torch.tensor(a) if isinstance(a, np.ndarray) else a for a in given),
        transpose,
    )
    for ours, theirs in zip(fuse_conv_bn_weights(*given, transpose), want, strict=True):
        np.testing.assert_allclose(ours, theirs.detach(), rtol=1e-12)


def test_linear_weights_are_torchs_and_keep_their_type(rng):
    weight = rng.standard_normal((4, 3)).astype(np.float32)
    mean, bn_w, bn_b = rng.standard_normal((3, 4))
    given = [weight, None, mean, rng.random(4), 0.01, bn_w, bn_b]
    want = fusion.fuse_linear_bn_weights(
        *(torch.tensor(a) if isinstance(a, np.ndarray) else a for a in given)
    )
    for ours, theirs in zip(fuse_linear_bn_weights(*given), want, strict=True):
        np.testing.assert_allclose(ours, theirs.detach(), rtol=1e-6)
        assert ours.dtype == np.float32


@pytest.mark.parametrize("options", [{}, {"affine": False}, {"bias": False}], ids=str)
@pytest.mark.parametrize("bias", [True, False])
def test_a_fused_linear_layer_does_what_both_do(rng, bias, options):
    linear = fill(Linear(3, 4, bias=bias), rng)
    bn = fill(BatchNorm1d(4, **options), rng)
    x = rng.standard_normal((5, 3))
    before = {k: v.copy() for k, v in linear.params.items()}
    fused = fuse_linear_bn_eval(linear, bn)
    np.testing.assert_allclose(fused(x), Sequential(linear, bn)(x), rtol=1e-10)
    assert list(fused.params) == list(fused.grads) == ["weight", "bias"]
    for name, array in linear.params.items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize(("name", "options", "shape"), CONVOLUTIONS, ids=str)
def test_a_fused_convolution_does_what_both_do(rng, name, options, shape):
    conv = fill(getattr(solutions, name)(3, 4, 2, **options), rng)
    bn = fill(getattr(solutions, f"BatchNorm{name[-2:]}")(4), rng)
    x = rng.standard_normal(shape)
    fused = fuse_conv_bn_eval(conv, bn, transpose="Transpose" in name)
    np.testing.assert_allclose(fused(x), bn(conv(x)), rtol=1e-9, atol=1e-12)


def test_refuses_what_cannot_be_fused(rng):
    linear, bn = Linear(3, 4), BatchNorm1d(4)
    for first, second in [(linear, bn.eval()), (linear.eval(), BatchNorm1d(4))]:
        linear.train(first is not linear or second is bn)
        with pytest.raises(ValueError, match="only layers in evaluation mode"):
            fuse_linear_bn_eval(first, second)
    linear.eval()
    with pytest.raises(ValueError, match="without running statistics"):
        fuse_linear_bn_eval(linear, BatchNorm1d(4, track_running_stats=False).eval())
    with pytest.raises(ValueError, match="no 5 channels on axis 0"):
        fuse_linear_bn_eval(linear, BatchNorm1d(5).eval())
    one = np.ones(4)  # torch gives a weight of another shape, without a word
    with pytest.raises(ValueError, match="no 4 channels on axis 1"):
        fuse_conv_bn_weights(np.ones((4, 1, 3)), one, one, one, 0.1, one, one, True)
