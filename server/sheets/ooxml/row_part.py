"""Rows of a worksheet as bytes that can stand in another place: renumbered, their formulas along with them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from openpyxl.formula.translate import Translator

from server.errors import PermanentError
from server.sheets.ooxml import text
from server.sheets.ooxml.sheet_part import ATTRIBUTES, SheetPart, attributes

Translate = Callable[[str, int, int], str]
"""(formula, row it stands in, row it goes to) -> the formula there."""


class RowPart(NamedTuple):
    """One row: its number, where its bytes lie, its start tag's attributes and its cells."""

    number: int
    start: int
    end: int
    attributes: bytes
    body: bytes


class RowParts:
    """All rows of a worksheet. Raises PermanentError when its XML leaves out what moving a row needs."""

    def __init__(self, part: SheetPart) -> None:
        self.part = part
        name = re.escape(part.prefix)
        self._number = re.compile(rb"(\sr\s*=\s*[\"'])\d+")
        self._cell = re.compile(rb"(<%sc(?=\s)(?:\s[\w:]+=\"[^\"]*\")*?\sr\s*=\s*[\"'][A-Z]+)\d+" % name)
        self._formula = re.compile(rb"<%sf(?=[\s/>])(%s)(?:/>|>([^<]*)</%sf\s*>)" % (name, ATTRIBUTES, name))
        self._opened = b"<%sf" % part.prefix
        self._bare = re.compile(rb"<%sc(?!\s[^>]*?\br\s*=)[\s/>]" % name)
        self._masters: dict[bytes, tuple[str, str]] | None = None
        self.rows = {row.number: row for row in self._read()}

    def _read(self) -> list[RowPart]:
        found = []
        for match in self.part.tag.row.finditer(self.part.content, self.part.start, self.part.end):
            given = attributes(match[1])
            if b"r" not in given or self._bare.search(match[2] or b""):
                raise PermanentError(
                    f"{self.part.label} was written by a program that leaves out row numbers. Open it in Excel or "
                    "LibreOffice, save it once, and go on.",
                    whole_campaign=True,
                )
            found.append(RowPart(int(given[b"r"]), match.start(), match.end(), match[1], match[2] or b""))
        return found

    def at(self, row: RowPart, number: int, translate: Translate) -> bytes:
        """The row's bytes in place `number`."""
        body = row.body
        if self._opened in body:
            body = self._with_formulas(row, number, translate)
        body = self._cell.sub(lambda match: match[1] + b"%d" % number, body)
        start = self._number.sub(lambda match: match[1] + b"%d" % number, row.attributes, count=1)
        name = self.part.prefix + b"row"
        return b"<%s%s>%s</%s>" % (name, start, body, name) if body else b"<%s%s/>" % (name, start)

    def formulas(self, row: RowPart) -> list[tuple[str, str]]:
        """Address and text of every formula in a row; of a shared one, what it is in that very cell."""
        return [(place, self._text(match, place)) for place, match in self._matches(row)]

    def has_formulas(self, row: RowPart) -> bool:
        """Whether any cell of the row is a formula."""
        return self._opened in row.body and bool(self._formula.search(row.body))

    def _matches(self, row: RowPart) -> list[tuple[str, re.Match[bytes]]]:
        found = []
        for cell in self.part.tag.cell.finditer(row.body):
            match = self._formula.search(cell[6]) if cell[6] else None
            if match:
                letters = cell[1] or attributes(cell[5]).get(b"r", b"").rstrip(b"0123456789")
                found.append((f"{letters.decode()}{row.number}", match))
        return found

    def _text(self, match: re.Match[bytes], place: str) -> str:
        given = attributes(match[1])
        written = text.decode(match[2] or b"")
        if written or given.get(b"t") != b"shared":
            return written
        origin, master = self._shared().get(given.get(b"si", b""), ("", ""))
        if not origin:
            return ""
        translated: str = Translator(f"={master}", origin=origin).translate_formula(place)
        return translated[1:]

    def _shared(self) -> dict[bytes, tuple[str, str]]:
        """Shared formulas: their number -> the cell that holds the text, and the text."""
        if self._masters is None:
            self._masters = {}
            for row in self.rows.values():
                if b"shared" in row.body:
                    for place, match in self._matches(row):
                        given = attributes(match[1])
                        if given.get(b"t") == b"shared" and match[2]:
                            self._masters[given.get(b"si", b"")] = (place, text.decode(match[2]))
        return self._masters

    def _with_formulas(self, row: RowPart, number: int, translate: Translate) -> bytes:
        """The row's cells with each formula as it is in place `number`; shared ones become ones of their own."""
        places = iter(self._matches(row))

        def change(match: re.Match[bytes]) -> bytes:
            place, _ = next(places)
            formula = translate(self._text(match, place), row.number, number)
            kept = re.sub(rb"\s(?:si|t|ref)\s*=\s*(?:\"[^\"]*\"|'[^']*')", b"", match[1])
            if attributes(match[1]).get(b"t") == b"array":
                letters = place.rstrip("0123456789").encode()
                kept += b' t="array" ref="%s%d"' % (letters, number)
            name = self.part.prefix + b"f"
            return b"<%s%s>%s</%s>" % (name, kept.rstrip(b"/"), text.encode(formula), name)

        return self._formula.sub(change, row.body)
