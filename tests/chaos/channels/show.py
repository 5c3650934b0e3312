"""One workbook with its campaign, run as an organiser runs it: plan, draft, approve, send, and look after the rest."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.errors import SheetUnavailable
from tests.books import book
from tests.chaos.channels.people import EMAIL, NAMED, SMS, TITLES, VOICE, WHATSAPP, Person
from tests.chaos.channels.product import Organiser
from tests.chaos.person import Desk
from tests.emulators.providers import Providers

TEXT = "Hello {{Name}}, number {{Bib}}: you start at {{Start time}}. Are you available?"
BODY = "Hello {{1}}, number {{2}}: you start at {{3}}. Are you available?"
SLOTS = {"1": "Name", "2": "Bib", "3": "Start time"}


@dataclass(frozen=True)
class Way:
    """Over what a workbook's campaign goes: the order of its channels, and who carries mail and WhatsApp."""

    letter: str
    order: tuple[str, ...]
    mail: str
    whatsapp: str

    def carrier(self, channel: str) -> str:
        """The provider of a channel."""
        return {EMAIL: self.mail, WHATSAPP: self.whatsapp}.get(channel, "twilio")


MAIL_FIRST, PHONE_FIRST = (EMAIL, WHATSAPP, SMS, VOICE), (WHATSAPP, SMS, EMAIL, VOICE)
WAYS = (
    Way("S", MAIL_FIRST, "sendgrid", "meta"),
    Way("R", PHONE_FIRST, "resend", "twilio"),
    Way("M", MAIL_FIRST, "mailgun", "twilio"),
    Way("T", PHONE_FIRST, "smtp", "meta"),
)


@dataclass
class Show:
    """A workbook, its people, its campaign, and the organiser's own book about it."""

    way: Way
    path: Path
    people: list[Person]
    organiser: Organiser
    campaign: str = ""
    approvals: Counter[str] = field(default_factory=Counter)
    """Bib -> how often somebody said yes to its message."""

    def __post_init__(self) -> None:
        self.by_name = {person.name: person for person in self.people}
        book(self.path, TITLES, (person.cells for person in self.people))
        self.path = self.organiser.drop(self.path)
        self.desk = Desk(self.path)

    def first_way(self, person: Person) -> str:
        """Where the message has to go: as the row says, else the first channel of the plan that has an address."""
        if person.wish in NAMED:
            return NAMED[person.wish]
        return next(channel for channel in self.way.order if channel != EMAIL or person.kind != "no mail, no wish")

    def way_after(self, channel: str) -> str:
        """Where it goes when nobody is there."""
        return self.way.order[self.way.order.index(channel) + 1]

    def plan(self, world: Providers, text: str = TEXT) -> None:
        """A new campaign over all of its channels; drafts are asked for."""
        first, *others = self.way.order
        body = {
            "workbook": str(self.path), "template": text, "subject": "Your start", "rows": ["all"],
            "channel": first, "provider": self.way.carrier(first), "answers": ["Available=Yes|No"],
            "address_column": "Email" if first == EMAIL else "Phone", "channel_column": "Channel",
            "fallback": [f"{each}:{self.way.carrier(each)}={'Email' if each == EMAIL else 'Phone'}" for each in others],
            "whatsapp_template": {"name": _template(world, self.way.whatsapp), "columns": SLOTS, "body": BODY,
                                  "buttons": ["Yes", "No"]},
        }  # fmt: skip
        self.campaign = str(self.organiser.ask("POST", "campaigns", body)["id"])
        self.organiser.ask("POST", f"campaigns/{self.campaign}/draft", {"keys": None})

    def drafted(self) -> bool:
        """Whether all drafts are there."""
        return bool(self.organiser.ask("GET", f"campaigns/{self.campaign}")["state"] == "drafted")

    def approve(self) -> None:
        """Say yes to the plain drafts of those who are to get one, and send."""
        self._yes([one for one in self.organiser.messages(self.campaign, status="Draft") if self._wanted(one)])
        self.organiser.ask("POST", f"campaigns/{self.campaign}/send")

    def look_after(self) -> int:
        """Approve what goes another way now; try again what surely never reached its provider; how many of both."""
        moved = [
            one
            for one in self.organiser.messages(self.campaign, status="Check draft")
            if self._wanted(one) and "instead" in one["note"]
        ]
        never = [
            one
            for one in self.organiser.messages(self.campaign, status="Failed")
            if "never reached the provider" in one["note"]
        ]
        self._yes(moved)
        if never:
            self._count(never)
            command = {"keys": [one["key"] for one in never], "command": "Retry"}
            self.organiser.ask("POST", f"campaigns/{self.campaign}/command", command)
        if moved or never:
            self.organiser.ask("POST", f"campaigns/{self.campaign}/send")
        return len(moved) + len(never)

    def shuffle(self, chance: random.Random) -> bool:
        """The sheet in another order; whether the file could be had."""
        try:
            self.desk.edit(lambda page: chance.shuffle(page.rows))
        except SheetUnavailable:
            return False
        return True

    def _wanted(self, message: dict[str, Any]) -> bool:
        return self.by_name[message["person"]].approved

    def _yes(self, messages: list[dict[str, Any]]) -> None:
        if messages:
            self._count(messages)
            self.organiser.ask("POST", f"campaigns/{self.campaign}/approve", {"keys": [one["key"] for one in messages]})

    def _count(self, messages: list[dict[str, Any]]) -> None:
        self.approvals.update(self.by_name[one["person"]].bib for one in messages)


def _template(world: Providers, provider: str) -> str:
    """The name of the approved template at that provider, put there at its first use."""
    if provider == "meta":
        return world.meta.template("your_start", BODY, ["Yes", "No"]).name
    known = next((one.sid for one in world.twilio.contents.values() if one.name == "your_start"), "")
    return known or world.twilio.template("your_start", BODY, {"v1.{{token}}.1": "Yes", "v1.{{token}}.2": "No"}).sid
