"""The recipients' provider: posts deliveries and answers, doubled, reordered, several at once, until it hears 2xx."""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from server.channels.outbox import Recipient
from server.errors import TemporaryError

Event = Mapping[str, Any]


class Postman:
    """Posts batches on a few threads; `accepted` holds the ids of answers that our web server took with 2xx."""

    def __init__(self, recipient: Recipient, threads: int = 3) -> None:
        self._recipient = recipient
        self._bags: queue.Queue[tuple[int, Sequence[Event]] | None] = queue.Queue()
        self._stop = threading.Event()
        self.posts = 0
        self.accepted: set[str] = set()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def post(self, batch: Sequence[Event]) -> None:
        """Hand over a batch, soon."""
        self._bags.put((0, batch))

    def idle(self) -> bool:
        """Whether everything has been taken."""
        return self._bags.unfinished_tasks == 0

    def close(self) -> None:
        """Stop posting."""
        self._stop.set()
        for _ in self._threads:
            self._bags.put(None)
        for thread in self._threads:
            thread.join(15)

    def _work(self) -> None:
        while (bag := self._bags.get()) is not None and not self._stop.is_set():
            tries, batch = bag
            self.posts += 1
            try:
                self._recipient.post(batch)
            except TemporaryError:
                self._bags.put((tries + 1, batch))
                self._stop.wait(min(1.0, 0.1 * 2**tries))
            else:
                self.accepted.update(event["id"] for event in batch if event["type"] == "answer")
            finally:
                self._bags.task_done()
