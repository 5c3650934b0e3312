"""The product's sample workbook as an emulated spreadsheet: the same people, formats, formulas and withdrawn rows."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl

from server.local.sample import create
from tests.emulators.sheets import Emulator, Sheet, Workbook, filters

TITLE = "Athletics weekend"
FORMATS = {
    "hh:mm": ("hh:mm", "TIME"),
    "ddd d mmm yyyy": ("ddd d mmm yyyy", "DATE"),
    "000": ("000", "NUMBER"),
    "[$£-809]#,##0.00": ("[$£]#,##0.00", "CURRENCY"),
}
"""Excel's number formats of the sample, in Google's words."""

HEAD = {
    "backgroundColor": {"red": 0.188, "green": 0.329, "blue": 0.588},
    "textFormat": {"bold": True, "foregroundColor": {"red": 1, "green": 1, "blue": 1}},
}


def sample(google: Emulator, share: dict[str, str]) -> Workbook:
    """A new spreadsheet with one tab, shared with these accounts (address -> role)."""
    with tempfile.TemporaryDirectory() as folder:
        source = openpyxl.load_workbook(create(Path(folder) / "sample.xlsx")).worksheets[0]
    rows = [[cell.value for cell in row] for row in source.iter_rows()]
    book = google.spreadsheet(
        TITLE, {source.title: rows}, locale="en_GB", time_zone="Europe/London", share=share, frozen=1
    )
    sheet = book.sheet(source.title)
    for index, cell in enumerate(source[2]):
        if cell.number_format in FORMATS:
            book.format_column(sheet, index, *FORMATS[cell.number_format])
        sheet.put(0, index, replace(sheet.cell(0, index), format=HEAD))
    sheet.basic_filter = _without_withdrawn(sheet, rows)
    filters.apply(book, sheet)
    return book


def _without_withdrawn(sheet: Sheet, rows: list[list[Any]]) -> dict[str, Any]:
    part = {"sheetId": sheet.id, "endRowIndex": len(rows), "endColumnIndex": len(rows[0])}
    chosen = {"columnIndex": rows[0].index("Entry"), "filterCriteria": {"hiddenValues": ["Withdrawn"]}}
    found: dict[str, Any] = filters.normal({"range": part, "filterSpecs": [chosen]}, lambda _: part)
    return found
