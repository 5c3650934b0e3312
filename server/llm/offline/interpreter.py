"""The offline interpreter: reads plain answers, and knows when it does not. Certain things first, words after."""

from __future__ import annotations

import re

from server.domain.reply import Interpretation
from server.domain.stop import is_opt_out
from server.domain.visible import normalise
from server.domain.words import ChannelName, Outcome
from server.llm.offline import moments, notices
from server.llm.offline.asked import is_yes_no
from server.llm.offline.closed import read_closed
from server.llm.offline.languages import language_of
from server.llm.offline.reading import Reading, result
from server.llm.offline.tokens import Clause, clauses, tokenise
from server.llm.offline.typed import read_typed
from server.llm.offline.verdict import judge
from server.ports import ReadRequest


class OfflineInterpreter:
    """Rules over marked words, in about a dozen languages. Deterministic; implements Interpreter."""

    async def read(self, request: ReadRequest) -> Interpretation:
        """An outcome with values that the plan allows, evidence out of the reply, and `confidence`. Raises nothing."""
        text = request.reply if len(request.reply) <= 20_000 else normalise(request.reply)
        text = notices.without_addresses(notices.without_files(text))
        language = language_of(text, request.question)
        if request.plan.channel is ChannelName.VOICE:
            text = notices.without_hesitation(text, language)
        sms = request.plan.channel is ChannelName.SMS
        reading = _certain(text, language, sms=sms) or _words(text, request, language)
        if notices.cut(text):
            reading.doubts.append("it is too long to be read to its end")
        if notices.unhappy(text):
            reading.doubts.append("it looks unhappy")
        if notices.sarcastic(text):
            reading.doubts.append("it may be meant the other way round")
        reading.doubts += [trick] if (trick := notices.tricks(request.reply)) else []
        if text and all(line.lstrip().startswith(">") for line in text.split("\n") if line.strip()):
            reading.doubts.append("all of it is quoted")
        order = notices.orders(text)
        if order:
            reading.doubts += [f"it holds orders for its reader (“{order[:60]}”)"] * 2
        return result(request.reply, text, reading)


def _certain(text: str, language: str, *, sms: bool) -> Reading | None:
    """What needs no understanding: nothing said, no more messages wanted, an automatic reply."""
    if not any(char.isalnum() for char in text) and not any(token.text not in ".,;:!?…" for token in tokenise(text)):
        return Reading(Outcome.UNCLEAR, 0.3, doubts=["it holds no words"])
    if is_opt_out(text, sms=sms):
        mixed = judge(clauses(text, language=language)).way == "yes" or len(text.split()) > 25
        return Reading(Outcome.OPT_OUT, 0.7 if mixed else 0.95, evidence=text.strip()[:300])
    words, plainly, twice = notices.away(text)
    if words and (twice or not (len(text.split()) <= 20 and judge(clauses(text, language=language)).strength >= 0.9)):
        return Reading(Outcome.AUTOMATIC, plainly, evidence=words)
    return None


def _words(text: str, request: ReadRequest, language: str) -> Reading:
    """What a person wrote."""
    plan = request.plan
    known = _known(request)
    parts = clauses(text, known, language)
    verdict = judge(_without_echo(_about(parts, request.question), known))
    if verdict.way == "no" and not any("N" in token.mark for token in verdict.tokens) and _times(text) & known:
        verdict.doubts.append("it may only be about the time")
    wrong = notices.wrong_person(text, (request.record.get(plan.name_column, ""),))
    if wrong:
        return Reading(Outcome.WRONG_PERSON, 0.7, evidence=wrong)
    columns = list(plan.answer_columns)
    closed = [column for column in columns if is_yes_no(column)]
    typed = [column for column in columns if not is_yes_no(column)]
    if typed:
        return read_typed(text, request, parts, verdict, closed, typed)
    return read_closed(text, request, parts, verdict, closed)


def _known(request: ReadRequest) -> frozenset[str]:
    """Words of the question and the row: naming them adds nothing of the recipient's own."""
    texts = [request.question[:4000], *(value[:200] for value in request.record.values())]
    found = {form for text in texts for token in tokenise(text) for form in _forms(token.text)}
    found |= {part for word in found if "-" in word for part in word.split("-")[:1] if part.isalpha()}
    clock = {time for text in texts for time in _times(text)}
    return frozenset(found | clock)


def _forms(word: str) -> tuple[str, ...]:
    """A word and its English plural or singular: one asked for nights is answered "1 night"."""
    if len(word) < 4 or not word.isalpha():
        return (word,)
    return (word, word[:-1]) if word.endswith("s") else (word, word + "s")


def _times(text: str) -> set[str]:
    return {found.value for found in moments.times([Clause(tokenise(text))])}


_CHILD = re.compile(
    r"\b(?:your|dein|deine|ihr|ihre|votre|ton|ta|tu|su) (?:child|son|daughter|kind|sohn|tochter|"
    r"enfant|fils|fille|hij[oa])\b",
    re.IGNORECASE,
)


def _about(parts: list[Clause], question: str) -> list[Clause]:
    """Where parents are asked about their child, "she will" speaks of the one in question."""
    if _CHILD.search(question[:4000]):
        for token in (token for part in parts for token in part.tokens if token.text in {"he", "she"}):
            token.mark = "P" if token.mark == "O" else token.mark
    return parts


def _without_echo(parts: list[Clause], known: frozenset[str]) -> list[Clause]:
    """A time that only repeats the row's own, written differently (9.40 for 09:40), is no proposal."""
    for part in parts:
        for found in moments.times([part]):
            if found.value in known:
                for token in found.tokens:
                    token.mark = "0" if token.mark in {"T", "U"} else token.mark
        for token in part.tokens:
            hours = re.fullmatch(r"(\d{1,2})-(\d{1,2})", token.text)
            if hours and all(f"{int(hour):02d}:00" in known for hour in hours.groups()):
                token.mark = "0"
    return parts
