"""The release: a chapter's student notebook, and the record that grading needs."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

RECORDS = Path(__file__).parent / "releases"


@dataclass(frozen=True)
class ReleaseCell:
    """One code cell, as the student gets it."""

    kind: str
    """setup, given, exercise, check, or code: an experiment, which is never graded."""
    source: str
    """An exercise's is its stub."""
    grade_id: str = ""
    """nbgrader's name of the cell; empty for an experiment."""
    names: tuple[str, ...] = ()
    """What an exercise asks for."""
    points: float = 0
    """What a check is worth."""
    title: str = ""
    """An exercise's, for the feedback: "2.1 The linear layer, forward"."""
    anchor: str = ""
    """An exercise's, on the chapter's page: "ex-linear-forward"."""


@dataclass(frozen=True)
class Release:
    """The code cells of a released notebook, in order."""

    assignment: str
    version: str
    cells: tuple[ReleaseCell, ...]

    def exercises(self) -> Iterator[ReleaseCell]:
        """The exercises, in order."""
        return (cell for cell in self.cells if cell.kind == "exercise")


def version_of(cells: tuple[ReleaseCell, ...]) -> str:
    """A hash over what grading reads, so that an edit of the prose keeps it."""
    graded = [(c.kind, c.source, c.grade_id, c.names, c.points) for c in cells]
    return sha256(json.dumps(graded).encode()).hexdigest()[:12]


def load(
    assignment: str, version: str | None = None, records: Path = RECORDS
) -> Release:
    """The record of a release: of the version asked for, else the current one.

    Raises:
        LookupError: the assignment was never released.
    """
    folder = records / assignment
    if not (folder / "current").is_file():
        known = sorted(path.parent.name for path in records.glob("*/current"))
        raise LookupError(
            f"there is no release of {assignment!r}; released: {', '.join(known)}"
        )
    versions = {path.stem: path for path in folder.glob("*.json")}
    current = (folder / "current").read_text(encoding="utf-8").strip()
    record = json.loads(versions.get(version or "", versions[current]).read_bytes())
    cells = (ReleaseCell(**{**c, "names": tuple(c["names"])}) for c in record["cells"])
    return Release(record["assignment"], record["version"], tuple(cells))


def save(release: Release, records: Path = RECORDS) -> None:
    """Write the record of a release, and name it as the current one."""
    folder = records / release.assignment
    folder.mkdir(parents=True, exist_ok=True)
    record = json.dumps(asdict(release), indent=1) + "\n"
    (folder / f"{release.version}.json").write_text(record, encoding="utf-8")
    (folder / "current").write_text(release.version + "\n", encoding="utf-8")
