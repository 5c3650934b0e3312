"""Campaigns, messages and reviews over HTTP: each call is its use case, and what it answers is the contract."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from server.campaigns import CampaignService
from server.domain.campaign import Campaign
from server.domain.confidence import SURE_AT
from server.domain.keys import new_id
from server.domain.machine import Answered
from server.domain.message import Message
from server.domain.reply import Interpretation, Reply
from server.domain.usage import Made
from server.domain.words import CampaignState, ChannelName, Flag, MessageState, Outcome
from server.errors import InvalidInput
from server.queue import DRAFT, SYNC
from server.web import schemas
from tests.fakes import FakeSheet
from tests.web.conftest import StageServices

TIMES = "/api/campaigns/c_times"


def ok(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_it_tells_the_panel_what_it_needs_at_its_start(client: FlaskClient, sheet: FakeSheet) -> None:
    session = schemas.Session(**ok(client.get("/api/session")))
    assert (session.workbook, session.sheet, session.sheets) == (sheet.workbook, sheet.name, [sheet.name])
    assert session.file_name == "people.xlsx"
    assert session.examples[0] == "Send each person their time and ask them to confirm"
    ready = {channel.name: channel for channel in session.channels}
    assert ready[ChannelName.OUTBOX].ready
    assert "SMTP_URL" in ready[ChannelName.EMAIL].hint
    assert session.who


def test_it_starts_without_a_workbook(client: FlaskClient) -> None:
    session = ok(client.get("/api/session"))
    assert (session["workbook"], session["sheets"]) == ("", [])


def test_it_shows_a_campaign_as_it_stands(client: FlaskClient, planned: Campaign, drafted: list[Message]) -> None:
    view = schemas.CampaignView(**ok(client.get(TIMES)))
    assert (view.state, view.rows, view.drafted, view.approvable) == (CampaignState.DRAFTED, 3, 3, 3)
    assert [(count.status, count.count) for count in view.counts] == [("Draft", 3)]
    assert view.plan.answer_columns[0].allowed == ["Yes", "No"]
    assert "Email" in view.plan.words
    assert ok(client.get("/api/campaigns"))["campaigns"][0]["id"] == planned.id


def test_it_plans_a_campaign_from_an_instruction_and_has_it_drafted(
    client: FlaskClient, services: StageServices, sheet: FakeSheet
) -> None:
    asked = {"instruction": "Send each person their Time and ask them to confirm", "answers": ["Coming=Yes|No"]}
    view = schemas.CampaignView(**ok(client.post("/api/campaigns", json=asked)))
    assert (view.state, view.rows, view.plan.address_column) == (CampaignState.PLANNED, 3, "Email")
    assert view.plan.answer_columns[0].allowed == ["Yes", "No"]
    assert view.choice
    assert view.started_by
    assert view.sure_at == SURE_AT
    assert sheet.writes == []
    assert ok(client.get("/api/campaigns"))["campaigns"][0]["id"] == view.id
    assert ok(client.post(f"/api/campaigns/{view.id}/draft", json={}))["state"] == "drafting"
    assert services.queue.of(DRAFT) == [(view.id, "0")]
    assert "Status" in sheet.titles


def test_it_offers_near_misses_for_a_column_that_is_not_there(client: FlaskClient, sheet: FakeSheet) -> None:
    answer = client.post("/api/campaigns", json={"template": "You start at {{Tmie}}."})
    assert answer.status_code == 422
    assert "Time" in answer.get_json()["suggestions"]


def test_it_changes_only_the_named_fields_of_a_plan(
    client: FlaskClient, services: StageServices, planned: Campaign
) -> None:
    change = {"question": "Are you in?", "answer_columns": [{"name": " Coming ", "allowed": ["Yes", " No ", ""]}]}
    view = ok(client.patch(f"{TIMES}/plan", json=change))
    assert view["plan"]["question"] == "Are you in?"
    assert view["plan"]["answer_columns"] == [{"name": "Coming", "kind": "choice", "allowed": ["Yes", "No"]}]
    assert services.ledger.campaigns.get(planned.id).plan.template == planned.plan.template


def test_it_refuses_a_plan_with_a_column_that_is_not_there(client: FlaskClient, planned: Campaign) -> None:
    answer = client.patch(f"{TIMES}/plan", json={"address_column": "Emial"})
    assert answer.status_code == 422
    assert "Emial" in answer.get_json()["detail"]


def test_it_approves_sends_and_takes_it_back(
    client: FlaskClient, services: StageServices, planned: Campaign, drafted: list[Message]
) -> None:
    answer = client.post(f"{TIMES}/send", json={})
    assert answer.status_code == 409
    approval = services.ledger.messages  # approving reads the sheet; here only the way through HTTP matters
    for message in drafted:
        approve(services, message)
    assert approval.states(planned.id) == {MessageState.APPROVED: 3}
    view = ok(client.post(f"{TIMES}/send", json={}))
    assert (view["state"], view["approved"]) == ("sending", 3)
    assert view["seconds_to_start"] == services.settings.undo_seconds
    assert ok(client.post(f"{TIMES}/undo"))["state"] == "drafted"
    assert client.post(f"{TIMES}/undo").status_code == 409


def test_it_pauses_resumes_and_cancels(client: FlaskClient, planned: Campaign, sent: list[Message]) -> None:
    assert ok(client.post(f"{TIMES}/pause", json={}))["state"] == "paused"
    assert ok(client.post(f"{TIMES}/resume", json={}))["state"] == "sending"
    assert ok(client.post(f"{TIMES}/cancel", json={}))["state"] == "cancelled"
    assert client.post(f"{TIMES}/resume", json={}).status_code == 409


def test_it_skips_rows_as_the_status_cell_would(
    client: FlaskClient, services: StageServices, planned: Campaign, drafted: list[Message]
) -> None:
    done = ok(client.post(f"{TIMES}/command", json={"keys": [drafted[0].row_key], "command": "Skip"}))
    assert done["changed"] == 1
    assert services.ledger.messages.get(drafted[0].id).state is MessageState.SKIPPED
    assert services.queue.of(SYNC) == [(planned.id,)]
    assert client.post(f"{TIMES}/command", json={"keys": [], "command": "Explode"}).status_code == 422


@pytest.mark.parametrize("word", ["Accept", "Explode"])
def test_a_word_that_commands_nothing_here_skips_nobody(
    services: StageServices, drafted: list[Message], word: str
) -> None:
    with pytest.raises(InvalidInput):
        CampaignService(services).command("c_times", [drafted[0].row_key], word, "Ada")
    assert services.ledger.messages.get(drafted[0].id).state is MessageState.DRAFTED


def test_it_lists_messages_by_page_word_and_row(client: FlaskClient, planned: Campaign, drafted: list[Message]) -> None:
    path = f"{TIMES}/messages"
    everyone = ok(client.get(path))
    assert ([one["person"] for one in everyone["messages"]], everyone["total"]) == (["Ada", "Ben", "Cleo"], 3)
    page = ok(client.get(path, query_string={"offset": 1, "limit": 1}))
    assert ([one["person"] for one in page["messages"]], page["total"]) == (["Ben"], 3)
    ok(client.post(f"{TIMES}/command", json={"keys": [drafted[1].row_key], "command": "Skip"}))
    drafts = ok(client.get(path, query_string={"status": "Draft", "limit": 1}))
    assert ([one["person"] for one in drafts["messages"]], drafts["total"]) == (["Ada"], 2)
    rows = ok(client.get(path, query_string={"key": [drafted[2].row_key, drafted[0].row_key]}))
    assert [one["person"] for one in rows["messages"]] == ["Ada", "Cleo"]
    assert ok(client.get(path, query_string={"key": "r_nobody"}))["total"] == 0
    assert client.get("/api/campaigns/c_nobody/messages").status_code == 404


def test_it_takes_a_new_text_for_a_row(client: FlaskClient, services: StageServices, drafted: list[Message]) -> None:
    path = f"{TIMES}/messages/{drafted[0].row_key}"
    edited = ok(client.patch(path, json={"text": "Hello Ada"}))
    assert (edited["text"], edited["subject"]) == ("Hello Ada", "Your time")
    assert services.ledger.messages.get(drafted[0].id).text == "Hello Ada"
    assert client.patch(f"{TIMES}/messages/r_nobody", json={"text": "x"}).status_code == 404


def test_it_sends_a_test_message_to_oneself(
    client: FlaskClient, services: StageServices, drafted: list[Message]
) -> None:
    body = {"address": "me@example.org", "key": drafted[1].row_key}
    done = ok(client.post(f"{TIMES}/test", json=body))
    assert "me@example.org" in done["sentence"]
    mails, total = services.mailbox.list(10)
    assert (total, mails[0].address) == (1, "me@example.org")
    assert "Ben" in mails[0].text
    assert services.ledger.messages.get(drafted[1].id) == drafted[1]
    assert client.post(f"{TIMES}/test", json={"address": "nonsense"}).status_code == 422


def test_it_lists_what_waits_for_a_person_oldest_first_and_takes_their_word(
    client: FlaskClient, services: StageServices, planned: Campaign, sent: list[Message]
) -> None:
    for minutes, message in ((20, sent[0]), (10, sent[1])):
        arrives(services, message, minutes)
    found = ok(client.get(f"{TIMES}/reviews"))
    assert [one["person"] for one in found["reviews"]] == ["Ben", "Ada"]
    item = schemas.ReviewItem(**found["reviews"][0])
    assert (item.asked, item.reply, item.values) == ("Can you make it?", "could I start later?", {"Coming": "Yes"})
    assert item.reason
    assert (item.made, item.files) == ("read@0123456789ab · some-model", ["plan.pdf"])
    path = f"{TIMES}/reviews/{item.message_id}"
    settled = ok(client.post(path, json={"outcome": "confirmed", "values": {"Coming": "Yes"}}))
    assert (settled["status"], settled["values"]) == ("Confirmed", {"Coming": "Yes"})
    assert services.ledger.messages.get(item.message_id).settled_by
    assert [one["person"] for one in ok(client.get(f"{TIMES}/reviews"))["reviews"]] == ["Ada"]
    assert client.post(path, json={"outcome": "confirmed", "values": {"Coming": "Perhaps"}}).status_code == 422


@pytest.mark.parametrize("action", ["send", "undo", "pause", "resume", "cancel", "reviews", "messages"])
def test_it_knows_only_campaigns_that_are_there(client: FlaskClient, action: str) -> None:
    method = "GET" if action in {"reviews", "messages"} else "POST"
    assert client.open(f"/api/campaigns/c_nobody/{action}", method=method).status_code == 404


def approve(services: StageServices, message: Message) -> None:
    from server.domain.machine import Approved
    from server.domain.message import Approval

    approval = Approval("Kim", services.clock.now(), "f")
    event = Approved(approval, message.text, message.subject, message.address, "s", "i")
    assert services.ledger.messages.move(message.id, event)


def test_half_a_character_in_a_reply_hides_no_other(
    client: FlaskClient, services: StageServices, planned: Campaign, sent: list[Message]
) -> None:
    reading = Interpretation(Outcome.UNCLEAR, confidence=0.2, flag=Flag.CHECK)
    services.ledger.messages.move(sent[0].id, Answered(reading, "see you \ud83d"))
    services.ledger.messages.move(sent[1].id, Answered(reading, "zoë \U0001f600"))
    replies = [one["reply"] for one in ok(client.get(f"{TIMES}/messages"))["messages"][:2]]
    assert replies == ["see you \ufffd", "zoë \U0001f600"]
    assert len(ok(client.get(f"{TIMES}/reviews"))["reviews"]) == 2


MADE = Made("read@0123456789ab", "some-model")


def arrives(services: StageServices, message: Message, minutes: int) -> None:
    """A reply that the interpreter was not sure about."""
    from datetime import timedelta

    reading = Interpretation(
        Outcome.RESCHEDULE, {"Coming": "Yes"}, "later", 0.5, Flag.CHECK, "Asks for another time.", MADE
    )
    reply = Reply(
        id=new_id("rep"),
        event_id=new_id("evt"),
        channel=ChannelName.OUTBOX,
        sender=message.address,
        visible="could I start later?",
        received_at=services.clock.now() + timedelta(minutes=minutes),
        message_id=message.id,
        campaign_id=message.campaign_id,
        interpretation=reading,
        files=("plan.pdf",),
    )
    services.ledger.inbox.add_reply(reply)
    services.ledger.messages.move(message.id, Answered(reading, reply.visible))
