"""What a typed text becomes (USER_ENTERED): a number, a date, a formula ... or text; and what RAW leaves as it is."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from tests.emulators.sheets.errors import invalid
from tests.emulators.sheets.formats import number_format, serial
from tests.emulators.sheets.grid import TEXT_LIMIT, Cell
from tests.emulators.sheets.locales import Locale

_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\s*(?P<half>[AaPp][Mm]))?"
_DATE = r"(?P<first>\d{1,4})(?P<mark>[/.-])(?P<second_>\d{1,2})(?P=mark)(?P<third>\d{1,4})"
_NAMED = r"(?P<day>\d{1,2})[ -](?P<month>[^\W\d]{3,})[ -](?P<year>\d{4})"
_MOMENT = re.compile(rf"(?:(?:{_DATE}|{_NAMED})(?:[ T]+(?={_TIME.replace('?P<', '?P<_')}))?)?(?:{_TIME})?")
_CURRENCY = re.compile(r"^(-?)\s*([$£€¥])\s*|\s*([€$£¥])$")


def typed(cell: Cell, value: Any, option: str, locale: Locale) -> Cell:
    """The cell after `value` (string, number or boolean; "" clears) went in by "RAW" or "USER_ENTERED".

    Raises ApiError (400) for a text that is too long.
    """
    if isinstance(value, str) and len(value) > TEXT_LIMIT:
        raise invalid(f"Your input contains more than the maximum of {TEXT_LIMIT} characters in a single cell.")
    if value == "":
        return replace(cell, entered=None, result=None)
    if isinstance(value, bool):
        return replace(cell, entered={"boolValue": value}, result=None)
    if isinstance(value, int | float):
        return replace(cell, entered={"numberValue": value}, result=None)
    if option != "USER_ENTERED" or number_format(cell)[0] == "TEXT":
        return replace(cell, entered={"stringValue": value}, result=None)
    return _parsed(cell, str(value), locale)


def _parsed(cell: Cell, text: str, locale: Locale) -> Cell:
    if text.startswith("'"):
        return replace(cell, entered={"stringValue": text[1:]}, result=None)
    if text.startswith("=") and len(text) > 1:
        return replace(cell, entered={"formulaValue": text}, result=None)
    stripped = text.strip()
    if stripped.upper() in {"TRUE", "FALSE", locale.true, locale.false}:
        return replace(cell, entered={"boolValue": stripped.upper() in {"TRUE", locale.true}}, result=None)
    found = _number(stripped, locale) or _moment(stripped, locale)
    if found is None:
        return replace(cell, entered={"stringValue": text}, result=None)
    value, kind, pattern = found
    form = cell.format
    if kind and not number_format(cell)[0]:
        form = {**(form or {}), "numberFormat": {"type": kind, "pattern": pattern}}
    return replace(cell, entered={"numberValue": value}, format=form, result=None)


def _number(text: str, locale: Locale) -> tuple[float, str, str] | None:
    kind, pattern = "", ""
    if money := _CURRENCY.search(text):
        text, kind, pattern = _CURRENCY.sub(lambda match: match[1] or "", text), "CURRENCY", locale.currency
        if money[2] is None and money[3] is None:
            return None
    if text.endswith("%"):
        text, kind, pattern = text[:-1].rstrip(), "PERCENT", "0.00%"
    group, decimal = re.escape(locale.group), re.escape(locale.decimal)
    shape = rf"[+-]?(?:\d{{1,3}}(?:{group}\d{{3}})+|\d+)?(?:{decimal}\d*)?(?:[eE][+-]?\d+)?"
    if not text or not re.search(r"\d", text) or not re.fullmatch(shape, text):
        return None
    value = float(text.replace(locale.group, "").replace(locale.decimal, "."))
    if value in (float("inf"), float("-inf")):
        return None
    if kind == "PERCENT":
        value /= 100
    elif not kind and locale.group in text:
        kind, pattern = "NUMBER", "#,##0" + (".00" if locale.decimal in text else "")
    return (int(value) if value == int(value) and abs(value) < 1e15 else value), kind, pattern


def _moment(text: str, locale: Locale) -> tuple[float, str, str] | None:
    match = _MOMENT.fullmatch(text) if text else None
    if match is None:
        return None
    found = match.groupdict()
    try:
        day = _date(found, locale)
        clock = _time(found)
    except ValueError:
        return None
    if day and clock:
        return serial(datetime.combine(day, clock)), "DATE_TIME", f"{locale.date} {locale.time}"
    if day:
        pattern = "yyyy-MM-dd" if len(found["first"] or "") == 4 and found["mark"] == "-" else locale.date
        return int(serial(day)), "DATE", pattern
    return (serial(clock), "TIME", locale.time) if clock else None


def _date(found: dict[str, str | None], locale: Locale) -> date | None:
    """Raises ValueError when the calendar has no such day."""
    if found["month"]:
        names = [name[: len(found["month"])].casefold() for name in locale.months]
        return date(int(found["year"] or 0), names.index(found["month"].casefold()) + 1, int(found["day"] or 0))
    if not found["first"]:
        return None
    numbers = [int(found[name] or 0) for name in ("first", "second_", "third")]
    if len(found["first"]) == 4:
        return date(*numbers)
    if len(found["third"] or "") not in {2, 4}:
        raise ValueError
    year = numbers[2] + (2000 if numbers[2] < 50 else 1900 if numbers[2] < 100 else 0)
    day, month = (numbers[1], numbers[0]) if locale.order == "mdy" else (numbers[0], numbers[1])
    return date(year, month, day)


def _time(found: dict[str, str | None]) -> time | None:
    """Raises ValueError when the clock has no such time."""
    if not found["hour"]:
        return None
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].upper() == "PM" else 0)
    return time(hour, int(found["minute"] or 0), int(found["second"] or 0))
