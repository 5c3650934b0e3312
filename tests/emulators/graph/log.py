"""What was asked and what came of it, in the order of arrival."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Logged:
    """One request; a part of a `$batch` too. `path` is decoded and without `/v1.0`."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    part: str = ""
    """The id of the part, when it came inside a batch."""
    status: int = 0
    app: str = ""
    user: str = ""
    cells: int = 0
    """How many cells it wrote."""


@dataclass
class Figures:
    """What tells a polite client from another."""

    impatient: int = 0
    """Requests to a workbook before its Retry-After was over."""
    parallel: Counter[str] = field(default_factory=Counter)
    """Item id -> most requests ever under way at once."""
    misplaced: int = 0
    """Block writes that went astray over hidden rows."""
    dropped: int = 0
    """Writes that were answered well and not kept."""


class Log:
    """The list, its counters, and who is in the middle of something."""

    def __init__(self) -> None:
        self.entries: list[Logged] = []
        self.figures = Figures()
        self._busy: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, entry: Logged) -> None:
        with self._lock:
            self.entries.append(entry)

    def count(self, method: str = "", path: str = "", status: int | None = None, *, parts: bool = True) -> int:
        """Requests of a method whose path matches, without the parts of batches if told so."""
        return sum(
            1
            for entry in list(self.entries)
            if method in ("", entry.method)
            and re.search(path, entry.path)
            and status in (None, entry.status)
            and (parts or not entry.part)
        )

    def enter(self, item: str) -> None:
        """A request to a file begins."""
        with self._lock:
            self._busy[item] += 1
            self.figures.parallel[item] = max(self.figures.parallel[item], self._busy[item])

    def leave(self, item: str) -> None:
        """It ends."""
        with self._lock:
            self._busy[item] -= 1

    def clear(self) -> None:
        """Forget everything so far."""
        with self._lock:
            self.entries.clear()
            self.figures = Figures()
