"""What each attack does to stock nbgrader, measured: its kernel, its hidden tests.

`python -m autograde.tests.attacks.stock [NAME ...]` grades each attack with
`nbgrader autograde`, on the same checks as hidden tests in the notebook, and keeps what
came out in `stock.json`. A run is confined: no file of this machine but Python's and
the project's, no network, no user of ours; nothing outlives it. Attacks that aim at our
own worker do little to another; those on limits meet the confinement's, not nbgrader's.
"""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Set
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from autograde.chapter import build
from autograde.course import PROJECT
from autograde.demo_student import ASSIGNMENT
from autograde.mistakes import known
from autograde.release import load
from autograde.tests.attacks import attack as module
from autograde.tests.attacks import every
from autograde.tests.attacks.attack import EXERCISES, LINEAR, NAME, Attack, solved
from autograde.tests.attacks.reading import CANARY
from benchmarks.stock import make_course
from solutions.exercise import source_of

RESULTS = Path(__file__).with_name("stock.json")
USER = 1  # not that of our sandbox: the kernel counts processes by user
SECONDS, GIGABYTES, PROCESSES = 150, 12, 200
WORTH = {c.grade_id: c.points for c in load(ASSIGNMENT).cells if c.kind == "check"}
FOUND = re.compile(r"read: (\[[('\\]|\{')")
SCORES = """
select base_cell.name, grade.auto_score from grade
join base_cell on base_cell.id = grade.cell_id
"""
GRADE = """
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config
course = Config({"CourseDirectory": {"root": "."}})
print(NbGraderAPI(config=course).autograde(%r, %r)["log"])
"""
CONFINED = "the confinement of this measurement forbids it"
UNTRIED = dict.fromkeys(["network", "doors", "abstract-socket", "privileges"], CONFINED)
UNTRIED |= dict.fromkeys(["daemon", "shm", "limits-up", "kill-all"], CONFINED)


def measure(
    attacks: Iterable[Attack], seen: Callable[[str, str], None] = lambda *_: None
) -> dict[str, str]:
    """What comes out for each attack, in words."""
    found = {}
    with TemporaryDirectory(prefix="stock-") as name:
        folder = Path(name)
        answers, _ = build(PROJECT / "book/chapters" / f"{ASSIGNMENT}.md", "solutions")
        make_course(folder / "made", ASSIGNMENT, answers)
        released = folder / "made" / "release" / ASSIGNMENT / NAME
        with mock.patch.object(module, "RELEASED", released):
            honest = _handed_in(folder, Attack("honest", "", "", data=solved()))
            before = _sums(honest)
            _grade(honest, "honest")
            usual = _sums(honest).keys() - before.keys()
            for attack in attacks:
                tried = UNTRIED.get(attack.name)
                found[attack.name] = tried or _run(folder, attack, usual)
                seen(attack.name, found[attack.name])
    return found


def _handed_in(folder: Path, attack: Attack) -> Path:
    """A folder with a copy of the course, in which the attack is handed in."""
    scratch = folder / "run"
    shutil.rmtree(scratch, ignore_errors=True)
    home, course = scratch / "home", scratch / "course"
    home.mkdir(parents=True)
    shutil.copytree(folder / "made", course)
    (home / ".token").write_text(CANARY)
    attack.hand_in(course / "submitted" / attack.name / ASSIGNMENT)
    if os.geteuid() == 0:
        for path in (folder, scratch, *scratch.rglob("*")):
            os.chown(path, USER, USER, follow_symlinks=False)
    return scratch


def _run(folder: Path, attack: Attack, usual: Set[str]) -> str:
    """Grade one attack, look at what is left.

    Args:
        folder: with the course as it was made.
        attack: what is handed in.
        usual: the files that any grading leaves behind.
    """
    scratch = _handed_in(folder, attack)
    before, course = _sums(scratch), scratch / "course"
    ended = _grade(scratch, attack.name)
    said = [_marks(course / "gradebook.db", attack)]
    said += [] if ended else [f"does not end within {SECONDS} s"]
    said += ["reads what is not its own"] if _has_read(course) else []
    left = {path: one for path, one in _sums(scratch).items() if path not in usual}
    said += ["changes other files"] if left != before else []
    return ", ".join(said)


