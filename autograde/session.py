"""A student's program, loaded and ready to be called: what holds with any sandbox."""

import builtins
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from autograde import wire
from autograde.limits import Limits
from autograde.worker import Worker

KINDS = {
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
}
NO_MODULE = re.compile(r"No module named '([\w.]+)'")
NO_NAME = re.compile(r"name '(\w+)' is not defined")
FAILURES = 100  # as many as a report may have to show


class SandboxError(Exception):
    """Our own failure: no sandbox, or one that did not start. Never the student's."""


class StudentFault(Exception):  # noqa: N818 (a verdict, no error of ours)
    """Student code did not answer a call with a value."""


class StudentError(StudentFault):
    """Student code raised an exception.

    Attributes:
        kind: the built-in type that comes nearest, such as "IndexError".
        message: its text, shortened. It may quote hidden inputs.
        where: "line 7 of your cell linear_forward", or "".
        cause: why the module or the name is not there that the message tells of, or "".
    """

    def __init__(self, kind: str, message: str, where: str, cause: str = "") -> None:
        super().__init__(f"{kind}: {message}" + (f" ({where})" if where else ""))
        self.kind, self.message, self.where = kind, message, where
        self.cause = cause


class NotAnswered(StudentFault):
    """A function is not defined, or raises NotImplementedError; `name` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not answered yet")
        self.name = name


class TimedOut(StudentFault):
    """Student code took more time than its limit."""


class NoTimeLeft(TimedOut):
    """Student code had used up the time of the whole submission before."""


class OutOfMemory(StudentFault):
    """Student code asked for more memory than its limit."""


class Crashed(StudentFault):
    """The student's process ended."""


class Killed(Crashed):
    """It was killed, perhaps by others: the system was short of memory, say."""


class Garbled(StudentFault):
    """What came back is not a value: malformed, or too large."""


@dataclass(frozen=True)
class Statement:
    """One statement of a student's program, or of the release's."""

    source: str
    cell: str
    """What a student calls the cell: "your cell linear_forward"."""
    line: int
    """The statement's first line in that cell."""
    kind: str
    """import, definition, assignment, or statement: anything else."""
    names: tuple[str, ...] = ()
    """What it defines, as far as its text shows."""
    student: bool = True
    """The student's own. Only these are reported when they fail."""
    needed: bool = True
    """Whether an answer may need it. If none does, nobody hears that it failed."""


def frame_of(statement: Statement) -> bytes:
    """What asks for a statement to be executed."""
    source, cell, line = statement.source, statement.cell, statement.line
    return wire.encode({"do": "exec", "source": source, "cell": cell, "line": line})


@dataclass(frozen=True)
class Request:
    """A call of a function of the notebook, as it is sent."""

    function: str
    keep: tuple[int, ...]
    frame: bytes

    @classmethod
    def of(
        cls,
        function: str,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
        keep: tuple[int, ...] = (),
        *,
        anew: bool = False,
    ) -> Self:
        """Make one.

        Args:
            function: as the notebook has it; dotted for a method (`Linear.backward`,
                whose first argument is the handle of a `Linear`); built-ins too
                (`getattr`); `wire.IDENTITY` gives the arguments back, as they are now.
            args: data, or `Handle`, `Seed`, `Name`.
            kwargs: likewise.
            keep: the places in a returned tuple whose item stays inside as a `Handle`,
                such as (1,) for a cache. What is not data becomes a `Handle` anyway.
            anew: forget the handles that there are, and count them from 0 again.
        """
        what = {
            "do": "call",
            "name": function,
            "args": args,
            "kwargs": dict(kwargs or {}),
            "keep": keep,
            "anew": anew,
        }
        return cls(function, keep, wire.encode(what))


@dataclass(frozen=True)
class Reply:
    """What a call returned, and its arguments as they are after the call."""

    value: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Session(Protocol):
    """A loaded program. After TimedOut or Crashed it is dead: open another."""

    failures: tuple[str, ...]

    @property
    def alive(self) -> bool: ...

    def ask(self, request: Request) -> bytes:
        """The frame that answers a request; nothing of it is read yet.

        Raises:
            StudentFault: none came.
        """
        ...

    def read(self, request: Request, frame: bytes) -> Reply:
        """What a frame says that answered this request.

        Raises:
            StudentFault: one of its subclasses.
        """
        ...

    def close(self) -> None: ...


