"""The local mailbox: reading and answering as a recipient, through the same signed webhook as any provider's."""

from __future__ import annotations

import requests
from flask.testing import FlaskClient

from server.domain.message import Message
from server.domain.reply import DeliveryEvent, InboundMessage
from server.domain.words import DeliveryStatus
from server.queue import RECEIVE
from tests.waiting import until
from tests.web.conftest import StageServices


def call(served: str, token: str, method: str, path: str, **more: object) -> requests.Response:
    return requests.request(
        method,
        served + path,
        headers={"Authorization": f"Bearer {token}"},
        timeout=5,
        **more,  # type: ignore[arg-type]
    )


def test_it_lists_what_reached_the_mailbox(client: FlaskClient, sent: list[Message]) -> None:
    listed = client.get("/api/mailbox").get_json()
    assert listed["total"] == 3
    newest = listed["mails"][0]
    assert (newest["person"], newest["to"]) == ("Cleo", "cleo@example.org")
    assert newest["text"] == "Hi Cleo, you start at 09:20. Can you make it?"
    assert (newest["read"], newest["answers"]) == (False, [])


def test_it_pages_and_searches_the_mailbox(client: FlaskClient, sent: list[Message]) -> None:
    assert [mail["person"] for mail in client.get("/api/mailbox?offset=1&limit=1").get_json()["mails"]] == ["Ben"]
    found = client.get("/api/mailbox", query_string={"q": " ADA "}).get_json()
    assert ([mail["person"] for mail in found["mails"]], found["total"]) == (["Ada"], 1)


def test_it_takes_an_answer_in_through_the_signed_webhook(
    served: str, token: str, services: StageServices, sent: list[Message]
) -> None:
    path = f"/api/mailbox/{sent[0].provider_id}/answer"
    answered = call(served, token, "POST", path, json={"text": "yes! ✓"})
    assert answered.status_code == 200, answer_text(answered)
    assert answered.json()["answers"] == ["yes! ✓"]
    (waiting,) = services.ledger.inbox.waiting(10)
    until(lambda: services.queue.of(RECEIVE) == [()], what="a worker to be woken")
    event = services.ledger.inbox.get(waiting).event
    assert isinstance(event, InboundMessage)
    assert (event.text, event.sender, event.token) == ("yes! ✓", "ada@example.org", sent[0].token)


def test_it_makes_an_out_of_office_look_like_one(
    served: str, token: str, services: StageServices, sent: list[Message]
) -> None:
    path = f"/api/mailbox/{sent[0].provider_id}/answer"
    assert call(served, token, "POST", path, json={"text": "Away until Monday", "automatic": True}).status_code == 200
    (waiting,) = services.ledger.inbox.waiting(10)
    event = services.ledger.inbox.get(waiting).event
    assert isinstance(event, InboundMessage)
    assert event.headers["auto-submitted"] == "auto-replied"


def test_it_reports_a_mail_as_read_when_its_recipient_opens_it(
    served: str, token: str, services: StageServices, sent: list[Message]
) -> None:
    opened = call(served, token, "POST", f"/api/mailbox/{sent[0].provider_id}/open")
    assert opened.json()["read"]
    (waiting,) = services.ledger.inbox.waiting(10)
    event = services.ledger.inbox.get(waiting).event
    assert isinstance(event, DeliveryEvent)
    assert (event.status, event.provider_id) == (DeliveryStatus.READ, sent[0].provider_id)


def test_it_says_when_the_answer_could_not_be_handed_over(client: FlaskClient, sent: list[Message]) -> None:
    path = f"/api/mailbox/{sent[0].provider_id}/answer"
    answer = client.post(path, json={"text": "yes"})  # nobody listens on the port
    assert answer.status_code == 503
    assert client.get("/api/mailbox?q=ada").get_json()["mails"][0]["answers"] == []


def test_it_knows_only_mails_that_are_there(client: FlaskClient) -> None:
    assert client.post("/api/mailbox/mail_nobody/answer", json={"text": "yes"}).status_code == 404
    assert client.post("/api/mailbox/mail_nobody/open", json={}).status_code == 404


def answer_text(answer: requests.Response) -> str:
    return f"{answer.status_code}: {answer.text}"
