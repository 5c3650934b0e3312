"""Clock times and dates in the words of a reply, as HH:MM and YYYY-MM-DD; what can be read two ways is in doubt."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace

from server.domain import away_words
from server.llm.offline.columns import words
from server.llm.offline.tokens import Clause, Token
from server.llm.offline.values import Found

_MORNING = re.compile(r"(?<!good )\b(?:morning|vormittag|matin|mattina|manhã|ochtend)", re.IGNORECASE)
_LATER = re.compile(
    r"(?<!good )\b(?:afternoon|evening|tonight|nachmittag|abend|après-midi|soir|tarde|noche|pomeriggio|sera|avond)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(h|uhr|am|pm|a|p)?", re.IGNORECASE)
_SAID = {
    "noon": "12:00",
    "midday": "12:00",
    "mittag": "12:00",
    "mittags": "12:00",
    "midi": "12:00",
    "mediodía": "12:00",
    "midnight": "00:00",
}
_HALVES = words("half halb past to quarter viertel et demie media menos cuarto y moins quart kurz vor nach")

_BOUNDS = words(
    """by until till before after from around about between gegen ab bis vor nach vers après avant circa ca antes
    roughly approx approximately past earliest latest least most zwischen ungefähr etwa spätestens frühestens
    entre environ dès jusqu'à sobre hacia después hasta desde aproximadamente depois até lá pelas volta
    verso dopo prima tra fra dalle intorno fino rond na voor tussen tot vanaf uiterlijk omstreeks ongeveer"""
)


def times(clauses: list[Clause]) -> list[Found]:
    """Every clock time in the reply as HH:MM. A bare hour, or an early one without am/pm, is in doubt."""
    tokens = [token for clause in clauses if not clause.signature for token in clause.tokens]
    found: dict[str, Found] = {}
    for index, token in enumerate(tokens):
        if token.text in _SAID:
            found.setdefault(_SAID[token.text], Found(_SAID[token.text], 0.93, (token,)))
            continue
        match = _CLOCK.fullmatch(token.text)
        if match is None:
            continue
        hit = _clock(match, tokens[index + 1 : index + 4], token, tokens[max(index - 2, 0) : index])
        if hit:
            found.setdefault(hit.value, hit)
    return list(found.values())


_ZONE = re.compile(
    r"\b(?:[ecmp][sd]t|utc|gmt|cet|cest|bst|mez|mesz|my time|your time|local time|eastern|pacific|central|ortszeit|"
    r"hora local|heure locale|ora locale|lokale tijd)\b",
    re.IGNORECASE,
)


def time_doubt(value: str, question: str, reply: str) -> str:
    """Why an HH:MM may not be meant: another part of the day was asked for, or it is of another time zone."""
    if _ZONE.search(reply):
        return "it names a time zone"
    morning, later = bool(_MORNING.search(question[:4000])), bool(_LATER.search(question[:4000]))
    hour = int(value[:2])
    other = (morning and not later and hour >= 13) or (later and not morning and hour < 12)
    return "the question asked for another part of the day" if other else ""


def _clock(match: re.Match[str], rest: list[Token], token: Token, before: list[Token]) -> Found | None:
    after = [other.text for other in rest]
    hour, minute = int(match.group(1)), int(match.group(2) or 0)
    unit = (match.group(3) or "").lower()
    following = "".join(after[:3]).replace(".", "")
    marked = unit in {"am", "pm", "a", "p"} or following.startswith(("am", "pm"))
    half = unit[:1] if unit in {"am", "pm", "a", "p"} else following[:1] if marked else ""
    if (
        not marked
        and after[:1]
        and after[0] in {"uhr", "h", "heures", "heure", "horas", "uur", "ore", "o'clock", "hrs", "hours"}
    ):
        unit = "uhr" if after[0] not in {"o'clock", "uur", "ore", "horas"} else ""
        if after[0] in {"uhr", "h", "heures"} and len(after) > 1 and re.fullmatch(r"[0-5]\d", after[1]):
            minute = int(after[1])
    if hour > 24 or minute > 59 or (half and not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    spoken = unit in {"uhr", "h"} and (hour >= 7 or bool(match.group(2)) or minute > 0)
    clear = bool(half or spoken or (match.group(2) and (hour >= 7 or match.group(1).startswith("0"))))
    doubt = "" if clear else "it may be morning or afternoon"
    said = (token, *_spelled(following, rest, unit))
    if any(other.text in _BOUNDS for other in before) or (before and before[-1].text in {"~", "<", ">", "±"}):
        doubt = "the time is a limit or an estimate"
    if any(other.text in _HALVES for other in before) or set(after[:2]) & {
        "thirty",
        "fifteen",
        "media",
        "demie",
        "et",
        "y",
    }:
        doubt = "the time is written in words"
    return Found(f"{hour % 24:02d}:{minute:02d}", 0.95, said, doubt)


def _spelled(following: str, rest: list[Token], unit: str) -> list[Token]:
    """The words that belong to the figure: `p . m`, `Uhr 30`."""
    if following.startswith(("am", "pm")):
        letters = next(
            n for n in range(1, len(rest) + 1) if len("".join(t.text for t in rest[:n]).replace(".", "")) > 1
        )
        return rest[:letters]
    if unit in {"uhr", "h"} and rest and not rest[0].text[0].isdigit():
        return rest[:2] if len(rest) > 1 and re.fullmatch(r"[0-5]\d", rest[1].text) else rest[:1]
    return []


_MONTHS = (
    ("january jan januar jänner janvier enero ene gennaio janeiro", 1),
    ("february feb februar février fevrier febrero febbraio fevereiro", 2),
    ("march mar märz maerz mars marzo março", 3),
    ("april apr avril abril abr aprile", 4),
    ("may mai mayo maggio maio", 5),
    ("june jun juni juin junio giugno junho", 6),
    ("july jul juli juillet julio luglio julho", 7),
    ("august aug août aout agosto ago", 8),
    ("september sep sept septembre septiembre settembre setembro", 9),
    ("october oct oktober okt octobre octubre ottobre outubro", 10),
    ("november nov novembre noviembre novembro", 11),
    ("december dec dezember dez décembre decembre diciembre dic dicembre dezembro", 12),
)
MONTHS = {**away_words.MONTHS, **{word: number for text, number in _MONTHS for word in text.split()}}
_DAYS = (
    "monday mon montag lundi lunes lunedì",
    "tuesday tue tues dienstag mardi martes martedì terça-feira",
    "wednesday wed mittwoch mercredi miércoles mercoledì",
    "thursday thu thur thurs donnerstag jeudi jueves giovedì",
    "friday fri freitag vendredi viernes venerdì",
    "saturday sat samstag sonnabend samedi sábado",
    "sunday sun sonntag dimanche domingo",
)
WEEKDAYS = {**away_words.WEEKDAYS, **{word: number for number, text in enumerate(_DAYS) for word in text.split()}}
_RELATIVE = {"today": 0, "tomorrow": 1, "heute": 0, "morgen": 1, "demain": 1, "aujourd'hui": 0, "mañana": 1, "hoy": 0}
_DATE_BOUNDS = words(
    """from until till before after by since around about onwards within bis ab vor nach seit gegen depuis dès jusqu'au
    avant après desde hasta antes dal fino prima dopo até vanaf tot"""
)
_NUMERIC = re.compile(r"(\d{1,4})([./-])(\d{1,2})(?:\2(\d{2,4}))?")


def dates(clauses: list[Clause], today: datetime.date | None) -> list[Found]:
    """Every date in the reply as YYYY-MM-DD. Without a year the next such day counts; 03/04 and weekdays are in
    doubt.
    """
    tokens = [token for clause in clauses if not clause.signature for token in clause.tokens]
    found: dict[str, Found] = {}
    used: set[int] = set()
    for index, token in enumerate(tokens):
        hit: Found | None = None
        if index in used:
            continue
        numeric = _NUMERIC.fullmatch(token.text)
        if numeric:
            hit = _numeric_date(numeric, token, today)
        elif token.text in MONTHS:
            hit = _worded_date(tokens, index, today, used)
        elif today and token.text in _RELATIVE:
            day = today + datetime.timedelta(days=_RELATIVE[token.text])
            hit = Found(day.isoformat(), 0.8, (token,), "the day is counted from today")
        elif today and token.text in WEEKDAYS and len(token.text) > 3:
            day = today + datetime.timedelta(days=(WEEKDAYS[token.text] - today.weekday() - 1) % 7 + 1)
            hit = Found(day.isoformat(), 0.8, (token,), "a weekday may mean this week or the next")
        if hit:
            found.setdefault(hit.value, hit)
    full = [hit for hit in found.values() if not hit.doubt.startswith("a weekday")] or list(found.values())
    if any(token.text in _DATE_BOUNDS for token in tokens):
        return [replace(hit, doubt=hit.doubt or "the date is a limit or an estimate") for hit in full]
    return [_with_weekday(hit, tokens) for hit in full]


def _with_weekday(hit: Found, tokens: list[Token]) -> Found:
    """`Tuesday 12 May`: a weekday that is the date's own belongs to it; another one stays beside it, unexplained."""
    weekday = datetime.date.fromisoformat(hit.value).weekday()
    own = tuple(token for token in tokens if WEEKDAYS.get(token.text) == weekday and token not in hit.tokens)
    return replace(hit, tokens=hit.tokens + own)


