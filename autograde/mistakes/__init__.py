"""What students get wrong: the proof that checks bite, and the hints of the feedback.

`mistakes_NN_name.py` holds ordinary functions: under `@mistake("linear_forward",
hint="... ?")` a wrong answer, under `@right("linear_forward")` a right one that is
written differently; `reference(...)` names the reference, whose cache all of them use.
"""

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from textwrap import dedent
from typing import Any

from solutions.exercise import free_names, inline

Function = Callable[..., Any]


@dataclass(frozen=True)
class Answer:
    """A known answer to one exercise, right or wrong."""

    exercise: str
    """nbgrader's id of the exercise, and the name that the answer has there."""
    function: Function
    hint: str = ""
    """A mistake's: what it looks like, and a question that leads on."""

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def source(self) -> str:
        """The code as a student would write it into the exercise's cell."""
        own = _renamed(self.function, self.exercise)
        known = {"np", "math", self.exercise}
        needed = sorted(free_names(own) - known)
        module = self.function.__module__
        helpers = inline([(module, name) for name in needed], known) if needed else ""
        return "\n\n\n".join(part for part in (helpers, own) if part)


@dataclass(frozen=True)
class Known:
    """All known answers of one assignment."""

    mistakes: tuple[Answer, ...]
    rights: tuple[Answer, ...]
    references: dict[str, Function]


_mistakes: dict[str, list[Answer]] = {}
_rights: dict[str, list[Answer]] = {}
_references: dict[str, dict[str, Function]] = {}


def mistake(exercise: str, *, hint: str) -> Callable[[Function], Function]:
    """Register a wrong answer; its hint names what is seen, and asks."""

    def register(function: Function) -> Function:
        answer = Answer(exercise, function, hint)
        _mistakes.setdefault(function.__module__, []).append(answer)
        return function

    return register


def right(exercise: str) -> Callable[[Function], Function]:
    """Register a right answer that is written differently from the reference."""

    def register(function: Function) -> Function:
        answer = Answer(exercise, function)
        _rights.setdefault(function.__module__, []).append(answer)
        return function

    return register


def reference(module: str, *functions: Function) -> None:
    """Register the functions that stand around a mistake when it is replayed."""
    _references[module] = {function.__name__: function for function in functions}


@cache
def known(assignment: str) -> Known:
    """The known answers of an assignment: `known("02_linear")`.

    Example:
        >>> known("02_linear").mistakes[0].exercise
        'linear_forward'
    """
    name = f"autograde.mistakes.mistakes_{assignment}"
    import_module(name)
    return Known(
        tuple(_mistakes.get(name, ())),
        tuple(_rights.get(name, ())),
        _references.get(name, {}),
    )


def mistakes(assignment: str) -> tuple[Answer, ...]:
    return known(assignment).mistakes


def rights(assignment: str) -> tuple[Answer, ...]:
    return known(assignment).rights


def _renamed(function: Function, name: str) -> str:
    """The source of a function without its decorators, under another name."""
    text = dedent(inspect.getsource(function))
    definition = ast.parse(text).body[0]
    assert isinstance(definition, ast.FunctionDef)
    lines = text.splitlines()[definition.lineno - 1 :]
    lines[0] = lines[0].replace(f"def {function.__name__}(", f"def {name}(", 1)
    return "\n".join(lines)
