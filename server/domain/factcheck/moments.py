"""Times and dates in a text, however they are written, as something that can be compared."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from server.domain.factcheck.calendar import AMBIGUOUS, MONTHS, WEEKDAYS, plain

_MONTH = "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True))
_HALF = r"(?:\s?(?P<half>[ap])\.?\s?m\b\.?)"
_TIME = re.compile(
    rf"(?<![\d.,:/\-])(?P<hour>2[0-4]|[01]?\d)(?:\s?(?P<mark>[:h.]|uur|uhr)\s?(?P<minute>[0-5]\d)"
    rf"(?::[0-5]\d)?(?![\d])(?!\.\d))?(?:{_HALF}|(?P<unit>\s?(?:h|uhr|uur|hrs|heures|horas|ore|o['’]clock)\b))?",
    re.IGNORECASE,
)
_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)")
_NUMERIC = re.compile(
    r"(?<![\d.,/:\-])(?P<first>\d{1,2})(?P<mark>[./-])(?P<second>\d{1,2})"
    r"(?:(?P=mark)(?P<year>\d{4}|\d{2})|(?P<open>\.)(?!\d))?(?![\d/:])"
)
_ORDINAL = r"(?:st|nd|rd|th|er|re|e|º|ª|\.|\))?"
_DAY_FIRST = re.compile(
    rf"(?<![\d.,:/])(?P<day>\d{{1,2}}){_ORDINAL}\s?(?:de\s|of\s|d['’])?(?P<month>{_MONTH})\b\.?"
    rf"(?:,?\s?(?:de\s|of\s|del\s)?(?P<year>\d{{4}}|['’]\d{{2}})(?![\d:]))?",
)
_MONTH_FIRST = re.compile(
    rf"\b(?P<month>{_MONTH})\b\.?\s(?:the\s)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])"
    rf"(?:,?\s?(?P<year>\d{{4}})(?![\d:]))?",
)


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of a text: where it stands, and the text itself."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Time(Found):
    """A time of day: the minutes since midnight that it may mean. Without am or pm that is two for a clock of 12."""

    minutes: frozenset[int]
    sure: bool
    """Whether it can be nothing but a time (`9:40`, `9 pm`), not a number such as 9.40."""


@dataclass(frozen=True, slots=True)
class Date(Found):
    """A date: the (month, day) that it may mean, and the year where it names one."""

    days: frozenset[tuple[int, int]]
    year: int | None
    sure: bool


class _Letters(dict[int, str]):
    """Each letter as it is searched for, found out once."""

    def __missing__(self, code: int) -> str:
        found = plain(chr(code))
        self[code] = found if len(found) == 1 else chr(code)
        return self[code]


_LETTERS = _Letters()
_DIGIT = re.compile(r"\d")


def flat(text: str) -> str:
    """The text for searching: lower case, without accents, of the same length as before."""
    return text.lower() if text.isascii() else text.translate(_LETTERS)


def dates(text: str) -> list[Date]:
    """Dates of `flat` text, in order."""
    found: list[Date] = []
    if not _DIGIT.search(text):
        return found
    for pattern in (_ISO, _DAY_FIRST, _MONTH_FIRST, _NUMERIC):
        for match in pattern.finditer(text):
            if not any(one.start < match.end() and match.start() < one.end for one in found):
                date = _date(match)
                if date is not None:
                    found.append(date)
    return sorted(found, key=lambda one: one.start)


def _date(match: re.Match[str]) -> Date | None:
    parts = match.groupdict()
    year = _year(parts.get("year"))
    if "first" in parts:
        first, second = int(parts["first"]), int(parts["second"])
        pairs = {(second, first), (first, second)} if parts["mark"] != "." else {(second, first)}
        sure = year is not None or parts["open"] is not None
    else:
        month = parts["month"]
        pairs = {(int(month) if month.isdigit() else MONTHS[plain(month)], int(parts["day"]))}
        sure = True
    days = frozenset(pair for pair in pairs if _is_day(*pair))
    return Date(match.start(), match.end(), match.group(), days, year, sure) if days else None


def _year(text: str | None) -> int | None:
    if not text:
        return None
    number = int(text.strip("'’"))
    return number if number > 99 else 2000 + number


def _is_day(month: int, day: int) -> bool:
    try:
        datetime.date(2024, month, day)  # a leap year: every day that there is
    except ValueError:
        return False
    return True


_SAID = {"noon": 720, "midday": 720, "midnight": 0, "mittag": 720, "mitternacht": 0, "midi": 720, "minuit": 0}
_SAID |= {"mediodia": 720, "medianoche": 0, "mezzogiorno": 720, "mezzanotte": 0, "meio-dia": 720, "meia-noite": 0}
_SAID_TIME = re.compile(rf"\b(?:{'|'.join(_SAID)})\b")


def times(text: str, language: str = "en") -> list[Time]:
    """Times of day in `flat` text, in order: 09:40, 9.40, 9:40 AM, 9h40, 9 pm, 21 Uhr, noon."""
    found = [_time(match, language) for match in _TIME.finditer(text)] if _DIGIT.search(text) else []
    said = [
        Time(match.start(), match.end(), match.group(), frozenset({_SAID[match.group()]}), sure=True)
        for match in _SAID_TIME.finditer(text)
    ]
    return sorted([one for one in found if one is not None] + said, key=lambda one: one.start)


def _time(match: re.Match[str], language: str) -> Time | None:
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    half, unit, mark = match["half"], match["unit"], match["mark"]
    if half and (hour > 12 or (half == "a" and language == "de")):  # “um 13:10 am 3. Mai”
        half = None
    if not (mark or half or unit) or hour > 24 or (half and hour == 0):
        return None
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour % 24
    minutes = {hour * 60 + minute}
    sure = bool(half or unit or mark != ".")
    return Time(match.start(), match.end(), match.group().strip(), frozenset(minutes), sure)


_WEEKDAY = re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, WEEKDAYS), key=len, reverse=True))})\b")


def weekdays(text: str) -> list[tuple[Found, int]]:
    """Names of weekdays in `flat` text with their number, Monday 0; not those that mean something else too."""
    return [
        (Found(match.start(), match.end(), match.group()), WEEKDAYS[match.group()])
        for match in _WEEKDAY.finditer(text)
        if match.group() not in AMBIGUOUS
    ]


def weekdays_of(dated: frozenset[tuple[tuple[int, int], int]]) -> frozenset[int]:
    """The weekdays of some ((month, day), year)."""
    found = set()
    for (month, day), year in dated:
        try:
            found.add(datetime.date(year, month, day).weekday())
        except ValueError:
            continue
    return frozenset(found)
