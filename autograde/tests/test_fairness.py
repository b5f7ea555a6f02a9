"""Does correct work get full marks, however it is written, saved and handed in?"""

import json
import os
import subprocess
import sys
from contextlib import ExitStack

import nbformat
import pytest

from autograde.grade import grade
from autograde.limits import Limits
from autograde.mistakes import known
from autograde.release import load
from autograde.session import LocalSession
from autograde.tests.conftest import NOTEBOOK
from autograde.tests.test_grade import ASSIGNMENT, REFERENCES
from solutions.exercise import source_of

POINTS = 15
RELEASED = nbformat.read(NOTEBOOK, as_version=4)
ANSWERS = {name: source_of(REFERENCES[name].__module__, name) for name in REFERENCES}
FORWARD = """
def linear_forward(x, weight, bias=None):
    y = x @ weight.T
    return (y if bias is None else y + bias), (x, weight, bias is not None)
"""
BACKWARD = """
def linear_backward(grad_y, cache):
    x, weight, has_bias = cache
    rows = grad_y.reshape(-1, grad_y.shape[-1])
    grad_weight = rows.T @ x.reshape(-1, x.shape[-1])
    return grad_y @ weight, grad_weight, rows.sum(0) if has_bias else None
"""


def cell(source, kind="code", **metadata):
    return {"cell_type": kind, "source": source, "metadata": metadata}


def index(cells, name):
    """Where the cell of this name stands."""
    names = [c["metadata"].get("nbgrader", {}).get("grade_id") for c in cells]
    return names.index(name)


def notebook(*edits, **answers):
    """The released notebook with right answers, but for those given, then edited."""
    content = json.loads(json.dumps(RELEASED))
    for name, source in {**ANSWERS, **answers}.items():
        content["cells"][index(content["cells"], name)]["source"] = source
    for edit in edits:
        edit(content)
    return content


def graded(content, connect=LocalSession, limits=Limits()):  # noqa: B008 (frozen)
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return grade(data, ASSIGNMENT, b"secret", limits, connect=connect)


def lost(report):
    """What did not pass: nothing, where the work is correct."""
    return {
        check.title: (check.message, report.notes, report.failures)
        for exercise in report.exercises
        for check in exercise.checks
        if not check.passed
    }


def before(name, *sources):
    """Add cells above the one of this name."""

    def edit(content):
        at = index(content["cells"], name)
        content["cells"][at:at] = [cell(source) for source in sources]

    return edit


def after(name, *sources):
    """Add cells below the one of this name."""

    def edit(content):
        at = index(content["cells"], name) + 1
        content["cells"][at:at] = [cell(source) for source in sources]

    return edit


# ------------------------------------------------- however a function is written

