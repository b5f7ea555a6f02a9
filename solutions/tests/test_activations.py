"""What the battery of classes cannot ask of the activations."""

import inspect
import math

import numpy as np
import pytest
import torch

import solutions
from solutions.gelu import normal
from solutions.gradients import numerical_vjp

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("name", ["Softmax", "LogSoftmax"])
@pytest.mark.parametrize("shape", [(), (5,), (4, 3), (2, 3, 4), (2, 3, 4, 2)])
def test_an_implicit_axis_is_torchs_with_its_warning(name, shape):
    x = np.asarray(RNG.standard_normal(shape))
    with pytest.warns(UserWarning, match="dim"):
        y = getattr(solutions, name)()(x)
    with pytest.warns(UserWarning, match="dim"):
        want = getattr(torch.nn, name)()(torch.tensor(x))
    np.testing.assert_allclose(y, want, rtol=1e-12)


def test_the_normal_tail_is_right_far_out():
    x = np.linspace(-36.9, 9, 5001)
    want = [0.5 * math.erfc(-v / math.sqrt(2)) for v in x]
    np.testing.assert_allclose(normal(x)[0], want, rtol=1e-11, atol=0)
    np.testing.assert_allclose(normal(x.astype(np.float32))[0], want, atol=2e-7)


def test_sigmoid_is_right_far_out():
    x = np.linspace(-80, 80, 5001).astype(np.float32)
    want = torch.sigmoid(torch.tensor(x, dtype=torch.float64))
    np.testing.assert_allclose(solutions.Sigmoid()(x), want, rtol=1e-6, atol=0)


