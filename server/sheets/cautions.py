"""What a person should know about a workbook file before relying on it, beyond what is true of any sheet."""

from __future__ import annotations

from itertools import pairwise

from server.sheets import address
from server.sheets.address import Range
from server.sheets.layout import Region, inside, some
from server.sheets.ooxml.cells import Scan


def of_cells(region: Region, scan: Scan) -> tuple[str, ...]:
    """Warnings of cells whose content the file does not tell for sure."""
    found = []
    stale = [cell for cell in scan.stale if inside(region, cell)]
    if stale:
        found.append(
            f"Formulas without a stored result ({some(stale)}) are read as empty. "
            "Open the workbook in Excel or LibreOffice and save it once."
        )
    if scan.local and inside(region, scan.local):
        found.append(
            f"Dates such as {scan.local} have the short form that differs from country to country; messages show them "
            "month first (12/31/2027). Give the column a date format of its own to be sure."
        )
    return tuple(found)


def torn_by_sorting(region: Region, filter_name: Range | None) -> tuple[str, ...]:
    """Warnings of columns that a sort would leave behind, so that a row's cells would end up in different rows."""
    if region.table:
        return ()
    found = []
    gap = next((after for before, after in pairwise(region.columns) if after > before + 1), None)
    if gap:
        found.append(
            f"There is an empty column before column {address.letter(gap)}: sorting in Excel stops there and would "
            "tear rows apart. Remove it, or make the list a Table (Ctrl+T)."
        )
    if filter_name and filter_name.top == region.header_row and filter_name.right < region.columns[-1]:
        found.append(
            f"For LibreOffice the filter ends at column {address.letter(filter_name.right)}: sorting there would leave "
            "the columns behind it where they are and tear rows apart. Switch the filter off and on again first."
        )
    return tuple(found)
