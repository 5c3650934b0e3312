"""Reading workbook files as people see them, among them forms that other programs write."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table as ExcelTable

from server.domain.table import NewColumn, Table
from server.domain.words import CellKind
from server.errors import InvalidInput, NotFound
from server.sheets.xlsx import XlsxSheet, sheet_names
from tests.contracts.sheet import shown
from tests.sheets.books import hand_made, rewrite, sheet_xml, texts


def titles(table: Table) -> list[str]:
    return [column.title for column in table.columns]


def saved(path: Path, rows: list[list[object]]) -> Path:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return path


def test_it_shows_dates_times_money_and_padded_numbers_by_their_formats(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xlsx", [["Bib", "Date", "Start", "Fee", "Lap", "Share"]])
    book = load_workbook(path)
    sheet = book.worksheets[0]
    sheet.append([7, date(2027, 6, 12), time(9, 30), 35, timedelta(hours=30), 0.25])
    for cell, code in zip(sheet[2], ["000", "ddd d mmm", "hh:mm", "[$£-809]#,##0.00", "[h]:mm", "0%"], strict=True):
        cell.number_format = code
    book.save(path)
    row = XlsxSheet(path).read().rows[0]
    assert [cell.shown for cell in row.cells] == ["007", "Sat 12 Jun", "09:30", "£35.00", "30:00", "25%"]
    assert [cell.raw for cell in row.cells] == [7, "2027-06-12", "09:30:00", 35, "PT30H0M0S", 0.25]


def test_it_reads_what_excel_writes(tmp_path: Path) -> None:
    """Shared and rich texts, phonetic hints, escapes, errors, booleans, results of formulas, built-in formats."""
    rows = (
        '<row r="1" spans="1:7"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c>'
        '<c r="D1" t="s"><v>3</v></c><c r="E1" t="s"><v>4</v></c><c r="F1" t="s"><v>5</v></c></row>'
        '<row r="2" spans="1:7" x="&gt;>"><c r="A2" t="s"><v>6</v></c><c r="B2" t="b"><v>1</v></c>'
        '<c r="C2" t="e"><v>#N/A</v></c><c r="D2" t="str"><f>A2&amp;"!"</f><v>Ann &amp; Bo!</v></c>'
        '<c r="E2" s="2"><v>46143</v></c><c r="F2" s="1"><v>7</v></c></row>'
    )
    shared = [f"<t>{title}</t>" for title in "abcdef"] + [
        '<r><rPr><b/></rPr><t xml:space="preserve">Ann </t></r><r><t>&amp; Bo_x000D_</t></r>'
        '<rPh sb="0" eb="1"><t>x</t></rPh>'
    ]
    row = XlsxSheet(hand_made(tmp_path / "a.xlsx", sheet_xml(rows), shared=shared)).read().rows[0]
    assert [cell.shown for cell in row.cells] == ["Ann & Bo\r", "TRUE", "#N/A", "Ann & Bo!", "5/1/2026", "007"]
    assert [cell.formula for cell in row.cells] == [False, False, False, True, False, False]
    assert row.cells[1].raw is True
    assert row.cells[2].kind is CellKind.ERROR


@pytest.mark.parametrize("prefix", ["", "x", "main.2"])
def test_it_reads_elements_with_a_prefix(tmp_path: Path, prefix: str) -> None:
    name = f"{prefix}:" if prefix else ""
    rows = "".join(
        f'<{name}row r="{number}"{hidden}><{name}c r="A{number}" t="inlineStr">'
        f"<{name}is><{name}t>{value}</{name}t></{name}is></{name}c></{name}row>"
        for number, value, hidden in [(1, "Name", ""), (2, "Ann", ' hidden="1"')]
    )
    table = XlsxSheet(hand_made(tmp_path / "a.xlsx", sheet_xml(rows, prefix=prefix))).read()
    assert (titles(table), shown(table), table.rows[0].hidden) == (["Name"], [["Ann"]], True)


def test_it_reads_cells_without_references_and_with_attributes_in_any_order(tmp_path: Path) -> None:
    rows = (
        "<row><c t='inlineStr'><is><t>Name</t></is></c><c t='inlineStr'><is><t>Bib</t></is></c></row>"
        '<row\n><c t="inlineStr" r="A2"><is><r><t>An</t></r><r><t>n</t></r></is></c><c s="1" r="B2"><v>7</v></c></row>'
    )
    table = XlsxSheet(hand_made(tmp_path / "a.xlsx", sheet_xml(rows))).read()
    assert (titles(table), shown(table)) == (["Name", "Bib"], [["Ann", "007"]])


def test_it_reads_a_sheet_with_comments_and_cdata_in_its_xml(tmp_path: Path) -> None:
    rows = texts(1, "Name") + "<!-- <row/> -->" + texts(2, "<![CDATA[A & B]]>")
    assert shown(XlsxSheet(hand_made(tmp_path / "a.xlsx", sheet_xml(rows))).read()) == [["A & B"]]


def test_it_reads_dates_from_1904_and_iso_dates(tmp_path: Path) -> None:
    rows = texts(1, "Day", "Strict") + (
        '<row r="2"><c r="A2" s="2"><v>44681</v></c><c r="B2" s="2" t="d"><v>2026-05-01T00:00:00</v></c></row>'
    )
    path = hand_made(tmp_path / "a.xlsx", sheet_xml(rows), properties='<workbookPr date1904="1"/>')
    cells = XlsxSheet(path).read().rows[0].cells
    assert [cell.shown for cell in cells] == ["5/1/2026", "5/1/2026"]
    assert [cell.raw for cell in cells] == ["2026-05-01", "2026-05-01"]


def test_it_keeps_a_phone_that_is_a_number_exact_behind_what_excel_shows(tmp_path: Path) -> None:
    rows = texts(1, "Phone") + '<row r="2"><c r="A2"><v>447900900123</v></c></row>'
    rows += '<row r="3"><c r="A3"><v>4.47900900123E+11</v></c></row>'
    for row in XlsxSheet(hand_made(tmp_path / "a.xlsx", sheet_xml(rows))).read().rows:
        assert (row.cells[0].shown, repr(row.cells[0].raw)) == ("4.47901E+11", "447900900123")


def test_it_marks_every_cell_of_an_array_formula(tmp_path: Path) -> None:
    rows = texts(1, "a", "b") + (
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2" cm="1"><f t="array" ref="B2:B3">A2:A3</f><v>1</v></c></row>'
        '<row r="3"><c r="A3"><v>2</v></c><c r="B3"><v>2</v></c></row>'
    )
    table = XlsxSheet(hand_made(tmp_path / "a.xlsx", sheet_xml(rows))).read()
    assert [row.cells[1].formula for row in table.rows] == [True, True]
    assert [row.cells[0].formula for row in table.rows] == [False, False]


def test_it_warns_of_formulas_without_a_result_but_not_of_an_empty_text(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xlsx", [["Name", "Double"], ["Ann", "=1+1"], ["Bob", "=2+2"]])
    table = XlsxSheet(path).read()
    assert shown(table) == [["Ann", ""], ["Bob", ""]]
    assert len(table.warnings) == 1
    assert "B2, B3" in table.warnings[0]
    rows = texts(1, "Name", "Empty") + '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><f>""</f><v></v></c></row>'
    assert XlsxSheet(hand_made(tmp_path / "b.xlsx", sheet_xml(rows))).read().warnings == ()


def test_it_tells_merged_cells_and_hidden_columns(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xlsx", [["Club", "Name", "Mail"], ["Red", "Ann", "a@example.org"], [None, "Bob"]])
    book = load_workbook(path)
    book.worksheets[0].merge_cells("A2:A3")
    book.worksheets[0].column_dimensions["C"].hidden = True
    book.save(path)
    table = XlsxSheet(path).read()
    assert [row.cells[0].merged for row in table.rows] == [False, True]
    assert table.rows[1].cells[0].shown == ""
    assert [column.hidden for column in table.columns] == [False, False, True]
    assert "A2:A3" in table.warnings[0]


def test_it_ignores_cells_that_are_only_formatted(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xlsx", [["Name"], ["Ann"]])
    book = load_workbook(path)
    book.worksheets[0]["Z90"].number_format = "0.00"
    book.save(path)
    table = XlsxSheet(path).read()
    assert (titles(table), shown(table)) == (["Name"], [["Ann"]])


def test_it_reads_on_below_empty_rows(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xlsx", [["Name", "Bib"], ["Ann", 1], [], [], ["Bob", 2]])
    assert [row.position for row in XlsxSheet(path).read().rows] == [2, 5]


def test_it_keeps_blank_titles_and_warns_of_two_alike(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xlsx", [["Name", None, "Fee", " fee "], ["Ann", "note", 1, 2]])
    table = XlsxSheet(path).read()
    assert titles(table) == ["Name", "", "Fee", "fee"]
    assert table.find("FEE") == 2
    assert "“Fee”" in table.warnings[0]


def test_it_warns_of_dates_that_each_country_shows_in_its_own_order(tmp_path: Path) -> None:
    rows = texts(1, "Name", "Day") + '<row r="2"><c r="A2"><v>1</v></c><c r="B2" s="2"><v>46143</v></c></row>'
    table = XlsxSheet(hand_made(tmp_path / "a.xlsx", sheet_xml(rows))).read()
    assert table.rows[0].shown(1) == "5/1/2026"
    assert "such as B2" in table.warnings[0]


def test_it_warns_of_an_empty_column_that_would_tear_rows_apart(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xlsx", [["Name", "Bib", None, "Fee"], ["Ann", 7, None, 35]])
    table = XlsxSheet(path).read()
    assert [column.letter for column in table.columns] == ["A", "B", "D"]
    assert "empty column before column D" in table.warnings[0]


def test_it_warns_of_a_filter_that_libreoffice_would_sort_without_our_columns(tmp_path: Path) -> None:
    """LibreOffice goes by a hidden name in the workbook's part, which a write leaves as it is."""
    path = saved(tmp_path / "a.xlsx", [["Name", "Bib"], ["Ann", 7]])
    book = load_workbook(path)
    book.worksheets[0].auto_filter.ref = "A1:B2"
    book.save(path)
    sheet = XlsxSheet(path)
    table = sheet.read()
    assert table.warnings == ()
    sheet.apply(table, [], [NewColumn("Status")])
    assert "filter ends at column B" in sheet.read().warnings[0]


