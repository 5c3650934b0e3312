"""The offline interpreter: reads plain answers, and knows when it does not. Certain things first, words after."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from server.domain.plan import AnswerColumn
from server.domain.reply import Interpretation
from server.domain.visible import is_opt_out, normalise
from server.domain.words import AnswerKind, Flag, Outcome
from server.llm.offline import notices, values
from server.llm.offline.asked import Asked, asked, digit_value, is_yes_no
from server.llm.offline.columns import words as a_set
from server.llm.offline.tokens import Clause, Token, clauses, tokenise
from server.llm.offline.verdict import Verdict, judge
from server.ports import ReadRequest

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
class _Reading:
    """What was found so far: an outcome, values, the words it rests on, and what speaks against it."""

    outcome: Outcome
    strength: float
    values: dict[str, str] = field(default_factory=dict)
    tokens: list[Token] = field(default_factory=list)
    evidence: str = ""
    doubts: list[str] = field(default_factory=list)
    unknown: int = 0
    reasons: int = 0


class OfflineInterpreter:
    """Rules over marked words, in about a dozen languages. Deterministic; implements Interpreter."""

    async def read(self, request: ReadRequest) -> Interpretation:
        """An outcome with values that the plan allows, evidence out of the reply, and `confidence`. Raises nothing."""
        text = request.reply if len(request.reply) <= 20_000 else normalise(request.reply)
        reading = _certain(text) or _words(text, request)
        order = notices.orders(text)
        if order:
            reading.doubts += [f"it holds orders for its reader (“{order[:60]}”)"] * 2
        return _result(request.reply, text, reading)


def _certain(text: str) -> _Reading | None:
    """What needs no understanding: nothing said, no more messages wanted, an automatic reply."""
    if not any(char.isalnum() for char in text) and not any(token.text not in ".,;:!?…" for token in tokenise(text)):
        return _Reading(Outcome.UNCLEAR, 0.3, doubts=["it holds no words"])
    if is_opt_out(text):
        return _Reading(Outcome.OPT_OUT, 0.95 if len(text.split()) <= 12 else 0.85, evidence=text.strip()[:300])
    words, plainly = notices.away(text)
    if words:
        return _Reading(Outcome.AUTOMATIC, plainly, evidence=words)
    return None


def _words(text: str, request: ReadRequest) -> _Reading:
    """What a person wrote."""
    plan = request.plan
    known = _known(request)
    parts = clauses(text, known)
    verdict = judge(_without_echo(parts, known))
    wrong = notices.wrong_person(text, (request.record.get(plan.name_column, ""),))
    if wrong:
        return _Reading(Outcome.WRONG_PERSON, 0.7, evidence=wrong)
    columns = list(plan.answer_columns)
    closed = [column for column in columns if is_yes_no(column)]
    typed = [column for column in columns if not is_yes_no(column)]
    if typed:
        return _typed(text, request, parts, verdict, closed, typed)
    return _yes_no(text, request, parts, verdict, closed)


def _known(request: ReadRequest) -> frozenset[str]:
    """Words of the question and the row: naming them adds nothing of the recipient's own."""
    texts = [request.question[:4000], *(value[:200] for value in request.record.values())]
    found = {token.text for text in texts for token in tokenise(text)}
    clock = {time for text in texts for time in _times(text)}
    return frozenset(found | clock)


def _times(text: str) -> set[str]:
    return {found.value for found in values.times([Clause(tokenise(text))])}


def _without_echo(parts: list[Clause], known: frozenset[str]) -> list[Clause]:
    """A time that only repeats the row's own, written differently (9.40 for 09:40), is no proposal."""
    for part in parts:
        for found in values.times([part]):
            if found.value in known:
                for token in found.tokens:
                    token.mark = "0" if token.mark in {"T", "U"} else token.mark
    return parts


