"""Quotas as Google counts them: reads and writes apart, per account and per project, over the last minute."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.emulators.sheets.errors import ApiError, reason

_NAMES = {"read": "Read", "write": "Write"}


@dataclass
class Quota:
    """Calls allowed in `window` seconds. `clock` may be a test's own; `Quota.off()` counts but never refuses."""

    per_user: int = 60
    per_project: int = 300
    window: float = 60.0
    clock: Callable[[], float] = time.monotonic
    refused: int = 0
    _taken: dict[tuple[str, str, str], deque[float]] = field(default_factory=lambda: defaultdict(deque), repr=False)

    @classmethod
    def off(cls) -> Quota:
        """Limits that nobody reaches."""
        return cls(10**9, 10**9)

    def take(self, user: str, project: str, kind: str) -> None:
        """Count one "read" or "write". Raises ApiError (429); a refused call counts for nothing."""
        now = self.clock()
        slots = []
        for scope, name, limit in (("user", user, self.per_user), ("project", project, self.per_project)):
            taken = self._taken[scope, name, kind]
            while taken and taken[0] <= now - self.window:
                taken.popleft()
            if len(taken) >= limit:
                self.refused += 1
                raise exhausted(kind, scope, limit)
            slots.append(taken)
        for taken in slots:
            taken.append(now)

    def used(self, user: str, kind: str) -> int:
        """Calls of that account in the last minute."""
        now = self.clock()
        return sum(1 for at in self._taken["user", user, kind] if at > now - self.window)


def exhausted(kind: str = "read", scope: str = "user", limit: int = 60) -> ApiError:
    """429 as Google words it."""
    per = "minute per user" if scope == "user" else "minute"
    name = f"{_NAMES[kind]} requests"
    unit = "1/min/{project}/{user}" if scope == "user" else "1/min/{project}"
    limit_name = f"{_NAMES[kind]}RequestsPerMinutePer{'User' if scope == 'user' else 'Project'}"
    return reason(
        429,
        f"Quota exceeded for quota metric '{name}' and limit '{name} per {per}' of service 'sheets.googleapis.com' "
        "for consumer 'project_number:100000000000'.",
        "RATE_LIMIT_EXCEEDED",
        service="sheets.googleapis.com",
        consumer="projects/100000000000",
        quota_metric=f"sheets.googleapis.com/{kind}_requests",
        quota_limit=limit_name,
        quota_limit_value=str(limit),
        quota_unit=unit,
        quota_location="global",
    )
