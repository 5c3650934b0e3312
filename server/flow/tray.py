"""Drafts that are done: on their way into the ledger, and told from rows whose text could not be written for now."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from server.domain.machine import MessageEvent
from server.ports import Ledger

FULL = 50
"""Drafts a transaction, when they come fast."""

FLUSH_SECONDS = 1.0
"""How long a draft waits for others, when they come slowly: it appears in its cell while the rest is being written."""

FAILED_IN_A_ROW = 10
"""So many rows one after the other that nothing could be had for: what writes the texts is away. It is not asked for
each of thousands of rows then, which would take minutes a row."""

Move = tuple[str, MessageEvent]


class Tray:
    """Takes what rows come to, stores it together, and knows why no further row is to be begun (`stopped`)."""

    def __init__(self, ledger: Ledger) -> None:
        self.stored = 0
        self.stopped = ""
        self._ledger = ledger
        self._done: list[Move] = []
        self._failed: list[Move] = []
        self._storing = asyncio.Lock()
        self._closed = asyncio.Event()

    @property
    def full(self) -> bool:
        """Enough for a transaction."""
        return len(self._done) >= FULL

    def put(self, message_id: str, event: MessageEvent) -> None:
        """A row is done. Those that failed before it were their own trouble: they say so."""
        if not self.stopped:
            self._done += self._failed
        self._failed.clear()
        self._done.append((message_id, event))

    def put_off(self, message_id: str, event: MessageEvent, why: str) -> None:
        """A row failed in a way that may pass. Where many do, one after the other, they stay as they were."""
        self._failed.append((message_id, event))
        if len(self._failed) >= FAILED_IN_A_ROW:
            self.stop(why)

    def stop(self, why: str) -> None:
        """Every other row would meet the same."""
        self.stopped = self.stopped or why

    async def flush(self) -> None:
        """Store what is done, in one transaction. What can't be stored now stays for the next time."""
        async with self._storing:
            moves, self._done = self._done, []
            if not moves:
                return
            try:
                moved = await asyncio.to_thread(self._ledger.messages.move_many, moves)
            except BaseException:
                self._done = [*moves, *self._done]
                raise
            self.stored += sum(one is not None for one in moved)

    async def flush_now_and_then(self) -> None:
        """Until it is closed; never broken off in the middle of storing."""
        while not self._closed.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), FLUSH_SECONDS)
            await self.flush()

    def close(self) -> None:
        """Nothing more comes: what is left is to be stored."""
        if not self.stopped:
            self._done += self._failed
        self._failed.clear()
        self._closed.set()
