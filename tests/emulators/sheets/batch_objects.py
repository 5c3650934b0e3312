"""Requests of a batch that change what lies over the grid: rules, formats, filters, protections, metadata, merges."""

from __future__ import annotations

import copy
import random
from dataclasses import replace
from typing import Any

from tests.emulators.sheets import a1, changes, filters, locales, mask, metadata, render, tables
from tests.emulators.sheets.access import Caller, check_edit, may_edit
from tests.emulators.sheets.batch_grid import masked
from tests.emulators.sheets.errors import PROTECTED, invalid
from tests.emulators.sheets.grid import Sheet, Spreadsheet
from tests.emulators.sheets.metadata import checked, sheet_of

Body = dict[str, Any]


def fresh_id(taken: set[int], wanted: int | None, what: str) -> int:
    """The wanted id, or a random free one. Raises ApiError (400) when the wanted one is taken."""
    if wanted is not None and wanted in taken:
        raise invalid(f"{what} with id {wanted} already exists.")
    while wanted is None or wanted in taken:
        wanted = random.randrange(1, 2**31)
    return wanted


def set_data_validation(book: Spreadsheet, body: Body, who: Caller) -> None:
    """A rule for every cell of a range; without one, none."""
    part = checked(book, body.get("range", {}))
    sheet = sheet_of(book, part.sheet_id)
    check_edit(book, sheet, part, who.email)
    rule = body.get("rule")
    if rule and rule.get("condition", {}).get("type") == "ONE_OF_LIST" and not rule["condition"].get("values"):
        raise invalid("ONE_OF_LIST needs at least one value.")
    for row, column in changes.cells_of(sheet, part):
        cell = sheet.cell(row, column)
        if cell.validation != rule:
            sheet.put(row, column, replace(cell, validation=rule))


def add_conditional_format_rule(book: Spreadsheet, body: Body, who: Caller) -> None:
    """A rule at an index of the sheet's list."""
    rule = copy.deepcopy(body.get("rule", {}))
    if not rule.get("ranges") or not ("booleanRule" in rule or "gradientRule" in rule):
        raise invalid("A conditional format rule needs ranges, and a booleanRule or a gradientRule.")
    parts = [checked(book, each) for each in rule["ranges"]]
    held = sheet_of(book, parts[0].sheet_id).conditional_formats
    if body.get("index", 0) > len(held):
        raise invalid(f"No conditional format on sheet: {parts[0].sheet_id} at index: {body['index']}")
    held.insert(body.get("index", 0), rule)


def update_conditional_format_rule(book: Spreadsheet, body: Body, who: Caller) -> Body:
    """Another rule at that index, or another index for that rule."""
    sheet_id = body.get("sheetId", body.get("rule", {}).get("ranges", [{}])[0].get("sheetId", 0))
    held, index = _rules(book, sheet_id, body.get("index", 0))
    old = held[index]
    if "newIndex" in body:
        held.insert(body["newIndex"], held.pop(index))
        return {"oldRule": old, "newRule": old, "oldIndex": index, "newIndex": body["newIndex"]}
    held[index] = copy.deepcopy(body.get("rule", {}))
    return {"oldRule": old, "newRule": held[index], "newIndex": index}


def delete_conditional_format_rule(book: Spreadsheet, body: Body, who: Caller) -> Body:
    """The rule at that index goes."""
    held, index = _rules(book, body.get("sheetId", 0), body.get("index", 0))
    return {"rule": held.pop(index)}


def _rules(book: Spreadsheet, sheet_id: int, index: int) -> tuple[list[Body], int]:
    held = sheet_of(book, sheet_id).conditional_formats
    if not 0 <= index < len(held):
        raise invalid(f"No conditional format on sheet: {sheet_id} at index: {index}")
    return held, index


def _table_range(book: Spreadsheet, table_id: str) -> Body:
    return tables.find(book, table_id)[1]["range"]  # type: ignore[no-any-return]


