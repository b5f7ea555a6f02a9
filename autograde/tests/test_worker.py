"""Statements and calls, without a process: what a worker answers."""

from typing import Any

import numpy as np
import pytest

from autograde.session import (
    Client,
    Garbled,
    LocalSession,
    NotAnswered,
    OutOfMemory,
    Statement,
    StudentError,
)
from autograde.wire import Handle, Name, Seed, encode


def session(*sources: str) -> LocalSession:
    return LocalSession(
        [Statement(source, f"cell {n}", 1, "") for n, source in enumerate(sources)]
    )


def test_values_and_arguments() -> None:
    """Do a call's value, and its arguments as they are afterwards, come back?"""
    ours = session("def f(x, *, scale=1):\n    x += 1\n    return x * scale, None, 'a'")
    x = np.zeros(2)
    reply = ours.call("f", (x,), {"scale": 3})
    np.testing.assert_array_equal(reply.value[0], [3, 3])
    assert reply.value[1:] == (None, "a")
    np.testing.assert_array_equal(reply.args[0], [1, 1])
    assert reply.kwargs == {"scale": 3}
    assert not x.any()


def test_a_cache_stays_inside() -> None:
    """Does a cache keep its identity and its type, whatever it is?"""
    ours = session(
        "from collections import namedtuple\nCache = namedtuple('Cache', 'x')",
        "def forward(x): return x, Cache(x)",
        "def backward(grad_y, cache): return grad_y * cache.x, type(cache).__name__",
    )
    y, cache = ours.call("forward", (np.ones(2),), keep=(1,)).value
    assert isinstance(cache, Handle)
    reply = ours.call("backward", (y, cache))
    assert reply.value[1] == "Cache"
    assert reply.args[1].id == cache.id


def test_objects_seeds_and_names() -> None:
    """Do objects, generators and functions work as arguments?"""
    ours = session(
        "class Layer:\n    def __init__(self, n): self.n = n\n"
        "    def backward(self, x): return self.n * x",
        "def draw(rng): return rng.standard_normal(3)",
        "def apply(function, x): return function(x)",
        "def square(x): return x * x",
    )
    layer = ours.call("Layer", (3,)).value
    assert ours.call("Layer.backward", (layer, 2)).value == 6
    assert ours.call("getattr", (layer, "n")).value == 3
    expected = np.random.default_rng(5).standard_normal(3)
    np.testing.assert_array_equal(ours.call("draw", (Seed(5),)).value, expected)
    assert ours.call("apply", (Name("square"), 4)).value == 16
    with pytest.raises(StudentError, match="NameError: name 'cube'"):
        ours.call("apply", (Name("cube"), 4))


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("raise IndexError('x')", "IndexError"),
        ("class Mine(KeyError): pass\n raise Mine('x')", "KeyError"),
        ("import numpy as np\n np.linalg.inv(np.zeros((2, 2)))", "ValueError"),
        ("f()", "RecursionError"),
        ("exit()", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("class Bad(Exception):\n  __str__ = None\n raise Bad", "Exception"),
        ("return undefined", "NameError"),
    ],
)
def test_exceptions(source: str, kind: str) -> None:
    """Does an exception come as a built-in type, with the student's own line?"""
    with pytest.raises(StudentError) as caught:
        session(f"def f():\n {source}").call("f")
    assert caught.value.kind == kind
    assert caught.value.where in [f"line {n} of cell 0" for n in (2, 3, 4)]


def test_not_answered() -> None:
    """Are a missing function and an untouched stub told from a wrong answer?"""
    ours = session(
        "def stub(): raise NotImplementedError()", "def caller(): return stub()"
    )
    for name, missing in {"stub": "stub", "caller": "stub", "none": "none"}.items():
        with pytest.raises(NotAnswered) as caught:
            ours.call(name)
        assert caught.value.name == missing


def test_memory_and_unsendable() -> None:
    """Does too much memory, or a value without end, fault the call only?"""
    ours = session(
        "def big(): raise MemoryError", "def loop():\n x = []\n x.append(x)\n return x"
    )
    with pytest.raises(OutOfMemory):
        ours.call("big")
    with pytest.raises(Garbled, match="loop returned"):
        ours.call("loop")
    assert ours.call("len", ("ab",)).value == 2


def test_an_object_that_fights_back() -> None:
    """Does an object that raises while it is looked at fault the call only?"""
    ours = session(
        "class Odd(dict):\n def __iter__(self): raise SystemExit\n"
        " def values(self): raise SystemExit",
        "def f(): return Odd(a=1)",
    )
    with pytest.raises(Garbled):
        ours.call("f")


def test_future_statements_last() -> None:
    """Does `from __future__ import annotations` hold for later cells, as in Jupyter?"""
    ours = session(
        "from __future__ import annotations", "def f(x: torch.Tensor): return x"
    )
    assert ours.failures == ()
    assert ours.call("f", (1,)).value == 1


def test_dataclass_and_warning() -> None:
    """Do a dataclass work, and a warning cost nothing?"""
    ours = session(
        "import warnings\nfrom dataclasses import dataclass",
        "@dataclass\nclass Point:\n    x: int\n",
        "def f():\n    warnings.warn('careful')\n    return Point(3).x",
    )
    assert ours.failures == ()
    assert ours.call("f").value == 3


class Liar(Client):
    """A session whose worker answers what it likes."""

    def __init__(self, reply: Any) -> None:
        super().__init__(())
        self.reply = reply

    def _ask(self, frame: bytes, function: str) -> bytes:
        return encode(self.reply)

    def close(self) -> None:
        """Nothing to end."""


RAISED = {"fault": "raised", "message": "m", "cell": "c", "line": 1, "function": "f"}


@pytest.mark.parametrize(
    "reply",
    [
        None,
        [],
        {},
        Handle(0),
        {"value": Handle(0)},
        {"value": 1, "args": [], "kwargs": {}},
        {"value": 1, "args": (), "kwargs": Handle(1)},
        {"fault": Handle(0)},
        {"fault": np.zeros(2)},
        {"value": 1, "args": np.zeros(2), "kwargs": {}},
        {**RAISED, "kind": np.zeros(2)},
        {"fault": "raised", "kind": 3},
        {**RAISED, "kind": "ValueError", "line": Handle(1)},
    ],
    ids=repr,
)
def test_lies(reply: object) -> None:
    """Does a reply of the wrong form fault the call, and nothing else?"""
    with pytest.raises(Garbled):
        Liar(reply).call("f")


def test_invented_exception() -> None:
    """Can a reply name a type or a place that there is not?"""
    with pytest.raises(StudentError) as caught:
        Liar({**RAISED, "kind": "<script>"}).call("f")
    assert (caught.value.kind, caught.value.where) == ("Exception", "")
