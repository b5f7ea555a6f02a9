"""Grading in the sandbox against stock nbgrader: the same checks, the same answers.

Each command grades a small class and a larger one; the difference is what one more
submission costs, and the rest is what a run costs to start. Ours records the marks in
nbgrader's gradebook and writes the page of feedback; stock nbgrader records only.
"""

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from autograde import demo, gradebook
from autograde.chapter import build
from autograde.course import PROJECT, Course, write
from autograde.demo_student import (
    ASSIGNMENT,
    Invented,
    added,
    known_answers,
    reference_answers,
)
from autograde.mistakes import known
from autograde.release import chapters
from benchmarks import stages, stock
from benchmarks.processes import Cost, measure

RELEASED = PROJECT / "notebooks" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
RESULTS = PROJECT / "_build" / "bench" / "grading.json"
STOCK = (2, 12)  # students in the small and in the large class
OURS = {1: (20, 200), 2: (20, 200)}  # by workers
CLASS = 30  # students of a class as it often is


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
    of_class: float
    """CPU seconds of a class of 30."""
    peak: float
    """MB, all processes together."""


def students(count: int) -> Iterator[Invented]:
    """Honest students, each with an answer of its own choice to each exercise.

    Three of ten are the reference's, five are right in another way, two are mistakes;
    hardly any two notebooks have the same answers to all.
    """
    answers, exercises = known(ASSIGNMENT), sorted(known(ASSIGNMENT).references)
    for number in range(count):
        rng, chosen = random.Random(number), []
        for exercise in exercises:
            pool = rng.choices(["", answers.rights, answers.mistakes], [3, 5, 2])[0]
            own = [answer.name for answer in pool if answer.exercise == exercise]
            chosen += rng.choices(own) if own else []
        own = added("linear_forward", f'"The notebook of student {number}."')
        edits = known_answers(*chosen), own
        yield Invented(f"Student {number:03}", ", ".join(chosen), edits)


def row(grader: str, small: tuple[int, Cost], large: tuple[int, Cost]) -> Row:
    """From a small and a large class to one submission."""
    more = large[0] - small[0]
    cpu = (large[1].cpu - small[1].cpu) / more
    return Row(
        grader,
        large[0],
        more / (large[1].wall - small[1].wall),
        cpu,
        start := small[1].cpu - small[0] * cpu,
        start + CLASS * cpu,
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


HEAD = f"""
| grader | submissions a second | CPU s each | of stock, per core | CPU s to start \
| CPU s for {CLASS} | of stock | peak MB |
|---|---|---|---|---|---|---|---|"""


def main() -> None:
    """Print the tables, and keep them as JSON."""
    rows: list[Row] = []
    print(HEAD, flush=True)
    with TemporaryDirectory(prefix="grading-") as name:
        folder = Path(name)
        for found in chain(stock_rows(folder), our_rows(folder)):
            rows.append(found)
            print(_line(found, rows[0]), flush=True)
        unchanged = again(folder)
        count, seconds = unchanged.values()
        print(f"\n{count} submissions that have not changed: {seconds:.1f} s.")
        print("\n| where our time goes | CPU ms |\n|---|---|", flush=True)
        parts = stages.parts(our_course(folder / "stages", 20), ASSIGNMENT)
    for part, seconds in parts.items():
        print(f"| {part} | {1000 * seconds:.1f} |")
    record = {"rows": [asdict(r) for r in rows], "unchanged": unchanged, "parts": parts}
    write(RESULTS, (json.dumps(record, indent=1) + "\n").encode())


def _line(row: Row, stock: Row) -> str:
    each, whole = stock.cpu / row.cpu, stock.of_class / row.of_class
    return (
        f"| {row.grader} | {row.a_second:.2f} | {row.cpu:.3f} | {each:.1f} times "
        f"| {row.start:.1f} | {row.of_class:.1f} | {whole:.1f} times | {row.peak:.0f} |"
    )
