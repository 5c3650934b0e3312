"""Typed answers: a choice, a number, a time or a date in the words of a reply, as the sheet wants them written."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.away_words import WEEKDAYS
from server.domain.table import fold
from server.llm.offline.columns import words
from server.llm.offline.tokens import Clause, Token, canonical, courtesy, tokenise
from server.llm.offline.vocabulary import unaccented


@dataclass(frozen=True, slots=True)
class Found:
    """A value read from a reply: how plainly it stands there, on which tokens, and a reason when it is in doubt."""

    value: str
    strength: float
    tokens: tuple[Token, ...]
    doubt: str = ""


_YES_VALUES = words(
    """agree agreed consent
    yes y confirmed confirm available coming attending accepted accept ok okay going present attend true
    ja zusage bestätigt dabei verfügbar kommt oui confirmé présent disponible sí si confirmado
    asiste sim sì tak ano да evet igen"""
)
_NO_VALUES = words(
    """no n declined decline unavailable absent rejected reject refused cancelled canceled cancel false
    nein absage abgesagt verhindert non refusé indisponible rechazado cancelado não nie ne нет hayır
    nem nej nei nee"""
)
_LATER_VALUES = (
    *("other time", "another time", "later", "reschedule", "other date", "another date", "different time", "other day"),
    *(
        "another day",
        "other slot",
        "another slot",
        "move",
        "change",
        "anderer termin",
        "andere zeit",
        "später",
        "autre",
    ),
    *("autre heure", "plus tard", "otro", "otra hora", "más tarde", "other"),
)


_PRONOUNS = words("i we ich wir je nous yo")


def yes_value(allowed: Sequence[str]) -> str:
    """The allowed value that means yes, "" when there is none."""
    return next((value for value in allowed if _first(value) in _YES_VALUES and not _negated(value)), "")


def no_value(allowed: Sequence[str]) -> str:
    """The allowed value that means no."""
    return next((value for value in allowed if _first(value) in _NO_VALUES or _negated(value)), "")


def later_value(allowed: Sequence[str]) -> str:
    """The allowed value that means another time."""
    return next((value for key in _LATER_VALUES for value in allowed if fold(value) == key), "")


def _first(value: str) -> str:
    """The first word behind a pronoun: the "agree" of `I agree`."""
    return next((word for word in re.findall(r"[^\W\d_]+", value.casefold()) if word not in _PRONOUNS), "")


def _negated(value: str) -> bool:
    """`Not available`, `Can't come`, `Nicht dabei`."""
    found = [word for word in value.casefold().replace("’", "'").split() if word not in _PRONOUNS]
    if found[:2] == ["do", "not"] or found[:1] in (["don't"], ["disagree"]):
        return True
    return (
        bool(found)
        and found[0] in {"not", "can't", "cannot", "cant", "won't", "nicht", "pas", "unable", "kann"}
        and (found[0] != "kann" or "nicht" in found)
    )


_SIZES = {
    "xs": ("extra small", "xsmall", "x-small"),
    "s": ("small", "klein", "petit", "pequeña", "pequeño"),
    "m": ("medium", "med", "mittel", "moyen", "mediana", "mediano"),
    "l": ("large", "groß", "grand", "grande"),
    "xl": ("extra large", "x large", "xlarge", "x-large"),
    "xxl": ("2xl", "extra extra large", "xx large", "xx-large", "double xl"),
    "xxxl": ("3xl", "triple xl"),
}


def choice(clauses: list[Clause], allowed: Sequence[str]) -> list[Found]:
    """Every allowed value that the reply names, each once: exactly, by a size's name, a beginning or a near typo."""
    tokens = [token for clause in clauses if not clause.signature for token in clause.tokens]
    polite = courtesy(tokens)
    tokens = [token for token in tokens if id(token) not in polite]
    forms = [
        (tuple(t.text for t in tokenise(form)), value, strength)
        for value in allowed
        for form, strength in _forms(value, allowed)
    ]
    forms.sort(key=lambda form: -len(form[0]))
    found: dict[str, Found] = {}
    index = 0
    while index < len(tokens):
        hit = next((form for form in forms if form[0] and _at(tokens, index, form[0])), None)
        if hit:
            found.setdefault(hit[1], Found(hit[1], hit[2], tuple(tokens[index : index + len(hit[0])])))
            index += len(hit[0])
            continue
        near = _near(tokens[index], allowed)
        if near:
            found.setdefault(near, Found(near, 0.86, (tokens[index],)))
        index += 1
    return list(found.values())


def _at(tokens: list[Token], index: int, form: tuple[str, ...]) -> bool:
    return tuple(token.text for token in tokens[index : index + len(form)]) == form


def _forms(value: str, allowed: Sequence[str]) -> list[tuple[str, float]]:
    """The ways to write an allowed value."""
    forms = [(value, 0.97)]
    forms += [(name, 0.93) for name in _SIZES.get(fold(value), ())]
    forms += [(name, 0.93) for name in _same_day(value, allowed)]
    size = next((size for size, names in _SIZES.items() if fold(value) in names), "")
    if size and not any(fold(other) == size for other in allowed):
        forms.append((size, 0.93))
    plain = canonical(value)
    if plain.isalpha() and len(plain) >= 5:
        shorts = {plain[:length] for length in (3, 4) if sum(fold(v).startswith(plain[:length]) for v in allowed) == 1}
        forms += [(short, 0.9) for short in shorts if plain.endswith("day") or short not in _COMMON]
        forms += [(plain + "s", 0.93)] if not plain.endswith("s") else [(plain[:-1], 0.9)]
    return forms


