"""Time: what a student's process uses, and what is left to its submission.

Two kinds of seconds count: those in which the process computes, and those in which it
is idle, as in a sleep. Seconds in which it waits for a free core are neither, so a busy
machine fails nobody. What has answered is never late.
"""

import select
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from autograde.limits import Limits
from autograde.session import NoTimeLeft, StudentFault, TimedOut

TICK = 0.05  # seconds between two looks at a process
PROC = Path("/proc")


class Seconds(NamedTuple):
    """Seconds of a process, of both kinds."""

    cpu: float = 0.0
    idle: float = 0.0


NOTHING = Seconds()


class Clock:
    """The seconds that a process may use for one request."""

    def __init__(
        self, pid: int | None, left: Seconds, fault: type[TimedOut] = TimedOut
    ) -> None:
        self.pid, self.left, self.fault = pid, left, fault
        self.cpu = cpu_of(pid)
        self.idle: float | None = None
        self.used = NOTHING
        self.answers = False

    def wait(self, channel: socket.socket, event: int) -> None:
        """Wait until the channel is ready, as long as there is time left.

        Raises:
            TimedOut: there is none. An answer that has begun to come is not waited
                for at leisure either.
        """
        poll = select.poll()
        poll.register(channel, event)
        while not poll.poll(TICK * 1000):
            self.look()
        if self.answers:
            self.look()
        self.answers = True

    def look(self) -> None:
        """See what was used. Idle seconds count from the first look on."""
        cpu, idle = cpu_of(self.pid), idle_of(self.pid)
        self.idle = idle if self.idle is None else self.idle
        self.used = Seconds(cpu - self.cpu, idle - self.idle)
        if self.used.cpu > self.left.cpu:
            raise self.fault(f"more than {self.left.cpu:.3g} seconds of computing")
        if self.used.idle > self.left.idle:
            raise self.fault(f"idle for more than {self.left.idle:.3g} seconds")

    def stop(self) -> Seconds:
        """What the request has used."""
        with suppress(OSError):  # of a process that has ended, what was last seen
            self.used = Seconds(cpu_of(self.pid) - self.cpu, self.used.idle)
        return self.used


class Account:
    """What one submission has used so far, in all its sessions."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.total = NOTHING
        self.by: dict[str, Seconds] = {}
        """By function; loading the present session is ""."""
        self.left_out: dict[int, StudentFault] = {}
        """The statements that ended a session, by their place in the program."""

    def clock(self, pid: int, function: str) -> Clock:
        """A clock for the next request.

        Raises:
            TimedOut: the function has no time left for all its calls.
            NoTimeLeft: the submission has none.
        """
        limits, used = self.limits, self.by.get(function, NOTHING)
        one = limits.cpu_of(function) if function else limits.load_cpu
        every = one * limits.all_calls if function else one
        own = Seconds(min(one, every - used.cpu), limits.idle - used.idle)
        rest = Seconds(
            limits.total_cpu - self.total.cpu, limits.total_idle - self.total.idle
        )
        if min(rest) <= 0:
            raise NoTimeLeft("no time is left for the whole notebook")
        if min(own) <= 0:
            raise TimedOut(f"all calls take more than {every:.3g} seconds")
        left = Seconds(min(own.cpu, rest.cpu), min(own.idle, rest.idle))
        return Clock(pid, left, TimedOut if left == own else NoTimeLeft)

    def add(self, function: str, used: Seconds) -> None:
        """A request has ended."""
        before = self.by.get(function, NOTHING)
        self.by[function] = Seconds(before.cpu + used.cpu, before.idle + used.idle)
        self.total = Seconds(self.total.cpu + used.cpu, self.total.idle + used.idle)


def cpu_of(pid: int | None) -> float:
    """Seconds that a process has computed: the kernel's clock of it."""
    # The number of another process's CPU clock, as in clock_getcpuclockid.
    return 0.0 if pid is None else time.clock_gettime((~pid << 3) | 2)


def idle_of(pid: int | None) -> float:
    """A clock that runs while a process neither computes nor waits for a core.

    Where the kernel does not tell how long it waited, the clock runs slowly.
    """
    now = time.monotonic()
    if pid is None:
        return now
    try:
        _, waited, _ = (PROC / str(pid) / "schedstat").read_text().split()
    except OSError:
        return (now - cpu_of(pid)) / 10
    return now - cpu_of(pid) - int(waited) / 1e9
