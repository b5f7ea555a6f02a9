"""What a chapter's text refers to: titles, labels, numbers, pictures, works."""

import re
from base64 import b64encode
from functools import cached_property
from pathlib import Path

from autograde.references import References

OPTIONS = r".*\n(?::(?!label:).*\n)*:label:[ ]*(\S+)"
EXERCISE = re.compile(
    r"^[`:]{3,}\{exercise(?:-start)?\}[ ]*(\d+\.\d+)[ ]+(?=(.*))" + OPTIONS, re.M
)
EQUATION = re.compile(r"\$\$[ ]*\(([^()\s]+)\)[ ]*$|^[`:]{3,}\{math\}" + OPTIONS, re.M)
HEADING = re.compile(r"^\(([^()\s]+)\)=\s*\n+#+[ ]+(.*)$", re.M)
FIGURE = re.compile(r"\bname:[ ]*([\w-]+)")
TITLE = re.compile(r"^#[ ]+(.*)$", re.M)
MIME = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
}


class Pages:
    """The pages in the folder `book`.

    Each look-up raises LookupError where nothing of that name is there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.references = References(self.folder / "references.bib")

    @cached_property
    def texts(self) -> dict[Path, str]:
        paths = sorted(self.folder.rglob("*.md"))
        return {path: path.read_text(encoding="utf-8") for path in paths}

    @cached_property
    def exercises(self) -> dict[str, tuple[str, str]]:
        """Label: number, as typed, and title: `{"ex-flatten": ("2.1", "Flatten")}`."""
        return {
            label: (number, title)
            for text in self.texts.values()
            for number, title, label in EXERCISE.findall(text)
        }

    @cached_property
    def labels(self) -> dict[str, str]:
        """Label: what a reference to it reads as."""
        found: dict[str, str] = {}
        for text in self.texts.values():
            found |= dict.fromkeys(FIGURE.findall(text), "the figure")
            found |= dict(HEADING.findall(text))
            for count, labels in enumerate(EQUATION.findall(text), 1):
                found["".join(labels)] = f"({count})"
        exercises = self.exercises.items()
        return found | {label: f"Exercise {number}" for label, (number, _) in exercises}

    def label(self, name: str) -> str:
        """What a reference to a label reads as: a heading, "Exercise 2.1", "(3)"."""
        if name not in self.labels:
            raise LookupError(f"no page has the label {name!r}")
        return self.labels[name]

    def find(self, reference: str, folder: Path) -> Path:
        """The page that `../notation` or `../notation.md` names, seen from a folder."""
        path = (folder / reference).resolve()
        if reference.startswith("/"):
            path = self.folder.parent / reference[1:]
        for candidate in (path, path.with_name(path.name + ".md")):
            if candidate in self.texts:
                return candidate
        raise LookupError(f"there is no page {reference!r}")

    def title(self, page: Path) -> str:
        """A page's title."""
        found = TITLE.search(self.texts[page])
        return found[1] if found else page.stem

    def picture(self, path: Path) -> str:
        """A picture as a data URI: a notebook is one file."""
        if path.suffix not in MIME:
            raise LookupError(f"{path.name}: a picture is one of {', '.join(MIME)}")
        if not path.is_file():
            raise LookupError(f"there is no picture {path.parent.name}/{path.name}")
        return (
            f"data:{MIME[path.suffix]};base64,{b64encode(path.read_bytes()).decode()}"
        )
