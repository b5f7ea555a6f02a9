"""Grade one submission: bytes and release in, report out; nothing else changes.

torch and pytest are imported where something is graded, not before.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

from autograde.clocks import Account
from autograde.limits import Limits
from autograde.notebook import Unreadable
from autograde.release import RECORDS, load
from autograde.report import CheckResult, ExerciseResult, Report
from autograde.sandbox import open_session
from autograde.session import Killed, Session, Statement
from autograde.sources import imported
from autograde.student import Student
from autograde.submission import read

Connect = Callable[[Sequence[Statement], Limits], Session]

HERE = Path(__file__).parent
CHECKS = HERE / "checks"
DEFAULTS = Limits()
OURS = "The grader failed here; this is not your fault, and a person will look at it."
log = logging.getLogger(__name__)


def grade(
    data: bytes,
    assignment: str,
    secret: bytes,
    limits: Limits = DEFAULTS,
    *,
    run: int = 0,
    sandboxed: bool = True,
    connect: Connect | None = None,
    checks_dir: Path = CHECKS,
) -> Report:
    """Grade a notebook. What it holds never raises; what fails of ours is `not graded`.

    Args:
        data: the notebook as it was handed in, untrusted.
        assignment: which release it answers, such as "02_linear".
        secret: the course's; the inputs follow from it, the check and `run`.
        limits: what the submission may use.
        run: another number draws other inputs.
        sandboxed: False runs student code without a sandbox, and the report says so.
        connect: another way to open a session, for our own code in tests.
        checks_dir: the folder of the hidden checks.

    Raises:
        LookupError: there is no release of that assignment.
    """
    load(assignment)
    failed = partial(
        not_graded, assignment, run=run, sandboxed=sandboxed, checks_dir=checks_dir
    )
    for _ in range(2):  # where we failed, or something was killed, once more
        opener = connect or partial(
            open_session, unsafe=not sandboxed, account=Account(limits)
        )
        try:
            report, doubtful = _graded(
                data, assignment, secret, limits, run, sandboxed, opener, checks_dir
            )
        except Unreadable as error:
            return failed(str(error))
        except Exception:
            log.exception("grading a notebook of %s failed", assignment)
            report, doubtful = failed(OURS), True
        if not doubtful:
            break
    return report


def not_graded(
    assignment: str,
    reason: str,
    *,
    run: int = 0,
    sandboxed: bool = True,
    checks_dir: Path = CHECKS,
) -> Report:
    """The report on a notebook that could not be graded: for a person to look at."""
    from autograde.plugin import checks

    release = load(assignment)
    exercises = tuple(
        ExerciseResult(
            cell.grade_id,
            cell.title,
            cell.anchor,
            tuple(
                CheckResult(check.title, check.exercise, check.points, "not graded")
                for check in checks(assignment, checks_dir).checks
                if check.exercise == cell.grade_id
            ),
        )
        for cell in release.exercises()
    )
    return Report(
        assignment, release.version, run, exercises, (reason,), sandboxed=sandboxed
    )


def report_key(
    data: bytes,
    assignment: str,
    secret: bytes,
    limits: Limits = DEFAULTS,
    *,
    run: int = 0,
    checks_dir: Path = CHECKS,
) -> str:
    """A hash of all that a report follows from: the same key, the same report."""
    parts = [data, assignment.encode(), secret, repr(limits).encode(), b"%d" % run]
    parts.append(_grader(assignment, checks_dir))
    digests = b"".join(hashlib.sha256(part).digest() for part in parts)
    return hashlib.sha256(digests).hexdigest()


@cache
def _grader(assignment: str, checks_dir: Path) -> bytes:
    """A hash of the grader: its code, checks, mistakes and releases, its libraries."""
    start = [HERE / f"{name}.py" for name in ("work", "judge", "plugin", "forker")]
    start.append(checks_dir / f"check_{assignment}.py")
    start += (HERE / "mistakes").glob(f"mistakes_{assignment[:2]}_*.py")
    whole = hashlib.sha256()
    for path in [*imported(start), *sorted((RECORDS / assignment).glob("*"))]:
        whole.update(f"{path.name}\n".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    for library in ("numpy", "torch", "pytest"):
        whole.update(f"{library} {version(library)}\n".encode())
    return whole.digest()


def _graded(
    data: bytes,
    assignment: str,
    secret: bytes,
    limits: Limits,
    run: int,
    sandboxed: bool,
    connect: Connect,
    checks_dir: Path,
) -> tuple[Report, bool]:
    """The report, and whether something was in it that need not be the student's."""
    from autograde.judge import Judge
    from autograde.plugin import checks

    submission = read(data, partial(load, assignment), limits)
    program = submission.statements
    release = load(assignment, submission.release)
    hidden = checks(assignment, checks_dir)
    student = Student(partial(connect, program, limits))
    try:
        cases = hidden.run(student, secret, run)
    finally:
        student.close()
    judge = Judge(release, submission, cases, hidden)
    exercises = tuple(judge.exercise(cell) for cell in release.exercises())
    report = Report(
        assignment,
        release.version,
        run,
        exercises,
        _few(submission.notes),
        _few(student.failures),
        sandboxed,
    )
    doubtful = any(
        case.verdict == "not graded" or isinstance(case.failure, Killed)
        for case in cases
    )
    return report, doubtful


def _few(texts: tuple[str, ...], most: int = 20) -> tuple[str, ...]:
    """The first of many sentences: a notebook must not fill the disk with them."""
    more = len(texts) - most
    texts = tuple(text[:500] for text in texts)
    return (*texts[:most], f"... and {more} more") if more > 0 else texts
