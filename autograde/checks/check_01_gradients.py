"""Chapter 1: sums over copies, graphs, differences. torch is the oracle."""

import numpy as np
import pytest
import torch

from autograde.compare import assert_close, assert_unchanged, kind
from autograde.graphs import GraphProblem
from autograde.problem import Problem
from autograde.wire import Name


def reduced(grad, shape):
    return torch.tensor(grad).sum_to_size(shape).numpy()


@pytest.mark.points("check_unbroadcast", 1)
@pytest.mark.parametrize(
    "case",
    [
        ((4, 3), (3,)),
        ((4, 3), (1, 3)),
        ((4, 3), (4, 1)),
        ((4, 3), (1, 1)),
        ((3, 3), (3,)),
        ((3, 3), (3, 1)),
        ((2, 5, 3), (5, 1)),
        ((2, 3, 5, 4), (3, 1, 4)),
        ((2, 3, 5, 4), (4,)),
        ((2, 3, 5, 4), (5, 1)),
        ((2, 2, 2, 2), (2, 1, 2)),
    ],
    ids="{0[0]} from {0[1]}".format,
)
def test_unbroadcast(student, rng, case):
    """unbroadcast sums over each axis that was added or repeated."""
    full, shape = case
    grad = rng.standard_normal(full)
    expected = reduced(grad, shape)
    assert_close(student.call("unbroadcast", grad, shape), expected, "the result")


@pytest.mark.points("check_unbroadcast", 1)
@pytest.mark.parametrize(
    "case",
    [
        ((4, 3), ()),
        ((), ()),
        ((5,), (1,)),
        ((4, 3), (4, 3)),
        ((1, 3), (1, 3)),
        ((1, 3), (3,)),
        ((0, 3), (3,)),
        ((0, 3), (1, 3)),
        ((2, 0), (2, 1)),
    ],
    ids="{0[0]} from {0[1]}".format,
)
def test_unbroadcast_edges(student, rng, case):
    """unbroadcast takes shapes without axes, equal shapes, and size 0."""
    full, shape = case
    grad = np.asarray(rng.standard_normal(full))
    expected = reduced(grad, shape)
    assert_close(student.call("unbroadcast", grad, shape), expected, "the result")


@pytest.mark.points("check_unbroadcast", 1)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_unbroadcast_keeps(student, rng, dtype):
    """unbroadcast keeps float32 and leaves grad as it was."""
    grad, shape = rng.standard_normal((2, 3, 5, 4)).astype(dtype), (3, 1, 4)
    expected = reduced(grad, shape)
    result = student.call("unbroadcast", grad, shape)
    assert_unchanged(
        {"grad": student.calls[-1].after[0]}, {"grad": grad}, "unbroadcast"
    )
    assert_close(result, expected, "the result")


def matmul_problem(rng, shape1, shape2, dtype=np.float64):
    x1, x2 = (rng.standard_normal(s).astype(dtype) for s in (shape1, shape2))
    return Problem.solve(torch.matmul, rng, x1=x1, x2=x2)


def probe_unbroadcast(student, problem):
    """Whether the student's unbroadcast does what this problem needs of it."""
    x1, x2 = problem.arrays.values()
    full1 = problem.grad_y @ x2.swapaxes(-1, -2)
    full2 = x1.swapaxes(-1, -2) @ problem.grad_y
    for full, shape in ((full1, x1.shape), (full2, x2.shape)):
        student.probe("unbroadcast", reduced(full, shape), full, shape)


def assert_matmul_backward(student, problem):
    probe_unbroadcast(student, problem)
    _, grads = student.vjp("matmul", problem)
    for name, expected in problem.grads.items():
        assert_close(grads[name], expected, f"grad_{name}")


@pytest.mark.points("check_matmul_backward", 1)
@pytest.mark.parametrize(
    "case",
    [(4, 3, 2), (3, 3, 3), (1, 5, 2), (4, 1, 2), (5, 2, 1)],
    ids="N={0[0]} D={0[1]} K={0[2]}".format,
)
def test_matmul_backward(student, rng, case):
    """matmul_backward: both gradients of a product of two matrices."""
    N, D, K = case
    assert_matmul_backward(student, matmul_problem(rng, (N, D), (D, K)))