def _views(book: Spreadsheet) -> dict[int, tuple[Sheet, Body]]:
    return {view["filterViewId"]: (sheet, view) for sheet in book.sheets for view in sheet.filter_views}


def add_filter_view(book: Spreadsheet, body: Body, who: Caller) -> Body:
    """A named filter that each viewer may choose."""
    view = filters.normal(body.get("filter", {}), lambda name: _table_range(book, name))
    sheet = sheet_of(book, checked(book, view.get("range", {})).sheet_id)
    view["filterViewId"] = fresh_id(set(_views(book)), view.get("filterViewId"), "Filter view")
    view.setdefault("title", f"Filter {len(sheet.filter_views) + 1}")
    if view["title"] in {each["title"] for each in sheet.filter_views}:
        raise invalid(f'Cannot add a filter view: a filter view with the title "{view["title"]}" already exists.')
    sheet.filter_views.append(view)
    return {"filter": copy.deepcopy(view)}


def update_filter_view(book: Spreadsheet, body: Body, who: Caller) -> None:
    """Fields of a filter view."""
    wanted = body.get("filter", {})
    fields = masked(body, "FilterView")
    sheet, view = _view(book, wanted.get("filterViewId", 0))
    merged = mask.merge(fields, view, wanted, "FilterView")
    if ("criteria" in fields) and "filterSpecs" not in fields:
        merged.pop("filterSpecs", None)
    merged["filterViewId"] = view["filterViewId"]
    if "tableId" in merged and "range" in merged and "tableId" not in wanted:
        merged.pop("tableId")
    elif "tableId" in merged:
        merged.pop("range", None)
    sheet.filter_views[sheet.filter_views.index(view)] = filters.normal(merged, lambda name: _table_range(book, name))


def delete_filter_view(book: Spreadsheet, body: Body, who: Caller) -> None:
    """A filter view goes."""
    sheet, view = _view(book, body.get("filterId", 0))
    sheet.filter_views.remove(view)


def _view(book: Spreadsheet, number: int) -> tuple[Sheet, Body]:
    found = _views(book).get(number)
    if found is None:
        raise invalid(f"No filter view with id: {number}")
    return found


def set_basic_filter(book: Spreadsheet, body: Body, who: Caller) -> None:
    """The filter that all see; its sort orders reorder the rows for good."""
    wanted = filters.normal(body.get("filter", {}), lambda name: _table_range(book, name))
    part = checked(book, wanted.get("range", {}))
    sheet = sheet_of(book, part.sheet_id)
    sheet.basic_filter = wanted
    if wanted.get("sortSpecs"):
        data = filters.body(sheet, wanted)
        check_edit(book, sheet, data, who.email)
        changes.sort(book, sheet, data, wanted["sortSpecs"])
    filters.apply(book, sheet)


def clear_basic_filter(book: Spreadsheet, body: Body, who: Caller) -> None:
    """No filter any more: every row shows; an order that it brought stays."""
    sheet = sheet_of(book, body.get("sheetId", 0))
    sheet.basic_filter = None
    filters.apply(book, sheet)


def _protections(book: Spreadsheet) -> dict[int, tuple[Sheet, Body]]:
    return {each["protectedRangeId"]: (sheet, each) for sheet in book.sheets for each in sheet.protected_ranges}


def add_protected_range(book: Spreadsheet, body: Body, who: Caller) -> Body:
    """Only the listed may edit it; or all may, after a warning. Whoever protects a range may edit it."""
    held = copy.deepcopy(body.get("protectedRange", {}))
    if "tableId" in held:
        held["range"] = copy.deepcopy(_table_range(book, held["tableId"]))
    sheet = sheet_of(book, checked(book, held.get("range", {})).sheet_id)
    held["protectedRangeId"] = fresh_id(set(_protections(book)), held.get("protectedRangeId"), "Protected range")
    held.pop("requestingUserCanEdit", None)
    if held.get("warningOnly"):
        held.pop("editors", None)
    else:
        users = held.setdefault("editors", {}).setdefault("users", [])
        if who.email not in users:
            users.append(who.email)
    sheet.protected_ranges.append(held)
    return {"protectedRange": render.protection(book, held, who)}


