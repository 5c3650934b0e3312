"""The state machine of a message and of a campaign: what may happen when, and what it makes of the record.

Pure: the ledger reads a record, asks here what an event makes of it, and commits the answer in one guarded
UPDATE. Nothing else in the product changes a state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from server.domain.message import Approval, Message
from server.domain.reply import Interpretation
from server.domain.words import BEYOND_SEND, CampaignState, DeliveryStatus, MessageState, Outcome, Problem

S = MessageState


@dataclass(frozen=True, slots=True)
class Drafted:
    """A text was written for the row (or a reason found why a person must look first)."""

    text: str
    subject: str = ""
    address: str = ""
    person: str = ""
    problem: Problem = Problem.NONE
    note: str = ""
    source: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """A person changed the text or subject; an approval lapses, a `Check draft` counts as looked at."""

    text: str
    subject: str


@dataclass(frozen=True, slots=True)
class Approved:
    """A person said yes to exactly this text, subject and address."""

    approval: Approval
    text: str
    subject: str
    address: str
    source: str
    identity: str


@dataclass(frozen=True, slots=True)
class Lapsed:
    """An approval no longer holds: the draft needs another yes."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Redrafting:
    """Write the text anew."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """The once-only mark before the provider is called."""

    owner: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it."""

    provider: str
    provider_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Deferred:
    """The provider proved that it did not take it, for now: try again at `due`."""

    due: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Released:
    """A claim is given back unused: the provider was never called."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider will not take it, ever."""

    note: str


@dataclass(frozen=True, slots=True)
class LostAnswer:
    """Nobody knows whether it went: the answer was lost, or the claim's owner died."""

    note: str


@dataclass(frozen=True, slots=True)
class SourceChanged:
    """Text, address or source cells differ from the approval at the moment of sending."""

    note: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """A suppression stands against the address."""

    note: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A person does not want this row written to."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The campaign was cancelled before this message left."""


@dataclass(frozen=True, slots=True)
class Retried:
    """A person wants another try of a failed, skipped, changed or doubtful send: back to a draft to approve."""