def _same_day(value: str, allowed: Sequence[str]) -> list[str]:
    """The names of a weekday in other languages, where the values are weekdays of one language."""
    number = _day(value)
    if number is None or any(fold(other) != fold(value) and _day(other) == number for other in allowed):
        return []
    return [name for name, day in WEEKDAYS.items() if day == number and len(name) > 3] + _WEEKDAYS_ACCENTED[number]


def _day(value: str) -> int | None:
    return WEEKDAYS.get(unaccented(fold(value)))


_WEEKDAYS_ACCENTED = [["lunedì"], ["martedì"], ["miércoles", "mercoledì"], ["giovedì"], ["venerdì"], ["sábado"], []]

_COMMON = frozenset(
    {"can", "not", "the", "have", "some", "for", "you", "but", "and", "will", "late", "from", "other", "one"}
)


def _near(token: Token, allowed: Sequence[str]) -> str:
    """The one allowed word that is a typo away."""
    if len(token.text) < 5 or not token.text.isalpha() or len(token.text) > 40:
        return ""
    scores = sorted(
        (
            (difflib.SequenceMatcher(None, token.text, fold(value)).ratio(), value)
            for value in allowed
            if len(value) >= 5
        ),
        reverse=True,
    )
    clear = bool(scores) and scores[0][0] >= 0.82 and (len(scores) == 1 or scores[0][0] - scores[1][0] >= 0.1)
    return scores[0][1] if clear else ""


_UNITS = (
    ("zero none null zéro cero aucun ninguno keine", 0),
    ("one eins ein une un uno una einen", 1),
    ("two zwei deux dos", 2),
    ("three drei trois tres", 3),
    ("four vier quatre cuatro", 4),
    ("five fünf cinq cinco", 5),
    ("six sechs seis", 6),
    ("seven sieben sept siete", 7),
    ("eight acht huit ocho", 8),
    ("nine neun neuf nueve", 9),
    ("ten zehn dix diez", 10),
    ("eleven elf onze once", 11),
    ("twelve zwölf douze doce", 12),
    ("nessuno nessuna nenhum nenhuma geen niemand", 0),
    ("um uma een één uno", 1),
    ("dois duas due twee", 2),
    ("tre drie três", 3),
    ("quatro quattro", 4),
    ("cinque vijf", 5),
    ("zes sei", 6),
    ("sete sette zeven", 7),
    ("oito otto", 8),
    ("nove negen", 9),
    ("dez dieci tien", 10),
)
NUMBER_WORDS = {word: value for text, value in _UNITS for word in text.split()}
_WEAK_NUMBERS = words(
    """one ein une un uno una einen none aucun ninguno keine once nessuno nessuna nenhum nenhuma geen niemand um uma een
    due sei tre"""
)
"""Words that are articles or something else as well: a number only as the whole answer."""

_AROUND = words(
    """or oder ou o to bis à about around circa ca approximately roughly etwa ungefähr environ unos least most plus max
    min more less of oppure uns unas umas une dizaine douzaine decina docena dúzia dozen dutzend dozijn stuk zo so zirka
    tipo pelos quasi almost fast bijna casi quase presque menos más mais moins meno più meer minder weniger mehr
    mindestens
    höchstens moins minstens hoogstens almeno máximo mínimo über under over nearly some up"""
)


def number(clauses: list[Clause]) -> Found | None:
    """The one number in the reply; with a doubt when there are several, or it is a range or an estimate."""
    tokens = [token for clause in clauses if not clause.signature for token in clause.tokens]
    content = [token for token in tokens if token.mark not in {"F", "S"}]
    hits = []
    for token in tokens:
        plain = re.fullmatch(r"\d{1,9}", token.text)
        if plain:
            hits.append((str(int(token.text)), token, ""))
        elif re.fullmatch(r"\d{1,6}[.,]\d{1,3}", token.text):
            decimal = token.text.replace(",", ".")
            vague = len(decimal.split(".")[1]) == 3 or "," in token.text
            hits.append((decimal, token, "the separator in the number can be read in two ways" if vague else ""))
        elif token.text in NUMBER_WORDS and (token.text not in _WEAK_NUMBERS or len(content) == 1):
            hits.append((str(NUMBER_WORDS[token.text]), token, ""))
        elif token.text[0].isdigit():
            hits.append(("", token, "the number is written in an unusual way"))
    if not hits:
        return None
    value, token, doubt = hits[0]
    if len({hit[0] for hit in hits}) > 1:
        return Found("", 0.5, tuple(hit[1] for hit in hits), "it names several numbers")
    if any(other.text in _AROUND or other.text in {"+", "~", "<", ">", "/"} for other in tokens):
        doubt = doubt or "the number is a range or an estimate"
    return Found(value, 0.95 if token.text.isdigit() else 0.92, (token,), doubt)


_MANY = 1000
_COUNTED = re.compile(
    r"\b(?:how many|wie ?viele|combien|cu[aá]nt[oa]s|quant[ie]|quant[oa]s|hoeveel|number of)\b", re.IGNORECASE
)


def number_doubt(found: Found, reply: str, question: str) -> str:
    """Why a number as it stands there may not be meant: a sign before it, or a thousand where heads are counted."""
    start = found.tokens[0].start
    if start and reply[start - 1] in "-−–+$€£¥#=@:<>~≈*/\\&^{[\"'_":
        return "the number has a sign before it"
    large = found.value.isdigit() and int(found.value) >= _MANY
    return "the number is unusually large" if large and _COUNTED.search(question[:4000]) else ""
