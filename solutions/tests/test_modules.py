"""The classes: torch's parameters, torch's gradients, torch's steps."""

import numpy as np
import pytest
import torch

import solutions
from solutions import (
    SGD,
    CrossEntropyLoss,
    Flatten,
    Identity,
    Linear,
    MSELoss,
    ReLU,
    Sequential,
)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def pair(rng: np.random.Generator):
    """The same network twice, with the same float64 parameters."""
    ours = Sequential(
        Flatten(), Linear(6, 5, rng=rng), ReLU(), Identity(), Linear(5, 3, rng=rng)
    )
    theirs = torch.nn.Sequential(
        torch.nn.Flatten(),
        torch.nn.Linear(6, 5),
        torch.nn.ReLU(),
        torch.nn.Identity(),
        torch.nn.Linear(5, 3),
    ).double()
    ours.double().load_state_dict(theirs.state_dict())
    return ours, theirs


def test_state_dict_goes_both_ways(rng):
    ours, theirs = pair(rng)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.params["1.weight"][...] = rng.standard_normal((5, 6))
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    x = rng.standard_normal((4, 2, 3))
    np.testing.assert_allclose(ours(x), theirs(torch.tensor(x)).detach(), rtol=1e-12)


def test_load_state_dict_says_what_is_missing_unknown_or_of_another_shape(rng):
    layer = Linear(2, 3, rng=rng)
    with pytest.raises(KeyError, match=r"missing \['bias'\], unknown \['offset'\]"):
        layer.load_state_dict({"weight": np.zeros((3, 2)), "offset": np.zeros(3)})
    with pytest.raises(
        ValueError, match=r"weight has shape \(2, 3\), expected \(3, 2\)"
    ):
        layer.load_state_dict({"weight": np.zeros((2, 3)), "bias": np.zeros(3)})
    assert layer.params["weight"].any(), "nothing is loaded when something is wrong"


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_twenty_steps_agree_with_torch(rng, momentum):
    ours, theirs = pair(rng)
    x, target = rng.standard_normal((7, 2, 3)), rng.integers(0, 3, 7)
    optimizer = SGD(ours, lr=0.1, momentum=momentum)
    reference = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=momentum)
    loss = CrossEntropyLoss()
    for _ in range(20):
        optimizer.zero_grad()
        value = loss(ours(x), target)
        ours.backward(loss.backward())
        optimizer.step()
        reference.zero_grad()
        want = torch.nn.functional.cross_entropy(
            theirs(torch.tensor(x)), torch.tensor(target)
        )
        want.backward()
        reference.step()
        np.testing.assert_allclose(value, want.item(), rtol=1e-10)
    for name, p in theirs.named_parameters():
        np.testing.assert_allclose(ours.params[name], p.detach(), rtol=1e-9, atol=1e-12)


def test_what_is_missing_or_unknown_is_passed_over_if_not_strict(rng):
    layer = Linear(2, 3, rng=rng)
    bias = layer.params["bias"].copy()
    layer.load_state_dict({"weight": np.ones((3, 2)), "offset": 1}, strict=False)
    np.testing.assert_array_equal(layer.params["weight"], np.ones((3, 2)))
    np.testing.assert_array_equal(layer.params["bias"], bias)


def test_the_first_argument_may_be_named_as_in_torch(rng):
    layer, x = Linear(2, 3, rng=rng), rng.standard_normal((4, 2))
    np.testing.assert_array_equal(layer(input=x), layer(x))
    np.testing.assert_array_equal(MSELoss()(target=x, input=2 * x), MSELoss()(2 * x, x))


LAYERS = [
    (solutions.ReLU(), (3, 4), (4,)),
    (solutions.Softmax(-1), (3, 4), (3, 1)),
    (solutions.Linear(4, 1), (3, 4), (3,)),
    (solutions.BatchNorm1d(4), (3, 4), (4, 3)),
    (solutions.Conv1d(3, 2, 2), (3, 4), (2, 4)),
    (solutions.AvgPool1d(2), (3, 4), (3, 1)),
    (solutions.Flatten(), (3, 4, 2), (3, 4, 2)),
    (solutions.RNN(4, 2).double(), (5, 3, 4), (5, 1, 2)),
]


@pytest.mark.parametrize(("layer", "shape", "wrong"), LAYERS)
def test_a_gradient_of_a_wrong_shape_is_refused(rng, layer, shape, wrong):
    layer(rng.standard_normal(shape))
    name = type(layer).__name__
    with pytest.raises(ValueError, match=f"{name}: the gradient has shape"):
        layer.backward(np.ones(wrong))


