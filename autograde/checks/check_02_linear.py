"""Chapter 2: linear, flatten, bilinear. `student` calls into the sandbox."""

import numpy as np
import pytest
import torch
from torch.nn.functional import bilinear, linear

from autograde.compare import assert_close, assert_unchanged
from autograde.problem import Problem


def linear_problem(rng, shape, K=2, *, bias=True, dtype=np.float64, offset=0.0):
    return Problem.solve(
        linear,
        rng,
        x=(rng.standard_normal(shape) + offset).astype(dtype),
        weight=rng.standard_normal((K, shape[-1])).astype(dtype),
        bias=rng.standard_normal(K).astype(dtype) if bias else None,
    )


# Wide, square, and each size once 1: a transpose too many passes where K = D.
@pytest.fixture(
    params=[(4, 3, 2), (3, 3, 3), (1, 5, 2), (4, 1, 2), (5, 2, 1)],
    ids="N={0[0]} D={0[1]} K={0[2]}".format,
)
def problem(request, rng):
    N, D, K = request.param
    return linear_problem(rng, (N, D), K)


@pytest.fixture(
    params=[(2, 4, 3), (3, 1, 2, 3), (3,), (0, 3)], ids="x of shape {}".format
)
def leading(request, rng):
    return linear_problem(rng, request.param)


@pytest.fixture(params=["float32", "no bias", "large values"])
def special(request, rng):
    options = {
        "float32": {"dtype": np.float32},
        "no bias": {"bias": False},
        "large values": {"offset": 1e4},
    }
    return linear_problem(rng, (4, 3), **options[request.param])


@pytest.mark.points("check_linear_forward", 1)
def test_linear_forward(student, problem):
    """linear_forward agrees with torch."""
    y, _ = student.forward("linear", problem)
    assert_close(y, problem.y, "y")


@pytest.mark.points("check_linear_forward", 1)
def test_linear_forward_leading(student, leading):
    """linear_forward takes any leading axes, also none or size 0."""
    y, _ = student.forward("linear", leading)
    assert_close(y, leading.y, "y")
    assert_unchanged(*student.forward_arguments("linear", leading))


@pytest.mark.points("check_linear_forward", 1)
def test_linear_forward_keeps(student, special):
    """linear_forward keeps float32 and its arguments; the bias may be None."""
    y, _ = student.forward("linear", special)
    assert_close(y, special.y, "y")
    assert_unchanged(*student.forward_arguments("linear", special))


@pytest.mark.points("check_linear_backward", 1)
def test_linear_backward_x(student, problem):
    """linear_backward: grad_x agrees with torch."""
    _, grads = student.vjp("linear", problem)
    assert_close(grads["x"], problem.grads["x"], "grad_x")


@pytest.mark.points("check_linear_backward", 1)
def test_linear_backward_parameters(student, problem):
    """linear_backward: grad_weight and grad_bias agree with torch."""
    _, grads = student.vjp("linear", problem)
    for name in ("weight", "bias"):
        assert_close(grads[name], problem.grads[name], f"grad_{name}")


@pytest.mark.points("check_linear_backward", 1)
def test_linear_backward_leading(student, leading):
    """linear_backward takes any leading axes, also none or size 0."""
    held = student.hold(leading)
    _, cache = student.forward("linear", held)
    assert_unchanged(*student.backward_arguments("linear", held, cache))
    grads = student.backward("linear", leading, cache)
    for name, expected in leading.grads.items():
        assert_close(grads[name], expected, f"grad_{name}")


@pytest.mark.points("check_linear_backward", 1)
def test_linear_backward_keeps(student, special, rng):
    """linear_backward keeps float32, and leaves grad_y and cache alone."""
    held = student.hold(special)
    _, cache = student.forward("linear", held)
    student.forward("linear", linear_problem(rng, (4, 3)))
    assert_unchanged(*student.backward_arguments("linear", held, cache))
    grads = student.backward("linear", special, cache)
    for name, expected in special.grads.items():
        assert_close(grads[name], expected, f"grad_{name}")


def flatten_problem(rng, shape, dtype=np.float64, **options):
    def flatten(x, start_dim=1, end_dim=-1):
        return torch.flatten(x, start_dim, end_dim)

    x = (9 * rng.standard_normal(shape)).astype(dtype)
    return Problem.solve(flatten, rng, options=options, x=x)


@pytest.fixture(
    params=[
        ((4, 3, 2), "float64"),
        ((3, 3, 3), "float32"),
        ((2, 3, 1, 5), "float64"),
        ((1, 2, 3), "int64"),
        ((0, 3, 2), "float64"),
        ((5, 2), "float64"),
    ],
    ids="{0[1]} of shape {0[0]}".format,
)
def image(request, rng):
    return flatten_problem(rng, *request.param)


