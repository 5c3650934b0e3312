"""Edits as one request that proves itself: each range spans the row key, and the echo shows whose row was really hit.

Google has no version to compare and alters a change when somebody sorts meanwhile (facts/google-sheets.md, 1.1), so
no row number is ever believed: `null` in the key cell leaves it alone, and its echo names the row (rule R4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from server.domain.keys import is_row_key
from server.domain.table import BLANK, CellEdit, Row, Table
from server.sheets.google.reading import Picture, digest
from server.sheets.google.values import wire, written

GAP = 20
"""Rows without an edit that are bridged with nulls: cheaper than a range of their own."""
CHUNK_BYTES = 1_500_000
"""Google advises 2 MB a request at most (usage limits); what Python counts is a little less than what is sent."""

Value = str | int | float | bool
Json = dict[str, Any]
Proof = Literal["key", "row"]


@dataclass(frozen=True, slots=True)
class Line:
    """What one row gets: values by column number, and how its echo proves that it is the right one."""

    row: Row
    values: Mapping[int, Value]
    proof: Proof


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
    """Cells that got our values in a row that was not meant. `key` is what stood in the key column there."""

    position: int
    key: str
    values: Mapping[int, Value]


@dataclass
class Echo:
    """What a write's answer shows: cells that hold what was meant, by (row number, column number), and wrong hits."""

    shown: dict[tuple[int, int], str] = field(default_factory=dict)
    wrong: list[Hit] = field(default_factory=list)
    complete: bool = True


def lines_of(picture: Picture, edits: Sequence[CellEdit], new: int = 0) -> list[Line]:
    """Edits by row; those of `new` columns, which are still to come, only name their row.

    Raises ValueError for what callers must leave out.
    """
    table = picture.table
    known = {row.position: row for row in table.rows}
    found: dict[int, dict[int, Value]] = {}
    for edit in edits:
        row = known.get(edit.row.position)
        if row is None or (row is not edit.row and row != edit.row):
            raise ValueError(f"row {edit.row.position} is not a row of the table that was read")
        if not 0 <= edit.column < len(table.columns) + new:
            raise ValueError(f"the table has no column with the index {edit.column}")
        if edit.column >= len(table.columns):
            found.setdefault(row.position, {})
            continue
        cell = row.cells[edit.column]
        if cell.formula or cell.merged:
            kind = "a formula" if cell.formula else "covered by a merge"
            place = f"{table.columns[edit.column].letter}{row.position}"
            raise ValueError(f"{place} is {kind}: never written to")
        found.setdefault(row.position, {})[picture.number(edit.column)] = wire(edit.value)
    key = picture.key_number
    lines = []
    for position in sorted(found):
        row, values = known[position], found[position]
        proof: Proof = "key" if row.key and key is not None and key not in values else "row"
        lines.append(Line(row, values, proof))
    return lines


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
    nulls = (stretch.bottom - stretch.top + 1) * (stretch.right - stretch.left + 1) * 5
    return nulls + 200 + sum(_bytes(value) for line in stretch.lines for value in line.values.values())


def _bytes(value: Value) -> int:
    return len(value.encode()) + 3 if isinstance(value, str) else 8


def body(gid: int, stretches: Sequence[Stretch]) -> Json:
    """The request: RAW always, so that no text of anybody's is ever a formula (R9)."""
    return {
        "valueInputOption": "RAW",
        "includeValuesInResponse": True,
        "responseValueRenderOption": "FORMATTED_VALUE",
        "data": [
            {
                "dataFilter": {
                    "gridRange": {
                        "sheetId": gid,
                        "startRowIndex": stretch.top - 1,
                        "endRowIndex": stretch.bottom,
                        "startColumnIndex": stretch.left - 1,
                        "endColumnIndex": stretch.right,
                    }
                },
                "majorDimension": "ROWS",
                "values": _matrix(stretch),
            }
            for stretch in stretches
        ],
    }