def _numeric_date(match: re.Match[str], token: Token, today: datetime.date | None) -> Found | None:
    first, mark, second, third = match.groups()
    if len(first) == 4:
        return _dated(int(first), int(second), int(third), token) if third and len(third) <= 2 else None
    if len(first) > 2 or (third and len(third) == 3):
        return None
    day, month = int(first), int(second)
    doubt = ""
    if mark != "." and day <= 12 and month <= 12 and day != month:
        doubt = "day and month can be read both ways"
    elif month > 12 >= day:
        day, month = month, day
    year = int(third) + (2000 if len(third) == 2 else 0) if third else None
    if not third and (mark == "-" or (mark == "." and (month > 12 or len(second) > 2))):
        return None
    return _dated(year, month, day, token, today=today, doubt=doubt)


def _worded_date(tokens: list[Token], index: int, today: datetime.date | None, used: set[int]) -> Found | None:
    """`3 May`, `May 3rd, 2026`, `3. Mai`, `3 de mayo`."""
    month = MONTHS[tokens[index].text]
    near = [i for i in (index - 1, index + 1, index - 2, index + 2) if 0 <= i < len(tokens)]
    day = next((i for i in near if _day(tokens[i].text) and (abs(i - index) == 1 or _between(tokens, i, index))), None)
    if day is None:
        return None
    year = next(
        (i for i in range(index + 1, min(index + 4, len(tokens))) if re.fullmatch(r"20\d\d", tokens[i].text)), None
    )
    indexes = sorted({index, day} | ({year} if year is not None else set()))
    used.update(indexes)
    hit = _dated(
        int(tokens[year].text) if year is not None else None, month, _day(tokens[day].text), tokens[index], today=today
    )
    return Found(hit.value, hit.strength, tuple(tokens[i] for i in indexes), hit.doubt) if hit else None


def _day(text: str) -> int:
    match = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?", text)
    return int(match.group(1)) if match and 1 <= int(match.group(1)) <= 31 else 0


def _between(tokens: list[Token], one: int, other: int) -> bool:
    return tokens[(one + other) // 2].text in {"of", "de", "the"}


def _dated(
    year: int | None, month: int, day: int, token: Token, *, today: datetime.date | None = None, doubt: str = ""
) -> Found | None:
    """The date, in the next such year when none is given. None when there is no such day."""
    try:
        if year is not None:
            return Found(datetime.date(year, month, day).isoformat(), 0.95, (token,), doubt)
        if today is None:
            return None
        this = datetime.date(today.year, month, day)
        found = this if this >= today else datetime.date(today.year + 1, month, day)
    except ValueError:
        return None
    if not doubt and (found - today).days > 300:
        doubt = "that day has just passed this year"
    return Found(found.isoformat(), 0.9, (token,), doubt)
