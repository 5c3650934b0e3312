"""Waiting in tests: look often, give up late, never sleep for a fixed time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(look: Callable[[], T], seconds: float = 30.0, what: str = "") -> T:
    """What `look` returns, as soon as it is true; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.01)
    raise AssertionError(f"Waited {seconds} s in vain{f' for {what}' if what else ''}")


def gone(pid: int) -> bool:
    """Whether no such process runs (a zombie does not run)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return not os.path.isdir("/proc/self")
