"""Workbooks as .xlsx files: what a test or a person brings in, and what a download takes out."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
from openpyxl.styles import Protection
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.table import Table as FileTable

from tests.emulators.graph.address import Area, cell_name, parse
from tests.emulators.graph.book import Book, stored
from tests.emulators.graph.cells import Cell
from tests.emulators.graph.sheet import Sheet


def from_xlsx(content: bytes) -> Book:
    """A workbook from a file: values, formulas with their stored results, formats, locks, filters, hidden rows."""
    formulas = openpyxl.load_workbook(BytesIO(content))
    results = openpyxl.load_workbook(BytesIO(content), data_only=True)
    book = Book()
    for source in formulas.worksheets:
        sheet = book.add_sheet(source.title)
        sheet.visibility = {"hidden": "Hidden", "veryHidden": "VeryHidden"}.get(source.sheet_state, "Visible")
        sheet.protected = bool(source.protection.sheet)
        sheet.merges = [parse(str(each)) for each in source.merged_cells.ranges]
        _read_cells(source, results[source.title], sheet)
        for size in source.column_dimensions.values():
            if size.hidden:
                sheet.hidden_columns.update(range((size.min or 1) - 1, size.max or 0))
        _read_tables(source, book, sheet)
    for name, defined in formulas.defined_names.items():
        book.names[name] = str(defined.attr_text)
    return book


def _read_cells(source: Any, results: Any, sheet: Sheet) -> None:
    for row in source.iter_rows():
        for cell in row:
            if cell.value is None and cell.number_format == "General" and cell.protection.locked:
                continue
            given = results[cell.coordinate].value if cell.data_type == "f" else cell.value
            if cell.data_type != "f" and isinstance(given, str):
                found = Cell(given, number_format=cell.number_format, quoted=bool(cell.quotePrefix))
            else:
                found = stored("" if given is None else given, cell.number_format)
            found.formula = str(cell.value) if cell.data_type == "f" else ""
            found.locked = bool(cell.protection.locked)
            sheet.cells[cell.row - 1, cell.column - 1] = found


def _read_tables(source: Any, book: Book, sheet: Sheet) -> None:
    hidden = {(number or 1) - 1 for number, size in source.row_dimensions.items() if size.hidden}
    for each in source.tables.values():
        left, top, right, bottom = (number or 1 for number in range_boundaries(each.ref))
        table = book.add_table(sheet, Area(top - 1, left - 1, bottom - 1, right - 1), name=each.displayName)
        if each.totalsRowCount:
            table.totals, table.count = True, table.count - 1
        for chosen in each.autoFilter.filterColumn if each.autoFilter else ():
            if chosen.filters:
                values = [str(value) for value in chosen.filters.filter]
                table.columns[chosen.colId].criteria = {"filterOn": "Values", "values": values}
        if table.filtering():
            sheet.filtered |= {row for row in hidden if table.body.top <= row <= table.body.bottom}
    sheet.hidden_rows = hidden - sheet.filtered


def to_xlsx(book: Book) -> bytes:
    """The workbook as a file: what a download would bring."""
    out = openpyxl.Workbook()
    out.remove(out.worksheets[0])
    for sheet in book.sheets:
        target = out.create_sheet(sheet.name)
        for (row, column), cell in sheet.cells.items():
            place = target[cell_name(row, column)]
            place.value = cell.formula or (None if cell.value == "" else cell.value)
            if isinstance(cell.value, str) and not cell.formula and cell.value:
                place.data_type = "s"
            place.number_format = cell.number_format
            place.protection = Protection(locked=cell.locked)
        for row in sheet.hidden_rows | sheet.filtered:
            target.row_dimensions[row + 1].hidden = True
        for table in sheet.tables:
            target.add_table(FileTable(displayName=table.name, ref=str(table.area)))
    packed = BytesIO()
    out.save(packed)
    return packed.getvalue()
