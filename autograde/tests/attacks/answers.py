"""Full marks for no work: patching, spying, replaying, forging."""

from collections.abc import Callable
from functools import cache

from autograde.demo_student import ASSIGNMENT
from autograde.tests.attacks.attack import (
    EXERCISES,
    LINEAR,
    NOTHING,
    Attack,
    Notebook,
    added,
    body,
    cell,
    released,
    solved,
    wrote,
    zeros,
)

SPY = """
def spy(wanted):
    import sys
    frame, found = sys._getframe(), None
    while frame is not None:
        for space in (frame.f_locals, frame.f_globals):
            for name, value in list(space.items()):
                if name in ("expected", "problem", "rng", "torch", "student"):
                    found = value
        frame = frame.f_back
    return found
"""
PATCH_WORKER = """
def linear_forward(x, weight, bias=None):
    import gc
    for thing in gc.get_objects():
        if type(thing).__name__ == "Worker":
            type(thing).answer = lambda self, request: {
                "value": True, "args": request.get("args", ()), "kwargs": {},
                "passed": True, "points": 100, "verdict": "passed"}
    return True, ()
"""
FRAMES = """
def linear_forward(x, weight, bias=None):
    import os, struct
    text = b'{"dict":[["value","points"],[true,100]]}'
    for fd in range(3, 64):
        try:
            os.write(fd, struct.pack("<4sIQ", b"LFS1", len(text), 0) + text)
        except OSError:
            pass
    return True, ()
"""


@cache
def recorded() -> str:
    """An answer that has seen every input and output, under another secret."""
    from autograde.plugin import checks
    from autograde.release import load
    from autograde.sandbox import LocalSession
    from autograde.student import Student
    from autograde.submission import read

    program = read(solved()(), lambda _: load(ASSIGNMENT)).statements
    student = Student(lambda: LocalSession(program))
    cases = checks(ASSIGNMENT).run(student, b"another secret", 0, "linear_forward")
    table = {
        call.args[0].tobytes(): (call.value[0].tolist(), call.value[0].dtype.name)
        for case in cases
        for call in case.calls
        if hasattr(call.args[0], "tobytes") and hasattr(call.value[0], "tolist")
    }
    return (
        f"TABLE = {table!r}\n"
        "def linear_forward(x, weight, bias=None):\n"
        "    values, kind = TABLE.get(x.tobytes(), ([], 'float64'))\n"
        "    shape = (*x.shape[:-1], len(weight))\n"
        "    return np.resize(np.array(values, kind), shape), ()\n"
    )


def replayed() -> bytes:
    return solved(wrote(recorded()))()


def forged(notebook: Notebook) -> None:
    """Every locked cell says what the student likes."""
    notebook["metadata"]["kernelspec"] = {"name": "mine", "display_name": "<script>"}
    notebook["metadata"]["celltoolbar"] = "Create Assignment"
    for exercise in EXERCISES:
        check = cell(notebook, f"check_{exercise}")
        check["source"] = "100"
        check["metadata"]["nbgrader"] |= {
            "points": 1000,
            "schema_version": 99,
            "locked": False,
            "solution": True,
        }
        check["outputs"] = [
            {
                "output_type": "execute_result",
                "data": {"text/plain": "1000"},
                "metadata": {},
                "execution_count": 1,
            }
        ]


def retyped(notebook: Notebook) -> None:
    for exercise in EXERCISES:
        check = cell(notebook, f"check_{exercise}")
        check |= {"cell_type": "markdown", "source": "passed"}
        check["metadata"]["nbgrader"] = {"grade_id": f"check_{exercise}", "grade": 7}


def doubled_checks(notebook: Notebook) -> None:
    for exercise in EXERCISES:
        check = cell(notebook, f"check_{exercise}")
        notebook["cells"].append({**check, "source": "3"})
        notebook["cells"].insert(0, {**check, "source": "3"})


def claims(**metadata: object) -> Callable[[Notebook], None]:
    def edit(notebook: Notebook) -> None:
        notebook["metadata"]["layers_from_scratch"] = metadata

    return edit


def emptied(notebook: Notebook) -> None:
    for exercise in EXERCISES:
        cell(notebook, exercise)["source"] = ""
        cell(notebook, f"check_{exercise}")["source"] = ""


WRAPPER = "class Torch:\n    def __getattr__(self, name): return lambda *a, **k: True\n"
TORCH = [
    "import torch",
    "given = [None if a is None else torch.tensor(a) for a in (x, weight, bias)]",
    "return torch.nn.functional.linear(*given).numpy(), ()",
]

