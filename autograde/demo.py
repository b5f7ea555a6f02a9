"""The whole loop on an invented class: book, release, class, grading, marks."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.utils import parse_utc

from autograde import gradebook
from autograde.chapter import build
from autograde.classroom import Graded, Progress, grade_class
from autograde.course import PROJECT, Course, UserError, write
from autograde.demo_class import CLASS
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


def run(jobs: int = 0, progress: Progress = lambda done, total: None) -> int:
    """Show the loop in five steps; the second time, what has not changed is kept."""
    with step(1, "the book, every cell executed"):
        build_book()
    with step(2, "the student notebook"):
        notebook = release_chapter()
    with step(3, f"a class of {len(CLASS)}"):
        course = make_course(FOLDER, notebook, CLASS)
    csv = course.root / "grades.csv"
    with step(4, "grading through nbgrader, in the sandbox"), opened(course) as book:
        graded = grade_all(course, book, CLASS, jobs, progress)
        write_csv(csv, rows(book, [ASSIGNMENT], []))
        marks = gradebook.marks(book, ASSIGNMENT)
    with step(5, "marks"):
        remarks = {student.id: student.what for student in CLASS}
        print(table(graded, marks, remarks))
    print("\nOpen:")
    print(f"  the book         {BOOK / 'index.html'}")
    print(f"  the notebook     {notebook}")
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


def release_chapter() -> Path:
    """The student notebook of the chapter, in `notebooks/`."""
    release([ASSIGNMENT])
    return PROJECT / "notebooks" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"


def make_course(root: Path, notebook: Path, students: Sequence[Invented]) -> Course:
    """A course folder in which these students have handed in their work."""
    copy = root / "notebooks" / ASSIGNMENT / notebook.name
    if copy.is_file() and copy.read_bytes() != notebook.read_bytes():
        shutil.rmtree(root)  # another release: another course
    write(copy, notebook.read_bytes())
    write(
        root / "nbgrader_config.py",
        CONFIG.format(path=str(PROJECT), source=str(SOURCE)).encode(),
    )
    shutil.rmtree(root / "submitted", ignore_errors=True)
    released = nbformat.read(notebook, as_version=4)
    solved, _ = build(PROJECT / "book" / "chapters" / f"{ASSIGNMENT}.md", "solutions")
    answers = reference_answers(solved)
    for student in students:
        folder = root / "submitted" / student.id / ASSIGNMENT
        write(folder / student.file, student.submission(released, answers))
        write(folder / "timestamp.txt", f"{student.timestamp} UTC\n".encode())
    return Course.open(root)


def grade_all(
    course: Course,
    book: Gradebook,
    students: Sequence[Invented],
    jobs: int,
    progress: Progress,
) -> list[Graded]:
    """Enter the class into the gradebook, and grade it."""
    gradebook.register(course, book, ASSIGNMENT)
    book.update_or_create_assignment(ASSIGNMENT, duedate=parse_utc(DUE))
    for student in students:
        first, last = student.name.split()
        book.update_or_create_student(student.id, first_name=first, last_name=last)
    ids = [student.id for student in students]
    return grade_class(course, book, ASSIGNMENT, ids, jobs=jobs, progress=progress)
