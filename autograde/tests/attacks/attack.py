"""One attack: a student's folder, and what must come out of grading it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograde.course import PROJECT
from autograde.demo_student import ASSIGNMENT
from autograde.mistakes import known
from autograde.release import load
from solutions.exercise import source_of

NAME = f"{ASSIGNMENT}.ipynb"
RELEASED = PROJECT / "notebooks" / ASSIGNMENT / NAME
EXERCISES = tuple(cell.grade_id for cell in load(ASSIGNMENT).exercises())
POINTS = sum(cell.points for cell in load(ASSIGNMENT).cells if cell.kind == "check")
NOTHING = ()
LINEAR = ("linear_forward", "linear_backward")  # a backward needs its own forward
Notebook = dict[str, Any]
Edit = Callable[[Notebook], None]
Files = dict[str, bytes] | Callable[[Path], None]


@dataclass(frozen=True)
class Attack:
    """A hostile submission.

    Attributes:
        name: the student's folder.
        tries: what it does, in a few words.
        verdict: what must be said of `linear_forward`.
        lost: the exercises that earn nothing; all others earn everything.
        data: makes the notebook; None hands in what `files` makes, and no more.
        files: other files of the folder, by name, or what makes them.
        where: the file of the notebook.
    """

    name: str
    tries: str
    verdict: str
    lost: tuple[str, ...] = LINEAR
    data: Callable[[], bytes] | None = None
    files: Files | None = None
    where: str = NAME

    def hand_in(self, folder: Path) -> None:
        """Write it as the student would."""
        folder.mkdir(parents=True)
        if self.data is not None:
            (folder / self.where).write_bytes(self.data())
        if callable(self.files):
            self.files(folder)
        for name, data in self.files.items() if isinstance(self.files, dict) else ():
            (folder / name).write_bytes(data)


def released(*edits: Edit) -> Callable[[], bytes]:
    """The notebook as it was handed out, no exercise answered, then edited."""

    def make() -> bytes:
        notebook = json.loads(RELEASED.read_bytes())
        for edit in edits:
            edit(notebook)
        return json.dumps(notebook).encode()

    return make


def solved(*edits: Edit) -> Callable[[], bytes]:
    """The notebook with every exercise right, then edited."""

    def answer(notebook: Notebook) -> None:
        for name, function in known(ASSIGNMENT).references.items():
            if name in EXERCISES:
                cell(notebook, name)["source"] = source_of(function.__module__, name)

    return released(answer, *edits)


def cell(notebook: Notebook, grade_id: str) -> dict[str, Any]:
    """A cell of a notebook, by nbgrader's name."""
    cells = notebook["cells"]
    return next(
        c
        for c in cells
        if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    )


def wrote(source: str, exercise: str = "linear_forward") -> Edit:
    """Answer an exercise with this source."""

    def edit(notebook: Notebook) -> None:
        cell(notebook, exercise)["source"] = source

    return edit


def added(source: str, kind: str = "code") -> Edit:
    """A cell of the student's own, first of all."""

    def edit(notebook: Notebook) -> None:
        more = {"outputs": [], "execution_count": None} if kind == "code" else {}
        new = {"cell_type": kind, "id": "mine", "metadata": {}, "source": source}
        notebook["cells"].insert(0, new | more)

    return edit


def body(*lines: str, before: str = "") -> Callable[[], bytes]:
    """All right, but for `linear_forward`, which has this body."""
    head = "def linear_forward(x, weight, bias=None):"
    return solved(wrote(before + "\n    ".join([head, *lines]) + "\n"))


def zeros(*before: str) -> Callable[[], bytes]:
    """These lines, then a `linear_forward` of the right type, shape and dtype."""
    shape = "return np.zeros((*x.shape[:-1], len(weight)), x.dtype), ()"
    return body(shape, before="\n".join(before) + "\n")
