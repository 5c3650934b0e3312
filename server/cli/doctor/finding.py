"""One line of what `doctor` says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sign(StrEnum):
    """What stands before a line. Only FAIL is a reason for exit code 1; `warn` works, but worse than it could."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Finding:
    """A line: what was looked at, what was found there, and how to mend it."""

    sign: Sign
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.sign:<4}  {self.name:<15} {self.text}"


def ok(name: str, text: str) -> Finding:
    """All is well."""
    return Finding(Sign.OK, name, text)


def warn(name: str, text: str) -> Finding:
    """It works, but worse than it could; or it could not be looked at."""
    return Finding(Sign.WARN, name, text)


def fail(name: str, text: str) -> Finding:
    """It does not work."""
    return Finding(Sign.FAIL, name, text)
