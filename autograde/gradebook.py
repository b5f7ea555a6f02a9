"""From a report to nbgrader's gradebook, by nbgrader's own preprocessors.

`nbgrader autograde` and `python -m autograde grade` take the same steps:
a clean notebook, the marks in its check cells, SaveAutoGrades, SaveNotGraded,
AssignLatePenalties.
"""

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


def register(course: Course, assignment: str) -> None:
    """Make the assignment and its cells known to the gradebook.

    Raises:
        UserError: the assignment was not released in this course.
    """
    notebook = released(course, assignment)
    with Gradebook(course.db_url, course.coursedir.course_id) as gradebook:
        gradebook.update_or_create_assignment(assignment)
    step = SaveCells(parent=course.parent)
    step.preprocess(deepcopy(notebook), resources(course, assignment, "."))


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
    return nbformat.read(path, as_version=4)


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
            known.source = cell.source[:LONGEST]
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


def save_not_graded(notebook: NotebookNode, resources: dict[str, Any]) -> None:
    """Take back the mark of each check that was not graded, and ask for a person's."""
    missing = [
        _grade_id(cell)
        for cell in notebook.cells
        if is_grade(cell) and not cell.metadata.get(OURS, {}).get("graded", True)
    ]
    if not missing:
        return
    about = resources["nbgrader"]
    where = about["notebook"], about["assignment"], about["student"]
    with Gradebook(about["db_url"]) as gradebook:
        for name in missing:
            grade = gradebook.find_grade(name, *where)
            grade.auto_score = None
            grade.needs_manual_grade = True
        gradebook.db.commit()


def record(course: Course, handed: Handed, report: Report, key: str) -> None:
    """Write one report into the gradebook, and the notebook that formgrader shows."""
    assignment, student = handed.assignment, handed.student
    notebook = clean(released(course, assignment), handed.data)
    write_marks(notebook, report, key)
    with Gradebook(course.db_url, course.coursedir.course_id) as gradebook:
        gradebook.update_or_create_student(student)
        when = {"timestamp": handed.timestamp} if handed.timestamp else {}
        gradebook.update_or_create_submission(assignment, student, **when)
    about = resources(course, assignment, student)
    SaveAutoGrades(parent=course.parent).preprocess(notebook, about)
    save_not_graded(notebook, about)
    AssignLatePenalties(parent=course.parent).preprocess(notebook, about)
    path = course.graded(assignment, student)
    keep_timestamp(course.folder("submitted", assignment, student), path.parent)
    write(path, nbformat.writes(notebook).encode("utf-8", "backslashreplace"), 0o444)


def recorded(course: Course, assignment: str, student: str) -> str | None:
    """The key of the report that the student's graded notebook was made from."""
    try:
        text = course.graded(assignment, student).read_text("utf-8")
        return str(nbformat.reads(text, nbformat.NO_CONVERT).metadata[OURS]["report"])
    except (OSError, ValueError, LookupError, AttributeError):
        return None


def marks(course: Course, assignment: str) -> dict[str, Mark]:
    """What the gradebook says of each student who is in it."""
    with Gradebook(course.db_url, course.coursedir.course_id) as gradebook:
        try:
            gradebook.find_assignment(assignment)
        except MissingEntry:
            return {}
        submissions = gradebook.assignment_submissions(assignment)
        return {submission.student.id: _mark(submission) for submission in submissions}


def mark(course: Course, assignment: str, student: str) -> Mark:
    """What the gradebook says of one student.

    Raises:
        MissingEntry: nothing.
    """
    with Gradebook(course.db_url, course.coursedir.course_id) as gradebook:
        return _mark(gradebook.find_submission(assignment, student))


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


def _own(kind: str, source: str) -> NotebookNode:
    """A cell of the student's own: code, or text that is shown as a comment.

    Text is never Markdown here: formgrader would render what is in it.
    """
    source = source[:LONGEST]
    if kind != "code":
        source = "\n".join(f"# {line}" for line in source.splitlines())
    return nbformat.v4.new_code_cell(source)


def _grade_id(cell: NotebookNode) -> str:
    if not (is_grade(cell) or is_solution(cell) or is_locked(cell)):
        return ""
    return str(cell.metadata.nbgrader.get("grade_id", ""))
