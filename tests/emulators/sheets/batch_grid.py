"""Requests of a batch that change the grid: sheets, rows and columns, cells, sorting, pasting."""

from __future__ import annotations

import copy
import random
from dataclasses import replace
from typing import Any

from tests.emulators.sheets import changes, formulas, mask, render
from tests.emulators.sheets.a1 import Area
from tests.emulators.sheets.access import Caller, check_edit
from tests.emulators.sheets.errors import invalid
from tests.emulators.sheets.grid import TEXT_LIMIT, Cell, Sheet, Spreadsheet
from tests.emulators.sheets.metadata import checked, sheet_of

Body = dict[str, Any]


def masked(body: Body, schema: str) -> mask.Mask:
    """The request's field mask. Raises ApiError (400) when it has none or one that doesn't fit."""
    if not body.get("fields"):
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    fields = mask.parse(body["fields"])
    mask.check(fields, schema, selector=False)
    return fields


def add_sheet(book: Spreadsheet, body: Body, who: Caller) -> Body:
    """A new, empty sheet."""
    wanted = body.get("properties", {})
    number = wanted.get("sheetId")
    taken = {sheet.id for sheet in book.sheets}
    if number in taken:
        raise invalid(f"Sheet with id {number} already exists. Please enter another id.")
    while number is None or number in taken:
        number = random.randrange(1, 2**31)
    title = wanted.get("title") or next(
        name for name in (f"Sheet{count}" for count in range(1, 10**6)) if book.titled(name) is None
    )
    sheet = Sheet(number, "")
    grid = wanted.get("gridProperties", {})
    changes.check_room(book, grid.get("rowCount", 1000) * grid.get("columnCount", 26))
    book.sheets.insert(min(wanted.get("index", len(book.sheets)), len(book.sheets)), sheet)
    _set_properties(book, sheet, {"title": title, **wanted}, mask.parse("*"))
    return {"properties": render.sheet_properties(book, sheet)}


def delete_sheet(book: Spreadsheet, body: Body, who: Caller) -> None:
    """Take a sheet away, unless it is the last one."""
    sheet = sheet_of(book, body.get("sheetId", 0))
    check_edit(book, sheet, Area(sheet.id), who.email)
    if len(book.sheets) == 1:
        raise invalid("You can't remove all the sheets in a document.")
    book.sheets.remove(sheet)


def update_sheet_properties(book: Spreadsheet, body: Body, who: Caller) -> None:
    """Title, position, size, frozen rows ..."""
    wanted = body.get("properties", {})
    _set_properties(book, sheet_of(book, wanted.get("sheetId", 0)), wanted, masked(body, "SheetProperties"))


def _set_properties(book: Spreadsheet, sheet: Sheet, wanted: Body, fields: mask.Mask) -> None:
    every = "*" in fields
    if (every and "title" in wanted) or "title" in fields:
        title = wanted.get("title", "")
        other = book.titled(title)
        if not title:
            raise invalid("The sheet title can't be empty.")
        if other not in (None, sheet):
            raise invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')
        sheet.title = title
    if "index" in wanted and mask.names(fields, "index"):
        book.sheets.remove(sheet)
        book.sheets.insert(wanted["index"], sheet)
    if mask.names(fields, "hidden") and (not every or "hidden" in wanted):
        sheet.hidden = bool(wanted.get("hidden"))
    for name in ("tabColor", "tabColorStyle", "rightToLeft"):
        if name in wanted and mask.names(fields, name):
            sheet.other_properties[name] = wanted[name]
    grid, inner = wanted.get("gridProperties", {}), fields.get("gridProperties", {})
    if mask.names(fields, "gridProperties"):
        _set_grid(book, sheet, grid, inner)


def _set_grid(book: Spreadsheet, sheet: Sheet, grid: Body, fields: mask.Mask) -> None:
    for dimension, name in (("ROWS", "rowCount"), ("COLUMNS", "columnCount")):
        if name in grid and mask.names(fields, name):
            more = grid[name] - sheet.count(dimension)
            if more > 0:
                changes.append(book, sheet, dimension, more)
            elif more < 0:
                changes.delete(book, sheet, dimension, grid[name], sheet.count(dimension))
    if mask.names(fields, "frozenRowCount"):
        sheet.frozen_rows = grid.get("frozenRowCount", 0)
    if mask.names(fields, "frozenColumnCount"):
        sheet.frozen_columns = grid.get("frozenColumnCount", 0)
    if sheet.frozen_rows >= sheet.row_count or sheet.frozen_columns >= sheet.column_count:
        raise invalid("You can't freeze all visible rows or columns on the sheet.")


def append_dimension(book: Spreadsheet, body: Body, who: Caller) -> None:
    """Rows or columns behind the last ones."""
    changes.append(book, sheet_of(book, body.get("sheetId", 0)), body.get("dimension", "ROWS"), body.get("length", 0))


