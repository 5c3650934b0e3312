"""What a person types about a reply that waits for them: `Accept`, or an outcome's own word. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from server.domain.answers import outcome_of, refuse, value_for
from server.domain.cells import status
from server.domain.machine import ANSWERS, Noted, Settled
from server.domain.message import Message
from server.domain.plan import Plan
from server.domain.table import fold
from server.domain.words import AnswerKind, Outcome, Status
from server.flow.approving import BY_HAND

_WORDS = {
    Status.CONFIRMED: Outcome.CONFIRMED,
    Status.DECLINED: Outcome.DECLINED,
    Status.ANSWERED: Outcome.ANSWERED,
    Status.OPTED_OUT: Outcome.OPT_OUT,
}
"""Words of ours that say what a reply amounts to: typed into `Status` of a row in Review, they settle it."""


def waits(message: Message) -> bool:
    """Whether the row's reply waits for a person."""
    return status(message) is Status.REVIEW


def accept(plan: Plan, message: Message) -> Settled | Noted:
    """The proposal of a row in Review, taken as it stands; or a note that there is none."""
    values = {name: value for name, value in message.values.items() if value}
    if refuse(plan, values):
        return _told(plan, "What was proposed is not among the answers any more.")
    if message.outcome in ANSWERS:
        return _settled(plan, message.outcome, values)
    if values:  # an answer, and a remark after it
        return Settled(BY_HAND, outcome_of(values), values)
    return _told(plan, "There is nothing to accept here.")


def decide(plan: Plan, message: Message, word: str) -> Settled | Noted | None:
    """What a word typed into `Status` of a row in Review makes of it; None for a word that decides nothing."""
    outcome = next((outcome for word_of_ours, outcome in _WORDS.items() if fold(word_of_ours) == fold(word)), None)
    values = {name: value for name, value in message.values.items() if value}
    if outcome is None:
        return None
    if outcome is Outcome.OPT_OUT:
        return Settled(BY_HAND, outcome, {})
    if refuse(plan, values):
        values = {}
    if outcome is Outcome.ANSWERED:
        return accept(plan, message) if values else Settled(BY_HAND, outcome, {})
    proposed = message.outcome is outcome or (values and outcome_of(values) is outcome)
    return _settled(plan, outcome, values if proposed else {})


def _settled(plan: Plan, outcome: Outcome, values: Mapping[str, str]) -> Settled | Noted:
    """The outcome with its values: those given, else the yes or no that a column has; a yes to what asks for more
    needs its answer."""
    if values or not plan.answer_columns or outcome is Outcome.RESCHEDULE:
        return Settled(BY_HAND, outcome, values)
    found = {column.name: value for column in plan.answer_columns if (value := value_for(column, outcome))}
    if found or outcome is Outcome.DECLINED:
        return Settled(BY_HAND, outcome, found)
    return _told(plan, "Their answer is missing.")


def _told(plan: Plan, why: str) -> Noted:
    """Why nothing was taken, and what to type instead."""
    first = next(iter(plan.answer_columns), None)
    if first is None:
        return Noted(f"{why} Type Confirmed, Declined or Answered into Status.")
    shown = " or ".join(first.allowed) if len(first.allowed) == 2 else ", ".join(first.allowed[:5])
    kind = "" if first.kind is AnswerKind.TEXT else f" ({shown or first.kind.value})"
    return Noted(
        f"{why} Type the answer into “{first.name}”{kind}, or Answered into Status when nothing is left to do."
    )
