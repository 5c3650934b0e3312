"""All that was said between us and the person of one row, in order: what was sent, what came back, what happened. Pure:
made from the row's messages, its replies and their audit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from server.domain.audit import WHAT, Entry
from server.domain.cells import status_of
from server.domain.machine import Answered, Blocked, Followed, Settled, Withdrawn
from server.domain.message import Message
from server.domain.reply import Interpretation, Reply
from server.domain.words import DeliveryStatus, MessageState, Outcome, Status


class Happened(StrEnum):
    """What is told between the messages."""

    FOLLOWED = "followed"
    """Another message to this row was begun; `words` says what it is."""
    WITHDRAWN = "withdrawn"
    BLOCKED = "blocked"
    BOUNCED = "bounced"
    FAILED = "failed"
    COMPLAINED = "complained"
    OPTED_OUT = "opted_out"
    SETTLED = "settled"
    """A person decided what the reply says; `words` is the outcome."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of ours: `status` is its own word, whatever came back. Without a text it was removed."""

    at: datetime
    message: Message
    status: Status | None


@dataclass(frozen=True, slots=True)
class Came:
    """A message of theirs, and how it was read. `reading` is None while nobody has read it."""

    at: datetime
    text: str
    quoted: str = ""
    reply: Reply | None = None
    reading: Interpretation | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Something that happened: who did it ("" where nobody in particular did), and words about it."""

    at: datetime
    what: Happened
    who: str = ""
    words: str = ""


Turn = Sent | Came | Told

_NEVER = datetime.max.replace(tzinfo=UTC)
_WORDS = {
    WHAT[Followed]: Happened.FOLLOWED,
    WHAT[Withdrawn]: Happened.WITHDRAWN,
    WHAT[Blocked]: Happened.BLOCKED,
    WHAT[Settled]: Happened.SETTLED,
    DeliveryStatus.BOUNCED.value: Happened.BOUNCED,
    DeliveryStatus.FAILED.value: Happened.FAILED,
    DeliveryStatus.COMPLAINED.value: Happened.COMPLAINED,
}


def conversation(steps: Sequence[Message], replies: Iterable[Reply], trail: Iterable[Entry]) -> list[Turn]:
    """The turns, oldest first; what has not left yet is last. `steps` are all of a row, `replies` those taken to it,
    `trail` the audit of its messages."""
    turns: list[Turn] = [_sent(step) for step in steps if step.text or step.state is MessageState.SENT]
    came = list(replies)
    turns += [Came(one.received_at, one.visible, one.quoted, one, one.interpretation) for one in came]
    turns += _not_taken(steps, {one.received_at for one in came})
    turns += _told(trail, came)
    return sorted(turns, key=lambda turn: (turn.at, not isinstance(turn, Came)))


def _sent(message: Message) -> Sent:
    """Placed at when it left; where it has not, behind all others."""
    word = status_of(message.state, message.problem, message.delivery)
    return Sent(message.sent_at or message.claimed_at or _NEVER, message, word)


def _not_taken(steps: Sequence[Message], taken: set[datetime]) -> Iterator[Came]:
    """A reply that may be about several rows stands on each of them, and is taken to none."""
    seen = set(taken)
    for step in steps:
        if step.reply and step.replied_at is not None and step.replied_at not in seen:
            seen.add(step.replied_at)
            reading = None
            if step.outcome is not None:
                confidence = 0.0 if step.confidence is None else step.confidence
                flag = {"flag": step.flag} if step.flag else {}
                reading = Interpretation(
                    step.outcome, step.values, step.evidence, confidence, reason=step.note, made=step.read_by, **flag
                )
            yield Came(step.replied_at, step.reply, reading=reading)


def _told(trail: Iterable[Entry], came: Sequence[Reply]) -> Iterator[Told]:
    """What the audit tells that no message says by itself. A stop that a reply brought is that reply."""
    said = any(one.interpretation and one.interpretation.outcome is Outcome.OPT_OUT for one in came)
    for entry in trail:
        if entry.entity:
            continue  # of a reply or a cell
        what = _WORDS.get(entry.what)
        if what is not None:
            yield Told(entry.at, what, entry.who, entry.why)
        elif entry.what == WHAT[Answered] and entry.why.startswith(Outcome.OPT_OUT.value) and not said:
            yield Told(entry.at, Happened.OPTED_OUT, "", entry.why.partition(":")[2].strip())
