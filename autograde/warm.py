"""Sandboxes that are warm: bubblewrap and NumPy start once, sessions are forks.

Starting Python and NumPy is most of what a sandbox costs. So one process in bubblewrap
(`forker`) has them ready, and forks for each session a process with namespaces of its
own. Where the system does not let it, `start` says so, and every session starts its own
bubblewrap.
"""

import json
import os
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from multiprocessing.util import Finalize

from autograde import jail
from autograde.limits import Limits

_idle: list["_Forker"] = []
_unable: set[int] = set()  # processes in which no forker works


class Fork:
    """The process of one session: what `sandbox` needs of a `subprocess.Popen`."""

    def __init__(self, forker: "_Forker", channel: socket.socket, limits: Limits):
        self._forker = forker
        self._status: int | None = None
        self._lifeline, theirs = socket.socketpair()
        with theirs:
            settings = json.dumps(jail.settings(limits)).encode()
            fds = channel.fileno(), theirs.fileno()
            socket.send_fds(forker.control, [settings], fds)

    def kill(self) -> None:
        """End the session, and all that it started."""
        self._lifeline.close()

    def wait(self, timeout: float | None = None) -> int:
        """The exit status; everything has ended, and the forker is free again."""
        if self._status is None:
            self._status = self._forker.ended(timeout)
            self._lifeline.close()
        return self._status


class _Forker:
    """A warm process in bubblewrap, and the socket on which it takes orders."""

    def __init__(self, start_wall: float) -> None:
        self.control, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        with theirs, tempfile.TemporaryFile() as errors:
            command = jail.warm_command(theirs.fileno())
            try:
                self.process = jail.spawn(command, (theirs.fileno(),), errors)
            except OSError:
                self.control.close()
                raise
        self.control.settimeout(start_wall)
        try:
            self.ready = self.control.recv(16) == b"ready"
        except OSError:
            self.ready = False

    def ended(self, timeout: float | None) -> int:
        """Wait for the end of the session; afterwards another may use the forker."""
        self.control.settimeout(timeout)
        try:
            said = self.control.recv(16)
        except TimeoutError:
            raise subprocess.TimeoutExpired("a session", timeout or 0) from None
        except OSError:
            said = b""
        if not said:
            self.close()
            return 128 + signal.SIGKILL  # somebody killed it
        _idle.append(self)
        return int(said)

    def close(self) -> None:
        self.control.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
        self.process.kill()
        self.process.wait()


def start(channel: socket.socket, limits: Limits) -> Fork | None:
    """Start a worker on this channel; None where sessions cannot be forked."""
    if jail.bubblewrap() is None or os.getpid() in _unable:
        return None
    while _idle:
        forker = _idle.pop()
        if forker.process.poll() is None:
            return Fork(forker, channel, limits)
        forker.close()  # somebody killed it
    try:
        forker = _Forker(limits.start_wall)
    except OSError:
        return None
    if not forker.ready:
        forker.close()
        _unable.add(os.getpid())
        return None
    return Fork(forker, channel, limits)


def stop() -> None:
    """End all that are idle."""
    while _idle:
        _idle.pop().close()


Finalize(None, stop, exitpriority=1)  # at the end of a pool's worker too
os.register_at_fork(after_in_child=_idle.clear)