def _lines(book: Spreadsheet, body: Body) -> tuple[Sheet, str, int, int]:
    sheet = sheet_of(book, body.get("sheetId", 0))
    dimension = body.get("dimension", "DIMENSION_UNSPECIFIED")
    if dimension not in {"ROWS", "COLUMNS"}:
        raise invalid("The dimension must be ROWS or COLUMNS.")
    return sheet, dimension, body.get("startIndex", 0), body.get("endIndex", sheet.count(dimension))


def _protect(book: Spreadsheet, sheet: Sheet, dimension: str, start: int, end: int, who: Caller) -> None:
    part = Area(sheet.id, start, end) if dimension == "ROWS" else Area(sheet.id, 0, None, start, end)
    check_edit(book, sheet, part, who.email)


def insert_dimension(book: Spreadsheet, body: Body, who: Caller) -> None:
    """Rows or columns in between."""
    sheet, dimension, start, end = _lines(book, body.get("range", {}))
    inherit = bool(body.get("inheritFromBefore"))
    if inherit and start == 0:
        raise invalid("inheritFromBefore cannot be true if inserting at the start of the sheet.")
    changes.insert(book, sheet, dimension, start, end, inherit=inherit)


def delete_dimension(book: Spreadsheet, body: Body, who: Caller) -> None:
    """Rows or columns, with what is on them."""
    lines = _lines(book, body.get("range", {}))
    _protect(book, *lines, who)
    changes.delete(book, *lines)


def move_dimension(book: Spreadsheet, body: Body, who: Caller) -> None:
    """Rows or columns to another place."""
    lines = _lines(book, body.get("source", {}))
    _protect(book, *lines, who)
    changes.move(book, *lines, body.get("destinationIndex", 0))


def update_dimension_properties(book: Spreadsheet, body: Body, who: Caller) -> None:
    """Hide or show rows or columns, or give them a size."""
    fields = masked(body, "DimensionProperties")
    sheet, dimension, start, end = _lines(book, body.get("range", {}))
    if end > sheet.count(dimension):
        raise invalid(f"The dimension range exceeds grid limits. {sheet.limits()}")
    wanted = body.get("properties", {})
    for index in range(start, end):
        line = sheet.line(dimension, index)
        if mask.names(fields, "hiddenByUser"):
            line.hidden_by_user = bool(wanted.get("hiddenByUser"))
        if mask.names(fields, "pixelSize"):
            line.pixels = wanted.get("pixelSize")


def _cell(old: Cell, new: Body, fields: mask.Mask) -> Cell:
    """The cell with the mask's fields from CellData. Raises ApiError (400)."""
    if mask.names(fields, "userEnteredValue"):
        entered = new.get("userEnteredValue") or None
        if entered and len(entered) != 1:
            raise invalid("Exactly one value must be set in an ExtendedValue.")
        if entered and "errorValue" in entered:
            raise invalid("userEnteredValue.errorValue is read-only.")
        text = next(iter(entered.values())) if entered else ""
        if isinstance(text, str) and len(text) > TEXT_LIMIT:
            raise invalid(f"Your input contains more than the maximum of {TEXT_LIMIT} characters in a single cell.")
        old = replace(old, entered=entered, result=None)
    if mask.names(fields, "userEnteredFormat"):
        inner = {} if "*" in fields or not fields else fields["userEnteredFormat"]
        held, wanted = dict(old.format or {}), new.get("userEnteredFormat", {})
        old = replace(old, format=mask.merge(inner, held, wanted, "CellFormat") or None)
    if mask.names(fields, "note"):
        old = replace(old, note=new.get("note", ""))
    if mask.names(fields, "dataValidation"):
        old = replace(old, validation=new.get("dataValidation"))
    return old


def update_cells(book: Spreadsheet, body: Body, who: Caller) -> None:
    """CellData row by row, from a start or over a range (which is cleared where the data ends)."""
    fields = masked(body, "CellData")
    rows = [each.get("values", []) for each in body.get("rows", [])]
    if "start" in body:
        at = body["start"]
        top, left = at.get("rowIndex", 0), at.get("columnIndex", 0)
        wide = max((len(row) for row in rows), default=0)
        part = Area(at.get("sheetId", 0), top, top + max(len(rows), 1), left, left + max(wide, 1))
        data = {(top + down, left + across): each for down, row in enumerate(rows) for across, each in enumerate(row)}
    else:
        part = checked(book, body.get("range", {}))
        sheet = sheet_of(book, part.sheet_id)
        cells = list(changes.cells_of(sheet, part))
        data = {(row, column): _at(rows, row - part.top, column - part.left) for row, column in cells}
    sheet = sheet_of(book, part.sheet_id)
    check_edit(book, sheet, part, who.email)
    for (row, column), new in data.items():
        _check_place(sheet, row, column)
        cell = _cell(sheet.cell(row, column), new, fields)
        if cell != sheet.cell(row, column):
            sheet.put(row, column, cell)


def _check_place(sheet: Sheet, row: int, column: int) -> None:
    for name, at, count in (("row", row, sheet.row_count), ("column", column, sheet.column_count)):
        if at >= count:
            raise invalid(f"Attempting to write {name}: {at}, beyond the last requested {name} of: {count - 1}")


