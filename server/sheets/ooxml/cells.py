"""Cells of a worksheet as people see them: types, shared texts and number formats resolved."""

from __future__ import annotations

import math
import re
from datetime import datetime

from lxml import etree

from server.domain.table import BLANK, Cell
from server.domain.words import CellKind
from server.sheets import address, date_format, number_format
from server.sheets.address import Range
from server.sheets.layout import Line
from server.sheets.number_format import NumberFormat
from server.sheets.ooxml import text
from server.sheets.ooxml.sheet_part import SheetPart, attributes
from server.sheets.ooxml.workbook import Workbook, damaged, rich

_KEEP = 200_000
"""Cells remembered by their bytes: most sheets repeat themselves, and equal cells can be one object."""


class Scan:
    """All rows of a worksheet, read once.

    `blocks` are ranges that one array formula fills, `stale` formulas without a stored value, `local` a cell whose
    date is shown in the order of the computer's country ("" for none).
    """

    def __init__(self, workbook: Workbook, part: SheetPart) -> None:
        self.blocks: list[Range] = []
        self.stale: list[str] = []
        self.local = ""
        self._workbook = workbook
        self._part = part
        self._ordered: set[bytes] = set()
        self._formats: dict[bytes, NumberFormat] = {}
        self._columns = _Columns()
        self._seen: dict[tuple[bytes, bytes, bytes], Cell] = {}
        name = re.escape(part.prefix)
        self._value = re.compile(rb"<%sv(?:\s[^>]*)?>([^<]*)</%sv\s*>" % (name, name))
        self._opening, self._closing = b"<%sv>" % part.prefix, b"</%sv>" % part.prefix
        self._plain = re.compile(
            rb"<%sis><%st(?: xml:space=\"preserve\")?>([^<]*)</%st></%sis>" % (name, name, name, name)
        )
        self._formula = re.compile(rb"<%sf(?=[\s/>])([^>]*)>" % name)
        try:
            self.lines = self._lines()
        except (ValueError, IndexError, OverflowError) as error:
            raise damaged(part.label) from error
        self._mark_blocks()

    def _lines(self) -> list[Line]:
        lines, numbers, number = [], set[int](), 0
        for match in self._part.tag.row.finditer(self._part.content, self._part.start, self._part.end):
            given = attributes(match[1])
            number = int(given.get(b"r", number + 1))
            cells = self._cells(match[2], number) if match[2] else {}
            if number in numbers:
                raise ValueError("a row is there twice")
            numbers.add(number)
            lines.append(Line(number, given.get(b"hidden", b"0") in {b"1", b"true"}, cells))
        return lines

    def _cells(self, content: bytes, row: int) -> dict[int, Cell]:
        cells: dict[int, Cell] = {}
        column, seen, numbers = 0, self._seen, self._columns
        for letters, _, style, kind, others, inner in self._part.tag.cell.findall(content):
            if others:
                letters, style, kind = _given(others, letters, style, kind)
            column = numbers[letters] if letters else column + 1
            if not inner:
                continue
            found = (style, kind, inner)
            cell = seen.get(found) or self._cell(found, row, column)
            if cell is not BLANK:
                cells[column] = cell
        return cells

    def _cell(self, found: tuple[bytes, bytes, bytes], row: int, column: int) -> Cell:
        style, kind, inner = found
        formula = None
        plain = self._plain.fullmatch(inner) if kind == b"inlineStr" else None
        if plain:
            cell = self._texts(style, text.unescape(text.decode(plain[1])))
        elif inner.startswith(self._opening) and inner.endswith(self._closing):
            cell = self._resolve(style, kind, inner, text.decode(inner[len(self._opening) : -len(self._closing)]))
        else:
            formula = self._formula.search(inner)
            stored = self._value.search(inner)
            cell = self._resolve(style, kind, inner, text.decode(stored[1]) if stored else "")
        if style in self._ordered and not self.local and cell.kind in _DAYS:
            self.local = f"{address.letter(column)}{row}"
        if formula is None:
            if len(self._seen) < _KEEP:
                self._seen[found] = cell
            return cell
        self._note_formula(attributes(formula[1]), row, column, missing=cell is BLANK and kind != b"str")
        return Cell(cell.shown, cell.raw, cell.kind, formula=True)

    def _note_formula(self, given: dict[bytes, bytes], row: int, column: int, *, missing: bool) -> None:
        block = address.parse(given.get(b"ref", b"").decode())
        if block and given.get(b"t") in {b"array", b"dataTable"}:
            self.blocks.append(block)
        if missing:
            self.stale.append(f"{address.letter(column)}{row}")

    def _resolve(self, style: bytes, kind: bytes, inner: bytes, value: str) -> Cell:
        if kind == b"inlineStr":
            return self._texts(style, rich(etree.fromstring(_inline(inner, self._part.prefix))))
        if not value:
            return BLANK
        if kind == b"s":
            return self._texts(style, self._workbook.shared[int(value)])
        if kind == b"str":
            return self._texts(style, text.unescape(value))
        if kind == b"b":
            return Cell("TRUE" if value.strip() in {"1", "true"} else "FALSE", value.strip() in {"1", "true"}, _BOOLEAN)
        if kind == b"e":
            return Cell(value, value, CellKind.ERROR)
        return self._number(style, _serial(value, self._workbook.date1904) if kind == b"d" else number(value))

    def _texts(self, style: bytes, value: str) -> Cell:
        if not value:
            return BLANK
        form = self._format(style)
        return Cell(form.text(value) if form.text_section else value, value, CellKind.TEXT)

    def _number(self, style: bytes, value: int | float) -> Cell:
        form = self._format(style)
        shown = form.number(value, self._workbook.date1904)
        if form.kind is not CellKind.NUMBER:
            moment = date_format.iso(value, form.kind, self._workbook.date1904)
            if moment is not None:
                return Cell(shown, moment, form.kind)
        return Cell(shown, value, CellKind.NUMBER)

    def _format(self, style: bytes) -> NumberFormat:
        form = self._formats.get(style)
        if form is None:
            codes = self._workbook.formats
            index = int(style or b"0")
            form = number_format.parse(codes[index] if index < len(codes) else "General")
            self._formats[style] = form
            if form.local:
                self._ordered.add(style)
        return form

    def _mark_blocks(self) -> None:
        """Every cell that an array formula fills is a formula, not only the first one."""
        lines = {line.number: line.cells for line in self.lines} if self.blocks else {}
        widest = max((column for cells in lines.values() for column in cells), default=0)
        for block in self.blocks:
            for cells in (lines[row] for row in range(block.top, block.bottom + 1) if row in lines):
                for column in range(block.left, min(block.right, widest) + 1):
                    cell = cells.get(column, BLANK)
                    cells[column] = Cell(cell.shown, cell.raw, cell.kind, formula=True)


