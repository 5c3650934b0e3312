"""Who did what to a row, when and why, as the panel asks for it."""

from __future__ import annotations

from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.message import Message
from server.web import schemas


def test_it_tells_the_story_of_a_row(client: FlaskClient, planned: Campaign, sent: list[Message]) -> None:
    answer = client.get(f"/api/campaigns/{planned.id}/messages/{sent[0].row_key}/history")
    told = schemas.History(**answer.get_json()).entries
    assert [(one.who, one.what) for one in told] == [
        ("worker", "drafted"),
        ("Kim", "approved"),
        ("worker", "claimed"),
        ("outbox", "accepted"),
    ]


def test_a_row_without_a_message_has_no_history(client: FlaskClient, planned: Campaign) -> None:
    answer = client.get(f"/api/campaigns/{planned.id}/messages/r_none/history")
    assert answer.status_code == 404
    assert "no message" in answer.get_json()["detail"]


def test_a_stranger_learns_nothing(stranger: FlaskClient, planned: Campaign) -> None:
    assert stranger.get(f"/api/campaigns/{planned.id}/messages/r_1/history").status_code == 401
