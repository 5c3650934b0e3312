"""Edits as one request that proves itself: each range spans the row key, and the echo shows whose row was really hit.

Google has no version to compare and alters a change when somebody sorts meanwhile (facts/google-sheets.md, 1.1), so
no row number is ever believed: `null` in the key cell leaves it alone, and its echo names the row (rule R4).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.domain.table import BLANK, Table
from server.sheets.google.reading import Picture
from server.sheets.google.values import written
from server.sheets.lines import Line, Value
from server.sheets.lines import after as lines_after

GAP = 20
"""Rows without an edit that are bridged with nulls: cheaper than a range of their own."""
CHUNK_BYTES = 1_500_000
"""Google advises 2 MB a request at most (usage limits)."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows that one range covers, from column `left` to `right` (numbers from 1, included)."""

    lines: tuple[Line, ...]
    left: int
    right: int

    @property
    def top(self) -> int:
        """Number of the first row."""
        return self.lines[0].row.position

    @property
    def bottom(self) -> int:
        """Number of the last row."""
        return self.lines[-1].row.position


@dataclass(frozen=True, slots=True)
class Hit:
    """Cells that got our values in a row that was not meant. `key` is what stood in the key column there; `titles` are
    the titles over the cells that were hit, by number of column, where the columns were no longer the ones that were
    read (None: nobody saw them)."""

    position: int
    key: str
    values: Mapping[int, Value]
    titles: Mapping[int, str] | None = field(default_factory=dict)


@dataclass
class Echo:
    """What a write's answer shows: cells that hold what was meant, by (row number, column number), and wrong hits."""

    shown: dict[tuple[int, int], str] = field(default_factory=dict)
    wrong: list[Hit] = field(default_factory=list)
    complete: bool = True


def chunks(picture: Picture, lines: Sequence[Line]) -> Iterator[list[Stretch]]:
    """The lines as stretches, as many of them as one request should carry."""
    batch: list[Stretch] = []
    size = 0
    for stretch in _stretches(picture, lines):
        weight = _weight(stretch)
        if batch and size + weight > CHUNK_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(stretch)
        size += weight
    if batch:
        yield batch


