"""Whether a typed value follows from the words it was read in: dates, times and numbers in whatever usual form."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal, InvalidOperation

from server.domain import factcheck
from server.domain.factcheck import moments
from server.domain.factcheck.calendar import plain
from server.domain.words import AnswerKind

LONGEST_VALUE = 500

_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?")
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TODAY = frozenset({"today", "tonight", "heute", "hoy", "hoje", "oggi", "vandaag", "aujourd'hui"})
_TOMORROW = frozenset({"tomorrow", "morgen", "demain", "mañana", "manana", "amanhã", "amanha", "domani"})
_MOVES = """
next after following nächste nächsten nächster kommende prochain prochaine siguiente próximo próxima que prossimo
prossima volgende week woche semaine semana settimana last letzte dernier pasado passado scorso vorige not nicht nein
pas no não non niet except außer sauf excepto
"""
_OTHER_WEEK = frozenset(plain(word) for word in _MOVES.split())
"""Words beside a weekday that may mean another one than the coming."""


def well_formed(kind: AnswerKind, value: str) -> bool:
    """Whether a value has the form of its kind: digits, HH:MM, YYYY-MM-DD, or a text of a bearable length."""
    if kind is AnswerKind.NUMBER:
        return bool(_NUMBER.fullmatch(value))
    if kind is AnswerKind.TIME:
        return bool(_TIME.fullmatch(value))
    if kind is AnswerKind.DATE:
        return bool(_DATE.fullmatch(value)) and day_of(value) is not None
    return 0 < len(value) <= LONGEST_VALUE


def follows(kind: AnswerKind, value: str, words: str, today: str) -> bool:
    """Whether the quoted words say that number, time or date, and no other date that they may mean as well."""
    if kind is AnswerKind.DATE:
        return _is_day(day_of(value), words, day_of(today[:10]))
    ground = factcheck.ground({}, words)
    if kind is AnswerKind.NUMBER:
        try:
            number = Decimal(value)
        except InvalidOperation:
            return False
        return number in ground.numbers or number in ground.loose
    hour, _, minute = value.partition(":")
    return int(hour) * 60 + int(minute) in ground.times


def day_of(text: str) -> datetime.date | None:
    """The day of YYYY-MM-DD, None for anything else."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def _is_day(day: datetime.date | None, words: str, today: datetime.date | None) -> bool:
    if day is None:
        return False
    flat = moments.flat(words)
    dates = [found for found in moments.dates(flat) if found.sure or "-" not in found.text]
    if dates:
        meant = {one for found in dates for one in found.days}
        years = {found.year for found in dates if found.year} or ({today.year, today.year + 1} if today else set())
        return meant == {(day.month, day.day)} and day.year in years and (len(years) == 1 or _coming(day, today))
    if today is None:
        return False
    return _by_name(day, words, today)


def _coming(day: datetime.date, today: datetime.date | None) -> bool:
    """A date without a year is the coming one."""
    return today is not None and 0 <= (day - today).days < 366


def _by_name(day: datetime.date, words: str, today: datetime.date) -> bool:
    """“Friday” is the coming one, “tomorrow” the next day; nothing else beside it that may move it."""
    said = [word.casefold() for word in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", words)]
    if {plain(word) for word in said} & _OTHER_WEEK:
        return False
    named = {number for _, number in moments.weekdays(moments.flat(words))}
    if named:
        return named == {day.weekday()} and 1 <= (day - today).days <= 7
    ahead = (day - today).days
    return (ahead == 1 and bool(_TOMORROW & set(said))) or (ahead == 0 and bool(_TODAY & set(said)))
