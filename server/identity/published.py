"""Keys that a provider publishes, kept as long as its answer allows. Strangers' tokens make us ask rarely."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from server.errors import TemporaryError

AGAIN = 60.0
"""Seconds between two fetches, however many tokens name a key that we do not know."""

SOON = 5.0
"""The same while there are none that count: a stranger's tokens must not make us ask all the time."""

DEFAULT_AGE = 3600.0
"""Seconds that keys are kept when their answer does not say."""

T = TypeVar("T")


class Answer(Protocol):
    """What an answer over HTTP has of interest here."""

    status: int
    headers: Mapping[str, str]
    data: bytes


@dataclass
class Fetched:
    """One."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class Unreachable(Exception):
    """Nobody answered."""


Fetch = Callable[[str], Answer]
"""GET. May raise OSError or Unreachable."""


class Published(Generic[T]):
    """Keys by their id. `read` takes what was published apart; {} when it is not of the form."""

    def __init__(
        self,
        url: str,
        fetch: Fetch,
        read: Callable[[Any], dict[str, T]],
        whose: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._fetch = fetch
        self._read = read
        self._whose = whose
        self._clock = clock
        self._lock = threading.Lock()
        self._held: tuple[dict[str, T], float] = ({}, float("-inf"))
        self._asked = float("-inf")

    def for_key(self, key: str) -> dict[str, T]:
        """The keys, with that one among them if its owner has it. Raises TemporaryError when none can be had."""
        known, until = self._held
        if key not in known or self._clock() >= until:
            self._renew(key)
            known, until = self._held
        if self._clock() >= until:
            raise TemporaryError(f"{self._whose} can't be fetched for now. Try again in a minute.")
        return known

    def _renew(self, key: str) -> None:
        """Ask, if it is time to. What is known stays when there is no answer, until its own time is over."""
        stale = self._clock() >= self._held[1]
        if not self._lock.acquire(blocking=stale):
            return  # somebody asks already: who has an unknown key must not keep the others waiting
        try:
            known, until = self._held
            now = self._clock()
            due = now >= self._asked + (SOON if now >= until else AGAIN)
            if due and (key not in known or now >= until):
                self._asked = now
                self._held = self._fetched(now) or self._held
        finally:
            self._lock.release()

    def _fetched(self, now: float) -> tuple[dict[str, T], float] | None:
        try:
            answer = self._fetch(self._url)
            found = self._read(json.loads(answer.data)) if answer.status == 200 else {}
        except (Unreachable, OSError, ValueError, RecursionError):
            return None
        return (found, now + _age(answer.headers)) if found else None


def _age(headers: Mapping[str, str]) -> float:
    said = next((value for name, value in headers.items() if name.casefold() == "cache-control"), "")
    age = re.search(r"max-age=(\d{1,9})", said)
    return max(AGAIN, float(age[1])) if age else DEFAULT_AGE
