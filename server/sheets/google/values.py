"""One cell of the API's answer as a Cell: what people see, what lies behind it, and what must not be overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from server.domain.table import BLANK, Cell, CellValue
from server.domain.words import CellKind

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - wall-clock time of the spreadsheet
"""Day 0 of Google's dates (DateTimeRenderOption)."""
LONGEST = 50_000
"""Characters that a cell takes."""

_MOMENTS = {"DATE": CellKind.DATE, "TIME": CellKind.TIME, "DATE_TIME": CellKind.DATETIME}
_KEPT = {"\t", "\n"}

Json = Mapping[str, Any]


def cell_of(data: Json) -> Cell:
    """The cell. `formula` is also set where an array formula spills into it: a value typed there breaks the formula."""
    value: Json = data.get("effectiveValue") or {}
    entered: Json = data.get("userEnteredValue") or {}
    formula = "formulaValue" in entered or (bool(value) and not entered)
    shown = str(data.get("formattedValue", ""))
    if "numberValue" in value:
        return _number(data, value["numberValue"], shown, formula=formula)
    if "boolValue" in value:
        return Cell(shown or str(value["boolValue"]).upper(), bool(value["boolValue"]), CellKind.BOOLEAN, formula)
    if "errorValue" in value:
        return Cell(shown or "#ERROR!", shown or "#ERROR!", CellKind.ERROR, formula)
    text = str(value.get("stringValue", ""))
    if not text:
        return Cell(formula=True) if formula else BLANK
    return Cell(shown or text, text, CellKind.TEXT, formula)


def _number(data: Json, number: float, shown: str, *, formula: bool) -> Cell:
    kind = _MOMENTS.get(_format(data))
    moment = iso(number, kind) if kind else None
    if kind and moment is not None:
        return Cell(shown, moment, kind, formula)
    whole = isinstance(number, float) and number.is_integer() and abs(number) < 1e15
    return Cell(shown or f"{number:.15g}", int(number) if whole else number, CellKind.NUMBER, formula)


def _format(data: Json) -> str:
    """Type of the number format that counts: the effective one, which Google leaves out for a default."""
    for name in ("effectiveFormat", "userEnteredFormat"):
        found = ((data.get(name) or {}).get("numberFormat") or {}).get("type")
        if found:
            return str(found)
    return ""


def iso(serial: float, kind: CellKind) -> str | None:
    """The moment as ISO text: a date, a time, both, or a duration (PT26H30M0S) of a day and more; None outside.

    Serials are wall-clock time in the spreadsheet's own zone, so no zone is needed to read them.
    """
    if kind is CellKind.TIME and serial >= 1:
        seconds = round(serial * 86_400)
        return f"PT{seconds // 3600}H{seconds // 60 % 60}M{seconds % 60}S"
    try:
        moment = EPOCH + timedelta(seconds=round(serial * 86_400))
    except OverflowError:
        return None
    clock = f"{moment:%H:%M:%S}"
    if kind is CellKind.TIME:
        return clock if serial >= 0 else None
    day = f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}"
    return day if kind is CellKind.DATE and clock == "00:00:00" else f"{day}T{clock}"


def wire(value: CellValue) -> str | int | float | bool:
    """The value as RAW input takes it: no control characters, line feeds only, cut to what a cell bears; "" clears."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(char for char in text if char in _KEPT or (char >= " " and char not in "\x7f\ufffe\uffff"))
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    return text if _length(text) <= LONGEST else _cut(text)


def written(value: str | int | float | bool, shown: str) -> Cell:
    """The cell after that went in, as its echo shows it."""
    if value == "" and isinstance(value, str):
        return BLANK
    if isinstance(value, bool):
        return Cell(shown, value, CellKind.BOOLEAN)
    if isinstance(value, int | float):
        return Cell(shown, value, CellKind.NUMBER)
    return Cell(shown, value, CellKind.TEXT)


def _length(text: str) -> int:
    """In UTF-16 units, as JavaScript counts: never fewer than characters, so that the cut is on the safe side."""
    return len(text) + sum(char > "\uffff" for char in text)


def _cut(text: str) -> str:
    while _length(text) >= LONGEST:
        text = text[: len(text) - max(1, (_length(text) - LONGEST + 1) // 2)]
    return text + "…"