def update_protected_range(book: Spreadsheet, body: Body, who: Caller) -> None:
    """Fields of a protected range."""
    wanted, fields = body.get("protectedRange", {}), masked(body, "ProtectedRange")
    sheet, held = _protection(book, wanted.get("protectedRangeId", 0), who)
    merged = mask.merge(fields, held, wanted, "ProtectedRange")
    sheet.protected_ranges[sheet.protected_ranges.index(held)] = {
        **merged,
        "protectedRangeId": held["protectedRangeId"],
    }


def delete_protected_range(book: Spreadsheet, body: Body, who: Caller) -> None:
    """The protection goes."""
    sheet, held = _protection(book, body.get("protectedRangeId", 0), who)
    sheet.protected_ranges.remove(held)


def _protection(book: Spreadsheet, number: int, who: Caller) -> tuple[Sheet, Body]:
    found = _protections(book).get(number)
    if found is None:
        raise invalid(f"No protected range with id: {number}")
    if not may_edit(book, found[1], who.email):
        raise invalid(PROTECTED)
    return found


def create_developer_metadata(book: Spreadsheet, body: Body, who: Caller) -> Body:
    """An entry at a place."""
    return {"developerMetadata": metadata.create(book, body.get("developerMetadata", {}), who)}


def update_developer_metadata(book: Spreadsheet, body: Body, who: Caller) -> Body:
    """Fields of the entries that filters meet."""
    return {"developerMetadata": metadata.update(book, body, who)}


def delete_developer_metadata(book: Spreadsheet, body: Body, who: Caller) -> Body:
    """The entries that a filter meets go."""
    return {"deletedDeveloperMetadata": metadata.delete(book, body.get("dataFilter", {}), who)}


def merge_cells(book: Spreadsheet, body: Body, who: Caller) -> None:
    """One cell of many; what was not in the first is lost."""
    part = checked(book, body.get("range", {}))
    sheet = sheet_of(book, part.sheet_id)
    check_edit(book, sheet, part, who.email)
    part = part.within(sheet.row_count, sheet.column_count)
    bottom, right = part.bottom or 0, part.right or 0
    kind = body.get("mergeType", "MERGE_ALL")
    blocks = {
        "MERGE_ALL": [part],
        "MERGE_COLUMNS": [replace(part, left=at, right=at + 1) for at in range(part.left, right)],
        "MERGE_ROWS": [replace(part, top=at, bottom=at + 1) for at in range(part.top, bottom)],
    }[kind]
    if any(a1.area(each).meets(part) for each in sheet.merges):
        raise invalid("You must select all cells in a merged range to merge or unmerge them.")
    for block in blocks:
        for row, column in changes.cells_of(sheet, block):
            if (row, column) != (block.top, block.left) and sheet.cell(row, column).entered is not None:
                sheet.put(row, column, replace(sheet.cell(row, column), entered=None))
        sheet.merges.append(block.grid_range())


def unmerge_cells(book: Spreadsheet, body: Body, who: Caller) -> None:
    """Merged cells of a range are single ones again."""
    part = checked(book, body.get("range", {}))
    sheet = sheet_of(book, part.sheet_id)
    check_edit(book, sheet, part, who.email)
    sheet.merges = [each for each in sheet.merges if not a1.area(each).meets(part)]


def update_spreadsheet_properties(book: Spreadsheet, body: Body, who: Caller) -> None:
    """Title, locale, time zone."""
    wanted, fields = body.get("properties", {}), masked(body, "SpreadsheetProperties")
    for name, attribute in (("title", "title"), ("locale", "locale"), ("timeZone", "time_zone")):
        if mask.names(fields, name) and name in wanted:
            setattr(book, attribute, wanted[name])
    if book.locale not in locales.LOCALES:
        raise invalid(f"Unsupported locale: {book.locale}")
