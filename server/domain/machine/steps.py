"""Further steps of a row: when another message may take a message's place in its row, and give it back. Pure."""

from __future__ import annotations

from dataclasses import replace

from server.domain.machine.events import (
    Accepted,
    Delivery,
    Followed,
    MessageEvent,
    Restored,
    Unanswered,
    Withdrawn,
)
from server.domain.message import Message
from server.domain.words import DeliveryStatus, Flag, MessageState, Outcome

S = MessageState

OPEN = frozenset({S.CHOSEN, S.DRAFTED, S.APPROVED, S.CHANGED})
"""Nothing has left and nothing is in flight."""

WITHDRAWABLE = OPEN | {S.SKIPPED, S.CANCELLED, S.FAILED, S.IN_DOUBT}
"""Where a further step of a row may be taken out of it: nobody got it for sure, and nothing is in flight."""

LATE = (Accepted, Delivery)
"""What may still happen to a message in whose place another one of its row is shown: what becomes known of its send."""

LOST = frozenset({DeliveryStatus.FAILED, DeliveryStatus.BOUNCED, DeliveryStatus.COMPLAINED})
"""Nobody has it, or nobody wants it: no answer to it means nothing."""

NO_ANSWER_YET = frozenset({None, Outcome.AUTOMATIC})

StepEvent = Followed | Withdrawn | Restored | Unanswered


def in_its_place(message: Message, event: MessageEvent) -> bool:
    """Whether the event fits the message's place in its row: shown, or another one being shown instead."""
    if message.followed:
        return isinstance(event, (Restored, *LATE))
    match event:
        case Restored():
            return False
        case Followed(kept=True):
            return has_answer(message)
        case Followed(answered=answered):
            unclear = answered and message.flag is not Flag.SURE  # what is clear is not asked about
            return not message.settled_by and (unclear or message.outcome in NO_ANSWER_YET)
        case Withdrawn():
            return message.step > 0
        case Unanswered():
            return message.outcome is None and message.delivery not in LOST and not message.unanswered
        case _:
            return True


def has_answer(message: Message) -> bool:
    """Whether the row's answer stands: it was sure, or a person settled it."""
    stands = message.flag is Flag.SURE or bool(message.settled_by)
    return stands and message.outcome not in {*NO_ANSWER_YET, Outcome.OPT_OUT}


def with_answer_of(new: Message, old: Message) -> Message:
    """The later step with the row's answer as it stands: what is read afterwards is held against it as ever."""
    return replace(
        new,
        outcome=old.outcome,
        values=dict(old.values),
        confidence=old.confidence,
        flag=old.flag,
        reply=old.reply,
        replied_at=old.replied_at,
        evidence=old.evidence,
        settled_by=old.settled_by,
        read_by=old.read_by,
        checked_by=old.checked_by,
    )


def stepped(new: Message, old: Message, event: StepEvent) -> Message:
    """What the event makes of the message."""
    match event:
        case Unanswered(note=note):
            return replace(new, unanswered=True, note=note)
        case Followed():
            return replace(new, followed=True)
        case Withdrawn(note=note):
            state = S.SKIPPED if old.state in OPEN else old.state
            return replace(new, state=state, approval=None, due_at=None, note=note, followed=True)
        case Restored(note=note):
            return replace(new, followed=False, note=note or old.note)
