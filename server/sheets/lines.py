"""Edits of a table by row, for hosts where others work at the same time: what each row gets, and what proves it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from server.domain.keys import is_row_key
from server.domain.table import Cell, CellEdit, CellValue, Row, Table
from server.sheets import address
from server.sheets.layout import digest

Value = str | int | float | bool
Proof = Literal["key", "row"]


@dataclass(frozen=True, slots=True)
class Line:
    """What one row gets: values by column number, and what proves that it is the right one."""

    row: Row
    values: Mapping[int, Value]
    proof: Proof


def number_of(table: Table, column: int) -> int:
    """The column's number in the sheet, 1 for A."""
    return address.number(table.columns[column].letter)


def numbers_of(table: Table) -> dict[int, int]:
    """Indexes of the table's columns by their numbers in the sheet."""
    return {number_of(table, index): index for index in range(len(table.columns))}


def key_number(table: Table) -> int | None:
    """Number in the sheet of the column of row keys."""
    return None if table.key_column is None else number_of(table, table.key_column)


def lines_of(table: Table, edits: Sequence[CellEdit], wire: Callable[[CellValue], Value], new: int = 0) -> list[Line]:
    """Edits by row; those of `new` columns, which are still to come, only name their row.

    `wire` makes a value of what a cell is to hold. Raises ValueError for what callers must leave out.
    """
    known = {row.position: row for row in table.rows}
    found: dict[int, dict[int, Value]] = {}
    for edit in edits:
        row = known.get(edit.row.position)
        if row is None or (row is not edit.row and row != edit.row):
            raise ValueError(f"row {edit.row.position} is not a row of the table that was read")
        if not 0 <= edit.column < len(table.columns) + new:
            raise ValueError(f"the table has no column with the index {edit.column}")
        if edit.column >= len(table.columns):
            found.setdefault(row.position, {})
            continue
        cell = row.cells[edit.column]
        if cell.formula or cell.merged:
            kind = "a formula" if cell.formula else "covered by a merge"
            place = f"{table.columns[edit.column].letter}{row.position}"
            raise ValueError(f"{place} is {kind}: never written to")
        found.setdefault(row.position, {})[number_of(table, edit.column)] = wire(edit.value)
    key, carried = key_number(table), Counter(row.key for row in table.rows)
    lines = []
    for position in sorted(found):
        row, values = known[position], found[position]
        sure = row.key and carried[row.key] == 1 and key is not None and key not in values  # a copy has the same key
        proof: Proof = "key" if sure else "row"
        lines.append(Line(row, values, proof))
    return lines


def differs(was: Table, now: Table, lines: Sequence[Line]) -> bool:
    """Whether a row that is to be written to is no longer where it was, or a cell of it no longer what it was."""
    if was.columns != now.columns:
        return True
    rows = {row.position: row for row in now.rows}
    indexes = numbers_of(was)
    for line in lines:
        row = rows.get(line.row.position)
        if row is None or row.key != line.row.key:
            return True
        looked = [indexes[number] for number in line.values] if line.proof == "key" else range(len(row.cells))
        if any(not _alike(line.row, row, index) for index in looked):
            return True
    return False


def _alike(was: Row, now: Row, index: int) -> bool:
    """A formula may show something else by now; that it is one must not have changed."""
    one, other = was.cells[index], now.cells[index]
    return one == other or (one.formula and other.formula)


def after(table: Table, lines: Sequence[Line], proven: Mapping[tuple[int, int], Cell]) -> Table:
    """The table that was read with what was proven to stand in it now, and nothing else that anybody did meanwhile.

    `proven` has the cells that were written, by (row number, column number).
    """
    indexes = numbers_of(table)
    changed = {line.row.position: line.values for line in lines}
    rows = []
    for row in table.rows:
        values = changed.get(row.position)
        if values is None:
            rows.append(row)
            continue
        cells = list(row.cells)
        for number in values:
            cells[indexes[number]] = proven[row.position, number]
        key = cells[table.key_column].shown if table.key_column is not None else row.key
        rows.append(Row(row.position, key if is_row_key(key) else "", tuple(cells), row.hidden))
    kept = tuple(row for row in rows if not row.empty)
    return replace(table, rows=kept, version=digest(table.columns, kept))
