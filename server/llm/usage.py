"""The budget that stops a campaign's calls of a model."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from server.domain.usage import Price, Usage, Used, shown
from server.errors import PermanentError

LOOK_SECONDS = 1.0
"""How old the ledger's count may be when a call is set aside."""


@dataclass
class TokenBudget:
    """The most that one campaign's calls may use, in tokens or money; shared by all calls in flight of a process.

    Each call is set aside at its worst before it is made and counted as it was afterwards, so that no number of calls
    at once goes over. `note` is told of what each call used, to store it. `look` gives what was spent by all processes,
    `limits` the limits as they are now (None: as they were), both asked once a second: who lowers one while rows are
    drafted is obeyed. What other processes have in flight just then is not seen: a campaign can go over its budget by
    that much and no more. A limit of None is none. `campaign` is its id, for spans.
    """

    most_tokens: int | None = None
    most_cost: Decimal | None = None
    price: Price | None = None
    spent: Usage = field(default_factory=Usage)
    note: Callable[[Used], None] | None = None
    look: Callable[[], Usage] | None = None
    limits: Callable[[], tuple[int | None, Decimal | None] | None] | None = None
    clock: Callable[[], float] = time.monotonic
    campaign: str = ""
    _held: Usage = field(default_factory=Usage, repr=False)
    _looked: float = field(default=float("-inf"), repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def hold(self, worst: Usage) -> None:
        """Set aside what a call may use at most. Raises PermanentError when that is more than is left, or can't be
        told, and what `look` raises."""
        with self._lock:
            self._look()
            after = self.spent + self._held + worst
            if self.most_tokens is not None and after.tokens > self.most_tokens:
                raise _used_up(f"{self.spent.tokens:,} of {self.most_tokens:,} tokens")
            if self.most_cost is not None:
                if self.price is None:
                    raise _no_price()
                if self.price.of(after) > self.most_cost:
                    raise _used_up(f"{shown(self.price.of(self.spent))} of {shown(self.most_cost)}")
            self._held = after_holding(self._held, worst, 1)

    def settle(self, worst: Usage, used: Used) -> None:
        """What was held is free again, and what was really used counts."""
        with self._lock:
            self._held = after_holding(self._held, worst, -1)
            self.spent = self.spent + used.usage
        if self.note is not None and used.usage != Usage():
            self.note(used)

    def bound(self, most_tokens: int | None, most_cost: Decimal | None) -> None:
        """Other limits from now on."""
        with self._lock:
            self.most_tokens, self.most_cost = most_tokens, most_cost

    @property
    def in_flight(self) -> bool:
        """Whether something is set aside for calls that have not ended."""
        with self._lock:
            return self._held.calls > 0

    @property
    def cost(self) -> Decimal | None:
        """What was spent, in money; None without a price."""
        return self.price.of(self.spent) if self.price else None

    def _look(self) -> None:
        """Less than we know of is a count that some of ours have not reached yet."""
        now = self.clock()
        if self.look is None or now - self._looked < LOOK_SECONDS:
            return
        seen = self.look()
        if self.limits is not None and (limits := self.limits()) is not None:
            self.most_tokens, self.most_cost = limits
        self._looked = now
        if seen.tokens > self.spent.tokens:
            self.spent = seen


def after_holding(held: Usage, worst: Usage, way: int) -> Usage:
    """What is set aside with (way 1) or without (way -1) that call."""
    return Usage(
        held.input + way * worst.input,
        held.cached + way * worst.cached,
        held.output + way * worst.output,
        held.calls + way * worst.calls,
    )


def _used_up(what: str) -> PermanentError:
    return PermanentError(
        f"The model's budget for this campaign is used up ({what}). Raise it, or go on with one text for all rows.",
        whole_campaign=True,
    )


def _no_price() -> PermanentError:
    return PermanentError(
        "A budget in money needs the model's price. Add it to OPENAI_PRICES, or set a budget in tokens.",
        whole_campaign=True,
    )
