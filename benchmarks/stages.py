"""Where our time goes, for one submission: CPU seconds by stage."""

import time
from collections.abc import Callable
from functools import partial

from autograde import gradebook, warm
from autograde.course import Course
from autograde.feedback import write_feedback
from autograde.grade import grade
from autograde.judge import Judge
from autograde.plugin import Case, Checks, checks
from autograde.release import load
from autograde.sandbox import open_session
from autograde.student import Student
from autograde.submission import Submission, read
from benchmarks.processes import adopt, children, ended

Run = Callable[[], object]
SECRET = b"secret"


def parts(course: Course, assignment: str) -> dict[str, float]:
    """CPU seconds of each stage, a mean over the submissions of a course.

    The checks are run twice: when nothing is known of the replies, and when an earlier
    submission has replied the same to every request.
    """
    adopt()
    handed = [course.handed(assignment, s) for s in course.students(assignment)]
    reports = [grade(one.data, assignment, SECRET) for one in handed]
    submissions = [read(one.data, partial(load, assignment)) for one in handed]
    own, sandbox = _cost([partial(_load, s) for s in submissions])
    found = {
        "reading the notebook": sum(
            _cost(
                [partial(read, one.data, partial(load, assignment)) for one in handed]
            )
        ),
        "sandbox: start, end, the student's statements": sandbox,
        "our side of that": own,
    }
    found |= _checks(assignment, submissions, own, sandbox)
    with gradebook.opened(course) as book:
        pairs = list(zip(handed, reports, strict=True))
        record = partial(gradebook.record, course, book, key="key")
        found["recording"], _ = _cost([partial(record, h, r) for h, r in pairs])
        page = partial(write_feedback, course, book, assignment)
        found["the page of feedback"], _ = _cost(
            [partial(page, h.student, r) for h, r in pairs]
        )
    return found


def _checks(
    assignment: str, submissions: list[Submission], own: float, sandbox: float
) -> dict[str, float]:
    """What the checks take, without the session that they are run in."""
    hidden, release = checks(assignment), load(assignment)
    fresh = [Checks(assignment) for _ in submissions]
    new, student = _cost(
        [partial(_run, f, s) for f, s in zip(fresh, submissions, strict=True)]
    )
    cases = [_run(hidden, s) for s in submissions]
    known, _ = _cost([partial(_run, hidden, s) for s in submissions])
    judges = [
        Judge(release, submission, found, hidden)
        for submission, found in zip(submissions, cases, strict=True)
    ]
    judging = [partial(j.exercise, c) for j in judges for c in release.exercises()]
    _used(judging)  # the first time, known mistakes are tried
    verdicts, _ = _cost(judging)
    return {
        "the student's functions, their side of the transport": student - sandbox,
        "our side: replies that are known": known - own,
        "our side, with torch and pytest: replies that are new": new - own,
        "verdicts and hints": verdicts * len(judging) / len(judges),
    }


def _run(hidden: Checks, submission: Submission) -> list[Case]:
    student = Student(partial(open_session, submission.statements))
    try:
        return hidden.run(student, SECRET)
    finally:
        student.close()


def _load(submission: Submission) -> None:
    open_session(submission.statements).close()


def _cost(runs: list[Run]) -> tuple[float, float]:
    """CPU seconds of one run: our own, and those of the sandboxes that it started."""
    first = _used([_empty])  # starts the process that forks all sandboxes
    every = _used([_empty, *runs])
    own, sandboxes = ((e - f) / len(runs) for e, f in zip(every, first, strict=True))
    return own, sandboxes


def _used(runs: list[Run]) -> tuple[float, float]:
    _end_sandboxes()
    own, sandboxes = time.process_time(), children()
    for run in runs:
        run()
    own = time.process_time() - own
    _end_sandboxes()
    return own, children() - sandboxes


def _end_sandboxes() -> None:
    warm.stop()
    list(ended())


def _empty() -> None:
    open_session(()).close()
