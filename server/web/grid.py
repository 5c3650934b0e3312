"""The desk's grid: a window on the live sheet, and a person's edit of one cell of it."""

from __future__ import annotations

import logging
import re
from typing import Annotated

from pydantic import Field

from server import queue
from server.domain.table import CellEdit, CellValue, Row, Table
from server.domain.words import CampaignState, CellKind
from server.errors import InvalidInput, SheetChanged
from server.ports import Sheet
from server.web.app import WebApp, here
from server.web.arranged import Was, edit_again, value_of
from server.web.auth import who
from server.web.routes import blueprint
from server.web.schemas import Grid, GridCell, GridColumn, GridEdit, GridRow, SheetPath
from server.web.workbooks import open_sheet

log = logging.getLogger(__name__)
routes = blueprint("grid", "The live sheet")

LIMIT = 500
"""Rows of a window, unless asked otherwise."""

TRIES = 4
"""Reads of a sheet that a worker is writing to at the same time, before an edit is given back to its person."""

PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,14})?")
"""At most 15 digits before the point, as a spreadsheet holds exactly; a leading zero or plus makes it text."""


class GridQuery(SheetPath):
    """Which window; with the `version` of the last one, an unchanged sheet answers in a few bytes."""

    version: str = ""
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=2000)] = LIMIT


@routes.get("/api/grid", responses={200: Grid})
def read_grid(query: GridQuery) -> Grid:
    """A window on the sheet as it is now"""
    web, sheet = here(), open_sheet(query.workbook, query.sheet)
    version, table = web.tables.look(sheet)
    if query.version == version:
        return Grid(version=version, unchanged=True)
    return window(web, sheet, version, table, query.offset, query.limit)


@routes.patch("/api/grid", responses={200: Grid})
def edit_grid(body: GridEdit) -> Grid:
    """Change one cell; the answer is the first window of the sheet after it"""
    web, sheet = here(), open_sheet(body.workbook, body.sheet)
    web.changes.add(sheet, who(), edit_again(sheet, [_edit(web, sheet, body)]))
    noticed(web, sheet)
    return window(web, sheet, *web.tables.read(sheet))


def noticed(web: WebApp, sheet: Sheet) -> None:
    """Let the campaigns of this sheet look at it now: a person changed it."""
    for campaign in web.services.ledger.campaigns.of_sheet(sheet.workbook, sheet.name):
        if campaign.state is not CampaignState.CANCELLED:
            web.services.wake(queue.SYNC, campaign.id)


def window(web: WebApp, sheet: Sheet, version: str, table: Table, offset: int = 0, limit: int = LIMIT) -> Grid:
    """A window on the sheet as it was read; its rows are remembered as shown."""
    rows = table.rows[offset : offset + limit]
    web.tables.show(sheet, version, table, rows)
    ours = _our_titles(web, sheet)
    columns = [
        GridColumn(
            title=column.title,
            letter=column.letter,
            ours=index == table.key_column or column.title in ours,
            hidden=column.hidden or index == table.key_column,
        )
        for index, column in enumerate(table.columns)
    ]
    return Grid(
        version=version,
        columns=columns,
        rows=[_row(table, row) for row in rows],
        total=len(table.rows),
        offset=offset,
        warnings=list(table.warnings),
    )


def _row(table: Table, row: Row) -> GridRow:
    cells = [
        GridCell(shown=cell.shown, locked=cell.formula or cell.merged or index == table.key_column)
        for index, cell in enumerate(row.cells)
    ]
    return GridRow(position=row.position, key=row.key, hidden=row.hidden, cells=cells)


def _our_titles(web: WebApp, sheet: Sheet) -> set[str]:
    campaigns = web.services.ledger.campaigns.of_sheet(sheet.workbook, sheet.name)
    return {title for campaign in campaigns for title in campaign.columns.values()}


