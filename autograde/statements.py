"""The statements of a cell, one by one, without IPython's own lines."""

import ast
import re
import warnings
from collections.abc import Sequence
from functools import cache

from autograde.limits import Limits
from autograde.needed import EVERYTHING, effect
from autograde.session import Statement

DEFAULTS = Limits()
AGAIN = 50_000  # characters that are read again in search of a syntax error's place
PYTHON_MAGIC = re.compile(r"%%(time|timeit|capture|prun)\b")
MAGIC = re.compile(r"\s*[%!?]|[\w, \t]+=\s*[%!]|\s*[\w.]+\?")

KINDS: dict[type[ast.stmt], str] = {
    ast.Import: "import",
    ast.ImportFrom: "import",
    ast.FunctionDef: "definition",
    ast.AsyncFunctionDef: "definition",
    ast.ClassDef: "definition",
    ast.Assign: "assignment",
    ast.AnnAssign: "assignment",
    ast.AugAssign: "assignment",
}
NEVER = (ast.Assert, ast.Pass, ast.Global, ast.Nonlocal)  # they define nothing


def statements_of(
    source: str, cell: str, *, student: bool = True, most: int = DEFAULTS.statements
) -> tuple[list[Statement], str]:
    r"""The statements of a cell, and what is wrong with it.

    Magics are dropped; where the cell does not parse, the statements before the mistake
    are kept. An import of several modules becomes several: one may be missing. After
    `most` statements it is enough.

    Example:
        >>> found, _ = statements_of("%time\nimport math, os\nx = 1\ndel x", "c")
        >>> [(s.source, s.line, s.kind) for s in found]
        [('import math', 2, 'import'), ('import os', 2, 'import'),
         ('x = 1', 3, 'assignment'), ('del x', 4, 'statement')]
    """
    tree, problem = _parse(source)
    if problem and (plain := _without_magics(source)) != source:
        tree, problem = _parse(source := plain)
    if problem:
        tree = _before(source, tree)
    lines = source.encode().split(b"\n")
    found: list[Statement] = []
    for node in tree.body:
        if len(found) >= most:
            break
        if student and isinstance(node, NEVER):
            continue
        kind = KINDS.get(type(node), "statement")
        line, text = _segment(node, lines)
        parts = [text]
        if isinstance(node, ast.Import) and len(node.names) > 1:
            parts = [_import(alias) for alias in node.names]
        for part in parts:
            names = tuple(sorted(effect(part).binds - {EVERYTHING}))
            found.append(Statement(part, cell, line, kind, names, student))
    return found, problem


@cache
def stubs(source: str) -> dict[str, ast.stmt]:
    """The functions and classes of an exercise's cell, as it was released."""
    kinds = ast.FunctionDef | ast.ClassDef
    return {n.name: n for n in ast.parse(source).body if isinstance(n, kinds)}


def is_left(source: str, stub: ast.stmt) -> bool:
    r"""Whether a statement is a stub as it was released, but for space and comments.

    Example:
        >>> stub = stubs("def f(x):\n    raise NotImplementedError")["f"]
        >>> is_left("def f( x ): raise NotImplementedError  # TODO", stub)
        True
        >>> is_left("def f(x): return x", stub)
        False
    """
    try:
        return _alike(ast.parse(source).body[0], stub)
    except (RecursionError, MemoryError):
        return False  # nested deeper than anything of ours


def _alike(one: object, other: object) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, ast.AST):
        return all(_alike(getattr(one, f), getattr(other, f)) for f in one._fields)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return one == other


@cache
def released(source: str, cell: str) -> tuple[Statement, ...]:
    """The statements of a cell of the release; many submissions share it."""
    return tuple(statements_of(source, cell, student=False)[0])


def _import(alias: ast.alias) -> str:
    return f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")


def _parse(source: str) -> tuple[ast.Module, str]:
    """The tree, or one up to where parsing stopped is sought by `_before`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source), ""
    except SyntaxError as error:
        stop = ast.Pass(lineno=error.lineno or 1, col_offset=0)
        problem = f"has a syntax error in line {stop.lineno}: {error.msg}."
        return ast.Module([stop], []), problem
    except (ValueError, RecursionError, MemoryError) as error:
        return ast.Module([], []), f"cannot be read: {error}."


def _before(source: str, failed: ast.Module) -> ast.Module:
    """The statements before a syntax error: the longest of the last few beginnings."""
    if failed.body:
        lines = source.split("\n")[: failed.body[0].lineno]
        starts = [i for i, line in enumerate(lines) if line[:1].strip()]
        tries = min(20, 1 + AGAIN // (len(source) + 1))
        for start in starts[: -tries - 1 : -1]:
            tree, problem = _parse("\n".join(lines[:start]))
            if not problem:
                return tree
    return ast.Module([], [])


def _without_magics(source: str) -> str:
    """The source with `pass` for each line that is IPython's, not Python's."""
    first = source.lstrip().split("\n", 1)[0]
    if first.startswith("%%") and not PYTHON_MAGIC.match(first):
        return ""
    lines = source.split("\n")
    return "\n".join(
        line[: len(line) - len(line.lstrip())] + "pass" if MAGIC.match(line) else line
        for line in lines
    )


def _segment(node: ast.stmt, lines: Sequence[bytes]) -> tuple[int, str]:
    """First line and text of a statement, decorators included; columns are bytes."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    last = node.end_lineno or node.lineno
    start = node.col_offset if first == node.lineno else 0
    if first == last:
        return first, lines[first - 1][start : node.end_col_offset].decode()
    text = [*lines[first - 1 : last]]
    text[-1] = text[-1][: node.end_col_offset]
    text[0] = text[0][start:]
    return first, b"\n".join(text).decode()
