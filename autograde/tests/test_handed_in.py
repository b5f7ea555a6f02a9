"""Every chapter, answered rightly: full marks however the notebook is handed in?"""

import json
from copy import deepcopy
from functools import cache

import pytest

from autograde.course import PROJECT
from autograde.grade import grade
from autograde.mistakes import known
from autograde.release import chapters, load
from autograde.session import LocalSession
from solutions.exercise import source_of

ASSIGNMENTS = [path.stem for path in chapters()]


@cache
def answered(assignment):
    """The released notebook with the reference's answers, as JSON."""
    path = PROJECT / "notebooks" / assignment / f"{assignment}.ipynb"
    notebook = json.loads(path.read_bytes())
    references = known(assignment).references
    names = {cell.grade_id: cell.names for cell in load(assignment).exercises()}
    for cell in notebook["cells"]:
        if asked := names.get(name(cell)):
            sources = [source_of(references[n].__module__, n) for n in asked]
            cell["source"] = "\n\n\n".join(sources)
    return notebook


def name(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def code(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def as_it_is(notebook):
    pass


def without_checks(notebook):
    cells = notebook["cells"]
    cells[:] = [cell for cell in cells if not name(cell).startswith("check_")]


def without_names(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def without_setup(notebook):
    cells = notebook["cells"]
    cells[:] = [cell for cell in cells if not name(cell).startswith("setup")]


def doubled(notebook):
    notebook["cells"] = [cell for cell in notebook["cells"] for _ in range(2)]


def backwards(notebook):
    notebook["cells"].reverse()


def in_one_cell(notebook):
    """All answers in a cell of the student's own; their own cells are empty."""
    answers = [c for c in code(notebook) if name(c) and "check_" not in name(c)]
    whole = "\n\n".join(cell["source"] for cell in answers)
    for cell in answers:
        cell["source"] = ""
    notebook["cells"].append({"cell_type": "code", "source": whole, "metadata": {}})


def with_experiments(notebook):
    for cell in code(notebook):
        cell["outputs"] = [{"output_type": "stream", "text": "0.5 " * 9999}]
        if not name(cell):
            cell["source"] += "\nwrong = 1 / 0\nwhile True: pass"


def in_lines(notebook):
    """As Jupyter saves it."""
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)


def of_windows(notebook):
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")


def as_format_3(notebook):
    for cell in code(notebook):
        cell["input"] = cell.pop("source")
    notebook["worksheets"] = [{"cells": notebook.pop("cells")}]
    notebook["nbformat"] = 3


EDITS = [as_it_is, without_checks, without_names, without_setup, doubled, backwards]
EDITS += [in_one_cell, with_experiments, in_lines, of_windows, as_format_3]


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_right_answers_get_full_marks(assignment, edit):
    notebook = deepcopy(answered(assignment))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    edit(notebook)
    data = json.dumps(notebook).encode()
    report = grade(data, assignment, b"secret", connect=LocalSession)
    wrong = [
        (check.title, check.verdict, check.message, report.notes)
        for exercise in report.exercises
        for check in exercise.checks
        if not check.passed
    ]
    assert wrong == []
    assert report.points == report.max_points > 0
