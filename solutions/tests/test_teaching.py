"""Functions and classes that only a chapter needs equal the library's."""

import numpy as np
import pytest

import solutions
from solutions.teaching import activations, training


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["MSELoss", "CrossEntropyLoss"])
def test_the_losses_for_training_are_the_librarys(name, dtype):
    rng = np.random.default_rng(0)
    input = (100 * rng.standard_normal((5, 3))).astype(dtype)
    target = rng.standard_normal((5, 3)).astype(dtype)
    if name == "CrossEntropyLoss":
        target = rng.integers(0, 3, 5)
    short, full = getattr(training, name)(), getattr(solutions, name)()
    loss = short(input, target)
    assert loss.dtype == dtype
    np.testing.assert_allclose(loss, full(input, target), rtol=1e-6)
    assert short.backward(1.7).dtype == dtype
    np.testing.assert_allclose(short.backward(1.7), full.backward(1.7), 1e-5, 1e-9)


@pytest.mark.parametrize("name", ["MSELoss", "CrossEntropyLoss"])
def test_the_losses_for_training_refuse_shapes_that_broadcast(name):
    with pytest.raises(ValueError, match=r"input \(4, 1\) and target \(3,\) must"):
        getattr(training, name)()(np.zeros((4, 1)), np.zeros(3, int))


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_the_optimizer_for_training_is_the_librarys(momentum):
    params = []
    for SGD in (training.SGD, solutions.SGD):
        rng = np.random.default_rng(0)
        layer = solutions.Linear(3, 2, rng=rng).double()
        optimizer = SGD(layer, lr=0.1, momentum=momentum)
        for _ in range(5):
            optimizer.zero_grad()
            layer.add_grads(weight=rng.standard_normal((2, 3)))
            optimizer.step()
        params.append(layer.params["weight"])
    np.testing.assert_allclose(*params, rtol=1e-12)


def test_the_optimizer_for_training_refuses_a_negative_rate():
    with pytest.raises(ValueError, match="must not be negative"):
        training.SGD(solutions.Linear(2, 2), lr=-1)


def test_loudly_passes_on_what_is_quiet():
    assert activations.loudly(lambda x: (2 * x, ()), 3.0) == 6.0
    with pytest.raises(RuntimeWarning, match="overflow"):
        activations.loudly(lambda x: (np.exp(x), ()), np.array([1e4]))
