"""From a chapter's source to nbgrader's source notebook, and the record of its cells.

A cell's tag says what becomes of it: `exercise` asks for the student's code, `setup`
and `given` hand out code that the grader runs too; check cells are nbgrader's own.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from textwrap import fill

import jupytext
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograde.cells import COLLAPSED, bound, cleaned, digest, give_ids, modules, title
from autograde.markdown import Converter
from autograde.pages import Pages
from autograde.release import Release, ReleaseCell, version_of
from solutions.exercise import (
    BEGIN,
    answer,
    free_names,
    imported_names,
    inline,
    solutions_imports,
    source_of,
    stub,
)

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LOCKED = {
    "grade": False,
    "locked": True,
    "schema_version": 3,
    "solution": False,
    "task": False,
}
LONG = 60  # lines; inlined code that is longer starts collapsed
NUMPY_ONLY = sys.stdlib_module_names | {"numpy"}


class ChapterError(ValueError):
    """Something that the author of a chapter must put right."""


@dataclass
class _Chapter:
    """A chapter on its way to a notebook."""

    path: Path
    package: str
    converter: Converter
    exercises: dict[str, str]
    """Every name that the chapter asks for, and the grade_id of its cell."""
    known: set[str] = field(default_factory=set)
    """The names that locked cells above have defined."""
    recorded: list[ReleaseCell] = field(default_factory=list)


def build(path: Path, package: str = "solutions") -> tuple[NotebookNode, Release]:
    """The notebook with the answers, in nbgrader's source format, and its record.

    Args:
        path: the chapter, in MyST; the folder above its own holds the book.
        package: where its exercises' references are.

    Raises:
        ChapterError: the chapter breaks a rule; the message names chapter and cell.
    """
    text = path.read_text(encoding="utf-8")
    read = jupytext.reads(text, fmt="md:myst")
    chapter = _open(path, package, read)
    cells: list[NotebookNode] = []
    for number, cell in enumerate(read.cells, 1):
        nbgrader = cell.metadata.get("nbgrader", {})
        where = nbgrader.get("grade_id") or f"{number}, {cell.source[:40]!r}"
        try:
            if cell.cell_type == "code":
                cells += _code(chapter, cell)
            else:
                line = text[: text.find(cell.source)].count("\n") + 1
                plain = chapter.converter.plain(cell.source, line)
                cells.append(new_markdown_cell(plain, metadata=cleaned(cell)))
                if nbgrader.get("grade"):
                    chapter.recorded.append(_written(chapter, cell))
        except (ValueError, LookupError, SyntaxError) as error:
            raise ChapterError(f"chapter {path.stem}, cell {where}: {error}") from error
    cells = [cell for cell in cells if cell.source]
    _check_order(chapter)
    give_ids(cells)
    recorded = tuple(chapter.recorded)
    release = Release(path.stem, version_of(recorded), recorded)
    ours = {"assignment": release.assignment, "release": release.version}
    metadata = {
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
        "layers_from_scratch": ours,
    }
    return new_notebook(cells=cells, metadata=metadata), release


def _open(path: Path, package: str, read: NotebookNode) -> _Chapter:
    pages = Pages(path.parent.parent)
    values = read.metadata.get("myst", {}).get("substitutions", {})
    config = path.parents[2] / "_config.yml"
    settings = yaml.safe_load(config.read_text("utf-8")) if config.exists() else {}
    address = settings.get("html", {}).get("baseurl", "")
    exercises = {
        name: cell.metadata.get("nbgrader", {}).get("grade_id", "")
        for cell in read.cells
        if "exercise" in cell.metadata.get("tags", [])
        for _, name in imported_names(cell.source, package)
    }
    converter = Converter(pages, path.resolve(), address, values)
    return _Chapter(path, package, converter, exercises)


def _code(chapter: _Chapter, cell: NotebookNode) -> list[NotebookNode]:
    """The cells that one code cell becomes; what it is goes on record."""
    tags = cell.metadata.get("tags", [])
    nbgrader = cell.metadata.get("nbgrader", {})
    kinds = [kind for kind in ("setup", "given", "exercise") if kind in tags]
    if len(kinds) > 1:
        raise ValueError(f"a cell is one of {' and '.join(kinds)}, not both")
    kind = kinds[0] if kinds else "check" if nbgrader.get("grade") else "code"
    if kind == "exercise":
        made = [_exercise(chapter, cell)]
    elif kind in ("setup", "given"):
        made = list(_handed_out(chapter, cell, kind))
    else:
        made = [_as_it_is(chapter, cell, kind)]
    chapter.recorded += [record for _, record in made]
    return [*(cell for cell, _ in made), *_caption(chapter, cell)]


def _exercise(
    chapter: _Chapter, cell: NotebookNode
) -> tuple[NotebookNode, ReleaseCell]:
    pairs = imported_names(cell.source, chapter.package)
    statements = ast.parse(cell.source).body
    if not pairs or len(statements) != len(_imports(chapter, cell.source)):
        raise ValueError("an exercise cell holds `from ... import name` only")
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
    sources = [source_of(*pair) for pair in pairs]
    read = set().union(*(free_names(source) for source in sources))
    if unknown := sorted(read - chapter.known - set(chapter.exercises)):
        raise ValueError(
            f"the exercise reads {', '.join(unknown)}, which neither a setup cell "
            "above nor another exercise of the chapter defines"
        )
    heading, label = _heading(chapter, grade_id)
    answers = [answer(source) for source in sources]
    if whole := [
        name for (_, name), a in zip(pairs, answers, strict=True) if BEGIN not in a
    ]:
        raise ValueError(f"{whole[0]} has nothing that a student could write")
    made = new_code_cell("\n\n\n".join(answers), metadata=cleaned(cell))
    record = ReleaseCell(
        kind="exercise",
        source="\n\n\n".join(stub(source) for source in sources),
        grade_id=grade_id,
        names=tuple(name for _, name in pairs),
        title=heading,
        anchor=label,
    )
    return made, record


def _written(chapter: _Chapter, cell: NotebookNode) -> ReleaseCell:
    """A question that is answered in words, and marked by a person."""
    about = cell.metadata["nbgrader"]
    if not about.get("solution") or about.get("locked"):
        raise ValueError("a graded cell of text is the student's: solution, not locked")
    heading, label = _heading(chapter, about["grade_id"])
    return ReleaseCell(
        kind="written",
        source=cell.source,
        grade_id=about["grade_id"],
        points=about["points"],
        title=heading,
        anchor=label,
    )


def _heading(chapter: _Chapter, grade_id: str) -> tuple[str, str]:
    """The title of an exercise, with its number, and the label of its text."""
    label = f"ex-{grade_id.replace('_', '-')}"
    if label not in chapter.converter.pages.exercises:
        raise ValueError(
            f"no exercise text has a number, a title and `:label: {label}`"
        )
    number, name = chapter.converter.pages.exercises[label]
    return f"{number} {name}", label


def _handed_out(
    chapter: _Chapter, cell: NotebookNode, kind: str
) -> Iterator[tuple[NotebookNode, ReleaseCell]]:
    """A setup or given cell: locked, the source of its imports in their place.

    That source is a cell of its own, collapsed where it is long.
    """
    asked = set(chapter.exercises)
    imported = [name for _, name in imported_names(cell.source, chapter.package)]
    if answers := sorted(asked & {*imported, *bound(cell.source)}):
        raise ValueError(f"{answers[0]} is an exercise: no other cell may give it")
    for source, inlined in _inlined(chapter, cell.source):
        read, names = free_names(source), bound(source)
        if kind == "setup" and read & asked:
            raise ValueError(f"tag it `given`: it needs {min(read & asked)}")
        if unknown := sorted(read - chapter.known - asked):
            raise ValueError(
                f"no locked cell above defines {unknown[0]}, which it reads"
            )
        if strangers := sorted(set(modules(source)) - NUMPY_ONLY):
            raise ValueError(f"a {kind} cell needs NumPy only, no {strangers[0]}")
        chapter.known |= set(names)
        made = new_code_cell(source, metadata=cleaned(cell))
        if inlined and source.count("\n") >= LONG:
            made.metadata |= COLLAPSED
            given = f"Given: {', '.join(imported)}."  # the line that still shows
            comment = fill(given, 88, initial_indent="# ", subsequent_indent="# ")
            made.source = f"{comment}\n{source}"
        grade_id = f"{kind}_{title(source) or digest(source)}"
        made.metadata["nbgrader"] = {**LOCKED, "grade_id": grade_id}
        yield made, ReleaseCell(kind, made.source, grade_id)


def _as_it_is(
    chapter: _Chapter, cell: NotebookNode, kind: str
) -> tuple[NotebookNode, ReleaseCell]:
    """A check or an experiment."""
    for package in (chapter.package, "autograde"):
        if package in modules(cell.source):
            raise ValueError(
                f"it imports {package}, which students do not have: tag the cell "
                "`setup`, `given` or `exercise`"
            )
    made = new_code_cell(cell.source, metadata=cleaned(cell))
    nbgrader = made.metadata.get("nbgrader", {})
    points, grade_id = nbgrader.get("points", 0), nbgrader.get("grade_id", "")
    return made, ReleaseCell(kind, cell.source, grade_id, points=points)


def _inlined(chapter: _Chapter, source: str) -> Iterator[tuple[str, bool]]:
    """The lines above a cell's imports from the package, their source, the lines below.

    Each with True if it is source of the package.
    """
    imports = _imports(chapter, source)
    lines = source.split("\n")
    first = imports[0].lineno - 1 if imports else len(lines)
    for statement in reversed(imports):
        del lines[statement.lineno - 1 : statement.end_lineno]
    if above := "\n".join(lines[:first]).strip("\n"):
        yield above, False
    pairs = imported_names(source, chapter.package)
    if given := inline(pairs, {*chapter.known, *chapter.exercises}):
        yield given, True
    if below := "\n".join(lines[first:]).strip("\n"):
        yield below, False


def _caption(chapter: _Chapter, cell: NotebookNode) -> list[NotebookNode]:
    """The caption that the page sets below a cell's figure."""
    figure = cell.metadata.get("mystnb", {}).get("figure", {})
    caption = chapter.converter.plain(figure.get("caption", ""))
    return [new_markdown_cell(caption)] if caption else []


def _check_order(chapter: _Chapter) -> None:
    """Each exercise is followed by its check, before the next exercise."""
    graded = [cell for cell in chapter.recorded if cell.kind in ("exercise", "check")]
    for cell, following in zip_longest(graded, graded[1:]):
        expected = f"check_{cell.grade_id}"
        found = following.grade_id if following else "nothing"
        if cell.kind == "exercise" and found != expected:
            raise ChapterError(
                f"chapter {chapter.path.stem}, cell {cell.grade_id}: "
                f"its check {expected} must follow, not {found}"
            )


def _imports(chapter: _Chapter, source: str) -> list[ast.ImportFrom]:
    """A cell's imports from the package; they stand outside every block."""
    found = solutions_imports(source, chapter.package)
    if any(statement.col_offset for statement in found):
        raise ValueError(f"import {chapter.package} on lines that are not indented")
    return found
