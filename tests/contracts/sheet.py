"""What every Sheet must do. An adapter's tests subclass `SheetContract` and give the fixture `bench`.

    class TestXlsxSheet(SheetContract):
        @pytest.fixture
        def bench(self, tmp_path): return XlsxBench(tmp_path)

`bench` makes a tab of real rows in the adapter's own host (or its emulator) and can change it behind our back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Protocol

import pytest

from server.domain.keys import new_row_key
from server.domain.look import of_answer, of_role
from server.domain.table import CellEdit, NewColumn, Row, Table
from server.domain.words import ROW_KEY_TITLE, CellKind, Role
from server.errors import InvalidInput, SheetChanged
from server.ports import Sheet


@dataclass(frozen=True)
class Formula:
    """A cell that is calculated: its text (`=B2*2`) and the result that its host shows."""

    text: str
    result: str | int | float


Value = str | int | float | bool | date | time | Formula | None


class Bench(Protocol):
    """A workbook of one tab that a test makes and disturbs."""

    def make(self, rows: Sequence[Sequence[Value]], *, hidden: Sequence[int] = ()) -> Sheet:
        """A sheet of these rows from row 1 on (the header first); `hidden` are row numbers. Strings are texts."""
        ...

    def change(self, row: int, column: int, value: Value) -> None:
        """A person changes one cell (row and column counted from 1) of the sheet that was made last."""
        ...


HEADER = ["Name", "Email", "Phone"]
ANN = ["Ann", "ann@example.org", "0044790090012"]
BOB = ["Bob", "bob@example.org", "+44 7900 900123"]

LOOKS = (of_role(Role.STATUS, "Status"), of_answer("Fits", ("Yes", "No")), of_role(Role.NOTE, "Note"))

FORMULA_LIKE = [
    "=1+1",
    '=HYPERLINK("http://example.org";"x")',
    "+44790090",
    "-1",
    "@sum",
    "\tTab",
    "'quoted",
    "1/2",
    "1e5",
]
TEXTS = [
    "Zoë 👩‍🚀🇸🇪",
    "שלום עולם",
    "e\u0301 and é",
    "  edges  ",
    "two\nlines",
    "<b>&amp;</b>",
    "_x000D_ _x005F_",
    "007",
    "TRUE",
]


def shown(table: Table) -> list[list[str]]:
    """The table as people see it, without header."""
    return [[cell.shown for cell in row.cells] for row in table.rows]


class SheetContract:
    """The promises of `ports.Sheet`."""

    def test_it_reads_titles_and_rows_as_they_are_shown(self, bench: Bench) -> None:
        table = bench.make([HEADER, ANN, BOB]).read()
        assert [column.title for column in table.columns] == HEADER
        assert shown(table) == [ANN, BOB]
        assert table.header_row == 1

    def test_it_keeps_zeros_and_plus_of_phones(self, bench: Bench) -> None:
        cells = bench.make([HEADER, ANN, BOB]).read().rows
        assert cells[0].cells[2].raw == "0044790090012"
        assert cells[1].cells[2].raw == "+44 7900 900123"

    def test_it_tells_kinds_of_values(self, bench: Bench) -> None:
        line: list[Value] = ["Ann", 3, 2.5, True, date(2027, 6, 12), time(9, 30), None]
        row = bench.make([["a", "b", "c", "d", "e", "f", "g"], line]).read().rows[0]
        kinds = [cell.kind for cell in row.cells]
        assert kinds[:4] == [CellKind.TEXT, CellKind.NUMBER, CellKind.NUMBER, CellKind.BOOLEAN]
        assert kinds[4:] == [CellKind.DATE, CellKind.TIME, CellKind.BLANK]
        assert [cell.raw for cell in row.cells] == ["Ann", 3, 2.5, True, "2027-06-12", "09:30:00", None]

    def test_it_gives_every_row_as_many_cells_as_there_are_columns(self, bench: Bench) -> None:
        table = bench.make([HEADER, ["Ann"], ["Bob", "bob@example.org"]]).read()
        assert {len(row.cells) for row in table.rows} == {3}

    def test_it_leaves_out_rows_that_hold_nothing(self, bench: Bench) -> None:
        table = bench.make([HEADER, ANN, [None, None, None], ["", " ", None], BOB]).read()
        assert shown(table) == [ANN, BOB]

    def test_it_tells_hidden_rows(self, bench: Bench) -> None:
        table = bench.make([HEADER, ANN, BOB], hidden=[3]).read()
        assert [row.hidden for row in table.rows] == [False, True]

    def test_it_reads_row_keys_and_ignores_what_has_another_form(self, bench: Bench) -> None:
        key = new_row_key()
        table = bench.make([[*HEADER, ROW_KEY_TITLE], [*ANN, key], [*BOB, "r_broken"]]).read()
        assert table.key_column == 3
        assert [row.key for row in table.rows] == [key, ""]

    def test_it_says_when_there_is_no_key_column(self, bench: Bench) -> None:
        assert bench.make([HEADER, ANN]).read().key_column is None

    def test_it_refuses_a_tab_without_anything(self, bench: Bench) -> None:
        with pytest.raises(InvalidInput):
            bench.make([]).read()

    def test_its_version_names_the_state_that_was_read(self, bench: Bench) -> None:
        sheet = bench.make([HEADER, ANN])
        before = sheet.read().version
        assert sheet.version() == before == sheet.read().version
        bench.change(2, 1, "Anne")
        assert sheet.version() != before
        assert sheet.read().version == sheet.version()

    @pytest.mark.parametrize("text", [*FORMULA_LIKE, *TEXTS])
    def test_it_writes_text_as_text_and_reads_it_back_the_same(self, bench: Bench, text: str) -> None:
        sheet = bench.make([HEADER, ANN, BOB])
        table = sheet.read()
        sheet.apply(table, [CellEdit(table.rows[1], 0, text)])
        cell = sheet.read().rows[1].cells[0]
        assert (cell.shown, cell.raw, cell.kind, cell.formula) == (text, text, CellKind.TEXT, False)

    def test_it_changes_nothing_but_the_edited_cells(self, bench: Bench) -> None:
        sheet = bench.make([HEADER, ANN, BOB])
        table = sheet.read()
        sheet.apply(table, [CellEdit(table.rows[0], 1, "new@example.org")])
        assert shown(sheet.read()) == [["Ann", "new@example.org", ANN[2]], BOB]

    def test_it_writes_numbers_and_booleans_as_such_and_clears_cells(self, bench: Bench) -> None:
        sheet = bench.make([HEADER, ANN, BOB])
        table = sheet.read()
        row = table.rows[0]
        sheet.apply(table, [CellEdit(row, 0, 0.95), CellEdit(row, 1, False), CellEdit(row, 2, None)])
        cells = sheet.read().rows[0].cells
        assert [cell.raw for cell in cells] == [0.95, False, None]
        assert cells[2].kind is CellKind.BLANK

    def test_it_adds_columns_at_the_right_end_in_order_and_hides_those_that_are_to_be(self, bench: Bench) -> None:
        sheet = bench.make([HEADER, ANN, BOB])
        table = sheet.read()
        key = new_row_key()
        added = [NewColumn("Status"), NewColumn("Message"), NewColumn(ROW_KEY_TITLE, hidden=True)]
        sheet.apply(table, [CellEdit(table.rows[1], 3, "Draft"), CellEdit(table.rows[0], 5, key)], added)
        after = sheet.read()
        assert [column.title for column in after.columns] == [*HEADER, "Status", "Message", ROW_KEY_TITLE]
        assert [column.hidden for column in after.columns] == [False] * 5 + [True]
        assert shown(after) == [[*ANN, "", "", key], [*BOB, "Draft", "", ""]]
        assert [row.key for row in after.rows] == [key, ""]

    def test_it_refuses_when_the_sheet_moved_on_and_then_writes_nothing(self, bench: Bench) -> None:
        sheet = bench.make([HEADER, ANN, BOB])
        table = sheet.read()
        bench.change(2, 1, "Anne")
        with pytest.raises(SheetChanged):
            sheet.apply(table, [CellEdit(row, 2, "gone wrong") for row in table.rows], [NewColumn("Status")])
        after = sheet.read()
        assert shown(after) == [["Anne", *ANN[1:]], BOB]
        assert len(after.columns) == 3

    def test_it_refuses_a_second_write_from_one_read(self, bench: Bench) -> None:
        sheet = bench.make([HEADER, ANN])
        table = sheet.read()
        sheet.apply(table, [CellEdit(table.rows[0], 0, "Anne")])
        with pytest.raises(SheetChanged):
            sheet.apply(table, [CellEdit(table.rows[0], 0, "Annie")])

    def test_it_shows_a_formula_s_result_and_never_overwrites_it(self, bench: Bench) -> None:
        sheet = bench.make([["Name", "Fee", "Double"], ["Ann", 7, Formula("=B2*2", 14)]])
        table = sheet.read()
        row = table.rows[0]
        assert (row.cells[2].shown, row.cells[2].formula) == ("14", True)
        with pytest.raises(ValueError, match="formula"):
            sheet.apply(table, [CellEdit(row, 0, "Anne"), CellEdit(row, 2, "15")])
        assert shown(sheet.read()) == [["Ann", "7", "14"]]

    def test_it_refuses_a_row_that_it_did_not_read(self, bench: Bench) -> None:
        sheet = bench.make([HEADER, ANN])
        table = sheet.read()
        with pytest.raises(ValueError, match="row"):
            sheet.apply(table, [CellEdit(Row(99, "", table.rows[0].cells), 0, "x")])

    def test_a_look_changes_no_cell_and_no_order(self, bench: Bench) -> None:
        sheet = bench.make([HEADER, ANN, BOB])
        sheet.apply(sheet.read(), [], [NewColumn("Status"), NewColumn("Fits"), NewColumn("Note")])
        before = sheet.read()
        sheet.dress(LOOKS)
        after = sheet.read()
        assert shown(after) == shown(before)
        assert [column.title for column in after.columns] == [column.title for column in before.columns]
        sheet.apply(after, [CellEdit(after.rows[0], 3, "Something of their own"), CellEdit(after.rows[1], 4, "Yes")])
        assert shown(sheet.read()) == [[*ANN, "Something of their own", "", ""], [*BOB, "", "Yes", ""]]

    def test_a_look_is_given_once(self, bench: Bench) -> None:
        sheet = bench.make([HEADER, ANN])
        sheet.apply(sheet.read(), [], [NewColumn("Status"), NewColumn("Note")])
        sheet.dress(LOOKS)
        version = sheet.version()
        sheet.dress(LOOKS)
        assert sheet.version() == version

    def test_a_look_for_columns_that_are_not_there_does_nothing(self, bench: Bench) -> None:
        sheet = bench.make([HEADER, ANN])
        version = sheet.version()
        sheet.dress(LOOKS)
        assert sheet.version() == version

    def test_it_leaves_the_sheet_alone_when_there_is_nothing_to_change(self, bench: Bench) -> None:
        sheet = bench.make([HEADER, ANN])
        table = sheet.read()
        sheet.apply(table, [])
        assert sheet.version() == table.version
