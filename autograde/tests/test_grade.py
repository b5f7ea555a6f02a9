"""Bytes in, report out: verdicts, messages, and whose fault a failure is."""

import json
import subprocess
import sys

import pytest

from autograde import grade as module
from autograde.grade import grade, not_graded, report_key
from autograde.judge import untouched, without_values
from autograde.limits import Limits
from autograde.mistakes import known
from autograde.release import load
from autograde.report import Report, text
from autograde.session import Crashed, Killed, LocalSession, SandboxError, Statement
from solutions.exercise import source_of

ASSIGNMENT = "02_linear"
REFERENCES = known(ASSIGNMENT).references
STUB = "raise NotImplementedError()"


def notebook(**answers):
    """The reference's answers in the release, but for those given; None: no cell."""
    cells = []
    for cell in load(ASSIGNMENT).cells:
        source = cell.source
        if cell.kind == "exercise":
            name = cell.grade_id
            source = answers.get(name, source_of(REFERENCES[name].__module__, name))
        if source is not None:
            metadata = {"nbgrader": {"grade_id": cell.grade_id}}
            cells.append({"cell_type": "code", "source": source, "metadata": metadata})
    return json.dumps({"cells": cells, "nbformat": 4}).encode()


def graded(secret=b"secret", connect=LocalSession, limits=None, **answers):
    return grade(
        notebook(**answers), ASSIGNMENT, secret, limits or Limits(), connect=connect
    )


def verdicts(report):
    return {exercise.grade_id: exercise.verdict for exercise in report.exercises}


def checks(report, name):
    return next(e.checks for e in report.exercises if e.grade_id == name)


def answer(name, body):
    stub = next(c.source for c in load(ASSIGNMENT).exercises() if c.grade_id == name)
    return stub.replace(STUB, body)


def test_the_same_notebook_gets_the_same_report():
    first = graded(linear_forward=answer("linear_forward", "return x, ()"))
    assert graded(linear_forward=answer("linear_forward", "return x, ()")) == first
    assert Report.from_json(first.to_json()) == first


def test_one_exercise_costs_only_itself():
    report = graded(
        flatten_backward="def flatten_backward(grad_y, cache): return 1 / 0"
    )
    other = {v for n, v in verdicts(report).items() if n != "flatten_backward"}
    assert other == {"passed"}
    assert report.points == 14


