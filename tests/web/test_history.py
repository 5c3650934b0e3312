"""Who did what to a row, when and why, as the panel asks for it."""

from __future__ import annotations

from flask.testing import FlaskClient

from server.domain.audit import Kind
from server.domain.campaign import Campaign
from server.domain.machine import Approved, Drafted
from server.domain.message import Approval, Message
from server.domain.words import CampaignState
from server.web import schemas
from tests.fakes import FakeSheet
from tests.web.conftest import StageServices


def test_it_tells_the_story_of_a_row(client: FlaskClient, planned: Campaign, sent: list[Message]) -> None:
    answer = client.get(f"/api/campaigns/{planned.id}/messages/{sent[0].row_key}/history")
    told = schemas.History(**answer.get_json()).entries
    assert [(one.who, one.what) for one in told] == [
        ("worker", "drafted"),
        ("Kim", "approved"),
        ("worker", "claimed"),
        ("outbox", "accepted"),
    ]


def test_it_tells_who_changed_a_text(client: FlaskClient, planned: Campaign, drafted: list[Message]) -> None:
    row = f"/api/campaigns/{planned.id}/messages/{drafted[0].row_key}"
    assert client.patch(row, json={"text": "Hi."}).status_code == 200
    client.post(f"/api/campaigns/{planned.id}/command", json={"keys": [drafted[0].row_key], "command": "Skip"})
    told = schemas.History(**client.get(f"{row}/history").get_json()).entries
    me = client.get("/api/session").get_json()["who"]
    assert [(one.who, one.what) for one in told[1:]] == [(me, "edited"), (me, "skipped")]


def test_a_campaign_remembers_who_paused_resumed_and_cancelled_it(
    client: FlaskClient, services: StageServices, planned: Campaign, sent: list[Message]
) -> None:
    for step in ("pause", "resume", "cancel"):
        assert client.post(f"/api/campaigns/{planned.id}/{step}", json={}).status_code == 200
    me = client.get("/api/session").get_json()["who"]
    told = services.ledger.audit.of_campaign(planned.id, 3)
    assert [(one.who, one.after) for one in told] == [(me, "cancelled"), (me, "sending"), (me, "paused")]


def test_a_campaign_remembers_who_drafted_sent_and_took_it_back(
    client: FlaskClient, services: StageServices, planned: Campaign, sheet: FakeSheet
) -> None:
    del sheet
    ledger = services.ledger
    assert client.post(f"/api/campaigns/{planned.id}/draft", json={}).status_code == 200
    for message in ledger.messages.of_campaign(planned.id):
        yes = Approval("Kim", services.clock.now(), "f")
        ledger.messages.move(message.id, Drafted("Hi", "", "a@example.org", "A"))
        ledger.messages.move(message.id, Approved(yes, "Hi", "", "a@example.org", "", ""))
    ledger.campaigns.move(planned.id, CampaignState.DRAFTED)
    for step in ("send", "undo"):
        assert client.post(f"/api/campaigns/{planned.id}/{step}", json={}).status_code == 200
    me = client.get("/api/session").get_json()["who"]
    told = ledger.audit.of_campaign(planned.id, 99)
    told = [(one.who, one.after) for one in told if one.kind is Kind.CAMPAIGN]
    assert told[:4] == [(me, "drafted"), (me, "sending"), ("", "drafted"), (me, "drafting")]


def test_a_row_without_a_message_has_no_history(client: FlaskClient, planned: Campaign) -> None:
    answer = client.get(f"/api/campaigns/{planned.id}/messages/r_none/history")
    assert answer.status_code == 404
    assert "no message" in answer.get_json()["detail"]


def test_a_stranger_learns_nothing(stranger: FlaskClient, planned: Campaign) -> None:
    assert stranger.get(f"/api/campaigns/{planned.id}/messages/r_1/history").status_code == 401
