"""Wakes a worker once for however many webhooks come in: neither their providers nor our threads wait for the queue."""

from __future__ import annotations

import logging
import threading

from server.errors import ConfigError, TemporaryError
from server.queue import RECEIVE
from server.services import Services

log = logging.getLogger(__name__)


class Waker:
    """One thread that asks for the job. Begun with the first wish, so that a forked process has its own."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._wanted = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Ask for a worker after this call; whoever stored an event before it is heard."""
        self._wanted.set()
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="waker", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while self._wanted.wait():
            self._wanted.clear()
            try:
                self._services.queue.enqueue(RECEIVE)
            except (TemporaryError, ConfigError) as error:  # stored is enough: the sweep comes by
                log.warning("webhooks stored, they wait for the sweep", exc_info=error)
            except Exception:
                log.exception("webhooks stored, they wait for the sweep")
