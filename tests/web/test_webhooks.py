"""What providers post: verified over the raw bytes, stored before it is answered, processed later."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.domain.reply import DeliveryEvent, InboundMessage, UnknownEvent, WebhookAnswer, WebhookRequest
from server.domain.words import DeliveryStatus
from server.queue import RECEIVE
from tests.waiting import until
from tests.web.conftest import StageServices

ANSWER = InboundMessage("e-1", "ada@example.org", "yes!")
REPORT = DeliveryEvent("e-2", DeliveryStatus.DELIVERED, provider_id="p-1")


def post(stranger: FlaskClient, posted: WebhookRequest, **changes: Any) -> TestResponse:
    arguments: dict[str, Any] = {"data": posted.body, "headers": dict(posted.headers), **changes}
    return stranger.post("/webhooks/fake", buffered=True, **arguments)


def stored(services: StageServices) -> list[Any]:
    inbox = services.ledger.inbox
    return [inbox.get(event_id) for event_id in inbox.waiting(100)]


def test_it_stores_each_event_and_wakes_a_worker(stranger: FlaskClient, services: StageServices) -> None:
    answer = post(stranger, services.fake_channel.post(ANSWER, REPORT))
    assert answer.status_code == 204
    rows = stored(services)
    assert {row.event.event_id for row in rows} == {"e-1", "e-2"}
    assert {row.provider for row in rows} == {"fake"}
    until(lambda: services.queue.of(RECEIVE) == [()], what="a worker to be woken")


def test_it_stores_an_event_once_however_often_it_is_posted(stranger: FlaskClient, services: StageServices) -> None:
    for _ in range(3):
        assert post(stranger, services.fake_channel.post(ANSWER)).status_code == 204
    assert len(stored(services)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": {}},
        {"headers": {"X-Fake-Signature": "0" * 64}},
        {"headers": {"X-Fake-Signature": ""}},
        {"data": b"[]"},
        {"data": b""},
    ],
)
def test_it_changes_nothing_when_the_signature_is_missing_or_wrong(
    stranger: FlaskClient, services: StageServices, changes: dict[str, Any]
) -> None:
    answer = post(stranger, services.fake_channel.post(ANSWER), **changes)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert stored(services) == []
    assert services.queue.asked == []


def test_it_takes_a_failing_check_for_a_wrong_signature(
    stranger: FlaskClient,
    services: StageServices,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def verify(request: WebhookRequest) -> None:
        raise KeyError("ada@example.org")

    monkeypatch.setattr(services.fake_channel, "verify", verify)
    with caplog.at_level(logging.INFO, "server.web"):
        assert post(stranger, services.fake_channel.post(ANSWER)).status_code == 401
    assert stored(services) == []
    assert "ada@example.org" not in caplog.messages


def test_it_keeps_a_signed_body_that_it_can_not_read(stranger: FlaskClient, services: StageServices) -> None:
    body = b'{"not": "a list", "raw": "\xff"}'
    signed = services.fake_channel.signed(body).headers
    for _ in range(2):
        assert stranger.post("/webhooks/fake", data=body, headers=signed).status_code == 204
    (row,) = stored(services)
    assert isinstance(row.event, UnknownEvent)
    assert '"not": "a list"' in row.raw
    assert "\\xff" in row.raw


def test_it_keeps_a_signed_body_that_its_own_parser_stumbles_over(
    stranger: FlaskClient, services: StageServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(request: WebhookRequest) -> list[Any]:
        raise ZeroDivisionError

    posted = services.fake_channel.post(ANSWER)
    monkeypatch.setattr(services.fake_channel, "parse", parse)
    assert post(stranger, posted).status_code == 204
    (row,) = stored(services)
    assert "yes!" in row.raw


def test_it_keeps_no_provider_waiting_for_the_queue_and_wakes_once_for_many(
    stranger: FlaskClient, services: StageServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, asked = threading.Event(), []
    monkeypatch.setattr(services.queue, "enqueue", lambda *args: (asked.append(args), hangs.wait(5)))
    for number in range(20):
        answer = post(stranger, services.fake_channel.post(replace(REPORT, event_id=f"e-{number}")))
        assert answer.status_code == 204
    assert len(stored(services)) == 20
    hangs.set()
    until(lambda: len(asked) == 2, what="the worker to be woken for what came since")
    assert set(asked) == {(RECEIVE,)}


def test_it_stores_an_event_that_it_does_not_know(stranger: FlaskClient, services: StageServices) -> None:
    assert post(stranger, services.fake_channel.post(UnknownEvent("e-9", "clicked"))).status_code == 204
    (row,) = stored(services)
    assert row.event == UnknownEvent("e-9", "clicked")
    assert "clicked" in row.raw


def test_it_keeps_the_raw_body_of_a_batch_once(stranger: FlaskClient, services: StageServices) -> None:
    batch = [REPORT, *[UnknownEvent(f"u-{number}") for number in range(5)]]
    assert post(stranger, services.fake_channel.post(*batch)).status_code == 204
    assert sum(bool(row.raw) for row in stored(services)) == 1


def test_it_asks_for_the_post_again_only_when_it_could_not_store(
    stranger: FlaskClient, services: StageServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    def store(events: object) -> list[str]:
        raise RuntimeError("disk full")

    posted = services.fake_channel.post(ANSWER)
    with monkeypatch.context() as patch:
        patch.setattr(services.ledger.inbox, "store", store)
        answer = post(stranger, posted)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "disk full" not in answer.text
    assert post(stranger, posted).status_code == 204
    assert len(stored(services)) == 1


def test_it_has_stored_the_event_before_it_wakes_anybody(
    stranger: FlaskClient, services: StageServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    monkeypatch.setattr(services.queue, "enqueue", lambda *args: seen.append(len(stored(services))))
    post(stranger, services.fake_channel.post(ANSWER))
    until(lambda: seen == [1], what="a worker to be woken")


def test_it_needs_no_queue_to_take_an_event(stranger: FlaskClient, services: StageServices) -> None:
    services.queue.unavailable = True
    assert post(stranger, services.fake_channel.post(ANSWER, REPORT)).status_code == 204
    assert len(stored(services)) == 2


def test_it_hands_the_channel_the_bytes_and_the_public_address(
    stranger: FlaskClient, services: StageServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    got: list[WebhookRequest] = []
    monkeypatch.setattr(services.fake_channel, "verify", got.append)
    monkeypatch.setattr(services.fake_channel, "parse", lambda request: [])
    body = b"a=1&b=%20\r\n"
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-Host": "evil.example"}
    stranger.post("/webhooks/fake?t=a%2Fb&x", data=body, headers=headers)
    (request,) = got
    assert request.body == body
    assert request.url == f"{services.settings.base_url}/webhooks/fake?t=a%2Fb&x"
    assert request.content_type == "application/x-www-form-urlencoded"
    assert all(name == name.lower() for name in request.headers)


def test_it_refuses_a_body_that_no_provider_sends(stranger: FlaskClient, services: StageServices) -> None:
    answer = stranger.post("/webhooks/fake", data=b"x" * (4 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert stored(services) == []


def test_it_knows_only_the_providers_that_are_set_up(stranger: FlaskClient) -> None:
    assert stranger.post("/webhooks/nobody", data=b"[]").status_code == 404
    assert stranger.head("/webhooks/nobody").status_code == 404
    assert stranger.head("/webhooks/fake").status_code == 200
    assert stranger.get("/webhooks/fake").status_code == 404
    assert stranger.get("/webhooks/nobody").status_code == 404


def test_it_tells_a_provider_what_it_wants_to_hear(
    stranger: FlaskClient, services: StageServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = WebhookAnswer("<Response/>", "text/xml; charset=utf-8")
    monkeypatch.setattr(services.fake_channel, "answer", lambda request: said)
    for answer in (post(stranger, services.fake_channel.post(ANSWER)), stranger.get("/webhooks/fake?q=1")):
        assert (answer.status_code, answer.mimetype, answer.text) == (200, "text/xml", "<Response/>")
    assert len(stored(services)) == 1


def test_it_has_stored_an_event_that_it_can_find_no_words_for(
    stranger: FlaskClient, services: StageServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: WebhookRequest) -> WebhookAnswer:
        raise ZeroDivisionError

    monkeypatch.setattr(services.fake_channel, "answer", answer)
    assert post(stranger, services.fake_channel.post(ANSWER)).status_code == 204
    assert len(stored(services)) == 1


def test_it_refuses_in_the_way_that_makes_a_provider_stop(
    stranger: FlaskClient, services: StageServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.fake_channel, "refusal", 406, raising=False)
    answer = post(stranger, services.fake_channel.post(ANSWER), headers={})
    assert (answer.status_code, answer.mimetype) == (406, "application/problem+json")
    assert stored(services) == []


@pytest.mark.parametrize("path", ["/webhooks/fake/inbound", "/webhooks/fake/inbound/mime"])
def test_it_takes_mails_of_30_mb_at_their_own_address(
    stranger: FlaskClient, services: StageServices, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(services.fake_channel, "verify", lambda request: sizes.append(len(request.body)))
    monkeypatch.setattr(services.fake_channel, "parse", lambda request: [ANSWER])
    assert stranger.post(path, data=b"x" * 30 * 1024 * 1024).status_code == 204
    assert sizes == [30 * 1024 * 1024]
    (row,) = stored(services)
    assert len(row.raw) == 1024 * 1024
    assert stranger.post(path, data=b"x" * 33 * 1024 * 1024).status_code == 413


def test_it_takes_the_largest_batch_that_a_provider_documents(stranger: FlaskClient, services: StageServices) -> None:
    """Meta posts up to 3 MB (Cloud API, "Webhooks")."""
    posted = services.fake_channel.post(replace(ANSWER, text="x" * 3_000_000))
    assert post(stranger, posted).status_code == 204
    assert len(stored(services)) == 1
