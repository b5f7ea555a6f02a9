"""Hostile and unlucky programs in the real sandbox: what each tries, what comes out."""

import os
from collections.abc import Iterator
from contextlib import closing

import pytest

from autograde import jail, warm
from autograde.sandbox import (
    Crashed,
    Garbled,
    OutOfMemory,
    Session,
    StudentError,
    StudentFault,
    TimedOut,
    open_session,
)
from autograde.tests.programs import IMPATIENT, QUICK, ROOT, attack, program


@pytest.fixture(autouse=True, scope="module", params=["forked", "started"])
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Sessions that are forked, and sessions that start their own bubblewrap."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "started":
            patch.setattr(warm, "start", lambda *_: None)
        yield


@pytest.fixture(scope="module")
def calm(way: None) -> Iterator[Session]:
    """One session for all that should leave no trace."""
    source = (
        "def attack(source):\n space = {}\n exec(source, space)\n return space['found']"
    )
    with closing(open_session(program(source), QUICK)) as session:
        yield session


# ---------------------------------------------------------------- what ends a process


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (["while True: pass"], TimedOut),
        (["import os", "os._exit(0)"], Crashed),
        (["import os", "os.kill(os.getpid(), 9)"], Crashed),
        (["import ctypes", "ctypes.string_at(0)"], Crashed),
        (["import os", "os.abort()"], Crashed),
        (["import sys", "sys.setrecursionlimit(10**9)", "attack()"], StudentFault),
        (["return bytearray(10**10)"], OutOfMemory),
        (["import numpy", "return numpy.ones((10**5, 10**5))"], OutOfMemory),
        (
            [
                "import numpy",
                "data = []",
                "while True: data.append(numpy.zeros(10**5))",
            ],
            OutOfMemory,
        ),
        (["import numpy", "return numpy.zeros(10**7)"], Garbled),
        (["x = []", "x.append(x)", "return x"], Garbled),
        (["return [0] * 10**6"], Garbled),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else value.__name__,
)
def test_what_ends_a_call(lines: list[str], fault: type[StudentFault]) -> None:
    """Does each limit end the call, and nothing else?"""
    with closing(open_session(attack(*lines), QUICK)) as session, pytest.raises(fault):
        session.call("attack")


def test_waiting() -> None:
    """Does a call end that computes nothing?"""
    program = attack("import time", "time.sleep(600)")
    with closing(open_session(program, IMPATIENT)) as session:
        with pytest.raises(TimedOut, match="idle for more than 1 seconds"):
            session.call("attack")
        assert not session.alive


def test_one_byte_at_a_time() -> None:
    """Does a process that keeps sending a little get more time?"""
    trickle = [
        "import os, time",
        "for byte in b'LFS1' + bytes(12) + b'0' * 99:",
        "    time.sleep(0.1)",
        "    for fd in range(3, 32):",
        "        try: os.write(fd, bytes([byte]))",
        "        except OSError: pass",
    ]
    with closing(open_session(attack(*trickle), IMPATIENT)) as session:
        with pytest.raises(TimedOut):
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
        "/worker/autograde/forker.py",
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
