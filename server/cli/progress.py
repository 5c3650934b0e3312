"""A progress bar on a terminal; a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import NoReturn

from tqdm import tqdm

LINE_SECONDS = 5.0


class Progress:
    """One bar at a time on standard error; nothing is drawn where nobody looks."""

    def __init__(self) -> None:
        self._bar: tqdm[NoReturn] | None = None
        self._what = ""
        self._said = float("-inf")
        self._terminal = sys.stderr.isatty()

    def show(self, what: str, done: int, total: int, note: str = "") -> None:
        """Where `what` stands: so many of so many, with a word about it."""
        if not self._terminal:
            return self._line(what, done, total, note)
        if self._bar is None or self._what != what:
            self.close()
            self._what = what
            self._bar = tqdm(total=total, desc=what, unit="row", file=sys.stderr, leave=True, dynamic_ncols=True)
        self._bar.total = total
        self._bar.n = min(done, total)
        self._bar.set_postfix_str(note[:60], refresh=False)
        self._bar.refresh()
        return None

    def close(self) -> None:
        """End the bar, leaving what it says."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _line(self, what: str, done: int, total: int, note: str) -> None:
        if self._what != what or time.monotonic() - self._said > LINE_SECONDS:
            self._what, self._said = what, time.monotonic()
            sys.stderr.write(f"{what}: {done} of {total}{f' ({note})' if note else ''}\n")
            sys.stderr.flush()
