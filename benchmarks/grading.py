"""Grading in the sandbox against stock nbgrader: the same checks, the same answers.

Each command grades a small class and a larger one; the difference is what one more
submission costs, and the rest is what a run costs to start. Ours records the marks in
nbgrader's gradebook and writes the page of feedback; stock nbgrader records only.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from autograde import demo, gradebook
from autograde.chapter import build
from autograde.course import PROJECT, Course, write
from autograde.demo_class import CLASS
from autograde.demo_student import ASSIGNMENT, Invented, added, reference_answers
from autograde.release import chapters
from benchmarks import stages, stock
from benchmarks.processes import Cost, measure

RELEASED = PROJECT / "notebooks" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
RESULTS = PROJECT / "_build" / "bench" / "grading.json"
STOCK = (2, 8)  # students in the small and in the large class
OURS = {1: (20, 60), 2: (20, 200)}  # by workers
# Right in four ways, wrong in nine: what any grader can grade without harm.
HONEST = [*range(5), *range(10, 19)]


@dataclass(frozen=True)
class Row:
    """What one way of grading costs."""

    grader: str
    students: int
    a_second: float
    """Submissions, once it runs."""
    cpu: float
    """CPU seconds of one more submission."""
    start: float
    """CPU seconds of a run, whatever the class."""
    peak: float
    """MB, all processes together."""
    per_core: float = 1.0
    """CPU seconds of one submission of stock nbgrader for one of this row."""


def students(count: int) -> Iterator[Invented]:
    """Honest students, each with a notebook that no other has handed in."""
    for number in range(count):
        kind = CLASS[HONEST[number % len(HONEST)]]
        own = added("linear_forward", f'"The notebook of student {number}."')
        yield Invented(f"Student {number:03}", kind.what, (*kind.edits, own))


def row(grader: str, small: tuple[int, Cost], large: tuple[int, Cost]) -> Row:
    """From a small and a large class to one submission."""
    more = large[0] - small[0]
    cpu = (large[1].cpu - small[1].cpu) / more
    return Row(
        grader,
        large[0],
        more / (large[1].wall - small[1].wall),
        cpu,
        small[1].cpu - small[0] * cpu,
        large[1].peak,
    )


def stock_rows(folder: Path) -> Iterator[Row]:
    """`nbgrader autograde`, as it is installed."""
    solved, _ = build(chapters(["02"])[0])
    answers, costs = reference_answers(solved), []
    for count in STOCK:
        root = folder / f"stock-{count}"
        released = stock.make_course(root, ASSIGNMENT, solved)
        for student in students(count):
            path = root / "submitted" / student.id / ASSIGNMENT / student.file
            write(path, student.submission(released, answers))
        command = [str(Path(sys.executable).with_name("nbgrader"))]
        command += ["autograde", ASSIGNMENT]
        costs.append((count, measure(command, root, root / "log")))
    yield row("stock nbgrader", *costs)


def our_course(root: Path, count: int) -> Course:
    """A course of ours, with its gradebook made and its assignment registered."""
    course = demo.make_course(root, {RELEASED: list(students(count))})
    with gradebook.opened(course) as book:
        gradebook.register(course, book, ASSIGNMENT)
    return course


def our_rows(folder: Path) -> Iterator[Row]:
    """`python -m autograde grade`, with one worker and with two."""
    for jobs, counts in OURS.items():
        costs = []
        for count in counts:
            course = our_course(folder / f"ours-{jobs}-{count}", count)
            costs.append((count, _grade(course, jobs)))
        yield row(f"ours, {jobs} worker{'s' * (jobs > 1)}", *costs)


def again(folder: Path) -> dict[str, float]:
    """The largest class, which is graded already, once more."""
    jobs, (_, count) = max(OURS.items())
    course = Course.open(folder / f"ours-{jobs}-{count}")
    return {"students": count, "seconds": _grade(course, jobs).wall}


def _grade(course: Course, jobs: int) -> Cost:
    command = [sys.executable, "-m", "autograde", "grade", ASSIGNMENT]
    command += ["--jobs", str(jobs)]
    return measure(command, course.root, course.root / "log")


HEAD = """
| grader | submissions a second | CPU s each | of stock, per core | to start | peak MB |
|---|---|---|---|---|---|"""


def main() -> None:
    """Print the tables, and keep them as JSON."""
    rows: list[Row] = []
    print(HEAD, flush=True)
    with TemporaryDirectory(prefix="grading-") as name:
        folder = Path(name)
        for found in chain(stock_rows(folder), our_rows(folder)):
            first = rows[0] if rows else found
            rows.append(replace(found, per_core=first.cpu / found.cpu))
            print(_line(rows[-1]), flush=True)
        unchanged = again(folder)
        count, seconds = unchanged.values()
        print(f"\n{count} submissions that have not changed: {seconds:.1f} s.")
        print("\n| where our time goes | CPU ms |\n|---|---|", flush=True)
        parts = stages.parts(our_course(folder / "stages", 20), ASSIGNMENT)
    for part, seconds in parts.items():
        print(f"| {part} | {1000 * seconds:.1f} |")
    record = {"rows": [asdict(r) for r in rows], "unchanged": unchanged, "parts": parts}
    write(RESULTS, (json.dumps(record, indent=1) + "\n").encode())


def _line(row: Row) -> str:
    return (
        f"| {row.grader} | {row.a_second:.2f} | {row.cpu:.3f} "
        f"| {row.per_core:.1f} times | {row.start:.1f} s | {row.peak:.0f} |"
    )
