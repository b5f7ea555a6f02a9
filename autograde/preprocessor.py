"""What `nbgrader_config.py` puts into nbgrader: our sandbox in place of its kernel."""

from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from autograde import gradebook
from autograde.classroom import report_for
from autograde.clean import clean
from autograde.course import Course, disarm, set_aside

Resources = dict[str, Any]


def take_in(assignment: str, student: str, notebooks: list[str]) -> None:
    """Look at a student's folder before nbgrader does (a pre_convert_hook).

    Whatever notebooks there are, one is graded, under the assignment's name:
    `CleanNotebook` finds it. Symbolic links become text, so that nobody follows them.
    """
    folder = Path(notebooks[0]).parent
    disarm(folder)
    set_aside(folder)
    notebooks[:] = [str(folder / f"{assignment}.ipynb")]


class CleanNotebook(NotebookExporter):
    """Reads a submission in the place of nbformat, which a broken file would stop."""

    def from_filename(
        self, filename: str, resources: Resources | None = None, **kw: Any
    ) -> tuple[Any, Resources]:
        """A clean notebook from what was handed in; our own, later, as it is."""
        course, about = _course(self), (resources or {})["nbgrader"]
        assignment, student = about["assignment"], about["student"]
        folder = course.folder("submitted", assignment, student)
        if Path(filename).parent.resolve() != folder.resolve():
            return super().from_filename(filename, resources, **kw)
        data = course.handed(assignment, student).data
        notebook = clean(gradebook.released(course, assignment), data)
        export: Any = self.from_notebook_node
        exported: tuple[str, Resources] = export(notebook, resources, **kw)
        return exported


class Grade(NbGraderPreprocessor):  # type: ignore[misc]
    """Grade in the sandbox, in the place of Execute."""

    def preprocess(
        self, nb: NotebookNode, resources: Resources
    ) -> tuple[NotebookNode, Resources]:
        """Write the marks of the report into the notebook's check cells."""
        course, about = _course(self.parent), resources["nbgrader"]
        handed = course.handed(about["assignment"], about["student"])
        report, key = report_for(course, handed)
        gradebook.write_marks(nb, report, key)
        return nb, resources


class SaveNotGraded(NbGraderPreprocessor):  # type: ignore[misc]
    """After SaveAutoGrades: what was not graded gets no mark, and a person's eye."""

    def preprocess(
        self, nb: NotebookNode, resources: Resources
    ) -> tuple[NotebookNode, Resources]:
        """Leave the notebook as it is; correct the gradebook."""
        with Gradebook(resources["nbgrader"]["db_url"]) as book:
            gradebook.save_not_graded(book, nb, resources)
        return nb, resources


def _course(exporter: Any) -> Course:
    """The course of the nbgrader converter that an exporter belongs to."""
    return Course(exporter.parent.coursedir, exporter.parent)
