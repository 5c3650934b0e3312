"""The state: spreadsheets, sheets, lines, cells. No wire format here and no rules of the API; those stand around it.

Cells are frozen, so that a copy of a sheet is a copy of its lists: that makes "all or nothing" cheap.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from tests.emulators.sheets.a1 import Area
from tests.emulators.sheets.doubts import Doubts
from tests.emulators.sheets.errors import invalid

Extended = Mapping[str, Any]
"""An ExtendedValue: one of stringValue, numberValue, boolValue, formulaValue, errorValue."""

CELL_LIMIT = 10_000_000
TEXT_LIMIT = 50_000


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `entered` is what was typed; `result` stands in for a formula that the emulator can't compute."""

    entered: Extended | None = None
    format: Mapping[str, Any] | None = None
    validation: Mapping[str, Any] | None = None
    note: str = ""
    result: Extended | None = None

    @property
    def blank(self) -> bool:
        """Nothing at all is in it, not even a format."""
        return self == EMPTY


EMPTY = Cell()


@dataclass(slots=True)
class Metadata:
    """One entry of developer metadata; where it sits is where it is kept."""

    id: int
    key: str
    value: str
    visibility: str
    project: str = ""


@dataclass(slots=True)
class Line:
    """A row (with cells) or a column (without)."""

    cells: list[Cell] = field(default_factory=list)
    hidden_by_user: bool = False
    hidden_by_filter: bool = False
    pixels: int | None = None
    metadata: list[Metadata] = field(default_factory=list)

    def copy(self) -> Line:
        """A copy that shares only what never changes."""
        kept = [copy.copy(entry) for entry in self.metadata]
        return Line(list(self.cells), self.hidden_by_user, self.hidden_by_filter, self.pixels, kept)


@dataclass(slots=True)
class Sheet:
    """A tab. `rows` and `columns` reach only as far as something is known of them; the grid may be larger."""

    id: int
    title: str
    row_count: int = 1000
    column_count: int = 26
    frozen_rows: int = 0
    frozen_columns: int = 0
    hidden: bool = False
    other_properties: dict[str, Any] = field(default_factory=dict)
    rows: list[Line] = field(default_factory=list)
    columns: list[Line] = field(default_factory=list)
    metadata: list[Metadata] = field(default_factory=list)
    merges: list[dict[str, Any]] = field(default_factory=list)
    conditional_formats: list[dict[str, Any]] = field(default_factory=list)
    protected_ranges: list[dict[str, Any]] = field(default_factory=list)
    filter_views: list[dict[str, Any]] = field(default_factory=list)
    basic_filter: dict[str, Any] | None = None
    tables: list[dict[str, Any]] = field(default_factory=list)

    @property
    def cell_count(self) -> int:
        """Cells of the grid, empty ones too."""
        return self.row_count * self.column_count

    def cell(self, row: int, column: int) -> Cell:
        """The cell there, EMPTY where nothing is known."""
        if row < len(self.rows) and column < len(self.rows[row].cells):
            return self.rows[row].cells[column]
        return EMPTY

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Replace a cell. Raises ApiError (400) outside the grid."""
        if not (0 <= row < self.row_count and 0 <= column < self.column_count):
            raise invalid(f"Cell ({row}, {column}) exceeds grid limits. {self.limits()}")
        cells = self.row(row).cells
        if column >= len(cells):
            cells.extend([EMPTY] * (column + 1 - len(cells)))
        cells[column] = cell

    def row(self, index: int) -> Line:
        """The row, made when nothing was known of it."""
        while len(self.rows) <= index:
            self.rows.append(Line())
        return self.rows[index]

    def column(self, index: int) -> Line:
        """The column, made when nothing was known of it."""
        while len(self.columns) <= index:
            self.columns.append(Line())
        return self.columns[index]

    def lines(self, dimension: str) -> list[Line]:
        """What is known of the rows ("ROWS") or columns ("COLUMNS")."""
        return self.rows if dimension == "ROWS" else self.columns

    def line(self, dimension: str, index: int) -> Line:
        """The row or column, made when nothing was known of it."""
        return self.row(index) if dimension == "ROWS" else self.column(index)

    def count(self, dimension: str) -> int:
        """Rows or columns of the grid."""
        return self.row_count if dimension == "ROWS" else self.column_count

    def limits(self) -> str:
        """The end of Google's sentence about a range outside the grid."""
        return f"Max rows: {self.row_count}, max columns: {self.column_count}"

    def whole(self) -> Area:
        """All of the grid."""
        return Area(self.id, 0, self.row_count, 0, self.column_count)

    def used(self) -> Area:
        """From A1 to the last row and column that hold a value."""
        bottom = right = 0
        for index, row in enumerate(self.rows):
            wide = next((at + 1 for at in range(len(row.cells) - 1, -1, -1) if row.cells[at].entered), 0)
            if wide:
                bottom, right = index + 1, max(right, wide)
        return Area(self.id, 0, bottom, 0, right)

    def copy(self) -> Sheet:
        """A copy that can be put back."""
        kept = {each.name: getattr(self, each.name) for each in fields(self)}
        for name in ("rows", "columns"):
            kept[name] = [line.copy() for line in kept[name]]
        for name in ("metadata", "merges", "conditional_formats", "protected_ranges", "filter_views", "basic_filter",
                     "tables", "other_properties"):  # fmt: skip
            kept[name] = copy.deepcopy(kept[name])
        return Sheet(**kept)


