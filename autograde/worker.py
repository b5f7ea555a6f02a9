"""What runs inside the sandbox: a student's statements, then calls to their functions.

Nothing here is trusted by the grader: student code shares this process and may change
any of it. What it can reach is the channel, and the channel carries data only. The file
imports the standard library, NumPy and the wire format.
"""

import __future__

import builtins
import os
import resource
import socket
import sys
import types
import warnings
from typing import Any

import numpy as np

from autograde.wire import (
    IDENTITY,
    MAX_PAYLOAD,
    PREFIX,
    Handle,
    Name,
    Seed,
    decode,
    encode,
    sizes,
)

MESSAGE = 300  # characters of an exception's text that are kept
FUTURES = [getattr(__future__, name) for name in __future__.all_feature_names]


class Worker:
    """A notebook's namespace, and the two requests that it answers.

    Example:
        >>> worker = Worker()
        >>> _ = worker.answer({"do": "exec", "source": "f = lambda x: x + 1",
        ...                    "cell": "your cell f", "line": 1})
        >>> worker.answer({"do": "call", "name": "f", "args": (1,), "kwargs": {},
        ...                "keep": (), "anew": False})["value"]
        2
    """

    def __init__(self, reply_bytes: int = MAX_PAYLOAD) -> None:
        self.module = types.ModuleType("__main__")
        self.module.__dict__["display"] = lambda *values, **options: None  # IPython's
        self.kept: list[object] = []
        self.forgotten: list[object] = []
        self.cells: set[str] = set()
        self.futures = __future__.annotations.compiler_flag  # a hint is never run
        self.reply_bytes = reply_bytes

    # ------------------------------------------------------------ the two requests

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The reply to a request: a value, or a fault that says what went wrong."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if request["do"] == "exec":
                    return self.run(request)
                return self.call(request)
        except MemoryError:
            return {"fault": "memory"}
        except BaseException as error:  # SystemExit and KeyboardInterrupt too
            return self.fault(error)

    def frame(self, request: dict[str, Any]) -> bytes:
        """The reply to a request, as a frame."""
        reply = self.answer(request)
        try:
            return encode(reply, self.keep, self.reply_bytes)
        except MemoryError:
            return encode({"fault": "memory"})
        except BaseException as error:  # an object may raise while it is looked at
            return encode({"fault": "unsendable", "message": shorten(error)})

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Execute one statement, compiled so that a traceback names cell and line."""
        cell, line = request["cell"], request["line"]
        self.cells.add(cell)
        source = "\n" * (line - 1) + request["source"]
        code = compile(source, cell, "exec", self.futures, dont_inherit=True)
        for feature in FUTURES:  # as in a notebook, later cells inherit them
            self.futures |= code.co_flags & feature.compiler_flag
        exec(code, self.module.__dict__)
        return {"value": None}

    def call(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call a function of the notebook; the arguments go back as they are after."""
        if request["anew"]:
            self.forgotten += self.kept  # alive, since code may know it by its id
            self.kept = []
        function = self.find(request["name"])
        if function is None:
            return {"fault": "undefined"}
        args = tuple(self.resolve(value) for value in request["args"])
        kwargs = {key: self.resolve(value) for key, value in request["kwargs"].items()}
        value = function(*args, **kwargs)
        return {
            "value": self.keep_items(value, request["keep"]),
            "args": tuple(map(after, request["args"], args)),
            "kwargs": {
                key: after(request["kwargs"][key], kwargs[key]) for key in kwargs
            },
        }

    # ------------------------------------------------------------ names and handles

    def find(self, name: str) -> Any:
        """What a name stands for: `linear_forward`, `Linear.backward`, `getattr`."""
        if name == IDENTITY:
            return lambda *values: values
        first, *rest = name.split(".")
        found = getattr(self.module, first, getattr(builtins, first, None))
        for attribute in rest:
            found = getattr(found, attribute, None)
        return found

    def resolve(self, value: Any) -> Any:
        """An argument as the student's function gets it."""
        if isinstance(value, Handle):
            return self.kept[value.id]
        if isinstance(value, Seed):
            return np.random.default_rng(value.value)
        if isinstance(value, Name):
            if (found := self.find(value.name)) is None:
                raise NameError(f"name '{value.name}' is not defined")
            return found
        if isinstance(value, list | tuple):
            return type(value)(self.resolve(item) for item in value)
        if isinstance(value, dict):
            return {key: self.resolve(item) for key, item in value.items()}
        return value

    def keep(self, value: object) -> Handle:
        self.kept.append(value)
        return Handle(len(self.kept) - 1)

    def keep_items(self, value: Any, items: tuple[int, ...]) -> Any:
        """A returned tuple, in which the items at these places stay here."""
        if not isinstance(value, tuple | list) or not items:
            return value
        return tuple(
            self.keep(item) if place in items and item is not None else item
            for place, item in enumerate(value)
        )

    # ------------------------------------------------------------ what went wrong

    def fault(self, error: BaseException) -> dict[str, Any]:
        """An exception as data: its built-in type, its text, the student's line."""
        kind = next(
            t.__name__ for t in type(error).__mro__ if t.__module__ == "builtins"
        )
        cell, line, function = self.place(error)
        return {
            "fault": "raised",
            "kind": kind,
            "message": shorten(error),
            "cell": cell,
            "line": line,
            "function": function,
        }

    def place(self, error: BaseException) -> tuple[str, int, str]:
        """Cell, line and function of the innermost frame that is the student's."""
        found = ("", 0, "")
        if isinstance(error, SyntaxError) and error.filename in self.cells:
            found = (error.filename, error.lineno or 0, "")
        traceback = error.__traceback__
        while traceback is not None:
            code = traceback.tb_frame.f_code
            if code.co_filename in self.cells:
                found = (code.co_filename, traceback.tb_lineno, code.co_name)
            traceback = traceback.tb_next
        return found


