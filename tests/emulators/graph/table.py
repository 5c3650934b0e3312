"""An Excel table: a header, records, perhaps a totals row, and a filter that hides what does not match."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import translate
from typing import TYPE_CHECKING, Any

from tests.emulators.graph.address import Area
from tests.emulators.graph.cells import Cell, order
from tests.emulators.graph.errors import invalid_argument

if TYPE_CHECKING:
    from tests.emulators.graph.sheet import Sheet

_CRITERION = re.compile(r"(<=|>=|<>|<|>|=)?(.*)", re.DOTALL)


@dataclass
class Column:
    """A column keeps its id through renames. `criteria` is its filter as Graph was given it."""

    id: str
    criteria: dict[str, Any] | None = None


@dataclass
class Table:
    """`count` is the number of records; there is always one, perhaps blank."""

    name: str
    top: int
    left: int
    count: int
    columns: list[Column]
    id: str = field(default_factory=lambda: "{" + str(uuid.uuid4()).upper() + "}")
    number: int = 1
    headers: bool = True
    totals: bool = False
    style: str = "TableStyleMedium2"
    sorted_by: list[dict[str, Any]] = field(default_factory=list)

    @property
    def right(self) -> int:
        return self.left + len(self.columns) - 1

    @property
    def first(self) -> int:
        """The row of the first record."""
        return self.top + self.headers

    @property
    def area(self) -> Area:
        return Area(self.top, self.left, self.first + self.count - 1 + self.totals, self.right)

    @property
    def header(self) -> Area:
        if not self.headers:
            raise invalid_argument()
        return Area(self.top, self.left, self.top, self.right)

    @property
    def body(self) -> Area:
        return Area(self.first, self.left, self.first + self.count - 1, self.right)

    @property
    def total(self) -> Area:
        if not self.totals:
            raise invalid_argument()
        return Area(self.first + self.count, self.left, self.first + self.count, self.right)

    @property
    def band(self) -> tuple[int, int]:
        """Its columns of the sheet."""
        return self.left, self.right

    def title(self, sheet: Sheet, index: int) -> str:
        """A column's name: what its header shows."""
        return sheet.look(self.top, self.left + index).text if self.headers else f"Column{index + 1}"

    def titles(self, sheet: Sheet) -> list[str]:
        """All names, in order."""
        return [self.title(sheet, index) for index in range(len(self.columns))]

    def settle_titles(self, sheet: Sheet) -> None:
        """Every header is a text of its own: Excel numbers what is blank or there twice."""
        seen: set[str] = set()
        for index in range(len(self.columns) if self.headers else 0):
            cell = sheet.cell(self.top, self.left + index)
            name = wanted = cell.text or f"Column{index + 1}"
            number = 1
            while name.casefold() in seen:
                number += 1
                name = f"{wanted}{number}"
            seen.add(name.casefold())
            cell.value, cell.formula = name, ""

    def new_column(self) -> Column:
        """With an id that no other of its columns has had lately."""
        return Column(str(max((int(each.id) for each in self.columns), default=0) + 1))

    def add_rows(self, sheet: Sheet, index: int | None, count: int) -> int:
        """Make room for records; where the first of them is, counted from 0."""
        index = self.count if index is None else index
        if not 0 <= index <= self.count:
            raise invalid_argument()
        below = self.first + index
        mine = self.top
        sheet.insert_rows(below, count, self.band)
        self.top = mine
        self.count += count
        pattern = self.first + (index - 1 if index else index + count)
        for row in range(below, below + count):
            for column in range(self.left, self.right + 1):
                neighbour = sheet.look(pattern, column)
                if neighbour.number_format != "General" or not neighbour.locked:
                    sheet.cells[row, column] = Cell(number_format=neighbour.number_format, locked=neighbour.locked)
        return index

    def delete_rows(self, sheet: Sheet, index: int, count: int = 1) -> None:
        """Take records away. The last one is only emptied."""
        if not (index >= 0 and count > 0 and index + count <= self.count):
            raise invalid_argument()
        if count == self.count:
            for column in range(self.left, self.right + 1):
                sheet.cell(self.first, column).clear()
            index, count = 1, count - 1
        if count:
            self.count -= count
            sheet.delete_rows(self.first + index, count, self.band)

    def filtering(self) -> bool:
        """Whether any column has a criterion."""
        return any(column.criteria for column in self.columns)

    def reapply(self, sheet: Sheet) -> None:
        """Hide the records that do not match. Later edits hide and show nothing until this runs again."""
        body = self.body
        tests = [
            (body.left + index, matcher(column.criteria))
            for index, column in enumerate(self.columns)
            if column.criteria
        ]
        for row in range(body.top, body.bottom + 1):
            hidden = not all(test(sheet.look(row, column)) for column, test in tests)
            (sheet.filtered.add if hidden else sheet.filtered.discard)(row)

    def sort(self, sheet: Sheet, fields: list[dict[str, Any]]) -> None:
        """Sort the records that are visible; under a filter the others stay where they are."""
        body = self.body
        rows = [row for row in range(body.top, body.bottom + 1) if row not in sheet.filtered]
        sort_rows(sheet, body, rows, fields)
        self.sorted_by = fields


def sort_rows(sheet: Sheet, area: Area, rows: list[int], fields: list[dict[str, Any]]) -> None:
    """Sort these rows of an area; `key` of a field counts columns from the area's left."""
    found = list(rows)
    for each in reversed(fields):
        key = each.get("key")
        if not isinstance(key, int) or not 0 <= key < area.columns:
            raise invalid_argument()
        column = area.left + key
        full = [row for row in found if not sheet.look(row, column).blank]
        full.sort(key=lambda row: order(sheet.look(row, column)), reverse=each.get("ascending") is False)
        found = full + [row for row in found if sheet.look(row, column).blank]
    sheet.swap(area, rows, found)


def matcher(criteria: dict[str, Any]) -> Callable[[Cell], bool]:
    """Whether a cell passes a filter: by values, or by one or two criteria. Raises GraphError for other kinds."""
    kind = str(criteria.get("filterOn", "")).lower()
    if kind == "values":
        wanted = {str(value).casefold() for value in criteria.get("values") or []}
        return lambda cell: cell.text.casefold() in wanted
    if kind != "custom":
        raise invalid_argument()
    tests = [_criterion(str(text)) for text in (criteria.get("criterion1"), criteria.get("criterion2")) if text]
    if not tests:
        raise invalid_argument()
    join = any if str(criteria.get("operator", "And")).lower() == "or" else all
    return lambda cell: join(test(cell) for test in tests)


def _criterion(text: str) -> Callable[[Cell], bool]:
    match = _CRITERION.fullmatch(text)
    assert match is not None
    sign, operand = match[1] or "=", match[2]
    try:
        figure = float(operand)
    except ValueError:
        pattern = re.compile(translate(operand), re.IGNORECASE)
        return lambda cell: bool(pattern.fullmatch(cell.text)) is (sign != "<>")
    compare: dict[str, Callable[[float], bool]] = {
        "=": lambda value: value == figure,
        "<>": lambda value: value != figure,
        "<": lambda value: value < figure,
        ">": lambda value: value > figure,
        "<=": lambda value: value <= figure,
        ">=": lambda value: value >= figure,
    }
    return lambda cell: (
        compare[sign](cell.value)
        if isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
        else sign == "<>"
    )
