"""The proof of the checks: what is right passes, and every known mistake is caught."""

import ast
import json
from collections import Counter
from functools import cache

import pytest

from autograde.grade import grade
from autograde.mistakes import known
from autograde.plugin import checks
from autograde.release import load
from autograde.session import LocalSession
from solutions.exercise import source_of

ASSIGNMENT = "02_linear"
KNOWN = known(ASSIGNMENT)
EXERCISES = [cell.grade_id for cell in load(ASSIGNMENT).exercises()]


def notebook(answers):
    """The release with these answers in its exercise cells."""
    cells = [
        {
            "cell_type": "code",
            "source": answers.get(cell.grade_id, cell.source),
            "metadata": {"nbgrader": {"grade_id": cell.grade_id}},
        }
        for cell in load(ASSIGNMENT).cells
    ]
    return json.dumps({"cells": cells, "nbformat": 4}).encode()


def reference(name):
    return source_of(KNOWN.references[name].__module__, name)


def graded(answers, secret=b"secret", **options):
    answers = {name: reference(name) for name in EXERCISES} | answers
    options.setdefault("connect", LocalSession)
    return grade(notebook(answers), ASSIGNMENT, secret, **options)


@cache
def replaced(answer):
    """The report on a notebook that is right but for this answer."""
    return graded(answer.sources)


def result(report, exercise):
    return next(e for e in report.exercises if e.grade_id == exercise)


def not_passed(report):
    return [c for e in report.exercises for c in e.checks if not c.passed]


def ids(answers):
    return [f"{answer.exercise}: {answer.name}" for answer in answers]


@pytest.mark.parametrize("secret", [b"a", b"b", b"c"])
def test_the_reference_gets_full_marks(secret):
    report = graded({}, secret)
    assert not not_passed(report)
    assert (report.points, report.max_points) == (15, 15)


def test_the_untouched_release_gets_nothing_and_is_not_answered():
    report = grade(notebook({}), ASSIGNMENT, b"secret", connect=LocalSession)
    assert report.points == 0
    assert {c.verdict for c in not_passed(report)} == {"not answered"}
    assert report.max_points == 15


@pytest.mark.parametrize("answer", KNOWN.rights, ids=ids(KNOWN.rights))
def test_a_right_answer_gets_full_marks_however_it_is_written(answer):
    assert not not_passed(replaced(answer))


@pytest.mark.parametrize("answer", KNOWN.mistakes, ids=ids(KNOWN.mistakes))
def test_a_mistake_loses_marks_where_it_is_and_gets_its_own_hint(answer):
    report = replaced(answer)
    own = result(report, answer.exercise)
    assert own.points < own.max_points
    assert {c.hint for c in own.checks if not c.passed} == {answer.hint}
    elsewhere = [c for c in not_passed(report) if c.exercise != answer.exercise]
    assert {c.verdict for c in elsewhere} <= {"depends on"}


def test_every_check_is_failed_by_a_mistake():
    """A check that nothing fails is a defect."""
    failed = set()
    for answer in KNOWN.mistakes:
        own = result(replaced(answer), answer.exercise)
        failed |= {check.title for check in own.checks if not check.passed}
    assert failed == {check.title for check in checks(ASSIGNMENT).checks}


def test_points_are_those_of_the_check_cells():
    wanted = {c.grade_id: c.points for c in load(ASSIGNMENT).cells if c.kind == "check"}
    points = Counter()
    for check in checks(ASSIGNMENT).checks:
        points[f"check_{check.exercise}"] += check.points
        assert isinstance(check.points, int)
        assert check.points > 0
    assert points == wanted


def test_titles_tell_checks_apart():
    titles = [check.title for check in checks(ASSIGNMENT).checks]
    assert len(set(titles)) == len(titles)
    assert max(map(len, titles)) <= 70


def test_there_is_enough_to_prove_something():
    mistakes = Counter(answer.exercise for answer in KNOWN.mistakes)
    rights = Counter(answer.exercise for answer in KNOWN.rights)
    for exercise in EXERCISES:
        assert mistakes[exercise] >= 6
        assert rights[exercise] >= 2


def test_a_hint_asks():
    for answer in KNOWN.mistakes:
        assert answer.hint.endswith("?")
        assert answer.hint.count("?") == 1


@pytest.mark.parametrize("answer", KNOWN.mistakes + KNOWN.rights)
def test_a_source_is_what_a_student_would_write(answer):
    tree = ast.parse(answer.source)
    last = tree.body[-1]
    assert isinstance(last, ast.FunctionDef)
    assert (last.name, last.decorator_list) == (answer.exercise, [])
    stub = ast.parse(reference(answer.exercise)).body[0]
    arguments = [[a.arg for a in d.args.args + d.args.kwonlyargs] for d in (last, stub)]
    assert arguments[0] == arguments[1]


def test_a_sample_through_the_real_sandbox():
    answers = {a.exercise: a for a in KNOWN.mistakes}  # the last of each exercise
    for answer in answers.values():
        sandboxed = graded(answer.sources, connect=None)
        assert sandboxed == replaced(answer)
    assert not not_passed(graded({}, connect=None))
