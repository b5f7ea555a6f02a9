"""Where our time goes, for one submission: CPU seconds by stage."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from autograde import gradebook, warm
from autograde.course import Course
from autograde.feedback import write_feedback
from autograde.grade import grade
from autograde.judge import Judge
from autograde.limits import Limits
from autograde.plugin import checks
from autograde.release import load
from autograde.sandbox import LocalSession, open_session
from autograde.student import Student
from autograde.submission import Submission, read
from benchmarks.processes import children

ROUNDS = 5


def parts(course: Course, assignment: str) -> dict[str, float]:
    """CPU seconds of each stage, a mean over the submissions of a course.

    What a student's code takes in its own process is its own clock; the rest of what
    the sandboxes take, from their start to their end, is theirs.
    """
    handed = [course.handed(assignment, s) for s in course.students(assignment)]
    each = [read(one.data, partial(load, assignment)) for one in handed]
    reports = [grade(one.data, assignment, b"secret") for one in handed]
    found = {
        "reading the notebook": _mean(
            [partial(read, one.data, partial(load, assignment)) for one in handed]
        ),
        "sandbox: start, load, end": _mean([partial(_load, s) for s in each]),
    }
    found |= _checks(assignment, each)
    with gradebook.opened(course) as book:
        pairs = list(zip(handed, reports, strict=True))
        found["recording"] = _mean(
            [partial(gradebook.record, course, book, h, r, "key") for h, r in pairs], 1
        )
        found["the page of feedback"] = _mean(
            [
                partial(write_feedback, course, book, assignment, h.student, r)
                for h, r in pairs
            ]
        )
    return found


def _load(submission: Submission) -> None:
    open_session(submission.statements).close()


def _checks(assignment: str, submissions: list[Submission]) -> dict[str, float]:
    """The checks over a sandbox, against the same in one process."""
    hidden, release = checks(assignment), load(assignment)
    outside = inside = local = judged = 0.0
    for submission in submissions:
        program = submission.statements
        session = open_session(program)
        student = Student(lambda session=session: session)
        before = _clock(session), time.process_time()
        cases = hidden.run(student, b"secret")
        inside += _clock(session) - before[0]
        outside += time.process_time() - before[1]
        session.close()
        student = Student(partial(LocalSession, program, Limits()))
        start = time.process_time()
        hidden.run(student, b"secret")
        local += time.process_time() - start
        start = time.process_time()
        judge = Judge(release, submission, cases, hidden)
        for cell in release.exercises():
            judge.exercise(cell)
        judged += time.process_time() - start
    count = len(submissions)
    return {
        "student's code, its side of the transport": inside / count,
        "torch, comparison, pytest, our side of the transport": outside / count,
        "the same checks in one process, for comparison": local / count,
        "verdicts and hints": judged / count,
    }


def _clock(session: Any) -> float:
    """CPU seconds that a session's worker has used."""
    return time.clock_gettime(session._load.clock)


def _mean(runs: list[Callable[[], object]], rounds: int = ROUNDS) -> float:
    """CPU seconds of one run, those of processes that ended with it included."""
    runs[0]()
    warm.stop()
    start = time.process_time() + children()
    for _ in range(rounds):
        for run in runs:
            run()
    warm.stop()
    return (time.process_time() + children() - start) / (rounds * len(runs))
