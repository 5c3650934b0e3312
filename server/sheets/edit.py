"""Turns edits of a table into changed parts of its workbook file: which cells, where new columns go, what grows."""

from __future__ import annotations

from collections.abc import Sequence

from server.domain.table import CellEdit, CellValue, NewColumn, Table
from server.errors import PermanentError
from server.sheets import address
from server.sheets.address import Range
from server.sheets.new_columns import refuse_taken
from server.sheets.ooxml import splice
from server.sheets.ooxml.cells import Scan
from server.sheets.ooxml.sheet_part import SheetPart, attributes
from server.sheets.ooxml.table_part import TablePart, tables_of
from server.sheets.ooxml.workbook import Tab, Workbook, check


def edited(
    workbook: Workbook, tab: Tab, table: Table, edits: Sequence[CellEdit], new_columns: Sequence[NewColumn]
) -> dict[str, bytes]:
    """The parts that change, with their new content: the sheet, and its Excel Table when that grows.

    Raises ValueError for what callers must leave out (formulas, covered cells, rows of another read, a title that
    is taken) and PermanentError when there is no room, or when the file's XML is of a form we only read.
    """
    label = workbook.archive.label
    part = SheetPart(workbook.archive.read(tab.part), label)
    refuse_odd(part)
    refuse_taken(table, new_columns)
    made = _Columns(workbook, tab, part, table, new_columns)
    wanted = _cells(table, edits, made.numbers)
    new = dict(zip(made.numbers, new_columns, strict=True))
    titles: dict[int, CellValue] = {number: " ".join(column.title.split()) for number, column in new.items()}
    body = {**wanted, table.header_row: titles} if titles else wanted
    content = (
        splice.head(part, _used(body), {number: column.hidden for number, column in new.items()})
        + splice.cells(part, body, {(table.header_row, number): made.title_style for number in titles})
        + splice.tail(part, made.filtered)
    )
    check(content, label)
    return {tab.part: content, **made.other_parts}


def refuse_odd(part: SheetPart) -> None:
    """Raise PermanentError for a sheet whose XML we only read."""
    if part.odd:
        raise PermanentError(
            f"{part.label} was written by a program whose form of the file Cellback can read but not change safely. "
            "Open it in Excel or LibreOffice, save it once, and go on.",
            whole_campaign=True,
        )


def _cells(table: Table, edits: Sequence[CellEdit], new: Sequence[int]) -> dict[int, dict[int, CellValue]]:
    """New values by row and column number, after a check that each belongs to this very read."""
    numbers = [*(address.number(column.letter) for column in table.columns), *new]
    known = {row.position: row for row in table.rows}
    found: dict[int, dict[int, CellValue]] = {}
    for edit in edits:
        row = known.get(edit.row.position)
        if row is None or (row is not edit.row and row != edit.row):
            raise ValueError(f"row {edit.row.position} is not a row of the table that was read")
        if not 0 <= edit.column < len(numbers):
            raise ValueError(f"the table has no column with the index {edit.column}")
        if edit.column < len(row.cells) and (row.cells[edit.column].formula or row.cells[edit.column].merged):
            kind = "a formula" if row.cells[edit.column].formula else "covered by a merge"
            raise ValueError(f"{address.letter(numbers[edit.column])}{row.position} is {kind}: never written to")
        found.setdefault(row.position, {})[numbers[edit.column]] = edit.value
    return found


def _used(cells: dict[int, dict[int, CellValue]]) -> Range | None:
    """The smallest block around the cells that get a value."""
    places = [(row, column) for row, line in cells.items() for column, value in line.items() if value not in {None, ""}]
    if not places:
        return None
    rows, columns = [row for row, _ in places], [column for _, column in places]
    return Range(min(columns), min(rows), max(columns), max(rows))


class _Columns:
    """Where new columns go, and what grows with them."""

    def __init__(
        self, workbook: Workbook, tab: Tab, part: SheetPart, table: Table, new_columns: Sequence[NewColumn]
    ) -> None:
        self.numbers: list[int] = []
        self.filtered: Range | None = None
        self.other_parts: dict[str, bytes] = {}
        self.title_style = b""
        if not new_columns:
            return
        tables = tables_of(workbook, tab.part, part.frame.table_links)
        last = address.number(table.columns[-1].letter)
        inside = next((found for found in tables if found.headers and found.block.top == table.header_row
                       and found.block.right == last), None)  # fmt: skip
        first = last + 1 if inside else _after_blocks(last, part, tables, table.header_row)
        self.numbers = list(range(first, first + len(new_columns)))
        if self.numbers[-1] > address.LAST_COLUMN:
            raise PermanentError(
                f"The sheet “{table.sheet}” is full: there is no room for {len(new_columns)} columns before column "
                "XFD. Remove what stands in its last columns.",
                whole_campaign=True,
            )
        self.title_style = _style_of(part, table.header_row, last)
        titles = [column.title for column in new_columns]
        if inside:
            _refuse_collision(Scan(workbook, part), part, tables, inside, self.numbers)
            self.other_parts = {inside.part: inside.widened(titles)}
        block = part.frame.filtered
        if block and block.top == table.header_row and block.right < self.numbers[-1]:
            self.filtered = block._replace(right=self.numbers[-1])


def _after_blocks(last: int, part: SheetPart, tables: Sequence[TablePart], header_row: int) -> int:
    """The first column behind the used ones that no merge and no Excel Table from the header down reaches into."""
    blocks = [*part.frame.merges, *(table.block for table in tables)]
    return max([last, *(block.right for block in blocks if block.bottom >= header_row)]) + 1


def _refuse_collision(
    scan: Scan, part: SheetPart, tables: Sequence[TablePart], inside: TablePart, numbers: Sequence[int]
) -> None:
    """Raise PermanentError when something stands where the Excel Table would grow."""
    block = Range(numbers[0], inside.block.top, numbers[-1], inside.block.bottom)
    taken = [
        f"{address.letter(column)}{line.number}"
        for line in scan.lines
        if block.top <= line.number <= block.bottom
        for column in line.cells
        if block.left <= column <= block.right
    ]
    others = [*part.frame.merges, *(table.block for table in tables if table is not inside)]
    taken += [str(other) for other in others if other.meets(block)]
    if taken:
        raise PermanentError(
            f"The table “{inside.name}” can't grow to the right: {taken[0]} is in the way. Leave the "
            f"{len(numbers)} columns to the right of the table empty, and go on.",
            whole_campaign=True,
        )


def _style_of(part: SheetPart, row: int, column: int) -> bytes:
    """The style index of a cell, b"" when it has none of its own."""
    number = 0
    for line in part.tag.row.finditer(part.content, part.start, part.end):
        number = int(attributes(line[1]).get(b"r", number + 1))
        if number < row:
            continue
        wanted = address.letter(column).encode() + str(row).encode()
        for cell in part.tag.cell.finditer(line[2] or b""):
            given = attributes(cell[0].partition(b">")[0])
            if given.get(b"r") == wanted:
                return given.get(b"s", b"")
        break
    return b""
