"""A spreadsheet as tests hold it: filled from plain rows, read as people see it, changed as people type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from tests.emulators.sheets import entry, formats
from tests.emulators.sheets.formulas import effective
from tests.emulators.sheets.grid import Sheet, Spreadsheet
from tests.emulators.sheets.locales import locale

Rows = Iterable[Sequence[Any]]
"""Texts (a formula starts with "="), numbers, booleans, dates, times; None for an empty cell."""


@dataclass(slots=True)
class Workbook(Spreadsheet):
    """A spreadsheet with handles for tests. Rows and columns count from 0; `sheet` is an id or a title."""

    def add_sheet(
        self, title: str, rows: Rows = (), *, sheet_id: int | None = None, frozen: int = 0, height: int = 1000
    ) -> Sheet:
        """A new sheet at the end, `height` (Google's own, where nothing is said) by 26 cells, or what its rows need."""
        number = sheet_id if sheet_id is not None else (0 if not self.sheets else 1000 + len(self.sheets))
        sheet = Sheet(number, title, frozen_rows=frozen, row_count=height)
        self.sheets.append(sheet)
        self.fill(sheet, rows)
        return sheet

    def fill(self, sheet: Sheet, rows: Rows, top: int = 0, left: int = 0) -> None:
        """Put rows of plain values into the grid, which grows where it must."""
        for row, values in enumerate(rows, top):
            sheet.row_count = max(sheet.row_count, row + 1)
            sheet.column_count = max(sheet.column_count, left + len(values))
            for column, value in enumerate(values, left):
                if value is not None:
                    self.put(sheet, row, column, value)

    def put(
        self, sheet: Sheet, row: int, column: int, value: Any, number_format: Mapping[str, str] | None = None
    ) -> None:
        """One plain value, text as text; a date or time gets the locale's format unless one is given."""
        cell = sheet.cell(row, column)
        kind = ""
        if isinstance(value, date | time):
            kind = "DATE_TIME" if isinstance(value, datetime) else "DATE" if isinstance(value, date) else "TIME"
            value = formats.serial(value)
            value = int(value) if kind == "DATE" else value
        if kind or number_format:
            form = {"numberFormat": dict(number_format or {"type": kind})}
            cell = replace(cell, format={**(cell.format or {}), **form})
        if isinstance(value, str) and value.startswith("=") and len(value) > 1:
            sheet.put(row, column, replace(cell, entered={"formulaValue": value}, result=None))
        elif value is not None:
            sheet.put(row, column, entry.typed(cell, value, "RAW", locale(self.locale)))
        self.revision += 1

    def format_column(self, sheet: Sheet, column: int, pattern: str, kind: str, first_row: int = 1) -> None:
        """A number format for a column's cells that hold something."""
        for row in range(first_row, sheet.used().bottom or 0):
            cell = sheet.cell(row, column)
            form = {**(cell.format or {}), "numberFormat": {"type": kind, "pattern": pattern}}
            sheet.put(row, column, replace(cell, format=form))

    def type(self, sheet: Sheet, row: int, column: int, text: str) -> None:
        """What a person types: "12:30" is a time, "=A1" a formula, "" empties the cell."""
        sheet.put(row, column, entry.typed(sheet.cell(row, column), text, "USER_ENTERED", locale(self.locale)))
        self.revision += 1

    def text(self, sheet: Sheet, row: int, column: int) -> str:
        """What the cell shows."""
        cell = sheet.cell(row, column)
        return formats.shown(cell, effective(self, sheet, cell), locale(self.locale))

    def texts(self, which: int | str = 0) -> list[list[str]]:
        """What all used cells show, as a rectangle."""
        sheet = self.sheet(which)
        used = sheet.used()
        return [[self.text(sheet, row, column) for column in range(used.right or 0)] for row in range(used.bottom or 0)]

    def records(self, which: int | str = 0, header: int = 0) -> list[dict[str, str]]:
        """Every row below the header by column title, empty rows left out."""
        rows = self.texts(which)
        return [dict(zip(rows[header], row, strict=True)) for row in rows[header + 1 :] if any(row)]

    def column(self, which: int | str, title: str, header: int = 0) -> int:
        """Index of the column with that title. Raises ValueError."""
        return self.texts(which)[header].index(title)

    def find(self, which: int | str, title: str, text: str, header: int = 0) -> int:
        """Index of the first row that shows that text in that column. Raises KeyError."""
        column = self.column(which, title, header)
        for row, texts in enumerate(self.texts(which)):
            if row > header and texts[column] == text:
                return row
        raise KeyError(f"No row with {title} {text!r}")

    def share(self, email: str, role: str = "writer", *, picked: bool = True) -> None:
        """Let an account in: "reader", "writer" or "owner". `picked`: a drive.file token may see it too."""
        self.roles[email] = role
        if picked:
            self.picked.add(email)

    def unshare(self, email: str) -> None:
        """Shut an account out."""
        self.roles.pop(email, None)
        self.picked.discard(email)
