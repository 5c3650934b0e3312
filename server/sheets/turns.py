"""Turns of our own processes on one workbook: nobody believes what they see while a write of ours is not proven."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from server.errors import SheetUnavailable
from server.ports import Budget, Writes

T = TypeVar("T")

CALM_SECONDS = 30.0
"""How long a look waits for a moment in which nothing of ours is being written."""
CALM_LOOK_SECONDS = 0.1


class Turns:
    """One adapter's part in it. Used by one thread at a time."""

    def __init__(self, budget: Budget, workbook: str) -> None:
        self._budget = budget
        self._workbook = workbook
        self._writer = secrets.token_hex(8)
        self._depth = 0

    def is_newest(self, count: int | None) -> bool:
        """Whether nothing of ours was written since that many were counted, and nothing is being written."""
        return count is not None and Writes(count) == self._budget.writes(self._workbook)

    def calmly(self, look: Callable[[], T]) -> tuple[T, int | None]:
        """A look that no write of another process falls into, and how many were counted then; amid a write of our
        own simply the look. Raises SheetUnavailable when there is no such moment, and what the look raises."""
        if self._depth:
            return look(), None
        until = time.monotonic() + CALM_SECONDS
        while time.monotonic() < until:
            before = self._budget.writes(self._workbook)
            if before.under_way:
                time.sleep(CALM_LOOK_SECONDS)
                continue
            found = look()
            if self._budget.writes(self._workbook) == before:
                return found, before.count
        raise SheetUnavailable("The sheet is being written to. It is read again in a moment.", detail="not calm")

    @contextmanager
    def alone(self, owes: Callable[[], bool]) -> Iterator[Writes]:
        """Let nobody believe what they see until the write is proven, or put right. What is still owed then stays
        closed to others until it is paid, or the budget forgets this writer."""
        begun = self._budget.begin(self._workbook, self._writer)
        self._depth += 1
        try:
            yield begun
        finally:
            self._depth -= 1
            if not self._depth and not owes():
                self._budget.end(self._workbook, self._writer)
