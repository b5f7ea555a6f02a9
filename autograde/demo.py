"""The whole loop on an invented class: book, release, class, grading, marks."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.utils import parse_utc

from autograde import gradebook
from autograde.chapter import build
from autograde.classroom import Progress, grade_class
from autograde.course import PROJECT, Course, UserError, write
from autograde.demo_class import CLASS, derived
from autograde.demo_student import ASSIGNMENT, DUE, Invented, reference_answers
from autograde.export import rows, write_csv
from autograde.gradebook import opened
from autograde.release import release
from autograde.table import table

FOLDER = PROJECT / "_build" / "demo"
BOOK = PROJECT / "_build" / "html"
SOURCE = PROJECT / "_build" / "source"
CONFIG = '''\
"""An nbgrader course with an invented class; `make demo` writes it."""

from math import ceil

from nbgrader.plugins import LateSubmissionPlugin

c = get_config()  # noqa: F821 (nbgrader provides it)
load_subconfig("nbgrader_config.py", path={path!r})  # noqa: F821
c.CourseDirectory.source_directory = {source!r}
c.FeedbackExporter.book_url = "../../../../html"


class TenPercentADay(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score * min(1, 0.1 * ceil(total_seconds_late / 86400))


c.AssignLatePenalties.plugin_class = TenPercentADay
'''


Classes = Mapping[Path, Sequence[Invented]]
"""Who hands in what: by the notebook that was released."""


def run(jobs: int = 0, progress: Progress = lambda done, total: None) -> int:
    """Show the loop in five steps; the second time, what has not changed is kept."""
    with step(1, "the book, every cell executed"):
        build_book()
    with step(2, "the student notebooks"):
        notebooks = release_chapters()
    classes = {path: class_of(path.stem) for path in notebooks}
    with step(3, f"a class of {max(map(len, classes.values()))}"):
        course = make_course(FOLDER, classes)
    csv = course.root / "grades.csv"
    with step(4, "grading through nbgrader, in the sandbox"), opened(course) as book:
        tables = [
            marked(course, book, path.stem, students, jobs, progress)
            for path, students in classes.items()
        ]
        write_csv(csv, rows(book, [path.stem for path in classes], []))
    with step(5, "marks"):
        print("\n\n".join(tables))
    print("\nOpen:")
    print(f"  the book         {BOOK / 'index.html'}")
    print(f"  the notebooks    {notebooks[0].parents[1]}")
    print(f"  a feedback page  {course.feedback(ASSIGNMENT, 'liam.byrne')}")
    print(f"  the marks        {csv}")
    print(f"Or run jupyter lab in {course.root}: menu Nbgrader, Formgrader")
    return 0


@contextmanager
def step(number: int, what: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    print(f"step {number} of 5: {what} ...", flush=True)
    start = time.monotonic()
    yield
    print(f"step {number} of 5: {time.monotonic() - start:.1f} s\n", flush=True)


def build_book() -> None:
    """The public edition, as `make book` makes it; quick when nothing has changed."""
    log = PROJECT / "_build" / "demo-book.log"
    log.parent.mkdir(exist_ok=True)
    command = Path(sys.executable).with_name("jupyter-book")
    options = ["build", ".", "-W", "-n", "--keep-going"]
    with log.open("wb") as file:
        done = subprocess.run(
            [command, *options],
            cwd=PROJECT,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        tail = log.read_text("utf-8", "replace")[-2000:]
        raise UserError(f"the book did not build; the end of {log}:\n{tail}")


def release_chapters() -> list[Path]:
    """The student notebooks of all chapters, in `notebooks/`."""
    names = [made.assignment for made in release()]
    return [PROJECT / "notebooks" / name / f"{name}.ipynb" for name in names]


def class_of(assignment: str) -> Sequence[Invented]:
    """The invented class; of other chapters, a few of its students."""
    return CLASS if assignment == ASSIGNMENT else derived(assignment)


def make_course(root: Path, classes: Classes) -> Course:
    """A course folder in which these students have handed in their work."""
    copies = {root / "notebooks" / path.stem / path.name: path for path in classes}
    if any(c.is_file() and c.read_bytes() != p.read_bytes() for c, p in copies.items()):
        shutil.rmtree(root)  # another release: another course
    config = CONFIG.format(path=str(PROJECT), source=str(SOURCE))
    write(root / "nbgrader_config.py", config.encode())
    shutil.rmtree(root / "submitted", ignore_errors=True)
    for copy, path in copies.items():
        write(copy, path.read_bytes())
        hand_in(root / "submitted", path, classes[path])
    return Course.open(root)


def hand_in(submitted: Path, notebook: Path, students: Sequence[Invented]) -> None:
    """Write what these students make of a released notebook."""
    released, assignment = nbformat.read(notebook, as_version=4), notebook.stem
    solved, _ = build(PROJECT / "book" / "chapters" / f"{assignment}.md", "solutions")
    answers = reference_answers(solved)
    for student in students:
        folder = submitted / student.id / assignment
        write(folder / student.file, student.submission(released, answers))
        write(folder / "timestamp.txt", f"{student.timestamp} UTC\n".encode())


def marked(
    course: Course,
    book: Gradebook,
    assignment: str,
    students: Sequence[Invented],
    jobs: int,
    progress: Progress,
) -> str:
    """Enter students into the gradebook, grade what they handed in; their marks."""
    gradebook.register(course, book, assignment)
    book.update_or_create_assignment(assignment, duedate=parse_utc(DUE))
    for student in students:
        first, last = student.name.split()
        book.update_or_create_student(student.id, first_name=first, last_name=last)
    ids = [student.id for student in students]
    graded = grade_class(course, book, assignment, ids, jobs=jobs, progress=progress)
    remarks = {student.id: student.what for student in students}
    return f"{assignment}\n" + table(graded, gradebook.marks(book, assignment), remarks)
