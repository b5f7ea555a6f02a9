"""What a check can ask of a submission, and what happens when that goes wrong."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from torch.nn.functional import linear

from autograde.compare import assert_close, assert_unchanged
from autograde.problem import Problem
from autograde.session import (
    Crashed,
    Garbled,
    LocalSession,
    NotAnswered,
    OutOfMemory,
    Reply,
    SandboxError,
    Statement,
    StudentError,
    TimedOut,
)
from autograde.student import Student
from autograde.wire import Handle

FORWARD = "def linear_forward(x, weight, bias): return x @ weight.T + bias, {}"
BACKWARD = """
def linear_backward(grad_y, cache):
    x, weight = cache
    return grad_y @ weight, grad_y.T @ x, grad_y.sum(0)
"""


def make(*sources):
    program = [Statement(s, "your cell", 1, "definition") for s in sources]
    return Student(lambda: LocalSession(program))


@pytest.fixture
def problem():
    return a_problem(4)


def a_problem(N):
    rng = np.random.default_rng(N)
    arrays = {"x": (N, 3), "weight": (2, 3), "bias": (2,)}
    return Problem.solve(
        linear, rng, **{name: rng.standard_normal(s) for name, s in arrays.items()}
    )


def test_forward_and_backward(problem):
    student = make(FORWARD.format("(x, weight)"), BACKWARD)
    y, grads = student.vjp("linear", problem)
    assert_close(y, problem.y, "y")
    for name in ("x", "weight", "bias"):
        assert_close(grads[name], problem.grads[name], name)
    assert student.wrong == []


@pytest.mark.parametrize(
    ("cache", "unpack"),
    [
        ("{'x': x, 'weight': weight}", "x, weight = cache['x'], cache['weight']"),
        ("lambda: (x, weight)", "x, weight = cache()"),
        (
            "{1: {x.tobytes(): x}, 2: weight}",
            "(x,), weight = cache[1].values(), cache[2]",
        ),
    ],
)
def test_a_cache_is_what_the_student_likes(problem, cache, unpack):
    backward = BACKWARD.replace("x, weight = cache", unpack)
    student = make(FORWARD.format(cache), backward)
    _, cache = student.forward("linear", problem)
    assert isinstance(cache, Handle)
    grads = student.backward("linear", problem, cache)
    assert_close(grads["x"], problem.grads["x"], "grad_x")


def test_state_between_calls_shows(problem):
    student = make(
        "class Cache: pass",
        "last = Cache()",
        FORWARD.replace("return", "last.x, last.weight = x, weight; return").format(
            "last"
        ),
        BACKWARD.replace("cache\n", "last.x, last.weight\n"),
    )
    _, cache = student.forward("linear", problem)
    grads = student.backward("linear", problem, cache)
    assert_close(grads["x"], problem.grads["x"], "grad_x")
    student.forward("linear", a_problem(4 + 1))
    with pytest.raises(StudentError):
        student.backward("linear", problem, cache)


def test_arguments_after_a_call(problem):
    student = make("def linear_forward(x, weight, bias):\n    x += 1\n    return x, ()")
    student.forward("linear", problem)
    after, before, function = student.forward_arguments("linear", problem)
    with pytest.raises(AssertionError, match="linear_forward changes entries of x"):
        assert_unchanged(after, before, function)
    np.testing.assert_array_equal(after["x"], problem.arrays["x"] + 1)
    np.testing.assert_array_equal(after["weight"], problem.arrays["weight"])


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("cache[0].shape = (-1,)", "the shape of x"),
        ("cache[1][...] = 0", "entries of weight"),
        ("grad_y += 1", "entries of grad_y"),
    ],
)
def test_a_backward_that_changes_what_the_forward_was_given(problem, line, what):
    """The cache holds the caller's own arrays; only a look inside shows that."""
    backward = f"def linear_backward(grad_y, cache):\n    {line}\n    return 1, 2, 3"
    student = make(FORWARD.format("(x, weight)"), backward)
    held = student.hold(problem)
    _, cache = student.forward("linear", held)
    with pytest.raises(AssertionError, match=f"linear_backward changes {what}"):
        assert_unchanged(*student.backward_arguments("linear", held, cache))


