"""Every number of a plan leads to its rows: whom it means, who gets nothing and why, all cells of a fault."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.message import Message
from server.flow import planning
from tests.fakes import FakeSheet


def rows(client: FlaskClient, kind: str, **query: Any) -> tuple[int, list[tuple[str, str, str]]]:
    found = client.get("/api/campaigns/c_times/left-out", query_string={"kind": kind, **query}).json
    assert found is not None
    return found["total"], [(one["person"], one["reason"], one["column"]) for one in found["rows"]]


def test_each_number_of_the_choice_leads_to_as_many_rows(
    client: FlaskClient, planned: Campaign, sheet: FakeSheet
) -> None:
    sheet.hide(0)
    sheet.type(1, "Email", "")
    view = client.get(f"/api/campaigns/{planned.id}").json
    assert view is not None
    assert view["choice"] == "1 of 3; 1 hidden, 1 without an address"
    counts = {part["kind"]: part["count"] for part in view["choice_parts"]}
    assert counts == {"chosen": 1, "all": 3, "hidden": 1, "no_address": 1}
    assert rows(client, "chosen") == (1, [("Cleo", "cleo@example.org", "Email")])
    assert rows(client, "hidden") == (1, [("Ada", "Hidden in the sheet.", "Name")])
    total, [(person, reason, column)] = rows(client, "no_address")
    assert (total, person, column) == (1, "Ben", "Email")
    assert "address" in reason
    assert rows(client, "other") == rows(client, "sent") == (0, [])
    sheet.type(1, "Email", "ben@example.org")
    assert rows(client, "no_address") == (0, []), "what is remembered is of that state of the sheet alone"


def test_it_comes_in_pages_to_the_last_row(client: FlaskClient, planned: Campaign) -> None:
    assert rows(client, "chosen", limit=2)[0] == 3
    assert [person for person, *_ in rows(client, "chosen", limit=2, offset=2)[1]] == ["Cleo"]
    assert client.get("/api/campaigns/c_times/left-out?kind=nobody").status_code == 422


def test_all_cells_of_a_fault_can_be_walked(client: FlaskClient, planned: Campaign, sheet: FakeSheet) -> None:
    for row in range(3):
        sheet.type(row, "Email", "nobody")
    first = client.get("/api/campaigns/c_times/faults?kind=no_address&limit=2").json
    rest = client.get("/api/campaigns/c_times/faults?kind=no_address&limit=2&offset=2").json
    assert first is not None
    assert rest is not None
    assert (first["total"], len(first["cells"]), len(rest["cells"])) == (3, 2, 1)
    assert {cell["column"] for cell in first["cells"] + rest["cells"]} == {"Email"}
    assert client.get("/api/campaigns/c_times/faults?kind=none").json == {"cells": [], "total": 0}


def test_turning_a_page_surveys_nothing_again_until_something_changes(
    client: FlaskClient, planned: Campaign, sheet: FakeSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    surveys = []
    survey = planning.survey

    def counted(*given: Any, **more: Any) -> planning.Survey:
        surveys.append(1)
        return survey(*given, **more)

    monkeypatch.setattr(planning, "survey", counted)
    for what in ("left-out?kind=chosen", "faults?kind=no_address"):
        surveys.clear()
        first = client.get(f"/api/campaigns/{planned.id}/{what}&limit=1").get_json()
        again = client.get(f"/api/campaigns/{planned.id}/{what}&limit=1&offset=1").get_json()
        assert (first["total"], len(surveys)) == (again["total"], 1)
    surveys.clear()
    sheet.type(2, "Email", "")
    fewer = client.get(f"/api/campaigns/{planned.id}/left-out?kind=chosen").get_json()
    more = client.get(f"/api/campaigns/{planned.id}/faults?kind=no_address").get_json()
    assert (len(surveys), fewer["total"], more["total"]) == (2, 2, 1)


def test_rows_at_several_words_come_in_pages_in_the_order_of_the_sheet(
    client: FlaskClient, drafted: list[Message]
) -> None:
    client.post("/api/campaigns/c_times/command", json={"keys": [drafted[1].row_key], "command": "Skip"})
    both = client.get("/api/campaigns/c_times/messages?status=Draft,Skipped&limit=2").json
    rest = client.get("/api/campaigns/c_times/messages?status=Draft&status=Skipped&limit=2&offset=2").json
    assert both is not None
    assert rest is not None
    assert [one["person"] for one in both["messages"] + rest["messages"]] == ["Ada", "Ben", "Cleo"]
    assert both["total"] == rest["total"] == 3
    assert client.get("/api/campaigns/c_times/messages?status=Skipped").json["total"] == 1  # type: ignore[index]
    assert client.get("/api/campaigns/c_times/messages?status=Sent").json == {"messages": [], "total": 0}
    assert client.get("/api/campaigns/c_times/messages?status=Gone").status_code == 422
