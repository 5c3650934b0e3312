"""One workbook with its campaigns, and the rig's own book about it: who was approved, what was typed where."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from server.domain.campaign import Campaign
from server.domain.message import Message
from server.domain.words import ChannelName, Role
from tests.books import book
from tests.chaos.person import Desk
from tests.chaos.world import World

TITLES = ("Bib", "Name", "Email", "Start time")
TEMPLATE = "Hello {{{{Name}}}}, number {{{{Bib}}}}: you start at {{{{Start time}}}}. Are you available? (call {call})"
INSTRUCTION = "Send each contestant their Name, Bib and Start time, and ask them to confirm availability"
ANSWER = "Available"
LETTERS = str.maketrans("0123456789", "abcdefghij")
DOMAIN = "people.example.org"


@dataclass(frozen=True, slots=True)
class Typed:
    """What the person typed into a cell, when, and what the cell showed before."""

    at: float
    value: str
    before: str


@dataclass(frozen=True, slots=True)
class Gone:
    """A deleted row as it was: the titles of then, its cells, and how many columns had been renamed by then."""

    titles: list[str]
    row: list[object]
    renames: int


@dataclass
class Show:
    """One workbook. `letter` begins every bib in it, so that a text in the wrong place is seen to be in it."""

    letter: str
    path: Path
    channel: ChannelName
    count: int
    text: str = TEMPLATE
    """The template, or an instruction: then each text is drafted by the model."""
    most_tokens: int | None = None
    campaigns: list[str] = field(default_factory=list)
    approved: dict[str, set[str]] = field(default_factory=dict)
    """Campaign -> bibs that somebody said yes to."""
    yes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(campaign, bib) -> how often somebody said so: as many messages may leave, over all steps of the row."""
    marked: set[tuple[str, str]] = field(default_factory=set)
    """(campaign, bib) where “Sent” was typed once: nothing needs to have left."""
    retries: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(campaign, bib) -> how often Retry was typed: as many further mails are allowed."""
    typed: dict[tuple[str, str, str], Typed] = field(default_factory=dict)
    """(campaign, bib, role) -> what was typed there last."""
    touched: dict[tuple[str, str], float] = field(default_factory=dict)
    """(campaign, bib) -> when the person last changed a source cell of the row."""
    deleted: dict[str, Gone] = field(default_factory=dict)
    strangers: dict[str, dict[str, str]] = field(default_factory=dict)
    """Bib of a row that was added by hand -> its cells then: nobody else has any business there."""
    torn: dict[str, str] = field(default_factory=dict)
    """Bib -> key, while the keys were sorted apart from their rows."""
    renames: list[tuple[str, str]] = field(default_factory=list)
    """Old and new title of each column that was renamed."""

    def __post_init__(self) -> None:
        self.desk = Desk(self.path)
        rows = (self._row(index) for index in range(self.count))
        book(self.path, TITLES, rows)

    @property
    def campaign(self) -> str:
        """The campaign that runs now."""
        return self.campaigns[-1]

    @property
    def by_model(self) -> bool:
        """Whether its texts are the model's."""
        return self.text != TEMPLATE

    def bib(self, index: int) -> str:
        """The contestant's number; it is in every text about them."""
        return f"{self.letter}{index:04d}"

    def address_of(self, bib: str) -> str:
        """Where a contestant gets mail: in each round another address, else all would have said stop before long."""
        return f"{bib.lower()}@{self.path.parent.name}.{DOMAIN}"

    def name_of(self, bib: str) -> str:
        """A contestant's name. In what a model is shown it is without figures, as names are."""
        return f"Person {bib.translate(LETTERS) if self.by_model else bib}"

    def start(self, world: World) -> None:
        """Plan and draft the (next) campaign, as the command line does."""
        call = len(self.campaigns) + 1
        made = world.campaigns.create(
            str(self.path),
            template="" if self.by_model else self.text.format(call=call),
            instruction=self.text if self.by_model else "",
            subject="Your start",
            channel=self.channel,
            answers=[f"{ANSWER}=Yes|No"],
            rows=("all",),
            who="the rig",
        )
        if self.most_tokens is not None:
            world.campaigns.bound(made.id, {"most_tokens": self.most_tokens})
        world.campaigns.draft(made.id)
        self.campaigns.append(made.id)
        self.approved[made.id] = set()

    def now(self, world: World) -> Campaign:
        """The running campaign as the ledger has it."""
        return world.ledger.campaigns.get(self.campaign)

    def note(self, bib: str, role: str, value: str, before: str) -> None:
        """Remember what was typed into one of our columns."""
        self.typed[self.campaign, bib, role] = Typed(time.time(), value, before)

    def give_up_text(self, bib: str) -> None:
        """The person asks for another text: what they typed into Message need not be kept."""
        self.typed.pop((self.campaign, bib, Role.MESSAGE), None)

    def untype(self, bib: str, role: str, earlier: Typed | None) -> None:
        """It did not go in: what was typed there before is the last word."""
        del self.typed[self.campaign, bib, role]
        if earlier is not None:
            self.typed[self.campaign, bib, role] = earlier

    def say_yes(self, messages: Iterable[Message]) -> None:
        """Remember that somebody said yes to these texts, before the product can hear it."""
        for one in messages:
            bib = self.bib_of(one)
            self.approved[one.campaign_id].add(bib)
            self.yes[one.campaign_id, bib] += 1

    def has(self, bib: str) -> bool:
        """Whether this is one of our contestants, or one who was added by hand."""
        return bib.removeprefix("X").startswith(self.letter)

    def bib_of(self, message: Message) -> str:
        """Whose message it is, by the address it was made for."""
        return bib_of(message.address)

    def _row(self, index: int) -> list[object]:
        bib = self.bib(index)
        return [bib, self.name_of(bib), self.address_of(bib), f"{9 + index // 60 % 10:02d}:{index % 60:02d}"]


def bib_of(address: str) -> str:
    """Who gets mail there."""
    return address.partition("@")[0].upper()