def _matrix(stretch: Stretch) -> list[list[Value | None]]:
    by_row = {line.row.position: line.values for line in stretch.lines}
    columns = range(stretch.left, stretch.right + 1)
    return [[by_row.get(row, {}).get(column) for column in columns] for row in range(stretch.top, stretch.bottom + 1)]


def echo(picture: Picture, stretches: Sequence[Stretch], answer: Mapping[str, Any]) -> Echo:
    """Hold the answer against what was meant."""
    found = Echo()
    responses = answer.get("responses", ())
    if len(responses) != len(stretches):
        found.complete = False
        return found
    for stretch, response in zip(stretches, responses, strict=True):
        values = (response.get("updatedData") or {}).get("values", ())
        for line in stretch.lines:
            index = line.row.position - stretch.top
            row = [str(value) for value in values[index]] if index < len(values) else []
            row += [""] * (stretch.right - stretch.left + 1 - len(row))
            shown = dict(enumerate(row, stretch.left))
            if _is_right(picture, line, shown):
                found.shown |= {(line.row.position, number): shown[number] for number in line.values}
            else:
                key = shown.get(picture.key_number or 0, "")
                found.wrong.append(Hit(line.row.position, key, line.values))
    return found


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
    """The table that was read with what was proven to stand in it now, and nothing else that anybody did meanwhile."""
    table = picture.table
    indexes = {picture.number(index): index for index in range(len(table.columns))}
    changed = {line.row.position: line.values for line in lines}
    rows = []
    for row in table.rows:
        values = changed.get(row.position)
        if values is None:
            rows.append(row)
            continue
        cells = list(row.cells)
        for number, value in values.items():
            cells[indexes[number]] = written(value, found.shown.get((row.position, number), ""))
        key = cells[table.key_column].shown if table.key_column is not None else row.key
        rows.append(Row(row.position, _key(key), tuple(cells), row.hidden))
    kept = tuple(row for row in rows if not row.empty)
    return replace(table, rows=kept, version=digest(table.columns, kept))


def _key(text: str) -> str:
    return text if is_row_key(text) else ""


def differs(was: Picture, now: Picture, lines: Sequence[Line]) -> bool:
    """Whether a row that is to be written to is no longer where it was, or a cell of it no longer what it was."""
    if was.table.columns != now.table.columns:
        return True
    rows = {row.position: row for row in now.table.rows}
    indexes = {was.number(index): index for index in range(len(was.table.columns))}
    for line in lines:
        row = rows.get(line.row.position)
        if row is None or row.key != line.row.key:
            return True
        looked = [indexes[number] for number in line.values] if line.proof == "key" else range(len(row.cells))
        if any(not _alike(line.row, row, index) for index in looked):
            return True
    return False


def _alike(was: Row, now: Row, index: int) -> bool:
    """A formula may show something else by now; that it is one must not have changed."""
    one, other = was.cells[index], now.cells[index]
    return one == other or (one.formula and other.formula)


def stands(now: Picture, lines: Sequence[Line]) -> bool:
    """Whether every value stands in its row: a write whose answer was lost was made after all."""
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


def misplaced(was: Picture, now: Picture, lines: Sequence[Line]) -> list[Hit]:
    """Rows that hold one of our values where they held another one before, and that no line was meant for.

    For a write whose answer, and so whose echo, was lost while somebody sorted.
    """
    meant = {(line.row.key, number): value for line in lines for number, value in line.values.items()}
    ours = {(number, value) for line in lines for number, value in line.values.items()}
    before, indexes = was.table.by_key(), {now.number(index): index for index in range(len(now.table.columns))}
    hits = []
    for row in now.table.rows:
        old = before.get(row.key, [])
        found = {}
        for number in {number for number, _ in ours} & indexes.keys():
            raw = row.cells[indexes[number]].raw
            value: Value = "" if raw is None else raw
            was_there = len(old) == 1 and old[0].cells[indexes[number]].raw == raw
            if (number, value) in ours and not was_there and meant.get((row.key, number)) != value:
                found[number] = value
        if found and row.key:
            hits.append(Hit(row.position, row.key, found))
    return hits
