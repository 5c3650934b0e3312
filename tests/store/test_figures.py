"""The ledger in numbers, on each database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from server.domain.figures import Figures, Waiting
from server.domain.machine import Claimed, Settled
from server.domain.usage import Usage, Used
from server.domain.words import CampaignState, ChannelName, Outcome, Status
from server.ports import CellWrite
from server.store import SqlLedger
from tests.contracts.labels import answered
from tests.contracts.ledger import approved, message, reply, sending, stored
from tests.fakes import FakeClock

Open = Callable[[str], SqlLedger]


def test_a_new_ledger_has_only_zeros(open_at: Open, ledger_url: str) -> None:
    assert open_at(ledger_url).figures() == Figures()


def test_it_counts_what_is_there_and_what_waits(open_at: Open, ledger_url: str, clock: FakeClock) -> None:
    ledger, now = open_at(ledger_url), clock.now()
    sending(ledger, message(1), approved(2), approved(3))
    ledger.messages.move(approved(3).id, Claimed("w", now))
    ledger.cells.want("c_1", {message(1).id: 99}, [CellWrite("c_1", "r_1", "Status", "Draft")])
    ledger.inbox.store([stored(1, received_at=now - timedelta(seconds=5))])
    waiting, unmatched = reply(1, received_at=now - timedelta(seconds=4)), reply(2)
    ledger.inbox.add_reply(replace(waiting, campaign_id="c_1", message_id=message(1).id, interpretation=None))
    ledger.inbox.add_reply(replace(unmatched, campaign_id=None, message_id=None, interpretation=None))

    found = ledger.figures()

    assert found.campaigns == {CampaignState.SENDING: 1}
    email = ChannelName.EMAIL
    assert found.messages == {(email, None): 1, (email, Status.APPROVED): 1, (email, Status.SENDING): 1}
    assert (found.due, found.unmatched) == (1, 1)
    assert found.cells == Waiting(1, now)
    assert found.events == Waiting(1, now - timedelta(seconds=5))
    assert found.replies == Waiting(1, now - timedelta(seconds=4))


def test_it_counts_reviews_and_tokens_by_what_made_them_and_no_campaign(open_at: Open, ledger_url: str) -> None:
    ledger = open_at(ledger_url)
    ids = answered(ledger, 1, 2, 3)
    values = ({"Coming": "Yes"}, {"Coming": "No"}, {"Coming": "Yes"})
    moves = [(one, Settled("anna", Outcome.CONFIRMED, said)) for one, said in zip(ids, values, strict=True)]
    ledger.messages.move_many(moves)
    for campaign_id in ("c_1", "c_2"):
        ledger.usages.add(campaign_id, Used("read@1f0c", "a-model", Usage(100, 20, 10, 1)))
    found = ledger.figures()
    assert found.reviews == {("read@1f0c", "a-model", False): 1, ("read@1f0c", "a-model", True): 2}
    assert found.used == (Used("read@1f0c", "a-model", Usage(200, 40, 20, 2)),)