def _grade(scratch: Path, student: str) -> bool:
    """Whether `nbgrader autograde` ended; all that it started has."""
    code = GRADE % (ASSIGNMENT, student)
    with (scratch / "log").open("wb") as log:
        process = subprocess.Popen(
            [*_confined(scratch), sys.executable, "-c", code],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            return False
        finally:
            process.kill()
            process.wait()
    return True


def _confined(scratch: Path) -> list[str]:
    """bubblewrap, with namespaces of its own, and another user."""
    programs = f"{Path(sys.executable).parent}:/usr/bin"
    environment = {"HOME": scratch / "home", "CANARY": CANARY, "PATH": programs}
    environment |= {"OMP_NUM_THREADS": 1, "OPENBLAS_NUM_THREADS": 1}
    shown = ["/usr", "/etc/passwd", "/etc/group", sys.base_prefix, sys.prefix, PROJECT]
    parents = {
        str(parent) for path in [*shown, scratch] for parent in Path(path).parents
    }
    command = [
        "nice",
        "-n",
        "5",
        "bwrap",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
    ]
    command += ["--unshare-uts", "--die-with-parent", "--clearenv"]
    command += ["--perms", "1777", "--tmpfs", "/tmp"]
    for path in sorted(parents - {"/", "/tmp"}):
        command += ["--perms", "0755", "--dir", path]
    for path in shown:
        command += ["--ro-bind", str(path), str(path)]
    for name in ("bin", "lib", "lib64"):
        command += ["--symlink", f"usr/{name}", f"/{name}"]
    command += ["--proc", "/proc", "--dev", "/dev"]
    command += [
        "--bind",
        str(scratch),
        str(scratch),
        "--chdir",
        str(scratch / "course"),
    ]
    for name, value in environment.items():
        command += ["--setenv", name, str(value)]
    if os.geteuid():
        return [*command, "--unshare-user"]
    user = [f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
    return [*command, "setpriv", "--no-new-privs", *user]


def _marks(database: Path, attack: Attack) -> str:
    """What the gradebook says, against what the work deserves."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as book:
            scores = {n: s for n, s in book.execute(SCORES) if n in WORTH}
    except sqlite3.Error:
        return "destroys the gradebook"
    if not scores or None in scores.values():
        return "not graded"
    return against(sum(scores.values()), attack)


def against(total: float, attack: Attack) -> str:
    """Points, and by how many they miss those that the work deserves."""
    deserved = sum(WORTH[f"check_{name}"] for name in right(attack))
    of = f"{total:g} of {sum(WORTH.values()):g}"
    if total > deserved:
        return f"{of}: {total - deserved:g} too many"
    return f"{of}: {deserved - total:g} too few" if total < deserved else of


def right(attack: Attack) -> set[str]:
    """The exercises that are answered rightly, whatever else the attack does."""
    kept = {*EXERCISES} - {*attack.lost}
    try:
        cells = json.loads(attack.data() if attack.data else b"")["cells"]
        sources = [str(cell["source"]) for cell in cells if cell["metadata"]]
    except (ValueError, LookupError, TypeError):
        return kept
    references = known(ASSIGNMENT).references
    for name in EXERCISES:
        last = source_of(references[name].__module__, name).split('"""')[-1].strip()
        if any(f"def {name}(" in s and last in s for s in sources):
            kept.add(name)
    return kept if "linear_forward" in kept else kept - {*LINEAR}


def _has_read(course: Path) -> bool:
    """Whether something that was not its own stands in the graded notebook."""
    files = filter(Path.is_file, course.glob("autograded/*/*/*"))
    texts = (path.read_text("utf-8", "replace") for path in files)
    return any(CANARY in text or FOUND.search(text) for text in texts)


def _sums(scratch: Path) -> dict[str, str]:
    """A hash of each file that grading an honest notebook leaves alone."""
    written = {
        "autograded",
        "gradebook.db",
        "log",
        "runtime",
        ".cache",
        "history.sqlite",
    }
    return {
        path.relative_to(scratch).as_posix(): hashlib.sha1(
            path.read_bytes()
        ).hexdigest()
        for path in sorted(scratch.rglob("*"))
        if path.is_file() and not path.is_symlink()
        if not written & set(path.relative_to(scratch).parts)
    }


def stored() -> dict[str, str]:
    """What was measured the last time."""
    found: dict[str, str] = json.loads(RESULTS.read_text("utf-8"))
    return found


def main(names: list[str]) -> None:
    """Measure these attacks, or those that were not measured yet; keep the results."""
    found = stored() if RESULTS.is_file() else {}
    chosen = [
        a for a in every() if a.name in names or (not names and a.name not in found)
    ]

    def keep(name: str, said: str) -> None:
        found[name] = said
        sys.stdout.write(f"{ascii(name)[1:-1]:<28} {said}\n")
        sys.stdout.flush()
        order = {a.name: found[a.name] for a in every() if a.name in found}
        text = json.dumps(order, indent=1, ensure_ascii=True)
        RESULTS.write_text(text + "\n", "utf-8")

    measure(chosen, keep)


if __name__ == "__main__":
    main(sys.argv[1:])
