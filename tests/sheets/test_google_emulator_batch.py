"""The emulated Google Sheets: batchUpdate, and what spreadsheets.get tells afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulators.sheets import Emulator, Quota, Workbook
from tests.emulators.sheets.batch import HANDLERS
from tests.emulators.sheets.clients import Bare, Refused

ROWS = [["Bib", "Name", "Double"], [12, "Ben", "=A2*2"], [7, "Zoe", "=A3*2"], [19, "Ana", "=A4*2"]]
SHEET = {"sheetId": 0}


@pytest.fixture
def google() -> Iterator[Emulator]:
    with Emulator(quota=Quota.off()) as running:
        yield running


@pytest.fixture
def book(google: Emulator) -> Workbook:
    return google.spreadsheet("Contest", {"Contestants": ROWS}, frozen=1)


@pytest.fixture
def api(google: Emulator, book: Workbook) -> Bare:
    return Bare(google, book)


def rows(start: int, end: int, dimension: str = "ROWS") -> dict[str, Any]:
    return {**SHEET, "dimension": dimension, "startIndex": start, "endIndex": end}


def cells(top: int, bottom: int, left: int, right: int) -> dict[str, Any]:
    edges = {"startRowIndex": top, "endRowIndex": bottom, "startColumnIndex": left, "endColumnIndex": right}
    return {**SHEET, **edges}


def sheet(api: Bare, fields: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(fields=f"sheets({fields})")["sheets"][0]
    return found


@pytest.mark.parametrize("name", sorted(HANDLERS))
def test_it_meets_an_empty_and_a_misspelt_request_with_a_plain_refusal_or_nothing(
    api: Bare, google: Emulator, name: str
) -> None:
    for inner in ({}, {"fields": "*"}, {"range": None}):
        with contextlib.suppress(Refused):
            api.batch({name: inner})
    assert {call.status for call in google.requests} <= {200, 400}
    with pytest.raises(Refused, match="Cannot find field"):
        api.batch({name: {"misspelt": 1}})


def test_it_does_nothing_when_one_request_is_wrong(api: Bare, book: Workbook) -> None:
    before = book.texts()
    good = {"deleteDimension": {"range": rows(1, 2)}}
    with pytest.raises(Refused) as refused:
        api.batch(good, {"addSheet": {"properties": {"title": "New"}}}, {"sortRange": {"range": {"sheetId": 5}}})
    assert refused.value.error["message"] == "Invalid requests[2].sortRange: No grid with id: 5"
    assert (book.texts(), len(book.sheets)) == (before, 1)


def test_it_says_in_googles_words_what_is_misspelt(api: Bare) -> None:
    bad = {"sortRange": {"range": SHEET, "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "ascending"}]}}
    with pytest.raises(Refused) as refused:
        api.batch(bad)
    say = "Invalid value at 'requests[0].sort_range.sort_specs[0].sort_order'"
    assert refused.value.error["message"].startswith(say)
    assert refused.value.error["details"][0]["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    with pytest.raises(Refused, match=r"Cannot bind query parameter\. Field 'field' could not be found"):
        api.get(field="sheets")
    for wrong in ("sheets.titel", "sheets.properties.title.x", "sheets(properties(title),datas)"):
        with pytest.raises(Refused) as refused:
            api.get(fields=wrong)
        assert "Error expanding 'fields' parameter" in str(refused.value.error["details"])


def test_it_adds_renames_and_removes_sheets(api: Bare, book: Workbook) -> None:
    made = api.batch({"addSheet": {"properties": {"title": "Notes", "gridProperties": {"rowCount": 5}}}})[0]["addSheet"]
    number = made["properties"]["sheetId"]
    assert made["properties"]["gridProperties"] == {"rowCount": 5, "columnCount": 26}
    renamed = {"sheetId": number, "title": "More notes"}
    assert api.batch({"updateSheetProperties": {"properties": renamed, "fields": "title"}}) == [{}]
    assert [each.title for each in book.sheets] == ["Contestants", "More notes"]
    with pytest.raises(Refused, match='A sheet with the name "contestants" already exists'):
        api.batch({"addSheet": {"properties": {"title": "contestants"}}})
    api.batch({"deleteSheet": {"sheetId": number}})
    with pytest.raises(Refused, match="You can't remove all the sheets"):
        api.batch({"deleteSheet": SHEET})


def test_it_moves_everything_along_when_rows_come_and_go(api: Bare, book: Workbook) -> None:
    api.batch(
        {"setBasicFilter": {"filter": {"range": cells(0, 4, 0, 3)}}},
        {"addConditionalFormatRule": {"rule": {"ranges": [cells(1, 4, 1, 2)], "booleanRule": {}}}},
        {"insertDimension": {"range": rows(2, 4), "inheritFromBefore": True}},
    )
    assert [row[1] for row in book.texts()] == ["Name", "Ben", "", "", "Zoe", "Ana"]
    assert book.sheet(0).cell(4, 2).entered == {"formulaValue": "=A5*2"}
    found = sheet(api, "basicFilter.range,conditionalFormats.ranges,properties.gridProperties")
    assert found["basicFilter"]["range"]["endRowIndex"] == 6
    assert found["conditionalFormats"][0]["ranges"] == [cells(1, 6, 1, 2)]
    assert found["properties"]["gridProperties"] == {"rowCount": 1002, "columnCount": 26, "frozenRowCount": 1}
    api.batch({"insertDimension": {"range": rows(6, 7)}})
    assert sheet(api, "basicFilter.range")["basicFilter"]["range"]["endRowIndex"] == 6, "behind it is outside it"
    api.batch({"deleteDimension": {"range": rows(1, 4)}})
    assert book.texts() == [["Bib", "Name", "Double"], ["7", "Zoe", "14"], ["19", "Ana", "38"]]
    assert sheet(api, "basicFilter.range")["basicFilter"]["range"]["endRowIndex"] == 3


def test_it_shows_ref_where_a_formula_lost_its_cell(api: Bare, book: Workbook) -> None:
    api.batch({"deleteDimension": {"range": rows(0, 1, "COLUMNS")}})
    assert book.texts()[1] == ["Ben", "#REF!"]


def test_it_moves_a_column_with_its_filter_and_references(api: Bare, book: Workbook) -> None:
    spec = {"columnIndex": 1, "filterCriteria": {"hiddenValues": ["Ben"]}}
    view = {"title": "No Ben", "range": cells(0, 4, 0, 3), "filterSpecs": [spec]}
    api.batch(
        {"addFilterView": {"filter": view}},
        {"moveDimension": {"source": rows(0, 1, "COLUMNS"), "destinationIndex": 3}},
    )
    assert book.texts()[1] == ["Ben", "24", "12"]
    found = sheet(api, "filterViews")["filterViews"][0]
    assert (found["filterSpecs"][0]["columnIndex"], list(found["criteria"]), found["range"]) == (
        0,
        ["0"],
        view["range"],
    )


def test_it_sorts_rows_with_formats_notes_rules_and_formulas(api: Bare, book: Workbook) -> None:
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Ben"}]}, "strict": True}
    api.batch(
        {
            "updateCells": {
                "range": cells(1, 2, 1, 2),
                "rows": [{"values": [{"note": "left-handed"}]}],
                "fields": "note",
            }
        },
        {"setDataValidation": {"range": cells(1, 2, 1, 2), "rule": rule}},
        {"sortRange": {"range": cells(1, 4, 0, 3), "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "DESCENDING"}]}},
    )
    assert [row[:2] for row in book.texts()[1:]] == [["19", "Ana"], ["12", "Ben"], ["7", "Zoe"]]
    assert [row[2] for row in book.texts()[1:]] == ["38", "24", "14"]
    assert [book.sheet(0).cell(row, 1).note for row in (1, 2, 3)] == ["", "left-handed", ""]
    data = sheet(api, "data.rowData.values.dataValidation")["data"][0]["rowData"]
    assert data[2]["values"][1] == {"dataValidation": rule}


def test_it_leaves_cells_outside_a_sorted_range_where_they_are(api: Bare, book: Workbook) -> None:
    api.batch({"sortRange": {"range": cells(1, 4, 0, 1), "sortSpecs": [{"dimensionIndex": 0}]}})
    assert [row[:2] for row in book.texts()[1:]] == [["7", "Ben"], ["12", "Zoe"], ["19", "Ana"]]


def test_it_sorts_numbers_before_texts_and_blanks_last(google: Emulator) -> None:
    book = google.spreadsheet("S", {"S": [["b"], [None], [True], [10], ["A"], [9]]})
    api = Bare(google, book)
    sort = {"range": {"sheetId": 0, "endRowIndex": 6}, "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]}
    api.batch({"sortRange": sort})
    assert [row[0] for row in book.texts()] == ["9", "10", "A", "b", "TRUE"]


def test_it_merges_formats_and_writes_only_what_the_mask_names(api: Bare, book: Workbook) -> None:
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}, "note": "never"}
    plain = {"userEnteredFormat": {"numberFormat": {"type": "TEXT"}, "textFormat": {}}}
    api.batch(
        {"repeatCell": {"range": cells(1, 2, 1, 2), "cell": bold, "fields": "userEnteredFormat.textFormat.bold"}},
        {"repeatCell": {"range": cells(1, 2, 1, 2), "cell": plain, "fields": "userEnteredFormat(numberFormat)"}},
    )
    assert book.sheet(0).cell(1, 1).format == {"textFormat": {"bold": True}, "numberFormat": {"type": "TEXT"}}
    assert book.sheet(0).cell(1, 1).note == ""
    with pytest.raises(Refused, match="At least one field must be listed in 'fields'"):
        api.batch({"repeatCell": {"range": cells(1, 2, 1, 2), "cell": bold}})
    with pytest.raises(Refused, match="Invalid field: nots"):
        api.batch({"repeatCell": {"range": cells(1, 2, 1, 2), "cell": bold, "fields": "nots"}})


def test_it_repeats_a_formula_for_every_row(api: Bare, book: Workbook) -> None:
    cell = {"userEnteredValue": {"formulaValue": "=A2+$A$2"}}
    api.batch({"repeatCell": {"range": cells(1, 4, 3, 4), "cell": cell, "fields": "userEnteredValue"}})
    assert [row[3] for row in book.texts()[1:]] == ["24", "19", "31"]


def test_it_appends_cells_behind_the_last_row_and_grows_the_grid(api: Bare, book: Workbook) -> None:
    book.sheet(0).row_count = 4
    row = {"values": [{"userEnteredValue": {"numberValue": 3}}, {"userEnteredValue": {"stringValue": "=text"}}]}
    api.batch({"appendCells": {**SHEET, "rows": [row], "fields": "userEnteredValue"}})
    assert book.texts()[4] == ["3", "=text", ""]
    assert book.sheet(0).row_count == 5


def test_it_hides_rows_by_hand_and_by_filter_and_still_gives_their_values(api: Bare) -> None:
    spec = {"columnIndex": 1, "filterCriteria": {"hiddenValues": ["Zoe"]}}
    hide = {"range": rows(3, 4), "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    api.batch(
        {"setBasicFilter": {"filter": {"range": cells(0, 4, 0, 3), "filterSpecs": [spec]}}},
        {"updateDimensionProperties": hide},
    )
    found = sheet(api, "properties(sheetId),data(startRow,rowMetadata(hiddenByFilter,hiddenByUser))")
    assert found["data"][0]["rowMetadata"][:4] == [{}, {}, {"hiddenByFilter": True}, {"hiddenByUser": True}]
    assert [row[1] for row in api.values("Contestants!A1:C4")] == ["Name", "Ben", "Zoe", "Ana"]
    api.batch({"clearBasicFilter": SHEET})
    assert sheet(api, "data(rowMetadata(hiddenByFilter))")["data"][0]["rowMetadata"][2] == {}


@pytest.mark.parametrize("follows", [True, False])
def test_it_can_filter_again_after_an_edit_or_not(api: Bare, google: Emulator, book: Workbook, follows: bool) -> None:
    google.doubts.filter_follows_edits = follows
    spec = {"columnIndex": 1, "filterCriteria": {"hiddenValues": ["Zoe"]}}
    api.batch({"setBasicFilter": {"filter": {"range": cells(0, 4, 0, 3), "filterSpecs": [spec]}}})
    data = [{"range": "Contestants!B2", "values": [["Zoe"]]}]
    api.post("/values:batchUpdate", {"valueInputOption": "RAW", "data": data})
    assert [row.hidden_by_filter for row in book.sheet(0).rows] == [False, follows, True, False]


@pytest.mark.parametrize(
    ("condition", "hidden"),
    [
        ({"type": "TEXT_EQ", "values": [{"userEnteredValue": "ben"}]}, {2, 3}),
        ({"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "10"}]}, {1, 2, 3}),
        ({"type": "TEXT_CONTAINS", "values": [{"userEnteredValue": "e"}]}, {3}),
        ({"type": "NOT_BLANK"}, set()),
        ({"type": "BLANK"}, {1, 2, 3}),
    ],
)
def test_it_filters_by_a_condition(api: Bare, book: Workbook, condition: dict[str, Any], hidden: set[int]) -> None:
    criteria = {"1": {"condition": condition}}
    api.batch({"setBasicFilter": {"filter": {"range": cells(0, 4, 0, 3), "criteria": criteria}}})
    assert {index for index, row in enumerate(book.sheet(0).rows) if row.hidden_by_filter} == hidden
    assert sheet(api, "basicFilter")["basicFilter"]["filterSpecs"][0]["columnIndex"] == 1


def test_it_keeps_filter_views_apart_from_what_rows_show(api: Bare, book: Workbook) -> None:
    spec = {"columnIndex": 1, "filterCriteria": {"hiddenValues": ["Zoe"]}}
    view = {"title": "Review", "range": cells(0, 4, 0, 3), "filterSpecs": [spec]}
    made = api.batch({"addFilterView": {"filter": view}})[0]["addFilterView"]["filter"]
    assert made["filterViewId"] > 0
    assert not any(row.hidden_by_filter for row in book.sheet(0).rows)
    changed = {"filterViewId": made["filterViewId"], "title": "Check"}
    api.batch({"updateFilterView": {"filter": changed, "fields": "title"}})
    assert sheet(api, "filterViews(title,filterSpecs)")["filterViews"] == [{"title": "Check", "filterSpecs": [spec]}]
    api.batch({"deleteFilterView": {"filterId": made["filterViewId"]}})
    assert sheet(api, "filterViews") == {}
    with pytest.raises(Refused, match="No filter view with id"):
        api.batch({"deleteFilterView": {"filterId": made["filterViewId"]}})


def test_it_colours_by_the_first_rule_that_holds(api: Bare) -> None:
    green = {"backgroundColor": {"green": 1}}
    condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": "Ben"}]}
    rule = {"ranges": [cells(1, 4, 1, 2)], "booleanRule": {"condition": condition, "format": green}}
    api.batch({"addConditionalFormatRule": {"rule": rule, "index": 0}})
    held = sheet(api, "data.rowData.values.effectiveFormat.backgroundColor")["data"][0]["rowData"]
    assert held[1]["values"][1] == {"effectiveFormat": {"backgroundColor": {"green": 1}}}
    assert held[2]["values"][1] == {"effectiveFormat": {"backgroundColor": {"red": 1, "green": 1, "blue": 1}}}
    assert api.batch({"deleteConditionalFormatRule": {**SHEET, "index": 0}}) == [
        {"deleteConditionalFormatRule": {"rule": rule}}
    ]


def test_it_cuts_cells_with_their_references_and_copies_them_without(api: Bare, book: Workbook) -> None:
    place = {**SHEET, "rowIndex": 9, "columnIndex": 0}
    api.batch({"cutPaste": {"source": cells(1, 2, 0, 1), "destination": place, "pasteType": "PASTE_NORMAL"}})
    assert book.texts()[1] == ["", "Ben", "24"]
    api.batch({"copyPaste": {"source": cells(2, 3, 0, 3), "destination": cells(4, 6, 0, 3)}})
    assert book.texts()[4:6] == [["7", "Zoe", "14"], ["7", "Zoe", "14"]]
    assert book.sheet(0).cell(5, 2).entered == {"formulaValue": "=A6*2"}
    values = {"source": cells(2, 3, 2, 3), "destination": cells(7, 8, 2, 3), "pasteType": "PASTE_VALUES"}
    api.batch({"copyPaste": values})
    assert book.sheet(0).cell(7, 2).entered == {"numberValue": 14}


def test_it_keeps_a_merged_headers_text_in_its_first_cell(api: Bare, book: Workbook) -> None:
    api.batch({"mergeCells": {"range": cells(0, 1, 0, 2), "mergeType": "MERGE_ALL"}})
    assert book.texts()[0] == ["Bib", "", "Double"]
    assert sheet(api, "merges")["merges"] == [cells(0, 1, 0, 2)]
    api.batch({"mergeCells": {"range": cells(1, 3, 0, 1), "mergeType": "MERGE_ALL"}})
    with pytest.raises(Refused, match="vertical merges"):
        api.batch({"sortRange": {"range": cells(1, 4, 0, 3), "sortSpecs": [{"dimensionIndex": 0}]}})
    api.batch({"unmergeCells": {"range": SHEET}})
    assert sheet(api, "merges") == {}


def test_it_refuses_the_ten_millionth_and_first_cell(api: Bare, book: Workbook) -> None:
    with pytest.raises(Refused, match="above the limit of 10000000 cells"):
        api.batch({"appendDimension": {**SHEET, "dimension": "ROWS", "length": 400_000}})
    assert book.sheet(0).row_count == 1000


def test_it_adds_columns_at_the_end(api: Bare, book: Workbook) -> None:
    api.batch({"appendDimension": {**SHEET, "dimension": "COLUMNS", "length": 2}})
    assert book.sheet(0).column_count == 28


def test_it_has_no_filter_without_table_and_a_table_that_grows(api: Bare, book: Workbook) -> None:
    allowed = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Ben"}]}}
    column = {"columnIndex": 1, "columnName": "Who", "columnType": "DROPDOWN", "dataValidationRule": allowed}
    table = {"name": "Starters", "range": cells(0, 4, 0, 3), "columnProperties": [column]}
    made = api.batch({"addTable": {"table": table}})[0]["addTable"]["table"]
    assert [each["columnName"] for each in made["columnProperties"]] == ["Bib", "Who", "Double"]
    assert book.texts()[0] == ["Bib", "Who", "Double"]
    row = {"values": [{"userEnteredValue": {"numberValue": 3}}]}
    api.batch(
        {"appendCells": {"tableId": made["tableId"], "rows": [row], "fields": "userEnteredValue"}},
        {"insertDimension": {"range": rows(1, 2, "COLUMNS")}},
    )
    found = sheet(api, "tables")["tables"][0]
    assert found["range"] == cells(0, 5, 0, 4)
    assert [each["columnName"] for each in found["columnProperties"]] == ["Bib", "Column 2", "Who", "Double"]
    with pytest.raises(Refused, match="can't overlap"):
        api.batch({"addTable": {"table": {"name": "Other", "range": cells(2, 9, 1, 2)}}})
    api.batch({"addFilterView": {"filter": {"title": "T", "tableId": made["tableId"]}}})
    assert sheet(api, "filterViews(range)")["filterViews"] == [{"range": cells(0, 5, 0, 4)}]


def test_it_changes_title_locale_and_time_zone(api: Bare) -> None:
    wanted = {"title": "Run", "locale": "de_DE", "timeZone": "Europe/Berlin"}
    api.batch({"updateSpreadsheetProperties": {"properties": wanted, "fields": "title,locale,timeZone"}})
    assert api.get(fields="properties(title,locale,timeZone)") == {"properties": wanted}


def test_it_gives_the_whole_resource_without_a_mask_and_cells_only_when_asked(api: Bare, book: Workbook) -> None:
    plain = api.get()
    assert plain["spreadsheetId"] == book.id
    assert "data" not in plain["sheets"][0]
    data = api.get(includeGridData="True", ranges=["Contestants!A2:B2"])["sheets"][0]["data"]
    assert (data[0]["startRow"], len(data[0]["rowMetadata"]), len(data[0]["columnMetadata"])) == (1, 1, 2)
    assert data[0]["rowData"][0]["values"][1]["formattedValue"] == "Ben"
    by_filter = api.post(
        ":getByDataFilter", {"dataFilters": [{"gridRange": cells(1, 2, 1, 2)}], "includeGridData": True}
    )
    assert by_filter["sheets"][0]["data"][0]["rowData"][0]["values"][0]["formattedValue"] == "Ben"


def test_it_tells_a_request_that_it_does_not_know(api: Bare) -> None:
    with pytest.raises(Refused) as refused:
        api.batch({"addChart": {}})
    assert refused.value.code == 501
