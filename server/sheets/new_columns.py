"""Columns that are to be added: what may be asked for, and whether they came to stand where they should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from server.domain.table import NewColumn, Table, fold
from server.domain.words import ROW_KEY_TITLE


def refuse_taken(table: Table, new: Sequence[NewColumn]) -> None:
    """Raises ValueError for a title that is empty or there already."""
    seen = {fold(column.title) for column in table.columns}
    for column in new:
        if not column.title.strip() or fold(column.title) in seen:
            raise ValueError(f"a new column can't be called {column.title!r}: the title is taken or empty")
        seen.add(fold(column.title))


def is_key(column: NewColumn) -> bool:
    """Whether it is the column of row keys."""
    return fold(column.title) == fold(ROW_KEY_TITLE)


def made(table: Table, new: Sequence[NewColumn]) -> bool:
    """Whether all of them are there."""
    return all(table.find(column.title) is not None for column in new)


def grown(was: Table, now: Table, new: Sequence[NewColumn]) -> bool:
    """Whether the table is the one from before with exactly the new columns behind it."""
    before = [(column.title, column.tag) for column in was.columns]
    present = [(column.title, column.tag) for column in now.columns[: len(before)]]
    titles = [fold(column.title) for column in now.columns[len(before) :]]
    return before == present and titles == [fold(column.title) for column in new]


def narrow(table: Table, width: int) -> Table:
    """The table without the columns behind that width, to hold it against one from before they were there."""
    rows = tuple(replace(row, cells=row.cells[:width]) for row in table.rows)
    key = table.key_column if table.key_column is not None and table.key_column < width else None
    if key is None:
        rows = tuple(replace(row, key="") for row in rows)
    return replace(table, columns=table.columns[:width], rows=rows, key_column=key)
