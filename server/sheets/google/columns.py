"""Our columns in the tab: made once, in one request, so that people can filter them and strangers' text stays text.

They are inserted, never written over what stands there: whatever somebody types or moves meanwhile only shifts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from server.domain.look import KEY_NOTE
from server.domain.table import NewColumn
from server.sheets.google.reading import KEY_TAG, MARK, Picture
from server.sheets.new_columns import is_key

LONGEST_TAG = 200
"""Characters: all metadata of a sheet share 30,000 (developer metadata guide)."""

USUAL_WIDTH = 100
"""Pixels of a column that nobody gave a width: a new one has that of its neighbour else."""

Json = dict[str, Any]


def place(picture: Picture) -> int:
    """Index (from 0) of the first new column: right of the table's last one."""
    right = picture.inside.block.right if picture.inside else 0
    return max(right, picture.region.columns[-1])


def restored(gid: int, formulas: Mapping[tuple[int, int], str], numbers: Mapping[tuple[int, int], float]) -> list[Json]:
    """Requests that put formulas and dates back where a write hit them, by (row number, column number)."""
    values: dict[tuple[int, int], Json] = {place: {"formulaValue": text} for place, text in formulas.items()}
    values |= {place: {"numberValue": number} for place, number in numbers.items()}
    return [
        {
            "updateCells": {
                "start": {"sheetId": gid, "rowIndex": row - 1, "columnIndex": column - 1},
                "rows": [{"values": [{"userEnteredValue": value}]}],
                "fields": "userEnteredValue",
            }
        }
        for (row, column), value in values.items()
    ]


def requests(gid: int, picture: Picture, new: Sequence[NewColumn], keys: Mapping[int, str]) -> list[Json]:
    """What one `batchUpdate` has to do; `keys` are row keys by row number, for the new key column among `new`."""
    at = place(picture)
    header = picture.table.header_row
    made: list[Json] = [
        {"insertDimension": {"range": _columns(gid, at, at + len(new)), "inheritFromBefore": True}},
        *_in_table(gid, picture, at + len(new)),
        {
            "repeatCell": {
                "range": _grid(gid, at, at + len(new), header),
                "cell": {"userEnteredFormat": {"numberFormat": {"type": "TEXT"}}},
                "fields": "userEnteredFormat.numberFormat,userEnteredFormat.wrapStrategy,dataValidation",
            }
        },
        {
            "updateCells": {
                "start": {"sheetId": gid, "rowIndex": header - 1, "columnIndex": at},
                "rows": [{"values": [_text(" ".join(column.title.split())) for column in new]}],
                "fields": "userEnteredValue",
            }
        },
        {
            "copyPaste": {
                "source": _grid(gid, at - 1, at, header - 1, header),
                "destination": _grid(gid, at, at + len(new), header - 1, header),
                "pasteType": "PASTE_FORMAT",
            }
        },
    ]
    for index, column in enumerate(new, at):
        made += _one(gid, index, column)
        if is_key(column) and keys:
            made.append(_keys(gid, index, keys))
    return made


def _one(gid: int, index: int, column: NewColumn) -> list[Json]:
    found: list[Json] = [
        {
            "updateDimensionProperties": {
                "range": _columns(gid, index, index + 1),
                "properties": {"hiddenByUser": column.hidden, "pixelSize": USUAL_WIDTH},
                "fields": "hiddenByUser,pixelSize",
            }
        }
    ]
    tag = KEY_TAG if is_key(column) else column.tag
    if tag and len(tag) <= LONGEST_TAG:
        found.append({"createDeveloperMetadata": {"developerMetadata": _metadata(gid, index, tag)}})
    if is_key(column):
        warned = {"range": _grid(gid, index, index + 1), "description": KEY_NOTE, "warningOnly": True}
        found.append({"addProtectedRange": {"protectedRange": warned}})
    return found


def _metadata(gid: int, index: int, tag: str) -> Json:
    return {
        "metadataKey": MARK,
        "metadataValue": tag,
        "visibility": "DOCUMENT",
        "location": {"dimensionRange": _columns(gid, index, index + 1)},
    }


def mark_key(gid: int, index: int) -> Json:
    """The request that marks a key column which a copy of the file, or a rename, left without its mark."""
    return {"createDeveloperMetadata": {"developerMetadata": _metadata(gid, index, KEY_TAG)}}


def _in_table(gid: int, picture: Picture, end: int) -> list[Json]:
    """A table of Google's own grows with us; without one there is nothing to do (R14)."""
    if picture.inside is None:
        return []
    block = picture.inside.block
    wide = _grid(gid, block.left - 1, end, block.top - 1, block.bottom)
    return [{"updateTable": {"table": {"tableId": picture.inside.id, "range": wide}, "fields": "range"}}]


def _keys(gid: int, index: int, keys: Mapping[int, str]) -> Json:
    """Keys into a column that this very request makes: whichever row one lands in, it is that row's from then on."""
    top, bottom = min(keys), max(keys)
    rows: list[Json] = [
        {"values": [_text(keys[number])] if number in keys else [{}]} for number in range(top, bottom + 1)
    ]
    start = {"sheetId": gid, "rowIndex": top - 1, "columnIndex": index}
    return {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}


def _text(value: str) -> Json:
    return {"userEnteredValue": {"stringValue": value}}


def _columns(gid: int, start: int, end: int) -> Json:
    return {"sheetId": gid, "dimension": "COLUMNS", "startIndex": start, "endIndex": end}


def _grid(gid: int, left: int, right: int, top: int | None = None, bottom: int | None = None) -> Json:
    """A GridRange, half open, from 0; without `top` the whole column."""
    found: Json = {"sheetId": gid, "startColumnIndex": left, "endColumnIndex": right}
    if top is not None:
        found["startRowIndex"] = top
    if bottom is not None:
        found["endRowIndex"] = bottom
    return found
