"""A tab: cells, what is hidden, what is protected, and how cells move when others come and go."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.emulators.graph.address import Area
from tests.emulators.graph.cells import Cell
from tests.emulators.graph.errors import insert_delete_conflict
from tests.emulators.graph.table import Table

Place = tuple[int, int]


@dataclass
class Sheet:
    """`hidden_rows` and `hidden_columns` are a person's doing, `filtered` a filter's."""

    id: str
    name: str
    visibility: str = "Visible"
    protected: bool = False
    options: dict[str, bool] = field(default_factory=dict)
    cells: dict[Place, Cell] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    filtered: set[int] = field(default_factory=set)
    tables: list[Table] = field(default_factory=list)
    merges: list[Area] = field(default_factory=list)
    """Merged cells; what is written to one that is covered is lost without a word."""

    def look(self, row: int, column: int) -> Cell:
        """The cell, for reading only."""
        return self.cells.get((row, column)) or Cell()

    def cell(self, row: int, column: int) -> Cell:
        """The cell, made when it was never used."""
        return self.cells.setdefault((row, column), Cell())

    def hides(self, row: int) -> bool:
        """Whether nobody sees the row."""
        return row in self.hidden_rows or row in self.filtered

    def covered(self, row: int, column: int) -> bool:
        """Whether a merge covers the cell, and it is not the merge's first."""
        return any(each.holds(row, column) and (row, column) != (each.top, each.left) for each in self.merges)

    def used(self, *, values_only: bool = False) -> Area | None:
        """The smallest area that holds everything. Without `values_only` a format alone counts too."""
        places = [
            place
            for place, cell in self.cells.items()
            if not cell.blank or (not values_only and cell.number_format != "General")
        ]
        if not places:
            return None
        rows, columns = [row for row, _ in places], [column for _, column in places]
        return Area(min(rows), min(columns), max(rows), max(columns))

    def table_at(self, row: int, column: int) -> Table | None:
        """The table that the cell belongs to."""
        return next((table for table in self.tables if table.area.holds(row, column)), None)

    def column_texts(self, area: Area, column: int) -> list[str]:
        """The shown texts of one column of an area."""
        return [self.look(row, column).text for row in range(area.top, area.bottom + 1)]

    def insert_rows(self, row: int, count: int, band: tuple[int, int] | None = None) -> None:
        """Push what is at `row` and below down, over all columns or only those of the band."""
        self._shift(row, count, band)

    def delete_rows(self, row: int, count: int, band: tuple[int, int] | None = None) -> None:
        """Take rows away and pull up what is below."""
        left, right = band or (0, 1 << 20)
        for place in [p for p in self.cells if row <= p[0] < row + count and left <= p[1] <= right]:
            del self.cells[place]
        for flags in (self.hidden_rows, self.filtered):
            flags.difference_update(range(row, row + count))
        self._shift(row + count, -count, band)

    def insert_columns(self, column: int, count: int) -> None:
        """Push whole columns to the right (a negative count takes as many away that end there)."""
        moved = {place for place in self.cells if place[1] >= column}
        if count < 0:
            for place in [p for p in self.cells if column + count <= p[1] < column]:
                del self.cells[place]
        self._move(moved, 0, count)
        self.hidden_columns = {each + count if each >= column else each for each in self.hidden_columns}
        for table in self.tables:
            if table.left >= column:
                table.left += count

    def swap(self, area: Area, rows: list[int], order: list[int]) -> None:
        """Put the cells of `order` (row numbers) into `rows`, within the columns of the area."""
        columns = range(area.left, area.right + 1)
        taken = {row: {column: self.cells.pop((row, column), None) for column in columns} for row in rows}
        for target, source in zip(rows, order, strict=True):
            for column, cell in taken[source].items():
                if cell is not None:
                    self.cells[target, column] = cell.moved((source, column), (target, column))

    def put_row(self, area: Area, source: int, target: int) -> None:
        """Copy a row of an area over another."""
        for column in range(area.left, area.right + 1):
            cell = self.cells.get((source, column))
            self.cells.pop((target, column), None)
            if cell is not None:
                self.cells[target, column] = cell.moved((source, column), (target, column))

    def clone(self) -> Sheet:
        """A copy that shares nothing."""
        found = copy.copy(self)
        found.cells = {place: copy.copy(cell) for place, cell in self.cells.items()}
        found.options, found.merges = dict(self.options), list(self.merges)
        found.hidden_rows, found.filtered = set(self.hidden_rows), set(self.filtered)
        found.hidden_columns = set(self.hidden_columns)
        found.tables = [copy.deepcopy(table) for table in self.tables]
        return found

    def _shift(self, row: int, count: int, band: tuple[int, int] | None) -> None:
        left, right = band or (0, 1 << 20)
        for table in self._below(row, left, right):
            table.top += count
        self._move({p for p in self.cells if p[0] >= row and left <= p[1] <= right}, count, 0)
        # Excel hides whole rows; a flag goes with the record that it was set for.
        self.hidden_rows = {each + count if each >= row else each for each in self.hidden_rows}
        self.filtered = {each + count if each >= row else each for each in self.filtered}

    def _below(self, row: int, left: int, right: int) -> Iterator[Table]:
        for table in self.tables:
            area = table.area
            if area.top < row or area.right < left or area.left > right:
                continue
            if area.left < left or area.right > right:
                raise insert_delete_conflict()
            yield table

    def _move(self, places: set[Place], rows: int, columns: int) -> None:
        taken = {place: self.cells.pop(place) for place in places}
        for (row, column), cell in taken.items():
            after = (row + rows, column + columns)
            self.cells[after] = cell.moved((row, column), after)
