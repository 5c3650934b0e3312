"""The API's methods: from a checked query and body to an answer. One spreadsheet, one caller, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.emulators.sheets import batch, filters, mask, metadata, render, values
from tests.emulators.sheets.access import Caller
from tests.emulators.sheets.discovery import Method
from tests.emulators.sheets.errors import invalid
from tests.emulators.sheets.grid import Spreadsheet

Given = dict[str, Any]
Act = Callable[[Spreadsheet, Given, Given, Caller], Given]
"""(spreadsheet, path and query parameters, body, caller) -> answer."""


def _get(book: Spreadsheet, query: Given, body: Given, who: Caller) -> Given:
    fields = mask.parse(query.get("fields", ""))
    parts = [metadata.parse(book, text) for text in query.get("ranges", [])] or None
    return render.spreadsheet(book, who, fields, parts, query.get("includeGridData", False))


def _get_by_filter(book: Spreadsheet, query: Given, body: Given, who: Caller) -> Given:
    fields = mask.parse(query.get("fields", ""))
    parts = [part for each in body.get("dataFilters", []) for part in metadata.areas(book, each, who)]
    return render.spreadsheet(book, who, fields, parts, body.get("includeGridData", False))


def _metadata(book: Spreadsheet, query: Given, body: Given, who: Caller) -> Given:
    number = query["metadataId"]
    if not number.isdigit():
        raise invalid(f"Invalid value at 'metadata_id' (TYPE_INT32), \"{number}\"")
    return metadata.get(book, int(number), who)


def _clear(book: Spreadsheet, query: Given, body: Given, who: Caller) -> Given:
    cleared = values.clear(book, [metadata.parse(book, query["range"])], who)
    return {"spreadsheetId": book.id, "clearedRange": cleared[0]}


def _batch_clear(book: Spreadsheet, query: Given, body: Given, who: Caller) -> Given:
    cleared = values.clear(book, [metadata.parse(book, text) for text in body.get("ranges", [])], who)
    return {"spreadsheetId": book.id, **({"clearedRanges": cleared} if cleared else {})}


def _batch_clear_by_filter(book: Spreadsheet, query: Given, body: Given, who: Caller) -> Given:
    parts = [part for each in body.get("dataFilters", []) for part in metadata.areas(book, each, who)]
    cleared = values.clear(book, parts, who)
    return {"spreadsheetId": book.id, **({"clearedRanges": cleared} if cleared else {})}


_ACTS: dict[str, Act] = {
    "get": _get,
    "getByDataFilter": _get_by_filter,
    "batchUpdate": lambda book, query, body, who: batch.update(book, body, who),
    "developerMetadata.get": _metadata,
    "developerMetadata.search": lambda book, query, body, who: metadata.search(book, body.get("dataFilters", []), who),
    "values.get": lambda book, query, body, who: values.get(book, query),
    "values.batchGet": lambda book, query, body, who: values.batch_get(book, query),
    "values.batchGetByDataFilter": lambda book, query, body, who: values.batch_get_by_filter(book, body, who),
    "values.update": values.update,
    "values.append": values.append,
    "values.batchUpdate": lambda book, query, body, who: values.batch_update(book, body, who),
    "values.batchUpdateByDataFilter": lambda book, query, body, who: values.batch_update_by_filter(book, body, who),
    "values.clear": _clear,
    "values.batchClear": _batch_clear,
    "values.batchClearByDataFilter": _batch_clear_by_filter,
}

ACTS = {f"sheets.spreadsheets.{name}": act for name, act in _ACTS.items()}
"""Method id -> what carries it out, for all methods that work on one spreadsheet."""


def perform(book: Spreadsheet, method: Method, query: Given, body: Given, who: Caller) -> Given:
    """The answer; the spreadsheet is as before when ApiError is raised."""
    if query.get("fields"):
        mask.check(mask.parse(query["fields"]), method.response, selector=True)
    back = book.checkpoint() if method.kind == "write" else lambda: None
    try:
        answer = ACTS[method.id](book, query, body, who)
    except Exception:
        back()
        raise
    if method.kind == "write":
        filters.follow_edits(book)
        book.revision += 1
    if query.get("fields") and method.id not in {"sheets.spreadsheets.get", "sheets.spreadsheets.getByDataFilter"}:
        picked: Given = mask.pick(mask.parse(query["fields"]), answer)
        return picked
    return answer
