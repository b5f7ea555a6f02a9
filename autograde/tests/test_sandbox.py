"""Hostile and unlucky programs in the real sandbox: what each tries, what comes out."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from autograde import jail, sandbox
from autograde.limits import Limits
from autograde.sandbox import (
    Crashed,
    Garbled,
    OutOfMemory,
    SandboxError,
    Session,
    StudentError,
    StudentFault,
    TimedOut,
    open_session,
)
from autograde.session import Statement

QUICK = Limits(call_cpu=0.5, wall_factor=3, load_cpu=1.0, memory=1 << 28)
ROOT = Path(__file__).parents[2]


def program(*sources: str, kind: str = "definition") -> list[Statement]:
    return [Statement(source, "your cell f", 1, kind) for source in sources]


def attack(*lines: str) -> list[Statement]:
    return program("\n    ".join(["def attack():", *lines]))


@pytest.fixture(scope="module")
def calm() -> Iterator[Session]:
    """One session for all that should leave no trace."""
    source = (
        "def attack(source):\n space = {}\n exec(source, space)\n return space['found']"
    )
    with closing(open_session(program(source), QUICK)) as session:
        yield session


def processes() -> set[str]:
    """The command lines of all workers on this machine."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "autograde.worker" in text:
            found.add(f"{path.parent.name} {text[:60]}")
    return found


def gone(before: set[str]) -> bool:
    """Whether all workers but these have ended, within two seconds."""
    end = time.monotonic() + 2
    while processes() - before and time.monotonic() < end:
        time.sleep(0.02)
    return not processes() - before


# ---------------------------------------------------------------- what ends a process


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (["while True: pass"], TimedOut),
        (["import time", "time.sleep(60)"], TimedOut),
        (["import os", "os._exit(0)"], Crashed),
        (["import os", "os.kill(os.getpid(), 9)"], Crashed),
        (["import ctypes", "ctypes.string_at(0)"], Crashed),
        (["import os", "os.abort()"], Crashed),
        (["import sys", "sys.setrecursionlimit(10**9)", "attack()"], StudentFault),
        (["return bytearray(10**10)"], OutOfMemory),
        (["import numpy", "return numpy.ones((10**5, 10**5))"], OutOfMemory),
        (["data = []", "while True: data.append(bytearray(10**6))"], OutOfMemory),
        (["import numpy", "return numpy.zeros(10**7)"], Garbled),
        (["x = []", "x.append(x)", "return x"], Garbled),
        (["return [0] * 10**6"], Garbled),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else value.__name__,
)
def test_what_ends_a_call(lines: list[str], fault: type[StudentFault]) -> None:
    """Does each limit end the call, and nothing else?"""
    started = time.monotonic()
    with closing(open_session(attack(*lines), QUICK)) as session:
        with pytest.raises(fault):
            session.call("attack")
        assert time.monotonic() - started < 4


def test_one_byte_at_a_time() -> None:
    """Does a process that keeps sending a little get more time?"""
    trickle = [
        "import os, time",
        "for fd in range(3, 32):",
        "    try: os.write(fd, b'L')",
        "    except OSError: continue",
        "    for _ in range(100): time.sleep(0.1); os.write(fd, b'F')",
    ]
    with closing(open_session(attack(*trickle), QUICK)) as session:
        with pytest.raises((TimedOut, Garbled)):
            session.call("attack")
        assert not session.alive


@pytest.mark.parametrize(
    "frame",
    [
        "b'no frame at all, but long enough'",
        "struct.pack('<4sIQ', b'LFS1', 100, 1 << 40)",
        "struct.pack('<4sIQ', b'LFS1', 1 << 31, 0)",
        "struct.pack('<4sIQ', b'LFS1', 4, 0) + b'true'",
        "struct.pack('<4sIQ', b'LFS1', 18, 0) + b'{\"dict\":[[5],[[]]]}'",
    ],
)
def test_forged_reply(frame: str) -> None:
    """Is what student code writes to the channel checked?"""
    forge = [
        "import os, struct",
        "for fd in range(3, 32):",
        f"    try: os.write(fd, {frame})",
        "    except OSError: pass",
    ]
    with (
        closing(open_session(attack(*forge), QUICK)) as session,
        pytest.raises(Garbled),
    ):
        session.call("attack")


# ---------------------------------------------------------------- what is not there


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/proc/self/mem",
        "/sys/kernel",
        "/dev/zero",
        "/worker/autograde/checks",
        os.path.expanduser("~/.bashrc"),
        str(ROOT / "autograde" / "sandbox.py"),
        str(jail.PACKAGES / "torch" / "__init__.py"),
    ],
)
def test_files_are_not_there(calm: Session, path: str) -> None:
    """Does a file outside the positive list exist for student code?"""
    source = f"import os; found = os.path.exists({path!r})"
    assert calm.call("attack", (source,)).value is False


def test_whole_file_system(calm: Session) -> None:
    """Does anything but the standard library, NumPy and shared libraries show?"""
    source = (
        "import os; found = [os.path.join(f, n) for f, _, names in os.walk('/')"
        " for n in names if not f.startswith(('/packages/numpy', STDLIB))]"
    ).replace("STDLIB", repr(str(jail.STDLIB)))
    files = calm.call("attack", (source,)).value
    assert "/worker/autograde/wire.py" in files
    rest = [f for f in files if ".so" not in f and f != str(jail.PYTHON)]
    assert sorted(rest) == [
        "/dev/null",
        "/worker/autograde/wire.py",
        "/worker/autograde/worker.py",
    ]


