"""Which columns words mean, and which column holds the addresses and the names. Looks at titles and shown values."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.domain.table import Table, fold
from server.domain.words import ROW_KEY_TITLE, CellKind, ChannelName, Role

OWN_TITLES = frozenset(fold(title) for title in (*(role.value for role in Role), ROW_KEY_TITLE))
"""Columns that Cellback adds: never meant by an instruction's words."""

_WORD = re.compile(r"[^\W_]+")
_MAIL = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,190}\.[^\s@<>,;.]{2,24}")
_PHONE = re.compile(r"(?:\+|00)?[\d\s()./-]{6,25}")
_NOT_PHONE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")


def words(text: str) -> frozenset[str]:
    """A set of words from a text, for tables that people read."""
    return frozenset(text.split())


_MAIL_TITLES = words("email mail e-mail emailaddress courriel correo epost adresse address")
_PHONE_TITLES = words(
    """phone mobile cell cellphone tel telephone whatsapp sms number telefon handy mobil téléphone portable móvil
    teléfono telefono celular gsm"""
)
_NAME_TITLES = words(
    """name contestant participant student patient guest member customer client person attendee volunteer player
    employee applicant candidate speaker recipient teilnehmer teilnehmerin kunde gast nom participante nombre
    concursante invitado kontakt contact"""
)
_FIRST = frozenset({"firstname", "first name", "given name", "forename", "vorname", "prénom", "nombre", "first"})
_LAST = frozenset({"lastname", "last name", "surname", "family name", "nachname", "apellido", "apellidos", "last"})

_EMPTY_WORDS = words(
    """a an the their his her its your our my own individual personal respective exact assigned current new actual of
    and for to is are they you in on at with please each every all
    ihre ihren ihr ihrer seine seinen sein seiner die der das den individuelle und jedem jeder mit zu
    son sa ses leur leurs le la les l d de du des et chaque avec à su sus el los las del y e cada con"""
)
DETAILS = frozenset({"detail", "information", "info", "data", "daten", "angaben", "informations", "datos"})
"""Words that stand for whatever the sheet knows about a row."""


def content(words: str) -> tuple[str, ...]:
    """The words that carry meaning, in lower case, singular: `their individual start times` -> start, time."""
    found = []
    for word in _WORD.findall(words.casefold().replace("’s", "").replace("'s", "")):
        if word not in _EMPTY_WORDS:
            found.append(_singular(word))
    return tuple(found)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _alike(one: str, other: str) -> bool:
    """Equal, or a typo apart. Short words must be equal: "date" is not "data"."""
    if one == other:
        return True
    if min(len(one), len(other)) < 5 or abs(len(one) - len(other)) > 2 or one[0] != other[0]:
        return False
    if len(one) == len(other) == 5:  # "strat" is a slip for "start", "shirt" and "shift" are two words
        return sorted(one) == sorted(other)
    return difflib.SequenceMatcher(None, one, other).ratio() >= 0.8


def mentioned(words: str, titles: Sequence[str]) -> tuple[str, ...]:
    """Titles that the words name, in the order of the sheet.

    A title is named when all its words are there ("their individual start time": Start time), unless a longer
    title is. Failing that, when all the given words are in it ("their slot": Time slot); up to four such.
    """
    asked = content(words)
    if not asked:
        return ()
    full, part = {}, []
    for title in titles:
        parts = content(title)
        hits = [word for word in parts if any(_alike(word, other) for other in asked)]
        if parts and len(hits) == len(parts):
            full[title] = frozenset(parts)
        elif hits and all(any(_alike(word, other) for other in parts) for word in asked):
            part.append(title)
    longest = [title for title, own in full.items() if not any(own < other for other in full.values())]
    return tuple(longest or part[:4])


def residue(words: str, titles: Iterable[str]) -> tuple[str, ...]:
    """The content words that none of the titles accounts for."""
    known = {word for title in titles for word in content(title)}
    return tuple(word for word in content(words) if not any(_alike(word, other) for other in known))


def is_contact(title: str) -> bool:
    """A title that promises an address or a phone number."""
    return any(word in (_MAIL_TITLES | _PHONE_TITLES) - {"number"} for word in _title_words(title))


def is_mail(shown: str) -> bool:
    """Whether a cell's text looks like one or several mail addresses."""
    pieces = [piece for piece in re.split(r"[,;\n]", shown.strip()) if piece.strip()]
    return bool(pieces) and all(_MAIL.search(piece) and piece.count("@") == 1 for piece in pieces[:10])


