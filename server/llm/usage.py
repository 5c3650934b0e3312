"""The budget that stops a campaign's calls of a model."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from server.domain.usage import Price, Usage, shown
from server.errors import PermanentError


@dataclass
class TokenBudget:
    """The most that one campaign's calls may use, in tokens or money; shared by all calls in flight.

    Each call is set aside at its worst before it is made and counted as it was afterwards, so that no number of calls
    at once goes over. `spent` is what was used before (by other processes too, as the ledger knows it); `note` is told
    of each usage that is added, to store it. A limit of None is none.
    """

    most_tokens: int | None = None
    most_cost: Decimal | None = None
    price: Price | None = None
    spent: Usage = field(default_factory=Usage)
    note: Callable[[Usage], None] | None = None
    _held: Usage = field(default_factory=Usage, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        if self.most_cost is not None and self.price is None:
            raise PermanentError(
                "A budget in money needs the model's price. Add it to OPENAI_PRICES, or set a budget in tokens.",
                whole_campaign=True,
            )

    def hold(self, worst: Usage) -> None:
        """Set aside what a call may use at most. Raises PermanentError when that is more than is left."""
        with self._lock:
            after = self.spent + self._held + worst
            if self.most_tokens is not None and after.tokens > self.most_tokens:
                raise _used_up(f"{self.spent.tokens:,} of {self.most_tokens:,} tokens")
            if self.most_cost is not None and self.price is not None and self.price.of(after) > self.most_cost:
                raise _used_up(f"{shown(self.price.of(self.spent))} of {shown(self.most_cost)}")
            self._held = after_holding(self._held, worst, 1)

    def settle(self, worst: Usage, used: Usage) -> None:
        """What was held is free again, and what was really used counts."""
        with self._lock:
            self._held = after_holding(self._held, worst, -1)
            self.spent = self.spent + used
        if self.note is not None and used != Usage():
            self.note(used)

    @property
    def cost(self) -> Decimal | None:
        """What was spent, in money; None without a price."""
        return self.price.of(self.spent) if self.price else None


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
