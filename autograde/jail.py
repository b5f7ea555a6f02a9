"""The bubblewrap command line: a positive list of what a student's process sees."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import IO

import numpy as np

from autograde import seccomp
from autograde.limits import Limits

HERE = Path(__file__).parent
STDLIB = Path(os.__file__).resolve().parent
PACKAGES = Path(np.__file__).resolve().parent.parent
PYTHON = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
NOBODY = 65534
UNUSED = re.compile(r"_tkinter|_curses|readline|dbm|nis|_test|xxlimited")

# -P -s -S: no folder but the standard library is searched. -E would be safe too, but
# would lose the hash seed, and a mark must be reproducible.
FLAGS = ["-P", "-s", "-S", "-X", "utf8", "-W", "ignore"]
ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
BOOT = """
import os, sys
sys.path += ["{packages}", "{worker}"]
from autograde.{module} import {function}
sys.path.remove("{worker}")
{function}{arguments}
os._exit(0)
"""
OURS = ("wire.py", "worker.py", "forker.py")  # what a sandbox holds of autograde


def bubblewrap() -> str | None:
    """The path of bubblewrap, if it is installed."""
    return shutil.which("bwrap")


def command(fd: int, rules: int, limits: Limits) -> list[str]:
    """What starts a worker.

    Args:
        fd: the file descriptor on which it talks.
        rules: one from which bubblewrap reads the filter on system calls.
        limits: what the worker may use.
    """
    sandbox = [bubblewrap() or "bwrap", *_jail(os.geteuid() == 0)]
    if seccomp.rules():
        sandbox += ["--seccomp", str(rules)]
    return [*sandbox, "--", *python(fd, limits, "/packages", "/worker")]


def warm_command(fd: int) -> list[str]:
    """What starts a process that forks a worker for each session: see `forker`.

    It may open namespaces. Each worker gives that up, and gets the filter on system
    calls, before it reads a student's code.
    """
    sandbox = [bubblewrap() or "bwrap", *_jail(os.geteuid() == 0)]
    sandbox += ["--cap-add", "CAP_SYS_ADMIN"]
    boot = BOOT.format(
        packages="/packages",
        worker="/worker",
        module="forker",
        function="serve",
        arguments=(fd, NOBODY, seccomp.rules().hex()),
    )
    return [*sandbox, "--", str(PYTHON), *FLAGS, "-c", boot]


def python(fd: int, limits: Limits, packages: str, worker: str) -> list[str]:
    """The interpreter's own command line."""
    boot = BOOT.format(
        packages=packages,
        worker=worker,
        module="worker",
        function="main",
        arguments=(fd, settings(limits)),
    )
    return [str(PYTHON), *FLAGS, "-c", boot]


def settings(limits: Limits) -> dict[str, int]:
    """What a worker does to itself."""
    return {
        "uid": NOBODY,
        "reply_bytes": limits.reply_bytes,
        "session_cpu": limits.session_cpu,
        "memory": limits.memory,
        "file_size": limits.file_size,
        "open_files": limits.open_files,
        "processes": limits.processes,
    }


