"""The look of our columns in a tab: what is missing of it, as requests of one batch. Nothing of anybody else's changes.

Ranges have no last row, so that rows which are added later are in them; every rule of ours stands behind all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.domain.look import PAINT, Look, Tone
from server.domain.table import fold
from server.sheets.google.columns import USUAL_WIDTH
from server.sheets.google.reading import MARK

SIGNED = "\n— Cellback"
"""Ends our notes and hints: by it they are known for ours."""

FIELDS = (
    "sheets(properties(sheetId),conditionalFormats(ranges,booleanRule(condition)),"
    "data(startRow,startColumn,columnMetadata(pixelSize,developerMetadata(metadataKey,metadataValue)),"
    "rowData(values(formattedValue,note,dataValidation,userEnteredFormat(wrapStrategy)))))"
)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the columns look like now: words with a rule, notes, validations, wraps and widths, by index of the column;
    and where those columns are, by tag and by title."""

    columns: Mapping[str, int]
    rules: int
    words: frozenset[tuple[int, str]]
    notes: Mapping[int, str]
    validations: Mapping[int, Json]
    wraps: Mapping[int, str]
    widths: Mapping[int, int]


def rows(gid: int, header: int) -> Json:
    """The filter for the row of titles and the one below it: all that a look at the looks needs."""
    grid = {"sheetId": gid, "startRowIndex": header - 1, "endRowIndex": header + 1}
    return {"dataFilters": [{"gridRange": grid}]}


def seen(answer: Mapping[str, Any], gid: int, header: int) -> Seen:
    """What the answer to `rows` shows."""
    sheet: Json = next((one for one in answer.get("sheets", ()) if one["properties"].get("sheetId", 0) == gid), {})
    data = (sheet.get("data") or [{}])[0]
    left, rules = data.get("startColumn", 0), sheet.get("conditionalFormats", ())
    lines = {data.get("startRow", 0) + number: line for number, line in enumerate(data.get("rowData", ()))}

    def cells(row: int) -> Iterable[tuple[int, Json]]:
        return enumerate(lines.get(row, {}).get("values", ()), left)

    marks = enumerate(data.get("columnMetadata", ()), left)
    tags = {
        f"tag {mark.get('metadataValue', '')}": index
        for index, column in marks
        for mark in column.get("developerMetadata", ())
        if mark.get("metadataKey") == MARK
    }
    titles = {fold(str(cell.get("formattedValue", ""))): index for index, cell in reversed([*cells(header - 1)])}
    formats = {index: cell.get("userEnteredFormat") or {} for index, cell in cells(header)}
    return Seen(
        {**titles, **tags},
        len(rules),
        frozenset(found for rule in rules for found in _words(rule)),
        {index: str(cell["note"]) for index, cell in cells(header - 1) if cell.get("note")},
        {index: cell["dataValidation"] for index, cell in cells(header) if cell.get("dataValidation")},
        {index: str(has.get("wrapStrategy", "")) for index, has in formats.items()},
        {index: one.get("pixelSize", USUAL_WIDTH) for index, one in enumerate(data.get("columnMetadata", ()), left)},
    )


def _words(rule: Json) -> Iterable[tuple[int, str]]:
    """The words that a rule is about, with the columns it is for, if it is one of that kind."""
    condition = (rule.get("booleanRule") or {}).get("condition") or {}
    if condition.get("type") != "TEXT_EQ":
        return
    for value in condition.get("values", ()):
        for grid in rule.get("ranges", ()):
            for column in range(grid.get("startColumnIndex", 0), grid.get("endColumnIndex", 0)):
                yield column, str(value.get("userEnteredValue", ""))


def requests(gid: int, header: int, looks: Sequence[Look], now: Seen) -> list[Json]:
    """What is missing; [] when every column looks as it should, or as somebody else made it look."""
    made: list[Json] = []
    rules = now.rules
    for look in looks:
        column = now.columns.get(f"tag {look.tag}", now.columns.get(fold(look.title)))
        if column is None:
            continue
        missing = [(word, tone) for word, tone in look.tones if (column, word) not in now.words and tone in PAINT]
        body = _grid(gid, column, header)
        made += [_colour(body, word, tone, rules + count) for count, (word, tone) in enumerate(missing)]
        rules += len(missing)
        made += [*_choices(body, look, now.validations.get(column)), *_note(gid, column, header, look, now)]
        made += [*_width(gid, column, look, now), *_wrap(body, look, now.wraps.get(column, ""))]
    return made


def _colour(body: Json, word: str, tone: Tone, index: int) -> Json:
    paint = PAINT[tone]
    look = {"backgroundColorStyle": _rgb(paint.fill), "textFormat": {"foregroundColorStyle": _rgb(paint.ink)}}
    condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": word}]}
    rule = {"ranges": [body], "booleanRule": {"condition": condition, "format": look}}
    return {"addConditionalFormatRule": {"index": index, "rule": rule}}


def _rgb(colour: str) -> Json:
    parts = [round(int(colour[at : at + 2], 16) / 255, 4) for at in (1, 3, 5)]
    return {"rgbColor": dict(zip(("red", "green", "blue"), parts, strict=True))}


def _choices(body: Json, look: Look, now: Json | None) -> Iterable[Json]:
    """A dropdown that takes any other text too; one that somebody else made stays."""
    if not look.choices or not all(_plain(word) for word in look.choices):
        return
    if now is not None and not str(now.get("inputMessage", "")).endswith(SIGNED):
        return
    condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": word} for word in look.choices]}
    hint = f"{look.doubt or look.note}{SIGNED}"
    rule = {"condition": condition, "strict": False, "showCustomUi": True, "inputMessage": hint}
    if now is None or any(now.get(name) != rule[name] for name in ("condition", "inputMessage")):
        yield {"setDataValidation": {"range": body, "rule": rule}}


def _note(gid: int, column: int, header: int, look: Look, now: Seen) -> Iterable[Json]:
    text, there = f"{look.note}{SIGNED}", now.notes.get(column, "")
    if look.note and there != text and (not there or there.endswith(SIGNED)):
        start = {"sheetId": gid, "rowIndex": header - 1, "columnIndex": column}
        yield {"updateCells": {"start": start, "rows": [{"values": [{"note": text}]}], "fields": "note"}}


def _width(gid: int, column: int, look: Look, now: Seen) -> Iterable[Json]:
    if look.width and now.widths.get(column, USUAL_WIDTH) == USUAL_WIDTH != look.width:
        place = {"sheetId": gid, "dimension": "COLUMNS", "startIndex": column, "endIndex": column + 1}
        size = {"range": place, "properties": {"pixelSize": look.width}, "fields": "pixelSize"}
        yield {"updateDimensionProperties": size}


def _wrap(body: Json, look: Look, there: str) -> Iterable[Json]:
    """Long texts are cut at the cell's edge, so that no row grows; what is to be read is wrapped."""
    wanted = {True: "WRAP", False: "CLIP", None: ""}[look.wrapped]
    if wanted and there not in {"WRAP", "CLIP"}:
        cell = {"userEnteredFormat": {"wrapStrategy": wanted}}
        yield {"repeatCell": {"range": body, "cell": cell, "fields": "userEnteredFormat.wrapStrategy"}}


def _plain(word: str) -> bool:
    """Whether a condition takes the word as it is: it is parsed as if typed, so `=` and `+` would begin a formula."""
    return bool(word.strip()) and not word.lstrip().startswith(("=", "+"))


def _grid(gid: int, column: int, header: int) -> Json:
    return {"sheetId": gid, "startRowIndex": header, "startColumnIndex": column, "endColumnIndex": column + 1}
