"""Rows of a workbook file change places, come and go: everything of a row goes along, and nothing else moves."""

from __future__ import annotations

import re
import tempfile
import zipfile
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.worksheet import Worksheet

from server.domain.keys import new_row_key
from server.domain.table import Table
from server.domain.words import ROW_KEY_TITLE
from server.errors import InvalidInput, PermanentError, SheetChanged
from server.local import sample
from server.sheets.bench import Bench, Shown
from server.sheets.xlsx import XlsxSheet
from tests.sheets.books import SHEET, members, rewrite

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - cells have no time zone
VALUES = st.one_of(
    st.none(),
    st.integers(-1000, 1000),
    st.floats(-100, 100, allow_nan=False),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=6).map(
        lambda s: f"t{s}"
    ),
    st.booleans(),
    st.datetimes(EPOCH.replace(year=2001), EPOCH.replace(year=2030)).map(lambda moment: moment.replace(microsecond=0)),
)
ROWS = st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=12)


def save(path: Path, lines: list[list[Any]]) -> Worksheet:
    book = Workbook()
    sheet = book.worksheets[0]
    for line in lines:
        sheet.append(line)
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and not cell.value.startswith("="):
                cell.data_type = "s"
    book.save(path)
    return sheet


def opened(path: Path) -> tuple[Bench, Table]:
    sheet = XlsxSheet(path)
    return Bench(sheet), sheet.read()


def part(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def column(path: Path, index: int) -> list[Any]:
    return [cells[index].value for cells in load_workbook(path).worksheets[0].iter_rows(min_row=2)]


def expected(value: Any) -> tuple[int, Any]:
    """How a spreadsheet orders: numbers and moments, texts, truth; empty cells are not asked."""
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, datetime):
        return 0, (value - EPOCH).total_seconds() / 86400
    return (1, value.casefold()) if isinstance(value, str) else (0, float(value))


