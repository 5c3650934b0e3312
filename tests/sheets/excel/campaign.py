"""What a campaign does to a sheet, by itself: keys, columns, then words into them until they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from server.domain.keys import new_row_key
from server.domain.table import CellEdit, NewColumn, Row, Table
from server.domain.words import ROW_KEY_TITLE
from server.errors import SheetChanged, SheetUnavailable
from server.ports import Sheet

ROUNDS = 60


def keyed(sheet: Sheet, titles: list[str]) -> Table:
    """Give every row a key and make the columns."""
    for _ in range(ROUNDS):
        table = sheet.read()
        new = [NewColumn(title) for title in titles if table.find(title) is None]
        edits: list[CellEdit] = []
        column = table.key_column
        if column is None:
            column = len(table.columns) + len(new)
            new.append(NewColumn(ROW_KEY_TITLE, hidden=True))
        edits = [CellEdit(row, column, new_row_key()) for row in table.rows if not row.key]
        if not new and not edits:
            return table
        try:
            sheet.apply(table, edits, new)
        except SheetChanged:
            continue
    raise AssertionError("the keys never stood")


@dataclass
class Results:
    """Words for rows (by key) that are to stand in a column, written as the flow does: a cell that holds something
    else than a word of ours is a person's, and is left alone."""

    sheet: Sheet
    column: str
    wanted: dict[str, str]
    ours: set[tuple[str, str]] = field(default_factory=set)
    theirs: dict[str, str] = field(default_factory=dict)
    changed: int = 0

    def write(self, until: Callable[[], bool] = lambda: True) -> None:
        """Go on until every word stands, or a person's does."""
        for _ in range(ROUNDS):
            try:
                if self.round(0.0) and until():
                    return
            except (SheetChanged, SheetUnavailable):
                self.changed += 1
        raise AssertionError(f"not written: {len(self._open(self.sheet.read()))}")

    def round(self, max_age: float = 1.0) -> bool:
        """One look and one write; whether there was nothing to write."""
        table = self.sheet.read(max_age)
        todo = self._open(table)
        if not todo:
            return True
        column = table.find(self.column)
        assert column is not None
        self.ours |= {(row.key, self.wanted[row.key]) for row in todo}
        self.sheet.apply(table, [CellEdit(row, column, self.wanted[row.key]) for row in todo])
        return False

    def _open(self, table: Table) -> list[Row]:
        column = table.find(self.column)
        assert column is not None
        found = []
        for key, rows in table.by_key().items():
            if key not in self.wanted or len(rows) != 1:
                continue
            shown = rows[0].shown(column)
            if shown == self.wanted[key]:
                self.theirs.pop(key, None)
            elif not shown or (key, shown) in self.ours:
                found.append(rows[0])
            else:
                self.theirs[key] = shown
        return found
