"""The emulated Google Sheets: values in and out, in the shapes that Google sends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

import pytest

from tests.emulators.sheets import Doubts, Emulator, Quota, Workbook
from tests.emulators.sheets.clients import Bare, Refused

ROWS = [["Bib", "Name", "Paid"], [7, "Ana", True], [12, "Ben", False], [19, "Zoe", None]]


@pytest.fixture
def google() -> Iterator[Emulator]:
    with Emulator(quota=Quota.off()) as running:
        yield running


@pytest.fixture
def book(google: Emulator) -> Workbook:
    return google.spreadsheet("Contest", {"Contestants": ROWS, "O'Brien's list": []})


@pytest.fixture
def api(google: Emulator, book: Workbook) -> Bare:
    return Bare(google, book)


def test_it_gives_several_ranges_in_one_read_and_drops_trailing_blanks(api: Bare) -> None:
    answer = api.get("/values:batchGet", ranges=["Contestants!A1:C4", "Contestants!C4:C9", "Contestants"])
    assert answer["valueRanges"] == [
        {
            "range": "Contestants!A1:C4",
            "majorDimension": "ROWS",
            "values": [["Bib", "Name", "Paid"], ["7", "Ana", "TRUE"], ["12", "Ben", "FALSE"], ["19", "Zoe"]],
        },
        {"range": "Contestants!C4:C9", "majorDimension": "ROWS"},
        {
            "range": "Contestants!A1:Z1000",
            "majorDimension": "ROWS",
            "values": [["Bib", "Name", "Paid"], ["7", "Ana", "TRUE"], ["12", "Ben", "FALSE"], ["19", "Zoe"]],
        },
    ]


def test_it_gives_typed_values_and_columns_on_request(api: Bare) -> None:
    assert api.values("Contestants!A2:C3", valueRenderOption="UNFORMATTED_VALUE") == [
        [7, "Ana", True],
        [12, "Ben", False],
    ]
    assert api.values("Contestants!A2:B", majorDimension="COLUMNS") == [["7", "12", "19"], ["Ana", "Ben", "Zoe"]]


def test_it_keeps_blank_rows_in_the_middle_as_empty_lists(api: Bare, book: Workbook) -> None:
    book.put(book.sheet("Contestants"), 5, 1, "late")
    assert api.values("Contestants!A4:C9") == [["19", "Zoe"], [], ["", "late"]]


def test_it_quotes_a_title_only_where_it_must(api: Bare, google: Emulator) -> None:
    assert api.get("/values/'O''Brien''s list'!A1")["range"] == "'O''Brien''s list'!A1"
    assert api.get("/values/'Contestants'!A1:B1")["range"] == "Contestants!A1:B1"


@pytest.mark.parametrize("range_", ["Nobody!A1", "Contestants!A0", "Contestants!", "Contestants!A1:B2:C3", "A"])
def test_it_cannot_parse_what_names_no_cells(api: Bare, range_: str) -> None:
    with pytest.raises(Refused) as refused:
        api.get(f"/values/{range_}")
    assert refused.value.error == {
        "code": 400,
        "message": f"Unable to parse range: {range_}",
        "status": "INVALID_ARGUMENT",
    }


def test_it_refuses_to_read_and_to_write_beyond_the_grid(api: Bare) -> None:
    for attempt in (
        lambda: api.get("/values/Contestants!A1001:B1002"),
        lambda: write(api, "Contestants!A1001:B1002", [["x", "y"]]),
    ):
        with pytest.raises(
            Refused, match=r"Range \(Contestants!A1001:B1002\) exceeds grid limits. Max rows: 1000, max columns: 26"
        ):
            attempt()


def write(api: Bare, range_: str, values: object, option: str = "RAW", **more: object) -> dict[str, object]:
    body = {"valueInputOption": option, "data": [{"range": range_, "values": values}], **more}
    answer: dict[str, object] = api.post("/values:batchUpdate", body)
    return answer


def test_it_leaves_a_null_alone_and_clears_an_empty_text(api: Bare, book: Workbook) -> None:
    answer = write(api, "Contestants!A2:C2", [[None, "", "maybe"]])
    assert book.texts()[1] == ["7", "", "maybe"]
    assert answer == {
        "spreadsheetId": book.id,
        "totalUpdatedRows": 1,
        "totalUpdatedColumns": 2,
        "totalUpdatedCells": 2,
        "totalUpdatedSheets": 1,
        "responses": [
            {
                "spreadsheetId": book.id,
                "updatedRange": "Contestants!A2:C2",
                "updatedRows": 1,
                "updatedColumns": 2,
                "updatedCells": 2,
            }
        ],
    }


def test_it_takes_text_as_text_when_raw(api: Bare, book: Workbook) -> None:
    texts = ["=1+1", "+41791234567", "007", "2020-01-01", "'quoted"]
    write(api, "Contestants!B2:F2", [texts])
    assert book.texts()[1][1:] == texts
    assert api.values("Contestants!B2:F2", valueRenderOption="FORMULA") == [texts]


def test_it_reads_text_as_typed_when_user_entered(api: Bare) -> None:
    write(api, "Contestants!A2:F2", [["=1+1", "007", "2020-01-01", "50%", "'007", "9:30"]], "USER_ENTERED")
    assert api.values("Contestants!A2:F2") == [["2", "7", "2020-01-01", "50.00%", "007", "9:30:00 AM"]]
    raw = api.values("Contestants!A2:F2", valueRenderOption="UNFORMATTED_VALUE")
    assert raw == [[2, 7, 43831, 0.5, "007", pytest.approx(0.3958333333)]]
    shown = api.values("Contestants!C2", valueRenderOption="UNFORMATTED_VALUE", dateTimeRenderOption="FORMATTED_STRING")
    assert shown == [["2020-01-01"]]
    assert api.values("Contestants!A2", valueRenderOption="FORMULA") == [["=1+1"]]


def test_it_keeps_everything_as_text_in_a_plain_text_column(api: Bare) -> None:
    form = {"userEnteredFormat": {"numberFormat": {"type": "TEXT"}}}
    whole = {"sheetId": 0, "startColumnIndex": 3, "endColumnIndex": 4}
    api.batch({"repeatCell": {"range": whole, "cell": form, "fields": "userEnteredFormat.numberFormat"}})
    write(api, "Contestants!D2:D3", [["007"], ["1/2"]], "USER_ENTERED")
    assert api.values("Contestants!D2:D3") == [["007"], ["1/2"]]


@pytest.mark.parametrize(
    ("locale", "typed", "shown", "value"),
    [
        ("en_US", "3/4/2026", "3/4/2026", 46085),
        ("en_GB", "3/4/2026", "03/04/2026", 46115),
        ("de_DE", "3.4.2026", "03.04.2026", 46115),
        ("de_DE", "1.234,5", "1.234,50", 1234.5),
        ("fr_FR", "1,5", "1,5", 1.5),
        ("en_US", "1,5", "1,5", "1,5"),
        ("en_GB", "31/12/2026", "31/12/2026", 46387),
        ("en_US", "31/12/2026", "31/12/2026", "31/12/2026"),
        ("de_DE", "wahr", "WAHR", True),
    ],
)
def test_it_reads_and_shows_by_the_locale(google: Emulator, locale: str, typed: str, shown: str, value: object) -> None:
    api = Bare(google, google.spreadsheet("L", locale=locale))
    write(api, "Sheet1!A1", [[typed]], "USER_ENTERED")
    assert api.values("Sheet1!A1") == [[shown]]
    assert api.values("Sheet1!A1", valueRenderOption="UNFORMATTED_VALUE") == [[value]]


def test_it_shows_dates_and_times_as_the_locale_does(google: Emulator) -> None:
    rows = [[date(2027, 6, 12), time(9, 5), 1234.5, 0.1 + 0.2]]
    shown = {name: google.spreadsheet("L", {"S": rows}, locale=name).texts()[0] for name in ("en_US", "en_GB", "de_DE")}
    assert shown == {
        "en_US": ["6/12/2027", "9:05:00 AM", "1234.5", "0.3"],
        "en_GB": ["12/06/2027", "09:05:00", "1234.5", "0.3"],
        "de_DE": ["12.06.2027", "09:05:00", "1234,5", "0,3"],
    }


def test_it_shows_what_formulas_come_to_errors_too(google: Emulator) -> None:
    book = google.spreadsheet("F", {"S": [[5, "=A1*2", "=1/0", "=NA()", "=NOPE(1)", '=A1&" km"', "=SUM(A1:B1)"]]})
    api = Bare(google, book)
    shown = ["5", "10", "#DIV/0!", "#N/A", "#NAME?", "5 km", "15"]
    assert api.values("S") == [shown]
    assert api.values("S", valueRenderOption="UNFORMATTED_VALUE")[0][2:5] == shown[2:5]
    cell = api.get(ranges="S!C1", fields="sheets.data.rowData.values(userEnteredValue,effectiveValue)")
    assert cell["sheets"][0]["data"][0]["rowData"][0]["values"][0] == {
        "userEnteredValue": {"formulaValue": "=1/0"},
        "effectiveValue": {"errorValue": {"type": "DIVIDE_BY_ZERO", "message": "The formula comes to DIVIDE_BY_ZERO."}},
    }


def test_it_writes_nothing_when_one_range_is_wrong(api: Bare, book: Workbook) -> None:
    before = book.texts()
    data = [{"range": "Contestants!A2", "values": [["x"]]}, {"range": "Nobody!A1", "values": [["x"]]}]
    with pytest.raises(Refused, match=r"Unable to parse range: Nobody!A1"):
        api.post("/values:batchUpdate", {"valueInputOption": "RAW", "data": data})
    assert book.texts() == before


@pytest.mark.parametrize(
    ("range_", "values", "message"),
    [
        ("Contestants!A1:B1", [["a", "b"], ["c", "d"]], "tried writing to row [2]"),
        ("Contestants!A1:B1", [["a", "b", "c"]], "tried writing to column [C]"),
        ("Contestants!A1", [["x" * 50_001]], "more than the maximum of 50000 characters in a single cell"),
        ("Contestants!A1", [[{"a": 1}]], "Invalid value at 'data[0].values[0][0]'"),
    ],
)
def test_it_refuses_values_that_do_not_fit(api: Bare, range_: str, values: object, message: str) -> None:
    with pytest.raises(Refused) as refused:
        write(api, range_, values)
    assert message in refused.value.error["message"]


def test_it_demands_an_input_option(api: Bare) -> None:
    with pytest.raises(Refused, match="'valueInputOption' is required but not specified"):
        api.call("PUT", "/values/Contestants!A1", body={"values": [["x"]]})


def filtered(row: int, values: list[object], left: int = 0) -> dict[str, object]:
    part = {"sheetId": 0, "startRowIndex": row, "endRowIndex": row + 1}
    part |= {"startColumnIndex": left, "endColumnIndex": left + len(values)}
    return {"dataFilter": {"gridRange": part}, "values": [values]}


def test_it_echoes_the_whole_range_that_a_filter_names(api: Bare, book: Workbook) -> None:
    body = {"valueInputOption": "RAW", "includeValuesInResponse": True, "data": [filtered(1, [None, "Ana B", None])]}
    answer = api.post("/values:batchUpdateByDataFilter", body)["responses"][0]
    assert answer == {
        "updatedRange": "Contestants!A2:C2",
        "updatedRows": 1,
        "updatedColumns": 1,
        "updatedCells": 1,
        "dataFilter": filtered(1, [0, 0, 0])["dataFilter"],
        "updatedData": {"range": "Contestants!A2:C2", "majorDimension": "ROWS", "values": [["7", "Ana B", "TRUE"]]},
    }


def test_it_can_echo_only_what_was_written(api: Bare, google: Emulator) -> None:
    google.doubts.skipped_cells_echoed = False
    body = {"valueInputOption": "RAW", "includeValuesInResponse": True, "data": [filtered(1, [None, "Ana B", None])]}
    answer = api.post("/values:batchUpdateByDataFilter", body)["responses"][0]
    assert answer["updatedData"]["values"] == [["", "Ana B", ""]]


def test_it_finds_a_filtered_range_after_the_tab_was_renamed(api: Bare, book: Workbook) -> None:
    book.sheet("Contestants").title = "Starters"
    api.post("/values:batchUpdateByDataFilter", {"valueInputOption": "RAW", "data": [filtered(1, ["8"])]})
    assert book.texts("Starters")[1][0] == "8"
    found = api.post("/values:batchGetByDataFilter", {"dataFilters": [filtered(1, [0, 0])["dataFilter"]]})
    assert found["valueRanges"] == [
        {
            "valueRange": {"range": "Starters!A2:B2", "majorDimension": "ROWS", "values": [["8", "Ana"]]},
            "dataFilters": [filtered(1, [0, 0])["dataFilter"]],
        }
    ]


def test_it_refuses_more_values_than_the_filter_matches_and_a_filter_of_two_kinds(api: Bare) -> None:
    part = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 1}
    data = [{"dataFilter": {"gridRange": part}, "values": [["a", "b"]]}]
    with pytest.raises(Refused, match=r"tried writing to column \[B\]"):
        api.post("/values:batchUpdateByDataFilter", {"valueInputOption": "RAW", "data": data})
    with pytest.raises(Refused, match="Exactly one"):
        api.post("/values:batchGetByDataFilter", {"dataFilters": [{"gridRange": part, "a1Range": "A1"}]})


def test_it_drops_what_is_written_under_a_merge(api: Bare, book: Workbook) -> None:
    part = {"sheetId": 0, "startRowIndex": 5, "endRowIndex": 6, "startColumnIndex": 0, "endColumnIndex": 2}
    api.batch({"mergeCells": {"range": part, "mergeType": "MERGE_ALL"}})
    write(api, "Contestants!A6:C6", [["a", "b", "c"]])
    assert book.texts()[5] == ["a", "", "c"]


def test_it_clears_values_and_leaves_formats(api: Bare, book: Workbook) -> None:
    book.format_column(book.sheet(0), 0, "000", "NUMBER")
    assert api.post("/values:batchClear", {"ranges": ["Contestants!A2:B3"]})["clearedRanges"] == ["Contestants!A2:B3"]
    assert api.post("/values/Contestants!C2:clear", {}) == {"spreadsheetId": book.id, "clearedRange": "Contestants!C2"}
    assert book.texts()[1:3] == [["", "", ""], ["", "", "FALSE"]]
    write(api, "Contestants!A2", [[5]])
    assert book.texts()[1][0] == "005"


def test_it_appends_where_google_thinks_the_table_is(google: Emulator) -> None:
    """Recorded in gspread's own traffic: a gap in the row makes the second call start at column C."""
    api = Bare(google, google.spreadsheet("A"))
    body, query = {"values": [["a", "", "b"]]}, {"valueInputOption": "RAW"}
    first = api.post("/values/Sheet1:append", body, **query)
    assert "tableRange" not in first
    assert first["updates"]["updatedRange"] == "Sheet1!A1:C1"
    second = api.post("/values/Sheet1:append", body, **query)
    assert (second["tableRange"], second["updates"]["updatedRange"]) == ("Sheet1!C1", "Sheet1!C2:E2")


def test_it_says_nothing_or_fails_where_a_metadata_filter_matches_nothing(api: Bare, google: Emulator) -> None:
    lookup = {"developerMetadataLookup": {"metadataKey": "none"}}
    body = {"valueInputOption": "RAW", "data": [{"dataFilter": lookup, "values": [["x"]]}]}
    assert api.post("/values:batchUpdateByDataFilter", body) == {"spreadsheetId": api.book.id}
    google.doubts = api.book.doubts = Doubts(unmatched_filter="error")
    with pytest.raises(Refused, match="No range matches"):
        api.post("/values:batchUpdateByDataFilter", body)
