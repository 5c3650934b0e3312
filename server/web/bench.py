"""The desk's bench: sort, filter, rows, many cells at once, and taking one's last change back. Desk sessions only."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import Annotated

from pydantic import Field

from server.domain.table import CellEdit, CellValue, Row, Table, fold
from server.domain.words import CellKind, Command
from server.errors import Conflict, InvalidInput, NotAllowed
from server.identity.people import Deed
from server.ports import Sheet
from server.sheets.bench import Bench, Shown
from server.sheets.order import in_order
from server.sheets.xlsx import XlsxSheet
from server.web import arranged, rights
from server.web.app import WebApp, here
from server.web.arranged import Change, Was, bench_of, on
from server.web.auth import who
from server.web.grid import as_typed, noticed, same_row, typed, was_of, window
from server.web.routes import blueprint
from server.web.schemas import Grid, Model, SheetPath
from server.web.workbooks import open_sheet

routes = blueprint("bench", "The live sheet")

VALUES = 500
"""Values of a column that are listed; a search finds the others."""


class Showing(Model):
    """What a column shows: cells with one of `values` ("" for empty ones), or that hold `contains`. With neither it is
    a filter of a kind that only Excel knows: named so that it stays."""

    column: int = Field(description="Index in `columns`.")
    title: str
    values: Annotated[list[str], Field(max_length=10_000)] | None = None
    contains: Annotated[str, Field(max_length=200)] = ""


class BenchState(Model):
    """Whether rows can be arranged here (else they are in the spreadsheet itself), the filters that are set, and the
    kind of one's own last change that can be taken back ("" for none)."""

    able: bool
    filters: list[Showing] = Field([])
    undo: str = ""


class ValuesQuery(SheetPath):
    """Which column, and part of a value."""

    column: Annotated[int, Field(ge=0)]
    q: Annotated[str, Field(max_length=200)] = ""


class ValueCount(Model):
    """A value as shown, and how many rows have it."""

    shown: str
    count: int


class Values(Model):
    """The values of a column in their order, at most 500 of `total`."""

    values: list[ValueCount]
    total: int


class Sort(SheetPath):
    """Sort all rows by a column, by value: A to Z, or Z to A with `descending`; empty cells come last."""

    column: int
    title: str
    descending: bool = False


class FilterBody(SheetPath):
    """All filters that are set from now on, and no others."""

    filters: Annotated[list[Showing], Field(max_length=200)]


class CellValueBody(Model):
    """A cell's new text, by its column."""

    column: int
    value: Annotated[str, Field(max_length=32_767)]


class SeenRow(Model):
    """A row as a person saw it: its position in that version of the sheet."""

    position: int
    version: str


class RowsBody(SheetPath):
    """Add a row with these cells (above `before`, else at the end), or delete rows."""

    add: Annotated[list[CellValueBody], Field(max_length=500)] = Field([])
    before: SeenRow | None = None
    delete: Annotated[list[SeenRow], Field(max_length=5_000)] = Field([])


class PlacedValue(CellValueBody):
    """A cell's new text: its row as a person saw it, and its column."""

    position: int
    version: str


class CellsBody(SheetPath):
    """Many cells at once, as from a paste: all of them, or none."""

    cells: Annotated[list[PlacedValue], Field(min_length=1, max_length=20_000)]


@routes.get("/api/grid/filter", responses={200: BenchState})
def read_bench(query: SheetPath) -> BenchState:
    """What is set on this sheet, and what can be taken back"""
    web, sheet = here(), open_sheet(query.workbook, query.sheet)
    return _state(web, sheet)


@routes.get("/api/grid/values", responses={200: Values})
def read_values(query: ValuesQuery) -> Values:
    """The values of one column with their counts, for choosing which to show"""
    web, sheet = here(), open_sheet(query.workbook, query.sheet)
    table = web.tables.look(sheet)[1]
    if query.column >= len(table.columns):
        raise InvalidInput("There is no such column in this sheet.", field="column")
    counts = Counter(row.shown(query.column) for row in table.rows)
    ordered = dict.fromkeys(row.shown(query.column) for row in in_order(table.rows, query.column))
    found = [shown for shown in ordered if query.q.casefold() in shown.casefold()]
    return Values(values=[ValueCount(shown=one, count=counts[one]) for one in found[:VALUES]], total=len(found))


@routes.post("/api/grid/sort", responses={200: BenchState})
def sort_rows(body: Sort) -> BenchState:
    """Sort the rows of the file by one column, whole rows with all that belongs to them"""
    web, sheet = here(), open_sheet(body.workbook, body.sheet)
    bench = bench_of(sheet)

    def sort(table: Table) -> Change | None:
        column = _column(table, body.column, body.title)
        if not bench.sort(table, column, descending=body.descending):
            return None
        return arranged.exact("sort", bench, arranged.order_again(bench, table))

    return _done(web, sheet, on(web.tables, sheet, sort))


@routes.post("/api/grid/filter", responses={200: BenchState})
def filter_rows(body: FilterBody) -> BenchState:
    """Set the sheet's filters and hide the rows that they do not show, as Excel does"""
    web, sheet = here(), open_sheet(body.workbook, body.sheet)
    bench = bench_of(sheet)

    def choose(table: Table) -> Change | None:
        before = bench.filters(table)
        wanted = [
            Shown(_column(table, one.column, one.title), None if one.values is None else tuple(one.values),
                  one.contains)
            for one in body.filters
        ]  # fmt: skip
        if not bench.filter(table, wanted):
            return None
        return arranged.exact("filter", bench, arranged.filter_again(bench, before, table))

    return _done(web, sheet, on(web.tables, sheet, choose))


