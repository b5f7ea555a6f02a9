"""Stubs, answers and given code, where sources are not simple."""

from textwrap import dedent

import pytest
from nbformat.v4 import new_code_cell
from nbgrader.preprocessors import ClearSolutions

from solutions.exercise import (
    answer,
    free_names,
    imported_names,
    inline,
    solutions_imports,
    source_of,
    stub,
)

STUB = "# YOUR CODE HERE\nraise NotImplementedError()"

SOURCES = {
    "docstring": '''
        def f(x):
            """Double x."""
            return 2 * x
        ''',
    "no docstring": """
        def f(x):
            return 2 * x
        """,
    "docstring only": '''
        def f(x):
            """Nothing to do."""
        ''',
    "comments around the body": '''
        def f(x):
            """Double x."""
            # Twice is
            y = 2 * x
            return y
            # enough.
        ''',
    "a text that looks like a comment": '''
        def f(x):
            """Double x."""
            return """
        # 2 * x
            """
        ''',
    "decorators": """
        @cache
        @wraps(
            g
        )
        def f(x):
            @cache
            def inner(y):
                return y
            return inner(x)
        """,
    "nested functions": '''
        def f(x):
            """Double x."""
            def inner(y):
                """Inner."""
                return 2 * y

            return inner(x)
        ''',
    "class": '''
        class C(Base):
            """A class."""

            unit = "m"
            size: int = 3

            def __init__(self, x):
                """Begin."""
                self.x = x

            @property
            def double(self) -> int:
                return 2 * self.x

            @classmethod
            def make(cls):
                return cls(0)
        ''',
    "marked": '''
        def f(x):
            """Double x."""
            if x < 0:
                ### BEGIN SOLUTION
                return -f(-x)
                ### END SOLUTION
            ### BEGIN SOLUTION
            return 2 * x
            ### END SOLUTION
        ''',
}


def source(name: str) -> str:
    return dedent(SOURCES[name]).strip()


@pytest.mark.parametrize("name", SOURCES)
def test_the_stub_is_what_nbgrader_leaves_of_the_answer(name):
    cell = new_code_cell(answer(source(name)))
    cell.metadata.nbgrader = {"solution": True, "grade": False, "grade_id": "f"}
    resources = {"language": "python"}
    if "BEGIN SOLUTION" in cell.source:
        cell, _ = ClearSolutions().preprocess_cell(cell, resources, 0)
    assert stub(source(name)) == cell.source


@pytest.mark.parametrize("name", SOURCES)
def test_the_answer_is_the_source_between_marks(name):
    marked = answer(source(name))
    kept = [line for line in marked.splitlines() if "SOLUTION" not in line]
    original = [line for line in source(name).splitlines() if "SOLUTION" not in line]
    assert kept == original
    compile(marked, name, "exec")
    compile(stub(source(name)), name, "exec")


@pytest.mark.parametrize(
    ("name", "kept", "gone"),
    [
        ("no docstring", ["def f(x):"], ["2 * x"]),
        ("comments around the body", ["Double x."], ["Twice is", "2 * x", "enough"]),
        ("decorators", ["@cache", "@wraps(", "def f(x):"], ["inner", "return"]),
        ("nested functions", ["Double x."], ["inner", "Inner"]),
        (
            "class",
            ["A class.", 'unit = "m"', "size: int = 3", "Begin.", "@property"],
            ["self.x", "cls(0)"],
        ),
        ("marked", ["if x < 0:"], ["-f(-x)", "2 * x"]),
    ],
)
def test_a_stub_keeps_the_signature_and_gives_nothing_away(name, kept, gone):
    text = stub(source(name))
    assert [part for part in kept if part not in text] == []
    assert [part for part in gone if part in text] == []


def test_a_class_has_a_stub_in_each_method():
    assert stub(source("class")).count("raise NotImplementedError()") == 3


def test_a_one_line_body_is_an_error():
    with pytest.raises(ValueError, match="f: the body must stand on lines of its own"):
        stub("def f(x): return 2 * x")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def f(x: np.ndarray) -> Array:\n    return x", {"np", "Array"}),
        ("def f(x=START, *, y):\n    return len(x) + y", {"START"}),
        ("@cache\ndef f(n):\n    return f(n - 1)", {"cache"}),
        (
            "class C(Base):\n    n = SIZE\n    def f(self): return g()",
            {"Base", "SIZE", "g"},
        ),
        ("def f():\n    import math\n    return [math.pi for _ in xs]", {"xs"}),
        (
            "def f():\n    y = 1\n    def g():\n        return y + z\n    return g",
            {"z"},
        ),
        ("import numpy as np\nx = np.ones(n)", {"n"}),
    ],
)
def test_free_names_are_those_that_come_from_elsewhere(text, names):
    assert free_names(text) == names


def test_inline_puts_what_is_needed_first_and_leaves_out_what_is_known():
    text = inline([("solutions.linear", "Linear")], ["np", "linear_forward", "Layer"])
    assert text.startswith("import math\n\n\ndef linear_backward(")
    assert "def linear_forward" not in text
    assert text.index("def linear_backward") < text.index("class Linear")
    with pytest.raises(LookupError, match="neither defines nor imports nothing"):
        inline([("solutions.linear", "nothing")])
    with pytest.raises(LookupError, match="there is no module solutions"):
        inline([("solutions.nowhere", "nothing")])


def test_inline_joins_imports_from_one_module():
    head = inline([("solutions.layer", "Layer")]).split("\n\n\n")[0].splitlines()
    starts = [line.split(" import ")[0] for line in head]
    assert len(starts) == len(set(starts))


@pytest.mark.parametrize(
    "cell",
    [
        "import solutions",
        "import solutions.linear as linear",
        "from solutions import Linear",
        "from solutions.linear import *",
        "from solutions.linear import Linear as L",
    ],
)
def test_only_one_form_of_import_is_allowed(cell):
    with pytest.raises(ValueError, match="write `from solutions"):
        solutions_imports(cell)


def test_imports_of_another_package_are_found():
    cell = "from made.up import a, b\nfrom solutions.linear import Linear"
    assert imported_names(cell, "made") == [("made.up", "a"), ("made.up", "b")]
    assert imported_names(cell) == [("solutions.linear", "Linear")]


def test_a_name_that_is_not_there_is_said():
    with pytest.raises(LookupError, match=r"solutions.linear defines no nothing"):
        source_of("solutions.linear", "nothing")
