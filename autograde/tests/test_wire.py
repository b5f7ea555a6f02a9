"""The wire format: what goes in comes out as plain data, what is malformed raises."""

import math
import random
import struct
import sys
from collections import OrderedDict, namedtuple
from collections.abc import Callable
from enum import IntEnum
from typing import Any

import numpy as np
import pytest

from autograde import wire
from autograde.wire import Handle, Name, Seed, WireError, decode_frame, encode

SAMPLES: list[Any] = [
    None,
    True,
    -(10**300),
    0.1,
    -0.0,
    math.inf,
    1e-320,
    2 - 3j,
    "",
    'a "line"\n\0 \u00e9 \U0001f600',
    (),
    ((1,), [2, []]),
    {"": {"a": (None, 1.5)}, "b": [True]},
    Seed(7),
    Name("f"),
]
ARRAYS = [
    *(np.array([0, 1, 3]).astype(dtype) for dtype in wire.KINDS),
    np.zeros((2, 0, 3), np.float32),
    np.array(2.5),
    np.arange(24.0).reshape(2, 3, 4).T,
    np.arange(10)[::-2],
    np.array([1.0, 2.0], ">f8"),
    np.array([np.nan, np.inf, -0.0]),
]


def there_and_back(value: Any) -> Any:
    return decode_frame(encode(value))


@pytest.mark.parametrize("value", SAMPLES, ids=repr)
def test_round_trip(value: Any) -> None:
    """Does a value come back equal, and of the same type?"""
    back = there_and_back(value)
    assert back == value
    assert repr(back) == repr(value)


@pytest.mark.parametrize("array", ARRAYS, ids=lambda a: f"{a.dtype} {a.shape}")
def test_arrays(array: np.ndarray) -> None:
    """Does an array come back native, C-ordered, writable, its own owner?"""
    back, scalar = there_and_back([array, array.dtype.type(1)])
    native = array.astype(array.dtype.newbyteorder("="))
    np.testing.assert_array_equal(back, native, strict=True)
    assert type(back) is np.ndarray
    assert back.flags.carray
    assert back.dtype.isnative
    assert type(scalar) is array.dtype.type


def test_not_a_number() -> None:
    """Do NaN and complex NaN survive?"""
    back = there_and_back([math.nan, complex(math.nan, 1)])
    assert math.isnan(back[0])
    assert math.isnan(back[1].real)


def test_subclasses_become_plain() -> None:
    """Does a subclass of a plain type lose what it adds?"""
    pair = namedtuple("pair", "a b")(1, np.ma.masked_array([1.0], [True]))
    number = IntEnum("number", "one").one
    back = there_and_back([pair, OrderedDict(a=1), number, np.str_("s"), np.float64(2)])
    assert [type(item) for item in back] == [tuple, dict, int, str, np.float64]
    assert type(back[0][1]) is np.ndarray


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1: 2},
        {1, 2},
        np.array([object()]),
        np.array(["text"]),
        np.longdouble(1),
        np.zeros(1, "i4,f8"),
        np.datetime64("2020-01-01"),
        10**5000,
        [0] * wire.MAX_ITEMS,
        "x" * wire.MAX_HEADER,
        np.zeros(wire.MAX_PAYLOAD + 1, bool),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_sent(value: object) -> None:
    """Is what is not data, or too large, refused where it is sent?"""
    with pytest.raises(WireError):
        encode(value)


def test_what_stays_inside() -> None:
    """Does an object become a handle where there is somebody to keep it?"""
    kept: list[object] = []

    def keep(value: object) -> Handle:
        kept.append(value)
        return Handle(len(kept) - 1)

    back = decode_frame(encode((1, {2: 3}, [len]), keep))
    assert (back[1].id, back[2][0].id) == (0, 1)
    assert kept == [{2: 3}, len]


@pytest.mark.parametrize(
    "use",
    [
        bool,
        len,
        iter,
        float,
        hash,
        np.asarray,
        lambda h: h == h,
        lambda h: h != 1,
        lambda h: h < 1,
        lambda h: 1 in h,
        lambda h: h[0],
        lambda h: np.allclose(h, 1),
    ],
)
def test_a_handle_is_no_value(use: Callable[[Handle], object]) -> None:
    """Can a check pass by comparing what stays in the sandbox?"""
    with pytest.raises(TypeError, match="stays in the sandbox"):
        use(Handle(0))


