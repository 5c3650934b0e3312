"""What the audit keeps of a change of state: who, what, when and why. Pure; the ledger stores it with the change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.domain.machine import MOVES, Answered, Delivery, MessageEvent
from server.domain.machine.events import Accepted, Approved, Checked, Claimed, Settled
from server.domain.words import Actor


class Kind(StrEnum):
    """What changed."""

    CAMPAIGN = "campaign"
    MESSAGE = "message"
    REPLY = "reply"
    CELL = "cell"


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. `who` is a person's shown name, a worker or a provider, "" where only the actor is known.

    `what` is a word or two; `before` and `after` are states (equal when only something about it changed). `entity`
    is the id of a reply, the row key of a cell, else "": campaign and message have their own fields.
    """

    at: datetime
    kind: Kind
    actor: Actor
    what: str
    who: str = ""
    why: str = ""
    before: str = ""
    after: str = ""
    campaign_id: str | None = None
    message_id: str | None = None
    entity: str = ""

    @property
    def shown(self) -> str:
        """Who did it, for people."""
        return self.who or self.actor.value


def _spaced(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()


WHAT: dict[type, str] = {event: _spaced(event.__name__) for event in MOVES}
"""What an event is called in the audit."""


def what_of(event: MessageEvent) -> str:
    """What happened, in a word or two; a delivery report is its status."""
    return event.status.value or "unknown" if isinstance(event, Delivery) else WHAT[type(event)]


def who_of(event: MessageEvent) -> str:
    """Who the event says caused it, "" when it does not say."""
    match event:
        case Claimed(owner=owner):
            return owner
        case Accepted(provider=provider):
            return provider
        case Approved(approval=approval):
            return approval.who
        case _:
            return str(getattr(event, "who", ""))


def why_of(event: MessageEvent) -> str:
    """The sentence that came with the event, "" when none did."""
    match event:
        case Answered(interpretation=reading):
            return f"{reading.outcome.value}: {reading.reason}".strip(": ")
        case Settled(outcome=outcome) | Checked(outcome=outcome):
            return outcome.value
        case _:
            return str(getattr(event, "note", ""))
