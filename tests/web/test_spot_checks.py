"""A spot check over HTTP: some sure readings at random, each decided as a review is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.keys import new_id
from server.domain.labels import place
from server.domain.machine import Answered
from server.domain.message import Message
from server.domain.reply import Interpretation, Reply
from server.domain.words import ChannelName, Flag, Outcome
from server.web import schemas
from tests.web.conftest import StageServices

REVIEWS = "/api/campaigns/c_times/reviews"
YES = Interpretation(Outcome.CONFIRMED, {"Coming": "Yes"}, "yes", 0.95, Flag.SURE, "Reads as a yes.")


@pytest.fixture
def answered(services: StageServices, sent: list[Message]) -> list[str]:
    """Everybody said yes; their messages as a spot check comes to them."""
    for number, message in enumerate(sent):
        came = services.clock.now() + timedelta(minutes=number)
        reply = Reply(
            id=new_id("y"),
            event_id=new_id("e"),
            channel=ChannelName.SMS,
            sender=message.address,
            visible="yes",
            received_at=came,
            message_id=message.id,
            campaign_id=message.campaign_id,
            interpretation=YES,
        )
        services.ledger.inbox.add_reply(reply)
        services.ledger.messages.move(message.id, Answered(YES, "yes", at=came))
    return sorted((message.id for message in sent), key=place)


def ok(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def shown(client: FlaskClient, count: int) -> list[str]:
    return [one["message_id"] for one in ok(client.get(REVIEWS, query_string={"sample": count}))["reviews"]]


def test_it_shows_some_sure_readings_in_an_order_that_stays(
    client: FlaskClient, planned: Campaign, answered: list[str]
) -> None:
    assert ok(client.get(REVIEWS))["reviews"] == []
    assert shown(client, 2) == shown(client, 2) == answered[:2]
    item = schemas.ReviewItem(**ok(client.get(REVIEWS, query_string={"sample": 1}))["reviews"][0])
    assert (item.reply, item.values, item.confidence, item.channel) == ("yes", {"Coming": "Yes"}, 0.95, ChannelName.SMS)


def test_agreeing_leaves_the_row_as_it_was_and_the_next_one_comes(
    client: FlaskClient, services: StageServices, planned: Campaign, answered: list[str]
) -> None:
    said = {"outcome": "confirmed", "values": {"Coming": "Yes"}}
    view = ok(client.post(f"{REVIEWS}/{answered[0]}", json=said))
    assert (view["status"], view["flag"], view["values"]) == ("Confirmed", "sure", {"Coming": "Yes"})
    assert ok(client.post(f"{REVIEWS}/{answered[0]}", json=said)) == view
    assert not services.ledger.messages.get(answered[0]).settled_by
    assert shown(client, 9) == answered[1:]
    assert [(one.right, one.sampled) for one in services.ledger.labels.all("c_times")] == [(True, True)]


def test_correcting_settles_the_row(
    client: FlaskClient, services: StageServices, planned: Campaign, answered: list[str]
) -> None:
    view = ok(client.post(f"{REVIEWS}/{answered[0]}", json={"outcome": "declined", "values": {"Coming": "No"}}))
    assert (view["status"], view["flag"], view["values"]) == ("Declined", None, {"Coming": "No"})
    assert services.ledger.messages.get(answered[0]).settled_by
    assert shown(client, 9) == answered[1:]


@pytest.mark.parametrize("sample", ["0", "-1", "101", "some"])
def test_it_refuses_a_sample_of_no_sensible_size(client: FlaskClient, planned: Campaign, sample: str) -> None:
    assert client.get(REVIEWS, query_string={"sample": sample}).status_code == 422


def test_it_knows_only_campaigns_that_are_there(client: FlaskClient) -> None:
    assert client.get("/api/campaigns/c_nobody/reviews", query_string={"sample": 3}).status_code == 404