def frame(header: bytes, payload: bytes = b"") -> bytes:
    return wire.PREFIX.pack(wire.MAGIC, len(header), len(payload)) + header + payload


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"LFS1",
        b"GET " + frame(b"1")[4:],
        frame(b"1") + b"x",
        frame(b"1", b"x"),
        frame(b""),
        frame(b"{}"),
        frame(b"[" * 100_000),
        frame(b"[" * 40 + b"]" * 40),
        frame(b"[" + b"0," * 200_000 + b"0]"),
        frame(b"9" * 5000),
        frame(b'"\\ud800"'),
        frame(b'{"dict":[["\\ud800"],[1]]}'),
        frame(b'{"dict":[[1],[1]]}'),
        frame(b'{"dict":[["a"],[]]}'),
        frame(b'{"tuple":1}'),
        frame(b'{"handle":true}'),
        frame(b'{"handle":"1"}'),
        frame(b'{"call":["print"]}'),
        frame(b'{"complex":["1",2]}'),
        frame(b'{"array":["object",[1]]}', bytes(8)),
        frame(b'{"array":["float64",[1]]}', bytes(7)),
        frame(b'{"array":["float64",[-1]]}'),
        frame(b'{"array":["float64",[1.0]]}', bytes(8)),
        frame(b'{"array":["float64",[true]]}', bytes(8)),
        frame(b'{"array":["float64",[0,99999999999999999999]]}'),
        frame(b'{"array":["float64",[0,1099511627776,1099511627776]]}'),
        frame(b'{"array":["float64",[4611686018427387904,4]]}'),
        frame(b'{"array":["bool",[' + b"1," * 40 + b"1]]}", b"1"),
        frame(b'{"scalar":["float64",[1]]}', bytes(8)),
        struct.pack("<4sIQ", wire.MAGIC, 0xFFFFFFFF, 0),
        struct.pack("<4sIQ", wire.MAGIC, 1, 1 << 60),
    ],
    ids=lambda bad: repr(bad[:60]),
)
def test_malformed(bad: bytes) -> None:
    """Does each malformed frame raise WireError, and nothing else?"""
    with pytest.raises(WireError):
        decode_frame(bad)


def test_a_lying_bool() -> None:
    """Does a byte that is neither 0 nor 1 become an honest True?"""
    back = decode_frame(frame(b'{"array":["bool",[3]]}', b"\x00\x01\x07"))
    assert back.view(np.uint8).tolist() == [0, 1, 1]


def mutated(data: bytes, rng: random.Random) -> bytes:
    """A frame with a few bytes changed, cut out or doubled; mostly, its lengths fit."""
    raw = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(raw) + 1)
        if rng.random() < 0.5:
            raw[at : at + 1] = rng.choice(
                [b"", b"[", b"]", b"9", b'"', b"-", b"{", b"\xff"]
            )
        elif rng.random() < 0.5:
            raw[at:at] = raw[at : at + rng.randint(1, 20)]
        else:
            del raw[at : at + rng.randint(1, 20)]
    if rng.random() < 0.7 and len(raw) > wire.PREFIX.size:
        length = min(struct.unpack_from("<I", data, 4)[0], len(raw) - wire.PREFIX.size)
        rest = len(raw) - wire.PREFIX.size - length
        raw[: wire.PREFIX.size] = wire.PREFIX.pack(wire.MAGIC, length, rest)
    return bytes(raw)


def fuzz(count: int, seed: int = 0) -> int:
    """Decode mutated frames; the number that were still frames.

    Raises:
        Exception: any but WireError, which would be a defect.
    """
    rng = random.Random(seed)
    frames = [encode(value) for value in [*SAMPLES, *ARRAYS, SAMPLES, ARRAYS]]
    valid = 0
    for _ in range(count):
        try:
            encode(decode_frame(mutated(rng.choice(frames), rng)))
            valid += 1
        except WireError:
            pass
    return valid


def test_fuzz() -> None:
    """Do mutated frames raise WireError only? For longer: give this file a number."""
    assert 0 < fuzz(20_000) < 20_000


if __name__ == "__main__":
    sys.stdout.write(f"{fuzz(int(sys.argv[1]), int(sys.argv[1]))} were still frames\n")
