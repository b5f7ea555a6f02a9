"""What a check sees of a submission: functions to call, and nothing to compare with.

Arguments go as copies, values come back as plain data, a cache stays in the sandbox.
Each call is noted, for the diagnosis.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograde.compare import difference, kind
from autograde.session import (
    Crashed,
    Garbled,
    OutOfMemory,
    Reply,
    Session,
    StudentError,
    StudentFault,
    TimedOut,
)

if TYPE_CHECKING:
    from autograde.problem import Problem

FATAL = (TimedOut, OutOfMemory, Crashed)
Gradients = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One call of a student's function, and how it ended."""

    function: str
    args: tuple[Any, ...]
    options: Mapping[str, Any]
    keep: tuple[int, ...] = ()
    value: Any = None
    after: tuple[Any, ...] | None = None
    """The arguments after the call, where the check asked for them."""
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

    def arguments_after(
        self, function: str, *args: Any, **options: Any
    ) -> tuple[Any, ...]:
        """The arguments as they are after the call."""
        return self._call(function, args, options, after=True).args

    def forward(self, op: str, problem: "Problem") -> tuple[Any, Any]:
        """Call `<op>_forward`: y, and the cache, which stays in the sandbox."""
        function = f"{op}_forward"
        args = tuple(problem.arrays.values())
        value = self._call(function, args, problem.options, keep=(1,)).value
        if not isinstance(value, tuple | list) or len(value) != 2:
            self.wrong.append(function)
            raise AssertionError(
                f"{function} returns {_count(value)}, not two things: y and the cache."
            )
        if difference(value[0], problem.y, "y"):
            self.wrong.append(function)
        return value[0], value[1]

    def backward(self, op: str, problem: "Problem", cache: Any) -> Gradients:
        """Call `<op>_backward`: the gradient of each array argument, by name."""
        function, names = f"{op}_backward", list(problem.arrays)
        value = self._call(function, (problem.grad_y, cache), {}).value
        if len(names) == 1:
            return {names[0]: value}
        if not isinstance(value, tuple | list) or len(value) != len(names):
            wanted = ", ".join(f"grad_{name}" for name in names)
            raise AssertionError(
                f"{function} returns {_count(value)}, not {len(names)}: {wanted}."
            )
        return dict(zip(names, value, strict=True))

    def vjp(self, op: str, problem: "Problem") -> tuple[Any, Gradients]:
        """Forward, then backward with its cache: y and the gradients."""
        y, cache = self.forward(op, problem)
        return y, self.backward(op, problem, cache)

    def forward_arguments(
        self, op: str, problem: "Problem"
    ) -> tuple[Gradients, Gradients, str]:
        """The arguments of `<op>_forward` after a call and before; its name."""
        function, before = f"{op}_forward", dict(problem.arrays)
        after = self.arguments_after(function, *before.values(), **problem.options)
        return dict(zip(before, after, strict=True)), before, function

    def backward_arguments(
        self, op: str, problem: "Problem", cache: Any
    ) -> tuple[Gradients, Gradients, str]:
        """grad_y after a call of `<op>_backward` and before; its name."""
        function = f"{op}_backward"
        after = self.arguments_after(function, problem.grad_y, cache)
        return {"grad_y": after[0]}, {"grad_y": problem.grad_y}, function

    # ------------------------------------------------------------ the session

    def _call(
        self,
        function: str,
        args: tuple[Any, ...],
        options: Mapping[str, Any],
        keep: tuple[int, ...] = (),
        after: bool = False,
    ) -> Reply:
        try:
            if function in self._ended:
                raise self._ended[function]
            reply = self._open().call(function, args, dict(options), keep)
        except StudentFault as fault:
            self.wrong.append(function)
            error = fault.kind if isinstance(fault, StudentError) else "fault"
            self.calls.append(Call(function, args, options, keep, error=error))
            if isinstance(fault, FATAL):
                self._ended[function] = fault
            raise
        if len(reply.args) != len(args):
            raise Garbled(f"{function} sent back other arguments than it got")
        rest = reply.args if after else None
        self.calls.append(Call(function, args, options, keep, reply.value, rest))
        return reply

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


def _count(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"{len(value)} thing" + "s" * (len(value) != 1)
    return kind(value)
