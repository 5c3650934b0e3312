"""Buckets of a timeline: without a gap, with nothing lost, with the borders of the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.timeline import MOST, Slice, Timeline, Unit, slice_for, timeline, width_for, zone_of

AT = datetime(2026, 3, 2, 9, 7, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago")


def slices(*after: timedelta) -> list[Slice]:
    return [Slice(AT + one, 1, index) for index, one in enumerate(sorted(after))]


def test_before_anything_was_sent_there_is_nothing() -> None:
    assert timeline([]) == Timeline()


@pytest.mark.parametrize(
    ("span", "unit", "width"),
    [
        (timedelta(0), Unit.MINUTE, timedelta(minutes=1)),
        (timedelta(hours=2), Unit.MINUTE, timedelta(minutes=5)),
        (timedelta(hours=20), Unit.HOUR, timedelta(hours=1)),
        (timedelta(days=10), Unit.DAY, timedelta(days=1)),
        (timedelta(days=200), Unit.DAY, timedelta(days=7)),
    ],
)
def test_the_span_chooses_the_buckets(span: timedelta, unit: Unit, width: timedelta) -> None:
    assert width_for(span) == (unit, width)


def test_days_begin_at_midnight_where_people_are_also_when_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 3, 27, 23, 30, tzinfo=UTC)  # the 28th there; clocks change on the 29th
    found = timeline([Slice(first, 1), Slice(first + timedelta(days=8), 1)], berlin)
    shown = [one.at.astimezone(berlin) for one in found.buckets]
    assert [(one.day, one.hour) for one in shown] == [(day, 0) for day in (28, 29, 30, 31, 1, 2, 3, 4, 5)]
    assert [one.sent for one in found.buckets] == [1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_an_unknown_zone_is_utc() -> None:
    assert zone_of("Atlantis/Port") is UTC
    assert zone_of("../etc/passwd") is UTC
    assert zone_of("") is UTC


@given(
    st.lists(st.timedeltas(timedelta(0), timedelta(days=1200)), min_size=1, max_size=30, unique=True),
    st.sampled_from(ZONES),
)
def test_nothing_is_lost_counted_twice_or_too_much_for_a_chart(after: list[timedelta], zone: str) -> None:
    given_slices = slices(*after)
    found = timeline(given_slices, zone_of(zone))
    assert sum(one.sent for one in found.buckets) == len(given_slices)
    assert sum(one.answered for one in found.buckets) == sum(one.answered for one in given_slices)
    assert 1 <= len(found.buckets) <= MOST + 1
    assert found.ends is not None
    assert all(one.at < other.at for one, other in pairwise(found.buckets))
    assert found.buckets[0].at <= given_slices[0].at
    assert given_slices[-1].at < found.ends


@given(st.timedeltas(timedelta(0), timedelta(days=900)))
def test_slices_are_never_wider_than_buckets(span: timedelta) -> None:
    assert timedelta(seconds=slice_for(span)) <= width_for(span)[1]
