"""The bare cells of a table at one moment: what is compared to tell what a write really did. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from server.sheets import address
from server.sheets.address import Range
from server.sheets.lines import Value

Grid = Sequence[Sequence[Any]]
Place = tuple[int, int]
"""Row number and column number in the sheet, from 1."""


class Entry(NamedTuple):
    """What lies in a cell: a value ("" for none), or a formula and its result. `in_text` tells that it is to go into
    cells that take what is typed as text."""

    value: Value = ""
    formula: str = ""
    in_text: bool = False

    def same(self, other: Entry) -> bool:
        """Whether it is the same content; a formula's result does not count, and TRUE is not 1."""
        if self.formula or other.formula:
            return self.formula == other.formula
        return self.value == other.value and isinstance(self.value, bool) == isinstance(other.value, bool)


NOTHING = Entry()


@dataclass(frozen=True)
class Shot:
    """`header` is the number of the row of titles. What lies outside of `block` was not looked at."""

    block: Range
    values: Grid = field(repr=False)
    formulas: Grid = field(repr=False)
    header: int
    visible: bool = False
    """Whether no row was hidden."""
    changed: Mapping[Place, Entry] = field(default_factory=dict, repr=False)
    """Cells that were proven to hold something else since."""

    def at(self, row: int, column: int) -> Entry:
        """The cell; NOTHING outside."""
        if (row, column) in self.changed:
            return self.changed[row, column]
        if not self.block.holds(row, column):
            return NOTHING
        value = self.values[row - self.block.top][column - self.block.left]
        return entry(value, self.formulas[row - self.block.top][column - self.block.left])

    def titles(self) -> list[str]:
        """Texts of the header, from the block's left to its right."""
        return [str(self.at(self.header, column).value) for column in range(self.block.left, self.block.right + 1)]

    @property
    def rows(self) -> range:
        """Numbers of the rows of data."""
        return range(self.header + 1, self.block.bottom + 1)


def entry(value: Any, formula: Any) -> Entry:
    """A cell of the two grids. A text that begins with an equals sign is its own “formula”, without being one."""
    plain = value if isinstance(value, str | int | float | bool) else ""
    if isinstance(formula, str) and formula.startswith("=") and formula != value:
        return Entry(plain, formula)
    return Entry(plain)


def block_of(body: Mapping[str, Any]) -> Range:
    """What a range's answer covers. Raises ValueError when it does not say."""
    found = address.parse(str(body.get("address", "")).rpartition("!")[2])
    if found is None:
        raise ValueError("a range without an address")
    return found


def shot_of(body: Mapping[str, Any], header: int, titles: Sequence[str]) -> Shot:
    """A range's answer. `header` is where the titles were: they are looked for, since rows may have come above them."""
    block = block_of(body)
    values, formulas = body.get("values") or [[]], body.get("formulas") or [[]]
    known = [title for title in titles if title]
    best, share = header, -1
    for index, row in enumerate(values[:200]):
        there = {str(value) for value in row}
        hits = sum(title in there for title in known)
        if hits > share or (hits == share and block.top + index == header):
            best, share = block.top + index, hits
    return Shot(block, values, formulas, best, body.get("rowHidden") is False)
