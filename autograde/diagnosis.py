"""Which known mistake a submission looks like: by what it returned, call by call.

A mistake is recognized in a check if it fails the same cases, and either returns the
same values in all of them, or is told the same of them (a dtype, a changed argument).
"""

import warnings
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cache, reduce
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from autograde.compare import VALUES, agree
from autograde.mistakes import Answer, Function, known
from autograde.plugin import Case, Checks
from autograde.session import LocalSession, Statement, StudentError
from autograde.student import Call, Student
from autograde.wire import IDENTITY, Handle, Name, Seed

Cases = Sequence[Case]
_done: WeakKeyDictionary[Case, dict[str, bool]] = WeakKeyDictionary()
STANDS_FOR = Handle | Name | Seed  # what is another thing in the sandbox
NO_RETURN = "the function ends without a return. What is it to hand back?"


def hints(checks: Checks, exercise: str, cases: Cases) -> dict[str, str]:
    """The hint for each check of an exercise that looks like a known mistake.

    Args:
        checks: the checks that the cases are of.
        exercise: nbgrader's id of the exercise.
        cases: all cases of the exercise's checks, on one submission.
    """
    mistakes = known(checks.assignment).mistakes
    candidates = [mistake for mistake in mistakes if mistake.exercise == exercise]
    alike = {m.name: recognized(checks, m, cases) for m in candidates}
    candidates.sort(key=lambda m: -len(alike[m.name]))  # stable: the first, if equal
    found = {c.check.name: NO_RETURN for c in cases if _returns_nothing(c)}
    for mistake in candidates:
        for check in alike[mistake.name]:
            found.setdefault(check, mistake.hint)
    return found


def recognized(checks: Checks, mistake: Answer, cases: Cases) -> list[str]:
    """The failed checks in which a submission behaves as the mistake does.

    That both raise an exception of one type is little: one check must show more.
    """
    told = what_is_told(checks, mistake)
    functions = known(checks.assignment).references | mistake.functions
    found, sure = [], False
    for check, of_check in by_check(cases).items():
        failed = [case for case in of_check if case.failure is not None]
        said = {case.id: _said(case) for case in failed}
        if not failed or said.keys() != told[check].keys():
            continue
        same_said = said == told[check] and all(said.values())
        if same_said or all(_does(c, mistake.name, functions) for c in failed):
            found.append(check)
            sure |= same_said or any(not case.calls[-1].error for case in failed)
    return found if sure else []


def by_check(cases: Cases) -> dict[str, list[Case]]:
    """The cases of each check function."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case.check.name, []).append(case)
    return found


@cache
def what_is_told(checks: Checks, mistake: Answer) -> dict[str, dict[str, str]]:
    """For each check, the cases that a mistake fails and what is said of them."""
    cases = checks.run(
        Student(lambda: LocalSession(_program(checks.assignment, mistake))),
        b"any",
        exercise=mistake.exercise,
    )
    return {
        check: {case.id: _said(case) for case in of_check if case.failure}
        for check, of_check in by_check(cases).items()
    }


def _does(case: Case, name: str, functions: Mapping[str, Function]) -> bool:
    """Whether a mistake returns what a case was returned; found once for each case."""
    found = _done.setdefault(case, {})
    if name not in found:
        found[name] = returns_the_same(case.calls, functions)
    return found[name]


def returns_the_same(calls: Sequence[Call], functions: Mapping[str, Function]) -> bool:
    """Whether functions of ours return, call by call, what the student's did."""
    functions = {**functions, IDENTITY: lambda *values: values}
    kept: dict[int, Any] = {}
    for call in calls:
        if call.function not in functions:
            return False
        args = tuple(_ours(argument, kept, functions) for argument in call.args)
        try:
            with warnings.catch_warnings(action="ignore"):
                value = functions[call.function](*args, **call.options)
        except Exception as error:
            if call.error != _kind(error):
                return False
            continue
        if call.error or not _same(
            _data(value, call.keep), _data(call.value, call.keep)
        ):
            return False
        inside = [i for i, sent in enumerate(call.args) if isinstance(sent, STANDS_FOR)]
        if not _same(_data(args, inside), _data(call.after, inside)):
            return False
        for place in call.keep:  # a later call is given ours where it was given theirs
            if _has(value, place) and isinstance(call.value[place], Handle):
                kept[call.value[place].id] = value[place]
    return bool(calls)


def _has(value: Any, place: int) -> bool:
    return isinstance(value, tuple | list) and place < len(value)


def _data(value: Any, inside: Sequence[int]) -> Any:
    """A tuple without the items that stay in the sandbox; anything else as it is."""
    if not isinstance(value, tuple | list):
        return value
    return tuple(None if place in inside else v for place, v in enumerate(value))


def _same(ours: Any, theirs: Any) -> bool:
    """Compare as data; an object of the student's is like nothing of ours."""
    if isinstance(theirs, Handle):
        return False
    if isinstance(theirs, np.ndarray):
        return (
            isinstance(ours, np.ndarray)
            and (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
            and bool(agree(ours, theirs).all())
        )
    if isinstance(theirs, tuple | list):
        return (
            isinstance(ours, tuple | list)
            and len(ours) == len(theirs)
            and all(_same(o, t) for o, t in zip(ours, theirs, strict=True))
        )
    if isinstance(theirs, dict):
        return (
            isinstance(ours, dict)
            and ours.keys() == theirs.keys()
            and all(_same(ours[name], theirs[name]) for name in ours)
        )
    return type(ours) is type(theirs) and bool(ours == theirs)


def _ours(
    argument: Any, kept: Mapping[int, Any], functions: Mapping[str, Function]
) -> Any:
    """The argument of a replayed call: a copy, or our own of what it stands for."""
    if isinstance(argument, Handle):
        return kept.get(argument.id)
    if isinstance(argument, Seed):
        return np.random.default_rng(argument.value)
    if isinstance(argument, Name):
        first, *rest = argument.name.split(".")
        known = {"np": np, **functions}.get(first)
        return reduce(lambda found, name: getattr(found, name, None), rest, known)
    return deepcopy(argument)


def _returns_nothing(case: Case) -> bool:
    """Whether a case failed once a function had returned None."""
    last = case.calls[-1] if case.failure and case.calls else None
    return last is not None and last.value is None and not last.error


def _kind(error: Exception) -> str:
    kinds = (t.__name__ for t in type(error).__mro__ if t.__module__ == "builtins")
    return next(kinds)


def _said(case: Case) -> str:
    """What is said of a failed case, if that does not depend on drawn values."""
    failure = case.failure
    if isinstance(failure, StudentError):
        return f"{failure.kind}: {failure.message}"
    return "" if VALUES in str(failure) else f"{case.verdict}: {failure}"


def _program(assignment: str, mistake: Answer) -> list[Statement]:
    """The mistake among the reference's functions, as a session loads them."""
    functions = known(assignment).references | mistake.functions
    lines = ["import numpy as np"]
    lines += [
        f"from {function.__module__} import {function.__name__} as {name}"
        for name, function in functions.items()
    ]
    return [Statement(line, "ours", 1, "import") for line in lines]
