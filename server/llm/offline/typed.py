"""Reading answers that carry a choice, number, time, date or text, perhaps with a yes beside them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from server.domain.plan import AnswerColumn
from server.domain.words import AnswerKind, Outcome
from server.llm.offline import moments, values
from server.llm.offline.columns import words as a_set
from server.llm.offline.reading import Reading, exact_value, first_sentence, outcome_of, value_of
from server.llm.offline.tokens import Clause, Token
from server.llm.offline.verdict import Verdict
from server.ports import ReadRequest

_TYPED_ZERO = {
    AnswerKind.NUMBER: a_set(
        """people persons person guests guest adults kids tickets seats pax places total us need have bring bringing
        order take there be only just exactly say mit
        personen leute gäste plätze bringe bringen sind zu wir seid personnes invités amène amènerai serai viens avec
        sera on nous sommes seremos serons personas somos traeré traigo llevo llevaré invitados persone ospiti porto
        porterò siamo saremo pessoas convidados levo levar vou trago mensen gasten neem breng mee er met kom zijn we"""
    ),
    AnswerKind.TIME: a_set(
        """arrive arriving arrival start starting o'clock uhr at am pm hrs hours h sharp heures horas be there
        um pünktlich komme ich bin da arriverai arrive j'arriverai le les llegaré llego puntual las los alle ore
        arriverò
        arrivo il chego chegarei às as om uur kom ben ik er"""
    ),
    AnswerKind.DATE: a_set(
        """on the of date day de am le el works best suits me us den der passt geht mir uns convient día dia il
        giorno va
        bene op dag no o do bem jour tag op"""
    ),
    AnswerKind.CHOICE: a_set(
        """like take have choose pick option select go want wear need prefer order size mine would i'd favourite best
        please number better rather preferably suits is es è é ist for
        nehme hätte möchte größe lieber besser am beste den die das der für mich mir
        prends préfère taille plutôt mieux convient le la les du pour moi je
        quiero prefiero talla tomo mejor el lo para mí mi me viene
        meglio preferisco prendo per vorrei va il melhor prefiro quero queria o no mim
        liever beter beste graag doe mij maar de het wil ik neem voor"""
    ),
    AnswerKind.TEXT: frozenset(),
}
"""Words that say nothing beside a value of that kind."""


def read_typed(
    text: str,
    request: ReadRequest,
    parts: list[Clause],
    verdict: Verdict,
    closed: Sequence[AnswerColumn],
    typed: Sequence[AnswerColumn],
) -> Reading:
    """Answers that carry a choice, number, time, date or text; beside them perhaps a yes."""
    if verdict.asks and not any(
        _find(column, parts, request)[0] for column in typed if column.kind is not AnswerKind.TEXT
    ):
        return Reading(Outcome.QUESTION, 0.7, tokens=verdict.tokens, evidence=first_sentence(text))
    reading = Reading(Outcome.ANSWERED, 0.99)
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
    _weigh_rest(reading, parts, used, typed, verdict, closed, request.question)
    if len(typed) == 1 and not closed and reading.values:
        reading.outcome = outcome_of(reading.values[typed[0].name], typed[0])
    if closed:
        _add_closed(reading, verdict, closed)
    missing = [column.name for column in (*typed, *closed) if column.name not in reading.values]
    if missing:
        reading.doubts.append(f"it gives nothing for {', '.join(missing[:3])}")
    return reading


def _find(column: AnswerColumn, parts: list[Clause], request: ReadRequest) -> tuple[values.Found | None, str]:
    """The one value for a column, and a doubt when several are named."""
    if column.kind is AnswerKind.NUMBER:
        count = values.number(parts)
        return count, values.number_doubt(count, request.reply, request.question) if count else ""
    if column.kind is AnswerKind.TIME:
        found = moments.times(parts)
    elif column.kind is AnswerKind.DATE:
        found = moments.dates(parts, _today(request.today))
    elif column.allowed:
        exact = exact_value(request.reply, request.question, column)
        tokens = tuple(token for part in parts for token in part.tokens)
        found = [values.Found(exact, 0.97, tokens)] if exact else values.choice(parts, column.allowed)
    else:
        return _text_value(parts, request.reply), ""
    if len(found) > 1:
        return found[0], "it names several values"
    timed = bool(found) and column.kind is AnswerKind.TIME
    return (found[0] if found else None), moments.time_doubt(
        found[0].value, request.question, request.reply
    ) if timed else ""


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
    if all(set(token.mark) <= set("HIXQ0P") for token in own):
        return None
    plain = len(own) <= 4 and not any(
        token.text in {"you", "your"} or set(token.mark) & set("YNZXHIKLQOAg+") for token in own
    )
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
        "i prefer",
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


def _unanswered(verdict: Verdict, closed: Sequence[AnswerColumn], typed: Sequence[AnswerColumn], text: str) -> Reading:
    """No value was found: perhaps a yes or no to something else."""
    outcome = {"yes": Outcome.CONFIRMED, "no": Outcome.DECLINED}.get(verdict.way, Outcome.UNCLEAR)
    if outcome is not Outcome.DECLINED and not closed:
        outcome = Outcome.UNCLEAR
    reading = Reading(
        outcome, verdict.strength or 0.3, tokens=verdict.tokens, doubts=list(verdict.doubts), unknown=verdict.unknown
    )
    if not (len(closed) == 1 and _stays_away(verdict)):
        reading.doubts.append(f"it gives nothing for {', '.join(column.name for column in typed[:3])}")
    if closed and verdict.way:
        reading.values = {column.name: value_of(verdict.way, column) for column in closed}
    if verdict.asks:
        reading.outcome = Outcome.QUESTION
    reading.evidence = reading.evidence or ("" if verdict.tokens else first_sentence(text))
    return reading


def _stays_away(verdict: Verdict) -> bool:
    """`I can't come` leaves nothing else to ask. A bare "no" does: it may answer the other question."""
    return verdict.way == "no" and not any("N" in token.mark for token in verdict.tokens)


def _weigh_rest(
    reading: Reading,
    parts: list[Clause],
    used: set[int],
    typed: Sequence[AnswerColumn],
    verdict: Verdict,
    closed: Sequence[AnswerColumn],
    question: str,
) -> None:
    """What stands beside the values: unknown words, hedges, a no."""
    neutral = frozenset(word for column in typed for word in _TYPED_ZERO[column.kind])
    if any(column.kind is AnswerKind.TEXT for column in typed):
        return
    plain = "FP0SYGg+CA" if not closed else "FP0SYGg+CAN"
    counts = any(column.kind is AnswerKind.NUMBER for column in typed)
    counts_self = counts and bool(_COMPANY.search(question[:4000]))
    for part in parts:
        if any(id(token) in used for token in part.tokens):
            reading.doubts += _beside(part, used, counts=counts, counts_self=counts_self)
        for token in part.tokens:
            if (
                id(token) in used
                or part.signature
                or (token.text in neutral and not token.joined)
                or (token.joined and not token.mark)
            ):
                continue
            odd = set(token.mark) - set(plain) - {"U"}
            if "U" in token.mark:
                reading.unknown += 1
            elif odd and not (closed and odd <= set("ZXBb") and verdict.way == "no"):
                reading.doubts.append(_ODD.get(sorted(odd)[0], "it says something else besides"))
    if verdict.asks:
        reading.doubts.append("it asks something")
    reading.doubts = list(dict.fromkeys(reading.doubts))


_SELF = a_set(
    """we us we're total altogether including wir insgesamt nous on somos seremos estaremos seremo saremo siamo noi wij
    ons nós nos"""
)
_COMPANY = re.compile(
    r"\b(?:guests?|bring|plus|with you|companions?|others|gäste|mitbring\w*|begleit\w*|invit\w*|acompañ\w*|"
    r"avec (?:vous|toi)|accompagn\w*|am[eè]ner\w*|ospit\w*|porter\w*|convidad\w*|levar|trazer|acompanh\w*|gasten|neem|"
    r"meene\w*|traer\w*|llevar\w*)\b",
    re.IGNORECASE,
)
"""Where those are counted whom somebody brings, "we are 3" may count them too."""


_COUNTS = _TYPED_ZERO[AnswerKind.NUMBER] | a_set("a the be is are it it's that's for of to with and by do")


def _beside(part: Clause, used: set[int], *, counts: bool, counts_self: bool) -> list[str]:
    """What the words right beside a value turn around: "no meat", "bus 5", "we are 3" where guests are counted."""
    others = [token for token in part.tokens if id(token) not in used]
    found = []
    if any(set(token.mark) & set("NXZ") for token in others):
        found.append("it says no besides")
    said = [token.text.isdigit() or token.text in values.NUMBER_WORDS for token in part.tokens]
    numbers = [n for n, token in enumerate(part.tokens) if id(token) in used and said[n]]
    if counts_self and numbers and any(token.text in _SELF for token in others):
        found.append("the number may count the person too")
    lead = [part.tokens[n - 1] for n in numbers if n and counts and id(part.tokens[n - 1]) not in used]
    if any(token.mark == "0" and token.text not in _COUNTS for token in lead):
        found.append("the number may be a name")
    return found


_ODD = {
    "H": "it hedges",
    "I": "it sets a condition",
    "N": "it says no besides",
    "X": "it says no besides",
    "Z": "it says no besides",
    "T": "it names a time or number of its own",
}


def _add_closed(reading: Reading, verdict: Verdict, closed: Sequence[AnswerColumn]) -> None:
    """The yes or no beside the values."""
    if len(closed) > 1:
        reading.doubts.append("several things were asked")
    if verdict.way:
        reading.values |= {column.name: value_of(verdict.way, column) for column in closed}
        reading.strength = min(reading.strength, verdict.strength)
        reading.outcome = Outcome.CONFIRMED if verdict.way == "yes" else Outcome.DECLINED
