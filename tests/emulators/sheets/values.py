"""The values part of the API: reading, writing, clearing and appending plain values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from tests.emulators.sheets import a1, changes, entry, formats
from tests.emulators.sheets.a1 import Area
from tests.emulators.sheets.access import Caller, check_edit
from tests.emulators.sheets.errors import invalid
from tests.emulators.sheets.formulas import effective
from tests.emulators.sheets.grid import Sheet, Spreadsheet
from tests.emulators.sheets.locales import locale
from tests.emulators.sheets.metadata import areas, parse, sheet_of

Options = dict[str, Any]
"""valueInputOption, valueRenderOption, dateTimeRenderOption, majorDimension ... as the request has them."""


def read(book: Spreadsheet, part: Area, render: str = "", dates: str = "", major: str = "") -> dict[str, Any]:
    """A ValueRange. Trailing blanks are dropped, and `values` itself where nothing is left."""
    sheet = sheet_of(book, part.sheet_id)
    if part.top >= sheet.row_count or part.left >= sheet.column_count:
        beyond = replace(part, bottom=part.bottom or part.top + 1, right=part.right or part.left + 1)
        raise invalid(f"Range ({a1.write(sheet.title, beyond)}) exceeds grid limits. {sheet.limits()}")
    part = part.within(sheet.row_count, sheet.column_count)
    major = major if major == "COLUMNS" else "ROWS"
    rows = list(_rows(book, sheet, part, render, dates))
    if major == "COLUMNS":
        rows = [list(column) for column in zip(*rows, strict=True)]
    for row in rows:
        while row and row[-1] == "":
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    found: dict[str, Any] = {"range": a1.write(sheet.title, part), "majorDimension": major}
    if rows:
        found["values"] = rows
    return found


def _rows(book: Spreadsheet, sheet: Sheet, part: Area, render: str, dates: str) -> Iterator[list[Any]]:
    spoken = locale(book.locale)
    for row in range(part.top, min(part.bottom or 0, len(sheet.rows))):
        cells = sheet.rows[row].cells[part.left : part.right]
        found = []
        for cell in cells:
            if cell.entered is None:
                found.append("")
            elif render == "FORMULA" and "formulaValue" in cell.entered:
                found.append(cell.entered["formulaValue"])
            else:
                value = effective(book, sheet, cell)
                plain = render in {"UNFORMATTED_VALUE", "FORMULA"} and value and "errorValue" not in value
                if plain and not (dates == "FORMATTED_STRING" and formats.is_moment(cell)):
                    found.append(next(iter(value.values())) if value else "")
                else:
                    found.append(formats.shown(cell, value, spoken))
        found += [""] * ((part.right or 0) - part.left - len(found))
        yield found


def get(book: Spreadsheet, options: Options) -> dict[str, Any]:
    """values.get"""
    return _read(book, parse(book, options["range"]), options)


def batch_get(book: Spreadsheet, options: Options) -> dict[str, Any]:
    """values.batchGet: several ranges, one rendering."""
    found = [_read(book, parse(book, text), options) for text in options.get("ranges", [])]
    return {"spreadsheetId": book.id, **({"valueRanges": found} if found else {})}


def batch_get_by_filter(book: Spreadsheet, body: dict[str, Any], who: Caller) -> dict[str, Any]:
    """values.batchGetByDataFilter: every range that a filter selects, with the filters that select it."""
    matched: dict[Area, list[dict[str, Any]]] = {}
    for each in body.get("dataFilters", []):
        for part in areas(book, each, who):
            matched.setdefault(part, []).append(each)
    found = [{"valueRange": _read(book, part, body), "dataFilters": by} for part, by in matched.items()]
    return {"spreadsheetId": book.id, **({"valueRanges": found} if found else {})}


def _read(book: Spreadsheet, part: Area, options: Options) -> dict[str, Any]:
    render, dates = options.get("valueRenderOption", ""), options.get("dateTimeRenderOption", "")
    return read(book, part, render, dates, options.get("majorDimension", ""))


def update(book: Spreadsheet, options: Options, body: dict[str, Any], who: Caller) -> dict[str, Any]:
    """values.update"""
    if "range" in body and parse(book, body["range"]) != parse(book, options["range"]):
        raise invalid(f"Requested writing within range [{options['range']}], but the body names [{body['range']}]")
    done = _write(book, parse(book, options["range"]), body, options, who)
    return _answer(book, done, options)


def batch_update(book: Spreadsheet, body: dict[str, Any], who: Caller) -> dict[str, Any]:
    """values.batchUpdate"""
    written = []
    for index, each in enumerate(body.get("data", [])):
        written.append(
            _numbered(index, lambda each=each: _write(book, parse(book, each.get("range", "")), each, body, who))
        )
    responses = [{"spreadsheetId": book.id, **_answer(book, done, body)} for done in written]
    return _totals(book, written, responses)


def batch_update_by_filter(book: Spreadsheet, body: dict[str, Any], who: Caller) -> dict[str, Any]:
    """values.batchUpdateByDataFilter: the values go to every range that the filter selects."""
    written, responses = [], []
    for index, each in enumerate(body.get("data", [])):
        found = areas(book, each.get("dataFilter", {}), who)
        if not found and book.doubts.unmatched_filter == "error":
            raise invalid(f"Invalid data[{index}]: No range matches the data filter.")
        for part in found:
            done = _numbered(index, lambda part=part, each=each: _write(book, part, each, body, who, strict=True))
            written.append(done)
            responses.append((done, each["dataFilter"]))
    # Read only when all is written: the answer shows the ranges as they stand at the end.
    answers = [{**_answer(book, done, body), "dataFilter": by} for done, by in responses]
    for answer in answers:
        answer.pop("spreadsheetId", None)
    return _totals(book, written, answers)


def _numbered(index: int, write: Any) -> Any:
    try:
        return write()
    except Exception as error:
        if hasattr(error, "message"):
            error.message = f"Invalid data[{index}]: {error.message}"
        raise


class _Done:
    """What a write did: the range asked for and the one written (None: nothing), and how many cells it touched."""

    def __init__(self, asked: Area, written: Area | None, cells: list[tuple[int, int]]) -> None:
        self.asked, self.written, self.cells = asked, written, cells


def _write(book: Spreadsheet, part: Area, body: Options, options: Options, who: Caller, strict: bool = False) -> _Done:
    option = options.get("valueInputOption", "INPUT_VALUE_OPTION_UNSPECIFIED")
    if option == "INPUT_VALUE_OPTION_UNSPECIFIED":
        raise invalid("'valueInputOption' is required but not specified")
    sheet = sheet_of(book, part.sheet_id)
    rows: list[list[Any]] = body.get("values", [])
    if body.get("majorDimension") == "COLUMNS":
        high = max((len(column) for column in rows), default=0)
        rows = [[column[at] if at < len(column) else None for column in rows] for at in range(high)]
    high, wide = len(rows), max((len(row) for row in rows), default=0)
    single = part.bottom == part.top + 1 and part.right == part.left + 1
    _check_size(sheet, part, high, wide, free=single and not strict)
    if not (high and wide):
        return _Done(part, None, [])
    target = Area(sheet.id, part.top, part.top + high, part.left, part.left + wide)
    cells = [(row, column) for row, held in enumerate(rows, part.top)
             for column, value in enumerate(held, part.left) if value is not None]  # fmt: skip
    if cells:
        check_edit(book, sheet, target, who.email)
    _fill(book, sheet, target, rows, option)
    return _Done(target if single and not strict else part, target, cells)


def _fill(book: Spreadsheet, sheet: Sheet, target: Area, rows: Sequence[Sequence[Any]], option: str) -> None:
    spoken = locale(book.locale)
    covered = [a1.area(merge) for merge in sheet.merges]
    for row, held in enumerate(rows, target.top):
        for column, value in enumerate(held, target.left):
            merged = any(each.holds(row, column) and (row, column) != (each.top, each.left) for each in covered)
            if value is not None and not merged:
                sheet.put(row, column, entry.typed(sheet.cell(row, column), value, option, spoken))


def _check_size(sheet: Sheet, part: Area, high: int, wide: int, *, free: bool) -> None:
    """Raises ApiError (400) when the values leave the range (unless it is one cell, a starting point) or the grid."""
    bottom = part.top + max(high, 1)
    right = part.left + max(wide, 1)
    asked = replace(part, bottom=max(bottom, part.bottom or 0), right=max(right, part.right or 0))
    limit = part.within(sheet.row_count, sheet.column_count)
    named = f"'{sheet.title}'!" + a1.write(sheet.title, asked).rpartition("!")[2]
    if bottom > sheet.row_count or right > sheet.column_count:
        raise invalid(f"Range ({a1.write(sheet.title, asked)}) exceeds grid limits. {sheet.limits()}")
    if not free and high and bottom > (limit.bottom or 0):
        raise invalid(f"Requested writing within range [{named}], but tried writing to row [{(limit.bottom or 0) + 1}]")
    if not free and wide and right > (limit.right or 0):
        raise invalid(
            f"Requested writing within range [{named}], but tried writing to column [{a1.letter(limit.right or 0)}]"
        )


def _answer(book: Spreadsheet, done: _Done, options: Options) -> dict[str, Any]:
    sheet = sheet_of(book, done.asked.sheet_id)
    whole = (done.written or done.asked).within(sheet.row_count, sheet.column_count)
    found: dict[str, Any] = {"spreadsheetId": book.id, "updatedRange": a1.write(sheet.title, whole)}
    if done.cells:
        found["updatedRows"] = len({row for row, _ in done.cells})
        found["updatedColumns"] = len({column for _, column in done.cells})
        found["updatedCells"] = len(done.cells)
    if options.get("includeValuesInResponse"):
        render = options.get("responseValueRenderOption", "")
        data = read(book, done.asked, render, options.get("responseDateTimeRenderOption", ""))
        if not book.doubts.skipped_cells_echoed and "values" in data:
            written = set(done.cells)
            for row, held in enumerate(data["values"], done.asked.top):
                held[:] = [value if (row, at) in written else "" for at, value in enumerate(held, done.asked.left)]
        found["updatedData"] = data
    return found


def _totals(book: Spreadsheet, written: list[_Done], responses: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {"spreadsheetId": book.id}
    cells = {(done.asked.sheet_id, *cell) for done in written for cell in done.cells}
    if cells:
        found["totalUpdatedRows"] = len({(sheet, row) for sheet, row, _ in cells})
        found["totalUpdatedColumns"] = len({(sheet, column) for sheet, _, column in cells})
        found["totalUpdatedCells"] = len(cells)
        found["totalUpdatedSheets"] = len({sheet for sheet, _, _ in cells})
    if responses:
        found["responses"] = responses
    return found


def clear(book: Spreadsheet, parts: Sequence[Area], who: Caller) -> list[str]:
    """Take the values out of ranges, leaving formats and rules; the ranges as text."""
    cleared = []
    for part in parts:
        sheet = sheet_of(book, part.sheet_id)
        check_edit(book, sheet, part, who.email)
        part = part.within(sheet.row_count, sheet.column_count)
        for row in sheet.rows[part.top : part.bottom]:
            for column in range(part.left, min(part.right or 0, len(row.cells))):
                row.cells[column] = replace(row.cells[column], entered=None, result=None)
        cleared.append(a1.write(sheet.title, part))
    return cleared


def append(book: Spreadsheet, options: Options, body: dict[str, Any], who: Caller) -> dict[str, Any]:
    """values.append, traps included: it looks for a block of touching cells in the range, and takes the last one."""
    sheet = sheet_of(book, parse(book, options["range"]).sheet_id)
    part = parse(book, options["range"]).within(sheet.row_count, sheet.column_count)
    block = _last_block(sheet, part)
    top, left = (block.bottom or 0, block.left) if block else (part.top, part.left)
    rows: list[list[Any]] = body.get("values", [])
    high, wide = len(rows), max((len(row) for row in rows), default=1)
    sheet.row_count = max(sheet.row_count, top + high)
    if options.get("insertDataOption") == "INSERT_ROWS" and block:
        changes.insert(book, sheet, "ROWS", top, top + high, inherit=True)
    done = _write(book, Area(sheet.id, top, top + max(high, 1), left, left + wide), body, options, who)
    found: dict[str, Any] = {"spreadsheetId": book.id, "updates": _answer(book, done, options)}
    if block:
        found["tableRange"] = a1.write(sheet.title, block)
    return found


def _last_block(sheet: Sheet, part: Area) -> Area | None:
    full = {(row, column) for row, line in enumerate(sheet.rows) for column, cell in enumerate(line.cells)
            if cell.entered is not None and part.holds(row, column)}  # fmt: skip
    if not full:
        return None
    todo, seen = [max(full)], set[tuple[int, int]]()
    while todo:
        row, column = todo.pop()
        if (row, column) in full - seen:
            seen.add((row, column))
            todo += [(row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
    rows, columns = {row for row, _ in seen}, {column for _, column in seen}
    return Area(sheet.id, min(rows), max(rows) + 1, min(columns), max(columns) + 1)
