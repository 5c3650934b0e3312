"""Figures for Prometheus: from the ledger, for those with the token, without personal data."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from server.domain.campaign import Campaign
from server.domain.machine import Answered, Approved, Claimed, LostAnswer, Settled
from server.domain.message import Approval, Message
from server.domain.reply import InboundMessage, Interpretation, StoredEvent
from server.domain.usage import NOT_MADE, Made, Usage, Used
from server.domain.words import CampaignState, Flag, Outcome
from server.ports import CellWrite
from server.queue import SEND, SYNC
from tests.web.conftest import StageServices

Figures = dict[str, float]


def scrape(client: FlaskClient) -> Figures:
    """`name{label values}` -> value."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    found = {}
    for family in text_string_to_metric_families(answer.get_data(as_text=True)):
        for sample in family.samples:
            labels = ",".join(sample.labels.values())
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def test_it_counts_messages_by_channel_and_status(client: FlaskClient, sent: list[Message]) -> None:
    found = scrape(client)
    assert found["cellback_messages{outbox,Sent}"] == 3
    assert found["cellback_messages{outbox,In doubt}"] == 0
    assert found["cellback_campaigns{sending}"] == 1
    assert found["cellback_messages_due"] == 0


def test_it_counts_what_is_in_doubt_and_what_should_leave_now(
    client: FlaskClient, services: StageServices, planned: Campaign, drafted: list[Message]
) -> None:
    now, move = services.clock.now(), services.ledger.messages.move
    for one in drafted[:2]:
        move(one.id, Approved(Approval("Kim", now, "f"), one.text, one.subject, one.address, "s", "i"))
    assert scrape(client)["cellback_messages_due"] == 0
    services.ledger.campaigns.move(planned.id, CampaignState.SENDING, start_at=now)
    assert scrape(client)["cellback_messages_due"] == 2
    move(drafted[0].id, Claimed("w", now))
    move(drafted[0].id, LostAnswer("lost"))
    found = scrape(client)
    assert found["cellback_messages{outbox,In doubt}"] == 1
    assert found["cellback_messages{outbox,Approved}"] == found["cellback_messages_due"] == 1
    assert found["cellback_messages{outbox,Draft}"] == 1


def test_it_tells_how_far_the_sheet_lags(client: FlaskClient, services: StageServices, sent: list[Message]) -> None:
    before = scrape(client)
    assert (before["cellback_cell_writes_waiting"], before["cellback_cell_writes_oldest_seconds"]) == (0, 0)
    message = sent[0]
    writes = [CellWrite("c_times", message.row_key, column, "Sent") for column in ("Status", "Note")]
    services.ledger.cells.want("c_times", {message.id: message.version}, writes)
    services.clock.advance(40)  # type: ignore[attr-defined]
    after = scrape(client)
    assert (after["cellback_cell_writes_waiting"], after["cellback_cell_writes_oldest_seconds"]) == (2, 40)
    assert after["cellback_messages_stale"] == before["cellback_messages_stale"] - 1


def test_it_tells_how_long_webhook_events_wait(client: FlaskClient, services: StageServices) -> None:
    now = services.clock.now()
    events = [
        StoredEvent(
            f"e_{age}", "outbox", InboundMessage(f"x{age}", "kim@example.org", "yes"), now - timedelta(seconds=age), ""
        )
        for age in (30, 90)
    ]
    services.ledger.inbox.store(events)
    assert scrape(client)["cellback_events_waiting"] == 2
    assert scrape(client)["cellback_events_oldest_seconds"] == 90
    services.ledger.inbox.done("e_90")
    assert scrape(client)["cellback_events_oldest_seconds"] == 30


def test_it_tells_of_queues_and_workers(client: FlaskClient, services: StageServices) -> None:
    services.queue.enqueue(SEND, "c_1", "0")
    services.queue.enqueue(SYNC, "c_1")
    services.queue.enqueue(SYNC, "c_2")
    services.queue.heard["bulk"] = None
    found = scrape(client)
    assert (found["cellback_queue_jobs_waiting{bulk}"], found["cellback_queue_jobs_waiting{fast}"]) == (1, 2)
    assert found["cellback_worker_heard_seconds{fast}"] == 1.0
    assert "cellback_worker_heard_seconds{bulk}" not in found
    assert found["cellback_queue_up"] == 1


def test_a_queue_that_is_away_is_a_figure_too(
    client: FlaskClient, services: StageServices, sent: list[Message]
) -> None:
    services.queue.unavailable = True
    found = scrape(client)
    assert (found["cellback_queue_up"], found["cellback_messages{outbox,Sent}"]) == (0, 3)


def test_it_holds_no_personal_data(client: FlaskClient, sent: list[Message]) -> None:
    said = client.get("/metrics").get_data(as_text=True)
    assert not any(word in said for word in ("@", "Ada", "people.xlsx", "c_times", "09:00"))


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
def test_it_needs_the_token(stranger: FlaskClient, headers: dict[str, str]) -> None:
    assert stranger.get("/metrics", headers=headers).status_code == 401


def test_prometheus_may_come_by_an_address_of_the_machine(client: FlaskClient) -> None:
    assert client.get("/metrics", headers={"Host": "10.0.0.7:5000"}).status_code == 200


def test_it_counts_reviews_and_tokens_by_reader(
    client: FlaskClient, services: StageServices, sent: list[Message]
) -> None:
    made = Made("read@1f0c", "a-model")
    for message, by in zip(sent, (made, made, NOT_MADE), strict=True):
        reading = Interpretation(Outcome.CONFIRMED, {"Coming": "Yes"}, "yes", 0.7, Flag.CHECK, made=by)
        services.ledger.messages.move(message.id, Answered(reading, "yes"))
        said = "Yes" if message is sent[0] else "No"
        services.ledger.messages.move(message.id, Settled("Kim", Outcome.CONFIRMED, {"Coming": said}))
    services.ledger.usages.add("c_times", Used(made.prompt, made.model, Usage(100, 20, 10, 2)))
    found = scrape(client)
    assert {name: value for name, value in found.items() if "reviews" in name or "model" in name} == {
        "cellback_reviews{a-model,read@1f0c,yes}": 1,
        "cellback_reviews{a-model,read@1f0c,no}": 1,
        "cellback_reviews{,,yes}": 0,
        "cellback_reviews{,,no}": 1,
        "cellback_model_calls{a-model,read@1f0c}": 2,
        "cellback_model_tokens{input,a-model,read@1f0c}": 80,
        "cellback_model_tokens{cached,a-model,read@1f0c}": 20,
        "cellback_model_tokens{output,a-model,read@1f0c}": 10,
    }
