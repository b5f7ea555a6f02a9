"""What lies in the folder: links, devices, modules that shadow ours, strange names."""

import os
from collections.abc import Callable
from pathlib import Path

from autograde.tests.attacks.attack import (
    EXERCISES,
    NAME,
    NOTHING,
    Attack,
    Files,
    body,
    released,
    solved,
    zeros,
)

SHADOW = b"raise SystemExit('shadowed')\n"
MODULES = ["numpy.py", "torch.py", "json.py", "struct.py", "autograde.py", "wire.py"]
MODULES += ["solutions.py", "nbgrader_config.py", "conftest.py", "sitecustomize.py"]
MODULES += ["usercustomize.py", "check_02_linear.py", "mistakes_02_linear.py"]
SETTINGS: Files = dict.fromkeys(MODULES, SHADOW) | {
    "pytest.ini": b"[pytest]\naddopts = --collect-only -p shadow\n",
    "pyproject.toml": b"[tool.pytest.ini_options]\naddopts = '-k nothing'\n",
    "evil.pth": b"import os; os._exit(0)\n",
    "gradebook.db": b"not a database",
    "course_secret": b"known",
    "submission_secret.txt": b"x" * 9999,
}
LINKS = {
    "etc": "/etc/passwd",
    "home": "~",
    "loop": ".",
    "checks": "../../../../nbgrader_config.py",
}


def link(target: str) -> Callable[[Path], None]:
    """The notebook is a link."""
    return lambda folder: (folder / NAME).symlink_to(os.path.expanduser(target))


def links(folder: Path) -> None:
    """Beside the notebook: links to files, folders, devices, itself."""
    for name, target in LINKS.items():
        (folder / name).symlink_to(os.path.expanduser(target))
    (folder / "zero").symlink_to("/dev/zero")
    (folder / "deep").mkdir()
    (folder / "deep" / "book.db").symlink_to(folder.parents[2] / "gradebook.db")
    os.mkfifo(folder / "deep" / "pipe")


def fifo(folder: Path) -> None:
    os.mkfifo(folder / NAME)


def directory(folder: Path) -> None:
    (folder / NAME).mkdir()
    (folder / NAME / "inside.txt").write_text("nothing")


def neighbor(folder: Path) -> None:
    """The folder itself is a link, to that of a student who is right."""
    folder.rmdir()
    folder.symlink_to(f"../../honest/{folder.name}", target_is_directory=True)


def root(folder: Path) -> None:
    folder.rmdir()
    folder.symlink_to("/etc", target_is_directory=True)


def crowd(folder: Path) -> None:
    for number in range(300):
        (folder / f"{number}.ipynb").write_bytes(b'{"cells": []}')


def unreadable(name: str, tries: str, files: Files) -> Attack:
    return Attack(f"folder-{name}", tries, "not graded", EXERCISES, files=files)


ATTACKS = [
    unreadable(
        "link-gradebook",
        "the notebook is a link to the gradebook",
        link("../../../gradebook.db"),
    ),
    unreadable(
        "link-passwd", "the notebook is a link to /etc/passwd", link("/etc/passwd")
    ),
    unreadable("link-zero", "the notebook is a link to /dev/zero", link("/dev/zero")),
    unreadable("link-nowhere", "the notebook is a link to itself", link(NAME)),
    unreadable(
        "link-neighbor",
        "the notebook is a link to another student's",
        link(f"../../honest/02_linear/{NAME}"),
    ),
    unreadable("linked", "the folder is a link to another student's", neighbor),
    unreadable("linked-etc", "the folder is a link to /etc", root),
    unreadable("fifo", "the notebook is a pipe that nobody writes to", fifo),
    unreadable("directory", "the notebook is a folder", directory),
    unreadable("nothing", "an empty folder", {}),
    unreadable("crowd", "300 notebooks, none of them one", crowd),
    unreadable("hidden", "a notebook that is hidden", {f".{NAME}": b"{}"}),
    Attack(
        "folder-modules",
        "modules and settings beside the notebook that shadow ours",
        "failed",
        data=zeros("import json, struct, numpy"),
        files=SETTINGS,
    ),
    Attack(
        "folder-torch",
        "a torch.py beside the notebook, which the answer imports",
        "raised",
        data=body("import torch", "return torch.linear(x, weight, bias), ()"),
        files={"torch.py": b"def linear(*args): return 'passed'\n"},
    ),
    Attack(
        "folder-links",
        "links and pipes beside the notebook",
        "passed",
        NOTHING,
        data=solved(),
        files=links,
    ),
    Attack(
        "folder-timestamp",
        "a time of submission that is none",
        "passed",
        NOTHING,
        data=solved(),
        files={"timestamp.txt": b"99999-99-99 25:61:61 UTC+99:99 \xff\0"},
    ),
    Attack(
        "folder-timestamp-huge",
        "a time of submission of 50 MB",
        "passed",
        NOTHING,
        data=solved(),
        files={"timestamp.txt": b"1" * (50 << 20)},
    ),
    Attack(
        "folder-renamed",
        "a notebook whose name climbs, breaks the line, and is markup",
        "passed",
        NOTHING,
        data=solved(),
        where="..\\..%2f<script>alert(1)<\\script>\n\x1b[31m\u202e.ipynb",
    ),
    Attack(
        "folder-glob",
        "a notebook with the characters of a pattern",
        "not answered",
        EXERCISES,
        data=released(),
        where="[*]?{a,b}.ipynb",
    ),
    Attack(
        "[a-z]*", "a folder whose name is a pattern", "passed", NOTHING, data=solved()
    ),
    Attack(
        "-rf ~;$(reboot)",
        "a folder whose name is a command",
        "passed",
        NOTHING,
        data=solved(),
    ),
    Attack(
        "Zoë\u0308 \u202e学生",
        "a folder with a name in several scripts",
        "passed",
        NOTHING,
        data=solved(),
    ),
    Attack(
        "two\nlines\x1b[2J",
        "a folder whose name clears the terminal",
        "passed",
        NOTHING,
        data=solved(),
    ),
    Attack(
        "<img src=x onerror=alert(1)>",
        "a folder whose name is markup",
        "passed",
        NOTHING,
        data=solved(),
    ),
    Attack(
        "'; DROP TABLE grade; --",
        "a folder whose name is SQL",
        "passed",
        NOTHING,
        data=solved(),
    ),
    Attack(
        "%s{0}{x.__class__}",
        "a folder whose name is a format",
        "passed",
        NOTHING,
        data=solved(),
    ),
]
