"""A submission as an instructor gets to see it: the released notebook, answers as text.

Whatever formgrader and nbgrader's own preprocessors read, they read from this.
"""

from copy import deepcopy
from textwrap import wrap

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution

from autograde.notebook import Unreadable, cells
from autograde.submission import identified

INDENT = 4 * " "  # what makes Markdown show a line as it is
LONGEST = 100_000  # characters of a cell that an instructor gets to see
MOST = 500  # cells of a student's own that an instructor gets to see
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
    except Unreadable as error:
        theirs = ()
        extra[last] = [_own("code", f"# This file could not be read: {error}")]
    answered: set[str] = set()
    shown = 0
    for cell in theirs:
        known = by_id.get(cell.grade_id) or by_source.get(cell.source.strip())
        name = "" if known is None else grade_id(known)
        if known is None or (name in answered and is_solution(known)):
            shown += bool(cell.source.strip())
            if cell.source.strip() and shown <= MOST:
                extra.setdefault(last, []).append(_own(cell.kind, cell.source))
            continue
        last = id(known)
        if is_solution(known):
            if cell.source.strip() not in ("", known.source.strip()):
                known.source = _answer(known.cell_type, cell.source)
            answered.add(name)
    for name, known in by_id.items():
        if is_grade(known) and is_solution(known) and name not in answered:
            known.source = LOST  # another checksum: nbgrader does not give it zero
    notebook.cells = [
        c for cell in notebook.cells for c in (cell, *extra.get(id(cell), ()))
    ]
    return notebook


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
