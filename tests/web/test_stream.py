"""Progress as server-sent events, over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.machine import Edited, Skipped
from server.domain.message import Message
from server.domain.words import CampaignState
from server.web import app as web_app
from server.web import stream
from server.web.app import WebApp
from tests.waiting import until
from tests.web.conftest import StageServices


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(stream, "LASTS", 5.0)


def events(answer: requests.Response) -> Iterator[dict[str, Any]]:
    """The events of a stream, as an EventSource reads them."""
    event: dict[str, Any] = {}
    for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
        if line:
            name, _, value = line.partition(": ")
            event[name] = json.loads(value) if name == "data" else value
        elif event:
            yield event
            event = {}


def follow(served: str, token: str, campaign_id: str) -> requests.Response:
    return requests.get(
        f"{served}/api/campaigns/{campaign_id}/events",
        headers={"Authorization": f"Bearer {token}"},
        stream=True,
        timeout=5,
    )


def test_it_tells_the_campaign_at_once_and_at_every_change(
    served: str, token: str, services: StageServices, planned: Campaign, drafted: list[Message]
) -> None:
    with follow(served, token, planned.id) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        told = events(answer)
        first = next(told)
        assert first["event"] == "campaign"
        assert first["id"] == first["data"]["version"]
        assert first["data"]["counts"] == [{"status": "Draft", "count": 3}]
        services.ledger.messages.move(drafted[0].id, Skipped())
        second = next(told)
        assert {count["status"]: count["count"] for count in second["data"]["counts"]} == {"Draft": 2, "Skipped": 1}
        assert second["id"] != first["id"]
        services.ledger.campaigns.move(planned.id, CampaignState.CANCELLED)
        assert next(told)["data"]["state"] == "cancelled"


def test_it_tells_of_a_text_that_was_changed(
    served: str, token: str, services: StageServices, planned: Campaign, drafted: list[Message]
) -> None:
    services.ledger.cells.want(planned.id, {message.id: message.version for message in drafted}, [])
    with follow(served, token, planned.id) as answer:
        told = events(answer)
        next(told)
        services.ledger.messages.move(drafted[0].id, Edited("Another text", "Subject"))
        assert next(told)["event"] == "campaign"


def test_it_says_nothing_while_nothing_changes_but_keeps_the_line_open(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, planned: Campaign, drafted: list[Message]
) -> None:
    monkeypatch.setattr(stream, "KEEP_ALIVE", 0.05)
    monkeypatch.setattr(stream, "LASTS", 0.3)
    answer = client.get(f"/api/campaigns/{planned.id}/events")
    assert answer.text.count("event: campaign") == 1
    assert ": still here" in answer.text


def test_it_ends_by_itself_so_that_no_thread_is_held_for_good(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, planned: Campaign, drafted: list[Message]
) -> None:
    monkeypatch.setattr(stream, "LASTS", 0.05)
    assert client.get(f"/api/campaigns/{planned.id}/events").text.endswith("\n\n")


def test_it_keeps_threads_free_for_others(
    served: str, token: str, monkeypatch: pytest.MonkeyPatch, planned: Campaign, drafted: list[Message]
) -> None:
    monkeypatch.setattr(stream, "LASTS", 60.0)
    lines = [follow(served, token, planned.id) for _ in range(web_app.STREAMS)]
    refused = follow(served, token, planned.id)
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert requests.get(f"{served}/healthz", timeout=5).status_code == 200
    for line in lines:
        line.close()
    until(lambda: follow(served, token, planned.id).status_code == 200, what="a line that was hung up to be free")


def test_it_frees_a_line_that_nobody_listened_to(client: FlaskClient, app: WebApp, drafted: list[Message]) -> None:
    for _ in range(web_app.STREAMS + 1):
        with client.head(f"/api/campaigns/{drafted[0].campaign_id}/events") as answer:
            assert answer.status_code == 200


def test_it_has_no_stream_of_a_campaign_that_is_not_there(client: FlaskClient) -> None:
    assert client.get("/api/campaigns/c_nobody/events").status_code == 404
