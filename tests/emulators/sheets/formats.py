"""What a cell shows: number formats as Google writes them (`dd/MM/yyyy`, `#,##0.00`, `h:mm am/pm`), per locale."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from tests.emulators.sheets.grid import Cell, Extended
from tests.emulators.sheets.locales import Locale

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet knows no time zones within its cells
ERRORS = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": "Loading...",
}
"""ErrorType -> what the cell shows."""
MOMENTS = {"DATE", "TIME", "DATE_TIME"}
"""Kinds of number format under which a number is a date, a time or both."""

_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)" | \\(?P<escaped>.) | _(?P<pad>.) | \*(?P<fill>.)
    | \[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\] | \[(?P<elapsed>h+|m+|s+)\] | \[(?P<colour>[^\]]*)\]
    | (?P<ampm>am/pm|a/p) | (?P<fraction>[.,]0+(?=\D|$)) | (?P<unit>y+|M+|d+|h+|H+|m+|s+)
    | (?P<text>@) | (?P<literal>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_FIGURES = re.compile(r"(?:[#0?][#0?,]*)(?:\.[#0?]*)?(?:[eE][+-]0+)?|\.[#0?]+")
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')


def serial(moment: date | datetime | time) -> float:
    """Days since 30 December 1899, as Google counts."""
    if isinstance(moment, time):
        moment = datetime.combine(EPOCH, moment)
    elif not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return round((moment - EPOCH) / timedelta(days=1), 10)


def moment(number: float) -> datetime:
    """The moment of a serial number, to the millisecond."""
    return EPOCH + timedelta(milliseconds=round(number * 86_400_000))


def number_format(cell: Cell) -> tuple[str, str]:
    """Type and pattern of the cell's number format, "" for each that is not set."""
    found: Mapping[str, Any] = (cell.format or {}).get("numberFormat") or {}
    return str(found.get("type", "")), str(found.get("pattern", ""))


def is_moment(cell: Cell) -> bool:
    """Whether the cell shows numbers as dates or times."""
    return number_format(cell)[0] in MOMENTS


def shown(cell: Cell, value: Extended | None, locale: Locale) -> str:
    """What people see in the cell; `value` is its effective value."""
    if not value:
        return ""
    if "stringValue" in value:
        return str(value["stringValue"])
    if "boolValue" in value:
        return locale.true if value["boolValue"] else locale.false
    if "errorValue" in value:
        return ERRORS[value["errorValue"]["type"]]
    kind, pattern = number_format(cell)
    return number(float(value["numberValue"]), kind, pattern, locale)


def number(value: float, kind: str, pattern: str, locale: Locale) -> str:
    """A number under a format; an empty pattern means the default of that kind in that locale."""
    if not pattern:
        pattern = {
            "NUMBER": "#,##0.00",
            "PERCENT": "0.00%",
            "CURRENCY": locale.currency,
            "DATE": locale.date,
            "TIME": locale.time,
            "DATE_TIME": f"{locale.date} {locale.time}",
            "SCIENTIFIC": "0.00E+00",
        }.get(kind, "")
    if not pattern or kind == "TEXT" or pattern in {"@", "General", "general"}:
        return general(value, locale)
    if kind in MOMENTS or (not kind and _is_moment_pattern(pattern)):
        return _moment(value, pattern, locale)
    return _figures(value, pattern, locale)