def test_the_gradient_of_a_state_is_looked_at_too(rng):
    layer = solutions.LSTM(4, 2).double()
    output, (h, c) = layer(rng.standard_normal((5, 3, 4)))
    with pytest.raises(ValueError, match=r"shape \(3, 2\), the output \(1, 3, 2\)"):
        layer.backward(output, (h, c[0]))


@pytest.mark.parametrize("name", ["ReLU", "Flatten", "MSELoss", "Sequential"])
def test_backward_needs_a_call_first(name):
    with pytest.raises(RuntimeError, match=f"{name}: call the layer before its"):
        getattr(solutions, name)().backward(np.ones(3))


def test_gradients_add_up_until_they_are_set_to_zero(rng):
    layer, x = Linear(3, 2, rng=rng), rng.standard_normal((4, 3)).astype(np.float32)
    grad_y = rng.standard_normal((4, 2)).astype(np.float32)
    layer(x)
    layer.backward(grad_y)
    once = layer.grads["weight"].copy()
    layer.backward(grad_y)
    np.testing.assert_allclose(layer.grads["weight"], 2 * once, rtol=1e-6)
    layer.zero_grad()
    assert not layer.grads["weight"].any()


def test_linear_starts_as_torch_does(rng):
    layer = Linear(100, 50, rng=rng)
    weight = layer.params["weight"]
    assert weight.dtype == layer.params["bias"].dtype == np.float32
    assert weight.shape == (50, 100)
    assert 0.095 < np.abs(weight).max() <= 0.1, "uniform up to 1 / sqrt(100)"
    assert abs(weight.std() - 0.1 / np.sqrt(3)) < 0.002


def test_linear_without_bias(rng):
    layer = Linear(3, 2, bias=False, rng=rng)
    x = rng.standard_normal((4, 3)).astype(np.float32)
    np.testing.assert_allclose(layer(x), x @ layer.params["weight"].T, rtol=1e-6)
    assert list(layer.grads) == ["weight"]
    assert layer.backward(rng.standard_normal((4, 2)).astype(np.float32)).shape == (
        4,
        3,
    )


def test_mode_reaches_inner_layers(rng):
    inner = Linear(2, 2, rng=rng)
    model = Sequential(Sequential(inner))
    assert model.eval() is model
    assert not inner.training
    model.train()
    assert inner.training


def test_mse_loss_gives_the_gradient_of_its_input(rng):
    input, target = rng.standard_normal((4, 3)), rng.standard_normal((4, 3))
    loss = MSELoss()
    t = torch.tensor(input, requires_grad=True)
    want = torch.nn.functional.mse_loss(t, torch.tensor(target))
    (want * 1.7).backward()
    np.testing.assert_allclose(loss(input, target), want.item(), rtol=1e-12)
    np.testing.assert_allclose(loss.backward(1.7), t.grad, rtol=1e-12)


def test_wrong_arguments_are_refused(rng):
    with pytest.raises(ValueError, match="must have one shape"):
        MSELoss()(np.zeros((4, 1)), np.zeros(4))
    with pytest.raises(ValueError, match=r"must be \(N, C, ...\) and \(N, ...\)"):
        CrossEntropyLoss()(np.zeros((4, 3)), np.zeros((4, 2)))
    with pytest.raises(ValueError, match="start_dim 2 comes after end_dim 1"):
        Flatten(2, 1)(np.zeros((2, 3, 4)))
    with pytest.raises(IndexError):
        Flatten(5)(np.zeros((2, 3, 4)))
    with pytest.raises(ValueError, match="must not be negative"):
        SGD(Linear(2, 2, rng=rng), lr=-1)
    with pytest.raises(ValueError, match="mismatch"):
        Linear(3, 2, rng=rng)(np.zeros((4, 5), np.float32))


def test_identity_ignores_its_arguments():
    x = np.arange(3.0)
    layer = Identity(54, unused=0.1)
    assert layer(x) is x
    assert layer.backward(x) is x


def test_a_layer_without_a_pass_says_so():
    with pytest.raises(NotImplementedError, match="Layer has no forward pass"):
        solutions.Layer()(np.zeros(1))
    with pytest.raises(NotImplementedError, match="Layer has no backward pass"):
        solutions.Layer().backward(np.zeros(1))