@pytest.mark.points("check_matmul_backward", 1)
@pytest.mark.parametrize(
    "case",
    [
        ((5, 4, 3), (5, 3, 2)),
        ((5, 4, 3), (3, 2)),
        ((4, 3), (5, 3, 2)),
        ((2, 1, 4, 3), (5, 3, 2)),
        ((1, 4, 3), (5, 3, 2)),
        ((2, 5, 4, 3), (2, 1, 3, 2)),
        ((3, 3, 3), (3, 3)),
        ((5, 1, 3), (3, 1)),
        ((5, 4, 1), (2, 5, 1, 3)),
        ((0, 4, 3), (3, 2)),
    ],
    ids="x1 {0[0]} x2 {0[1]}".format,
)
def test_matmul_backward_leading(student, rng, case):
    """matmul_backward undoes the broadcasting of any axes in front."""
    shape1, shape2 = case
    assert_matmul_backward(student, matmul_problem(rng, shape1, shape2))


@pytest.mark.points("check_matmul_backward", 1)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_matmul_backward_keeps(student, rng, dtype):
    """matmul_backward keeps float32, and leaves grad_y and cache alone."""
    problem = matmul_problem(rng, (2, 1, 4, 3), (5, 3, 2), dtype)
    probe_unbroadcast(student, problem)
    held = student.hold(problem)
    _, cache = student.forward("matmul", held)
    assert_unchanged(*student.backward_arguments("matmul", held, cache))
    grads = student.backward("matmul", problem, cache)
    for name, expected in problem.grads.items():
        assert_close(grads[name], expected, f"grad_{name}")


def select_problem(rng, shape, index, dtype=np.float64):
    def index_select(x, index):
        return torch.index_select(x, 0, index)

    x = rng.standard_normal(shape).astype(dtype)
    index = np.array(index, np.int64)
    return Problem.solve(index_select, rng, x=x, index=index)


@pytest.mark.points("check_index_select_backward", 1)
@pytest.mark.parametrize(
    "case",
    [
        ((5, 3), [4, 0, 2]),
        ((3, 3), [2, 0, 1]),
        ((5, 3), [1, 1, 4, 1, 0, 4]),
        ((4,), [3, 3, 0]),
        ((4, 2, 3), [1, 2, 1]),
        ((1, 2), [0, 0, 0, 0]),
        ((3, 2), []),
    ],
    ids="x {0[0]} index {0[1]}".format,
)
def test_index_select_backward(student, rng, case):
    """index_select_backward adds up each row, over all its uses."""
    shape, index = case
    problem = select_problem(rng, shape, index)
    _, grads = student.vjp("index_select", problem)
    assert_close(grads["x"], problem.grads["x"], "grad_x")
    assert grads["index"] is None, f"grad_index is {kind(grads['index'])}, not None."


@pytest.mark.points("check_index_select_backward", 1)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_index_select_backward_keeps(student, rng, dtype):
    """index_select_backward keeps float32, and leaves its arguments alone."""
    problem = select_problem(rng, (4, 2), [3, 1, 3], dtype)
    held = student.hold(problem)
    _, cache = student.forward("index_select", held)
    assert_unchanged(*student.backward_arguments("index_select", held, cache))
    grads = student.backward("index_select", problem, cache)
    assert_close(grads["x"], problem.grads["x"], "grad_x")


# Neither alphabetical order nor its reverse is an order of computation.
MANY = "d = m + w, z = d * m, a = z + d, s = a * z, k = tanh s, p = k + d"


def assert_backward(student, problem):
    graph, values, grad_output = problem.graph, problem.values, problem.grad_output
    grads = student.call("backward", graph, values, problem.output, grad_output)
    nodes, arrays, _, upstream = student.calls[-1].after
    before, after = {**values, "grad_output": grad_output}, dict(arrays)
    assert nodes == graph, (
        "backward changes graph. The caller still needs it as it was."
    )
    assert after.keys() == values.keys(), "backward changes which nodes values has."
    assert_unchanged({**after, "grad_output": upstream}, before, "backward")
    assert isinstance(grads, dict), f"backward returns {kind(grads)}, not a dict."
    for name, expected in problem.grads.items():
        assert name in grads, f"The gradient of node {name} is missing."
        assert_close(grads[name], expected, f"the gradient of node {name}")


@pytest.mark.points("check_backward", 1)
@pytest.mark.parametrize(
    "graph", ["d = tanh m, z = tanh d, p = tanh z", "d = m + w, a = d * z, p = tanh a"]
)
def test_backward_once(student, rng, graph):
    """backward finds its way where each node is used once."""
    assert_backward(student, GraphProblem.solve(graph, rng))


@pytest.mark.points("check_backward", 2)
@pytest.mark.parametrize(
    "graph",
    [
        "d = tanh m, a = d * d, p = a + w",
        "d = tanh m, z = tanh d, p = z * d",
        "d = m + w, z = m * d, p = d * z",
        "d = m + m, z = d + d, a = z + z, s = a * a, p = s + m",
        MANY,
    ],
)
def test_backward_reused(student, rng, graph):
    """backward adds up what a node gets, and passes on all of it."""
    assert_backward(student, GraphProblem.solve(graph, rng))


