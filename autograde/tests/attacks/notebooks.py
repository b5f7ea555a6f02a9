"""Files that are no notebook, broken ones, and ones that are far too large."""

import io
import zipfile
from collections.abc import Callable

from autograde.tests.attacks.attack import (
    EXERCISES,
    NOTHING,
    Attack,
    Notebook,
    cell,
    released,
    solved,
    wrote,
)


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("02_linear.ipynb", solved()())
    return file.getvalue()


def version_3(notebook: Notebook) -> None:
    for one in notebook["cells"]:
        if one["cell_type"] == "code":
            one["input"] = one.pop("source")
            one["language"] = "python"
    notebook["worksheets"] = [{"cells": notebook.pop("cells"), "metadata": {}}]
    notebook |= {"nbformat": 3, "nbformat_minor": 0}


def version_2(notebook: Notebook) -> None:
    version_3(notebook)
    notebook["nbformat"] = 2


def version_99(notebook: Notebook) -> None:
    notebook |= {"nbformat": 99, "nbformat_minor": -1}


def one_id(notebook: Notebook) -> None:
    for one in notebook["cells"]:
        one["id"] = "../same id"


def wrong_types(notebook: Notebook) -> None:
    """A cell of every wrong kind, and metadata of none of the right ones."""
    wrong = [None, 5, "cell", [], {}, {"cell_type": 7}, {"cell_type": "code"}]
    for source in [None, 5, {"a": 1}, [1, None], [["x"]], True]:
        wrong.append({"cell_type": "code", "source": source, "metadata": []})
    for names in ["x", 5, [], {"grade_id": {"a": 1}}, {"grade_id": ["x"], "grade": 9}]:
        metadata = {"nbgrader": names, "tags": 5}
        wrong.append({"cell_type": "code", "source": "1", "metadata": metadata})
    notebook["cells"] += wrong
    notebook["metadata"] = ["none"]


def without_sources(notebook: Notebook) -> None:
    for exercise in EXERCISES:
        del cell(notebook, exercise)["source"]


def many_cells(notebook: Notebook) -> None:
    notebook["cells"] += [
        {"cell_type": "code", "source": f"x{i} = {i}", "metadata": {}, "outputs": []}
        for i in range(100_000)
    ]


def much_source(notebook: Notebook) -> None:
    line = "é=1;" * 20_000
    notebook["cells"] += [
        {"cell_type": "code", "source": line, "metadata": {}} for _ in range(60)
    ]


def big_output(notebook: Notebook) -> None:
    text = {"output_type": "stream", "name": "stdout", "text": "0.12 " * (4 << 20)}
    notebook["cells"][3]["outputs"] = [text]


def text(raw: str) -> Callable[[], bytes]:
    return raw.encode


def damaged(damage: Callable[[bytes], bytes]) -> Callable[[], bytes]:
    return lambda: damage(solved()())


def twice(data: bytes) -> bytes:
    """Every key of the first answer's cell once more: the last one counts."""
    first = data.index(b'"linear_forward", "locked"')
    start = data.rindex(b'"cell_type"', 0, first)
    return data[:start] + b'"source": "1/0", "source": 7, ' + data[start:]


UNREADABLE: list[tuple[str, str, Callable[[], bytes]]] = [
    ("empty", "an empty file", bytes),
    ("blank", "a file of spaces", text("  \n\n")),
    ("zip", "a zip file under the notebook's name", zipped),
    ("list", "a list", text("[]")),
    ("number", "a number", text("5")),
    ("word", "a string", text('"cells"')),
    ("null", "null", text("null")),
    ("nan", "NaN, which is no JSON", text("NaN")),
    ("object", "an object without cells", text("{}")),
    ("no-cells", "no cells", text('{"cells": []}')),
    ("cells-dict", "cells that are no list", text('{"cells": {"a": 1}}')),
    ("cells-numbers", "cells that are numbers", text('{"cells": [1, 2]}')),
    ("half", "half a file", damaged(lambda data: data[: len(data) // 2])),
    ("nested", "JSON nested a million deep", text('{"cells":' + "[" * 10**6)),
    ("nested-objects", "objects nested deep", text('{"cells":' * 10**5 + "1")),
    ("big-int", "a number of a million digits", text('{"cells":' + "9" * 10**6 + "}")),
    ("nul", "NUL bytes in the middle", damaged(lambda d: d[:999] + b"\0\0" + d[999:])),
    ("html", "a web page", text("<!doctype html><title>Log in</title>")),
    ("html-entities", "an XML bomb", text('<!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>')),
    ("pickle", "a pickle", lambda: b"\x80\x04cposix\nsystem\n(X\x02\x00\x00\x00idtR."),
    ("script", "a Python file", text("linear_forward = print\n")),
    ("binary", "random bytes", lambda: bytes(range(256)) * 99),
    (
        "many-brackets",
        "100 MB of empty objects",
        lambda: b'{"cells":[' + b"{}," * 33_000_000,
    ),
    ("too-large", "a file of 101 MB", lambda: b" " * (101 << 20) + b"{}"),
]
READABLE: list[tuple[str, str, Callable[[], bytes], str, tuple[str, ...]]] = [
    ("bom", "a byte-order mark", damaged(b"\xef\xbb\xbf".__add__), "passed", NOTHING),
    ("version-3", "format 3", solved(version_3), "passed", NOTHING),
    ("version-2", "format 2", solved(version_2), "passed", NOTHING),
    ("version-99", "format 99", solved(version_99), "passed", NOTHING),
    ("one-id", "all cells with one id", solved(one_id), "passed", NOTHING),
    (
        "wrong-types",
        "cells of every wrong type",
        solved(wrong_types),
        "passed",
        NOTHING,
    ),
    ("many-cells", "100,000 cells", solved(many_cells), "passed", NOTHING),
    ("much-source", "5 MB of statements", solved(much_source), "passed", NOTHING),
    ("big-output", "an output of 20 MB", solved(big_output), "passed", NOTHING),
    (
        "no-sources",
        "cells without source",
        solved(without_sources),
        "not answered",
        EXERCISES,
    ),
    ("doubled-keys", "keys that stand twice", damaged(twice), "passed", NOTHING),
]


ATTACKS = [
    Attack(f"notebook-{name}", f"hands in {tries}", "not graded", EXERCISES, data=data)
    for name, tries, data in UNREADABLE
] + [
    Attack(f"notebook-{name}", f"hands in {tries}", verdict, lost, data=data)
    for name, tries, data, verdict, lost in READABLE
]
ATTACKS += [
    Attack(
        "source-nul",
        "a NUL byte in the source",
        "raised",
        EXERCISES,
        data=released(wrote("def linear_forward(x, weight, bias=None): return\0 x")),
    ),
    Attack(
        "source-surrogate",
        "half a character in the source",
        "failed",
        EXERCISES,
        data=released(wrote("linear_forward = lambda *a: ('\ud800', ())")),
    ),
    Attack(
        "source-bidi",
        "a source that reads otherwise than it runs",
        "failed",
        EXERCISES,
        data=released(
            wrote("linear_forward = lambda *a: ('\u202e\u2066# passed', ())")
        ),
    ),
    Attack(
        "source-coding",
        "a source in another encoding, with a form feed",
        "failed",
        EXERCISES,
        data=released(
            wrote("# -*- coding: utf-7 -*-\n\x0clinear_forward = lambda *a: (1, ())")
        ),
    ),
]
