"""From a chapter's source to nbgrader's source notebook, and the record of its cells.

A cell's tag says what becomes of it: `exercise` asks for the student's code, `setup`
and `given` hand out code that the grader runs too; check cells are nbgrader's own.
"""

import ast
import sys
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path

import jupytext
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograde.markdown import Converter
from autograde.pages import Pages
from autograde.release import Release, ReleaseCell, version_of
from solutions.exercise import (
    answer,
    free_names,
    imported_names,
    inline,
    solutions_imports,
    source_of,
    stub,
)

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LONG = 20  # lines; inlined code that is longer starts collapsed
NUMPY_ONLY = sys.stdlib_module_names | {"numpy"}
HIDING = {"hide-input", "remove-input", "hide-cell"}


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
                cells.append(
                    new_markdown_cell(chapter.converter.plain(cell.source, line))
                )
                cells[-1].metadata = _cleaned(cell)
        except (ValueError, LookupError, SyntaxError) as error:
            raise ChapterError(f"chapter {path.stem}, cell {where}: {error}") from error
    cells = [cell for cell in cells if cell.source]
    _check_order(chapter)
    _name(cells)
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
        made, record = _exercise(chapter, cell)
    elif kind in ("setup", "given"):
        made, record = _handed_out(chapter, cell, kind)
    else:
        made, record = _as_it_is(chapter, cell, kind)
    chapter.recorded.append(record)
    return [made, *_caption(chapter, cell)]


def _exercise(
    chapter: _Chapter, cell: NotebookNode
) -> tuple[NotebookNode, ReleaseCell]:
    pairs = imported_names(cell.source, chapter.package)
    statements = ast.parse(cell.source).body
    if not pairs or len(statements) != len(_imports(chapter, cell.source)):
        raise ValueError(
            "an exercise cell holds `from ... import name` and nothing else"
        )
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
    sources = [source_of(*pair) for pair in pairs]
    read = set().union(*(free_names(source) for source in sources))
    if unknown := sorted(read - chapter.known - set(chapter.exercises)):
        raise ValueError(
            f"the exercise reads {', '.join(unknown)}, which neither a setup cell "
            "above nor another exercise of the chapter defines"
        )
    label = f"ex-{grade_id.replace('_', '-')}"
    if label not in chapter.converter.pages.exercises:
        raise ValueError(
            f"no exercise text has a number, a title and `:label: {label}`"
        )
    number, title = chapter.converter.pages.exercises[label]
    made = new_code_cell("\n\n\n".join(answer(source) for source in sources))
    made.metadata = _cleaned(cell)
    record = ReleaseCell(
        kind="exercise",
        source="\n\n\n".join(stub(source) for source in sources),
        grade_id=grade_id,
        names=tuple(name for _, name in pairs),
        title=f"{number} {title}",
        anchor=label,
    )
    return made, record


def _handed_out(
    chapter: _Chapter, cell: NotebookNode, kind: str
) -> tuple[NotebookNode, ReleaseCell]:
    """A setup or given cell: locked, the source in the place of each import."""
    pairs = imported_names(cell.source, chapter.package)
    if asked := sorted({name for _, name in pairs} & set(chapter.exercises)):
        raise ValueError(
            f"{', '.join(asked)} is an exercise: no other cell may give it"
        )
    source = _inlined(chapter, cell.source, pairs)
    used = free_names(source) & set(chapter.exercises)
    if kind == "setup" and used:
        raise ValueError(f"this needs the exercise {min(used)}: tag the cell `given`")
    if unknown := sorted(free_names(source) - chapter.known - set(chapter.exercises)):
        raise ValueError(
            f"the cell reads {', '.join(unknown)}, which is defined nowhere"
        )
    if strangers := sorted(set(_modules(source)) - NUMPY_ONLY):
        raise ValueError(
            f"import {strangers[0]} in another cell: this one needs NumPy only"
        )
    bound = _bound(cell.source)
    chapter.known |= set(_bound(source))
    made = new_code_cell(source, metadata=_cleaned(cell))
    if pairs and source.count("\n") >= LONG:
        made.metadata["jupyter"] = {"source_hidden": True}
    grade_id = f"{kind}_{bound[0] if bound else _digest(source)}"
    nbgrader = {"grade_id": grade_id} | made.metadata.get("nbgrader", {})
    fixed = {"grade": False, "locked": True, "solution": False, "task": False}
    made.metadata["nbgrader"] = nbgrader | fixed | {"schema_version": 3}
    return made, ReleaseCell(kind, source, nbgrader["grade_id"])


