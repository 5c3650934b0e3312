"""The way out of all messages: scanners follow links, mail programs post, and strangers learn nothing."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from server.domain.message import Message
from server.domain.words import ChannelName, SuppressionReason
from tests.web.conftest import StageServices

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
"""RFC 8058, section 3.1."""


def test_it_changes_nothing_when_a_scanner_follows_the_link(
    stranger: FlaskClient, services: StageServices, sent: list[Message]
) -> None:
    page = stranger.get(f"/u/{sent[0].token}")
    assert page.status_code == 200
    assert 'method="post"' in page.text.lower()
    assert services.ledger.suppressions.stands(sent[0].address, ChannelName.OUTBOX) is None
    assert services.ledger.messages.get(sent[0].id) == sent[0]


def test_it_takes_one_click_without_cookie_or_redirect(
    stranger: FlaskClient, services: StageServices, sent: list[Message]
) -> None:
    answer = stranger.post(f"/u/{sent[0].token}", data=ONE_CLICK)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert services.ledger.suppressions.stands(sent[0].address, ChannelName.OUTBOX) is SuppressionReason.OPT_OUT
    assert services.ledger.suppressions.stands(sent[1].address, ChannelName.OUTBOX) is None
    assert services.ledger.messages.get(sent[0].id).note != sent[0].note


def test_it_takes_the_click_twice(stranger: FlaskClient, sent: list[Message]) -> None:
    first, second = (stranger.post(f"/u/{sent[0].token}", data=ONE_CLICK) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)


@pytest.mark.parametrize("token", ["96nt5ysfez76yv7wcnk92nhb", "x", "é" * 30, "a" * 5000])
def test_it_answers_the_same_for_a_link_that_it_does_not_know(
    stranger: FlaskClient, sent: list[Message], token: str
) -> None:
    known, unknown = stranger.post(f"/u/{sent[0].token}"), stranger.post(f"/u/{token}")
    assert unknown.status_code == 200
    assert known.text == unknown.text
