"""One event loop in a thread of its own: Microsoft's client is asynchronous, reading a sheet is not."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

GRACE_SECONDS = 5.0
"""On top of the caller's limit, for the loop itself."""

_lock = threading.Lock()
_running: tuple[int, asyncio.AbstractEventLoop] | None = None


def loop() -> asyncio.AbstractEventLoop:
    """This process' loop. A forked child gets a new one: threads do not survive a fork."""
    global _running
    with _lock:
        if _running is None or _running[0] != os.getpid():
            made = asyncio.new_event_loop()
            threading.Thread(target=made.run_forever, name="graph", daemon=True).start()
            _running = (os.getpid(), made)
        return _running[1]


def run(work: Coroutine[Any, Any, T], seconds: float) -> T:
    """Wait for work on the loop, so many seconds at most. Raises TimeoutError, and what the work raises."""
    future = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, seconds), loop())
    try:
        return future.result(seconds + GRACE_SECONDS)
    finally:
        future.cancel()
