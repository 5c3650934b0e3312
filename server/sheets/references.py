"""References in formulas when rows change places: which go along with their row, and which forbid the change. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SKIP = r'"(?:[^"]|"")*"|(?<![\w.])\[(?!\d+\])(?:[^\[\]]|\[[^\[\]]*\])*\]|\w+\[(?:[^\[\]]|\[[^\[\]]*\])*\]'
"""Texts and structured references (`Table[[#This Row],[A1]]`): nothing in them is an address."""
_SHEET = r"(?P<sheet>(?:'(?:[^']|'')*'|(?:\[\d+\])?[\w.:]+)!)?"
_CELL = r"\$?[A-Z]{1,3}\$?[1-9]\d{0,6}"
_REFERENCE = re.compile(
    rf"{_SKIP}|(?<![\w.$]){_SHEET}(?:(?P<first>{_CELL})(?::(?P<last>{_CELL}))?|"
    r"(?P<rows>\$?[1-9]\d{0,6}:\$?[1-9]\d{0,6}))(?![\w(.!\[])"
)
_ROW = re.compile(r"\d+$")
_INDIRECT = re.compile(r"(?<![\w.])(INDIRECT|OFFSET)\(", re.IGNORECASE)


class PointsElsewhere(ValueError):
    """A formula refers to some of the rows that are to change places; its text is that reference."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows `first` to `last` of a sheet, which change places among themselves."""

    sheet: str
    first: int
    last: int
    grow: int = 0
    """Rows that come: references to all rows, down to the last one, reach so much further."""

    def moved(self, formula: str, row: int | None = None, to: int | None = None) -> str:
        """The formula of a cell that goes from `row` to row `to` of these, or of one that stands outside (no `row`).

        References to its own row go along; those to all of the rows, to other rows and to other sheets stay as
        they are. Raises PointsElsewhere for one to some of the rows: whose values would it mean afterwards?
        """
        if row is not None and (found := _INDIRECT.search(formula)):
            raise PointsElsewhere(found[1].upper())
        return _REFERENCE.sub(lambda match: self._reference(match, row, to), formula)

    def judge(self, formula: str) -> bool:
        """Whether a formula of another sheet refers to all rows down to the last one, so that `grow` concerns it.

        Raises PointsElsewhere when it refers to some of these rows.
        """
        return any(self._reference(match, None, None) != match[0] for match in _REFERENCE.finditer(formula)
                   if match["sheet"])  # fmt: skip

    def _reference(self, match: re.Match[str], row: int | None, to: int | None) -> str:
        first, last = match["first"] or "", match["last"] or match["first"] or ""
        if match["rows"]:
            first, last = match["rows"].split(":")
        if not first or (match["sheet"] and _named(match["sheet"]) != self.sheet.casefold()):
            return match[0]
        top, bottom = sorted((_number(first), _number(last)))
        if top <= self.first and bottom == self.last and self.grow:
            return match[0][: match[0].rfind(str(bottom))] + str(bottom + self.grow)
        if bottom < self.first or top > self.last or (top <= self.first and bottom >= self.last):
            return match[0]
        if row is None or top != row or bottom != row:
            raise PointsElsewhere(match[0])
        there = str(to)
        moved = _ROW.sub(there, first)
        return (match["sheet"] or "") + (moved if not match["last"] and not match["rows"] else
                                         f"{moved}:{_ROW.sub(there, last)}")  # fmt: skip


def _number(reference: str) -> int:
    found = _ROW.search(reference)
    return int(found[0]) if found else 0


def _named(sheet: str) -> str:
    """The name in `Sheet!` or `'My sheet'!`, as names are compared."""
    name = sheet[:-1]
    return (name[1:-1].replace("''", "'") if name.startswith("'") else name).casefold()