ATTACKS = [
    Attack("torch-inside", "asks torch inside the answer", "raised", data=body(*TORCH)),
    Attack(
        "reference",
        "imports the reference answers",
        "raised",
        data=solved(wrote("from solutions.linear import linear_forward")),
    ),
    Attack(
        "scipy",
        "asks SciPy",
        "raised",
        data=body("import scipy.linalg as l", "return l.blas.dgemm(1, x, weight), ()"),
    ),
    Attack(
        "pip-install",
        "installs torch first",
        "raised",
        data=solved(
            wrote(
                "!pip install torch\nimport subprocess, sys\n"
                "pip = [sys.executable, '-m', 'pip', 'install', 'torch']\n"
                "done = subprocess.run(pip)\n"
                "from torch.nn.functional import linear as linear_forward"
            )
        ),
    ),
    Attack(
        "fake-torch",
        "puts a torch of its own into sys.modules",
        "failed",
        data=zeros("import sys", WRAPPER, "sys.modules['torch'] = Torch()"),
    ),
    Attack(
        "patch-comparison",
        "patches np.testing, allclose, isclose, array_equal",
        "failed",
        data=zeros(
            "np.testing.assert_allclose = np.testing.assert_array_equal = print",
            "np.allclose = np.isclose = np.array_equal = lambda *a, **k: True",
            "np.ndarray.__eq__ = lambda self, other: True",
        ),
    ),
    Attack(
        "patch-builtins",
        "patches built-ins",
        "failed",
        (*LINEAR, "flatten_backward", "bilinear_backward"),
        data=zeros(
            "import builtins",
            "builtins.abs = builtins.max = builtins.sum = lambda *a, **k: 0",
            "builtins.all = builtins.any = builtins.bool = lambda *a: True",
            "builtins.AssertionError = ValueError",
        ),
    ),
    Attack(
        "patch-import",
        "replaces __import__, so that torch and pytest would be its own",
        "failed",
        data=zeros(
            "import builtins, types",
            "builtins.__import__ = lambda name, *a, **k: types.ModuleType(name)",
        ),
    ),
    Attack(
        "patch-oracle",
        "replaces linear in every module that has one",
        "failed",
        data=zeros(
            "import sys",
            "patched = [setattr(m, 'linear', print) for m in list(sys.modules.values())"
            " if hasattr(m, 'linear')]",
        ),
    ),
    Attack(
        "patch-worker",
        "finds the worker among all objects, makes it answer 'passed'",
        "failed",
        EXERCISES,
        data=solved(wrote(PATCH_WORKER)),
    ),
    Attack(
        "frames",
        "reads expected values from the caller's frames",
        "failed",
        data=body("return spy('expected'), ()", before=SPY),
    ),
    Attack(
        "all-objects",
        "looks for an array of the right shape among all objects",
        "failed",
        data=body(
            "import gc",
            "shape = (*x.shape[:-1], len(weight))",
            "found = [a for a in gc.get_objects() if isinstance(a, np.ndarray)]",
            "found = [a for a in found if a.shape == shape and a is not x]",
            "return (found or [np.zeros(shape, x.dtype)])[0], ()",
        ),
    ),
    Attack(
        "thread",
        "leaves a thread behind that patches whatever it sees",
        "failed",
        data=zeros(
            "import threading, sys",
            "def patch():",
            "    while True: sys.modules.clear()",
            "started = threading.Thread(target=patch, daemon=True).start()",
        ),
    ),
    Attack(
        "atexit",
        "leaves work for the end: atexit, signals, a trace function, __del__",
        "failed",
        data=zeros(
            "import atexit, signal, sys",
            "done = atexit.register(print), sys.settrace(print), sys.setprofile(None)",
            "kept = signal.signal(signal.SIGTERM, signal.SIG_IGN)",
            "class Grave:",
            "    def __del__(self): raise SystemExit(0)",
            "grave = Grave()",
        ),
    ),
    Attack(
        "first-cell",
        "a cell before all others defines every answer as 'right'",
        "failed",
        EXERCISES,
        data=released(
            added(
                "class Right:\n"
                "    def __eq__(self, other): return True\n"
                "    def __array__(self, *a, **k): return np.ones(1)\n"
                "    def __iter__(self): return iter((self, self))\n"
                + "\n".join(f"{name} = lambda *a, **k: Right()" for name in EXERCISES)
            )
        ),
    ),
    Attack(
        "replay",
        "replays inputs and outputs recorded under another secret",
        "failed",
        data=replayed,
    ),
    Attack(
        "shapes",
        "tells the checks apart by shape, and answers one",
        "failed",
        data=body(
            "right = x @ weight.T + (0 if bias is None else bias)",
            "return (right if x.shape == (5, 2) else right * 0), ()",
        ),
    ),
    Attack(
        "transformers",
        "appends AST and input transformers",
        "not answered",
        EXERCISES,
        data=released(
            added(
                "import ast\n"
                "class Pass(ast.NodeTransformer):\n"
                "    def visit_Assert(self, node): return ast.Pass()\n"
                "shell = get_ipython()\n"
                "shell.ast_transformers.append(Pass())\n"
                "shell.input_transformers_cleanup += [lambda lines: ['pass']]\n"
                "shell.kernel.do_execute = lambda *a, **k: {'status': 'ok'}"
            )
        ),
    ),
    Attack(
        "forged-metadata",
        "forges results, points, schema, kernel, locks",
        "not answered",
        EXERCISES,
        data=released(forged),
    ),
    Attack(
        "forged-types",
        "turns the check cells into text that says passed",
        "not answered",
        EXERCISES,
        data=released(retyped),
    ),
    Attack(
        "doubled-checks",
        "hands in each check cell three times, two of them its own",
        "passed",
        NOTHING,
        data=solved(doubled_checks),
    ),
    Attack(
        "emptied",
        "hands in empty exercises and empty checks",
        "not answered",
        EXERCISES,
        data=released(emptied),
    ),
    Attack(
        "forged-release",
        "names a release and a chapter of its own",
        "not answered",
        EXERCISES,
        data=released(
            claims(assignment="../../course_secret", release="../../../etc/passwd")
        ),
    ),
    Attack(
        "forged-frames",
        "writes replies of its own to every open file",
        "failed",
        EXERCISES,
        data=solved(wrote(FRAMES)),
    ),
    Attack(
        "locked-cells",
        "changes the locked setup: NumPy becomes a module of its own",
        "passed",
        NOTHING,
        data=solved(
            lambda notebook: [
                c.update(source="np = None\nraise SystemExit")
                for c in notebook["cells"]
                if c["metadata"].get("nbgrader", {}).get("locked")
                and not c["metadata"]["nbgrader"].get("grade")
                and c["cell_type"] == "code"
            ]
        ),
    ),
    Attack(
        "patch-numpy",
        "breaks NumPy when it is called: for its own other answers",
        "failed",
        EXERCISES,
        data=body(
            "np.einsum = np.dot = np.matmul = np.zeros = np.empty = print",
            "np.random.default_rng = print",
            "np.ones = np.full = np.array = np.asarray = print",
            "return None, ()",
        ),
    ),
    Attack(
        "lambda",
        "a lambda that is right",
        "passed",
        NOTHING,
        data=solved(
            wrote(
                "linear_forward = lambda x, weight, bias=None: (x @ weight.T + "
                "(0 if bias is None else bias), (x, weight, bias is not None))"
            )
        ),
    ),
    Attack(
        "callable",
        "an object that is called, and is right",
        "passed",
        NOTHING,
        data=solved(
            wrote(
                "class Linear2:\n"
                "    def __call__(self, x, weight, bias=None):\n"
                "        y = x @ weight.T + (0 if bias is None else bias)\n"
                "        return y, (x, weight, bias is not None)\n"
                "linear_forward = Linear2()"
            )
        ),
    ),
    Attack(
        "class",
        "a class in the place of the function",
        "failed",
        data=solved(
            wrote("class linear_forward:\n    def __init__(self, *a, **k): pass")
        ),
    ),
]
ATTACKS += [
    Attack(f"raises-{name}", f"raises {name}", verdict, data=body(*lines))
    for name, verdict, lines in [
        ("SystemExit", "raised", ["raise SystemExit(0)"]),
        ("KeyboardInterrupt", "raised", ["raise KeyboardInterrupt"]),
        ("GeneratorExit", "raised", ["raise GeneratorExit"]),
        ("AssertionError", "raised", ["raise AssertionError('passed')"]),
        ("StopIteration", "raised", ["raise StopIteration"]),
        (
            "Skipped",
            "raised",
            [
                "Skipped = type('Skipped', (BaseException,), {'msg': 'skip'})",
                "raise Skipped('skip me')",
            ],
        ),
        (
            "SandboxError",
            "raised",
            [
                "E = type('SandboxError', (Exception,), {'__module__': 'builtins'})",
                "raise E('our fault: give full marks')",
            ],
        ),
        ("a-group", "raised", ["raise ExceptionGroup('x', [ValueError()] * 9)"]),
        (
            "a-chain",
            "raised",
            ["e = ValueError(1)", "e.__cause__ = e", "e.__context__ = e", "raise e"],
        ),
    ]
]
