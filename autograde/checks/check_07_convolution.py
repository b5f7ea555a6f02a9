"""Chapter 7: correlate2d, convolve2d, conv_matrix2d, unfold. torch is the oracle."""

import numpy as np
import pytest
import torch
from torch.autograd.functional import jacobian
from torch.nn import functional as F

from autograde.compare import assert_close, assert_unchanged
from autograde.problem import Problem

# Wide, high, square, one row, one column, a kernel of one entry, one as large as x.
SIZES = [
    ((5, 7), (2, 3)),
    ((7, 4), (4, 2)),
    ((5, 5), (3, 3)),
    ((1, 6), (1, 3)),
    ((6, 2), (3, 1)),
    ((3, 4), (1, 1)),
    ((3, 4), (3, 4)),
]
SPECIAL = {
    "float32": {"dtype": np.float32},
    "large values": {"offset": 1e4},
}


def correlate2d(x, weight):
    """What torch calls a convolution, for any leading axes."""
    y = F.conv2d(x.reshape(-1, 1, *x.shape[-2:]), weight[None, None])
    return y.reshape(*x.shape[:-2], *y.shape[-2:])


def problem_of(rng, shape, kernel, *, dtype=np.float64, offset=0.0):
    return Problem.solve(
        correlate2d,
        rng,
        x=(rng.standard_normal(shape) + offset).astype(dtype),
        weight=rng.standard_normal(kernel).astype(dtype),
    )


@pytest.fixture(params=SIZES, ids="x {0[0]} kernel {0[1]}".format)
def problem(request, rng):
    return problem_of(rng, *request.param)


@pytest.fixture(
    params=[(3, 5, 4), (2, 3, 4, 5), (4, 1, 3, 3), (0, 5, 4)], ids="x {}".format
)
def leading(request, rng):
    return problem_of(rng, request.param, (2, 3))


@pytest.fixture(params=SPECIAL)
def special(request, rng):
    return problem_of(rng, (2, 5, 7), (2, 3), **SPECIAL[request.param])


@pytest.mark.points("check_correlate2d_forward", 1)
def test_correlate2d_forward(student, problem):
    """correlate2d_forward agrees with torch."""
    y, _ = student.forward("correlate2d", problem)
    assert_close(y, problem.y, "y")


@pytest.mark.points("check_correlate2d_forward", 1)
def test_correlate2d_forward_leading(student, leading):
    """correlate2d_forward takes any leading axes, also of size 0."""
    y, _ = student.forward("correlate2d", leading)
    assert_close(y, leading.y, "y")


@pytest.mark.points("check_correlate2d_forward", 1)
def test_correlate2d_forward_keeps(student, special):
    """correlate2d_forward keeps float32 and its arguments."""
    y, _ = student.forward("correlate2d", special)
    assert_close(y, special.y, "y")
    assert_unchanged(*student.forward_arguments("correlate2d", special))


@pytest.mark.points("check_correlate2d_backward", 1)
def test_correlate2d_backward_x(student, problem):
    """correlate2d_backward: grad_x agrees with torch."""
    _, grads = student.vjp("correlate2d", problem)
    assert_close(grads["x"], problem.grads["x"], "grad_x")


@pytest.mark.points("check_correlate2d_backward", 1)
def test_correlate2d_backward_weight(student, problem):
    """correlate2d_backward: grad_weight agrees with torch."""
    _, grads = student.vjp("correlate2d", problem)
    assert_close(grads["weight"], problem.grads["weight"], "grad_weight")


@pytest.mark.points("check_correlate2d_backward", 1)
def test_correlate2d_backward_leading(student, leading):
    """correlate2d_backward takes any leading axes, also of size 0."""
    _, grads = student.vjp("correlate2d", leading)
    for name, expected in leading.grads.items():
        assert_close(grads[name], expected, f"grad_{name}")


@pytest.mark.points("check_correlate2d_backward", 1)
def test_correlate2d_backward_keeps(student, special, rng):
    """correlate2d_backward keeps float32, and leaves grad_y and cache alone."""
    held = student.hold(special)
    _, cache = student.forward("correlate2d", held)
    student.forward("correlate2d", problem_of(rng, (2, 5, 7), (2, 3)))
    assert_unchanged(*student.backward_arguments("correlate2d", held, cache))
    grads = student.backward("correlate2d", special, cache)
    for name, expected in special.grads.items():
        assert_close(grads[name], expected, f"grad_{name}")


