"""What calls of a model use and cost, and which prompt and model made a text or a reading. Knows no price by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

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
class Made:
    """What made a text or a reading, kept with it: the prompt's name and hash ("read@1f0c…"), the model as its server
    named it, the tokens it took. Empty where no model was asked. `plan` is the version of the plan it was made by, 0
    for a text that a person edited since."""

    prompt: str = ""
    model: str = ""
    usage: Usage = Usage()
    plan: int = 0


NOT_MADE = Made()
"""By no model."""

BY_RULE = Made("rule")
"""By no reader at all: a press, a digit, words that code knows for certain; or nobody could read it."""


@dataclass(frozen=True, slots=True)
class Used:
    """What a campaign's calls with one prompt and one model used so far."""

    prompt: str
    model: str
    usage: Usage


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


def shown(cost: Decimal) -> str:
    """An amount as people read it: cents, and more digits only below one."""
    digits = 2 if cost >= 1 or cost == 0 else 4
    return f"{cost:,.{digits}f} USD"


def estimate(each: Usage, rows: int, price: Price | None) -> tuple[Usage, Decimal | None]:
    """What so many more calls like these will use (`each` sums `each.calls` of them), and cost where that is known."""
    calls = max(each.calls, 1)
    part = [-(-tokens * rows // calls) for tokens in (each.input, each.cached, each.output)]
    whole = Usage(part[0], part[1], part[2], rows)
    return whole, price.of(whole) if price else None


def price_of(model: str, prices: Mapping[str, Price]) -> Price | None:
    """The price of a model by its exact name, None where nobody gave one: then only tokens are counted."""
    return prices.get(model)