@pytest.fixture(
    params=[(0, -1), (0, 1), (1, 2), (2, 3), (-3, -2), (1, 1), (-4, 3)],
    ids="start_dim={0[0]} end_dim={0[1]}".format,
)
def chosen(request, rng):
    start, end = request.param
    return flatten_problem(rng, (2, 3, 4, 5), start_dim=start, end_dim=end)


@pytest.mark.points("check_flatten_forward", 1)
def test_flatten_forward(student, image):
    """flatten_forward joins all axes but the first, and leaves x as it was."""
    y, _ = student.forward("flatten", image)
    assert_close(y, image.y, "y")
    assert_unchanged(*student.forward_arguments("flatten", image))


@pytest.mark.points("check_flatten_forward", 1)
def test_flatten_forward_chosen(student, chosen):
    """flatten_forward joins start_dim to end_dim, both included."""
    y, _ = student.forward("flatten", chosen)
    assert_close(y, chosen.y, "y")


@pytest.mark.points("check_flatten_backward", 1)
@pytest.mark.parametrize(
    "case", ["default", "float32", "start_dim=0 end_dim=1", "start_dim=1 end_dim=2"]
)
def test_flatten_backward(student, rng, case):
    """flatten_backward gives each entry of grad_y its place in x."""
    options = {
        "default": {},
        "float32": {"dtype": np.float32},
        "start_dim=0 end_dim=1": {"start_dim": 0, "end_dim": 1},
        "start_dim=1 end_dim=2": {"start_dim": 1, "end_dim": 2},
    }
    problem = flatten_problem(rng, (2, 3, 4, 5), **options[case])
    held = student.hold(problem)
    _, cache = student.forward("flatten", held)
    student.forward("flatten", flatten_problem(rng, (5, 4, 3, 2)))
    assert_unchanged(*student.backward_arguments("flatten", held, cache))
    grads = student.backward("flatten", problem, cache)
    assert_close(grads["x"], problem.grads["x"], "grad_x")


def bilinear_problem(rng, N, D1, D2, K, dtype=np.float64, offset=0.0):
    return Problem.solve(
        bilinear,
        rng,
        x1=(rng.standard_normal((N, D1)) + offset).astype(dtype),
        x2=rng.standard_normal((N, D2)).astype(dtype),
        weight=rng.standard_normal((K, D1, D2)).astype(dtype),
        bias=rng.standard_normal(K).astype(dtype),
    )


@pytest.fixture(
    params=[(4, 3, 2, 5), (3, 3, 3, 3), (1, 2, 4, 3), (4, 1, 3, 2), (2, 3, 1, 4)],
    ids="N={0[0]} D1={0[1]} D2={0[2]} K={0[3]}".format,
)
def pair(request, rng):
    return bilinear_problem(rng, *request.param)


@pytest.fixture(params=["float32", "empty batch", "large values"])
def special_pair(request, rng):
    if request.param == "empty batch":
        return bilinear_problem(rng, 0, 3, 2, 5)
    if request.param == "float32":
        return bilinear_problem(rng, 4, 3, 2, 5, np.float32)
    return bilinear_problem(rng, 4, 3, 2, 5, offset=1e4)


@pytest.mark.points("check_bilinear_forward", 1)
def test_bilinear_forward(student, pair):
    """bilinear_forward agrees with torch."""
    y, _ = student.forward("bilinear", pair)
    assert_close(y, pair.y, "y")


@pytest.mark.points("check_bilinear_forward", 1)
def test_bilinear_forward_keeps(student, special_pair):
    """bilinear_forward keeps float32 and its arguments; N may be 0."""
    y, _ = student.forward("bilinear", special_pair)
    assert_close(y, special_pair.y, "y")
    assert_unchanged(*student.forward_arguments("bilinear", special_pair))


@pytest.mark.points("check_bilinear_backward", 1)
def test_bilinear_backward_inputs(student, pair):
    """bilinear_backward: grad_x1 and grad_x2 agree with torch."""
    _, grads = student.vjp("bilinear", pair)
    for name in ("x1", "x2"):
        assert_close(grads[name], pair.grads[name], f"grad_{name}")


@pytest.mark.points("check_bilinear_backward", 1)
def test_bilinear_backward_parameters(student, pair):
    """bilinear_backward: grad_weight and grad_bias agree with torch."""
    _, grads = student.vjp("bilinear", pair)
    for name in ("weight", "bias"):
        assert_close(grads[name], pair.grads[name], f"grad_{name}")


@pytest.mark.points("check_bilinear_backward", 1)
def test_bilinear_backward_keeps(student, special_pair, rng):
    """bilinear_backward keeps float32, and leaves grad_y and cache alone."""
    held = student.hold(special_pair)
    _, cache = student.forward("bilinear", held)
    student.forward("bilinear", bilinear_problem(rng, 4, 3, 2, 5))
    assert_unchanged(*student.backward_arguments("bilinear", held, cache))
    grads = student.backward("bilinear", special_pair, cache)
    for name, expected in special_pair.grads.items():
        assert_close(grads[name], expected, f"grad_{name}")
