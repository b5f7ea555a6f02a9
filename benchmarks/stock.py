"""The same class for stock nbgrader: hidden tests in the notebook, its own kernel."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from benchmarks.hidden_tests import TESTS

HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"


def with_hidden_tests(solved: NotebookNode) -> NotebookNode:
    """What is graded, and nothing else: no experiment, no plot, no visible check."""
    notebook = nbformat.from_dict(solved)
    notebook.cells = [c for c in notebook.cells if c.metadata.get("nbgrader")]
    for cell in notebook.cells:
        name = cell.metadata.nbgrader.grade_id
        if name in TESTS:
            cell.source = HIDDEN.format(TESTS[name])
    return notebook


def make_course(root: Path, assignment: str, solved: NotebookNode) -> NotebookNode:
    """A stock course in a folder; the notebook that it releases.

    Args:
        root: the folder.
        assignment: its name.
        solved: the notebook with the reference answers.
    """
    source = root / "source" / assignment / f"{assignment}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(with_hidden_tests(solved), source)
    config = Config({"CourseDirectory": {"root": str(root)}})
    made = NbGraderAPI(config=config).generate_assignment(assignment)
    if not made["success"]:
        raise RuntimeError(made["log"])
    path = root / "release" / assignment / f"{assignment}.ipynb"
    return nbformat.read(path, as_version=4)
