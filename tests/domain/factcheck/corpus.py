"""Good drafts as models write them, and ways to spoil them: seeded, so that a figure can be measured again."""

# ruff: noqa: E501 - drafts stand here as they are written

from __future__ import annotations

import datetime
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass


def listed(words: str) -> list[str]:
    """The words of a text."""
    return words.split()


FIRST = listed(
    "Ana Ben Chiara Dmitri Elif Femi Greta Hana Igor Jonas Kwame Léa Mei Noor Olga Pilar Quinn Rosa Sven Tariq Uma "
    "Viktor Wanda Ximena Yusuf Zoë Łukasz Søren François Björn Aoife Siobhán"
)
LAST = listed(
    "Silva Okafor Rossi Petrov Kaya Adeyemi Lund Sato Novak Weber Mensah Dubois Chen Haddad Ivanova García O'Brien "
    "Müller Jensen Khan Patel Horvath Nowak López Yılmaz Fernández Sørensen D'Angelo van-Dijk Núñez"
)
PLACES = ("Main Hall", "Studio B", "Room 12", "Blue Room", "Stage 3", "Saal 2", "Aula Magna", "North Wing", "B14")
ACTS = ("Aerial silk", "Stand-up", "Opera", "Beatbox", "Cello", "Magic", "Tap dance", "Poetry")
MONTHS = {
    "en": listed("January February March April May June July August September October November December"),
    "de": listed("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
    "fr": listed("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    "es": listed("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    "pt": listed("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"),
    "it": listed("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
    "nl": listed("januari februari maart april mei juni juli augustus september oktober november december"),
}
DAYS = {
    "en": listed("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    "de": listed("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"),
    "fr": listed("lundi mardi mercredi jeudi vendredi samedi dimanche"),
    "es": listed("lunes martes miércoles jueves viernes sábado domingo"),
    "pt": listed("segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo"),
    "it": listed("lunedì martedì mercoledì giovedì venerdì sabato domenica"),
    "nl": listed("maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"),
}
TODAY = datetime.date(2026, 11, 21)

INSTRUCTIONS = {
    "en": "Send each contestant their start time, date, place and fee and ask them to confirm. Sign as the Race Office.",
    "de": "Teile allen Startzeit, Datum, Ort und Gebühr mit und bitte um Bestätigung. Unterschrift: das Rennbüro.",
    "fr": "Envoie à chacun son heure, la date, le lieu et les frais et demande de confirmer. Signe : le Bureau.",
    "es": "Envía a cada uno su hora, la fecha, el lugar y la cuota y pide que confirme. Firma: la Oficina.",
    "pt": "Envie a cada um a hora, a data, o local e a taxa e peça que confirme. Assine: a Secretaria.",
    "it": "Invia a ciascuno ora, data, luogo e quota e chiedi conferma. Firma: la Segreteria.",
    "nl": "Stuur iedereen tijd, datum, plaats en kosten en vraag om bevestiging. Onderteken: het Kantoor.",
}

TEXTS: dict[str, tuple[str, ...]] = {
    "en": (
        "Hi {first},\n\nYour {act} performance starts at {time} on {date} in {place}. The fee is {fee}.\n\n"
        "Could you please confirm that you'll be there?\n\nBest regards,\nThe Race Office",
        "Dear {name},\n\nWe're delighted to have you with us! Your start time is {time}, and you'll be in {place} on "
        "{day}, {date}. Please bring the fee of {fee}. Details are at {link}.\n\nCan you make it?\n\nMany thanks,\nRace Office",
        "Hello {first}! Just a quick note: you're up at {time} in {place} ({date}). Are you available? If anything is "
        "unclear, call us on {phone}.\n\nThanks!",
        "{first}, your slot for {act} is {date} at {time}, {place}. Fee: {fee}. Reply Yes or No, please.",
        "Good morning {first},\n\nHere are your details:\n\n- Time: {time}\n- Date: {date}\n- Place: {place}\n- Fee: {fee}\n\n"
        "Please let us know by reply whether this works for you. We look forward to seeing you!\n\nKind Regards,\nThe Race Office",
        "Hi {first},\n\nIt's almost time! On {day} you'll perform {act} at {time}. Doors are open to everyone with your "
        "ticket code {code}. Will you come?\n\nCheers",
        "Dear {first}, this is to let you know that you start at {time}. If you can't come, tell us. PS: the fee of {fee} "
        "is due on the day. More: {link}.",
    ),
    "de": (
        "Hallo {first},\n\ndein Auftritt ({act}) beginnt am {date} um {time} im Raum {place}. Die Gebühr beträgt {fee}.\n\n"
        "Kannst du bitte kurz bestätigen, dass du dabei bist?\n\nViele Grüße\nDas Rennbüro",
        "Liebe/r {first}, wir freuen uns auf dich! Start: {time}, Ort: {place}, am {day}, den {date}. Bitte bring die "
        "Gebühr von {fee} mit. Alle Angaben stehen auf {link}. Passt das?\n\nHerzliche Grüße\nRennbüro",
        "Guten Tag {name},\n\nIhre Startzeit ist {time} am {date}. Ihr Code lautet {code}. Bei Fragen erreichen Sie uns unter {phone}.\n\n"
        "Mit freundlichen Grüßen\nDas Rennbüro",
    ),
    "fr": (
        "Bonjour {first},\n\nVotre passage ({act}) est prévu le {date} à {time}, lieu : {place}. Les frais sont de {fee}.\n\n"
        "Pouvez-vous confirmer votre présence ?\n\nCordialement,\nLe Bureau",
        "Salut {first} ! Tu passes {day} {date} à {time} ({place}). Tout est sur {link}. Tu peux venir ?\n\nMerci",
    ),
    "es": (
        "Hola {first}:\n\nTu actuación ({act}) empieza el {date} a las {time} en {place}. La cuota es de {fee}.\n\n"
        "¿Puedes confirmar tu asistencia?\n\nUn saludo,\nLa Oficina",
        "Estimado/a {name}: le esperamos el {day} {date} a las {time}. Su código es {code}. Si no puede venir, "
        "llámenos al {phone}. Gracias.",
    ),
    "pt": (
        "Olá {first},\n\nA sua apresentação ({act}) começa em {date} às {time}, em {place}. A taxa é de {fee}.\n\n"
        "Pode confirmar a sua presença?\n\nObrigado,\nA Secretaria",
    ),
    "it": (
        "Ciao {first},\n\nla tua esibizione ({act}) inizia il {date} alle {time}, in {place}. La quota è di {fee}. "
        "Trovi tutto su {link}.\n\nPuoi confermare?\n\nGrazie,\nLa Segreteria",
    ),
    "nl": (
        "Beste {first},\n\nJe optreden ({act}) begint op {date} om {time} in {place}. De kosten zijn {fee}.\n\n"
        "Kun je bevestigen dat je er bent?\n\nMet vriendelijke groet,\nHet Kantoor",
    ),
}


@dataclass(frozen=True)
class Case:
    """A draft with what it may rest on; `spoiled` says what was done to it, "" for a good one, and `others` are the
    other rows' names."""

    language: str
    record: Mapping[str, str]
    instruction: str
    text: str
    others: tuple[str, ...]
    spoiled: str = ""


@dataclass(frozen=True)
class Person:
    """One row's facts."""

    first: str
    name: str
    act: str
    at: datetime.time
    on: datetime.date
    place: str
    fee: int
    link: str
    phone: str
    code: str


def people(rng: random.Random, count: int) -> list[Person]:
    """People of one sheet, each with facts of their own."""
    found = []
    for first in rng.sample(FIRST, count):
        number = "".join(rng.choice("0123456789") for _ in range(6))
        found.append(
            Person(
                first=first,
                name=f"{first} {rng.choice(LAST)}",
                act=rng.choice(ACTS),
                at=datetime.time(rng.randrange(7, 22), rng.choice([0, 5, 10, 15, 20, 30, 40, 45, 50])),
                on=TODAY + datetime.timedelta(days=rng.randrange(3, 300)),
                place=rng.choice(PLACES),
                fee=rng.choice([5, 12, 15, 20, 25, 30, 45, 60, 75, 120, 1250]),
                link=f"https://race.example.org/{first.lower()}-{rng.randrange(100, 999)}",
                phone=f"+4479{number[:2]}{number}",
                code=f"{rng.choice('ABCDEFGH')}{rng.choice('JKLM')}-{rng.randrange(100, 999)}",
            )
        )
    return found


def record_of(person: Person, rng: random.Random) -> dict[str, str]:
    """The row as its sheet shows it, in one of many formats."""
    at, on = person.at, person.on
    times = [f"{at:%H:%M}", f"{at.hour % 12 or 12}:{at:%M} {at:%p}", f"{at.hour}:{at:%M}", f"{at:%H:%M:%S}"]
    month = MONTHS["en"][on.month - 1]
    dates = [on.isoformat(), f"{on.day} {month} {on.year}", f"{month[:3]} {on.day}, {on.year}", f"{on:%d.%m.%Y}"]
    dates += [f"{on:%d/%m/%Y}", f"{on.day} {month[:3]}"]
    fees = [f"€{person.fee:.2f}", f"{person.fee} EUR", f"{person.fee},00 €", f"EUR {person.fee}", str(person.fee)]
    return {
        "Name": person.name,
        "Act": person.act,
        "Start time": rng.choice(times),
        "Date": rng.choice(dates),
        "Place": person.place,
        "Fee": rng.choice(fees),
        "Link": person.link,
        "Phone of the office": rng.choice([person.phone, f"{person.phone[:3]} {person.phone[3:7]} {person.phone[7:]}"]),
        "Code": person.code,
    }


def told(person: Person, language: str, rng: random.Random) -> dict[str, str]:
    """The same facts as a model words them in a language."""
    at, on = person.at, person.on
    month = MONTHS[language][on.month - 1]
    times = [f"{at:%H:%M}", f"{at.hour}:{at:%M}"]
    if language == "en":
        times += [f"{at.hour % 12 or 12}:{at:%M} {at:%p}", f"{at.hour % 12 or 12}:{at:%M}{at:%p}".lower()]
        times += [f"{at.hour % 12 or 12} {at:%p}".lower()] if at.minute == 0 else []
        dates = [f"{on.day} {month}", f"{month} {on.day}", f"{on.day} {month} {on.year}", f"{month} {_nth(on.day)}"]
    elif language == "de":
        times += [f"{at.hour}:{at:%M} Uhr", f"{at:%H.%M} Uhr"]
        dates = [f"{on.day}. {month}", f"{on.day}. {month} {on.year}", f"{on:%d.%m.%Y}"]
    else:
        times += [f"{at.hour}h{at:%M}"] if language in {"fr", "pt"} else []
        of = " de " if language in {"es", "pt"} else " "
        dates = [f"{on.day}{of}{month}", f"{on.day}{of}{month}{of}{on.year}", f"{on:%d/%m/%Y}"]
    fees = [f"{person.fee} €", f"€{person.fee}", f"{person.fee} EUR", f"{person.fee} euros"]
    fees += [f"{person.fee:,} €" if language == "en" else f"{person.fee:,} €".replace(",", ".")]
    return {
        "first": person.first,
        "name": person.name,
        "act": rng.choice([person.act, person.act.lower()]),
        "time": rng.choice(times),
        "date": rng.choice(dates),
        "day": DAYS[language][on.weekday()],
        "place": person.place,
        "fee": rng.choice(fees),
        "link": rng.choice([person.link, person.link.removeprefix("https://")]),
        "phone": rng.choice([person.phone, f"{person.phone[:3]} {person.phone[3:7]} {person.phone[7:]}"]),
        "code": person.code,
    }


def _nth(day: int) -> str:
    ending = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def good(rng: random.Random) -> tuple[Case, Person, list[Person], str, dict[str, str]]:
    """An untouched draft, and what it was made from."""
    sheet = people(rng, 12)
    person = sheet[0]
    language = rng.choices(list(TEXTS), [len(texts) for texts in TEXTS.values()])[0]
    template = rng.choice(TEXTS[language])
    words = told(person, language, rng)
    record = record_of(person, rng)
    others = tuple(other.name for other in sheet[1:])
    return (
        Case(language, record, INSTRUCTIONS[language], template.format(**words), others),
        person,
        sheet,
        template,
        words,
    )


def _digit(rng: random.Random, words: dict[str, str], template: str, sheet: list[Person]) -> dict[str, str]:
    """One digit of a fact is another one."""
    slots = [slot for slot in words if f"{{{slot}}}" in template and re.search(r"\d", words[slot])]
    slot = rng.choice([one for one in slots if one not in {"place", "act"}] or slots)
    places = [match.start() for match in re.finditer(r"\d", words[slot])]
    at = rng.choice(places)
    other = rng.choice([digit for digit in "123456789" if digit != words[slot][at]])
    return {**words, slot: words[slot][:at] + other + words[slot][at + 1 :]}


def _others(rng: random.Random, words: dict[str, str], template: str, sheet: list[Person]) -> dict[str, str]:
    """A time, date, fee, link or code of another row."""
    slots = [slot for slot in ("time", "date", "fee", "code", "link") if f"{{{slot}}}" in template]
    slot = rng.choice(slots)
    fact = {"time": "at", "date": "on"}.get(slot, slot)
    own = getattr(sheet[0], fact)
    others = [one for one in sheet[1:] if getattr(one, fact) != own and not _alike(getattr(one, fact), own)]
    return {**words, slot: told(rng.choice(others), "en", rng)[slot]}


def _alike(other: object, own: object) -> bool:
    """The same day of another year may be told without its year."""
    return (
        isinstance(other, datetime.date)
        and isinstance(own, datetime.date)
        and other.timetuple()[1:3] == own.timetuple()[1:3]
    )


def _name(rng: random.Random, words: dict[str, str], template: str, sheet: list[Person]) -> dict[str, str]:
    """Another row's name."""
    other = rng.choice(sheet[1:])
    slot = "name" if "{name}" in template else "first"
    return {**words, slot: other.name if slot == "name" else other.first}


INVENTED = {
    "en": (
        "There is a late fee of $15.",
        "The prize is 500 euros.",
        "Ask for Maria at the desk.",
        "See www.arts.example.",
    ),
    "de": ("Es gibt eine Verspätungsgebühr von 15 €.", "Der Preis beträgt 500 Euro.", "Mehr auf www.kunst.example."),
    "fr": ("Des frais de retard de 15 € s'appliquent.", "Le prix est de 500 euros.", "Demandez Maria à l'accueil."),
    "es": ("Hay un recargo de 15 €.", "El premio es de 500 euros.", "Pregunta por Maria en recepción."),
    "pt": ("Há uma multa de 15 €.", "O prémio é de 500 euros."),
    "it": ("C'è una penale di 15 €.", "Il premio è di 500 euro."),
    "nl": ("Er is een boete van 15 €.", "De prijs is 500 euro."),
}
Spoil = Callable[[random.Random, dict[str, str], str, list[Person]], dict[str, str]]
SPOILS: dict[str, Spoil] = {"a digit": _digit, "another row's fact": _others, "another name": _name}


def cases(seed: int, count: int) -> Iterator[tuple[Case, Case]]:
    """(a good draft, a spoiled one of the same kind), so many of each."""
    rng = random.Random(seed)
    made = 0
    while made < count:
        case, _person, sheet, template, words = good(rng)
        how = rng.choice([*SPOILS, "an invented fact"])
        if how == "an invented fact":
            head, _, tail = case.text.rpartition("\n\n")
            extra = rng.choice(INVENTED[case.language])
            text = f"{head} {extra}\n\n{tail}" if head else f"{tail} {extra}"
            if any(str(number) in extra for number in (15, 500)) and _says(case, extra):
                continue
        else:
            text = template.format(**SPOILS[how](rng, dict(words), template, sheet))
        if not _differs(case.text, text):
            continue
        made += 1
        yield case, Case(case.language, case.record, case.instruction, text, case.others, how)


def _says(case: Case, extra: str) -> bool:
    """Whether an invented amount happens to be the row's own."""
    return any(re.search(rf"\b{number}\b", case.record["Fee"]) for number in (15, 500) if str(number) in extra)


def _differs(before: str, after: str) -> bool:
    """Whether something else is said: `9:00` and `09:00` are the same."""
    plain = [re.sub(r"\b0(\d)", r"\1", text).casefold() for text in (before, after)]
    return plain[0] != plain[1]
