"""The emulated Google Sheets against the API's discovery document: which calls it knows, and how it judges a body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulators.sheets import Emulator, Quota, a1, batch, discovery, mask, service
from tests.emulators.sheets.clients import Bare, Refused
from tests.emulators.sheets.errors import ApiError

NOT_SERVED = {"sheets.spreadsheets.sheets.copyTo"}
BODIES: dict[str, dict[str, Any]] = {
    "sheets.spreadsheets.batchUpdate": {"requests": [{"clearBasicFilter": {"sheetId": 0}}]},
    "sheets.spreadsheets.values.update": {"values": [["x"]]},
    "sheets.spreadsheets.values.append": {"values": [["x"]]},
    "sheets.spreadsheets.values.batchUpdate": {
        "valueInputOption": "RAW",
        "includeValuesInResponse": True,
        "data": [{"range": "S!A1", "values": [["x"]]}],
    },
    "sheets.spreadsheets.values.batchUpdateByDataFilter": {
        "valueInputOption": "RAW",
        "includeValuesInResponse": True,
        "data": [{"dataFilter": {"gridRange": {"sheetId": 0, "endRowIndex": 1}}, "values": [["x"]]}],
    },
}
FILTERED = {"dataFilters": [{"a1Range": "S!A1:B2"}]}


@pytest.fixture
def google() -> Iterator[Emulator]:
    with Emulator(quota=Quota.off()) as running:
        yield running


@pytest.fixture
def api(google: Emulator) -> Bare:
    return Bare(google, google.spreadsheet("Contest", {"S": [["Bib", "Name"], [7, "Zoe"]]}))


@pytest.mark.parametrize("method", discovery.methods(), ids=lambda method: method.id)
def test_it_serves_every_method_in_the_shape_that_is_promised(api: Bare, method: discovery.Method) -> None:
    """`Bare` holds each answer against the schema of the method's response."""
    if method.id in NOT_SERVED:
        assert method.id not in service.ACTS
        return
    location = {"spreadsheet": True}
    entry = {"metadataId": 5, "metadataKey": "k", "visibility": "DOCUMENT", "location": location}
    api.batch({"createDeveloperMetadata": {"developerMetadata": entry}})
    places = {"spreadsheetId": api.book.id, "range": "S!A1", "metadataId": "5"}
    path = re.sub(r"\{(\w+)\}", lambda match: places[match[1]], _flat_path(method))
    query = {"valueInputOption": "RAW"} if "valueInputOption" in method.parameters else {}
    if "ranges" in method.parameters:
        query["ranges"] = "S!A1:B2"
    takes = set(discovery.document()["schemas"].get(method.request, {}).get("properties", {}))
    body = BODIES.get(method.id, FILTERED if "dataFilters" in takes else {}) if method.request else None
    answer = api.session.request(method.http, api.google.url + "/" + path, params=query, json=body, timeout=5)
    assert answer.status_code == 200, answer.text
    assert discovery.faults(method.response, answer.json()) == []


def _flat_path(method: discovery.Method) -> str:
    def walk(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield from resource.get("methods", {}).values()
        for inner in resource.get("resources", {}).values():
            yield from walk(inner)

    return str(next(each["flatPath"] for each in walk(discovery.document()) if each["id"] == method.id))


def test_it_gives_a_full_spreadsheet_that_fits_the_description(api: Bare) -> None:
    part = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    rule = {"condition": {"type": "BLANK"}, "strict": True}
    column = {"dimensionRange": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}}
    entry = {"metadataKey": "k", "visibility": "DOCUMENT", "location": column}
    green = {"condition": {"type": "NOT_BLANK"}, "format": {"backgroundColorStyle": {"rgbColor": {"green": 1}}}}
    api.batch(
        {"addTable": {"table": {"name": "T", "range": part}}},
        {"addFilterView": {"filter": {"title": "F", "range": part, "criteria": {"1": {"hiddenValues": ["x"]}}}}},
        {"setBasicFilter": {"filter": {"range": part, "sortSpecs": [{"dimensionIndex": 0}]}}},
        {"addProtectedRange": {"protectedRange": {"range": part, "warningOnly": True}}},
        {"addConditionalFormatRule": {"rule": {"ranges": [part], "booleanRule": green}}},
        {"setDataValidation": {"range": part, "rule": rule}},
        {"createDeveloperMetadata": {"developerMetadata": entry}},
        {"mergeCells": {"range": {**part, "startRowIndex": 1}, "mergeType": "MERGE_ALL"}},
    )
    answer = api.get(includeGridData="true")
    assert discovery.faults("Spreadsheet", answer) == []
    kinds = {"tables", "filterViews", "basicFilter", "protectedRanges", "conditionalFormats", "merges", "data"}
    assert kinds <= set(answer["sheets"][0])


def test_it_knows_the_requests_that_it_names() -> None:
    named = set(discovery.document()["schemas"]["Request"]["properties"])
    assert set(batch.HANDLERS) <= named
    assert len(batch.HANDLERS) >= 36