@settings(max_examples=60, deadline=None)
@given(ROWS, st.booleans())
def test_a_sort_is_pythons_sort_of_the_same_rows_and_each_keeps_its_key(
    rows: list[tuple[Any, Any]], descending: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.xlsx"
        keys = [new_row_key() for _ in rows]
        people = [[f"P{n}", *row, key] for n, (row, key) in enumerate(zip(rows, keys, strict=True))]
        save(path, [["Name", "Value", "Other", ROW_KEY_TITLE], *people])
        before = members(path)
        bench, table = opened(path)
        bench.sort(table, 1, descending=descending)
        filled = [line for line in people if line[1] is not None]
        wanted = sorted(filled, key=lambda line: expected(line[1]), reverse=descending)
        wanted += [line for line in people if line[1] is None]
        assert column(path, 0) == [line[0] for line in wanted]
        assert column(path, 3) == [line[3] for line in wanted]
        assert {row.key: row.shown(0) for row in XlsxSheet(path).read().rows} == {one[3]: one[0] for one in people}
        after = members(path)
        assert {name for name in before if before[name] != after[name]} <= {SHEET}


def test_styles_heights_hidden_rows_links_and_formulas_of_the_own_row_go_along(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    book = Workbook()
    sheet = book.worksheets[0]
    for line in (["Name", "N", "Twice", "Share"], ["b", 2, "=B2*2", "=B2/SUM(B$2:B$4)"],
                 ["c", 3, "=B3*2", "=B3/SUM(B$2:B$4)"], ["a", 1, "=B4*$H$1", "=B4/SUM(B$2:B$4)"]):  # fmt: skip
        sheet.append(line)
    sheet["H1"] = "five"
    sheet["A3"].hyperlink = "https://example.org/c"
    sheet["B4"].number_format = "0.00"
    sheet.row_dimensions[3].height = 40
    sheet.row_dimensions[4].hidden = True
    book.save(path)
    bench, table = opened(path)
    bench.sort(table, 0)
    after = load_workbook(path).worksheets[0]
    assert [cell.value for cell in after["A"]][1:] == ["a", "b", "c"]
    assert [cell.value for cell in after["C"]][1:] == ["=B2*$H$1", "=B3*2", "=B4*2"]
    assert [cell.value for cell in after["D"]][1:] == [f"=B{row}/SUM(B$2:B$4)" for row in (2, 3, 4)]
    assert (after["B2"].number_format, after.row_dimensions[4].height) == ("0.00", 40)
    assert [after.row_dimensions[row].hidden for row in (2, 3, 4)] == [True, False, False]
    assert after["A4"].hyperlink.target == "https://example.org/c"
    assert after["A3"].hyperlink is None


def test_the_sample_sorts_by_time_and_back_and_is_the_same_again(tmp_path: Path) -> None:
    path = sample.create(tmp_path / "sample.xlsx")
    before = [[cell.shown for cell in row.cells] for row in XlsxSheet(path).read().rows]
    bench, table = opened(path)
    titles = [one.title for one in table.columns]
    assert bench.sort(table, titles.index("Start time"))
    table = bench.sheet.read()
    assert [row.cells[titles.index("Start time")].raw for row in table.rows] == sorted(
        str(row.cells[titles.index("Start time")].raw) for row in table.rows
    )
    shown = [[cell.shown for cell in row.cells] for row in table.rows]
    rows = list(table.rows)
    back = []
    for line in before:  # one of the sample's rows is there twice
        place = shown.index(line)
        back.append(rows.pop(place))
        shown.pop(place)
    assert bench.order(table, back)
    assert [[cell.shown for cell in row.cells] for row in bench.sheet.read().rows] == before
    assert not bench.order(bench.sheet.read(), bench.sheet.read().rows)


def test_shared_formulas_become_each_rows_own(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    save(path, [["N", "Twice"], [3, "=A2*2"], [1, "=A3*2"], [2, "=A4*2"]])

    def shared(content: bytes) -> bytes:
        content = content.replace(b"<f>A2*2</f>", b'<f t="shared" ref="B2:B4" si="0">A2*2</f>')
        return re.sub(rb"<f>A[34]\*2</f>", b'<f t="shared" si="0"/>', content)

    rewrite(path, {SHEET: shared})
    bench, table = opened(path)
    bench.sort(table, 0)
    assert column(path, 0) == [1, 2, 3]
    assert column(path, 1) == ["=A2*2", "=A3*2", "=A4*2"]


@pytest.mark.parametrize(
    ("formula", "sentence"),
    [("=B2", "B2"), ("=SUM(B$2:B3)", "some of the rows"), ("=OFFSET(B2,1,0)", "OFFSET"), ("=SUM(2:3)", "2:3")],
)
def test_it_does_not_sort_when_a_formula_means_other_rows(tmp_path: Path, formula: str, sentence: str) -> None:
    path = tmp_path / "people.xlsx"
    save(path, [["Name", "N", "F"], ["b", 2, None], ["c", 3, formula], ["a", 1, None]])
    before = path.read_bytes()
    bench, table = opened(path)
    with pytest.raises(PermanentError, match=re.escape(sentence)):
        bench.sort(table, 0)
    assert path.read_bytes() == before


def test_it_does_not_sort_when_something_would_be_torn(tmp_path: Path) -> None:
    def with_merge(sheet: Worksheet) -> None:
        sheet.merge_cells("A2:A3")

    def with_note(sheet: Worksheet) -> None:
        sheet["A3"].comment = Comment("call first", "Ana")

    def with_neighbour(sheet: Worksheet) -> None:
        sheet.add_table(ExcelTable(displayName="People", ref="A1:B4"))
        sheet["E2"] = "beside"

    def with_reader(sheet: Worksheet) -> None:
        sheet.parent.create_sheet("Summary")["A1"] = f"={sheet.title}!B3"

    for number, (change, sentence) in enumerate(
        [(with_merge, "merged"), (with_note, "note"), (with_neighbour, "beside"), (with_reader, "Summary")]
    ):
        path = tmp_path / f"{number}.xlsx"
        book = Workbook()
        for line in (["Name", "N"], ["b", 2], ["c", 3], ["a", 1]):
            book.worksheets[0].append(line)
        change(book.worksheets[0])
        book.save(path)
        bench, table = opened(path)
        with pytest.raises(PermanentError, match=sentence):
            bench.sort(table, 1)


def test_a_file_that_moved_on_is_not_sorted(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    save(path, [["Name"], ["b"], ["a"]])
    bench, table = opened(path)
    save(path, [["Name"], ["b"], ["a"], ["c"]])
    with pytest.raises(SheetChanged):
        bench.sort(table, 0)


def hidden(bench: Bench) -> list[bool]:
    return [row.hidden for row in bench.sheet.read().rows]


def test_a_filter_is_stored_as_excel_stores_it_and_hides_the_other_rows(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    save(path, [["Name", "City"], ["Ana", "Rome"], ["Ben", "Oslo"], ["Cleo", None], ["Dan", "rome*"]])
    bench, table = opened(path)
    assert bench.filters(table) == []
    assert bench.filter(table, [Shown(1, ("Rome", ""))])
    assert hidden(bench) == [False, True, False, True]
    stored = load_workbook(path).worksheets[0].auto_filter
    assert (stored.ref, stored.filterColumn[0].colId) == ("A1:B5", 1)
    assert (stored.filterColumn[0].filters.filter, stored.filterColumn[0].filters.blank) == (["Rome"], True)
    table = bench.sheet.read()
    assert bench.filters(table) == [Shown(1, ("Rome", ""))]
    assert bench.filter(table, [Shown(1, None, "ME*"), Shown(0, ("Dan", "Ben"))])
    assert hidden(bench) == [True, True, True, False]
    assert bench.filters(bench.sheet.read()) == [Shown(0, ("Dan", "Ben")), Shown(1, None, "ME*")]
    assert bench.filter(bench.sheet.read(), [])
    assert hidden(bench) == [False] * 4
    assert not bench.filter(bench.sheet.read(), [])


def test_a_filter_of_the_samples_table_is_changed_in_its_part_alone(tmp_path: Path) -> None:
    path = sample.create(tmp_path / "sample.xlsx")
    bench, table = opened(path)
    entry = table.find("Entry")
    assert entry is not None
    assert bench.filters(table) == [Shown(entry, ("Entered",))]
    before = members(path)
    assert bench.filter(table, [])
    after = members(path)
    assert {name for name in before if before[name] != after[name]} == {SHEET, "xl/tables/table1.xml"}
    assert not any(hidden(bench))
    assert load_workbook(path).worksheets[0].tables["Contestants"].autoFilter.filterColumn == []


def test_a_filter_that_only_excel_knows_keeps_its_hidden_rows(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    save(path, [["Name", "N"], ["Ana", 1], ["Ben", 2], ["Cleo", 3]])
    top = b'<autoFilter ref="A1:B4"><filterColumn colId="1"><top10 val="2"/></filterColumn></autoFilter>'

    def with_top(content: bytes) -> bytes:
        content = content.replace(b"</sheetData>", b"</sheetData>" + top)
        return content.replace(b'<row r="2"', b'<row r="2" hidden="1"')

    rewrite(path, {SHEET: with_top})
    bench, table = opened(path)
    assert bench.filters(table) == [Shown(1)]
    bench.filter(table, [Shown(1), Shown(0, None, "n")])
    assert hidden(bench) == [True, False, True]
    bench.filter(bench.sheet.read(), [Shown(1)])
    assert hidden(bench) == [True, False, False]
    bench.filter(bench.sheet.read(), [])
    assert hidden(bench) == [False, False, False]


def test_a_row_is_added_at_the_end_and_in_between(tmp_path: Path) -> None:
    path = sample.create(tmp_path / "sample.xlsx")
    bench, table = opened(path)
    assert bench.add(table, None, {"B": "Zoë", "H": 12}) == 26
    book = load_workbook(path).worksheets[0]
    assert (book.tables["Contestants"].ref, book.tables["Contestants"].autoFilter.ref) == ("A1:K26", "A1:K26")
    assert book["F26"].number_format == book["F25"].number_format
    table = bench.sheet.read()
    assert bench.add(table, table.rows[2], {"C": "=1+1"}) == 4
    book = load_workbook(path).worksheets[0]
    assert (book["B3"].value, book["B4"].value, book["B5"].value) == (
        "Bertil Hasselmoor", None, "Chiara Valdonetti")  # fmt: skip
    assert book["G5"].value == "=E5-TIME(0,45,0)"
    assert (book["C4"].value, book["C4"].data_type) == ("=1+1", "s")
    rows = bench.sheet.read().rows
    assert (len(rows), rows[-1].shown(1), rows[-1].shown(7)) == (26, "Zoë", "£12.00")


def test_a_new_row_is_taken_into_sums_over_all_rows(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    save(path, [["Name", "N", None, "=SUM(B2:B4)"], ["a", 1], ["b", 2], ["c", 3]])
    bench, table = opened(path)
    bench.add(table, table.rows[1], {"A": "new"})
    sheet = load_workbook(path).worksheets[0]
    assert (sheet["D1"].value, sheet["A3"].value, sheet["A5"].value) == ("=SUM(B2:B5)", "new", "c")


def test_deleted_rows_close_up_and_the_table_shrinks(tmp_path: Path) -> None:
    path = sample.create(tmp_path / "sample.xlsx")
    bench, table = opened(path)
    bench.delete(table, [table.rows[0], table.rows[3]])
    sheet = load_workbook(path).worksheets[0]
    assert sheet.tables["Contestants"].ref == "A1:K23"
    rows = bench.sheet.read().rows
    assert [row.shown(1) for row in rows] == [
        row.shown(1) for index, row in enumerate(table.rows) if index not in {0, 3}
    ]
    assert [row.position for row in rows] == list(range(2, 24))
    assert [sheet.cell(row, 7).value for row in (2, 4, 23)] == [f"=E{row}-TIME(0,45,0)" for row in (2, 4, 23)]
    assert [row.shown(6) for row in rows] == [row.shown(6) for i, row in enumerate(table.rows) if i not in {0, 3}]
    with pytest.raises(InvalidInput, match="all rows"):
        bench.delete(bench.sheet.read(), bench.sheet.read().rows)


def test_the_order_of_calculation_follows_its_formulas(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    save(path, [["N", "F"], [2, "=A2*2"], [1, None], [3, None]])
    chain = "xl/calcChain.xml"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(chain, '<calcChain xmlns="x"><c r="B2" i="1"/><c r="D9"/></calcChain>')
    bench, table = opened(path)
    bench.sort(table, 0)
    assert part(path, chain) == b'<calcChain xmlns="x"><c r="B3" i="1"/><c r="D9" i="1"/></calcChain>'
    bench.delete(bench.sheet.read(), [bench.sheet.read().rows[1]])
    assert part(path, chain) == b'<calcChain xmlns="x"><c r="D9" i="1"/></calcChain>'


def test_times_sort_by_value_not_by_how_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    save(path, [["Start"], [time(13, 0)], [time(9, 5)], ["later"], [time(9, 30)]])
    bench, table = opened(path)
    bench.sort(table, 0)
    assert column(path, 0) == [time(9, 5), time(9, 30), time(13, 0), "later"]
