"""The released notebooks, and the records that grading reads."""

import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograde.release import ROOT, Release, chapters, load, register, release

MADEUP = Path(__file__).parent / "madeup"
NAMES = [path.stem for path in chapters()]

# What MyST has and plain Markdown has not, outside code.
RAW = re.compile(
    r"""^\s*[`:]{3,}\{        # a directive
    | \{[a-z][\w:-]*\}`       # a role
    | ^\([^()\s]+\)=\s*$      # a target
    | ^%                      # a comment
    | ^\+\+\+                 # a cell break
    | \]\(\#                  # a link to a label
    | \]\((?!https?:|data:|mailto:)  # a link to a file
    | <project:""",
    re.VERBOSE | re.MULTILINE,
)
CODE = re.compile(
    r"^( *)(`{3,}|~{3,})(?!\{).*?^\1\2|(?<!})`[^`]+`|\$\$.*?\$\$", re.M | re.S
)

KEYS = {"cellView", "deletable", "editable", "jupyter", "nbgrader", "tags"}


@pytest.fixture
def madeup(tmp_path, monkeypatch) -> Path:
    monkeypatch.syspath_prepend(MADEUP)
    shutil.copytree(MADEUP, tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture(scope="module")
def again(tmp_path_factory) -> Path:
    """A folder with a fresh release of all chapters."""
    root = tmp_path_factory.mktemp("again")
    (root / "book").symlink_to(ROOT / "book")
    (root / "_config.yml").symlink_to(ROOT / "_config.yml")
    release(root=root)
    return root


def contents(folder: Path) -> dict[str, bytes]:
    """The files by their path, without those that running or opening them leaves."""
    left_behind = {".ipynb_checkpoints", "__pycache__"}
    files = (
        path
        for path in folder.rglob("*")
        if path.is_file() and not left_behind & set(path.parts)
    )
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_the_committed_notebooks_are_up_to_date(again):
    """Run `python -m autograde release` where this fails."""
    folders = [path.name for path in (ROOT / "notebooks").iterdir() if path.is_dir()]
    assert sorted(folders) == sorted(NAMES) != []
    for name in NAMES:
        made = contents(again / "notebooks" / name)
        assert contents(ROOT / "notebooks" / name) == made
        record = load(name)
        assert record == load(name, records=again / "autograde" / "releases")


def test_the_same_chapter_gives_the_same_bytes(madeup, tmp_path):
    release(root=madeup, package="madeup")
    first = contents(madeup)
    elsewhere = tmp_path / "elsewhere" / "deeper"
    shutil.copytree(MADEUP, elsewhere)
    release(root=elsewhere, package="madeup")
    (elsewhere / "_build" / "source" / "03_scaling" / "notes.txt").touch()
    release(root=elsewhere, package="madeup")
    assert "notebooks/03_scaling/03_scaling.ipynb" in first
    second = contents(elsewhere)
    assert second == first
    assert str(madeup).encode() not in b"".join(second.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_valid_without_outputs_and_ids_stay(name):
    path = ROOT / "notebooks" / name / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        assert set(cell.metadata) <= KEYS
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
        if "nbgrader" in cell.metadata:
            assert cell.id == cell.metadata.nbgrader.grade_id


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_myst_is_visible(name):
    path = ROOT / "notebooks" / name / f"{name}.ipynb"
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            assert not RAW.findall(CODE.sub("", cell.source)), cell.source


@pytest.mark.parametrize(
    "myst",
    ["```{note}", ":::{tip}", "{ref}`x`", "(x)=", "% c", "+++", "[a](#b)", "[](b.md)"],
)
def test_what_is_myst_is_noticed(myst):
    assert RAW.search(CODE.sub("", f"text\n\n{myst}\n"))


@pytest.mark.parametrize("name", NAMES)
def test_the_record_holds_what_is_run_and_what_is_answered(name):
    path = ROOT / "notebooks" / name / f"{name}.ipynb"
    cells = [
        cell
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code" or "nbgrader" in cell.metadata
    ]
    record = load(name)
    assert [cell.source for cell in cells] == [cell.source for cell in record.cells]
    for cell, recorded in zip(cells, record.cells, strict=True):
        nbgrader = cell.metadata.get("nbgrader", {})
        assert nbgrader.get("grade_id", "") == recorded.grade_id
        assert nbgrader.get("points", 0) == recorded.points
        assert nbgrader.get("locked", False) == (
            recorded.kind in ("setup", "given", "check")
        )


def test_a_gradebook_learns_the_assignment_either_way(madeup, tmp_path):
    def cells(database: Path) -> tuple[dict, dict]:
        with Gradebook(f"sqlite:///{database}") as gradebook:
            notebook = gradebook.find_notebook("03_scaling", "03_scaling")
            sources = {c.name: (c.source, c.checksum) for c in notebook.source_cells}
            return sources, {c.name: c.max_score for c in notebook.grade_cells}

    one, other = tmp_path / "one.db", tmp_path / "other.db"
    release(["03"], root=madeup, package="madeup", db_url=f"sqlite:///{one}")
    before = contents(madeup)
    register("03_scaling", f"sqlite:///{other}", root=madeup)
    assert contents(madeup) == before
    assert cells(one) == cells(other)
    sources, points = cells(one)
    assert points["check_scale"] == 2
    assert "class Counted" in sources["setup_Counted"][0]


def test_chapters_are_found_by_number_or_name():
    assert [path.stem for path in chapters(["02"])] == ["02_linear"]
    assert [path.stem for path in chapters(["02_linear"])] == ["02_linear"]
    names = ", ".join(NAMES)
    with pytest.raises(LookupError, match=f"no chapter '99'; the chapters: {names}"):
        chapters(["99"])


def test_what_was_never_released_is_said(tmp_path):
    with pytest.raises(LookupError, match="no release of '99_none'; released: "):
        load("99_none")
    with pytest.raises(LookupError, match="release it first"):
        register("99_none", "sqlite://", root=tmp_path)


def test_a_record_is_plain_json():
    record = load("02_linear")
    path = ROOT / "autograde" / "releases" / "02_linear" / f"{record.version}.json"
    fields = json.loads(path.read_text(encoding="utf-8"))
    assert fields["assignment"] == "02_linear"
    assert isinstance(record, Release)
    assert [exercise.anchor for exercise in record.exercises()][:2] == [
        "ex-linear-forward",
        "ex-linear-backward",
    ]
