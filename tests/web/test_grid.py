"""The desk's grid: what is shown, and a person typing into it while a worker writes to the same sheet."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.keys import new_row_key
from server.domain.plan import Plan
from server.domain.table import Cell
from server.domain.words import ROW_KEY_TITLE, CampaignState, CellKind, ChannelName
from server.queue import SYNC
from server.web import tables
from tests.fakes import FakeSheet
from tests.web.conftest import StageServices


def look(client: FlaskClient, **query: object) -> dict[str, Any]:
    answer = client.get("/api/grid", query_string=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def type_into(client: FlaskClient, seen: dict[str, Any], person: str, title: str, value: str) -> Any:
    """What the desk does when a person types into the cell that they see."""
    titles = [column["title"] for column in seen["columns"]]
    row = next(row for row in seen["rows"] if row["cells"][0]["shown"] == person)
    edit = {"version": seen["version"], "position": row["position"], "column": titles.index(title), "value": value}
    return client.patch("/api/grid", json=edit)


def keyed(sheet: FakeSheet) -> None:
    """Give every row its key, as a campaign does."""
    sheet.insert_column(len(sheet.titles), ROW_KEY_TITLE)
    for row in range(len(sheet.column("Name"))):
        sheet.type(row, ROW_KEY_TITLE, new_row_key())


def campaign_on(services: StageServices, sheet: FakeSheet, state: CampaignState = CampaignState.DRAFTED) -> Campaign:
    campaign = Campaign(
        id=f"c_{state.value}",
        workbook=sheet.workbook,
        sheet=sheet.name,
        name="Times",
        instruction="Send times",
        plan=Plan(ChannelName.OUTBOX, "outbox", "Email"),
        state=state,
        columns={"Status": "Status", "Message": "Message 2"},
    )
    services.ledger.campaigns.add(campaign)
    return campaign


def test_it_shows_the_sheet_as_it_is(client: FlaskClient, sheet: FakeSheet) -> None:
    sheet.hide(1)
    seen = look(client)
    assert [column["title"] for column in seen["columns"]] == ["Name", "Email", "Time", "Number"]
    assert [row["cells"][0]["shown"] for row in seen["rows"]] == ["Ada", "Ben", "Cleo"]
    assert [row["hidden"] for row in seen["rows"]] == [False, True, False]
    assert seen["total"] == 3


def test_it_shows_a_window(client: FlaskClient, sheet: FakeSheet) -> None:
    seen = look(client, offset=1, limit=1)
    assert [row["cells"][0]["shown"] for row in seen["rows"]] == ["Ben"]
    assert (seen["total"], seen["offset"]) == (3, 1)


def test_it_says_in_a_few_bytes_that_nothing_changed(client: FlaskClient, sheet: FakeSheet) -> None:
    version = look(client)["version"]
    reads = sheet.reads
    again = look(client, version=version)
    assert (again["unchanged"], again["rows"]) == (True, [])
    assert sheet.reads == reads
    sheet.type(0, "Time", "10:00")
    fresh = look(client, version=version)
    assert not fresh["unchanged"]
    assert fresh["rows"][0]["cells"][2]["shown"] == "10:00"


def test_it_does_not_read_the_same_version_twice(client: FlaskClient, sheet: FakeSheet) -> None:
    look(client)
    look(client, offset=1)
    assert sheet.reads == 1


def test_it_leaves_a_large_sheet_to_rest_between_two_looks_but_not_from_the_person_who_types(
    client: FlaskClient, sheet: FakeSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "REST", 1e9)
    keyed(sheet)
    seen = look(client)
    sheet.type(2, "Time", "10:00")
    assert look(client, version=seen["version"])["unchanged"]
    assert sheet.reads == 1
    edited = type_into(client, seen, "Ada", "Time", "11:45").get_json()
    assert [row["cells"][2]["shown"] for row in edited["rows"]] == ["11:45", "09:10", "10:00"]
    assert not look(client, version=seen["version"])["unchanged"]


def test_it_marks_our_columns_and_hides_the_row_key(
    client: FlaskClient, services: StageServices, sheet: FakeSheet
) -> None:
    campaign_on(services, sheet)
    for title in ("Status", "Message", "Message 2"):
        sheet.insert_column(len(sheet.titles), title)
    keyed(sheet)
    columns = {column["title"]: column for column in look(client)["columns"]}
    ours = {title for title, column in columns.items() if column["ours"]}
    assert ours == {"Status", "Message 2", ROW_KEY_TITLE}
    assert [title for title, column in columns.items() if column["hidden"]] == [ROW_KEY_TITLE]


def test_it_lands_what_a_person_types(client: FlaskClient, sheet: FakeSheet) -> None:
    answer = type_into(client, look(client), "Ben", "Time", "11:45")
    assert answer.status_code == 200
    assert sheet.column("Time") == ["09:00", "11:45", "09:20"]
    assert answer.get_json()["rows"][1]["cells"][2]["shown"] == "11:45"


@pytest.mark.parametrize(
    ("title", "typed", "lands"),
    [
        ("Time", "=1+1", "=1+1"),
        ("Time", "007", "007"),
        ("Time", "12", "12"),
        ("Number", "12", 12),
        ("Number", "-1.5", -1.5),
        ("Number", "007", "007"),
        ("Number", "+49 30 1234", "+49 30 1234"),
        ("Number", "1234567890123456", "1234567890123456"),
        ("Number", "1e5", "1e5"),
        ("Number", "=A1", "=A1"),
        ("Number", "", None),
        ("Time", "", None),
    ],
)
def test_it_keeps_text_text_and_numbers_numbers(
    client: FlaskClient, sheet: FakeSheet, title: str, typed: str, lands: object
) -> None:
    assert type_into(client, look(client), "Ada", title, typed).status_code == 200
    cell = sheet.read().rows[0].cells[sheet.titles.index(title)]
    assert cell.raw == lands
    assert type(cell.raw) is type(lands)


@pytest.mark.parametrize(
    "locked", [Cell("=SUM", "x", CellKind.TEXT, formula=True), Cell("", None, CellKind.BLANK, merged=True)]
)
def test_it_leaves_formulas_and_merged_cells_alone(client: FlaskClient, sheet: FakeSheet, locked: Cell) -> None:
    sheet.type(0, "Time", locked)
    seen = look(client)
    assert seen["rows"][0]["cells"][2]["locked"]
    answer = type_into(client, seen, "Ada", "Time", "10:00")
    assert answer.status_code == 422
    assert "“Time”" in answer.get_json()["detail"]
    assert sheet.writes == []


def test_it_leaves_row_keys_alone(client: FlaskClient, sheet: FakeSheet) -> None:
    keyed(sheet)
    seen = look(client)
    assert seen["rows"][0]["cells"][4]["locked"]
    assert type_into(client, seen, "Ada", ROW_KEY_TITLE, "r_2222222222").status_code == 422
    assert sheet.writes == []


def test_it_finds_the_row_again_when_a_worker_wrote_meanwhile(client: FlaskClient, sheet: FakeSheet) -> None:
    keyed(sheet)
    seen = look(client)
    sheet.type(0, "Number", 70)
    sheet.sort("Time", reverse=True)
    sheet.insert_column(0, "Status")
    assert type_into(client, seen, "Ben", "Time", "11:45").status_code == 200
    assert sheet.shown(sheet.find("Name", "Ben"), "Time") == "11:45"
    assert sorted(sheet.column("Time")) == ["09:00", "09:20", "11:45"]


def test_it_finds_the_row_again_when_the_sheet_changes_in_the_very_moment_of_writing(
    client: FlaskClient, sheet: FakeSheet
) -> None:
    keyed(sheet)
    seen = look(client)
    sheet.meanwhile = lambda changing: changing.sort("Time", reverse=True)
    assert type_into(client, seen, "Cleo", "Time", "11:45").status_code == 200
    assert sheet.shown(sheet.find("Name", "Cleo"), "Time") == "11:45"


def test_it_does_not_write_over_what_somebody_else_wrote_meanwhile(client: FlaskClient, sheet: FakeSheet) -> None:
    keyed(sheet)
    seen = look(client)
    sheet.type(1, "Time", "12:00")
    answer = type_into(client, seen, "Ben", "Time", "11:45")
    assert answer.status_code == 409
    assert "while you were typing" in answer.get_json()["detail"]
    assert sheet.shown(1, "Time") == "12:00"


def test_it_does_not_guess_a_row_without_a_key_that_moved(client: FlaskClient, sheet: FakeSheet) -> None:
    seen = look(client)
    sheet.insert_row(0, {"Name": "Zoe", "Time": "09:00"})
    assert type_into(client, seen, "Ada", "Time", "11:45").status_code == 409
    assert sheet.writes == []


def test_it_takes_a_row_without_a_key_that_stayed(client: FlaskClient, sheet: FakeSheet) -> None:
    seen = look(client)
    sheet.type(2, "Time", "10:00")
    assert type_into(client, seen, "Ada", "Time", "11:45").status_code == 200
    assert sheet.column("Time") == ["11:45", "09:10", "10:00"]


def test_it_does_not_guess_a_row_that_was_copied_or_deleted(client: FlaskClient, sheet: FakeSheet) -> None:
    keyed(sheet)
    seen = look(client)
    sheet.copy_row(0, 2)
    assert type_into(client, seen, "Ada", "Time", "11:45").status_code == 409
    sheet.delete_row(sheet.find("Name", "Ben"))
    assert type_into(client, seen, "Ben", "Time", "11:45").status_code == 409
    assert sheet.writes == []


def test_it_does_not_write_for_a_version_that_it_never_showed(client: FlaskClient, sheet: FakeSheet) -> None:
    seen = look(client) | {"version": "v-unknown"}
    assert type_into(client, seen, "Ada", "Time", "11:45").status_code == 409
    assert sheet.writes == []


@pytest.mark.parametrize(("position", "column"), [(99, 0), (0, 99), (0, -1)])
def test_it_refuses_a_cell_that_is_not_there(client: FlaskClient, sheet: FakeSheet, position: int, column: int) -> None:
    edit = {"version": look(client)["version"], "position": position, "column": column, "value": "x"}
    assert client.patch("/api/grid", json=edit).status_code == 422


def test_it_says_when_the_workbook_is_open_elsewhere(client: FlaskClient, sheet: FakeSheet) -> None:
    seen = look(client)
    sheet.locked = True
    answer = type_into(client, seen, "Ada", "Time", "10:00")
    assert answer.status_code == 503
    assert "Close it there" in answer.get_json()["detail"]
    assert answer.headers["Retry-After"]


def test_it_has_an_edit_obeyed_at_once(client: FlaskClient, services: StageServices, sheet: FakeSheet) -> None:
    live = campaign_on(services, sheet)
    campaign_on(services, sheet, CampaignState.CANCELLED)
    type_into(client, look(client), "Ada", "Time", "10:00")
    assert services.queue.of(SYNC) == [(live.id,)]


def test_it_needs_no_queue_to_take_an_edit(client: FlaskClient, services: StageServices, sheet: FakeSheet) -> None:
    campaign_on(services, sheet)
    services.queue.unavailable = True
    assert type_into(client, look(client), "Ada", "Time", "10:00").status_code == 200


def test_it_says_that_no_workbook_is_open(client: FlaskClient) -> None:
    answer = client.get("/api/grid")
    assert answer.status_code == 404
    assert "Drop one" in answer.get_json()["detail"]
