"""A student who does not exist, and how a notebook comes to differ from the answers."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from autograde.mistakes import Answer, known
from autograde.release import ReleaseCell
from solutions.exercise import BEGIN, END

ASSIGNMENT = "02_linear"
ON_TIME, DUE, LATE = "2026-03-05 21:12:40", "2026-03-06 18:00:00", "2026-03-07 09:30:15"

Edit = Callable[[NotebookNode], None]


@dataclass(frozen=True)
class Invented:
    """A student, and how the notebook differs from the reference answers."""

    name: str
    what: str
    """What an instructor would say of the submission, in a few words."""
    edits: tuple[Edit, ...] = ()
    file: str = f"{ASSIGNMENT}.ipynb"
    timestamp: str = ON_TIME
    damage: Callable[[bytes], bytes] = bytes

    @property
    def id(self) -> str:
        """The name of the student's folder."""
        return self.name.lower().replace(" ", ".")

    def submission(self, released: NotebookNode, answers: dict[str, str]) -> bytes:
        """The notebook as it was handed in."""
        notebook = deepcopy(released)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = answers.get(name, cell.source)
        for edit in self.edits:
            edit(notebook)
        for number, cell in enumerate(notebook.cells):
            cell.id = f"cell-{number}"
        return self.damage(nbformat.writes(notebook).encode())


def reference_answers(source: NotebookNode) -> dict[str, str]:
    """The answers of the instructor's notebook, by exercise, without the markers."""
    return {
        cell.metadata.nbgrader.grade_id: "\n".join(
            line
            for line in cell.source.splitlines()
            if line.strip() not in (BEGIN, END)
        )
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


def known_answers(*names: str) -> Edit:
    """Answer with right answers or mistakes of `autograde/mistakes`, by name."""

    def edit(notebook: NotebookNode) -> None:
        answers = known(ASSIGNMENT)
        every = {answer.name: answer for answer in answers.mistakes + answers.rights}
        answered(every[name] for name in names)(notebook)

    return edit


def answered(answers: Iterable[Answer]) -> Edit:
    """Answer with these known answers, right or wrong."""

    def edit(notebook: NotebookNode) -> None:
        for answer in answers:
            for exercise, source in answer.sources.items():
                wrote(exercise, source)(notebook)

    return edit


def untouched(cells: Iterable[ReleaseCell]) -> Edit:
    """Leave these exercises as they were released."""

    def edit(notebook: NotebookNode) -> None:
        for cell in cells:
            wrote(cell.grade_id, cell.source)(notebook)

    return edit


def wrote(exercise: str, source: str) -> Edit:
    """Answer an exercise with this source."""

    def edit(notebook: NotebookNode) -> None:
        notebook.cells[_index(notebook, exercise)].source = source

    return edit


def body(exercise: str, *lines: str) -> Edit:
    """Put these lines into the place of an answer, under its signature."""

    def edit(notebook: NotebookNode) -> None:
        cell = notebook.cells[_index(notebook, exercise)]
        head, quotes, rest = cell.source.partition('"""')
        docstring = quotes + rest.partition('"""')[0] + quotes
        cell.source = head + docstring + "".join(f"\n    {line}" for line in lines)

    return edit


def first(exercise: str, *lines: str) -> Edit:
    """Put these lines before an answer that is right."""

    def edit(notebook: NotebookNode) -> None:
        cell = notebook.cells[_index(notebook, exercise)]
        head, quotes, rest = cell.source.partition('"""')
        docstring, end, answer = rest.partition('"""')
        inserted = "".join(f"\n    {line}" for line in lines)
        cell.source = head + quotes + docstring + end + inserted + answer

    return edit


def left(*exercises: str) -> Edit:
    """Leave these exercises as they were released."""

    def edit(notebook: NotebookNode) -> None:
        for exercise in exercises:
            body(exercise, "# YOUR CODE HERE", "raise NotImplementedError()")(notebook)

    return edit


def added(before: str, source: str) -> Edit:
    """Add a cell of the student's own before an exercise."""

    def edit(notebook: NotebookNode) -> None:
        cell = nbformat.v4.new_code_cell(source)
        notebook.cells.insert(_index(notebook, before), cell)

    return edit


def doubled(exercise: str) -> Edit:
    """Copy and paste an answer, nbgrader's metadata included."""

    def edit(notebook: NotebookNode) -> None:
        index = _index(notebook, exercise)
        notebook.cells.insert(index, deepcopy(notebook.cells[index]))

    return edit


def forged(exercise: str) -> Edit:
    """Change the check cell: another test, more points, a result that says so."""

    def edit(notebook: NotebookNode) -> None:
        cell = notebook.cells[_index(notebook, f"check_{exercise}")]
        cell.source = "100"
        cell.metadata.nbgrader.update(points=100, schema_version=99)
        cell.outputs = [
            nbformat.v4.new_output("execute_result", data={"text/plain": "100"})
        ]

    return edit


def truncated(data: bytes) -> bytes:
    """Half a file: a transfer that broke off."""
    return data[: len(data) // 2]


def _index(notebook: NotebookNode, grade_id: str) -> int:
    return next(
        index
        for index, cell in enumerate(notebook.cells)
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )
