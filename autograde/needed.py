"""Which statements of a notebook its answers need: found in the text, generously.

A statement is needed if it may bind or change what an answer reads, itself or through
the functions that it calls. A training loop or a plot does neither.
"""

import ast
import symtable
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from autograde.session import Statement

EVERYTHING = "*"  # what a wildcard import binds
Names = frozenset[str]
Node = str | int | tuple[str, str]  # a name, a statement's place, a call of a function


@dataclass(frozen=True)
class Effect:
    """What a statement has to do with the notebook's names."""

    reads: Names = frozenset()
    """Looked up when it runs, or when a function that it defines does."""
    binds: Names = frozenset()
    changes: Names = frozenset()
    """What it may change in place; a function, when it is called."""
    configures: bool = False
    """A call for its effect on something: `np.seterr(all="raise")`."""
    function: bool = False
    """A definition of a function."""


def needed(program: Sequence[Statement], asked: Collection[str]) -> list[Statement]:
    """The statements that run, each with whether an answer may need it.

    Imports, definitions and assignments always run, as the text may mislead. Any other
    statement of a student's runs if it is needed, or is a call such as `np.seterr()`.

    Args:
        program: the statements, in order.
        asked: the names of the answers.
    """
    effects = [effect(statement.source) for statement in program]
    found = _reached(program, effects, asked)
    return [
        replace(s, needed=not s.student or i in found)
        for i, (s, e) in enumerate(zip(program, effects, strict=True))
        if not s.student or s.kind != "statement" or e.configures or i in found
    ]


def _reached(
    program: Sequence[Statement], effects: Sequence[Effect], asked: Collection[str]
) -> set[Node]:
    """What the answers lead to, statements by their place in the program.

    A name leads to the statements that bind or change it, and to the calls of functions
    that change it; a call, to the statements and functions that make it; a statement,
    to the names that it reads. Each is followed once, so the time is linear.
    """
    pairs = list(zip(program, effects, strict=True))
    constant = {  # calling these, or passing them on, does not change them
        name for s, e in pairs if s.kind == "import" or e.function for name in e.binds
    }
    functions = {  # calling an answer is no reason to run something: experiments do
        name: e
        for s, e in pairs
        if s.student and s.kind == "definition"
        for name in e.binds - set(asked)
    }
    leads: defaultdict[Node, list[Node]] = defaultdict(list)
    for place, e in enumerate(effects):
        leads[place] += e.reads
        for name in e.binds | (e.changes - constant):
            leads[name].append(place)
        for name in e.reads & functions.keys():
            leads["call", name].append(place)
    for function, e in functions.items():
        for name in e.changes - constant:
            leads[name].append(("call", function))
        for name in e.reads & functions.keys():
            leads["call", name].append(("call", function))
    found: set[Node] = set()
    waiting: list[Node] = [*asked, EVERYTHING]
    while waiting:
        if (node := waiting.pop()) not in found:
            found.add(node)
            waiting += leads[node]
    return found


@lru_cache(maxsize=4096)
def effect(source: str) -> Effect:
    """What a statement reads, binds and changes, as far as its text shows.

    Example:
        >>> found = effect("for i in range(9): table.append(i ** power)")
        >>> sorted(found.binds), sorted(found.reads - {"range", "i"})
        (['i'], ['power', 'table'])
        >>> sorted(found.changes & found.reads)
        ['table']
    """
    try:
        top, tree = symtable.symtable(source, "cell", "exec"), ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Effect()
    reads, binds, changes = set(), set(), set()
    for table in _tables(top):
        for symbol in table.get_symbols():
            name = symbol.get_name()
            if table is top and (symbol.is_assigned() or symbol.is_imported()):
                binds.add(name)
            elif table is not top and symbol.is_global() and symbol.is_assigned():
                changes.add(name)
            if symbol.is_global() or (table is top and symbol.is_referenced()):
                reads.add(name)
    for node in ast.walk(tree):
        changes |= set(_changed(node)) & reads
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            binds.add(EVERYTHING)
    return Effect(
        frozenset(reads),
        frozenset(binds),
        frozenset(changes),
        configures=_configures(tree),
        function=isinstance(tree.body[0], ast.FunctionDef | ast.AsyncFunctionDef),
    )


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    waiting = [table]
    while waiting:
        yield (table := waiting.pop())
        waiting += table.get_children()


def _changed(node: ast.AST) -> Iterator[str]:
    """The names whose objects this node may change in place."""
    match node:
        case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
            yield _root(node)
        case ast.Call(func=func, args=args, keywords=keywords):
            if isinstance(func, ast.Attribute):
                yield _root(func)
            for argument in (*args, *(keyword.value for keyword in keywords)):
                yield _root(argument)


def _root(node: ast.AST) -> str:
    """`table` of `table.rows[0].append`; "" where no name stands first."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _configures(tree: ast.Module) -> bool:
    match tree.body:
        case [ast.Expr(value=ast.Call(func=ast.Attribute() as function))]:
            return bool(_root(function))
    return False
