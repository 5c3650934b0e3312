"""The check itself: what a text says against what it may rest on."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from server.domain.factcheck import figures, moments, names
from server.domain.factcheck.calendar import AMBIGUOUS, MONTHS, NUMBERS, plain
from server.domain.factcheck.moments import Found

_RELATIVE_WORDS = """
tomorrow tonight yesterday übermorgen gestern demain hier mañana ayer amanhã ontem domani ieri gisteren overmorgen
"""
_RELATIVE = frozenset(plain(word) for word in _RELATIVE_WORDS.split())
_BEGIN_WORDS = """
will mark may best long grant drew sue chase pat page rob hope art bill frank max sky star joy grace dean
"""
_BEGIN_SENTENCES = frozenset(_BEGIN_WORDS.split())
"""Names that are words as well: at the beginning of a sentence they are taken for the word."""

LONGEST = 10_000
"""Characters of a text that are looked at: a longer one is for a person anyway."""

_APART = " \0 "
"""Between two texts: nothing that is looked for reaches from one into the other."""
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_MOST = 5
_NO_CAPITALS = frozenset({"de"})
"""Languages that write every noun with a capital: there only names that other rows hold are told from nouns."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a text may rest on. `others` are name words of all rows: one that this row does not know is another's."""

    numbers: Mapping[Decimal, frozenset[str]]
    """Numbers that stand for themselves -> the currencies beside them."""
    loose: frozenset[Decimal]
    """Numbers that are part of a date, a time, a code or a word: no amount may rest on them."""
    currencies: frozenset[str]
    times: frozenset[int]
    days: frozenset[tuple[int, int]]
    dated: frozenset[tuple[tuple[int, int], int]]
    years: frozenset[int]
    weekdays: frozenset[int]
    months: frozenset[int]
    links: frozenset[str]
    mails: frozenset[str]
    digits: frozenset[str]
    codes: frozenset[str]
    words: frozenset[str]
    others: frozenset[str]
    language: str


def ground(
    record: Mapping[str, str],
    said: str,
    *,
    others: frozenset[str] = frozenset(),
    language: str = "en",
    today: datetime.date | None = None,
) -> Ground:
    """What a row (title -> shown text) and the words around it (instruction, template, choices) allow a text to say.

    `others` are the `name_words` of a whole table; its own words a row knows. `today` lets a text add a year or a
    weekday to a date that comes without a year. Of each text only the first `LONGEST` characters count.
    """
    return ground_of([*record, *record.values(), said], others=others, language=language, today=today)


