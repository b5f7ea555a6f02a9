"""Nothing of an answer, a hidden check or a known mistake is in the public book."""

import html
import re
import shutil
import tokenize
from collections.abc import Iterator
from functools import cache
from io import StringIO
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

import pytest
from bs4 import BeautifulSoup

from book.extension.cells import CELL, split
from solutions.exercise import BEGIN, END, answer, imported_names, source_of

ROOT = Path(__file__).parents[2]
TEXTS = {".html", ".js", ".json", ".txt", ".md", ".ipynb", ".py", ".xml"}
HIDDEN = [
    *(ROOT / "autograde" / "checks").glob("check_*.py"),
    *(ROOT / "autograde" / "mistakes").glob("mistakes_*.py"),
]
TRACEBACK = re.compile(r"solutions/[\w/]+\.py(:\d+|\W+line \d+)")


def exercises() -> list[tuple[str, str]]:
    """The (module, name) pairs of every exercise of every chapter."""
    cells = [
        split(cell)
        for chapter in sorted((ROOT / "book" / "chapters").glob("*.md"))
        for cell in CELL.findall(chapter.read_text(encoding="utf-8"))
    ]
    found = [imported_names(code) for tags, code in cells if "exercise" in tags]
    return [pair for names in found for pair in names]


def squeeze(text: str) -> str:
    """A text without its spaces."""
    return re.sub(r"\s", "", text)


def without_comments(text: str) -> str:
    return re.sub(r"#.*", "", text)


def statements(source: str) -> list[str]:
    """The logical lines of a source, squeezed."""
    lines: list[str] = []
    start = 1
    for token in tokenize.generate_tokens(StringIO(source).readline):
        if token.type == tokenize.NEWLINE:
            rows = source.splitlines()[start - 1 : token.start[0]]
            lines.append(squeeze(without_comments("\n".join(rows))))
            start = token.start[0] + 1
    return lines


def parts(source: str) -> list[str]:
    """What stands between the markers of an answer."""
    return re.findall(f"{BEGIN}\n(.*?){END}", answer(source), re.DOTALL)


@cache
def secrets() -> dict[str, set[str]]:
    """What must not show, by where it comes from, squeezed.

    Of an answer and of a hidden check that is two statements in a row. A known mistake
    may stand in the text line by line ("what goes wrong"), but not as a function.
    """
    found = {}
    for module, name in exercises():
        sections = [dedent(part) for part in parts(source_of(module, name))]
        found[f"{module}.{name}"] = {
            "".join(pair) for part in sections for pair in pairwise(statements(part))
        }
    for path in (ROOT / "autograde" / "checks").glob("check_*.py"):
        lines = statements(path.read_text(encoding="utf-8"))
        found[path.name] = {"".join(pair) for pair in pairwise(lines)}
    for path in (ROOT / "autograde" / "mistakes").glob("mistakes_*.py"):
        functions = path.read_text(encoding="utf-8").split("\n\n\n")
        found[path.name] = {
            "".join(statements(code)) for code in functions if "def " in code
        }
    return found


def readings(path: Path) -> Iterator[str]:
    """A file as its reader may see it: text without tags, JSON without escapes."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        yield BeautifulSoup(text, "html.parser").get_text()
    yield html.unescape(text).replace("\\n", "\n").replace('\\"', '"')


def leaks(folder: Path) -> list[str]:
    """Where a secret or a traceback through the library shows in a folder of pages."""
    found = []
    known = secrets()
    own = [p for p in sorted(folder.rglob("*")) if p.suffix in TEXTS and p.is_file()]
    for path in own:
        for text in readings(path):
            pages = squeeze(text), squeeze(without_comments(text))
            found += [
                f"{path.name}: {origin}"
                for origin, codes in known.items()
                if any(code in page for code in codes for page in pages)
            ]
            if TRACEBACK.search(text):
                found.append(f"{path.name}: a traceback")
    return found


def test_does_the_public_book_keep_its_secrets(book):
    assert leaks(book) == []


@pytest.mark.parametrize(("module", "name"), exercises())
def test_is_each_answer_known(module, name):
    """An answer of a single statement has no two in a row, and must be a return."""
    sections = parts(source_of(module, name))
    assert secrets()[f"{module}.{name}"] or [s.strip()[:6] for s in sections] == [
        "return"
    ]


def test_are_checks_and_mistakes_known():
    assert all(len(secrets()[path.name]) > 3 for path in HIDDEN)


PLANTED = {
    "an answer": "\n".join(
        parts(source_of("solutions.linear", "linear_backward"))[0].splitlines()[:2]
    ),
    "an answer with other spaces and comments": (
        "x,weight,has_bias = cache  # unpack\n\n# then\n grad_x = grad_y@weight"
    ),
    "a commented answer": "# x, weight, has_bias = cache grad_x = grad_y @ weight",
    "a traceback": 'File "/home/me/solutions/linear.py", line 52, in linear_forward',
    "a traceback of IPython": "File ~/course/solutions/linear.py:52, in linear_forward",
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
@pytest.mark.parametrize("kind", ["html", "highlighted", "json"])
def test_is_a_planted_leak_found(book, tmp_path, planted, kind):
    page = book / "book" / "chapters" / "02_linear.html"
    copy = Path(shutil.copy(page, tmp_path))
    assert leaks(tmp_path) == []
    if kind == "json":
        (tmp_path / "index.js").write_text(repr(planted).replace("'", '"'))
    else:
        tokens = re.findall(r"\w+|\s+|.", planted)
        tag = '<span class="n">{}</span>' if kind == "highlighted" else "{}"
        shown = "".join(tag.format(html.escape(token)) for token in tokens)
        text = copy.read_text(encoding="utf-8")
        copy.write_text(text.replace("</article>", f"<pre>{shown}</pre></article>"))
    assert leaks(tmp_path) != []


@pytest.mark.parametrize("path", HIDDEN, ids=lambda path: path.name)
def test_is_a_planted_check_or_mistake_found(tmp_path, path):
    (tmp_path / "page.html").write_text(f"<pre>{html.escape(path.read_text())}</pre>")
    assert leaks(tmp_path) != []
