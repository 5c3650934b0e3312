"""A reading while it is made: what was found, what speaks against it, and the one formula for the confidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from server.domain.plan import AnswerColumn
from server.domain.reply import Interpretation
from server.domain.words import Flag, Outcome
from server.llm.offline import values
from server.llm.offline.asked import digit_value, is_yes_no
from server.llm.offline.tokens import Token, tokenise

SURE_AT = 0.8
"""From this confidence on a reading is flagged `sure`."""

UNKNOWN_WORD = 0.8
REASON_WORD = 0.98
DOUBT = 0.5


def confidence(strength: float, *, unknown: int = 0, reasons: int = 0, doubts: int = 0) -> float:
    """The one formula: how plainly the words say it, less a fifth for each word that nothing explains, a fiftieth
    for each word of a reason given for a no, and a half for each sign of doubt; never above 0.99.
    """
    return round(min(0.99, strength * UNKNOWN_WORD**unknown * REASON_WORD**reasons * DOUBT**doubts), 2)


@dataclass(slots=True)
class Reading:
    """What was found so far: an outcome, values, the words it rests on, and what speaks against it."""

    outcome: Outcome
    strength: float
    values: dict[str, str] = field(default_factory=dict)
    tokens: list[Token] = field(default_factory=list)
    evidence: str = ""
    doubts: list[str] = field(default_factory=list)
    unknown: int = 0
    reasons: int = 0


def exact_value(text: str, question: str, column: AnswerColumn) -> str:
    """The allowed value that the whole reply is, or the one behind its digit."""
    said = [token.text for token in tokenise(text) if token.text not in ".!,\n"]
    for value in column.allowed:
        if said and said == [token.text for token in tokenise(value) if token.text not in ".!,"]:
            return value
    return digit_value(question, text, column)


def outcome_of(value: str, column: AnswerColumn) -> Outcome:
    if is_yes_no(column) or values.later_value(column.allowed):
        if value == values.yes_value(column.allowed):
            return Outcome.CONFIRMED
        if value == values.no_value(column.allowed):
            return Outcome.DECLINED
        if value == values.later_value(column.allowed):
            return Outcome.RESCHEDULE
    return Outcome.ANSWERED


def value_of(way: str, column: AnswerColumn) -> str:
    return values.yes_value(column.allowed) if way == "yes" else values.no_value(column.allowed) if way == "no" else ""


def first_sentence(text: str) -> str:
    return next((line.strip() for line in text.split("\n") if line.strip()), "")[:300]


def result(reply: str, text: str, reading: Reading) -> Interpretation:
    """Evidence is cut out of the reply itself; what is not found there is left out."""
    evidence = reading.evidence or _span(text, reading.tokens) or first_sentence(text)
    if evidence not in reply:
        evidence = next((line.strip() for line in reply.split("\n") if line.strip()), "")[:300]
    doubts = [doubt for doubt in dict.fromkeys(reading.doubts) if (reading.outcome, doubt) not in _SAID_ALREADY]
    sure_kind = reading.outcome not in {Outcome.QUESTION, Outcome.UNCLEAR, Outcome.WRONG_PERSON}
    level = confidence(reading.strength, unknown=reading.unknown, reasons=reading.reasons, doubts=len(reading.doubts))
    level = level if sure_kind else min(level, SURE_AT - 0.05)
    flag = Flag.SURE if level >= SURE_AT else Flag.CHECK
    return Interpretation(
        reading.outcome,
        {name: value for name, value in reading.values.items() if value},
        evidence,
        level,
        flag,
        _reason(reading, doubts, flag),
    )


_SAID_ALREADY = {
    (Outcome.QUESTION, "it asks something"),
    (Outcome.RESCHEDULE, "it asks for another time"),
    (Outcome.RESCHEDULE, "it asks something"),
}


def _span(text: str, tokens: Iterable[Token]) -> str:
    found = list(tokens)
    return text[min(token.start for token in found) : max(token.end for token in found)] if found else ""


_SAYS = {
    Outcome.CONFIRMED: "Reads as a yes",
    Outcome.DECLINED: "Reads as a no",
    Outcome.RESCHEDULE: "Asks for another time",
    Outcome.ANSWERED: "Reads as an answer",
    Outcome.QUESTION: "Asks something",
    Outcome.WRONG_PERSON: "Seems to come from the wrong person",
    Outcome.OPT_OUT: "Wants no more messages",
    Outcome.AUTOMATIC: "An automatic reply",
    Outcome.UNCLEAR: "Could not be read",
}


def _reason(reading: Reading, doubts: list[str], flag: Flag) -> str:
    """One sentence for the person who reviews it."""
    says = _SAYS[reading.outcome]
    if doubts:
        return f"{says}; but {', '.join(doubts[:3])}."
    if flag is Flag.CHECK and (reading.unknown or reading.reasons):
        return f"{says}; but it says more than the offline model understands."
    return f"{says}."
