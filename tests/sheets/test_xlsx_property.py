"""Whatever people do to the file between a read and a write, a value lands only in the row whose key it is for."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from server.domain.keys import is_row_key, new_row_key
from server.domain.table import CellEdit, NewColumn, Table
from server.domain.words import ROW_KEY_TITLE
from server.errors import SheetChanged
from server.sheets.xlsx import XlsxSheet
from tests.sheets.books import SHEET, hand_made, members, sheet_xml

PEOPLE = 6
Lines = list[list[object]]


def sort_rows(lines: Lines, a: int, b: int) -> Lines:
    return sorted(lines, key=lambda line: str(line[a % len(line)]), reverse=bool(b % 2))


def insert_row(lines: Lines, a: int, b: int) -> Lines:
    return [*lines[: a % PEOPLE], [f"New {b}", *[None] * (len(lines[0]) - 1)], *lines[a % PEOPLE :]] if lines else lines


def delete_row(lines: Lines, a: int, b: int) -> Lines:
    return [line for index, line in enumerate(lines) if index != a % max(len(lines), 1)] if len(lines) > 2 else lines


def copy_row(lines: Lines, a: int, b: int) -> Lines:
    return [*lines, list(lines[a % len(lines)])] if lines else lines


def empty_row(lines: Lines, a: int, b: int) -> Lines:
    place = a % (len(lines) + 1)
    return [*lines[:place], [None] * len(lines[0]), *lines[place:]]


ROW_MOVES: list[Callable[[Lines, int, int], Lines]] = [sort_rows, insert_row, delete_row, copy_row, empty_row]


def disturb(path: Path, moves: list[tuple[int, int, int]]) -> None:
    """Do to the sheet what people do: rows, and now and then the order of the columns."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    header, *lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    for kind, a, b in moves:
        if kind == len(ROW_MOVES):
            order = sorted(range(len(header)), key=lambda index: (index + a) % len(header))
            header = [header[index] for index in order]
            lines = [[line[index] for index in order] for line in lines]
        else:
            lines = ROW_MOVES[kind](lines, a, b)
    sheet.delete_rows(1, sheet.max_row)
    fill(sheet, [header, *lines])
    book.save(path)


def fill(sheet: Worksheet, lines: Lines) -> None:
    for number, line in enumerate(lines, 1):
        for column, value in enumerate(line, 1):
            sheet.cell(number, column).value = value  # type: ignore[assignment]


def make(path: Path) -> None:
    book = Workbook()
    people = [[f"Person {n}", n, new_row_key(), None] for n in range(PEOPLE)]
    fill(book.worksheets[0], [["Name", "Bib", ROW_KEY_TITLE, "Status"], *people])
    book.save(path)


def by_key(table: Table) -> dict[str, str]:
    """Who has which key, of the keys that only one row has."""
    name = table.find("Name")
    assert name is not None
    return {key: rows[0].shown(name) for key, rows in table.by_key().items() if len(rows) == 1}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(ROW_MOVES)), st.integers(0, 9), st.integers(0, 9)), max_size=5))
