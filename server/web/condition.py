"""Rows by a condition on a column: which ones it holds for, and which values a column offers. Nothing is changed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from server.domain.condition import Condition, Test, fault, matching, values
from server.domain.table import Row, Table
from server.errors import InvalidInput
from server.web.app import here
from server.web.model import Model
from server.web.routes import blueprint
from server.web.schemas import SheetPath
from server.web.workbooks import open_sheet

routes = blueprint("condition", "The live sheet")

SEEN = 200
"""Rows that are named one by one, for people to see whom a condition means; the count says how many there are."""
OFFERED = 50
"""Values of a column that are offered."""


class InColumn(SheetPath):
    """A column of a sheet, in its visible rows or in all of them."""

    column: Annotated[str, Field(max_length=1000)]
    among: Literal["visible", "all"] = "visible"


class Where(InColumn):
    """A condition on a column: `Country` `is` `Spain`."""

    test: Test
    value: Annotated[str, Field(max_length=1000)] = ""


class MeantRow(Model):
    """A row that a condition means, as people find it."""

    key: str = Field(description="Empty while the row has none.")
    row: int = Field(description="Row number at this moment, for people only.")
    shown: str = Field(description="Its first cells.")
    value: str = Field(description="What stands in the column.")


class Meant(Model):
    """The rows that a condition means: all their keys, and the first of them one by one."""

    keys: list[str]
    keyless: int = Field(description="Rows without a key: POST /api/rows/keys gives them one.")
    count: int
    rows: list[MeantRow]


class OfferedValue(Model):
    """A text that stands in a column, and in how many rows."""

    value: str
    count: int


class Offered(Model):
    """Values of a column, the most frequent first, and how many different ones there are."""

    values: list[OfferedValue]
    total: int


@routes.post("/api/rows/where", responses={200: Meant})
def rows_where(body: Where) -> Meant:
    """The rows that a condition on a column means"""
    table = _table(body)
    condition = Condition(body.column, body.test, body.value)
    _refuse_unknown(table, body.column)
    if wrong := fault(condition):
        raise InvalidInput(wrong, field="value")
    found = matching(table, condition, _among(table, body.among))
    keys = list(dict.fromkeys(row.key for row in found if row.key))
    return Meant(
        keys=keys,
        keyless=sum(not row.key for row in found),
        count=len(found),
        rows=[_meant(table, row, body.column) for row in found[:SEEN]],
    )


@routes.post("/api/rows/values", responses={200: Offered})
def rows_values(body: InColumn) -> Offered:
    """The values that stand in a column, with how often they do"""
    table = _table(body)
    _refuse_unknown(table, body.column)
    found, total = values(table, body.column, _among(table, body.among), OFFERED)
    return Offered(values=[OfferedValue(value=value[:1000], count=count) for value, count in found], total=total)


def _table(body: SheetPath) -> Table:
    return here().tables.look(open_sheet(body.workbook, body.sheet))[1]


def _among(table: Table, among: str) -> list[Row]:
    return [row for row in table.rows if not row.empty and (among == "all" or not row.hidden)]


def _refuse_unknown(table: Table, column: str) -> None:
    if table.find(column) is None:
        titles = [one.title for one in table.columns if one.title and not one.hidden]
        raise InvalidInput(f"There is no column “{column[:80]}”.", field="column", suggestions=titles[:20])


def _meant(table: Table, row: Row, column: str) -> MeantRow:
    index = table.find(column)
    visible = [number for number, one in enumerate(table.columns) if not one.hidden and number != table.key_column]
    shown = [text for number in visible if (text := row.shown(number).strip())]
    value = row.shown(index).strip() if index is not None else ""
    return MeantRow(key=row.key, row=row.position, shown=" · ".join(shown[:2])[:200], value=value[:200])
