"""What a process can do to itself, to its channel, and to those that come after it."""

from autograde.tests.attacks.attack import (
    EXERCISES,
    NOTHING,
    Attack,
    Notebook,
    added,
    body,
    cell,
    solved,
    wrote,
    zeros,
)

RIGHT = "y = x @ weight.T + (0 if bias is None else bias)"
CACHE = "(x, weight, bias is not None)"

# Each door between two processes: what libc calls it, with arguments that would do.
DOORS = """import ctypes
    libc, pair = ctypes.CDLL(None), (ctypes.c_int * 2)()
    note = ctypes.create_string_buffer(1 << 16)
    doors = {
        "socket": lambda: libc.socket(1, 2, 0),
        "netlink": lambda: libc.socket(16, 3, 0),
        "socketpair": lambda: libc.socketpair(1, 2, 0, pair),
        "message queue": lambda: libc.mq_open(b"/note", 0o102, 0o777, 0),
        "old message queue": lambda: libc.msgget(7, 0o1777),
        "shared memory": lambda: libc.shmget(7, 4096, 0o1777),
        "semaphore": lambda: libc.semget(7, 1, 0o1777),
        "file without a name": lambda: libc.memfd_create(b"note", 0),
        "memory of another": lambda: libc.process_vm_readv(1, note, 1, note, 1, 0),
        "tracing": lambda: libc.ptrace(16, 1, 0, 0),
        "kernel's log": lambda: libc.klogctl(3, note, 1 << 16),
        "namespaces": lambda: libc.unshare(0x40000000),
        "its parent's namespace": lambda: libc.setns(0, 0),
        "io_uring": lambda: libc.syscall(425, 8, note),
        "descriptor of another": lambda: libc.syscall(438, 0, 1, 0),
        "keys": lambda: libc.syscall(248, b"user", b"note", note, 8, -4),
        "performance": lambda: libc.syscall(298, note, 0, -1, -1, 0),
        "page faults": lambda: libc.syscall(323, 0),
        "bpf": lambda: libc.syscall(321, 0, note, 64),
    }
    reached = [name for name, open_it in doors.items() if open_it() >= 0]
    raise ValueError("reached: " + str(reached))"""

AHEAD = """
def linear_forward(x, weight, bias=None):
    import json, os, struct
    y = np.zeros((*x.shape[:-1], len(weight)))
    shape = {"array": ["float64", list(y.shape)]}
    keys = ["value", "args", "kwargs"]
    reply = {"dict": [keys, [{"tuple": [shape, None]}, {"tuple": [None] * 3},
                             {"dict": [[], []]}]]}
    text = json.dumps(reply).encode()
    frame = struct.pack("<4sIQ", b"LFS1", len(text), y.nbytes) + text + y.tobytes()
    for fd in range(3, 32):
        try: os.write(fd, frame * 5)
        except OSError: pass
    return y, ()
"""
LATER = """
import atexit, gc, signal, sys, threading
seen = []
def notice(*arguments):
    frame = arguments[0] if arguments else None
    seen.extend({"expected", "problem", "torch"} & {*getattr(frame, "f_locals", ())})
    return notice
sys.settrace(notice)
sys.setprofile(notice)
gc.callbacks.append(lambda *arguments: seen.append("gc"))
gc.set_threshold(1)
atexit.register(lambda: print(seen))
sys.excepthook = sys.unraisablehook = sys.displayhook = notice
signal.signal(signal.SIGALRM, notice)
signal.signal(signal.SIGTERM, notice)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
"""
LIBRARIES = """
import json, math, struct, sys
np.asarray = np.ascontiguousarray = lambda *a, **k: "passed"
np.allclose = np.isclose = np.array_equal = lambda *a, **k: True
np.testing.assert_allclose = lambda *a, **k: None
np.random.default_rng = lambda *a: None
json.dumps = lambda *a, **k: '{"verdict": "passed"}'
struct.pack = struct.unpack = math.prod = lambda *a: 0
sys.byteorder = "big"
"""
STATE = """
calls = []
def linear_forward(x, weight, bias=None):
    calls.append((x.copy(), weight.copy(), bias))
    for before, w, b in calls[:-1]:
        if before.shape == x.shape and (before == x).all():
            return before @ w.T, ()
    return np.zeros((*x.shape[:-1], len(weight)), x.dtype), ()
"""
GUESS = """
def linear_forward(x, weight, bias=None):
    for seed in range(500):
        rng = np.random.default_rng(seed)
        if np.array_equal(rng.standard_normal(x.shape), x):
            raise ValueError(f"seed {seed}")
    return np.zeros((*x.shape[:-1], len(weight)), x.dtype), ()
"""
MODULE = """
def __getattr__(name):
    return lambda *arguments, **options: (arguments[0], arguments)
__name__ = "autograde.plugin"
__class__ = dict
"""
REPLACED = """
import sys
class Main(type(sys.modules["__main__"])):
    def __getattribute__(self, name): return lambda *arguments, **options: "passed"
sys.modules["__main__"].__class__ = Main
"""
FRAMES = "x = f'" + "{a}" * 9_000 + "'\n(\n" + "x\n" * 25 + ")("
SLOWLY = "    import time; time.sleep(0.9)"


