"""What a few students hand in of any chapter: made from its known answers alone."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from autograde.demo_student import Edit, Invented, answered, untouched, wrote
from autograde.mistakes import Answer, known
from autograde.release import ReleaseCell, load

STUB = "raise NotImplementedError()"
Submissions = Iterator[tuple[str, Sequence[Edit]]]


def derived(assignment: str, names: Sequence[str]) -> tuple[Invented, ...]:
    """The first of these students, with the work of one chapter.

    Args:
        assignment: a released chapter that has known answers.
        names: as many as there are ways to do it; always the same work for each.

    Example:
        >>> [student.what for student in derived("02_linear", ["A B"] * 9)][:2]
        ['as the reference does it', 'right, in other ways (1)']
    """
    made = zip(names, submissions(assignment), strict=False)
    return tuple(
        Invented(name, what, tuple(edits), file=f"{assignment}.ipynb")
        for name, (what, edits) in made
    )


def submissions(assignment: str) -> Submissions:
    """Right, right in other ways, wrong, half done, untouched, endless."""
    answers, exercises = known(assignment), list(load(assignment).exercises())
    half = len(exercises) // 2
    yield "as the reference does it", ()
    for number, round_ in enumerate(rounds(answers.rights, exercises), 1):
        yield f"right, in other ways ({number})", (answered(round_),)
    for exercise in exercises[:: max(1, half)][:3]:
        mistake = next(a for a in answers.mistakes if a.exercise == exercise.grade_id)
        yield mistake.name.replace("_", " ")[:35], (answered([mistake]),)
    wrong = rounds(answers.mistakes, exercises)[-1]
    yield "a mistake in many exercises", (answered(wrong),)
    yield "half done", (untouched(exercises[half:]),)
    yield "untouched", (untouched(exercises),)
    yield "an endless loop", (endless(exercises[-1]),)


def rounds(
    answers: Sequence[Answer], exercises: Sequence[ReleaseCell], most: int = 2
) -> list[list[Answer]]:
    """The first answer to each exercise, then the second to each, as far as they go."""
    by_exercise = [
        [answer for answer in answers if answer.exercise == cell.grade_id]
        for cell in exercises
    ]
    found = zip_longest(*by_exercise)
    return [list(filter(None, answers)) for answers in found][:most]


def endless(exercise: ReleaseCell) -> Edit:
    """Its functions never come back."""
    return wrote(exercise.grade_id, exercise.source.replace(STUB, "while True: pass"))
