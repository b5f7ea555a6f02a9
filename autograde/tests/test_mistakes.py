"""The proof of the checks: what is right passes, and every known mistake is caught."""

import ast
import json
from collections import Counter
from functools import cache

import pytest

from autograde.grade import grade
from autograde.mistakes import known
from autograde.plugin import checks
from autograde.release import chapters, load
from autograde.session import LocalSession
from solutions.exercise import source_of

ASSIGNMENTS = [path.stem for path in chapters()]
MISTAKES = [(name, answer) for name in ASSIGNMENTS for answer in known(name).mistakes]
RIGHTS = [(name, answer) for name in ASSIGNMENTS for answer in known(name).rights]

for_each = pytest.mark.parametrize("assignment", ASSIGNMENTS)


def for_every(answers):
    """One test for each of these answers."""
    ids = [f"{name} {answer.exercise}: {answer.name}" for name, answer in answers]
    return pytest.mark.parametrize(("assignment", "answer"), answers, ids=ids)


def notebook(assignment, answers):
    """The release with these answers in its exercise cells."""
    cells = [
        {
            "cell_type": "code",
            "source": answers.get(cell.grade_id, cell.source),
            "metadata": {"nbgrader": {"grade_id": cell.grade_id}},
        }
        for cell in load(assignment).cells
    ]
    return json.dumps({"cells": cells, "nbformat": 4}).encode()


def reference(assignment, name):
    return source_of(known(assignment).references[name].__module__, name)


def graded(assignment, answers, secret=b"secret", **options):
    """The report on a notebook with the reference's answers but for these."""
    right = {
        cell.grade_id: "\n\n\n".join(reference(assignment, n) for n in cell.names)
        for cell in load(assignment).exercises()
    }
    options.setdefault("connect", LocalSession)
    return grade(notebook(assignment, right | answers), assignment, secret, **options)


@cache
def replaced(assignment, answer):
    """The report on a notebook that is right but for this answer."""
    return graded(assignment, answer.sources)


def result(report, exercise):
    return next(e for e in report.exercises if e.grade_id == exercise)


def not_passed(report):
    return [c for e in report.exercises for c in e.checks if not c.passed]


def points_of(assignment):
    cells = load(assignment).cells
    return {cell.grade_id: cell.points for cell in cells if cell.kind == "check"}


@for_each
@pytest.mark.parametrize("secret", [b"a", b"b", b"c"])
def test_the_reference_gets_full_marks(assignment, secret):
    report = graded(assignment, {}, secret)
    assert not not_passed(report)
    assert report.points == report.max_points == sum(points_of(assignment).values())


@for_each
def test_the_untouched_release_gets_nothing_and_is_not_answered(assignment):
    untouched = notebook(assignment, {})
    report = grade(untouched, assignment, b"secret", connect=LocalSession)
    assert report.points == 0
    assert {c.verdict for c in not_passed(report)} == {"not answered"}
    assert report.max_points == sum(points_of(assignment).values()) > 0


@for_every(RIGHTS)
def test_a_right_answer_gets_full_marks_however_it_is_written(assignment, answer):
    assert not not_passed(replaced(assignment, answer))


@for_every(MISTAKES)
def test_a_mistake_loses_marks_where_it_is_and_gets_its_own_hint(assignment, answer):
    report = replaced(assignment, answer)
    own = result(report, answer.exercise)
    assert own.points < own.max_points
    assert {c.hint for c in own.checks if not c.passed} == {answer.hint}
    elsewhere = [c for c in not_passed(report) if c.exercise != answer.exercise]
    assert {c.verdict for c in elsewhere} <= {"depends on"}


@for_each
def test_every_check_is_failed_by_a_mistake(assignment):
    """A check that nothing fails is a defect."""
    failed = set()
    for answer in known(assignment).mistakes:
        own = result(replaced(assignment, answer), answer.exercise)
        failed |= {check.title for check in own.checks if not check.passed}
    assert failed == {check.title for check in checks(assignment).checks}


@for_each
def test_points_are_those_of_the_check_cells(assignment):
    points = Counter()
    for check in checks(assignment).checks:
        points[f"check_{check.exercise}"] += check.points
        assert isinstance(check.points, int)
        assert check.points > 0
    assert points == points_of(assignment)


@for_each
def test_titles_tell_checks_apart(assignment):
    titles = [check.title for check in checks(assignment).checks]
    assert len(set(titles)) == len(titles)
    assert max(map(len, titles)) <= 70


@for_each
def test_there_is_enough_to_prove_something(assignment):
    answers = known(assignment)
    mistakes = Counter(answer.exercise for answer in answers.mistakes)
    rights = Counter(answer.exercise for answer in answers.rights)
    for cell in load(assignment).exercises():
        assert mistakes[cell.grade_id] >= 6
        assert rights[cell.grade_id] >= 2


@for_each
def test_every_answer_is_to_an_exercise_and_every_exercise_has_a_reference(assignment):
    answers = known(assignment)
    exercises = {cell.grade_id: cell.names for cell in load(assignment).exercises()}
    assert {a.exercise for a in answers.mistakes + answers.rights} == exercises.keys()
    asked = {name for names in exercises.values() for name in names}
    assert answers.references.keys() >= asked


@for_every(MISTAKES)
def test_a_hint_asks(assignment, answer):
    assert answer.hint.endswith("?")
    assert answer.hint.count("?") == 1


@for_every(MISTAKES + RIGHTS)
def test_a_source_is_what_a_student_would_write(assignment, answer):
    tree = ast.parse(answer.source)
    last = tree.body[-1]
    assert isinstance(last, ast.FunctionDef)
    assert (last.name, last.decorator_list) == (answer.exercise, [])
    stub = ast.parse(reference(assignment, answer.exercise)).body[0]
    arguments = [[a.arg for a in d.args.args + d.args.kwonlyargs] for d in (last, stub)]
    assert arguments[0] == arguments[1]


@for_each
def test_a_sample_through_the_real_sandbox(assignment):
    answers = {a.exercise: a for a in known(assignment).mistakes}  # the last of each
    for answer in answers.values():
        sandboxed = graded(assignment, answer.sources, connect=None)
        assert sandboxed == replaced(assignment, answer)
    assert not not_passed(graded(assignment, {}, connect=None))
