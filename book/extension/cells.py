"""Show each exercise cell of a chapter as its stub, and run the reference unseen.

A chapter imports the reference where the student will write (see CONTRIBUTING.md):
cells tagged `exercise` become the stub, cells tagged `given` get their source below.
"""

import ast
import hashlib
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx

from book.extension.editions import folds
from solutions.exercise import imported_names, inline, source_of, stub

CELL = re.compile(r"^```\{code-cell\}.*\n((?:.*\n)*?)^```$", re.MULTILINE)

RUN_UNSEEN = """\
```{{code-cell}} ipython3
:tags: [remove-cell]

{code}
```
"""

EXERCISE = """\
~~~~{{div}} exercise-stub
Your part: {names}

```{{code-block}} python
{stub}
```
~~~~

"""

GIVEN = """

~~~~{{dropdown}} The code of {names}, as in your notebook
```{{code-block}} python
{source}
```
~~~~
"""


def setup(app: Sphinx) -> None:
    app.connect("source-read", show_stubs)


def show_stubs(app: Sphinx, docname: str, source: list[str]) -> None:
    """Rewrite the cells of a page before MyST-NB reads and runs it."""
    if CELL.search(source[0]):
        chapter, edition = Path(docname).name, app.config.edition
        source[0] = rewrite(source[0], library_hash(), chapter, edition)
        for path in library():
            app.env.note_dependency(str(path))


def rewrite(text: str, version: str, chapter: str = "", edition: str = "public") -> str:
    """A chapter as its page shows it; `version` makes the execution cache notice.

    What runs is the same in all editions.
    """
    known = {name for cell in CELL.findall(text) for name in defined(split(cell)[1])}

    def show(cell: re.Match[str]) -> str:
        tags, code = split(cell[1])
        names = imported_names(code) if {"exercise", "given"} & set(tags) else []
        shown = ", ".join(f"`{name}`" for _, name in names)
        if "exercise" in tags:
            stubs = "\n\n\n".join(stub(source_of(*name)) for name in names)
            block = EXERCISE.format(names=shown, stub=stubs)
            block += folds(edition, chapter, grade_id(cell[1]), names)
            return block + RUN_UNSEEN.format(code=code)
        if "given" in tags:
            others = known - {name for _, name in names}
            return cell[0] + GIVEN.format(names=shown, source=inline(names, others))
        return cell[0]

    head = RUN_UNSEEN.format(code=f"# solutions {version}")
    first = CELL.search(text)
    cut = first.start() if first else len(text)
    return text[:cut] + head + "\n" + CELL.sub(show, text[cut:])


def split(cell: str) -> tuple[list[str], str]:
    """The tags and the code of a cell."""
    options, code = parse(cell)
    return options.get("tags", []), code


def grade_id(cell: str) -> str:
    """The name that nbgrader has for a cell, or none."""
    return parse(cell)[0].get("nbgrader", {}).get("grade_id", "")


def parse(cell: str) -> tuple[dict[str, Any], str]:
    """The options and the code of a cell; options are YAML or lines `:key: value`."""
    if cell.startswith("---\n"):
        options, _, code = cell.removeprefix("---\n").partition("\n---\n")
    else:
        found = re.match(r"(?::.*\n)*", cell)
        options = re.sub("^:", "", found[0], flags=re.MULTILINE)
        code = cell[found.end() :]
    return yaml.safe_load(options) or {}, code.strip("\n")


def defined(code: str) -> set[str]:
    """The names that the imports of a cell bind."""
    return {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def library() -> list[Path]:
    """The files of `solutions` that a chapter can run."""
    folder = Path(find_spec("solutions").origin).parent
    files = sorted(folder.rglob("*.py"))
    return [path for path in files if "tests" not in path.relative_to(folder).parts]


def library_hash() -> str:
    sources = b"\0".join(path.read_bytes() for path in library())
    return hashlib.sha256(sources).hexdigest()[:16]
