"""What a notebook's answers need, found in a time that grows with the notebook only."""

import time
from collections.abc import Callable

import pytest

from autograde.needed import needed
from autograde.session import Statement
from autograde.statements import statements_of
from autograde.tests.test_submission import cell, notes, program, released


def sources(text: str) -> list[str]:
    """The statements of a cell that run, where `answer` is asked for."""
    found, _ = statements_of(text, "c")
    return [s.source for s in needed(found, ["answer"])]


def test_a_table_that_is_filled_by_functions_that_call_functions() -> None:
    calls = [f"def f{i}(): f{i + 1}()" for i in range(9)]
    lines = ["table = []", *calls, "def f9(): table.append(1)", "def g(): f0()", "g()"]
    text = "\n".join([*lines, "print(1)", "def answer(): return table"])
    assert "g()" in sources(text)
    assert "print(1)" not in sources(text)
    assert "g()" not in sources(text.replace("return table", "return 1"))


def chain(n: int) -> list[Statement]:
    """Names that lead from the answer to the last statement, against the order."""
    text = "\n".join(["answer = x0", *(f"x{i} = x{i + 1}" for i in range(n))])
    return statements_of(text, "c", most=n + 1)[0]


def meshed(n: int) -> list[Statement]:
    """Functions that all call each other, and change a name each."""
    calls = "+".join(f"f{i}()" for i in range(n))
    text = "\n".join(f"def f{i}():\n  global g{i}\n  g{i} = {calls}" for i in range(n))
    return statements_of(f"{text}\nanswer = f0", "c", most=n + 1)[0]


def seconds(run: Callable[[], object]) -> float:
    """The least CPU time of five runs."""
    found = []
    for _ in range(5):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return min(found)


@pytest.mark.parametrize(("make", "size", "links"), [(chain, 500, 4), (meshed, 30, 16)])
def test_the_time_grows_with_what_leads_to_what(
    make: Callable[[int], list[Statement]], size: int, links: int
) -> None:
    """Four times as many names: `links` times as much to follow, and no more."""
    small, large = make(size), make(4 * size)
    needed(small, ["answer"]), needed(large, ["answer"])  # what is read once is kept
    ratio = seconds(lambda: needed(large, ["answer"])) / seconds(
        lambda: needed(small, ["answer"])
    )
    assert ratio < 2 * links


def test_many_statements_on_one_line() -> None:
    def read(n: int) -> float:
        line = "x='é';" * n
        return seconds(lambda: statements_of(line, "c", most=4 * n))

    read(4000)
    assert read(4000) / read(1000) < 8


def test_after_many_cells_it_is_enough() -> None:
    """Thousands of small cells, none of which can be read, would take a minute."""
    mine = [*released(), *[cell(")(")] * 3000, cell("late = 1")]
    assert "late = 1" not in program(mine)
    assert "too much code" in notes(mine)
    assert "late = 1" in program([*released(), *[cell(")(")] * 300, cell("late = 1")])
