"""An instruction as acts: what to tell, what to ask. Decides nothing about columns; the caller knows the sheet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from server.domain.plan import AnswerColumn
from server.llm.offline import reminders
from server.llm.offline.asking import Ask, ask
from server.llm.offline.person import second_person
from server.llm.offline.phrases import PHRASES, language_of

MAX_INSTRUCTION = 8_000
"""Characters. More than four pages is no instruction but a pasted document."""


class Act(StrEnum):
    """What a part of an instruction wants done."""

    SHARE = "share"
    """Tell the row's own values: `words` name columns."""
    SAY = "say"
    """Say a sentence: `words` are it, already in the recipient's terms."""
    ASK = "ask"
    UNKNOWN = "unknown"
    """Not understood; `words` are the organiser's own."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One act. `reminder` tells that values are known already and are only brought to mind."""

    act: Act
    words: str
    ask: Ask | None = None
    reminder: bool = False


_SHARES = r"send|e-?mail|mail|text|message|give|share with|forward|whatsapp|provide|show"
_SHARING = re.compile(_SHARES)
_MENTIONS = r"mention|include|quote"
_TELLS = r"tell|inform|notify|let|advise|update|remind|warn|write to|write|contact|call|reach out to"
_ASKS = r"ask|request|find out from|find out|check with|invite|thank|collect|survey|get from"
_VERB = re.compile(
    r"(?:(?:please|kindly|then|also|and|now|i (?:want|need|would like|'d like) (?:you )?to|can you|could you"
    r"|we want to) )*"
    rf"({_SHARES}|{_TELLS}|{_ASKS}|{_MENTIONS})\b",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"(?<=[.!?;])\s+|;|\n+|,?\s+(?:and also|and then|and please|and|then|also|&)\s+"
    r"(?=(?:please )?(?:ask|tell|remind|invite|request|inform|let|notify|thank|find out|mention|include|"
    r"(?:send|e-?mail|give) (?:them|each|every|all))\b)"
    r"|,\s*(?=(?:ask|tell|remind|invite|request|inform|notify|thank|mention|include|asking|telling|reminding|inviting|"
    r"mentioning|including)\s)",
    re.IGNORECASE,
)
_CONTACT = re.compile(rf"{_SHARES}|write to|write|contact|call|reach out to", re.IGNORECASE)
"""Verbs that say nothing by themselves: "Write to each speaker and ask ..."."""
_ING = {
    "asking": "ask",
    "telling": "tell",
    "reminding": "remind",
    "inviting": "invite",
    "informing": "inform",
    "mentioning": "mention",
    "including": "include",
}
_AN_EMAIL = re.compile(
    r"(?:out )?an? (?:\w+ )?(?:e-?mails?|messages?|texts?|sms|notes?|reminders?|mails?|letters?|invitations?)\b\s*",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"(?:to )?(?:each of them|all of them|them all|them|everyone|everybody|him or her|him|people)\b\s*", re.IGNORECASE
)
_DETERMINER = re.compile(
    r"(?:to )?(?:each|every|all|any|the|our|my|these|those|both)\b\s*"
    r"(?:one )?(?:of )?(?:the |our |my |these |those )?",
    re.IGNORECASE,
)
_MARKER = re.compile(
    r"\b(?:their|his|her|that|whether|if|which|what|when|where|how|who|to|about|for|with|a|an|the|know|confirming|"
    r"asking|"
    r"telling|reminding|inviting|not|containing|saying)\b|[:,]",
    re.IGNORECASE,
)
_TO_WHOM = re.compile(
    r"^(?!(?:to |each|every|all|them|everyone|everybody|him|her\b))(.{1,300}?)\s+"
    r"to (?:each|every|all|them|everyone|everybody|the|our|my)\b[^,.]*$",
    re.IGNORECASE,
)


def clauses(instruction: str) -> tuple[str, tuple[Clause, ...]]:
    """The language of an instruction, and its acts in order. Never raises; what is not understood is UNKNOWN."""
    text = " ".join(instruction[:MAX_INSTRUCTION].replace("\n", " ; ").split())
    language = language_of(text)
    if language != "en":
        return language, _foreign(text, language)
    parts = [part.strip(" ,;") for part in _SPLIT.split(text) if part and part.strip(" ,;.")]
    found = (_clause(part) for part in parts if not reminders.is_only_that(part))
    return language, tuple(clause for clause in found if clause.words)


def _clause(part: str) -> Clause:
    part = re.sub(r"^(\w+ing)\b", lambda m: _ING.get(m.group(1).lower(), m.group(1)), part)
    match = _VERB.match(part)
    if match is None:
        return Clause(Act.UNKNOWN, part)
    verb = match.group(1).lower()
    rest = part[match.end() :].strip()
    mailed = _AN_EMAIL.match(rest)
    if mailed:
        rest = rest[mailed.end() :]
        verb = "remind" if "reminder" in mailed.group(0).lower() else verb
    given = _TO_WHOM.match(rest) if _SHARING.fullmatch(verb) else None
    whole = rest if re.fullmatch(_MENTIONS, verb) else _after_recipient(rest)
    said = (given.group(1) if given else whole).strip(" ,:.")
    if not said and _CONTACT.fullmatch(verb):
        return Clause(Act.SAY, "")
    return _act(verb, said) or Clause(Act.UNKNOWN, part)


def _after_recipient(rest: str) -> str:
    """What is left of `each contestant their start time` once it is clear who is meant."""
    for pattern in (_PRONOUN, _DETERMINER):
        match = pattern.match(rest)
        if match:
            rest = rest[match.end() :]
            if pattern is _PRONOUN:
                return rest
            break
    marker = _MARKER.search(rest)
    if marker is None:
        return rest if match is None else ""
    return rest[marker.start() :]