def convolved(rng, shape, kernel, mode, dtype=np.float64):
    """An image, a kernel and their convolution: torch's, with the kernel turned."""
    x = rng.standard_normal(shape).astype(dtype)
    weight = rng.standard_normal(kernel).astype(dtype)
    before = {
        "full": [k - 1 for k in kernel],
        "same": [k // 2 for k in kernel],
        "valid": [0, 0],
    }[mode]
    total = {"full": 2, "same": 1, "valid": 0}[mode]
    after = [total * (k - 1) - b for k, b in zip(kernel, before, strict=True)]
    padding = before[1], after[1], before[0], after[0]
    padded = F.pad(torch.tensor(x), padding)
    y = correlate2d(padded, torch.tensor(weight).flip(0, 1)).numpy()
    x.flags.writeable = weight.flags.writeable = False
    return x, weight, y


@pytest.mark.points("check_convolve2d", 1)
@pytest.mark.parametrize("mode", ["full", "valid"])
@pytest.mark.parametrize(
    ("shape", "kernel"), SIZES, ids="x {0[0]} kernel {0[1]}".format
)
def test_convolve2d_full_and_valid(student, rng, mode, shape, kernel):
    """convolve2d with mode "full" and "valid" turns the kernel around."""
    x, weight, expected = convolved(rng, shape, kernel, mode)
    assert_close(student.call("convolve2d", x, weight, mode=mode), expected, "y")


@pytest.mark.points("check_convolve2d", 1)
@pytest.mark.parametrize(
    ("shape", "kernel"), SIZES, ids="x {0[0]} kernel {0[1]}".format
)
def test_convolve2d_same(student, rng, shape, kernel):
    """convolve2d with mode "same" is centered, for odd and even kernels."""
    x, weight, expected = convolved(rng, shape, kernel, "same")
    assert_close(student.call("convolve2d", x, weight, mode="same"), expected, "y")


@pytest.mark.points("check_convolve2d", 1)
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("shape", [(3, 5, 4), (2, 2, 3, 5), (0, 5, 4)], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_convolve2d_keeps(student, rng, mode, shape, dtype):
    """convolve2d takes any leading axes, keeps float32 and its arguments."""
    x, weight, expected = convolved(rng, shape, (2, 3), mode, dtype)
    assert_close(student.call("convolve2d", x, weight, mode=mode), expected, "y")
    after = dict(zip(("x", "weight"), student.calls[-1].after, strict=True))
    assert_unchanged(after, {"x": x, "weight": weight}, "convolve2d")


def matrix_of(weight, H, W):
    """The Jacobian of torch's cross-correlation, whatever the image is."""
    weight = torch.tensor(weight)
    image = weight.new_empty(1, H, W)
    M = jacobian(lambda x: correlate2d(x, weight).flatten(), image)
    return M.reshape(-1, H * W).numpy()


@pytest.mark.points("check_conv_matrix2d", 1)
@pytest.mark.parametrize(
    ("shape", "kernel"), SIZES, ids="x {0[0]} kernel {0[1]}".format
)
def test_conv_matrix2d(student, rng, shape, kernel):
    """conv_matrix2d: M times an image is torch's answer."""
    weight = rng.standard_normal(kernel)
    expected = matrix_of(weight, *shape)
    assert_close(student.call("conv_matrix2d", weight, *shape), expected, "M")


@pytest.mark.points("check_conv_matrix2d", 1)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_conv_matrix2d_keeps(student, rng, dtype):
    """conv_matrix2d keeps the kernel and its dtype."""
    weight = rng.standard_normal((2, 3)).astype(dtype)
    weight.flags.writeable = False
    expected = matrix_of(weight.copy(), 5, 4)
    assert_close(student.call("conv_matrix2d", weight, 5, 4), expected, "M")
    after = {"weight": student.calls[-1].after[0]}
    assert_unchanged(after, {"weight": weight}, "conv_matrix2d")


def unfold_problem(rng, shape, dtype=np.float64, **options):
    def unfold(x, **options):
        return F.unfold(x, **options)

    x = rng.standard_normal(shape).astype(dtype)
    return Problem.solve(unfold, rng, options=options, x=x)


@pytest.fixture(
    params=[
        ((2, 3, 4, 6), (2, 3), "float64"),
        ((1, 1, 3, 3), (2, 2), "float32"),
        ((3, 2, 5, 4), (4, 1), "float64"),
        ((2, 2, 3, 4), (3, 4), "float64"),
        ((2, 3, 2, 4), (1, 1), "float64"),
        ((0, 3, 4, 5), (2, 3), "float64"),
    ],
    ids="{0[2]} of shape {0[0]}, kernel {0[1]}".format,
)
def stack(request, rng):
    shape, kernel, dtype = request.param
    return unfold_problem(rng, shape, dtype, kernel_size=kernel)


# The last windows of most leave pixels over; all pairs have two different numbers.
OPTIONS = {
    "stride": {"stride": (2, 3)},
    "padding": {"padding": (2, 1)},
    "dilation": {"dilation": (3, 2)},
    "all": {"dilation": (2, 3), "padding": (1, 3), "stride": (3, 2)},
    "stride larger than the kernel": {"stride": (4, 5)},
}


@pytest.fixture(params=OPTIONS)
def chosen(request, rng):
    options = OPTIONS[request.param]
    return unfold_problem(rng, (2, 3, 7, 8), kernel_size=(3, 2), **options)


@pytest.mark.points("check_unfold_forward", 1)
def test_unfold_forward(student, stack):
    """unfold_forward agrees with torch, and leaves x as it was."""
    y, _ = student.forward("unfold", stack)
    assert_close(y, stack.y, "y")
    assert_unchanged(*student.forward_arguments("unfold", stack))


@pytest.mark.points("check_unfold_forward", 1)
def test_unfold_forward_chosen(student, chosen):
    """unfold_forward with dilation, padding and stride."""
    y, _ = student.forward("unfold", chosen)
    assert_close(y, chosen.y, "y")


@pytest.mark.points("check_unfold_backward", 1)
def test_unfold_backward(student, stack, rng):
    """unfold_backward agrees with torch, and leaves grad_y and cache alone."""
    held = student.hold(stack)
    _, cache = student.forward("unfold", held)
    student.forward("unfold", unfold_problem(rng, (1, 2, 3, 4), kernel_size=(2, 2)))
    assert_unchanged(*student.backward_arguments("unfold", held, cache))
    grads = student.backward("unfold", stack, cache)
    assert_close(grads["x"], stack.grads["x"], "grad_x")


@pytest.mark.points("check_unfold_backward", 1)
def test_unfold_backward_chosen(student, chosen):
    """unfold_backward with dilation, padding and stride."""
    _, grads = student.vjp("unfold", chosen)
    assert_close(grads["x"], chosen.grads["x"], "grad_x")
