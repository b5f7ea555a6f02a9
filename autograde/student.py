"""What a check sees of a submission: functions to call, and nothing to compare with.

Arguments go as copies, values come back as plain data, a cache stays in the sandbox.
Each call is noted, for the diagnosis.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from autograde.compare import difference, kind
from autograde.session import (
    Crashed,
    Garbled,
    OutOfMemory,
    Reply,
    Request,
    Session,
    StudentError,
    StudentFault,
    TimedOut,
)
from autograde.wire import IDENTITY

if TYPE_CHECKING:
    from autograde.problem import Problem

FATAL = (TimedOut, OutOfMemory, Crashed)
Arrays = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One call of a student's function, and how it ended."""

    function: str
    args: tuple[Any, ...]
    options: Mapping[str, Any]
    keep: tuple[int, ...] = ()
    value: Any = None
    after: tuple[Any, ...] = ()
    """The arguments as they are after the call."""
    error: str = ""
    """The built-in type of what the call raised."""


class Student:
    """One submission, as the checks call it.

    A function that ran out of time or memory, or crashed, is not run again: each check
    that needs it gets the same answer at once, and the others a new session.
    """

    def __init__(self, connect: Callable[[], Session]) -> None:
        self._connect = connect
        self._session: Session | None = None
        self._unopened: Exception | None = None
        self._ended: dict[str, StudentFault] = {}
        self.failures: tuple[str, ...] = ()
        self.begin()

    def begin(self) -> None:
        """A new case of a check starts."""
        self.calls: list[Call] = []
        self.wrong: list[str] = []
        """The functions that, in this case, raised or returned something wrong."""
        self.answered: list[tuple[Request, bytes]] = []
        """What was asked in this case, and came back."""
        self._foreseen: list[tuple[Request, bytes | Exception]] = []

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session = None

    # ------------------------------------------------------------ for the checks

    def call(self, function: str, *args: Any, **options: Any) -> Any:
        """Call a function of the notebook; what it returns is plain data.

        Raises:
            StudentFault: it has no value to give; a check lets that pass.
        """
        return self._call(function, args, options).value

    def forward(self, op: str, problem: "Problem") -> tuple[Any, Any]:
        """Call `<op>_forward`: y, and the cache, which stays in the sandbox."""
        function = f"{op}_forward"
        args = tuple(problem.arrays.values())
        value = self._call(function, args, problem.options, keep=(1,)).value
        if not isinstance(value, tuple | list) or len(value) != 2:
            self.wrong.append(function)
            raise AssertionError(
                f"{function} returns {_count(value)}, not 2 things: y and the cache."
            )
        if difference(value[0], problem.y, "y"):
            self.wrong.append(function)
        return value[0], value[1]

    def backward(self, op: str, problem: "Problem", cache: Any) -> Arrays:
        """Call `<op>_backward`: the gradient of each array argument, by name."""
        function, names = f"{op}_backward", list(problem.arrays)
        value = self._call(function, (problem.grad_y, cache), {}).value
        if len(names) == 1:
            return {names[0]: value}
        if not isinstance(value, tuple | list) or len(value) != len(names):
            wanted = ", ".join(f"grad_{name}" for name in names)
            raise AssertionError(
                f"{function} returns {_count(value)}, "
                f"not {len(names)} things: {wanted}."
            )
        return dict(zip(names, value, strict=True))

    def vjp(self, op: str, problem: "Problem") -> tuple[Any, Arrays]:
        """Forward, then backward with its cache: y and the gradients."""
        y, cache = self.forward(op, problem)
        return y, self.backward(op, problem, cache)

    def hold(self, problem: "Problem") -> "Problem":
        """The same problem, its arrays in the sandbox, where they can be changed."""
        names, arrays = zip(*_arguments(problem).items(), strict=True)
        value = self._identity(arrays, keep=tuple(range(len(arrays))))
        held = dict(zip(names, value, strict=True))
        return replace(problem, grad_y=held.pop("grad_y"), arrays=held)

    def look(self, held: "Problem") -> Arrays:
        """The arrays of a held problem as they are now, by name; grad_y too."""
        arguments = _arguments(held)
        value = self._identity(tuple(arguments.values()))
        if not all(v is None or isinstance(v, np.ndarray) for v in value):
            raise Garbled("arrays in the sandbox became something else")
        return dict(zip(arguments, value, strict=True))

    def forward_arguments(
        self, op: str, problem: "Problem"
    ) -> tuple[Arrays, Arrays, str]:
        """The arrays after the last call, which was of `<op>_forward`, and before."""
        after = dict(zip(problem.arrays, self.calls[-1].after, strict=True))
        return after, dict(problem.arrays), f"{op}_forward"

    def backward_arguments(
        self, op: str, held: "Problem", cache: Any
    ) -> tuple[Arrays, Arrays, str]:
        """All arrays after a call of `<op>_backward` and before; its name.

        Those of the forward pass too: a cache that holds them is no leave to write.
        """
        before = self.look(held)
        self.backward(op, held, cache)
        return self.look(held), before, f"{op}_backward"

    def probe(self, function: str, expected: np.ndarray, *args: Any) -> None:
        """Note whether a function is right that another answer may build on.

        If it is not, a failure of that answer depends on it.
        """
        with suppress(StudentFault):
            if difference(self.call(function, *args), expected, "it"):
                self.wrong.append(function)

    # ------------------------------------------------------------ the session

    def _identity(
        self, values: tuple[Any, ...], keep: tuple[int, ...] = ()
    ) -> tuple[Any, ...]:
        value = self._call(IDENTITY, values, {}, keep).value
        if not isinstance(value, tuple) or len(value) != len(values):
            raise Garbled("the sandbox sent back other arguments than it got")
        return value

    def _call(
        self,
        function: str,
        args: tuple[Any, ...],
        options: Mapping[str, Any],
        keep: tuple[int, ...] = (),
    ) -> Reply:
        request = Request.of(function, args, options, keep, anew=not self.answered)
        try:
            frame = self._answer(request)
            assert self._session is not None
            reply = self._session.read(request, frame)
        except StudentFault as fault:
            self.wrong.append(function)
            error = fault.kind if isinstance(fault, StudentError) else "fault"
            self.calls.append(Call(function, args, options, keep, error=error))
            if isinstance(fault, FATAL):
                self._ended[function] = fault
            raise
        if len(reply.args) != len(args):
            raise Garbled(f"{function} sent back other arguments than it got")
        self.calls.append(Call(function, args, options, keep, reply.value, reply.args))
        return reply

    def foresee(self, request: Request) -> bytes:
        """Ask what the case will ask next; the frame, or b"" where none came."""
        answer: bytes | Exception
        try:
            answer = self._ask(request)
        except Exception as error:
            answer = error
        self._foreseen.append((request, answer))
        return answer if isinstance(answer, bytes) else b""

    def _answer(self, request: Request) -> bytes:
        answer: bytes | Exception
        if not self._foreseen:
            answer = self._ask(request)
        else:
            foreseen, answer = self._foreseen.pop(0)
            if foreseen != request:
                raise RuntimeError("this check asks differently the second time")
        if isinstance(answer, Exception):
            raise answer
        self.answered.append((request, answer))
        return answer

    def _ask(self, request: Request) -> bytes:
        if request.function in self._ended:
            raise self._ended[request.function]
        return self._open().ask(request)

    def _open(self) -> Session:
        if self._unopened is not None:
            raise self._unopened
        if self._session is None or not self._session.alive:
            try:
                self._session = self._connect()
            except Exception as error:
                self._unopened = error
                raise
            self.failures = self._session.failures
        return self._session


def _arguments(problem: "Problem") -> Arrays:
    return {**problem.arrays, "grad_y": problem.grad_y}


def _count(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"{len(value)} thing" + "s" * (len(value) != 1)
    return kind(value)
