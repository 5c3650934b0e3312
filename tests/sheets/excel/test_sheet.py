"""What the Excel sheet does beyond the contract: tables, filters, hidden rows, locked cells, text, its own writes."""

from __future__ import annotations

from contextlib import suppress

import pytest

from server.domain.keys import new_row_key
from server.domain.table import CellEdit, NewColumn, Row, Table
from server.domain.words import ROW_KEY_TITLE, CellKind
from server.errors import InvalidInput, NotFound, NotShared, SheetChanged
from server.sheets.excel.sentences import Protected
from server.sheets.excel.values import is_plain
from tests.emulators.graph import CoAuthor, GraphEmulator, Item, contest, from_rows
from tests.emulators.graph.address import Area
from tests.sheets.excel.books import Open, opened
from tests.sheets.excel.campaign import keyed

HEADER = ["No", "Name", "Email"]


def people(count: int = 6) -> list[list[object]]:
    return [list(HEADER), *([n, f"Person {n}", f"p{n}@example.org"] for n in range(count))]


@pytest.fixture
def item(graph: GraphEmulator) -> Item:
    return graph.add(from_rows(people(), tab="People", table="People"))


@pytest.fixture
def other(graph: GraphEmulator, item: Item) -> CoAuthor:
    return graph.colleague(item)


def texts(table: Table, title: str) -> list[str]:
    column = table.find(title)
    assert column is not None
    return [row.shown(column) for row in table.rows]


def edits(table: Table, title: str, word: str = "x") -> list[CellEdit]:
    column = table.find(title)
    assert column is not None
    return [CellEdit(row, column, f"{word} {row.cells[0].shown}") for row in table.rows]


def test_columns_become_part_of_the_table_so_that_a_sort_carries_them(graph: GraphEmulator, item: Item) -> None:
    sheet, other = opened(graph, item), graph.colleague(item)
    table = keyed(sheet, ["Status"])
    sheet.apply(table, edits(table, "Status"))
    other.sort("No", ascending=False)
    assert [record["Status"] for record in other.records()] == [f"x {n}" for n in range(5, -1, -1)]
    status = other.sheet.look(1, 3)
    assert (status.number_format, status.value) == ("@", "x 5")


def test_a_read_is_one_call_and_so_is_a_write_from_a_young_table(graph: GraphEmulator, item: Item) -> None:
    sheet = opened(graph, item, budget=Open())
    keyed(sheet, ["Status"])
    sheet.read()
    graph.log.clear()
    table = sheet.read()
    assert graph.log.count(parts=False) == 1
    now = sheet.apply(table, edits(table, "Status"))
    assert graph.log.count(parts=False) == 2
    assert graph.log.count("PATCH") == 1
    assert now is not None
    assert texts(now, "Status") == [f"x {n}" for n in range(6)]
    assert sheet.read().version == now.version


def test_rows_are_written_one_by_one_where_some_are_hidden(graph: GraphEmulator, item: Item, other: CoAuthor) -> None:
    sheet = opened(graph, item)
    table = keyed(sheet, ["Status"])
    other.filter("No", ["1", "4"])
    table = sheet.read()
    assert [row.hidden for row in table.rows] == [True, False, True, True, False, True]
    sheet.apply(table, edits(table, "Status"))
    assert graph.log.figures.misplaced == 0
    assert [record["Status"] for record in other.records()] == [f"x {n}" for n in range(6)]


@pytest.mark.parametrize("over", ["shift", "first"])
def test_a_filter_set_during_a_write_harms_nobody(graph: GraphEmulator, item: Item, over: str) -> None:
    sheet, other = opened(graph, item), graph.colleague(item)
    graph.over_filters = over
    table = keyed(sheet, ["Status"])
    graph.script.between(lambda: other.filter("No", ["3", "4", "5"]), "PATCH")
    with pytest.raises(SheetChanged):
        sheet.apply(table, edits(table, "Status"))
    assert graph.log.figures.misplaced == 1
    for record in other.records():
        assert record["Status"] in {"", f"x {record['No']}"}


