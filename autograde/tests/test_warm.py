"""Is a session that was forked as closed as one with a bubblewrap of its own?"""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from autograde import jail, warm
from autograde.limits import Limits
from autograde.sandbox import Crashed, open_session
from autograde.tests.programs import QUICK, attack, program


@pytest.fixture(autouse=True)
def anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    warm.stop()
    monkeypatch.setattr(warm, "_unable", set())
    yield
    warm.stop()


def result(*lines: str, limits: Limits = QUICK) -> Any:
    with closing(open_session(attack(*lines), limits)) as session:
        return session.call("attack").value


def test_sessions_are_forks_of_one_process() -> None:
    forkers = []
    for _ in range(3):
        assert result("return 1") == 1
        forkers.append([forker.process.pid for forker in warm._idle])
    assert len(forkers[0]) == 1
    assert forkers[0] == forkers[1] == forkers[2]


def test_nothing_is_left_of_the_session_before() -> None:
    spoil = [
        "import builtins, os, sys, numpy, json",
        "os.environ['MARK'] = sys.path[0] = builtins.mark = 'full'",
        "numpy.ones = json.loads = sys.modules['autograde'] = lambda *_: 'full'",
    ]
    look = [
        "import builtins, os, sys, numpy, json",
        "found = [*os.environ, *sys.path, numpy.ones(1).sum(), json.loads('1')]",
        "found += [name for name in sys.modules if 'autograde' in name]",
        "return found + [getattr(builtins, 'mark', None), os.getpid()]",
    ]
    with closing(open_session([], QUICK)):
        before = result(*look)
    result(*spoil)
    assert result(*look) == before
    assert "full" not in before


def test_no_privilege_is_left() -> None:
    look = [
        "import ctypes, os",
        "libc, words = ctypes.CDLL(None), (ctypes.c_uint32 * 6)(*[1] * 6)",
        "libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), words)",
        "new, filtered = libc.prctl(39, 0, 0, 0, 0), libc.prctl(21, 0, 0, 0, 0)",
        "back = libc.setresuid(0, 0, 0)",
        "return list(words), new, filtered, back, os.getresuid(), os.getresgid()",
    ]
    nobody = (jail.NOBODY,) * 3
    assert result(*look) == ([0] * 6, 1, 2, -1, nobody, nobody)


@pytest.mark.parametrize(
    "call",
    [
        "libc.unshare(0x20000000)",
        "libc.mount(b'/', b'/tmp', b'', 4096, b'')",
        "libc.kill(1, 9)",
        "libc.socket(1, 1, 0)",
        "libc.socketpair(1, 2, 0, (ctypes.c_int * 2)())",
        "libc.mq_open(b'/note', 0o102, 0o777, 0)",
        "libc.klogctl(3, ctypes.create_string_buffer(99), 99)",
        "libc.sethostname(b'x', 1)",
        "libc.ptrace(16, 1, 0, 0)",
    ],
)
def test_a_session_cannot_leave(call: str) -> None:
    assert result("import ctypes", "libc = ctypes.CDLL(None)", f"return {call}") == -1


def test_a_session_sees_its_own_processes_only() -> None:
    look = ["import os", "alive = []", "for pid in range(1, 300):"]
    look += ["    try: os.kill(pid, 0)", "    except ProcessLookupError: continue"]
    look += ["    except PermissionError: pass", "    alive.append(pid)"]
    with closing(open_session([], QUICK)):
        assert result(*look, "return alive") == [1, 2]


def test_it_holds_no_channel_but_its_own() -> None:
    look = ["import os, stat", "found = []", "for fd in range(32):"]
    look += ["    try: found.append(stat.S_IFMT(os.fstat(fd).st_mode))"]
    look += ["    except OSError: pass", "return found"]
    device, channel = 0o020000, 0o140000
    assert result(*look) == [device] * 3 + [channel]


def test_two_sessions_at_once() -> None:
    answer = program("def f(x): return x + 1")
    with closing(open_session(answer, QUICK)) as first:
        with closing(open_session(answer, QUICK)) as second:
            assert second.call("f", (1,)).value == 2
        assert first.call("f", (2,)).value == 3
    assert len(warm._idle) == 2


def test_a_forker_that_has_died_is_replaced() -> None:
    result("return 1")
    (forker,) = warm._idle
    forker.process.kill()
    forker.process.wait()
    assert result("return 2") == 2


def test_how_a_session_ended_is_known() -> None:
    for line, words in [("os._exit(3)", "exit status 3"), ("os.abort()", "SIGABRT")]:
        session = open_session(attack("import os", line), QUICK)
        with pytest.raises(Crashed, match=words):
            session.call("attack")


def test_where_none_can_be_forked_each_session_starts_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jail, "warm_command", lambda fd: ["/bin/false"])
    assert result("return 1") == 1
    assert warm._idle == []
