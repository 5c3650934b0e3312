"""Changes of the grid as such, for the API's requests and for the person alike: lines in, out and about; sort; paste.

What is attached goes along: metadata with its line, ranges and references with their cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from tests.emulators.sheets import filters, tables
from tests.emulators.sheets.a1 import Area, area
from tests.emulators.sheets.errors import invalid
from tests.emulators.sheets.formulas import effective, moved, shifted
from tests.emulators.sheets.grid import CELL_LIMIT, EMPTY, Cell, Line, Sheet, Spreadsheet

Place = Callable[[int], int | None]
"""A line's index after a change, None when it is gone."""
Span = Callable[[int, int], tuple[int, int] | None]
"""What becomes of lines [start, end)."""


def check_room(book: Spreadsheet, more: int) -> None:
    """Raises ApiError (400) when so many more cells would break the limit of a workbook."""
    if more > 0 and sum(sheet.cell_count for sheet in book.sheets) + more > CELL_LIMIT:
        raise invalid(
            f"This action would increase the number of cells in the workbook above the limit of {CELL_LIMIT} cells."
        )


def insert(book: Spreadsheet, sheet: Sheet, dimension: str, start: int, end: int, *, inherit: bool = False) -> None:
    """New empty lines at [start, end); `inherit`: with the formats and rules of the line before, else of that after."""
    size = end - start
    if size <= 0 or not 0 <= start <= sheet.count(dimension):
        raise invalid(
            f"range.startIndex[{start}] must be less than or equal to the grid's size, and the range not empty"
        )
    other = sheet.column_count if dimension == "ROWS" else sheet.row_count
    check_room(book, size * other)
    model = start - 1 if inherit else start
    _insert_lines(sheet, dimension, start, size, model)
    _resize(sheet, dimension, size)
    _settle(book, sheet, dimension, lambda at: at + size if at >= start else at,
            lambda a, b: (a + size if a >= start else a, b + size if b > start else b))  # fmt: skip


def append(book: Spreadsheet, sheet: Sheet, dimension: str, size: int) -> None:
    """New empty lines behind the last."""
    check_room(book, size * (sheet.column_count if dimension == "ROWS" else sheet.row_count))
    _resize(sheet, dimension, size)


def delete(book: Spreadsheet, sheet: Sheet, dimension: str, start: int, end: int) -> None:
    """Take lines [start, end) out, and all that is on them."""
    end = min(end, sheet.count(dimension))
    size = end - start
    if size <= 0 or start < 0:
        raise invalid(f"range.startIndex[{start}] is beyond the grid, or the range is empty")
    if size >= sheet.count(dimension):
        raise invalid(f"You can't delete all the {dimension.lower()} on the sheet.")
    frozen = sheet.frozen_rows if dimension == "ROWS" else sheet.frozen_columns
    if frozen and start <= frozen and end == sheet.count(dimension):
        raise invalid(f"You can't delete all the non-frozen {dimension.lower()} on the sheet.")
    _thaw(sheet, dimension, max(0, min(end, frozen) - start))
    del sheet.lines(dimension)[start:end]
    if dimension == "COLUMNS":
        for row in sheet.rows:
            del row.cells[start:end]
    _resize(sheet, dimension, -size)

    def span(a: int, b: int) -> tuple[int, int] | None:
        low, high = a - max(0, min(a, end) - start), b - max(0, min(b, end) - start)
        return (low, high) if low < high else None

    _settle(book, sheet, dimension, lambda at: at if at < start else at - size if at >= end else None, span)


def move(book: Spreadsheet, sheet: Sheet, dimension: str, start: int, end: int, to: int) -> None:
    """Lines [start, end) go before the line that is at `to` now."""
    size = end - start
    if size <= 0 or end > sheet.count(dimension) or not 0 <= to <= sheet.count(dimension):
        raise invalid("The source or the destination is outside the grid.")
    if start <= to <= end:
        return
    sheet.line(dimension, max(end, to) - 1)
    _shuffle(sheet.lines(dimension), start, end, to)
    if dimension == "COLUMNS":
        for row in sheet.rows:
            if len(row.cells) > min(start, to):
                row.cells.extend([EMPTY] * (max(end, to) - len(row.cells)))
                _shuffle(row.cells, start, end, to)

    def place(at: int) -> int:
        if start <= at < end:
            return at + (to - end if to > end else to - start)
        if end <= at < to:
            return at - size
        return at + size if to <= at < start else at

    def span(a: int, b: int) -> tuple[int, int] | None:
        if a <= start and end <= b and a <= to <= b:
            return a, b
        kept = [at for at in (a, b - 1, *(each for each in (start - 1, end) if a <= each < b)) if not start <= at < end]
        places = [place(at) for at in kept or (a, b - 1)]
        return min(places), max(places) + 1

    _settle(book, sheet, dimension, place, span)


def _shuffle(lines: list[Any], start: int, end: int, to: int) -> None:
    block = lines[start:end]
    del lines[start:end]
    at = to - (end - start) if to > start else to
    lines[at:at] = block