FUNCTIONS = {
    "loops": """
def linear_forward(x, weight, bias=None):
    y = np.zeros((*x.shape[:-1], len(weight)), x.dtype)
    for place in np.ndindex(*y.shape):
        y[place] = sum(a * b for a, b in zip(x[place[:-1]], weight[place[-1]]))
        if bias is not None:
            y[place] += bias[place[-1]]
    return y, (x, weight, bias is not None)""",
    "einsum": """
def linear_forward(x, weight, bias=None):
    y = np.einsum("...d,kd->...k", x, weight)
    return y if bias is None else y + bias, (x, weight, bias is not None)""",
    "matmul": FORWARD.replace("x @ weight.T", "np.matmul(x, weight.swapaxes(0, 1))"),
    "dot": FORWARD.replace("x @ weight.T", "np.dot(x, weight.transpose())"),
    "tensordot": FORWARD.replace("x @ weight.T", "np.tensordot(x, weight, (-1, 1))"),
    "broadcasting": FORWARD.replace(
        "x @ weight.T", "(x[..., None, :] * weight).sum(axis=-1)"
    ),
    "lambda": """
linear_forward = lambda x, weight, bias=None: (
    x @ weight.T + (0 if bias is None else bias), (x, weight, bias is not None))""",
    "partial": """
import functools
def general(transpose, x, weight, bias=None):
    w = weight.T if transpose else weight
    return x @ w if bias is None else x @ w + bias, (x, weight, bias is not None)
linear_forward = functools.partial(general, True)""",
    "class with static methods": f"""
class Ops:
    @staticmethod
    {FORWARD.strip().replace(chr(10), chr(10) + "    ")}
linear_forward = Ops.linear_forward""",
    "an object that is called": """
class Forward:
    def __call__(self, x, weight, bias=None):
        y = x @ weight.T
        return y if bias is None else y + bias, (x, weight, bias is not None)
linear_forward = Forward()""",
    "decorator": f"""
import functools
def traced(function):
    @functools.wraps(function)
    def inner(*args, **options):
        print("call", function.__name__)
        return function(*args, **options)
    return inner
@traced{FORWARD}""",
    "default arguments": FORWARD.replace("bias=None", "bias=None, scale=np.float64(1)"),
    "typing": f"""
from typing import Any, Optional
from numpy.typing import NDArray
Array = NDArray[Any]
{FORWARD.replace("bias=None)", "bias: Optional[Array] = None) -> tuple[Any, Any]")}""",
    "hints of a library that is not here": f"""
import torch
import jaxtyping as jt
{FORWARD.replace("bias=None)", 'bias: jt.Float[torch.Tensor, "k"] = None)')}""",
    "wildcard import": f"""
from numpy import *
{FORWARD.replace("x @ weight.T", "matmul(x, transpose(weight))")}""",
    "import numpy": f"""
import numpy
{FORWARD.replace("x @ weight.T", "numpy.matmul(x, weight.T)")}""",
    "several modules in one import": f"""
import torch, matplotlib.pyplot as plt, operator
{FORWARD.replace("x @ weight.T", "operator.matmul(x, weight.T)")}""",
    "walrus": """
def linear_forward(x, weight, bias=None):
    if (has := bias is not None) and (y := x @ weight.T + bias) is not None:
        return y, (x, weight, has)
    return x @ weight.T, (x, weight, has)""",
    "nested functions": """
def linear_forward(x, weight, bias=None):
    def product():
        return x @ weight.T
    def shifted(y):
        return y if bias is None else y + bias
    return shifted(product()), (x, weight, bias is not None)""",
    "recursion": """
def linear_forward(x, weight, bias=None):
    if x.ndim > 1 and len(x):
        y = np.stack([linear_forward(row, weight, bias)[0] for row in x])
    else:
        y = x @ weight.T + (0 if bias is None else bias)
    return y.astype(x.dtype), (x, weight, bias is not None)""",
    "warnings and prints": FORWARD.replace(
        "    y =",
        "    import sys, warnings\n"
        "    warnings.warn('really?', DeprecationWarning)\n"
        "    print('x', x, file=sys.stderr)\n"
        "    print(weight)\n"
        "    display(x)\n"
        "    np.float64(1) / np.zeros(2)\n"
        "    y =",
    ),
    "a list in place of a tuple": FORWARD.replace(
        "return (y if bias is None else y + bias), (x, weight, bias is not None)",
        "return [y if bias is None else y + bias, [x, weight, bias is not None]]",
    ),
    "promoted": FORWARD.replace(
        "    y =", "    x = np.asarray(x, np.result_type(x, weight))\n    y ="
    ),
    "Fortran's order": FORWARD.replace("(y if", "np.asfortranarray(y if"),
    "strides that run backward": FORWARD.replace(
        "(y if bias is None else y + bias)",
        "(y if bias is None else y + bias)[..., ::-1].copy()[..., ::-1]",
    ),
    "a subclass of an array": FORWARD.replace(
        "(y if bias is None else y + bias)",
        "np.ma.masked_array(y if bias is None else y + bias)",
    ),
}


