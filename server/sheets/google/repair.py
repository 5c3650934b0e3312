"""Putting back what a write hit by mistake, because somebody sorted or moved cells between our look and our write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.table import Cell, CellEdit, CellValue, Row
from server.domain.words import CellKind
from server.sheets.google.reading import Picture
from server.sheets.google.writing import Hit
from server.sheets.lines import Value


@dataclass(frozen=True, slots=True)
class Remedy:
    """Edits of the table as it is now that put old values back. Formulas and dates go back by (row number, column
    number), as what they were."""

    edits: tuple[CellEdit, ...]
    formulas: dict[tuple[int, int], str]
    numbers: dict[tuple[int, int], float]


def remedy(was: Picture, now: Picture, hits: Sequence[Hit]) -> Remedy:
    """What to put back, given the tab before the write and after it.

    A cell that no longer shows what we wrote was changed by a person since, and is theirs.
    """
    edits: list[CellEdit] = []
    formulas: dict[tuple[int, int], str] = {}
    numbers: dict[tuple[int, int], float] = {}
    columns = _columns(was, now)
    indexes = {now.number(index): index for index in range(len(now.table.columns))}
    for hit in hits:
        row = _row_now(now, hit)
        if row is None:
            continue
        places = {number: indexes[number] for number in hit.values if number in indexes}
        old = _row_before(was, now, row, hit, columns, set(places.values()))
        for number, index in places.items():
            if not _is_ours(row.cells[index], hit.values[number]):
                continue
            before = columns.get(index)
            cell = old.cells[before] if old is not None and before is not None else None
            place = (row.position, number)
            if cell is not None and old is not None and before is not None:
                origin = (old.position, was.number(before))
                if cell.formula and was.formulas.get(origin):
                    formulas[place] = was.formulas[origin]
                    continue
                if cell.kind in {CellKind.DATE, CellKind.TIME, CellKind.DATETIME}:
                    numbers[place] = was.serials[origin]
                    continue
            value: CellValue = cell.raw if cell is not None and not cell.formula else None
            edits.append(CellEdit(row, index, value))
    return Remedy(tuple(edits), formulas, numbers)


def _is_ours(cell: Cell, value: Value) -> bool:
    """Whether the cell still holds what we wrote, and nothing that may not be written to."""
    return cell.raw == (None if value == "" else value) and not cell.formula and not cell.merged


def _columns(was: Picture, now: Picture) -> dict[int, int]:
    """Columns of the table as it is now -> the same ones before, by our mark or else by title."""
    found = {}
    for index, column in enumerate(now.table.columns):
        before = was.table.tagged(column.tag)
        if before is None:
            same = [i for i, one in enumerate(was.table.columns) if one.title == column.title and not one.tag]
            here = [i for i, one in enumerate(now.table.columns) if one.title == column.title and not one.tag]
            before = same[here.index(index)] if index in here and len(same) > here.index(index) else None
        if before is not None:
            found[index] = before
    return found


def _row_now(now: Picture, hit: Hit) -> Row | None:
    """The row that got our values, wherever it is by now."""
    if hit.key:
        rows = now.table.by_key().get(hit.key, [])
        if len(rows) == 1:
            return rows[0]
    return next((row for row in now.table.rows if row.position == hit.position), None)


def _row_before(
    was: Picture, now: Picture, row: Row, hit: Hit, columns: dict[int, int], touched: set[int]
) -> Row | None:
    """The same row before the write: by its key, else by the cells that we did not touch; None when it is new."""
    key = now.table.key_column
    if row.key and key not in touched:
        rows = was.table.by_key().get(row.key, [])
        if len(rows) == 1:
            return rows[0]
    looked = [(index, before) for index, before in columns.items() if index not in touched]
    same = [one for one in was.table.rows if all(row.cells[i].shown == one.cells[b].shown for i, b in looked)]
    if len(same) > 1:
        return next((one for one in same if one.position == hit.position), same[0])
    return same[0] if same else None