def after(sent: Any, resolved: Any) -> Any:
    """An argument after the call; what stands for an object is sent back as it came."""
    return sent if isinstance(sent, Handle | Seed | Name) else resolved


def shorten(error: BaseException) -> str:
    """An exception's text on one line, cut to a length that a report can show."""
    try:
        text = " ".join(str(error).split())
    except BaseException:
        return ""
    return text if len(text) <= MESSAGE else text[: MESSAGE - 3] + "..."


# ---------------------------------------------------------------- the process


def main(fd: int, settings: dict[str, int]) -> None:
    """Confine this process, say hello, answer requests until the channel closes."""
    channel = confine(fd, settings)
    worker = Worker(settings["reply_bytes"])
    sys.modules["__main__"] = worker.module
    for name in [name for name in sys.modules if name.startswith("autograde")]:
        del sys.modules[name]  # no library for a student's cell
    channel.sendall(b"!")  # from here on, frames
    with channel.makefile("rb") as requests:
        while prefix := requests.read(PREFIX.size):
            header, payload = sizes(prefix)
            request = decode(requests.read(header), requests.read(payload))
            channel.sendall(worker.frame(request))


def confine(fd: int, settings: dict[str, int]) -> socket.socket:
    """No input, no output, no environment, no privilege; limits that only shrink."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)
    os.environ.clear()
    if settings["uid"] and os.getuid() == 0:
        os.setgroups([])
        os.setresgid(*[settings["uid"]] * 3)
        os.setresuid(*[settings["uid"]] * 3)
    limits = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_STACK, 8 << 20),
        (resource.RLIMIT_CPU, settings["session_cpu"]),
        (resource.RLIMIT_AS, settings["memory"]),
        (resource.RLIMIT_FSIZE, settings["file_size"]),
        (resource.RLIMIT_NOFILE, settings["open_files"]),
        (resource.RLIMIT_NPROC, settings["processes"]),
    ]
    for kind, wanted in limits:
        allowed = resource.getrlimit(kind)[1]
        limit = wanted if allowed == resource.RLIM_INFINITY else min(wanted, allowed)
        resource.setrlimit(kind, (limit, limit))
    return socket.socket(fileno=fd)
