"""The emulated Google Sheets: developer metadata, protected ranges, and who may see what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulators.sheets import Doubts, Emulator, Quota, Workbook
from tests.emulators.sheets.access import DRIVE_FILE, SPREADSHEETS
from tests.emulators.sheets.clients import Bare, Refused

ROWS = [["Bib", "Name"], [12, "Ben"], [7, "Zoe"], [19, "Ana"]]
READ_ONLY = "https://www.googleapis.com/auth/spreadsheets.readonly"


@pytest.fixture
def google() -> Iterator[Emulator]:
    with Emulator(quota=Quota.off()) as running:
        yield running


@pytest.fixture
def book(google: Emulator) -> Workbook:
    return google.spreadsheet("Contest", {"Contestants": ROWS})


@pytest.fixture
def api(google: Emulator, book: Workbook) -> Bare:
    return Bare(google, book)


def at(dimension: str, index: int) -> dict[str, Any]:
    return {"dimensionRange": {"sheetId": 0, "dimension": dimension, "startIndex": index, "endIndex": index + 1}}


def create(key: str, location: dict[str, Any], value: str = "", visibility: str = "DOCUMENT") -> dict[str, Any]:
    entry = {"metadataKey": key, "metadataValue": value, "location": location, "visibility": visibility}
    return {"createDeveloperMetadata": {"developerMetadata": entry}}


def found(api: Bare, **lookup: Any) -> list[dict[str, Any]]:
    answer = api.post("/developerMetadata:search", {"dataFilters": [{"developerMetadataLookup": lookup}]})
    return [each["developerMetadata"] for each in answer.get("matchedDeveloperMetadata", [])]


def index_of(api: Bare, key: str) -> int:
    index: int = found(api, metadataKey=key)[0]["location"]["dimensionRange"]["startIndex"]
    return index


def test_it_keeps_an_entry_and_gives_it_back_in_three_ways(api: Bare) -> None:
    made = api.batch(create("cellback.key", at("COLUMNS", 1), "v1"))[0]["createDeveloperMetadata"]["developerMetadata"]
    assert made == {
        "metadataId": made["metadataId"],
        "metadataKey": "cellback.key",
        "metadataValue": "v1",
        "location": {"locationType": "COLUMN", **at("COLUMNS", 1)},
        "visibility": "DOCUMENT",
    }
    assert api.get(f"/developerMetadata/{made['metadataId']}") == made
    assert found(api, metadataKey="cellback.key") == [made]
    grid = api.get(fields="sheets.data.columnMetadata.developerMetadata")["sheets"][0]["data"][0]["columnMetadata"]
    assert grid[1] == {"developerMetadata": [made]}
    with pytest.raises(Refused) as refused:
        api.get("/developerMetadata/1")
    assert (refused.value.code, refused.value.error["status"]) == (404, "NOT_FOUND")


def test_it_finds_by_key_value_place_and_range(api: Bare) -> None:
    api.batch(
        create("a", {"spreadsheet": True}), create("b", {"sheetId": 0}), create("c", at("ROWS", 1), "x"),
        create("d", at("COLUMNS", 0)),
    )  # fmt: skip
    assert [each["metadataKey"] for each in found(api)] == ["a", "b", "c", "d"]
    assert [each["metadataKey"] for each in found(api, locationType="ROW", metadataValue="x")] == ["c"]
    assert [each["metadataKey"] for each in found(api, metadataLocation=at("ROWS", 1))] == ["b", "c", "d"]
    exact = {"metadataLocation": at("ROWS", 1), "locationMatchingStrategy": "EXACT_LOCATION"}
    assert [each["metadataKey"] for each in found(api, **exact)] == ["c"]
    by_range = api.post("/developerMetadata:search", {"dataFilters": [{"a1Range": "Contestants!A3:B3"}]})
    keys = [each["developerMetadata"]["metadataKey"] for each in by_range["matchedDeveloperMetadata"]]
    assert keys == ["b", "d"]


def test_it_moves_with_its_row_and_its_column(api: Bare) -> None:
    api.batch(create("ben", at("ROWS", 1)), create("name", at("COLUMNS", 1)))
    top = {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 2}
    left = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}
    api.batch({"insertDimension": {"range": top}}, {"insertDimension": {"range": left}})
    assert (index_of(api, "ben"), index_of(api, "name")) == (3, 2)
    part = {"sheetId": 0, "startRowIndex": 3, "endRowIndex": 6, "startColumnIndex": 0, "endColumnIndex": 3}
    api.batch({"sortRange": {"range": part, "sortSpecs": [{"dimensionIndex": 1, "sortOrder": "ASCENDING"}]}})
    assert (index_of(api, "ben"), api.values("Contestants!C5")) == (4, [["Ben"]])
    api.batch({"moveDimension": {"source": {**left, "startIndex": 2, "endIndex": 3}, "destinationIndex": 0}})
    assert index_of(api, "name") == 0
    api.batch({"deleteDimension": {"range": {**top, "startIndex": 4, "endIndex": 5}}})
    assert [each["metadataKey"] for each in found(api)] == ["name"]


@pytest.mark.parametrize(("along", "row"), [("whole rows", 1), ("always", 2), ("never", 1)])
def test_it_can_take_row_metadata_along_in_a_partial_sort_or_not(
    api: Bare, google: Emulator, book: Workbook, along: str, row: int
) -> None:
    google.doubts = book.doubts = Doubts(row_metadata_sorts=along)
    api.batch(create("ben", at("ROWS", 1)))
    part = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 1}
    api.batch({"sortRange": {"range": part, "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]}})
    assert index_of(api, "ben") == row


@pytest.mark.parametrize(("along", "row"), [("stays", 1), ("follows", 7)])
def test_it_can_take_row_metadata_along_in_a_cut_or_not(
    api: Bare, google: Emulator, book: Workbook, along: str, row: int
) -> None:
    google.doubts = book.doubts = Doubts(row_metadata_cut=along)
    api.batch(create("ben", at("ROWS", 1)))
    source, target = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 2}, {"sheetId": 0, "rowIndex": 7}
    api.batch({"cutPaste": {"source": source, "destination": target, "pasteType": "PASTE_NORMAL"}})
    assert index_of(api, "ben") == row
    assert api.values("Contestants!B8") == [["Ben"]]


def test_it_gives_no_metadata_to_a_copied_row_or_sheet(api: Bare) -> None:
    api.batch(create("ben", at("ROWS", 1)), create("name", at("COLUMNS", 1)))
    source, target = ({"sheetId": 0, "startRowIndex": row, "endRowIndex": row + 1} for row in (1, 6))
    api.batch({"copyPaste": {"source": source, "destination": target}}, {"duplicateSheet": {"sourceSheetId": 0}})
    assert len(found(api)) == 2
    assert api.values("'Copy of Contestants'!B7") == [["Ben"]]


def test_it_writes_through_a_lookup_wherever_the_row_is_now(api: Bare, book: Workbook) -> None:
    made = api.batch(create("ben", at("ROWS", 1)))[0]["createDeveloperMetadata"]["developerMetadata"]
    part = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4}
    api.batch({"sortRange": {"range": part, "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "DESCENDING"}]}})
    lookup = {"developerMetadataLookup": {"metadataId": made["metadataId"]}}
    body = {"valueInputOption": "RAW", "data": [{"dataFilter": lookup, "values": [[None, None, "Sent"]]}]}
    answer = api.post("/values:batchUpdateByDataFilter", body)
    assert answer["responses"][0]["updatedRange"] == "Contestants!A3:C3"
    assert book.texts()[2] == ["12", "Ben", "Sent"]


def test_it_changes_and_removes_entries(api: Bare) -> None:
    api.batch(create("a", at("ROWS", 1), "1"), create("a", at("ROWS", 2), "2"))
    lookup = {"developerMetadataLookup": {"metadataKey": "a"}}
    change = {"dataFilters": [lookup], "developerMetadata": {"metadataValue": "3"}, "fields": "metadataValue"}
    assert len(api.batch({"updateDeveloperMetadata": change})[0]["updateDeveloperMetadata"]["developerMetadata"]) == 2
    assert {each["metadataValue"] for each in found(api, metadataKey="a")} == {"3"}
    gone = api.batch({"deleteDeveloperMetadata": {"dataFilter": lookup}})[0]["deleteDeveloperMetadata"]
    assert len(gone["deletedDeveloperMetadata"]) == 2
    assert found(api) == []


def test_it_hides_entries_that_another_project_keeps_to_itself(api: Bare, google: Emulator) -> None:
    api.batch(create("mine", {"spreadsheet": True}, visibility="PROJECT"), create("all", {"spreadsheet": True}))
    other = Bare(google, api.book, api.email)
    token = google.auth.access_token(api.email, project="another")
    other.session.headers["Authorization"] = f"Bearer {token}"
    assert [each["metadataKey"] for each in found(other)] == ["all"]


@pytest.mark.parametrize(
    ("entry", "say"),
    [
        (create("", {"spreadsheet": True}), "metadataKey must be specified"),
        (create("a", {}), "location must be specified"),
        (create("a", {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "endIndex": 2}}), "single row"),
        (create("a", at("ROWS", 5000)), "exceeds grid limits"),
        (create("a", {"sheetId": 0}, "x" * 30_000), "limit of 30000 characters"),
        (create("a", {"sheetId": 0}, visibility="DEVELOPER_METADATA_VISIBILITY_UNSPECIFIED"), "visibility must be"),
    ],
)  # fmt: skip
def test_it_refuses_entries_that_make_no_sense(api: Bare, entry: dict[str, Any], say: str) -> None:
    with pytest.raises(Refused, match=say):
        api.batch(entry)
    assert found(api) == []


def test_it_lets_only_those_in_with_whom_it_is_shared(google: Emulator, book: Workbook) -> None:
    stranger = Bare(google, book, "stranger@example.com")
    reader = Bare(google, book, "reader@example.com")
    book.share("reader@example.com", "reader")
    assert reader.values("Contestants!B2") == [["Ben"]]
    for who, attempt in (
        (stranger, lambda: stranger.get()),
        (reader, lambda: reader.batch(create("a", {"sheetId": 0}))),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.error == {
            "code": 403,
            "message": "The caller does not have permission",
            "status": "PERMISSION_DENIED",
        }, who
    book.deleted = True
    with pytest.raises(Refused, match="Requested entity was not found") as gone:
        reader.get()
    assert gone.value.code == 404


def test_it_shows_a_file_scoped_token_only_what_was_picked(google: Emulator, book: Workbook) -> None:
    book.share("ana@example.org", "owner", picked=False)
    narrow = Bare(google, book, "ana@example.org", DRIVE_FILE)
    with pytest.raises(Refused) as refused:
        narrow.get()
    assert refused.value.code == 404
    book.share("ana@example.org", "owner", picked=True)
    assert narrow.values("Contestants!B2") == [["Ben"]]


@pytest.mark.parametrize(
    ("scope", "reads", "writes"),
    [
        (SPREADSHEETS, True, True),
        (READ_ONLY, True, False),
        ("https://www.googleapis.com/auth/spreadsheets.currentonly", False, False),
    ],
)
def test_it_asks_for_a_scope_that_the_method_accepts(
    google: Emulator, book: Workbook, scope: str, reads: bool, writes: bool
) -> None:
    book.share("ana@example.org")
    api = Bare(google, book, "ana@example.org", scope)
    for allowed, attempt in ((reads, lambda: api.get()), (writes, lambda: api.batch(create("a", {"sheetId": 0})))):
        if allowed:
            attempt()
            continue
        with pytest.raises(Refused, match=r"Request had insufficient authentication scopes\.") as refused:
            attempt()
        assert refused.value.error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


def test_it_keeps_others_out_of_a_protected_column_but_only_warns_of_a_soft_one(api: Bare, google: Emulator) -> None:
    book = api.book
    book.share("ana@example.org")
    other = Bare(google, book, "ana@example.org")
    part = {"sheetId": 0, "startColumnIndex": 0, "endColumnIndex": 1}
    made = other.batch({"addProtectedRange": {"protectedRange": {"range": part}}})[0]["addProtectedRange"]
    assert made["protectedRange"]["editors"] == {"users": ["ana@example.org"]}
    body = {"valueInputOption": "RAW", "data": [{"range": "Contestants!A2:B2", "values": [["1", "x"]]}]}
    with pytest.raises(Refused, match="You are trying to edit a protected cell or object"):
        api.post("/values:batchUpdate", body)
    sort = {"sortRange": {"range": {"sheetId": 0, "startRowIndex": 1}, "sortSpecs": [{"dimensionIndex": 1}]}}
    with pytest.raises(Refused, match="You are trying to edit a protected cell"):
        api.batch(sort)
    other.post("/values:batchUpdate", body)
    seen = api.get(fields="sheets.protectedRanges")["sheets"][0]["protectedRanges"][0]
    assert "requestingUserCanEdit" not in seen
    number = made["protectedRange"]["protectedRangeId"]
    soft = {"protectedRangeId": number, "warningOnly": True}
    other.batch({"updateProtectedRange": {"protectedRange": soft, "fields": "warningOnly"}})
    api.post("/values:batchUpdate", body)
    api.batch(sort, {"deleteProtectedRange": {"protectedRangeId": number}})
