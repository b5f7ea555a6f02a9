"""Three editions: what stands folded under a stub in each, and nothing more."""

import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx.errors import ConfigError

from book.__main__ import folder
from book.extension import editions
from book.tests.test_leaks import HIDDEN, exercises, leaks, squeeze
from solutions.exercise import source_of

ROOT = Path(__file__).parents[2]
ANSWERS = {f"{module}.{name}" for module, name in exercises()}


@pytest.fixture(scope="module")
def edition(book, request) -> tuple[str, str]:
    """The name of an edition, built after the public one, and what the build said."""
    done = subprocess.run(
        [sys.executable, "-m", "book", request.param],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-4000:]
    return request.param, said


def shown(name: str) -> dict[str, list[str]]:
    """The folded code of an edition, squeezed, by the title of its fold."""
    found: dict[str, list[str]] = {}
    for path in sorted((folder(name) / "book" / "chapters").glob("*.html")):
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for fold in soup.select("details"):
            title = fold.summary.get_text().strip().split(":")[0]
            code = [squeeze(pre.get_text()) for pre in fold.select("pre")]
            found.setdefault(title, []).extend(code)
    return found


def origins(name: str) -> set[str]:
    """Whose secrets an edition shows."""
    return {line.split(": ", 1)[1] for line in leaks(folder(name))}


@pytest.mark.parametrize("edition", ["open", "instructor"], indirect=True)
def test_has_an_edition_every_answer_and_no_more_than_it_should(edition):
    """And it has run nothing again: all editions share one execution cache."""
    name, said = edition
    hidden = {path.name for path in HIDDEN} if name == "instructor" else set()
    assert origins(name) - hidden <= ANSWERS
    assert hidden <= origins(name)
    text = "".join(shown(name)["The answer"])
    assert [n for m, n in exercises() if not holds(text, source_of(m, n))] == []
    assert "Executing notebook" not in said
    page = (folder(name) / "book" / "index.html").read_text(encoding="utf-8")
    assert f"{name} edition</title>" in page


def holds(text: str, source: str) -> bool:
    """Whether a squeezed text has a source, but for the markers of its part."""
    lines = [line for line in source.splitlines() if "### " not in line]
    return squeeze("\n".join(lines)) in text


@pytest.mark.parametrize("edition", ["instructor"], indirect=True)
def test_has_the_instructors_edition_every_check_and_mistake(edition):
    code = "".join(text for texts in shown(edition[0]).values() for text in texts)
    for path in HIDDEN:
        known = editions.definitions(path.read_text(encoding="utf-8"))
        decorated = [code for code in known.values() if code.startswith("@")]
        assert [c for c in decorated if squeeze(c) not in code] == []


def test_has_the_public_edition_no_fold_of_its_own(book):
    titles = {"The answer", "Hidden checks", "Known mistakes", "Right answers"}
    assert titles & set(shown("public")) == set()


def test_does_an_unknown_edition_stop_the_build():
    class Config:
        edition = "secret"

    with pytest.raises(ConfigError, match="one of public, open, instructor, not"):
        editions.name_edition(None, Config())
