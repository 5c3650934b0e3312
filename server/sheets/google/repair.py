"""Putting back what a write hit by mistake, because somebody sorted or moved cells between our look and our write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from server.domain.keys import is_row_key
from server.domain.table import Cell, CellEdit, Row
from server.domain.words import CellKind
from server.sheets.google.reading import Picture
from server.sheets.google.writing import Hit
from server.sheets.lines import Value

_MOMENTS = {CellKind.DATE, CellKind.TIME, CellKind.DATETIME}


@dataclass
class Remedy:
    """What puts old values back, in the tab as it is now: edits, and formulas and dates by (row number, column
    number), which go back as what they were."""

    edits: list[CellEdit] = field(default_factory=list)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    numbers: dict[tuple[int, int], float] = field(default_factory=dict)


def remedy(was: Picture, now: Picture, hits: Sequence[Hit]) -> Remedy:
    """What to put back, given the tab before the write and after it.

    A cell that no longer shows what we wrote was changed by a person since, and is theirs. Where it is not known
    which row was hit, all that this write put anywhere goes back: its cells are not settled, and are written again.
    """
    found, before = Remedy(), _Before(was, now)
    all_given = {value for hit in hits for value in hit.values.values()}
    for row, values in _places(was, now, hits):
        touched = frozenset(
            index for index, given in values.items() if any(_is_ours(row.cells[index], value) for value in given)
        )
        maybe = frozenset(
            index for index, cell in enumerate(row.cells) if any(_is_ours(cell, value) for value in all_given)
        )
        for index in touched:
            _put_back(found, now, row, index, before.cell(row, index, touched, maybe))
    return found


def _places(was: Picture, now: Picture, hits: Sequence[Hit]) -> Iterator[tuple[Row, dict[int, set[Value]]]]:
    """Rows that may hold our values by now, each with the values by index of column: a row that was hit may have been
    moved or copied since."""
    columns = _Columns(was, now)
    keys: dict[str, dict[int, set[Value]]] = {}
    anywhere: dict[int, set[Value]] = {}
    for hit in hits:
        wanted = keys.setdefault(hit.key, {}) if is_row_key(hit.key) else anywhere
        for number, value in hit.values.items():
            for index in columns.hit(number, value, hit.titles):
                wanted.setdefault(index, set()).add(value)
    for row in now.table.rows:
        values = {index: set(given) for index, given in keys.get(row.key, {}).items()}
        for index, given in anywhere.items():
            values.setdefault(index, set()).update(given)
        if values:
            yield row, values


class _Columns:
    """Which columns of the tab as it is now a value may have hit."""

    def __init__(self, was: Picture, now: Picture) -> None:
        same = _same_columns(was, now)
        self._here = {now.number(index): {index} for index in range(len(now.table.columns))}
        for index, before in same.items():
            self._here.setdefault(was.number(before), set()).add(index)
        self._titled: dict[str, set[int]] = {}
        for index, column in enumerate(now.table.columns):
            self._titled.setdefault(column.title, set()).add(index)
        self._all = frozenset(range(len(now.table.columns)))
        self._new = self._all - set(same)

    def hit(self, number: int, value: Value, titles: Mapping[int, str] | None) -> set[int]:
        """Their indexes: the column there, the one that was there, and the one that was hit by its title, since columns
        may have moved again. Too many do no harm: a cell that holds what it held before is left alone."""
        found = set(self._here.get(number, ()))
        if titles is None:  # nobody saw where it went; an emptied cell elsewhere may be a person's doing
            return found if value == "" else set(self._all)
        if number not in titles:
            return found
        title = titles[number]
        return found | self._titled.get(title, set()) | (set() if title else self._new)


def _is_ours(cell: Cell, value: Value) -> bool:
    """Whether the cell still holds what we wrote, and nothing that may not be written to."""
    return cell.raw == (None if value == "" else value) and not cell.formula and not cell.merged


def _put_back(found: Remedy, now: Picture, row: Row, index: int, old: tuple[Cell, str, float | None]) -> None:
    cell, formula, serial = old
    place = (row.position, now.number(index))
    if formula:
        found.formulas[place] = formula
    elif cell.kind in _MOMENTS and serial is not None:
        found.numbers[place] = serial
    elif cell.raw != row.cells[index].raw:
        found.edits.append(CellEdit(row, index, cell.raw))


class _Before:
    """What stood in a cell of the tab as it is now, before the write."""

    def __init__(self, was: Picture, now: Picture) -> None:
        self._was = was
        self._now = now
        self._columns = _same_columns(was, now)
        self._keys = was.table.by_key()
        self._by_content: dict[frozenset[int], dict[tuple[str, ...], list[Row]]] = {}

    def cell(
        self, row: Row, index: int, touched: frozenset[int], maybe: frozenset[int]
    ) -> tuple[Cell, str, float | None]:
        """The cell, its formula and its serial number; an empty one where row or column are new since.

        `touched` are the columns of the row that this write hit, `maybe` all that hold something it put anywhere.
        """
        column, old = self._columns.get(index), self._row(row, touched, maybe)
        if column is None or old is None:
            return Cell(), "", None
        place = (old.position, self._was.number(column))
        return old.cells[column], self._was.formulas.get(place, ""), self._was.serials.get(place)

    def _row(self, row: Row, touched: frozenset[int], maybe: frozenset[int]) -> Row | None:
        """The same row by its key, else by its other cells; None when it is new."""
        if row.key and self._now.table.key_column not in touched:
            rows = self._keys.get(row.key, [])
            if len(rows) == 1:
                return rows[0]
        # What may be ours tells nothing of whose row it is, unless nothing else would be left to tell.
        return self._alike(row, touched | maybe) or self._alike(row, touched)

    def _alike(self, row: Row, besides: frozenset[int]) -> Row | None:
        """The row that showed the same in all columns but these; None where that says nothing, or there is none."""
        looked = [(index, before) for index, before in self._columns.items() if index not in besides]
        shown = tuple(row.cells[index].shown for index, _ in looked)
        if not any(shown):
            return None
        if besides not in self._by_content:
            known = self._by_content[besides] = {}
            for one in self._was.table.rows:
                known.setdefault(tuple(one.cells[before].shown for _, before in looked), []).append(one)
        same = self._by_content[besides].get(shown, [])
        return next((one for one in same if one.position == row.position), same[0] if same else None)


def _same_columns(was: Picture, now: Picture) -> dict[int, int]:
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
