"""What runs inside a warm sandbox: NumPy is there, and each session is a fork.

This process runs no student code and reads nothing that student code wrote. From the
grader it gets, for a session, a channel, a lifeline and the limits; it tells the grader
how the session's process ended. The file imports the standard library, NumPy and the
worker.

A session has namespaces of its own and three processes: the keeper outside of them
waits for the lifeline, and ends them all; the first inside, which its students cannot
signal, waits for the worker; the worker gives up every privilege, then reads a
student's code.
"""

import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
from functools import partial
from typing import Any, NoReturn

import numpy as np

from autograde.worker import main

MOUNTS, HOST_NAME, IPC = 0x00020000, 0x04000000, 0x08000000
PROCESSES, NETWORK = 0x20000000, 0x40000000
CAPABILITIES_3 = 0x20080522
PR_SET_SECCOMP, FILTER, PR_SET_NO_NEW_PRIVS = 22, 2, 38
libc = ctypes.CDLL(None, use_errno=True)


def serve(fd: int, uid: int, rules: str) -> None:
    """Say whether sessions can be forked here; fork them until the grader is gone."""
    control = socket.socket(fileno=fd)
    filters = bytes.fromhex(rules)
    np.random.default_rng()  # imports what every notebook needs
    gc.freeze()
    if _ended(_fork(lambda: _trial(uid, filters))) == 0:
        control.send(b"ready")
    while True:
        settings, fds, _, _ = socket.recv_fds(control, 1 << 16, 2)
        if not settings:
            return
        channel, lifeline = fds
        limits = json.loads(settings)
        keeper = _fork(partial(_keep, control, channel, lifeline, limits, filters))
        for received in fds:
            os.close(received)
        control.send(b"%d" % _ended(keeper))


def _trial(uid: int, filters: bytes) -> None:
    """What a session does before it reads anything."""
    _unshare(filters)
    if status := _ended(_fork(lambda: _lock(uid, filters))):
        os._exit(status)


def _keep(
    control: socket.socket,
    channel: int,
    lifeline: int,
    settings: dict[str, int],
    filters: bytes,
) -> None:
    """Outside the session's namespaces: end them when the grader says so."""
    control.close()
    _unshare(filters)
    first = _fork(lambda: _first(channel, lifeline, settings, filters))
    os.close(channel)
    poll = select.poll()
    poll.register(lifeline, select.POLLIN)
    poll.register(os.pidfd_open(first), select.POLLIN)
    poll.poll()
    os.kill(first, signal.SIGKILL)  # not waited for yet: the number is still its own
    os._exit(_ended(first))


def _first(
    channel: int, lifeline: int, settings: dict[str, int], filters: bytes
) -> None:
    """Process 1 of the session: when it ends, the kernel ends all others."""
    os.close(lifeline)

    def work() -> None:
        np.random.seed()  # noqa: NPY002 (that of a student may be the legacy one)
        _lock(settings["uid"], filters)
        main(channel, settings)

    worker = _fork(work)
    os.close(channel)
    while True:
        ended, status = os.wait()
        if ended == worker:
            os._exit(_exit_status(status))


def _unshare(filters: bytes) -> None:
    """Namespaces of the session's own.

    The network, empty anyway, is of this process: the filter on system calls lets a
    session have no socket but its channel. Where there is no filter, it is new.
    """
    flags = MOUNTS | HOST_NAME | IPC | PROCESSES | (0 if filters else NETWORK)
    if libc.unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare")


def _lock(uid: int, filters: bytes) -> None:
    """Give up every privilege, for good.

    Raises:
        OSError: one remains.
    """
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_3, 0)
    libc.capset(header, (ctypes.c_uint32 * 6)())
    left = (ctypes.c_uint32 * 6)(*[1] * 6)
    if libc.capget(header, left) or any(left) or os.getuid() == 0:
        raise OSError("a capability is left")
    program = ctypes.create_string_buffer(filters, len(filters))
    rules = _Rules(len(filters) // 8, ctypes.addressof(program))
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or (
        filters and libc.prctl(PR_SET_SECCOMP, FILTER, ctypes.byref(rules), 0, 0)
    ):
        raise OSError(ctypes.get_errno(), "prctl")


class _Rules(ctypes.Structure):
    """The kernel's struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("rules", ctypes.c_void_p))


def _fork(run: Any) -> int:
    """A child that runs this and ends; whatever happens, it never returns."""
    pid = os.fork()
    if pid == 0:
        _run(run)
    return pid


def _run(run: Any) -> NoReturn:
    status = 1
    try:
        run()
        status = 0
    except BaseException:  # student code may raise anything
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def _ended(pid: int) -> int:
    return _exit_status(os.waitpid(pid, 0)[1])


def _exit_status(status: int) -> int:
    """As a shell has it: 128 and the signal, where a signal ended it."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code
