"""What people do to the rows of a workbook file on the desk: sort, filter, add, delete. One write each, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from server.domain.table import CellValue, Row, Table
from server.errors import InvalidInput
from server.sheets import address
from server.sheets.address import Range
from server.sheets.ooxml import filters
from server.sheets.ooxml.arrange import Place
from server.sheets.ooxml.filters import Filter, FilterPart
from server.sheets.ooxml.workbook import Tab, Workbook, check
from server.sheets.order import in_order
from server.sheets.xlsx import XlsxSheet


@dataclass(frozen=True, slots=True)
class Shown:
    """What a column (an index in the table's) shows. Without values and words: a kind that only Excel knows."""

    column: int
    values: tuple[str, ...] | None = None
    contains: str = ""


class Bench:
    """Arranges one sheet. Every method works on the table as it was read and raises SheetChanged when the file has
    moved on since, SheetUnavailable while it is open elsewhere, PermanentError where the result could not be right."""

    def __init__(self, sheet: XlsxSheet) -> None:
        self.sheet = sheet
        self.before: Mapping[str, bytes] = {}
        """The parts that the last change replaced, as they were."""
        self.version = ""
        """What the last change made of the file."""

    def put_back(self, table: Table, parts: Mapping[str, bytes]) -> None:
        """Put parts as they were in their place again; right only on the version that the change made of them."""
        self._rewrite(table, lambda _book, _tab: parts)

    def sort(self, table: Table, column: int, *, descending: bool = False) -> bool:
        """Sort all rows by a column (an index in `table.columns`); whether anything moved."""
        return self.order(table, in_order(table.rows, column, descending=descending))

    def order(self, table: Table, rows: Sequence[Row]) -> bool:
        """Put the table's rows in this order: whole rows, with all that belongs to them; whether anything moved."""
        if len(rows) != len(table.rows) or {row.position for row in rows} != {row.position for row in table.rows}:
            raise ValueError("the order must hold every row once")
        old, new = [row.position for row in rows], sorted(row.position for row in rows)
        return old != new and self._write(table, lambda place: place.arranged(old, new))

    def delete(self, table: Table, rows: Sequence[Row]) -> None:
        """Take rows out of the sheet; those below move up."""
        if len(rows) >= len(table.rows):
            raise InvalidInput("These are all rows of the sheet. One must stay: a list without rows has no form.")
        last = max(row.position for row in table.rows)
        self._write(table, lambda place: place.removed([row.position for row in rows], last))

    def add(self, table: Table, before: Row | None, values: Mapping[str, CellValue]) -> int:
        """Make a row above `before`, or below all others, with these values by letter of their column; its number."""
        made = [0]
        last = max((row.position for row in table.rows), default=table.header_row)

        def change(place: Place) -> Mapping[str, bytes]:
            parts, made[0] = place.added(before.position if before else None, last, values)
            return parts

        self._write(table, change)
        return made[0]

    def filters(self, table: Table) -> list[Shown]:
        """The filters that are set, as the file has them."""
        return [_shown(table, one) for one in self.sheet.look_into(lambda book, tab: _filters(book, tab, table)[1])]

    def filter(self, table: Table, wanted: Sequence[Shown]) -> bool:
        """Set the sheet's filters to these alone, and hide every row that they do not show; whether anything changed.

        Filters of a kind that only Excel knows stay when `wanted` names their column without values and words;
        rows that they hide stay hidden.
        """
        return self._rewrite(table, lambda book, tab: _filtered(book, tab, table, wanted))

    def show(self, table: Table, hidden: Mapping[int, bool]) -> None:
        """Hide or show rows by position, with no regard to filters."""

        def change(book: Workbook, tab: Tab) -> Mapping[str, bytes]:
            place = Place(book, tab, table.header_row, [column.letter for column in table.columns])
            part = place.part
            return {tab.part: filters.with_hidden(part, hidden) + part.content[part.tail_start :]}

        self._rewrite(table, change)

    def _write(self, table: Table, change: Callable[[Place], Mapping[str, bytes]]) -> bool:
        letters = [column.letter for column in table.columns]
        return self._rewrite(table, lambda book, tab: change(Place(book, tab, table.header_row, letters)))

    def _rewrite(self, table: Table, change: Callable[[Workbook, Tab], Mapping[str, bytes]]) -> bool:
        before: dict[str, bytes] = {}

        def keeping(book: Workbook, tab: Tab) -> Mapping[str, bytes]:
            parts = change(book, tab)
            before.update({name: book.archive.read(name) for name in parts})
            return parts

        version = self.sheet.rewrite(table, keeping)
        self.before, self.version = before, version
        return bool(version)


def _filters(book: Workbook, tab: Tab, table: Table) -> tuple[Place, list[Filter], FilterPart]:
    place = Place(book, tab, table.header_row, [column.letter for column in table.columns])
    last = max((row.position for row in table.rows), default=table.header_row)
    span = Range(min(place.columns), table.header_row, max(place.columns), last)
    found = FilterPart(place.part, place.table, table.header_row, span)
    return place, found.filters, found


def _shown(table: Table, one: Filter) -> Shown:
    letters = address.letter(one.column)
    index = next((index for index, column in enumerate(table.columns) if column.letter == letters), -1)
    return Shown(index, one.values, one.contains)


def _filtered(book: Workbook, tab: Tab, table: Table, wanted: Sequence[Shown]) -> Mapping[str, bytes]:
    place, before, found = _filters(book, tab, table)
    index = {address.number(column.letter): at for at, column in enumerate(table.columns)}
    after = []
    for one in wanted:
        number = address.number(table.columns[one.column].letter)
        same = next((old for old in before if old.column == number
                     and (old.values, old.contains) == (one.values, one.contains)), None)  # fmt: skip
        if same or one.values is not None or one.contains:
            after.append(same or Filter(number, one.values, one.contains))
    kept = [one for one in after if not one.known]
    hidden = {}
    for row in table.rows:
        texts = {one.column: row.shown(index[one.column]) for one in (*before, *after) if one.column in index}
        by_excel = bool(kept) and row.hidden and all(one.shows(texts.get(one.column, "")) for one in before)
        hidden[row.position] = by_excel or not all(one.shows(texts.get(one.column, "")) for one in after)
    tail, table_part = found.changed(after)
    content = filters.with_hidden(place.part, hidden) + tail
    check(content, place.label)
    parts = {tab.part: content}
    if place.table and table_part and table_part != place.table.content:
        parts[place.table.part] = table_part
    return {} if content == place.part.content and len(parts) == 1 else parts
