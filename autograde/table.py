"""A class in the terminal: one row a student."""

from collections.abc import Mapping, Sequence

from autograde.classroom import Graded
from autograde.gradebook import Mark
from autograde.report import ExerciseResult
from autograde.session import printable
from autograde.written import MARKED, WAITS, by_person, exercises, given

SHORT = {
    "raised": "error",
    "timed out": "time",
    "out of memory": "mem.",
    "crashed": "crash",
    "not answered": "-",
    "depends on": "dep.",
    "not graded": "?",
    WAITS: "hand",
}
LEGEND = (
    "A number: points. error, time, mem., crash: how the answer ended. "
    "-: not answered.\ndep.: its own forward pass fails. ?: not graded, "
    "a person has to look. *: marked by a person."
)


def table(
    graded: Sequence[Graded],
    marks: Mapping[str, Mark],
    remarks: Mapping[str, str] | None = None,
    width: int = 100,
) -> str:
    """The rows under a head with a column an exercise.

    Args:
        graded: the submissions, in order; all of one assignment.
        marks: what the gradebook says of each student.
        remarks: what stands in the last column; else the notes of the report.
        width: columns of the terminal.
    """
    if not graded:
        return "Nobody handed anything in."
    every = [exercises(g.report, marks[g.handed.student]) for g in graded]
    columns = max(every, key=len)
    heads = [exercise.number or str(i) for i, exercise in enumerate(columns, 1)]
    longest = max([7, *(len(g.handed.student) for g in graded)])
    name = min(longest, 20)
    of = max(marks[g.handed.student].of for g in graded)
    rows = [
        [
            printable(g.handed.student, name).ljust(name),
            *(_cell(e, mark) for e in _padded(own, len(columns))),
            _total(mark).rjust(6),
            _remark(g, mark, remarks),
        ]
        for g, own in zip(graded, every, strict=True)
        for mark in [marks[g.handed.student]]
    ]
    head = [
        "student".ljust(name),
        *(h.rjust(5) for h in heads),
        f"of {of:g}".rjust(6),
        "",
    ]
    lines = [f"{' '.join(row[:-1])}  {row[-1]}" for row in [head, *rows]]
    lines = [_cut(line.rstrip(), width) for line in lines]
    lines.insert(1, "-" * max(map(len, lines)))
    keys = [f"{h}: {_name(e)}" for h, e in zip(heads, columns, strict=True)]
    return "\n".join([*lines, "", *_wrapped(keys, width), LEGEND])


def _padded(own: list[ExerciseResult], columns: int) -> list[ExerciseResult | None]:
    return [*own, *[None] * (columns - len(own))]


def _cell(exercise: ExerciseResult | None, mark: Mark) -> str:
    """Points where there are any or the answer is merely wrong, else how it ended."""
    if exercise is None:
        return "?".rjust(5)
    points = given(mark, exercise)
    if by_person(mark, exercise) or exercise.verdict == MARKED:
        return f"{points:g}*".rjust(5)
    if points:
        return f"{points:g}".rjust(5)
    return SHORT.get(exercise.verdict, f"{points:g}").rjust(5)


def _total(mark: Mark) -> str:
    if mark.ungraded:
        return "?"
    return f"{mark.total:g}" + (f"+{mark.open:g}" if mark.open else "")


def _remark(graded: Graded, mark: Mark, remarks: Mapping[str, str] | None) -> str:
    late = f"late, -{mark.penalty:g}" if mark.penalty else ""
    said = (remarks or {}).get(graded.handed.student) or " ".join(graded.report.notes)
    return ": ".join(" ".join(part.split()) for part in (late, said) if part.strip())


def _name(exercise: ExerciseResult) -> str:
    return f"{exercise.grade_id.removeprefix('check_')} ({exercise.max_points:g})"


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 3] + "..."


def _wrapped(words: Sequence[str], width: int) -> list[str]:
    lines = [""]
    for word in words:
        joined = f"{lines[-1]}  {word}" if lines[-1] else word
        if len(joined) > width:
            lines.append(word)
        else:
            lines[-1] = joined
    return lines