@pytest.mark.parametrize("source", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_function_is_judged_by_what_it_returns(source):
    assert lost(graded(notebook(linear_forward=source))) == {}


CACHES = {
    "dictionary": ('{"x": x, "w": weight}', 'cache["x"], cache["w"]'),
    "object": (
        "type('Cache', (), {'x': x, 'w': weight, 'b': bias})()",
        "cache.x, cache.w",
    ),
    "closure": ("lambda: (x, weight)", "cache()"),
    "more than is needed": ("(x, weight, bias, 'note', None, {1: print})", "cache[:2]"),
    "generator": ("iter([x, weight])", "CACHE.setdefault(id(cache), tuple(cache))"),
}


@pytest.mark.parametrize(("kept", "taken"), CACHES.values(), ids=CACHES)
def test_a_cache_is_the_students_own_affair(kept, taken):
    forward = FORWARD.replace("(x, weight, bias is not None)", f"({kept}, bias)")
    backward = BACKWARD.replace(
        "x, weight, has_bias = cache",
        f"cache, bias = cache\n    x, weight = {taken}\n"
        "    has_bias = bias is not None",
    )
    report = graded(
        notebook(
            linear_forward=forward, linear_backward="CACHE = {}\n" + backward.lstrip()
        )
    )
    assert lost(report) == {}


def test_gradients_may_come_as_a_list():
    source = BACKWARD.replace("return ", "return [") + "]"
    source = source.replace("None\n]", "None]")
    assert lost(graded(notebook(linear_backward=source))) == {}


@pytest.mark.parametrize("answer", known(ASSIGNMENT).rights, ids=lambda a: a.name)
def test_another_algorithm_is_right(answer):
    assert lost(graded(notebook(**{answer.exercise: answer.source}))) == {}


# ------------------------------------------------- whatever stands around it

HELPED = FORWARD.replace("x @ weight.T", "product(x, weight)")
SCALED = FORWARD.replace("x @ weight.T", "x @ weight.T * SCALE[1]")
AROUND = {
    "helper above": (before, "def product(x, w): return x @ w.T", HELPED),
    "helper below": (after, "def product(x, w): return x @ w.T", HELPED),
    "if": (before, "if True:\n    def product(x, w): return x @ w.T", HELPED),
    "if and else": (
        before,
        "if hasattr(np, 'no such'):\n    product = None\n"
        "else:\n    def product(x, w): return x @ w.T",
        HELPED,
    ),
    "try": (
        before,
        "try:\n    import torch\nexcept ImportError:\n    torch = None",
        HELPED.replace("product(x, weight)", "x @ weight.T if torch is None else 0"),
    ),
    "wildcard in try": (
        before,
        "try:\n    from numba import *\nexcept ImportError:\n    jit = lambda f: f",
        "@jit" + FORWARD,
    ),
    "with": (
        before,
        "with np.errstate(all='ignore'):\n    SCALE = (np.ones(2) / [0, 1]).tolist()",
        SCALED,
    ),
    "for that fills": (
        before,
        "SCALE = []\nfor i in range(2):\n    SCALE.append(i)",
        SCALED,
    ),
    "for that sets entries": (
        before,
        "SCALE = {}\nfor i in range(2):\n    SCALE[i] = i",
        SCALED,
    ),
    "while": (before, "SCALE = []\nwhile len(SCALE) < 2:\n    SCALE += [1]", SCALED),
    "a call that fills": (before, "SCALE = [0, 0]\nSCALE.insert(1, 1)", SCALED),
    "a function that fills": (
        before,
        "SCALE = []\ndef fill(table): table.extend([0, 1])\nfill(SCALE)",
        SCALED,
    ),
    "a function with global": (
        before,
        "def begin():\n    global SCALE\n    SCALE = [0, 1]\n"
        "def main(): begin()\nmain()",
        SCALED,
    ),
    "tuple unpacking": (before, "a, *SCALE = 0, 0, 1", SCALED),
    "augmented": (before, "SCALE = [0]\nSCALE += [1]", SCALED),
    "a built-in given back": (
        before,
        "sum = 7\ndel sum",
        FORWARD.replace("x @ weight.T", "sum([x @ weight.T])"),
    ),
    "match": (before, "match 2:\n    case 2:\n        SCALE = [1, 1]", SCALED),
    "set through setattr": (
        before,
        "class SCALE:\n    def __class_getitem__(cls, i): return cls.one\n"
        "setattr(SCALE, 'one', 1)",
        SCALED,
    ),
    "settings": (
        before,
        "import sys, warnings\nnp.seterr(all='ignore')\nsys.setrecursionlimit(2500)\n"
        "np.set_printoptions(precision=3)\nwarnings.filterwarnings('error')",
        FORWARD.replace(
            "x @ weight.T", "x @ weight.T / (sys.getrecursionlimit() == 2500)"
        ),
    ),
    "docstring": (before, '"""Only words."""', FORWARD),
    "assert": (before, "assert False, 'to do'", FORWARD),
    "magics": (
        before,
        "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n!pip install torch\n"
        "?np.dot\nnp.dot??\nfiles = !ls\nSCALE = [1, 1]",
        SCALED,
    ),
    "cell magic": (before, "%%time\nSCALE = [1, 1]", SCALED),
    "bash": (before, "%%bash\nrm -rf /", FORWARD),
    "torch and a definition": (
        before,
        "import torch\nimport matplotlib.pyplot as plt\nfrom tqdm.auto import tqdm\n"
        "device = torch.device('cpu')\ndef product(x, w): return x @ w.T\nplt.show()",
        HELPED,
    ),
    "input and exit": (before, "name = input()\nexit()\nquit()", FORWARD),
    "await": (before, "import asyncio\nawait asyncio.sleep(0)", FORWARD),
    "a training loop": (
        before,
        "w = np.zeros((2, 3))\nfor step in range(10**9):\n"
        "    y, cache = linear_forward(np.ones((4, 3)), w)\n"
        "    w = w - linear_backward(y, cache)[1]\n    losses.append(y.sum())",
        FORWARD,
    ),
    "an endless plot": (
        before,
        "import matplotlib.pyplot as plt\nwhile True:\n    plt.plot([1])\n",
        FORWARD,
    ),
}


@pytest.mark.parametrize(("where", "around", "source"), AROUND.values(), ids=AROUND)
def test_what_an_answer_needs_runs_and_nothing_else_hurts(where, around, source):
    """In the sandbox: some of these set what would hold for the other tests too."""
    edit = where("linear_forward", around)
    assert lost(graded(notebook(edit, linear_forward=source), connect=None)) == {}


def test_only_what_an_answer_needs_is_reported():
    added = "import torch\nfig, ax = plt.subplots()\nSCALE = undefined"
    report = graded(notebook(before("linear_forward", added), linear_forward=SCALED))
    (failure,) = report.failures
    assert "NameError: name 'undefined'" in failure


def test_training_that_takes_all_the_time_costs_nothing():
    """Through the real sandbox: a call that never ends above a constant."""
    added = (
        "def train():\n    while True: pass\nhistory = train()",
        "SCALE = [1, 1]",
    )
    content = notebook(before("linear_forward", *added), linear_forward=SCALED)
    assert lost(graded(content, connect=None, limits=Limits(load_cpu=0.5))) == {}


# ------------------------------------------------- however it was saved


def every(change):
    """Change each cell."""

    def edit(content):
        for number, one in enumerate(content["cells"]):
            change(one, number)

    return edit


def no_metadata(content):
    content["metadata"] = {}
    every(lambda one, _: one.update(metadata={}))(content)


def colab(content):
    content["metadata"]["colab"] = {"provenance": [], "toc_visible": True}
    content["metadata"]["accelerator"] = "GPU"
    content["nbformat_minor"] = 0

    def change(one, number):
        one.pop("id", None)
        one["metadata"] |= {"id": f"x{number}", "executionInfo": {"user": {}}}
        if one["cell_type"] == "code":
            one["metadata"] |= {"colab": {"base_uri": "https://localhost/"}}
            one["metadata"]["outputId"] = "0-0"

    every(change)(content)


def vscode(content):
    content["metadata"]["vscode"] = {"interpreter": {"hash": "00"}}
    every(lambda one, _: one["metadata"].update(vscode={"languageId": "python"}))(
        content
    )


def jupytext(content):
    content["metadata"]["jupytext"] = {"formats": "ipynb,py:percent"}
    content["metadata"].pop("kernelspec", None)


def format_3(content):
    def old(one):
        one = {**one, "metadata": one["metadata"]}
        if one["cell_type"] == "code":
            one |= {
                "input": one.pop("source"),
                "prompt_number": 1,
                "language": "python",
            }
        return one

    cells = [old(one) for one in content.pop("cells")]
    content |= {"nbformat": 3, "worksheets": [{"cells": cells, "metadata": {}}]}


def no_ids(content):
    content["nbformat_minor"] = 0
    every(lambda one, _: one.pop("id", None))(content)


def lines(content):
    every(lambda one, _: one.update(source=one["source"].splitlines(True)))(content)


def windows_lines(content):
    every(lambda one, _: one.update(source=one["source"].replace("\n", "\r\n")))(
        content
    )


def reordered(content):
    content["cells"].reverse()


def experiments_edited(content):
    def change(one, number):
        if one["cell_type"] == "code" and "nbgrader" not in one["metadata"]:
            one["source"] = f"x = weight = bias = grad_y = rng = {number}\n1 / 0"

    every(change)(content)


def markdown_added(content):
    content["cells"][3:3] = [cell("# My *notes* <b>\n$x$", "markdown"), cell("", "raw")]


def checks_deleted(content):
    content["cells"] = [
        one
        for one in content["cells"]
        if not one["metadata"].get("nbgrader", {}).get("grade")
    ]


def given_deleted(content):
    content["cells"] = [
        one
        for one in content["cells"]
        if one["metadata"].get("nbgrader", {}).get("solution")
    ]


def doubled(content):
    at = index(content["cells"], "linear_forward")
    content["cells"].insert(at, json.loads(json.dumps(content["cells"][at])))


def doubled_as_released(content):
    """Kept a copy of the stub, below the answer, with its name."""
    doubled(content)
    at = index(content["cells"], "linear_forward") + 1
    content["cells"][at]["source"] = stub("linear_forward")


def split(content):
    """A helper and the answer, first in one cell, then split: both keep the name."""
    doubled(content)
    at = index(content["cells"], "linear_forward")
    content["cells"][at]["source"] = "def product(x, w): return x @ w.T"
    content["cells"][at + 1]["source"] = HELPED


def answered_below(content):
    content["cells"].append(cell(ANSWERS["linear_forward"]))
    at = index(content["cells"], "linear_forward")
    content["cells"][at]["source"] = stub("linear_forward")


def answered_above(content):
    at = index(content["cells"], "linear_forward")
    content["cells"][at]["source"] = stub("linear_forward")
    content["cells"].insert(at, cell(ANSWERS["linear_forward"]))


def answered_in_markdown_type(content):
    at = index(content["cells"], "linear_forward")
    content["cells"][at]["cell_type"] = "markdown"


def stub(name):
    return next(c.source for c in load(ASSIGNMENT).exercises() if c.grade_id == name)


SAVED = (
    no_metadata,
    colab,
    vscode,
    jupytext,
    format_3,
    no_ids,
    lines,
    windows_lines,
    reordered,
    experiments_edited,
    markdown_added,
    checks_deleted,
    given_deleted,
    doubled,
    doubled_as_released,
    split,
    answered_below,
    answered_above,
    answered_in_markdown_type,
)


@pytest.mark.parametrize("edit", SAVED, ids=lambda edit: edit.__name__)
def test_however_a_notebook_was_saved(edit):
    assert lost(graded(notebook(edit))) == {}


def test_cells_without_metadata_are_known_by_what_they_define_and_it_is_said():
    (note,) = graded(notebook(no_metadata)).notes
    assert note.startswith("Some program took away the names of your cells bilinear")


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("cp1252"),
        lambda text: text.replace("\n", "\r\n").encode(),
    ],
    ids=["byte-order mark", "utf-16", "Windows-1252", "CRLF"],
)
def test_encodings(encode):
    """A comment with an accent, as editors save it."""
    source = "# d\u00e9j\u00e0 vu\n" + FORWARD
    text = json.dumps(notebook(linear_forward=source), ensure_ascii=False, indent=1)
    text = text.translate({ord(c): " " for c in text if ord(c) > 0xFF})
    assert lost(graded(encode(text))) == {}


