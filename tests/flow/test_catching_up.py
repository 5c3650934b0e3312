"""What no webhook brought is asked for: since the last answer, once, by one worker, and faults cost nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from server.domain.reply import DeliveryEvent, InboundMessage
from server.domain.words import DeliveryStatus
from server.errors import PermanentError, TemporaryError
from server.flow import receiving
from server.flow.catching_up import FIRST, LONGEST, OVERLAP, catch_up
from tests.flow.ways import ANA, MakeWays, Ways, make_ways

__all__ = ["make_ways"]


def ask(stage: Ways, owner: str = "w_1") -> int:
    return asyncio.run(catch_up(ledger=stage.ledger, clock=stage.clock, channel=stage.texts, owner=owner))


@pytest.fixture
def stage(make_ways: MakeWays) -> Ways:
    stage = make_ways()
    stage.begin()
    stage.send()
    return stage


def test_an_answer_whose_webhook_was_lost_still_reaches_its_row(stage: Ways) -> None:
    stage.texts.listed = [
        InboundMessage("SM1", ANA, "1"),
        DeliveryEvent("SM2", DeliveryStatus.DELIVERED, provider_id=stage.of("Ben").provider_id),
    ]
    assert ask(stage) == 2
    stage.receive_waiting()
    assert stage.cell("Ana", "Availability") == "Yes"
    assert stage.cell("Ben", "Status") == "Delivered"


def test_what_a_webhook_brought_before_or_after_is_taken_once(stage: Ways) -> None:
    answer = InboundMessage("SM1", ANA, "1")
    stage.post(answer, provider="texts")
    stage.texts.listed = [answer, InboundMessage("SM3", ANA, "2")]
    assert [ask(stage), ask(stage)] == [1, 0]
    assert receiving.store(ledger=stage.ledger, clock=stage.clock, provider="texts", events=stage.texts.listed) == []


def test_each_question_begins_a_little_before_the_last_one_that_was_answered(stage: Ways) -> None:
    start = stage.clock.now()
    ask(stage)
    stage.clock.advance(180)
    stage.texts.silent = TemporaryError("Not now.")
    for _ in range(2):
        with pytest.raises(TemporaryError):
            ask(stage)
    stage.texts.silent = None
    stage.clock.advance(days=1)
    ask(stage)
    assert stage.texts.asked_since == [start - FIRST, *[start - OVERLAP] * 3]
    stage.clock.advance(days=30)
    ask(stage)
    assert stage.texts.asked_since[-1] == stage.clock.now() - LONGEST


def test_an_account_that_may_not_ask_is_asked_again_from_the_same_moment(stage: Ways) -> None:
    stage.texts.silent = PermanentError("This key may not list messages.")
    for _ in range(2):
        with pytest.raises(PermanentError):
            ask(stage)
    assert stage.ledger.marks.get("missed-sms-texts") is None


def test_one_worker_asks_at_a_time(stage: Ways) -> None:
    stage.ledger.leases.take("missed-sms-texts", "another", 60)
    stage.texts.listed = [InboundMessage("SM1", ANA, "1")]
    assert (ask(stage), stage.texts.asked_since) == (0, [])
    stage.clock.advance(timedelta(seconds=61).total_seconds())
    assert ask(stage) == 1
    assert stage.ledger.leases.holder("missed-sms-texts") is None
