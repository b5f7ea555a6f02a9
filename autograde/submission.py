"""A handed-in notebook, from its cells to the statements that will run."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from autograde.limits import Limits
from autograde.needed import needed
from autograde.notebook import Cell, cells_of, claim, notebook_of
from autograde.release import Release, ReleaseCell
from autograde.session import Statement
from autograde.statements import is_left, released, statements_of, stubs

DEFAULTS = Limits()
LOOKED_THROUGH = DEFAULTS.source_characters  # for answers that lost their name
LONGEST = DEFAULTS.cell_characters


@dataclass(frozen=True)
class Submission:
    """What of a notebook is graded."""

    statements: tuple[Statement, ...]
    """The program, in the order in which it runs."""
    release: str | None
    """The release that the notebook says it comes from; only ever looked up."""
    notes: tuple[str, ...]
    """Plain sentences for the feedback."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with the cells that could not be read to their end, by cell."""


def read(
    data: bytes, releases: Callable[[str | None], Release], limits: Limits = DEFAULTS
) -> Submission:
    """Choose what runs: the release's own cells, and what the student's answers need.

    Of cells that the release locked, the release's text runs, never the student's. Of
    exercise cells, and of cells that the student added or edited, imports, definitions
    and assignments run, in the order of the notebook, and what else binds or changes a
    name that an answer uses.

    Raises:
        Unreadable: the bytes are no notebook.
    """
    notebook = notebook_of(data, limits)
    version = claim(notebook, "release") or None
    program = _Program(releases(version), limits)
    program.add_release("setup")
    program.add_text()
    theirs = tuple(program.readable(cells_of(notebook)))
    stubs = {cell.grade_id: cell.source for cell in program.exercises}
    number = 0
    for cell in identified(theirs, stubs):
        number += cell.kind == "code"
        program.add(cell, number)
    program.add_release("given")
    program.look_for_missing({cell.grade_id for cell in theirs})
    notes = tuple(program.notes)
    return Submission(program.chosen(), version, notes, program.unread)


def identified(cells: Sequence[Cell], stubs: Mapping[str, str]) -> tuple[Cell, ...]:
    """The cells, where an editor lost nbgrader's name of an answer with that name.

    An answer is known by what it defines: the last cell that defines it, but for stubs.

    Args:
        cells: the cells of a student's notebook.
        stubs: the source of each exercise as it was released, by nbgrader's name.
    """
    missing = stubs.keys() - {cell.grade_id for cell in cells}
    found = list(cells)
    nameless = [
        i
        for i, c in enumerate(cells)
        if c.kind == "code" and not c.grade_id and len(c.source) <= LONGEST
    ][: DEFAULTS.code_cells]
    spent = accumulate(len(cells[i].source) for i in nameless)
    short = [i for i, n in zip(nameless, spent, strict=True) if n <= LOOKED_THROUGH]
    defined = {i: _defined(cells[i].source) for i in short} if missing else {}
    for grade_id in missing:
        asked = _defined(stubs[grade_id])
        places = [i for i, names in defined.items() if asked and asked <= names]
        stub = stubs[grade_id].strip()
        places.sort(key=lambda i: (cells[i].source.strip() != stub, i))
        if places:
            found[places[-1]] = replace(cells[places[-1]], grade_id=grade_id)
    return tuple(found)


def _defined(source: str) -> set[str]:
    found, _ = statements_of(source, "")
    return {name for s in found if s.kind == "definition" for name in s.names}


