"""From the bytes of a notebook to what runs: what is taken, left out, and said."""

import json
import random
import sys
from typing import Any

import pytest

from autograde.limits import Limits
from autograde.notebook import Unreadable, assignment_of, cells
from autograde.release import Release, ReleaseCell
from autograde.session import LocalSession
from autograde.statements import statements_of
from autograde.submission import read

STUB = "def {0}(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
RELEASE = Release(
    "02_linear",
    "abc",
    (
        ReleaseCell("setup", "import numpy as np\nFACTOR = 2", "setup"),
        ReleaseCell("code", "import fractions\ny = 1\ndef text(x): return x\nprint(y)"),
        ReleaseCell("exercise", STUB.format("double"), "double", ("double",)),
        ReleaseCell("check", "assert double(1) == 2", "check_double", points=2),
        ReleaseCell("given", "class Layer:\n    call = 'given'", "given"),
        ReleaseCell("exercise", STUB.format("triple"), "triple", ("triple",)),
        ReleaseCell("check", "assert triple(1) == 3", "check_triple", points=1),
    ),
)


def released() -> list[dict[str, Any]]:
    """The student's notebook as it was released: its cells."""
    return [cell(c.source, c.grade_id) for c in RELEASE.cells]


def cell(source: Any, grade_id: str = "", kind: str = "code") -> dict[str, Any]:
    metadata = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
    return {"cell_type": kind, "source": source, "metadata": metadata}


def notebook(given: list[dict[str, Any]], **metadata: Any) -> bytes:
    return json.dumps(
        {"cells": given, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    ).encode()


def program(given: list[dict[str, Any]]) -> list[str]:
    """The student's statements that run."""
    found = read(notebook(given), lambda _: RELEASE)
    return [s.source for s in found.statements if s.student]


def notes(given: list[dict[str, Any]]) -> str:
    return " ".join(read(notebook(given), lambda _: RELEASE).notes)


def answered(source: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    """A notebook whose first exercise is answered, with more cells at its end."""
    mine = released()
    mine[2]["source"] = source
    return [*mine, *more]


def test_untouched() -> None:
    """What of a release runs, and in which order?"""
    found = read(notebook(released()), lambda _: RELEASE)
    assert [(s.source.split("\n")[0], s.cell) for s in found.statements] == [
        ("import numpy as np", "the locked cell setup"),
        ("FACTOR = 2", "the locked cell setup"),
        ("import fractions", "the text"),
        ("def text(x): return x", "the text"),
        ("def double(x):", "your cell double"),
        ("class Layer:", "the locked cell given"),
        ("def triple(x):", "your cell triple"),
    ]
    assert found.notes == ()


def test_answers_and_own_cells_run() -> None:
    """Do helpers in added cells, and edited cells of the text, run in order?"""
    mine = answered("def double(x): return twice(x)", cell("from math import *"))
    mine[1]["source"] = "y = 5\nprint(y)\ntwice = lambda x: FACTOR * x"
    session = LocalSession(read(notebook(mine), lambda _: RELEASE).statements)
    assert session.call("double", (4,)).value == 8
    assert session.call("sqrt", (4,)).value == 2
    assert session.failures == ()


def test_kinds_of_statements() -> None:
    """Are imports, definitions and assignments taken, and nothing that none needs?"""
    source = """
import os; x = 1; print(x)
@staticmethod
def f(): pass
async def g(): pass
class C: pass
y: int = 2
x += 1
for i in range(10**9): pass
with open("f"): pass
if x: y = 3
del x
f()
"""
    assert program([cell(source)]) == [
        "import os",
        "x = 1",
        "@staticmethod\ndef f(): pass",
        "async def g(): pass",
        "class C: pass",
        "y: int = 2",
        "x += 1",
    ]


def test_lines() -> None:
    """Do line numbers count as the student's cell does, decorators and Unicode too?"""
    source = "# a\né = '…'; b = 2\n\n@staticmethod\ndef f():\n    return 1\n\x0cz = 3"
    found, _ = statements_of(source, "c")
    assert [(s.line, s.source) for s in found] == [
        (2, "é = '…'"),
        (2, "b = 2"),
        (4, "@staticmethod\ndef f():\n    return 1"),
        (7, "z = 3"),
    ]


@pytest.mark.parametrize("place", [0, 3, 4])
def test_locked_cells_come_from_the_release(place: int) -> None:
    """Does what a student wrote into a locked cell run?"""
    mine = released()
    mine[place]["source"] = "evil = 1"
    assert not any("evil" in source for source in program(mine))


def test_given_code_runs_once_and_always() -> None:
    """Does a given cell run when it was deleted, or copied?"""
    for mine in (released()[:4] + released()[5:], [*released(), *released()[4:5]]):
        found = read(notebook(mine), lambda _: RELEASE).statements
        assert sum("Layer" in s.source for s in found) == 1


def test_text_never_replaces_an_answer() -> None:
    """Does a definition in the text that has an exercise's name stay out?"""
    text = ReleaseCell("code", "def double(x): return 'wrong'")
    release = Release("a", "v", (*RELEASE.cells, text))
    found = read(notebook(released()), lambda _: release).statements
    assert not any("wrong" in s.source for s in found)


def test_duplicated_cell() -> None:
    """Does the last of two cells with one id count, and is it said?"""
    mine = answered(
        "def double(x): return 1", cell("def double(x): return 2", "double")
    )
    session = LocalSession(read(notebook(mine), lambda _: RELEASE).statements)
    assert session.call("double", (0,)).value == 2
    assert "several cells double" in notes(mine)


def test_lost_id() -> None:
    """Does an answer count whose cell lost its id, or became text?"""
    pasted = cell("def double(x): return 2 * x")
    mine = [c for c in released() if "double" not in c["source"]]
    assert "def double(x): return 2 * x" in program([*mine, pasted])
    assert "names of your cells double" in notes([*mine, pasted])
    pasted = cell("double = lambda x: 2 * x")
    assert "double = lambda x: 2 * x" in program([*mine, pasted])
    assert "The cell double is missing" in notes([*mine, pasted])
    mine.append(cell("def double(x): return 5", "double", "markdown"))
    assert "def double(x): return 5" in program(mine)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%matplotlib inline\nx = 1", ["x = 1"]),
        ("!pip install torch\nx = 1\n?x\nx.real??", ["x = 1"]),
        ("%%time\nx = 1", ["x = 1"]),
        ("%%bash\nx=1", []),
        ("def f():\n    %time g()\n    return 1", ["def f():\n    pass\n    return 1"]),
        ("files = !ls\nt = %timeit -o f()\nx = 1", ["x = 1"]),
        ("x = 7 \\\n  % 3", ["x = 7 \\\n  % 3"]),
        ("x = '''\n%time\n'''", ["x = '''\n%time\n'''"]),
    ],
)
def test_magics(source: str, expected: list[str]) -> None:
    """Are IPython's lines dropped, and Python's kept?"""
    assert program([cell(source)]) == expected


