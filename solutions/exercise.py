"""From the source of a reference to what a student gets: stub, answer, given code.

The book shows stubs and the release makes notebooks; both ask here, so that
a student's cell and its page never differ. Only the standard library is used.
"""

import ast
import builtins
import importlib.util
import symtable
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")

Definition = ast.FunctionDef | ast.ClassDef


def imported_names(cell: str, package: str = "solutions") -> list[tuple[str, str]]:
    r"""The (module, name) pairs that a cell imports from `package`, in order.

    Example:
        >>> imported_names("import math\nfrom solutions.linear import Linear")
        [('solutions.linear', 'Linear')]
    """
    return [
        (statement.module or "", alias.name)
        for statement in solutions_imports(cell, package)
        for alias in statement.names
    ]


def solutions_imports(cell: str, package: str = "solutions") -> list[ast.ImportFrom]:
    """The statements of a cell that import from `package`.

    Raises:
        ValueError: an import has another form than `from package.module import name`.
    """
    found = []
    for node in ast.walk(ast.parse(cell)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        else:
            continue
        if not any(module.split(".")[0] == package for module in modules):
            continue
        if (
            isinstance(node, ast.Import)
            or modules == [package]
            or any(alias.asname or alias.name == "*" for alias in node.names)
        ):
            came = ast.unparse(node)
            raise ValueError(f"write `from {package}.module import name`, not: {came}")
        found.append(node)
    return found


def source_of(module: str, name: str) -> str:
    """The source of one definition in a module of `solutions`, decorators included.

    Raises:
        LookupError: the module does not define that name.

    Example:
        >>> source_of("solutions.linear", "linear_backward").splitlines()[0]
        'def linear_backward('
    """
    try:
        return _scope(module)[0][name]
    except KeyError:
        raise LookupError(f"{module} defines no {name}") from None


def answer(source: str) -> str:
    r"""Mark the student's part of a definition with nbgrader's markers.

    The student's part is the whole body after the docstring, in a class that of each
    method; a source that has markers already is left as it is.

    Raises:
        ValueError: a body stands on the line of its `def`.

    Example:
        >>> print(answer('def f(x):\n    "Double x."\n    return 2 * x'))
        def f(x):
            "Double x."
            ### BEGIN SOLUTION
            return 2 * x
            ### END SOLUTION
    """
    if BEGIN in source:
        return source
    lines = source.splitlines()
    for function in reversed(list(_functions(ast.parse(source).body[0]))):
        first, last = _body_lines(function, lines)
        if first > last:
            continue
        indent = " " * (function.col_offset + 4)
        lines[first - 1 : last] = [
            indent + BEGIN,
            *lines[first - 1 : last],
            indent + END,
        ]
    return "\n".join(lines)


def stub(source: str) -> str:
    r"""What the student gets: the answer with each marked part replaced.

    Example:
        >>> print(stub('def f(x):\n    "Double x."\n    return 2 * x'))
        def f(x):
            "Double x."
            # YOUR CODE HERE
            raise NotImplementedError()
    """
    lines: list[str] = []
    inside = False
    for line in answer(source).splitlines():
        if BEGIN in line:
            indent = line[: len(line) - len(line.lstrip())]
            lines += [indent + text for text in STUB]
            inside = True
        elif END in line:
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines)


def free_names(source: str) -> set[str]:
    """The names that a source reads and neither defines nor finds among the built-ins.

    Example:
        >>> sorted(free_names("def f(x: np.ndarray): return g(x) + len(x)"))
        ['g', 'np']
    """
    top = symtable.symtable(source, "<cell>", "exec")
    defined = {
        s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()
    }
    read = {
        symbol.get_name()
        for table in _tables(top)
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (table is top or symbol.is_global())
    }
    return read - defined - set(dir(builtins))


def inline(names: Iterable[tuple[str, str]], known: Collection[str] = ()) -> str:
    """The source of the named definitions, each after what it needs of their package.

    Args:
        names: (module, name) pairs.
        known: names that the notebook defines elsewhere; they are left out.

    Example:
        >>> print(inline([("solutions.shape", "Identity")], known=["np", "Layer"])[:48])
        from typing import Any
        <BLANKLINE>
        <BLANKLINE>
        class Identity(Layer):
    """
    imports: list[str] = []
    sources: dict[str, str] = {}

    def add(module: str, name: str) -> None:
        if name in sources or name in known:
            return
        definitions, imported = _scope(module)
        if name in definitions:
            for needed in sorted(free_names(definitions[name])):
                add(module, needed)
            sources[name] = definitions[name]
        elif name in imported:
            origin, statement = imported[name]
            if origin.split(".")[0] == module.split(".")[0]:
                add(origin, name)
            elif statement not in imports:
                imports.append(statement)
        else:
            raise LookupError(f"{module} neither defines nor imports {name}")

    for module, name in names:
        add(module, name)
    head = ["\n".join(_merged(imports))] if imports else []
    return "\n\n\n".join([*head, *sources.values()])


def _merged(imports: Iterable[str]) -> Iterator[str]:
    """Import statements in order, those from the same module as one."""
    groups: dict[str, list[str]] = {}
    for statement in sorted(imports, key=lambda s: (s.startswith("from"), s)):
        start, _, name = statement.rpartition("import ")
        groups.setdefault(start or statement, []).append(name)
    for start, names in groups.items():
        yield f"{start}import {', '.join(names)}" if start[-1:] == " " else start


@cache
def _scope(module: str) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """A module's definitions (name: source) and imports (name: origin, statement)."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise LookupError(f"there is no module {module}")
    text = Path(spec.origin).read_text(encoding="utf-8")
    lines = text.splitlines()
    definitions: dict[str, str] = {}
    imported: dict[str, tuple[str, str]] = {}
    for node in ast.parse(text).body:
        if isinstance(node, Definition):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            _, last = _body_lines(node, lines)
            definitions[node.name] = "\n".join(lines[first - 1 : last])
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            source = ast.get_source_segment(text, node) or ""
            definitions |= {t.id: source for t in targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for a in node.names:
                as_name = f"{a.name} as {a.asname}" if a.asname else a.name
                if isinstance(node, ast.Import):
                    origin, statement = a.name, f"import {as_name}"
                else:
                    origin = node.module or ""
                    statement = f"from {origin} import {as_name}"
                imported[a.asname or a.name] = (origin, statement)
    return definitions, imported


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _functions(node: ast.stmt) -> Iterator[ast.FunctionDef]:
    """The function itself, or the methods of a class."""
    if isinstance(node, ast.FunctionDef):
        yield node
    elif isinstance(node, ast.ClassDef):
        for inner in node.body:
            yield from _functions(inner)


def _body_lines(node: Definition, lines: list[str]) -> tuple[int, int]:
    """First and last line (from 1) of a body after its docstring, with comments."""
    statements = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if node.body[0].lineno == node.lineno:
        raise ValueError(f"{node.name}: the body must stand on lines of its own")
    last = node.end_lineno or node.lineno
    indent = " " * (node.col_offset + 4)
    following = last
    while following < len(lines) and lines[following].strip()[:1] in ("", "#"):
        following += 1
        if lines[following - 1].startswith(indent + "#"):
            last = following  # a comment that ends the body belongs to it
    if not statements:
        return last + 1, last
    first = min(
        [
            statements[0].lineno,
            *(d.lineno for d in getattr(statements[0], "decorator_list", [])),
        ]
    )
    while lines[first - 2].strip().startswith("#"):
        first -= 1
    return first, last
