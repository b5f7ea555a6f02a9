"""The page that a student reads: what each check saw, in the student's own terms.

A report and a graded notebook go in, one HTML file comes out. Everything is escaped;
the page runs nothing and loads nothing.
"""

from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbconvert.exporters import Exporter
from nbgrader.api import Gradebook
from traitlets import Unicode

from autograde import gradebook, written
from autograde.clean import INDENT
from autograde.course import Course, UserError, keep_timestamp, write
from autograde.report import CheckResult, ExerciseResult, Report

COLORS = {"passed": "good"}
COLORS |= dict.fromkeys(("not answered", "not graded", *written.BY_HAND), "open")


def write_feedback(
    course: Course, book: Gradebook, assignment: str, student: str, report: Report
) -> Path:
    """Write one student's page into nbgrader's feedback folder; return its path."""
    html = page(course, book, assignment, student, report)
    path = course.feedback(assignment, student)
    keep_timestamp(course.folder("submitted", assignment, student), path.parent)
    write(path, html.encode("utf-8", "replace"))
    return path


def page(
    course: Course, book: Gradebook, assignment: str, student: str, report: Report
) -> str:
    """The page as HTML."""
    mark = gradebook.mark(book, assignment, student)
    answers = _answers(course, assignment, student)
    comments = _comments(book, assignment, student)
    chapter = _chapter(course, assignment)
    exercises = []
    for result in written.exercises(report, mark):
        name = result.grade_id.removeprefix("check_")
        exercises.append(
            {
                "id": name,
                "result": result,
                "points": written.given(mark, result),
                "waits": not mark.waiting.isdisjoint(
                    (result.grade_id, gradebook.check_id(result))
                ),
                "by_person": written.by_person(mark, result),
                "in_words": not result.checks[0].title,
                "color": _color(result),
                "answer": answers.get(name, ""),
                "comment": comments.get(name) or comments.get(f"check_{name}", ""),
                "link": f"{chapter}#{result.anchor}" if chapter else "",
            }
        )
    html: str = _template().render(
        title=_title(course, assignment),
        student=student,
        report=report,
        exercises=exercises,
        mark=mark,
    )
    return html


class FeedbackExporter(Exporter):
    """Puts our page in the place of nbgrader's, for `nbgrader generate_feedback`."""

    file_extension = Unicode(".html")
    book_url = Unicode(
        "", help="Where the students read the book, for links to its sections."
    ).tag(config=True)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **_kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        """The page for a graded notebook, from the stored report."""
        resources = {**(resources or {}), "output_extension": self.file_extension}
        about = resources["nbgrader"]
        converter: Any = self.parent
        course = Course(converter.coursedir, converter)
        assignment, student = about["assignment"], about["student"]
        report = report_of(course, assignment, student)
        with gradebook.opened(course) as book:
            return page(course, book, assignment, student, report), resources


def report_of(course: Course, assignment: str, student: str) -> Report:
    """The stored report that a student's marks come from, with all its notes.

    Raises:
        UserError: there is none.
    """
    key = gradebook.recorded(course, assignment, student)
    report = course.stored(assignment, key) if key else None
    if report is None:
        raise UserError(
            f"{student} has no report on {assignment} yet; "
            f"run `python -m autograde grade {assignment}` first."
        )
    return course.handed(assignment, student).annotate(report)


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = lambda points: f"{points:g}"
    environment.filters["color"] = _color
    return environment.get_template("feedback.html")


def _visible(value: Any) -> Any:
    """Text without characters that hide, turn or end it; anything else as it is."""
    if type(value) is not str:
        return value
    shown = (c if c.isprintable() or c in "\n\t\xa0" else "\ufffd" for c in value)
    return "".join(shown)


def _color(result: CheckResult | ExerciseResult) -> str:
    return COLORS.get(result.verdict, "bad")


def _title(course: Course, assignment: str) -> str:
    """The chapter's title: the first heading of the released notebook."""
    for cell in gradebook.released(course, assignment).cells:
        for line in cell.source.splitlines():
            if cell.cell_type == "markdown" and line.startswith("# "):
                return str(line[2:].strip())
    return assignment


def _answers(course: Course, assignment: str, student: str) -> dict[str, str]:
    """What the student wrote, by exercise, from the clean notebook."""
    path = course.graded(assignment, student)
    if not path.is_file():
        return {}
    notebook = nbformat.v4.reads(path.read_text("utf-8"))
    return {
        cell.metadata.nbgrader.grade_id: (
            cell.source
            if cell.cell_type == "code"
            else cell.source.replace(f"\n{INDENT}", "\n").removeprefix(INDENT)
        )
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


def _comments(book: Gradebook, assignment: str, student: str) -> dict[str, str]:
    """What an instructor wrote in formgrader, by exercise."""
    submission = book.find_submission_notebook(assignment, assignment, student)
    return {c.name: c.manual_comment or "" for c in submission.comments}


def _chapter(course: Course, assignment: str) -> str:
    """Where the chapter stands in the book; empty while nobody said where that is."""
    config: Any = course.parent.config  # an exporter of its own would take long
    url = str(config.FeedbackExporter.get("book_url", "")).rstrip("/")
    return f"{url}/book/chapters/{assignment}.html" if url else ""
