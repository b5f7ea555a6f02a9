"""The sandbox: student code in a process of its own, reached by data only.

Covered, on Linux with bubblewrap:
  - namespaces of its own for users (not as root, see `jail`), processes, mounts,
    network, IPC and host name; no capability, no environment, no terminal;
  - files: the standard library, NumPy and the shared libraries they load, read-only;
    no place to write, no /proc, no device but /dev/null;
  - CPU and idle seconds, by the kernel's clocks of that process (`clocks`), of a call,
    of a function, of the whole submission;
  - memory, processes and threads, file size, open files, size of a reply;
  - system calls that open namespaces, sockets or queues, mount, read the kernel's
    log, or get memory that no limit counts (`seccomp`, on x86_64 and aarch64);
  - what comes back is data, checked before it is allocated (`wire`), and what was to
    stay inside never becomes data of ours (`session`);
  - all of it ends with the session, also when the grader itself is killed.

Not covered:
  - a hole in the kernel, or in bubblewrap;
  - memory of several processes together, if `Limits.processes` is raised: it is the
    product of the two limits;
  - what student code says about its own values: it may return what it likes, hide that
    it changed an argument, and spoil NumPy for its own other answers;
  - inputs told by the answer itself: a message is short and its numbers are cut, yet
    words can carry a few of them; a run with another number draws others.
"""

import os
import select
import signal
import socket
import struct
import subprocess
import tempfile
from collections.abc import Collection, Sequence
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import IO

from autograde import jail, seccomp, warm, wire
from autograde.clocks import Account, Clock, Seconds
from autograde.limits import Limits
from autograde.session import (
    Client,
    Crashed,
    Garbled,
    Killed,
    LocalSession,
    NoTimeLeft,
    OutOfMemory,
    SandboxError,
    Session,
    Statement,
    StudentError,
    StudentFault,
    TimedOut,
    frame_of,
)

__all__ = [
    "Crashed",
    "Garbled",
    "Killed",
    "LocalSession",
    "NoTimeLeft",
    "OutOfMemory",
    "SandboxError",
    "Session",
    "StudentError",
    "StudentFault",
    "TimedOut",
    "open_session",
    "probe",
]

GRACE = 1.0  # seconds for an idle worker to see that its channel is closed
DEFAULTS = Limits()
CHUNK = 1 << 16  # bytes that are read, or announced, at a time
AT_ONCE = 64  # statements that are announced
SPARE = ("assignment", "statement")


def open_session(
    program: Sequence[Statement],
    limits: Limits = DEFAULTS,
    *,
    unsafe: bool = False,
    account: Account | None = None,
) -> Session:
    """Start a process, execute the program in it, one statement after the other.

    A statement that fails is noted in `failures`. One that ends the process, or uses up
    the time, is left out when loading starts again; where time runs out, first what no
    answer needs is.

    Args:
        program: what `submission.read` chose.
        limits: what the process may use.
        unsafe: without bubblewrap, in a plain process. Refused as root.
        account: of the submission, where it has several sessions: what one of them
            used, and what ended it, holds for the next.

    Raises:
        SandboxError: it does not start; the message says what to do.
        StudentFault: `limits.restarts` times, the program ended its process.
    """
    account = account or Account(limits)
    left_out = account.left_out
    fault: StudentFault | None = None
    for _ in range(limits.restarts + 1):
        session = _Process(program, limits, unsafe, account)
        session.announce([s for i, s in enumerate(program) if i not in left_out])
        for index, statement in enumerate(program):
            try:
                if index in left_out:
                    session.note(statement, left_out[index])
                else:
                    session.execute(statement)
            except NoTimeLeft:
                session.close()
                raise
            except StudentFault as error:
                fault = error
                blamed = _blamed(program, index, error, left_out)
                left_out |= dict.fromkeys(blamed, error)
                break
        else:
            return session
        session.close()
    assert fault is not None
    raise fault


def _blamed(
    program: Sequence[Statement],
    index: int,
    fault: StudentFault,
    left_out: Collection[int],
) -> set[int]:
    """Which statements are left out after this one ended the process.

    Where it took too long, first what no answer needs: that may have taken the time.
    """
    spare = {
        i
        for i, s in enumerate(program)
        if s.kind in SPARE and not s.needed and i not in left_out
    }
    return spare if spare and isinstance(fault, TimedOut) else {index}


def probe(*, unsafe: bool = False) -> None:
    """Start a real session and end it.

    Raises:
        SandboxError: there is no sandbox here; the message says how to get one.
    """
    _Process((), DEFAULTS, unsafe, Account(DEFAULTS)).close()


