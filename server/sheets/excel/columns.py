"""Requests that add columns: inside the table, so that every sort carries them, and never over what stands there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from server.domain.table import NewColumn
from server.sheets import address
from server.sheets.address import Range
from server.sheets.excel.book import Part
from server.sheets.excel.reading import ExcelTable, Picture, table_path
from server.sheets.excel.shot import Entry
from server.sheets.excel.values import TEXT, typed
from server.sheets.excel.writing import range_path
from server.sheets.lines import number_of


def title_of(column: NewColumn) -> str:
    """The title as it goes into the header."""
    return " ".join(column.title.split())


def in_table(table: ExcelTable, new: Sequence[NewColumn]) -> list[Part]:
    """Add them to an Excel Table, at its right end. Not to be repeated before a look: each would come twice."""
    return [Part("POST", f"{table_path(table)}/columns/add", {"name": title_of(column)}) for column in new]


def looks_in_table(table: ExcelTable, made: Mapping[str, NewColumn]) -> list[Part]:
    """Their format (text, so that what people type stays text too), and the hiding; `made` are columns by id."""
    found = []
    for key, column in made.items():
        place = f"{table_path(table)}/columns/{quote(key, safe='')}"
        found.append(Part("PATCH", f"{place}/dataBodyRange", {"numberFormat": TEXT}))
        if column.hidden:
            found.append(Part("PATCH", f"{place}/range", {"columnHidden": True}))
    return found


def place_beside(was: Picture, new: Sequence[NewColumn]) -> Range:
    """Where the titles go on a tab without an Excel Table: right of the last used column."""
    left = number_of(was.table, len(was.table.columns) - 1) + 1
    return Range(left, was.table.header_row, left + len(new) - 1, was.table.header_row)


def beside(tab: str, was: Picture, new: Sequence[NewColumn]) -> list[Part]:
    """Insert them as whole columns, so that what somebody types there meanwhile only moves to the right; then write
    the titles."""
    titles = place_beside(was, new)
    letters = f"{address.letter(titles.left)}:{address.letter(titles.right)}"
    values = [[typed(Entry(title_of(column))) for column in new]]
    body = titles._replace(top=titles.top + 1, bottom=max(was.shot.block.bottom, titles.top + 1))
    found = [
        Part("POST", f"/workbook/worksheets/{tab}/range(address='{letters}')/insert", {"shift": "Right"}),
        Part("PATCH", range_path(tab, body), {"numberFormat": TEXT}),
        Part("PATCH", range_path(tab, titles), {"values": values}),
    ]
    for number, column in enumerate(new, titles.left):
        if column.hidden:
            cell = titles._replace(left=number, right=number)
            found.append(Part("PATCH", range_path(tab, cell), {"columnHidden": True}))
    return found