class Client:
    """The requests of a session, and what the replies mean; `_ask` carries them."""

    def __init__(self, program: Iterable[Statement]) -> None:
        self._cells = {statement.cell for statement in program}
        self._failed: dict[str, StudentError] = {}
        self.failures: tuple[str, ...] = ()

    def _ask(self, frame: bytes, function: str) -> bytes:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def execute(self, statement: Statement) -> None:
        """Execute one statement; if it fails, note it and go on."""
        try:
            self._value(self._ask(frame_of(statement), ""), "")
        except (StudentError, NotAnswered, OutOfMemory) as error:
            self.note(statement, error)

    def note(self, statement: Statement, error: StudentFault) -> None:
        """Remember that a statement failed, and what it would have defined."""
        where = f"line {statement.line} of {statement.cell}"
        if isinstance(error, StudentError):
            where = error.where or where
            text = f"{error.kind}: {error.message}"
            text += f" ({error.cause})" if error.cause else ""
        else:
            error, text = StudentError("RuntimeError", str(error), where), str(error)
        told = statement.student and statement.needed
        if told and len(self.failures) < FAILURES:
            self.failures += (f"{where}: {text}",)
        self._failed |= dict.fromkeys(statement.names, error)

    def call(
        self,
        name: str,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
        keep: tuple[int, ...] = (),
    ) -> Reply:
        """Ask, and read the answer; see `Request.of`."""
        request = Request.of(name, args, kwargs, keep)
        return self.read(request, self.ask(request))

    def ask(self, request: Request) -> bytes:
        """See `Session.ask`."""
        return self._ask(request.frame, request.function)

    def read(self, request: Request, frame: bytes) -> Reply:
        """See `Session.read`."""
        name = request.function
        match self._value(frame, name):
            case {"value": value, "args": tuple(after), "kwargs": dict(options)}:
                if not _stayed(value, request.keep):
                    raise Garbled(f"{name} sent what it had to keep")
                return Reply(value, after, options)
        raise Garbled(f"{name} sent a reply that is not one")

    def _value(self, frame: bytes, name: str) -> Any:
        """The reply, or the fault that it tells of; all of it may be a lie."""
        try:
            reply = wire.decode_frame(frame)
        except wire.WireError as error:
            self.close()
            raise Garbled(f"what came back is not a value: {error}") from None
        if not isinstance(reply, dict):
            raise Garbled("the sandbox sent something that is no reply")
        # Only text and numbers are looked at: an array or a handle would raise.
        plain = {key: v for key, v in reply.items() if isinstance(v, str | int)}
        match plain:
            case {"fault": "memory"}:
                raise OutOfMemory("needs more memory than its limit")
            case {"fault": "undefined"}:
                failed = self._failed.get(name.split(".")[0])
                raise failed.with_traceback(None) if failed else NotAnswered(name)
            case {"fault": "unsendable", "message": str(message)}:
                raise Garbled(f"what {name} returned {printable(message)}")
            case {"fault": "raised", "kind": "NotImplementedError", "function": str(f)}:
                raise NotAnswered(f if f.isidentifier() and len(f) < 80 else name)
            case {
                "fault": "raised",
                "kind": str(kind),
                "message": str(message),
                "cell": str(cell),
                "line": int(line),
            }:
                where = (
                    f"line {line}"[:20] + f" of {cell}" if cell in self._cells else ""
                )
                kind = kind if kind in KINDS else "Exception"
                text = printable(message)
                raise StudentError(kind, text, where, self._cause(text))
        if "fault" in reply:
            raise Garbled("the sandbox sent something that is no reply")
        return reply

    def _cause(self, message: str) -> str:
        """Why a module or a name is not there that an exception tells of."""
        if missing := NO_MODULE.fullmatch(message):
            return f"there is no {missing[1]} while grading: write it in NumPy"
        missing = NO_NAME.fullmatch(message)
        failed = self._failed.get(missing[1]) if missing else None
        if failed is None:
            return ""
        return failed.cause or f"{failed.where or 'its line'} raised {failed.kind}"


def _stayed(value: Any, keep: tuple[int, ...]) -> bool:
    """Whether all that had to stay inside did: none of it is ever data of ours."""
    if not isinstance(value, tuple | list):
        return True
    items = (value[place] for place in keep if place < len(value))
    return all(item is None or isinstance(item, wire.Handle) for item in items)


def printable(text: str, length: int = 300) -> str:
    """A hostile text on one short line, without control characters."""
    return "".join(c if c.isprintable() else " " for c in text[:length])


class LocalSession(Client):
    """A session in this very process: for our own code, never for a student's.

    Example:
        >>> code = Statement("def f(x): return x + 1", "the cell", 1, "definition")
        >>> LocalSession([code]).call("f", (1,)).value
        2
    """

    alive = True

    def __init__(
        self, program: Sequence[Statement], limits: Limits | None = None
    ) -> None:
        super().__init__(program)
        self._worker = Worker((limits or Limits()).reply_bytes)
        for statement in program:
            self.execute(statement)

    def _ask(self, frame: bytes, function: str) -> bytes:
        return self._worker.frame(wire.decode_frame(frame))

    def close(self) -> None:
        """Nothing to end."""
