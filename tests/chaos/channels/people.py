"""Who stands in the sheets: how their cells are written, what is odd about them, and how they will answer."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from tests.emulators.providers import Providers

TITLES = ("Bib", "Name", "Email", "Phone", "Channel", "Start time")
DOMAIN = "people.example.org"
EMAIL, WHATSAPP, SMS, VOICE = "email", "whatsapp", "sms", "voice"

WISHES = ("email", "WhatsApp", "SMS", "call", "email", "", "WhatsApp", "Text message", "email", "SMS")
"""What ordinary rows name, in turn; an empty cell leaves it to the order of the plan."""
NAMED = {"email": EMAIL, "WhatsApp": WHATSAPP, "Text message": SMS, "SMS": SMS, "call": VOICE}

ANSWERS: Mapping[str, Mapping[str, int]] = {
    EMAIL: {"yes": 30, "no": 18, "unlinked": 6, "elsewhere": 7, "question": 5, "away": 8, "stop": 5,
            "unsubscribe": 4, "bounce": 5, "silent": 12},
    SMS: {"digit yes": 28, "digit no": 16, "yes": 14, "no": 8, "question": 5, "stop": 8, "silent": 21},
    WHATSAPP: {"press yes": 24, "press no": 14, "bare press": 12, "quoted yes": 10, "yes": 12, "no": 6, "stop": 5,
               "silent": 17},
    VOICE: {"key yes": 44, "key no": 24, "machine": 8, "busy": 6, "no-answer": 6, "silent": 12},
}  # fmt: skip
"""How people answer on a channel, and how often: see `answers.py`."""

NOBODY = ("rounded number", "mistyped mail", "two mails", "no such channel")
"""Rows that can't be written to at all: their Status is `No address`."""
ELSEWHERE = ("landline", "not on WhatsApp", "not on WhatsApp either")
"""Rows that are reached on the next channel of the plan."""
STOPPED = ("stopped before", "stopped at the carrier")
"""Rows that must get nothing: they asked us, or only their carrier knows."""
LOST = ("unregistered", "unreachable")
"""Rows whose SMS the carrier does not deliver."""
HARD = (*NOBODY, *ELSEWHERE, *STOPPED, *LOST, "no mail, no wish")


@dataclass(frozen=True)
class Person:
    """One row. `number` and `mail` are the clean addresses, the cells are as somebody typed them."""

    bib: str
    kind: str
    wish: str
    mail: str
    number: str
    mail_cell: object
    phone_cell: object
    approved: bool

    @property
    def name(self) -> str:
        """As in the sheet; it holds the bib."""
        return f"Person {self.bib}"

    @property
    def cells(self) -> tuple[object, ...]:
        """The row as it is typed."""
        start = f"{9 + int(self.bib[1:]) // 60 % 10:02d}:{int(self.bib[1:]) % 60:02d}"
        return (self.bib, self.name, self.mail_cell, self.phone_cell, self.wish or None, start)

    def answer(self, seed: str, channel: str) -> str:
        """How they answer there: the same in every storm of this seed."""
        kinds = ANSWERS[channel]
        return random.Random(f"{seed}-{self.bib}-{channel}").choices(list(kinds), list(kinds.values()))[0]


def people(letter: str, count: int, first: int, seed: str) -> list[Person]:
    """So many people, the hard rows among them; `first` is the number of the first phone."""
    chance = random.Random(f"{seed}-{letter}")
    hard = chance.sample(HARD, min(len(HARD), count // 4))
    rows = [(kind, "") for kind in hard] + [("plain", WISHES[n % len(WISHES)]) for n in range(count - len(hard))]
    chance.shuffle(rows)
    return [_person(f"{letter}{n:04d}", kind, wish, first + n, chance) for n, (kind, wish) in enumerate(rows)]


def _person(bib: str, kind: str, wish: str, index: int, chance: random.Random) -> Person:
    number, mail = f"+4479009{index:05d}", f"{bib.lower()}@{DOMAIN}"
    phone_cell, mail_cell = _phone(number, chance), _mail(mail, bib, chance)
    if kind in ("landline", "stopped before", "stopped at the carrier", *LOST):
        wish = "SMS"
    if kind == "rounded number":
        wish, phone_cell = "SMS", "4.479E+11"
    if kind == "mistyped mail":
        wish, mail_cell = "email", f"{bib.lower()}@gmail.con"
    if kind == "two mails":
        wish, mail_cell = "email", f"{mail}, {bib.lower()}.home@{DOMAIN}"
    if kind == "no such channel":
        wish = "pigeon"
    if kind.startswith("not on WhatsApp"):
        wish = "WhatsApp"
    if kind == "no mail, no wish":
        wish, mail_cell = "", None
    approved = kind != "plain" or chance.random() > 0.05
    return Person(bib, kind, wish, mail, number, mail_cell, phone_cell, approved)


def _phone(number: str, chance: random.Random) -> object:
    """Odd, but it can only be that one number."""
    local = number.removeprefix("+44")
    return chance.choice((
        number, f"+44 {local[:4]} {local[4:]}", f"0{local[:4]} {local[4:]}", int(local), int(number[1:]),
        f"{number[1:]}.0", f"0044 {local[:4]} {local[4:]}", f"+44 (0){local[:4]} {local[4:]}", f"tel:{number}",
        f" 0{local[:4]}-{local[4:7]}-{local[7:]}\u00a0",
    ))  # fmt: skip


def _mail(mail: str, bib: str, chance: random.Random) -> object:
    user, _, domain = mail.partition("@")
    return chance.choice((mail, mail, f"Person {bib} <{mail}>", f"  {mail} ", f"{mail},", f"mailto:{mail}",
                          f"{user}@{domain.upper()}"))  # fmt: skip


def settle_in(world: Providers, person: Person, seed: str) -> None:
    """Their phone and mailbox are as they are before anybody writes to them."""
    phone, box = world.phone(person.number), world.mailbox(person.mail)
    phone.name = box.name = person.name
    phone.landline = person.kind == "landline"
    phone.whatsapp = not person.kind.startswith("not on WhatsApp")
    phone.registered = person.kind != "unregistered"
    phone.reachable = person.kind != "unreachable"
    phone.reads = person.bib.endswith(("3", "7"))
    if person.kind == "stopped at the carrier":
        phone.opted_out.add(world.twilio.from_number)
    on_call = person.answer(seed, VOICE)
    phone.keys = {"key yes": "1", "key no": "2"}.get(on_call, "")
    phone.picks_up = on_call if on_call in ("machine", "busy", "no-answer") else "human"
    if person.answer(seed, EMAIL) == "bounce":
        box.bounce()
