"""Proper names in a text: whom it greets, and words in capitals that neither the row nor the instruction knows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from server.domain.factcheck.calendar import MONTHS, WEEKDAYS, plain
from server.domain.factcheck.moments import Found

_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_PARTS = re.compile(r"['’\-]")
_GREETING = re.compile(
    r"^\W{0,3}(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|hallo|liebe[rs]?|"
    r"guten (?:tag|morgen|abend)|sehr geehrte[rs]?|servus|moin|bonjour|bonsoir|salut|cher|chère|hola|"
    r"buen(?:os|as) (?:días|tardes|noches)|estimad[oa]s?|querid[oa]s?|olá|oi|bom dia|boa (?:tarde|noite)|"
    r"car[oa]s?|prezad[oa]s?|ciao|buongiorno|buonasera|gentile|egregi[oa]|beste|hoi|geachte|"
    r"goede(?:morgen|middag|navond))\b[ \t]+(?P<name>[^\n,!:;.?–—]{1,60})",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^\W{0,2}(?:(?:best|kind|warm|many|with)?\s?(?:regards|wishes|thanks)|best|cheers|thanks|thank you|sincerely|"
    r"yours(?: \w+)?|"
    r"(?:mit )?(?:viele|beste|liebe|freundliche|herzliche)n? gr(?:ü|ue)(?:ß|ss)en?|vielen dank|danke|"
    r"cordialement|merci|bien à vous|"
    r"saludos|un saludo|(?:muchas )?gracias|atentamente|cordialmente|abraços?|atenciosamente|obrigad[oa]|"
    r"cordiali saluti|grazie|saluti|met vriendelijke groet(?:en)?|groet(?:en|jes)?|bedankt)\W{0,2}$",
    re.IGNORECASE,
)
_COMMON = """
i i'm i'll i've i'd ok pm am id pdf faq rsvp asap ps utc gmt cet cest est pst mr mrs ms miss mx dr prof sir madam
sie ihr ihre ihnen ihrem ihren
herr frau monsieur madame mademoiselle señor señora sr sra don doña signor signora dottore senhor senhora mevrouw
meneer all everyone everybody there team friend friends folks participant participants contestant contestants guest
guests student students parents parent member members colleague colleagues customer customers applicant candidate
regards best kind warm wishes thanks thank you cheers sincerely yes no maybe sms whatsapp email e-mail internet online
english german french spanish portuguese italian dutch a an the we our us you your please if this that these it in on
at for to and or as is are hello hi dear hey organisers organizers organiser organizer organising organizing committee
office reply stop subject re fwd eur usd gbp chf jpy inr brl euro euros
usted ustedes ud uds vous votre vos tous toutes tutti todos todas alle zusammen iedereen você sua suo suoi uw cher
chère cordialement cordialmente atentamente atenciosamente yours
"""
PLAIN = {
    "de": frozenset({"hier"}),
    "nl": frozenset({"hier"}),
    "it": frozenset({"le", "la", "lei", "sue", "loro"}),
}
"""Words of a language that say nothing, and would be a name or a day in another: "hier" is yesterday in French."""
COMMON_WORDS = frozenset(plain(word) for word in _COMMON.split())
COMMON = COMMON_WORDS | frozenset(MONTHS) | frozenset(WEEKDAYS)


def words(text: str) -> list[Found]:
    """Words of letters, with apostrophes and hyphens inside."""
    return [Found(match.start(), match.end(), match.group()) for match in _WORD.finditer(text)]


def known_words(text: str) -> frozenset[str]:
    """Every word of a text, and the parts of those with a hyphen or apostrophe, for comparing."""
    found = set()
    for word in _WORD.findall(text):
        found.add(plain(word))
        found.update(plain(part) for part in _PARTS.split(word))
    return frozenset(found)


def greeted(text: str) -> list[Found]:
    """The words in capitals (or all in lower case, "hi ben") that a text's first line greets."""
    start = len(text) - len(text.lstrip())
    first = text[start:].split("\n", 1)[0]
    match = _GREETING.match(first)
    if match is None:
        return []
    offset = start + match.start("name")
    name = match["name"]
    found = [Found(offset + word.start, offset + word.end, word.text) for word in words(name)]
    capital = [word for word in found if word.text[0].isupper()]
    return capital or (found if len(found) == 1 and first.rstrip().endswith((",", "!")) else [])


def signed(text: str) -> list[Found]:
    """The words in capitals under a closing such as “Best regards,”."""
    lines, start, closing = text.split("\n"), 0, False
    found: list[Found] = []
    for line in lines:
        if closing and line.strip():
            short = len(line.split()) <= 6
            found += [
                Found(start + w.start, start + w.end, w.text) for w in words(line) if short and w.text[0].isupper()
            ]
        closing = closing or bool(_CLOSING.match(line.strip()))
        start += len(line) + 1
    return found


def inside(text: str, all_words: Iterable[Found]) -> list[Found]:
    """Those of a text's words in capitals that begin no sentence, line or quote, and are not part of what does."""
    found = []
    for word in all_words:
        if not word.text[0].isupper() or len(word.text) < 2:
            continue
        before = text[: word.start].rstrip(" \t")
        if before and before[-1] not in ".!?:;\n•*-–—“”\"'’«»()[]>/¿¡…" and not before.endswith("\r"):
            found.append(word)
    return found


def all_capitals(text: str) -> bool:
    """Whether all longer words begin with a capital, as in a title."""
    longer = [word.text for word in words(text) if len(word.text) > 3]
    return len(longer) > 1 and all(word[0].isupper() for word in longer)