@pytest.mark.points("check_backward", 1)
@pytest.mark.parametrize(
    "options",
    [{"output": "a"}, {"output": "m"}, {"dtype": "float32"}, {"shape": ()}],
    ids=["from the middle", "from an input", "float32", "arrays without axes"],
)
def test_backward_any(student, rng, options):
    """backward starts from any node; arrays of any shape, and float32."""
    assert_backward(student, GraphProblem.solve(MANY, rng, **options))


FUNCTIONS = {
    "np.square": torch.square,
    "np.exp": torch.exp,
    "np.sin": torch.sin,
    "np.sum": torch.sum,
    "np.prod": torch.prod,
    "np.cumsum": lambda x: x.flatten().cumsum(0),
    "np.ravel": torch.ravel,
    "np.transpose": lambda x: x.permute(*reversed(range(x.ndim))),
}


def central(f, x, grad_y, eps):
    """(L(x + eps) - L(x - eps)) / (2 eps) for each entry of x, by its definition."""

    def loss(index, step):
        moved = torch.tensor(x, dtype=torch.float64)
        moved[index] += step
        return torch.sum(torch.tensor(grad_y) * f(moved)).item()

    places = np.ndindex(*x.shape)
    found = [(loss(i, eps) - loss(i, -eps)) / (2 * eps) for i in places]
    return np.array(found, dtype=np.float64).reshape(x.shape)


def true_vjp(f, x, grad_y):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(f(x), x, torch.tensor(grad_y))[0].numpy()


def assert_numerical_vjp(student, rng, name, x, **options):
    """Compare with the definition if eps is given, else with the true gradient."""
    f, x = FUNCTIONS[name], np.asarray(x)
    grad_y = np.asarray(rng.standard_normal(tuple(f(torch.tensor(x)).shape)))
    expected = (central if options else true_vjp)(f, x, grad_y, **options)
    result = student.call("numerical_vjp", Name(name), x, grad_y, **options)
    dtype = getattr(result, "dtype", np.float64)
    assert dtype == np.float64, f"The result is {dtype}. It is measured in float64."
    assert_close(result, expected, "the result")


def assert_x_kept(student):
    """numerical_vjp, which was called last, left x and grad_y as they were."""
    (_, x, grad_y), after = student.calls[-1].args, student.calls[-1].after
    before = {"x": x, "grad_y": grad_y}
    assert_unchanged({"x": after[1], "grad_y": after[2]}, before, "numerical_vjp")


# So large an eps that rounding is far below the tolerance, and a forward difference,
# or another eps, far above.
@pytest.mark.points("check_numerical_vjp", 1)
@pytest.mark.parametrize("eps", [0.5, 0.01], ids="eps={}".format)
@pytest.mark.parametrize("f", ["np.square", "np.exp", "np.sin"])
def test_numerical_vjp(student, rng, f, eps):
    """numerical_vjp is the central difference, with the eps that it gets."""
    assert_numerical_vjp(student, rng, f, rng.standard_normal(4), eps=eps)


@pytest.mark.points("check_numerical_vjp", 1)
@pytest.mark.parametrize(
    "case",
    [
        ("np.sin", (2, 3)),
        ("np.exp", (2, 1, 3)),
        ("np.sum", (2, 3)),
        ("np.prod", (2, 3)),
        ("np.cumsum", (3, 2)),
        ("np.sin", ()),
        ("np.square", (0, 3)),
    ],
    ids="{0[0]} of x {0[1]}".format,
)
def test_numerical_vjp_shapes(student, rng, case):
    """numerical_vjp takes an x of any shape, and f may give back another."""
    f, shape = case
    assert_numerical_vjp(student, rng, f, rng.standard_normal(shape), eps=0.1)


@pytest.mark.points("check_numerical_vjp", 1)
@pytest.mark.parametrize("f", ["np.ravel", "np.transpose"])
def test_numerical_vjp_views(student, rng, f):
    """numerical_vjp stands an f that returns a view of its argument."""
    assert_numerical_vjp(student, rng, f, rng.standard_normal((2, 3)), eps=0.1)


@pytest.mark.points("check_numerical_vjp", 1)
@pytest.mark.parametrize("dtype", ["float64", "float32", "int64"])
def test_numerical_vjp_dtypes(student, rng, dtype):
    """numerical_vjp measures in float64, and leaves x and grad_y alone."""
    x = (3 * rng.standard_normal((4, 5))).astype(dtype)
    assert_numerical_vjp(student, rng, "np.sin", x)
    assert_x_kept(student)
