"""Clipping of gradients beside torch's, and the adaptive one beside its formula."""

import math

import numpy as np
import pytest
import torch
from torch.nn import utils

from solutions import Layer, adaptive_clip_grad_, clip_grad_norm_, clip_grad_value_

SHAPES = {"weight": (5, 2, 3, 3), "dense": (4, 3), "bias": (5,), "scale": ()}


def pair(dtype: type = np.float64) -> tuple[Layer, dict[str, torch.nn.Parameter]]:
    rng = np.random.default_rng(0)
    layer = Layer()
    for name, shape in SHAPES.items():
        array = np.asarray(rng.standard_normal(shape), dtype)
        if array.ndim:
            array[0] = 0  # a unit that is still zero
        layer.add_params(**{name: array})
        layer.add_grads(**{name: np.asarray(rng.standard_normal(shape), dtype)})
    theirs = {}
    for name, array in layer.params.items():
        theirs[name] = torch.nn.Parameter(torch.tensor(array))
        theirs[name].grad = torch.tensor(layer.grads[name])
    return layer, theirs


def assert_same(layer: Layer, theirs: dict[str, torch.nn.Parameter], rtol: float):
    for name, p in theirs.items():
        np.testing.assert_allclose(layer.grads[name], p.grad, rtol, err_msg=name)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("norm_type", [2, 2.0, 1, 3, 0.5, math.inf, -math.inf, 0, -1])
@pytest.mark.parametrize("max_norm", [0.1, 5.0, 1e4, 0])
def test_clip_by_norm(max_norm, norm_type, dtype):
    layer, theirs = pair(dtype)
    arrays = dict(layer.grads)
    total = clip_grad_norm_(layer, max_norm, norm_type)
    want = utils.clip_grad_norm_(theirs.values(), max_norm, norm_type)
    rtol = 1e-9 if dtype == np.float64 else 1e-5
    assert total.dtype == dtype
    np.testing.assert_allclose(total, want, rtol)
    assert_same(layer, theirs, rtol)
    assert all(layer.grads[name] is array for name, array in arrays.items())


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
@pytest.mark.parametrize("norm_type", [1, 2, math.inf])
def test_a_norm_that_is_not_finite(wrong, norm_type):
    layer, theirs = pair()
    layer.grads["dense"][1, 1] = wrong
    theirs["dense"].grad[1, 1] = wrong
    with pytest.raises(ValueError, match=f"the norm {wrong}, which is not finite"):
        clip_grad_norm_(layer, 1.0, norm_type, error_if_nonfinite=True)
    total = clip_grad_norm_(layer, 1.0, norm_type)
    want = utils.clip_grad_norm_(theirs.values(), 1.0, norm_type)
    np.testing.assert_equal(float(total), want.item())
    assert_same(layer, theirs, 1e-9)


def test_no_gradients_have_norm_zero():
    assert clip_grad_norm_(Layer(), 1.0) == utils.clip_grad_norm_([], 1.0) == 0


def test_clip_by_value():
    layer, theirs = pair()
    clip_grad_value_(layer, 0.7)
    utils.clip_grad_value_(theirs.values(), 0.7)
    assert_same(layer, theirs, 0)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("clipping", "eps"), [(0.01, 1e-3), (0.5, 1e-3), (2, 0.5)])
def test_adaptive_clipping_follows_its_formula(clipping, eps, dtype):
    layer, theirs = pair(dtype)
    adaptive_clip_grad_(layer, clipping, eps, skip=["dense"])
    for name, p in theirs.items():
        if name == "dense":
            continue
        units = p.detach() if p.ndim > 1 else p.detach().reshape(1, -1)
        grads = p.grad.reshape(units.shape)
        for unit, grad in zip(units, grads, strict=True):  # of the paper, one by one
            limit = clipping * max(unit.norm().item(), eps)
            if grad.norm() > limit:
                grad.mul_(limit / grad.norm())
    assert_same(layer, theirs, 1e-9 if dtype == np.float64 else 1e-5)
    assert {g.dtype for g in layer.grads.values()} == {np.dtype(dtype)}


def test_adaptive_clipping_leaves_zero_gradients_and_refuses_unknown_names():
    layer, _ = pair()
    layer.zero_grad()
    adaptive_clip_grad_(layer)
    assert not any(grad.any() for grad in layer.grads.values())
    with pytest.raises(KeyError, match="skip names"):
        adaptive_clip_grad_(layer, skip=["head"])


@pytest.mark.parametrize("norm_type", [-1, 0.5, math.inf])
def test_gradients_of_zero_stay_zero_without_a_warning(norm_type):
    layer, theirs = pair()
    layer.zero_grad()
    for p in theirs.values():
        p.grad.zero_()
    want = utils.clip_grad_norm_(theirs.values(), 1.0, norm_type)
    np.testing.assert_allclose(clip_grad_norm_(layer, 1.0, norm_type), want)
    assert_same(layer, theirs, rtol=0)