class TestHeader:
    def test_it_counts_frozen_rows_from_where_the_view_starts(self, tmp_path: Path) -> None:
        view = (
            '<sheetViews><sheetView topLeftCell="A2" workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A3" state="frozen"/></sheetView></sheetViews>'
        )
        rows = texts(1, "One", "Two") + texts(2, "Name", "Mail") + texts(3, "Ann", "ann@example.org")
        assert XlsxSheet(hand_made(tmp_path / "a.xlsx", sheet_xml(rows, before=view))).read().header_row == 2

    def test_it_finds_the_first_full_row_of_titles_below_a_report_s_heading(self, tmp_path: Path) -> None:
        rows = [["Summer cup 2027"], [], ["Name", "Mail", "Bib"], ["Ann", "ann@example.org", 7]]
        table = XlsxSheet(saved(tmp_path / "a.xlsx", rows)).read()
        assert (table.header_row, titles(table)) == (3, ["Name", "Mail", "Bib"])

    def test_it_takes_the_last_frozen_row(self, tmp_path: Path) -> None:
        path = saved(tmp_path / "a.xlsx", [["One", "Two", "Three"], ["Name", "Mail", None], ["Ann", "ann@example.org"]])
        book = load_workbook(path)
        book.worksheets[0].freeze_panes = "A3"
        book.save(path)
        assert XlsxSheet(path).read().header_row == 2

    def test_it_takes_the_row_with_filter_buttons(self, tmp_path: Path) -> None:
        path = saved(tmp_path / "a.xlsx", [["One", "Two"], ["Name", "Mail"], ["Ann", "ann@example.org"]])
        book = load_workbook(path)
        book.worksheets[0].auto_filter.ref = "A2:B3"
        book.save(path)
        assert XlsxSheet(path).read().header_row == 2

    def test_it_takes_the_row_that_a_person_gives(self, tmp_path: Path) -> None:
        path = saved(
            tmp_path / "a.xlsx", [["Name", "Mail"], ["Ann", "ann@example.org"], ["Real", "Header"], ["x", "y"]]
        )
        table = XlsxSheet(path, header_row=3).read()
        assert (titles(table), shown(table)) == (["Real", "Header"], [["x", "y"]])

    def test_it_says_when_the_given_row_is_empty(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match="Row 9 of the sheet “Sheet” is empty"):
            XlsxSheet(saved(tmp_path / "a.xlsx", [["Name"], ["Ann"]]), header_row=9).read()

    @pytest.mark.parametrize(
        "rows",
        [
            [["Ann", "ann@example.org"], ["Bob", "bob@example.org"]],
            [["Ann", "+44 7900 900123"], ["Bob", ""]],
            [[1, 2], [3, 4]],
        ],
    )
    def test_it_refuses_a_list_without_titles(self, tmp_path: Path, rows: list[list[object]]) -> None:
        with pytest.raises(InvalidInput, match="--header-row"):
            XlsxSheet(saved(tmp_path / "a.xlsx", rows)).read()

    def test_it_reads_a_header_without_rows(self, tmp_path: Path) -> None:
        table = XlsxSheet(saved(tmp_path / "a.xlsx", [["Name", "Mail"]])).read()
        assert (titles(table), table.rows) == (["Name", "Mail"], ())


