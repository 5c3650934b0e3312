"""Reading the answer to a yes/no question, or to a plan without answer columns."""

from __future__ import annotations

from collections.abc import Sequence

from server.domain.plan import AnswerColumn
from server.domain.words import Outcome
from server.llm.offline import values
from server.llm.offline.asked import Asked, asked
from server.llm.offline.reading import Reading, exact_value, outcome_of, value_of
from server.llm.offline.tokens import Clause
from server.llm.offline.verdict import Verdict
from server.ports import ReadRequest


def read_closed(
    text: str, request: ReadRequest, parts: list[Clause], verdict: Verdict, closed: Sequence[AnswerColumn]
) -> Reading:
    """Answers to a yes/no question, or to a plan without answer columns."""
    column = closed[0] if closed else None
    for other in closed:
        exact = exact_value(text, request.question, other)
        if exact:
            outcome, doubts = outcome_of(exact, other), _missing(closed, other)
            if outcome in {Outcome.CONFIRMED, Outcome.DECLINED} and not text.strip(" .!)\n").isdigit():
                doubts += [doubt for doubt in [asked(request.question, other).doubt] if doubt]
            return Reading(outcome, 0.97, {other.name: exact}, evidence=text.strip(), doubts=doubts)
    third = _third_value(parts, column)
    if third:
        return third
    question = asked(request.question, column)
    reading = _from_verdict(verdict, column, question)
    if len(closed) > 1 and reading.outcome in {Outcome.CONFIRMED, Outcome.DECLINED}:
        reading.values = {each.name: value_of(verdict.way, each) for each in closed}
        reading.doubts.append("several things were asked")
    return reading


def _missing(columns: Sequence[AnswerColumn], found: AnswerColumn) -> list[str]:
    return ["several things were asked"] if len(columns) > 1 and found in columns else []


def _third_value(parts: list[Clause], column: AnswerColumn | None) -> Reading | None:
    """A value beside yes and no ("Maybe") that the reply names and says nothing else."""
    if column is None:
        return None
    sides = {values.yes_value(column.allowed), values.no_value(column.allowed)}
    others = [value for value in column.allowed if value not in sides]
    found = values.choice(parts, others) if others else []
    if len(found) != 1:
        return None
    own = {id(token) for token in found[0].tokens}
    rest = [token for part in parts for token in part.tokens if id(token) not in own and set(token.mark) - set("F0PS")]
    if rest or any(part.stop == "?" for part in parts):
        return None
    return Reading(
        outcome_of(found[0].value, column), found[0].strength, {column.name: found[0].value}, list(found[0].tokens)
    )


def _from_verdict(verdict: Verdict, column: AnswerColumn | None, question: Asked) -> Reading:
    outcome = {"yes": Outcome.CONFIRMED, "no": Outcome.DECLINED}.get(verdict.way, Outcome.UNCLEAR)
    reading = Reading(
        outcome,
        verdict.strength,
        tokens=verdict.tokens,
        doubts=list(verdict.doubts),
        unknown=verdict.unknown,
        reasons=verdict.reasons,
    )
    own_time = "it names a time or number of its own" in verdict.doubts
    if verdict.moves or (own_time and (verdict.asks or verdict.way == "no" or not verdict.way)):
        reading.outcome = Outcome.RESCHEDULE
        later = values.later_value(column.allowed) if column else ""
        reading.values = {column.name: later} if column and later else {}
        reading.strength = reading.strength or 0.8
        if not own_time and not verdict.asks and later and not verdict.way:
            reading.doubts.remove("it asks for another time")
            reading.strength = 0.85
        return reading
    if not verdict.way:
        reading.outcome = Outcome.QUESTION if verdict.asks else Outcome.UNCLEAR
        reading.strength = 0.7 if verdict.asks else 0.3
        return reading
    if column:
        reading.values = {column.name: value_of(verdict.way, column)}
    if question.doubt:
        reading.doubts.append(question.doubt)
    direct = any(mark in "".join(token.mark for token in verdict.tokens) for mark in "YN")
    if not question.presence and not direct:
        reading.doubts.append("it does not answer the question directly")
    return reading
