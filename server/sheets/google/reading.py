"""One call's answer as a Table: the tab's grid, what stands around it, and where our own columns are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from server.domain.keys import is_row_key
from server.domain.table import BLANK, Cell, Column, Table
from server.domain.words import CellKind
from server.errors import InvalidInput
from server.sheets import address, layout
from server.sheets.address import Range
from server.sheets.google import sentences
from server.sheets.google.values import cell_of

MARK = "cellback"
"""Key of our developer metadata on columns. Its value is the column's tag."""
KEY_TAG = "key"
"""Tag of the column of row keys."""

FIELDS = (
    "properties(title,locale,timeZone),"
    "sheets(properties(sheetId,title,gridProperties(rowCount,columnCount,frozenRowCount)),merges,basicFilter(range),"
    "tables(tableId,name,range,rowsProperties(footerColorStyle)),filterViews(filterViewId,title,range,tableId),"
    "data(startRow,startColumn,rowMetadata(hiddenByFilter,hiddenByUser),"
    "columnMetadata(hiddenByUser,developerMetadata(metadataKey,metadataValue)),"
    "rowData(values(formattedValue,effectiveValue,userEnteredValue,effectiveFormat(numberFormat(type))))))"
)
"""Everything in one read; never the spreadsheet unmasked, which would bring every format of every cell."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GoogleTable:
    """A table that Google Sheets knows by name; `block` is its range, a footer among it."""

    id: str
    name: str
    block: Range
    footer: bool = False
    headers: int = 1

    @property
    def last(self) -> int:
        """Number of the last row of data."""
        return self.block.bottom - self.footer


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the cells: layout's Frame."""

    frozen_rows: int
    filtered: Range | None
    hidden_columns: tuple[tuple[int, int], ...]
    merges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A table, and what the adapter needs besides to write to it.

    `formulas` and `serials` are by (row number, column number): what to put back where a write hit a wrong cell.
    `asked_at` and `came_at` are when the read was sent and answered (monotonic seconds), `written` is how many writes
    of ours were known then.
    """

    table: Table
    title: str
    row_count: int
    region: layout.Region
    inside: GoogleTable | None
    views: Mapping[str, int]
    formulas: Mapping[tuple[int, int], str] = field(repr=False)
    serials: Mapping[tuple[int, int], float] = field(repr=False)
    asked_at: float = 0.0
    came_at: float = 0.0
    written: int | None = None

    def number(self, column: int) -> int:
        """The column's number in the sheet, 1 for A."""
        return address.number(self.table.columns[column].letter)

    @property
    def key_number(self) -> int | None:
        """The same of the column of row keys."""
        return None if self.table.key_column is None else self.number(self.table.key_column)

    def later(self, table: Table, written: int | None) -> Picture:
        """The same sheet with a table that a write of ours changed; it is no younger for that."""
        return replace(self, table=table, written=written)


def picture(answer: Json, *, workbook: str, gid: int, header_row: int | None) -> Picture:
    """What the answer shows. Raises TabGone, and InvalidInput when there is no table in the tab."""
    sheet = next((one for one in answer.get("sheets", ()) if one["properties"].get("sheetId", 0) == gid), None)
    if sheet is None:
        raise sentences.tab_gone()
    properties = sheet["properties"]
    grid = properties.get("gridProperties", {})
    size = Range(1, 1, grid.get("columnCount", 1), grid.get("rowCount", 1))
    data = (sheet.get("data") or [{}])[0]
    frame = _around(sheet, data, size, grid.get("frozenRowCount", 0))
    tables = [_table(one, size) for one in sheet.get("tables", ())]
    formulas: dict[tuple[int, int], str] = {}
    serials: dict[tuple[int, int], float] = {}
    lines = _lines(data, formulas, serials)
    region = layout.region_of(properties["title"], lines, frame, tables, header_row)
    columns = _columns(region, lines, frame, data)
    key_column = next((index for index, column in enumerate(columns) if column.tag == KEY_TAG), None)
    if key_column is None:
        key_column = layout.key_column_of(columns)
    if key_column is not None and is_row_key(columns[key_column].title):
        raise InvalidInput(
            f"The row of titles of the sheet “{properties['title']}” is gone. Undo its deletion, or put the titles "
            "back into a row above the first person."
        )
    rows = layout.rows_of(region, lines, frame, key_column)
    inside = region.table if isinstance(region.table, GoogleTable) else None
    return Picture(
        table=Table(
            workbook=workbook,
            sheet=properties["title"],
            columns=columns,
            rows=rows,
            version=layout.digest(columns, rows),
            header_row=region.header_row,
            key_column=key_column,
            warnings=(
                *layout.warnings_of(region, frame, tables, columns),
                *_left_behind(region, frame),
            ),
        ),
        title=properties["title"],
        row_count=size.bottom,
        region=region,
        inside=inside,
        views={str(one.get("title", "")): int(one.get("filterViewId", 0)) for one in sheet.get("filterViews", ())},
        formulas=formulas,
        serials=serials,
    )