@pytest.mark.parametrize(
    "act",
    [
        lambda other: other.sort("No", ascending=False),
        lambda other: other.insert(0),
        lambda other: other.insert(3, [99, "New", "new@example.org"]),
        lambda other: other.delete(0),
        lambda other: other.delete(5),
        lambda other: other.cut(0, 5),
        lambda other: other.copy(1, 4),
        lambda other: other.move_table(rows=1),
        lambda other: other.move_table(columns=1),
        lambda other: other.rename_table("Renamed"),
        lambda other: other.rename_sheet("Renamed"),
    ],
)
@pytest.mark.parametrize("where", ["PATCH", "GET"])
def test_what_a_write_hits_by_mistake_is_put_right(graph: GraphEmulator, item: Item, act: object, where: str) -> None:
    sheet, other = opened(graph, item), graph.colleague(item)
    table = keyed(sheet, ["Status", "Note"])
    sheet.apply(table, edits(table, "Note", "mine"))
    table = sheet.read()
    keys = {row.key: row.cells[0].shown for row in table.rows}
    graph.script.between(lambda: act(other), where, r"range\(|/range")  # type: ignore[operator]
    with suppress(SheetChanged):
        sheet.apply(table, edits(table, "Status"))
    now = sheet.read()
    sheet.apply(now, [edit for edit in edits(now, "Status") if edit.row.key])
    held = {record["No"]: record for record in other.records() if record["Row key"]}
    assert len(held) >= 5
    for number, record in held.items():
        assert keys[record["Row key"]] == number
        assert (record["Status"], record["Note"]) == (f"x {number}", f"mine {number}")
    for record in other.records():
        assert record["Row key"] or not record["Status"]
    above = [cell.value for (row, _), cell in other.sheet.cells.items() if row < other.table.top]
    below = [cell.value for (row, _), cell in other.sheet.cells.items() if row > other.table.area.bottom]
    assert [value for value in above + below if value != ""] == []


def test_what_a_person_typed_after_our_look_is_given_back(graph: GraphEmulator, item: Item, other: CoAuthor) -> None:
    sheet = opened(graph, item, budget=Open())
    keyed(sheet, ["Status"])
    table = sheet.read()
    graph.script.between(lambda: other.type(2, "Status", "mine"), "GET", "/range")
    with pytest.raises(SheetChanged):
        sheet.apply(table, edits(table, "Status"))
    assert graph.log.count("PATCH", status=200) > 1
    assert other.records()[2]["Status"] == "mine"


def test_a_formula_typed_after_our_look_is_given_back(graph: GraphEmulator, item: Item, other: CoAuthor) -> None:
    sheet = opened(graph, item, budget=Open())
    keyed(sheet, ["Status"])
    table = sheet.read()
    graph.script.between(lambda: other.type(2, "Email", "=A4*2"), "GET", "/range")
    with pytest.raises(SheetChanged):
        sheet.apply(table, edits(table, "Email"))
    assert other.sheet.look(3, 2).formula == "=A4*2"


def test_locked_cells_beside_ours_are_left_out(graph: GraphEmulator, item: Item, other: CoAuthor) -> None:
    sheet = opened(graph, item)
    table = keyed(sheet, ["Status", "Middle", "Note"])
    other.protect(unlocked=["Status", "Note"])
    table = sheet.read()
    both = [*edits(table, "Status"), *edits(table, "Note")]
    now = sheet.apply(table, both)
    assert now is not None
    assert texts(now, "Note") == [f"x {n}" for n in range(6)]
    assert [record["Status"] for record in other.records()] == [f"x {n}" for n in range(6)]


def test_a_protected_sheet_is_told_in_words(graph: GraphEmulator, item: Item, other: CoAuthor) -> None:
    sheet = opened(graph, item)
    table = keyed(sheet, ["Status"])
    other.protect()
    with pytest.raises(Protected, match="Unprotect Sheet"):
        sheet.apply(table, edits(table, "Status"))
    with pytest.raises(Protected, match="Unprotect Sheet"):
        sheet.apply(sheet.read(), [], [NewColumn("Note")])
    assert {record["Status"] for record in other.records()} == {""}


def test_texts_of_strangers_are_never_formulas_wherever_rows_move(graph: GraphEmulator, item: Item) -> None:
    sheet, other = opened(graph, item), graph.colleague(item)
    table = keyed(sheet, ["Reply"])
    column = table.find("Reply")
    assert column is not None
    wild = ["=1+1", "+44 20", "-5", "@SUM(A1)", "=cmd|' /C calc'!A0", "'=1"]
    graph.script.between(lambda: other.sort("No", ascending=False), "PATCH")
    for _ in range(3):
        table = sheet.read()
        try:
            sheet.apply(table, [CellEdit(row, column, text) for row, text in zip(table.rows, wild, strict=True)])
        except SheetChanged:
            continue
        break
    assert [record["Reply"] for record in other.records()] == wild
    assert not any(cell.formula for cell in other.sheet.cells.values())


