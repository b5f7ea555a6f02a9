"""The release: a chapter's student notebook, and the record that grading needs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RECORDS = Path(__file__).parent / "releases"


@dataclass(frozen=True)
class ReleaseCell:
    """One code cell, or one for an answer in words, as the student gets it."""

    kind: str
    """setup, given, exercise, check, written: the answer in words, or code: an
    experiment, which is never graded."""
    source: str
    """An exercise's is its stub."""
    grade_id: str = ""
    """nbgrader's name of the cell; empty for an experiment."""
    names: tuple[str, ...] = ()
    """What an exercise asks for."""
    points: float = 0
    """What a check, or an answer in words, is worth."""
    title: str = ""
    """An exercise's, for the feedback: "2.1 The linear layer, forward"."""
    anchor: str = ""
    """An exercise's, on the chapter's page: "ex-linear-forward"."""


@dataclass(frozen=True)
class Release:
    """The cells of a released notebook that matter to grading, in order."""

    assignment: str
    version: str
    cells: tuple[ReleaseCell, ...]

    def exercises(self) -> Iterator[ReleaseCell]:
        """The exercises, in order."""
        return (cell for cell in self.cells if cell.kind == "exercise")


def version_of(cells: tuple[ReleaseCell, ...]) -> str:
    """A hash over what grading reads, so that an edit of the prose keeps it.

    Experiments count: what they define runs for answers that call it, and a student's
    cell that equals one is no edit of theirs.
    """
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


def chapters(names: Sequence[str] = (), root: Path = ROOT) -> list[Path]:
    """The chapters of these names, "02" or "02_linear"; without names, all of them.

    Raises:
        LookupError: there is no such chapter.
    """
    found = sorted((root / "book" / "chapters").glob("[0-9][0-9]_*.md"))
    for name in names:
        if not any(name in (path.stem, path.stem[:2]) for path in found):
            known = ", ".join(path.stem for path in found)
            raise LookupError(f"there is no chapter {name!r}; the chapters: {known}")
    return [p for p in found if not names or p.stem in names or p.stem[:2] in names]


def release(
    names: Sequence[str] = (),
    *,
    root: Path = ROOT,
    db_url: str | None = None,
    package: str = "solutions",
) -> list[Release]:
    """Make the student notebooks of these chapters, without names of all.

    Each stands in `notebooks/NN_name/`, the one with the answers in
    `_build/source/NN_name/`, its record in `autograde/releases/NN_name/`.

    Args:
        names: "02" or "02_linear".
        root: the project's folder.
        db_url: a gradebook that is to know the assignments, by nbgrader's address.
        package: where the chapters import their references from.

    Raises:
        ChapterError: a chapter breaks a rule.
        LookupError: there is no such chapter.
    """
    import nbformat  # here and below: a grading worker only loads records

    from autograde.chapter import build

    done = []
    for path in chapters(names, root):
        notebook, made = build(path, package)
        source = root / "_build" / "source" / path.stem / f"{path.stem}.ipynb"
        rmtree(source.parent, ignore_errors=True)
        source.parent.mkdir(parents=True)
        nbformat.write(notebook, source)
        left_out = [] if db_url else ["SaveCells"]
        _generate(path.stem, root, "_build/source", "notebooks", left_out, db_url)
        save(made, root / "autograde" / "releases")
        done.append(made)
    return done


def register(assignment: str, db_url: str, *, root: Path = ROOT) -> None:
    """Tell a gradebook about an assignment that is released in `notebooks/` already.

    Raises:
        LookupError: it is not released.
    """
    if not (root / "notebooks" / assignment).is_dir():
        raise LookupError(
            f"{assignment} is not in {root / 'notebooks'}: release it first"
        )
    with TemporaryDirectory() as scratch:
        # Stubs have no marks of a solution any more, and would be cleared whole.
        left_out = ["ClearSolutions"]
        _generate(assignment, root, "notebooks", scratch, left_out, db_url)


def _generate(
    assignment: str,
    root: Path,
    source: str,
    target: str,
    left_out: Sequence[str],
    db_url: str | None = None,
) -> None:
    """Run nbgrader's generate_assignment from one folder into another."""
    from nbgrader.apps import NbGraderAPI
    from nbgrader.converters import GenerateAssignment
    from traitlets.config import Config

    config: Any = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.source_directory = source
    config.CourseDirectory.release_directory = target
    if db_url:
        config.CourseDirectory.db_url = db_url
    config.GenerateAssignment.no_database = db_url is None
    steps = GenerateAssignment.preprocessors.default()
    config.GenerateAssignment.preprocessors = [
        step for step in steps if step.__name__ not in left_out
    ]
    result = NbGraderAPI(config=config).generate_assignment(assignment)
    if not result["success"]:
        raise RuntimeError(f"nbgrader released no {assignment}:\n{result['log']}")