@dataclass(frozen=True, slots=True)
class ConfirmedSent:
    """A person knows that a send in doubt went out."""

    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Doubted:
    """A draft that was fine needs another look (its source cells changed since)."""

    note: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A sentence for the person, and nothing else."""

    note: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A provider's report, already in our words."""

    status: DeliveryStatus
    note: str = ""
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply was read."""

    interpretation: Interpretation
    reply: str
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """A person decided what the reply says; wins over any reading, earlier or later."""

    who: str
    outcome: Outcome
    values: Mapping[str, str]


MessageEvent = (
    Drafted
    | Edited
    | Approved
    | Lapsed
    | Redrafting
    | Claimed
    | Accepted
    | Deferred
    | Released
    | Refused
    | LostAnswer
    | SourceChanged
    | Blocked
    | Skipped
    | Cancelled
    | Retried
    | ConfirmedSent
    | Doubted
    | Noted
    | Delivery
    | Answered
    | Settled
)

OPEN = frozenset({S.CHOSEN, S.DRAFTED, S.APPROVED, S.CHANGED})
"""Nothing has left and nothing is in flight."""

ENDED = frozenset({S.SENT, S.FAILED, S.SKIPPED, S.CANCELLED, S.IN_DOUBT, S.CHANGED})
"""Sending has nothing more to do here, unless a person asks."""

MESSAGE_MOVES: dict[type, tuple[frozenset[MessageState], MessageState | None]] = {
    Drafted: (frozenset({S.CHOSEN}), S.DRAFTED),
    Edited: (frozenset({S.DRAFTED, S.APPROVED, S.CHANGED}), S.DRAFTED),
    Approved: (frozenset({S.DRAFTED, S.CHANGED}), S.APPROVED),
    Lapsed: (frozenset({S.APPROVED, S.CHANGED}), S.DRAFTED),
    Redrafting: (frozenset({S.DRAFTED, S.APPROVED, S.CHANGED, S.FAILED, S.SKIPPED}), S.CHOSEN),
    Claimed: (frozenset({S.APPROVED}), S.SENDING),
    Accepted: (BEYOND_SEND, S.SENT),
    Deferred: (frozenset({S.SENDING}), S.APPROVED),
    Released: (frozenset({S.SENDING}), S.APPROVED),
    Refused: (frozenset({S.SENDING, S.IN_DOUBT}), S.FAILED),
    LostAnswer: (frozenset({S.SENDING}), S.IN_DOUBT),
    SourceChanged: (frozenset({S.APPROVED}), S.CHANGED),
    Blocked: (frozenset({S.APPROVED, S.DRAFTED, S.CHANGED}), S.SKIPPED),
    Skipped: (OPEN | {S.FAILED}, S.SKIPPED),
    Cancelled: (OPEN, S.CANCELLED),
    Retried: (frozenset({S.FAILED, S.IN_DOUBT, S.SKIPPED, S.CHANGED, S.CANCELLED}), S.DRAFTED),
    ConfirmedSent: (frozenset({S.IN_DOUBT}), S.SENT),
    Doubted: (frozenset({S.DRAFTED}), S.DRAFTED),
    Noted: (frozenset(S), None),
    Delivery: (frozenset({S.SENDING, S.SENT, S.IN_DOUBT, S.FAILED}), None),
    Answered: (BEYOND_SEND, None),
    Settled: (BEYOND_SEND, None),
}
"""Event -> (states it may happen in, state it leads to; None: see `after`)."""

CAMPAIGN_MOVES: dict[CampaignState, frozenset[CampaignState]] = {
    CampaignState.PLANNED: frozenset({CampaignState.DRAFTING, CampaignState.CANCELLED}),
    CampaignState.DRAFTING: frozenset({CampaignState.DRAFTED, CampaignState.CANCELLED}),
    CampaignState.DRAFTED: frozenset({CampaignState.DRAFTING, CampaignState.SENDING, CampaignState.CANCELLED}),
    CampaignState.SENDING: frozenset(
        {CampaignState.PAUSED, CampaignState.DRAFTED, CampaignState.DONE, CampaignState.CANCELLED}
    ),
    CampaignState.PAUSED: frozenset({CampaignState.SENDING, CampaignState.CANCELLED}),
    CampaignState.DONE: frozenset({CampaignState.SENDING, CampaignState.DRAFTING}),
    CampaignState.CANCELLED: frozenset(),
}
"""DRAFTED again from SENDING is the undo window; SENDING again from DONE is a retry of what a person approved."""

_RANK = {
    DeliveryStatus.NONE: 0,
    DeliveryStatus.UNKNOWN: 0,
    DeliveryStatus.ACCEPTED: 1,
    DeliveryStatus.FAILED: 2,
    DeliveryStatus.BOUNCED: 2,
    DeliveryStatus.DELIVERED: 3,
    DeliveryStatus.READ: 4,
    DeliveryStatus.COMPLAINED: 5,
}
"""A later delivered or read wins over a failure; late or unknown reports never move it back."""


def allowed(message: Message, event: MessageEvent) -> bool:
    """Whether the event may happen to the message as it stands."""
    return message.state in MESSAGE_MOVES[type(event)][0]


def after(message: Message, event: MessageEvent) -> Message | None:
    """What the event makes of the message, or None when it may not happen now or would change nothing."""
    if not allowed(message, event):
        return None
    state = MESSAGE_MOVES[type(event)][1] or message.state
    changed = _apply(replace(message, state=state), message, event)
    return None if changed == message else replace(changed, version=message.version + 1)


def _apply(new: Message, old: Message, event: MessageEvent) -> Message:
    match event:
        case Drafted():
            return replace(
                new,
                text=event.text,
                subject=event.subject,
                address=event.address,
                person=event.person,
                problem=event.problem,
                note=event.note,
                source=event.source,
                identity=event.identity,
                approval=None,
            )
        case Edited(text=text, subject=subject):
            if (text, subject) == (old.text, old.subject):
                return old
            seen = Problem.NONE if old.problem is Problem.CHECK else old.problem
            return replace(new, text=text, subject=subject, approval=None, problem=seen, note="")
        case Approved():
            return replace(
                new,
                approval=event.approval,
                text=event.text,
                subject=event.subject,
                address=event.address,
                source=event.source,
                identity=event.identity,
                problem=Problem.NONE,
                note="",
                due_at=None,
                attempts=0,
            )
        case Lapsed(note=note):
            return replace(new, approval=None, note=note)
        case Redrafting():
            seen = Problem.NONE if old.problem is Problem.CHECK else old.problem
            return replace(new, approval=None, text="", problem=seen, note="" if seen is Problem.NONE else old.note)
        case Claimed(owner=owner, at=at):
            return replace(new, owner=owner, claimed_at=at, attempts=old.attempts + 1, note="")
        case Accepted(provider=provider, provider_id=provider_id, at=at):
            if old.state is S.SENT:  # a report or an answer was faster than the receipt
                return replace(old, provider=provider, provider_id=old.provider_id or provider_id, sent_at=at)
            return replace(new, provider=provider, provider_id=provider_id, sent_at=at, owner="", note="")
        case Deferred(due=due, note=note):
            return replace(new, owner="", due_at=due, note=note)
        case Released():
            return replace(new, owner="", attempts=max(0, old.attempts - 1))
        case Refused(note=note) | LostAnswer(note=note):
            return replace(new, owner="", note=note)
        case SourceChanged(note=note):
            return replace(new, approval=None, note=note)
        case Blocked(note=note):
            return replace(new, approval=None, problem=Problem.SUPPRESSED, note=note)
        case Skipped(note=note):
            return replace(new, approval=None, note=note)
        case Cancelled():
            return replace(new, approval=None, note="")
        case Retried():
            return replace(new, approval=None, problem=Problem.NONE, note="", due_at=None, delivery=DeliveryStatus.NONE)
        case ConfirmedSent(who=who, at=at):
            return replace(new, owner="", sent_at=at, note=f"Marked as sent by {who}.")
        case Doubted(note=note):
            return replace(new, problem=Problem.CHECK if old.problem is Problem.NONE else old.problem, note=note)
        case Noted(note=note):
            return replace(new, note=note)
        case Delivery():
            return _delivered(new, old, event)
        case Answered():
            return _answered(new, old, event)
        case Settled(who=who, outcome=outcome, values=values):
            return replace(new, outcome=outcome, values=dict(values), flag=None, settled_by=who, note="")


def _delivered(new: Message, old: Message, event: Delivery) -> Message:
    """A report about a send also proves that the provider had it: it settles what was in doubt."""
    if _RANK[event.status] <= _RANK[old.delivery]:
        return old
    bad = event.status in {DeliveryStatus.FAILED, DeliveryStatus.BOUNCED}
    went = old.state in {S.SENDING, S.IN_DOUBT}
    return replace(
        new,
        state=S.SENT if went or not bad else old.state,
        delivery=event.status,
        provider_id=event.provider_id or old.provider_id,
        owner="" if went else old.owner,
        note=event.note if event.note or bad or went else old.note,
    )


def _answered(new: Message, old: Message, event: Answered) -> Message:
    """An answer also proves delivery. A person's decision stands; an automatic reply never replaces an answer."""
    if event.automatic and old.outcome not in {None, Outcome.AUTOMATIC}:
        return old
    new = replace(new, state=S.SENT, owner="", reply=event.reply)
    reading = event.interpretation
    if old.settled_by:
        return replace(new, note=f"New reply after {old.settled_by} settled this row: please read it.")
    return replace(
        new,
        outcome=reading.outcome,
        values=dict(reading.values),
        confidence=reading.confidence,
        flag=reading.flag,
        evidence=reading.evidence,
        note=reading.reason,
    )
