"""When an instruction wants those reminded who did not answer: after how many days."""

from __future__ import annotations

import re

_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "a an one ein einem einer eine un une un uno una",
            "two zwei deux dos due dois duas twee",
            "three drei trois tres tre três drie",
            "four vier quatre cuatro quattro quatro",
            "five fünf cinq cinco cinque vijf",
            "six sechs seis sei zes",
            "seven sieben sept siete sette sete zeven",
            "eight acht huit ocho otto oito",
            "nine neun neuf nueve nove negen",
            "ten zehn dix diez dieci dez tien",
        ),
        1,
    )
    for word in words.split()
}
_WORDS = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_DAY = r"(?:days?|tag(?:e|en)?|jours?|d[ií]as?|giorn[oi]|dagen|dag)"
_WEEK = r"(?:weeks?|wochen?|semaines?|semanas?|settiman[ae]|weken|week)"
_SPAN = rf"(?P<many>\d{{1,3}}|{_WORDS})\s+(?P<unit>{_DAY}|{_WEEK})\b"
_IN = r"(?:in|within|binnen|dans|en|fra|tra|em)"
_AFTER = r"(?:after|nach|apr[eè]s|au bout de|despu[eé]s de|tras|dopo|ap[oó]s|depois de|na)"
_REMIND = (
    r"\b(?:remind|remind them|reminding|reminder|follow up|nudge|chase|ask again|write again|erinner\w*|nachfassen|"
    r"nachhaken|relance\w*(?:-(?:les?|la))?|rappel\w*|recu[eé]rd\w*|recordatorio|recordar\w*|sollecit\w*|lembr\w*|herinner\w*)\b"
)
_SILENT = (
    r"(?:(?:no|not|n['’]t|without|nobody|never|keine?n?|nicht|ohne|pas|sans|aucune|no|sin|nessun\w*|senza|n[aã]o|sem|"
    r"niet|geen|zonder)\b[^.;!?]{0,25}\b(?:answer\w*|repl\w+|respon\w+|heard|antwort\w*|geantwortet|melde\w*|"
    r"gemeldet|r[eé]pon\w*|contest\w*|respuesta|rispo\w*|antwoord\w*|geantwoord|reage\w+))"
)
_WHOM = (
    r"(?:\s+(?:them|him|her|him or her|people|everyone|everybody|all|each|those|once|again|gently|sie|alle|diese|sich|"
    r"les|leur|les gens|a|todos|tutti|todos|ze|hen|iedereen|one time|more|politely|daran|noch|einmal))*,?"
)
_ASKED = (
    re.compile(rf"{_REMIND}(?:{_WHOM}|[^.;!?]{{0,40}}?{_SILENT}[^.;!?]{{0,25}}?)\s+(?:{_AFTER}|{_IN})\s+{_SPAN}", re.I),
    re.compile(
        rf"{_REMIND}(?:{_WHOM}|[^.;!?]{{0,40}}?{_SILENT}[^.;!?]{{0,25}}?)\s+{_SPAN}\s+(?:later|sp[aä]ter|plus tard)",
        re.I,
    ),
    re.compile(rf"\b{_AFTER}\s+{_SPAN}[^.;!?]{{0,60}}?{_REMIND}", re.I),
    re.compile(rf"{_SILENT}\s+(?:{_AFTER}|{_IN}|for|seit|depuis)\s+{_SPAN}[^.;!?]{{0,40}}?{_REMIND}", re.I),
    re.compile(rf"\bwait\s+{_SPAN}[^.;!?]{{0,40}}?{_REMIND}", re.I),
)
_CONDITION = re.compile(rf"(?:if|when|wenn|falls|si|se|als|for)\b[^.;!?]{{0,30}}{_SILENT}[^.;!?,]{{0,20}}\s*$", re.I)
_REMINDS = re.compile(rf"{_REMIND}|\bricord\w*", re.I)
LONGEST = 365


def days(instruction: str) -> int:
    """After how many days a reminder is asked for; 0 when none is, or it is not plain when."""
    for pattern in _ASKED:
        if match := pattern.search(instruction):
            return _days(match["many"], match["unit"])
    return 0


def _days(many: str, unit: str) -> int:
    count = int(many) if many.isdigit() else _NUMBERS[many.casefold()]
    found = count * 7 if re.fullmatch(_WEEK, unit, re.I) else count
    return found if found <= LONGEST else 0


def is_only_that(part: str) -> bool:
    """Whether a part of an instruction says nothing but that, or after what silence, people are to be reminded."""
    return bool(days(part) or _CONDITION.match(part.strip(" ,")))


def may_mean(instruction: str, wanted: int) -> bool:
    """Whether an instruction that speaks of reminding may ask for it after so many days."""
    if not _REMINDS.search(instruction):
        return False
    told = {
        int(word) if word.isdigit() else _NUMBERS.get(word, 0) for word in re.findall(r"\w+", instruction.casefold())
    }
    week = bool(re.search(rf"\b{_WEEK}\b", instruction, re.I))
    return wanted in told or (week and wanted % 7 == 0 and (wanted == 7 or wanted // 7 in told))
