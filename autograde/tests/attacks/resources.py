"""Time, memory, processes, files, output: what a submission may use up."""

from autograde.tests.attacks.attack import (
    NOTHING,
    Attack,
    added,
    body,
    solved,
    wrote,
)

BOMB = "import os\n    while True: os.fork()"
SOCKETS = """import socket, json
    tried = []
    for family, address in [(socket.AF_INET, ("127.0.0.1", 8888)),
                            (socket.AF_INET, ("192.0.2.1", 53)),
                            (socket.AF_INET6, ("::1", 80)),
                            (socket.AF_UNIX, "\\0/tmp/.X11-unix/X0"),
                            (socket.AF_UNIX, "/run/docker.sock")]:
        try:
            with socket.socket(family) as s:
                s.settimeout(0.1)
                s.connect(address)
                tried.append(address)
        except OSError: pass
    raise ValueError("reached: " + json.dumps(tried))"""
SHM = """import mmap, os
    from multiprocessing import shared_memory
    shared_memory.SharedMemory("owned", create=True, size=10**9)"""
ABSTRACT = """import socket
    try:
        kept = socket.socket(socket.AF_UNIX)
        kept.bind("\\0left-for-the-next"); kept.listen()
        globals()["kept"] = kept
        raise ValueError("reached: ['an address']")
    except OSError: raise ValueError("reached: []")"""
STR = "class E(Exception):\n    def __str__(self):"

