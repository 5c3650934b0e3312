"""Cell addresses: letters and numbers of columns, and ranges."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

LAST_COLUMN = 16_384
"""XFD, the last column that Excel has (Excel specifications and limits)."""

_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]+)")


class Range(NamedTuple):
    """A block of cells, all bounds counted from 1 and included."""

    left: int
    top: int
    right: int
    bottom: int

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell lies in it."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def meets(self, other: Range) -> bool:
        """Whether the two have a cell in common."""
        across = self.left <= other.right and other.left <= self.right
        return across and self.top <= other.bottom and other.top <= self.bottom

    def __str__(self) -> str:
        first = f"{letter(self.left)}{self.top}"
        last = f"{letter(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"


@cache
def number(letters: str) -> int:
    """The number of a column, 1 for A."""
    found = 0
    for char in letters:
        found = found * 26 + ord(char) - 64
    return found


@cache
def letter(column: int) -> str:
    """The letters of a column, A for 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def parse(text: str) -> Range | None:
    """The block that a reference such as `A1:H25` or `$B$2` names; None for anything else."""
    first, _, last = text.strip().partition(":")
    start, end = _CELL.fullmatch(first), _CELL.fullmatch(last or first)
    if not start or not end:
        return None
    return Range(number(start[1]), int(start[2]), number(end[1]), int(end[2]))
