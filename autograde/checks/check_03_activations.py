"""Chapter 3: sigmoid, PReLU, softmax. `student` calls into the sandbox."""

import numpy as np
import pytest
import torch
from torch.nn.functional import prelu, softmax

from autograde.compare import assert_close, assert_unchanged
from autograde.problem import Problem
from autograde.wire import Name

ANY_SHAPE = [(7,), (4, 3), (3, 3), (2, 3, 4), (1, 2, 1, 3), (0, 3)]


def sigmoid_problem(rng, shape):
    x = 3 * rng.standard_normal(shape)
    x[:1] = 0.0
    return Problem.solve(torch.sigmoid, rng, x=x)


@pytest.fixture(params=ANY_SHAPE, ids="x of shape {}".format)
def entries(request, rng):
    return sigmoid_problem(rng, request.param)


@pytest.fixture(params=["float32", "float64"])
def spread(request, rng):
    """Entries from 0 to far out, on both sides."""
    x = rng.uniform(-1, 1, (5, 4)) * np.array([1, 10, 100, 1000])
    x[0], x[1, 3], x[2, 3] = 0, 1000, -1000
    return Problem.solve(torch.sigmoid, rng, x=x.astype(request.param))


@pytest.mark.points("check_sigmoid_forward", 1)
def test_sigmoid_forward(student, entries):
    """sigmoid_forward agrees with torch, for any shape."""
    y, _ = student.forward("sigmoid", entries)
    assert_close(y, entries.y, "y")


@pytest.mark.points("check_sigmoid_forward", 1)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("side", ["below 0", "above 0", "both"])
def test_sigmoid_forward_far_out(student, rng, side, dtype):
    """sigmoid_forward is right and quiet far from 0, on both sides."""
    x = rng.uniform([[5], [100], [800]], [[15], [400], [1000]], (3, 4))
    x *= {"below 0": -1, "above 0": 1, "both": np.array([-1, 1, 1, -1])}[side]
    problem = Problem.solve(torch.sigmoid, rng, x=x.astype(dtype))
    y, _ = student.forward("sigmoid", problem)
    assert_close(y, problem.y, "y")
    y = student.call("loudly", Name("sigmoid_forward"), problem.arrays["x"])
    assert_close(y, problem.y, "y")


@pytest.mark.points("check_sigmoid_forward", 1)
def test_sigmoid_forward_keeps(student, spread):
    """sigmoid_forward keeps float32, and leaves x as it was."""
    y, _ = student.forward("sigmoid", spread)
    assert_close(y, spread.y, "y")
    assert_unchanged(*student.forward_arguments("sigmoid", spread))


@pytest.mark.points("check_sigmoid_backward", 1)
def test_sigmoid_backward(student, entries):
    """sigmoid_backward agrees with torch, for any shape."""
    _, grads = student.vjp("sigmoid", entries)
    assert_close(grads["x"], entries.grads["x"], "grad_x")


@pytest.mark.points("check_sigmoid_backward", 1)
def test_sigmoid_backward_keeps(student, spread, rng):
    """sigmoid_backward is right far out, and leaves grad_y and cache alone."""
    backward_keeps(student, "sigmoid", spread, sigmoid_problem(rng, (5, 4)))


def backward_keeps(student, op, problem, other):
    """A second forward pass comes between, and backward runs twice."""
    held = student.hold(problem)
    _, cache = student.forward(op, held)
    student.forward(op, other)
    assert_unchanged(*student.backward_arguments(op, held, cache))
    grads = student.backward(op, problem, cache)
    for name, expected in problem.grads.items():
        assert_close(grads[name], expected, f"grad_{name}")


