"""An emulated spreadsheet as plain data, for the stage's page and for the stand-ins of Apps Script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.emulators.sheets import conditions, formats, metadata
from tests.emulators.sheets.a1 import area
from tests.emulators.sheets.formulas import effective
from tests.emulators.sheets.grid import Cell, Extended, Sheet, Spreadsheet
from tests.emulators.sheets.locales import locale

ROOM = 12
"""Empty rows that the page shows below the last used one."""


def snapshot(book: Spreadsheet, *, cells: bool = False) -> dict[str, Any]:
    """The spreadsheet, its tabs with the shown texts and hidden rows, and all metadata; `cells` adds how they look."""
    return {
        "version": book.revision,
        "spreadsheetId": book.id,
        "title": book.title,
        "locale": book.locale,
        "timeZone": book.time_zone,
        "roles": book.roles,
        "metadata": [_metadata(metadata.wire(entry, (sheet, kind, index)), kind, index)
                     for entry, sheet, kind, index in book.all_metadata()],
        "sheets": [_sheet(book, sheet, cells) for sheet in book.sheets if not sheet.hidden],
    }  # fmt: skip


def _metadata(entry: Mapping[str, Any], kind: str, index: int) -> dict[str, Any]:
    location = entry["location"]
    sheet = location.get("sheetId", location.get("dimensionRange", {}).get("sheetId"))
    return {
        "metadataId": entry["metadataId"],
        "key": entry["metadataKey"],
        "value": entry.get("metadataValue", ""),
        "visibility": entry["visibility"],
        "location": {"type": kind, "sheetId": sheet, "index": index},
    }


def _sheet(book: Spreadsheet, sheet: Sheet, cells: bool) -> dict[str, Any]:
    used = sheet.used()
    bottom, right = used.bottom or 0, used.right or 0
    spoken = locale(book.locale)
    values = [[effective(book, sheet, sheet.cell(row, at)) for at in range(right)] for row in range(bottom)]
    shown = [[formats.shown(sheet.cell(row, at), value, spoken) for at, value in enumerate(held)]
             for row, held in enumerate(values)]  # fmt: skip
    found: dict[str, Any] = {
        "sheetId": sheet.id,
        "title": sheet.title,
        "frozenRows": sheet.frozen_rows,
        "rowCount": sheet.row_count,
        "columnCount": sheet.column_count,
        "values": shown,
        "hiddenByFilter": [at for at, line in enumerate(sheet.rows) if line.hidden_by_filter],
        "hiddenByUser": [at for at, line in enumerate(sheet.rows) if line.hidden_by_user],
    }
    if not cells:
        return found
    return found | {
        "shownRows": min(sheet.row_count, bottom + ROOM),
        "shownColumns": min(sheet.column_count, right + 2),
        "hiddenColumns": [at for at, line in enumerate(sheet.columns) if line.hidden_by_user],
        "filtered": bool(sheet.basic_filter),
        "filterViews": [view.get("title", "") for view in sheet.filter_views],
        "cells": [list(_cells(book, sheet, row, values[row], shown[row])) for row in range(bottom)],
    }


def _cells(
    book: Spreadsheet, sheet: Sheet, row: int, values: list[Extended | None], shown: list[str]
) -> Iterator[dict[str, Any]]:
    for column, value in enumerate(values):
        cell = sheet.cell(row, column)
        look = {"shown": shown[column], "typed": _typed(cell, shown[column]), "note": cell.note, **_look(cell.format)}
        if value and "numberValue" in value:
            look["number"] = True
        if cell.validation and cell.validation.get("condition", {}).get("type") == "ONE_OF_LIST":
            look["list"] = True
        for rule in sheet.conditional_formats:
            if _applies(book, sheet, rule, row, column, value, shown[column]):
                look |= _look(rule["booleanRule"].get("format"))
                break
        yield {name: content for name, content in look.items() if content}


def _typed(cell: Cell, shown: str) -> str:
    return str((cell.entered or {}).get("formulaValue", shown))


def _applies(
    book: Spreadsheet, sheet: Sheet, rule: Mapping[str, Any], row: int, column: int, value: Extended | None, shown: str
) -> bool:
    if "booleanRule" not in rule or not any(area(part).holds(row, column) for part in rule.get("ranges", [])):
        return False
    return conditions.holds(rule["booleanRule"]["condition"], value, shown, locale(book.locale))


def _look(style: Mapping[str, Any] | None) -> dict[str, Any]:
    style = style or {}
    text = style.get("textFormat") or {}
    return {
        name: content
        for name, content in {
            "background": _colour(style, "backgroundColor"),
            "colour": _colour(text, "foregroundColor"),
            "bold": text.get("bold", False),
        }.items()
        if content
    }


def _colour(style: Mapping[str, Any], name: str) -> str:
    found = (style.get(f"{name}Style") or {}).get("rgbColor") or style.get(name)
    if not found:
        return ""
    return "rgb({} {} {})".format(*(round(255 * found.get(part, 0)) for part in ("red", "green", "blue")))
