"""What crosses between grader and sandbox: frames of plain data, checked before use.

A frame is `magic | header length | payload length | header | payload`: a JSON header
that describes one value, then the raw bytes of its arrays, one after the other. Reading
a frame builds plain Python values and ndarrays and runs nothing of the sender's. The
same file serves both sides, so it imports the standard library and NumPy only.
"""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

Array = np.ndarray[Any, Any]

MAGIC = b"LFS1"
PREFIX = struct.Struct("<4sIQ")  # magic, header length, payload length
MAX_HEADER = 1 << 18
MAX_PAYLOAD = 1 << 26
MAX_DEPTH = 32
MAX_ITEMS = 10_000
MAX_AXES = 32
IDENTITY = "return"  # a function that gives its arguments back; no student defines it
MAX_ENTRIES = 1 << 40  # also for an empty array, whose axes cost no bytes

KINDS = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"]
KINDS += ["uint64", "float16", "float32", "float64", "complex64", "complex128"]
DTYPES = {kind: np.dtype(kind) for kind in KINDS}
NAMES = {dtype: kind for kind, dtype in DTYPES.items()}
PLAIN = {type(None), bool, int, float}  # what JSON has itself
TO_JSON = json.JSONEncoder(separators=(",", ":")).encode
FROM_JSON = json.JSONDecoder().decode


class WireError(Exception):
    """A frame is malformed, or a value cannot be put into one."""


