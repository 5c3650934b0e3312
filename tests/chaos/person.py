"""A person with the workbook open: sorts, inserts, deletes, copies, renames, moves, types. Never stands still."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl

from server.domain.table import CellEdit
from server.errors import SheetChanged, SheetUnavailable
from server.sheets import files
from server.sheets.xlsx import XlsxSheet

KEY = "Row key"
BIB = "Bib"


@dataclass
class Page:
    """What the person sees: titles and rows of values. `hidden` are the titles of hidden columns."""

    titles: list[str]
    rows: list[list[Any]]
    hidden: set[str] = field(default_factory=set)

    def at(self, title: str) -> int | None:
        """Where a column stands now."""
        return self.titles.index(title) if title in self.titles else None

    def get(self, row: list[Any], title: str) -> str:
        """A cell as text, "" for an empty one or a column that is not there."""
        index = self.at(title)
        value = row[index] if index is not None else None
        return "" if value is None else str(value)

    def of(self, bib: str) -> list[list[Any]]:
        """The rows of one contestant; more than one after a copy."""
        return [row for row in self.rows if self.get(row, BIB) == bib]


def read(path: Path) -> Page:
    """The workbook as it stands on disk."""
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.active
    assert sheet is not None
    lines = [list(line) for line in sheet.iter_rows(values_only=True)]
    titles = ["" if value is None else str(value) for value in lines[0]]
    letters = {openpyxl.utils.get_column_letter(index + 1): title for index, title in enumerate(titles)}
    shapes = sheet.column_dimensions.items()
    hidden = {letters[letter] for letter, shape in shapes if shape.hidden and letter in letters}
    return Page(titles, [line for line in lines[1:] if any(value is not None for value in line)], hidden)


def write(path: Path, page: Page) -> None:
    """Save as a spreadsheet program does: a new file in the old one's place."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Contestants"
    for line in (page.titles, *page.rows):
        sheet.append(line)
    for index, title in enumerate(page.titles):
        if title in page.hidden:
            sheet.column_dimensions[openpyxl.utils.get_column_letter(index + 1)].hidden = True
    temporary = path.with_name(f"{path.name}.saving")
    workbook.save(temporary)
    os.replace(temporary, path)


class Desk:
    """One workbook on the person's desk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._marker = path.with_name(f"~${path.name}")

    def open(self) -> None:
        """The workbook is open in Excel from now on: its marker lies beside it, and nobody else writes.

        Raises SheetUnavailable when a write that had begun before does not end: its worker is asleep.
        """
        self._marker.write_bytes(b"\x06Person" + b" " * 48)
        try:
            with files.writing(self.path):
                pass
        except SheetUnavailable:
            self.close()
            raise

    def close(self) -> None:
        """Closed again."""
        self._marker.unlink(missing_ok=True)

    def edit(self, change: Callable[[Page], None]) -> None:
        """Open, change, save, close."""
        held = self._marker.exists()
        if not held:
            self.open()
        try:
            page = read(self.path)
            change(page)
            write(self.path, page)
        finally:
            if not held:
                self.close()

    def type_as_other_user(self, bib: str, title: str, value: str, seconds: float = 3.0) -> bool:
        """One cell, as somebody in another program that respects the file as ours do; whether it went in."""
        sheet = XlsxSheet(self.path)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            table = sheet.read()
            column, place = table.find(BIB), table.find(title)
            rows = [row for row in table.rows if column is not None and row.shown(column) == bib]
            if place is None or len(rows) != 1:
                return False
            try:
                sheet.apply(table, [CellEdit(rows[0], place, value)])
            except (SheetChanged, SheetUnavailable):
                time.sleep(0.02)
            else:
                return True
        return False
