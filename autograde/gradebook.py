"""From a report to nbgrader's gradebook, by nbgrader's own preprocessors.

`nbgrader autograde` and `python -m autograde grade` take the same steps:
a clean notebook, the marks in its check cells, SaveAutoGrades, SaveNotGraded,
AssignLatePenalties.
"""

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
from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades, SaveCells
from nbgrader.utils import is_grade, is_locked, is_solution
from sqlalchemy.exc import SAWarning

from autograde.course import Course, Handed, UserError, keep_timestamp, write
from autograde.report import ExerciseResult, Report, exercise_text
from autograde.submission import Unreadable, cells

OURS = "layers_from_scratch"  # our name in a notebook's metadata
LONGEST = 100_000  # characters of a cell that an instructor gets to see


@dataclass(frozen=True)
class Mark:
    """What the gradebook says of one student's assignment."""

    score: float
    penalty: float
    exercises: dict[str, float]
    """Points by the name of the check cell, a person's marks included."""
    needs_manual_grade: bool
    timestamp: datetime | None

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
    cells = {_grade_id(cell): cell for cell in notebook.cells if _grade_id(cell)}
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


def clean(original: NotebookNode, data: bytes) -> NotebookNode:
    """The released notebook with what a student wrote, as text, and nothing else.

    Answers stand in their cells. Other cells that the student added or edited follow
    the cell after which they stood. No output, no metadata of theirs.
    """
    notebook = deepcopy(original)
    notebook.metadata.pop("widgets", None)
    by_id = {_grade_id(cell): cell for cell in notebook.cells if _grade_id(cell)}
    by_source = {cell.source.strip(): cell for cell in notebook.cells}
    extra: dict[int, list[NotebookNode]] = {}
    last = id(notebook.cells[0])
    try:
        theirs = cells(data)
    except Unreadable as error:
        theirs = ()
        extra[last] = [_own("code", f"# This file could not be read: {error}")]
    answered = set()
    for cell in theirs:
        known = by_id.get(cell.grade_id) or by_source.get(cell.source.strip())
        if known is None or cell.grade_id in answered:
            if cell.source.strip():
                extra.setdefault(last, []).append(_own(cell.kind, cell.source))
            continue
        last = id(known)
        if is_solution(known):
            if cell.source != known.source:
                known.source = _answer(known.cell_type, cell.source)
            answered.add(cell.grade_id)
    notebook.cells = [
        c for cell in notebook.cells for c in (cell, *extra.get(id(cell), ()))
    ]
    return notebook


def write_marks(notebook: NotebookNode, report: Report, key: str) -> None:
    """Put the points and the feedback of each exercise into its check cell."""
    results = {check_id(exercise): exercise for exercise in report.exercises}
    notebook.metadata[OURS] = {"assignment": report.assignment, "report": key}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if is_grade(cell) and not is_solution(cell):
            result = results.get(_grade_id(cell))
            if result and result.max_points != float(cell.metadata.nbgrader.points):
                result = None  # of a release with other points: a person has to look
            cell.metadata[OURS] = {"graded": _is_graded(result)}
            cell.outputs = _outputs(result)


def save_not_graded(
    book: Gradebook, notebook: NotebookNode, about: dict[str, Any]
) -> None:
    """Take back the mark of each check that was not graded, and ask for a person's."""
    names = about["nbgrader"]
    where = names["notebook"], names["assignment"], names["student"]
    for cell in notebook.cells:
        if is_grade(cell) and not cell.metadata.get(OURS, {}).get("graded", True):
            grade = book.find_grade(_grade_id(cell), *where)
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
    with _quiet():
        book.update_or_create_student(student)
        when = {"timestamp": handed.timestamp} if handed.timestamp else {}
        submission = book.update_or_create_submission(assignment, student, **when)
    _save_auto_grades(course, book, notebook, about)
    save_not_graded(book, notebook, about)
    if submission.total_seconds_late or submission.late_submission_penalty:
        AssignLatePenalties(parent=course.parent).preprocess(notebook, about)
        book.db.expire_all()  # it has a connection of its own
    path = course.graded(assignment, student)
    keep_timestamp(course.folder("submitted", assignment, student), path.parent)
    write(path, nbformat.writes(notebook).encode("utf-8", "backslashreplace"), 0o444)


def _save_auto_grades(
    course: Course, book: Gradebook, notebook: NotebookNode, about: dict[str, Any]
) -> None:
    """SaveAutoGrades, cell by cell, on a gradebook that stays open."""
    step = SaveAutoGrades(parent=course.parent)
    names = about["nbgrader"]
    step.notebook_id, step.assignment_id = names["notebook"], names["assignment"]
    step.student_id, step.gradebook = names["student"], book
    for index, cell in enumerate(notebook.cells):
        step.preprocess_cell(cell, about, index)


def recorded(course: Course, assignment: str, student: str) -> str | None:
    """The key of the report that the student's graded notebook was made from."""
    try:
        text = course.graded(assignment, student).read_text("utf-8")
        return str(nbformat.reads(text, nbformat.NO_CONVERT).metadata[OURS]["report"])
    except (OSError, ValueError, LookupError, AttributeError):
        return None


def marks(book: Gradebook, assignment: str) -> dict[str, Mark]:
    """What the gradebook says of each student who is in it."""
    submissions = book.assignment_submissions(assignment)
    return {submission.student.id: _mark(submission) for submission in submissions}


def mark(book: Gradebook, assignment: str, student: str) -> Mark:
    """What the gradebook says of one student.

    Raises:
        MissingEntry: nothing.
    """
    return _mark(book.find_submission(assignment, student))


def _mark(submission: SubmittedAssignment) -> Mark:
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    return Mark(
        submission.score,
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


def _outputs(result: ExerciseResult | None) -> list[NotebookNode]:
    """Exactly one result with a number: without one nbgrader gives full marks."""
    said = exercise_text(result) if result else "Not graded: the checks did not run."
    points = result.points if result is not None and _is_graded(result) else 0
    return [
        nbformat.v4.new_output("stream", name="stdout", text=said + "\n"),
        nbformat.v4.new_output(
            "execute_result", data={"text/plain": f"{points:g}"}, execution_count=None
        ),
    ]


def _answer(kind: str, source: str) -> str:
    """An answer as it is shown; in a written one, formgrader would run any markup."""
    source = source[:LONGEST]
    return source if kind == "code" else source.replace("<", "&lt;")


def _own(kind: str, source: str) -> NotebookNode:
    """A cell of the student's own: code, or text that is shown as a comment.

    Text is never Markdown here: formgrader would render what is in it.
    """
    source = source[:LONGEST]
    if kind != "code":
        source = "\n".join(f"# {line}" for line in source.splitlines())
    cell: NotebookNode = nbformat.v4.new_code_cell(source)
    return cell


def _grade_id(cell: NotebookNode) -> str:
    if not (is_grade(cell) or is_solution(cell) or is_locked(cell)):
        return ""
    return str(cell.metadata.nbgrader.get("grade_id", ""))