@dataclass(slots=True)
class Spreadsheet:
    """A workbook. `roles` says who may do what ("reader", "writer", "owner"); `picked` whom drive.file lets see it."""

    id: str
    title: str
    locale: str = "en_US"
    time_zone: str = "Etc/GMT"
    sheets: list[Sheet] = field(default_factory=list)
    metadata: list[Metadata] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    picked: set[str] = field(default_factory=set)
    deleted: bool = False
    doubts: Doubts = field(default_factory=Doubts)
    revision: int = 0
    """Grows with every change, so that a test can see whether one happened."""

    def sheet(self, which: int | str = 0) -> Sheet:
        """A sheet by its id or its title. Raises KeyError."""
        for each in self.sheets:
            if which in (each.id, each.title):
                return each
        raise KeyError(f"No sheet {which!r}; there are {[each.title for each in self.sheets]}")

    def titled(self, title: str) -> Sheet | None:
        """The sheet of that title; case does not matter."""
        return next((each for each in self.sheets if each.title.casefold() == title.casefold()), None)

    def all_metadata(self) -> Iterator[tuple[Metadata, Sheet | None, str, int]]:
        """Every entry with its sheet, "SPREADSHEET", "SHEET", "ROW" or "COLUMN", and the index of its row or column."""
        for entry in self.metadata:
            yield entry, None, "SPREADSHEET", -1
        for sheet in self.sheets:
            for entry in sheet.metadata:
                yield entry, sheet, "SHEET", -1
            for kind, lines in (("ROW", sheet.rows), ("COLUMN", sheet.columns)):
                for index, line in enumerate(lines):
                    for entry in line.metadata:
                        yield entry, sheet, kind, index

    def checkpoint(self) -> Callable[[], None]:
        """Remember all; the result puts it back. Sheets stay the same objects, so that a test's handle stays good."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        own["metadata"] = [copy.copy(each) for each in self.metadata]
        own["roles"], own["picked"] = dict(self.roles), set(self.picked)
        saved = [(each, each.copy()) for each in self.sheets]

        def back() -> None:
            for name, value in own.items():
                setattr(self, name, value)
            self.sheets = [original for original, _ in saved]
            for original, kept in saved:
                for each in fields(Sheet):
                    setattr(original, each.name, getattr(kept, each.name))

        return back
