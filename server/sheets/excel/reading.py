"""One look at a tab as a Table. The cells of a table come in one range, so that they are of one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from server.domain.keys import is_row_key
from server.domain.table import BLANK, Cell, Table
from server.domain.words import CellKind
from server.errors import InvalidInput
from server.sheets import address, layout
from server.sheets.address import Range
from server.sheets.excel.shot import Place, Shot, block_of
from server.sheets.excel.values import TEXT, cell_of
from server.sheets.lines import numbers_of

SHOWN = "$select=address,rowHidden,columnHidden,values,text,formulas,numberFormat,valueTypes"
"""Everything of a range; never without `$select`, which would bring every grid three times (facts, 1.3)."""
BARE = "$select=address,rowHidden,values,formulas"
"""What is compared around a write."""
TABLES = "$select=id,name,showHeaders,showTotals"

Json = Mapping[str, Any]

NOWHERE = Range(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class ExcelTable:
    """An Excel Table; `block` is its range, a row of totals among it."""

    id: str
    name: str
    block: Range = NOWHERE
    totals: bool = False
    headers: int = 1

    @property
    def last(self) -> int:
        """Number of the last row of data."""
        return self.block.bottom - self.totals


@dataclass(frozen=True, slots=True)
class Around:
    """layout's Frame: what Graph tells of it."""

    frozen_rows: int = 0
    filtered: Range | None = None
    hidden_columns: tuple[tuple[int, int], ...] = ()
    merges: tuple[Range, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """Answers of Graph about one tab. `hidden` are rows and columns by number, where some are and some are not."""

    title: str
    tables: tuple[ExcelTable, ...]
    inside: ExcelTable | None
    cells: Json = field(repr=False)
    visible_rows: frozenset[int] | None = None
    visible_columns: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A table, and what is needed besides to write to it.

    `formats` are number formats by (row number, column number); `all_visible` tells that no row was hidden in this
    very look. `asked_at` is when it was asked for, `written` how many writes of ours were known then, `tag` the
    file's content then.
    """

    table: Table
    title: str
    inside: ExcelTable | None
    shot: Shot
    formats: Mapping[Place, str] = field(repr=False)
    all_visible: bool = False
    asked_at: float = 0.0
    written: int | None = None
    tag: str = ""

    def later(self, table: Table, shot: Shot, written: int | None) -> Picture:
        """The same tab with what a write of ours changed; it is no younger for that."""
        return replace(self, table=table, shot=shot, written=written)

    def columns_of_text(self) -> set[int]:
        """Numbers of columns whose every cell takes what is typed as text, so that no move of rows changes that."""
        rows = [row.position for row in self.table.rows]
        return {c for c in numbers_of(self.table) if all(self.formats.get((row, c)) == TEXT for row in rows)}


def table_path(table: ExcelTable) -> str:
    """Where a table is, by its id, which outlives a renaming."""
    return f"/workbook/tables/{_quoted(table.id)}"


def _quoted(key: str) -> str:
    return quote(key, safe="")


def tables_of(body: Json) -> tuple[ExcelTable, ...]:
    """The tables of a tab that have a header."""
    return tuple(
        ExcelTable(str(one.get("id", "")), str(one.get("name", "")), totals=bool(one.get("showTotals")))
        for one in body.get("value", ())
        if one.get("showHeaders", True)
    )


def visible(body: Json) -> list[Range]:
    """The cells of a visible view."""
    found = [address.parse(str(one).rpartition("!")[2]) for row in body.get("cellAddresses") or () for one in row]
    return [one for one in found if one is not None]


def picture(look: Look, *, workbook: str, header_row: int | None) -> Picture:
    """What a look shows. Raises InvalidInput when there is no table in the tab."""
    block = block_of(look.cells)
    inside = replace(look.inside, block=block) if look.inside else None
    formats: dict[Place, str] = {}
    lines = _lines(look, block, formats)
    frame = Around(hidden_columns=_hidden_columns(look, block))
    region = layout.region_of(
        look.title, lines, frame, [inside] if inside else [], (inside and block.top) or header_row
    )
    columns = layout.columns_of(region, lines, frame)
    key_column = layout.key_column_of(columns)
    if any(is_row_key(column.title) for column in columns):
        raise InvalidInput(
            f"The row of titles of the sheet “{look.title}” is gone. Undo its deletion, or put the titles back into a "
            "row above the first person."
        )
    rows = layout.rows_of(region, lines, frame, key_column)
    others = [inside if inside and one.id == inside.id else one for one in look.tables]
    shot = Shot(block, look.cells.get("values") or [[]], look.cells.get("formulas") or [[]], region.header_row)
    return Picture(
        table=Table(
            workbook=workbook,
            sheet=look.title,
            columns=columns,
            rows=rows,
            version=layout.digest(columns, rows),
            header_row=region.header_row,
            key_column=key_column,
            warnings=layout.warnings_of(region, frame, others, columns, _broken(region, lines)),
        ),
        title=look.title,
        inside=inside,
        shot=shot,
        formats=formats,
        all_visible=look.cells.get("rowHidden") is False,
    )


def _lines(look: Look, block: Range, formats: dict[Place, str]) -> list[layout.Line]:
    grids = [look.cells.get(name) or [] for name in ("values", "text", "formulas", "numberFormat", "valueTypes")]
    hidden_all = look.cells.get("rowHidden") is True
    lines = []
    for index, row in enumerate(zip(*grids, strict=True)):
        number = block.top + index
        cells: dict[int, Cell] = {}
        for place, (value, text, formula, code, kind) in enumerate(zip(*row, strict=True), block.left):
            cell = cell_of(value, text, formula, code, kind)
            if code and code != "General":
                formats[number, place] = str(code)
            if cell is not BLANK:
                cells[place] = cell
        unseen = look.visible_rows is not None and number not in look.visible_rows
        lines.append(layout.Line(number, hidden_all or unseen, cells))
    return lines


def _hidden_columns(look: Look, block: Range) -> tuple[tuple[int, int], ...]:
    if look.cells.get("columnHidden") is True:
        return ((block.left, block.right),)
    if look.visible_columns is None:
        return ()
    numbers = range(block.left, block.right + 1)
    return tuple((number, number) for number in numbers if number not in look.visible_columns)


def _broken(region: layout.Region, lines: Sequence[layout.Line]) -> tuple[str, ...]:
    """A warning of cells that hold an error of a formula."""
    found = [
        f"{address.letter(column)}{line.number}"
        for line in lines
        if region.header_row < line.number <= region.last_row
        for column, cell in line.cells.items()
        if cell.kind is CellKind.ERROR and column in region.columns
    ]
    return (f"Formulas with an error ({layout.some(found)}) can't be read.",) if found else ()
