"""A report is plain data that survives JSON, and reads as a student's feedback."""

import pytest

from autograde.report import (
    VERDICTS,
    CheckResult,
    ExerciseResult,
    Report,
    exercise_text,
    text,
)


def check(verdict="passed", points=1, **more):
    return CheckResult("f agrees with torch.", "f", points, verdict, **more)


def exercise(*checks):
    return ExerciseResult("f", "2.1 The function f", "ex-f", checks)


def report(*checks, **more):
    return Report("02_linear", "abc", 0, (exercise(*checks),), **more)


def test_a_report_survives_json():
    whole = report(
        check(),
        check("failed", 2, message="y \u2026", hint="why?", cases=("N=1", "N=2")),
        notes=("a note",),
        failures=("line 3",),
        sandboxed=False,
    )
    assert Report.from_json(whole.to_json()) == whole
    assert Report.from_json(whole.to_json().encode()) == whole


def test_points_are_those_of_the_checks_that_passed():
    whole = report(check(points=1), check("failed", 2), check(points=4))
    assert (whole.points, whole.max_points) == (5, 7)


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        (["passed", "passed"], "passed"),
        (["passed", "raised", "failed"], "raised"),
        (["failed", "not graded"], "not graded"),
        (["not answered", "not answered"], "not answered"),
    ],
)
def test_the_verdict_of_an_exercise(verdicts, verdict):
    assert set(verdicts) <= set(VERDICTS)
    assert exercise(*map(check, verdicts)).verdict == verdict


def test_one_check_that_is_not_graded_asks_for_a_person():
    assert report(check(), check("failed")).verdict == "graded"
    assert report(check(), check("not graded")).verdict == "not graded"


def test_the_text_of_an_exercise():
    message = "y has the right shape, (2,), but 1 of 2 entries differ.\n  worst: entry"
    failed = {"message": message, "hint": "a mean. Is it one?", "cases": ("N=1", "N=2")}
    shown = exercise_text(exercise(check(), check("failed", 2, **failed)))
    assert shown.splitlines() == [
        f"{'2.1 The function f':<72} 1 / 3   failed",
        f"{'  f agrees with torch.':<72} 1 / 1",
        f"{'  f agrees with torch.':<72} 0 / 2",
        "    In the case N=1, and 1 more case:",
        "    y has the right shape, (2,), but 1 of 2 entries differ.",
        "      worst: entry",
        "    looks like: a mean. Is it one?",
    ]


def test_what_two_checks_say_is_said_once():
    said = {"message": "y is None, not an array.", "hint": "a return?"}
    failed = check("failed", cases=("N=1",), **said)
    shown = exercise_text(exercise(failed, failed))
    assert shown.count("y is None") == shown.count("a return?") == 1
    assert "the same as above" in shown


def test_lines_are_short():
    shown = exercise_text(exercise(check("failed", hint="long " * 60 + "?")))
    assert max(map(len, shown.splitlines())) <= 88


def test_the_whole_text_says_what_happened_to_the_notebook():
    shown = text(
        report(check(), notes=("A duplicated cell.",), failures=("line 3 ...",))
    )
    assert "A duplicated cell." in shown
    assert "line 3 ..." in shown
    assert "WITHOUT a sandbox" not in shown
    assert "WITHOUT a sandbox" in text(report(check(), sandboxed=False))
    assert shown.rstrip().endswith("1 / 1")


def test_what_is_not_answered_is_said_once():
    empty = check("not answered", message="f is not answered yet.")
    assert exercise_text(exercise(empty, empty)).splitlines()[1:] == [
        f"{'  f agrees with torch.':<72} 0 / 1",
        "    f is not answered yet.",
        f"{'  f agrees with torch.':<72} 0 / 1",
    ]
