"""The people at the other end: phones and mailboxes, what arrived there, and how they take it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from tests.emulators.providers.numbers import known_as


@dataclass
class Sent:
    """One message that a provider has taken from the product."""

    provider: str
    id: str
    """The provider's id, as it was answered (SendGrid: the X-Message-Id)."""
    to: str
    text: str
    data: dict[str, Any]
    """The request as it was understood."""
    at: float
    sender: str = ""
    subject: str = ""
    kind: str = "mail"
    """mail, sms, whatsapp or voice"""
    mail: EmailMessage | None = None
    custom: dict[str, str] = field(default_factory=dict)
    """What the vendor gives back on events: custom_args, tags, v: variables, biz_opaque_callback_data."""
    status: str = "taken"
    history: list[str] = field(default_factory=list)
    """The vendor's words for what became of it, as posted."""
    error: str = ""
    """The vendor's error code, where it failed."""


@dataclass
class Item:
    """One thing in a mailbox or on a phone, in either direction."""

    provider: str
    kind: str
    id: str
    text: str
    at: float
    theirs: bool = True
    """Whether it came from the product; else the person sent it."""
    subject: str = ""
    sender: str = ""
    thread: str = ""
    buttons: list[tuple[str, str]] = field(default_factory=list)
    """(payload or digit, what is written on it)"""
    mail: EmailMessage | None = None
    sent: Sent | None = None
    answers: str = ""
    """The id of the item it answers, where the person's device says so."""
    note: str = ""


@dataclass
class Place:
    """What phones and mailboxes share."""

    address: str
    items: list[Item] = field(default_factory=list)
    name: str = ""

    @property
    def arrived(self) -> list[Item]:
        """What came from the product, oldest first."""
        return [item for item in self.items if item.theirs]

    @property
    def texts(self) -> list[str]:
        """The texts that came from the product, oldest first."""
        return [item.text for item in self.arrived]

    def last(self, *, provider: str = "", kind: str = "") -> Item:
        """The newest thing that came from the product. Raises LookupError when nothing did."""
        for item in reversed(self.items):
            if item.theirs and provider in ("", item.provider) and kind in ("", item.kind):
                return item
        raise LookupError(f"Nothing has arrived at {self.address} yet.")


@dataclass
class Mailbox(Place):
    """A person's mailbox, and what happens to mail for it."""

    fate: str = "delivered"
    """delivered, bounced, deferred (then delivered), dropped, or complained (delivered, then called spam)"""
    reason: str = "550 5.1.1 The email account that you tried to reach does not exist."
    away: str = ""
    """An out-of-office text: answers every mail by itself."""

    def bounce(self, reason: str = "") -> None:
        """From now on mail comes back."""
        self.fate, self.reason = "bounced", reason or self.reason


@dataclass
class Phone(Place):
    """A person's phone."""

    reachable: bool = True
    whatsapp: bool = True
    """Whether the number is on WhatsApp."""
    landline: bool = False
    registered: bool = True
    """False: carriers refuse our number (30034, unregistered 10DLC)."""
    opted_out: set[str] = field(default_factory=set)
    """Senders to which the person has said STOP."""
    windows: dict[str, float] = field(default_factory=dict)
    """WhatsApp sender -> when the person last wrote to it."""
    user_id: str = ""
    """WhatsApp's business-scoped user id."""
    number_hidden: bool = False
    """WhatsApp names the person by user id alone."""
    picks_up: str = "human"
    """human, machine, busy or no-answer"""
    keys: str = ""
    """What is pressed when a call asks for a key; empty: nothing."""
    on_call: str = ""
    """What a call that waits for a key has said so far."""
    reads: bool = False
    """Whether WhatsApp messages are read as soon as they are delivered."""


class People:
    """Everybody who was written to, made as they are first met."""

    def __init__(self) -> None:
        self.mailboxes: dict[str, Mailbox] = {}
        self.phones: dict[str, Phone] = {}
        self.changed = 0
        """Grows with every change, for the page."""
        self.listeners: list[Callable[[], None]] = []

    def mailbox(self, address: str) -> Mailbox:
        """The mailbox of an address; upper and lower case are the same."""
        return self.mailboxes.setdefault(address.lower(), Mailbox(address.lower()))

    def phone(self, number: str) -> Phone:
        """The phone of a number, with or without "whatsapp:" and the plus."""
        known = known_as(number)
        if known not in self.phones:
            self.phones[known] = Phone(known, user_id=f"US.{int(known[1:] or 0) * 7919 % 10**15:015d}")
        return self.phones[known]

    def ring(self, phone: Phone, heard: str) -> None:
        """A call waits for a key (empty: no longer)."""
        phone.on_call = heard
        self.changed += 1

    def put(self, place: Place, item: Item) -> Item:
        """Something arrives, or is sent."""
        place.items.append(item)
        self.changed += 1
        return item
