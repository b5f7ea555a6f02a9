"""Cited works as text: author and year in a sentence, a list at a chapter's end."""

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from pybtex.backends.markdown import Backend
from pybtex.database import BibliographyData, Entry, Person, parse_string
from pybtex.style.formatting.plain import Style


class References:
    """The works of a BibTeX file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def works(self) -> BibliographyData:
        return parse_string(self.path.read_text(encoding="utf-8"), "bibtex")

    def authors_year(self, key: str) -> tuple[str, str]:
        """The parts of a citation: ("Glorot and Bengio", "2010").

        Raises:
            LookupError: no work has that key.
        """
        if key not in self.works.entries:
            raise LookupError(f"{self.path.name} has no work {key!r}")
        work = self.works.entries[key]
        return _authors(work), work.fields.get("year", "n.d.")

    def listed(self, keys: Iterable[str]) -> list[str]:
        """The works with these keys as a Markdown list, sorted by author and year."""
        for key in keys:
            self.authors_year(key)
        works = Style().format_entries(self.works.entries[key] for key in keys)
        return [f"- {work.text.render(Backend())}" for work in works]


def _authors(work: Entry) -> str:
    people = work.persons.get("author") or work.persons.get("editor") or []
    names = [_last_name(person) for person in people]
    if len(names) > 2:
        return f"{names[0]} et al."
    return " and ".join(names) or work.fields.get("title", work.key)


def _last_name(person: Person) -> str:
    parts = [*person.rich_prelast_names, *person.rich_last_names]
    return " ".join(str(part) for part in parts)
