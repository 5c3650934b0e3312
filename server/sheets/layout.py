"""Where the table of a sheet lies: its header, its rows and its columns. Pure; any sheet adapter may use it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from server.domain.keys import is_row_key
from server.domain.table import BLANK, Cell, Column, Row, fold
from server.domain.words import ROW_KEY_TITLE
from server.errors import InvalidInput
from server.sheets import address, header
from server.sheets.address import Range

_NAMED = 5
"""Cells or ranges named in one warning; the rest are counted."""


class Line(NamedTuple):
    """A row of the sheet: its number, whether it is hidden, and its cells by column number."""

    number: int
    hidden: bool
    cells: dict[int, Cell]


class Frame(Protocol):
    """What stands around the cells of a sheet."""

    @property
    def frozen_rows(self) -> int:
        """The last row that stays in view at the top, 0 for none."""
        ...

    @property
    def filtered(self) -> Range | None:
        """The block with filter buttons."""
        ...

    @property
    def hidden_columns(self) -> Sequence[tuple[int, int]]:
        """First and last column of every hidden stretch."""
        ...

    @property
    def merges(self) -> Sequence[Range]:
        """Merged blocks."""
        ...


class Block(Protocol):
    """A table that its host knows by name (an Excel Table, a table of Google Sheets)."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def block(self) -> Range:
        """What it covers, header and totals included."""
        ...

    @property
    def headers(self) -> int:
        """Rows of titles."""
        ...

    @property
    def last(self) -> int:
        """Number of the last row of data."""
        ...


@dataclass(frozen=True, slots=True)
class Region:
    """The table's place in the sheet: `columns` are column numbers; `table` is set when its host knows it by name."""

    header_row: int
    last_row: int
    columns: tuple[int, ...]
    table: Block | None = None


def region_of(
    name: str, lines: Sequence[Line], frame: Frame, tables: Sequence[Block], header_row: int | None
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


def _table(tables: Sequence[Block], header_row: int | None, frozen: int) -> Block | None:
    """The table that is meant: with the given header, under the frozen rows, or else the largest."""
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
    region: Region, frame: Frame, tables: Sequence[Block], columns: Sequence[Column], found: Sequence[str] = ()
) -> tuple[str, ...]:
    """What a person should know about this sheet before relying on it; `found` is what the adapter has to add."""
    said = []
    merges = merges_in(region, frame)
    if merges:
        said.append(
            f"Merged cells ({some([str(block) for block in merges])}): only the first cell of each holds a value; "
            "the others stay empty and are never written to."
        )
    said += found
    others = [table.name for table in tables if region.table and table is not region.table]
    if region.table and others:
        said.append(f"This sheet has several tables; Cellback works on “{region.table.name}”, not on {some(others)}.")
    titles = Counter(fold(column.title) for column in columns if column.title)
    twice = sorted({column.title for column in columns if titles[fold(column.title)] > 1})
    if twice:
        said.append(f"Several columns are called {some([f'“{title}”' for title in twice])}: the first one counts.")
    return tuple(said)


def digest(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """Names a table's exact content, and where it lies."""
    found = hashlib.blake2b(digest_size=16)
    found.update(repr([(one.title, one.letter, one.hidden, one.tag) for one in columns]).encode())
    for row in rows:
        cells = [(one.shown, one.raw, one.kind.value, one.formula, one.merged) for one in row.cells]
        found.update(repr((row.position, row.hidden, cells)).encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def inside(region: Region, cell: str) -> bool:
    """Whether the cell of that address is one of the table's."""
    block = address.parse(cell)
    return bool(block and block.left in region.columns and region.header_row <= block.top <= region.last_row)


def some(names: Sequence[str]) -> str:
    """Names for a warning: at most five of them."""
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
