"""Whatever process is killed, and whenever: is nothing lost, and nothing twice?"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from shutil import copy, copytree

from autograde import gradebook
from autograde.course import PROJECT, Course
from autograde.demo_student import ASSIGNMENT

MOMENTS = 20
DELAYS = {"coordinator": 3, "worker": 1.5, "sandbox": 0.2}  # seconds until it is struck
CLASS = ("amina.diallo", "ben.okafor", "kavya.rao", "liam.byrne")
COMMAND = [sys.executable, "-m", "autograde", "grade", ASSIGNMENT, "--jobs", "2"]


def start(course):
    return subprocess.Popen(
        COMMAND,
        cwd=course.root,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def children(pid):
    """The processes that a process has started, and those that they have, in order."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(") ")[2].split()
            found.setdefault(int(fields[1]), []).append(int(path.parent.name))
    below = list(found.get(pid, []))
    for child in below:
        below += found.get(child, [])
    return below


def name(pid):
    """What a process is: a worker, the bubblewrap around a sandbox, what is inside."""
    with suppress(OSError):
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
        for kind, sign in (("sandbox", b"bwrap"), ("worker", b"spawn_main")):
            if sign in line:
                return kind
    return ""


def strike(process, target):
    """Kill the coordinator, or its youngest worker or sandbox; False: there is none."""
    pids = [process.pid] if target == "coordinator" else found(process, target)
    with suppress(ProcessLookupError, IndexError):
        os.kill(pids[-1], signal.SIGKILL)
        return True
    return False


def change(course, student):
    """Hand something in that was not graded yet: the same notebook, a byte longer."""
    path = course.folder("submitted", ASSIGNMENT, student) / f"{ASSIGNMENT}.ipynb"
    path.write_bytes(path.read_bytes() + b"\n")


def outcome(course):
    """All that a run leaves behind: marks, notebooks, pages."""
    with gradebook.opened(course) as book:
        marks = gradebook.marks(book, ASSIGNMENT)
    return marks, {
        student: (
            json.loads(course.graded(ASSIGNMENT, student).read_bytes())["cells"],
            course.feedback(ASSIGNMENT, student).read_bytes(),
        )
        for student in CLASS
    }


def whole(course):
    with sqlite3.connect(course.root / "gradebook.db") as database:
        return database.execute("pragma integrity_check").fetchall() == [("ok",)]


def kill_at_random(course, rng):
    """Twenty times; how often each was hit, and what the coordinators left behind."""
    struck = dict.fromkeys(DELAYS, 0)
    process, left, spare = start(course), [], 0
    while sum(struck.values()) < MOMENTS:
        if process.poll() is not None:
            assert process.returncode == 0
            change(course, rng.choice(CLASS))
            process = start(course)
        target = min(struck, key=lambda kind: (struck[kind], rng.random()))
        if target == "sandbox":  # twice for one submission is that submission's fault
            wait_for(process, partial(has_stored, course, spare))
        if target != "coordinator":
            wait_for(process, partial(found, process, target))
        time.sleep(rng.uniform(0, DELAYS[target]))
        below = children(process.pid)
        struck[target] += strike(process, target)
        if target == "coordinator":
            process.wait()
            left += below
            assert whole(course)
        spare = stored(course) + 2 * (target == "sandbox")
        change(course, rng.choice(CLASS))
        if process.poll() is not None:
            process = start(course)
    process.wait(120)
    return struck, left


def wait_for(process, holds):
    """Until it holds, or the process has ended."""
    while process.poll() is None and not holds():
        time.sleep(0.01)


def found(process, target):
    return [pid for pid in children(process.pid) if name(pid) == target]


def has_stored(course, count):
    return stored(course) >= count


def stored(course):
    return len(list((course.root / "reports" / ASSIGNMENT).glob("*.json")))


def test_killed_runs_go_on_and_end_as_an_uninterrupted_one(
    make_course, new_gradebook, tmp_path
):
    course = make_course(*CLASS)
    struck, left = kill_at_random(course, random.Random(0))
    assert min(struck.values()) > 4
    assert start(course).wait(120) == 0
    assert [pid for pid in left if name(pid)] == []

    def leave_out(folder, names):
        made = {"reports", "autograded", "feedback", "gradebook.db"}
        return made & set(names) if folder == str(course.root) else ()

    copytree(course.root, tmp_path / "uninterrupted", ignore=leave_out)
    copy(new_gradebook, tmp_path / "uninterrupted" / "gradebook.db")
    other = Course.open(tmp_path / "uninterrupted")
    assert start(other).wait(120) == 0
    assert outcome(course) == outcome(other)
    assert whole(course)
