"""A submission as an instructor gets to see it: the released notebook, answers as text.

Whatever formgrader and nbgrader's own preprocessors read, they read from this.
"""

from copy import deepcopy
from dataclasses import replace
from itertools import pairwise
from textwrap import wrap

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution

from autograde.notebook import Cell, Unreadable, cells
from autograde.submission import identified

INDENT = 4 * " "  # what makes Markdown show a line as it is
LONGEST = 100_000  # characters of a cell that an instructor gets to see
MOST = 500  # cells of a student's own that an instructor gets to see
MOST_TEXT = 1_000_000  # characters of these cells together
PLACED = "(This cell had lost its name. It was known by the question above it.)"
LOST = "(This cell was not in the notebook. The answer may stand in another cell.)"


def clean(original: NotebookNode, data: bytes) -> NotebookNode:
    """The released notebook with what a student wrote, as text, and nothing else.

    Answers stand in their cells. Other cells that the student added or edited follow
    the cell after which they stood. No output, no metadata of theirs. Where the cell
    for an answer in words is lost, a person has to look for the answer.
    """
    notebook = deepcopy(original)
    notebook.metadata.pop("widgets", None)
    by_id = {grade_id(cell): cell for cell in notebook.cells if grade_id(cell)}
    by_source = {cell.source.strip(): cell for cell in notebook.cells}
    extra: dict[int, list[NotebookNode]] = {}
    last = id(notebook.cells[0])
    try:
        theirs = identified(cells(data), _stubs(notebook))
        theirs, placed = _placed(theirs, notebook)
    except Unreadable as error:
        theirs, placed = (), set()
        extra[last] = [_own("code", f"# This file could not be read: {error}")]
    answered: set[str] = set()
    shown = length = 0
    for cell in theirs:
        known = by_id.get(cell.grade_id) or by_source.get(cell.source.strip())
        name = "" if known is None else grade_id(known)
        if known is None or (name in answered and is_solution(known)):
            shown += bool(cell.source.strip())
            length += min(len(cell.source), LONGEST)
            if cell.source.strip() and shown <= MOST and length <= MOST_TEXT:
                extra.setdefault(last, []).append(_own(cell.kind, cell.source))
            continue
        last = id(known)
        if is_solution(known):
            if cell.source.strip() not in ("", known.source.strip()):
                said = f"{PLACED}\n\n" if name in placed else ""
                known.source = said + _answer(known.cell_type, cell.source)
            answered.add(name)
    for name, known in by_id.items():
        if _in_words(known) and name not in answered:
            known.source = LOST  # another checksum: nbgrader does not give it zero
    notebook.cells = [
        c for cell in notebook.cells for c in (cell, *extra.get(id(cell), ()))
    ]
    return notebook


def _placed(
    theirs: tuple[Cell, ...], notebook: NotebookNode
) -> tuple[tuple[Cell, ...], set[str]]:
    """The cells, where an editor lost the name of an answer in words; which those are.

    Such an answer is what stands right after its question.
    """
    found, placed = list(theirs), set()
    named = {cell.grade_id for cell in theirs}
    ours = {cell.source.strip() for cell in notebook.cells}
    for question, cell in pairwise(notebook.cells):
        if not _in_words(cell) or grade_id(cell) in named:
            continue
        for place, (above, answer) in enumerate(pairwise(theirs), 1):
            if above.source.strip() == question.source.strip() and not (
                answer.kind == "code"
                or answer.grade_id
                or answer.source.strip() in ours
            ):
                found[place] = replace(answer, grade_id=grade_id(cell))
                placed.add(grade_id(cell))
                break
    return tuple(found), placed


def _in_words(cell: NotebookNode) -> bool:
    return bool(is_grade(cell) and is_solution(cell))


def _stubs(notebook: NotebookNode) -> dict[str, str]:
    """The exercises of a released notebook that ask for code, as they were released."""
    return {
        grade_id(cell): cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and is_solution(cell)
    }


def _answer(kind: str, source: str) -> str:
    """An answer as it is shown: Markdown as text, or formgrader would render it."""
    source = source[:LONGEST]
    if kind == "code":
        return source
    lines = (part for line in source.splitlines() for part in wrap(line, 88) or [""])
    return "\n".join(INDENT + line for line in lines)


def _own(kind: str, source: str) -> NotebookNode:
    """A cell of the student's own: code, or text that is shown as a comment.

    Text is never Markdown here: formgrader would render what is in it.
    """
    source = source[:LONGEST]
    if kind != "code":
        source = "\n".join(f"# {line}" for line in source.splitlines())
    cell: NotebookNode = nbformat.v4.new_code_cell(source)
    return cell


def grade_id(cell: NotebookNode) -> str:
    if not (is_grade(cell) or is_solution(cell) or is_locked(cell)):
        return ""
    return str(cell.metadata.nbgrader.get("grade_id", ""))