def ground_of(
    texts: Iterable[str],
    *,
    others: frozenset[str] = frozenset(),
    language: str = "en",
    today: datetime.date | None = None,
) -> Ground:
    """What these texts allow another one to say."""
    text = _APART.join(visible(text) for text in texts if text)
    flat = moments.flat(text)
    words = names.known_words(text) | names.PLAIN.get(language, frozenset())
    found, said = moments.dates(flat), moments.times(flat, language)
    links, mails, codes = figures.links(text), figures.mails(text), figures.codes(text)
    near = frozenset({today.year, today.year + 1}) if today else frozenset[int]()
    years = frozenset(date.year for date in found if date.year) | (
        near if any(date.year is None for date in found) else frozenset()
    )
    days = frozenset(day for date in found for day in date.days)
    dated = frozenset(
        (day, year) for date in found for day in date.days for year in ([date.year] if date.year else near)
    )
    sure = [*(date for date in found if date.sure), *(time for time in said if time.sure)]
    numbers = _numbers(flat, [*sure, *links, *mails, *codes])
    times = frozenset(minute for time in said for minute in time.minutes)
    loose = {Decimal(day) for _, day in days} | {Decimal(year) for year in years}
    loose |= {Decimal(NUMBERS[word]) for word in words if word in NUMBERS}
    loose |= {Decimal(minute // 60) for minute in times if minute % 60 == 0}
    loose |= {place for code in codes if (place := figures.ordinal(code.text)) is not None}
    literal = frozenset(day for _, day in moments.weekdays(flat))
    return Ground(
        numbers=numbers,
        loose=frozenset(loose),
        currencies=frozenset(chain.from_iterable(numbers.values())) - {""} | figures.currencies(flat),
        times=times | frozenset(int(hour) * 60 for hour in numbers if hour == int(hour) and 0 <= hour < 24),
        days=days,
        dated=dated,
        years=years,
        weekdays=literal | moments.weekdays_of(dated),
        months=frozenset(MONTHS[word] for word in words if word in MONTHS) | frozenset(month for month, _ in days),
        links=frozenset(figures.link_key(link.text) for link in links),
        mails=frozenset(mail.text.casefold() for mail in mails),
        digits=frozenset(figures.digits(phone.text) for phone in figures.phones(text))
        | frozenset(re.findall(r"\d{7,}", text)),
        codes=frozenset(figures.code_key(code.text) for code in codes),
        words=words,
        others=others,
        language=language,
    )


def both(common: Ground, own: Ground) -> Ground:
    """What two grounds allow together: what all rows of a table share is worked out once."""
    numbers = dict(common.numbers)
    for value, currencies in own.numbers.items():
        numbers[value] = numbers.get(value, frozenset()) | currencies
    return Ground(
        numbers=numbers,
        loose=common.loose | own.loose,
        currencies=common.currencies | own.currencies,
        times=common.times | own.times,
        days=common.days | own.days,
        dated=common.dated | own.dated,
        years=common.years | own.years,
        weekdays=common.weekdays | own.weekdays,
        months=common.months | own.months,
        links=common.links | own.links,
        mails=common.mails | own.mails,
        digits=common.digits | own.digits,
        codes=common.codes | own.codes,
        words=common.words | own.words,
        others=common.others or own.others,  # of one table: it may have thousands
        language=common.language,
    )


def visible(text: str) -> str:
    """A text as people read it, without what they do not see, and not longer than what is looked at."""
    text = text[:LONGEST]
    return text if text.isascii() else _UNSEEN.sub("", text)


def _numbers(flat: str, taken: Collection[Found]) -> dict[Decimal, frozenset[str]]:
    """Numbers that are no part of a date, time, code, link or mail address."""
    found: dict[Decimal, frozenset[str]] = {}
    mask = _Mask(len(flat))
    for one in taken:
        mask.take(one)
    for number in figures.numbers(flat):
        if mask.free(number):
            for value in number.values:
                found[value] = found.get(value, frozenset()) | {number.currency}
    return found


class _Mask:
    """Which letters of a text belong to something that was found."""

    def __init__(self, size: int) -> None:
        self._taken = bytearray(size)

    def free(self, found: Found) -> bool:
        """Whether none of these does."""
        return not any(self._taken[found.start : found.end])

    def take(self, found: Found) -> None:
        """They do from now on."""
        self._taken[found.start : found.end] = b"\1" * (found.end - found.start)

    def within(self, found: Found) -> bool:
        """Whether all of these do."""
        return all(self._taken[found.start : found.end])


def name_words(texts: Iterable[str]) -> frozenset[str]:
    """The words of names, for comparing: what a table's people are called."""
    found = {word.text for text in texts for word in names.words(visible(text))}
    return frozenset(plain(word) for word in found if len(word) > 2 and word[0].isupper()) - names.COMMON_WORDS


def unfounded(text: str, ground: Ground, *, heading: bool = False) -> tuple[str, ...]:
    """The words of a text that rest on nothing, as people read them there, in order, each once; () when all is well.

    Only the first `LONGEST` characters are looked at. In a heading (“Your Start Time”) capitals tell no name, where all
    words have them.
    """
    text = visible(text)
    capitals = ground.language not in _NO_CAPITALS and not (heading and names.all_capitals(text))
    words = names.words(text)
    found = sorted([*_figures(text, words, ground), *_names(text, words, ground, capitals)], key=lambda one: one.start)
    return tuple(dict.fromkeys(one.text.strip() for one in found))


def sentence(words: Collection[str]) -> str:
    """What the cell says about such words, "" for none."""
    if not words:
        return ""
    shown = [f"“{word[:40].rstrip('.')}”" for word in list(words)[:_MOST]]
    listed = " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
    return f"The text says {listed}, which neither this row nor the instruction says."


def _figures(text: str, words: Sequence[Found], ground: Ground) -> Iterator[Found]:
    """Figures in the order of how sure their form is; what one has taken the next does not look at."""
    taken = _Mask(len(text))
    flat = moments.flat(text)

    def free(found: Found) -> bool:
        is_free = taken.free(found)
        if is_free:
            taken.take(found)
        return is_free

    for mail in figures.mails(text):
        if free(mail) and mail.text.casefold() not in ground.mails:
            yield mail
    for link in figures.links(text):
        if free(link) and figures.link_key(link.text) not in ground.links:
            yield link
    times = moments.times(flat, ground.language)
    clear = [(time.start, time.end) for time in times if time.sure]
    for date in moments.dates(flat):
        loose = not date.sure and (_is_number(date, ground) or any(date.start == start for start, _ in clear))
        if not loose and free(date) and not _is_date(date, ground):
            yield _shown(date, text)
    for time in times:
        if (time.sure or not _is_number(time, ground)) and free(time) and not time.minutes & ground.times:
            yield _shown(time, text)
    for weekday, number in moments.weekdays(flat):
        if free(weekday) and number not in ground.weekdays:
            yield _shown(weekday, text)
    for phone in figures.phones(text):
        if free(phone) and not _is_phone(phone, ground):
            yield phone
    for code in figures.codes(text):
        if figures.ordinal(code.text) is None and free(code) and not _is_code(code, ground):
            yield code
    for figure in figures.numbers(flat):
        if free(figure) and not _is_grounded(figure, ground):
            yield _shown(figure, text)
    yield from _calendar_words(words, ground, taken)


def _shown(found: Found, text: str) -> Found:
    return Found(found.start, found.end, text[found.start : found.end])


def _is_date(date: moments.Date, ground: Ground) -> bool:
    if date.year is None:
        return bool(date.days & ground.days)
    return any((day, date.year) in ground.dated for day in date.days)


def _is_number(found: Found, ground: Ground) -> bool:
    return bool(figures.values(found.text.rstrip(".")) & ground.numbers.keys())


def _is_phone(phone: Found, ground: Ground) -> bool:
    own = figures.digits(phone.text).lstrip("0")
    for known in ground.digits:
        bare = known.lstrip("0")
        short, long = sorted((own, bare), key=len)
        if len(short) >= 7 and long.endswith(short):
            return True
    return all(Decimal(run) in ground.numbers or Decimal(run) in ground.loose for run in re.findall(r"\d+", phone.text))


def _is_code(code: Found, ground: Ground) -> bool:
    key = figures.code_key(code.text)
    if key in ground.codes:
        return True
    return any(len(key) >= 3 and (known.startswith(key) or known.endswith(key)) for known in ground.codes if key)


def _is_grounded(figure: figures.Number, ground: Ground) -> bool:
    if not figure.currency and figure.values & ground.loose:
        return True
    for value in figure.values:
        if value in ground.numbers:
            known = ground.numbers[value]
            if not figure.currency or figure.currency in known:
                return True
            if "" in known and (not ground.currencies or figure.currency in ground.currencies):
                return True
    return False


def _calendar_words(words: Sequence[Found], ground: Ground, taken: _Mask) -> Iterator[Found]:
    """Months without a day, and words such as “tomorrow”."""
    before = ""
    for word in words:
        last, bare = before, plain(word.text)
        before = bare
        if bare in ground.words or taken.within(word) or (last, bare) == ("la", "manana"):  # in the morning
            continue
        month = MONTHS.get(bare) if bare not in AMBIGUOUS and len(bare) > 4 else None
        if bare in _RELATIVE or (month is not None and month not in ground.months):
            yield word


def _names(text: str, words: Sequence[Found], ground: Ground, capitals: bool) -> Iterator[Found]:
    seen: set[int] = set()
    certain = [*names.greeted(text), *names.signed(text)]
    inside = names.inside(text, words)
    for word in certain:
        if word.start not in seen and not _is_known(word, ground, names.COMMON_WORDS):
            seen.add(word.start)
            yield word
    for word in inside if capitals else ():
        if word.start not in seen and not _is_known(word, ground, names.COMMON):
            seen.add(word.start)
            yield word
    starts = {word.start for word in inside}
    for word in words if ground.others else ():
        bare = plain(word.text)
        begins = word.start not in starts and bare in _BEGIN_SENTENCES
        known = bare in ground.words
        if bare in ground.others and not known and word.text[0].isupper() and word.start not in seen and not begins:
            yield word


def _is_known(word: Found, ground: Ground, common: Collection[str]) -> bool:
    bare = plain(word.text)
    if bare in ground.words or bare in common:
        return True
    parts = [plain(part) for part in re.split(r"['’\-]", word.text)]
    owned = parts[0] if len(parts) > 1 and parts[-1] in {"s", ""} else ""
    if owned and (owned in ground.words or owned in common):
        return True
    return len(parts) > 1 and all(len(part) < 3 or part in ground.words or part in common for part in parts)
