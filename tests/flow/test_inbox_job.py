"""The one job that empties the inbox: everything to its row, whatever else lies there."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from jobs import context
from jobs import receiving as jobs_receiving
from server.domain.reply import DeliveryEvent, Event, InboundMessage
from server.domain.words import DeliveryStatus
from server.flow import receiving
from server.queue import INTERPRET, RECEIVE, SYNC
from tests.flow.stage import Stage


class Desk:
    """A worker with its services, and what it asked for."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.asked: list[tuple[str, ...]] = []
        self.services = SimpleNamespace(
            ledger=stage.ledger,
            clock=stage.clock,
            providers={"fake"},
            channel_for=lambda *_: stage.channel,
        )

    def bring(self, *events: Event, provider: str = "fake") -> None:
        receiving.store(ledger=self.stage.ledger, clock=self.stage.clock, provider=provider, events=events)

    def answer(self, name: str, text: str = "yes") -> InboundMessage:
        message = self.stage.of(name)
        return InboundMessage(f"{name}-{text}", message.address, text, token=message.token)

    def count(self, job: str) -> int:
        return sum(one[0] == job for one in self.asked)


@pytest.fixture
def desk(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    stage.out()
    desk = Desk(stage)
    monkeypatch.setattr(context, "services", lambda: desk.services)
    monkeypatch.setattr(context, "wake", lambda *job: desk.asked.append(job))
    return desk


def test_it_takes_everything_that_waits_and_asks_for_each_sheet_once(desk: Desk) -> None:
    desk.bring(desk.answer("Ana"), desk.answer("Ben"))
    sent = desk.stage.of("Ana").provider_id
    desk.bring(DeliveryEvent("d-1", DeliveryStatus.DELIVERED, provider_id=sent))
    jobs_receiving.receive()
    assert desk.stage.ledger.inbox.waiting(9) == []
    assert (desk.count(INTERPRET), desk.count(SYNC)) == (2, 1)


def test_an_event_that_can_not_be_processed_yet_keeps_no_other_waiting(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_receiving, "AT_ONCE", 2)
    desk.bring(*[DeliveryEvent(f"d-{number}", DeliveryStatus.DELIVERED, provider_id="nobody's") for number in range(5)])
    desk.bring(desk.answer("Ana"))
    jobs_receiving.receive()
    assert desk.count(INTERPRET) == 1
    assert len(desk.stage.ledger.inbox.waiting(9)) == 5


def test_an_event_that_nobody_foresaw_keeps_no_other_waiting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.bring(desk.answer("Ana"), desk.answer("Ben"))
    real = receiving.receive

    def broken(*, event_id: str, **more: object) -> Coroutine[Any, Any, receiving.Received]:
        if desk.stage.ledger.inbox.get(event_id).event == desk.answer("Ana"):
            raise RuntimeError("a fault of ours")
        return real(event_id=event_id, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(receiving, "receive", broken)
    jobs_receiving.receive()
    assert desk.count(INTERPRET) == 1
    assert len(desk.stage.ledger.inbox.waiting(9)) == 1


def test_it_leaves_the_work_to_a_worker_that_is_at_it(desk: Desk) -> None:
    desk.stage.ledger.leases.take(jobs_receiving.LEASE, "another", 30)
    desk.bring(desk.answer("Ana"))
    jobs_receiving.receive()
    assert len(desk.stage.ledger.inbox.waiting(9)) == 1


def test_what_came_while_another_worker_was_sent_away_is_still_taken(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was stored after the last look of the one that holds the lease, and woke one that found the lease taken."""
    desk.bring(desk.answer("Ana"))
    release = desk.stage.ledger.leases.release

    def late(name: str, owner: str) -> None:
        if not desk.count(INTERPRET) > 1:
            desk.bring(desk.answer("Ben"))
        release(name, owner)

    monkeypatch.setattr(desk.stage.ledger.leases, "release", late)
    jobs_receiving.receive()
    assert desk.count(INTERPRET) == 2


def test_it_gives_others_a_turn_and_comes_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_receiving, "AT_ONCE", 1)
    monkeypatch.setattr(jobs_receiving, "LASTS", -1.0)
    desk.bring(desk.answer("Ana"), desk.answer("Ben"))
    jobs_receiving.receive()
    assert (desk.count(INTERPRET), desk.count(RECEIVE)) == (1, 1)


def test_what_another_worker_did_meanwhile_is_not_done_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    leases, done = desk.stage.ledger.leases, list[str]()
    once, take = receiving.receive, leases.take

    def counted(**named: Any) -> Coroutine[Any, Any, receiving.Received]:
        done.append(named["event_id"])
        return once(**named)

    def late(name: str, owner: str, seconds: float) -> bool:
        """The other worker holds the lease, and gives it back just before ours is asked for."""
        monkeypatch.setattr(leases, "take", take)
        jobs_receiving.receive()
        return take(name, owner, seconds)

    monkeypatch.setattr(receiving, "receive", counted)
    monkeypatch.setattr(leases, "take", late)
    desk.bring(desk.answer("Ana"), desk.answer("Ben"))
    jobs_receiving.receive()
    assert len(done) == len(set(done)) == 2
