"""What becomes of the cells when a range is written to."""

from __future__ import annotations

from typing import Any

from tests.emulators.graph import entry
from tests.emulators.graph.address import Area
from tests.emulators.graph.call import Call
from tests.emulators.graph.cells import Cell
from tests.emulators.graph.errors import access_denied, invalid_argument, range_too_large
from tests.emulators.graph.sheet import Sheet

Grid = list[list[Any]]
Targets = list[tuple[int, int]]
"""(row of what was given, row of the sheet)."""

WRITABLE = ("values", "formulas", "formulasLocal", "numberFormat")


def places(area: Area) -> list[tuple[int, int]]:
    """All its cells. Raises GraphError when there are too many."""
    if area.cells > 5_000_000:
        raise range_too_large()
    return [(row, c) for row in range(area.top, area.bottom + 1) for c in range(area.left, area.right + 1)]


def refuse_locked(sheet: Sheet, area: Area) -> None:
    """AccessDenied when the tab is protected and any of the cells is locked."""
    if sheet.protected and (area.unbounded or any(sheet.look(*place).locked for place in places(area))):
        raise access_denied()


def write(call: Call, sheet: Sheet, area: Area, changes: dict[str, Any]) -> dict[str, Grid]:
    """Obey a PATCH, all of it or nothing. Returns what to echo, when it is not what came to lie there."""
    hiding: dict[str, Any] = {name: changes[name] for name in ("rowHidden", "columnHidden") if name in changes}
    given = {name: changes[name] for name in WRITABLE if name in changes}
    if len(hiding) + len(given) != len(changes) or any(value is None for value in changes.values()):
        raise invalid_argument()
    grids = {name: _grid(call, area, value) for name, value in given.items()}
    if hiding and sheet.protected:
        raise access_denied()
    if grids:
        refuse_locked(sheet, area)  # a null over a locked cell fails the whole PATCH too
    right = list(enumerate(range(area.top, area.bottom + 1)))
    block = area.rows > 1 and any(isinstance(value, list) for name, value in given.items() if name != "numberFormat")
    targets = placed(sheet, right, call.emulator.over_filters) if block else right
    prepared = _prepared(call, sheet, area, targets, grids)
    for place, cell in prepared.items():
        sheet.cells[place] = cell
    call.cells += len(prepared)
    _settle(call, sheet, area, bool(grids))
    _hide(sheet, area, hiding)
    if targets == right:
        return {}
    call.emulator.log.figures.misplaced += 1
    return {name: grid for name, grid in grids.items() if all(None not in row for row in grid)}


def placed(sheet: Sheet, targets: Targets, mode: str) -> Targets:
    """Where the rows of a block land when some of the area's rows are hidden.

    `shift` puts them into the visible rows one after another and loses the rest (as Office.js was reported to),
    `first` puts the first one into every visible row (as COM does), `right` is what the documentation suggests.
    """
    visible = [row for _, row in targets if not sheet.hides(row)]
    if mode == "right" or len(visible) == len(targets):
        return targets
    return [(0 if mode == "first" else offset, row) for offset, row in enumerate(visible)]


def _prepared(
    call: Call, sheet: Sheet, area: Area, targets: Targets, grids: dict[str, Grid]
) -> dict[tuple[int, int], Cell]:
    """The new cells, made beside the old ones so that nothing is changed when one of them is refused."""
    prepared: dict[tuple[int, int], Cell] = {}
    order = ["numberFormat", *WRITABLE[:3]] if call.emulator.format_first else [*WRITABLE[:3], "numberFormat"]
    for name in [each for each in order if each in grids]:
        for offset, row in targets:
            for column, given in enumerate(grids[name][offset], area.left):
                if given is None or sheet.covered(row, column):
                    continue
                place = (row, column)
                cell = prepared.get(place)
                if cell is None:
                    cell = prepared[place] = sheet.look(*place).moved(place, place)
                if name != "numberFormat":
                    entry.enter(given, cell, year=call.emulator.now().year)
                elif isinstance(given, str) and given:
                    cell.number_format = given
                else:
                    raise invalid_argument()
    return prepared


def _grid(call: Call, area: Area, given: Any) -> Grid:
    if area.unbounded:
        raise invalid_argument()
    if area.cells > call.emulator.limits.cells:
        raise range_too_large()
    if isinstance(given, list) and len(given) == 1 and isinstance(given[0], list) and len(given[0]) == 1:
        given = given[0][0]
    if not isinstance(given, list):
        return [[given] * area.columns for _ in range(area.rows)]
    if len(given) != area.rows or any(not isinstance(row, list) or len(row) != area.columns for row in given):
        raise invalid_argument("The number of rows or columns in the input array doesn't match the range.")
    return given


def _settle(call: Call, sheet: Sheet, area: Area, wrote: bool) -> None:
    """What Excel does by itself: it numbers equal headers, and takes what is written beside a table into it."""
    for table in sheet.tables if wrote else []:
        if call.emulator.auto_extend and not table.totals:
            below = table.area.bottom + 1
            if area.top == below and table.left <= area.left and area.right <= table.right:
                table.count += area.rows
            if table.headers and area.left == table.right + 1 and area.holds(table.top, area.left):
                table.columns += [table.new_column() for _ in range(area.columns)]
                for offset, column in enumerate(table.columns[-area.columns :]):
                    column.id = str(int(table.columns[-area.columns].id) + offset)
        if table.headers and table.header.meets(area):
            table.settle_titles(sheet)


def _hide(sheet: Sheet, area: Area, hiding: dict[str, Any]) -> None:
    for name, flags, numbers in (
        ("rowHidden", sheet.hidden_rows, range(area.top, area.bottom + 1)),
        ("columnHidden", sheet.hidden_columns, range(area.left, area.right + 1)),
    ):
        if name in hiding:
            (flags.update if hiding[name] else flags.difference_update)(numbers)


def refuse_protected(sheet: Sheet) -> None:
    """AccessDenied while the tab is protected."""
    if sheet.protected:
        raise access_denied()
