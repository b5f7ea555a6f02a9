"""A session from its beginning to its end: loading, pools, threads, no sandbox."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from autograde import jail, sandbox, warm
from autograde.limits import Limits
from autograde.sandbox import (
    Crashed,
    SandboxError,
    Session,
    StudentError,
    open_session,
)
from autograde.session import Statement
from autograde.tests.programs import QUICK, ROOT, attack, gone, marked, program, running

# ---------------------------------------------------------------- loading


def test_where_a_statement_failed() -> None:
    """Does a failing statement cost only itself, and is its place named?"""
    statements = [
        Statement("import torch", "your cell f", 2, "import", ("torch",)),
        Statement("def f(x):\n    return x + 1", "your cell f", 3, "definition"),
        Statement("def g(x=torch.pi): pass", "your cell g", 1, "", ("g",)),
        Statement("def h(x):\n\n    return x[3]", "your cell h", 5, "definition"),
    ]
    with closing(open_session(statements, QUICK)) as session:
        assert session.call("f", (1,)).value == 2
        why = " (there is no torch while grading: write it in NumPy)"
        assert session.failures == (
            "line 2 of your cell f: ModuleNotFoundError: No module named 'torch'" + why,
            "line 1 of your cell g: NameError: name 'torch' is not defined" + why,
        )
        with pytest.raises(StudentError, match=r"torch.*line 1 of your cell g"):
            session.call("g", (1,))
        with pytest.raises(StudentError, match="line 7 of your cell h") as caught:
            session.call("h", ([1],))
        assert caught.value.kind == "IndexError"


def test_loading_goes_on_without_what_ends_it() -> None:
    """Does a statement that kills the process cost the rest?"""
    statements = program("import os", "def f(): return 1", "os._exit(3)")
    statements += program("x = any(iter(int, 1))", "y = 1", kind="assignment")
    statements += program("def g(): return 2", "def h(): return y")
    with closing(open_session(statements, QUICK)) as session:
        assert session.call("f").value + session.call("g").value == 3
        assert session.call("h").value == 1
        assert len(session.failures) == 2


def test_where_time_runs_out_what_no_answer_needs_is_left_out() -> None:
    """Does a constant count that stands below a training loop?"""
    train = program("losses = any(iter(int, 1))", "best = losses", kind="assignment")
    statements = [replace(statement, needed=False) for statement in train]
    statements += program("scale = 3", kind="assignment")
    statements += program("def f(): return scale")
    with closing(open_session(statements, QUICK)) as session:
        assert session.call("f").value == 3
        assert session.failures == ()


def test_a_program_that_never_loads() -> None:
    """Is loading given up after a few restarts?"""
    statements = program(*["import os; os._exit(1)"] * 9)
    with pytest.raises(Crashed, match="exit status 1"):
        open_session(statements, Limits(restarts=2))


# ---------------------------------------------------------------- beginning and end


def test_no_process_is_left() -> None:
    """Do background processes end with the session?"""
    limits = marked(1, processes=20)
    fork = ["for _ in range(3):", "    if os.fork() == 0: time.sleep(99)"]
    session = open_session(attack("import os, time", *fork), limits)
    assert session.call("attack").value is None
    assert running(limits) >= 4
    session.close()
    assert gone(limits)


def test_a_killed_grader_leaves_no_process() -> None:
    """Does a sleeping sandbox die with a grader that is killed?"""
    limits = marked(2)
    code = (
        "from autograde.limits import Limits\n"
        "from autograde.sandbox import open_session\n"
        "from autograde.tests.programs import attack\n"
        "program = attack('import time; time.sleep(99)')\n"
        f"session = open_session(program, {limits!r})\n"
        "print('up', flush=True)\nsession.call('attack')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT
    ) as grader:
        assert grader.stdout is not None
        grader.stdout.readline()
        assert running(limits) >= 1
        grader.send_signal(signal.SIGKILL)
    assert gone(limits)


def answer(number: int) -> int:
    with closing(open_session(program("def f(x): return x + 1"), QUICK)) as session:
        return int(session.call("f", (number,)).value)


def test_from_threads_and_processes() -> None:
    """Does a session outlive the thread that opened it, and work in a pool?"""
    opened: list[Session] = []
    thread = threading.Thread(
        target=lambda: opened.append(open_session(program("def f(): return 1"), QUICK))
    )
    thread.start()
    thread.join()
    time.sleep(0.1)
    with closing(opened[0]) as session:
        assert session.call("f").value == 1
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        assert list(pool.map(answer, range(4))) == [1, 2, 3, 4]


def test_hashes_do_not_change() -> None:
    """Is the order of a set the same in each session, as a mark must be?"""
    found = set()
    for _ in range(2):
        with closing(open_session(attack("return hash('layer')"), QUICK)) as session:
            found.add(session.call("attack").value)
    assert len(found) == 1


def test_no_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Does one sentence say how to get a sandbox?"""
    monkeypatch.setattr(jail, "bubblewrap", lambda: None)
    with pytest.raises(SandboxError, match="sudo apt install bubblewrap"):
        sandbox.probe()


@pytest.fixture
def replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """A function: put a script into the place of bubblewrap."""

    def replace_by(script: str) -> None:
        path = tmp_path / "bwrap"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        warm.stop()
        monkeypatch.setattr(warm, "_unable", set())
        monkeypatch.setattr(jail, "bubblewrap", lambda: str(path))

    return replace_by


def test_bubblewrap_that_may_not(replaced: Callable[[str], None]) -> None:
    """Does the reason of bubblewrap itself show, with what to do?"""
    replaced("echo bwrap: No permission >&2; exit 1")
    with pytest.raises(SandboxError, match=r"No permission.*namespaces"):
        sandbox.probe()


def test_a_machine_with_tighter_limits(replaced: Callable[[str], None]) -> None:
    """Does a session start where the system's own limits are below ours?"""
    replaced(f'ulimit -n 24; exec {jail.bubblewrap()} "$@"')
    source = "import resource; return resource.getrlimit(resource.RLIMIT_NOFILE)"
    with closing(open_session(attack(source), QUICK)) as session:
        assert session.call("attack").value == (24, 24)
    warm.stop()


def test_nothing_to_start(
    replaced: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is a process that cannot be started our failure, not the student's?"""
    replaced("")
    monkeypatch.setattr(jail, "bubblewrap", lambda: "/not/there")
    with pytest.raises(SandboxError, match="no process can be started"):
        sandbox.probe()


def test_unsafe_is_refused_as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Does root run student code without a sandbox?"""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(SandboxError, match="refused as root"):
        sandbox.probe(unsafe=True)


def test_unsafe_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Does the plain process answer as the sandbox does?"""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    statements = program("import torch", "def f(x): return x + 1")
    with closing(open_session(statements, QUICK, unsafe=True)) as session:
        assert session.call("f", (np.ones(2),)).value.tolist() == [2.0, 2.0]
        assert len(session.failures) == 1
