"""The sandbox for student code (being built); exceptions and sessions by one name."""

from autograde.session import (
    Crashed,
    Garbled,
    LocalSession,
    NotAnswered,
    OutOfMemory,
    Reply,
    SandboxError,
    Session,
    StudentError,
    StudentFault,
    TimedOut,
)

__all__ = [
    "Crashed",
    "Garbled",
    "LocalSession",
    "NotAnswered",
    "OutOfMemory",
    "Reply",
    "SandboxError",
    "Session",
    "StudentError",
    "StudentFault",
    "TimedOut",
]
