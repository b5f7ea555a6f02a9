"""A course in its folder: what was handed in, the reports, the secret.

A course is an nbgrader course: its nbgrader_config.py says where everything lies.
"""

import glob
import os
import secrets
import stat
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from autograde.report import Report

if TYPE_CHECKING:  # nbgrader takes two seconds to import; a grading worker goes without
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Configurable

    from autograde.settings import Settings

PROJECT = Path(__file__).resolve().parent.parent
LINKED = "The folder is a link to another place; links are not followed."
LARGEST = 200 * 2**20  # bytes of a notebook; what is larger is not read


class UserError(Exception):
    """Something the person at the keyboard can put right; the message says how."""


@dataclass(frozen=True)
class Handed:
    """What one student handed in for one assignment."""

    student: str
    assignment: str
    data: bytes
    """The notebook as it came, untrusted; empty where there is none."""
    timestamp: datetime | None
    notes: tuple[str, ...] = ()
    """Sentences for the student: a renamed file, a missing one."""

    def annotate(self, report: Report) -> Report:
        """Say about the folder what the report, made from the bytes alone, cannot."""
        return replace(report, notes=(*self.notes, *report.notes))


@dataclass(frozen=True)
class Course:
    """The folders of a course, and the configuration that nbgrader reads for it."""

    coursedir: "CourseDirectory"
    parent: "Configurable"
    """What nbgrader's own preprocessors take their configuration from."""

    @classmethod
    def open(cls, root: Path) -> "Course":
        """The course in a folder, configured as nbgrader would."""
        from nbgrader.apps.baseapp import NbGrader

        if not root.is_dir():
            raise UserError(f"there is no folder {root}; a course is a folder.")
        app = NbGrader(log_level="ERROR")
        app.load_cwd_config = False
        app.initialize([], root=str(root.resolve()))
        return cls(app.coursedir, app)

    @property
    def root(self) -> Path:
        """The folder of the course."""
        return Path(self.coursedir.root)

    @property
    def db_url(self) -> str:
        """Where the gradebook is."""
        return str(self.coursedir.db_url)

    def folder(self, step: str, assignment: str, student: str) -> Path:
        """One student's folder at a step: "submitted", "autograded" or "feedback"."""
        directory = getattr(self.coursedir, f"{step}_directory")
        return Path(self.coursedir.format_path(directory, student, assignment))

    def released(self, assignment: str) -> Path:
        """The notebook that the students were given."""
        directory = self.coursedir.release_directory
        folder = Path(self.coursedir.format_path(directory, ".", assignment))
        return (folder / f"{assignment}.ipynb").resolve()

    def graded(self, assignment: str, student: str) -> Path:
        """The notebook that formgrader shows."""
        return self.folder("autograded", assignment, student) / f"{assignment}.ipynb"

    def feedback(self, assignment: str, student: str) -> Path:
        """The page that a student reads."""
        return self.folder("feedback", assignment, student) / f"{assignment}.html"

    def students(self, assignment: str, pattern: str = "*") -> list[str]:
        """Who handed something in, in order."""
        escaped = pattern if pattern == "*" else glob.escape(pattern)
        folders = glob.glob(str(self.folder("submitted", assignment, escaped)))
        parts = self.folder("submitted", assignment, "*").parts
        return sorted(Path(folder).parts[parts.index("*")] for folder in folders)

    def handed(self, assignment: str, student: str) -> Handed:
        """Read what a student handed in; nothing in the folder can make it fail."""
        folder = self.folder("submitted", assignment, student)
        if is_linked(folder):
            return Handed(student, assignment, b"", None, (LINKED,))
        notebooks = sorted(path for path in folder.glob("*.ipynb") if _is_file(path))
        path, notes = _choose(notebooks, assignment)
        data = b""
        if path is not None:
            try:
                data = _read(path)
            except OSError as error:
                notes += (f"{path.name!r} could not be read: {error.strerror}.",)
        return Handed(student, assignment, data, _timestamp(folder), notes)

    def settings(self, assignment: str) -> "Settings":
        """What nbgrader_config.py says of limits and checks."""
        from autograde.settings import settings

        return settings(self.parent.config, assignment, self.root)

    def secret(self) -> bytes:
        """The secret that the checks draw their inputs from; made on first use."""
        path = self.root / "course_secret"
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            return path.read_bytes().strip()
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode() + b"\n")
        return self.secret()

    def stored(self, assignment: str, key: str) -> Report | None:
        """The report under a key, if there is one."""
        path = self._report(assignment, key)
        return Report.from_json(path.read_text("utf-8")) if path.is_file() else None

    def store(self, assignment: str, key: str, report: Report) -> None:
        """Keep a report: whole or not at all, also when the power fails."""
        data = report.to_json().encode("utf-8", "backslashreplace")
        write(self._report(assignment, key), data)

    def _report(self, assignment: str, key: str) -> Path:
        return self.root / "reports" / assignment / f"{key}.json"


def write(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(data)
    draft.chmod(mode)
    draft.replace(path)


def is_linked(folder: Path) -> bool:
    """Whether a student's folder is a link: to another student's, or to any place."""
    return folder.is_symlink() or folder.parent.is_symlink()


def disarm(folder: Path) -> None:
    """Replace what is neither a file nor a folder by a text that says what it was.

    nbgrader copies what lies beside a notebook: through a symbolic link, any file.
    Where the folder itself is a link, an empty one takes its place.
    """
    for path in (folder.parent, folder):
        if path.is_symlink():
            path.unlink()
            folder.mkdir(parents=True)
    for path in folder.rglob("*"):
        mode = path.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            target = f" to {os.readlink(path)}" if stat.S_ISLNK(mode) else ""
            path.unlink()
            path.write_text(
                f"Here was a link or a device{target}.\n", "utf-8", "replace"
            )


def set_aside(folder: Path) -> None:
    """Rename a time of submission that is none: nbgrader would not go on."""
    path = folder / "timestamp.txt"
    if path.is_file() and path.stat().st_size and _timestamp(folder) is None:
        path.rename(path.with_suffix(".unreadable"))


def keep_timestamp(source: Path, target: Path) -> None:
    """Copy the two files by which nbgrader releases feedback, where they are."""
    for name in ("timestamp.txt", "submission_secret.txt"):
        if _is_file(source / name) and (source / name).stat().st_size < 4096:
            write(target / name, (source / name).read_bytes())


def _choose(
    notebooks: list[Path], assignment: str
) -> tuple[Path | None, tuple[str, ...]]:
    """The notebook to grade: by its name, else that with most of nbgrader's cells."""
    name = f"{assignment}.ipynb"
    if not notebooks:
        return None, (f"No notebook was handed in; expected {name}.",)
    named = [path for path in notebooks if path.name == name]
    if named:
        return named[0], ()
    best = max(notebooks, key=lambda path: _head(path).count(b'"grade_id"'))
    return best, (f"{best.name!r} was graded as {name}.",)


def _head(path: Path) -> bytes:
    try:
        return _read(path)
    except OSError:
        return b""


def _read(path: Path) -> bytes:
    """Read a file, never through a symbolic link, never more than is sensible."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError(0, f"it is larger than {LARGEST // 2**20} MB; clear its outputs")
    return data


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _timestamp(folder: Path) -> datetime | None:
    """When it was handed in, as nbgrader's exchange notes it; None where unreadable."""
    from nbgrader.utils import parse_utc

    path = folder / "timestamp.txt"
    if not _is_file(path):
        return None
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(100).strip()
        return cast("datetime | None", parse_utc(text)) if text else None
    except (OSError, ValueError, OverflowError):
        return None