def is_phone(shown: str) -> bool:
    """Whether a cell's text looks like a phone number: 7 to 15 digits (E.164) with the usual marks, no date."""
    text = shown.strip()[:40].removeprefix("tel:").replace("\u00a0", " ")
    digits = sum(char.isdigit() for char in text)
    return bool(7 <= digits <= 15 and _PHONE.fullmatch(text) and not _NOT_PHONE.fullmatch(text))


@dataclass(frozen=True, slots=True)
class _Candidate:
    index: int
    share: float
    filled: int
    titled: bool
    asked: bool

    @property
    def score(self) -> tuple[bool, bool, bool, float, int, int]:
        """Most cells are addresses, named in the instruction, titled so; then how many, then from the left."""
        return (self.share >= 0.5, self.asked, self.titled, round(self.share, 1), self.filled, -self.index)


def address_column(table: Table, channel: ChannelName, instruction: str) -> str:
    """Title of the column that holds the channel's addresses, "" when there is none.

    By values first (most filled cells of the visible rows are addresses), then by what the instruction names,
    then by title. A column that is only titled so counts when no column holds addresses.
    """
    kinds = {ChannelName.EMAIL: (True, False), ChannelName.OUTBOX: (True, True)}.get(channel, (False, True))
    for mail in (True, False):
        if kinds[0 if mail else 1]:
            best = _best(table, mail, instruction)
            if best is not None and (best.share >= 0.5 or (best.titled and not all(kinds))):
                return table.columns[best.index].title
    if all(kinds):
        titled = [c for c in (_best(table, True, instruction), _best(table, False, instruction)) if c and c.titled]
        return table.columns[titled[0].index].title if titled else ""
    return ""


def _best(table: Table, mail: bool, instruction: str) -> _Candidate | None:
    found = []
    told = content(instruction)
    rows = [row for row in table.rows if not row.hidden][:500] or list(table.rows[:500])
    for index, column in enumerate(table.columns):
        if not column.title or index == table.key_column or fold(column.title) in OWN_TITLES:
            continue
        cells = [row.cells[index] for row in rows if row.cells[index].shown.strip()]
        titled = any(word in (_MAIL_TITLES if mail else _PHONE_TITLES) for word in _title_words(column.title))
        if mail:
            hits = sum(is_mail(cell.shown) for cell in cells)
        else:
            usable = [cell for cell in cells if cell.kind not in {CellKind.DATE, CellKind.DATETIME, CellKind.TIME}]
            hits = sum(is_phone(cell.shown) and (titled or _marked(cell.shown)) for cell in usable)
        share = hits / len(cells) if cells else 0.0
        own = [word for word in content(column.title) if word not in _MAIL_TITLES | _PHONE_TITLES]
        asked = any(word in told for word in own) or bool(mentioned(instruction, [column.title]))
        if hits or titled:
            found.append(_Candidate(index, share, hits, titled, asked))
    return max(found, key=lambda candidate: candidate.score, default=None)


def _marked(shown: str) -> bool:
    """A number that is a phone number even under another title: it starts with + or 0."""
    return shown.strip().startswith(("+", "0", "("))


def _title_words(title: str) -> list[str]:
    return [*_WORD.findall(title.casefold()), fold(title)]


def name_columns(table: Table, address: str) -> tuple[str, ...]:
    """The column to greet by: one with names, or first and last name; () when there is none."""
    titles = [column.title for column in table.columns if column.title and fold(column.title) != fold(address)]
    titles = [title for title in titles if fold(title) not in OWN_TITLES]
    first = next((title for title in titles if fold(title) in _FIRST - {"nombre"}), "")
    last = next((title for title in titles if fold(title) in _LAST), "")
    if first:
        return (first, last) if last else (first,)
    if last and (given := next((title for title in titles if fold(title) == "nombre"), "")):
        return (given, last)
    exact = [title for title in titles if fold(title) in {"name", "full name", "nom", "nombre", "contact name"}]
    worded = [title for title in titles if any(word in _NAME_TITLES for word in _title_words(title))]
    return next(((title,) for title in [*exact, *worded] if _holds_names(table, title)), ())


def _holds_names(table: Table, title: str) -> bool:
    """Mostly words with letters: not numbers, dates or addresses."""
    index = table.find(title)
    cells = [row.cells[index] for row in table.rows[:200] if index is not None and row.cells[index].shown.strip()]
    named = [cell for cell in cells if any(char.isalpha() for char in cell.shown) and "@" not in cell.shown]
    return not cells or len(named) >= len(cells) / 2


def filled_share(table: Table, title: str) -> float:
    """Share of rows in which that column shows something."""
    index = table.find(title)
    if index is None or not table.rows:
        return 0.0
    return sum(bool(row.shown(index).strip()) for row in table.rows) / len(table.rows)