def test_an_apostrophe_goes_before_what_could_be_taken_for_something_else_and_nothing_more(
    graph: GraphEmulator, item: Item
) -> None:
    sheet = opened(graph, item)
    table = keyed(sheet, ["Reply"])
    graph.log.clear()
    words = ["2 tickets", "=1", "-2", "Fine by me, 3 of us", "@me", "1/2"]
    reply, name = table.find("Reply"), table.find("Name")
    assert reply is not None
    assert name is not None
    sheet.apply(table, [CellEdit(row, reply, word) for row, word in zip(table.rows, words, strict=True)])
    table = sheet.read()
    sheet.apply(table, [CellEdit(row, name, word) for row, word in zip(table.rows, words, strict=True)])
    typed = [[row[0] for row in one.body["values"]] for one in graph.log.entries if one.method == "PATCH"]
    assert typed[0] == ["2 tickets", "'=1", "'-2", "Fine by me, 3 of us", "'@me", "1/2"]
    assert typed[1] == ["'2 tickets", "'=1", "'-2", "Fine by me, 3 of us", "'@me", "'1/2"]
    assert texts(sheet.read(), "Reply") == texts(sheet.read(), "Name") == words


@pytest.mark.parametrize("text", ["Sent", "Person one", "r_7f3k9x2m4q", "Fine by me, 3 of us", "x" * 40, "Ünal"])
def test_plain_texts(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize(
    "text", ["May 5", "TRUE", "wahr", "5", "EUR 5", "Mai 5 2027", "=a", "+", "'a", "#N/A", " a", "Q1"]
)
def test_texts_that_excel_might_take_for_something_else(text: str) -> None:
    assert not is_plain(text)


def test_a_long_text_is_cut_where_a_cell_ends(graph: GraphEmulator, item: Item) -> None:
    sheet = opened(graph, item)
    table = keyed(sheet, ["Reply"])
    now = sheet.apply(table, [CellEdit(table.rows[0], 3, "x" * 40_000)])
    assert now is not None
    assert len(now.rows[0].shown(3)) == 32_767
    assert sheet.read().rows[0].shown(3).endswith("…")


def test_figures_in_a_text_column_become_texts_as_for_people(graph: GraphEmulator, item: Item) -> None:
    sheet = opened(graph, item)
    table = keyed(sheet, ["Reply"])
    now = sheet.apply(table, [CellEdit(table.rows[0], 3, 0.5), CellEdit(table.rows[1], 3, True)])
    assert now is not None
    assert [row.cells[3].raw for row in now.rows[:2]] == ["0.5", "TRUE"]
    assert sheet.read().version == now.version


def test_a_total_row_and_what_stands_around_a_table_are_no_people(graph: GraphEmulator) -> None:
    book = from_rows(people(), tab="People", table="People", top=3, left=1)
    item = graph.add(book)
    other = graph.colleague(item)
    other.type_at("B1", "Contest 2027")
    sheet, table = book.tables()[0]
    sheet.insert_rows(table.area.bottom + 1, 1, table.band)
    table.totals = True
    sheet.cell(table.total.top, table.left).value = "Total"
    found = opened(graph, item).read()
    assert texts(found, "Name") == [f"Person {n}" for n in range(6)]
    assert (found.header_row, found.columns[0].letter) == (4, "B")


def test_of_several_tables_the_largest_counts_unless_a_header_row_is_named(graph: GraphEmulator) -> None:
    book = from_rows(people(), tab="People", table="People")
    small = [["Club", "City"], ["One", "Rome"]]
    for row, values in enumerate(small, 20):
        for column, value in enumerate(values):
            book.sheets[0].cell(row, column).value = value
    book.add_table(book.sheets[0], Area(20, 0, 21, 1), name="Clubs")
    item = graph.add(book)
    found = opened(graph, item).read()
    assert [column.title for column in found.columns] == HEADER
    assert any("“People”, not on Clubs" in warning for warning in found.warnings)
    assert [column.title for column in opened(graph, item, header_row=21).read().columns] == ["Club", "City"]


def test_it_reads_the_sample_as_it_looks(graph: GraphEmulator) -> None:
    found = opened(graph, graph.add(contest())).read()
    assert len(found.rows) == 30
    kinds = {cell.kind for row in found.rows for cell in row.cells}
    assert {CellKind.TEXT, CellKind.DATE} <= kinds or CellKind.TIME in kinds
    assert found.rows[0].cells[0].shown == "007"


def test_errors_are_told_and_dates_are_iso(graph: GraphEmulator) -> None:
    book = from_rows([["Name", "When", "Fee"], ["Ann", 46000.5, 1]], tab="People", table="People")
    book.sheets[0].cell(1, 1).number_format = "m/d/yyyy h:mm"
    book.sheets[0].cell(1, 2).value, book.sheets[0].cell(1, 2).formula = "#DIV/0!", "=1/0"
    found = opened(graph, graph.add(book)).read()
    assert found.rows[0].cells[1].raw == "2025-12-09T12:00:00"
    assert found.rows[0].cells[2].kind is CellKind.ERROR
    assert any("C2" in warning for warning in found.warnings)


def test_a_tab_is_known_by_its_id(graph: GraphEmulator, item: Item, other: CoAuthor) -> None:
    sheet = opened(graph, item, "people")
    assert (sheet.title, sheet.name[:4]) == ("People", "id:{")
    other.rename_sheet("Entrants")
    again = opened(graph, item, sheet.name)
    assert (again.read().sheet, again.title) == ("Entrants", "Entrants")
    with pytest.raises(NotFound, match="“Entrants”"):
        opened(graph, item, "People")
    other.book.sheets.append(from_rows([["a"], ["b"]], tab="More").sheets[0])
    other.book.sheets[-1].id = "{00000000-0001-0000-0009-000000000000}"
    del other.book.sheets[0]
    with pytest.raises(NotFound, match="deleted"):
        again.read()


def test_a_table_that_becomes_plain_cells_is_still_found(graph: GraphEmulator, item: Item, other: CoAuthor) -> None:
    sheet = opened(graph, item)
    table = keyed(sheet, ["Status"])
    other.remove_table()
    with pytest.raises(SheetChanged):
        sheet.apply(table, edits(table, "Status"), [NewColumn("Note")])
    found = sheet.read()
    assert texts(found, "Name") == [f"Person {n}" for n in range(6)]
    sheet.apply(found, edits(found, "Status"))
    assert texts(sheet.read(), "Status") == [f"x {n}" for n in range(6)]


def test_the_tag_of_the_file_saves_reading_the_cells(graph: GraphEmulator, item: Item, other: CoAuthor) -> None:
    sheet = opened(graph, item, budget=Open(), look_seconds=0.0)
    before = sheet.version()
    graph.log.clear()
    assert sheet.version() == before
    assert graph.log.count("GET", "usedRange|/range") == 0
    other.type(0, "Name", "Anne")
    assert sheet.version() != before
    table = sheet.read()
    key = new_row_key()
    now = sheet.apply(table, [CellEdit(table.rows[0], 3, key)], [NewColumn(ROW_KEY_TITLE, hidden=True)])
    assert now is not None
    assert sheet.version() == now.version  # our own write is no news


def test_a_header_that_was_deleted_is_told(graph: GraphEmulator) -> None:
    rows = [[*HEADER, ROW_KEY_TITLE], [1, "Ann", "ann@example.org", new_row_key()]]
    book = from_rows([["Ann", new_row_key()], *rows[1:]], tab="People", table="People")
    with pytest.raises(InvalidInput, match="row of titles"):
        opened(graph, graph.add(book)).read()


def test_what_it_did_not_read_it_does_not_write(graph: GraphEmulator, item: Item) -> None:
    sheet = opened(graph, item)
    table = sheet.read()
    with pytest.raises(ValueError, match="row"):
        sheet.apply(table, [CellEdit(Row(50, "", table.rows[0].cells), 0, "x")])
    with pytest.raises(ValueError, match="taken"):
        sheet.apply(table, [], [NewColumn("name")])
    other = opened(graph, graph.add(from_rows(people(), table="People"), "Other.xlsx"))
    with pytest.raises(ValueError, match="another workbook"):
        other.apply(table, [CellEdit(table.rows[0], 0, "x")])


def test_a_macro_workbook_stays_one(graph: GraphEmulator) -> None:
    item = graph.add(from_rows(people(), table="People"), "People.xlsm")
    sheet = opened(graph, item)
    table = sheet.read()
    sheet.apply(table, [CellEdit(table.rows[0], 1, "Ann")])
    assert (item.name, graph.colleague(item).records()[0]["Name"]) == ("People.xlsm", "Ann")


def test_a_workbook_that_only_opens_for_reading_is_read_and_told_of(graph: GraphEmulator, item: Item) -> None:
    sheet = opened(graph, item)
    table = sheet.read()
    item.read_only = True
    with pytest.raises(NotShared, match="read-only"):
        sheet.apply(table, edits(table, "Name"))
    later = opened(graph, item)
    table = later.read()
    graph.log.clear()
    with pytest.raises(NotShared, match="read-only"):
        later.apply(table, edits(table, "Name"))
    assert graph.log.count("PATCH") == 0