def general(value: float, locale: Locale) -> str:
    """The automatic format: whole numbers in full, ten decimals at most, very large and small ones with an E."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    if abs(value) >= 1e15 or abs(value) < 1e-9:
        mantissa, _, exponent = f"{value:.9E}".partition("E")
        text = f"{mantissa.rstrip('0').rstrip('.')}E{exponent[0]}{exponent[1:].zfill(2)}"
    else:
        text = f"{round(value, 10):.10f}".rstrip("0").rstrip(".")
    return text.replace(".", locale.decimal)


@lru_cache(maxsize=512)
def _is_moment_pattern(pattern: str) -> bool:
    return bool(re.search(r"[yMdhHs]", _QUOTED.sub("", pattern))) and not re.search(r"[0#](?!s)", pattern)


def _moment(value: float, pattern: str, locale: Locale) -> str:
    tokens = _tokens(pattern)
    at = moment(value)
    if not any(kind == "fraction" for kind, _ in tokens):
        at = EPOCH + timedelta(seconds=math.floor(value * 86400 + 0.5))
    twelve = any(kind == "ampm" for kind, _ in tokens)
    return "".join(_part(kind, text, at, value, twelve, locale) for kind, text in tokens)


@lru_cache(maxsize=512)
def _tokens(pattern: str) -> tuple[tuple[str, str], ...]:
    """Pieces of a pattern; `m` is a minute beside hours or seconds, else (like `M`) a month."""
    found = [(str(match.lastgroup), match[str(match.lastgroup)]) for match in _TOKEN.finditer(pattern)]
    units = [index for index, (kind, _) in enumerate(found) if kind in {"unit", "elapsed"}]
    for place, index in enumerate(units):
        kind, text = found[index]
        if kind == "unit" and text[0] == "m" and len(text) < 3:
            before = found[units[place - 1]][1][0] if place else ""
            after = found[units[place + 1]][1][0] if place + 1 < len(units) else ""
            found[index] = (("minute" if before in {"h", "H"} or after == "s" else "unit"), text)
    return tuple(found)


def _part(kind: str, text: str, at: datetime, value: float, twelve: bool, locale: Locale) -> str:
    match kind:
        case "unit":
            return _unit(text, at, twelve, locale)
        case "minute":
            return f"{at.minute:0{len(text)}d}"
        case "elapsed":
            total = math.floor(value * 86400 + 0.5) // {"h": 3600, "m": 60, "s": 1}[text[0]]
            return f"{total:0{len(text)}d}"
        case "ampm":
            half = "AM" if at.hour < 12 else "PM"
            return half if len(text) > 3 else half[0]
        case "fraction":
            return locale.decimal + f"{at.microsecond:06d}"[: len(text) - 1]
        case "colour" | "fill":
            return ""
        case "pad":
            return " "
        case _:
            return text


def _unit(text: str, at: datetime, twelve: bool, locale: Locale) -> str:
    size = len(text)
    match text[0]:
        case "y":
            return f"{at.year:04d}" if size > 2 else f"{at.year % 100:02d}"
        case "M" | "m":
            name = locale.months[at.month - 1]
            return {3: name[:3], 5: name[0]}.get(size, name) if size > 2 else f"{at.month:0{size}d}"
        case "d":
            name = locale.days[at.weekday()]
            return (name[: locale.short_day] if size == 3 else name) if size > 2 else f"{at.day:0{size}d}"
        case "h" | "H":
            return f"{(at.hour % 12 or 12) if twelve else at.hour:0{min(size, 2)}d}"
        case _:
            return f"{at.second:0{min(size, 2)}d}"


def _figures(value: float, pattern: str, locale: Locale) -> str:
    sections = re.split(r";(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", pattern)
    sign = "-" if value < 0 else ""
    section = sections[0]
    if value < 0 and len(sections) > 1:
        section, sign = sections[1], ""
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    bare = _QUOTED.sub(lambda match: "\0" * len(match[0]), section)
    place = _FIGURES.search(bare)
    if place is None:
        return sign + _plain(section)
    body = _digits(abs(value) * (100 if "%" in bare else 1), place[0], locale)
    return sign + _plain(section[: place.start()]) + body + _plain(section[place.end() :])


def _plain(text: str) -> str:
    """The fixed text around the figures."""
    keep = {"quoted", "escaped", "currency", "unit", "literal", "fraction", "ampm"}
    return "".join(
        match[str(match.lastgroup)] if match.lastgroup in keep else " " if match.lastgroup == "pad" else ""
        for match in _TOKEN.finditer(text)
    )


def _digits(value: float, mask: str, locale: Locale) -> str:
    mask, _, exponent = re.sub("[eE]", "E", mask).partition("E")
    whole, _, decimals = mask.partition(".")
    if exponent:
        mantissa, _, power = f"{value:.{len(decimals)}E}".partition("E")
        return f"{mantissa.replace('.', locale.decimal)}E{power[0]}{power[1:].lstrip('0').zfill(len(exponent) - 1)}"
    thousands = whole.rstrip(",")
    value /= 1000 ** (len(whole) - len(thousands))
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    front, _, back = f"{rounded:f}".partition(".")
    least = decimals.count("0")
    back = back[:least] + back[least:].rstrip("0")
    front = front.zfill(whole.count("0")) if whole.count("0") else front.lstrip("0")
    if "," in thousands:
        front = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", locale.group, front)
    return front + (locale.decimal + back if back else "")
