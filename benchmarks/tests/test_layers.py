"""The benchmark compares the same thing: each case, with a few examples."""

import numpy as np
import pytest

from benchmarks.cases import LAYERS, STEPS
from benchmarks.sides import Layers, Optimizers
from benchmarks.simple import FORMS

FEW = 4
RANDOM = [case for case in LAYERS if case.name == "Dropout"]
EXACT = [case for case in LAYERS if case not in RANDOM]
SIMPLE = [case for case in EXACT if case.name in FORMS]
LOOPS = [case for case in LAYERS if case.naive]


def assert_same(sides):
    for name, ours, theirs in sides.compared():
        assert ours.dtype == theirs.dtype == np.float32, name
        assert ours.shape == theirs.shape, name
        limit = 1e-5 * np.abs(theirs).max()
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=limit, err_msg=name)


@pytest.mark.parametrize("case", EXACT, ids=str)
def test_our_layer_gives_what_torch_gives(case):
    assert_same(Layers(case, FEW))


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_our_optimizer_moves_where_torch_moves(step):
    assert_same(Optimizers(step, parameters=1000))


@pytest.mark.parametrize("case", RANDOM, ids=str)
def test_what_both_keep_is_the_same_and_as_much(case):
    for name, ours, theirs in Layers(case, FEW).compared():
        both = (ours != 0) & (theirs != 0)
        np.testing.assert_array_equal(ours[both], theirs[both], err_msg=name)
        assert abs(np.mean(ours != 0) - np.mean(theirs != 0)) < 0.05, name


@pytest.mark.parametrize("case", SIMPLE, ids=str)
def test_the_simple_form_gives_what_the_layer_gives(case):
    sides = Layers(case, FEW)
    want = [*sides.both(), *(grad.copy() for grad in sides.layer.grads.values())]
    sides.layer.zero_grad()
    found = [*sides.simple(), *sides.layer.grads.values()]
    for ours, simple in zip(want, found, strict=True):
        if ours is not None:
            limit = 1e-5 * np.abs(ours).max()
            np.testing.assert_allclose(simple, ours, rtol=0, atol=limit)


@pytest.mark.parametrize("case", LOOPS, ids=str)
def test_the_loop_gives_a_corner_of_what_the_layer_gives(case):
    sides = Layers(case, FEW)
    loop, y = sides.naive(), sides.forward()
    corner = y[tuple(map(slice, loop.shape))]
    np.testing.assert_allclose(loop, corner, rtol=0, atol=1e-5 * np.abs(corner).max())
