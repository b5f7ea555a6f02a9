"""Reading what is not theirs: checks, secret, other students, home, environment."""

from pathlib import Path

from autograde.course import PROJECT
from autograde.demo_student import ASSIGNMENT
from autograde.grade import CHECKS
from autograde.tests.attacks.attack import NAME, Attack, body

CANARY = "CanaryOfTheCourse"  # stands in every file and variable that nobody may read

READ = """
import glob, os
def read(*patterns):
    found = []
    for pattern in patterns:
        for path in glob.glob(os.path.expanduser(pattern), recursive=True):
            try:
                found.append(path + open(path, errors="replace").read(200))
            except OSError:
                pass
    return found
"""
CLIMB = "/".join([".."] * 12)


def reads(name: str, tries: str, *patterns: str | Path) -> Attack:
    """Everything that these patterns reach would stand in the message."""
    places = [str(pattern) for pattern in patterns]
    line = f"raise ValueError('read: ' + str(read(*{places!r})))"
    return Attack(name, f"reads {tries}", "raised", data=body(line, before=READ))


ATTACKS = [
    reads("read-checks", "the hidden checks", CHECKS / "*.py", "**/check_*.py"),
    reads(
        "read-secret",
        "the course's secret",
        "**/course_secret",
        f"{CLIMB}/**/course_secret",
    ),
    reads(
        "read-neighbor",
        "another student's notebook",
        f"../../*/*/{NAME}",
        f"/**/{NAME}",
    ),
    reads("read-gradebook", "the gradebook", "**/gradebook.db", "/*/**/gradebook.db"),
    reads("read-home", "the home folder", "~/*", "~/.*", "/root/*", "/home/*/*"),
    reads("read-etc", "the system's files", "/etc/*", "/proc/*/*", "/sys/*", "/var/*"),
    reads("read-solutions", "the reference", PROJECT / "solutions" / "*.py"),
    reads(
        "read-reports",
        "the reports",
        f"{PROJECT}/reports/**",
        f"**/{ASSIGNMENT}/*.json",
    ),
    Attack(
        "read-environment",
        "reads the environment",
        "raised",
        data=body(
            "import ctypes, os",
            "texts = ctypes.POINTER(ctypes.c_char_p)",
            "environ = texts.in_dll(ctypes.CDLL(None), 'environ')",
            "found = []",
            "while environ and environ[len(found)]: found.append(environ[len(found)])",
            "raise ValueError(f'read: {dict(os.environ)} {found}')",
        ),
    ),
    Attack(
        "read-descriptors",
        "reads every file that was left open",
        "raised",
        data=body(
            "import os",
            "found = []",
            "for fd in range(64):",
            "    try: found += [(fd, r) for r in [os.pread(fd, 99, 0)] if r]",
            "    except OSError: pass",
            "raise ValueError(f'read: {found}')",
        ),
    ),
    Attack(
        "read-memory",
        "reads the memory of its own process and of its parent",
        "raised",
        data=body(
            "import os",
            "for pid in ('self', os.getppid(), 1):",
            "    try: return open(f'/proc/{pid}/mem', 'rb').read(99), ()",
            "    except OSError: pass",
            "raise ValueError('read: nothing')",
        ),
    ),
    Attack(
        "read-inputs",
        "puts the hidden inputs into its message",
        "raised",
        data=body("raise ValueError(' '.join(f'{v:.17g}' for v in x.flat))"),
    ),
]