def test_it_takes_a_null_for_any_field_as_not_set() -> None:
    body = {"requests": [{"addSheet": {"properties": {"title": "x", "index": None, "gridProperties": None}}}, None]}
    assert discovery.check_body("BatchUpdateSpreadsheetRequest", body) == {
        "requests": [{"addSheet": {"properties": {"title": "x"}}}]
    }
    values = {"data": [{"values": [[None, "x"], [1, None]]}], "responseValueRenderOption": None}
    assert discovery.check_body("BatchUpdateValuesRequest", values) == {"data": [{"values": [[None, "x"], [1, None]]}]}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"reqests": []}, 'Invalid JSON payload received. Unknown name "reqests": Cannot find field.'),
        (
            {"requests": [{"addSheet": {"propertys": {}}}]},
            "Invalid JSON payload received. Unknown name \"propertys\" at 'requests[0].add_sheet': Cannot find field.",
        ),
        ({"requests": {}}, "Invalid value at 'requests' (TYPE_LIST), {}"),
        (
            {"requests": [{"appendDimension": {"dimension": "rows"}}]},
            "Invalid value at 'requests[0].append_dimension.dimension' "
            '(type.googleapis.com/google.apps.sheets.v4.Dimension), "rows"',
        ),
        (
            {"requests": [{"appendDimension": {"length": "many"}}]},
            "Invalid value at 'requests[0].append_dimension.length' (TYPE_INT32), \"many\"",
        ),
        (
            {"includeSpreadsheetInResponse": "yes"},
            "Invalid value at 'include_spreadsheet_in_response' (TYPE_BOOL), \"yes\"",
        ),
    ],
)
def test_it_words_what_is_wrong_as_google_does(body: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ApiError) as error:
        discovery.check_body("BatchUpdateSpreadsheetRequest", body)
    answer = error.value.body()["error"]
    assert (answer["code"], answer["status"], answer["message"]) == (400, "INVALID_ARGUMENT", sentence)
    assert answer["details"][0]["fieldViolations"][0]["description"] == sentence


def test_it_names_everything_that_is_wrong_at_once(api: Bare) -> None:
    with pytest.raises(Refused) as refused:
        api.batch({"sortRange": {"rnge": {}, "sortSpecs": [{"order": 1}]}})
    assert len(refused.value.error["details"][0]["fieldViolations"]) == 2


@given(st.integers(0, 18_277))
def test_it_counts_columns_both_ways(column: int) -> None:
    assert a1.number(a1.letter(column)) == column


@given(
    st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12),
    st.tuples(st.integers(0, 99), st.integers(1, 9), st.integers(0, 99), st.integers(1, 9)),
)
def test_it_reads_every_range_that_it_writes(title: str, place: tuple[int, int, int, int]) -> None:
    top, high, left, wide = place
    part = a1.Area(3, top, top + high, left, left + wide)
    named, cells = a1.split(a1.write(title, part))
    assert named == title
    assert cells is not None
    assert a1.cells(cells, 3) == part


@given(st.recursive(st.just({}), lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, min_size=1, max_size=3)))
@settings(max_examples=200)
def test_it_reads_a_field_mask_however_it_is_nested(tree: dict[str, Any]) -> None:
    def brackets(inner: dict[str, Any]) -> str:
        return ",".join(name + (f"({brackets(below)})" if below else "") for name, below in inner.items())

    def dots(inner: dict[str, Any], path: str = "") -> Iterator[str]:
        for name, below in inner.items():
            yield from dots(below, f"{path}{name}.") if below else [f"{path}{name}"]

    assert mask.parse(brackets(tree)) == tree
    assert mask.parse(",".join(dots(tree))) == tree


def test_it_cuts_an_answer_to_the_mask() -> None:
    answer = {"a": 1, "b": [{"c": 1, "d": 2}, {"d": 3}], "e": {"f": {"g": 1, "h": 2}}}
    cut = {
        "b.d": {"b": [{"d": 2}, {"d": 3}]},
        "a,e/f/g": {"a": 1, "e": {"f": {"g": 1}}},
        "e(*(h))": {"e": {"f": {"h": 2}}},
        "*": answer,
    }
    for text, expected in cut.items():
        assert mask.pick(mask.parse(text), answer) == expected, text


def test_the_document_is_what_the_readme_says() -> None:
    text = discovery.DOCUMENT.read_text(encoding="utf-8")
    assert json.loads(text)["revision"] == "20261019"
    assert len(text) < 100_000
    readme = (discovery.DOCUMENT.parent / "README.md").read_text(encoding="utf-8")
    assert "20261019" in readme
    assert "Apache License 2.0" in readme
    files = [path.name for path in discovery.DOCUMENT.parent.glob("*.py") if not path.name.startswith("__")]
    assert [name for name in files if f"`{name}`" not in readme] == []
