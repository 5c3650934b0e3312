"""When approved messages will leave, told beforehand: by their own times, quiet hours, the day's limit and the pace of
whoever carries them. Pure; it does in numbers what a worker does with messages (`flow.carrying`)."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from server.domain.quiet import Hours, next_day


class Why(StrEnum):
    """Why some messages leave when they do."""

    NOW = "now"
    START = "start"
    TIME = "time"
    QUIET = "quiet"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who carries: sends a second (None: as fast as they are taken), sends a day, and how many of today's are left."""

    per_second: float | None = None
    per_day: int | None = None
    left_today: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that would leave: its row's own moment, if any, the time zones its recipient may be in, its sender."""

    key: str
    at: datetime | None = None
    zones: tuple[str, ...] = ()
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """So many leave from that moment on, and why not sooner. `keys` are their rows, in order."""

    at: datetime
    why: Why
    keys: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The parts in the order of their moments. `ends` is when the last one leaves, `seconds` how long the first part
    takes."""

    parts: tuple[Part, ...] = ()
    ends: datetime | None = None
    seconds: float = 0.0


def forecast(
    waiting: Iterable[Waiting],
    *,
    now: datetime,
    start: datetime,
    hours: Hours,
    senders: Mapping[str, Sender],
) -> Forecast:
    """What leaves when, if nobody changes anything and every provider takes all.

    `start` is when the sending begins (the end of the undo window, or a chosen moment). Quiet hours and days are those
    of `hours`, as for a worker.
    """
    parts: dict[tuple[datetime, Why], list[str]] = {}
    by_sender: dict[str, list[Waiting]] = {}
    for one in waiting:
        by_sender.setdefault(one.sender, []).append(one)
    ends: datetime | None = None
    first_ends = start
    first = Why.START if start > now + timedelta(minutes=5) else Why.NOW
    for name, some in by_sender.items():
        for key, released, left, why in _run(some, senders.get(name, Sender()), now, start, first, hours):
            parts.setdefault((released, why), []).append(key)
            ends = left if ends is None or left > ends else ends
            if released == start:
                first_ends = max(first_ends, left)
    told = tuple(Part(at, why, tuple(keys)) for (at, why), keys in sorted(parts.items()))
    return Forecast(told, ends, (first_ends - start).total_seconds())


@dataclass
class _Group:
    """Messages whose recipients live by the same clocks, in the order in which they are due; `until` is the end of the
    quiet span that the first of them met last."""

    zones: tuple[str, ...]
    line: deque[tuple[datetime, int, Why]]
    until: datetime


def _run(
    waiting: list[Waiting], sender: Sender, now: datetime, start: datetime, first: Why, hours: Hours
) -> Iterator[tuple[str, datetime, datetime, Why]]:
    """Each message's key, release, moment and reason. Those that are due come in their order, as a worker takes them.

    Groups wait, not messages: however many days a limit spreads them over, each of them is looked at about once.
    """
    gap = timedelta(seconds=1 / sender.per_second) if sender.per_second else timedelta()
    day, quiet = _Day(sender, hours.zone, now), _Quiet(hours)
    groups = _grouped(waiting, start, first)
    heap = [(one.line[0][0], one.line[0][1], number) for number, one in enumerate(groups)]
    heapq.heapify(heap)
    free = floor = start
    while heap:
        _, index, number = heapq.heappop(heap)
        group = groups[number]
        due, _, why = group.line[0]
        released = max(due, group.until, floor)
        at = max(released, free)
        if (until := quiet.until(at, group.zones)) is not None:
            group.until = until
        elif (tomorrow := day.full(at)) is not None:
            floor = tomorrow
        else:
            day.take()
            moved = Why.LIMIT if floor > due else Why.QUIET
            yield waiting[index].key, released, at, why if released == due else moved
            free = at + gap
            group.line.popleft()
        if group.line:
            heapq.heappush(heap, (max(group.line[0][0], group.until, floor), group.line[0][1], number))


def _grouped(waiting: list[Waiting], start: datetime, first: Why) -> list[_Group]:
    found: dict[tuple[str, ...], list[tuple[datetime, int, Why]]] = {}
    for index, one in enumerate(waiting):
        own = one.at if one.at is not None and one.at > start else None
        found.setdefault(one.zones, []).append((own or start, index, Why.TIME if own else first))
    return [_Group(zones, deque(sorted(line)), start) for zones, line in found.items()]


class _Day:
    """The sender's day: how many are left of it."""

    def __init__(self, sender: Sender, zone: str, now: datetime) -> None:
        self._per_day, self._zone = sender.per_day, zone
        self._left = sender.left_today if sender.left_today is not None else sender.per_day
        self._ends = next_day(now, zone)

    def full(self, at: datetime) -> datetime | None:
        """When the next day begins, if this one's sends are used up; else None."""
        if self._per_day is None:
            return None
        if at >= self._ends:
            self._ends, self._left = next_day(at, self._zone), self._per_day
        return None if self._left else self._ends

    def take(self) -> None:
        """One of them."""
        if self._left:
            self._left -= 1


class _Quiet:
    """Quiet hours, worked out once for each zone and stretch of time: thousands of messages ask about the same."""

    def __init__(self, hours: Hours) -> None:
        self._hours = hours
        self._known: dict[tuple[str, ...], tuple[datetime, datetime, datetime | None]] = {}

    def until(self, at: datetime, zones: tuple[str, ...]) -> datetime | None:
        """As `Hours.until`; an answer holds for the minute it was asked in, or as long as it is quiet."""
        if self._hours.quiet is None:
            return None
        known = self._known.get(zones)
        if known is None or not known[0] <= at < known[1]:
            minute = at.replace(second=0, microsecond=0)
            until = self._hours.until(at, zones)
            known = minute, until or minute + timedelta(minutes=1), until
            self._known[zones] = known
        return known[2]
