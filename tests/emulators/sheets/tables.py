"""Sheets Tables: a named range with typed columns; its header row is its first."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tests.emulators.sheets import a1, formats, locales
from tests.emulators.sheets.errors import invalid
from tests.emulators.sheets.formulas import effective
from tests.emulators.sheets.grid import Sheet, Spreadsheet

Wire = dict[str, Any]


def find(book: Spreadsheet, table_id: str) -> tuple[Sheet, Wire]:
    """A table and its sheet. Raises ApiError (400)."""
    for sheet in book.sheets:
        for table in sheet.tables:
            if table["tableId"] == table_id:
                return sheet, table
    raise invalid(f"No table with id: {table_id}")


def check(book: Spreadsheet, sheet: Sheet, table: Wire) -> None:
    """Raises ApiError (400) for a name that is taken, a range over another table, or one without a row of data."""
    part = a1.area(table.get("range", {}))
    if part.bottom is None or part.right is None or part.bottom - part.top < 2:
        raise invalid("A table needs a bounded range with a header and at least one row.")
    if part.bottom > sheet.row_count or part.right > sheet.column_count:
        raise invalid(f"The table's range exceeds grid limits. {sheet.limits()}")
    for other_sheet in book.sheets:
        for other in other_sheet.tables:
            if other is table or other["tableId"] == table["tableId"]:
                continue
            if other["name"].casefold() == table["name"].casefold():
                raise invalid(f'A table with the name "{table["name"]}" already exists.')
            if a1.area(other["range"]).meets(part):
                raise invalid("A table can't overlap another table.")
    for column in table.get("columnProperties", []):
        rule = column.get("dataValidationRule")
        if (column.get("columnType") == "DROPDOWN") != bool(rule):
            raise invalid("A dataValidationRule goes with the column type DROPDOWN, and only with it.")


def columns(book: Spreadsheet, sheet: Sheet, table: Wire) -> list[Wire]:
    """A property for each column of the range, named by the header row where the request names none."""
    part = a1.area(table["range"])
    given = {each.get("columnIndex", 0): each for each in table.get("columnProperties", [])}
    found = []
    for index in range((part.right or 0) - part.left):
        cell = sheet.cell(part.top, part.left + index)
        text = formats.shown(cell, effective(book, sheet, cell), locales.locale(book.locale))
        wanted = copy.deepcopy(given.get(index, {}))
        wanted["columnIndex"] = index
        wanted.setdefault("columnName", text or f"Column {index + 1}")
        found.append(wanted)
    return found


def wire(book: Spreadsheet, sheet: Sheet, table: Wire) -> Wire:
    """As the API gives it: a column is named by what its header cell says now."""
    found = copy.deepcopy(table)
    part = a1.area(table["range"])
    for column in found["columnProperties"]:
        cell = sheet.cell(part.top, part.left + column["columnIndex"])
        text = formats.shown(cell, effective(book, sheet, cell), locales.locale(book.locale))
        column["columnName"] = text or column["columnName"]
    return found


def follow(table: Wire, place: Callable[[int], int | None], span: Callable[[int, int], Any]) -> None:
    """Renumber the table's columns after columns of its sheet moved; before its range is fitted."""
    left, right = table["range"].get("startColumnIndex", 0), table["range"]["endColumnIndex"]
    new = span(left, right)
    if new is None:
        return
    kept = []
    for column in table.get("columnProperties", []):
        at = place(left + column.get("columnIndex", 0))
        if at is not None and new[0] <= at < new[1]:
            kept.append({**column, "columnIndex": at - new[0]})
    taken = {column["columnIndex"] for column in kept}
    names = {column.get("columnName", "") for column in kept}
    for index in range(new[1] - new[0]):
        if index not in taken:
            number = index + 1
            while f"Column {number}" in names:
                number += 1
            names.add(f"Column {number}")
            kept.append({"columnIndex": index, "columnName": f"Column {number}"})
    table["columnProperties"] = sorted(kept, key=lambda column: column["columnIndex"])
