"""Hostile and broken submissions: what each tries, and what must come out.

`python -m autograde.tests.attacks` grades them all and prints the table, beside what
stock nbgrader does with them.
"""

from collections.abc import Iterator
from importlib import import_module

from autograde.tests.attacks.attack import Attack

THEMES = ("answers", "values", "inside", "resources", "reading", "notebooks")
THEMES += ("folders", "markup")


def every() -> Iterator[Attack]:
    """All attacks, by theme."""
    for theme in THEMES:
        yield from import_module(f"autograde.tests.attacks.{theme}").ATTACKS
