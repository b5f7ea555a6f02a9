"""From the cases of one submission to what is said of each exercise."""

import ast
import re
from collections.abc import Iterator, Sequence

from autograde.diagnosis import hints
from autograde.plugin import Case, Check, checks
from autograde.release import Release, ReleaseCell
from autograde.report import CheckResult, ExerciseResult
from autograde.session import (
    Crashed,
    Garbled,
    NotAnswered,
    OutOfMemory,
    Statement,
    StudentError,
    TimedOut,
)

ENDED: dict[type[BaseException], str] = {
    TimedOut: "does not end within its time.",
    OutOfMemory: "needs more memory than it may use.",
    Crashed: "ends the Python process.",
}
DIAGNOSED = ("passed", "failed", "raised")
WITHOUT_CASES = ("not answered", "depends on", "not graded")  # the inputs do not matter
OURS = "The grader failed here. It is not your fault, and a person will look at it."


class Judge:
    """Says what the cases of a submission mean for its exercises."""

    def __init__(
        self, release: Release, program: Sequence[Statement], cases: Sequence[Case]
    ) -> None:
        self.assignment = release.assignment
        self.cases = cases
        self.owner = {
            n: cell.grade_id for cell in release.exercises() for n in cell.names
        }
        self.untouched = set(untouched(release, program))

    def exercise(self, cell: ReleaseCell) -> ExerciseResult:
        """All checks of an exercise, with hints where known mistakes are met."""
        own = [case for case in self.cases if case.check.exercise == cell.grade_id]
        others = {c.check for c in own if self.verdict(c) not in DIAGNOSED}
        found = hints(
            self.assignment,
            cell.grade_id,
            [case for case in own if case.check not in others],
        )
        results = tuple(
            self.check(check, own, found.get(check.name, ""))
            for check in checks(self.assignment).checks
            if check.exercise == cell.grade_id
        )
        return ExerciseResult(cell.grade_id, cell.title, cell.anchor, results)

    def check(self, check: Check, cases: Sequence[Case], hint: str) -> CheckResult:
        """Earned if all cases pass; the first that does not is told."""
        failed = [c for c in cases if c.check == check and c.failure is not None]
        failed.sort(key=lambda case: self.verdict(case) != "not graded")
        of_interest = [c for c in failed if self.verdict(c) not in WITHOUT_CASES]
        return CheckResult(
            check.title,
            check.exercise,
            check.points,
            self.verdict(failed[0]) if failed else "passed",
            self.message(failed[0]) if failed else "",
            hint,
            tuple(case.id for case in of_interest),
        )

    def verdict(self, case: Case) -> str:
        """What came of a case, said of the exercise that the case is about."""
        if case.verdict in ("passed", "not graded"):
            return case.verdict
        if case.check.exercise in self.untouched:
            return "not answered"
        return "depends on" if self.needed(case) else case.verdict

    def needed(self, case: Case) -> str:
        """The function of another exercise that went wrong first, if there is one."""
        names = list(case.wrong)
        if isinstance(case.failure, NotAnswered):
            names.append(case.failure.name)
        others = (
            n for n in names if self.owner.get(n) not in (None, case.check.exercise)
        )
        return next(others, "")

    def message(self, case: Case) -> str:
        """What was seen, for the student: nothing of the inputs."""
        verdict, failure = self.verdict(case), case.failure
        if verdict == "not graded":
            return OURS
        if verdict == "not answered":
            return f"{case.check.exercise} is not answered yet."
        if verdict == "depends on":
            return (
                f"This needs {self.needed(case)}, which is not right here. Start there."
            )
        function = case.calls[-1].function if case.calls else case.check.exercise
        if isinstance(failure, StudentError):
            where = f" at {failure.where}" if failure.where else ""
            text = without_values(failure.message)
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


def untouched(release: Release, program: Sequence[Statement]) -> Iterator[str]:
    """The exercises in which no function differs from the stub, or none is there."""
    last = {name: s.source for s in program if s.student for name in s.names}
    for cell in release.exercises():
        stubs = {
            node.name: ast.dump(node)
            for node in ast.parse(cell.source).body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
        }
        if all(
            _dumped(last.get(name)) in (None, stubs.get(name)) for name in cell.names
        ):
            yield cell.grade_id


def _dumped(source: str | None) -> str | None:
    return None if source is None else ast.dump(ast.parse(source).body[0])
