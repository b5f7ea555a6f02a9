"""SaveAutoGrades on a gradebook that stays open, and what a person has seen."""

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, Gradebook, SubmittedAssignment
from nbgrader.preprocessors import SaveAutoGrades
from nbgrader.utils import is_solution
from sqlalchemy.orm import joinedload

from autograde.course import Course


def seen(submission: SubmittedAssignment) -> dict[Grade, float | None]:
    """The grades that a person has given, with what the checks said then.

    nbgrader asks for a second look after each grading; it needs one only if the answer
    or the checks' mark is another.
    """
    grades = (grade for notebook in submission.notebooks for grade in notebook.grades)
    return {
        grade: grade.auto_score
        for grade in grades
        if grade.manual_score is not None and not grade.needs_manual_grade
    }


def answers(notebook: NotebookNode) -> list[str]:
    """What a student wrote, in order."""
    return [cell.source for cell in notebook.cells if is_solution(cell)]


def before(path: Path) -> NotebookNode:
    """What was recorded last; an empty notebook where there is none to read."""
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
    except (OSError, ValueError, LookupError, TypeError):
        notebook = nbformat.from_dict({"cells": []})
    return notebook


class _Submitted:
    """What nbgrader's steps ask a gradebook for, of one submission, found at once."""

    def __init__(self, book: Gradebook, about: dict[str, Any]) -> None:
        names = about["nbgrader"]
        where = names["notebook"], names["assignment"], names["student"]
        self.db = book.db
        number = book.find_submission_notebook(*where).id
        self.grades, self.comments = (
            {
                found.cell.name: found
                for found in book.db.query(kind)
                .options(joinedload(kind.cell))
                .filter(kind.notebook_id == number)
            }
            for kind in (Grade, Comment)
        )

    def find_grade(self, cell: str, *_where: str) -> Grade:
        return self.grades[cell]

    def find_comment(self, cell: str, *_where: str) -> Comment:
        return self.comments[cell]


def save_auto_grades(
    course: Course, book: Gradebook, notebook: NotebookNode, about: dict[str, Any]
) -> None:
    """SaveAutoGrades, cell by cell, on a gradebook that stays open."""
    step = SaveAutoGrades(parent=course.parent)
    names = about["nbgrader"]
    step.notebook_id, step.assignment_id = names["notebook"], names["assignment"]
    step.student_id, step.gradebook = names["student"], _Submitted(book, about)
    for index, cell in enumerate(notebook.cells):
        step.preprocess_cell(cell, about, index)
