"""spreadsheets.get: the Spreadsheet resource, with or without its cells."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from tests.emulators.sheets import conditions, formats, mask, metadata, tables
from tests.emulators.sheets.a1 import Area, area
from tests.emulators.sheets.access import Caller, may_edit
from tests.emulators.sheets.formulas import effective
from tests.emulators.sheets.grid import Cell, Line, Sheet, Spreadsheet
from tests.emulators.sheets.locales import locale

PIXELS = {"ROWS": 21, "COLUMNS": 100}
_PAINTED = {"backgroundColor", "backgroundColorStyle", "textFormat", "*"}
"""What a conditional format may change; without one of these in the mask none is looked at, as they are slow."""
DEFAULT_FORMAT: dict[str, Any] = {
    "backgroundColor": {"red": 1, "green": 1, "blue": 1},
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": {"red": 1, "green": 1, "blue": 1}},
}


def spreadsheet(
    book: Spreadsheet, who: Caller, fields: mask.Mask, parts: Sequence[Area] | None = None, grid: bool = False
) -> dict[str, Any]:
    """The resource, cut to the mask ({}: all). `parts`: only these, and the sheets they are on.

    With a mask, cells come when the mask names them, whatever `grid` says.
    """
    if fields:
        grid = mask.names(fields, "sheets", "data")
    found: dict[str, Any] = {"spreadsheetId": book.id, "properties": _properties(book)}
    sheets = []
    for index, sheet in enumerate(book.sheets):
        own = None if parts is None else [part for part in parts if part.sheet_id == sheet.id]
        if own is None or own:
            sheets.append(_sheet(book, sheet, index, who, own or [sheet.whole()], grid, fields))
    found["sheets"] = sheets
    own_metadata = [metadata.wire(entry, (at, kind, number)) for entry, (at, kind, number)
                    in metadata.visible(book, who) if at is None]  # fmt: skip
    if own_metadata:
        found["developerMetadata"] = own_metadata
    found["spreadsheetUrl"] = f"https://docs.google.com/spreadsheets/d/{book.id}/edit"
    picked: dict[str, Any] = mask.pick(fields, found)
    return picked


def _properties(book: Spreadsheet) -> dict[str, Any]:
    return {
        "title": book.title,
        "locale": book.locale,
        "autoRecalc": "ON_CHANGE",
        "timeZone": book.time_zone,
        "defaultFormat": copy.deepcopy(DEFAULT_FORMAT),
    }


def sheet_properties(book: Spreadsheet, sheet: Sheet) -> dict[str, Any]:
    """SheetProperties."""
    grid = {"rowCount": sheet.row_count, "columnCount": sheet.column_count}
    if sheet.frozen_rows:
        grid["frozenRowCount"] = sheet.frozen_rows
    if sheet.frozen_columns:
        grid["frozenColumnCount"] = sheet.frozen_columns
    found: dict[str, Any] = {"sheetId": sheet.id, "title": sheet.title, "index": book.sheets.index(sheet)}
    found |= {"sheetType": "GRID", "gridProperties": grid, **copy.deepcopy(sheet.other_properties)}
    if sheet.hidden:
        found["hidden"] = True
    return found


def _sheet(
    book: Spreadsheet, sheet: Sheet, index: int, who: Caller, parts: Sequence[Area], grid: bool, fields: mask.Mask
) -> dict[str, Any]:
    found: dict[str, Any] = {"properties": sheet_properties(book, sheet)}
    if grid:
        wanted = mask.below(fields, "sheets", "data")
        found["data"] = [_grid_data(book, sheet, part, who, wanted) for part in parts]
    for name, held in (
        ("merges", sheet.merges),
        ("conditionalFormats", sheet.conditional_formats),
        ("filterViews", sheet.filter_views),
        ("tables", [tables.wire(book, sheet, each) for each in sheet.tables]),
    ):
        if held:
            found[name] = copy.deepcopy(held)
    if sheet.protected_ranges:
        found["protectedRanges"] = [protection(book, each, who) for each in sheet.protected_ranges]
    if sheet.basic_filter is not None:
        found["basicFilter"] = copy.deepcopy(sheet.basic_filter)
    own = [metadata.wire(entry, place) for entry, place in metadata.visible(book, who)
           if place[0] is sheet and place[1] == "SHEET"]  # fmt: skip
    if own:
        found["developerMetadata"] = own
    return found


def protection(book: Spreadsheet, held: dict[str, Any], who: Caller) -> dict[str, Any]:
    """A ProtectedRange as that account sees it: only those who may edit it see its editors."""
    found = copy.deepcopy(held)
    if may_edit(book, held, who.email):
        found["requestingUserCanEdit"] = True
    else:
        found.pop("editors", None)
    return found


def _grid_data(book: Spreadsheet, sheet: Sheet, part: Area, who: Caller, fields: mask.Mask) -> dict[str, Any]:
    part = part.within(sheet.row_count, sheet.column_count)
    bottom, right = part.bottom or 0, part.right or 0
    found: dict[str, Any] = {}
    if part.top:
        found["startRow"] = part.top
    if part.left:
        found["startColumn"] = part.left
    if mask.names(fields, "rowData"):
        inner = mask.below(fields, "rowData", "values")
        held = range(part.top, min(bottom, len(sheet.rows)))
        rows = [_row(book, sheet, row, part.left, right, inner) for row in held]
        while rows and not rows[-1]:
            rows.pop()
        if rows:
            found["rowData"] = mask.Cut(rows)
    if mask.names(fields, "rowMetadata"):
        found["rowMetadata"] = _lines(sheet, "ROWS", part.top, bottom, who)
    if mask.names(fields, "columnMetadata"):
        found["columnMetadata"] = _lines(sheet, "COLUMNS", part.left, right, who)
    return found


def _row(book: Spreadsheet, sheet: Sheet, row: int, left: int, right: int, fields: mask.Mask) -> dict[str, Any]:
    columns = range(left, min(right, len(sheet.rows[row].cells)))
    cells = [cell_data(book, sheet, row, column, fields) for column in columns]
    while cells and not cells[-1]:
        cells.pop()
    return {"values": cells} if cells else {}


def cell_data(book: Spreadsheet, sheet: Sheet, row: int, column: int, fields: mask.Mask = mask.ALL) -> dict[str, Any]:
    """CellData, {} for a cell in which there is nothing. Computes no more than the mask names."""
    cell = sheet.cell(row, column)
    if cell.blank:
        return {}
    found: dict[str, Any] = {}
    value, text = None, ""
    if cell.entered is not None:
        value = effective(book, sheet, cell)
        text = formats.shown(cell, value, locale(book.locale))
        found = {"userEnteredValue": cell.entered, "effectiveValue": value, "formattedValue": text}
    if cell.format:
        found["userEnteredFormat"] = cell.format
    if (cell.entered is not None or cell.format) and mask.names(fields, "effectiveFormat"):
        found["effectiveFormat"] = _plain_format(cell)
        wanted = mask.below(fields, "effectiveFormat")
        if not wanted or wanted.keys() & _PAINTED:
            found["effectiveFormat"] = _painted(book, sheet, (row, column), found["effectiveFormat"], (value, text))
    if cell.note:
        found["note"] = cell.note
    if cell.validation:
        found["dataValidation"] = cell.validation
    if not fields or "*" in fields:
        return found
    return {name: mask.pick(fields[name], each) for name, each in found.items() if name in fields}


def _plain_format(cell: Cell) -> dict[str, Any]:
    """The default, and the cell's own format over it."""
    return {**DEFAULT_FORMAT, **_both(cell.format)} if cell.format else DEFAULT_FORMAT


