"""Until when somebody is away, as their automatic reply says it. No date at all is better than a wrong one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta

from server.domain import away_words as words

MAX_CHARS = 4_000
"""Automatic replies are short, and what comes later is a signature or a quote."""
LONGEST_AWAY = timedelta(days=550)
_LONGEST_WITHOUT_YEAR = timedelta(days=240)
"""Beyond that nobody can tell whether a day without a year is to come, or was forgotten in the text."""

_MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_MONTH = "|".join(sorted(words.MONTHS, key=len, reverse=True))
_DAY_NAME = "|".join(sorted(words.WEEKDAYS, key=len, reverse=True))
_YEAR = r"(?:20\d\d|'\d\d)"
_END = r"(?![\w/-]|[.:,]\d)"
_DATES = (
    rf"(?P<iso>20\d\d)[-/.](?P<im>\d\d?)[-/.](?P<id>\d\d?){_END}",
    r"(?P<dd>\d\d?)\.\s?(?P<dm>\d\d?)\.(?:\s?(?P<dy>20\d\d|\d\d))?(?![\w/]|[.:,]\d| ?uhr)",
    rf"(?P<sa>\d\d?)/(?P<sb>\d\d?)(?:/(?P<sy>20\d\d|\d\d))?{_END}",
    rf"(?P<ha>\d\d?)-(?P<hb>\d\d?)-(?P<hy>20\d\d){_END}",
    rf"(?P<td>\d\d?)(?:st|nd|rd|th|er|\.|o|a|°)?[\s-]?(?:\s?(?:of|de|d')\s?)?(?:the )?(?P<tm>{_MONTH})\b\.?"
    rf"(?:,?[\s-](?:de |del )?(?P<ty>{_YEAR}))?(?![\w/])",
    rf"(?P<em>{_MONTH})\b\.?\s?(?:the )?(?P<ed>\d\d?)(?:st|nd|rd|th)?(?:\s?[-–]\s?(?P<e2>\d\d?)(?:st|nd|rd|th)?)?"
    rf"(?:,?\s(?P<ey>{_YEAR}))?(?![\w/]|[.:,]\d|\s?[ap]\.?m\b)",
)
_DATE = re.compile(
    rf"(?:(?P<wd>{_DAY_NAME}|(?:{words.SHORT_DAYS})\b\.?)(?: (?:{words.TIMES})\b)?"
    r"[,\s]{1,3}(?:the |den |dem |el |le |il |dia )?)?"
    rf"(?:{'|'.join(_DATES)})"
)
_WEEKDAY = re.compile(
    rf"(?P<word>{_DAY_NAME})(?![\w-])"
    r"(?!\s(?:week|in|of|after|fortnight|or|and|to|und|oder|bis|ou|et|o|y|e|en|a|al|au|ate|tot) )"
    rf"(?![\s,]+(?:\w+[\s,]+)?(?:\w+[\s,]+)?(?:\d|(?:{_MONTH})\b))"
)
_GAP = re.compile(rf"[\s,:(]*(?:(?:{words.FILLER})(?![\w-])[\s,.:(]*)?")
_MOST_FILLERS = 9
_RETURN = re.compile(rf"(?<![\w-])(?:{words.RETURN})(?![\w-])")
_UNTIL = re.compile(rf"(?<![\w-])(?:{words.UNTIL})(?![\w-])")
_RANGE = re.compile(rf"\s(?:{words.RANGE})(?![\w-])|\s?[-–—](?=\s?\d)")
_AWAY = re.compile(words.AWAY)
_SELF = re.compile(words.FIRST_PERSON)
_OTHERS = re.compile(words.OTHERS)
_NOT_AWAY = re.compile(words.NOT_AWAY)
_NEGATED = re.compile(words.NEGATED)
_BEHIND = re.compile(rf"[^.!?\d\n]{{0,45}}?\b(?:{words.RETURN_BEHIND})\b(?! to you)")
_BEFORE = re.compile(rf"(?:^|[\s(])(?:{words.BEFORE_DAY})\s(?:(?:the|den|dem|el|le|il|dia|kommenden|nachsten)\s)?$")
_START = re.compile(rf"(?:^|[\s(])(?:{words.RANGE_START})\s(?:(?:the|den|dem|el|le|il|dia)\s)?$")
_BREAK = re.compile(r"[!?;]|\n\s*\n|\.(?=\s+[a-z]{3})(?<!\d\.)|\.(?=\n)")
_JOINED = re.compile(r",|\b(?:and|but|und|aber|et|mais|y|pero|e|mas|ma|en|maar)\b")
_RELATIVE = re.compile(r"\b(?:next|nachsten|nachste|prochain|proximo|proxima|prossimo|volgende)\s*$")


def away_until(text: str, *, today: date) -> date | None:
    """The day that an automatic reply gives as the last one away, or the first one back; None when it gives none, more
    than one, one that is over, or one that can be read in two ways (12/03).

    `today` is the day on which it was written: what has no year is the next such day, within half a year or so.
    """
    plain = fold(text)
    slashes = _slashes(plain)
    back = {day for day in _returns(plain, today, slashes) if _plausible(day, today)}
    until = {day for day in _untils(plain, today, slashes) if _plausible(day, today)}
    if len(back) > 1 or (not back and len(until) != 1):
        return None
    if not back:
        return until.pop()
    day = back.pop()
    return None if any(day < end for end in until) else day


def in_words(day: date, today: date) -> str:
    """The day as the `Note` cell says it: "3 December", with its year where that is another than today's."""
    year = f" {day.year}" if day.year != today.year else ""
    return f"{day.day} {_MONTH_NAMES[day.month - 1]}{year}"


