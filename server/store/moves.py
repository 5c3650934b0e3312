"""Transitions of messages: many at once, in one transaction, each decided by the machine and by nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Update, bindparam, select, update

from server.domain.audit import Entry, Kind, what_of, who_of, why_of
from server.domain.labels import Label, label_of
from server.domain.machine import MOVES, Approved, Blocked, Claimed, MessageEvent, after, allowed
from server.domain.message import Message
from server.domain.words import CampaignState, SuppressionReason
from server.errors import NotFound
from server.ports import Cipher
from server.store import codec
from server.store.audit import note
from server.store.labels import keep
from server.store.rows import blind, changes, to_message
from server.store.schema import campaigns, messages, suppressions

T = TypeVar("T")
Move = tuple[str, MessageEvent]

_LEAVING = frozenset({CampaignState.SENDING.value, CampaignState.DONE.value})

IDS = 500
"""Most ids in one IN list."""

BLOCKED = {
    SuppressionReason.OPT_OUT: "This address asked not to be written to (opt-out).",
    SuppressionReason.BOUNCE: "Earlier messages to this address came back (bounce).",
    SuppressionReason.COMPLAINT: "Somebody at this address complained about an earlier message (complaint).",
    SuppressionReason.MANUAL: "This address is on the list of those not to be written to.",
}
"""What the row's Note says when a suppression stops a send."""

