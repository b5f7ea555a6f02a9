"""The result of grading one submission: plain data, and its text for a student."""

import json
from dataclasses import asdict, dataclass
from textwrap import indent, wrap
from typing import Any, Self

VERDICTS = (
    "passed",
    "failed",
    "raised",
    "timed out",
    "out of memory",
    "crashed",
    "not answered",
    "depends on",
    "not graded",
)

UNSANDBOXED = "Graded WITHOUT a sandbox: this notebook could choose its marks."


@dataclass(frozen=True)
class CheckResult:
    """One check of one exercise: its points are earned if all its cases pass."""

    title: str
    exercise: str
    points: float
    """What the check is worth."""
    verdict: str
    message: str = ""
    """What was seen in the first case that did not pass."""
    hint: str = ""
    """A question, where a known mistake gives the same results."""
    cases: tuple[str, ...] = ()
    """The cases that did not pass, by name."""
    needs: str = ""
    """The exercise that this one depends on: 2.1."""

    @property
    def outcome(self) -> str:
        """The verdict, and on what it depends."""
        return f"{self.verdict} {self.needs}".rstrip()

    @property
    def passed(self) -> bool:
        return self.verdict == "passed"

    @property
    def earned(self) -> float:
        return self.points if self.passed else 0


@dataclass(frozen=True)
class ExerciseResult:
    """One exercise: its points are those of its checks."""

    grade_id: str
    title: str
    anchor: str
    checks: tuple[CheckResult, ...]

    @property
    def points(self) -> float:
        return sum(check.earned for check in self.checks)

    @property
    def max_points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def verdict(self) -> str:
        """Not graded if one check is not; else that of the first that did not pass."""
        verdicts = [check.verdict for check in self.checks]
        if "not graded" in verdicts:
            return "not graded"
        return next((v for v in verdicts if v != "passed"), "passed")

    @property
    def outcome(self) -> str:
        """The verdict, and on what it depends: "depends on 2.1"."""
        verdict = self.verdict
        same = (check.outcome for check in self.checks if check.verdict == verdict)
        return next(same, verdict)

    @property
    def number(self) -> str:
        """2.1 of the title "2.1 The linear layer, forward", or ""."""
        return number(self.title)


@dataclass(frozen=True)
class Report:
    """What grading found, and what is needed to find it again."""

    assignment: str
    release: str
    """The version of the release that was graded against."""
    run: int
    """Which draw of the inputs: they follow from the course's secret and this."""
    exercises: tuple[ExerciseResult, ...]
    notes: tuple[str, ...] = ()
    """Sentences on the notebook: a duplicated cell, a line passed over."""
    failures: tuple[str, ...] = ()
    """Statements of the notebook that raised when it was loaded."""
    sandboxed: bool = True

    @property
    def points(self) -> float:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def max_points(self) -> float:
        return sum(exercise.max_points for exercise in self.exercises)

    @property
    def verdict(self) -> str:
        """`graded`, or `not graded` where a person has to look."""
        verdicts = [exercise.verdict for exercise in self.exercises]
        return "not graded" if "not graded" in verdicts else "graded"

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        record: dict[str, Any] = json.loads(text)
        record["exercises"] = tuple(_exercise(e) for e in record["exercises"])
        return cls(**_tuples(record))


def _exercise(record: dict[str, Any]) -> ExerciseResult:
    checks = tuple(CheckResult(**_tuples(check)) for check in record["checks"])
    return ExerciseResult(**{**record, "checks": checks})


def _tuples(record: dict[str, Any]) -> dict[str, Any]:
    """JSON has no tuples."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in record.items()}


def text(report: Report) -> str:
    """The whole report, as `python -m autograde check` prints it."""
    lines = [*report.notes]
    if report.failures:
        lines += ["When your notebook was loaded:"]
        lines += [indent(failure, "  ") for failure in report.failures]
    if not report.sandboxed:
        lines += [UNSANDBOXED]
    parts = ["\n".join(lines)] if lines else []
    parts += [exercise_text(exercise) for exercise in report.exercises]
    parts += [_row("Sum", report.points, report.max_points)]
    return "\n\n".join(parts) + "\n"


def exercise_text(exercise: ExerciseResult) -> str:
    """One exercise: what each check saw, as it stands in the feedback."""
    lines = [_row(exercise.title, exercise.points, exercise.max_points)]
    lines[0] += f"   {exercise.outcome}"
    said: set[str] = set()
    for check in exercise.checks:
        lines.append(_row(f"  {check.title}", check.earned, check.points))
        if check.cases and check.cases[0]:
            more = len(check.cases) - 1
            also = f", and {more} more case" + "s" * (more > 1) if more else ""
            lines.append(f"    In the case {check.cases[0]}{also}:")
        hint = f"looks like: {check.hint}" if check.hint else ""
        for text in (check.message, hint):  # what several checks say is said once
            if text and text not in said:
                lines += _wrapped(text)
            elif text == check.message and check.cases:
                lines.append("    the same as above.")
            said.add(text)
    return "\n".join(lines)


def number(title: str) -> str:
    """The number that a title starts with.

    Example:
        >>> number("2.1 The linear layer, forward"), number("Attention")
        ('2.1', '')
    """
    first = title.split(" ", 1)[0]
    return first if first.replace(".", "").isdigit() else ""


def _row(title: str, points: float, of: float) -> str:
    return f"{title:<72} {points:g} / {of:g}"


def _wrapped(text: str) -> list[str]:
    """At most 88 characters, four spaces in, an indented line still more."""
    lines = []
    for line in text.splitlines():
        space = " " * (4 + len(line) - len(line.lstrip()))
        lines += wrap(
            line.strip(), 88, initial_indent=space, subsequent_indent=space + "  "
        )
    return lines
