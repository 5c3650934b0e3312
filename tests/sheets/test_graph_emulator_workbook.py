"""The Graph emulator: ranges, tables, filters and locks, with the habits of Excel that bite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulators.graph import CoAuthor, GraphEmulator, Item, contest, from_rows
from tests.emulators.graph.client import Client, codes


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    with GraphEmulator() as graph:
        yield graph


@pytest.fixture
def item(graph: GraphEmulator) -> Item:
    return graph.add(contest())


@pytest.fixture
def client(graph: GraphEmulator, item: Item) -> Iterator[Client]:
    with Client(graph, item) as client:
        yield client


@pytest.fixture
def other(graph: GraphEmulator, item: Item) -> CoAuthor:
    return graph.colleague(item)


def test_the_sample_has_thirty_entries_with_dates_as_serials_and_formulas(client: Client) -> None:
    table = client.get("tables/Contestants/dataBodyRange")
    assert (table["rowCount"], table["address"]) == (30, "Contestants!A2:K31")
    first = table["values"][0]
    assert (first[4], first[5]) == (0.375, 46550)
    assert table["text"][0][:6] == [
        "007",
        "Amara Okonjo-Lindqvist",
        "amara.lindqvist@example.org",
        "Long jump",
        "09:00",
        "Sat 12 Jun 2027",
    ]
    assert table["formulas"][0][6] == "=E2-TIME(0,45,0)"
    assert table["valueTypes"][4][2] == "Empty"


@pytest.mark.parametrize(
    ("given", "value", "text", "formula"),
    [
        ("100", 100, "100", 100),
        ("0123", 123, "123", 123),
        ("'0123", "0123", "0123", "0123"),
        ("1/1/2016", 42370, "1/1/2016", 42370),
        ("09:30", 0.3958333333333333, "9:30", 0.3958333333333333),
        ("10%", 0.1, "10%", 0.1),
        ("true", True, "TRUE", True),
        ("=1+1", 2, "2", "=1+1"),
        ("'=1+1", "=1+1", "=1+1", "=1+1"),
        ("+46701234567", 46701234567, "46701234567", 46701234567),
        ("+46 70 123", "#NAME?", "#NAME?", "=+46 70 123"),
        ("-later", "#NAME?", "#NAME?", "=-later"),
        ("@name", "#NAME?", "#NAME?", "=@name"),
        ("", "", "", ""),
        ("=", "=", "=", "="),
        ("'", "", "", ""),
        (3.5, 3.5, "3.5", 3.5),
        ("3rd place", "3rd place", "3rd place", "3rd place"),
    ],
)
def test_a_value_is_taken_as_if_it_had_been_typed(
    client: Client, given: Any, value: Any, text: str, formula: Any
) -> None:
    echo = client.write("M40", [[given]]).json()
    assert (echo["values"], echo["text"], echo["formulas"]) == ([[value]], [[text]], [[formula]])
    assert client.cells("M40") == [[value]]


def test_a_text_format_keeps_what_is_written_once_it_is_in_place(graph: GraphEmulator, client: Client) -> None:
    assert client.write("M40", [["0123"]], numberFormat=[["@"]]).ok
    assert client.cells("M40") == [[123]]
    assert client.write("M40", [["0123"]]).ok
    assert client.write("M41", None, numberFormat=[["@"]]).ok
    assert client.write("M41", [["=1+1"]]).ok
    assert (client.cells("M40:M41"), client.cells("M41", grid="formulas")) == ([["0123"], ["=1+1"]], [["=1+1"]])
    graph.format_first = True
    assert client.write("M42", [["0456"]], numberFormat=[["@"]]).ok
    assert client.cells("M42") == [["0456"]]


def test_null_leaves_a_cell_and_an_empty_text_clears_it(client: Client) -> None:
    before = client.cells("A2:C2")[0]
    assert client.write("A2:C2", [[None, "", None]]).ok
    assert client.cells("A2:C2") == [[before[0], "", before[2]]]


def test_one_value_fills_the_whole_range(client: Client) -> None:
    assert client.write("M40:N41", "x").ok
    assert client.write("M42:N42", [["y"]]).ok
    assert client.cells("M40:N42") == [["x", "x"], ["x", "x"], ["y", "y"]]


def test_a_write_is_obeyed_wholly_or_not_at_all(client: Client) -> None:
    before = client.cells("A2:C3")
    for address, values in (
        ("A2:C3", [["x", "y", "z"]]),
        ("A2:C3", [["x", "y"], ["x", "y"]]),
        ("A2:B2", [["fine", "=1+"]]),
        ("A2:B2", [["fine", "x" * 32_768]]),
        ("A2:B2", [["fine", {"no": "value"}]]),
        ("A:A", [["x"]]),
        ("A2", None),
    ):
        refused = client.write(address, values) if values else client.write(address, None, numberFormat=None)
        assert (refused.status_code, codes(refused)) == (400, ["InvalidArgument", "invalidArgument"]), address
    assert client.write("A2", 1, colour="red").status_code == 400
    assert client.cells("A2:C3") == before


def test_whole_columns_are_read_without_cells(client: Client) -> None:
    found = client.get("worksheets/Contestants/range(address='A:C')")
    assert (found["address"], found["values"], found["rowCount"]) == ("Contestants!A:C", None, 1_048_576)


def test_used_counts_formats_unless_only_values_are_asked_for(client: Client) -> None:
    assert client.write("Z99", None, numberFormat="0.00").ok
    assert client.get("worksheets/Contestants/usedRange?$select=address")["address"] == "Contestants!A1:Z99"
    path = "worksheets/Contestants/usedRange(valuesOnly=true)?$select=address"
    assert client.get(path)["address"] == "Contestants!A1:K31"


def test_an_empty_tab_has_a_used_range_of_one_cell(client: Client) -> None:
    assert client.ask("POST", "worksheets/add", {"name": "It's (2)"}).status_code == 201
    found = client.get("worksheets/It's (2)/usedRange(valuesOnly=true)")
    assert (found["address"], found["values"]) == ("'It''s (2)'!A1", [[""]])


def test_tabs_are_found_by_id_and_by_name(client: Client) -> None:
    tab = client.get("worksheets")["value"][0]
    for key in (tab["id"], "Contestants", "contestants", tab["id"].replace("{", "%7B").replace("}", "%7D")):
        assert client.get(f"worksheets/{key}")["position"] == 0
    assert client.get("worksheets('Contestants')/range(address='A1')")["values"] == [["Bib"]]
    assert codes(client.ask("GET", "worksheets/Nobody")) == ["ItemNotFound", "itemNotFound"]


@pytest.mark.parametrize(
    ("mode", "kept"),
    [
        ("shift", ["a", "", "b"]),
        ("first", ["a", "", "a"]),
        ("right", ["a", "b", "c"]),
    ],
)
def test_a_block_over_filtered_rows_goes_astray_with_a_good_echo(
    graph: GraphEmulator, client: Client, other: CoAuthor, mode: str, kept: list[str]
) -> None:
    graph.over_filters = mode
    names = [record["Name"] for record in other.records()]
    other.filter("Name", [names[0], names[2]])
    assert client.write("L1", "Note").ok
    echo = client.write("L2:L4", [["a"], ["b"], ["c"]]).json()
    assert echo["values"] == [["a"], ["b"], ["c"]]
    assert client.cells("L2:L4") == [[text] for text in kept]
    assert graph.log.figures.misplaced == (mode != "right")


def test_a_single_row_is_written_in_its_place_even_while_it_is_hidden(client: Client, other: CoAuthor) -> None:
    other.filter("Entry", ["Nobody"])
    row = client.get("worksheets/Contestants/range(address='A2:C2')?$select=rowHidden,hidden")
    assert (row["rowHidden"], row["hidden"]) == (True, True)
    assert client.write("A2:B2", [[1, "Somebody"]]).ok
    assert client.cells("A2:B2") == [[1, "Somebody"]]


def test_the_visible_view_leaves_hidden_rows_out(client: Client, other: CoAuthor) -> None:
    other.filter("Country", ["Italy"])
    view = client.get("tables/Contestants/dataBodyRange/visibleView")
    assert view["rowCount"] == 4
    assert {row[8] for row in view["text"]} == {"Italy"}
    assert view["cellAddresses"][0][0] == "Contestants!A4"
    rows = client.get("worksheets/Contestants/range(address='A2:C31')/visibleView/rows")["value"]
    assert [row["index"] for row in rows] == [0, 1, 2, 3]
    mixed = client.get("worksheets/Contestants/range(address='A2:C31')?$select=rowHidden,columnHidden")
    assert (mixed["rowHidden"], mixed["columnHidden"]) == (None, False)


def test_filters_and_sorting_over_the_wire(client: Client) -> None:
    path = "tables/Contestants/columns/Country/filter"
    criteria = {"filterOn": "Custom", "criterion1": "=*land", "operator": "And"}
    assert client.ask("POST", f"{path}/apply", {"criteria": criteria}).status_code == 204
    assert client.get(path)["criteria"]["criterion1"] == "=*land"
    view = client.get("tables/Contestants/dataBodyRange/visibleView")
    assert {row[8] for row in view["text"]} == {"Poland", "Ireland"}
    assert client.ask("POST", "tables/Contestants/clearFilters").status_code == 204
    fields = {"fields": [{"key": 1, "ascending": False}]}
    assert client.ask("POST", "tables/Contestants/sort/apply", fields).status_code == 204
    assert client.cells("B2") == [["Wenzel Unterholzner"]]
    assert client.cells("G2", grid="formulas") == [["=E2-TIME(0,45,0)"]]
    assert client.cells("G2", grid="text") == [["11:35"]]


def test_a_sort_under_a_filter_moves_only_what_is_visible(client: Client, other: CoAuthor) -> None:
    before = [record["Name"] for record in other.records()]
    other.filter("Country", ["Italy"])
    other.sort("Name", ascending=False)
    after = [record["Name"] for record in other.records()]
    moved = [index for index, (one, two) in enumerate(zip(before, after, strict=True)) if one != two]
    assert moved
    assert set(moved) <= {index for index, record in enumerate(other.records()) if record["Country"] == "Italy"}
    assert sorted(before) == sorted(after)


def test_a_locked_cell_of_a_protected_tab_fails_the_whole_write_even_under_a_null(
    client: Client, other: CoAuthor
) -> None:
    other.protect(unlocked=["Entry"])
    assert client.get("worksheets/Contestants/protection")["protected"] is True
    assert client.write("J2", "Withdrawn").ok
    for address, values in (("I2", "x"), ("I2:J2", [[None, "x"]])):
        assert codes(client.write(address, values)) == ["AccessDenied", "accessDenied"]
    assert client.cells("I2:J2") == [["Sweden", "Withdrawn"]]
    locks = client.get("worksheets/Contestants/range(address='I2:J2')/format/protection")
    assert (locks["locked"], client.ask("POST", "tables/Contestants/rows/add", {}).status_code) == (None, 403)


def test_cells_can_be_locked_one_by_one_while_the_tab_is_open(client: Client, other: CoAuthor) -> None:
    path = "worksheets/Contestants/range(address='B2:B3')/format/protection"
    assert client.ask("PATCH", path, {"locked": False}).json()["locked"] is False
    other.protect()
    assert client.write("B3", "Somebody").ok
    assert client.write("B4", "Somebody").status_code == 403
    assert client.ask("PATCH", path, {"locked": True}).status_code == 403


def test_cells_are_inserted_deleted_and_cleared(client: Client) -> None:
    assert client.write("M1:M3", [["a"], ["b"], ["c"]]).ok
    where = "worksheets/Contestants/range(address='{}')/{}"
    assert client.ask("POST", where.format("M2", "insert"), {"shift": "Down"}).ok
    assert client.cells("M1:M4") == [["a"], [""], ["b"], ["c"]]
    assert client.ask("POST", where.format("M2:M3", "delete"), {"shift": "Up"}).status_code == 204
    assert client.ask("POST", where.format("M1", "clear"), {"applyTo": "Contents"}).status_code == 204
    assert client.cells("M1:M3") == [[""], ["c"], [""]]
    assert client.ask("POST", where.format("2:2", "delete"), {"shift": "Up"}).status_code == 204
    assert client.cells("A2") == [[12]]
    assert client.get("tables/Contestants/range")["address"] == "Contestants!A1:K30"


def test_rows_are_positions(client: Client, other: CoAuthor) -> None:
    fifth = client.get("tables/Contestants/rows/itemAt(index=5)")
    assert fifth["values"][0][1] == "Fumiko Harukaze"
    other.delete(0)
    assert client.get("tables/Contestants/rows/itemAt(index=5)")["values"][0][1] == "Gustavo Pereyrinha"
    assert client.ask("PATCH", "tables/Contestants/rows/5", {"values": [[None, "X", *[None] * 9]]}).ok
    assert client.cells("B7") == [["X"]]
    assert client.ask("GET", "tables/Contestants/rows/itemAt(index=29)").status_code == 404
    page = client.get("tables/Contestants/rows?$top=2&$skip=27")
    assert ([row["index"] for row in page["value"]], "@odata.nextLink" in page) == ([27, 28], False)
    assert "$skip=2" in client.get("tables/Contestants/rows?$top=2")["@odata.nextLink"]


def test_rows_and_columns_are_added_with_the_totals_pushed_down(client: Client, item: Item) -> None:
    assert client.ask("PATCH", "tables/Contestants", {"showTotals": True}).ok
    row = ["x", *[None] * 10]
    added = client.ask("POST", "tables/Contestants/rows/add", {"index": None, "values": [row, row]})
    assert (added.status_code, added.json()["index"]) == (201, 30)
    assert client.cells("A32:A34") == [["x"], ["x"], ["Total"]]
    assert client.cells("F32", grid="numberFormat") == [["ddd d mmm yyyy"]]
    column = client.ask("POST", "tables/Contestants/columns/add", {"name": "Status"})
    assert (column.status_code, column.json()["index"]) == (201, 11)
    assert client.get("tables/Contestants/headerRowRange")["values"][0][-1] == "Status"
    assert client.get("tables/Contestants/totalRowRange")["address"] == "Contestants!A34:L34"


def test_what_is_written_beside_a_table_becomes_part_of_it(graph: GraphEmulator, client: Client) -> None:
    assert client.write("A32:B32", [[500, "Newcomer"]]).ok
    assert client.write("L1:M1", [["Status", "status"]]).ok
    assert client.get("tables/Contestants/range")["address"] == "Contestants!A1:M32"
    assert client.cells("L1:M1") == [["Status", "status2"]]
    graph.auto_extend = False
    assert client.write("A33", 501).ok
    assert client.get("tables/Contestants/range")["address"] == "Contestants!A1:M32"


def test_renames_keep_ids(client: Client, other: CoAuthor) -> None:
    table = client.get("tables/Contestants")
    column = client.get("tables/Contestants/columns/Email")
    other.rename_table("People")
    other.rename_column("Email", "Mail")
    other.rename_sheet("List")
    assert client.ask("GET", "tables/Contestants").status_code == 404
    assert client.get(f"tables/{table['id']}/columns/{column['id']}")["name"] == "Mail"
    assert client.get(f"tables/{table['id']}/worksheet")["name"] == "List"
    other.remove_table()
    assert client.ask("GET", f"tables/{table['id']}").status_code == 404
    assert client.cells("B2", sheet="List") == [["Amara Okonjo-Lindqvist"]]


def test_a_table_moves_with_what_is_inserted_before_it(client: Client, other: CoAuthor) -> None:
    other.move_table(rows=2, columns=1)
    assert client.get("tables/Contestants/range")["address"] == "Contestants!B3:L33"
    assert client.cells("H4", grid="formulas") == [["=F4-TIME(0,45,0)"]]


def test_a_copied_row_brings_its_cells_twice_and_a_cut_one_only_moves(other: CoAuthor) -> None:
    names = [record["Name"] for record in other.records()]
    other.cut(0, 3)
    assert [record["Name"] for record in other.records()] == [*names[1:4], names[0], *names[4:]]
    other.copy(3, 0)
    assert [record["Name"] for record in other.records()][:5] == [names[0], *names[1:4], names[0]]


def test_a_write_into_a_merge_is_lost_without_a_word(graph: GraphEmulator) -> None:
    item = graph.add(from_rows([["Title", ""], ["Name", "Mail"], ["A", "a@example.org"]]), "Plain.xlsx")
    graph.colleague(item).merge("A1:B1")
    with Client(graph, item) as client:
        assert client.write("A1:B1", [["New", "lost"]], sheet="Sheet1").ok
        assert client.cells("A1:B1", sheet="Sheet1") == [["New", ""]]


def test_names_point_at_ranges(client: Client) -> None:
    body = {"name": "People", "reference": "=Contestants!$B$2:$B$31", "comment": ""}
    assert client.ask("POST", "names/add", body).status_code == 201
    assert client.get("names/People/range")["rowCount"] == 30


def test_columns_can_be_hidden(client: Client) -> None:
    assert client.write("C:C", None, columnHidden=True).ok
    assert client.get("worksheets/Contestants/range(address='C2')")["hidden"] is True
    assert client.get("worksheets/Contestants/range(address='A2:D2')/visibleView")["columnCount"] == 3