ATTACKS = [
    Attack(
        "loop",
        "loops for ever in the answer",
        "timed out",
        data=body("while True: pass"),
    ),
    Attack(
        "sleep",
        "sleeps for ever",
        "timed out",
        data=body("import time; time.sleep(1e6)"),
    ),
    Attack(
        "no-signals",
        "ignores every signal, then loops",
        "timed out",
        data=body(
            "import signal",
            "for s in range(1, 65):",
            "    try: signal.signal(s, signal.SIG_IGN)",
            "    except (OSError, ValueError): pass",
            "while True: pass",
        ),
    ),
    Attack(
        "in-c",
        "loops in C, out of Python's reach",
        "timed out",
        data=body("return 9**9**9"),
    ),
    Attack(
        "regex",
        "backtracks for ever",
        "timed out",
        data=body("import re; return re.match('(a+)+$', 'a' * 99 + 'b')"),
    ),
    Attack(
        "loop-at-load",
        "loops in a cell, before anything is called",
        "passed",
        NOTHING,
        data=solved(added("spent = sum(iter(int, 1))")),
    ),
    Attack(
        "sleep-in-class",
        "sleeps while a class is defined",
        "passed",
        NOTHING,
        data=solved(added("class Slow:\n    import time\n    time.sleep(1e6)")),
    ),
    Attack(
        "memory",
        "asks for 100 GB",
        "out of memory",
        data=body("return np.ones((10**5, 10**5, 10)), ()"),
    ),
    Attack(
        "memory-slowly",
        "fills memory with small things",
        "out of memory",
        data=body("rows = []", "while True: rows.append(np.zeros(10**6))"),
    ),
    Attack(
        "memory-at-load",
        "asks for 100 GB in a cell",
        "passed",
        NOTHING,
        data=solved(added("big = bytearray(10**11)")),
    ),
    Attack("fork", "forks without end", "raised", data=body(BOMB)),
    Attack(
        "threads",
        "starts threads without end",
        "raised",
        data=body(
            "import threading, time",
            "while True: threading.Thread(target=time.sleep, args=(99,)).start()",
        ),
    ),
    Attack(
        "daemon",
        "leaves a process that outlives the session",
        "raised",
        data=body("import subprocess", "subprocess.Popen(['/bin/sleep', '1000'])"),
    ),
    Attack("exit", "ends the process", "crashed", data=body("import os; os._exit(0)")),
    Attack(
        "exit-at-load",
        "ends the process in a cell",
        "passed",
        NOTHING,
        data=solved(added("import os\nleft = os._exit(0)")),
    ),
    Attack(
        "segfault",
        "reads address 0",
        "crashed",
        data=body("import ctypes; ctypes.string_at(0)"),
    ),
    Attack(
        "kill-all",
        "kills every process that it may, its parent first",
        "crashed",
        data=body(
            "import os",
            "for pid in [os.getppid(), -1, 0]:",
            "    try: os.kill(pid, 9)",
            "    except OSError: pass",
            "os.kill(os.getpid(), 9)",
        ),
    ),
    Attack(
        "recursion",
        "recurses for ever",
        "raised",
        data=body("return linear_forward(x, weight)"),
    ),
    Attack(
        "output",
        "prints a gigabyte on both streams, and answers rightly",
        "passed",
        NOTHING,
        data=body(
            "import os, sys",
            "for _ in range(3):",
            "    print('x' * 10**7)",
            "    sys.stderr.write('x' * 10**7)",
            "    os.write(1, b'x' * 10**7)",
            "y = x @ weight.T + (0 if bias is None else bias)",
            "return y, (x, weight, bias is not None)",
        ),
    ),
    Attack(
        "disk",
        "fills every folder it can write to",
        "raised",
        data=body(
            "import os, tempfile",
            "for folder in ('/', '/tmp', '/dev', '/dev/shm', '/packages', '.'):",
            "    try:",
            "        with open(folder + '/fill', 'wb') as f: f.write(bytes(10**7))",
            "        return 'wrote', folder",
            "    except OSError: pass",
            "tempfile.TemporaryFile()",
        ),
    ),
    Attack(
        "shm", "asks for shared memory that nobody counts", "raised", data=body(SHM)
    ),
    Attack(
        "network",
        "connects to hosts, sockets and services",
        "raised",
        data=body(SOCKETS),
    ),
    Attack(
        "abstract-socket",
        "leaves a socket for the next student",
        "raised",
        data=body(ABSTRACT),
    ),
    Attack(
        "privileges",
        "asks for privileges, namespaces, mounts, other processes",
        "failed",
        data=body(
            "import ctypes, os",
            "c = ctypes.CDLL(None)",
            "calls = [c.unshare(0x10000000), c.mount(b'', b'/', b'tmpfs', 0, 0),",
            "         c.setuid(0), c.ptrace(16, 1, 0, 0), c.chroot(b'/packages')]",
            "return np.array(calls), ()",
        ),
    ),
    Attack(
        "limits-up",
        "raises its own limits, then uses them",
        "out of memory",
        data=body(
            "import resource",
            "for kind in range(16):",
            "    try: resource.setrlimit(kind, (-1, -1))",
            "    except (OSError, ValueError): pass",
            "return bytearray(10**11), ()",
        ),
    ),
    Attack(
        "str-raises",
        "raises an exception whose text raises",
        "raised",
        data=body("raise E", before=f"{STR} raise SystemExit\n"),
    ),
    Attack(
        "str-endless",
        "raises an exception whose text never comes",
        "timed out",
        data=body("raise E", before=f"{STR}\n        while True: pass\n"),
    ),
    Attack(
        "str-huge",
        "raises an exception with a text of 100 GB",
        "raised",
        data=body("raise E", before=f"{STR} return 'x ' * (50 * 10**9)\n"),
    ),
    Attack(
        "str-no-text",
        "raises an exception whose text is a number",
        "raised",
        data=body("raise E", before=f"{STR} return 5\n"),
    ),
    Attack(
        "frame-huge",
        "announces a reply of 1 TB",
        "failed",
        data=solved(
            wrote(
                "def linear_forward(x, weight, bias=None):\n"
                "    import os, struct\n"
                "    for fd in range(3, 64):\n"
                "        try: os.write(fd, struct.pack('<4sIQ', b'LFS1', 9, 1 << 40))\n"
                "        except OSError: pass\n"
            )
        ),
    ),
    Attack(
        "frame-garbage",
        "closes the channel after some garbage",
        "failed",
        data=body(
            "import os",
            "for fd in range(3, 64):",
            "    try: os.write(fd, os.urandom(99)); os.close(fd)",
            "    except OSError: pass",
        ),
    ),
    Attack(
        "slow-bytes",
        "sends one byte of a reply at a time",
        "timed out",
        data=body(
            "import os, time",
            "for byte in b'LFS1' + bytes([0, 9]) + bytes(10) + b'0' * 999:",
            "    time.sleep(0.1)",
            "    for fd in range(3, 32):",
            "        try: os.write(fd, bytes([byte]))",
            "        except OSError: pass",
        ),
    ),
    Attack(
        "big-source",
        "an expression nested too deep for the parser",
        "raised",
        data=body("return " + "(" * 9999 + "x" + ")" * 9999),
    ),
    Attack(
        "long-chain",
        "an expression of 20,000 terms",
        "raised",
        data=body("return " + "+".join(["1"] * 20_000)),
    ),
]