def _painted(
    book: Spreadsheet, sheet: Sheet, place: tuple[int, int], plain: dict[str, Any], held: tuple[Any, str]
) -> dict[str, Any]:
    """The format with the first conditional format that applies; `held` are the cell's value and text."""
    for rule in sheet.conditional_formats:
        boolean = rule.get("booleanRule")
        if not boolean or not any(area(each).holds(*place) for each in rule.get("ranges", [])):
            continue
        if conditions.holds(boolean.get("condition", {}), held[0], held[1], locale(book.locale)):
            return {**plain, **_both(boolean.get("format", {}))}
    return plain


def _both(form: Mapping[str, Any]) -> dict[str, Any]:
    """A background given in the newer way (a style) shows in the older field too."""
    colour = form.get("backgroundColorStyle", {}).get("rgbColor")
    return {**form, **({"backgroundColor": colour} if colour else {})}


def _lines(sheet: Sheet, dimension: str, start: int, end: int, who: Caller) -> list[dict[str, Any]]:
    known = sheet.lines(dimension)
    blank = Line()
    return [_line(sheet, dimension, index, known[index] if index < len(known) else blank, who)
            for index in range(start, end)]  # fmt: skip


def _line(sheet: Sheet, dimension: str, index: int, line: Line, who: Caller) -> dict[str, Any]:
    found: dict[str, Any] = {"pixelSize": PIXELS[dimension] if line.pixels is None else line.pixels}
    if line.hidden_by_filter:
        found["hiddenByFilter"] = True
    if line.hidden_by_user:
        found["hiddenByUser"] = True
    entries = [metadata.wire(entry, (sheet, dimension[:-1], index)) for entry in line.metadata
               if entry.visibility == "DOCUMENT" or entry.project == who.project]  # fmt: skip
    if entries:
        found["developerMetadata"] = entries
    return found
