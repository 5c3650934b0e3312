"""Requests of a batch that make, change and remove Sheets Tables."""

from __future__ import annotations

import copy
import uuid
from typing import Any

from tests.emulators.sheets import entry, locales, mask, tables
from tests.emulators.sheets.access import Caller
from tests.emulators.sheets.batch_grid import masked
from tests.emulators.sheets.errors import invalid
from tests.emulators.sheets.grid import Sheet, Spreadsheet
from tests.emulators.sheets.metadata import checked, sheet_of

Body = dict[str, Any]


def add_table(book: Spreadsheet, body: Body, who: Caller) -> Body:
    """A table over a range; names that the request gives to columns go into its header."""
    table = copy.deepcopy(body.get("table", {}))
    sheet = sheet_of(book, checked(book, table.get("range", {})).sheet_id)
    table.setdefault("tableId", uuid.uuid4().hex[:12])
    count = sum(len(each.tables) for each in book.sheets)
    table.setdefault("name", f"Table{count + 1}")
    tables.check(book, sheet, table)
    table["columnProperties"] = tables.columns(book, sheet, table)
    sheet.tables.append(table)
    _write_header(book, sheet, table)
    return {"table": copy.deepcopy(table)}


def update_table(book: Spreadsheet, body: Body, who: Caller) -> None:
    """Fields of a table."""
    wanted, fields = body.get("table", {}), masked(body, "Table")
    sheet, table = tables.find(book, wanted.get("tableId", ""))
    merged = mask.merge(fields, table, wanted, "Table")
    merged["tableId"] = table["tableId"]
    if not merged.get("range") or not merged.get("name"):
        raise invalid("A table needs a name and a range.")
    tables.check(book, sheet, merged)
    merged["columnProperties"] = tables.columns(book, sheet, merged)
    sheet.tables[sheet.tables.index(table)] = merged
    _write_header(book, sheet, merged)


def delete_table(book: Spreadsheet, body: Body, who: Caller) -> None:
    """The table goes, with the cells in it."""
    sheet, table = tables.find(book, body.get("tableId", ""))
    sheet.tables.remove(table)
    part = checked(book, table["range"]).within(sheet.row_count, sheet.column_count)
    for row in sheet.rows[part.top : part.bottom]:
        for column in range(part.left, min(part.right or 0, len(row.cells))):
            row.cells[column] = type(row.cells[column])()


def _write_header(book: Spreadsheet, sheet: Sheet, table: Body) -> None:
    top, left = table["range"].get("startRowIndex", 0), table["range"].get("startColumnIndex", 0)
    for column in table["columnProperties"]:
        at = left + column["columnIndex"]
        cell = sheet.cell(top, at)
        if (cell.entered or {}).get("stringValue") != column["columnName"]:
            sheet.put(top, at, entry.typed(cell, column["columnName"], "RAW", locales.locale(book.locale)))
