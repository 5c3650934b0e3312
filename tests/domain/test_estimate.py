"""What SMS come to before they are sent."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from server.domain.estimate import Estimate, estimate
from server.domain.sms import segments

PRICE = Decimal("0.0083")


def test_it_counts_segments_and_what_they_cost() -> None:
    found = estimate(["a" * 160, "b" * 161, "c"], price=PRICE, currency="USD")
    assert (found.messages, found.segments, found.unicode, found.cost) == (3, 4, 0, Decimal("0.0332"))
    assert found.sentence == "3 SMS in 4 segments, about 0.03 USD."


def test_it_names_the_characters_that_force_unicode_the_most_frequent_first() -> None:
    found = estimate(["ok 🙂", "“hi” 🙂", "plain", "🙂" * 40])
    assert (found.messages, found.segments, found.unicode) == (4, 5, 3)
    assert found.odd[0].character == "🙂"
    assert found.sentence.startswith(
        "4 SMS in 5 segments. 3 of them need Unicode (70 characters instead of 160) because"
    )
    assert "“🙂” (slightly smiling face)" in found.sentence


def test_it_says_nothing_where_no_sms_is_sent_and_no_price_where_none_is_known() -> None:
    assert estimate([], price=PRICE).sentence == ""
    assert estimate(["a"], currency="USD").cost is None
    assert estimate(["a"], currency="USD").sentence == "1 SMS in 1 segment."


@given(st.lists(st.text(max_size=400), max_size=20))
def test_it_adds_up(texts: list[str]) -> None:
    found = estimate(texts, price=PRICE)
    assert found.messages == len(texts)
    assert found.segments == sum(segments(text).segments for text in texts)
    assert found.cost == found.segments * PRICE
    assert isinstance(found, Estimate)
