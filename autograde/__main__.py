"""The command line: `python -m autograde COMMAND`."""

import argparse
import logging
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import Any

from autograde.course import PROJECT, Course, UserError
from autograde.pool import stop_workers
from autograde.progress import Progress

DESCRIPTION = "Release the chapters, grade notebooks in a sandbox, give feedback."
EXAMPLES = """\
examples:
  python -m autograde check my.ipynb          grade one notebook, print the feedback
  python -m autograde release                 make the student notebooks
  python -m autograde grade 02_linear         grade everything in submitted/
  python -m autograde export                  write the marks to grades.csv
  python -m autograde demo                    see all of it with an invented class

A course is an nbgrader course: submitted/<student>/02_linear/02_linear.ipynb goes in,
gradebook.db, autograded/ and feedback/<student>/02_linear/02_linear.html come out.
"""


UNSAFE = """\
WARNING: --unsafe-no-sandbox. The code of students runs as you: it can read and change
your files, use your network, and choose its marks. Every report of this run says so."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 is success, 2 an error that the message explains."""
    arguments = _parser().parse_args(argv)
    logging.getLogger("traitlets").setLevel(logging.ERROR)  # late submissions, chatter
    try:
        return int(arguments.run(arguments))
    except UserError as error:
        print(f"autograde: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        stop_workers()
        print("\nStopped. What is graded is kept; the same command goes on.")
        return 130
    except BrokenPipeError:  # | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1


def check(arguments: argparse.Namespace) -> int:
    """Grade one notebook; no gradebook is touched."""
    from autograde.doctor import need_sandbox
    from autograde.grade import grade
    from autograde.notebook import Unreadable, cells
    from autograde.release import load
    from autograde.report import text
    from autograde.settings import settings_in

    try:
        data = arguments.notebook.read_bytes()
        cells(data)
    except OSError as error:
        raise UserError(f"{arguments.notebook}: {error.strerror}.") from None
    except Unreadable as error:
        raise UserError(f"{arguments.notebook}: {error}") from None
    assignment = arguments.assignment or _assignment_of(data, arguments.notebook)
    _known(assignment)
    settings = settings_in(arguments.course, assignment)
    print(f"grading {arguments.notebook.name} ...", file=sys.stderr)
    need_sandbox(arguments.unsafe_no_sandbox)
    _warn(arguments.unsafe_no_sandbox)
    report = grade(
        data,
        assignment,
        secrets.token_bytes(32),
        settings.limits,
        sandboxed=not arguments.unsafe_no_sandbox,
        checks_dir=settings.checks_dir,
    )
    for cell in load(assignment, report.release).cells:
        if cell.kind == "written":
            points = f"{cell.points:g} points"
            print(f"{cell.title}: {points}, by a person; not graded here.\n")
    print(text(report), end="")
    return 0 if report.points == report.max_points else 1


def grade(arguments: argparse.Namespace) -> int:
    """Grade what the students of a course handed in."""
    from autograde import gradebook
    from autograde.classroom import grade_class
    from autograde.table import table

    course, assignment = Course.open(arguments.course), arguments.assignment
    students = course.students(assignment, arguments.student)
    if not students:
        folder = course.folder("submitted", assignment, arguments.student)
        raise UserError(f"nothing to grade: there is no folder {folder}.")
    _warn(arguments.unsafe_no_sandbox)
    with gradebook.opened(course) as book:
        graded = grade_class(
            course,
            book,
            assignment,
            students,
            jobs=arguments.jobs,
            unsafe=arguments.unsafe_no_sandbox,
            again=arguments.again,
            progress=Progress("graded"),
        )
        marks = gradebook.marks(book, assignment)
    print(table(graded, marks, width=max(100, get_terminal_size().columns)))
    print(f"\n{sum(g.fresh for g in graded)} graded, the rest unchanged.")
    print(f"gradebook  {course.db_url}")
    print(f"feedback   {course.feedback(assignment, students[0])}")
    return 0


def feedback(arguments: argparse.Namespace) -> int:
    """Write the feedback pages again, with what was marked by hand since."""
    from autograde.feedback import report_of, write_feedback
    from autograde.gradebook import opened

    course, assignment = Course.open(arguments.course), arguments.assignment
    students = course.students(assignment, arguments.student)
    if not students:
        raise UserError(f"nobody handed in {assignment} under {course.root}.")
    with opened(course) as book:
        for student in students:
            report = report_of(course, assignment, student)
            print(write_feedback(course, book, assignment, student, report))
    return 0


def export(arguments: argparse.Namespace) -> int:
    """Write the marks as CSV."""
    from autograde.export import rows, write_csv
    from autograde.gradebook import opened

    course = Course.open(arguments.course)
    if (
        course.db_url.startswith("sqlite")
        and not (course.root / "gradebook.db").exists()
    ):
        raise UserError(f"there is no gradebook in {course.root}; grade first.")
    with opened(course) as book:
        write_csv(arguments.to, rows(book, arguments.assignments, []))
    print(arguments.to)
    return 0


def release(arguments: argparse.Namespace) -> int:
    """Make the student notebooks from the chapters."""
    from autograde.chapter import ChapterError
    from autograde.release import release as make

    try:
        made = make(arguments.chapters)
    except (ChapterError, LookupError) as error:
        raise UserError(f"{error.args[0]}.") from None
    for chapter in made:
        print(
            PROJECT / "notebooks" / chapter.assignment / f"{chapter.assignment}.ipynb"
        )
    return 0


def demo(arguments: argparse.Namespace) -> int:
    """Show the whole loop on a class that does not exist."""
    from autograde.demo import run

    return run(arguments.jobs, Progress("graded"))


def doctor(arguments: argparse.Namespace) -> int:
    """Say what grading needs, what is there, and how to get what is missing."""
    from autograde.doctor import examine

    findings = list(examine(arguments.course))
    for finding in findings:
        print(finding)
    bad = sum(finding.level == "bad" for finding in findings)
    print(f"\n{bad} to put right." if bad else "\nReady to grade.")
    return 1 if bad else 0


def _warn(unsafe: bool) -> None:
    """Where student code runs free, say so, each time."""
    if unsafe:
        print(UNSAFE, file=sys.stderr)


def _assignment_of(data: bytes, path: Path) -> str:
    from autograde.notebook import assignment_of

    assignment = assignment_of(data)
    if not assignment:
        raise UserError(
            f"{path} does not say which chapter it is; add, for example, "
            "--assignment 02_linear."
        )
    return str(assignment)


def _known(assignment: str) -> None:
    from autograde.release import load

    try:
        load(assignment)
    except LookupError as error:
        raise UserError(f"{error.args[0]}.") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m autograde",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(run: Any) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            run.__name__, help=run.__doc__, description=run.__doc__
        )
        sub.set_defaults(run=run)
        return sub

    def course(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--course",
            type=Path,
            default=Path(),
            metavar="DIR",
            help="the folder of the course (default: here)",
        )

    def unsafe(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--unsafe-no-sandbox",
            action="store_true",
            help="run the code of students as yourself, where there is no sandbox",
        )

    sub = command(check)
    sub.add_argument("notebook", type=Path, help="the file to grade: my.ipynb")
    sub.add_argument(
        "--assignment",
        metavar="NN_NAME",
        help="the chapter, e.g. 02_linear, if the notebook does not name it",
    )
    course(sub)
    unsafe(sub)

    sub = command(release)
    sub.add_argument("chapters", nargs="*", metavar="NN", help="02; default: all")

    sub = command(grade)
    sub.add_argument("assignment", help="02_linear")
    sub.add_argument("--student", default="*", help="only this one")
    sub.add_argument("--jobs", type=_count, default=0, help="workers (default: cores)")
    sub.add_argument(
        "--again", action="store_true", help="also grade what has not changed"
    )
    course(sub)
    unsafe(sub)

    sub = command(feedback)
    sub.add_argument("assignment", help="02_linear")
    sub.add_argument("--student", default="*", help="only this one")
    course(sub)

    sub = command(export)
    sub.add_argument("assignments", nargs="*", help="02_linear; default: all")
    sub.add_argument("--to", type=Path, default=Path("grades.csv"), metavar="FILE")
    course(sub)

    sub = command(doctor)
    course(sub)

    sub = command(demo)
    sub.add_argument("--jobs", type=_count, default=0, help="workers (default: cores)")
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text}: at least 1")
    return count


if __name__ == "__main__":
    sys.exit(main())
