"""Gives rows their keys before there is a campaign: so a selection can be named without ever naming row numbers."""

from __future__ import annotations

from server.domain.rows import assign_keys
from server.domain.table import CellEdit, NewColumn
from server.domain.words import ROW_KEY_TITLE
from server.errors import SheetChanged
from server.flow.planning import TRIES
from server.ports import Sheet


def give_keys(sheet: Sheet) -> int:
    """Give a key to every row that has data and none, in one write; how many got one.

    Whose key a copied row carries is left to the campaign that knows who the rows are about. Safe to repeat. Raises
    what the sheet raises.
    """
    for _ in range(TRIES):
        table = sheet.read()
        keyless = {row.position: row for row in table.rows if not row.key}
        keys = {place: key for place, key in assign_keys(table, lambda _: "", {}).items() if place in keyless}
        if not keys:
            return 0
        new = [NewColumn(ROW_KEY_TITLE, hidden=True)] if table.key_column is None else []
        column = len(table.columns) if table.key_column is None else table.key_column
        try:
            sheet.apply(table, [CellEdit(keyless[place], column, key) for place, key in keys.items()], new)
        except SheetChanged:
            continue
        return len(keys)
    raise SheetChanged(f"The sheet “{sheet.title}” keeps changing. Wait for the others to finish, then try again.")
