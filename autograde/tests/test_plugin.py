"""pytest as a library: collected once, silent, replayed for each submission."""

import importlib.metadata
import os
import re
from pathlib import Path

import numpy as np
import pytest
from _pytest.runner import SetupState

from autograde.plugin import Checks, checks
from autograde.session import LocalSession, Statement
from autograde.student import Student

HEAD = """
import numpy as np
import pytest
import torch
from autograde.compare import assert_close
from autograde.problem import Problem

"""
SQUARE = (
    HEAD
    + '''
@pytest.fixture(params=[2, 3], ids="N={}".format)
def problem(request, rng):
    return Problem.solve(torch.square, rng, x=rng.standard_normal(request.param))


@pytest.mark.points("check_square_forward", 2)
def test_forward(student, problem):
    """square_forward agrees."""
    y, _ = student.forward("square", problem)
    assert_close(y, problem.y, "y")


@pytest.mark.points("check_square_backward", 1)
def test_backward(student, problem):
    """square_backward agrees."""
    _, grads = student.vjp("square", problem)
    assert_close(grads["x"], problem.grads["x"], "grad_x")
'''
)
RIGHT = {
    "square_forward": "def square_forward(x): return x * x, (x,)",
    "square_backward": "def square_backward(g, cache): return 2 * cache[0] * g",
}


def student(**answers):
    program = [
        Statement(source, f"your cell {name}", 1, "definition", (name,))
        for name, source in (RIGHT | answers).items()
    ]
    return Student(lambda: LocalSession(program))


@pytest.fixture
def make(tmp_path):
    def make(text, assignment="square"):
        (tmp_path / f"check_{assignment}.py").write_text(text)
        return Checks(assignment, tmp_path)

    return make


def verdicts(cases):
    return [case.verdict for case in cases]


def test_the_pinned_pytest_can_replay():
    """These are pytest's own: look again when its version moves."""
    assert importlib.metadata.version("pytest").split(".")[0] == "9"
    assert callable(pytest.Function._initrequest)
    assert callable(SetupState.setup)
    assert callable(SetupState.teardown_exact)


def test_a_submission_leaves_nothing_for_the_next(make):
    square = make(SQUARE)
    wrong = {"square_forward": "def square_forward(x): return x, (x,)"}
    first = verdicts(square.run(student(), b"s"))
    second = verdicts(square.run(student(**wrong), b"s"))
    third = verdicts(square.run(student(), b"s"))
    assert first == third == ["passed"] * 4
    assert second == ["failed", "failed", "passed", "passed"]
    assert square._student is None


@pytest.fixture
def replayed(monkeypatch):
    """The cases for which a check ran."""
    found, replay = [], Checks._replay

    def noted(self, item, student):
        found.append(item.name)
        return replay(self, item, student)

    monkeypatch.setattr(Checks, "_replay", noted)
    return found


def told(cases):
    """All that is seen of a case outside."""
    return [
        (c.check, c.id, c.verdict, str(c.failure), c.wrong, len(c.calls)) for c in cases
    ]


OTHERS = {
    "right, written otherwise": "def square_forward(x): return np.square(x), [x]",
    "rounded otherwise": "def square_forward(x): return x * x * (1 + 1e-15), (x,)",
    "wrong": "def square_forward(x): return 2 * x, (x,)",
    "wrong in one case": "def square_forward(x): return x * x * (len(x) > 2), (x,)",
    "raises": "def square_forward(x): return x[9]",
    "raises in the second case": "def square_forward(x): return x / len(x[2:]), x[2]",
    "not answered": "def square_forward(x): raise NotImplementedError",
    "no cache": "def square_forward(x): return x * x, None",
    "changes x": "def square_forward(x):\n    x *= x\n    return x, (x,)",
    "counts": "n = []\ndef square_forward(x): n.append(1); return x + len(n), (x,)",
}


@pytest.mark.parametrize("forward", OTHERS.values(), ids=OTHERS)
def test_what_was_graded_before_makes_no_difference(make, forward):
    fresh, used = make(SQUARE), make(SQUARE)
    for source in (RIGHT["square_forward"], *OTHERS.values()):
        used.run(student(square_forward=source), b"s")
    answer = {"numpy": "import numpy as np", "square_forward": forward}
    expected = told(fresh.run(student(**answer), b"s"))
    assert told(used.run(student(**answer), b"s")) == expected
    assert told(used.run(student(**answer), b"s")) == expected


def test_a_check_runs_once_for_all_who_reply_the_same(make, replayed):
    square = make(SQUARE)
    first = square.run(student(), b"s")
    assert len(replayed) == len(first) == 4
    same = {"square_forward": "def square_forward(x): return x ** 2, {'x': x}"}
    same["square_backward"] = "def square_backward(g, c): return 2 * c['x'] * g"
    assert square.run(student(**same), b"s") == first
    assert len(replayed) == 4
    square.run(student(), b"another secret")
    assert len(replayed) == 8
    one = {"square_forward": "def square_forward(x): return x * x * (len(x) < 3), (x,)"}
    assert verdicts(square.run(student(**one), b"s")).count("failed") == 1
    assert sorted(replayed[8:]) == ["test_backward[N=3]", "test_forward[N=3]"]