@routes.post("/api/grid/rows", responses={200: BenchState})
def change_rows(body: RowsBody) -> BenchState:
    """Add a row, or delete rows"""
    web, sheet = here(), open_sheet(body.workbook, body.sheet)
    bench = bench_of(sheet)
    if bool(body.add) == bool(body.delete):
        raise InvalidInput("Say what to do: cells of a row to add, or rows to delete.", field="add")

    def change(table: Table) -> Change:
        gone = {row.position: row for one in body.delete for row in [_row(web, sheet, table, one)]}
        if gone:
            bench.delete(table, list(gone.values()))
            return arranged.exact("delete", bench)
        before = None if body.before is None else _row(web, sheet, table, body.before)
        return _add(bench, table, before, body.add)

    change_made = on(web.tables, sheet, change)
    noticed(web, sheet)
    return _done(web, sheet, change_made)


@routes.post("/api/grid/cells", responses={200: Grid})
def change_cells(body: CellsBody) -> Grid:
    """Change many cells in one write; the answer is the first window of the sheet after it"""
    web, sheet = here(), open_sheet(body.workbook, body.sheet)

    def change(table: Table) -> list[Was]:
        places = [(_row(web, sheet, table, one), one.column, one.value) for one in body.cells]
        edits = [CellEdit(row, column, typed(table, value, row, column)) for row, column, value in places]
        cells = [was_of(sheet, table, row, column, value) for row, column, value in places]
        sheet.apply(table, edits)
        return cells

    cells = on(web.tables, sheet, change)
    web.changes.add(sheet, who(), arranged.edit_again(sheet, cells))
    noticed(web, sheet)
    return window(web, sheet, *web.tables.read(sheet))


@routes.post("/api/grid/undo", responses={200: BenchState})
def undo_change(body: SheetPath) -> BenchState:
    """Take back one's own last change of the grid, if nothing else changed the same since"""
    web, sheet = here(), open_sheet(body.workbook, body.sheet)
    change = web.changes.last(sheet, who())
    if change is None:
        raise Conflict("There is nothing of yours to take back on this sheet.")
    commands = {fold(command) for command in Command}
    if Deed.SEND not in rights.may() and commands & {fold(text) for text in change.texts}:
        raise NotAllowed("Taking this back would write a command into the sheet, and you may not send here.")
    try:
        arranged.take_back(web.tables, sheet, change)
    finally:
        web.changes.drop(sheet, who(), change)
    noticed(web, sheet)
    return _state(web, sheet)


def _state(web: WebApp, sheet: Sheet) -> BenchState:
    last = web.changes.last(sheet, who())
    undo = last.kind if last else ""
    if not isinstance(sheet, XlsxSheet):
        return BenchState(able=False, undo=undo)
    table = web.tables.look(sheet)[1]
    filters = [
        Showing(column=one.column, title=table.columns[one.column].title,
                values=None if one.values is None else list(one.values), contains=one.contains)
        for one in Bench(sheet).filters(table)
        if 0 <= one.column < len(table.columns)
    ]  # fmt: skip
    return BenchState(able=True, filters=filters, undo=undo)


def _done(web: WebApp, sheet: Sheet, change: Change | None) -> BenchState:
    if change is not None:
        web.changes.add(sheet, who(), change)
    web.tables.read(sheet)
    return _state(web, sheet)


def _add(bench: Bench, table: Table, before: Row | None, cells: list[CellValueBody]) -> Change:
    """A row with these cells, typed as the row above it is: a number below a number is one."""
    values: dict[str, CellValue] = {}
    above = [row for row in table.rows if before is None or row.position < before.position]
    for one in cells:
        if not 0 <= one.column < len(table.columns) or one.column == table.key_column:
            raise InvalidInput("There is no such column in this sheet.", field="column")
        if one.value:
            kind = above[-1].cells[one.column].kind if above else CellKind.TEXT
            values[table.columns[one.column].letter] = as_typed(one.value, kind)
    if not values:
        raise InvalidInput("A new row needs something in one of its cells.", field="add")
    bench.add(table, before, values)
    return arranged.exact("add", bench)


def _column(table: Table, column: int, title: str) -> int:
    """The column that was meant: at that place with that title, else the only one of that title."""
    if 0 <= column < len(table.columns) and table.columns[column].title == title:
        return column
    same = [index for index, other in enumerate(table.columns) if other.title == title]
    if len(same) != 1:
        raise Conflict(f"The column “{title}” is no longer where it was. Look at the sheet again.")
    return same[0]


def _row(web: WebApp, sheet: Sheet, table: Table, seen: SeenRow | PlacedValue) -> Row:
    """The row that a person saw, wherever it stands now. Raises SheetChanged, InvalidInput."""
    if table.version != seen.version:
        return same_row(table, web.tables.shown(sheet, seen.version, seen.position))
    place = bisect_left(table.rows, seen.position, key=lambda row: row.position)
    if place == len(table.rows) or table.rows[place].position != seen.position:
        raise InvalidInput("There is no such row in this sheet.", field="position")
    return table.rows[place]
