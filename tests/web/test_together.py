"""Two people at one sheet: whether anything changed, asked again and again, and who approved what."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.machine import Approved, Skipped
from server.domain.message import Approval, Message
from server.web.app import WebApp
from tests.web.conftest import StageServices


def approve(services: StageServices, one: Message) -> None:
    """Kim says yes to a draft."""
    approval = Approval("Kim", services.clock.now(), "f")
    event = Approved(approval, one.text, one.subject, one.address, one.source, one.identity)
    assert services.ledger.messages.move(one.id, event) is not None


def test_the_list_says_whether_anything_changed(
    client: FlaskClient, services: StageServices, planned: Campaign, drafted: list[Message]
) -> None:
    first = client.get("/api/campaigns").json
    assert (len(first["campaigns"]), first["unchanged"]) == (1, False)
    again = client.get("/api/campaigns", query_string={"version": first["version"]}).json
    assert again == {"campaigns": [], "version": first["version"], "unchanged": True}
    services.ledger.messages.move(drafted[0].id, Skipped("Skipped by Kim.", "Kim"))
    later = client.get("/api/campaigns", query_string={"version": first["version"]}).json
    assert later["unchanged"] is False
    assert later["version"] != first["version"]
    assert [one["id"] for one in later["campaigns"]] == [planned.id]


def test_what_did_not_change_is_told_without_reading_a_campaign(
    client: FlaskClient, app: WebApp, planned: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = client.get("/api/campaigns").json["version"]
    monkeypatch.setattr(app.campaigns, "overview", lambda _: pytest.fail("a campaign was read"))
    assert client.get("/api/campaigns", query_string={"version": version}).json["unchanged"] is True


def test_a_first_campaign_is_a_change(client: FlaskClient, services: StageServices, planned: Campaign) -> None:
    version = client.get("/api/campaigns").json["version"]
    services.ledger.campaigns.add(replace(planned, id="c_second"))
    later = client.get("/api/campaigns", query_string={"version": version}).json
    assert [one["id"] for one in later["campaigns"]] == ["c_second", planned.id]


def test_a_message_says_who_approved_it_until_that_lapses(
    client: FlaskClient, planned: Campaign, sent: list[Message], drafted: list[Message]
) -> None:
    found = client.get(f"/api/campaigns/{planned.id}/messages").json["messages"]
    assert {one["approved_by"] for one in found} == {"Kim"}
    assert all(one["approved_at"] for one in found)


def test_a_draft_was_approved_by_nobody(
    client: FlaskClient, services: StageServices, planned: Campaign, drafted: list[Message]
) -> None:
    at = f"/api/campaigns/{planned.id}"
    approve(services, drafted[0])
    by = {one["key"]: one["approved_by"] for one in client.get(f"{at}/messages").json["messages"]}
    assert by == {drafted[0].row_key: "Kim", drafted[1].row_key: "", drafted[2].row_key: ""}
    client.patch(f"{at}/messages/{drafted[0].row_key}", json={"text": "Something else"})
    [edited] = client.get(f"{at}/messages?key={drafted[0].row_key}").json["messages"]
    assert (edited["approved_by"], edited["approved_at"]) == ("", None)


def test_who_approved_how_many_is_told_for_a_campaign(
    client: FlaskClient, planned: Campaign, sent: list[Message]
) -> None:
    [one] = client.get(f"/api/campaigns/{planned.id}/approvals").json["approvals"]
    assert (one["who"], one["count"]) == ("Kim", 3)
    assert one["last_at"]
    assert client.get("/api/campaigns/c_nowhere/approvals").status_code == 404


def test_the_second_who_presses_send_is_told_who_started_it(
    client: FlaskClient, desk: FlaskClient, services: StageServices, planned: Campaign, drafted: list[Message]
) -> None:
    at = f"/api/campaigns/{planned.id}"
    approve(services, drafted[0])
    assert client.post(f"{at}/send", json={}).status_code == 200
    second = desk.post(f"{at}/send", json={})
    assert second.status_code == 409
    assert "It was started by the API" in second.json["detail"]