def _act(verb: str, said: str) -> Clause | None:
    lowered = said.lower()
    if inner := re.match(r"(?:by )?(asking|telling|reminding|inviting|informing|mentioning|including)\s+", lowered):
        return _clause(f"{_ING[inner.group(1)]} {said[inner.end() :]}")
    if inner := re.match(r"to (ask|tell|remind|invite|thank)\s+", lowered):
        return _clause(said[3:])
    if verb in {"ask", "request", "find out", "find out from", "check with", "collect", "survey", "get from"}:
        found = ask(said)
        return Clause(Act.ASK, said, found) if found else None
    if verb == "invite":
        return _say("You are invited", said) if said else None
    if verb == "thank":
        return _say("Thank you", said)
    return _told(verb, said)


def _told(verb: str, said: str) -> Clause | None:
    """What follows "tell them", "send each contestant", "remind them" ..."""
    said = re.sub(r"^(?:know|with|containing|saying|in)\s+", "", said, flags=re.IGNORECASE)
    lowered = said.lower()
    reminder = verb == "remind"
    if that := re.match(r"that\s+|:\s*|saying(?: that)?\s+", lowered):
        return _say("", said[that.end() :])
    if act := re.match(r"(not )?to\s+", lowered):
        lead = "Please do not" if act.group(1) else "Please remember to" if reminder else "Please"
        return _say(lead, said[act.end() :])
    about = re.match(r"(?:about|of|on)\s+", lowered)
    words = said[about.end() :] if about else said
    return Clause(Act.SHARE, words, reminder=reminder) if words.strip() else None


def _say(lead: str, words: str) -> Clause | None:
    said = second_person(words)
    return Clause(Act.SAY, f"{lead} {said}".strip()) if said else None


_FOREIGN_PARTS = {
    "de": re.compile(r"(?:\sund|,)\s(?=(?:bitte|frage?|fragen|erinner\w*)\b)", re.IGNORECASE),
    "fr": re.compile(r"(?:\set|,)\s(?=(?:demande|prie|invite|relance|rappel)[\w-]*)", re.IGNORECASE),
    "es": re.compile(r"(?:\sy|,)\s(?=(?:p[ií]de|pida|pregunt|solicit|recu[eé]rd)\w*)", re.IGNORECASE),
}
_FOREIGN_CONFIRM = {
    "de": re.compile(
        r"(?:(?:ihre[nrm]?|ihr|seine[nrm]?|sein|die|den|das)\s+([\w-]+)\s+zu\s+)?bestätig\w*(?:\s+(?:der|ihrer|"
        r"seiner|des)\s+([\w-]+))?",
        re.IGNORECASE,
    ),
    "fr": re.compile(r"confirm\w*(?:\s+(?:(?:sa|son|leur|ses|leurs|la|le|les)\s+|l['’])([\w-]+))?", re.IGNORECASE),
    "es": re.compile(r"confirm\w*(?:\s+(?:su|sus|la|el)\s+([\w-]+))?", re.IGNORECASE),
}
_FOREIGN_ASKS = {
    "de": re.compile(r"^(?:bitte|frage?n?)\b", re.IGNORECASE),
    "fr": re.compile(r"^(?:demande|prie|invite)", re.IGNORECASE),
    "es": re.compile(r"^(?:p[ií]de|pida|pregunt|solicit)", re.IGNORECASE),
}
_POSSESSIVE = {
    "de": {"ihre": "Ihre", "seine": "Ihre", "ihren": "Ihren", "seinen": "Ihren", "ihr": "Ihr", "sein": "Ihr"},
    "fr": {"sa": "votre", "son": "votre", "leur": "votre", "ses": "vos", "leurs": "vos"},
    "es": {},
}


def _foreign(text: str, language: str) -> tuple[Clause, ...]:
    """German, French, Spanish: one sharing part (its columns are found by their titles) and one asking part."""
    found = []
    for sentence in re.split(r"(?<=[.!?;])\s+|;", text):
        for part in _FOREIGN_PARTS[language].split(sentence):
            part = part.strip(" ,.;")
            if not part or reminders.is_only_that(part):
                continue
            if _FOREIGN_ASKS[language].match(part) and not re.match(r"bitte (?:schick|send|teil)", part, re.IGNORECASE):
                found.append(_foreign_ask(part, language))
            else:
                found.append(Clause(Act.SHARE, part))
    return tuple(found)


def _foreign_ask(part: str, language: str) -> Clause:
    match = _FOREIGN_CONFIRM[language].search(part)
    if match is None:
        return Clause(Act.UNKNOWN, part)
    phrases = PHRASES[language]
    noun = next((group for group in match.groups() if group), "")
    before = re.search(r"\b([\w]+)['’]?\s*$", part[: match.start(1)]) if noun and match.group(1) else None
    article = _POSSESSIVE[language].get(before.group(1).lower(), "") if before else ""
    if language == "es" and noun:
        article = "su"
    allowed = (phrases.yes, phrases.no)
    if not noun or not article:
        column = noun[:1].upper() + noun[1:] if noun else phrases.confirmed
        return Clause(
            Act.ASK,
            part,
            Ask(phrases.confirm_this, AnswerColumn(column, allowed=allowed), about=noun, shows=bool(noun)),
        )
    question = phrases.confirm.format(f"{article} {noun}")
    column = noun[:1].upper() + noun[1:]
    return Clause(Act.ASK, part, Ask(question, AnswerColumn(column, allowed=allowed), about=noun, shows=True))
