"""A1 notation and ranges of a grid: half open, from 0, None where a side is open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_CELLS = re.compile(r"\$?([A-Za-z]{1,3})?\$?(\d+)?(?::\$?([A-Za-z]{1,3})?\$?(\d+)?)?")
_PLAIN_TITLE = re.compile(r"[^\W\d]\w*")
_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*")


@dataclass(frozen=True, slots=True)
class Area:
    """A part of one sheet. `bottom` and `right` are exclusive; None means to the end of the grid."""

    sheet_id: int
    top: int = 0
    bottom: int | None = None
    left: int = 0
    right: int | None = None

    def within(self, rows: int, columns: int) -> Area:
        """The same without open sides, cut at the grid's end."""
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Area(self.sheet_id, self.top, bottom, self.left, right)

    def grid_range(self) -> dict[str, int]:
        """As a GridRange; open sides are left out."""
        found = {"sheetId": self.sheet_id, "startRowIndex": self.top, "startColumnIndex": self.left}
        if self.bottom is not None:
            found["endRowIndex"] = self.bottom
        if self.right is not None:
            found["endColumnIndex"] = self.right
        return found

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell is inside."""
        below = self.bottom is None or row < self.bottom
        before = self.right is None or column < self.right
        return self.top <= row and below and self.left <= column and before

    def meets(self, other: Area) -> bool:
        """Whether the two share a cell."""
        return (
            self.sheet_id == other.sheet_id
            and (other.bottom is None or self.top < other.bottom)
            and (self.bottom is None or other.top < self.bottom)
            and (other.right is None or self.left < other.right)
            and (self.right is None or other.left < self.right)
        )


def area(grid_range: Mapping[str, Any]) -> Area:
    """From a GridRange."""
    return Area(
        grid_range.get("sheetId", 0),
        grid_range.get("startRowIndex", 0),
        grid_range.get("endRowIndex"),
        grid_range.get("startColumnIndex", 0),
        grid_range.get("endColumnIndex"),
    )


def letter(column: int) -> str:
    """0 -> "A", 26 -> "AA"."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def number(letters: str) -> int:
    """ "A" -> 0, "AA" -> 26."""
    found = 0
    for each in letters.upper():
        found = found * 26 + ord(each) - 64
    return found - 1


def quoted(title: str) -> str:
    """The title as it stands before the "!": in quotes only where it needs them."""
    if _PLAIN_TITLE.fullmatch(title) and not _LIKE_A_CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def write(title: str, part: Area) -> str:
    """A range as text; a single cell without its colon. Sides must not be open."""
    assert part.bottom is not None
    assert part.right is not None
    first = f"{letter(part.left)}{part.top + 1}"
    last = f"{letter(part.right - 1)}{part.bottom}"
    return f"{quoted(title)}!{first}" + ("" if first == last else f":{last}")


def split(text: str) -> tuple[str | None, str | None]:
    """The title (None when there is none) and the cells (None for the whole sheet)."""
    if text.startswith("'"):
        match = re.fullmatch(r"'((?:[^']|'')*)'(?:!(.*))?", text)
        if match:
            return match[1].replace("''", "'"), match[2]
    title, bang, cells = text.rpartition("!")
    return (title, cells) if bang else (None, text)


def cells(text: str, sheet_id: int) -> Area | None:
    """`A1`, `A1:B2`, `A:B`, `2:5`, `A5:B`; None when it is none of these."""
    match = _CELLS.fullmatch(text)
    if not text or match is None:
        return None
    column, row, last_column, last_row = match.groups()
    if ":" not in text:
        if column is None or row is None:
            return None
        last_column, last_row = column, row
    elif not (column or row) or not (last_column or last_row):
        return None
    rows = sorted([int(each) for each in (row, last_row) if each])
    columns = sorted([number(each) for each in (column, last_column) if each])
    if rows and rows[0] == 0:
        return None
    return Area(
        sheet_id,
        rows[0] - 1 if rows and (row or len(rows) == 2) else 0,
        rows[-1] if len(rows) == 2 or (last_row and not row) else None,
        columns[0] if columns else 0,
        columns[-1] + 1 if len(columns) == 2 else None,
    )
