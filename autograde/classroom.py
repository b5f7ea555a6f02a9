"""Grade a class: in parallel, once, and whatever happens in between.

A report is stored under its key before it is recorded, so a run that was stopped goes
on where it was, and what has not changed is neither graded nor recorded again.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from autograde import gradebook, sandbox
from autograde.course import Course, Handed, UserError
from autograde.feedback import write_feedback
from autograde.grade import grade, not_graded, report_key
from autograde.pool import each
from autograde.report import Report
from autograde.submission import Unreadable, cells

DIED = "Grading this notebook ended the grading process, twice."


@dataclass(frozen=True)
class Work:
    """What a worker needs to make one report: bytes in, report out."""

    key: str
    handed: Handed
    secret: bytes
    sandboxed: bool

    def __call__(self) -> Report:
        """Grade. Pure, but for the sandbox that it starts."""
        return grade(
            self.handed.data,
            self.handed.assignment,
            self.secret,
            sandboxed=self.sandboxed,
        )


@dataclass(frozen=True)
class Graded:
    """One student's submission after a run."""

    handed: Handed
    report: Report
    fresh: bool
    """Whether this run graded it."""


Progress = Callable[[int, int], None]  # how many are graded, of how many


def need_sandbox(unsafe: bool = False) -> None:
    """Stop where student code could not be locked in.

    Raises:
        UserError: there is no sandbox here, and nobody said to go on without.
    """
    try:
        sandbox.probe(unsafe=unsafe)
    except sandbox.SandboxError as error:
        raise UserError(
            f"no sandbox, no grading: {error}\n"
            "(--unsafe-no-sandbox grades all the same; student code can then do "
            "whatever you can do, and choose its marks.)"
        ) from None


def report_for(course: Course, handed: Handed) -> tuple[Report, str]:
    """The report on one submission, and its key; graded here if it is not stored."""
    secret = course.secret()
    key = report_key(handed.data, handed.assignment, secret)
    report = reusable(course, handed, key)
    if report is None:
        need_sandbox()
        report = Work(key, handed, secret, sandboxed=True)()
        course.store(handed.assignment, key, report)
    return handed.annotate(report), key


def reusable(course: Course, handed: Handed, key: str) -> Report | None:
    """The stored report; none where we failed the last time and should try again."""
    report = course.stored(handed.assignment, key)
    if report is None or report.verdict == "graded" or _unreadable(handed.data):
        return report
    return None


def grade_class(
    course: Course,
    assignment: str,
    students: list[str],
    *,
    jobs: int = 0,
    unsafe: bool = False,
    again: bool = False,
    progress: Progress = lambda done, total: None,
) -> list[Graded]:
    """Grade, record and write the feedback of these students, in this order."""
    gradebook.register(course, assignment)
    secret = course.secret()
    known = gradebook.marks(course, assignment)
    results: dict[str, Graded] = {}
    missing: dict[str, str] = {}
    for student in students:
        handed = course.handed(assignment, student)
        key = report_key(handed.data, assignment, secret)
        report = None if again else reusable(course, handed, key)
        if report is None:
            missing[student] = key
            continue
        results[student] = Graded(without_data(handed), report, fresh=False)
        if not _is_recorded(course, handed, key, known.get(student)):
            finish(course, handed, report, key)
    if missing:
        need_sandbox(unsafe)
    tasks = (
        Work(report_key(handed.data, assignment, secret), handed, secret, not unsafe)
        for handed in (course.handed(assignment, student) for student in missing)
    )
    progress(0, len(missing))
    for work, report in _reports(tasks, min(jobs or os.cpu_count() or 1, len(missing))):
        finish(course, work.handed, report, work.key)
        student = work.handed.student
        results[student] = Graded(without_data(work.handed), report, fresh=True)
        progress(sum(graded.fresh for graded in results.values()), len(missing))
    return [results[student] for student in students]


def finish(course: Course, handed: Handed, report: Report, key: str) -> None:
    """Store, then record, then write the feedback of one submission."""
    course.store(handed.assignment, key, report)
    report = handed.annotate(report)
    gradebook.record(course, handed, report, key)
    write_feedback(course, handed.assignment, handed.student, report)


def without_data(handed: Handed) -> Handed:
    """Of a class, not everything at once in memory."""
    return replace(handed, data=b"")


def stop_workers() -> None:
    """After an interrupt: end the workers that we started, and their sandboxes."""
    for child in multiprocessing.active_children():
        child.terminate()


def _reports(tasks: Iterator[Work], workers: int) -> Iterator[tuple[Work, Report]]:
    """Grade in worker processes; a submission that ends two of them is not graded."""
    if not workers:
        return
    for work, report in each(Work.__call__, tasks, workers):
        yield work, report or not_graded(work.handed.assignment, DIED)


def _is_recorded(
    course: Course, handed: Handed, key: str, mark: gradebook.Mark | None
) -> bool:
    return (
        mark is not None
        and handed.timestamp in (None, mark.timestamp)
        and gradebook.recorded(course, handed.assignment, handed.student) == key
        and course.feedback(handed.assignment, handed.student).is_file()
    )


def _unreadable(data: bytes) -> bool:
    try:
        cells(data)
    except Unreadable:
        return True
    return False
