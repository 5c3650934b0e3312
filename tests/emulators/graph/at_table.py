"""Tables over the wire, and their sorting."""

from __future__ import annotations

from typing import Any

from tests.emulators.graph.address import parse, split
from tests.emulators.graph.at_range import Range
from tests.emulators.graph.at_rows import Columns, Rows
from tests.emulators.graph.call import Action, Call, Reply, Resource
from tests.emulators.graph.errors import already_exists, invalid_argument, item_not_found
from tests.emulators.graph.odata import Segment
from tests.emulators.graph.sheet import Sheet
from tests.emulators.graph.table import Table
from tests.emulators.graph.writing import refuse_protected


class Tables(Resource):
    """All tables of a workbook, or of one tab."""

    def __init__(self, call: Call, sheet: Sheet | None) -> None:
        super().__init__(call)
        self._sheet = sheet

    def step(self, segment: Segment) -> Resource:
        if segment.name == "add":
            return Action(self.call, self._add)
        if segment.name == "itemat":
            found = self._all()
            index = segment.number("index")
            if not 0 <= index < len(found):
                raise item_not_found()
            return TableAt(self.call, *found[index])
        return TableAt(self.call, *self.call.book.table(segment.raw, self._sheet))

    def get(self) -> Reply:
        bodies = [TableAt(self.call, *found).body() for found in self._all()]
        return self.call.emulator.collection(self.call, "workbookTable", bodies)

    def _all(self) -> list[tuple[Sheet, Table]]:
        return [found for found in self.call.book.tables() if self._sheet in (None, found[0])]

    def _add(self) -> Reply:
        arguments = self.call.arguments("tables/add")
        self.call.writing()
        tab, address = split(str(arguments.get("address", "")))
        sheet = self.call.book.sheet(tab) if tab else self._sheet
        if sheet is None:
            raise invalid_argument()
        refuse_protected(sheet)
        table = self.call.book.add_table(sheet, parse(address), headers=bool(arguments.get("hasHeaders", True)))
        self.call.wrote()
        return TableAt(self.call, sheet, table).get(201)


class TableAt(Resource):
    """One table."""

    def __init__(self, call: Call, sheet: Sheet, table: Table) -> None:
        super().__init__(call)
        self.sheet, self.table = sheet, table

    def step(self, segment: Segment) -> Resource:
        table, name = self.table, segment.name
        ranges = {
            "range": lambda: table.area,
            "headerrowrange": lambda: table.header,
            "databodyrange": lambda: table.body,
            "totalrowrange": lambda: table.total,
        }
        if name in ranges:
            return Range(self.call, self.sheet, ranges[name]())
        actions = {
            "clearfilters": self._clear_filters,
            "reapplyfilters": self._reapply,
            "converttorange": self._convert,
        }
        if name in actions:
            return Action(self.call, actions[name])
        if name == "columns":
            return Columns(self)
        if name == "rows":
            return Rows(self)
        if name == "sort":
            return TableSort(self)
        if name == "worksheet":
            from tests.emulators.graph.at_book import Worksheet

            return Worksheet(self.call, self.sheet)
        return super().step(segment)

    def body(self) -> dict[str, Any]:
        """The table as Graph shows it."""
        table = self.table
        return {
            "highlightFirstColumn": False,
            "highlightLastColumn": False,
            "id": table.id,
            "legacyId": str(table.number),
            "name": table.name,
            "showBandedColumns": False,
            "showBandedRows": True,
            "showFilterButton": True,
            "showHeaders": table.headers,
            "showTotals": table.totals,
            "style": table.style,
        }

    @property
    def place(self) -> str:
        """Its address in the workbook."""
        return f"/tables(%27{self.table.id}%27)"

    def get(self, status: int = 200) -> Reply:
        return self.call.entity("workbookTable", self.body(), self.place, status)

    def patch(self) -> Reply:
        changes = self.call.changes("workbookTable")
        self.writing()
        name = changes.get("name")
        if name:
            others = (table for _, table in self.call.book.tables() if table is not self.table)
            if any(each.name.casefold() == name.casefold() for each in others):
                raise already_exists()
            self.table.name = name
        self.table.style = changes.get("style") or self.table.style
        if "showTotals" in changes:
            self.show_totals(bool(changes["showTotals"]))
        self.call.wrote()
        return self.get()

    def delete(self) -> Reply:
        self.writing()
        for row in range(self.table.area.top, self.table.area.bottom + 1):
            for column in range(self.table.left, self.table.right + 1):
                self.sheet.cells.pop((row, column), None)
        self._drop()
        return Reply(204)

    def show_totals(self, shown: bool) -> None:
        """Show or remove the row of totals."""
        if shown and not self.table.totals:
            self.sheet.insert_rows(self.table.area.bottom + 1, 1, self.table.band)
            self.table.totals = True
            self.sheet.cell(self.table.total.top, self.table.left).value = "Total"
        elif not shown and self.table.totals:
            row = self.table.total.top
            self.table.totals = False
            self.sheet.delete_rows(row, 1, self.table.band)

    def writing(self) -> None:
        """About to change the table's shape. Raises GraphError."""
        self.call.writing()
        refuse_protected(self.sheet)

    def _clear_filters(self) -> Reply:
        self.writing()
        for column in self.table.columns:
            column.criteria = None
        return self._reapply()

    def _reapply(self) -> Reply:
        self.writing()
        self.table.reapply(self.sheet)
        self.call.wrote()
        return Reply(204)

    def _convert(self) -> Reply:
        self.writing()
        area = self.table.area
        self._drop()
        return Range(self.call, self.sheet, area).answer()

    def _drop(self) -> None:
        self.sheet.filtered.difference_update(range(self.table.area.top, self.table.area.bottom + 1))
        self.sheet.tables.remove(self.table)
        self.call.wrote()


class TableSort(Resource):
    """The sorting of a table."""

    def __init__(self, at: TableAt) -> None:
        super().__init__(at.call)
        self._at = at

    def step(self, segment: Segment) -> Resource:
        actions = {"apply": self._apply, "reapply": self._reapply, "clear": self._clear}
        return Action(self.call, actions[segment.name]) if segment.name in actions else super().step(segment)

    def get(self) -> Reply:
        body = {"fields": self._at.table.sorted_by, "matchCase": False, "method": "PinYin"}
        return self.call.entity("workbookTableSort", body, "/sort")

    def _apply(self) -> Reply:
        fields = self.call.arguments("table/sort/apply").get("fields") or []
        return self._sort(fields)

    def _reapply(self) -> Reply:
        return self._sort(self._at.table.sorted_by)

    def _sort(self, fields: list[dict[str, Any]]) -> Reply:
        self._at.writing()
        self._at.table.sort(self._at.sheet, fields)
        self.call.wrote()
        return Reply(204)

    def _clear(self) -> Reply:
        self._at.writing()
        self._at.table.sorted_by = []
        self.call.wrote()
        return Reply(204)
