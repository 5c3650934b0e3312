"""A sheet as read at one moment: header, rows, cells. Positions in it are worth nothing after the next read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from server.domain.words import CellKind

CellValue = str | int | float | bool | None
"""What a cell may be given: text lands as text even when it starts with `=`; None clears the cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `shown` is what people see, `raw` what lies behind it (dates as ISO text), `formula` if it is one."""

    shown: str = ""
    raw: CellValue = None
    kind: CellKind = CellKind.BLANK
    formula: bool = False
    merged: bool = False
    """Covered by a merge and not its top-left cell: nothing may be written here."""


BLANK = Cell()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table. `title` is the header as shown, stripped; `letter` is for people ("C").

    `tag` is what we marked it with when we made it, where its host keeps such marks: it stays with the column when
    people rename or move it.
    """

    title: str
    letter: str
    hidden: bool = False
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A record. `position` is the adapter's own handle at the time of the read and is never stored."""

    position: int
    key: str
    cells: tuple[Cell, ...]
    hidden: bool = False

    def shown(self, column: int) -> str:
        """Shown text of the column at that index, "" beyond the end."""
        return self.cells[column].shown if column < len(self.cells) else ""

    @property
    def empty(self) -> bool:
        """No cell shows anything (the row key does not count: it is ours)."""
        return not any(cell.shown.strip() for cell in self.cells if cell.shown != self.key)


@dataclass(frozen=True, slots=True)
class Table:
    """One tab as read at one moment.

    `version` names the state that was read: `Sheet.apply` refuses when the sheet has moved on since.
    `key_column` is the index in `columns` of the row keys, or None when the sheet has none yet.
    Every row's `cells` is as long as `columns`. Wholly empty rows are left out.
    """

    workbook: str
    sheet: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    version: str
    header_row: int = 1
    key_column: int | None = None
    warnings: tuple[str, ...] = ()
    _index: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for index, column in enumerate(self.columns):
            first = self._index.setdefault(fold(column.title), index)
            if column.tag and not self.columns[first].tag:  # somebody gave a column of theirs the name of ours
                self._index[fold(column.title)] = index

    def tagged(self, tag: str) -> int | None:
        """Index of the first column with that tag, or None."""
        return next((index for index, column in enumerate(self.columns) if tag and column.tag == tag), None)

    def find(self, title: str) -> int | None:
        """Index of the first column with that title (case and spaces do not matter), one of ours before others."""
        return self._index.get(fold(title)) if title.strip() else None

    def records(self) -> Iterator[tuple[Row, dict[str, str]]]:
        """Every row with its shown texts by column title."""
        for row in self.rows:
            yield row, self.record(row)

    def record(self, row: Row) -> dict[str, str]:
        """Shown texts of one row by column title; of two columns with one title the first one counts."""
        found: dict[str, str] = {}
        for column, cell in zip(self.columns, row.cells, strict=True):
            if column.title:
                found.setdefault(column.title, cell.shown)
        return found

    def by_key(self) -> dict[str, list[Row]]:
        """Rows by their key; more than one row under a key means that somebody copied a row."""
        rows: dict[str, list[Row]] = {}
        for row in self.rows:
            if row.key:
                rows.setdefault(row.key, []).append(row)
        return rows


@dataclass(frozen=True, slots=True)
class NewColumn:
    """A column to add, right of the last used one and inside the table, so that every sort carries it.

    `tag` is to be found in `Column.tag` again, where the host keeps such marks. What it looks like is said by `Look`.
    """

    title: str
    hidden: bool = False
    tag: str = ""


@dataclass(frozen=True, slots=True)
class CellEdit:
    """Put `value` into `column` (an index in `Table.columns`; new columns follow on in order) of `row`."""

    row: Row
    column: int
    value: CellValue


def fold(title: str) -> str:
    """A title as people compare it: case and runs of white space do not matter."""
    return " ".join(title.split()).casefold()
