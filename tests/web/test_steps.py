"""Reminders and questions back over HTTP: what the panel asks for, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.keys import new_id
from server.domain.machine import Answered
from server.domain.message import Message
from server.domain.reply import Interpretation, Reply
from server.domain.table import CellEdit, NewColumn
from server.domain.words import ROW_KEY_TITLE, CampaignState, ChannelName, MessageState, Outcome
from server.queue import DRAFT, SEND
from tests.fakes import FakeSheet
from tests.web.conftest import StageServices

TIMES = "/api/campaigns/c_times"


def ok(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


@pytest.fixture
def out(services: StageServices, sheet: FakeSheet, planned: Campaign, sent: list[Message]) -> list[Message]:
    """What was sent, with its keys in the sheet."""
    table = sheet.read()
    edits = [CellEdit(row, len(table.columns), one.row_key) for row, one in zip(table.rows, sent, strict=True)]
    sheet.apply(table, edits, [NewColumn(ROW_KEY_TITLE, hidden=True)])
    services.ledger.campaigns.move(planned.id, CampaignState.DONE)
    return sent


def answers(services: StageServices, message: Message, text: str, reading: Interpretation) -> None:
    at = services.clock.now() + timedelta(minutes=1)
    came = Reply(new_id("a"), new_id("evt"), ChannelName.OUTBOX, message.address, text, at)
    came = replace(came, message_id=message.id, campaign_id=message.campaign_id, interpretation=reading)
    services.ledger.inbox.add_reply(came)
    services.ledger.messages.move(message.id, Answered(reading, text, at=at))


VAGUE = Interpretation(Outcome.UNCLEAR, reason="It is not clear.")


def test_it_has_reminders_drafted_for_rows_without_an_answer(
    client: FlaskClient, services: StageServices, out: list[Message]
) -> None:
    answers(services, out[0], "Yes", Interpretation(Outcome.CONFIRMED, {"Coming": "Yes"}))
    assert ok(client.post(f"{TIMES}/remind", json={})) == {"changed": 2, "sentence": ""}
    assert ok(client.get(TIMES))["state"] == "drafting"
    assert services.queue.of(DRAFT)
    assert services.ledger.messages.states("c_times") == {MessageState.SENT: 1, MessageState.CHOSEN: 2}
    assert ok(client.get(TIMES))["rows"] == 3


def test_a_row_that_was_named_says_why_it_gets_none(
    client: FlaskClient, services: StageServices, out: list[Message]
) -> None:
    answers(services, out[0], "Yes", Interpretation(Outcome.CONFIRMED, {"Coming": "Yes"}))
    left = ok(client.post(f"{TIMES}/command", json={"keys": [out[0].row_key], "command": "Remind"}))
    assert left == {"changed": 0, "sentence": "1 left: This row has its answer."}


def test_it_refuses_a_reminder_that_no_row_can_fill(client: FlaskClient, out: list[Message]) -> None:
    refused = client.post(f"{TIMES}/remind", json={"text": "Come to {{Room}}"})
    assert refused.status_code == 422
    assert "Room" in refused.get_json()["detail"]


def test_it_skips_a_reminder_and_shows_what_was_sent_before(
    client: FlaskClient, services: StageServices, out: list[Message]
) -> None:
    ok(client.post(f"{TIMES}/remind", json={"keys": [out[0].row_key]}))
    done = ok(client.post(f"{TIMES}/command", json={"keys": [out[0].row_key], "command": "Skip"}))
    assert done["changed"] == 1
    assert services.ledger.messages.of_row("c_times", out[0].row_key).id == out[0].id  # type: ignore[union-attr]


def test_it_drafts_a_question_back_and_sends_what_a_person_made_of_it(
    client: FlaskClient, services: StageServices, out: list[Message]
) -> None:
    answers(services, out[0], "Hm", VAGUE)
    review = f"{TIMES}/reviews/{out[0].id}"
    drafted = ok(client.post(f"{review}/clarify"))
    assert "Can you make it?" in drafted["text"]
    assert drafted["subject"] == "Re: Your time"
    assert services.ledger.messages.of_row("c_times", out[0].row_key).id == out[0].id  # type: ignore[union-attr]
    asked = ok(client.post(f"{review}/ask", json={"text": "Yes or no?", "subject": "Re: Your time"}))
    assert (asked["text"], asked["status"], asked["reply"]) == ("Yes or no?", "Approved", "Hm")
    new = services.ledger.messages.get(asked["message_id"])
    assert new.approval is not None
    assert new.approval.who == ok(client.get("/api/session"))["who"]
    assert services.queue.of(SEND)
    assert ok(client.get(f"{TIMES}/reviews"))["reviews"] == []
    assert client.post(f"{review}/ask", json={"text": "Yes or no?"}).status_code == 409
    told = ok(client.get(f"{TIMES}/messages/{out[0].row_key}/history"))["entries"]
    what = [one["what"] for one in told]
    assert what == ["drafted", "approved", "claimed", "accepted", "read", "answered", "followed", "approved"]


@pytest.mark.parametrize("act", ["clarify", "ask"])
def test_it_asks_back_nobody_who_has_not_answered_nor_in_another_campaign(
    client: FlaskClient, out: list[Message], act: str
) -> None:
    assert client.post(f"{TIMES}/reviews/{out[0].id}/{act}", json={"text": "Yes or no?"}).status_code == 409
    assert client.post(f"{TIMES}/reviews/m_nobody/{act}", json={"text": "Yes or no?"}).status_code == 404


def test_a_stranger_reminds_nobody(stranger: FlaskClient, out: list[Message]) -> None:
    assert stranger.post(f"{TIMES}/remind", json={}).status_code == 401
    assert stranger.post(f"{TIMES}/reviews/{out[0].id}/ask", json={"text": "?"}).status_code == 401