def fold(text: str) -> str:
    """Lower case without accents, one kind of apostrophe and of space."""
    lowered = text[:MAX_CHARS].replace("ß", "ss").replace("’", "'").replace("´", "'").casefold()
    bare = "".join(char for char in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(char))
    return "\n".join(" ".join(line.split()) for line in bare.split("\n"))


def _plausible(day: date, today: date) -> bool:
    return today <= day <= today + LONGEST_AWAY


def _returns(text: str, today: date, slashes: str) -> Iterator[date]:
    """Days on which somebody is back."""
    told = bool(_AWAY.search(text))
    flat = text.replace("\n", " ")
    for cue in _RETURN.finditer(flat):
        before = _clause(text, cue.start())
        if _OTHERS.search(before) or not (told or _SELF.search(before)):
            continue
        if day := _day_at(flat, cue.end(), today, slashes):
            yield day
    for found in _days(flat, today, slashes):
        day, start, end = found
        before = _clause(text, start)
        lead = _BEFORE.search(before)
        behind = _BEHIND.match(flat, end)
        if lead is None or behind is None or _OTHERS.search(before) or _NEGATED.search(behind[0]):
            continue  # "... on 30 November and won't be back"
        if not _AWAY.search(_JOINED.split(before[: lead.start()] + " ")[-1]):  # "absent on 3 May, back the day after"
            yield day


def _untils(text: str, today: date, slashes: str) -> Iterator[date]:
    """Days until which somebody is away."""
    if not _AWAY.search(text):
        return
    flat = text.replace("\n", " ")
    for cue in _UNTIL.finditer(flat):
        if _lasts(text, cue.start(), cue.end()) and (day := _day_at(flat, cue.end(), today, slashes)):
            yield day
    for start, end in _starts(flat):
        between = _RANGE.match(flat, end)
        if between and _START.search(flat[max(0, start - 20) : start]) and _lasts(text, start, end):
            day = _day_at(flat, between.end(), today, slashes)
            if day:
                yield day
    for found in _DATE.finditer(flat):  # "March 4-8"
        if found["e2"] and _lasts(text, found.start(), found.end()) and (day := _read(found, today, slashes)):
            yield day


def _starts(text: str) -> Iterator[tuple[int, int]]:
    """Where the first day of a span may stand: a date, or a number whose month follows with the second one."""
    for found in re.finditer(rf"{_DATE.pattern}|(?<![\d.:/-])\d\d?(?:st|nd|rd|th|er|\.)?(?=\s|\s?[-–—])", text):
        yield found.start(), found.end()


def _clause(text: str, at: int) -> str:
    """What stands before in the same sentence."""
    piece = text[max(0, at - 90) : at]
    breaks = [found.end() for found in _BREAK.finditer(piece)]
    return piece[breaks[-1] :] if breaks else piece


