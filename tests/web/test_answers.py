"""How far messages got, when, what was said, and a reply to one person, over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.keys import new_id
from server.domain.machine import Delivery
from server.domain.message import Message
from server.domain.reply import Interpretation, Reply
from server.domain.words import ChannelName, DeliveryStatus, Flag, Outcome
from server.queue import INTERPRET, SEND
from tests.web.conftest import StageServices
from tests.web.test_steps import TIMES, VAGUE, answers, ok, out

__all__ = ["out"]

YES = Interpretation(Outcome.CONFIRMED, {"Coming": "Yes"}, "Yes", 0.97, Flag.SURE, "A plain yes.")
STOP = Interpretation(Outcome.OPT_OUT, {}, "stop", 1.0, Flag.SURE, "Asked not to be written to again.")


def test_the_numbers_add_up_and_each_leads_to_its_rows(
    client: FlaskClient, services: StageServices, out: list[Message]
) -> None:
    answers(services, out[0], "Yes", YES)
    answers(services, out[1], "stop", STOP)
    ok(client.post(f"{TIMES}/remind", json={}))
    found = ok(client.get(f"{TIMES}/reach"))
    assert (found["sent"], found["delivered"], found["read"], found["silent"]) == (3, 2, 0, 0)
    assert found["counts"] == [
        {"status": "Confirmed", "count": 1},
        {"status": "Opted out", "count": 1},
        {"status": None, "count": 1},
    ]
    assert (found["unread_channels"], found["undelivered_channels"]) == ([], [])
    assert ok(client.get(TIMES))["sent"] == found["sent"]
    listed = ok(client.get(f"{TIMES}/messages", query_string={"stage": "sent", "status": "Opted out,Confirmed"}))
    assert {one["key"] for one in listed["messages"]} == {out[0].row_key, out[1].row_key}
    assert ok(client.get(f"{TIMES}/messages", query_string={"stage": "read"})) == {"messages": [], "total": 0}
    one = ok(client.get(f"{TIMES}/messages", query_string={"stage": "delivered", "key": out[0].row_key}))
    assert one["total"] == 1


def test_the_timeline_is_empty_before_anything_was_sent(client: FlaskClient, planned: Campaign) -> None:
    assert ok(client.get(f"{TIMES}/timeline")) == {"from": None, "to": None, "unit": "minute", "buckets": []}


def test_the_timeline_says_what_went_and_what_came_back(
    client: FlaskClient, services: StageServices, out: list[Message]
) -> None:
    services.clock.advance(days=8)  # type: ignore[attr-defined]
    answers(services, out[0], "Yes", YES)
    found = ok(client.get(f"{TIMES}/timeline?zone=Asia/Kathmandu"))
    assert found["unit"] == "day"
    assert found["from"] == "2026-03-01T18:15:00Z"
    assert [one["sent"] for one in found["buckets"]] == [3, *[0] * 8]
    assert [one["answered"] for one in found["buckets"]] == [*[0] * 8, 1]
    assert ok(client.get(f"{TIMES}/timeline?zone=Nowhere/Else"))["from"] == "2026-03-02T00:00:00Z"


def test_a_conversation_says_all_in_order(client: FlaskClient, services: StageServices, out: list[Message]) -> None:
    services.ledger.messages.move(out[0].id, Delivery(DeliveryStatus.DELIVERED))
    services.clock.advance(minutes=5)  # type: ignore[attr-defined]
    answers(services, out[0], "Maybe\nYes", VAGUE)
    services.clock.advance(minutes=5)  # type: ignore[attr-defined]
    item = ok(client.get(f"{TIMES}/reviews"))["reviews"][0]
    decided = {"outcome": "confirmed", "values": {"Coming": "Yes"}, "replied_at": item["replied_at"]}
    ok(client.post(f"{TIMES}/reviews/{out[0].id}", json=decided))
    services.clock.advance(minutes=5)  # type: ignore[attr-defined]
    here = f"{TIMES}/messages/{out[0].row_key}"
    seen = ok(client.get(f"{here}/conversation"))
    assert (seen["person"], seen["status"], seen["why"], seen["asks"]) == ("Ada", "Confirmed", "", False)
    told = [(one["kind"], one["status"], one["what"], one["text"]) for one in seen["turns"]]
    assert told == [
        ("sent", "Delivered", None, out[0].text),
        ("came", None, None, "Maybe\nYes"),
        ("told", None, "settled", ""),
    ]
    assert seen["turns"][0]["approved_by"] == "Kim"
    assert seen["turns"][1]["reading"]["outcome"] == "unclear"
    assert seen["turns"][2]["who"] == ok(client.get("/api/session"))["who"]
    drafted = ok(client.post(f"{here}/reply/draft"))
    assert "Coming: Yes" in drafted["text"]
    assert drafted["subject"] == "Re: Your time"
    body = {"message_id": seen["message_id"], "replied_at": seen["replied_at"], "text": "See you", "subject": "Re: x"}
    new = ok(client.post(f"{here}/reply", json=body))
    assert (new["status"], new["outcome"], new["values"]) == ("Approved", "confirmed", {"Coming": "Yes"})
    assert services.queue.of(SEND)
    assert client.post(f"{here}/reply", json=body).status_code == 409  # the same press again
    last = ok(client.get(f"{here}/conversation"))
    assert [one["text"] for one in last["turns"] if one["kind"] == "sent"] == [out[0].text, "See you"]
    assert last["turns"][-1]["at"] is None
    assert "under way" in last["why"]


def test_a_decision_about_an_older_reply_is_refused_and_the_newer_one_shown(
    client: FlaskClient, services: StageServices, out: list[Message]
) -> None:
    answers(services, out[0], "Hm", VAGUE)
    [item] = ok(client.get(f"{TIMES}/reviews"))["reviews"]
    services.clock.advance(minutes=5)  # type: ignore[attr-defined]
    answers(services, out[0], "Hm, or rather not", VAGUE)
    decided = {"outcome": "confirmed", "values": {"Coming": "Yes"}, "replied_at": item["replied_at"]}
    refused = client.post(f"{TIMES}/reviews/{out[0].id}", json=decided)
    assert refused.status_code == 409
    assert "Another reply" in refused.get_json()["detail"]
    [newer] = ok(client.get(f"{TIMES}/reviews"))["reviews"]
    assert newer["reply"] == "Hm, or rather not"
    assert datetime.fromisoformat(newer["replied_at"]) - datetime.fromisoformat(item["replied_at"]) == timedelta(
        minutes=5
    )
    ok(client.post(f"{TIMES}/reviews/{out[0].id}", json={**decided, "replied_at": newer["replied_at"]}))


def test_nobody_without_an_answer_is_replied_to(client: FlaskClient, out: list[Message]) -> None:
    here = f"{TIMES}/messages/{out[0].row_key}"
    assert "no answer to reply to" in ok(client.get(f"{here}/conversation"))["why"]
    assert client.post(f"{here}/reply/draft").status_code == 409
    assert client.post(f"{here}/reply", json={"message_id": out[0].id, "text": "x"}).status_code == 409


@pytest.mark.parametrize("part", ["reach", "timeline", "messages/r_none/conversation"])
def test_what_is_not_there_is_not_found_and_strangers_see_nothing(
    client: FlaskClient, stranger: FlaskClient, out: list[Message], part: str
) -> None:
    assert stranger.get(f"{TIMES}/{part}").status_code == 401
    assert client.get(f"/api/campaigns/c_none/{part}").status_code == 404
    if "r_none" in part:
        assert client.get(f"{TIMES}/{part}").status_code == 404


def test_a_reply_that_fits_no_row_is_taken_to_the_one_that_a_person_names(
    client: FlaskClient, services: StageServices, out: list[Message]
) -> None:
    at = services.clock.now() + timedelta(minutes=1)
    stray = Reply(new_id("a"), new_id("evt"), ChannelName.OUTBOX, "other@example.org", "Yes, I come", at)
    both = replace(stray, id=new_id("a"), event_id=new_id("evt"), candidates=(out[1].id, out[2].id))
    services.ledger.inbox.add_reply(stray)
    services.ledger.inbox.add_reply(both)
    listed = ok(client.get(f"{TIMES}/unmatched"))["replies"]
    assert {(one["id"], one["sender"], one["text"], one["several"]) for one in listed} == {
        (stray.id, "other@example.org", "Yes, I come", False),
        (both.id, "other@example.org", "Yes, I come", True),
    }
    here, to = f"{TIMES}/unmatched/{stray.id}", {"key": out[0].row_key}
    assert client.post(here, json={"key": "r_none"}).status_code == 404
    assert client.post(f"{TIMES}/unmatched/{both.id}", json=to).status_code == 409
    assert ok(client.post(here, json=to)) == {"changed": 1, "sentence": ""}
    assert services.queue.of(INTERPRET)
    assert services.ledger.inbox.unread(9) == [stray.id]
    assert client.post(here, json={"key": out[1].row_key}).status_code == 409  # it is somebody's already
    turns = ok(client.get(f"{TIMES}/messages/{out[0].row_key}/conversation"))["turns"]
    assert [(one["text"], one["reading"]) for one in turns if one["kind"] == "came"] == [("Yes, I come", None)]


def test_nothing_is_taken_to_a_row_that_was_never_written_to(
    client: FlaskClient, services: StageServices, drafted: list[Message]
) -> None:
    stray = Reply(new_id("a"), new_id("evt"), ChannelName.OUTBOX, "other@example.org", "Yes", services.clock.now())
    services.ledger.inbox.add_reply(stray)
    refused = client.post(f"{TIMES}/unmatched/{stray.id}", json={"key": drafted[0].row_key})
    assert (refused.status_code, services.ledger.inbox.unread(9)) == (409, [])