def test_a_value_lands_only_in_the_row_of_its_key(moves: list[tuple[int, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.xlsx"
        make(path)
        sheet = XlsxSheet(path)
        first = sheet.read()
        people = by_key(first)
        disturb(path, moves)
        disturbed = path.read_bytes()
        status = first.find("Status")
        assert status is not None
        try:
            sheet.apply(first, [CellEdit(row, status, f"for {row.key}") for row in first.rows])
        except SheetChanged:
            assert path.read_bytes() == disturbed
        else:
            assert sheet.read().by_key().keys() == people.keys()
        write_by_key(sheet, path, people)


def write_by_key(sheet: XlsxSheet, path: Path, people: dict[str, str]) -> None:
    """Read again, write what each unique key is to get, and look at the whole file with other eyes."""
    table = sheet.read()
    status = table.find("Status")
    assert status is not None
    unique = {key: rows[0] for key, rows in table.by_key().items() if len(rows) == 1}
    before, old = load_workbook(path).worksheets[0], members(path)
    sheet.apply(table, [CellEdit(row, status, f"for {key}") for key, row in unique.items()], [NewColumn("Note")])
    after, new = load_workbook(path).worksheets[0], members(path)
    assert [name for name in old if old[name] != new[name]] == [SHEET]
    keys = table.key_column
    assert keys is not None
    for row in range(1, before.max_row + 1):
        key = str(after.cell(row, keys + 1).value)
        values = [after.cell(row, column).value for column in range(1, len(table.columns) + 1)]
        if key in unique:
            assert values[status] == f"for {key}"
            assert values[table.find("Name") or 0] == people[key]
        known = [before.cell(row, column).value for column in range(1, len(table.columns) + 1)]
        changed = {index for index, value in enumerate(values) if value != known[index]}
        assert changed <= ({status} if is_row_key(key) and key in unique else set())


CELL = re.compile(rb'<c r="([A-Z]+\d+)"(?:[^>]*/>|.*?</c>)')
SLOTS = st.sampled_from(["", "empty", "number", "text", "shared", "styled"])


def cell_xml(place: str, kind: str) -> str:
    return {
        "": "",
        "empty": f'<c r="{place}"/>',
        "number": f'<c r="{place}"><v>{len(place)}.5</v></c>',
        "text": f'<c r="{place}" t="inlineStr"><is><r><t>of </t></r><r><t>{place}</t></r></is></c>',
        "shared": f'<c r="{place}" t="s"><v>0</v></c>',
        "styled": f'<c r="{place}" s="1"><v>7</v></c>',
    }[kind]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(SLOTS, min_size=4, max_size=4), min_size=1, max_size=5),
    st.lists(
        st.tuples(
            st.integers(0, 4),
            st.integers(0, 3),
            st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=9)),
        ),
        max_size=6,
    ),
    st.booleans(),
)
def test_what_is_not_edited_keeps_its_bytes(
    grid: list[list[str]], wanted: list[tuple[int, int, str | int | bool | None]], grow: bool
) -> None:
    titles = "".join(f'<c r="{letter}1" t="inlineStr"><is><t>{letter}</t></is></c>' for letter in "ABCD")
    rows = "".join(
        f'<row r="{number}" spans="1:4">'
        + "".join(cell_xml(f"{letter}{number}", kind) for letter, kind in zip("ABCD", line, strict=True))
        + "</row>"
        for number, line in enumerate(grid, 2)
    )
    with tempfile.TemporaryDirectory() as folder:
        path = hand_made(
            Path(folder) / "a.xlsx", sheet_xml(f'<row r="1">{titles}</row>{rows}'), shared=["<t>shared</t>"]
        )
        sheet = XlsxSheet(path)
        table = sheet.read()
        edits = [
            CellEdit(table.rows[row % len(table.rows)], column, value) for row, column, value in wanted if table.rows
        ]
        before = cells_of(path)
        sheet.apply(table, edits, [NewColumn("Status")] if grow else [])
        after = cells_of(path)
        touched = {f"{'ABCD'[edit.column]}{edit.row.position}" for edit in edits}
        assert {place: raw for place, raw in before.items() if place not in touched} == {
            place: raw for place, raw in after.items() if place not in touched and place != "E1"
        }
        assert list(after) == sorted(after, key=lambda place: (int(place[1:]), place[0]))
        check_values(sheet.read(), edits)


def cells_of(path: Path) -> dict[str, bytes]:
    """The bytes of every cell, in the order of the file."""
    with zipfile.ZipFile(path) as archive:
        return {match[1].decode(): match[0] for match in CELL.finditer(archive.read(SHEET))}


def check_values(table: Table, edits: list[CellEdit]) -> None:
    """The last edit of each cell can be read back."""
    rows = {row.position: row for row in table.rows}
    for (position, column), value in {(edit.row.position, edit.column): edit.value for edit in edits}.items():
        raw = rows[position].cells[column].raw if position in rows else None
        if isinstance(value, str):
            value = (
                re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", re.sub("\r\n?", "\n", value))
                or None
            )
        if not (position not in rows and isinstance(value, str) and not value.strip()):
            assert raw == value
