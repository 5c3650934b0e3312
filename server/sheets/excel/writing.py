"""Edits as PATCH requests: one a row, or one for rows that follow each other and were all visible (rule 5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from server.sheets.address import Range
from server.sheets.excel.book import BATCH, Part
from server.sheets.excel.shot import Entry
from server.sheets.excel.values import typed
from server.sheets.lines import Proof

RUN = 250
"""Rows in one block at most: what a sort at the wrong moment may hit at once."""
RUN_CHARACTERS = 400_000
"""Characters in one block; Excel on the web takes 5 MB a request."""
PATCHES = BATCH - 2
"""Blocks in one call, between the look before and the look after."""


@dataclass(frozen=True, slots=True)
class Row:
    """What the cells of one row are to hold, by column number, and what proves that it is the right one."""

    number: int
    cells: dict[int, Entry]
    proof: Proof = "row"

    def part_of(self, blocks: Sequence[Block]) -> Row:
        """The same with the cells alone that these blocks write."""
        mine = {c for block in blocks for row in block.rows if row.number == self.number for c in row.cells}
        return Row(self.number, {c: content for c, content in self.cells.items() if c in mine}, self.proof)

    @property
    def weight(self) -> int:
        """Characters, about."""
        return sum(len(str(content.value)) + len(content.formula) + 5 for content in self.cells.values())


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that one PATCH writes."""

    rows: tuple[Row, ...]

    @property
    def area(self) -> Range:
        """What it covers."""
        columns = [column for row in self.rows for column in row.cells]
        return Range(min(columns), self.rows[0].number, max(columns), self.rows[-1].number)

    def part(self, tab: str) -> Part:
        """The request: null leaves a cell as it is."""
        area = self.area
        columns = range(area.left, area.right + 1)
        values = [[typed(row.cells[c]) if c in row.cells else None for c in columns] for row in self.rows]
        body: dict[str, Any] = {"values": values}
        return Part("PATCH", range_path(tab, area), body)


def range_path(tab: str, area: Range) -> str:
    """A range of a tab, whose id is quoted already."""
    return f"/workbook/worksheets/{tab}/range(address='{area}')"


def calls(rows: Sequence[Row], *, together: bool, exact: bool) -> Iterator[list[Block]]:
    """The rows as blocks, as many as one call takes.

    Without `together` each row is a block of its own; `exact` leaves out every cell that is not written, since even
    null over a locked one is refused (facts, 1.3).
    """
    batch: list[Block] = []
    for block in _exact(rows) if exact else _runs(rows, together):
        batch.append(block)
        if len(batch) == PATCHES:
            yield batch
            batch = []
    if batch:
        yield batch


def _runs(rows: Sequence[Row], together: bool) -> Iterator[Block]:
    run: list[Row] = []
    weight = 0
    for row in sorted(rows, key=lambda one: one.number):
        apart = run and (row.number != run[-1].number + 1 or len(run) == RUN or weight + row.weight > RUN_CHARACTERS)
        if run and (apart or not together):
            yield Block(tuple(run))
            run, weight = [], 0
        run.append(row)
        weight += row.weight
    if run:
        yield Block(tuple(run))


def _exact(rows: Sequence[Row]) -> Iterator[Block]:
    for row in sorted(rows, key=lambda one: one.number):
        cells: dict[int, Entry] = {}
        for column in sorted(row.cells):
            if cells and column - 1 not in cells:
                yield Block((Row(row.number, cells, row.proof),))
                cells = {}
            cells[column] = row.cells[column]
        if cells:
            yield Block((Row(row.number, cells, row.proof),))