def test_what_fails_by_an_exception_is_each_student_s_own(make):
    """The line is; so the check runs, and asks for nothing twice."""
    square, asked = make(SQUARE), []
    square.run(student(), b"s")
    for line in (1, 2):
        broken = "\n" * line + "def square_backward(g, cache): return g[9]"
        one = student(square_backward=broken)
        ask = one._ask
        one._ask = lambda request, ask=ask: asked.append(request) or ask(request)
        failures = [case.failure for case in square.run(one, b"s")]
        assert failures[2].where == f"line {line + 1} of your cell square_backward"
        assert len(asked) == 6 * line


def test_a_check_that_asks_differently_each_time_is_ours_to_put_right(make):
    draws = SQUARE.replace("rng.standard_normal(request", "np.random.rand(request")
    square = make(draws)
    assert verdicts(square.run(student(), b"s")) == ["passed"] * 4
    wrong = {"square_forward": "def square_forward(x): return x, (x,)"}
    assert verdicts(square.run(student(**wrong), b"s")) == ["not graded"] * 4


def test_what_a_check_is_worth_and_called(make):
    forward, backward = make(SQUARE).checks
    assert (forward.exercise, forward.points) == ("square_forward", 2)
    assert backward.title == "square_backward agrees."


def test_one_exercise_alone(make):
    cases = make(SQUARE).run(student(), b"s", exercise="square_backward")
    assert [case.id for case in cases] == ["N=2", "N=3"]


def inputs(cases):
    return [case.calls[0].args[0] for case in cases]


def test_inputs_follow_from_secret_assignment_case_and_run(make):
    square = make(SQUARE)
    drawn = inputs(square.run(student(), b"s"))
    assert all(map(np.array_equal, drawn, inputs(square.run(student(), b"s"))))
    other = make(SQUARE, "other")
    for again in (
        square.run(student(), b"t"),
        square.run(student(), b"s", run=1),
        other.run(student(), b"s"),
    ):
        assert not any(map(np.array_equal, drawn, inputs(again)))
    assert not np.array_equal(drawn[0], drawn[1][:2])  # N=2, N=3
    assert not np.array_equal(drawn[0], drawn[2])  # another check, the same shape


def test_inputs_do_not_depend_on_where_the_checks_are(make, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "check_square.py").write_text(SQUARE)
    moved = Checks("square", tmp_path / "elsewhere")
    here = inputs(make(SQUARE).run(student(), b"s"))
    assert all(map(np.array_equal, here, inputs(moved.run(student(), b"s"))))


def test_a_failure_of_ours_is_not_the_student_s(make):
    text = (
        HEAD
        + '''
@pytest.mark.points("check_square_forward", 1)
def test_broken(student):
    """Broken."""
    raise KeyError("ours")


@pytest.mark.points("check_square_forward", 1)
def test_skipped(student):
    """Skipped."""
    pytest.skip("no")
'''
    )
    assert verdicts(make(text).run(student(), b"s")) == ["not graded"] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no checks in .*check_square.py"),
        ("import no_such_module", "no checks in .*No module named 'no_such_module'"),
        ("def test_f(student):\n    '''No points.'''", "needs a docstring and points"),
        (
            "import pytest\n@pytest.mark.points('f', 1)\ndef test_f(student): pass",
            "needs a docstring and points",
        ),
    ],
    ids=["empty", "import error", "no points", "no docstring"],
)
def test_a_check_file_that_is_not_one_says_so(make, text, message):
    with pytest.raises(RuntimeError, match=re.compile(message, re.DOTALL)):
        _ = make(text).checks


def test_two_folders_may_hold_checks_of_one_name(make, tmp_path):
    make(SQUARE)
    (tmp_path / "private").mkdir()
    text = SQUARE.replace('"check_square_forward", 2', '"check_square_forward", 5')
    (tmp_path / "private" / "check_square.py").write_text(text)
    assert Checks("square", tmp_path / "private").checks[0].points == 5


def test_pytest_is_silent_and_writes_nothing(make, tmp_path, capfd, monkeypatch):
    """The user's own configuration, conftest and options have no effect."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing --no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    (tmp_path / "conftest.py").write_text("raise RuntimeError")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option")
    (tmp_path / "pyproject.toml").write_text(
        "[tool.pytest.ini_options]\naddopts = '-k no'"
    )
    before = set(tmp_path.iterdir())
    assert verdicts(make(SQUARE).run(student(), b"s")) == ["passed"] * 4
    assert capfd.readouterr() == ("", "")
    made = {path.name for path in set(tmp_path.iterdir()) - before}
    assert made <= {"check_square.py", "__pycache__"}
    assert os.environ["PYTEST_ADDOPTS"] == "-k nothing --no-such-option"


def test_collected_once():
    assert checks("02_linear") is checks("02_linear")


def test_no_check_uses_data_that_hides_mistakes():
    for path in Path(checks.__wrapped__.__code__.co_filename).parent.glob(
        "checks/*.py"
    ):
        hiding = re.findall(r"\b(?:ones|zeros|arange|eye|full)\w*\(", path.read_text())
        assert hiding == [], path.name
