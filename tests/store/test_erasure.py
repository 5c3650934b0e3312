"""What is known about one address: all of it is handed over, all of it leaves, and nothing of anybody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.domain.machine import Noted
from server.domain.reply import DeliveryEvent, InboundMessage
from server.domain.words import ChannelName, DeliveryStatus, MessageState, Outcome, SuppressionReason
from server.errors import Conflict
from server.ports import CellWrite
from server.store import SqlLedger
from tests.contracts.ledger import approved, claim, message, reply, sending, stored
from tests.store.test_at_rest import on_disk, pieces, sealed

ZOE = "zoe1@example.org"
S = MessageState


@pytest.fixture
def ledger(ledger_url: str, open_at: Callable[[str], SqlLedger]) -> SqlLedger:
    opened = open_at(ledger_url)
    fill(opened)
    return opened


def fill(ledger: SqlLedger) -> None:
    """Zoe 1 in two campaigns, one message answered and one still approved; Zoe 2 beside her."""
    sent = {"state": S.SENT, "outcome": Outcome.CONFIRMED, "reply": "Yes, zoe", "provider": "smtp"}
    sending(ledger, message(1, provider_id="p1", **sent), message(2, provider_id="p2", **sent))
    sending(ledger, approved(1, "c_2"), campaign_id="c_2")
    ledger.messages.move(message(1).id, Noted("Zoë called."))
    ledger.cells.want("c_1", {}, [CellWrite("c_1", f"r_{n}", "Reply", "Yes, zoe") for n in (1, 2)])
    inbound = [InboundMessage(f"<{n}>", f"Zoe <zoe{n}@example.org>", "Yes") for n in (1, 2)]
    report = DeliveryEvent("d", DeliveryStatus.DELIVERED, provider_id="p1")
    ledger.inbox.store([stored(1, event=inbound[0]), stored(2, event=inbound[1], raw="joezoe1@example.org")])
    ledger.inbox.store([stored(3, event=report, raw="")])
    for n in (1, 2):
        one = reply(n, campaign_id="c_1", message_id=message(n).id, sender=f"zoe{n}@example.org")
        ledger.inbox.add_reply(one)
    ledger.suppressions.add(ZOE, ChannelName.EMAIL, SuppressionReason.OPT_OUT)


def test_it_knows_all_about_an_address_and_nothing_about_another(ledger: SqlLedger) -> None:
    found = ledger.known(" ZOE1@example.org")
    assert [one.id for one in found.messages] == [message(1).id, approved(1, "c_2").id]
    assert [one.id for one in found.replies] == ["y_1"]
    assert [one.id for one in found.events] == ["e_1", "e_3"]
    assert [(one.channel, one.reason) for one in found.suppressions] == [("email", "opt_out")]
    assert {one.message_id for one in found.audit} == {message(1).id}
    assert ledger.known("") == ledger.known("nobody@example.org")


def test_an_erased_address_leaves_and_its_neighbour_stays(ledger: SqlLedger) -> None:
    neighbour = ledger.known("zoe2@example.org")
    ledger.erase(ZOE)
    left = ledger.known(ZOE)
    assert (left.messages, left.replies, left.events) == ((), (), ())
    assert ledger.inbox.get("e_1").raw == ""
    emptied = ledger.messages.get(message(1).id)
    assert (emptied.state, emptied.outcome) == (S.SENT, Outcome.CONFIRMED)
    assert not any((emptied.text, emptied.address, emptied.person, emptied.reply, emptied.note, emptied.token))
    assert ledger.known("zoe2@example.org") == neighbour
    assert [cell.row_key for cell in ledger.cells.of_campaign("c_1")] == ["r_2"]
    told = ledger.audit.of_message(message(1).id)
    assert [(one.what, one.who, one.why) for one in told][-1] == ("erased", "", "")
    assert not any(one.why for one in told)


def test_the_opt_out_outlives_the_erasure(ledger: SqlLedger) -> None:
    ledger.erase(ZOE)
    assert ledger.suppressions.stands(ZOE, ChannelName.EMAIL) is SuppressionReason.OPT_OUT


def test_what_had_not_left_never_leaves(ledger: SqlLedger) -> None:
    ledger.erase(ZOE)
    assert ledger.messages.states("c_2") == {S.SKIPPED: 1}
    assert claim(ledger, approved(1, "c_2")) is None


def test_a_webhook_posted_again_brings_nothing_back(ledger: SqlLedger) -> None:
    ledger.erase(ZOE)
    again = stored(9, event=InboundMessage("<1>", f"Zoe <{ZOE}>", "Yes"))
    assert ledger.inbox.store([again]) == []
    assert ledger.inbox.waiting(9) == ["e_2"]


def test_nothing_is_erased_under_a_send_that_is_on_its_way(ledger: SqlLedger) -> None:
    other = approved(7, "c_2", address="ben@example.org")
    ledger.messages.add([other])
    assert claim(ledger, other)
    with pytest.raises(Conflict, match="on its way"):
        ledger.erase("ben@example.org")
    assert ledger.messages.get(other.id).text


def test_nothing_of_it_is_left_on_the_disk(sqlite_url: str, open_at: Callable[[str], SqlLedger]) -> None:
    ledger = open_at(sqlite_url)
    fill(ledger)
    before = sealed(sqlite_url)
    ledger.erase(ZOE)
    gone, bytes_ = before - sealed(sqlite_url), on_disk(sqlite_url)
    assert len(gone) >= 6
    assert [value for value in gone if any(piece in bytes_ for piece in pieces(value))] == []
