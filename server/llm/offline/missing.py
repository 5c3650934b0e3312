"""What an instruction wants each person told and no column holds. Precision before coverage: what may be known under
another name, stated by the instruction itself, or asked of the person is not called missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from server.domain.plan import Plan
from server.domain.table import Table, fold
from server.llm.offline import columns
from server.llm.offline.columns import words
from server.llm.offline.instruction import Act, Clause
from server.llm.offline.sharing import items_of

MOST, LONGEST = 5, 80

_THEIR = re.compile(r"(?:their|his or her|his/her|his|her)\s+(?:own\s+)?", re.IGNORECASE)
_EACH = re.compile(r"(?:(?:the|an?)\s+)?(?:individual|personal|respective|assigned|exact)\s+", re.IGNORECASE)
_WHICH = re.compile(
    r"(?:in |at |on |to )?(?:which|what)\s+((?:\w[\w-]*\s+){1,3}?)(?:they|he or she|he|she)\b", re.IGNORECASE
)
_BEHIND = re.compile(
    r"\s(?:on|for|at|in|by|from|with|to|and|so|because|as|when|if|that|which|via|per|before|after|until|again|too|also|"
    r"this|next|we|they|is|are)\b.*$",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\b(?:is|are|was|were|will|would|has|have|had|can|could|must|should|may|might|do|does|did|starts?|begins?|ends?|"
    r"opens?|closes?|costs?|takes?|needs?|changed|moved|comes?|goes)\b|[\d{}“”\"@]|https?:",
    re.IGNORECASE,
)
"""A verb or a figure: the instruction states something, and does not name a column."""

_SAME = tuple(
    words(line)
    for line in (
        "phone mobile cell cellphone telephone tel whatsapp sms telefon handy mobil nummer téléphone móvil teléfono",
        "mail email e-mail courriel correo address adresse dirección",
        "name first last full vorname nachname nom prénom nombre apellido person participant guest customer client",
        "time hour start starting begin when slot schedule timetable uhrzeit zeit heure horaire hora horario",
        "date day when deadline due datum tag jour fecha día termin",
        "fee price quote cost amount total sum balance due payment charge rate preis betrag gebühr prix montant",
        "place location venue room hall address where site building ort raum lieu salle lugar sala",
        "number no nr num id code reference ref nummer numéro número",
        "group team class section category squad gruppe klasse équipe groupe grupo equipo",
        "seat place table row platz tisch place mesa asiento",
        "note comment remark notiz bemerkung remarque nota",
        "teacher tutor trainer coach instructor mentor guide advisor supervisor lehrer",
        "status state result outcome",
        "score grade mark points result note punkte",
    )
)
"""Words under which a sheet may hold the same thing: with one of them in a title, nothing is called missing."""

_NO_COLUMN = words(
    """appointment booking reservation registration application order request enrolment enrollment membership
    subscription invitation participation attendance meeting interview visit session lesson flight trip journey stay
    purchase delivery donation contribution help support interest patience cooperation feedback understanding work
    effort answer reply response message mail email text reminder confirmation question commitment promise rights
    invoice certificate ticket badge receipt contract report form newsletter document file attachment letter statement
    voucher agenda programme program brochure link event race match game concert party wedding workshop training exam
    test talk presentation
    performance situation case plan option choice right need wish preference availability opinion thought experience
    up checkup chance luck colleague family friend partner child son daughter parent boss guest user customer
    belonging bag luggage thing stuff item device laptop passport card document copy
    termin anmeldung bestellung teilnahme buchung rechnung antwort hilfe unterstützung einladung veranstaltung
    rückmeldung kind kinder verfügbarkeit interesse geduld
    inscription commande participation réservation facture réponse aide invitation présence disponibilité enfant
    rendez patience intérêt
    cita reserva inscripción participación pedido factura respuesta ayuda invitación asistencia disponibilidad hijo
    equipo     paciencia interés"""
)
"""What people have without a column for it: a row is about it, a file holds it, or a text speaks of it."""

_FOREIGN = {
    "de": re.compile(
        r"\b(?:[Ss]eine[nrm]?|[Ss]ein|[Ii]hre[nrm]?|[Ii]hr)\s+(?:(?:individuell|persönlich|eigen|jeweilig|genau)\w*\s+)?"
        r"([A-ZÄÖÜ][\w-]*)"
    ),
    "fr": re.compile(
        r"\b(?:leurs?|son|sa|ses)\s+(?!(?:dire|envoyer|rappeler|demander|écrire|donner|indiquer|communiquer|transmettre|"
        r"faire|part)\b)([\w-]+(?:\s+(?:de|du|d['’])\s*[\w-]+)?)",
        re.IGNORECASE,
    ),
    "es": re.compile(r"\bsus?\s+([\w-]+(?:\s+(?:de|del)\s+(?!cada|todos)[\w-]+)?)", re.IGNORECASE),
}


def missing(acts: Sequence[Clause], language: str, table: Table, plan: Plan) -> tuple[str, ...]:
    """The things, in the instruction's words, that a text would have to tell and no column is called."""
    titles = [column.title for column in table.columns if column.title]
    answers = [column.name for column in plan.answer_columns]
    shares = [clause for clause in acts if clause.act is Act.SHARE]
    found = [
        thing
        for clause in shares
        for thing in (_told(clause, titles) if language == "en" else _foreign(clause, language, titles))
    ]
    head = 0 if language in {"fr", "es"} else -1
    lost = [thing[:LONGEST] for thing in found if not _known(thing, head, titles, answers)]
    return tuple({fold(thing): thing for thing in lost}.values())[:MOST]


