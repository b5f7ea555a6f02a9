"""What a command costs, with every process that it starts: seconds, CPU, memory."""

import ctypes
import os
import resource
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Cost:
    """Of one run of a command."""

    wall: float
    cpu: float
    """Seconds, of the command and of all that it, or we, waited for."""
    peak: float
    """MB of all its processes together, shared pages counted once; sampled."""


def measure(command: Sequence[str], folder: Path, log: Path) -> Cost:
    """Run a command to its end; its output goes into a file.

    What it leaves behind, such as a kernel, is ours to wait for, and so is counted.

    Raises:
        RuntimeError: the command failed, or this process has other children, which
            would be waited for as well.
    """
    if others := _family(os.getpid()) - {os.getpid()}:
        raise RuntimeError(f"measure in a process of its own: this one has {others}")
    adopt()
    used, start = children(), time.perf_counter()
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=folder, stdout=file, stderr=file, start_new_session=True
        )
    peak = _Peak(process.pid)
    status = 0
    for pid, found in ended():
        if pid == process.pid:
            status, wall = found, time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed, see {log}")
    return Cost(wall, children() - used, peak.stop())


def adopt() -> None:
    """From now on, what a child leaves behind as it ends is a child of ours."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def ended() -> Iterator[tuple[int, int]]:
    """Wait for every child, one after the other: its number, and how it ended."""
    with suppress(ChildProcessError):
        while True:
            yield os.waitpid(-1, 0)


def children() -> float:
    """CPU seconds of all processes that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class _Peak:
    """Samples the memory of a process and of its descendants."""

    def __init__(self, pid: int) -> None:
        self.peak, self.ended = 0.0, threading.Event()
        self.thread = threading.Thread(target=self.sample, args=(pid,))
        self.thread.start()

    def sample(self, pid: int) -> None:
        while not self.ended.wait(0.1):
            self.peak = max(self.peak, sum(map(_megabytes, _family(pid))))

    def stop(self) -> float:
        self.ended.set()
        self.thread.join()
        return self.peak


def _family(pid: int) -> set[int]:
    """The process and all that descend from it, kernels and sandboxes too."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        parents[int(path.parent.name)] = int(fields[1])
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family}:
        if more <= family:
            break
        family |= more
    return family


def _megabytes(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    lines = (line.split() for line in text.splitlines())
    return next((int(line[1]) / 1024 for line in lines if line[0] == "Pss:"), 0.0)
