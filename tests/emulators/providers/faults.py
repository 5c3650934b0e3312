"""Failures on purpose, for what is asked of a provider: scripted by number, or some at random from a seed."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FOREVER = 3600.0


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request.

    `code`: answer with it, in the vendor's words (429, 500, 503), with `retry_after` seconds where given (429 always
    carries the vendor's headers). `hang`: no answer for so many seconds. `drop`: the connection is closed without an
    answer. `taken`: only once the request has had its effect. `delay`: seconds before it is looked at.
    """

    code: int = 0
    retry_after: int | None = None
    hang: float = 0.0
    drop: bool = False
    taken: bool = False
    delay: float = 0.0


KINDS: Mapping[str, Fault] = {
    "429": Fault(429, retry_after=1),
    "500": Fault(500),
    "503": Fault(503),
    "hang": Fault(hang=FOREVER),
    "drop": Fault(drop=True),
    "accept-then-drop": Fault(drop=True, taken=True),
    "accept-then-hang": Fault(hang=FOREVER, taken=True),
    "accept-then-500": Fault(500, taken=True),
    "slow": Fault(delay=0.3),
}
"""Faults by name. "drop" and "hang" have no effect; the three "accept-then-" have."""

RANDOM = ("429", "500", "503", "drop", "accept-then-drop")
"""What happens at random unless told otherwise: nothing that takes a client its whole patience."""


@dataclass
class _Plan:
    fault: Fault
    on: str
    skip: int
    times: int | None


class Faults:
    """Decides for every request to one provider. What is scripted comes first, then chance."""

    def __init__(self) -> None:
        self._plans: list[_Plan] = []
        self._chance = 0.0
        self._on = ""
        self._kinds: tuple[str, ...] = RANDOM
        self._random = random.Random(0)
        self._lock = threading.Lock()
        self.log: list[tuple[str, Fault]] = []
        """What was done to which request ("POST /v3/mail/send"), in order."""

    def add(self, fault: Fault | str, *, on: str = "", nth: int = 1, times: int | None = 1) -> None:
        """Let it befall the `nth` request from now, and the `times` - 1 after it (None: all that follow).

        `on`: only requests whose "METHOD /path" holds this text are counted and struck.
        """
        with self._lock:
            self._plans.append(_Plan(KINDS[fault] if isinstance(fault, str) else fault, on, nth - 1, times))

    def at_random(self, seed: int, chance: float, kinds: Iterable[str] = (), *, on: str = "") -> None:
        """From now on, that share of the requests (0.05: one of twenty) fails in one of these ways (`KINDS`)."""
        with self._lock:
            self._random, self._chance, self._on = random.Random(seed), chance, on
            self._kinds = tuple(kinds) or RANDOM

    def clear(self) -> None:
        """No more faults."""
        with self._lock:
            self._plans.clear()
            self._chance = 0.0

    def next(self, request: str) -> Fault:
        """What befalls this request ("POST /v3/mail/send"); an empty Fault when nothing does."""
        with self._lock:
            found = self._scripted(request)
            if found is None and self._chance and self._on in request and self._random.random() < self._chance:
                found = KINDS[self._random.choice(self._kinds)]
            if found is not None:
                self.log.append((request, found))
            return found or Fault()

    def _scripted(self, request: str) -> Fault | None:
        for plan in self._plans:
            if plan.on not in request or plan.times == 0:
                continue
            if plan.skip:
                plan.skip -= 1
                continue
            if plan.times is not None:
                plan.times -= 1
            return plan.fault
        return None
