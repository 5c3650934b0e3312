"""Instructions that would fit a sheet, made from its own column titles, in the language of the panel. For people; no
model is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PLUMBING = re.compile(
    r"\b(e-?mail|mail|phone|mobile|tel|whats ?app|address|name|surname|id|no|nr|number|bib|key|status|subject"
    r"|message|reply|confidence|flag|note|notes|comment|comments|language|adresse|telefon|handy|vorname|nachname"
    r"|nom|prénom|courriel|téléphone|portable|langue|nombre|apellidos?|correo|teléfono|móvil|idioma|sprache)\b",
    re.IGNORECASE,
)
"""Titles that say how to reach somebody, or that are ours: nothing to write a message about."""

WHEN = re.compile(
    r"\b(time|date|day|slot|start|appointment|deadline|due|\w*zeit|\w*datum|\w*termin|beginn|tag|frist"
    r"|heure|jour|rendez-vous|début|échéance|hora|fecha|día|cita|inicio|plazo)\b",
    re.IGNORECASE,
)
WHERE = re.compile(
    r"\b(room|place|venue|stage|location|table|seat|studio|hall|\w*raum|\w*ort|bühne|halle|platz|saal|zimmer"
    r"|salle|lieu|scène|place|sala|lugar|escenario|aula|asiento)\b",
    re.IGNORECASE,
)
OWED = re.compile(
    r"\b(fee|amount|price|balance|invoice|paid|payment|\w*betrag|preis|gebühr|rechnung|bezahlt|montant|prix|facture"
    r"|payé|importe|precio|cuota|factura|pagado)\b",
    re.IGNORECASE,
)

AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language; `{0}` and `{1}` are columns."""

    when: str
    both: str
    where: str
    owed: str
    other: str
    plain: str
    quoted: str = "{}"


WORDS: Mapping[str, Words] = {
    "en": Words(
        "Send each person their {0} and ask them to confirm",
        "Tell everyone their {0} and {1}, and ask whether they can make it",
        "Tell everyone their {0} and ask whether that suits them",
        "Remind each person kindly of their {0} and ask when they will pay",
        "Ask each person whether their {0} is still right",
        "Ask each person whether they can come, yes or no",
    ),
    "de": Words(
        "Schicke allen {0} und bitte um Bestätigung",
        "Nenne allen {0} und {1} und frage, ob das passt",
        "Nenne allen {0} und frage, ob das passt",
        "Erinnere alle freundlich an {0} und frage, wann sie bezahlen",
        "Frage alle, ob die Angabe {0} noch stimmt",
        "Frage alle, ob sie kommen können, ja oder nein",
        "„{}“",
    ),
    "es": Words(
        "Envía a cada persona {0} y pide que lo confirme",
        "Comunica a cada persona {0} y {1}, y pregunta si puede venir",
        "Comunica a cada persona {0} y pregunta si le va bien",
        "Recuerda con amabilidad a cada persona {0} y pregunta cuándo pagará",
        "Pregunta a cada persona si {0} sigue siendo correcto",
        "Pregunta a cada persona si puede venir, sí o no",
        "«{}»",
    ),
    "fr": Words(
        "Envoie à chaque personne son {0} et demande une confirmation",
        "Indique à chaque personne {0} et {1}, et demande si cela lui convient",
        "Indique à chaque personne {0} et demande si cela lui convient",
        "Rappelle gentiment {0} à chaque personne et demande quand elle paiera",
        "Demande à chaque personne si {0} est toujours exact",
        "Demande à chaque personne si elle peut venir, oui ou non",
        "« {} »",
    ),
}


def examples(titles: Sequence[str], language: str = "en") -> list[str]:
    """Up to three instructions in that language (English where we have no other), best first; always at least one."""
    words = WORDS.get(language.partition("-")[0].casefold(), WORDS["en"])
    topics = [title for title in titles if title and not PLUMBING.search(title) and not re.search(r"[{}]", title)]
    when = next((title for title in topics if WHEN.search(title)), "")
    where = next((title for title in topics if title != when and WHERE.search(title)), "")
    owed = next((title for title in topics if title not in {when, where} and OWED.search(title)), "")
    other = next((title for title in topics if title not in {when, where, owed}), "")
    made = []
    if when:
        made.append(_said(words, words.when, when))
    if when and where:
        made.append(_said(words, words.both, when, where))
    elif where:
        made.append(_said(words, words.where, where))
    if owed:
        made.append(_said(words, words.owed, owed))
    if other:
        made.append(_said(words, words.other, other))
    return made[:AT_MOST] or [words.plain]


def _said(words: Words, sentence: str, *titles: str) -> str:
    """English says a title in passing; elsewhere it is quoted, as its gender is not known."""
    if words is WORDS["en"]:
        return sentence.format(*map(_plain, titles))
    return sentence.format(*(words.quoted.format(title) for title in titles))


def _plain(title: str) -> str:
    """A title inside a sentence; a short word in capitals is an abbreviation and stays."""
    return title if title.isupper() and len(title) <= 4 else title.lower()