def _yes_no(
    text: str, request: ReadRequest, parts: list[Clause], verdict: Verdict, closed: Sequence[AnswerColumn]
) -> _Reading:
    """Answers to a yes/no question, or to a plan without answer columns."""
    column = closed[0] if closed else None
    for other in closed:
        exact = _exact(text, request.question, other)
        if exact:
            outcome, doubts = _outcome_of(exact, other), _missing(closed, other)
            if outcome in {Outcome.CONFIRMED, Outcome.DECLINED} and not text.strip(" .!)\n").isdigit():
                doubts += [doubt for doubt in [asked(request.question, other).doubt] if doubt]
            return _Reading(outcome, 0.97, {other.name: exact}, evidence=text.strip(), doubts=doubts)
    third = _third_value(parts, column)
    if third:
        return third
    question = asked(request.question, column)
    reading = _from_verdict(verdict, column, question)
    if len(closed) > 1 and reading.outcome in {Outcome.CONFIRMED, Outcome.DECLINED}:
        reading.values = {each.name: _value(verdict.way, each) for each in closed}
        reading.doubts.append("several things were asked")
    return reading


def _missing(columns: Sequence[AnswerColumn], found: AnswerColumn) -> list[str]:
    return ["several things were asked"] if len(columns) > 1 and found in columns else []


def _exact(text: str, question: str, column: AnswerColumn) -> str:
    """The allowed value that the whole reply is, or the one behind its digit."""
    said = [token.text for token in tokenise(text) if token.text not in ".!,\n"]
    for value in column.allowed:
        if said and said == [token.text for token in tokenise(value) if token.text not in ".!,"]:
            return value
    return digit_value(question, text, column)


def _outcome_of(value: str, column: AnswerColumn) -> Outcome:
    if is_yes_no(column) or values.later_value(column.allowed):
        if value == values.yes_value(column.allowed):
            return Outcome.CONFIRMED
        if value == values.no_value(column.allowed):
            return Outcome.DECLINED
        if value == values.later_value(column.allowed):
            return Outcome.RESCHEDULE
    return Outcome.ANSWERED


def _third_value(parts: list[Clause], column: AnswerColumn | None) -> _Reading | None:
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
    return _Reading(
        _outcome_of(found[0].value, column), found[0].strength, {column.name: found[0].value}, list(found[0].tokens)
    )


def _value(way: str, column: AnswerColumn) -> str:
    return values.yes_value(column.allowed) if way == "yes" else values.no_value(column.allowed) if way == "no" else ""


