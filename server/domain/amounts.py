"""What a person means by a number, a date or a time in a cell or in a condition, however they write it. For comparing
only: nothing here is written anywhere."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from server.domain.factcheck import moments
from server.domain.table import Cell
from server.domain.words import CellKind

LONGEST = 200
"""Characters of a text that may still be a number or a date: more is prose."""

_SPACES = re.compile("[\\s\u00a0\u202f\u2009'\u2019]")
_FIGURE = re.compile(r"[-+\u2212]?\d[\d.,]*\d|[-+\u2212]?\d|[-+\u2212]?[.,]\d+")
_PLAIN_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
DAY = 24 * 60


def number(text: str) -> Decimal | None:
    """The number in a text with or without a unit: "1.200,50 €", "1,200.50", "30 kg", "-4 %"; None where there is none
    or more than one.

    Of two marks the last one is the decimal's. One mark with exactly three digits behind it groups thousands, unless
    nothing or a zero stands before it; one that comes several times groups as well.
    """
    if len(text) > LONGEST:
        return None
    found = _FIGURE.findall(_SPACES.sub("", text))
    return _value(found[0]) if len(found) == 1 else None


def _value(figure: str) -> Decimal | None:
    plain = figure.replace("\u2212", "-")
    marks = [char for char in plain if char in ".,"]
    if marks:
        last = marks[-1]
        whole, _, rest = plain.rpartition(last)
        grouped = len(marks) > 1 if len(set(marks)) == 1 else False
        alone = len(marks) == 1 and len(rest) == 3 and whole.strip("+-") not in {"", "0"}
        digits = whole.replace(",", "").replace(".", "")
        plain = digits + rest if grouped or alone else f"{digits}.{rest}"
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def number_in(cell: Cell) -> Decimal | None:
    """The number that a cell holds: exactly where it is one, else what its text says. A share shown in percent counts
    as people see it: 30 for 30%."""
    if cell.kind is CellKind.NUMBER and isinstance(cell.raw, int | float) and not isinstance(cell.raw, bool):
        raw = Decimal(str(cell.raw))
        return raw * 100 if "%" in cell.shown else raw
    return number(cell.shown) if cell.kind is CellKind.TEXT else None


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, a time of day in minutes, or both."""

    day: datetime.date | None = None
    minute: float | None = None

    def order(self, other: Moment) -> int | None:
        """-1, 0 or 1: before, the same, after; by the days where one of them has no time. None where the two have
        nothing in common."""
        if self.day is not None and other.day is not None:
            if self.minute is None or other.minute is None:
                return _sign(self.day.toordinal() - other.day.toordinal())
            return _sign(self._minutes(self.day) - other._minutes(other.day))
        if self.minute is not None and other.minute is not None:
            return _sign(self.minute - other.minute)
        return None

    def _minutes(self, day: datetime.date) -> float:
        return day.toordinal() * DAY + (self.minute or 0.0)


def _sign(difference: float) -> int:
    return (difference > 0) - (difference < 0)


def day_first(texts: Iterable[str]) -> bool:
    """Whether 3/4 is the third of April among these texts: the first that can only be read one way decides; day first
    where all can be read both ways."""
    for text in texts:
        for found in _pairs(text):
            first, second = found
            if first > 12 >= second:
                return True
            if second > 12 >= first:
                return False
    return True


_SLASHED = re.compile(r"(?<![\d/-])(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}(?!\d)")


def _pairs(text: str) -> list[tuple[int, int]]:
    return [(int(first), int(second)) for first, second in _SLASHED.findall(text[:LONGEST])]


def moment(text: str, *, days_first: bool = True) -> Moment | None:
    """The day, the time, or both that a text says; None where it says neither, or several days."""
    if len(text) > LONGEST:
        return None
    flat = moments.flat(text)
    found = moments.dates(flat)
    day = _day(found[0], flat, days_first) if len(found) == 1 else None
    rest = flat[: found[0].start] + " " * len(found[0].text) + flat[found[0].end :] if found else flat
    minute = _minute(rest)
    if len(found) > 1 or (found and day is None) or (day is None and minute is None):
        return None
    return Moment(day, minute)


def _day(found: moments.Date, flat: str, days_first: bool) -> datetime.date | None:
    if found.year is None:
        return None
    days = sorted(found.days)  # (month, day)
    if len(days) > 1:
        first, second = next(iter(_pairs(flat)), (0, 0))
        wanted = (second, first) if days_first else (first, second)
        days = [one for one in days if one == wanted] or days[:1]
    try:
        return datetime.date(found.year, *days[0])
    except ValueError:
        return None


def _minute(flat: str) -> float | None:
    if (plain := _PLAIN_TIME.fullmatch(flat.strip())) and int(plain[1]) < 24 and int(plain[2]) < 60:
        return int(plain[1]) * 60 + int(plain[2]) + int(plain[3] or 0) / 60
    found = moments.times(flat)
    return float(min(found[0].minutes)) if len(found) == 1 else None


def moment_in(cell: Cell, *, days_first: bool = True) -> Moment | None:
    """The moment that a cell holds: exactly where its host says that it is one, else what its text says."""
    if cell.kind in {CellKind.DATE, CellKind.TIME, CellKind.DATETIME} and isinstance(cell.raw, str):
        return _iso(cell.raw) or moment(cell.shown, days_first=days_first)
    return moment(cell.shown, days_first=days_first) if cell.kind is CellKind.TEXT else None


def _iso(raw: str) -> Moment | None:
    try:
        if "-" not in raw:
            return Moment(None, _minutes(datetime.time.fromisoformat(raw)))
        if "T" not in raw and " " not in raw:
            return Moment(datetime.date.fromisoformat(raw))
        at = datetime.datetime.fromisoformat(raw)
    except ValueError:
        return None
    return Moment(at.date(), _minutes(at.time()))


def _minutes(at: datetime.time) -> float:
    return at.hour * 60 + at.minute + at.second / 60