class _Program:
    def __init__(self, release: Release, limits: Limits) -> None:
        self.limits = limits
        self.statements: list[Statement] = []
        self.notes: list[str] = []
        self.unread: dict[str, str] = {}
        self.assignment, self.release = release.assignment, release.cells
        self.by_id = {cell.grade_id: cell for cell in release.cells if cell.grade_id}
        self.by_source = {_normal(cell.source): cell for cell in release.cells}
        self.exercises = list(release.exercises())
        self.asked = {name for cell in self.exercises for name in cell.names}
        self.done: set[str] = set()

    def readable(self, cells: Iterable[Cell]) -> Iterator[Cell]:
        """The cells, but for code that is too long to be read in time."""
        room, cells_left = self.limits.source_characters, self.limits.code_cells
        for cell in cells:
            code = cell.kind == "code"
            cells_left -= code
            if code and len(cell.source) <= self.limits.cell_characters:
                room -= len(cell.source)
            if min(room, cells_left) >= 0 or not code:
                yield cell
        if min(room, cells_left) < 0:
            self.note("The notebook holds too much code: its end was not used.")

    def add(self, cell: Cell, number: int) -> None:
        """What runs because of one cell of the student's notebook."""
        known = self.by_id.get(cell.grade_id)
        if known is not None and known.kind == "exercise":
            if known.grade_id in self.done:
                self.note(
                    f"There are several cells {known.grade_id}. All of them were used, "
                    "in their order: the last definition counts."
                )
            self.done.add(known.grade_id)
            self.add_student(cell.source, f"your cell {known.grade_id}")
            return
        known = known or self.by_source.get(_normal(cell.source))
        if known is not None:
            if known.kind == "given":
                self.add_given(known)
        elif cell.kind == "code":
            self.add_student(cell.source, f"your code cell {number}")

    def add_student(self, source: str, cell: str) -> None:
        if len(source) > self.limits.cell_characters:
            self.cannot_read(cell, "is too long, and was not used.")
            return
        room = self.limits.statements - len(self.statements)
        if room == 0:
            return
        found, problem = statements_of(source, cell, most=room)
        if problem:
            self.cannot_read(cell, problem)
        if len(found) >= room:
            self.note(f"The notebook is too long: {cell} was not used to its end.")
        self.statements += found[:room]

    def cannot_read(self, cell: str, problem: str) -> None:
        self.unread[cell] = problem
        self.note(f"Y{cell[1:]} {problem}")

    def add_release(self, kind: str) -> None:
        for cell in self.release:
            if cell.kind == kind:
                self.add_given(cell)

    def add_given(self, cell: ReleaseCell) -> None:
        """A cell of the release, once, whatever the student's copy holds."""
        if cell.source not in self.done:
            self.done.add(cell.source)
            name = f"the locked cell {cell.grade_id}".strip()
            self.statements += released(cell.source, name)

    def add_text(self) -> None:
        """What the text imports and defines, for an answer that calls it.

        It runs before the student's cells, so that it never replaces an answer.
        """
        for cell in self.release:
            if cell.kind == "code":
                found = released(cell.source, "the text")
                self.statements += [
                    s
                    for s in found
                    if s.kind in ("import", "definition")
                    and not self.asked & set(s.names)
                ]

    def look_for_missing(self, named: set[str]) -> None:
        """Say which exercises have no cell, or none with nbgrader's name (`named`)."""
        missing = [c.grade_id for c in self.exercises if c.grade_id not in self.done]
        defined = {name for s in self.statements if s.student for name in s.names}
        if len(missing) == len(self.exercises) and not self.asked & defined:
            self.note(
                f"This does not look like the notebook of {self.assignment}: none of "
                "its exercises is in it."
            )
            return
        for name in missing:
            self.note(
                f"The cell {name} is missing. What your other cells define was used in "
                "its place."
            )
        lost = {cell.grade_id for cell in self.exercises} - named - set(missing)
        if lost:
            self.note(
                "Some program took away the names of your cells "
                f"{', '.join(sorted(lost))}. They were known by what they define."
            )

    def chosen(self) -> tuple[Statement, ...]:
        """What runs. A stub that was left as it was never replaces an answer."""
        released = {n: s for c in self.exercises for n, s in stubs(c.source).items()}

        def is_stub(s: Statement) -> bool:
            mine = (released[n] for n in s.names if n in released and s.student)
            return any(is_left(s.source, stub) for stub in mine)

        left = [is_stub(s) for s in self.statements]
        pairs = list(zip(self.statements, left, strict=True))
        answered = {
            name for s, stub in pairs if s.student and not stub for name in s.names
        }
        kept = [s for s, stub in pairs if not (stub and answered.issuperset(s.names))]
        return tuple(needed(kept, self.asked))

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def _normal(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())
