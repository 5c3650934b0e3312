"""What calls cost, what more of them will cost, and a price table that an operator can get wrong."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.usage import Price, Usage, Used, estimate, parse_prices, price_of, shown
from server.errors import PermanentError
from server.llm.usage import LOOK_SECONDS, TokenBudget

counts = st.integers(0, 10_000)
usages = st.builds(Usage, counts, counts, counts, st.integers(0, 5))


def test_prices_are_read_by_the_models_exact_name() -> None:
    prices = parse_prices('{"small-1": [0.40, 0.10, 1.60]}')
    assert price_of("small-1", prices) == Price(Decimal("0.40"), Decimal("0.10"), Decimal("1.60"))
    assert price_of("small-2", prices) is None
    assert parse_prices(" ") == {}


@pytest.mark.parametrize(
    "text", ["x", "[]", '{"m": 1}', '{"m": [1, 2]}', '{"m": [1, 2, -3]}', '{"m": ["1", 2, 3]}', "{" * 9999]
)
def test_a_table_that_can_not_be_read_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="Prices are JSON such as"):
        parse_prices(text)


def test_what_was_read_before_is_sold_for_less() -> None:
    price = Price(Decimal(2), Decimal("0.5"), Decimal(8))
    assert price.of(Usage(1_000_000, 400_000, 100_000)) == Decimal("1.2") + Decimal("0.2") + Decimal("0.8")


def test_an_estimate_follows_what_three_rows_used() -> None:
    price = Price(Decimal(1), Decimal(1), Decimal(1))
    whole, cost = estimate(Usage(3_000, 1_500, 300, 3), 1_000, price)
    assert (whole, cost) == (Usage(1_000_000, 500_000, 100_000, 1_000), Decimal("1.1"))
    assert estimate(Usage(3_000, 0, 300, 3), 1_000, None)[1] is None


@given(st.lists(st.tuples(usages, st.floats(0, 1)), max_size=30), st.integers(0, 60_000))
def test_what_is_spent_never_goes_over_a_budget(calls: list[tuple[Usage, float]], most: int) -> None:
    """As long as no call uses more than was set aside for it."""
    budget = TokenBudget(most_tokens=most)
    told: list[Used] = []
    budget.note = told.append
    for worst, part in calls:
        try:
            budget.hold(worst)
        except PermanentError:
            continue
        used = Usage(int(worst.input * part), 0, int(worst.output * part), 1)
        budget.settle(worst, Used("draft@1", "small-1", used))
    assert budget.spent.tokens <= most
    assert sum((one.usage for one in told), Usage()) == budget.spent


def test_a_budget_goes_on_from_what_other_processes_spent() -> None:
    budget = TokenBudget(most_tokens=1_000, spent=Usage(900, 0, 50, 3))
    with pytest.raises(PermanentError, match="950 of 1,000 tokens"):
        budget.hold(Usage(100, 0, 0, 1))


def test_a_budget_in_money_needs_a_price() -> None:
    with pytest.raises(PermanentError, match="OPENAI_PRICES"):
        TokenBudget(most_cost=Decimal(1)).hold(Usage(1, 0, 1, 1))


def test_a_budget_sees_what_other_processes_spend_meanwhile() -> None:
    now, elsewhere = [0.0], [Usage(0, 0, 0, 0)]
    budget = TokenBudget(most_tokens=1_000, look=lambda: elsewhere[0], clock=lambda: now[0])
    budget.hold(Usage(100, 0, 0, 1))
    elsewhere[0] = Usage(900, 0, 50, 9)
    now[0] = LOOK_SECONDS
    with pytest.raises(PermanentError, match="950 of 1,000 tokens"):
        budget.hold(Usage(100, 0, 0, 1))


def test_a_count_that_our_own_calls_have_not_reached_yet_gives_nothing_back() -> None:
    budget = TokenBudget(most_tokens=1_000, look=lambda: Usage(), spent=Usage(900, 0, 50, 3))
    with pytest.raises(PermanentError, match="950 of 1,000 tokens"):
        budget.hold(Usage(100, 0, 0, 1))


def test_amounts_are_shown_as_people_read_them() -> None:
    assert [shown(Decimal(one)) for one in ("0", "12.345", "0.0123", "1234.5")] == [
        "0.00 USD",
        "12.34 USD",
        "0.0123 USD",
        "1,234.50 USD",
    ]
