"""What a student installs: what the notebooks import, in tested versions."""

import re
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

from autograde.cells import modules

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
INSTALLED = {"sklearn": "scikit-learn"}  # a module and what pip calls it


def pins(path: Path) -> dict[str, str]:
    """The packages of a requirements file, and their versions."""
    text = path.read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)$", text, re.MULTILINE))


def imported(path: Path) -> set[str]:
    """What the cells of a notebook import, but for Python's own modules."""
    cells = nbformat.read(path, as_version=4).cells
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    found = {name for source in code for name in modules(source)}
    return {INSTALLED.get(name, name) for name in found - sys.stdlib_module_names}


def test_holds_the_students_file_what_the_notebooks_import_and_no_more():
    needed = {name for path in NOTEBOOKS for name in imported(path)}
    assert set(pins(ROOT / "notebooks" / "requirements.txt")) == needed | {"jupyterlab"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_imports_a_notebook_only_what_students_have(path):
    assert imported(path) <= set(pins(ROOT / "notebooks" / "requirements.txt"))


def test_are_the_students_versions_those_that_are_tested():
    tested = pins(ROOT / "constraints.txt")
    for name, version in pins(ROOT / "notebooks" / "requirements.txt").items():
        assert tested[name] == version


def test_asks_the_project_for_the_same_as_its_students():
    about = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = about["project"]
    study = project["dependencies"] + project["optional-dependencies"]["study"]
    assert set(pins(ROOT / "notebooks" / "requirements.txt")) == set(study)
