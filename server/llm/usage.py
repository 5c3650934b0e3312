"""What calls of a model use and cost, and the budget that stops them. Knows no model and no price by itself."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from server.errors import PermanentError

MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them. `input` includes `cached`: what it had read before, and sells for less."""

    input: int = 0
    cached: int = 0
    output: int = 0
    calls: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input + other.input,
            self.cached + other.cached,
            self.output + other.output,
            self.calls + other.calls,
        )

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.input + self.output


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost (USD, unless the operator counts in another currency)."""

    input: Decimal
    cached: Decimal
    output: Decimal

    def of(self, usage: Usage) -> Decimal:
        """What that usage costs."""
        fresh = max(usage.input - usage.cached, 0)
        return (fresh * self.input + usage.cached * self.cached + usage.output * self.output) / MILLION


def parse_prices(text: str) -> dict[str, Price]:
    """`{"model": [input, cached input, output]}`, USD a million tokens; "" is no table.

    Raises ValueError with a sentence.
    """
    wrong = 'Prices are JSON such as {"model-name": [0.40, 0.10, 1.60]}: USD a million tokens in, cached in, and out.'
    if not text.strip():
        return {}
    try:
        found = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        table = {str(name): Price(*(_amount(one) for one in amounts)) for name, amounts in found.items()}
    except (ValueError, TypeError, AttributeError, RecursionError, InvalidOperation):
        raise ValueError(wrong) from None
    return table


def _amount(value: object) -> Decimal:
    if not isinstance(value, Decimal) or not value.is_finite() or value < 0:
        raise ValueError
    return value


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


def shown(cost: Decimal) -> str:
    """An amount as people read it: cents, and more digits only below one."""
    digits = 2 if cost >= 1 or cost == 0 else 4
    return f"{cost:,.{digits}f} USD"


def _used_up(what: str) -> PermanentError:
    return PermanentError(
        f"The model's budget for this campaign is used up ({what}). Raise it, or go on with one text for all rows.",
        whole_campaign=True,
    )


def estimate(each: Usage, rows: int, price: Price | None) -> tuple[Usage, Decimal | None]:
    """What so many more calls like these will use (`each` sums `each.calls` of them), and cost where that is known."""
    calls = max(each.calls, 1)
    part = [-(-tokens * rows // calls) for tokens in (each.input, each.cached, each.output)]
    whole = Usage(part[0], part[1], part[2], rows)
    return whole, price.of(whole) if price else None


def price_of(model: str, prices: Mapping[str, Price]) -> Price | None:
    """The price of a model by its exact name, None where nobody gave one: then only tokens are counted."""
    return prices.get(model)
