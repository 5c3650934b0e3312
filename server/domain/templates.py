"""Templates: `{{placeholders}}` filled from a record, near misses found, and what must never leave in a text.

Knows nothing of sheets or channels: titles and records are plain texts.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from server.domain.table import fold

_PLACEHOLDER = re.compile(r"\{\{?([^{}\n]{1,200})\}\}?")
"""Two braces or one, any spaces: people type both. The bound keeps the search linear."""

_BRACKET = re.compile(r"\[([^\[\]\n]{1,80})\]|<<([^<>\n]{1,80})>>|«([^«»\n]{1,80})»")
"""Marks of other mail-merge tools: `[Name]`, `<<Name>>`, `«Name»`."""

_USUAL_MARKS = frozenset({"name", "first name", "last name", "full name", "your name", "date", "time", "object object"})
"""What stands in brackets in texts copied from elsewhere, whatever the sheet's titles are."""

_RESIDUE = re.compile(
    r"\{\{|\}\}|#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|ERROR!)|#{4,}"
    r"|\bundefined\b|\bNaN\b|\bNA\b(?!/)|\bNone\b(?! of)|\bnull\b"
)
"""What empty and broken cells turn into on their way through scripts. Case counts: "None of us" is English."""

ERROR_CELL = re.compile(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|ERROR!|#+)")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A placeholder that no column bears, and the title that was probably meant ("" when none is near)."""

    name: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A filled text. `empty` names the columns whose cell was empty and that had no fallback."""

    text: str
    empty: tuple[str, ...] = ()


def placeholders(text: str) -> tuple[str, ...]:
    """The column names that a text asks for, as written, in order, each once."""
    names: dict[str, str] = {}
    for match in _PLACEHOLDER.finditer(text):
        name, _ = _parts(match)
        if name:
            names.setdefault(fold(name), name)
    return tuple(names.values())


def check(text: str, titles: Iterable[str]) -> tuple[Unknown, ...]:
    """The placeholders that no title answers to, each with the nearest title. Case and spaces do not matter."""
    known = {fold(title): title for title in titles if title.strip()}
    return tuple(Unknown(name, nearest(name, known.values())) for name in placeholders(text) if fold(name) not in known)


def nearest(name: str, titles: Iterable[str]) -> str:
    """The title that was probably meant by `name`, or "" when none is near."""
    known = {fold(title): title for title in titles if title.strip()}
    close = difflib.get_close_matches(fold(name)[:100], known, n=1, cutoff=0.6)
    return known[close[0]] if close else ""


def render(text: str, record: Mapping[str, str]) -> Rendered:
    """Fill the placeholders from a record (title -> shown text) in one pass: a cell's own braces stay text.

    `{{Name|there}}` puts "there" where the cell is empty. A placeholder that the record does not know stays as
    it is, for `check` and `leftovers` to find.
    """
    cells = {fold(title): (title, shown.strip()) for title, shown in reversed(list(record.items()))}
    empty: dict[str, None] = {}

    def fill(match: re.Match[str]) -> str:
        name, fallback = _parts(match)
        if fold(name) not in cells:
            return match.group(0)
        title, shown = cells[fold(name)]
        if not shown and fallback is None:
            empty[title] = None
        return shown or fallback or ""

    return Rendered(_PLACEHOLDER.sub(fill, text), tuple(empty))


def leftovers(text: str, titles: Iterable[str] = (), meant: Iterable[str] = ()) -> tuple[str, ...]:
    """What must never leave in a message, as found there, each once: unfilled marks, broken and empty cells.

    Brackets count when they hold a column's title or a usual mark such as `[Name]`. `meant` are texts whose own words
    are none: an answer “None” or “NA” that people may choose.
    """
    marks = _USUAL_MARKS | {fold(title) for title in titles if title.strip()}
    words = {match.group(0) for own in meant for match in _RESIDUE.finditer(own) if match.group(0).isalpha()}
    residue = (match for match in _RESIDUE.finditer(text) if match.group(0) not in words)
    found: dict[int, str] = {match.start(): match.group(0) for match in residue}
    for match in _BRACKET.finditer(text):
        if fold(next(group for group in match.groups() if group is not None)) in marks:
            found[match.start()] = match.group(0)
    for match in _PLACEHOLDER.finditer(text):
        if fold(_parts(match)[0]) in marks:
            found[match.start()] = match.group(0)
    return tuple(dict.fromkeys(found[start] for start in sorted(found)))


def _parts(match: re.Match[str]) -> tuple[str, str | None]:
    """The column name and the fallback (None when there is none) of one placeholder."""
    name, bar, fallback = match.group(1).partition("|")
    return name.strip(), fallback.strip() if bar else None
