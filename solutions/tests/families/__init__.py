"""The classes to compare with torch, one file a family; `MODULES` is found in each."""

from importlib import import_module
from pathlib import Path

from solutions.tests.modules import Module

MODULES: list[Module] = [
    module
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py"))
    for module in import_module(f"{__name__}.{path.stem}").MODULES
]
