"""Mutate frames, notebooks and replies at random: nothing may stop, no mark may rise.

`python -m autograde.tests.fuzz` mutates a million frames and ten thousand notebooks
(ten minutes, most of them for the thousand notebooks that are graded); two numbers ask
for fewer. The seed is fixed, so what is found is found again.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from autograde.demo_student import ASSIGNMENT
from autograde.grade import grade
from autograde.limits import Limits
from autograde.notebook import Unreadable
from autograde.release import load
from autograde.report import VERDICTS, Report, text
from autograde.submission import read
from autograde.tests.attacks.attack import solved, wrote
from autograde.tests.test_wire import fuzz as frames

SECRET = b"secret"
QUICK = Limits(load_cpu=1.0, call_cpu=0.2)
WRONG = "def linear_forward(x, weight, bias=None): return x @ weight.T * 2, (x, weight)"
JUNK: Sequence[Any] = [
    None,
    True,
    0,
    -1,
    1e308,
    10**40,
    "",
    "\0",
    "\ud800",
    "<b>",
    [],
    {},
]
JUNK = [*JUNK, [None], {"a": {}}, "code", "markdown", "linear_forward", "x = 1\n" * 99]
LINES = ["import torch", "%time", "x = (", "del np", "np = None", "raise SystemExit"]
LINES += ["while True: break", "def linear_forward(*a): return a", "exit()", "return 1"]
LINES += [
    "    pass",
    "'''",
    "linear_forward = None",
    "import numpy as np",
    "\x00",
    "é = 1",
]


@cache
def original() -> bytes:
    """A notebook with one wrong answer, so that there is a mark that could rise."""
    return solved(wrote(WRONG), _small)()


def _small(notebook: dict[str, Any]) -> None:
    """Without figures and text, so that a mutation more often meets what matters."""
    cells = notebook["cells"]
    notebook["cells"] = [c for c in cells if c["metadata"].get("nbgrader")]


def mutated(data: bytes, rng: random.Random) -> bytes:
    """A notebook with a few changes: in its bytes, its tree, or the lines of a cell."""
    change = rng.choice([_bytes, _tree, _tree, _lines, _lines, _cells])
    for _ in range(rng.choice([1, 1, 2, 4])):
        data = change(data, rng)
    return data


def _bytes(data: bytes, rng: random.Random) -> bytes:
    raw = bytearray(data)
    at = rng.randrange(len(raw) + 1)
    match rng.randrange(4):
        case 0:
            raw[at : at + 1] = rng.choice([b"", b"[", b"}", b'"', b"\xff", b"\0", b"9"])
        case 1:
            del raw[at : at + rng.randint(1, 400)]
        case 2:
            raw[at:at] = raw[at : at + rng.randint(1, 400)]
        case 3:
            del raw[at:]
    return bytes(raw)


def _tree(data: bytes, rng: random.Random) -> bytes:
    """Somewhere in the tree, another value, another key, or none."""
    try:
        tree = json.loads(data)
    except ValueError:
        return data
    node = tree
    while isinstance(node, dict | list) and node:
        key = rng.choice(list(node) if isinstance(node, dict) else range(len(node)))
        inner = node[key]
        if not isinstance(inner, dict | list) or not inner or rng.random() < 0.2:
            if rng.random() < 0.3:
                del node[key]
            else:
                node[key] = rng.choice(JUNK)
            break
        node = inner
    return json.dumps(tree).encode()


def _lines(data: bytes, rng: random.Random) -> bytes:
    """In one answer, a line more, less, doubled, moved or cut."""
    try:
        notebook = json.loads(data)
        cells = [c for c in notebook["cells"] if c["metadata"]["nbgrader"]["solution"]]
        chosen = rng.choice(cells)
        lines = chosen["source"].split("\n")
    except (ValueError, LookupError, TypeError, AttributeError):
        return data
    at = rng.randrange(len(lines))
    match rng.randrange(5):
        case 0:
            lines.insert(at, rng.choice(LINES))
        case 1:
            del lines[at]
        case 2:
            lines.insert(at, rng.choice(lines))
        case 3:
            lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]
        case 4:
            rng.shuffle(lines)
    chosen["source"] = "\n".join(lines)
    return json.dumps(notebook).encode()


def _cells(data: bytes, rng: random.Random) -> bytes:
    """A cell doubled, moved, dropped, or with the source of another."""
    try:
        notebook = json.loads(data)
        cells = notebook["cells"]
        first, second = rng.choice(cells), rng.choice(cells)
    except (ValueError, LookupError, TypeError):
        return data
    match rng.randrange(4):
        case 0:
            cells.append(first)
        case 1:
            cells.remove(first)
        case 2:
            cells.insert(0, first)
        case 3 if isinstance(first, dict) and isinstance(second, dict):
            first["metadata"] = second.get("metadata")
    return json.dumps(notebook).encode()


def notebooks(count: int, graded: int, seed: int = 0) -> Counter[str]:
    """Read mutated notebooks, grade every `count // graded`th in the sandbox.

    Returns:
        How many were read or not, and the verdicts of those that were graded.

    Raises:
        AssertionError: a mark rose, or our own part failed.
        Exception: any, which would be a defect.
    """
    rng = random.Random(seed)
    found: Counter[str] = Counter()
    most = points(grade(original(), ASSIGNMENT, SECRET, QUICK))
    for number in range(count):
        data = mutated(original(), rng)
        try:
            read(data, partial(load, ASSIGNMENT))
        except Unreadable:
            found["unreadable"] += 1
        else:
            found["readable"] += 1
        if number % max(1, count // max(1, graded)) == 0:
            report = grade(data, ASSIGNMENT, SECRET, QUICK)
            sound(report)
            earned = points(report)
            risen = {n: p for n, p in earned.items() if p > most.get(n, 0)}
            assert not risen, (number, risen)
            found.update(exercise.verdict for exercise in report.exercises)
    return found


def points(report: Report) -> dict[str, float]:
    """The points of each exercise."""
    return {exercise.grade_id: exercise.points for exercise in report.exercises}


def sound(report: Report) -> None:
    """A report as a class needs it: it can be kept, shown, and blames nobody of us."""
    assert Report.from_json(report.to_json().encode("utf-8", "replace")) == report
    assert text(report)
    for exercise in report.exercises:
        assert exercise.verdict in VERDICTS
        assert 0 <= exercise.points <= exercise.max_points
        assert not any("grader failed" in check.message for check in exercise.checks)


def main(wanted: int = 1_000_000, count: int = 10_000) -> None:
    """The long run."""
    sys.stdout.write(f"{frames(wanted)} of {wanted} mutated frames were still frames\n")
    sys.stdout.write(f"{count} mutated notebooks: {notebooks(count, count // 10)}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
