"""Answer values and outcomes: which allowed value means yes or no, and what a set of values amounts to."""

from __future__ import annotations

from collections.abc import Mapping

from server.domain.plan import AnswerColumn, Plan
from server.domain.table import fold
from server.domain.words import AnswerKind, Outcome

# fmt: off
YES = frozenset({
    "yes", "y", "ok", "confirmed", "confirm", "available", "attending", "accepted", "accept", "coming", "true",
    "ja", "oui", "si", "sí", "sim", "tak", "da", "bestätigt", "confirmé", "confirmado",
})
NO = frozenset({
    "no", "n", "declined", "decline", "unavailable", "absent", "rejected", "cancelled", "false", "nein", "non",
    "não", "nie", "nej", "nee", "abgesagt", "refusé", "rechazado", "not available", "not attending", "not coming",
    "can't come", "cannot come",
})
# fmt: on


def outcome_of(values: Mapping[str, str]) -> Outcome:
    """What a person's own values amount to: confirmed or declined for a clear yes or no, else answered."""
    given = [fold(value) for value in values.values() if value.strip()]
    if given and all(value in YES for value in given):
        return Outcome.CONFIRMED
    if given and all(value in NO for value in given):
        return Outcome.DECLINED
    return Outcome.ANSWERED if given else Outcome.UNCLEAR


def value_for(column: AnswerColumn, outcome: Outcome) -> str:
    """The one allowed value of a column that says yes (confirmed) or no (declined), "" where there is none."""
    wanted = {Outcome.CONFIRMED: YES, Outcome.DECLINED: NO}.get(outcome, frozenset())
    found = [value for value in column.allowed if fold(value) in wanted]
    return found[0] if len(found) == 1 else ""


def refuse(plan: Plan, values: Mapping[str, str]) -> str:
    """Why these values may not be written, as a sentence, or "" when the plan allows them all."""
    for name, value in values.items():
        column = plan.answer(name)
        if column is None:
            return f"“{name}” is no answer column of this campaign."
        if value and column.kind is AnswerKind.CHOICE and column.allowed and value not in column.allowed:
            return f"“{value}” is not among the answers of “{name}”: {', '.join(column.allowed)}."
    return ""