def test_an_import_binds_its_names() -> None:
    found, _ = statements_of("import a.b, c.d as e\nfrom f import g as h, i", "x")
    assert [s.names for s in found] == [("a",), ("e",), ("h", "i")]


def test_a_notebook_of_another_chapter() -> None:
    """Is it said once, and not once for each exercise?"""
    foreign = [cell("x = 1"), cell("def f(x): return x", "elsewhere")]
    assert read(notebook(foreign), lambda _: RELEASE).notes == (
        "This does not look like the notebook of 02_linear: none of its exercises is "
        "in it.",
    )


def test_syntax_error() -> None:
    """Is what stands before a syntax error kept, and the place of the error said?"""
    source = "import os\n\ndef f():\n    return 1\n\ndef g():\n    return (1\n\nx = 2"
    assert program([cell(source)]) == ["import os", "def f():\n    return 1"]
    assert "Your code cell 1 has a syntax error in line 7" in notes([cell(source)])


@pytest.mark.parametrize(
    "source",
    [
        "(" * 50_000,
        "-" * 50_000 + "1",
        "x" + ".a" * 40_000,
        "x = " + "9" * 50_000,
        "lambda: " * 10_000 + "0",
        "x = 1\0",
        "x = '\ud800'",
        " " * 90_000 + "!",
        "a " * 45_000,
        "\n".join(["y = 1"] * 1_500 + ["("]),
    ],
    ids=lambda source: source[:10],
)
def test_sources_that_hurt_a_parser(source: str) -> None:
    """Is a cell that no parser likes passed over, and the next one used?"""
    assert program([cell(source), cell("z = 1")])[-1] == "z = 1"


