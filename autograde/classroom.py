"""Grade a class: in parallel, once, and whatever happens in between.

A report is stored under its key before it is recorded, so a run that was stopped goes
on where it was, and what has not changed is neither graded nor recorded again.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from nbgrader.api import Gradebook

from autograde import gradebook
from autograde.course import Course, Handed
from autograde.doctor import need_sandbox
from autograde.feedback import write_feedback
from autograde.grade import report_key
from autograde.notebook import Unreadable, cells
from autograde.pool import each, uninterrupted
from autograde.report import Report
from autograde.work import Work

DIED = "Grading this notebook ended the grading process, twice."


@dataclass(frozen=True)
class Graded:
    """One student's submission after a run."""

    handed: Handed
    report: Report
    fresh: bool
    """Whether this run graded it."""


Progress = Callable[[int, int], None]  # how many are graded, of how many


def report_for(course: Course, handed: Handed) -> tuple[Report, str]:
    """The report on one submission, and its key; graded here if it is not stored."""
    (work,) = _work(course, handed.assignment, [handed])
    report = reusable(course, handed, work.key)
    if report is None:
        need_sandbox()
        report = work()
        course.store(handed.assignment, work.key, report)
    return handed.annotate(report), work.key


def reusable(course: Course, handed: Handed, key: str) -> Report | None:
    """The stored report, if it is as good as a new one would be.

    It is not where we failed the last time, nor where there was no sandbox.
    """
    report = course.stored(handed.assignment, key)
    if report is None or not report.sandboxed:
        return None
    if report.verdict == "not graded" and not _unreadable(handed.data):
        return None
    return report


def grade_class(
    course: Course,
    book: Gradebook,
    assignment: str,
    students: list[str],
    *,
    jobs: int = 0,
    unsafe: bool = False,
    again: bool = False,
    progress: Progress = lambda done, total: None,
) -> list[Graded]:
    """Grade, record and write the feedback of these students, in this order."""
    gradebook.register(course, book, assignment)
    results: dict[str, Graded] = {}
    if not again:
        results = dict(_from_store(course, book, assignment, students))
    missing = [student for student in students if student not in results]
    if missing:
        need_sandbox(unsafe)
    handed = (course.handed(assignment, student) for student in missing)
    tasks = _work(course, assignment, handed, unsafe)
    progress(0, len(missing))
    workers = min(jobs or os.cpu_count() or 1, len(missing))
    for done, (work, report) in enumerate(_reports(tasks, workers), 1):
        finish(course, book, work.handed, report, work.key)
        student = work.handed.student
        results[student] = _graded(work.handed, report, fresh=True)
        progress(done, len(missing))
    return [results[student] for student in students]


def _from_store(
    course: Course, book: Gradebook, assignment: str, students: list[str]
) -> Iterator[tuple[str, Graded]]:
    """Those whose report is there already; recorded, if they are not."""
    marks = gradebook.marks(book, assignment)
    everything = (course.handed(assignment, student) for student in students)
    for work in _work(course, assignment, everything):
        handed, key, student = work.handed, work.key, work.handed.student
        report = reusable(course, handed, key)
        if report is not None:
            if not _is_recorded(course, handed, key, marks.get(student)):
                finish(course, book, handed, report, key)
            yield student, _graded(handed, report, fresh=False)


def _work(
    course: Course, assignment: str, handed: Iterable[Handed], unsafe: bool = False
) -> Iterator[Work]:
    """What there is to do for each submission, as the course is set."""
    secret, settings = course.secret(), course.settings(assignment)
    limits, folder = settings.limits, settings.checks_dir
    for one in handed:
        key = report_key(one.data, assignment, secret, limits, checks_dir=folder)
        yield Work(key, one, secret, not unsafe, settings)


def finish(
    course: Course, book: Gradebook, handed: Handed, report: Report, key: str
) -> None:
    """Store, then record, then write the feedback of one submission."""
    with uninterrupted():
        course.store(handed.assignment, key, report)
        report = handed.annotate(report)
        gradebook.record(course, book, handed, report, key)
        write_feedback(course, book, handed.assignment, handed.student, report)


def _graded(handed: Handed, report: Report, fresh: bool) -> Graded:
    """Without the bytes: of a class, not everything at once in memory."""
    return Graded(replace(handed, data=b""), handed.annotate(report), fresh)


def _reports(tasks: Iterator[Work], workers: int) -> Iterator[tuple[Work, Report]]:
    """Grade in worker processes; a submission that ends two of them is not graded."""
    if not workers:
        return
    for work, report in each(Work.__call__, tasks, workers):
        yield work, report or work.given_up(DIED)


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
