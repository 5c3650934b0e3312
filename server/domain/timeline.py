"""What was sent and what came back over time: slices of some minutes put together to what fits a chart. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

MOST = 48
"""Buckets that a chart shows at once."""

FINE, COARSE = 60, 900
"""Seconds of a slice: the clocks of all time zones stand a multiple of a quarter of an hour apart."""


class Unit(StrEnum):
    """What the borders of the buckets are."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Slice:
    """What happened from `at` on, for as long as the slices are: messages sent, rows that answered for the first time.
    A slice in which nothing happened is left out."""

    at: datetime
    sent: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """Buckets without a gap, oldest first; `ends` is where the last one does. None and empty before anything was
    sent."""

    unit: Unit = Unit.MINUTE
    buckets: tuple[Slice, ...] = ()
    ends: datetime | None = None


_STEPS = (
    (Unit.MINUTE, timedelta(minutes=1)),
    (Unit.MINUTE, timedelta(minutes=5)),
    (Unit.MINUTE, timedelta(minutes=15)),
    (Unit.HOUR, timedelta(hours=1)),
    (Unit.HOUR, timedelta(hours=3)),
    (Unit.DAY, timedelta(days=1)),
    (Unit.DAY, timedelta(days=7)),
    (Unit.DAY, timedelta(days=28)),
)


def width_for(span: timedelta) -> tuple[Unit, timedelta]:
    """How wide the buckets of such a span are."""
    return next((step for step in _STEPS if span <= step[1] * (MOST - 1)), _STEPS[-1])


def slice_for(span: timedelta) -> int:
    """How many seconds its slices should have."""
    return FINE if width_for(span)[1] < timedelta(seconds=COARSE) else COARSE


def zone_of(name: str) -> tzinfo:
    """The time zone of that name; UTC for one that nobody knows."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ValueError, OSError, KeyError):  # not found is a KeyError
        return UTC


def timeline(slices: Sequence[Slice], zone: tzinfo = UTC) -> Timeline:
    """The slices (oldest first) in buckets whose borders are those of the clock in that time zone."""
    if not slices:
        return Timeline()
    unit, width = width_for(slices[-1].at - slices[0].at)
    last = slices[-1].at
    borders = list(_borders(slices[0].at, last, width, zone))
    buckets = []
    for begin, end in pairwise(borders):
        inside = [one for one in slices if begin <= one.at < end]
        buckets.append(Slice(begin, sum(one.sent for one in inside), sum(one.answered for one in inside)))
    return Timeline(unit, tuple(buckets), borders[-1])


def _borders(first: datetime, last: datetime, width: timedelta, zone: tzinfo) -> Iterator[datetime]:
    """Moments (UTC) from the one at or before the first to the one after the last. Days are those of the calendar,
    whatever the clocks do; hours are real ones."""
    local = first.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if width >= timedelta(days=1):
        day = midnight
        while True:
            border = day.astimezone(UTC)
            yield border
            if border > last:
                return
            day = (day.replace(tzinfo=None) + width).replace(tzinfo=zone)
    border = first - (local.replace(tzinfo=None) - midnight.replace(tzinfo=None)) % width
    while True:
        yield border
        if border > last:
            return
        border += width
