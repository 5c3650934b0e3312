"""Following our columns when people rename them: a column is known by what we wrote into it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from server.domain.table import Table, fold

ENOUGH = 0.8
"""Share of the texts that we wrote which a column must still hold to be taken for the renamed one."""


def renamed(table: Table, columns: Mapping[str, str], written: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """Role -> new title, for each of our columns whose title is gone but whose texts stand under another one.

    `columns` maps roles to the titles we know; `written` maps (row key, folded title) to the text we last wrote.
    A column that is gone for good is in neither: it is to be made again.
    """
    known = {fold(title) for title in columns.values()}
    lost = {role: title for role, title in columns.items() if table.find(title) is None}
    strange = [index for index, column in enumerate(table.columns) if fold(column.title) not in known and column.title]
    found: dict[str, str] = {}
    for role, title in lost.items():
        ours = {key: text for (key, folded), text in written.items() if folded == fold(title) and text}
        best, share = None, 0.0
        for index in strange:
            hits = sum(ours.get(row.key) == row.cells[index].shown for row in table.rows if row.key in ours)
            if ours and hits / len(ours) > share:
                best, share = index, hits / len(ours)
        if best is not None and share >= ENOUGH:
            found[role] = table.columns[best].title
            strange.remove(best)
    return found
