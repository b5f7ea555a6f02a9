"""Cited works as text: author and year in a sentence, a list at a chapter's end."""

import re
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
        style = Style()
        entries = style.sort(self.works.entries[key] for key in keys)
        texts = [work.text.render(_Plain()) for work in style.format_entries(entries)]
        return [f"- {' '.join(text.split())}" for text in texts]


class _Plain(Backend):  # type: ignore[misc]  # pybtex has no types
    def format_str(self, text: str) -> str:
        """Leave full stops alone; pybtex would escape each of them."""
        return re.sub(r"([*_`\[\]])", r"\\\1", text)


def _authors(work: Entry) -> str:
    people = work.persons.get("author") or work.persons.get("editor") or []
    names = [_last_name(person) for person in people]
    if len(names) > 2:
        return f"{names[0]} et al."
    return " and ".join(names) or work.fields.get("title", work.key)


def _last_name(person: Person) -> str:
    parts = [*person.rich_prelast_names, *person.rich_last_names]
    return " ".join(str(part) for part in parts)
