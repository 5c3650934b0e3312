"""Readings by a model, beside this process's jobs: a model takes seconds, and the queue of what people wait for is not
to stand still for it. What is lost with the process is in the ledger as not read, and found by the sweep."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from server import logs

log = logging.getLogger("jobs.reading")

AT_ONCE = 32
"""Readings under way at once in a worker."""
MOST = 1_000
"""Replies that a worker keeps, with those that wait: the ledger keeps all of them, and the clock brings them again."""
END_SECONDS = 5.0
"""How long an ending process waits until its connections are hung up."""


class Readings:
    """A thread with a loop of its own. One of a kind at a time: replies of one row are read in the order they came."""

    def __init__(
        self, at_once: int = AT_ONCE, *, most: int = MOST, goodbye: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """`goodbye` is awaited on the loop when it ends."""
        self._goodbye = goodbye
        self._most = most
        self._gate = asyncio.Semaphore(at_once)
        self._turns: dict[str, asyncio.Lock] = {}
        self._under_way: set[str] = set()
        self._of_row: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="readings")
        self._thread.start()

    def put(self, reply_id: str, row: str, work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Let a reply be read; False when it is being read already, or too many wait."""
        with self._lock:
            if reply_id in self._under_way or len(self._under_way) >= self._most:
                return False
            self._under_way.add(reply_id)
            self._of_row[row] += 1
        asyncio.run_coroutine_threadsafe(self._read(reply_id, row, work), self._loop)
        return True

    def end(self) -> None:
        """Break off what is under way and let go of the loop."""
        ending = asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        try:
            ending.result(END_SECONDS)
        except concurrent.futures.TimeoutError:
            log.warning("readings broken off")
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(END_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    async def _read(self, reply_id: str, row: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        turn = self._turns.setdefault(row, asyncio.Lock())
        try:
            async with turn, self._gate:
                await work()
        except Exception as error:  # the sweep asks again; no message: a foreign one may quote a reply
            log.error("reply waits", extra={"reply": reply_id, **logs.describe(error)})
        finally:
            with self._lock:
                self._under_way.discard(reply_id)
                self._of_row[row] -= 1
                if not self._of_row[row]:
                    del self._of_row[row]
                    self._turns.pop(row, None)

    async def _end(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if self._goodbye is not None:
            await self._goodbye()
