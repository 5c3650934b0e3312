"""The 24-hour rule: open for a day after somebody wrote, closed a little before the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.window import MARGIN, is_open, open_until, refusal, summary

DAY = 24 * 3600.0
NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # the night the clocks go forward in Europe
SECOND = timedelta(seconds=1)


def test_it_is_open_for_a_day_less_the_margin() -> None:
    heard = NOW - timedelta(seconds=DAY) + MARGIN
    assert is_open(NOW, heard + SECOND, DAY)
    assert not is_open(NOW, heard, DAY)
    assert open_until(NOW, DAY) == NOW + timedelta(hours=24)


def test_it_was_never_open_to_somebody_who_never_wrote() -> None:
    assert open_until(None, DAY) is None
    assert not is_open(NOW, None, DAY)


def test_it_is_always_open_where_the_channel_has_no_window() -> None:
    assert is_open(NOW, None, None)
    assert refusal(NOW, None, None) == ""


def test_it_says_what_to_do() -> None:
    assert refusal(NOW, None, DAY) == "Outside WhatsApp's 24-hour window: choose an approved template."
    assert refusal(NOW, NOW - SECOND, DAY) == ""


@pytest.mark.parametrize(
    ("closed", "total", "says"),
    [
        (0, 30, ""),
        (1, 30, "1 of 30 has not written to you on WhatsApp in the last 24 hours: only an approved template reaches "),
        (30, 30, "30 of 30 have not written to you on WhatsApp in the last 24 hours: "),
    ],
)
def test_it_says_how_many_need_a_template(closed: int, total: int, says: str) -> None:
    assert summary(closed, total, DAY).startswith(says)
    assert bool(summary(closed, total, DAY)) is bool(says)


@pytest.mark.parametrize(("window", "says"), [(1800.0, "30-minute"), (3600.0, "1-hour"), (72 * 3600.0, "72-hour")])
def test_it_names_windows_of_another_length(window: float, says: str) -> None:
    assert says in refusal(NOW, None, window)


@given(st.integers(0, 200_000), st.integers(0, 100_000), st.integers(0, 7200))
def test_what_is_open_is_so_until_its_end_and_never_again(since: int, later: int, margin: int) -> None:
    heard, wait = NOW - timedelta(seconds=since), timedelta(seconds=margin)
    now_open, later_open = (is_open(at, heard, DAY, wait) for at in (NOW, NOW + timedelta(seconds=later)))
    assert now_open or not later_open, "it opened again without a message"
    if now_open:
        assert NOW + wait < heard + timedelta(seconds=DAY), "it was open too long"
