"""Marks as a table: one row a student, one column an exercise."""

import csv
from pathlib import Path

from nbgrader.api import (
    Assignment,
    Gradebook,
    GradeCell,
    MissingEntry,
    Notebook,
    TaskCell,
)
from nbgrader.plugins import ExportPlugin

from autograde.gradebook import mark_of

Row = dict[str, str | float]


class MarksExport(ExportPlugin):  # type: ignore[misc]
    """For `nbgrader export`; takes its --to, --assignment and --student."""

    def export(self, gradebook: Gradebook) -> None:
        """Write the CSV file."""
        path = Path(self.to or "grades.csv")
        students = [str(student) for student in self.student]
        assignments = [str(assignment) for assignment in self.assignment]
        write_csv(path, rows(gradebook, assignments, students))
        self.log.info("Wrote %s", path)


def rows(
    gradebook: Gradebook, assignments: list[str], students: list[str]
) -> list[Row]:
    """One row a student; no names given means all of them."""
    found = sorted(gradebook.assignments, key=lambda assignment: assignment.name)
    chosen = [a for a in found if not assignments or a.name in assignments]
    return [
        {
            "student": student.id,
            "last_name": student.last_name or "",
            "first_name": student.first_name or "",
            **{
                k: v
                for a in chosen
                for k, v in _marks(gradebook, a, student.id).items()
            },
        }
        for student in sorted(gradebook.students, key=lambda student: student.id)
        if not students or student.id in students
    ]


def write_csv(path: Path, rows: list[Row]) -> None:
    """Write rows that have the same columns."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else ["student"])
        writer.writeheader()
        writer.writerows(rows)


def _marks(gradebook: Gradebook, assignment: Assignment, student: str) -> Row:
    """The columns of one assignment: its exercises, sum, penalty, total, state.

    `by_hand` is what a person may still add; what has no mark yet is empty.
    """
    name = assignment.name
    cells = [cell.name for book in assignment.notebooks for cell in _graded(book)]
    points: Row = dict.fromkeys(cells, 0.0)
    score: str | float = 0.0
    total: str | float = 0.0
    penalty = by_hand = 0.0
    state, timestamp = "not handed in", ""
    try:
        submission = gradebook.find_submission(name, student)
    except MissingEntry:
        pass
    else:
        mark = mark_of(submission)
        points |= {**mark.exercises, **dict.fromkeys(mark.waiting, "")}
        marks = round(mark.score, 6), round(mark.total, 6)
        score, total = ("", "") if mark.ungraded else marks
        penalty, by_hand = round(mark.penalty, 6), mark.open
        state = "needs a person" if submission.needs_manual_grade else "graded"
        timestamp = str(submission.timestamp or "")
    columns: Row = {
        **{cell.removeprefix("check_"): points[cell] for cell in cells},
        "points": score,
        "late_penalty": penalty,
        "total": total,
        "by_hand": by_hand,
        "of": assignment.max_score,
        "handed_in": timestamp,
        "state": state,
    }
    return {f"{name}.{column}": value for column, value in columns.items()}


def _graded(notebook: Notebook) -> list[GradeCell | TaskCell]:
    return [*notebook.grade_cells, *notebook.task_cells]
