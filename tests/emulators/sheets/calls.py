"""What the server was asked: the log of calls that a test counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.sheets.faults import Fault


@dataclass(slots=True)
class Call:
    """One call of the API. `kind` is "read" or "write", `status` the HTTP code sent (0: none was), `applied` whether
    it had its effect."""

    method: str
    http: str
    path: str
    kind: str
    account: str = ""
    spreadsheet: str = ""
    status: int = 0
    applied: bool = False
    message: str = ""
    fault: Fault | None = None
    body: Any = None
    at: float = 0.0


@dataclass
class Calls:
    """All calls in order."""

    log: list[Call] = field(default_factory=list)

    def __iter__(self) -> Iterator[Call]:
        return iter(list(self.log))

    def __len__(self) -> int:
        return len(self.log)

    def clear(self) -> None:
        """Count anew."""
        self.log.clear()

    def of(self, kind: str = "", method: str = "", status: int = 0) -> list[Call]:
        """Those of a kind ("read", "write"), a method ("values.batchGet") and a status."""
        return [
            call
            for call in self
            if (not kind or call.kind == kind)
            and (not method or call.method.endswith("." + method))
            and (not status or call.status == status)
        ]

    @property
    def reads(self) -> int:
        """Calls that count as a read, whatever came of them."""
        return len(self.of("read"))

    @property
    def writes(self) -> int:
        """Calls that count as a write, whatever came of them."""
        return len(self.of("write"))

    @property
    def refused(self) -> int:
        """Answers 429."""
        return len(self.of(status=429))
