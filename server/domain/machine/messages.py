"""The state machine of a message: what may happen when, by whom, and what it makes of the record.

Pure: the ledger reads a record, asks here what an event makes of it, and commits the answer in one guarded
UPDATE. Nothing else in the product changes a state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from server.domain.machine.events import (
    Accepted,
    Answered,
    Approved,
    Blocked,
    Cancelled,
    Checked,
    Claimed,
    ConfirmedSent,
    Deferred,
    Delivery,
    Doubted,
    Drafted,
    Edited,
    Followed,
    Lapsed,
    LostAnswer,
    MessageEvent,
    Noted,
    Postponed,
    Redrafting,
    Refused,
    Released,
    Rerouted,
    Restored,
    Retried,
    Reverted,
    Scheduled,
    SetAside,
    Settled,
    Skipped,
    SourceChanged,
    TakenBack,
    Unanswered,
    Withdrawn,
)
from server.domain.machine.readings import agrees, answered
from server.domain.machine.steps import OPEN, WITHDRAWABLE, in_its_place, stepped
from server.domain.message import NO_FORMER, Former, Message
from server.domain.words import BEYOND_SEND, Actor, DeliveryStatus, Flag, MessageState, Problem

S = MessageState
A = Actor

ENDED = frozenset({S.SENT, S.FAILED, S.SKIPPED, S.CANCELLED, S.IN_DOUBT, S.CHANGED})
"""Sending has nothing more to do here, unless a person asks."""


@dataclass(frozen=True, slots=True)
class Move:
    """What an event asks for: the states it may happen in, the one it leads to (None: see `after`), and who may
    cause it, the usual one first."""

    starts: frozenset[MessageState]
    to: MessageState | None
    who: tuple[Actor, ...]


MOVES: dict[type, Move] = {
    Drafted: Move(frozenset({S.CHOSEN}), S.DRAFTED, (A.WORKER,)),
    Edited: Move(frozenset({S.DRAFTED, S.APPROVED, S.CHANGED}), S.DRAFTED, (A.ORGANISER,)),
    Approved: Move(frozenset({S.DRAFTED, S.CHANGED}), S.APPROVED, (A.ORGANISER,)),
    Lapsed: Move(frozenset({S.APPROVED, S.CHANGED}), S.DRAFTED, (A.WORKER,)),
    Redrafting: Move(
        frozenset({S.DRAFTED, S.APPROVED, S.CHANGED, S.FAILED, S.SKIPPED}), S.CHOSEN, (A.ORGANISER, A.WORKER)
    ),
    Reverted: Move(frozenset({S.CHOSEN, S.DRAFTED, S.CHANGED}), S.DRAFTED, (A.ORGANISER,)),
    Claimed: Move(frozenset({S.APPROVED}), S.SENDING, (A.WORKER,)),
    Accepted: Move(frozenset(S), S.SENT, (A.PROVIDER,)),
    Deferred: Move(frozenset({S.SENDING}), S.APPROVED, (A.PROVIDER,)),
    Postponed: Move(frozenset({S.APPROVED}), S.APPROVED, (A.WORKER,)),
    Scheduled: Move(frozenset({S.APPROVED}), S.APPROVED, (A.ORGANISER,)),
    SetAside: Move(frozenset({S.APPROVED}), S.DRAFTED, (A.ORGANISER,)),
    Released: Move(frozenset({S.SENDING}), S.APPROVED, (A.WORKER,)),
    Refused: Move(frozenset({S.SENDING, S.IN_DOUBT}), S.FAILED, (A.PROVIDER,)),
    Rerouted: Move(BEYOND_SEND, S.CHOSEN, (A.PROVIDER,)),
    TakenBack: Move(frozenset({S.APPROVED}), S.DRAFTED, (A.WORKER,)),
    LostAnswer: Move(frozenset({S.SENDING}), S.IN_DOUBT, (A.WORKER, A.CLOCK)),
    SourceChanged: Move(frozenset({S.APPROVED}), S.CHANGED, (A.WORKER,)),
    Blocked: Move(frozenset({S.APPROVED, S.DRAFTED, S.CHANGED, S.SENDING}), S.SKIPPED, (A.WORKER, A.PROVIDER)),
    Skipped: Move(OPEN | {S.FAILED}, S.SKIPPED, (A.ORGANISER, A.OPERATOR)),
    Cancelled: Move(OPEN, S.CANCELLED, (A.ORGANISER,)),
    Retried: Move(frozenset({S.FAILED, S.IN_DOUBT, S.SKIPPED, S.CHANGED, S.CANCELLED}), S.DRAFTED, (A.ORGANISER,)),
    ConfirmedSent: Move(frozenset({S.IN_DOUBT}), S.SENT, (A.ORGANISER,)),
    Doubted: Move(frozenset({S.DRAFTED}), S.DRAFTED, (A.WORKER,)),
    Noted: Move(frozenset(S), None, (A.WORKER,)),
    Delivery: Move(frozenset(S), None, (A.PROVIDER,)),
    Answered: Move(frozenset(S), None, (A.RECIPIENT,)),
    Settled: Move(BEYOND_SEND, None, (A.ORGANISER,)),
    Checked: Move(BEYOND_SEND, None, (A.ORGANISER,)),
    Unanswered: Move(frozenset({S.SENT}), None, (A.CLOCK,)),
    Followed: Move(frozenset({S.SENT}), None, (A.ORGANISER,)),
    Withdrawn: Move(WITHDRAWABLE, None, (A.WORKER, A.ORGANISER)),
    Restored: Move(frozenset({S.SENT}), None, (A.WORKER,)),
}
"""The state machine of a message. A receipt, a report or an answer proves that the message went, wherever a person has
taken it since (Retry, Redraft, Skip); of one that was never claimed they prove nothing: see `allowed`."""

MESSAGE_MOVES: dict[type, tuple[frozenset[MessageState], MessageState | None]] = {
    event: (move.starts, move.to) for event, move in MOVES.items()
}
"""Event -> (states it may happen in, state it leads to; None: see `after`)."""

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
    if isinstance(event, Accepted | Delivery | Answered) and not _known_to_provider(message):
        return False
    return in_its_place(message, event) and message.state in MESSAGE_MOVES[type(event)][0]


def _known_to_provider(message: Message) -> bool:
    """It was handed over once, or may have been."""
    return message.claimed_at is not None or message.state in BEYOND_SEND or message.state is S.FAILED


REACHED = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.READ, DeliveryStatus.COMPLAINED})
"""Somebody has it."""

REOPENED = OPEN | {S.SKIPPED, S.CANCELLED}
"""Where a person may have taken a message whose send was in doubt."""

WENT = "The first try had gone out after all, so there was no second one."


def after(message: Message, event: MessageEvent) -> Message | None:
    """What the event makes of the message, or None when it may not happen now or would change nothing."""
    if not allowed(message, event) or _too_late(message, event):
        return None
    state = MESSAGE_MOVES[type(event)][1] or message.state
    changed = _apply(replace(message, state=state), message, event)
    return None if changed == message else replace(changed, version=message.version + 1)


def _too_late(message: Message, event: MessageEvent) -> bool:
    """A word about a claim that is another owner's by now: somebody frozen came back after a person had retried. Or a
    text that was written (or is asked for) for a message as it was before a change. Or nobody is said to be where
    somebody was reached. Or what was sure when a person looked no longer is. Or another reply has come than the one
    that a person knew of."""
    if isinstance(event, Drafted | Redrafting):
        return event.version not in {None, message.version}
    if isinstance(event, Settled | Checked | Followed) and event.heard not in {None, message.replied_at}:
        return True
    if isinstance(event, Reverted):
        return not message.former.text
    if isinstance(event, Checked):
        return message.flag is not Flag.SURE or bool(message.settled_by)
    if isinstance(event, Rerouted):
        reached = message.outcome is not None or message.delivery in REACHED
        return reached or (message.state is S.SENDING and event.owner != message.owner)
    if isinstance(event, Blocked) and message.state is S.SENDING:
        return event.owner != message.owner
    if isinstance(event, Retried) and event.only_failed:
        return message.state is not S.FAILED
    return isinstance(event, Deferred | Refused | LostAnswer | Released) and event.owner not in {"", message.owner}


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
                channel=event.channel or old.channel,
                carrier=event.carrier or old.carrier,
                extras=event.extras,
                known_as=old.known_as if event.address == old.address else "",
                drafted_by=event.made,
                approval=None,
            )
        case Edited(text=text, subject=subject):
            if (text, subject) == (old.text, old.subject):
                return old
            seen = Problem.NONE if old.problem is Problem.CHECK else old.problem
            made = replace(old.drafted_by, plan=0)  # a person's words now, whatever the plan becomes
            mine = replace(new, text=text, subject=subject, approval=None, problem=seen, note="", drafted_by=made)
            return replace(mine, former=NO_FORMER)  # a step back would take their words away
        case Approved():
            return replace(
                new,
                approval=event.approval,
                text=event.text,
                subject=event.subject,
                address=event.address,
                source=event.source,
                identity=event.identity,
                channel=event.channel or old.channel,
                carrier=event.carrier or old.carrier,
                extras=event.extras,
                problem=Problem.NONE,
                note="",
                due_at=None,
                planned_at=None,
                refused_at=None,
                attempts=0,
            )
        case Lapsed(note=note):
            return replace(new, approval=None, note=note)
        case Redrafting(remark=remark, batch=batch) if batch:
            seen = Problem.NONE if old.problem is Problem.CHECK else old.problem
            kept = "" if seen is Problem.NONE else old.note
            return replace(new, approval=None, problem=seen, note=kept, remark=remark, former=_former(old, batch))
        case Redrafting():
            seen = Problem.NONE if old.problem is Problem.CHECK else old.problem
            bare = replace(new, approval=None, text="", problem=seen, former=NO_FORMER)
            return replace(bare, note="" if seen is Problem.NONE else old.note)
        case Reverted():
            return _reverted(new, old.former)
        case Claimed(owner=owner, at=at):
            return replace(new, owner=owner, claimed_at=at, attempts=old.attempts + 1, note="")
        case Accepted(provider=provider, provider_id=provider_id, at=at):
            known_as = event.known_as or old.known_as
            if old.state is S.SENT:  # a report or an answer was faster than the receipt
                kept = old.provider_id or provider_id
                return replace(old, provider=provider, provider_id=kept, sent_at=at, known_as=known_as)
            note = WENT if old.state in REOPENED else ""
            taken = replace(new, provider=provider, provider_id=provider_id, sent_at=at, known_as=known_as)
            return replace(taken, owner="", note=note)
        case Deferred(due=due, note=note, at=at):
            return replace(new, owner="", due_at=due, note=note, refused_at=old.refused_at or at)
        case Postponed(due=due, note=note, at=at):
            return replace(new, due_at=due, note=note, refused_at=old.refused_at or at)
        case Scheduled(at=at, note=note):
            return replace(new, due_at=at, planned_at=at, note=note)
        case SetAside(note=note):
            return replace(new, approval=None, due_at=None, planned_at=None, refused_at=None, note=note)
        case Released():
            return replace(new, owner="", attempts=max(0, old.attempts - 1), due_at=None, note="")
        case Refused(note=note) | LostAnswer(note=note):
            return replace(new, owner="", note=note)
        case Rerouted(mark=mark, note=note):
            return _rerouted(new, mark, note)
        case TakenBack(note=note):
            return replace(new, approval=None, problem=Problem.CHECK, note=note, due_at=None, refused_at=None)
        case SourceChanged(note=note):
            return replace(new, approval=None, note=note)
        case Blocked(note=note):
            return replace(new, approval=None, problem=Problem.SUPPRESSED, owner="", note=note)
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
            return answered(new, old, event)
        case Checked(who=who, outcome=outcome, values=values) if agrees(old, outcome, values):
            return replace(new, checked_by=old.checked_by or who)
        case Settled(who=who, outcome=outcome, values=values) | Checked(who=who, outcome=outcome, values=values):
            return replace(new, outcome=outcome, values=dict(values), flag=None, settled_by=who, note="")
        case Unanswered() | Followed() | Withdrawn() | Restored():
            return stepped(new, old, event)


def _former(old: Message, batch: str) -> Former:
    return Former(old.text, old.subject, old.problem, old.note, old.source, old.remark, old.drafted_by, batch)


def _reverted(new: Message, former: Former) -> Message:
    """With the cells that it was made from, so that a row that changed since is noticed."""
    return replace(
        new,
        text=former.text,
        subject=former.subject,
        problem=former.problem,
        note=former.note,
        source=former.source,
        remark=former.remark,
        drafted_by=former.made,
        approval=None,
        former=NO_FORMER,
    )


def _rerouted(new: Message, mark: str, note: str) -> Message:
    """Chosen anew, for what is left of the routes. The first provider's id of it stays: late reports find it."""
    return replace(
        new,
        text="",
        problem=Problem.NONE,
        note=note,
        approval=None,
        owner="",
        attempts=0,
        due_at=None,
        refused_at=None,
        delivery=DeliveryStatus.NONE,
        unreached=(*new.unreached, mark),
    )


def _delivered(new: Message, old: Message, event: Delivery) -> Message:
    """A report about a send also proves that the provider had it: it settles what was in doubt."""
    if _RANK[event.status] <= _RANK[old.delivery]:
        return old
    bad = event.status in {DeliveryStatus.FAILED, DeliveryStatus.BOUNCED}
    if bad and old.state in REOPENED:
        return old  # what went came back: another try, as a person wanted it
    went = old.state in {S.SENDING, S.IN_DOUBT} | REOPENED
    return replace(
        new,
        state=S.SENT if went or not bad else old.state,
        delivery=event.status,
        provider_id=event.provider_id or old.provider_id,
        owner="" if went else old.owner,
        note=event.note or (WENT if old.state in REOPENED else "" if bad or went else old.note),
    )
