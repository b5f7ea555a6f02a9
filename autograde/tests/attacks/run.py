"""Grade all attacks as one class, among honest students, in the real sandbox."""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from autograde import gradebook
from autograde.classroom import Graded, grade_class
from autograde.course import PROJECT, Course, write
from autograde.demo_student import ASSIGNMENT
from autograde.gradebook import Mark
from autograde.report import Report
from autograde.tests.attacks import every
from autograde.tests.attacks.attack import POINTS, RELEASED, Attack, solved
from autograde.tests.attacks.reading import CANARY

MEMORY = (1 << 30) + os.getpid() * 4096  # by which our sandboxes are known
CONFIG = f"""
c = get_config()
load_subconfig("nbgrader_config.py", path={str(PROJECT)!r})
c.Grader.limits = {{
    "course": {{"load_cpu": 2, "call_cpu": 0.5, "idle": 2, "total_idle": 6,
               "memory": {MEMORY}}}
}}
"""
HONEST = ("honest", "a honest one", "zz honest")  # before, among and after the attacks


@dataclass(frozen=True)
class Outcome:
    """A class after it was graded."""

    course: Course
    graded: dict[str, Graded]
    marks: dict[str, Mark]
    before: dict[str, str]
    after: dict[str, str]
    """A hash of each file that grading must leave alone."""

    def report(self, student: str) -> Report:
        return self.graded[student].report

    def verdict(self, student: str) -> str:
        return self.report(student).exercises[0].verdict

    def points(self, student: str) -> dict[str, float]:
        found = self.report(student).exercises
        return {exercise.grade_id: exercise.points for exercise in found}

    def pages(self, student: str) -> list[Path]:
        """All that grading wrote about a student."""
        folder = "feedback", "autograded"
        return [
            path
            for step in folder
            for path in self.course.folder(step, ASSIGNMENT, student).rglob("*")
            if path.is_file()
        ]


def run(root: Path, progress: Callable[[int, int], None] = lambda *_: None) -> Outcome:
    """Make the class, grade it, look at what is left."""
    course = _course(root)
    attacks = list(every())
    home = {"HOME": str(root / "home"), "CANARY": CANARY}
    with mock.patch.dict(os.environ, home), gradebook.opened(course) as book:
        before = _files(course.root)
        students = course.students(ASSIGNMENT)
        assert len(students) == len(attacks) + len(HONEST)
        graded = grade_class(
            course, book, ASSIGNMENT, students, jobs=2, progress=progress
        )
        marks = gradebook.marks(book, ASSIGNMENT)
        after = _files(course.root)
    by_student = {one.handed.student: one for one in graded}
    return Outcome(course, by_student, marks, before, after)


def _course(root: Path) -> Course:
    course = root / "course"
    notebook = course / "notebooks" / ASSIGNMENT / RELEASED.name
    write(notebook, RELEASED.read_bytes())
    write(course / "nbgrader_config.py", CONFIG.encode())
    write(course / "course_secret", CANARY.encode() + b"0" * 40)
    (root / "home").mkdir()
    (root / "home" / ".token").write_text(CANARY)
    (root / "home" / "diary.txt").write_text(CANARY)
    for name in HONEST:
        honest = Attack(name, "is honest", "passed", (), data=solved(_signed))
        honest.hand_in(course / "submitted" / name / ASSIGNMENT)
    for attack in every():
        attack.hand_in(course / "submitted" / attack.name / ASSIGNMENT)
    return Course.open(course)


def _signed(notebook: dict[str, object]) -> None:
    notebook["metadata"] = {"author": CANARY}


def _files(root: Path) -> dict[str, str]:
    """What lies in the course and beside it, but for what grading writes."""
    ours = {"gradebook.db", "autograded", "feedback", "reports"}
    found = {}
    for path in root.parent.rglob("*"):
        inside = path.relative_to(root.parent).parts
        if inside[:1] == (root.name,) and set(inside[1:2]) & ours:
            continue
        found[str(path)] = _hash(path)
    return found


def _hash(path: Path) -> str:
    if path.is_symlink():
        return f"link to {os.readlink(path)}"
    if not path.is_file():
        return "folder" if path.is_dir() else "other"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha1").hexdigest()


def table(outcome: Outcome, attacks: Iterable[Attack], stock: Mapping[str, str]) -> str:
    """One row an attack, as Markdown: what it tries, what comes out there and here."""
    lines = ["| attack | what it does | stock nbgrader | here |", "|---|---|---|---|"]
    for attack in attacks:
        total = f"{sum(outcome.points(attack.name).values()):g}"
        said = f"{outcome.verdict(attack.name)}, {total} of {POINTS:g}"
        there = stock.get(attack.name, "not measured")
        name = ascii(attack.name)[1:-1].replace("<", "&lt;").replace("|", "")
        lines.append(f"| {name} | {attack.tries} | {there} | {said} |")
    return "\n".join(lines)


KINDS = {
    "more points than the work deserves": " too many",
    "fewer points than the work deserves": " too few",
    "no marks: nbgrader gave up, or lost its kernel": "not graded",
    "the gradebook is destroyed": "destroys",
    "something that is not its own is read": "reads",
    "other files are changed": "changes",
    "it never ends": "does not end",
    "cannot be tried in the confinement": "forbids",
}


def summary(stock: Mapping[str, str]) -> str:
    """What stock nbgrader does, counted."""
    lines = [f"Stock nbgrader, {len(stock)} attacks measured:"]
    for what, words in KINDS.items():
        count = sum(words in said for said in stock.values())
        lines.append(f"- {what}: {count}")
    return "\n".join(lines)