@pytest.mark.parametrize(
    ("layer", "scale"),
    [
        (solutions.LeakyReLU(0.3), 1),
        (solutions.ELU(0.7), 1),
        (solutions.SELU(), 1),
        (solutions.SiLU(), 3),
        (solutions.GELU(), 3),
        (solutions.GELU("tanh"), 3),
        (solutions.Softplus(2, 3), 1),
        (solutions.Sigmoid(), 3),
        (solutions.Tanh(), 2),
        (solutions.Hardtanh(-0.4, 0.9), 1),
        (solutions.Softmax(1), 3),
        (solutions.LogSoftmax(0), 3),
    ],
    ids=lambda v: type(v).__name__,
)
def test_backward_agrees_with_central_differences(layer, scale):
    x = scale * RNG.standard_normal((6, 5))
    grad_y = RNG.standard_normal((6, 5))
    want = numerical_vjp(layer, x, grad_y)
    layer(x)
    np.testing.assert_allclose(layer.backward(grad_y), want, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 5), (1, 3, 2, 2), (0, 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tlu_is_torchs_maximum(shape, dtype):
    x = RNG.standard_normal(shape).astype(dtype)
    tau = RNG.standard_normal(3).astype(dtype)
    x[:1, 0] = tau[0]  # a tie
    grad_y = RNG.standard_normal(shape).astype(dtype)
    arrays = [torch.tensor(a, requires_grad=True) for a in (x, tau)]
    threshold = arrays[1].reshape(3, *(1,) * (x.ndim - 2))
    want = torch.maximum(arrays[0], threshold)
    want.backward(torch.tensor(grad_y))
    layer = solutions.TLU(3)
    if dtype == np.float64:
        layer.double()
    layer.params["tau"][...] = tau
    y = layer(x)
    grad_x = layer.backward(grad_y)
    assert y.dtype == grad_x.dtype == dtype
    np.testing.assert_array_equal(y, want.detach())
    np.testing.assert_array_equal(grad_x, arrays[0].grad)
    np.testing.assert_allclose(layer.grads["tau"], arrays[1].grad, rtol=1e-5)


@pytest.mark.parametrize(
    ("build", "x", "message"),
    [
        (
            lambda: solutions.PReLU(3),
            np.zeros((2, 4), "f"),
            r"must be \(1,\) or \(4,\)",
        ),
        (lambda: solutions.PReLU(3), np.zeros(3, "f"), r"weight has shape \(3,\)"),
        (lambda: solutions.PReLU(3), np.zeros((), "f"), r"weight has shape \(3,\)"),
        (lambda: solutions.Hardtanh(1, 1), np.zeros(3), "max_val must be greater"),
        (lambda: solutions.Hardtanh(2, 1), np.zeros(3), "max_val must be greater"),
        (lambda: solutions.GELU("erf"), np.zeros(3), "'none' or 'tanh'"),
        (lambda: solutions.TLU(3), np.zeros((2, 4), "f"), r"\(2, 4\) and tau \(3,\)"),
        (lambda: solutions.TLU(3), np.zeros(3, "f"), r"\(3,\) and tau \(3,\)"),
    ],
)
def test_wrong_arguments_are_refused(build, x, message):
    with pytest.raises(ValueError, match=message):
        build()(x)


@pytest.mark.parametrize("name", ["Softmax", "LogSoftmax"])
def test_an_axis_that_is_not_there_is_refused(name):
    with pytest.raises(IndexError, match="axis 2"):
        getattr(solutions, name)(2)(np.zeros((2, 3)))


@pytest.mark.parametrize("name", ["Softmax", "LogSoftmax", "GELU"])
def test_integers_are_refused(name):
    layer = getattr(solutions, name)(*([] if name == "GELU" else [0]))
    with pytest.raises(TypeError, match="x must hold floating-point numbers"):
        layer(np.arange(3))


def test_the_old_names_of_bounds():
    with pytest.warns(FutureWarning, match="max_value is now max_val"):
        layer = solutions.Hardtanh(max_value=0.5)
    np.testing.assert_array_equal(layer(np.array([-3.0, 3.0])), [-1, 0.5])
    with pytest.warns(FutureWarning, match="min_value is now min_val"):
        layer = solutions.Hardtanh(min_value=0.5)
    np.testing.assert_array_equal(layer(np.array([-3.0, 3.0])), [0.5, 1])


ACTIVATIONS = "ReLU LeakyReLU PReLU ELU SELU SiLU GELU Softplus Hardtanh Softmax"
LOSSES = "CrossEntropyLoss NLLLoss MSELoss L1Loss SmoothL1Loss HuberLoss BCELoss"
MORE = "LogSoftmax BCEWithLogitsLoss KLDivLoss"


@pytest.mark.parametrize("name", f"{ACTIVATIONS} {LOSSES} {MORE}".split())
def test_the_constructors_arguments_are_torchs(name):
    def arguments(package):
        parameters = inspect.signature(getattr(package, name)).parameters
        ours = {k: p.default for k, p in parameters.items()}
        return [i for i in ours.items() if i[0] not in ("device", "dtype", "inplace")]

    assert arguments(solutions) == arguments(torch.nn)


def test_softmax_is_the_same_for_shifted_entries_and_exp_of_log_softmax():
    x = RNG.standard_normal((4, 5))
    y = solutions.Softmax(1)(x)
    np.testing.assert_allclose(solutions.Softmax(1)(x - 1e3), y, rtol=1e-10)
    np.testing.assert_allclose(np.exp(solutions.LogSoftmax(1)(x)), y, rtol=1e-12)


def test_hardtanh_between_equal_bounds_is_constant():
    x = np.array([-1.0, 0.5, 2.0])
    tensor = torch.tensor(x, requires_grad=True)
    want = torch.nn.functional.hardtanh(tensor, 0.5, 0.5)
    want.sum().backward()
    y, cache = solutions.hardtanh_forward(x, min_val=0.5, max_val=0.5)
    np.testing.assert_array_equal(y, want.detach())
    grad_x = solutions.hardtanh_backward(np.ones(3), cache)
    np.testing.assert_array_equal(grad_x, tensor.grad)