def _lasts(text: str, start: int, end: int) -> bool:
    """Whether the sentence is about an absence, and not about an offer, a deadline, or the hours of a shop."""
    before, after = _clause(text, start), text[end : end + 60]
    stop = _BREAK.search(after)
    sentence = before + text[start:end] + (after[: stop.start()] if stop else after)
    return bool(_AWAY.search(sentence)) and all(
        _NEGATED.search(sentence[max(0, found.start() - 25) : found.start()]) for found in _NOT_AWAY.finditer(sentence)
    )


def _day_at(text: str, at: int, today: date, slashes: str) -> date | None:
    """The day that stands there, behind words that lead to one ("in the office on Monday")."""
    for _ in range(_MOST_FILLERS):
        found = _DATE.match(text, at)
        if found:
            return _read(found, today, slashes)
        name = _WEEKDAY.match(text, at)
        if name:
            return _weekday(name["word"], text[max(0, at - 12) : at], today)
        gap = _GAP.match(text, at)
        if gap is None or gap.end() == at:
            return None
        at = gap.end()
    return None


def _days(text: str, today: date, slashes: str) -> Iterator[tuple[date, int, int]]:
    """Every day that is named, and where."""
    for found in _DATE.finditer(text):
        if day := _read(found, today, slashes):
            yield day, found.start(), found.end()
    for name in _WEEKDAY.finditer(text):
        named = _DATE.match(text, name.start())
        if not named and (day := _weekday(name["word"], text[max(0, name.start() - 12) : name.start()], today)):
            yield day, name.start(), name.end()


def _weekday(word: str, before: str, today: date) -> date | None:
    """The next day of that name. On such a day, and for the "next Friday" of a Tuesday, nobody can tell which."""
    ahead = (words.WEEKDAYS[word] - today.weekday()) % 7
    if ahead == 0 or (_RELATIVE.search(before) and words.WEEKDAYS[word] > today.weekday()):
        return None
    return today + timedelta(days=ahead)


def _slashes(text: str) -> str:
    """How the text writes dates with slashes, as far as one of them can only be read in one way: "dm", "md", ""."""
    orders = set()
    for found in re.finditer(
        r"(?<![\d/])(\d\d?)/(\d\d?)(?![\d/]|\d)|(?<![\d/])(\d\d?)/(\d\d?)/(?:20)?\d\d(?!\d)", text
    ):
        first, second = int(found[1] or found[3]), int(found[2] or found[4])
        if first > 12 >= second:
            orders.add("dm")
        elif second > 12 >= first:
            orders.add("md")
    return orders.pop() if len(orders) == 1 else ""


def _read(found: re.Match[str], today: date, slashes: str) -> date | None:
    """The date in a match, None for one that does not exist or can be read in two ways."""
    if found["iso"]:
        parts = (found["iso"], found["im"], found["id"])
    elif found["dd"]:
        parts = (found["dy"], found["dm"], found["dd"])
    elif found["sa"] or found["ha"]:
        first, second = int(found["sa"] or found["ha"]), int(found["sb"] or found["hb"])
        order = "dm" if first > 12 or first == second else "md" if second > 12 else slashes
        if not order:
            return None
        day, month = (first, second) if order == "dm" else (second, first)
        parts = (found["sy"] or found["hy"], str(month), str(day))
    elif found["td"]:
        parts = (found["ty"], str(words.MONTHS[found["tm"]]), found["td"])
    else:
        parts = (found["ey"], str(words.MONTHS[found["em"]]), found["e2"] or found["ed"])
    return _dated(parts[0], int(parts[1]), int(parts[2]), found["wd"], today)


def _dated(year: str | None, month: int, day: int, weekday: str | None, today: date) -> date | None:
    """The date; without a year the next one, unless it was a moment ago. A weekday beside it has to be right."""
    years = [int(year.lstrip("'")) % 2000 + 2000] if year else [today.year, today.year + 1]
    for candidate in years:
        try:
            made = date(candidate, month, day)
        except ValueError:
            continue
        if not year and made < today and (today - made).days < 180:
            return None
        if not year and made - today > _LONGEST_WITHOUT_YEAR:
            return None
        if made < today or (weekday in words.WEEKDAYS and words.WEEKDAYS[weekday] != made.weekday()):
            continue
        return made
    return None