def _at(rows: list[list[Body]], down: int, across: int) -> Body:
    return rows[down][across] if down < len(rows) and across < len(rows[down]) else {}


def repeat_cell(book: Spreadsheet, body: Body, who: Caller) -> None:
    """One CellData into every cell of a range; a formula's references go along."""
    fields = masked(body, "CellData")
    part = checked(book, body.get("range", {}))
    sheet = sheet_of(book, part.sheet_id)
    check_edit(book, sheet, part, who.email)
    for row, column in changes.cells_of(sheet, part):
        new = body.get("cell", {})
        formula = new.get("userEnteredValue", {}).get("formulaValue")
        if formula:
            text = formulas.moved(formula, row - part.top, column - part.left)
            new = {**new, "userEnteredValue": {"formulaValue": text}}
        cell = _cell(sheet.cell(row, column), new, fields)
        if cell != sheet.cell(row, column):
            sheet.put(row, column, cell)


def append_cells(book: Spreadsheet, body: Body, who: Caller) -> None:
    """Rows behind the last row with data, of the sheet or of a table (which grows); new rows where the grid ends."""
    fields = masked(body, "CellData")
    rows = [each.get("values", []) for each in body.get("rows", [])]
    table = next(
        (each for sheet in book.sheets for each in sheet.tables if each["tableId"] == body.get("tableId")), None
    )
    if "tableId" in body and table is None:
        raise invalid(f"No table with id: {body['tableId']}")
    left = 0
    if table is not None:
        sheet = sheet_of(book, table["range"].get("sheetId", 0))
        top, left = table["range"]["endRowIndex"], table["range"].get("startColumnIndex", 0)
        if top < (sheet.used().bottom or 0):
            changes.insert(book, sheet, "ROWS", top, top + len(rows), inherit=True)
        table["range"]["endRowIndex"] = top + len(rows)
    else:
        sheet = sheet_of(book, body.get("sheetId", 0))
        top = sheet.used().bottom or 0
    if top + len(rows) > sheet.row_count:
        changes.append(book, sheet, "ROWS", top + len(rows) - sheet.row_count)
    check_edit(book, sheet, Area(sheet.id, top, top + max(len(rows), 1)), who.email)
    for down, row in enumerate(rows):
        for across, new in enumerate(row):
            _check_place(sheet, top + down, left + across)
            sheet.put(top + down, left + across, _cell(sheet.cell(top + down, left + across), new, fields))


def sort_range(book: Spreadsheet, body: Body, who: Caller) -> None:
    """Sort the rows of a range."""
    part = checked(book, body.get("range", {}))
    sheet = sheet_of(book, part.sheet_id)
    if book.doubts.protected_sort == "refused":
        check_edit(book, sheet, part, who.email)
    changes.sort(book, sheet, part, body.get("sortSpecs", []))


def _target(body: Body) -> tuple[int, int, int]:
    return body.get("sheetId", 0), body.get("rowIndex", 0), body.get("columnIndex", 0)


def cut_paste(book: Spreadsheet, body: Body, who: Caller) -> None:
    """Cells to another place."""
    part = checked(book, body.get("source", {}))
    sheet_id, row, column = _target(body.get("destination", {}))
    sheet, target = sheet_of(book, part.sheet_id), sheet_of(book, sheet_id)
    check_edit(book, sheet, part, who.email)
    changes.cut(book, sheet, part, target, row, column)


def copy_paste(book: Spreadsheet, body: Body, who: Caller) -> None:
    """Cells once more at another place."""
    part, goal = checked(book, body.get("source", {})), checked(book, body.get("destination", {}))
    target = sheet_of(book, goal.sheet_id)
    check_edit(book, target, goal, who.email)
    changes.copy(book, sheet_of(book, part.sheet_id), part, target, goal, body.get("pasteType", "PASTE_NORMAL"))


def duplicate_sheet(book: Spreadsheet, body: Body, who: Caller) -> Body:
    """The same sheet once more: its values and formats, but no developer metadata."""
    sheet = sheet_of(book, body.get("sourceSheetId", 0))
    changes.check_room(book, sheet.cell_count)
    title = body.get("newSheetName") or f"Copy of {sheet.title}"
    made = add_sheet(
        book, {"properties": {"title": title, **({"sheetId": body["newSheetId"]} if "newSheetId" in body else {})}}, who
    )
    twin = sheet_of(book, made["properties"]["sheetId"])
    kept = (twin.id, twin.title)
    source = sheet.copy()
    for name in ("row_count", "column_count", "frozen_rows", "frozen_columns", "rows", "columns", "merges",
                 "conditional_formats", "other_properties"):  # fmt: skip
        setattr(twin, name, copy.deepcopy(getattr(source, name)))
    for line in (*twin.rows, *twin.columns):
        line.metadata = []
    for grid_range in (*twin.merges, *(each for rule in twin.conditional_formats for each in rule["ranges"])):
        grid_range["sheetId"] = kept[0]
    book.sheets.remove(twin)
    book.sheets.insert(body.get("insertSheetIndex", book.sheets.index(sheet) + 1), twin)
    return {"properties": render.sheet_properties(book, twin)}
