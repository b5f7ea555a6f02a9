"""What an edition of the book folds under the stub of an exercise.

public: nothing. open: the answer, for a course without marks. instructor: the answer,
the hidden checks and the known mistakes. Checks and mistakes are read, not imported.
"""

import ast
import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

from solutions.exercise import BEGIN, END, source_of

EDITIONS = ("public", "open", "instructor")
AUTOGRADE = Path(__file__).parents[2] / "autograde"

# What the instructor's edition adds: title, files of the chapter, mark of an exercise.
INSTRUCTOR = (
    ("Hidden checks", "checks/check_{chapter}.py", r'points\(\s*"check_{grade_id}"'),
    ("Known mistakes", "mistakes/mistakes_{number}_*.py", r'mistake\(\s*"{grade_id}"'),
    ("Right answers", "mistakes/mistakes_{number}_*.py", r'right\(\s*"{grade_id}"'),
)

FOLD = """
~~~~{{dropdown}} {title}: `{grade_id}`
```{{code-block}} python
{code}
```
~~~~
"""


def setup(app: Sphinx) -> None:
    app.add_config_value("edition", "public", "env", types=[str])
    app.connect("config-inited", name_edition)


def name_edition(app: Sphinx, config: Config) -> None:
    """Say in the title of each page which edition it is, but for the public one."""
    if config.edition not in EDITIONS:
        known = ", ".join(EDITIONS)
        raise ConfigError(f"an edition is one of {known}, not {config.edition!r}")
    if config.edition != "public":
        config.html_title = f"{config.html_title}, {config.edition} edition"


def folds(
    edition: str, chapter: str, grade_id: str, names: list[tuple[str, str]]
) -> str:
    """What stands folded under one exercise, in Markdown."""
    found = [("The answer", answer(names))] if edition != "public" else []
    if edition == "instructor":
        about = {"chapter": chapter, "number": chapter[:2], "grade_id": grade_id}
        for title, files, mark in INSTRUCTOR:
            found.append((title, listing(files.format(**about), mark.format(**about))))
    return "".join(
        FOLD.format(title=title, grade_id=grade_id, code=code)
        for title, code in found
        if code
    )


def answer(names: list[tuple[str, str]]) -> str:
    """The references, without the markers of the student's part."""
    lines = "\n\n\n".join(source_of(*name) for name in names).splitlines()
    return "\n".join(line for line in lines if BEGIN not in line and END not in line)


def listing(files: str, mark: str) -> str:
    """What carries the mark in a decorator, and what of its file it mentions."""
    found: list[str] = []
    for path in sorted(AUTOGRADE.glob(files)):
        known = definitions(path.read_text(encoding="utf-8"))
        marked = [name for name, code in known.items() if re.search("@.*" + mark, code)]
        wanted = mentioned(marked, known)
        found += [code for name, code in known.items() if name in wanted]
    return "\n\n\n".join(found)


def definitions(text: str) -> dict[str, str]:
    """The functions, classes and constants of a file, by name."""
    lines = text.splitlines()
    found = {}
    for node in ast.parse(text).body:
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(d.lineno for d in decorators)])
        source = "\n".join(lines[first - 1 : node.end_lineno])
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = source
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = source
    return found


def mentioned(names: list[str], known: dict[str, str]) -> set[str]:
    """These names, and all that their definitions mention, directly or not."""
    wanted: set[str] = set()
    new = set(names)
    while new:
        wanted |= new
        words = {word for name in new for word in re.findall(r"\w+", known[name])}
        new = words & set(known) - wanted
    return wanted