def test_too_long() -> None:
    """Are cells and programs bounded?"""
    limits = Limits(cell_characters=20, statements=12)
    mine = [cell("x = 1" + " " * 20), *[cell(f"x{n} = 1") for n in range(20)]]
    found = read(notebook(mine), lambda _: RELEASE, limits)
    assert len(found.statements) <= 14
    assert "Your code cell 1 is too long, and was not used." in found.notes


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (notebook([cell("x = 1")])[:-30], "ends in the middle"),
        (notebook([cell("x = 1")])[:40], "ends in the middle"),
        (b"<!DOCTYPE html><p>", "is a web page"),
        (b"PK\x03\x04\xff\xfe\x80", "is not a notebook"),
        (b"{'cells': []}", "line 1, column 2"),
        (b"[" * 200_000, "is not a notebook"),
        (b"[1, 2]", "holds no notebook"),
        (b'{"cells": []}', "without cells"),
        (b'{"cells": 3, "worksheets": [4]}', "without cells"),
        (b'{"a": ' + b"9" * 5000 + b"}", "is not a notebook"),
    ],
    ids=lambda value: str(value[:20]),
)
def test_unreadable(data: bytes, message: str) -> None:
    """Does a sentence say what came, and what to do?"""
    with pytest.raises(Unreadable, match=message) as caught:
        read(data, lambda _: RELEASE)
    assert "hand in the new file" in str(caught.value)


def test_too_large() -> None:
    """Is a file beyond the limit refused before it is read?"""
    with pytest.raises(Unreadable, match="Clear its outputs"):
        read(b"x" * 101, lambda _: RELEASE, Limits(notebook_bytes=100))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings(encoding: str) -> None:
    """Does a byte-order mark, or another Unicode encoding, matter?"""
    text = '{"cells": [{"cell_type": "code", "source": ["x = \'é\'\\r\\n", "y = 1"]}]}'
    (only,) = cells(text.encode(encoding))
    assert only.source == "x = 'é'\ny = 1"


def test_format_3() -> None:
    """Is an old notebook, with worksheets and inputs, read?"""
    old = {"cell_type": "code", "input": ["x = 1\n", "y = 2"], "language": "python"}
    data = json.dumps({"nbformat": 3, "worksheets": [{"cells": [old]}]}).encode()
    assert [s.source for s in read(data, lambda _: RELEASE).statements][-3:-1] == [
        "x = 1",
        "y = 2",
    ]


@pytest.mark.parametrize(
    ("ours", "release", "assignment"),
    [
        ({"release": "abc", "assignment": "02_linear"}, "abc", "02_linear"),
        ({"release": "../../x", "assignment": "../x"}, None, ""),
        ({"release": ["abc"], "assignment": {}}, None, ""),
        ({"release": "a" * 99, "assignment": "a/b"}, None, ""),
        ("text", None, ""),
    ],
)
def test_metadata_is_untrusted(ours: Any, release: str | None, assignment: str) -> None:
    """Is what a notebook says about itself only a name to look up?"""
    asked = []
    data = notebook([cell("x = 1")], layers_from_scratch=ours)
    read(data, lambda version: (asked.append(version), RELEASE)[1])
    assert asked == [release]
    assert assignment_of(data) == assignment


def fuzz(count: int, seed: int = 0) -> int:
    """Read mutated notebooks; how many were still notebooks. Raises on any surprise."""
    rng = random.Random(seed)
    extra = [cell("%%time\nimport os"), cell(["x = 1\n", "y"]), cell("# a", "b", "raw")]
    source = notebook([*released(), *extra], layers_from_scratch={"release": "abc"})
    pieces = [b"{", b"]", b'"', b"null", b"[]", b"1", b"\\ud800", b"\\n", b"\xff", b"("]
    valid = 0
    for _ in range(count):
        data = bytearray(source)
        for _ in range(rng.randint(1, 5)):
            at = rng.randrange(len(data))
            data[at : at + rng.choice([0, 1, 1, 8])] = rng.choice(pieces)
        try:
            read(bytes(data), lambda _: RELEASE)
            valid += 1
        except Unreadable:
            pass
    return valid


def test_fuzz() -> None:
    """Do mutated notebooks read, or raise Unreadable? For longer: give a number."""
    assert 0 < fuzz(1000) < 1000


if __name__ == "__main__":
    sys.stdout.write(f"{fuzz(int(sys.argv[1]), int(sys.argv[1]))} were notebooks\n")
