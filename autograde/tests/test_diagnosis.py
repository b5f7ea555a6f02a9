"""A hint comes where a submission does what a known mistake does, and only there."""

import numpy as np
import pytest

from autograde.diagnosis import NO_RETURN, hints, returns_the_same
from autograde.mistakes import known
from autograde.plugin import checks
from autograde.session import LocalSession, Statement
from autograde.student import Call, Student
from autograde.wire import Name, Seed
from solutions.exercise import source_of

KNOWN = known("02_linear")
HINTS = {mistake.name: mistake.hint for mistake in KNOWN.mistakes}


def diagnose(exercise, *sources, forward=""):
    """The hints for an exercise, in a notebook that is right but for these sources."""
    rest = [source_of(f.__module__, name) for name, f in KNOWN.references.items()]
    program = [
        Statement(source, "your cell", 1, "definition")
        for source in ("import math", "import numpy as np", *rest, forward, *sources)
    ]
    student = Student(lambda: LocalSession(program))
    cases = checks("02_linear").run(student, b"s", exercise=exercise)
    return set(hints(checks("02_linear"), exercise, cases).values())


def test_right_answers_get_no_hint():
    assert diagnose("linear_backward") == set()


@pytest.mark.parametrize(
    ("mistake", "source"),
    [
        (
            "bias_gradient_is_a_mean",  # written in another way than ours
            """
def linear_backward(grad_y, cache):
    x, weight, has_bias = cache
    g, rows = grad_y.reshape(-1, len(weight)), x.reshape(-1, weight.shape[1])
    grad_bias = np.average(g, axis=0) if has_bias and len(g) else g.sum(0) * np.nan
    return np.dot(grad_y, weight), np.einsum("nk,nd->kd", g, rows), (
        grad_bias if has_bias else None)
""",
        ),
        (
            "upcast_backward",
            """
def linear_backward(grad_y, cache):
    x, weight, has_bias = cache
    g, rows = grad_y.reshape(-1, len(weight)), x.reshape(-1, weight.shape[1])
    grad_weight = (g.T @ rows).astype("float64")
    return grad_y @ weight, grad_weight, g.sum(0) if has_bias else None
""",
        ),
        (
            "grad_y_in_place",  # other values in it than our mistake leaves
            """
def linear_backward(grad_y, cache):
    x, weight, has_bias = cache
    g, rows = grad_y.reshape(-1, len(weight)).copy(), x.reshape(-1, weight.shape[1])
    grad_x = grad_y @ weight
    grad_y += 3
    return grad_x, g.T @ rows, g.sum(0) if has_bias else None
""",
        ),
    ],
)
def test_a_mistake_is_recognized_however_it_is_written(mistake, source):
    assert diagnose("linear_backward", source) == {HINTS[mistake]}


@pytest.mark.parametrize(
    "body",
    [
        "raise ValueError('no idea')",
        "return grad_y * 7, grad_y, grad_y",
        "return np.array([grad_y, None], dtype=object)",
        "return (lambda: 1), (lambda: 2), (lambda: 3)",
        "return grad_y @ cache[1], cache[0] * 0 + 3, grad_y.sum(0)",
    ],
)
def test_what_no_known_mistake_does_gets_no_hint(body):
    assert (
        diagnose("linear_backward", f"def linear_backward(grad_y, cache): {body}")
        == set()
    )


@pytest.mark.parametrize("exercise", sorted(KNOWN.references))
def test_a_forgotten_return_is_seen_in_every_exercise(exercise):
    first = source_of(KNOWN.references[exercise].__module__, exercise).split('"""')[0]
    assert diagnose(exercise, f"{first}pass") == {NO_RETURN}


def test_two_mistakes_at_once_get_the_hint_of_each_where_it_shows():
    source = """
def flatten_forward(x, *, start_dim=1, end_dim=-1):
    x *= 1 + (x.dtype.kind == "f")
    x /= 2 if x.dtype.kind == "f" else 1
    return x.reshape(x.shape[0], math.prod(x.shape[1:])), (x.shape,)
"""
    assert HINTS["options_ignored"] in diagnose("flatten_forward", source)


def test_a_cache_of_the_student_s_own_is_no_obstacle():
    forward = """
def linear_forward(x, weight, bias=None):
    y = x @ weight.T
    return (y if bias is None else y + bias), {"x": x, "w": weight, "b": bias}
"""
    backward = """
def linear_backward(grad_y, cache):
    x, weight = cache["x"], cache["w"]
    g, rows = grad_y.reshape(-1, len(weight)), x.reshape(-1, weight.shape[1])
    return grad_y @ weight, rows.T @ g, None if cache["b"] is None else g.sum(0)
"""
    found = diagnose("linear_backward", backward, forward=forward)
    assert found == {HINTS["grad_weight_transposed"]}


def applied(f, x, rng, *, scale=1):
    """A function that takes a function, a generator and arrays in a dict."""
    y = scale * f(x["x"]) + rng.standard_normal()
    x["x"] *= 0
    return {"y": y}


@pytest.mark.parametrize(
    ("value", "same"),
    [
        ({"y": np.square([3.0]) + np.random.default_rng(1).standard_normal()}, True),
        ({"y": np.square([3.0])}, False),
        ({"z": np.square([3.0])}, False),
        ([np.square([3.0])], False),
    ],
)
@pytest.mark.parametrize("name", ["np.square", "squared"])
def test_what_stands_for_another_thing_is_replayed_with_it(name, value, same):
    args = (Name(name), {"x": np.array([3.0])}, Seed(1))
    after = args[0], {"x": np.array([0.0])}, args[2]
    call = Call("applied", args, {}, value=value, after=after)
    functions = {"applied": applied, "squared": lambda x: x * x}
    assert returns_the_same([call], functions) is same
    assert returns_the_same([call], functions) is same  # no argument was changed


def test_a_name_that_we_do_not_have_is_like_nothing_of_ours():
    call = Call("applied", (Name("cubed"), {}, Seed(1)), {}, value=None)
    assert not returns_the_same([call], {"applied": applied})