class TestExcelTable:
    def table(self, tmp_path: Path, *, totals: bool = False) -> Path:
        path = saved(
            tmp_path / "a.xlsx",
            [["Summer cup"], ["Name", "Bib"], ["Ann", 1], ["Bob", 2], ["Total", 3], [], ["Made by", "Eve"]],
        )
        book = load_workbook(path)
        made = ExcelTable(displayName="People", ref="A2:B5")
        if totals:
            made.totalsRowCount = 1
        book.worksheets[0].add_table(made)
        book.worksheets[0]["D3"] = "a remark"
        book.save(path)
        return path

    def test_it_reads_the_table_and_nothing_around_it(self, tmp_path: Path) -> None:
        table = XlsxSheet(self.table(tmp_path)).read()
        assert (table.header_row, titles(table)) == (2, ["Name", "Bib"])
        assert shown(table) == [["Ann", "1"], ["Bob", "2"], ["Total", "3"]]

    def test_it_leaves_out_the_totals(self, tmp_path: Path) -> None:
        assert shown(XlsxSheet(self.table(tmp_path, totals=True)).read()) == [["Ann", "1"], ["Bob", "2"]]

    def test_it_takes_the_largest_table_and_says_so(self, tmp_path: Path) -> None:
        path = self.table(tmp_path)
        book = load_workbook(path)
        sheet = book.worksheets[0]
        sheet["F1"], sheet["F2"] = "Small", "x"
        sheet.add_table(ExcelTable(displayName="Small", ref="F1:F2"))
        book.save(path)
        table = XlsxSheet(path).read()
        assert titles(table) == ["Name", "Bib"]
        assert "“People”, not on Small" in table.warnings[0]