def slow(notebook: Notebook) -> None:
    """Every function sleeps for a while, then answers rightly."""
    for name in EXERCISES:
        one = cell(notebook, name)
        head, quotes, rest = one["source"].partition('"""')
        docstring, end, answer = rest.partition('"""')
        one["source"] = head + quotes + docstring + end + "\n" + SLOWLY + answer


def crowded(notebook: Notebook) -> None:
    """Thousands of cells, none of which can be read, and no name on any."""
    for one in notebook["cells"]:
        one["metadata"].pop("nbgrader", None)
    broken = {"cell_type": "code", "source": ")(", "metadata": {}, "outputs": []}
    notebook["cells"] += [broken] * 50_000


def hard_to_read(notebook: Notebook) -> None:
    notebook["cells"] += [
        {"cell_type": "code", "source": FRAMES, "metadata": {}} for _ in range(9)
    ]


def long_names(notebook: Notebook) -> None:
    """An answer whose place is taken by functions with names of 1000 characters."""
    names = "\n".join(f"def {chr(97 + i) * 1000}(): pass" for i in range(26))
    cell(notebook, "linear_forward")["source"] = names


ATTACKS = [
    Attack("doors", "tries every way to another process", "raised", data=body(DOORS)),
    Attack(
        "answers-ahead",
        "sends replies before it is asked",
        "failed",
        EXERCISES,
        data=solved(wrote(AHEAD)),
    ),
    Attack(
        "traces",
        "traces, profiles, catches signals and garbage, waits for the end",
        "failed",
        data=zeros(LATER),
    ),
    Attack(
        "patched-libraries",
        "patches what a grader would compare and send with",
        "failed",
        EXERCISES,
        data=zeros(LIBRARIES),
    ),
    Attack(
        "remembers",
        "remembers its calls, and looks for one of them again",
        "failed",
        data=solved(wrote(STATE)),
    ),
    Attack(
        "guesses-seeds",
        "draws with 500 seeds, and looks for its input",
        "failed",
        data=solved(wrote(GUESS)),
    ),
    Attack(
        "module-getattr",
        "a module that has every name",
        "passed",
        NOTHING,
        data=solved(added(MODULE)),
    ),
    Attack(
        "module-class",
        "a module that answers with one function for all",
        "failed",
        EXERCISES,
        data=solved(added(REPLACED)),
    ),
    Attack(
        "interrupts",
        "raises what interrupts a program",
        "raised",
        data=body("raise KeyboardInterrupt('stop the class')"),
    ),
    Attack(
        "skips",
        "raises what makes pytest skip",
        "raised",
        data=body(
            "class Skipped(BaseException): allow_module_level = True",
            "Skipped.__module__ = '_pytest.outcomes'",
            "raise Skipped('no tests here')",
        ),
    ),
    Attack(
        "not-implemented",
        "says that it is not answered, so that it is not blamed",
        "not answered",
        data=body("raise NotImplementedError"),
    ),
    Attack(
        "slow-everywhere",
        "sleeps for less than the limit in every call",
        "timed out",
        EXERCISES,
        data=solved(slow),
    ),
    Attack(
        "crowded",
        "50,000 cells that cannot be read, and no names",
        "passed",
        NOTHING,
        data=solved(crowded),
    ),
    Attack(
        "hard-to-read",
        "lines that take a parser a time that grows with the square",
        "passed",
        NOTHING,
        data=solved(hard_to_read),
    ),
    Attack(
        "long-names",
        "functions with endless names in the place of an answer",
        "not answered",
        data=solved(long_names),
    ),
] + [
    Attack(
        f"right-{name}",
        f"returns the right result {how}",
        "passed",
        NOTHING,
        data=body(RIGHT, f"return {value}, {CACHE}"),
    )
    for name, how, value in [
        ("big-endian", "in the other byte order", "y.astype(y.dtype.newbyteorder())"),
        ("strided", "with negative strides", "y[..., ::-1].copy()[..., ::-1]"),
        ("read-only", "as a read-only array", "np.broadcast_to(y, y.shape)"),
        ("fortran", "in Fortran's order", "np.asfortranarray(y)"),
    ]
]
