"""Failures on purpose: a queue of them, or some at random from a seed."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

HTML = (
    "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Error {code} (Server Error)!!1</title>\n"
    "<p><b>{code}.</b> <ins>That’s an error.</ins>\n<p>The server encountered a temporary error and could not "
    "complete your request.<p>Please try again in 30 seconds. <ins>That’s all we know.</ins>\n"
)
"""What Google's front end sends when the service behind it is away."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call.

    `code`: answer with it (429, 500, 502, 503 ...), as HTML if `html`, with `retry_after` seconds where given.
    `hang`: give no answer for so many seconds (the client gives up first), then hang up.
    `reset`: cut the connection. `after`: only when the call has had its effect. `delay`: merely be slow.
    """

    code: int = 0
    html: bool = False
    retry_after: int | None = None
    hang: float = 0.0
    reset: bool = False
    after: bool = False
    delay: float = 0.0


KINDS: Mapping[str, Fault] = {
    "429": Fault(429),
    "429 Retry-After": Fault(429, retry_after=1),
    "500": Fault(500),
    "502 HTML": Fault(502, html=True),
    "503": Fault(503),
    "503 after": Fault(503, after=True),
    "hang before": Fault(hang=3.0),
    "hang after": Fault(hang=3.0, after=True),
    "reset before": Fault(reset=True),
    "reset after": Fault(reset=True, after=True),
    "slow": Fault(delay=0.2),
}
"""Faults by name, for random ones and for logs."""


@dataclass
class Faults:
    """Decides for every call of the API. Explicit ones come first, then chance."""

    queue: deque[tuple[str, Fault | None]] = field(default_factory=deque)
    chance: float = 0.0
    kinds: tuple[str, ...] = ("429", "500", "502 HTML", "503", "503 after", "reset before", "reset after")
    rng: random.Random = field(default_factory=lambda: random.Random(0))
    log: list[Fault] = field(default_factory=list)
    """What was done to whom, in order."""

    def add(self, *faults: Fault | str | None, on: str = "") -> None:
        """Let these happen to the next calls, one each (None: nothing); `on` limits them to "read" or "write" calls,
        to the "token" endpoint or to one method ("values.batchUpdate"); others are left alone meanwhile."""
        self.queue.extend((on, KINDS[each] if isinstance(each, str) else each) for each in faults)

    def at_random(self, seed: int, chance: float, kinds: Iterable[str] = ()) -> None:
        """From now on, that share of all calls fails in one of these ways (`KINDS`)."""
        self.rng, self.chance = random.Random(seed), chance
        self.kinds = tuple(kinds) or self.kinds

    def none(self) -> None:
        """No more faults."""
        self.queue.clear()
        self.chance = 0.0

    def next(self, kind: str, method: str) -> Fault | None:
        """The fault for a call of that kind ("read", "write", "token") and method. Tokens fail only where a fault is
        meant for them."""
        found = None
        if self.queue:
            on, fault = self.queue[0]
            if on == kind or (not on and kind != "token") or (on and method.endswith("." + on)):
                self.queue.popleft()
                found = fault
        elif self.chance and kind != "token" and self.rng.random() < self.chance:
            found = KINDS[self.rng.choice(self.kinds)]
        if found is not None:
            self.log.append(found)
        return found
