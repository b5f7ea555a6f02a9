"""The hidden checks, collected once by pytest and replayed for each submission.

A check is marked `points(check_id, n)` and takes the fixtures `student` and `rng`; its
docstring is its line in the report. All its cases must pass.
"""

import hashlib
import hmac
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from autograde.outcomes import Outcomes, after
from autograde.session import (
    Crashed,
    Garbled,
    NotAnswered,
    OutOfMemory,
    Request,
    StudentError,
    TimedOut,
)
from autograde.student import Call, Student

CHECKS = Path(__file__).parent / "checks"
QUIET = [
    "--collect-only",
    "--assert=plain",
    "--disable-plugin-autoload",
    "--noconftest",
    "--strict-markers",
    "--import-mode=importlib",
    "--config-file=/dev/null",
    *("-o", "addopts="),
]
# What prints, captures, skips or writes has no part in grading.
WITHOUT = [
    "terminal",
    "cacheprovider",
    "capture",
    "logging",
    "faulthandler",
    "warnings",
]
WITHOUT += ["skipping", "doctest", "unittest", "stepwise", "junitxml", "pastebin"]
WITHOUT += ["threadexception", "unraisableexception", "tmpdir"]
VERDICTS: dict[type[BaseException], str] = {
    AssertionError: "failed",
    StudentError: "raised",
    NotAnswered: "not answered",
    TimedOut: "timed out",
    OutOfMemory: "out of memory",
    Crashed: "crashed",
    Garbled: "failed",
}


@dataclass(frozen=True)
class Check:
    """One check function."""

    name: str
    exercise: str
    """nbgrader's id of the exercise, without `check_`."""
    points: float
    title: str


@dataclass(frozen=True, eq=False)
class Case:
    """One case of a check, run on one submission; shared by all that reply the same."""

    check: Check
    id: str
    failure: BaseException | None
    calls: tuple[Call, ...]
    wrong: tuple[str, ...]
    """The functions that raised, or returned something wrong, on the way."""

    @property
    def verdict(self) -> str:
        """What the failure says; "not graded" is one that is not the student's."""
        if self.failure is None:
            return "passed"
        kinds = (VERDICTS.get(kind) for kind in type(self.failure).__mro__)
        return next(filter(None, kinds), "not graded")


class Checks:
    """The checks of one assignment, as a plugin of the pytest that collects them."""

    def __init__(self, assignment: str, folder: Path = CHECKS) -> None:
        self.assignment = assignment
        self._items: list[pytest.Function] = []
        self._errors: list[str] = []
        self._student: Student | None = None
        self._secret, self._run = b"", 0
        self._outcomes = Outcomes[Case]()
        self._collect(folder / f"check_{assignment}.py")
        self._checks = {item: _check(item) for item in self._items}

    def _collect(self, path: Path) -> None:
        args = [
            *QUIET,
            *(f"-pno:{name}" for name in WITHOUT),
            f"--rootdir={path.parent}",
        ]
        with _without_environment("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
            code = pytest.main([*args, str(path)], plugins=[self])
        sys.modules.pop(path.stem, None)  # another folder may have a file of that name
        if code != pytest.ExitCode.OK or not self._items:
            raise RuntimeError(f"no checks in {path} ({code!r}): {self._errors}")

    @property
    def checks(self) -> tuple[Check, ...]:
        """All checks, in the order of the file."""
        return tuple(dict.fromkeys(self.cases))

    @property
    def cases(self) -> tuple[Check, ...]:
        """The check of each case, in the order in which they run."""
        return tuple(self._checks.values())

    def run(
        self, student: Student, secret: bytes, run: int = 0, exercise: str = ""
    ) -> list[Case]:
        """Every case of every check, or of those of one exercise, on one submission."""
        self._student, self._secret, self._run = student, secret, run
        try:
            return [
                self._case(item, student)
                for item, check in self._checks.items()
                if exercise in ("", check.exercise)
            ]
        finally:
            self._student, self._secret = None, b""

    def _case(self, item: pytest.Function, student: Student) -> Case:
        """What the replies lead to; where that is not known, the check runs."""
        student.begin()
        seed = beginning = self._seed(item)
        while isinstance(found := self._outcomes.get(beginning), Request):
            beginning = after(beginning, student.foresee(found))
        if found is None:
            found = self._replay(item, student)
            plain = not any(call.error for call in found.calls)
            if plain and found.verdict in ("passed", "failed"):
                self._outcomes.learn(seed, student.answered, found)
        return found

    def _replay(self, item: pytest.Function, student: Student) -> Case:
        """Run a check as pytest would, without its reports."""
        item._initrequest()
        setup = item.session._setupstate
        failure = _failure(setup.setup, item) or _failure(item.runtest)
        unsettled = _failure(setup.teardown_exact, None)
        spec = getattr(item, "callspec", None)
        return Case(
            self._checks[item],
            spec.id if spec else "",
            failure or unsettled,
            tuple(student.calls),
            tuple(dict.fromkeys(student.wrong)),
        )

    def _seed(self, item: pytest.Item) -> bytes:
        """What a case draws its inputs from."""
        what = f"{self.assignment}\n{item.nodeid}\n{self._run}"
        return hmac.digest(self._secret, what.encode(), hashlib.sha256)

    # ------------------------------------------------------------ fixtures

    @pytest.fixture
    def student(self) -> Student:
        """The submission."""
        assert self._student is not None
        return self._student

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """A generator that no student can foresee, and the instructor can repeat."""
        return np.random.default_rng(int.from_bytes(self._seed(request.node)))

    # ------------------------------------------------------------ hooks

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "points(check_id, n): what a check is worth")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._errors.append(str(report.longrepr))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._items = [i for i in session.items if isinstance(i, pytest.Function)]


@cache
def checks(assignment: str, folder: Path = CHECKS) -> Checks:
    """The checks of an assignment, collected once in this process."""
    torch.set_num_threads(1)
    return Checks(assignment, folder)


def _check(item: pytest.Function) -> Check:
    marker = item.get_closest_marker("points")
    title = " ".join((item.function.__doc__ or "").split())
    if marker is None or not title:
        raise RuntimeError(f"{item.nodeid} needs a docstring and points(check_id, n)")
    check_id, points = marker.args
    return Check(item.originalname, check_id.removeprefix("check_"), points, title)


def _failure(step: Callable[..., object], *args: object) -> BaseException | None:
    """What a step raises; pytest's own `fail` and `skip` are no `Exception`."""
    try:
        step(*args)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        error.__context__ = None  # like a traceback, it would keep all frames alive
        return error.with_traceback(None)
    return None


@contextmanager
def _without_environment(*names: str) -> Iterator[None]:
    """What the caller's shell says to pytest is not for these checks."""
    before = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(before)
