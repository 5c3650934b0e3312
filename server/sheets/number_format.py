"""Number formats: what a spreadsheet shows for a number or a text. Dates and times are in `date_format`.

The result is what an English (US) Excel shows in a cell that is wide enough, without the blanks that only align
figures. Colours are left out: they carry no text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from server.domain.words import CellKind
from server.sheets import date_format, figures

_PIECE = re.compile(
    r"""
      "(?P<quoted>[^"]*)"?
    | \\(?P<escaped>.)
    | _(?P<pad>.)
    | \*(?P<fill>.)
    | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General)
    | (?P<ampm>AM/PM|A/P)
    | (?P<exponent>E[+-])
    | (?P<date>y+|m+|d+|h+|s+|e+|b+|g+)
    | (?P<digit>[0\#?])
    | (?P<point>\.)
    | (?P<comma>,)
    | (?P<percent>%)
    | (?P<text>@)
    | (?P<literal>.)
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_SEPARATOR = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]|(;)', re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)


LOCAL = "[$-local]"
"""Our mark before a code whose dates each computer shows in the order of its own country; it shows nothing."""


class Piece(NamedTuple):
    """One piece of a section: `kind` is a group of `_PIECE`, "elapsed" for `[h]`, or "literal" for fixed text."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """One of the parts between semicolons."""

    pieces: tuple[Piece, ...]
    condition: tuple[str, float] | None = None
    kind: CellKind = CellKind.NUMBER

    def has(self, kind: str) -> bool:
        """Whether a piece of that kind is in it."""
        return any(piece.kind == kind for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A format code, taken apart. Build it with `parse`, which remembers the ones it has seen.

    `kind` is NUMBER, DATE, TIME or DATETIME, by what the format shows of a number. `local` says that another
    computer may show day and month the other way round.
    """

    sections: tuple[Section, ...]
    text_section: Section | None
    kind: CellKind
    local: bool = False

    def number(self, value: int | float, date1904: bool = False) -> str:
        """What a cell of this format shows for a number."""
        if self.sections[0] is _GENERAL:
            return figures.general(value)
        section, sign = self._choose(value)
        if section.kind is not CellKind.NUMBER:
            return date_format.render(value, section.pieces, date1904).strip()
        return (sign + figures.render(abs(value), section.pieces)).strip()

    def text(self, value: str) -> str:
        """What a cell of this format shows for a text."""
        if self.text_section is None:
            return value
        return "".join(value if piece.kind == "text" else piece.text for piece in self.text_section.pieces)

    def _choose(self, value: int | float) -> tuple[Section, str]:
        """The section for a number, and the sign to put before it: a section for negatives brings its own."""
        sign = "-" if value < 0 else ""
        if not any(section.condition for section in self.sections):
            if value < 0 and len(self.sections) > 1:
                return self.sections[1], ""
            return self.sections[2 if value == 0 and len(self.sections) > 2 else 0], sign
        for section in self.sections:
            if section.condition is None:
                return section, sign
            if _holds(section.condition, value):
                operator, bound = section.condition
                return section, "" if operator in {"<", "<="} and bound <= 0 else sign
        return _GENERAL, sign


@lru_cache(maxsize=4096)
def parse(code: str) -> NumberFormat:
    """Take a format code apart. Any text is accepted, as files hold odd ones; an empty one is General."""
    if code in {"", "General"}:
        return NumberFormat((_GENERAL,), None, CellKind.NUMBER)
    sections = [_section(part) for part in _split(code)]
    text_section = None
    if len(sections) > 3 or sections[-1].has("text"):
        text_section = sections[min(len(sections) - 1, 3)]
        sections = sections[: min(len(sections) - 1, 3)]
    sections = sections or [_GENERAL]
    return NumberFormat(tuple(sections), text_section, sections[0].kind, code.startswith(LOCAL))


def _split(code: str) -> list[str]:
    """The sections of a code: a semicolon that is quoted, escaped or in brackets parts nothing."""
    parts, start = [], 0
    for match in _SEPARATOR.finditer(code):
        if match.group(1):
            parts.append(code[start : match.start()])
            start = match.end()
    return [*parts, code[start:]]


def _section(code: str) -> Section:
    pieces: list[Piece] = []
    condition = None
    for match in _PIECE.finditer(code):
        kind = str(match.lastgroup)
        text = match.group(kind)
        if kind == "bracket":
            found = _CONDITION.fullmatch(text)
            if found:
                condition = (found.group(1), float(found.group(2)))
            pieces.extend(_bracket(text))
        elif kind in {"quoted", "escaped"}:
            pieces.append(Piece("literal", text))
        elif kind == "pad":
            pieces.append(Piece("literal", " "))
        elif kind != "fill":
            pieces.append(Piece(kind, text))
    return Section(tuple(pieces), condition, date_format.kind_of(pieces))


def _bracket(text: str) -> list[Piece]:
    """`[h]` counts hours without end, `[$€-407]` is a currency sign; colours and languages show nothing."""
    if _ELAPSED.fullmatch(text):
        return [Piece("elapsed", text.lower())]
    if text[:4].upper() in {"$-F8", "$-F4"}:
        return _system_form(text)
    if text.startswith("$"):
        return [Piece("literal", text[1:].partition("-")[0])]
    return []


def _system_form(text: str) -> list[Piece]:
    """`[$-F800]` is the computer's long date, `[$-F400]` its time; the rest of the section repeats it as a default."""
    return [Piece("system", "date" if text[3] == "8" else "time")]


def _holds(condition: tuple[str, float], value: float) -> bool:
    operator, bound = condition
    return {
        "<": value < bound,
        "<=": value <= bound,
        ">": value > bound,
        ">=": value >= bound,
        "=": value == bound,
        "<>": value != bound,
    }[operator]


_GENERAL = Section((Piece("general", "General"),))