def _from_verdict(verdict: Verdict, column: AnswerColumn | None, question: Asked) -> _Reading:
    outcome = {"yes": Outcome.CONFIRMED, "no": Outcome.DECLINED}.get(verdict.way, Outcome.UNCLEAR)
    reading = _Reading(
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
        reading.values = {column.name: _value(verdict.way, column)}
    if question.doubt:
        reading.doubts.append(question.doubt)
    direct = any(mark in "".join(token.mark for token in verdict.tokens) for mark in "YN")
    if not question.presence and not direct:
        reading.doubts.append("it does not answer the question directly")
    return reading


_TYPED_ZERO = {
    AnswerKind.NUMBER: a_set(
        """people persons person guests guest adults kids tickets seats pax places total us need have bring bringing order take there be
        only just exactly personen leute gäste personnes personas somos seremos serons plätze number say"""
    ),
    AnswerKind.TIME: a_set(
        """arrive arriving arrival start starting o'clock uhr at am pm hrs hours h sharp heures horas be there"""
    ),
    AnswerKind.DATE: a_set("""on the of date day de am le el works best suits me"""),
    AnswerKind.CHOICE: a_set(
        """like take have choose pick option select go want wear need prefer order size mine would i'd favourite best please number nehme
        hätte möchte größe prends préfère taille quiero prefiero talla tomo"""
    ),
    AnswerKind.TEXT: frozenset(),
}


def _typed(
    text: str,
    request: ReadRequest,
    parts: list[Clause],
    verdict: Verdict,
    closed: Sequence[AnswerColumn],
    typed: Sequence[AnswerColumn],
) -> _Reading:
    """Answers that carry a choice, number, time, date or text; beside them perhaps a yes."""
    if verdict.asks and not any(
        _find(column, parts, request)[0] for column in typed if column.kind is not AnswerKind.TEXT
    ):
        return _Reading(Outcome.QUESTION, 0.7, tokens=verdict.tokens, evidence=_first_sentence(text))
    reading = _Reading(Outcome.ANSWERED, 0.99)
    used: set[int] = set()
    for column in typed:
        found, doubt = _find(column, parts, request)
        if doubt:
            reading.doubts.append(doubt)
        if found is None:
            continue
        used |= {id(token) for token in found.tokens}
        if found.value:
            reading.values[column.name] = found.value
        reading.strength = min(reading.strength, found.strength)
        reading.tokens += found.tokens
        reading.doubts += [found.doubt] if found.doubt else []
    if not used:
        return _unanswered(verdict, closed, typed, text)
    _weigh_rest(reading, parts, used, typed, verdict, closed)
    if len(typed) == 1 and not closed and reading.values:
        reading.outcome = _outcome_of(reading.values[typed[0].name], typed[0])
    if closed:
        _add_closed(reading, verdict, closed)
    missing = [column.name for column in (*typed, *closed) if column.name not in reading.values]
    if missing:
        reading.doubts.append(f"it gives nothing for {', '.join(missing[:3])}")
    return reading


def _find(column: AnswerColumn, parts: list[Clause], request: ReadRequest) -> tuple[values.Found | None, str]:
    """The one value for a column, and a doubt when several are named."""
    if column.kind is AnswerKind.NUMBER:
        return values.number(parts), ""
    if column.kind is AnswerKind.TIME:
        found = values.times(parts)
    elif column.kind is AnswerKind.DATE:
        found = values.dates(parts, _today(request.today))
    elif column.allowed:
        exact = _exact(request.reply, request.question, column)
        tokens = tuple(token for part in parts for token in part.tokens)
        found = [values.Found(exact, 0.97, tokens)] if exact else values.choice(parts, column.allowed)
    else:
        return _text_value(parts, request.reply), ""
    return (found[0] if found else None), "it names several values" if len(found) > 1 else ""


def _today(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text[:10])
    except ValueError:
        return None


def _text_value(parts: list[Clause], reply: str) -> values.Found | None:
    """A free text: what is left without greeting, courtesy and lead-in. Plain only when it is short."""
    own = [
        token
        for part in parts
        if not part.signature
        for token in part.tokens
        if token.mark not in {"F", "S", ""} or token.joined
    ]
    own = _without_lead(own)
    if not any(token.mark not in {"0", "P", "F"} for token in own):
        own = [token for token in own if token.mark != "F"]
    if not own:
        return None
    value = " ".join(reply[own[0].start : own[-1].end].split())
    plain = len(own) <= 6 and not any(set(token.mark) & set("YNZXHIKLQOAg+") for token in own)
    return values.Found(
        value[:2000], 0.86 if plain else 0.6, tuple(own), "" if plain else "a free text that a person should read"
    )


_LEADS = (
    *(
        "i would like",
        "i'd like",
        "i'll take",
        "i'll have",
        "i will take",
        "i will have",
        "i want",
        "i need",
        "i prefer",
        "i am",
        "i'm",
    ),
    *(
        "my answer is",
        "it's",
        "it is",
        "we would like",
        "we'd like",
        "i would prefer",
        "i'd prefer",
        "please put",
        "make it",
        "i choose",
    ),
    *(
        "ich möchte",
        "ich nehme",
        "ich hätte gern",
        "ich hätte gerne",
        "je voudrais",
        "je prends",
        "quiero",
        "quisiera",
        "mi respuesta es",
    ),
)


def _without_lead(tokens: list[Token]) -> list[Token]:
    said = [token.text for token in tokens]
    for lead in sorted(_LEADS, key=lambda words: -len(words)):
        words = lead.split()
        if said[: len(words)] == words and len(said) > len(words):
            return tokens[len(words) :]
    return tokens


def _unanswered(verdict: Verdict, closed: Sequence[AnswerColumn], typed: Sequence[AnswerColumn], text: str) -> _Reading:
    """No value was found: perhaps a yes or no to something else."""
    outcome = {"yes": Outcome.CONFIRMED, "no": Outcome.DECLINED}.get(verdict.way, Outcome.UNCLEAR)
    if outcome is not Outcome.DECLINED and not closed:
        outcome = Outcome.UNCLEAR
    reading = _Reading(
        outcome, verdict.strength or 0.3, tokens=verdict.tokens, doubts=list(verdict.doubts), unknown=verdict.unknown
    )
    reading.doubts.append(f"it gives nothing for {', '.join(column.name for column in typed[:3])}")
    if closed and verdict.way:
        reading.values = {column.name: _value(verdict.way, column) for column in closed}
    if verdict.asks:
        reading.outcome = Outcome.QUESTION
    reading.evidence = reading.evidence or ("" if verdict.tokens else _first_sentence(text))
    return reading


def _weigh_rest(
    reading: _Reading,
    parts: list[Clause],
    used: set[int],
    typed: Sequence[AnswerColumn],
    verdict: Verdict,
    closed: Sequence[AnswerColumn],
) -> None:
    """What stands beside the values: unknown words, hedges, a no."""
    neutral = frozenset(word for column in typed for word in _TYPED_ZERO[column.kind])
    if any(column.kind is AnswerKind.TEXT for column in typed):
        return
    plain = "FP0SYGg+CA" if not closed else "FP0SYGg+CAN"
    for part in parts:
        for token in part.tokens:
            if id(token) in used or part.signature or token.text in neutral or (token.joined and not token.mark):
                continue
            odd = set(token.mark) - set(plain) - {"U"}
            if "U" in token.mark:
                reading.unknown += 1
            elif odd and not (closed and odd <= set("ZXBb") and verdict.way == "no"):
                reading.doubts.append(_ODD.get(sorted(odd)[0], "it says something else besides"))
    if verdict.asks:
        reading.doubts.append("it asks something")
    reading.doubts = list(dict.fromkeys(reading.doubts))


_ODD = {
    "H": "it hedges",
    "I": "it sets a condition",
    "N": "it says no besides",
    "X": "it says no besides",
    "Z": "it says no besides",
    "T": "it names a time or number of its own",
}


def _add_closed(reading: _Reading, verdict: Verdict, closed: Sequence[AnswerColumn]) -> None:
    """The yes or no beside the values."""
    if len(closed) > 1:
        reading.doubts.append("several things were asked")
    if verdict.way:
        reading.values |= {column.name: _value(verdict.way, column) for column in closed}
        reading.strength = min(reading.strength, verdict.strength)
        reading.outcome = Outcome.CONFIRMED if verdict.way == "yes" else Outcome.DECLINED


def _first_sentence(text: str) -> str:
    return next((line.strip() for line in text.split("\n") if line.strip()), "")[:300]


def _result(reply: str, text: str, reading: _Reading) -> Interpretation:
    """Evidence is cut out of the reply itself; what is not found there is left out."""
    evidence = reading.evidence or _span(text, reading.tokens) or _first_sentence(text)
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


def _reason(reading: _Reading, doubts: list[str], flag: Flag) -> str:
    """One sentence for the person who reviews it."""
    says = _SAYS[reading.outcome]
    if doubts:
        return f"{says}; but {', '.join(doubts[:3])}."
    if flag is Flag.CHECK and (reading.unknown or reading.reasons):
        return f"{says}; but it says more than the offline model understands."
    return f"{says}."
