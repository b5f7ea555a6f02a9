"""Questions that are answered in words: a person gives the points, in formgrader."""

from autograde.gradebook import Mark, check_id
from autograde.release import load
from autograde.report import CheckResult, ExerciseResult, Report

WAITS, MARKED = "waits for a person", "marked by a person"
BY_HAND = (WAITS, MARKED)


def exercises(report: Report, mark: Mark) -> list[ExerciseResult]:
    """The exercises of a report and the questions of its release, as they are numbered.

    A question has one check without a title: what became of it says the gradebook.
    """
    found = list(report.exercises)
    for cell in load(report.assignment, report.release).cells:
        if cell.kind == "written" and cell.grade_id in mark.exercises:
            check = CheckResult(
                "", cell.grade_id, cell.points, _verdict(mark, cell.grade_id)
            )
            found.append(
                ExerciseResult(cell.grade_id, cell.title, cell.anchor, (check,))
            )
    return sorted(found, key=lambda exercise: _numbers(exercise.title))


def given(mark: Mark, exercise: ExerciseResult) -> float:
    """The points in the gradebook, a person's in the place of those by checks."""
    points = mark.exercises.get(exercise.grade_id, 0.0)
    return mark.exercises.get(check_id(exercise), points)


def by_person(mark: Mark, exercise: ExerciseResult) -> bool:
    """Whether a person's mark stands in the place of what the checks gave."""
    return exercise.verdict not in BY_HAND and given(mark, exercise) != exercise.points


def _verdict(mark: Mark, name: str) -> str:
    if name in mark.waiting:
        return WAITS
    return MARKED if name in mark.by_hand else "not answered"


def _numbers(title: str) -> list[int]:
    """[2, 10] of "2.10 A title"; what has no number keeps its place."""
    first = title.split(" ", 1)[0].split(".")
    return [int(part) for part in first if part.isdigit()]