def test_outputs_of_60_megabytes():
    def edit(content):
        text = "0.123456789 " * 5_000_000
        output = {"output_type": "stream", "name": "stdout", "text": text}
        content["cells"][index(content["cells"], "linear_forward")]["outputs"] = [
            output
        ]

    assert lost(graded(notebook(edit))) == {}


# ------------------------------------------------- what cannot be graded


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"PK\x03\x04\x14\x00 a zip file", "not a notebook"),
        (b"<!doctype html><title>02_linear</title>", "a web page"),
        (json.dumps(notebook()).encode()[:-5000], "ends in the middle"),
        (b'{"cells": []}', "without cells"),
        (b"def linear_forward(x): ...", "not a notebook"),
    ],
)
def test_what_cannot_be_graded_is_neither_zero_nor_full_marks(data, reason):
    report = graded(data)
    assert {exercise.verdict for exercise in report.exercises} == {"not graded"}
    (note,) = report.notes
    assert reason in note
    assert note.endswith("Save the notebook again and hand in the new file.")


# ------------------------------------------------- a machine that is busy

BURN = "import time\nend = time.monotonic() + 20\nwhile time.monotonic() < end: pass"
SLOW = "import time\nburned = []" + FORWARD.replace(
    "    y =",
    "    end = time.process_time() + 0.25 * (len(burned) < 3)\n"
    "    while time.process_time() < end: pass\n"
    "    burned.append(1)\n    y =",
)


def test_a_busy_machine_fails_nobody():
    """Three calls use half of their CPU time, while five processes share a core."""
    limits = Limits(call_cpu=0.5)
    with ExitStack() as stack:
        for _ in range(4 * (os.cpu_count() or 1)):
            command = [sys.executable, "-c", BURN]
            process = subprocess.Popen(command, start_new_session=True)
            stack.callback(process.wait)
            stack.callback(process.kill)
        report = graded(notebook(linear_forward=SLOW), connect=None, limits=limits)
    assert lost(report) == {}