class TestTabs:
    def book(self, path: Path) -> Path:
        book = Workbook()
        book.worksheets[0].title = "Hidden"
        book.worksheets[0].sheet_state = "hidden"
        book.create_chartsheet("Chart")
        for name in ("People", "Prices & Co"):
            book.create_sheet(name).append(["Name", name])
        book.defined_names["Area"] = DefinedName("Area", attr_text="People!$A$1")
        book.save(path)
        return path

    def test_it_lists_worksheets_that_can_be_seen(self, tmp_path: Path) -> None:
        assert sheet_names(self.book(tmp_path / "a.xlsx")) == ["People", "Prices & Co"]

    def test_it_opens_the_first_visible_one_or_the_one_named(self, tmp_path: Path) -> None:
        path = self.book(tmp_path / "a.xlsx")
        assert XlsxSheet(path).name == "People"
        assert titles(XlsxSheet(path, "prices & co").read()) == ["Name", "Prices & Co"]

    def test_it_names_the_tabs_there_are_when_one_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match=r"no sheet called “Peopel”.*“People”, “Prices & Co”"):
            XlsxSheet(self.book(tmp_path / "a.xlsx"), "Peopel")

    def test_it_says_when_its_tab_was_renamed(self, tmp_path: Path) -> None:
        path = self.book(tmp_path / "a.xlsx")
        sheet = XlsxSheet(path)
        rewrite(path, {"xl/workbook.xml": lambda content: content.replace(b'"People"', b'"Persons"')})
        with pytest.raises(NotFound, match="People"):
            sheet.read()


def test_it_does_not_parse_an_unchanged_file_again(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xlsx", [["Name"], ["Ann"]])
    sheet = XlsxSheet(path)
    first = sheet.read()
    path.touch()
    assert sheet.read() is first
    saved(path, [["Name"], ["Anne"]])
    assert shown(sheet.read()) == [["Anne"]]


def test_it_keeps_datetimes_with_their_time(tmp_path: Path) -> None:
    cell = (
        XlsxSheet(saved(tmp_path / "a.xlsx", [["At"], [datetime.fromisoformat("2027-06-12T09:30")]]))
        .read()
        .rows[0]
        .cells[0]
    )
    assert (cell.shown, cell.raw, cell.kind) == ("2027-06-12 9:30:00", "2027-06-12T09:30:00", CellKind.DATETIME)


def test_it_names_the_workbook_by_its_real_path(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xlsx", [["Name"], ["Ann"]])
    link = tmp_path / "link.xlsx"
    link.symlink_to(path)
    assert XlsxSheet(link).workbook == str(path.resolve())
