"""The order in which people expect rows after a sort: by value, as in a spreadsheet. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from server.domain.table import Cell, Row
from server.domain.words import CellKind

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - cells have no time zone
_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+)S")
_BLANK, _NUMBER, _TEXT, _BOOLEAN, _ERROR = 9, 0, 1, 2, 3
"""Numbers (and moments, which are numbers) before texts before TRUE and FALSE before errors; empty cells last."""


def in_order(rows: Sequence[Row], column: int, *, descending: bool = False) -> list[Row]:
    """The rows by that column's values. Rows that are equal there stay as they stand, empty cells come last either
    way."""
    filled = [row for row in rows if rank(row.cells[column])[0] != _BLANK]
    empty = [row for row in rows if rank(row.cells[column])[0] == _BLANK]
    return sorted(filled, key=lambda row: rank(row.cells[column]), reverse=descending) + empty


def rank(cell: Cell) -> tuple[int, float, str]:
    """What a cell is compared by: its kind, then its number or its text without regard to case."""
    if cell.kind is CellKind.BLANK or cell.raw in {None, ""}:
        return _BLANK, 0.0, ""
    if cell.kind is CellKind.BOOLEAN:
        return _BOOLEAN, float(bool(cell.raw)), ""
    if cell.kind is CellKind.ERROR:
        return _ERROR, 0.0, ""
    value = serial(cell)
    return (_TEXT, 0.0, str(cell.raw).casefold()) if value is None else (_NUMBER, value, "")


def serial(cell: Cell) -> float | None:
    """The number behind a cell; None for a text."""
    if isinstance(cell.raw, int | float):
        return float(cell.raw)
    if cell.kind not in {CellKind.DATE, CellKind.TIME, CellKind.DATETIME}:
        return None
    text = str(cell.raw)
    duration = _DURATION.fullmatch(text)
    if duration:
        hours, minutes, seconds = (int(part) for part in duration.groups())
        return (hours * 3600 + minutes * 60 + seconds) / 86400
    if cell.kind is CellKind.TIME:
        hours, minutes, seconds = (int(part) for part in text.split(":"))
        return (hours * 3600 + minutes * 60 + seconds) / 86400
    moment = datetime.fromisoformat(text) if "T" in text else datetime.combine(date.fromisoformat(text), _EPOCH.time())
    return (moment - _EPOCH).total_seconds() / 86400
