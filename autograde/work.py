"""What is sent to a worker; it imports no nbgrader, so that a worker starts quickly."""

from dataclasses import dataclass

from autograde.course import Handed
from autograde.grade import grade, not_graded
from autograde.report import Report
from autograde.settings import Settings

AS_IT_IS = Settings()


@dataclass(frozen=True)
class Work:
    """What a worker needs to make one report: bytes in, report out."""

    key: str
    handed: Handed
    secret: bytes
    sandboxed: bool
    settings: Settings = AS_IT_IS

    def __call__(self) -> Report:
        """Grade. Pure, but for the sandbox that it starts."""
        return grade(
            self.handed.data,
            self.handed.assignment,
            self.secret,
            limits=self.settings.limits,
            sandboxed=self.sandboxed,
            checks_dir=self.settings.checks_dir,
        )

    def given_up(self, reason: str) -> Report:
        """The report where grading did not come back."""
        return not_graded(
            self.handed.assignment,
            reason,
            sandboxed=self.sandboxed,
            checks_dir=self.settings.checks_dir,
        )
