"""From a report to nbgrader's gradebook, by nbgrader's own preprocessors.

`nbgrader autograde` and `python -m autograde grade` take the same steps:
a clean notebook, the marks in its check cells, SaveAutoGrades, SaveNotGraded,
AssignLatePenalties.
"""

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import (
    Gradebook,
    MissingEntry,
    SubmittedAssignment,
)
from nbgrader.preprocessors import AssignLatePenalties, SaveCells
from nbgrader.utils import is_grade, is_solution
from sqlalchemy.exc import SAWarning

from autograde import saving
from autograde.clean import clean, grade_id
from autograde.course import Course, Handed, UserError, keep_timestamp, write
from autograde.report import UNSANDBOXED, ExerciseResult, Report, exercise_text

OURS = "layers_from_scratch"  # our name in a notebook's metadata


@dataclass(frozen=True)
class Mark:
    """What the gradebook says of one student's assignment."""

    score: float
    of: float
    """What the assignment is worth, answers in words included."""
    open: float
    """What a person may still give: for answers in words, and what was not graded."""
    waiting: frozenset[str]
    """The cells that it is for."""
    by_hand: frozenset[str]
    """The cells that a person has marked."""
    penalty: float
    exercises: dict[str, float]
    """Points by the name of the check cell, a person's marks included."""
    needs_manual_grade: bool
    timestamp: datetime | None

    @property
    def ungraded(self) -> bool:
        """Whether nothing of it has a mark yet: its total says nothing."""
        return bool(self.exercises) and self.exercises.keys() <= self.waiting

    @property
    def total(self) -> float:
        return max(0.0, self.score - self.penalty)


def opened(course: Course) -> Gradebook:
    """The course's gradebook, made if need be; a context manager."""
    return Gradebook(course.db_url, course.coursedir.course_id)


def register(course: Course, book: Gradebook, assignment: str) -> None:
    """Make the assignment and its cells known to the gradebook.

    Raises:
        UserError: the assignment was not released in this course, or with other cells.
    """
    notebook = released(course, assignment)
    try:
        known = book.find_notebook(assignment, assignment).source_cells
    except MissingEntry:
        book.update_or_create_assignment(assignment)
        known = []
    cells = {grade_id(cell): cell for cell in notebook.cells if grade_id(cell)}
    sums = {name: cell.metadata.nbgrader.checksum for name, cell in cells.items()}
    if {cell.name: cell.checksum for cell in known} == sums:
        return
    step = SaveCells(parent=course.parent)
    try:
        step.preprocess(deepcopy(notebook), resources(course, assignment, "."))
    except RuntimeError as error:
        raise UserError(
            f"{error}. The released notebook has other graded cells than the one that "
            "was handed in; grade it under another name, or in another course."
        ) from None
    book.db.expire_all()


def released(course: Course, assignment: str) -> NotebookNode:
    """The released notebook."""
    path = course.released(assignment)
    if not path.is_file():
        raise UserError(
            f"{assignment} is not released: there is no {path}. "
            f"Run `python -m autograde release` first."
        )
    return _released(path, path.stat().st_mtime_ns)


@cache
def _released(path: Path, _changed: int) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def write_marks(notebook: NotebookNode, report: Report, key: str) -> None:
    """Put the points and the feedback of each exercise into its check cell."""
    results = {check_id(exercise): exercise for exercise in report.exercises}
    notebook.metadata[OURS] = {
        "assignment": report.assignment,
        "report": key,
        "sandboxed": report.sandboxed,
    }
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if is_grade(cell) and not is_solution(cell):
            result = results.get(grade_id(cell))
            if result and result.max_points != float(cell.metadata.nbgrader.points):
                result = None  # of a release with other points: a person has to look
            cell.metadata[OURS] = {"graded": _is_graded(result)}
            cell.outputs = _outputs(result, report.sandboxed)


def save_not_graded(
    book: Gradebook, notebook: NotebookNode, about: dict[str, Any]
) -> None:
    """Take back the mark of each check that was not graded, and ask for a person's."""
    names = about["nbgrader"]
    where = names["notebook"], names["assignment"], names["student"]
    for cell in notebook.cells:
        if is_grade(cell) and not cell.metadata.get(OURS, {}).get("graded", True):
            grade = book.find_grade(grade_id(cell), *where)
            grade.auto_score = None
            grade.needs_manual_grade = True
    book.db.commit()


