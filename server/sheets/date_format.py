"""Dates, times and durations in a format section, and the moment that a serial number stands for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from server.domain.words import CellKind

TOO_NARROW = "########"
"""What Excel shows for a date before its calendar or after the year 9999."""

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
_LAST_SERIAL = 2_958_465
_SYSTEM_FORMS = {
    "date": [("date", "dddd"), ("literal", ", "), ("date", "mmmm"), ("literal", " "), ("date", "dd"),
             ("literal", ", "), ("date", "yyyy")],
    "time": [("date", "h"), ("literal", ":"), ("date", "mm"), ("literal", ":"), ("date", "ss"), ("literal", " "),
             ("ampm", "AM/PM")],
}  # fmt: skip
"""The long date and the time of an English (US) computer."""


class Moment(NamedTuple):
    """A serial number as a calendar shows it. `day` is 0 for serial 0, which Excel calls 0 January 1900."""

    year: int
    month: int
    day: int
    weekday: int
    hour: int
    minute: int
    second: int
    fraction: int
    """Of a second, in the unit that was asked for."""


def kind_of(pieces: Iterable[tuple[str, str]]) -> CellKind:
    """DATE, TIME or DATETIME by what the pieces of a section show, else NUMBER."""
    kinds = [(kind, text.lower()) for kind, text in pieces]
    if any(kind == "system" for kind, _ in kinds):
        return CellKind.DATE if ("system", "date") in kinds else CellKind.TIME
    letters = {text[0] for kind, text in kinds if kind == "date"}
    elapsed = any(kind == "elapsed" for kind, _ in kinds)
    time = elapsed or bool(letters & {"h", "s"})
    day = bool(letters & {"y", "d", "e", "b", "g"}) or ("m" in letters and not time)
    day = day or any(kind == "date" and text.startswith("mmm") for kind, text in kinds)
    if not letters and not elapsed:
        return CellKind.NUMBER
    return CellKind.DATETIME if day and time else CellKind.DATE if day else CellKind.TIME


def moment(serial: float, date1904: bool = False, places: int = 0) -> Moment | None:
    """The moment of a serial number, rounded to `places` decimals of a second, or None outside the calendar."""
    if not -1 < serial <= _LAST_SERIAL + 1:
        return None
    unit = 10 ** min(places, 9)
    ticks = math.floor(serial * 86400 * unit + 0.5)
    days, rest = divmod(ticks, 86400 * unit)
    seconds, fraction = divmod(rest, unit)
    last = _LAST_SERIAL - (1462 if date1904 else 0)
    if not 0 <= days <= last:
        return None
    clock = (seconds // 3600, seconds // 60 % 60, seconds % 60, fraction)
    return Moment(*_calendar(days + 1462 if date1904 else days), *clock)


def _calendar(days: int) -> tuple[int, int, int, int]:
    """Year, month, day and weekday (0: Sunday). Excel's 1900 has a 29 February, serial 60, that never was."""
    weekday = (days + 6) % 7
    if days in {0, 60}:
        return (1900, 1, 0, weekday) if days == 0 else (1900, 2, 29, weekday)
    found = date.fromordinal(date(1899, 12, 30).toordinal() + days + (days < 60))
    return found.year, found.month, found.day, weekday


def iso(serial: float, kind: CellKind, date1904: bool = False) -> str | None:
    """The moment as ISO text: a date, a time, both, or a duration (PT26H30M0S) of a day and more; None outside."""
    found = moment(serial, date1904)
    if found is None:
        return None
    clock = f"{found.hour:02d}:{found.minute:02d}:{found.second:02d}"
    day = f"{found.year:04d}-{found.month:02d}-{found.day:02d}"
    if kind is CellKind.TIME:
        if serial < 1:
            return clock
        hours = int(serial) * 24 + found.hour
        return f"PT{hours}H{found.minute}M{found.second}S"
    return day if kind is CellKind.DATE and clock == "00:00:00" else f"{day}T{clock}"


def render(serial: float, pieces: Sequence[tuple[str, str]], date1904: bool = False) -> str:
    """What a section of dates and times shows for a serial number."""
    system = next((text for kind, text in pieces if kind == "system"), None)
    parts = _minutes(_SYSTEM_FORMS[system] if system else _subseconds(pieces))
    places = max((len(text) for kind, text in parts if kind == "subsecond"), default=0)
    found = moment(serial, date1904, places)
    if found is None:
        return TOO_NARROW
    twelve = any(kind == "ampm" for kind, _ in parts)
    days = int(serial)
    return "".join(_piece(kind, text, found, days, twelve) for kind, text in parts)


def _subseconds(pieces: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """`.00` behind seconds is one piece: a fraction of a second."""
    parts: list[tuple[str, str]] = []
    for kind, text in pieces:
        if kind == "digit" and text == "0" and parts and parts[-1][0] in {"point", "subsecond"}:
            parts[-1] = ("subsecond", parts[-1][1].replace(".", "") + "0")
        else:
            parts.append((kind, text))
    return parts


def _minutes(pieces: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """`m` and `mm` are minutes behind an hour or before a second, else months."""
    parts = list(pieces)
    units = [(index, text[0].lower()) for index, (kind, text) in enumerate(parts) if kind in {"date", "elapsed"}]
    for place, (index, letter) in enumerate(units):
        before = units[place - 1][1] if place else ""
        after = units[place + 1][1] if place + 1 < len(units) else ""
        kind, text = parts[index]
        if kind == "date" and letter == "m" and len(text) < 3 and (before == "h" or after == "s"):
            parts[index] = ("minute", text)
    return parts


def _piece(kind: str, text: str, at: Moment, days: int, twelve: bool) -> str:
    if kind == "date":
        return _unit(text.lower(), at, twelve)
    if kind == "minute":
        return f"{at.minute:0{len(text)}d}"
    if kind == "elapsed":
        hours = days * 24 + at.hour
        total = {"h": hours, "m": hours * 60 + at.minute, "s": (hours * 60 + at.minute) * 60 + at.second}[text[0]]
        return f"{total:0{len(text)}d}"
    if kind == "subsecond":
        return f".{at.fraction:0{min(len(text), 9)}d}"
    if kind == "ampm":
        half = "AM" if at.hour < 12 else "PM"
        return half if len(text) > 3 else half[0]
    return text


def _unit(text: str, at: Moment, twelve: bool) -> str:
    size = len(text)
    match text[0]:
        case "y" | "e":
            return f"{at.year:04d}" if size > 2 or text[0] == "e" else f"{at.year % 100:02d}"
        case "b":
            return str(at.year + 543)
        case "m":
            name = _MONTHS[at.month - 1]
            return {3: name[:3], 5: name[0]}.get(size, name) if size > 2 else f"{at.month:0{size}d}"
        case "d":
            name = _DAYS[at.weekday]
            return (name[:3] if size == 3 else name) if size > 2 else f"{at.day:0{size}d}"
        case "h":
            return f"{(at.hour % 12 or 12) if twelve else at.hour:0{min(size, 2)}d}"
        case "s":
            return f"{at.second:0{min(size, 2)}d}"
        case _:
            return ""
