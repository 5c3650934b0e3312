"""Quiet hours: when a message may not reach a person, in that person's own time. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_FORM = re.compile(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another, over midnight where `begin` is later than `end`."""

    begin: time
    end: time

    def until(self, now: datetime, zone: str) -> datetime | None:
        """When it is over, if `now` (aware) falls into it in that time zone; else None.

        Local wall time decides, also on the days when clocks change. An unknown zone counts as UTC.
        """
        local = now.astimezone(_zone(zone))
        over = self.begin > self.end
        inside = (
            local.time() >= self.begin or local.time() < self.end if over else self.begin <= local.time() < self.end
        )
        if not inside or self.begin == self.end:
            return None
        day = local.date() + timedelta(days=1) if over and local.time() >= self.begin else local.date()
        return datetime.combine(day, self.end, tzinfo=_zone(zone))


@dataclass(frozen=True, slots=True)
class Hours:
    """When messages may reach people: the quiet span, if any, and the sheet's time zone."""

    quiet: QuietHours | None = None
    zone: str = "UTC"

    def but(self, own: str | None) -> Hours:
        """The same with a sending's own quiet span: "" for none, None for this one. Raises ValueError."""
        return self if own is None else Hours(parse_quiet_hours(own), self.zone)

    def until(self, now: datetime, zones: tuple[str, ...]) -> datetime | None:
        """When somebody in these zones (the sheet's without any) may be written to, or None: now.

        Where a number's prefix fits several zones, it must be late enough in all of them.
        """
        if self.quiet is None:
            return None
        ends = [end for zone in zones or (self.zone,) if (end := self.quiet.until(now, zone))]
        return max(ends, default=None)


def parse_quiet_hours(text: str) -> QuietHours | None:
    """`21:00-08:00` or "" for none. Raises ValueError with a sentence."""
    if not text.strip():
        return None
    found = _FORM.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        hours = [int(part) for part in found.groups()]
        return QuietHours(time(hours[0], hours[1]), time(hours[2], hours[3]))
    except ValueError:
        raise ValueError(f"“{text}” is no span of the day. Write it as 21:00-08:00.") from None


def next_day(now: datetime, zone: str) -> datetime:
    """The start of the next day in that time zone: when a daily limit begins anew."""
    local = now.astimezone(_zone(zone))
    return datetime.combine(local.date() + timedelta(days=1), time(), tzinfo=_zone(zone))


def day_of(now: datetime, zone: str) -> datetime:
    """The start of the present day in that time zone."""
    local = now.astimezone(_zone(zone))
    return datetime.combine(local.date(), time(), tzinfo=_zone(zone))


def is_zone(name: str) -> bool:
    """Whether that is the name of a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@cache
def zone_of(name: str) -> str:
    """The name, where it is one of a time zone, else UTC."""
    return name if name and is_zone(name) else "UTC"


def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(zone_of(name))
