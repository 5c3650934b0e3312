"""`run --where`: the rows that conditions on columns mean, as row keys. Rows without a key get one first."""

from __future__ import annotations

from collections.abc import Sequence

from server.domain.condition import Condition, fault, matching, parsed
from server.domain.table import Table
from server.errors import InvalidInput
from server.flow import keying
from server.ports import Sheet


def rows_where(sheet: Sheet, written: Sequence[str], *, among_all: bool) -> tuple[str, ...]:
    """Keys of the rows (the visible ones, or all) for which every condition holds.

    Raises InvalidInput for a condition that can't be read, and where no row is meant; and what the sheet raises.
    """
    table = sheet.read()
    conditions = [_condition(table, text) for text in written]
    keying.give_keys(sheet)
    table = sheet.read()
    rows = [row for row in table.rows if not row.empty and (among_all or not row.hidden)]
    for condition in conditions:
        rows = matching(table, condition, rows)
    if not rows:
        said = " and ".join(f"“{text}”" for text in written)
        raise InvalidInput(f"No {'' if among_all else 'visible '}row of “{table.sheet}” fits {said}.", field="where")
    return tuple(dict.fromkeys(row.key for row in rows))


def _condition(table: Table, text: str) -> Condition:
    titles = [column.title for column in table.columns if column.title]
    found = parsed(text, titles)
    if found is None:
        raise InvalidInput(
            f"“{text}” is no condition on a column of “{table.sheet}”. Write it as Country=Spain, Country!=Spain, "
            "Name~Ann, Fee>30, Fee<30, Paid is empty, Paid is filled, Start before 10:00 or Start after 2026-05-31. "
            f"Its columns are {', '.join(titles[:20])}.",
            field="where",
        )
    if wrong := fault(found):
        raise InvalidInput(f"In “{text}”: {wrong}", field="where")
    return found