def _insert_lines(sheet: Sheet, dimension: str, start: int, size: int, model: int) -> None:
    lines = sheet.lines(dimension)
    if dimension == "ROWS":
        if start <= len(lines):
            like = lines[model].cells if 0 <= model < len(lines) else []
            lines[start:start] = [Line([_dress(cell) for cell in like]) for _ in range(size)]
        return
    if start < len(lines):
        lines[start:start] = [Line() for _ in range(size)]
    for row in sheet.rows:
        if start < len(row.cells):
            like_cell = _dress(row.cells[model]) if 0 <= model < len(row.cells) else EMPTY
            row.cells[start:start] = [like_cell] * size


def _dress(cell: Cell) -> Cell:
    return Cell(format=cell.format, validation=cell.validation)


def _resize(sheet: Sheet, dimension: str, size: int) -> None:
    if dimension == "ROWS":
        sheet.row_count += size
    else:
        sheet.column_count += size


def _thaw(sheet: Sheet, dimension: str, size: int) -> None:
    if dimension == "ROWS":
        sheet.frozen_rows -= size
    else:
        sheet.frozen_columns -= size


def _settle(book: Spreadsheet, sheet: Sheet, dimension: str, place: Place, span: Span) -> None:
    """Ranges, filters, tables and references follow their cells."""
    low, high = ("startRowIndex", "endRowIndex") if dimension == "ROWS" else ("startColumnIndex", "endColumnIndex")

    def fit(grid_range: dict[str, Any]) -> bool:
        if grid_range.get("sheetId", 0) != sheet.id or (low not in grid_range and high not in grid_range):
            return True
        open_end = high not in grid_range
        found = span(grid_range.get(low, 0), 10**9 if open_end else grid_range[high])
        if found is None:
            return False
        grid_range[low] = found[0]
        if not open_end:
            grid_range[high] = found[1]
        return True

    for table in sheet.tables:
        if dimension == "COLUMNS":
            tables.follow(table, place, span)
    sheet.merges = [each for each in sheet.merges if fit(each)]
    sheet.tables = [each for each in sheet.tables if fit(each["range"])]
    sheet.protected_ranges = [each for each in sheet.protected_ranges if "range" not in each or fit(each["range"])]
    sheet.filter_views = [each for each in sheet.filter_views if "range" not in each or fit(each["range"])]
    for rule in sheet.conditional_formats:
        rule["ranges"] = [each for each in rule["ranges"] if fit(each)]
    sheet.conditional_formats = [rule for rule in sheet.conditional_formats if rule["ranges"]]
    if sheet.basic_filter is not None and "range" in sheet.basic_filter and not fit(sheet.basic_filter["range"]):
        sheet.basic_filter = None
    if dimension == "COLUMNS":
        for each in (*sheet.filter_views, *([sheet.basic_filter] if sheet.basic_filter else [])):
            filters.follow(each, place)

    def cell_place(row: int, column: int) -> tuple[int, int] | None:
        index = place(row if dimension == "ROWS" else column)
        return None if index is None else ((index, column) if dimension == "ROWS" else (row, index))

    _rewrite(book, sheet, cell_place)


def _rewrite(book: Spreadsheet, sheet: Sheet, place: Callable[[int, int], tuple[int, int] | None]) -> None:
    for other in book.sheets:
        for row in other.rows:
            for index, cell in enumerate(row.cells):
                if cell.entered and "formulaValue" in cell.entered:
                    text = cell.entered["formulaValue"]
                    new = shifted(text, other.title, sheet.title, place)
                    if new != text:
                        row.cells[index] = replace(cell, entered={"formulaValue": new})


def cells_of(sheet: Sheet, part: Area) -> Iterator[tuple[int, int]]:
    """Row and column of every cell; open sides end with the grid."""
    part = part.within(sheet.row_count, sheet.column_count)
    for row in range(part.top, part.bottom or 0):
        for column in range(part.left, part.right or 0):
            yield row, column


def sort(book: Spreadsheet, sheet: Sheet, part: Area, specs: Sequence[dict[str, Any]]) -> list[int]:
    """Sort the rows of a range by (dimensionIndex, sortOrder); the order of old rows that came out.

    Formats, notes and rules go with their cells, relative references are rewritten, cells outside the range stay.
    Raises ApiError (400) for cells merged over several rows.
    """
    part = part.within(sheet.row_count, sheet.column_count)
    used = sheet.used()
    bottom, right = min(part.bottom or 0, max(used.bottom or 0, part.top)), part.right or 0
    for merge in sheet.merges:
        if merge["endRowIndex"] - merge["startRowIndex"] > 1 and area(merge).meets(part):
            raise invalid("You can't sort a range with vertical merges.")
    order = list(range(part.top, bottom))
    for spec in reversed(specs):
        column, down = spec.get("dimensionIndex", 0), spec.get("sortOrder") == "DESCENDING"
        keys = {row: _sort_key(book, sheet, row, column) for row in order}
        full = sorted((row for row in order if keys[row]), key=lambda row: keys[row], reverse=down)
        order = full + [row for row in order if not keys[row]]
    _reorder(sheet, part.top, part.left, right, order)
    whole = part.left == 0 and right >= (used.right or 0)
    along = book.doubts.row_metadata_sorts
    if along == "always" or (along == "whole rows" and whole):
        kept = {row: sheet.row(row).metadata for row in order}
        for index, row in enumerate(order):
            sheet.row(part.top + index).metadata = kept[row]
    filters.apply(book, sheet)
    return order


