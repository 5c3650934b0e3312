"""Addresses in A1 notation. Inside, rows and columns count from 0 and both ends belong to an area."""

from __future__ import annotations

import re
from dataclasses import dataclass

from openpyxl.utils import column_index_from_string, get_column_letter

from tests.emulators.graph.errors import invalid_argument

ROWS, COLUMNS = 1_048_576, 16_384

_FORM = re.compile(r"\$?([A-Za-z]{1,3})?\$?(\d{1,7})?(?::\$?([A-Za-z]{1,3})?\$?(\d{1,7})?)?")


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells. `unbounded` when it was given as whole rows or columns."""

    top: int
    left: int
    bottom: int
    right: int
    unbounded: bool = False

    @property
    def rows(self) -> int:
        return self.bottom - self.top + 1

    @property
    def columns(self) -> int:
        return self.right - self.left + 1

    @property
    def cells(self) -> int:
        return self.rows * self.columns

    def part(self, top: int, left: int, bottom: int, right: int) -> Area:
        """A rectangle counted from this one's corner. Raises GraphError when it leaves the sheet."""
        found = Area(self.top + top, self.left + left, self.top + bottom, self.left + right)
        if found.top < 0 or found.left < 0 or found.bottom >= ROWS or found.right >= COLUMNS:
            raise invalid_argument()
        return found

    def meets(self, other: Area) -> bool:
        """Whether they share a cell."""
        return not (
            self.bottom < other.top or other.bottom < self.top or self.right < other.left or other.right < self.left
        )

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell lies in it."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def __str__(self) -> str:
        if self.unbounded and self.rows == ROWS:
            return f"{get_column_letter(self.left + 1)}:{get_column_letter(self.right + 1)}"
        if self.unbounded:
            return f"{self.top + 1}:{self.bottom + 1}"
        first, last = cell_name(self.top, self.left), cell_name(self.bottom, self.right)
        return first if self.cells == 1 else f"{first}:{last}"


EVERYTHING = Area(0, 0, ROWS - 1, COLUMNS - 1, unbounded=True)


def cell_name(row: int, column: int) -> str:
    """`B3` of (2, 1)."""
    return f"{get_column_letter(column + 1)}{row + 1}"


def quoted(sheet: str) -> str:
    """A tab's name as it stands before the exclamation mark."""
    return sheet if re.fullmatch(r"[^\W\d]\w*", sheet) else "'" + sheet.replace("'", "''") + "'"


def split(address: str) -> tuple[str, str]:
    """The tab's name ("" when there is none) and the rest."""
    sheet, mark, rest = address.rpartition("!")
    if mark and sheet.startswith("'") and sheet.endswith("'"):
        sheet = sheet[1:-1].replace("''", "'")
    return sheet, rest


def parse(address: str) -> Area:
    """An area from `B3`, `$A$1:C9`, `A:C` or `2:5`. Raises GraphError for anything else."""
    match = _FORM.fullmatch(address.strip())
    if match is None or not address.strip():
        raise invalid_argument()
    letter, number, letter2, number2 = match.groups()
    if ":" not in address:
        if not (letter and number):
            raise invalid_argument()
        letter2, number2 = letter, number
    if bool(letter) != bool(letter2) or bool(number) != bool(number2):
        raise invalid_argument()
    columns = sorted(column_index_from_string(each) - 1 for each in (letter, letter2)) if letter and letter2 else ()
    rows = sorted(int(each) - 1 for each in (number, number2)) if number and number2 else ()
    left, right = columns or (0, COLUMNS - 1)
    top, bottom = rows or (0, ROWS - 1)
    if top < 0 or bottom >= ROWS or right >= COLUMNS:
        raise invalid_argument()
    return Area(top, left, bottom, right, unbounded=not (letter and number))
