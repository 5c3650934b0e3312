"""Tables for the tests of the offline model."""

from __future__ import annotations

from server.domain.table import Cell, Column, Row, Table
from server.domain.words import CellKind

CONTESTANTS = (
    ("Contestant", "Email", "Phone", "Start time", "Room", "Appointment date", "Appointment time"),
    ("Ana Souza", "ana@example.org", "+44 7700 900123", "09:40", "5", "3 May", "10:00"),
    ("Ben Ito", "Ben <ben@example.org>", "07700 900124", "09:45", "6", "4 May", "11:00"),
    ("Cleo Marsh", "cleo@example.org", "07700 900125", "", "7", "5 May", "12:00"),
)


def table(*lines: tuple[str, ...], sheet: str = "Contestants") -> Table:
    """A table whose first line is the header; every cell is text."""
    header, *rows = lines or CONTESTANTS
    columns = tuple(Column(title, chr(65 + index)) for index, title in enumerate(header))
    return Table("book.xlsx", sheet, columns, tuple(Row(2 + n, "", _cells(row)) for n, row in enumerate(rows)), "1")


def _cells(row: tuple[str, ...]) -> tuple[Cell, ...]:
    return tuple(Cell(text, text or None, CellKind.TEXT if text else CellKind.BLANK) for text in row)
