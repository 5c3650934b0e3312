"""What kind of answer a question expects, so that a bare yes is not taken for the answer to "which day?"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from server.domain.plan import AnswerColumn
from server.domain.table import fold
from server.domain.words import AnswerKind
from server.llm.offline.values import no_value, yes_value

_SENTENCE = re.compile(
    r"(?:[^.!?\n]|\.(?=\w)|(?<=\d)\.(?=\s*(?:jan|feb|m[aä]r|apr|mai|jun|jul|aug|sep|okt|nov|dez)))+[.!?]*",
    re.IGNORECASE,
)
"""A sentence; the points of "16. Mai" and "9.40" end none."""
_OPEN = re.compile(
    r"\b(?:which|what|how many|how much|how old|how long|where|when|who|why|welche[rsnm]?|wie viele|wann|wo|wer|"
    r"quel(?:le)?s?|combien|"
    r"quand|où|qué|cuál|cuántos|cuántas|cuándo|dónde|qual|quais|quant[oai]s?|quale|quali|quando|onde|dove|que horas|"
    r"che ora|welke?|hoeveel|hoe laat|wanneer|waar|um wie viel|à quelle|a qué)\b",
    re.IGNORECASE,
)
_YES_NO_HINT = re.compile(
    r"\b(?:yes or no|yes/no|yes\|no|y/n|or not|or no|confirm or decline|accept or decline|ja oder nein|oui ou non|"
    r"sí o no|si o no"
    r"|yes or a no|no or yes)\b",
    re.IGNORECASE,
)
_INVERTED = re.compile(
    r"\b(?:mind if|would you mind|do you mind|object|objections?|problem with|any problems?|unable|not able|"
    r"can't you|cannot come|"
    r"can't come|can't make|won't you|aren't you|don't you|isn't it|miss|cancel|decline|withdraw|opt out|drop out|"
    r"absagen|stornieren|"
    r"annuler|cancelar|stört|dérange\w*|molest\w*|incomod\w*|dispiace|dispiacerebbe|vind je het erg|"
    r"etwas dagegen|inconveniente|disdire|annullare|afzeggen|annuleren|verhindert|verhinderd|absage)\b",
    re.IGNORECASE,
)
_PRESENCE = re.compile(
    r"\b(?:attend\w*|com(?:e|ing)|avail\w*|make it|confirm\w*|join\w*|participat\w*|take part|be there|present|"
    r"presence|free|meet(?:ing)?|zeit|frei|libre|liber[oa]|livre|vrij|work for you|keep (?:it|the|this|your)|"
    r"suit\w*|start time|slot|ok for you|okay for you|good for you|time|fine for you|accept\w*|"
    r"bestätig\w*|teilnehm\w*|teilnahme|verfügbar\w*|komm\w*|dabei|passt|disponib\w*|confirm\w*|présen\w*|venir|"
    r"viendr\w*|asist\w*|presencia|presen[çz]a|vir|virá\w*|vens|vem|compare[cç]\w*|participa\w*|conferma\w*|"
    r"ven(?:ire|i|ga|ite)|esserci|ci sarai|parteci\w*|vien(?:es|e|en)|vendr\w*|venez|komen|komt|aanwezig\w*|"
    r"bevestig\w*|erbij)\b",
    re.IGNORECASE,
)
_NEED = re.compile(
    r"\b(?:need|want|require|would you like|do you have|have you|any|vegetarian|vegan|allerg\w*|interested|bring|"
    r"prefer|drive|stay|own|"
    r"use|pay|paid|receiv\w*|member|agree|consent|smoke|eat|drink|parking|lunch|dinner|hotel|accommodation|"
    r"transport|brauch\w*|"
    r"benötig\w*|möchte\w*|besoin|souhait\w*|voul\w*|necesit\w*|quier\w*|desea\w*)\b",
    re.IGNORECASE,
)


_ABLE = re.compile(
    r"\b(?:(?:can|could|will|would) you|(?:can|could|may|shall) we|können wir|dürfen wir|podemos|pouvons-nous|"
    r"possiamo|kunnen we|mogen we|kannst du|könn(?:t ihr|en sie)|könntest du|könnten sie|pouvez-vous|"
    r"peux-tu|pourriez-vous|peux tu|puedes?|podrías?|pueden|"
    r"podéis|podríais|puoi|può|potete|potresti|potrebbe|pode|podes|podem|poderia\w*|consegues?|kun je|kunt u|"
    r"kunnen jullie|kan je|zou je|hilfst du|helft ihr|ayudas|aides-tu|aiuti|ajudas|help je)\b(?! like)",
    re.IGNORECASE,
)
_KEYED = re.compile(
    r"\byes[\"'”’)]*\s+(?:to|if|for)\b(?P<yes>[^.?!\n]*?)\bno[\"'”’)]*\s+(?:to|if|for)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Asked:
    """`closed`: a yes or no fits. `presence`: it is about coming, so that "I'll be there" answers it.

    `doubt` is a sentence when a bare yes could mean several things, else "".
    """

    closed: bool
    presence: bool
    doubt: str = ""


def asked(question: str, column: AnswerColumn | None) -> Asked:
    """Look at a question (with its hints, as it was sent) and the column that the answer goes to."""
    text = question[:4000]
    sentences = [part.strip() for part in _SENTENCE.findall(text) if part.strip()]
    asking = [part for part in sentences if part.endswith("?")] or sentences
    words = " ".join(asking)
    named = column.name if column else ""
    presence = bool(_PRESENCE.search(f"{words} {named}") or _ABLE.search(words)) or not words
    presence = presence and not (_NEED.search(f"{words} {named}") and not _STRONG_PRESENCE.search(f"{words} {named}"))
    if not text.strip() and column is None:
        return Asked(False, False, "nothing was asked")
    opened = [part for part in asking if _OPEN.search(part) and not _YES_NO_LEAD.search(part)]
    if opened and len(opened) == len(asking):
        return Asked(False, presence, "the question is not one for yes or no")
    keyed = _KEYED.search(text)
    if keyed and not _INVERTED.search(keyed["yes"]):  # "reply YES to keep it or NO to cancel it"
        return Asked(True, presence)
    closed = [part for part in asking if part not in opened]
    if any(_INVERTED.search(part) for part in closed):
        return Asked(True, False, "the question is put in such a way that a yes may mean no")
    if any(_ALTERNATIVES.search(_YES_NO_HINT.sub("", part)) for part in closed) and column is not None:
        return Asked(True, presence, "the question offers alternatives")
    if len([part for part in closed if part.endswith("?")]) > 1 and len({_topic(part) for part in closed}) > 1:
        return Asked(True, presence, "several things were asked")
    return Asked(True, presence)


_STRONG_PRESENCE = re.compile(
    r"\b(?:attend\w*|com(?:e|ing)|avail\w*|make it|join\w*|participat\w*|take part|be there|confirm\w*|"
    r"teilnehm\w*|teilnahme|"
    r"disponib\w*|venir|asist\w*|bestätig\w*)\b",
    re.IGNORECASE,
)
_YES_NO_LEAD = re.compile(
    r"^\W*(?:so |and |please |hi |hello )?(?:can|could|will|would|are|is|do|does|have|has|may) (?:you|this|that|"
    r"it|the|your|we)\b"
    r"(?!.*\b(?:tell|let|know|inform|say|indicate|choose|pick)\b)|\bwhether\b|\bconfirm\b",
    re.IGNORECASE,
)


_ALTERNATIVES = re.compile(
    r"\b(?:or|oder|ou|oppure)\b|(?<=\w )o (?=(?:el|la|los|las|a las?|al|il|lo|le|alle|dom|sáb|sab)\w*)"
)
"""`o` is "or" in Spanish and Italian, and "the" in Portuguese: there it counts before another article or day only."""


def _topic(part: str) -> str:
    return "presence" if _PRESENCE.search(part) and not _NEED.search(part) else fold(part)


def is_yes_no(column: AnswerColumn) -> bool:
    """A choice that has both a value for yes and one for no."""
    return column.kind is AnswerKind.CHOICE and bool(yes_value(column.allowed) and no_value(column.allowed))


_NUMBERED = re.compile(
    r"[\[(]?\b([1-9])[\])]?\s*(?:=|for|:|\)|\.|-|–|if)\s*[\"'“‘]?([^\W\d_][^\n,;|/()\"”’\d]{0,40})", re.IGNORECASE
)


def digit_value(question: str, reply: str, column: AnswerColumn) -> str:
    """The allowed value behind a digit, where the question numbers them (`Reply 1 for yes, 2 for no`); else ""."""
    digit = reply.strip(" .!)\n")
    if not re.fullmatch(r"[1-9]", digit):
        return ""
    for number, words in _NUMBERED.findall(question[:4000]):
        if number == digit:
            said = fold(words)
            return next((v for v in column.allowed if said.startswith(fold(v)) or fold(v).startswith(said.strip())), "")
    return ""
