"""Which of our files grading reads: those that a file imports, and what they import."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def imported(files: Iterable[Path], root: Path = ROOT) -> list[Path]:
    """These files and all of ours that they import when they are loaded, sorted.

    An import inside a function does not count: name its file among `files`.

    Example:
        >>> [path.name for path in imported([ROOT / "autograde" / "limits.py"])]
        ['limits.py']
    """
    found: set[Path] = set()
    waiting = list(files)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += filter(None, (_file(name, root) for name in _names(path)))
    return sorted(found)


def _names(path: Path) -> Iterator[str]:
    """What a file's own statements import, as `package.module`."""
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _file(name: str, root: Path) -> Path | None:
    """The file of a module of ours; None for another's, or for no module."""
    path = root.joinpath(*name.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None
