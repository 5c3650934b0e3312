"""A workbook: tabs, tables and names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.emulators.graph import entry
from tests.emulators.graph.address import Area, parse, split
from tests.emulators.graph.cells import Cell
from tests.emulators.graph.errors import already_exists, invalid_argument, item_not_found
from tests.emulators.graph.sheet import Sheet
from tests.emulators.graph.table import Column, Table


@dataclass
class Book:
    """`names` maps a defined name to its address with the tab."""

    sheets: list[Sheet] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def sheet(self, key: str) -> Sheet:
        """By id or name, or GraphError."""
        for sheet in self.sheets:
            if key == sheet.id or key.casefold() == sheet.name.casefold():
                return sheet
        raise item_not_found()

    def table(self, key: str, sheet: Sheet | None = None) -> tuple[Sheet, Table]:
        """By id, old id or name, on one tab or all, or GraphError."""
        for each in [sheet] if sheet else self.sheets:
            for table in each.tables:
                if key in (table.id, str(table.number)) or key.casefold() == table.name.casefold():
                    return each, table
        raise item_not_found()

    def tables(self) -> list[tuple[Sheet, Table]]:
        """All tables with their tabs."""
        return [(sheet, table) for sheet in self.sheets for table in sheet.tables]

    def named(self, name: str) -> tuple[Sheet, Area]:
        """What a defined name points at, or GraphError."""
        for key, address in self.names.items():
            if key.casefold() == name.casefold():
                sheet, rest = split(address)
                return self.sheet(sheet), parse(rest)
        raise item_not_found()

    def add_sheet(self, name: str = "") -> Sheet:
        """A new tab behind the others. Raises GraphError when the name is taken."""
        taken = {sheet.name.casefold() for sheet in self.sheets}
        number = len(self.sheets) + 1
        while not name or name.casefold() in taken:
            if name:
                raise already_exists()
            if f"sheet{number}" not in taken:
                name = f"Sheet{number}"
            number += 1
        ids = [int(sheet.id[15:19], 16) for sheet in self.sheets]
        sheet = Sheet(f"{{00000000-0001-0000-{max(ids, default=-1) + 1:04X}-000000000000}}", name)
        self.sheets.append(sheet)
        return sheet

    def add_table(self, sheet: Sheet, area: Area, *, headers: bool = True, name: str = "") -> Table:
        """Make a table of an area. Raises GraphError when it meets another."""
        if any(table.area.meets(area) for table in sheet.tables):
            raise invalid_argument()
        if not headers:
            sheet.insert_rows(area.top, 1, (area.left, area.right))
        elif area.rows == 1:
            area = area.part(0, 0, 1, area.columns - 1)
        records = area.rows - headers
        number = max((table.number for _, table in self.tables()), default=0) + 1
        columns = [Column(str(index + 1)) for index in range(area.columns)]
        table = Table(name or f"Table{number}", area.top, area.left, records, columns, number=number)
        if any(each.name.casefold() == table.name.casefold() for _, each in self.tables()):
            raise already_exists()
        sheet.tables.append(table)
        table.settle_titles(sheet)
        return table

    def clone(self) -> Book:
        """A copy that shares nothing."""
        return Book([sheet.clone() for sheet in self.sheets], dict(self.names))


def from_rows(rows: list[list[Any]], *, tab: str = "Sheet1", table: str = "", top: int = 0, left: int = 0) -> Book:
    """A workbook of one tab. Values are stored as they are (dates become serials), text is never read as anything.

    With `table` they become a table of that name, the first row its header.
    """
    book = Book()
    sheet = book.add_sheet(tab)
    for row, values in enumerate(rows, top):
        for column, given in enumerate(values, left):
            if given not in ("", None):
                sheet.cells[row, column] = stored(given)
    if table:
        width = max(len(row) for row in rows)
        book.add_table(sheet, Area(top, left, top + len(rows) - 1, left + width - 1), name=table)
    return book


def stored(given: Any, number_format: str = "General") -> Cell:
    """A cell as it would be found, without anybody typing it."""
    if isinstance(given, datetime | date | time | timedelta):
        code = {datetime: "m/d/yyyy h:mm", date: "m/d/yyyy", time: "h:mm"}.get(type(given), "[h]:mm:ss")
        return Cell(entry.serial(given), number_format=code if number_format == "General" else number_format)
    if isinstance(given, str) and given.startswith("=") and len(given) > 1:
        return Cell(entry.calculate(given), formula=given, number_format=number_format)
    return Cell(given, number_format=number_format)


def texts(sheet: Sheet, area: Area) -> list[list[str]]:
    """What people see of an area."""
    rows, columns = range(area.top, area.bottom + 1), range(area.left, area.right + 1)
    return [[sheet.look(row, column).text for column in columns] for row in rows]
