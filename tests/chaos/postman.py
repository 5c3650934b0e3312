"""The recipients' provider: posts deliveries and answers, doubled, reordered, several at once, until it hears 2xx."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from server.channels.outbox import Recipient
from server.errors import TemporaryError

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bag:
    """Something to hand over: the ids of its events, and how; raises TemporaryError when it was not taken."""

    ids: tuple[str, ...]
    hand_over: Callable[[], None]
    tries: int = 0


class Postman:
    """Posts on a few threads; `accepted` holds the ids of events that our web server took with 2xx."""

    def __init__(self, recipient: Recipient, forger: Recipient, base_url: str, threads: int = 3) -> None:
        """`forger` signs with a secret that is not ours."""
        self._recipient = recipient
        self._forger = forger
        self._base_url = base_url
        self._bags: queue.Queue[Bag | None] = queue.Queue()
        self._stop = threading.Event()
        self.posts = 0
        self.accepted: set[str] = set()
        self.forged = 0
        self.fooled: list[str] = []
        """Ids of forged events that were taken."""
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def post(self, batch: Sequence[Event]) -> None:
        """Hand over a batch, soon."""
        self._bags.put(Bag(tuple(event["id"] for event in batch), lambda: self._recipient.post(batch)))

    def unsubscribe(self, event_id: str, token: str) -> None:
        """Press the button of RFC 8058, soon."""
        self._bags.put(Bag((event_id,), lambda: self._press(f"{self._base_url}/u/{token}")))

    def forge(self, event: Event) -> None:
        """Try to have an event taken that is not signed as it should be; once."""
        self._bags.put(Bag((), lambda: self._fool(event)))

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

    def _press(self, url: str) -> None:
        with requests.Session() as session:
            session.trust_env = False
            try:
                answer = session.post(url, data={"List-Unsubscribe": "One-Click"}, timeout=10, allow_redirects=False)
            except requests.RequestException:
                raise TemporaryError("Nobody answers.") from None
        if answer.status_code // 100 != 2:
            raise TemporaryError(f"It was not taken (HTTP {answer.status_code}).")

    def _fool(self, event: Event) -> None:
        self.forged += 1
        try:
            self._forger.post([event])
        except TemporaryError:
            return
        self.fooled.append(event["id"])

    def _work(self) -> None:
        while (bag := self._bags.get()) is not None and not self._stop.is_set():
            self.posts += 1
            try:
                bag.hand_over()
            except TemporaryError:
                self._bags.put(Bag(bag.ids, bag.hand_over, bag.tries + 1))
                self._stop.wait(min(1.0, 0.1 * 2**bag.tries))
            else:
                self.accepted.update(bag.ids)
            finally:
                self._bags.task_done()