@pytest.mark.parametrize(
    "module", ["torch", "scipy", "solutions", "autograde", "pytest", "pip", "nbgrader"]
)
def test_libraries_are_not_there(calm: Session, module: str) -> None:
    """Can student code import anything but NumPy and the standard library?"""
    with pytest.raises(StudentError) as caught:
        calm.call("attack", (f"import {module}; found = 0",))
    assert caught.value.kind == "ModuleNotFoundError"


@pytest.mark.parametrize(
    "line",
    [
        "open('/tmp/x', 'w')",
        "open('/x', 'w')",
        "open('/dev/x', 'w')",
        "open('/packages/numpy/x.py', 'w')",
        "import os; os.mkdir('/packages/torch')",
        "import os; os.fork()",
        "import os; os.setuid(0)",
        "import os; os.listdir('/proc')",
        "import subprocess; subprocess.run(['/bin/sh'])",
        "import threading; threading.Thread(target=print).start()",
        "import socket; socket.create_connection(('127.0.0.1', 22), 1)",
        "import socket; socket.create_connection(('8.8.8.8', 53), 1)",
        "import resource as r; r.setrlimit(r.RLIMIT_CPU, (9999, 9999))",
        "import os; [os.open('/dev/null', 0) for _ in range(99)]",
        "import os; os.memfd_create('x')",
        "import ctypes; assert ctypes.CDLL(None).unshare(0x10000000) == 0",
        "import ctypes; assert ctypes.CDLL(None).shmget(0, 1 << 30, 0o1600) >= 0",
        "import ctypes; assert ctypes.CDLL(None).mount(b'', b'/', b'tmpfs', 0, 0) == 0",
        "import sys; sys.exit(0)",
        "def f(): f()\nf()",
        "raise KeyboardInterrupt",
        "input()",
    ],
)
def test_refused(calm: Session, line: str) -> None:
    """Is what the sandbox does not allow an ordinary exception, and the end of it?"""
    with pytest.raises(StudentError):
        calm.call("attack", (f"{line}\nfound = 0",))
    assert calm.call("attack", ("found = 1",)).value == 1


def test_nothing_of_the_host(calm: Session) -> None:
    """Are environment, user, host name and privileges those of nobody?"""
    source = (
        "import os, socket; found = [dict(os.environ), os.getuid(), os.getgid(),"
        " os.getgroups(), socket.gethostname()]"
    )
    environment, user, group, groups, host = calm.call("attack", (source,)).value
    assert environment == {}
    assert (user, group, host) == (jail.NOBODY, jail.NOBODY, "sandbox")
    assert set(groups) <= {jail.NOBODY}


def test_a_gigabyte_of_output(calm: Session) -> None:
    """Does printing cost memory, or the answer?"""
    source = "text = 'x' * 10**7\nfor _ in range(100): print(text)\nfound = 3"
    assert calm.call("attack", (source,)).value == 3


def test_messages_are_short_and_printable(calm: Session) -> None:
    """Can an exception's text carry a page, or a terminal's control characters?"""
    with pytest.raises(StudentError) as caught:
        calm.call("attack", ("raise ValueError('\\x1b[31m' + 'a\\n' * 10**6)",))
    assert len(caught.value.message) <= 300
    assert caught.value.message.isprintable()


# ---------------------------------------------------------------- loading


def test_where_a_statement_failed() -> None:
    """Does a failing statement cost only itself, and is its place named?"""
    statements = [
        Statement("import torch", "your cell f", 2, "import"),
        Statement("def f(x):\n    return x + 1", "your cell f", 3, "definition"),
        Statement("def g(x: torch.Tensor): pass", "your cell g", 1, "", ("g",)),
        Statement("def h(x):\n\n    return x[3]", "your cell h", 5, "definition"),
    ]
    with closing(open_session(statements, QUICK)) as session:
        assert session.call("f", (1,)).value == 2
        assert session.failures == (
            "line 2 of your cell f: ModuleNotFoundError: No module named 'torch'",
            "line 1 of your cell g: NameError: name 'torch' is not defined",
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
        with pytest.raises(StudentError):
            session.call("h")
        assert len(session.failures) == 3


def test_a_program_that_never_loads() -> None:
    """Is loading given up after a few restarts?"""
    statements = program(*["import os; os._exit(1)"] * 9)
    with pytest.raises(Crashed, match="exit status 1"):
        open_session(statements, Limits(restarts=2))


# ---------------------------------------------------------------- beginning and end


def test_no_process_is_left() -> None:
    """Do background processes end with the session?"""
    before = processes()
    limits = Limits(processes=20)
    session = open_session(
        attack(
            "import os, time",
            "for _ in range(3):",
            " if os.fork() == 0: time.sleep(99)",
        ),
        limits,
    )
    assert session.call("attack").value is None
    assert processes() - before
    session.close()
    assert gone(before)


def test_a_killed_grader_leaves_no_process() -> None:
    """Does a sleeping sandbox die with a grader that is killed?"""
    before = processes()
    code = (
        "from autograde.tests.test_sandbox import *\n"
        "session = open_session(attack('import time; time.sleep(99)'))\n"
        "print('up', flush=True)\nsession.call('attack')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT
    ) as grader:
        assert grader.stdout is not None
        grader.stdout.readline()
        assert processes() - before
        grader.send_signal(signal.SIGKILL)
    assert gone(before)


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


def test_bubblewrap_that_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Does the reason of bubblewrap itself show, with what to do?"""
    monkeypatch.setattr(
        jail, "command", lambda *_: ["/bin/sh", "-c", "echo No permission >&2; exit 1"]
    )
    with pytest.raises(SandboxError, match=r"No permission.*namespaces"):
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
