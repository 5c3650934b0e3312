"""Finding the header: which row of a sheet holds the titles of its columns. Pure; any sheet adapter may use it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from server.domain.table import Cell
from server.domain.words import CellKind

_LOOK_AT = 60
"""Rows looked at: a header further down is a case for --header-row."""
_FULL = 0.6
"""A header fills at least this share of the columns; a line such as a report's title does not."""
_VALUE = re.compile(r"\S+@\S+\.\S+|\+?[\d\s()./:-]{6,}")
"""A text that is somebody's address, phone or date, and so no title."""

Line = Mapping[int, Cell]
"""The cells of a row that hold something, by column number."""


def find(lines: Sequence[tuple[int, Line]], frozen: int = 0) -> int | None:
    """The number of the header row among (row number, cells), or None when there is none.

    The last frozen row that can be a header; else the first full row, if it holds nothing but titles. A row of
    values before any such row means that the sheet has no header: what comes later would hide people.
    """
    filled = [(number, line) for number, line in lines if any(cell.shown.strip() for cell in line.values())][:_LOOK_AT]
    for number, line in reversed(filled):
        if number <= frozen and _titles(line):
            return number
    width = max((_count(line) for _, line in filled), default=0)
    for number, line in filled:
        if _count(line) >= max(_FULL * width, min(width, 2)):
            return number if _titles(line) else None
    return None


def _count(line: Line) -> int:
    return sum(bool(cell.shown.strip()) for cell in line.values())


def _titles(line: Line) -> bool:
    """Whether every cell could be a title: a text that is no address, phone or date."""
    shown = [cell for cell in line.values() if cell.shown.strip()]
    return bool(shown) and all(
        cell.kind is CellKind.TEXT and not _VALUE.fullmatch(cell.shown.strip()) for cell in shown
    )
