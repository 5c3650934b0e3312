"""Where the table of a worksheet lies: its header, its rows and its columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from server.domain.keys import is_row_key
from server.domain.table import BLANK, Cell, Column, Row, fold
from server.domain.words import ROW_KEY_TITLE
from server.errors import InvalidInput
from server.sheets import header
from server.sheets.ooxml import address
from server.sheets.ooxml.address import Range
from server.sheets.ooxml.cells import Line, Scan
from server.sheets.ooxml.sheet_part import Frame
from server.sheets.ooxml.table_part import TablePart

_NAMED = 5
"""Cells or ranges named in one warning; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Region:
    """The table's place in the sheet: `columns` are column numbers; `table` is set when it is an Excel Table."""

    header_row: int
    last_row: int
    columns: tuple[int, ...]
    table: TablePart | None = None


def region_of(
    name: str, lines: Sequence[Line], frame: Frame, tables: Sequence[TablePart], header_row: int | None
) -> Region:
    """Find the table of a sheet. Raises InvalidInput when there is none."""
    if not any(cell.shown.strip() for line in lines for cell in line.cells.values()):
        raise InvalidInput(f"The sheet “{name}” is empty. Put titles in its first row and a person in each row below.")
    table = _table(tables, header_row, frame.frozen_rows)
    if table:
        columns = tuple(range(table.block.left, table.block.right + 1))
        return Region(table.block.top, min(table.last, lines[-1].number), columns, table)
    top = header_row or _header(lines, frame)
    titles = next((line for line in lines if line.number == top), None)
    if top is None or titles is None or not any(cell.shown.strip() for cell in titles.cells.values()):
        where = (
            f"Row {header_row} of the sheet “{name}” is empty" if header_row else f"The sheet “{name}” has no header"
        )
        raise InvalidInput(f"{where}: give each column a title, or say which row has them (--header-row).")
    below = [line for line in lines if line.number >= top]
    used = {column for line in below for column in line.cells}
    return Region(top, max(line.number for line in below), tuple(sorted(used)))


def _table(tables: Sequence[TablePart], header_row: int | None, frozen: int) -> TablePart | None:
    """The Excel Table that is meant: with the given header, under the frozen rows, or else the largest."""
    able = [table for table in tables if table.headers]
    if header_row:
        return next((table for table in able if table.block.top == header_row), None)
    return max(able, key=lambda table: (table.block.top == frozen, _size(table.block)), default=None)


def _size(block: Range) -> int:
    return (block.bottom - block.top + 1) * (block.right - block.left + 1)


def _header(lines: Sequence[Line], frame: Frame) -> int | None:
    filled = [(line.number, line.cells) for line in lines]
    if not frame.frozen_rows and frame.filtered:
        return frame.filtered.top
    return header.find(filled, frame.frozen_rows)


def columns_of(region: Region, lines: Sequence[Line], frame: Frame) -> tuple[Column, ...]:
    """The table's columns with their titles."""
    titles = next((line.cells for line in lines if line.number == region.header_row), {})
    return tuple(
        Column(
            title=" ".join(titles.get(number, BLANK).shown.split()),
            letter=address.letter(number),
            hidden=any(first <= number <= last for first, last in frame.hidden_columns),
        )
        for number in region.columns
    )


def key_column_of(columns: Sequence[Column]) -> int | None:
    """Index of the column of row keys."""
    return next((index for index, column in enumerate(columns) if fold(column.title) == fold(ROW_KEY_TITLE)), None)


def rows_of(region: Region, lines: Sequence[Line], frame: Frame, key_column: int | None) -> tuple[Row, ...]:
    """The table's rows that hold anything, in order."""
    covered = _covered(region, frame)
    places = {number: index for index, number in enumerate(region.columns)}
    rows = []
    for line in lines:
        if not region.header_row < line.number <= region.last_row:
            continue
        cells = [BLANK] * len(places)
        for column, cell in line.cells.items():
            if column in places:
                cells[places[column]] = cell
        for column in covered.get(line.number, ()):
            cells[places[column]] = Cell(merged=True)
        key = cells[key_column].shown if key_column is not None else ""
        row = Row(line.number, key if is_row_key(key) else "", tuple(cells), line.hidden)
        if not row.empty:
            rows.append(row)
    return tuple(rows)


def _covered(region: Region, frame: Frame) -> dict[int, set[int]]:
    """The table's cells that lie under a merge, without its first one: columns by row."""
    covered: dict[int, set[int]] = {}
    columns = set(region.columns)
    for block in merges_in(region, frame):
        for number in range(max(block.top, region.header_row + 1), min(block.bottom, region.last_row) + 1):
            under = columns.intersection(range(block.left, block.right + 1))
            if number == block.top:
                under.discard(block.left)
            covered.setdefault(number, set()).update(under)
    return covered


def merges_in(region: Region, frame: Frame) -> list[Range]:
    """Merged blocks that touch the table."""
    left, right = region.columns[0], region.columns[-1]
    return [
        block
        for block in frame.merges
        if block.right >= left
        and block.left <= right
        and block.bottom >= region.header_row
        and block.top <= region.last_row
    ]


def warnings_of(
    region: Region, frame: Frame, tables: Sequence[TablePart], scan: Scan, columns: Sequence[Column]
) -> tuple[str, ...]:
    """What a person should know about this sheet before relying on it."""
    found = []
    merges = merges_in(region, frame)
    if merges:
        found.append(
            f"Merged cells ({_some([str(block) for block in merges])}): only the first cell of each holds a value; "
            "the others stay empty and are never written to."
        )
    stale = [cell for cell in scan.stale if _inside(region, cell)]
    if stale:
        found.append(
            f"Formulas without a stored result ({_some(stale)}) are read as empty. "
            "Open the workbook in Excel or LibreOffice and save it once."
        )
    if scan.local and _inside(region, scan.local):
        found.append(
            f"Dates such as {scan.local} have the short form that differs from country to country; messages show them "
            "month first (12/31/2027). Give the column a date format of its own to be sure."
        )
    others = [table.name for table in tables if region.table and table is not region.table]
    if region.table and others:
        found.append(f"This sheet has several tables; Cellback works on “{region.table.name}”, not on {_some(others)}.")
    titles = Counter(fold(column.title) for column in columns if column.title)
    twice = sorted({column.title for column in columns if titles[fold(column.title)] > 1})
    if twice:
        found.append(f"Several columns are called {_some([f'“{title}”' for title in twice])}: the first one counts.")
    return tuple(found)


def torn_by_sorting(region: Region, filter_name: Range | None) -> tuple[str, ...]:
    """Warnings of columns that a sort would leave behind, so that a row's cells would end up in different rows."""
    if region.table:
        return ()
    found = []
    gap = next((after for before, after in pairwise(region.columns) if after > before + 1), None)
    if gap:
        found.append(
            f"There is an empty column before column {address.letter(gap)}: sorting in Excel stops there and would "
            "tear rows apart. Remove it, or make the list a Table (Ctrl+T)."
        )
    if filter_name and filter_name.top == region.header_row and filter_name.right < region.columns[-1]:
        found.append(
            f"For LibreOffice the filter ends at column {address.letter(filter_name.right)}: sorting there would leave "
            "the columns behind it where they are and tear rows apart. Switch the filter off and on again first."
        )
    return tuple(found)


def _inside(region: Region, cell: str) -> bool:
    block = address.parse(cell)
    return bool(block and block.left in region.columns and region.header_row <= block.top <= region.last_row)


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
