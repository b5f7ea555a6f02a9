"""What grading needs on this machine: what is there, what is missing, how to get it."""

import os
import platform
import re
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograde import jail, sandbox, seccomp
from autograde.course import PROJECT, UserError
from autograde.release import RECORDS
from autograde.settings import CONFIG, settings_in

NEEDED = ("numpy", "torch", "nbgrader", "nbformat", "nbconvert", "pytest", "jinja2")
LEAST = 1 << 30  # bytes of free disk: a class of some hundred notebooks, and feedback
SWITCHES = {  # file of the kernel: the value that keeps bubblewrap from starting
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1",
    "/proc/sys/kernel/unprivileged_userns_clone": "0",
    "/proc/sys/user/max_user_namespaces": "0",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    level: str
    """ok, note (grading works all the same) or bad."""
    what: str
    seen: str
    advice: str = ""

    def __str__(self) -> str:
        advice = f"\n{'':27}{self.advice}" if self.advice else ""
        return f"{self.level:<5} {self.what:<20} {self.seen}{advice}"


def examine(course: Path) -> Iterator[Finding]:
    """Everything that grading needs, here and in a course's folder."""
    looks: list[Callable[[Path], Iterator[Finding]]] = [
        _python,
        _packages,
        _sandbox,
        _filter,
        _user,
        _config,
        _releases,
        _secret,
        _disk,
    ]
    for look in looks:
        yield from look(course)


def need_sandbox(unsafe: bool = False) -> None:
    """Stop where student code could not be locked in.

    Raises:
        UserError: there is no sandbox here, and nobody said to go on without.
    """
    try:
        sandbox.probe(unsafe=unsafe)
    except sandbox.SandboxError as error:
        raise UserError(
            f"no sandbox, no grading: {error}\n"
            "(--unsafe-no-sandbox grades all the same; student code can then do "
            "whatever you can do, and choose its marks.)"
        ) from None


def _python(_: Path) -> Iterator[Finding]:
    good = sys.version_info >= (3, 11)
    advice = "" if good else "Install Python 3.11 or newer."
    yield Finding("ok" if good else "bad", "Python", platform.python_version(), advice)


def _packages(_: Path) -> Iterator[Finding]:
    """Each package of the grader, against the versions that are tested together."""
    pins = _pins(PROJECT / "constraints.txt")
    good = []
    for name in NEEDED:
        pinned = pins.get(name, "")
        wanted = f"{name}=={pinned}" if pinned else name
        try:
            found = version(name)
        except PackageNotFoundError:
            yield Finding("bad", name, "missing", f"pip install '{wanted}'")
            continue
        if pinned and found.partition("+")[0] != pinned:
            advice = f"Tested with {pinned}: pip install '{wanted}'"
            yield Finding("note", name, found, advice)
        else:
            good.append(f"{name} {found}")
    if good:
        yield Finding("ok", "packages", ", ".join(good))


def _pins(path: Path) -> dict[str, str]:
    text = path.read_text("utf-8") if path.is_file() else ""
    pairs = re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE)
    return {name.lower(): pinned for name, pinned in pairs}


def _sandbox(_: Path) -> Iterator[Finding]:
    """A real session, and where none starts, what may keep it from that."""
    try:
        sandbox.probe()
    except sandbox.SandboxError as error:
        yield Finding("bad", "sandbox", "does not start", str(error))
        yield from _switches()
    else:
        yield Finding("ok", "sandbox", f"a session starts, by {jail.bubblewrap()}")


def _switches() -> Iterator[Finding]:
    for name, closed in SWITCHES.items():
        path = Path(name)
        if path.is_file() and path.read_text().strip() == closed:
            key = ".".join(path.parts[3:])
            value = "0" if closed == "1" else "1" if "clone" in name else "10000"
            yield Finding("bad", key, closed, f"sudo sysctl {key}={value}")
    if Path("/.dockerenv").exists() or os.environ.get("KUBERNETES_SERVICE_HOST"):
        yield Finding(
            "note",
            "container",
            "its own filter may forbid namespaces",
            "docker run --security-opt seccomp=unconfined --cap-add SYS_ADMIN ...",
        )


def _filter(_: Path) -> Iterator[Finding]:
    machine = platform.machine()
    if seccomp.rules():
        yield Finding("ok", "system calls", f"filtered, on {machine}")
    else:
        known = ", ".join(seccomp.MACHINES)
        advice = f"The filter knows {known}. The rest of the sandbox stands."
        yield Finding("note", "system calls", f"not filtered on {machine}", advice)


def _user(_: Path) -> Iterator[Finding]:
    if os.geteuid() == 0:
        seen = "root: --unsafe-no-sandbox is refused, the sandbox runs as nobody"
        yield Finding("note", "user", seen, "A user of its own is safer for grading.")
    else:
        yield Finding("ok", "user", f"uid {os.geteuid()}")


def _config(course: Path) -> Iterator[Finding]:
    """The course's configuration: there, and without a mistake in our part."""
    path = course / CONFIG
    if not path.is_file():
        advice = f"Run in the folder of a course, or name it: --course {PROJECT}"
        yield Finding("bad", CONFIG, f"not in {course.resolve()}", advice)
        return
    try:
        for name in _assignments():
            settings_in(course, name)
    except UserError as error:
        yield Finding("bad", CONFIG, "wrong", str(error))
    except Exception as error:
        seen = f"does not load: {type(error).__name__}: {error}"
        yield Finding("bad", CONFIG, seen)
    else:
        yield Finding("ok", CONFIG, str(path.resolve()))


def _releases(_: Path) -> Iterator[Finding]:
    names = _assignments()
    if names:
        yield Finding("ok", "released", ", ".join(names))
    else:
        yield Finding("bad", "released", "nothing", "python -m autograde release")


def _assignments() -> list[str]:
    return sorted(path.parent.name for path in RECORDS.glob("*/current"))


def _secret(course: Path) -> Iterator[Finding]:
    """Who can read the secret knows every input of the hidden checks."""
    path = course / "course_secret"
    if not path.is_file():
        yield Finding("ok", "course_secret", "made by the first run")
    elif stat.S_IMODE(path.stat().st_mode) & 0o077:
        mode = stat.filemode(path.stat().st_mode)
        yield Finding("bad", "course_secret", f"others may use it: {mode}", _only(path))
    else:
        yield Finding("ok", "course_secret", "readable by its owner only")


def _only(path: Path) -> str:
    return f"chmod 600 {path.resolve()}"


def _disk(course: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(course if course.is_dir() else Path()).free
    seen = f"{free / 2**30:.1f} GB free"
    if free < LEAST:
        yield Finding("bad", "disk", seen, "Reports and feedback need about 1 GB.")
    else:
        yield Finding("ok", "disk", seen)
