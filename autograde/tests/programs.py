"""Small programs for the sandbox's tests, and a look at the processes they leave."""

import os
import time
from dataclasses import replace
from pathlib import Path

from autograde.limits import Limits
from autograde.session import Statement

QUICK = Limits(call_cpu=0.5, load_cpu=1.0, memory=1 << 28)
IMPATIENT = replace(QUICK, idle=1)
ROOT = Path(__file__).parents[2]


def program(*sources: str, kind: str = "definition") -> list[Statement]:
    return [Statement(source, "your cell f", 1, kind) for source in sources]


def attack(*lines: str) -> list[Statement]:
    return program("\n    ".join(["def attack():", *lines]))


def marked(number: int, processes: int = 1) -> Limits:
    """Limits by which `running` knows a worker from all others on this machine."""
    memory = (1 << 28) + os.getpid() * 10 + number
    return Limits(memory=memory, processes=processes)


def running(limits: Limits) -> int:
    """How many processes there are whose memory is limited so."""
    found = 0
    for path in Path("/proc").glob("[0-9]*/limits"):
        try:
            found += f" {limits.memory} " in path.read_text()
        except OSError:
            continue
    return found


def gone(limits: Limits) -> bool:
    """Whether all processes of these sessions end within five seconds."""
    end = time.monotonic() + 5
    while running(limits) and time.monotonic() < end:
        time.sleep(0.02)
    return running(limits) == 0
