"""What is sent to a worker; it imports no nbgrader, so that a worker starts quickly."""

from dataclasses import dataclass

from autograde.course import Handed
from autograde.grade import grade
from autograde.report import Report


@dataclass(frozen=True)
class Work:
    """What a worker needs to make one report: bytes in, report out."""

    key: str
    handed: Handed
    secret: bytes
    sandboxed: bool

    def __call__(self) -> Report:
        """Grade. Pure, but for the sandbox that it starts."""
        return grade(
            self.handed.data,
            self.handed.assignment,
            self.secret,
            sandboxed=self.sandboxed,
        )
