"""What a reply's reading makes of its message: which of two answers stands, and when a person should look. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from server.domain.machine.events import Answered
from server.domain.message import Message
from server.domain.reply import Interpretation
from server.domain.table import fold
from server.domain.words import Flag, MessageState, Outcome

S = MessageState

ANSWERS = frozenset({Outcome.CONFIRMED, Outcome.DECLINED, Outcome.RESCHEDULE, Outcome.ANSWERED})
"""Outcomes that answer the question."""

DIFFERS, UNSURE = "It differs from an earlier answer.", 0.5
"""What the row says when a reply contradicts another one, and the most confidence that it then has."""

REMARKS = frozenset({Outcome.QUESTION, Outcome.UNCLEAR, Outcome.WRONG_PERSON})
"""Outcomes that ask for a person, but do not take an answer back."""


def answered(new: Message, old: Message, event: Answered) -> Message:
    """An answer also proves delivery, unless it may be about another message. A person's decision stands; an automatic
    reply never replaces an answer."""
    if event.automatic and old.outcome not in {None, Outcome.AUTOMATIC}:
        return old
    if event.at is not None and (event.at, event.reply) == (old.replied_at, old.reply):
        return old  # it is on its row already
    went = event.certain or old.state is S.SENT
    if went:
        new = replace(new, state=S.SENT, owner="")
    if old.settled_by:
        note = f"New reply after {old.settled_by} settled this row: please read it."
        return replace(new, reply=event.reply, replied_at=event.at, note=note)
    reading = event.interpretation
    if old.outcome is not Outcome.AUTOMATIC and old.replied_at and event.at and event.at < old.replied_at:
        return _overtaken(new, old, reading)
    new = replace(new, reply=event.reply, replied_at=event.at)
    remark = reading.outcome in REMARKS or reading.outcome is Outcome.AUTOMATIC
    if remark and old.values and (old.flag is Flag.SURE or _kept(old)):
        return _remarked(new, reading.outcome, old.values, reading.reason)
    if _contradicts(reading, old):
        reason = f"{DIFFERS} {reading.reason}".strip()
        reading = replace(reading, flag=Flag.CHECK, confidence=min(reading.confidence, UNSURE), reason=reason)
    return replace(
        new,
        outcome=reading.outcome,
        values=dict(reading.values),
        confidence=reading.confidence,
        flag=reading.flag,
        evidence=reading.evidence,
        read_by=reading.made,
        checked_by="",
        note=reading.reason if went else f"{old.note} {reading.reason}".strip(),
    )


def _overtaken(new: Message, old: Message, reading: Interpretation) -> Message:
    """A reply that was read after a later one: the row shows the later one, and what the two make together."""
    if reading.flag is Flag.SURE and reading.values and old.outcome in REMARKS and not old.values:
        return _remarked(new, old.outcome, reading.values, old.note)
    if not _contradicts(reading, old):
        return old
    confidence = min(UNSURE if old.confidence is None else old.confidence, UNSURE)
    return replace(new, flag=Flag.CHECK, confidence=confidence, note=f"{DIFFERS} {old.note}".strip())


def _remarked(new: Message, remark: Outcome | None, values: Mapping[str, str], reason: str) -> Message:
    """ "Yes!", and then "Where do I park?": the answer stands, without a confidence of its own, and a person looks."""
    note = f"{reason} The earlier answer stands.".strip()
    return replace(new, outcome=remark, values=dict(values), confidence=None, flag=Flag.CHECK, evidence="", note=note)


def _kept(message: Message) -> bool:
    """Its values are an earlier answer that stands: a remark came after it, or its row was asked back."""
    return message.flag is Flag.CHECK and message.confidence is None


def _contradicts(reading: Interpretation, message: Message) -> bool:
    """Another answer than the one that the row has, be it behind a remark."""
    if reading.outcome not in ANSWERS:
        return False
    if message.outcome in ANSWERS and message.outcome is not reading.outcome:
        return True
    stands = message.outcome in ANSWERS or ((message.outcome in REMARKS or _kept(message)) and bool(message.values))
    return stands and dict(message.values) != dict(reading.values)


def agrees(message: Message, outcome: Outcome, values: Mapping[str, str]) -> bool:
    """Whether a person says just what was read: the outcome and the values, whatever their case."""
    return message.outcome is outcome and folded(message.values) == folded(values)


def folded(values: Mapping[str, str]) -> dict[str, str]:
    """Values as they are compared: those that say something, without case."""
    return {name: fold(value) for name, value in values.items() if value.strip()}
