"""Imports run one way: book -> solutions -> NumPy; the sandbox holds NumPy only."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STANDARD = set(sys.stdlib_module_names)

# What each part may import beside the standard library.
ALLOWED = {
    "solutions": {"numpy", "solutions"},
    "book/extension": {
        "book.extension",
        "docutils",
        "jupyter_cache",
        "jupyter_client",
        "numpy",
        "sphinx",
        "sphinx_exercise",
        "solutions",
        "yaml",
    },
    "autograde/checks": {"numpy", "torch", "pytest", "autograde"},
    "autograde/mistakes": {"numpy", "autograde", "solutions"},
    "autograde/wire.py": {"numpy"},
    "autograde/worker.py": {"numpy", "autograde.wire", "wire"},
    "autograde/forker.py": {"numpy", "autograde.worker"},
}


def imports(path: Path) -> set[str]:
    """The modules that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def strangers(part: str, modules: set[str]) -> set[str]:
    def allowed(module: str) -> bool:
        names = module.split(".")
        above = {".".join(names[: n + 1]) for n in range(len(names))}
        return names[0] in STANDARD or bool(above & ALLOWED[part])

    return {module for module in modules if not allowed(module)}


def files(part: str) -> list[Path]:
    path = ROOT / part
    found = [path] if path.is_file() else sorted(path.rglob("*.py"))
    return [f for f in found if "tests" not in f.parts and f.name != "conftest.py"]


@pytest.mark.parametrize("part", ALLOWED)
def test_a_part_imports_only_what_it_may(part: str):
    assert files(part), f"{part} is not there: correct the table"
    for path in files(part):
        assert not strangers(part, imports(path)), path.relative_to(ROOT)


def test_checks_never_ask_the_reference():
    for path in files("autograde/checks"):
        modules = ("compare", "graphs", "problem", "student", "wire")
        allowed = {f"autograde.{module}" for module in modules}
        ours = {m for m in imports(path) if m.split(".")[0] == "autograde"}
        assert ours <= allowed, path.name


def test_a_stranger_is_noticed():
    assert strangers("solutions", {"math", "numpy", "torch.nn"}) == {"torch.nn"}
    assert strangers("autograde/worker.py", {"autograde.grade"}) == {"autograde.grade"}
