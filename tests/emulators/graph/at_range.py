"""What a range answers, and what becomes of what is written to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.emulators.graph.address import COLUMNS, ROWS, Area, cell_name, parse, quoted
from tests.emulators.graph.call import Action, Call, Reply, Resource
from tests.emulators.graph.cells import Cell
from tests.emulators.graph.errors import (
    access_denied,
    insert_delete_conflict,
    item_not_found,
    range_too_large,
)
from tests.emulators.graph.odata import Segment, chosen_names
from tests.emulators.graph.sheet import Sheet
from tests.emulators.graph.table import sort_rows
from tests.emulators.graph.writing import Grid, places, refuse_locked, write

GRIDS: dict[str, Callable[[Cell], Any]] = {
    "formulas": lambda cell: cell.entry,
    "formulasLocal": lambda cell: cell.entry,
    "formulasR1C1": lambda cell: cell.entry,
    "numberFormat": lambda cell: cell.number_format,
    "text": lambda cell: cell.text,
    "values": lambda cell: cell.value,
    "valueTypes": lambda cell: cell.kind,
}
"""The properties that have a value for each cell. (The emulator writes R1C1 formulas in A1 form.)"""


class Range(Resource):
    """An area of a tab."""

    def __init__(self, call: Call, sheet: Sheet, area: Area) -> None:
        super().__init__(call)
        self.sheet, self.area = sheet, area

    def step(self, segment: Segment) -> Resource:
        area, name = self.area, segment.name
        other: Area | None = None
        if name == "cell":
            row, column = segment.number("row"), segment.number("column")
            other = area.part(row, column, row, column)
        elif name == "row":
            other = area.part(segment.number("row"), 0, segment.number("row"), area.columns - 1)
        elif name == "column":
            other = area.part(0, segment.number("column"), area.rows - 1, segment.number("column"))
        elif name == "lastrow":
            other = area.part(area.rows - 1, 0, area.rows - 1, area.columns - 1)
        elif name == "lastcell":
            other = area.part(area.rows - 1, area.columns - 1, area.rows - 1, area.columns - 1)
        elif name == "entirerow":
            other = Area(area.top, 0, area.bottom, COLUMNS - 1, unbounded=True)
        elif name == "entirecolumn":
            other = Area(0, area.left, ROWS - 1, area.right, unbounded=True)
        elif name == "offsetrange":
            down, across = segment.number("rowOffset"), segment.number("columnOffset")
            other = area.part(down, across, down + area.rows - 1, across + area.columns - 1)
        elif name == "resizedrange":
            rows, columns = segment.number("deltaRows"), segment.number("deltaColumns")
            other = area.part(0, 0, area.rows - 1 + rows, area.columns - 1 + columns)
        elif name == "usedrange":
            return used(self.call, self.sheet, values_only=segment.flag("valuesOnly"), within=area)
        if other is not None:
            return Range(self.call, self.sheet, other)
        return self._thing(segment)

    def _thing(self, segment: Segment) -> Resource:
        actions = {"clear": self._clear, "insert": self._insert, "delete": self._delete}
        if segment.name in actions:
            return Action(self.call, actions[segment.name])
        if segment.name == "visibleview":
            return View(self)
        if segment.name == "format":
            return Format(self)
        if segment.name == "sort":
            return Sort(self)
        if segment.name == "worksheet":
            from tests.emulators.graph.at_book import Worksheet

            return Worksheet(self.call, self.sheet)
        return super().step(segment)

    @property
    def address(self) -> str:
        return f"{quoted(self.sheet.name)}!{self.area}"

    def get(self) -> Reply:
        return self.answer()

    def patch(self) -> Reply:
        changes = self.call.changes("workbookRange")
        self.call.writing()
        asked = write(self.call, self.sheet, self.area, changes)
        self.call.wrote()
        return self.answer(asked)

    def answer(self, echo: dict[str, Grid] | None = None) -> Reply:
        """The range; with `echo` what was asked for instead of what is there, where that went astray."""
        area, sheet = self.area, self.sheet
        chosen = chosen_names(self.call.query)
        body: dict[str, Any] = {
            "address": self.address,
            "addressLocal": self.address,
            "cellCount": area.cells if area.cells < 1 << 31 else -1,
            "columnCount": area.columns,
            "columnHidden": _all_or_none([c in sheet.hidden_columns for c in _some(area.left, area.right)]),
            "columnIndex": area.left,
            "hidden": all(sheet.hides(row) for row in _some(area.top, area.bottom))
            or all(column in sheet.hidden_columns for column in _some(area.left, area.right)),
            "rowCount": area.rows,
            "rowHidden": _all_or_none([sheet.hides(row) for row in _some(area.top, area.bottom)]),
            "rowIndex": area.top,
        }
        for name, read in GRIDS.items():
            if chosen is None or name.lower() in chosen:
                body[name] = (echo or {}).get(name) or self._grid(read)
        return self.call.entity("workbookRange", body, f"/worksheets(%27{sheet.id}%27)/range(address=%27{area}%27)")

    def _grid(self, read: Callable[[Cell], Any]) -> Grid | None:
        if self.area.unbounded:
            return None
        if self.area.cells > self.call.emulator.limits.cells:
            raise range_too_large()
        columns = range(self.area.left, self.area.right + 1)
        rows = range(self.area.top, self.area.bottom + 1)
        return [[read(self.sheet.look(row, column)) for column in columns] for row in rows]

    def _clear(self) -> Reply:
        how = str(self.call.arguments("range/clear").get("applyTo", "All")).lower()
        self.call.writing()
        refuse_locked(self.sheet, self.area)
        for (row, column), cell in self.sheet.cells.items():
            if self.area.holds(row, column):
                if how in ("all", "contents"):
                    cell.clear()
                if how in ("all", "formats"):
                    cell.number_format = "General"
        self.call.wrote()
        return Reply(204)

    def _insert(self) -> Reply:
        shift = str(self.call.arguments("range/insert").get("shift", "Down")).lower()
        self.call.writing()
        self._may_move()
        area = self.area
        if shift == "down":
            table = self.sheet.table_at(area.top, area.left)
            whole = area.unbounded or table is None or not table.body.holds(area.top, area.left)
            if whole:
                self.sheet.insert_rows(area.top, area.rows, None if area.unbounded else (area.left, area.right))
            elif table is not None:
                table.add_rows(self.sheet, area.top - table.first, area.rows)
        elif area.unbounded and area.rows == ROWS:
            self.sheet.insert_columns(area.left, area.columns)
        else:
            raise insert_delete_conflict()
        self.call.wrote()
        return self.answer()

    def _delete(self) -> Reply:
        shift = str(self.call.arguments("range/delete").get("shift", "Up")).lower()
        self.call.writing()
        self._may_move()
        area = self.area
        table = next((t for t in self.sheet.tables if t.area.meets(area)), None)
        if shift == "up" and table is not None and table.body.holds(area.top, max(area.left, table.left)):
            table.delete_rows(self.sheet, area.top - table.first, area.rows)
        elif shift == "up" and table is None:
            self.sheet.delete_rows(area.top, area.rows, None if area.unbounded else (area.left, area.right))
        elif area.unbounded and area.rows == ROWS and table is None:
            self.sheet.insert_columns(area.right + 1, -area.columns)
        else:
            raise insert_delete_conflict()
        self.call.wrote()
        return Reply(204)

    def _may_move(self) -> None:
        if self.sheet.protected:
            raise access_denied()


class View(Resource):
    """The visible rows of a range."""

    def __init__(self, source: Range) -> None:
        super().__init__(source.call)
        self._range = source
        self._rows = [row for row in range(source.area.top, source.area.bottom + 1) if not source.sheet.hides(row)]

    def step(self, segment: Segment) -> Resource:
        if segment.name == "rows":
            return ViewRows(self.call, [self.body([row]) | {"index": at} for at, row in enumerate(self._rows)])
        if segment.name == "range":
            return self._range
        return super().step(segment)

    def get(self) -> Reply:
        return self.call.entity("workbookRangeView", self.body(self._rows), "/visibleView")

    def body(self, rows: list[int]) -> dict[str, Any]:
        """These rows as Graph shows them."""
        area, sheet = self._range.area, self._range.sheet
        columns = [c for c in range(area.left, area.right + 1) if c not in sheet.hidden_columns]
        found: dict[str, Any] = {
            "cellAddresses": [[f"{quoted(sheet.name)}!{cell_name(row, c)}" for c in columns] for row in rows],
            "columnCount": len(columns),
            "index": 0,
            "rowCount": len(rows),
        }
        for name, read in GRIDS.items():
            found[name] = [[read(sheet.look(row, column)) for column in columns] for row in rows]
        return found


class ViewRows(Resource):
    """The visible rows one by one."""

    def __init__(self, call: Call, rows: list[dict[str, Any]]) -> None:
        super().__init__(call)
        self._rows = rows

    def get(self) -> Reply:
        return self.call.emulator.collection(self.call, "workbookRangeView", self._rows)


class Format(Resource):
    """A range's looks; of them the lock is what matters here."""

    def __init__(self, source: Range, *, protection: bool = False) -> None:
        super().__init__(source.call)
        self._range, self._protection = source, protection

    def step(self, segment: Segment) -> Resource:
        if segment.name == "protection" and not self._protection:
            return Format(self._range, protection=True)
        return super().step(segment)

    def get(self) -> Reply:
        if not self._protection:
            body = {"horizontalAlignment": "General", "verticalAlignment": "Bottom", "wrapText": False}
            return self.call.entity("workbookRangeFormat", body, "/format")
        area, sheet = self._range.area, self._range.sheet
        if area.unbounded:
            locks = [cell.locked for place, cell in sheet.cells.items() if area.holds(*place)]
        else:
            locks = [sheet.look(*place).locked for place in places(area)]
        body = {"formulaHidden": False, "locked": _all_or_none(locks or [True])}
        return self.call.entity("workbookFormatProtection", body, "/format/protection")

    def patch(self) -> Reply:
        kind = "workbookFormatProtection" if self._protection else "workbookRangeFormat"
        changes = self.call.changes(kind)
        self.call.writing()
        if self._range.sheet.protected:
            raise access_denied()
        if self._protection and isinstance(changes.get("locked"), bool):
            for place in places(self._range.area):
                self._range.sheet.cell(*place).locked = changes["locked"]
        self.call.wrote()
        return self.get()


