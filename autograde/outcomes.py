"""What comes of a case of a check, found once for all who reply the same.

A check draws its inputs from its seed, so what it asks for next, and what it finds in
the end, follows from the seed and from the replies so far. Most of a class answers in
one of a few ways: where all replies are, byte for byte, those of an earlier submission,
the outcome is known, and neither torch nor the comparison has to run again.

Nobody can spoil this for another: only the replies by which a check came to an outcome
lead to it.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import Generic, TypeVar

from autograde.session import Request

Outcome = TypeVar("Outcome")
MOST = 1 << 26  # bytes of requests and replies that are kept


class Outcomes(Generic[Outcome]):
    """For each beginning of a case, the next request or the outcome.

    A beginning is a seed and the replies so far, as `after` sums them up. What was not
    used for the longest time is forgotten, so that this takes a bounded memory.

    Example:
        >>> outcomes, ask = Outcomes[str](), Request.of("f")
        >>> outcomes.learn(b"seed", [(ask, b"1")], "passed")
        >>> outcomes.get(b"seed") == ask, outcomes.get(after(b"seed", b"1"))
        (True, 'passed')
        >>> outcomes.get(after(b"seed", b"2"))
    """

    def __init__(self, most: int = MOST) -> None:
        self._known: OrderedDict[bytes, tuple[Request | Outcome, int]] = OrderedDict()
        self._room = most

    def get(self, beginning: bytes) -> Request | Outcome | None:
        """What comes next, if that is known."""
        if beginning not in self._known:
            return None
        self._known.move_to_end(beginning)
        return self._known[beginning][0]

    def learn(
        self, seed: bytes, answered: Sequence[tuple[Request, bytes]], outcome: Outcome
    ) -> None:
        """Keep what a case asked, what was replied, and what came of it."""
        beginning, size = seed, 0
        for request, reply in answered:
            self._keep(beginning, request, len(request.frame))
            beginning = after(beginning, reply)
            size += len(request.frame) + len(reply)  # an outcome holds them as arrays
        self._keep(beginning, outcome, size)

    def _keep(self, beginning: bytes, what: Request | Outcome, size: int) -> None:
        if beginning in self._known:
            return
        self._known[beginning] = what, size
        self._room -= size
        while self._room < 0:
            _, (_, size) = self._known.popitem(last=False)
            self._room += size


def after(beginning: bytes, reply: bytes) -> bytes:
    """The beginning that one more reply makes of another."""
    return hashlib.sha256(beginning + reply).digest()