class _Columns(dict[bytes, int]):
    """Column numbers by their letters, worked out once each."""

    def __missing__(self, letters: bytes) -> int:
        self[letters] = found = address.number(letters.decode())
        return found


_BOOLEAN = CellKind.BOOLEAN
_DAYS = frozenset({CellKind.DATE, CellKind.DATETIME})


def number(value: str) -> int | float:
    """A stored number: an int when it is whole, so that ids and phones keep their digits."""
    if value.isdecimal():
        return int(value)
    found = float(value)
    if not math.isfinite(found):
        raise ValueError("no number of a cell")
    return int(found) if found.is_integer() and abs(found) < 1e15 else found


def _serial(value: str, date1904: bool) -> int | float:
    """The serial number of an ISO date, as strict workbooks store it."""
    moment = datetime.fromisoformat(value.strip().replace("Z", ""))
    base = datetime(1904, 1, 1) if date1904 else datetime(1899, 12, 30)  # noqa: DTZ001 (cells have no time zone)
    return (moment - base).total_seconds() / 86400


def _given(others: bytes, letters: bytes, style: bytes, kind: bytes) -> tuple[bytes, bytes, bytes]:
    """Reference letters, style and type of a cell whose attributes come in another order."""
    given = attributes(others)
    reference = given.get(b"r", b"").rstrip(b"0123456789")
    return reference or letters, given.get(b"s", style), given.get(b"t", kind)


def _inline(inner: bytes, prefix: bytes) -> bytes:
    """The `<is>` of a cell as a document of its own."""
    name = prefix + b"is"
    start = inner.find(b"<" + name)
    end = inner.find(b"</" + name)
    if start < 0 or end < 0:
        return b"<is/>"
    declared = b' xmlns:%s="x"' % prefix[:-1] if prefix else b""
    start = inner.index(b">", start) + 1
    return b"<is%s>%s</is>" % (declared, inner[start:end])
