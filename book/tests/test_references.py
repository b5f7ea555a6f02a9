"""The works that the book cites: each is complete, and cited by a page."""

import re
from pathlib import Path
from unicodedata import normalize

import pytest
from pybtex.database import Entry, parse_file

from book.tests.test_pages import soup

ROOT = Path(__file__).parents[2]
WORKS = parse_file(str(ROOT / "book" / "references.bib")).entries
VENUE = {
    "article": {"journal"},
    "inproceedings": {"booktitle"},
    "book": {"publisher"},
    "misc": {"howpublished", "eprint", "note"},
}


def faults(key: str, work: Entry) -> list[str]:
    """What is wrong with an entry, in words."""
    fields, authors = work.fields, work.persons.get("author", [])
    first = "".join(authors[0].prelast_names + authors[0].last_names) if authors else ""
    plain = normalize("NFKD", first).encode("ascii", "ignore").decode()
    name = re.sub("[^a-z]", "", re.sub(r"\\[a-z]+", "", plain.lower()))
    rules = {
        "no author": authors,
        "no title": "title" in fields,
        "no year": re.fullmatch(r"\d{4}", fields.get("year", "")),
        "no venue": VENUE.get(work.type, {"note"}) & set(fields),
        "key not author and year": key.startswith(name + fields.get("year", "?")),
        "an odd doi": re.fullmatch(r"10\.\d{4,}/\S+", fields.get("doi", "10.1234/x")),
        "pages with one dash": "-" not in fields.get("pages", "").replace("--", ""),
        "a link that is not encrypted": not fields.get("url", "").startswith("http:"),
    }
    return [fault for fault, kept in rules.items() if not kept]


@pytest.mark.parametrize("key", WORKS)
def test_is_a_work_complete(key):
    assert faults(key, WORKS[key]) == []


def test_is_no_work_there_twice():
    titles = [work.fields["title"].lower() for work in WORKS.values()]
    dois = [w.fields["doi"].lower() for w in WORKS.values() if "doi" in w.fields]
    assert len(set(titles)) == len(titles)
    assert len(set(dois)) == len(dois)


def test_is_every_work_cited():
    pages = "".join(p.read_text("utf-8") for p in (ROOT / "book").rglob("*.md"))
    cited = re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", pages)
    assert set(WORKS) == {key.strip() for keys in cited for key in keys.split(",")}


def test_are_faults_found():
    work = Entry("article", fields={"year": "20", "pages": "1-2", "doi": "doi:10.1/x"})
    assert len(faults("nobody1999", work)) == 7


def test_lists_the_bibliography_every_work(book):
    page = soup(book / "book" / "bibliography.html")
    assert len(page.select("article li p")) == len(WORKS)
