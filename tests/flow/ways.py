"""A stage with four channels: people with a phone and a mail address each, and a column that may name a channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from server.domain.message import Limits, Message
from server.domain.plan import AnswerColumn, Plan, Route
from server.domain.provider_templates import ProviderTemplate
from server.domain.words import CampaignState, ChannelName, MessageState
from server.flow import campaigning
from server.store import SqlLedger, open_ledger
from tests.databases import CIPHER
from tests.fakes import FakeAttachments, FakeChannel, FakeClock, FakeSheet
from tests.flow.stage import Stage

S = MessageState
WHATSAPP, SMS, EMAIL, VOICE = ChannelName.WHATSAPP, ChannelName.SMS, ChannelName.EMAIL, ChannelName.VOICE
DAY = 24 * 3600.0
TITLES = ("Name", "Mobile", "Email", "How", "Start", "File", "Copy", "From")
ANA, BEN, CLEO = "+41790000001", "+41790000002", "+41790000003"
PEOPLE = (
    ("Ana", ANA, "ana@example.org", "", "09:40"),
    ("Ben", BEN, "ben@example.org", "", "09:45"),
    ("Cleo", CLEO, "cleo@example.org", "", "09:50"),
)
PLAN = Plan(
    channel=SMS,
    provider="texts",
    address_column="Mobile",
    name_column="Name",
    read_columns=("Name", "Start"),
    answer_columns=(AnswerColumn("Availability", allowed=("Yes", "No")),),
    template="Hello {{Name}}, you start at {{Start}}. Can you come?",
    subject="Your start",
    question="Can you come?",
    routes=(Route(EMAIL, "mails", "Email"),),
)
ON_WHATSAPP = replace(
    PLAN, channel=WHATSAPP, provider="chats", routes=(Route(SMS, "texts", "Mobile"), Route(EMAIL, "mails", "Email"))
)
TEMPLATE = ProviderTemplate(
    "start_time", "en", "Hello {{1}}, you start at {{2}} sharp.", {"1": "Name", "2": "Start"}, ("No", "Yes")
)


class Ways(Stage):
    """The stage with its channels by name."""

    def __init__(self, ledger: SqlLedger, clock: FakeClock, sheet: FakeSheet, plan: Plan) -> None:
        super().__init__(ledger, clock, sheet, plan=plan)
        self.chats = FakeChannel(WHATSAPP, "chats", Limits(window=DAY, choices=10, buttons=True))
        self.texts = FakeChannel(SMS, "texts", Limits(choices=9, longest=160))
        self.mails = FakeChannel(EMAIL, "mails", Limits(files=True, copies=True, sender_domain="example.org"))
        self.calls = FakeChannel(VOICE, "calls", Limits(choices=9))
        self.channel, self.more = self.chats, (self.texts, self.mails, self.calls)
        self.attachments = FakeAttachments()

    def begin(self) -> None:
        """Approved and started."""
        self.draft()
        self.approve()
        self.start()

    def redraft(self) -> None:
        """What the sweep asks for after messages were chosen anew, and what the sheet then shows."""
        self.write_drafts()
        campaigning.advance(ledger=self.ledger, campaign=self.campaign)
        self.sync()

    def say_yes(self, name: str) -> None:
        """A person types Approved, and what follows."""
        self.type(name, "Status", "Approved")
        self.sync()

    def way(self, name: str) -> tuple[ChannelName | None, str, str]:
        """Where somebody's message is bound for."""
        message = self.of(name)
        return message.channel, message.carrier, message.address

    @property
    def state(self) -> CampaignState:
        return self.campaign.state

    def only(self, state: MessageState) -> Sequence[Message]:
        return [message for message in self.messages() if message.state is state]


MakeWays = Callable[..., Ways]


@pytest.fixture
def make_ways(stage_url: str) -> Iterator[MakeWays]:
    """`make_ways(plan, people)`; once a test."""
    opened: list[SqlLedger] = []

    def make(plan: Plan = PLAN, people: Sequence[Sequence[str]] = PEOPLE) -> Ways:
        assert not opened
        clock = FakeClock()
        opened.append(open_ledger(stage_url, CIPHER, clock=clock))
        return Ways(opened[0], clock, FakeSheet(TITLES, people), plan)

    yield make
    for ledger in opened:
        ledger.close()
