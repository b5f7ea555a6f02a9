"""A filter on system calls: no namespace, no mount, no socket, no memory uncounted.

Student code gains nothing by most of these; each is a way around a limit (shared memory
is not counted by RLIMIT_AS), or a part of the kernel that a course does not need.
"""

import errno
import platform
import struct

DENIED = {  # name: number on x86_64, number on aarch64
    "add_key": (248, 217),
    "bind": (49, 200),
    "bpf": (321, 280),
    "connect": (42, 203),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "io_uring_setup": (425, 425),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "request_key": (249, 218),
    "semget": (64, 190),
    "setns": (308, 268),
    "shmget": (29, 194),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
MACHINES = {  # place in DENIED, the kernel's name of the architecture, its `clone`
    "x86_64": (0, 0xC000003E, 56),
    "aarch64": (1, 0xC00000B7, 220),
}
CLONE3 = 435  # its flags lie in memory, out of a filter's sight; libc then calls clone
NAMESPACES = 0x7E020000  # every CLONE_NEW... flag

LOAD, EQUAL, ATLEAST, ANY, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
ALLOW, FAIL, KILL = 0x7FFF0000, 0x00050000, 0x80000000


def rules(machine: str = platform.machine()) -> bytes:
    """The filter, as the kernel reads it; empty where we know no system call numbers.

    Example:
        >>> len(rules("x86_64")) % 8, rules("a toaster")
        (0, b'')
    """
    if machine not in MACHINES:
        return b""
    column, architecture, clone = MACHINES[machine]
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, architecture),  # if so, skip one step
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (ATLEAST, 0, 1, 0x40000000),  # x86_64's second set of numbers
        (RETURN, 0, 0, FAIL | errno.ENOSYS),
        (EQUAL, 0, 1, CLONE3),
        (RETURN, 0, 0, FAIL | errno.ENOSYS),
    ]
    for numbers in DENIED.values():
        steps += [(EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, FAIL | errno.EPERM)]
    steps += [
        (EQUAL, 0, 3, clone),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (ANY, 0, 1, NAMESPACES),
        (RETURN, 0, 0, FAIL | errno.EPERM),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("<HBBI", *step) for step in steps)