def test_an_exception_says_where_and_shows_no_input():
    body = 'raise ValueError(f"have {x.ravel()[0]:.9f} of shape {x.shape}")'
    report = graded(linear_forward=answer("linear_forward", body))
    (first, *_) = checks(report, "linear_forward")
    assert first.verdict == "raised"
    line = answer("linear_forward", body).count("\n") + 1
    assert first.message == (
        f"linear_forward raised ValueError at line {line} of your cell linear_forward: "
        "have # of shape (4, 3)"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x is [[ 0.25 -1.5e-3]\n [2. 3.]]", "x is [[ # #]\n [# #]]"),
        ("shapes (4, 3) and (2, 3)", "shapes (4, 3) and (2, 3)"),
        ("bits 13830554455654793216", "bits #"),
        ("long " * 100, ("long " * 100)[:157] + "..."),
    ],
)
def test_messages_are_short_and_without_values(text, shown):
    assert without_values(text) == shown


def test_what_needs_another_exercise_is_said_not_blamed():
    wrong = answer("linear_forward", "return x @ weight.T * 2, (x, weight * 2, True)")
    report = graded(linear_forward=wrong)
    assert verdicts(report)["linear_forward"] == "failed"
    inputs, *_ = checks(report, "linear_backward")
    assert inputs.verdict == "depends on"
    assert inputs.message.startswith("This needs linear_forward")
    assert inputs.hint == ""


def test_a_right_backward_counts_though_its_forward_is_wrong():
    report = graded(
        linear_forward=answer(
            "linear_forward", "return x @ weight.T, (x, weight, bias is not None)"
        )
    )
    assert verdicts(report)["linear_forward"] == "failed"
    assert verdicts(report)["linear_backward"] == "passed"


def test_a_backward_after_an_unanswered_forward():
    report = graded(linear_forward=answer("linear_forward", STUB))
    assert verdicts(report)["linear_forward"] == "not answered"
    assert verdicts(report)["linear_backward"] == "depends on"
    report = graded(linear_forward=None, linear_backward=None)
    assert verdicts(report)["linear_backward"] == "not answered"


def test_an_answer_nested_too_deep_to_compare_is_an_answer():
    deep = "return x, " + "+".join(["1"] * 990)
    report = graded(linear_forward=answer("linear_forward", deep))
    assert verdicts(report)["linear_forward"] == "failed"


def test_an_answer_that_cannot_be_read_is_an_answer():
    """Is a slip of the keyboard told where it stands, and not as nothing done?"""
    body = answer("linear_forward", "return x @ weight.T), ()")
    report = graded(linear_forward=body)
    line = body.count("\n") + 1
    assert {c.verdict for c in checks(report, "linear_forward")} == {"raised"}
    (message,) = {c.message for c in checks(report, "linear_forward")}
    assert message.startswith(
        "linear_forward could not be read: your cell linear_forward has a syntax "
        f"error in line {line}: "
    )
    (shown,) = {(c.hint, c.cases) for c in checks(report, "linear_forward")}
    assert shown == ("", ())
    assert verdicts(report)["linear_backward"] == "depends on"


def test_an_answer_under_another_name_is_said():
    source = answer("flatten_forward", "return x, ()")
    report = graded(flatten_forward=source.replace("flatten_forward", "my_flatten"))
    assert verdicts(report)["flatten_forward"] == "not answered"
    assert checks(report, "flatten_forward")[0].message == (
        "Your cell flatten_forward defines my_flatten, but not flatten_forward."
    )


@pytest.mark.parametrize(
    ("lines", "called", "told"),
    [
        (("import fancy.linear as G",), "G(x)", "name 'G' is not defined"),
        (("import fancy", "G = fancy.G"), "G(x)", "name 'G' is not defined"),
        ((), "__import__('fancy')", "No module named 'fancy'"),
    ],
)
def test_what_could_not_be_imported_says_so_where_it_is_used(lines, called, told):
    body = answer("linear_forward", f"return {called}, ()")
    report = graded(linear_forward="\n".join([*lines, body]))
    (message, *_) = (c.message for c in checks(report, "linear_forward"))
    assert message.endswith(
        f"{told} (there is no fancy while grading: write it in NumPy)"
    )


def test_what_could_not_be_computed_says_so_where_it_is_used():
    body = answer("linear_forward", "return x * scale, ()")
    report = graded(linear_forward=f"scale = 1 / 0\n{body}")
    (message, *_) = (c.message for c in checks(report, "linear_forward"))
    because = "line 1 of your cell linear_forward raised ZeroDivisionError"
    assert message.endswith(f"name 'scale' is not defined ({because})")


def test_what_an_exercise_depends_on_is_said_by_its_number():
    report = graded(linear_forward=answer("linear_forward", STUB))
    (backward,) = (e for e in report.exercises if e.grade_id == "linear_backward")
    assert backward.outcome == "depends on 2.1"
    assert "This needs linear_forward (2.1)," in backward.checks[0].message
    assert "4   depends on 2.1" in text(report)


def test_untouched_is_a_stub_or_nothing():
    release = load(ASSIGNMENT)
    stub = next(release.exercises())
    with_comment = stub.source.replace("# YOUR CODE HERE", "# later")

    def program(source):
        names = (stub.grade_id,)
        return [Statement(source, "your cell", 1, "definition", names)]

    assert stub.grade_id in set(untouched(release, []))
    assert stub.grade_id in set(untouched(release, program(with_comment)))
    answered = stub.source.replace(STUB, "return x, ()")
    assert stub.grade_id not in set(untouched(release, program(answered)))


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00\xff", b"{", b"[]", b"<html>", b'{"cells": 3}', b"1" * 10**5],
)
def test_what_is_no_notebook_is_not_graded_and_says_why(data):
    report = grade(data, ASSIGNMENT, b"secret", connect=LocalSession)
    assert set(verdicts(report).values()) == {"not graded"}
    assert (report.verdict, report.points, report.max_points) == ("not graded", 0, 15)
    assert "hand in" in report.notes[0]


def test_our_failure_is_tried_twice_and_never_a_zero():
    tries = []

    def connect(program, limits):
        tries.append(1)
        raise SandboxError("no room for another process")

    report = graded(connect=connect)
    assert len(tries) == 2
    assert set(verdicts(report).values()) == {"not graded"}
    assert "not your fault" in checks(report, "linear_forward")[0].message


def test_a_failure_that_passes_leaves_no_trace():
    tries = []

    def connect(program, limits):
        tries.append(1)
        if len(tries) == 1:
            raise SandboxError("no room for another process")
        return LocalSession(program, limits)

    assert graded(connect=connect) == graded()


def test_a_defect_of_the_grader_is_not_graded(monkeypatch, caplog):
    def broken(*args):
        raise RuntimeError("a defect")

    monkeypatch.setattr(module, "read", broken)
    report = graded()
    assert report.verdict == "not graded"
    assert "a defect" in caplog.text
    assert "a defect" not in report.to_json()


def test_an_assignment_that_was_never_released():
    with pytest.raises(LookupError, match="99_nothing"):
        grade(notebook(), "99_nothing", b"secret")


def test_a_worker_that_died_is_reported_with_the_reason():
    report = not_graded(ASSIGNMENT, "The process ended, twice.")
    assert report.notes == ("The process ended, twice.",)
    assert (report.verdict, report.max_points) == ("not graded", 15)


def test_statements_that_fail_are_told():
    added = answer("linear_forward", "return x @ weight.T + scale, ()")
    report = graded(linear_forward=f"scale = undefined_name\n{added}")
    (failure,) = report.failures
    assert "line 1 of your cell linear_forward" in failure
    assert "NameError" in failure


def test_a_notebook_of_failures_makes_no_endless_report():
    failing = "\n".join(f"x{i} = undefined" for i in range(500))
    used = answer("linear_forward", f"return {' + '.join(f'x{i}' for i in range(500))}")
    report = graded(linear_forward=f"{failing}\n{used}")
    assert len(report.failures) == 21
    assert report.failures[-1].startswith("... and")


def test_an_object_in_place_of_an_array_fails_with_a_sentence_and_no_hint():
    body = "return np.array([x, None], dtype=object), ()"
    report = graded(linear_forward=answer("linear_forward", body))
    first = checks(report, "linear_forward")[0]
    assert first.verdict == "failed"
    assert first.message == "y is an object of its own, not an array."
    assert {check.hint for check in checks(report, "linear_forward")} == {""}


def test_the_report_holds_no_hidden_input():
    """A student sees own entries and how far off they are, never an argument."""
    body = "return x @ weight.T + 1, (x, weight, bias is not None)"
    report = graded(linear_forward=answer("linear_forward", body))
    text = checks(report, "linear_forward")[0].message
    assert "off by" in text
    assert "worst: entry" in text
    assert len(text) < 200


def test_the_key_of_a_report_follows_all_that_the_report_does():
    data = notebook()
    key = report_key(data, ASSIGNMENT, b"secret")
    assert key == report_key(data, ASSIGNMENT, b"secret")
    others = {
        report_key(data + b" ", ASSIGNMENT, b"secret"),
        report_key(data, ASSIGNMENT, b"other"),
        report_key(data, ASSIGNMENT, b"secret", run=1),
        report_key(data, ASSIGNMENT, b"secret", Limits(call_cpu=1.0)),
    }
    assert len(others | {key}) == 5


def test_the_key_follows_the_checks(tmp_path):
    key = module._grader.__wrapped__
    check = tmp_path / f"check_{ASSIGNMENT}.py"
    check.write_bytes((module.CHECKS / check.name).read_bytes())
    before = key(ASSIGNMENT, tmp_path)
    assert key(ASSIGNMENT, tmp_path) == before
    check.write_bytes(check.read_bytes() + b"\n")
    assert key(ASSIGNMENT, tmp_path) != before


def test_a_key_costs_no_torch():
    """A second run over a class that has not changed must not wait for imports."""
    code = (
        "import sys; from autograde.grade import report_key;"
        f"report_key(b'', {ASSIGNMENT!r}, b's'); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"


def test_time_memory_and_crashes_cost_only_what_needs_them():
    """Through the real sandbox."""
    report = graded(
        connect=None,
        limits=Limits(call_cpu=1.0),
        linear_backward=answer("linear_backward", "while True: pass"),
        flatten_backward=answer("flatten_backward", "return np.ones(1 << 40)"),
        bilinear_backward=answer("bilinear_backward", "import os; os._exit(0)"),
    )
    assert verdicts(report) == {
        "linear_forward": "passed",
        "linear_backward": "timed out",
        "flatten_forward": "passed",
        "flatten_backward": "out of memory",
        "bilinear_forward": "passed",
        "bilinear_backward": "crashed",
    }
    assert report.points == 7


def test_a_killed_sandbox_costs_nothing():
    """Whoever ends it, the machine perhaps: it is tried once more."""
    tries = []

    def connect(program, limits):
        tries.append(1)
        session = LocalSession(program, limits)
        if len(tries) == 1:
            session.ask = lambda request: raising(Killed("SIGKILL"))
        return session

    assert graded(connect=connect) == graded()
    assert len(tries) == 2


def test_what_ends_its_own_process_is_run_once():
    tries = []

    def connect(program, limits):
        tries.append(1)
        session = LocalSession(program, limits)
        session.ask = lambda request: raising(Crashed("SIGSEGV"))
        return session

    report = graded(connect=connect)
    assert len(tries) == 1
    assert set(verdicts(report).values()) <= {"crashed", "depends on"}


def raising(error):
    raise error