_FOUND = select(messages).where(messages.c.id.in_(bindparam("ids", expanding=True))).order_by(messages.c.seq)
_LOCKED = _FOUND.with_for_update()  # in one order for all, so that two writers do not wait for each other in a ring
_CAMPAIGNS = (
    select(campaigns.c.id, campaigns.c.state, campaigns.c.channel, campaigns.c.start_at)
    .where(campaigns.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(campaigns.c.seq)
    .with_for_update(read=True)
)
_SUPPRESSED = select(suppressions).where(suppressions.c.blind.in_(bindparam("blinds", expanding=True)))


@dataclass(frozen=True, slots=True)
class Gate:
    """What stands in the way of claims and of approvals: states of campaigns, suppressions of the addresses."""

    campaigns: Mapping[str, Row[Any]]
    reasons: Mapping[tuple[str, str], SuppressionReason]

    def passes(self, message: Message, claim: Claimed) -> bool:
        """The campaign is sending and has begun, and the message is due."""
        campaign, at = self.campaigns[message.campaign_id], codec.micros(claim.at)
        begun = campaign.state == CampaignState.SENDING.value and (campaign.start_at is None or campaign.start_at <= at)
        return begun and (message.due_at is None or message.due_at <= claim.at)

    def leaves(self, message: Message) -> bool:
        """Whether the message would leave by itself once it is approved."""
        return self.campaigns[message.campaign_id].state in _LEAVING

    def reason(self, message: Message, cipher: Cipher) -> SuppressionReason | None:
        """Why the address must not be written to on the message's channel, or None."""
        digest = blind(cipher, message.address)
        channel = message.channel.value if message.channel else self.campaigns[message.campaign_id].channel
        return self.reasons.get((digest, channel)) or self.reasons.get((digest, ""))


def happen(
    connection: Connection, moves: Sequence[Move], cipher: Cipher, now: datetime
) -> list[Message | NotFound | None]:
    """Let the events happen, in order: for each the message after it, None where it may not happen.

    A claim also asks whether the campaign is sending, the message due, and its address free of suppressions; one
    that is not free becomes SKIPPED. An approval holds its campaign too: whoever may not send gives none that would
    leave by itself. Each change leaves an audit entry of that moment in the same transaction.
    """
    before = _lock(connection, {message_id for message_id, _ in moves}, cipher)
    claimed = {message_id for message_id, event in moves if isinstance(event, Claimed)}
    yes = {message_id for message_id, event in moves if isinstance(event, Approved)}
    gate = gate_of(
        connection,
        [one for one in before.values() if one.id in claimed],
        cipher,
        {one.campaign_id for one in before.values() if one.id in yes},
    )
    stand = dict(before)
    entries: list[Entry] = []
    decided: list[Label] = []
    results: list[Message | NotFound | None] = []
    for message_id, event in moves:
        message = stand.get(message_id)
        if message is None:
            results.append(NotFound(f"The message {message_id} is not in the ledger."))
            continue
        new, happened = _decide(message, event, gate, cipher)
        results.append(new if happened is event else None)
        if new is not None:
            entries.append(_entry(message, new, happened, now))
            decided += [label] if (label := label_of(message, happened, now)) else []
            stand[message_id] = new
    _store(connection, before, stand, cipher)
    note(connection, entries, cipher)
    keep(connection, decided)
    return results


def _decide(message: Message, event: MessageEvent, gate: Gate, cipher: Cipher) -> tuple[Message | None, MessageEvent]:
    """The message after the event, and the event that happened: another one when a claim was blocked."""
    if isinstance(event, Approved) and event.unsent and gate.leaves(message):
        return None, event
    if not isinstance(event, Claimed):
        return after(message, event), event
    if not allowed(message, event) or not gate.passes(message, event):
        return None, event
    reason = gate.reason(message, cipher)
    if reason is not None:
        event_instead = Blocked(BLOCKED[reason])
        return after(message, event_instead), event_instead
    return after(message, event), event


def _entry(old: Message, new: Message, event: MessageEvent, now: datetime) -> Entry:
    return Entry(
        now,
        Kind.MESSAGE,
        MOVES[type(event)].who[0],
        what_of(event),
        who_of(event),
        why_of(event),
        old.state.value,
        new.state.value,
        new.campaign_id,
        new.id,
    )


def _lock(connection: Connection, ids: Iterable[str], cipher: Cipher) -> dict[str, Message]:
    """The messages as they stand, held until the end of the transaction."""
    found: dict[str, Message] = {}
    for some in batched(sorted(ids), IDS):
        for row in connection.execute(_LOCKED, {"ids": some}):
            found[row.id] = to_message(row, cipher)
    return found


def gate_of(connection: Connection, claimed: Sequence[Message], cipher: Cipher, others: Collection[str] = ()) -> Gate:
    """What stands in the way of sending these. The campaigns (and `others`) are held too: a pause, or a begin, that
    comes now waits until these claims and approvals are committed."""
    kept: dict[str, Row[Any]] = {}
    for some in batched(sorted({*others, *(message.campaign_id for message in claimed)}), IDS):
        kept |= {row.id: row for row in connection.execute(_CAMPAIGNS, {"ids": some})}
    reasons: dict[tuple[str, str], SuppressionReason] = {}
    for some in batched(sorted({blind(cipher, message.address) for message in claimed}), IDS):
        for row in connection.execute(_SUPPRESSED, {"blinds": some}):
            reasons[row.blind, row.channel] = SuppressionReason(row.reason)
    return Gate(kept, reasons)


def _store(connection: Connection, before: Mapping[str, Message], now: Mapping[str, Message], cipher: Cipher) -> None:
    """One UPDATE for all messages that change the same columns, guarded by the version that was read."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for message_id, old in before.items():
        new = now[message_id]
        if new is not old:
            row = changes(old, new, cipher)
            alike[tuple(row)].append(row | {"of_id": message_id, "of_version": old.version})
    for columns, rows in alike.items():
        done = connection.execute(_update(columns), rows if len(rows) > 1 else rows[0]).rowcount
        if done != len(rows):
            raise RuntimeError(f"{len(rows) - done} of {len(rows)} messages changed under a lock")


@cache
def _update(columns: tuple[str, ...]) -> Update:
    guarded = update(messages).where(messages.c.id == bindparam("of_id"), messages.c.version == bindparam("of_version"))
    return guarded.values({name: bindparam(name) for name in columns})


def batched(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in pieces of at most that size."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