@dataclass(frozen=True, eq=False)
class Handle:
    """An object that stays in the sandbox, such as a cache or a layer.

    It holds nothing that could be compared: `assert student_value` or
    `student_value == expected` must not pass by accident, so both raise.
    """

    id: int

    def _opaque(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("this object stays in the sandbox: pass it to a call, no more")

    __bool__ = __len__ = __iter__ = __array__ = __contains__ = __getitem__ = _opaque
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _opaque
    __float__ = __int__ = __index__ = __complex__ = _opaque


@dataclass(frozen=True)
class Seed:
    """Becomes `np.random.default_rng(value)` inside the sandbox."""

    value: int


@dataclass(frozen=True)
class Name:
    """Becomes the notebook's own function of that name inside the sandbox."""

    name: str


# ---------------------------------------------------------------- values to frames


def encode(
    value: object,
    keep: Callable[[object], Handle] | None = None,
    max_payload: int = MAX_PAYLOAD,
) -> bytes:
    """One value as a frame.

    Args:
        value: None, bool, int, float, complex, str, tuple, list, dict with str keys,
            ndarray, NumPy scalar, `Handle`, `Seed`, `Name`, nested as you like.
        keep: called with an object that is none of these; returns its handle.
        max_payload: the most bytes that its arrays may take.

    Raises:
        WireError: a value of another kind (and no `keep`), or too large, or too deep.

    Example:
        >>> decode_frame(encode((1, [2.5], {"x": np.zeros(2)})))
        (1, [2.5], {'x': array([0., 0.])})
    """
    writer = _Writer(keep, max_payload)
    tree = writer.node(value, 0)
    try:
        header = TO_JSON(tree).encode("ascii")
    except ValueError as error:  # an int of more digits than Python converts
        raise WireError(f"cannot be sent: {error}") from None
    if len(header) > MAX_HEADER:
        raise WireError(f"too large to send: a header of {len(header)} bytes")
    return b"".join(
        [PREFIX.pack(MAGIC, len(header), writer.size), header, *writer.buffers]
    )


class _Writer:
    def __init__(
        self, keep: Callable[[object], Handle] | None, max_payload: int
    ) -> None:
        self.keep, self.max_payload = keep, max_payload
        self.buffers: list[bytes] = []
        self.size = self.items = 0

    def node(self, value: object, depth: int) -> object:
        """The value as JSON; lists stand for lists, `{"tag": ...}` for all the rest."""
        self.items += 1
        if depth > MAX_DEPTH or self.items > MAX_ITEMS:
            raise WireError("too large to send: nested too deep, or too many items")
        if type(value) in PLAIN:
            return value
        if isinstance(value, (np.ndarray, np.generic)) and not isinstance(value, str):
            return self.array(value)
        if isinstance(value, str):
            return str(value).encode("utf-8", "replace").decode()
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            return float(value)
        if isinstance(value, complex):
            return {"complex": [value.real, value.imag]}
        if isinstance(value, (list, tuple)):
            nodes = [self.node(item, depth + 1) for item in value]
            return nodes if isinstance(value, list) else {"tuple": nodes}
        if isinstance(value, dict) and all(isinstance(key, str) for key in value):
            keys = [self.node(key, depth + 1) for key in value]
            return {"dict": [keys, [self.node(v, depth + 1) for v in value.values()]]}
        if isinstance(value, Handle):
            return {"handle": value.id}
        if isinstance(value, Seed):
            return {"seed": value.value}
        if isinstance(value, Name):
            return {"name": value.name}
        return self.other(value)

    def array(self, value: Array | np.generic) -> object:
        kind = NAMES.get(value.dtype) or value.dtype.name  # the name takes long
        dtype = DTYPES.get(kind)
        if dtype is None:
            return self.other(value)
        self.size += value.size * dtype.itemsize
        if self.size > self.max_payload:
            raise WireError(f"too large to send: more than {self.max_payload} bytes")
        self.buffers.append(np.asarray(value, dtype).tobytes())
        tag = "array" if isinstance(value, np.ndarray) else "scalar"
        return {tag: [kind, list(value.shape)]}

    def other(self, value: object) -> object:
        if self.keep is None:
            raise WireError(f"a {type(value).__name__} is not data")
        return {"handle": self.keep(value).id}


# ---------------------------------------------------------------- frames to values


def sizes(prefix: bytes, max_payload: int = MAX_PAYLOAD) -> tuple[int, int]:
    """Header and payload length from a frame's first `PREFIX.size` bytes.

    Raises:
        WireError: not a frame, or one larger than allowed; nothing is allocated yet.
    """
    if len(prefix) != PREFIX.size:
        raise WireError("the frame ends early")
    magic, header, payload = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise WireError("not a frame")
    if header > MAX_HEADER or payload > max_payload:
        raise WireError(f"too large: {header} + {payload} bytes")
    return header, payload


def decode(header: bytes, payload: bytes | bytearray) -> Any:
    """The value of a frame, made of plain Python objects and writable ndarrays.

    Raises:
        WireError: anything at all is wrong with it; no other exception.
    """
    try:
        tree = FROM_JSON(header.decode("ascii"))
    except (ValueError, RecursionError):
        raise WireError("the header is not JSON") from None
    reader = _Reader(memoryview(payload))
    value = reader.value(tree, 0)
    if reader.at != len(payload):
        raise WireError(f"{len(payload) - reader.at} bytes left over")
    return value


def decode_frame(frame: bytes, max_payload: int = MAX_PAYLOAD) -> Any:
    """The value of one whole frame; raises WireError, see `decode`."""
    header, payload = sizes(frame[: PREFIX.size], max_payload)
    body = frame[PREFIX.size :]
    if len(body) != header + payload:
        raise WireError("the frame has another length than it says")
    return decode(body[:header], body[header:])


class _Reader:
    def __init__(self, payload: memoryview) -> None:
        self.payload = payload
        self.at = self.items = 0

    def value(self, node: object, depth: int) -> Any:
        self.items += 1
        if depth > MAX_DEPTH or self.items > MAX_ITEMS:
            raise WireError("nested too deep, or too many items")
        if type(node) in PLAIN:
            return node
        if isinstance(node, str):
            return self.text(node)
        if isinstance(node, list):
            return [self.value(item, depth + 1) for item in node]
        if isinstance(node, dict) and len(node) == 1:
            ((tag, body),) = node.items()
            return self.tagged(tag, body, depth)
        raise WireError("unknown node")

    def tagged(self, tag: str, body: object, depth: int) -> object:
        match tag, body:
            case "array", [str(dtype), [*shape]]:
                return self.array(dtype, shape)
            case "tuple", [*nodes]:
                return tuple(self.value(item, depth + 1) for item in nodes)
            case "dict", [[*keys], [*nodes]] if len(keys) == len(nodes):
                values = [self.value(item, depth + 1) for item in nodes]
                return dict(zip(map(self.text, keys), values, strict=True))
            case "scalar", [str(dtype), []]:
                return self.array(dtype, [])[()]
            case "complex", [float(real), float(imag)]:
                return complex(real, imag)
            case "handle", int(number) if not isinstance(number, bool):
                return Handle(number)
            case "seed", int(number) if not isinstance(number, bool):
                return Seed(number)
            case "name", str(name):
                return Name(self.text(name))
        raise WireError("unknown node")

    def text(self, node: object) -> str:
        """A string that can be written anywhere: no half of a surrogate pair."""
        if not isinstance(node, str):
            raise WireError("a key is not a string")
        try:
            node.encode()
        except UnicodeEncodeError:
            raise WireError("a string is not valid Unicode") from None
        return node

    def array(self, name: str, shape: list[Any]) -> Array:
        dtype = DTYPES.get(name)
        if dtype is None or len(shape) > MAX_AXES:
            raise WireError("no such array")
        entries = 1
        for n in shape:
            if type(n) is not int or not 0 <= n <= MAX_ENTRIES:
                raise WireError("an axis has no such length")
            entries *= n or 1
        if entries > MAX_ENTRIES:
            raise WireError("too many entries")
        size = 0 if 0 in shape else entries * dtype.itemsize
        start, self.at = self.at, self.at + size
        if self.at > len(self.payload):
            raise WireError("the payload ends early")
        raw = bytearray(self.payload[start : self.at])  # the array's own
        if dtype == np.bool_:  # a byte that is neither 0 nor 1 would make a false bool
            flags: Array = np.frombuffer(raw, np.uint8) != 0
            return flags.reshape(shape)
        return np.ndarray(shape, dtype, raw)