class Sort(Resource):
    """Sorting of an area that is no table."""

    def __init__(self, source: Range) -> None:
        super().__init__(source.call)
        self._range = source

    def step(self, segment: Segment) -> Resource:
        return Action(self.call, self._apply) if segment.name == "apply" else super().step(segment)

    def _apply(self) -> Reply:
        arguments = self.call.arguments("range/sort/apply")
        self.call.writing()
        refuse_locked(self._range.sheet, self._range.area)
        area, sheet = self._range.area, self._range.sheet
        first = area.top + bool(arguments.get("hasHeaders"))
        rows = [row for row in range(first, area.bottom + 1) if row not in sheet.filtered]
        sort_rows(sheet, area, rows, arguments.get("fields") or [])
        self.call.wrote()
        return Reply(204)


def used(call: Call, sheet: Sheet, *, values_only: bool, within: Area | None = None) -> Range:
    """The used part of a tab; of a blank one its first cell."""
    area = sheet.used(values_only=values_only) or Area(0, 0, 0, 0)
    if within is not None:
        if not within.meets(area):
            raise item_not_found()
        area = Area(
            max(area.top, within.top),
            max(area.left, within.left),
            min(area.bottom, within.bottom),
            min(area.right, within.right),
        )
    return Range(call, sheet, area)


def _all_or_none(flags: list[bool]) -> bool | None:
    return flags[0] if len(set(flags)) == 1 else None


def _some(first: int, last: int) -> range:
    """Numbers of rows or columns, of which a whole sheet's have no need to be looked at to the end."""
    return range(first, min(last, first + 100_000) + 1)


def at(call: Call, sheet: Sheet, address: str) -> Range:
    """A range by its address on a tab. Raises GraphError."""
    return Range(call, sheet, parse(address.rpartition("!")[2]))
