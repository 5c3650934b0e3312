"""All messages of one row: each step counted by itself, to one person, and none to whom had answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from server.domain.audit import WHAT, Entry
from server.domain.campaign import Campaign
from server.domain.machine import Answered, Approved, Claimed, Followed
from server.domain.message import Message
from server.domain.words import MessageState, Outcome
from tests.chaos.provider import Left

if TYPE_CHECKING:
    from tests.chaos.driver import Driver
    from tests.chaos.invariants import Report

KNOWN_SECONDS = 20.0
"""How long, under fire, an answer that our web server took may be on its way to its row."""


def shown_of(steps: Sequence[Message]) -> Message:
    """The message that the row shows."""
    return next(one for one in reversed(steps) if not one.followed)


def about(message: Message) -> str:
    """How a message stands, for a sentence about a violation."""
    claimed = f"claimed {message.claimed_at:%H:%M:%S}" if message.claimed_at else "never claimed"
    came = f"outcome {message.outcome}, settled by {message.settled_by or 'nobody'}"
    return f"{message.state.value}, {message.attempts} attempts, {claimed}, {came}, {message.note!r}"


@dataclass
class RowLook:
    """One row of a campaign; `left` holds what the provider took of each of its messages."""

    rig: Driver
    campaign: Campaign
    steps: list[Message]
    left: Mapping[str, list[Left]]

    @cached_property
    def shown(self) -> Message:
        """The message that it shows."""
        return shown_of(self.steps)

    @cached_property
    def trails(self) -> dict[str, list[Entry]]:
        """What happened to each of its messages."""
        return {one.id: self.rig.world.ledger.audit.of_message(one.id) for one in self.steps}

    def all(self, report: Report) -> None:
        """Every invariant of a row with its steps."""
        addresses = {one.address.casefold() for step in self.steps for one in self.left.get(step.id, ())}
        if len(addresses) > 1:
            report.add("wrong texts", f"the steps of one row went to {sorted(addresses)}")
        if len({step.step for step in self.steps}) < len(self.steps):
            report.add("duplicates", f"{self.steps[0].address} has one step twice")
        if sum(not step.followed for step in self.steps) != 1:
            report.add("duplicates", f"the row of {self.steps[0].address} shows more than one message")
        for step in self.steps[1:]:
            kind = "asked back" if step.question else "reminders"
            report.counts[kind] += bool(self.left.get(step.id))
            if kind == "reminders" and self.left.get(step.id):
                self._reminder(step, report)

    def began(self, message: Message) -> float:
        """When the row was written to again by that message, in seconds since the epoch; 0.0 for its first one."""
        before = self.trails.get(message.follows, ())
        return max((one.at.timestamp() for one in before if one.what == WHAT[Followed]), default=0.0)

    def holds(self, text: str) -> bool:
        """Whether any of its messages is, or was sent, with that text."""
        return any(
            one.text == text or any(text in left.text for left in self.left.get(one.id, ())) for one in self.steps
        )

    def left_of_then(self, at: float) -> list[Left]:
        """What left of the message that the row showed at that time; nothing where it changed about then."""
        begun = [self.began(one) for one in self.steps]
        if any(abs(one - at) < KNOWN_SECONDS for one in begun):
            return []
        last = max(number for number, one in enumerate(begun) if one <= at)
        return list(self.left.get(self.steps[last].id, ()))

    def _reminder(self, step: Message, report: Report) -> None:
        claims = [one.at for one in self.trails[step.id] if one.what == WHAT[Claimed]]
        yeses = [one.at for one in self.trails[step.id] if one.what == WHAT[Approved]]
        earlier = {one.id for one in self.steps if one.step < step.step}
        begun = self.began(step)
        asked = max((self.began(one) for one in self.steps[: self.steps.index(step)] if one.question), default=0.0)
        for at in self._answers(earlier):
            if begun < at.timestamp() < min(claims).timestamp():
                report.add("answered and reminded", f"{step.address} had its answer at {at}, {self._told(step)}")
        for reply in self.rig.world.ledger.inbox.replies(self.campaign.id):
            said = reply.interpretation
            answer = said is not None and said.outcome is not Outcome.AUTOMATIC
            late = bool(yeses) and (min(yeses) - reply.received_at).total_seconds() > KNOWN_SECONDS
            new = reply.received_at.timestamp() > asked  # what came before a question back is what was asked about
            if reply.message_id in earlier and new and answer and late and not step.settled_by:
                told = f"{step.address} answered at {reply.received_at} and was reminded: {self._told(step)}"
                report.add("answered and reminded", told)

    def _answers(self, ids: set[str]) -> list[datetime]:
        """When an answer was put on one of these, other than that somebody is away."""
        word, away = WHAT[Answered], Outcome.AUTOMATIC.value
        trail = [entry for one in ids for entry in self.trails[one]]
        return [entry.at for entry in trail if entry.what == word and not entry.why.startswith(away)]

    def _told(self, step: Message) -> str:
        trail = [entry for one in self.steps for entry in self.trails[one.id]]
        lines = [
            f"{entry.at:%M:%S.%f} {entry.what} {entry.why[:40]!r}" for entry in sorted(trail, key=lambda one: one.at)
        ]
        return f"step {step.step}; " + ", ".join(lines)


def row_is_asked(row: RowLook) -> bool:
    """Whether a row was written to again, says why not, or has something that needs no reminder."""
    message = row.shown
    unasked = message.state is MessageState.SENT and message.outcome is None and not message.settled_by
    return len(row.steps) > 1 or not unasked or bool(message.note)