def _around(sheet: Json, data: Json, size: Range, frozen: int) -> Around:
    filtered = (sheet.get("basicFilter") or {}).get("range")
    start = data.get("startColumn", 0)
    hidden = [
        (start + index + 1, start + index + 1)
        for index, column in enumerate(data.get("columnMetadata", ()))
        if column.get("hiddenByUser")
    ]
    merges = tuple(_range(one, size) for one in sheet.get("merges", ()))
    return Around(frozen, _range(filtered, size) if filtered else None, tuple(hidden), merges)


def _range(grid: Json, size: Range) -> Range:
    """A GridRange (from 0, half open, sides may be missing) as a Range."""
    return Range(
        grid.get("startColumnIndex", 0) + 1,
        grid.get("startRowIndex", 0) + 1,
        grid.get("endColumnIndex", size.right),
        grid.get("endRowIndex", size.bottom),
    )


def _table(found: Json, size: Range) -> GoogleTable:
    footer = "footerColorStyle" in (found.get("rowsProperties") or {})
    return GoogleTable(
        str(found.get("tableId", "")), found.get("name", ""), _range(found.get("range", {}), size), footer
    )


def _lines(
    data: Json, formulas: dict[tuple[int, int], str], serials: dict[tuple[int, int], float]
) -> list[layout.Line]:
    first, left = data.get("startRow", 0) + 1, data.get("startColumn", 0) + 1
    hidden = [bool(one.get("hiddenByFilter") or one.get("hiddenByUser")) for one in data.get("rowMetadata", ())]
    lines = []
    for index, row in enumerate(data.get("rowData", ())):
        number = first + index
        cells: dict[int, Cell] = {}
        for place, found in enumerate(row.get("values", ()), left):
            cell = cell_of(found) if found else BLANK
            if cell is BLANK:
                continue
            cells[place] = cell
            if cell.formula:
                formulas[number, place] = (found.get("userEnteredValue") or {}).get("formulaValue", "")
            elif cell.kind in {CellKind.DATE, CellKind.TIME, CellKind.DATETIME}:
                serials[number, place] = found["effectiveValue"]["numberValue"]
        lines.append(layout.Line(number, index < len(hidden) and hidden[index], cells))
    return lines


def _columns(region: layout.Region, lines: Sequence[layout.Line], frame: Around, data: Json) -> tuple[Column, ...]:
    start, marks = data.get("startColumn", 0) + 1, data.get("columnMetadata", ())
    tags = {}
    for number, column in enumerate(marks, start):
        for mark in column.get("developerMetadata", ()):
            if mark.get("metadataKey") == MARK:
                tags[number] = str(mark.get("metadataValue", ""))
    columns = layout.columns_of(region, lines, frame)
    return tuple(
        replace(column, tag=tags.get(number, "")) for number, column in zip(region.columns, columns, strict=True)
    )


def _left_behind(region: layout.Region, frame: Around) -> tuple[str, ...]:
    """A warning of columns that a sort by the filter would leave behind, so that rows would be torn apart."""
    block = frame.filtered
    if region.table or block is None or block.top != region.header_row or block.right >= region.columns[-1]:
        return ()
    return (
        f"The filter ends at column {address.letter(block.right)}: sorting by it would leave the columns behind it "
        "where they are and tear rows apart. Switch the filter off and on again (Data, Remove filter).",
    )
