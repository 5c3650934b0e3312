"""Columns, records and filters of a table over the wire. A record's index is a position and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulators.graph import entry
from tests.emulators.graph.address import Area
from tests.emulators.graph.at_range import Range
from tests.emulators.graph.call import Action, Reply, Resource
from tests.emulators.graph.errors import invalid_argument, item_not_found
from tests.emulators.graph.odata import Segment
from tests.emulators.graph.table import Column
from tests.emulators.graph.writing import write

if TYPE_CHECKING:
    from tests.emulators.graph.at_table import TableAt


class Columns(Resource):
    """The columns of a table."""

    def __init__(self, at: TableAt) -> None:
        super().__init__(at.call)
        self._at = at

    def step(self, segment: Segment) -> Resource:
        if segment.name == "add":
            return Action(self.call, self._add)
        if segment.name == "itemat":
            return ColumnAt(self._at, segment.number("index"))
        titles = [title.casefold() for title in self._at.table.titles(self._at.sheet)]
        for index, column in enumerate(self._at.table.columns):
            if segment.raw == column.id or segment.raw.casefold() == titles[index]:
                return ColumnAt(self._at, index)
        raise item_not_found()

    def get(self) -> Reply:
        bodies = [ColumnAt(self._at, index).body() for index in range(len(self._at.table.columns))]
        return self.call.emulator.collection(self.call, "workbookTableColumn", bodies)

    def post(self) -> Reply:
        return self._add()

    def _add(self) -> Reply:
        arguments = self.call.arguments("columns/add")
        self._at.writing()
        table, sheet = self._at.table, self._at.sheet
        index = arguments.get("index")
        index = len(table.columns) if index is None or index < 0 else index
        if index > len(table.columns):
            raise invalid_argument()
        column = table.left + index
        if any(place[1] >= column and table.area.top <= place[0] <= table.area.bottom for place in sheet.cells):
            mine = table.left
            sheet.insert_columns(column, 1)
            table.left = mine
        table.columns.insert(index, table.new_column())
        given = arguments.get("values") or []
        if given and len(given) != table.area.rows:
            del table.columns[index]
            raise invalid_argument()
        for row, values in enumerate(given, table.top):
            entry.enter(values[0], sheet.cell(row, column), year=self.call.emulator.now().year)
        if arguments.get("name"):
            sheet.cell(table.top, column).value = arguments["name"]
        table.settle_titles(sheet)
        self.call.cells += table.area.rows
        self.call.wrote()
        return ColumnAt(self._at, index).get(201)


class ColumnAt(Resource):
    """One column of a table."""

    def __init__(self, at: TableAt, index: int) -> None:
        super().__init__(at.call)
        if not 0 <= index < len(at.table.columns):
            raise item_not_found()
        self.at, self.index = at, index

    @property
    def column(self) -> Column:
        return self.at.table.columns[self.index]

    def step(self, segment: Segment) -> Resource:
        table = self.at.table
        areas = {"range": "area", "headerrowrange": "header", "databodyrange": "body", "totalrowrange": "total"}
        if segment.name in areas:
            area: Area = getattr(table, areas[segment.name])
            place = table.left + self.index
            return Range(self.call, self.at.sheet, Area(area.top, place, area.bottom, place))
        if segment.name == "filter":
            return Filter(self)
        return super().step(segment)

    def body(self) -> dict[str, Any]:
        """The column as Graph shows it, with all its values, the header's first."""
        table, sheet = self.at.table, self.at.sheet
        place = table.left + self.index
        rows = range(table.area.top, table.area.bottom + 1)
        return {
            "id": self.column.id,
            "index": self.index,
            "name": table.title(sheet, self.index),
            "values": [[sheet.look(row, place).value] for row in rows],
        }

    def get(self, status: int = 200) -> Reply:
        return self.call.entity(
            "workbookTableColumn", self.body(), f"{self.at.place}/columns(%27{self.column.id}%27)", status
        )

    def patch(self) -> Reply:
        changes = self.call.changes("workbookTableColumn")
        self.at.writing()
        table, sheet = self.at.table, self.at.sheet
        if changes.get("name"):
            sheet.cell(table.top, table.left + self.index).value = changes["name"]
            table.settle_titles(sheet)
        if "values" in changes:
            place = table.left + self.index
            area = Area(table.area.top, place, table.area.bottom, place)
            write(self.call, sheet, area, {"values": changes["values"]})
        self.call.wrote()
        return self.get()

    def delete(self) -> Reply:
        self.at.writing()
        table = self.at.table
        if len(table.columns) == 1:
            raise invalid_argument()
        del table.columns[self.index]
        self.at.sheet.insert_columns(table.left + self.index + 1, -1)
        self.call.wrote()
        return Reply(204)