def _as_it_is(
    chapter: _Chapter, cell: NotebookNode, kind: str
) -> tuple[NotebookNode, ReleaseCell]:
    """A check or an experiment."""
    for package in (chapter.package, "autograde"):
        if package in _modules(cell.source):
            raise ValueError(
                f"it imports {package}, which students do not have: tag the cell "
                "`setup`, `given` or `exercise`"
            )
    made = new_code_cell(cell.source, metadata=_cleaned(cell))
    nbgrader = made.metadata.get("nbgrader", {})
    points, grade_id = nbgrader.get("points", 0), nbgrader.get("grade_id", "")
    return made, ReleaseCell(kind, cell.source, grade_id, points=points)


def _inlined(chapter: _Chapter, source: str, pairs: list[tuple[str, str]]) -> str:
    """A cell with the source of its imports from the package in their place."""
    imports = _imports(chapter, source)
    if not imports:
        return source
    known = chapter.known | set(chapter.exercises)
    lines = source.split("\n")
    for statement in reversed(imports):
        del lines[statement.lineno - 1 : statement.end_lineno]
    first = imports[0].lineno - 1
    parts = ["\n".join(lines[:first]), inline(pairs, known), "\n".join(lines[first:])]
    return "\n\n\n".join(part.strip("\n") for part in parts if part.strip())


def _caption(chapter: _Chapter, cell: NotebookNode) -> list[NotebookNode]:
    """The caption that the page sets below a cell's figure."""
    figure = cell.metadata.get("mystnb", {}).get("figure", {})
    caption = chapter.converter.plain(figure.get("caption", ""))
    return [new_markdown_cell(caption)] if caption else []


def _cleaned(cell: NotebookNode) -> NotebookNode:
    """A cell's metadata without what only the page reads."""
    metadata = NotebookNode()
    tags = cell.metadata.get("tags", [])
    if "raises-exception" in tags:
        metadata["tags"] = ["raises-exception"]
    if HIDING & set(tags):
        metadata["jupyter"] = {"source_hidden": True}
    if "nbgrader" in cell.metadata:
        metadata["nbgrader"] = cell.metadata["nbgrader"]
    return metadata


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


def _name(cells: list[NotebookNode]) -> None:
    """Give each cell an id that the next release repeats."""
    taken: set[str] = set()
    for cell in cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        source = cell.source
        while not name or name in taken:
            name, source = _digest(source), source + "\n"
        taken.add(name)
        cell.id = name


def _imports(chapter: _Chapter, source: str) -> list[ast.ImportFrom]:
    """A cell's imports from the package; they stand outside every block."""
    found = solutions_imports(source, chapter.package)
    if any(statement.col_offset for statement in found):
        raise ValueError(f"import {chapter.package} on lines that are not indented")
    return found


def _modules(source: str) -> list[str]:
    """The top-level modules that a cell imports; its magics are no Python."""
    lines = [line for line in source.split("\n") if not line.lstrip().startswith("%")]
    modules: list[str] = []
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules.append(node.module or "")
    return [module.split(".")[0] for module in modules]


def _bound(source: str) -> list[str]:
    """The names that a cell's own statements define, in order."""
    names: list[str] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names += [(a.asname or a.name).split(".")[0] for a in node.names]
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        else:
            stores = (n for n in ast.walk(node) if isinstance(n, ast.Name))
            names += [n.id for n in stores if isinstance(n.ctx, ast.Store)]
    return names


def _digest(source: str) -> str:
    return sha256(source.encode()).hexdigest()[:12]