@cache
def _jail(root: bool) -> tuple[str, ...]:
    """Namespaces, and read-only mounts of exactly what NumPy needs.

    Root needs no user namespace, and one would map root to root: the worker changes to
    `nobody` itself before it reads a student's code.
    """
    arguments = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    arguments += ["--unshare-cgroup-try", "--new-session", "--die-with-parent"]
    arguments += ["--clearenv", "--hostname", "sandbox", "--cap-drop", "ALL"]
    if root:
        arguments += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        arguments += ["--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY)]
    mounts = _mounts()
    for folder in _parents([Path(inside) for inside in mounts.values()]):
        arguments += ["--perms", "0755", "--dir", folder]
    for outside, inside in mounts.items():
        arguments += ["--ro-bind", outside, inside]
    for library in ("site-packages", "dist-packages"):  # the base interpreter's own
        if (STDLIB / library).is_dir():
            arguments += ["--tmpfs", f"{STDLIB / library}"]
            arguments += ["--remount-ro", f"{STDLIB / library}"]
    arguments += ["--dev-bind", "/dev/null", "/dev/null", "--chdir", "/"]
    libraries = sorted({str(Path(path).parent) for path in _libraries()})
    for name, value in ENVIRONMENT.items():
        arguments += ["--setenv", name, value]
    arguments += ["--setenv", "LD_LIBRARY_PATH", ":".join(libraries)]
    return (*arguments, "--remount-ro", "/")  # its own root is writable until here


def _mounts() -> dict[str, str]:
    """Path outside: path inside."""
    mounts = {str(path): str(path) for path in [PYTHON, STDLIB]}
    mounts |= {os.path.realpath(path): path for path in _libraries()}
    for name in ("numpy", "numpy.libs"):
        if (PACKAGES / name).is_dir():
            mounts[str(PACKAGES / name)] = f"/packages/{name}"
    for name in OURS:
        mounts[str(HERE / name)] = f"/worker/autograde/{name}"
    return mounts


def _parents(paths: list[Path]) -> list[str]:
    """All folders above these paths, outermost first."""
    folders = {str(parent) for path in paths for parent in path.parents}
    return sorted(folders - {"/"} | {"/dev"})


@cache
def _libraries() -> tuple[str, ...]:
    """The shared libraries that the interpreter, its modules and NumPy load."""
    modules = [
        *(STDLIB / "lib-dynload").glob("*.so"),
        *(PACKAGES / "numpy").rglob("*.so"),
    ]
    binaries = [PYTHON, *(path for path in modules if not UNUSED.search(path.name))]
    listing = subprocess.run(
        ["ldd", *map(str, binaries)], capture_output=True, text=True, check=False
    ).stdout
    found = {os.path.normpath(path) for path in re.findall(r"(/\S+) \(0x", listing)}
    return tuple(sorted(p for p in found if not p.startswith(f"{PACKAGES}/")))


def bare_command(fd: int, limits: Limits, folder: Path) -> list[str]:
    """The same worker without a sandbox; `folder` gets links to NumPy and our files."""
    for name in ("numpy", "numpy.libs"):
        (folder / name).symlink_to(PACKAGES / name)
    (folder / "worker" / "autograde").mkdir(parents=True)
    for name in OURS:
        (folder / "worker" / "autograde" / name).symlink_to(HERE / name)
    environment = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
    interpreter = python(fd, limits, str(folder), str(folder / "worker"))
    return ["/usr/bin/env", *environment, *interpreter]


def spawn(
    command: list[str], fds: tuple[int, ...], errors: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start a command from a thread that lives as long as this process.

    bubblewrap dies with the thread that started it, not with the process.
    """

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            pass_fds=fds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={},
            cwd="/",
            start_new_session=True,
        )

    return _spawner(os.getpid()).submit(start).result()


@cache
def _spawner(pid: int) -> ThreadPoolExecutor:
    """One thread for each process: a forked child needs its own."""
    return ThreadPoolExecutor(1, f"sandbox-{pid}")


def advice(errors: str) -> str:
    """Why there is no sandbox, and what to do, in one sentence."""
    if not errors:
        return (
            "student code runs in bubblewrap, which is not installed (Linux only): "
            "`sudo apt install bubblewrap` or `sudo dnf install bubblewrap`"
        )
    last = errors.strip().splitlines()[-1][:200]
    if not last.startswith("bwrap:"):
        return f"the sandbox does not start: {last}"
    return (
        f"bubblewrap does not start ({last}): allow it user namespaces (on Ubuntu by "
        "an AppArmor profile for bwrap or `sudo sysctl "
        "kernel.apparmor_restrict_unprivileged_userns=0`, in Docker by "
        "`--security-opt seccomp=unconfined --cap-add SYS_ADMIN`)"
    )