def prelu_problem(rng, shape, dtype=np.float64, scale=1.0):
    x = scale * rng.standard_normal(shape)
    if x.size:
        entries = x.reshape(*x.shape[:2], -1)  # in each channel, some of both signs
        entries[0, :, 0] = -abs(entries[0, :, 0])
        entries[-1, :, -1] = abs(entries[-1, :, -1])
        entries[len(x) // 2, 0, entries.shape[2] // 2] = 0.0  # the kink
    weight = 2 * rng.standard_normal(shape[1])
    weight[:1] = -abs(weight[:1]) - 0.5  # one is negative, one above 1
    weight[1:2] = abs(weight[1:2]) + 1.5
    return Problem.solve(prelu, rng, x=x.astype(dtype), weight=weight.astype(dtype))


@pytest.fixture(
    params=[
        (4, 3),
        (3, 3),
        (2, 3, 4, 5),
        (3, 3, 3, 3),
        (2, 4, 3),
        (5, 1, 2),
        (1, 3, 4),
    ],
    ids="x of shape {}".format,
)
def channels(request, rng):
    return prelu_problem(rng, request.param)


@pytest.fixture(params=["float32", "empty batch", "large values"])
def special_channels(request, rng):
    if request.param == "empty batch":
        return prelu_problem(rng, (0, 3, 2))
    if request.param == "float32":
        return prelu_problem(rng, (4, 3, 2), np.float32)
    return prelu_problem(rng, (4, 3, 2), scale=1e4)


@pytest.mark.points("check_prelu_forward", 1)
def test_prelu_forward(student, channels):
    """prelu_forward agrees with torch, with any axes after the channels."""
    y, _ = student.forward("prelu", channels)
    assert_close(y, channels.y, "y")


@pytest.mark.points("check_prelu_forward", 1)
def test_prelu_forward_keeps(student, special_channels):
    """prelu_forward keeps float32 and its arguments; N may be 0."""
    y, _ = student.forward("prelu", special_channels)
    assert_close(y, special_channels.y, "y")
    assert_unchanged(*student.forward_arguments("prelu", special_channels))


@pytest.mark.points("check_prelu_backward", 1)
def test_prelu_backward_x(student, channels):
    """prelu_backward: grad_x agrees with torch."""
    _, grads = student.vjp("prelu", channels)
    assert_close(grads["x"], channels.grads["x"], "grad_x")


@pytest.mark.points("check_prelu_backward", 1)
def test_prelu_backward_weight(student, channels):
    """prelu_backward: grad_weight agrees with torch."""
    _, grads = student.vjp("prelu", channels)
    assert_close(grads["weight"], channels.grads["weight"], "grad_weight")


@pytest.mark.points("check_prelu_backward", 1)
def test_prelu_backward_keeps(student, special_channels, rng):
    """prelu_backward keeps float32, and leaves grad_y and cache alone."""
    backward_keeps(student, "prelu", special_channels, prelu_problem(rng, (4, 3, 2)))


def softmax_problem(rng, x, dim=None):
    options = {} if dim is None else {"dim": dim}

    def along(x, dim=-1):
        return softmax(x, dim)

    return Problem.solve(along, rng, options=options, x=x)


@pytest.fixture(
    params=[
        ((5,), None),
        ((4, 3), None),
        ((3, 3), 0),
        ((2, 3, 4), 1),
        ((2, 3, 4), -3),
        ((3, 3, 3), -2),
        ((2, 3, 1, 5), 2),
    ],
    ids="x of shape {0[0]} dim={0[1]}".format,
)
def lines(request, rng):
    shape, dim = request.param
    return softmax_problem(rng, 2 * rng.standard_normal(shape), dim)


@pytest.fixture(params=["large", "far apart", "-inf"])
def hard_lines(request, rng):
    x = rng.standard_normal((4, 3, 2))
    if request.param == "large":
        x *= 1e4
    elif request.param == "far apart":
        x += np.array([1e4, -1e4, 0.0, 800.0]).reshape(4, 1, 1)
    else:
        x[:2, 0] = x[2:, 2] = -np.inf
    return softmax_problem(rng, x, 1)


@pytest.fixture(params=["float32", "empty batch", "one entry"])
def special_lines(request, rng):
    shape = {"float32": (4, 3), "empty batch": (0, 3), "one entry": (4, 1)}
    x = rng.standard_normal(shape[request.param])
    dtype = np.float32 if request.param == "float32" else np.float64
    return softmax_problem(rng, x.astype(dtype))


def adds_up(y, dim):
    """Finer than the comparison with torch: a small number may hide in the sum."""
    return bool(np.all(np.abs(np.sum(y, axis=dim) - 1) < 1e-11))


@pytest.fixture
def forward_first(student, rng):
    """A softmax that does not quite add up spoils gradients: they depend on it."""
    problem = softmax_problem(rng, rng.standard_normal((2, 3)))
    y, _ = student.forward("softmax", problem)
    if not student.wrong and not adds_up(y, -1):
        student.wrong.append("softmax_forward")


@pytest.mark.points("check_softmax_forward", 1)
def test_softmax_forward(student, lines):
    """softmax_forward agrees with torch along any axis."""
    y, _ = student.forward("softmax", lines)
    assert_close(y, lines.y, "y")
    assert adds_up(y, lines.options.get("dim", -1)), "y does not quite add up to 1."


@pytest.mark.points("check_softmax_forward", 1)
def test_softmax_forward_hard(student, hard_lines):
    """softmax_forward is right for entries of any size, -inf among them."""
    y, _ = student.forward("softmax", hard_lines)
    assert_close(y, hard_lines.y, "y")


@pytest.mark.points("check_softmax_forward", 1)
def test_softmax_forward_keeps(student, special_lines):
    """softmax_forward keeps float32 and leaves x as it was; N may be 0."""
    y, _ = student.forward("softmax", special_lines)
    assert_close(y, special_lines.y, "y")
    assert_unchanged(*student.forward_arguments("softmax", special_lines))


@pytest.mark.points("check_softmax_backward", 1)
@pytest.mark.usefixtures("forward_first")
def test_softmax_backward(student, lines):
    """softmax_backward agrees with torch along any axis."""
    _, grads = student.vjp("softmax", lines)
    assert_close(grads["x"], lines.grads["x"], "grad_x")


@pytest.mark.points("check_softmax_backward", 1)
@pytest.mark.usefixtures("forward_first")
def test_softmax_backward_hard(student, hard_lines):
    """softmax_backward is right for entries of any size, -inf among them."""
    _, grads = student.vjp("softmax", hard_lines)
    assert_close(grads["x"], hard_lines.grads["x"], "grad_x")


@pytest.mark.points("check_softmax_backward", 1)
@pytest.mark.usefixtures("forward_first")
def test_softmax_backward_keeps(student, special_lines, rng):
    """softmax_backward keeps float32, and leaves grad_y and cache alone."""
    other = softmax_problem(rng, rng.standard_normal((4, 3)))
    backward_keeps(student, "softmax", special_lines, other)