def test_a_forward_that_changes_x_is_not_held_against_the_backward(problem):
    forward = "def linear_forward(x, weight, bias):\n    x += 1\n    return x, ()"
    student = make(forward, "def linear_backward(grad_y, cache): return 1, 2, 3")
    held = student.hold(problem)
    _, cache = student.forward("linear", held)
    assert_unchanged(*student.backward_arguments("linear", held, cache))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "return x",
            "linear_forward returns an array, not 2 things: y and the cache",
        ),
        ("return x, 1, 2", "linear_forward returns 3 things, not 2 things"),
        ("pass", "linear_forward returns None, not 2 things"),
    ],
)
def test_a_forward_that_returns_no_pair(problem, source, message):
    student = make(f"def linear_forward(x, weight, bias): {source}")
    with pytest.raises(AssertionError, match=message):
        student.forward("linear", problem)
    assert student.wrong == ["linear_forward"]


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ("grad_y", "returns an array, not 3 things: grad_x, grad_weight, grad_bias"),
        ("(grad_y,)", "returns 1 thing, not 3"),
        ("None", "returns None, not 3"),
    ],
)
def test_a_backward_with_another_number_of_gradients(problem, returned, message):
    student = make(
        FORWARD.format("()"), f"def linear_backward(grad_y, cache): return {returned}"
    )
    with pytest.raises(AssertionError, match=message):
        student.vjp("linear", problem)


def test_a_wrong_forward_is_remembered_until_the_case_ends(problem):
    wrong = FORWARD.replace("+ bias", "- bias")
    student = make(wrong.format("(x, weight)"), BACKWARD)
    _, grads = student.vjp("linear", problem)
    assert_close(grads["x"], problem.grads["x"], "grad_x")  # right all the same
    assert student.wrong == ["linear_forward"]
    student.begin()
    assert (student.wrong, student.calls) == ([], [])


def test_what_is_missing_is_not_answered(problem):
    with pytest.raises(NotAnswered):
        make().forward("linear", problem)


@pytest.mark.parametrize("lie", [None, (), (1, 2, 3, 4), (Handle(0),) * 4])
def test_a_look_believes_arrays_only(problem, lie):
    """A process that a student has taken over may answer anything."""
    student = make()
    held = student.hold(problem)
    student._session.read = lambda *_: Reply(lie, (0,) * 4, {})
    with pytest.raises(Garbled):
        student.look(held)


STANDING = LocalSession([Statement("def stands(): return 1", "c", 1, "definition")])


@dataclass
class Falling:
    """A session that dies of the calls of one function."""

    fault: Exception
    calls: list = field(default_factory=list)
    failures: tuple = ()
    alive: bool = True

    def ask(self, request):
        self.calls.append(request.function)
        if request.function == "falls":
            self.alive = False
            raise self.fault
        return STANDING.ask(request)

    def read(self, request, frame):
        return STANDING.read(request, frame)

    def close(self):
        self.alive = False


@pytest.mark.parametrize("kind", [TimedOut, OutOfMemory, Crashed])
def test_what_fell_is_not_run_again_and_the_rest_goes_on(kind):
    sessions = []

    def connect():
        sessions.append(Falling(kind("it fell")))
        return sessions[-1]

    student = Student(connect)
    for _ in range(3):
        assert student.call("stands") == 1
        with pytest.raises(kind):
            student.call("falls")
    assert [s.calls for s in sessions] == [["stands", "falls"], ["stands"] * 2]


def test_a_session_that_does_not_open_is_not_tried_for_every_check():
    tries = []

    def connect():
        tries.append(1)
        raise SandboxError("no bubblewrap")

    student = Student(connect)
    for _ in range(5):
        with pytest.raises(SandboxError):
            student.call("f")
    assert len(tries) == 1


def test_closing_ends_the_session():
    session = Falling(TimedOut())
    student = Student(lambda: session)
    student.call("stands")
    student.close()
    assert not session.alive


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("def double(x): return 2 * x", []),
        ("def double(x): return x", ["double"]),
        ("def double(x): return [2, 4]", ["double"]),
        ("def double(x): raise ValueError", ["double"]),
        ("def double(x): raise NotImplementedError", ["double"]),
    ],
)
def test_a_function_that_others_build_on_is_probed(source, wrong):
    student = make(source)
    student.probe("double", np.array([2.0, 4.0]), np.array([1.0, 2.0]))
    assert student.wrong == wrong
