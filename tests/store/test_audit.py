"""Who did what, when and why: an entry for each change of state, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, select

from server.domain import machine
from server.domain.audit import Kind
from server.domain.words import Actor, CampaignState, CellWriteState, ChannelName, DeliveryStatus, SuppressionReason
from server.ports import CellWrite
from server.store import SqlLedger
from server.store.database import parse_url
from server.store.schema import audit
from tests.contracts.ledger import AT, READING, approved, claim, message, reply, sending
from tests.fakes import FakeClock


@pytest.fixture
def ledger(ledger_url: str, open_at: Callable[[str], SqlLedger]) -> SqlLedger:
    return open_at(ledger_url)


def test_it_tells_the_story_of_a_message(ledger: SqlLedger, clock: FakeClock) -> None:
    sending(ledger, approved())
    claim(ledger, approved())
    clock.advance(2)
    ledger.messages.move(approved().id, machine.Accepted("smtp", "p1", AT))
    ledger.messages.move(approved().id, machine.Delivery(DeliveryStatus.DELIVERED))
    ledger.messages.move(approved().id, machine.Answered(READING, "Yes"))
    ledger.messages.move(approved().id, machine.Settled("anna", READING.outcome, {}))
    told = ledger.audit.of_message(approved().id)
    assert [(one.shown, one.what, one.before, one.after, one.why) for one in told] == [
        ("worker-1", "claimed", "approved", "sending", ""),
        ("smtp", "accepted", "sending", "sent", ""),
        ("provider", "delivered", "sent", "sent", ""),
        ("recipient", "answered", "sent", "sent", "confirmed: A plain yes."),
        ("anna", "settled", "sent", "sent", "confirmed"),
    ]
    assert (told[1].at - told[0].at).total_seconds() == 2
    assert {one.campaign_id for one in told} == {"c_1"}


def test_what_may_not_happen_leaves_no_entry(ledger: SqlLedger) -> None:
    sending(ledger, approved())
    ledger.messages.move(approved().id, machine.Accepted("smtp", "p1", AT))
    ledger.messages.move_many([("m_9", machine.Skipped()), (approved().id, machine.Noted(""))])
    assert ledger.audit.of_message(approved().id) == []


def test_a_claim_that_a_suppression_stops_is_told_as_that(ledger: SqlLedger) -> None:
    sending(ledger, approved())
    ledger.suppressions.add(approved().address, ChannelName.EMAIL, SuppressionReason.OPT_OUT)
    claim(ledger, approved())
    (told,) = ledger.audit.of_message(approved().id)
    assert (told.what, told.after, told.actor) == ("blocked", "skipped", Actor.WORKER)
    assert "opt-out" in told.why


def test_every_move_of_one_transaction_is_told(ledger: SqlLedger) -> None:
    sending(ledger, message(1), message(2))
    moves: list[tuple[str, machine.MessageEvent]] = [
        (message(number).id, event)
        for number in (1, 2)
        for event in (machine.Drafted("One"), machine.Edited("Two", "", "ben"), machine.Skipped("No.", "anna"))
    ]
    ledger.messages.move_many(moves)
    for number in (1, 2):
        told = ledger.audit.of_message(message(number).id)
        assert [(one.what, one.shown, one.after) for one in told] == [
            ("drafted", "worker", "drafted"),
            ("edited", "ben", "drafted"),
            ("skipped", "anna", "skipped"),
        ]


def test_a_campaign_tells_who_moved_it_newest_first(ledger: SqlLedger) -> None:
    sending(ledger)
    ledger.campaigns.move("c_1", CampaignState.SENDING, note="Only a note.")
    ledger.campaigns.move("c_1", CampaignState.PAUSED, who="anna", note="A look first.")
    ledger.campaigns.move("c_1", CampaignState.SENDING, who="ben")
    ledger.campaigns.move("c_1", CampaignState.PAUSED, note="The account is closed.")
    ledger.campaigns.move("c_1", CampaignState.DONE)
    told = ledger.audit.of_campaign("c_1", 9)
    assert [(one.shown, one.before, one.after, one.why) for one in told] == [
        ("provider", "sending", "paused", "The account is closed."),
        ("ben", "paused", "sending", ""),
        ("anna", "sending", "paused", "A look first."),
        ("organiser@example.org", "sending", "sending", "Waits for a person."),
    ]
    assert len(ledger.audit.of_campaign("c_1", 1)) == 1


def test_a_reply_is_told_with_its_message(ledger: SqlLedger) -> None:
    sending(ledger, message())
    matched = reply(campaign_id="c_1", message_id=message().id, matched_by="token")
    ledger.inbox.add_reply(matched)
    ledger.inbox.save_reply(replace(matched, interpretation=READING))
    told = ledger.audit.of_message(message().id)
    assert [(one.kind, one.before, one.after) for one in told] == [
        (Kind.REPLY, "received", "matched"),
        (Kind.REPLY, "matched", "read"),
    ]


def test_a_late_reading_does_not_replace_what_a_person_settled(ledger: SqlLedger) -> None:
    sending(ledger, message())
    matched = reply(campaign_id="c_1", message_id=message().id)
    ledger.inbox.add_reply(matched)
    settled = replace(matched, settled_by="anna")
    assert ledger.inbox.save_reply(settled)
    assert not ledger.inbox.save_reply(replace(matched, interpretation=READING))
    assert ledger.inbox.reply(matched.id) == settled


def test_of_cells_only_those_kept_out_are_told(ledger: SqlLedger) -> None:
    sending(ledger, message())
    cells = [CellWrite("c_1", "r_1", column, "Yes") for column in ("Status", "Coming")]
    ledger.cells.want("c_1", {}, cells)
    found = replace(cells[1], state=CellWriteState.CONFLICT, note="A person's value stands there.")
    ledger.cells.settle([replace(cells[0], state=CellWriteState.WRITTEN, expected="Yes"), found])
    ledger.cells.settle([found])
    (told,) = ledger.audit.of_message(message().id)
    assert (told.kind, told.after, told.entity) == (Kind.CELL, "conflict", "r_1")
    assert told.why == "Coming: A person's value stands there."


def test_a_persons_name_and_reason_are_sealed(ledger: SqlLedger, ledger_url: str) -> None:
    sending(ledger, approved(), started_by="zoe@example.org")
    ledger.messages.move(approved().id, machine.Skipped("zoe@example.org asked for it.", "Zoe"))
    engine = create_engine(parse_url(ledger_url))
    with engine.connect() as connection:
        rows = connection.execute(select(audit)).all()
    engine.dispose()
    assert len(rows) == 2
    assert "zoe" not in str(rows).casefold()


def test_the_audit_goes_with_the_campaign(ledger: SqlLedger, clock: FakeClock) -> None:
    sending(ledger, approved(1))
    sending(ledger, approved(1, "c_2"), campaign_id="c_2")
    claim(ledger, approved(1))
    ledger.campaigns.move("c_1", CampaignState.CANCELLED)
    clock.advance(days=1)
    ledger.purge(clock.now())
    assert ledger.audit.of_campaign("c_1", 9) == []
    assert len(ledger.audit.of_campaign("c_2", 9)) == 1