class _Process(Client):
    """A session over a worker in a process of its own."""

    def __init__(
        self,
        program: Sequence[Statement],
        limits: Limits,
        unsafe: bool,
        account: Account,
    ) -> None:
        super().__init__(program)
        self._limits, self._account = limits, account
        account.by.pop("", None)  # loading begins anew
        self._channel, theirs = socket.socketpair()
        self._came, self._announced = bytearray(), 0
        self._channel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._channel.setblocking(False)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        with theirs, tempfile.TemporaryFile() as errors:
            self._start(theirs, unsafe, errors)
            theirs.close()
            try:
                self._pid = self._hello()
            except (OSError, StudentFault):
                self._last_words()  # lets bubblewrap write its reason
                self._kill()
                errors.seek(0)
                text = errors.read(4000).decode(errors="replace")
                raise SandboxError(jail.advice(text or "no message")) from None

    def _start(self, theirs: socket.socket, unsafe: bool, errors: IO[bytes]) -> None:
        if not unsafe and (fork := warm.start(theirs, self._limits)):
            self._process: subprocess.Popen[bytes] | warm.Fork = fork
            return
        with tempfile.TemporaryFile() as rules:
            rules.write(seccomp.rules())
            rules.seek(0)
            fds = theirs.fileno(), rules.fileno()
            try:
                command = self._command(*fds, unsafe)
                self._process = jail.spawn(command, fds, errors)
            except OSError as error:
                self._channel.close()
                raise SandboxError(f"no process can be started: {error}") from None

    def _command(self, fd: int, rules: int, unsafe: bool) -> list[str]:
        if not unsafe:
            if jail.bubblewrap() is None:
                self._channel.close()
                raise SandboxError(jail.advice(""))
            return jail.command(fd, rules, self._limits)
        if os.geteuid() == 0:
            self._channel.close()
            raise SandboxError(
                "--unsafe-no-sandbox is refused as root: use another user"
            )
        self._folder = tempfile.TemporaryDirectory(prefix="autograde-")
        return jail.bare_command(fd, self._limits, Path(self._folder.name))

    def _hello(self) -> int:
        """Wait for the worker's first byte; the kernel says which process sent it."""
        clock = Clock(None, Seconds(0, self._limits.start_wall))
        clock.wait(self._channel, select.POLLIN)
        size = struct.calcsize("3i")  # pid, uid, gid
        first, ancillary, _, _ = self._channel.recvmsg(1, socket.CMSG_SPACE(size))
        if not first or not ancillary:
            raise Crashed("the worker did not start")
        self._channel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        pid: int = struct.unpack("3i", ancillary[0][2][:size])[0]
        return pid

    @property
    def alive(self) -> bool:
        """Whether the process still answers."""
        return self._channel.fileno() >= 0

    def announce(self, program: Sequence[Statement]) -> None:
        """Send the first statements all at once; `execute` then waits for each.

        They, and the replies, have room in the channel: neither side waits to write.
        """
        frames = [frame_of(statement) for statement in program[:AT_ONCE]]
        self._announced = sum(size <= CHUNK for size in accumulate(map(len, frames)))
        clock = Clock(None, Seconds(0, self._limits.start_wall))
        with suppress(OSError, TimedOut):  # who waits for the first reply hears of it
            self._send(b"".join(frames[: self._announced]), clock)

    def _ask(self, frame: bytes, function: str) -> bytes:
        if not self.alive:
            raise Crashed("the process has ended")
        clock = self._account.clock(self._pid, function)
        try:
            if self._announced:
                self._announced -= 1
            else:
                self._send(frame, clock)
            prefix = self._receive(wire.PREFIX.size, clock)
            header, payload = wire.sizes(prefix, self._limits.reply_bytes)
            return prefix + self._receive(header + payload, clock)
        except wire.WireError as error:
            self._kill()
            raise Garbled(f"what came back is not a value: {error}") from None
        except OSError:
            fault = self._last_words()
            self._kill()
            raise fault from None
        except StudentFault:
            self._kill()
            raise
        finally:
            self._account.add(function, clock.stop())

    def _send(self, frame: bytes, clock: Clock) -> None:
        rest = memoryview(frame)
        while rest:
            try:
                rest = rest[self._channel.send(rest) :]
            except BlockingIOError:
                clock.wait(self._channel, select.POLLOUT)

    def _receive(self, size: int, clock: Clock) -> bytes:
        """The next bytes; what comes along with them is kept for later."""
        while len(self._came) < size:
            try:
                data = self._channel.recv(max(size - len(self._came), CHUNK))
            except BlockingIOError:
                clock.wait(self._channel, select.POLLIN)
                continue
            if not data:
                raise ConnectionError("the process ended")
            self._came += data
        taken = bytes(self._came[:size])
        del self._came[:size]
        return taken

    def _last_words(self) -> Crashed:
        """How the process ended by itself; called before `close` ends it."""
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return Crashed("the process closed the channel")
        number = status - 128 if status > 128 else -status
        kind = Killed if number == signal.SIGKILL else Crashed
        if number in set(signal.Signals):
            return kind(f"the process ended by {signal.Signals(number).name}")
        return kind(f"the process ended with exit status {status}")

    def close(self) -> None:
        """End the process and all that it started."""
        self._channel.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)  # of what is killed, nobody counts the time
        self._kill()

    def _kill(self) -> None:
        self._channel.close()
        self._process.kill()  # its namespaces end, and all that is in them
        self._process.wait()
        if self._folder is not None:
            self._folder.cleanup()
