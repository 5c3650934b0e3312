"""Basic filter and filter views: their shape on the wire, and which rows the basic one hides."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tests.emulators.sheets import conditions, formats
from tests.emulators.sheets.a1 import Area, area
from tests.emulators.sheets.errors import invalid
from tests.emulators.sheets.formulas import effective
from tests.emulators.sheets.grid import Sheet, Spreadsheet
from tests.emulators.sheets.locales import locale


def normal(filter_: dict[str, Any], table_range: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """As the API gives it back: `criteria` and `filterSpecs` both filled, the range of its table written out.

    Raises ApiError (400) when it names both a range and a table.
    """
    found = copy.deepcopy(filter_)
    if "range" in found and "tableId" in found:
        raise invalid("Only one of range or table_id may be set.")
    if "tableId" in found:
        found["range"] = copy.deepcopy(table_range(found["tableId"]))
    if "filterSpecs" in found:
        specs = found["filterSpecs"]
    else:
        specs = [{"columnIndex": int(column), "filterCriteria": criterion}
                 for column, criterion in found.get("criteria", {}).items()]  # fmt: skip
    for key in ("filterSpecs", "criteria"):
        found.pop(key, None)
    if specs:
        found["filterSpecs"] = specs
        found["criteria"] = {str(each.get("columnIndex", 0)): each.get("filterCriteria", {}) for each in specs}
    return found


def follow(filter_: dict[str, Any], place: Callable[[int], int | None]) -> None:
    """Renumber columns in criteria and sort orders after columns moved; those that are gone fall out."""
    specs = []
    for each in filter_.get("filterSpecs", []):
        at = place(each.get("columnIndex", 0))
        if at is not None:
            specs.append({**each, "columnIndex": at})
    sorts = []
    for each in filter_.get("sortSpecs", []):
        at = place(each.get("dimensionIndex", 0))
        if at is not None:
            sorts.append({**each, "dimensionIndex": at})
    for key, value in (("filterSpecs", specs), ("sortSpecs", sorts)):
        if key in filter_:
            filter_[key] = value
    if "criteria" in filter_:
        filter_["criteria"] = {str(each["columnIndex"]): each.get("filterCriteria", {}) for each in specs}


def body(sheet: Sheet, filter_: dict[str, Any]) -> Area:
    """The rows that a filter can hide: all of its range but the header."""
    part = area(filter_.get("range") or {"sheetId": sheet.id})
    return Area(sheet.id, part.top + 1, part.bottom, part.left, part.right).within(sheet.row_count, sheet.column_count)


def passes(book: Spreadsheet, sheet: Sheet, filter_: dict[str, Any], row: int) -> bool:
    """Whether the filter (basic or a view) shows the row."""
    spoken = locale(book.locale)
    for spec in filter_.get("filterSpecs", []):
        cell = sheet.cell(row, spec.get("columnIndex", 0))
        value = effective(book, sheet, cell)
        text = formats.shown(cell, value, spoken)
        criterion = spec.get("filterCriteria", {})
        if text in criterion.get("hiddenValues", []):
            return False
        condition = criterion.get("condition")
        if condition and not conditions.holds(condition, value, text, spoken):
            return False
    return True


def follow_edits(book: Spreadsheet) -> None:
    """Apply all basic filters again after a change, where `doubts` says that a sheet does so."""
    if book.doubts.filter_follows_edits:
        for sheet in book.sheets:
            apply(book, sheet)


def apply(book: Spreadsheet, sheet: Sheet) -> None:
    """Hide and show rows by the basic filter as it stands; without one, show all.

    A sheet does this when the filter is set or its rows are sorted, not at every edit.
    """
    for line in sheet.rows:
        line.hidden_by_filter = False
    if not sheet.basic_filter or not sheet.basic_filter.get("filterSpecs"):
        return
    part = body(sheet, sheet.basic_filter)
    used = sheet.used().bottom or 0
    for row in range(part.top, min(part.bottom or 0, max(used, part.top))):
        sheet.row(row).hidden_by_filter = not passes(book, sheet, sheet.basic_filter, row)