def _stretches(picture: Picture, lines: Sequence[Line]) -> Iterator[Stretch]:
    run: list[Line] = []
    size = 0
    for line in lines:
        weight = sum(_bytes(value) for value in line.values.values())
        apart = run and (line.row.position - run[-1].row.position > GAP or _whole(line) != _whole(run[-1]))
        if run and (apart or size + weight > CHUNK_BYTES // 2):
            yield _stretch(picture, run)
            run, size = [], 0
        run.append(line)
        size += weight
    if run:
        yield _stretch(picture, run)


def _whole(line: Line) -> bool:
    """Whether the range must show the whole row, because no key can prove it."""
    return line.proof == "row"


def _stretch(picture: Picture, run: Sequence[Line]) -> Stretch:
    numbers = {number for line in run for number in line.values}
    if any(line.proof == "key" for line in run) and picture.key_number is not None:
        numbers.add(picture.key_number)
    if any(_whole(line) for line in run):
        numbers |= {picture.number(0), picture.number(len(picture.table.columns) - 1)}
    return Stretch(tuple(run), min(numbers), max(numbers))


def _weight(stretch: Stretch) -> int:
    nulls = (stretch.bottom - stretch.top + 1) * (stretch.right - stretch.left + 1) * len("null, ")
    return nulls + 200 + sum(_bytes(value) for line in stretch.lines for value in line.values.values())


def _bytes(value: Value) -> int:
    """As it is sent: JSON says everything that is not ASCII in six bytes or twelve."""
    return len(json.dumps(value)) + 2


def body(gid: int, picture: Picture, stretches: Sequence[Stretch]) -> Json:
    """The request: RAW always, so that no text of anybody's is ever a formula (R9). Its first range is the row of
    titles, with nothing to write: the echo shows whether the columns are still where they were."""
    left, right = picture.number(0), picture.number(len(picture.table.columns) - 1)
    header = picture.table.header_row
    titles = _range(gid, header, header, left, right, [[None] * (right - left + 1)])
    return {
        "valueInputOption": "RAW",
        "includeValuesInResponse": True,
        "responseValueRenderOption": "FORMATTED_VALUE",
        "data": [
            titles,
            *(_range(gid, one.top, one.bottom, one.left, one.right, _matrix(one)) for one in stretches),
        ],
    }


def _range(gid: int, top: int, bottom: int, left: int, right: int, values: list[list[Value | None]]) -> Json:
    grid = {
        "sheetId": gid,
        "startRowIndex": top - 1,
        "endRowIndex": bottom,
        "startColumnIndex": left - 1,
        "endColumnIndex": right,
    }
    return {"dataFilter": {"gridRange": grid}, "majorDimension": "ROWS", "values": values}


def _matrix(stretch: Stretch) -> list[list[Value | None]]:
    by_row = {line.row.position: line.values for line in stretch.lines}
    columns = range(stretch.left, stretch.right + 1)
    return [[by_row.get(row, {}).get(column) for column in columns] for row in range(stretch.top, stretch.bottom + 1)]


def echo(picture: Picture, stretches: Sequence[Stretch], answer: Mapping[str, Any]) -> Echo:
    """Hold the answer against what was meant."""
    found = Echo()
    responses = [_rows(response) for response in answer.get("responses", ())]
    if len(responses) != len(stretches) + 1:
        found.complete = False
        return found
    titles = responses[0][0] if responses[0] else []
    if not titles or not _same_titles(picture, titles):
        over = {number: _bare(title) for number, title in enumerate(titles, picture.number(0))}
        lines = (line for stretch in stretches for line in stretch.lines)
        found.wrong = [
            Hit(line.row.position, "", line.values, {number: over.get(number, "") for number in line.values})
            for line in lines
        ]
        return found
    for stretch, values in zip(stretches, responses[1:], strict=True):
        for line in stretch.lines:
            index = line.row.position - stretch.top
            row = values[index] if index < len(values) else []
            row = row + [""] * (stretch.right - stretch.left + 1 - len(row))
            shown = dict(enumerate(row, stretch.left))
            if _is_right(picture, line, shown):
                found.shown |= {(line.row.position, number): shown[number] for number in line.values}
            else:
                found.wrong.append(Hit(line.row.position, shown.get(picture.key_number or 0, ""), line.values))
    return found


def _rows(response: Mapping[str, Any]) -> list[list[str]]:
    return [[str(value) for value in row] for row in (response.get("updatedData") or {}).get("values", ())]


def _bare(title: str) -> str:
    """A title as a table gives it."""
    return " ".join(title.split())


def _same_titles(picture: Picture, titles: Sequence[str]) -> bool:
    """Whether every column still stands where it stood: a row's key says nothing about columns that changed places."""
    first = picture.number(0)
    shown = {first + index: _bare(title) for index, title in enumerate(titles)}
    return all(
        shown.get(picture.number(index), "") == column.title for index, column in enumerate(picture.table.columns)
    )


def _is_right(picture: Picture, line: Line, shown: Mapping[int, str]) -> bool:
    if line.proof == "key":
        return shown.get(picture.key_number or 0, "") == line.row.key
    others = [
        (picture.number(index), cell)
        for index, cell in enumerate(line.row.cells)
        if picture.number(index) not in line.values and not cell.formula
    ]
    return all(shown.get(number, "") == cell.shown for number, cell in others)


def after(picture: Picture, lines: Sequence[Line], found: Echo) -> Table:
    """The table that was read with what the echo proves to stand in it now."""
    proven = {
        (line.row.position, number): written(value, found.shown.get((line.row.position, number), ""))
        for line in lines
        for number, value in line.values.items()
    }
    return lines_after(picture.table, lines, proven)


def stands(was: Picture, now: Picture, lines: Sequence[Line]) -> bool:
    """Whether every value stands in its cell: a write whose answer was lost was made after all."""
    if was.table.columns != now.table.columns:
        return False
    rows, keys = {row.position: row for row in now.table.rows}, now.table.by_key()
    indexes = {now.number(index): index for index in range(len(now.table.columns))}
    for line in lines:
        here = [rows[line.row.position]] if line.row.position in rows else []
        found = keys.get(line.row.key, []) if line.proof == "key" else here
        if len(found) != 1:
            return False
        for number, value in line.values.items():
            cell = found[0].cells[indexes[number]] if number in indexes else BLANK
            if cell.raw != (None if value == "" and isinstance(value, str) else value):
                return False
    return True


def read_back(now: Picture, lines: Sequence[Line]) -> Echo:
    """The echo of a write whose answer was lost, from the look that found its values."""
    rows, keys = {row.position: row for row in now.table.rows}, now.table.by_key()
    indexes = {now.number(index): index for index in range(len(now.table.columns))}
    found = Echo()
    for line in lines:
        row = keys[line.row.key][0] if line.proof == "key" else rows[line.row.position]
        for number in line.values:
            found.shown[line.row.position, number] = row.shown(indexes[number])
    return found