def _told(clause: Clause, titles: Sequence[str]) -> Iterable[str]:
    """What the clause wants told of the person: a list that begins with “their ...”, or “which room they are in”."""
    if match := _WHICH.match(clause.words):
        yield match.group(1).strip()
        return
    if clause.reminder and not columns.mentioned(clause.words, titles):
        return  # “their check-up”: the row itself is what they are reminded of
    pieces = [piece.strip(" ,.;:") for piece in items_of(clause.words, titles)]
    leads = [_THEIR.match(piece) or _EACH.match(piece) for piece in pieces]
    bare = [piece[lead.end() :] if lead else piece for piece, lead in zip(pieces, leads, strict=True)]
    plain = _ENDS.search(clause.words) and not any(
        _LED.match(one) for one, lead in zip(bare, leads, strict=True) if not lead
    )
    first = next((at for at, lead in enumerate(leads) if lead), len(pieces))
    for piece in pieces:
        of = _OF_THEIR.match(piece)
        if of and not _known(of.group(1), -1, titles, ()) and not _SAYS.search(of.group(2)):
            yield _BEHIND.sub("", of.group(2)).strip()
    for one, lead in list(zip(bare, leads, strict=True))[first:]:
        noun = _EACH.sub("", _BEHIND.sub("", one).strip(), count=1)
        if (lead or plain) and not _SAYS.search(_WHY.split(one)[0]) and 0 < len(noun.split()) <= 4:
            yield noun


_WHY = re.compile(r"\s(?:so|because|as|when|if|before|after|until)\s", re.IGNORECASE)
_OF_THEIR = re.compile(
    r"the\s+(\w[\w-]*(?:\s\w[\w-]*)?)\s+of\s+(?:their|his or her|his|her)\s+(.{1,60})$", re.IGNORECASE
)
"""“the amount of their co-payment”: a column may be called either; “the name of their teacher” says nothing more."""
_ENDS = re.compile(r"\s(?:and|&|as well as)\s+[^,;]+$", re.IGNORECASE)
"""“their A, B and C”: how a list of things of theirs ends, where each has no “their” of its own."""
_LED = re.compile(
    r"(?:the|a|an|our|your|my|this|these|all|some|any|more|not|please|thank|ask|let|tell|how|what|which|when|why|whom?|"
    r"where|be|sign|\w+ly|short|brief|formal|informal|warm|casual|professional|polite|kind|serious|funny|in|with|wish|"
    r"keep|make|then|to|of)\b"
    r"|.*\b(?:them|us|me|you|it|our|your|my)\b",
    re.IGNORECASE,
)
"""In a list behind “their ...” a thing of its own or a tone, no further thing of theirs."""


def _foreign(clause: Clause, language: str, titles: Sequence[str]) -> Iterable[str]:
    """Possessives with their noun, where the sheet's titles are plainly in the instruction's language."""
    if language in _FOREIGN and columns.mentioned(clause.words, titles) and not _SAYS_FIGURES.search(clause.words):
        yield from (match.group(1) for match in _FOREIGN[language].finditer(clause.words))


_SAYS_FIGURES = re.compile(r"[\d{}@]")


_GENERIC = frozenset({"number", "no", "nr", "name", "address", "numéro", "número", "adresse"})
"""Words that add nothing to another: a phone number is a phone."""


def _known(thing: str, head: int, titles: Sequence[str], answers: Sequence[str]) -> bool:
    """Whether a column may hold it, people are asked for it, or it is no value. `head` is its main word's place."""
    parts = re.split(r"['’]s\s", thing)
    thing = parts[0] if set(columns.content(parts[-1])) <= _GENERIC else parts[-1]
    said = columns.content(thing)
    if not said or set(said) & columns.DETAILS or said[head] in _NO_COLUMN:
        return True
    if columns.mentioned(thing, [*titles, *answers]):
        return True
    held = {word for title in titles for word in (*columns.content(title), *re.findall(r"\w+", title.casefold()))}
    telling = [word for word in said if word not in _GENERIC]
    return all(_near(word, held) for word in telling)


def _near(word: str, held: set[str]) -> bool:
    """Whether a title may mean it: the word, one that holds it (Zimmernummer, Zimmer), another one for the same."""
    return any(_part(word, other) for other in held) or any(word in group and group & held for group in _SAME)


def _part(one: str, other: str) -> bool:
    """One word within the other: Zimmernummer, Zimmer."""
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= 4 and (long.startswith(short) or long.endswith(short)))