def _edit(web: WebApp, sheet: Sheet, edit: GridEdit) -> Was:
    """Apply the edit to the sheet as it is now, if the cell still is what the person saw; what it was before."""
    for attempt in range(1, TRIES + 1):
        version, table = web.tables.read(sheet)
        seen = None if version == edit.version else web.tables.shown(sheet, edit.version, edit.position)
        row, column = _named_cell(table, edit) if version == edit.version else _same_cell(table, seen, edit.column)
        value = typed(table, edit.value, row, column)
        was = was_of(sheet, table, row, column, edit.value)
        try:
            sheet.apply(table, [CellEdit(row, column, value)])
        except SheetChanged:
            if attempt == TRIES:
                raise
        else:
            return was
    raise AssertionError("the last attempt returns or raises")


def was_of(sheet: Sheet, table: Table, row: Row, column: int, value: str) -> Was:
    """What a person's edit replaces, as it can be put back: `value` is what they typed."""
    return Was(row, table.columns[column].title, value_of(sheet, row, column), row.shown(column), value)


def _named_cell(table: Table, edit: GridEdit) -> tuple[Row, int]:
    """The cell by position, which is right only in the version that the person saw."""
    row = next((row for row in table.rows if row.position == edit.position), None)
    if row is None or not 0 <= edit.column < len(table.columns):
        raise InvalidInput("There is no such cell in this sheet.", field="position" if row is None else "column")
    return row, edit.column


def _same_cell(table: Table, seen: tuple[tuple[str, ...], Row] | None, column: int) -> tuple[Row, int]:
    """The cell that the person saw, in a sheet that moved on: same row by its key, same title, same content.

    While messages are sent the sheet moves on every few seconds; without this nobody could type meanwhile.
    """
    if seen is None or not 0 <= column < len(seen[0]):
        raise _moved_on()
    titles, was = seen
    row = same_row(table, seen)
    columns = [index for index, other in enumerate(table.columns) if other.title == titles[column]]
    if len(columns) != 1 or not titles[column]:
        raise _moved_on()
    if row.shown(columns[0]) != was.shown(column):
        raise SheetChanged("This cell got a new value while you were typing. It is shown now; please type yours again.")
    return row, columns[0]


def same_row(table: Table, seen: tuple[tuple[str, ...], Row] | None) -> Row:
    """The row that a person saw, by its key; without one, if it still stands there and shows the same.

    Raises SheetChanged.
    """
    if seen is None:
        raise _moved_on()
    was = seen[1]
    rows = [row for row in table.rows if (row.key == was.key if was.key else row.position == was.position)]
    if len(rows) != 1:
        raise _moved_on()
    if not was.key and [cell.shown for cell in rows[0].cells] != [cell.shown for cell in was.cells]:
        raise _moved_on()
    return rows[0]


def _moved_on() -> SheetChanged:
    return SheetChanged("The sheet was changed meanwhile, so nothing was written. It is shown anew; please type again.")


def _refuse_locked(table: Table, row: Row, column: int) -> None:
    if not 0 <= column < len(table.columns):
        raise InvalidInput("There is no such cell in this sheet.", field="column")
    cell, title = row.cells[column], table.columns[column].title
    if column == table.key_column:
        raise InvalidInput("The row key ties this row to its message and can't be changed.", field="column")
    if cell.formula or cell.merged:
        kind = "holds a formula" if cell.formula else "is covered by a merged cell"
        raise InvalidInput(f"This cell in “{title}” {kind}; please change it in the workbook itself.", field="column")


def typed(table: Table, text: str, row: Row, column: int) -> CellValue:
    """What a person typed: text stays text (zeros, plus and `=` too), a number over a number stays a number.

    Raises InvalidInput for a cell that can't be typed into.
    """
    _refuse_locked(table, row, column)
    return as_typed(text, row.cells[column].kind)


def as_typed(text: str, kind: CellKind) -> CellValue:
    """A typed text as the value of a cell that held, or whose neighbours hold, a value of that kind."""
    if not text:
        return None
    if kind is CellKind.NUMBER and PLAIN_NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text