def record(
    course: Course, book: Gradebook, handed: Handed, report: Report, key: str
) -> None:
    """Write one report into the gradebook, and the notebook that formgrader shows."""
    assignment, student = handed.assignment, handed.student
    notebook = clean(released(course, assignment), handed.data)
    write_marks(notebook, report, key)
    about = resources(course, assignment, student)
    path = course.graded(assignment, student)
    same = saving.answers(notebook) == saving.answers(saving.before(path))
    with _one_transaction(book), _quiet():
        book.update_or_create_student(student)
        when = {"timestamp": handed.timestamp} if handed.timestamp else {}
        submission = book.update_or_create_submission(assignment, student, **when)
        seen = saving.seen(submission) if same else {}
        saving.save_auto_grades(course, book, notebook, about)
        save_not_graded(book, notebook, about)
        for grade, score in seen.items():
            grade.needs_manual_grade = grade.auto_score != score
    if submission.total_seconds_late or submission.late_submission_penalty:
        AssignLatePenalties(parent=course.parent).preprocess(notebook, about)
        book.db.expire_all()  # it has a connection of its own
    keep_timestamp(course.folder("submitted", assignment, student), path.parent)
    text = json.dumps(notebook, ensure_ascii=False)
    write(path, text.encode("utf-8", "backslashreplace"), 0o444)


def recorded(course: Course, assignment: str, student: str) -> str | None:
    """The key of the report that the student's graded notebook was made from."""
    try:
        text = course.graded(assignment, student).read_text("utf-8")
        return str(json.loads(text)["metadata"][OURS]["report"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def marks(book: Gradebook, assignment: str) -> dict[str, Mark]:
    """What the gradebook says of each student who is in it."""
    submissions = book.assignment_submissions(assignment)
    return {submission.student.id: mark_of(submission) for submission in submissions}


def mark(book: Gradebook, assignment: str, student: str) -> Mark:
    """What the gradebook says of one student.

    Raises:
        MissingEntry: nothing.
    """
    return mark_of(book.find_submission(assignment, student))


def mark_of(submission: SubmittedAssignment) -> Mark:
    """What the gradebook says of one submission."""
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    by_hand = [g for g in grades if g.manual_score is not None]
    waiting = [g for g in grades if g.needs_manual_grade and g not in by_hand]
    return Mark(
        submission.score,
        submission.max_score,
        sum(grade.cell.max_score for grade in waiting),
        frozenset(grade.name for grade in waiting),
        frozenset(grade.name for grade in by_hand),
        submission.late_submission_penalty or 0.0,
        {grade.name: grade.score for grade in grades},
        bool(submission.needs_manual_grade),
        submission.timestamp,
    )


def resources(course: Course, assignment: str, student: str) -> dict[str, Any]:
    """What nbgrader's preprocessors want to know."""
    return {
        "nbgrader": {
            "student": student,
            "assignment": assignment,
            "notebook": assignment,
            "db_url": course.db_url,
        }
    }


@contextmanager
def _one_transaction(book: Gradebook) -> Iterator[None]:
    """All of one submission or nothing; nbgrader would commit after each cell."""
    commit, book.db.commit = book.db.commit, lambda: None
    try:
        yield
        commit()
    except BaseException:
        book.db.rollback()
        raise
    finally:
        book.db.commit = commit


@contextmanager
def _quiet() -> Iterator[None]:
    """SQLAlchemy warns of how nbgrader adds a submission; it is added all the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        yield


def check_id(exercise: ExerciseResult) -> str:
    """The name of the cell that carries an exercise's points."""
    return "check_" + exercise.grade_id.removeprefix("check_")


def _is_graded(result: ExerciseResult | None) -> bool:
    return result is not None and result.verdict != "not graded"


def _outputs(result: ExerciseResult | None, sandboxed: bool) -> list[NotebookNode]:
    """Exactly one result with a number: without one nbgrader gives full marks."""
    said = exercise_text(result) if result else "Not graded: the checks did not run."
    said = said if sandboxed else f"{UNSANDBOXED}\n{said}"
    points = result.points if result is not None and _is_graded(result) else 0
    return [
        NotebookNode(output_type="stream", name="stdout", text=said + "\n"),
        NotebookNode(
            output_type="execute_result",
            data=NotebookNode({"text/plain": f"{points:g}"}),
            metadata=NotebookNode(),
            execution_count=None,
        ),
    ]
