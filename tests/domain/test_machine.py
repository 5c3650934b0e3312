"""Events of messages that may go another way: when they may happen, and what they leave behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.domain.machine import (
    Accepted,
    Blocked,
    Claimed,
    Delivery,
    Drafted,
    Postponed,
    Rerouted,
    TakenBack,
    after,
)
from server.domain.message import Approval, Extras, Message
from server.domain.words import ChannelName, DeliveryStatus, MessageState, Outcome, Problem

S = MessageState
AT = datetime(2026, 3, 2, tzinfo=UTC)
YES = Approval("Ana", AT, "f")
SENT = Message(
    "m", "c", "r", state=S.SENT, address="+1", text="Hello", approval=YES, provider="chats", provider_id="w1",
    claimed_at=AT, sent_at=AT, attempts=2, due_at=AT, refused_at=AT, channel=ChannelName.WHATSAPP, carrier="chats",
    delivery=DeliveryStatus.FAILED,
)  # fmt: skip
GONE = Rerouted("mark", "Not on WhatsApp: drafted for SMS instead; approve it.")


def test_a_message_that_reached_nobody_begins_anew_without_its_approval() -> None:
    found = after(SENT, GONE)
    assert found is not None
    assert (found.state, found.text, found.approval, found.unreached) == (S.CHOSEN, "", None, ("mark",))
    assert (found.attempts, found.due_at, found.refused_at, found.delivery) == (0, None, None, DeliveryStatus.NONE)
    assert (found.provider, found.provider_id) == ("chats", "w1")  # its late reports find it


@pytest.mark.parametrize(
    "reached",
    [
        {"delivery": DeliveryStatus.DELIVERED},
        {"delivery": DeliveryStatus.READ},
        {"outcome": Outcome.CONFIRMED},
    ],
)
def test_who_was_reached_is_not_looked_for_elsewhere(reached: dict[str, object]) -> None:
    assert after(replace(SENT, **reached), GONE) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("state", sorted(set(S) - {S.SENT, S.SENDING, S.IN_DOUBT}))
def test_only_what_a_provider_had_reached_nobody(state: MessageState) -> None:
    assert after(replace(SENT, state=state), GONE) is None


@pytest.mark.parametrize("event", [GONE, Blocked("No more.")])
def test_a_claim_that_is_anothers_by_now_stays_theirs(event: Rerouted | Blocked) -> None:
    claimed = after(replace(SENT, state=S.APPROVED, delivery=DeliveryStatus.NONE), Claimed("w_2", AT))
    assert claimed is not None
    for owner in ("", "w_1"):
        assert after(claimed, replace(event, owner=owner)) is None
    assert after(claimed, replace(event, owner="w_2")) is not None


def test_a_late_proof_that_the_first_send_went_ends_the_second_before_it_begins() -> None:
    again = after(SENT, GONE)
    assert again is not None
    proven = after(again, Delivery(DeliveryStatus.DELIVERED))
    assert proven is not None
    assert (proven.state, proven.note) == (S.SENT, "The first try had gone out after all, so there was no second one.")


def test_what_is_taken_back_needs_a_look_and_a_new_yes() -> None:
    found = after(replace(SENT, state=S.APPROVED), TakenBack("The window has closed."))
    assert found is not None
    assert (found.state, found.problem, found.approval) == (S.DRAFTED, Problem.CHECK, None)
    assert (found.note, found.due_at, found.refused_at) == ("The window has closed.", None, None)
    assert after(SENT, TakenBack("")) is None


def test_who_asked_the_provider_for_no_more_is_opted_out_and_not_failed() -> None:
    found = after(replace(SENT, state=S.SENDING, owner="w"), Blocked("STOP.", "w"))
    assert found is not None
    assert (found.state, found.problem, found.owner) == (S.SKIPPED, Problem.SUPPRESSED, "")


def test_a_wait_behind_others_counts_from_its_beginning() -> None:
    waiting = replace(SENT, state=S.APPROVED, refused_at=None)
    first = after(waiting, Postponed(AT, "Waits.", AT))
    assert first is not None
    second = after(first, Postponed(AT + timedelta(hours=1), "Waits.", AT + timedelta(hours=1)))
    assert second is not None
    assert second.refused_at == AT
    quiet = after(waiting, Postponed(AT + timedelta(hours=1), "Quiet hours."))
    assert quiet is not None
    assert quiet.refused_at is None


def test_a_draft_brings_its_way_and_what_goes_along() -> None:
    extras = Extras(cc=("boss@example.org",))
    new = Drafted("Hi", address="a@example.org", channel=ChannelName.EMAIL, carrier="mails", extras=extras)
    found = after(replace(SENT, state=S.CHOSEN, known_as="US.1"), new)
    assert found is not None
    assert (found.channel, found.carrier, found.extras, found.known_as) == (ChannelName.EMAIL, "mails", extras, "")


def test_a_receipt_brings_what_the_provider_calls_them() -> None:
    found = after(replace(SENT, state=S.SENDING), Accepted("chats", "w2", AT, "US.1"))
    assert found is not None
    assert found.known_as == "US.1"
    later = after(replace(found, state=S.SENT), Accepted("chats", "w2", AT + timedelta(seconds=1)))
    assert later is not None
    assert later.known_as == "US.1"