class Filter(Resource):
    """The filter of a column."""

    def __init__(self, at: ColumnAt) -> None:
        super().__init__(at.call)
        self._at = at

    def step(self, segment: Segment) -> Resource:
        actions = {
            "apply": lambda: self._set(self.call.arguments("filter/apply").get("criteria")),
            "clear": lambda: self._set(None),
            "applyvaluesfilter": lambda: self._set(
                {"filterOn": "Values", "values": self.call.arguments("filter/applyValuesFilter").get("values")}
            ),
            "applycustomfilter": self._custom,
        }
        return Action(self.call, actions[segment.name]) if segment.name in actions else super().step(segment)

    def get(self) -> Reply:
        return self.call.entity("workbookFilter", {"criteria": self._at.column.criteria}, "/filter")

    def _custom(self) -> Reply:
        given = self.call.arguments("filter/applyCustomFilter")
        criteria = {"filterOn": "Custom", "criterion1": given.get("criteria1"), "criterion2": given.get("criteria2")}
        return self._set(criteria | {"operator": given.get("oper") or "And"})

    def _set(self, criteria: dict[str, Any] | None) -> Reply:
        self._at.at.writing()
        before, self._at.column.criteria = self._at.column.criteria, criteria
        try:
            self._at.at.table.reapply(self._at.at.sheet)
        except Exception:
            self._at.column.criteria = before
            raise
        self.call.wrote()
        return Reply(204)


class Rows(Resource):
    """The records of a table, by position."""

    def __init__(self, at: TableAt) -> None:
        super().__init__(at.call)
        self._at = at

    def step(self, segment: Segment) -> Resource:
        if segment.name == "add":
            return Action(self.call, self.post)
        if segment.name == "itemat":
            return RowAt(self._at, segment.number("index"))
        if segment.raw.isdigit():
            return RowAt(self._at, int(segment.raw))
        return super().step(segment)

    def get(self) -> Reply:
        bodies = [RowAt(self._at, index).body() for index in range(self._at.table.count)]
        return self.call.emulator.collection(self.call, "workbookTableRow", bodies)

    def post(self) -> Reply:
        arguments = self.call.arguments("rows/add")
        self._at.writing()
        table, sheet = self._at.table, self._at.sheet
        values = arguments.get("values")
        width = len(table.columns)
        if values is None:
            values = [[None] * width]
        if isinstance(values, list) and values and not isinstance(values[0], list):
            values = [values]
        if not isinstance(values, list) or not values or any(len(row) != width for row in values):
            raise invalid_argument()
        index = table.add_rows(sheet, arguments.get("index"), len(values))
        for row, cells in enumerate(values, table.first + index):
            for column, given in enumerate(cells, table.left):
                if given is not None:
                    entry.enter(given, sheet.cell(row, column), year=self.call.emulator.now().year)
        self.call.cells += len(values) * width
        self.call.wrote()
        found = {"index": index, "values": [RowAt(self._at, index + n).values() for n in range(len(values))]}
        if self.call.prefers("respond-async") and self.call.emulator.slow_operations:
            return self._later(found)
        return self.call.entity("workbookTableRow", found, f"{self._at.place}/rows/itemAt(index={index})", 201)

    def _later(self, found: dict[str, Any]) -> Reply:
        if self.call.session is None:
            raise invalid_argument()
        operation = self.call.emulator.later(self.call, "tableRowOperationResult", found)
        return Reply(202, {}, {"Location": self.call.emulator.operation_url(self.call, operation)})


class RowAt(Resource):
    """One record."""

    def __init__(self, at: TableAt, index: int) -> None:
        super().__init__(at.call)
        if not 0 <= index < at.table.count:
            raise item_not_found()
        self._at, self.index = at, index

    @property
    def _area(self) -> Area:
        table = self._at.table
        return table.body.part(self.index, 0, self.index, len(table.columns) - 1)

    def values(self) -> list[Any]:
        """What its cells hold."""
        area = self._area
        return [self._at.sheet.look(area.top, column).value for column in range(area.left, area.right + 1)]

    def body(self) -> dict[str, Any]:
        """The record as Graph shows it."""
        return {"index": self.index, "values": [self.values()]}

    def step(self, segment: Segment) -> Resource:
        return Range(self.call, self._at.sheet, self._area) if segment.name == "range" else super().step(segment)

    def get(self) -> Reply:
        return self.call.entity("workbookTableRow", self.body(), f"{self._at.place}/rows/itemAt(index={self.index})")

    def patch(self) -> Reply:
        changes = self.call.changes("workbookTableRow")
        self.call.writing()
        write(self.call, self._at.sheet, self._area, {"values": changes.get("values")})
        self.call.wrote()
        return self.get()

    def delete(self) -> Reply:
        self._at.writing()
        self._at.table.delete_rows(self._at.sheet, self.index)
        self.call.wrote()
        return Reply(204)
