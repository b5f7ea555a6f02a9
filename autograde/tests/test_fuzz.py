"""Short runs of the fuzzing; `python -m autograde.tests.fuzz` is the long one."""

import random
from typing import Any

import numpy as np

from autograde import wire
from autograde.demo_student import ASSIGNMENT
from autograde.grade import grade
from autograde.session import Client, LocalSession
from autograde.tests.fuzz import SECRET, notebooks, original, points, sound
from autograde.tests.test_grade import notebook

ODD = [
    None,
    True,
    -1,
    2**63,
    10**4000,
    float("nan"),
    -0.0,
    1e308,
    "",
    "\x1b[31m",
    "<b>",
]
ODD += [complex("nan"), wire.Handle(0), wire.Handle(-1), wire.Handle(10**30)]
ODD += [wire.Seed(-1), wire.Name("print"), {"fault": 1}, (), [], [[[[[[]]]]]]]
SHAPES = [(), (0,), (3,), (4, 2), (4, 3), (0, 2), (0, 1 << 30), (1, 1, 1, 1), (40, 900)]


def test_mutated_notebooks_stop_nothing_and_earn_nothing():
    found = notebooks(100, graded=4)
    assert found["readable"] > 30
    assert found["unreadable"] > 5


class Liar(Client):
    """A worker that an attacker has made his own: it answers what it likes."""

    alive = True

    def __init__(self, program, _limits):
        super().__init__(program)
        self.rng = random.Random(RNG.random())
        self.honest = LocalSession(program)
        self.failures = self.honest.failures

    def _ask(self, frame: bytes, function: str) -> bytes:
        reply = self.honest._ask(frame, function)
        while self.rng.random() < 0.5:
            try:
                return wire.encode(self.lie(wire.decode_frame(reply)))
            except wire.WireError:
                continue
        return reply

    def lie(self, honest: Any) -> Any:
        pick = self.rng.choice
        match self.rng.randrange(4):
            case 0:
                return {**honest, pick(["value", "args", "kwargs"]): self.value()}
            case 1:
                return {**honest, "value": (self.value(), self.value())}
            case 2:
                texts = {
                    "kind": "ValueError",
                    "message": "m",
                    "cell": "c",
                    "function": "f",
                }
                reply = {"fault": pick(["raised", "memory", "undefined"]), "line": 1}
                return {**reply, **texts, pick([*texts]): self.value()}
        return self.value()

    def value(self, depth: int = 0) -> Any:
        if self.rng.random() < 0.5:
            kind, shape = self.rng.choice(wire.KINDS), self.rng.choice(SHAPES)
            raw = self.rng.randbytes(int(np.prod(shape)) * np.dtype(kind).itemsize)
            return np.frombuffer(raw, kind).reshape(shape) if raw else np.zeros(shape)
        if depth < 3 and self.rng.random() < 0.5:
            kind = self.rng.choice([tuple, list])
            return kind(self.value(depth + 1) for _ in range(self.rng.randrange(4)))
        return self.rng.choice(ODD)

    def close(self) -> None:
        """Nothing to end."""


RNG = random.Random(0)


def test_a_worker_that_lies_stops_nothing_and_earns_nothing():
    """Can any reply at all make the grader fail, or earn more than the truth?"""
    wrong = "def linear_forward(x, weight, bias=None): return x[:0], ()"
    data = notebook(linear_forward=wrong)
    most = points(grade(data, ASSIGNMENT, SECRET, connect=LocalSession))
    for _ in range(6):
        report = grade(data, ASSIGNMENT, SECRET, connect=Liar)
        sound(report)
        assert report.verdict == "graded"
        earned = points(report)
        assert all(earned[name] <= most[name] for name in earned)
    assert points(grade(data, ASSIGNMENT, SECRET, connect=LocalSession)) == most


def test_what_had_to_stay_inside_never_becomes_data():
    """A cache sent as data would be given to our own functions, in the diagnosis."""

    class Sends(LocalSession):
        def _ask(self, frame, function):
            reply = wire.decode_frame(super()._ask(frame, function))
            if function == "linear_forward" and isinstance(reply["value"], tuple):
                empty = np.zeros((1 << 20, 0))
                reply["value"] = (reply["value"][0], (empty, empty, False))
            return wire.encode(reply)

    report = grade(original(), ASSIGNMENT, SECRET, connect=Sends)
    sound(report)
    messages = [check.message for check in report.exercises[0].checks]
    assert any("linear_forward sent what it had to keep" in m for m in messages)
