"""What students get wrong: the proof that checks bite, and the hints of the feedback.

`mistakes_NN_layer.py` holds ordinary functions: under `@mistake("linear_forward",
hint="... ?")` a wrong answer, under `@right("linear_forward")` a right one that is
written differently; `reference(...)` names the reference, whose cache all of them use,
and all else in the notebook that they call.
"""

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
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
    along: tuple[tuple[str, Function], ...] = ()
    """The answers to other exercises that belong to the same mistake."""

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def source(self) -> str:
        """The code as a student would write it into the exercise's cell."""
        return self.sources[self.exercise]

    @property
    def functions(self) -> dict[str, Function]:
        """By exercise, all that is written otherwise than in the reference."""
        return {**dict(self.along), self.exercise: self.function}

    @property
    def sources(self) -> dict[str, str]:
        """The code of these functions, each as it stands in its exercise's cell."""
        return {name: _source(f, name) for name, f in self.functions.items()}


@dataclass(frozen=True)
class Known:
    """All known answers of one assignment."""

    mistakes: tuple[Answer, ...]
    rights: tuple[Answer, ...]
    references: dict[str, Function]


_mistakes: list[Answer] = []
_rights: list[Answer] = []
_references: list[tuple[str, Function]] = []


def mistake(
    exercise: str, *, hint: str, **along: Function
) -> Callable[[Function], Function]:
    """Register a wrong answer; its hint names what is seen, and asks.

    Args:
        exercise: the exercise that loses marks.
        hint: for the feedback.
        along: the answers to other exercises that belong to this mistake, such as a
            forward pass that does not put into its cache what this backward needs.
    """

    def register(function: Function) -> Function:
        _mistakes.append(Answer(exercise, function, hint, tuple(along.items())))
        return function

    return register


def right(exercise: str) -> Callable[[Function], Function]:
    """Register a right answer that is written differently from the reference."""

    def register(function: Function) -> Function:
        _rights.append(Answer(exercise, function))
        return function

    return register


def reference(module: str, *functions: Function) -> None:
    """Register the reference that the mistakes of a file stand among."""
    _references.extend((module, function) for function in functions)


@cache
def known(assignment: str) -> Known:
    """The known answers of an assignment, from the files of its chapter.

    Example:
        >>> sorted(known("02_linear").references)[:2]
        ['bilinear_backward', 'bilinear_forward']
    """
    files = sorted(Path(__file__).parent.glob(f"mistakes_{assignment[:2]}_*.py"))
    modules = {import_module(f"{__name__}.{file.stem}").__name__ for file in files}
    return Known(
        tuple(a for a in _mistakes if a.function.__module__ in modules),
        tuple(a for a in _rights if a.function.__module__ in modules),
        {f.__name__: f for m, f in _references if m in modules},
    )


def mistakes(assignment: str) -> tuple[Answer, ...]:
    return known(assignment).mistakes


def rights(assignment: str) -> tuple[Answer, ...]:
    return known(assignment).rights


def _source(function: Function, name: str) -> str:
    """A function under the name of an exercise, after the helpers that it uses."""
    own = _renamed(function, name)
    there = {f.__name__ for m, f in _references if m == function.__module__}
    known = {"np", "math", name, *there}
    needed = sorted(free_names(own) - known)
    helpers = [(function.__module__, helper) for helper in needed]
    parts = (inline(helpers, known) if helpers else "", own)
    return "\n\n\n".join(part for part in parts if part)


def _renamed(function: Function, name: str) -> str:
    """The source of a function without its decorators, under another name."""
    text = dedent(inspect.getsource(function))
    definition = ast.parse(text).body[0]
    assert isinstance(definition, ast.FunctionDef)
    lines = text.splitlines()[definition.lineno - 1 :]
    lines[0] = lines[0].replace(f"def {function.__name__}(", f"def {name}(", 1)
    return "\n".join(lines)
