"""From the cases of one submission to what is said of each exercise."""

import re
from collections.abc import Collection, Iterator, Sequence

from autograde.diagnosis import hints
from autograde.plugin import Case, Check, Checks
from autograde.release import Release, ReleaseCell
from autograde.report import VERDICTS, CheckResult, ExerciseResult, number
from autograde.session import (
    Crashed,
    Garbled,
    NotAnswered,
    NoTimeLeft,
    OutOfMemory,
    Statement,
    StudentError,
    TimedOut,
)
from autograde.statements import is_left, stubs
from autograde.submission import Submission

ENDED: dict[type[BaseException], str] = {
    NoTimeLeft: "was not run: the time for the whole notebook was used up before.",
    TimedOut: "does not end within its time.",
    OutOfMemory: "needs more memory than it may use.",
    Crashed: "ends the Python process.",
}
DIAGNOSED = ("passed", "failed", "raised")
WITH_CASES = {*VERDICTS} - {"not answered", "depends on", "not graded"}  # inputs matter
OURS = "The grader failed here. It is not your fault, and a person will look at it."


class Judge:
    """Says what the cases of a submission mean for its exercises."""

    def __init__(
        self,
        release: Release,
        submission: Submission,
        cases: Sequence[Case],
        checks: Checks,
    ) -> None:
        self.checks = checks
        self.cases = cases
        self.owner = {n: cell for cell in release.exercises() for n in cell.names}
        self.unanswered = dict(unanswered(release, submission))

    def exercise(self, cell: ReleaseCell) -> ExerciseResult:
        """All checks of an exercise, with hints where known mistakes are met."""
        own = [case for case in self.cases if case.check.exercise == cell.grade_id]
        others = {c.check for c in own if not self.tells(c, DIAGNOSED)}
        found = hints(
            self.checks,
            cell.grade_id,
            [case for case in own if case.check not in others],
        )
        results = tuple(
            self.check(check, own, found.get(check.name, ""))
            for check in self.checks.checks
            if check.exercise == cell.grade_id
        )
        return ExerciseResult(cell.grade_id, cell.title, cell.anchor, results)

    def check(self, check: Check, cases: Sequence[Case], hint: str) -> CheckResult:
        """Earned if all cases pass; the first that does not is told."""
        failed = [c for c in cases if c.check == check and c.failure is not None]
        failed.sort(key=lambda case: self.verdict(case) != "not graded")
        return CheckResult(
            check.title,
            check.exercise,
            check.points,
            self.verdict(failed[0]) if failed else "passed",
            self.message(failed[0]) if failed else "",
            hint,
            tuple(case.id for case in failed if self.tells(case, WITH_CASES)),
            self.number(failed[0]) if failed else "",
        )

    def tells(self, case: Case, verdicts: Collection[str]) -> bool:
        """Whether a case has such a verdict because of what an answer does."""
        answered = case.check.exercise not in self.unanswered
        return answered and self.verdict(case) in verdicts

    def verdict(self, case: Case) -> str:
        """What came of a case, said of the exercise that the case is about."""
        if case.verdict in ("passed", "not graded"):
            return case.verdict
        if case.check.exercise in self.unanswered:
            return self.unanswered[case.check.exercise][0]
        return "depends on" if self.needed(case) else case.verdict

    def needed(self, case: Case) -> str:
        """The function of another exercise that went wrong first, if there is one."""
        if isinstance(case.failure, NoTimeLeft):
            return ""
        names = list(case.wrong)
        if isinstance(case.failure, NotAnswered):
            names.append(case.failure.name)
        owned = (n for n in names if n in self.owner)
        own = case.check.exercise
        return next((n for n in owned if self.owner[n].grade_id != own), "")

    def number(self, case: Case) -> str:
        """What a case depends on, as a title says it: 2.1; else the function."""
        if self.verdict(case) != "depends on":
            return ""
        name = self.needed(case)
        return number(self.owner[name].title) or name

    def message(self, case: Case) -> str:
        """What was seen, for the student: nothing of the inputs."""
        verdict, failure = self.verdict(case), case.failure
        if verdict == "not graded":
            return OURS
        if case.check.exercise in self.unanswered:
            return self.unanswered[case.check.exercise][1]
        if verdict == "not answered":
            return f"{case.check.exercise} is not answered yet."
        if verdict == "depends on":
            name, where = self.needed(case), self.number(case)
            where = f" ({where})" if where != name else ""
            return f"This needs {name}{where}, which is not right here. Start there."
        function = case.calls[-1].function if case.calls else case.check.exercise
        if isinstance(failure, StudentError):
            where = f" at {failure.where}" if failure.where else ""
            text = without_values(failure.message)
            text += f" ({failure.cause})" if failure.cause else ""
            return f"{function} raised {failure.kind}{where}" + (
                f": {text}" if text else ""
            )
        if isinstance(failure, Garbled):
            return without_values(str(failure))
        ended = next((t for k, t in ENDED.items() if isinstance(failure, k)), "")
        return f"{function} {ended}" if ended else str(failure)


def without_values(text: str, length: int = 160) -> str:
    """A student's own message, short, and without numbers that may be inputs.

    Example:
        >>> without_values("shapes (4, 3) and (2,) differ, x is [[0.25 -1.5e-3]]")
        'shapes (4, 3) and (2,) differ, x is [[# #]]'
    """
    text = re.sub(r"-?\d*\.\d+(e[-+]?\d+)?|-?\d+\.|-?\d{5,}", "#", text)
    return text if len(text) <= length else text[: length - 3] + "..."


def unanswered(
    release: Release, submission: Submission
) -> Iterator[tuple[str, tuple[str, str]]]:
    """The exercises without an answer, each with a verdict and why."""
    program = submission.statements
    bound = {name for s in program if s.student for name in s.names}
    missing = set(untouched(release, program))
    for cell in release.exercises():
        name, own = cell.grade_id, f"your cell {cell.grade_id}"
        if name not in missing:
            continue
        problem = submission.unread.get(own)
        instead = [n for s in program for n in s.names if _defines(s, own)]
        asked = [n for n in cell.names if n not in bound]
        if problem:
            yield name, ("raised", f"{name} could not be read: {own} {problem}")
        elif instead and asked:
            text = f"Y{own[1:]} defines {_and(instead)}, but not {_and(asked)}."
            yield name, ("not answered", text)
        else:
            yield name, ("not answered", f"{name} is not answered yet.")


def _defines(statement: Statement, cell: str) -> bool:
    return (statement.cell, statement.kind) == (cell, "definition")


def _and(names: Sequence[str], most: int = 3) -> str:
    """Some names, each cut: a student may have chosen thousands of long ones."""
    return " and ".join(name[:40] for name in names[:most])


def untouched(release: Release, program: Sequence[Statement]) -> Iterator[str]:
    """The exercises in which no function differs from the stub, or none is there."""
    last = {name: s.source for s in program if s.student for name in s.names}
    for cell in release.exercises():
        known = stubs(cell.source)
        if all(
            name not in last or (name in known and is_left(last[name], known[name]))
            for name in cell.names
        ):
            yield cell.grade_id
