"""The desk's bench over a real workbook: sort, filter, rows, pastes, taking back, and a file that is taken out."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from server.domain.keys import new_row_key
from server.domain.table import CellEdit, NewColumn
from server.domain.words import ROW_KEY_TITLE
from server.errors import SheetChanged
from server.sheets.xlsx import XlsxSheet
from tests.books import book
from tests.fakes import FakeSheet
from tests.web.conftest import StageServices

TITLES = ("Name", "City", "Age")
PEOPLE = [("Cleo", "Rome", 31), ("Ana", "Oslo", 9), ("Ben", "Rome", 120), ("Dan", None, 44)]


@pytest.fixture
def path(tmp_path: Path, services: StageServices) -> Path:
    found = book(tmp_path / "people.xlsx", TITLES, PEOPLE)
    services.set_default_workbook(str(found))
    return found


def grid(client: FlaskClient) -> dict[str, Any]:
    return dict(client.get("/api/grid").get_json())


def names(client: FlaskClient, *, visible: bool = False) -> list[str]:
    return [row["cells"][0]["shown"] for row in grid(client)["rows"] if not (visible and row["hidden"])]


def post(client: FlaskClient, what: str, **body: object) -> dict[str, Any]:
    answer = client.post(f"/api/grid/{what}", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def seen(client: FlaskClient, name: str) -> dict[str, Any]:
    now = grid(client)
    position = next(row["position"] for row in now["rows"] if row["cells"][0]["shown"] == name)
    return {"position": position, "version": now["version"]}


def keyed(path: Path) -> XlsxSheet:
    """Give every row its key, as a campaign does."""
    sheet = XlsxSheet(path)
    table = sheet.read()
    sheet.apply(table, [], [NewColumn(ROW_KEY_TITLE, hidden=True), NewColumn("Status")])
    table = sheet.read()
    sheet.apply(table, [CellEdit(row, 3, new_row_key()) for row in table.rows])
    return sheet


def test_it_sorts_by_value_and_takes_it_back(client: FlaskClient, path: Path) -> None:
    before = path.read_bytes()
    assert post(client, "sort", column=2, title="Age")["undo"] == "sort"
    assert names(client) == ["Ana", "Cleo", "Dan", "Ben"]
    post(client, "sort", column=1, title="City", descending=True)
    assert names(client) == ["Cleo", "Ben", "Ana", "Dan"]
    post(client, "undo")
    assert post(client, "undo")["undo"] == ""
    assert names(client) == [row[0] for row in PEOPLE]
    assert load_workbook(io.BytesIO(before)).worksheets[0]["A2"].value == "Cleo"
    refused = client.post("/api/grid/undo", json={})
    assert refused.status_code == 409
    assert "nothing of yours" in refused.get_json()["detail"]


def test_a_sort_is_taken_back_by_keys_when_answers_came_in_since(client: FlaskClient, path: Path) -> None:
    sheet = keyed(path)
    post(client, "sort", column=0, title="Name")
    table = sheet.read()
    sheet.apply(table, [CellEdit(row, 4, "Confirmed") for row in table.rows if row.shown(0) == "Ben"])
    post(client, "undo")
    assert names(client) == [row[0] for row in PEOPLE]
    assert [row.shown(4) for row in sheet.read().rows] == ["", "", "Confirmed", ""]


def test_a_sort_waits_for_a_worker_that_writes_at_the_same_time(
    client: FlaskClient, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyed(path)
    rewrite, calls = XlsxSheet.rewrite, []

    def disturbed(self: XlsxSheet, *arguments: Any) -> str:
        calls.append(1)
        if len(calls) == 1:
            table = XlsxSheet(path).read()
            with pytest.MonkeyPatch.context() as calm:
                calm.setattr(XlsxSheet, "rewrite", rewrite)
                XlsxSheet(path).apply(table, [CellEdit(table.rows[0], 4, "Sent")])
        return rewrite(self, *arguments)

    monkeypatch.setattr(XlsxSheet, "rewrite", disturbed)
    post(client, "sort", column=0, title="Name")
    assert len(calls) == 2
    assert {row.shown(0): row.shown(4) for row in XlsxSheet(path).read().rows} == {
        "Ana": "", "Ben": "", "Cleo": "Sent", "Dan": ""}  # fmt: skip
    assert names(client) == ["Ana", "Ben", "Cleo", "Dan"]


def test_sorting_while_values_come_in_puts_every_value_into_its_row(client: FlaskClient, path: Path) -> None:
    sheet = keyed(path)
    keys = {row.key: row.shown(0) for row in sheet.read().rows}
    for turn, key in enumerate(list(keys) * 4):
        post(client, "sort", column=turn % 3, title=TITLES[turn % 3], descending=bool(turn % 2))
        while True:  # as the writer does: by the key, at the moment of writing
            table = sheet.read()
            try:
                sheet.apply(table, [CellEdit(table.by_key()[key][0], 4, f"{keys[key]} {turn}")])
                break
            except SheetChanged:
                continue
    rows = sheet.read().rows
    assert {row.key: row.shown(0) for row in rows} == keys
    assert all(row.shown(4).startswith(row.shown(0)) for row in rows)


def test_it_filters_by_values_and_words_and_lists_what_there_is(client: FlaskClient, path: Path) -> None:
    listed = client.get("/api/grid/values?column=1").get_json()
    assert [(one["shown"], one["count"]) for one in listed["values"]] == [("Oslo", 1), ("Rome", 2), ("", 1)]
    assert client.get("/api/grid/values?column=1&q=RO").get_json()["total"] == 1
    state = post(client, "filter", filters=[{"column": 1, "title": "City", "values": ["Rome"]}])
    assert state["filters"] == [{"column": 1, "title": "City", "values": ["Rome"], "contains": ""}]
    assert names(client, visible=True) == ["Cleo", "Ben"]
    post(client, "filter", filters=[*state["filters"], {"column": 0, "title": "Name", "contains": "B"}])
    assert names(client, visible=True) == ["Ben"]
    post(client, "undo")
    assert names(client, visible=True) == ["Cleo", "Ben"]
    assert post(client, "filter", filters=[])["filters"] == []
    assert names(client, visible=True) == [row[0] for row in PEOPLE]


def test_it_adds_and_deletes_rows_and_takes_both_back(client: FlaskClient, path: Path) -> None:
    post(client, "rows", add=[{"column": 0, "value": "Eve"}, {"column": 2, "value": "7"}])
    assert names(client)[-1] == "Eve"
    assert load_workbook(path).worksheets[0]["C6"].value == 7
    post(client, "rows", before=seen(client, "Ana"), add=[{"column": 0, "value": "=Zed"}])
    assert names(client) == ["Cleo", "=Zed", "Ana", "Ben", "Dan", "Eve"]
    post(client, "rows", delete=[seen(client, "Ana"), seen(client, "Dan")])
    assert names(client) == ["Cleo", "=Zed", "Ben", "Eve"]
    for expected in (["Cleo", "=Zed", "Ana", "Ben", "Dan", "Eve"], ["Cleo", "Ana", "Ben", "Dan", "Eve"],
                     [row[0] for row in PEOPLE]):  # fmt: skip
        post(client, "undo")
        assert names(client) == expected
    nothing = client.post("/api/grid/rows", json={})
    assert nothing.status_code == 422


def test_a_row_is_deleted_as_it_was_seen_or_not_at_all(client: FlaskClient, path: Path) -> None:
    keyed(path)
    ana = seen(client, "Ana")
    post(client, "sort", column=2, title="Age", descending=True)
    post(client, "rows", delete=[ana])
    assert names(client) == ["Ben", "Dan", "Cleo"]
    again = client.post("/api/grid/rows", json={"delete": [ana]})
    assert (again.status_code, names(client)) == (409, ["Ben", "Dan", "Cleo"])


def test_a_paste_is_one_write_or_none_and_is_taken_back(client: FlaskClient, path: Path) -> None:
    cells = [
        {**seen(client, ("Cleo", "Ana")[row]), "column": column, "value": value}
        for row, line in enumerate((("Bergen", "10"), ("=1+1", "ten")))
        for column, value in enumerate(line, 1)
    ]
    post(client, "cells", cells=cells)
    sheet = load_workbook(path).worksheets[0]
    assert [cell.value for cell in sheet[2]] == ["Cleo", "Bergen", 10]
    assert [(cell.value, cell.data_type) for cell in sheet[3]][1:] == [("=1+1", "s"), ("ten", "s")]
    post(client, "undo")
    assert [cell.value for cell in load_workbook(path).worksheets[0][3]] == ["Ana", "Oslo", 9]
    before = path.read_bytes()
    refused = client.post("/api/grid/cells", json={
        "cells": [*cells, {**seen(client, "Cleo"), "column": 9, "value": "x"}]})  # fmt: skip
    assert refused.status_code == 422
    assert path.read_bytes() == before


def test_an_edit_is_not_taken_back_once_somebody_changed_the_cell(client: FlaskClient, path: Path) -> None:
    seen = grid(client)
    client.patch("/api/grid", json={"version": seen["version"], "position": 2, "column": 1, "value": "Turin"})
    sheet = XlsxSheet(path)
    table = sheet.read()
    sheet.apply(table, [CellEdit(table.rows[0], 1, "Milan")])
    refused = client.post("/api/grid/undo", json={})
    assert refused.status_code == 409
    assert "changed since" in refused.get_json()["detail"]
    assert sheet.read().rows[0].shown(1) == "Milan"


def test_an_edit_is_not_taken_back_in_the_row_of_another_person(client: FlaskClient, path: Path) -> None:
    """Without keys: somebody sorted the file elsewhere, and the cell at that place happens to show the same."""
    client.patch("/api/grid", json={"version": grid(client)["version"], "position": 3, "column": 1, "value": "Rome"})
    book(path, TITLES, [PEOPLE[2], PEOPLE[0], ("Ana", "Rome", 9), PEOPLE[3]])
    assert client.post("/api/grid/undo", json={}).status_code == 409
    assert [row.shown(1) for row in XlsxSheet(path).read().rows] == ["Rome", "Rome", "Rome", ""]


def test_what_can_not_be_right_is_refused_with_a_sentence(client: FlaskClient, path: Path) -> None:
    changed = load_workbook(path)
    changed.worksheets[0].merge_cells("A2:A3")
    changed.save(path)
    refused = client.post("/api/grid/sort", json={"column": 2, "title": "Age"})
    assert refused.status_code == 422
    assert "A2:A3 is merged" in refused.get_json()["detail"]


def test_the_workbook_is_taken_out_as_it_is_now(client: FlaskClient, path: Path, tmp_path: Path) -> None:
    answer = client.get("/api/workbooks/file")
    assert answer.data == path.read_bytes()
    assert answer.headers["Content-Disposition"] == "attachment; filename=people.xlsx"
    other = book(tmp_path / "secret.xlsx", TITLES, PEOPLE)
    for wanted in (str(other), f"{path.parent}/../{path.parent.name}/secret.xlsx", "/etc/passwd", "a\0b"):
        assert client.get("/api/workbooks/file", query_string={"workbook": wanted}).status_code == 404


def test_a_sheet_with_an_application_of_its_own_is_arranged_there(client: FlaskClient, sheet: FakeSheet) -> None:
    assert client.get("/api/grid/filter").get_json() == {"able": False, "filters": [], "undo": ""}
    assert client.post("/api/grid/sort", json={"column": 0, "title": "Name"}).status_code == 422
    assert client.get("/api/workbooks/file").status_code == 422