def _sort_key(book: Spreadsheet, sheet: Sheet, row: int, column: int) -> tuple[Any, ...]:
    """Numbers before texts before booleans before errors; () for a blank, which is last in both directions."""
    value = effective(book, sheet, sheet.cell(row, column))
    if not value or value.get("stringValue") == "":
        return ()
    if "numberValue" in value:
        return 0, value["numberValue"], ""
    if "stringValue" in value:
        return 1, 0, value["stringValue"].casefold()
    return (2, int(value["boolValue"]), "") if "boolValue" in value else (3, 0, value["errorValue"]["type"])


def _reorder(sheet: Sheet, top: int, left: int, right: int, order: Sequence[int]) -> None:
    taken = {row: [sheet.cell(row, column) for column in range(left, right)] for row in order}
    for index, row in enumerate(order):
        target = top + index
        if target == row:
            continue
        for column, cell in enumerate(taken[row], left):
            if cell.entered and "formulaValue" in cell.entered:
                cell = replace(cell, entered={"formulaValue": moved(cell.entered["formulaValue"], target - row, 0)})
            if cell is not EMPTY or not sheet.cell(target, column).blank:
                sheet.put(target, column, cell)


def cut(book: Spreadsheet, sheet: Sheet, part: Area, target: Sheet, row: int, column: int) -> None:
    """Cut a range and paste it with its top left at (row, column); references to its cells follow them.

    Metadata stays on its lines, as cells move and rows do not; unless `doubts` has it otherwise for whole rows.
    """
    whole = part.left == 0 and (part.right or sheet.column_count) >= (sheet.used().right or 0)
    part = part.within(sheet.row_count, sheet.column_count)
    taken = [(at_row, at_column, sheet.cell(at_row, at_column)) for at_row, at_column in cells_of(sheet, part)]
    if (
        row + (part.bottom or 0) - part.top > target.row_count
        or column + (part.right or 0) - part.left > target.column_count
    ):
        raise invalid(f"The destination exceeds grid limits. {target.limits()}")
    for at_row, at_column, _ in taken:
        sheet.put(at_row, at_column, EMPTY)
    for at_row, at_column, cell in taken:
        target.put(row + at_row - part.top, column + at_column - part.left, cell)
    if whole and column == 0 and book.doubts.row_metadata_cut == "follows":
        for down in range((part.bottom or 0) - part.top):
            source = sheet.row(part.top + down)
            target.row(row + down).metadata, source.metadata = source.metadata, []
    if target is sheet:
        _rewrite(book, sheet, lambda r, c: (r + row - part.top, c + column - part.left) if part.holds(r, c) else (r, c))


PASTES: dict[str, Callable[[Cell, Cell], Cell]] = {
    "PASTE_NORMAL": lambda old, new: new,
    "PASTE_VALUES": lambda old, new: replace(old, entered=new.entered, result=new.result),
    "PASTE_FORMAT": lambda old, new: replace(old, format=new.format),
    "PASTE_NO_BORDERS": lambda old, new: new,
    "PASTE_FORMULA": lambda old, new: replace(old, entered=new.entered, result=new.result),
    "PASTE_DATA_VALIDATION": lambda old, new: replace(old, validation=new.validation),
    "PASTE_CONDITIONAL_FORMATTING": lambda old, new: old,
}
"""PasteType -> the cell that comes of the old and the copied one."""


def copy(book: Spreadsheet, sheet: Sheet, part: Area, target: Sheet, goal: Area, kind: str = "PASTE_NORMAL") -> None:
    """Copy a range to another, as often as it fits; relative references are rewritten, metadata isn't copied."""
    part = part.within(sheet.row_count, sheet.column_count)
    high, wide = (part.bottom or 0) - part.top, (part.right or 0) - part.left
    goal = goal.within(target.row_count, target.column_count)
    rows = max(high, ((goal.bottom or 0) - goal.top) // high * high)
    columns = max(wide, ((goal.right or 0) - goal.left) // wide * wide)
    taken = {(row, column): sheet.cell(row, column) for row, column in cells_of(sheet, part)}
    for row in range(rows):
        for column in range(columns):
            source = (part.top + row % high, part.left + column % wide)
            to = (goal.top + row, goal.left + column)
            cell = taken[source]
            formula = (cell.entered or {}).get("formulaValue")
            if formula and kind == "PASTE_VALUES":
                cell = replace(cell, entered=effective(book, sheet, cell), result=None)
            elif formula:
                text = moved(formula, to[0] - source[0], to[1] - source[1])
                cell = replace(cell, entered={"formulaValue": text})
            target.put(*to, PASTES[kind](target.cell(*to), cell))
