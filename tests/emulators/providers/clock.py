"""Time, so that a test may pass the 24 hours of a window or of an idempotency key at once."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import format_datetime


class Clock:
    """The real time, moved by what was added."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._ahead

    def advance(self, *, hours: float = 0.0, seconds: float = 0.0) -> None:
        """Let time pass."""
        self._ahead += hours * 3600 + seconds

    def reset(self) -> None:
        """The real time again."""
        self._ahead = 0.0

    def now(self) -> datetime:
        """Aware, in UTC."""
        return datetime.fromtimestamp(self(), UTC)

    def iso(self) -> str:
        """As JSON of most vendors has it: 2026-05-04T10:20:30.123Z."""
        return self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def rfc2822(self) -> str:
        """As mail and Twilio have it: Mon, 04 May 2026 10:20:30 +0000."""
        return format_datetime(self.now())
