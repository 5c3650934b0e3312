"""A stage for the flow: a sheet in memory, a provider in memory, a real ledger on SQLite, a clock that is moved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from server.domain.campaign import Campaign
from server.domain.message import Message
from server.domain.plan import AnswerColumn, Plan
from server.domain.quiet import Hours
from server.domain.reply import Event, InboundMessage, Interpretation
from server.domain.words import CampaignState, ChannelName, MessageState
from server.errors import CellbackError, InvalidInput
from server.flow import (
    approving,
    campaigning,
    drafting,
    interpreting,
    planning,
    receiving,
    reconciling,
    scheduling,
    sending,
    sweeping,
    writing,
)
from server.flow.carrying import Tried
from server.llm.offline import OfflineDrafter
from server.ports import Drafter, Interpreter, Ledger, Pacer, ReadRequest
from tests.fakes import FakeAttachments, FakeChannel, FakeClock, FakeSheet

T = TypeVar("T")
TEMPLATE = "Hello {{Name}}, you start at {{Start}}. Can you come?"
PLAN = Plan(
    channel=ChannelName.OUTBOX,
    provider="fake",
    address_column="Email",
    name_column="Name",
    read_columns=("Name", "Start"),
    answer_columns=(AnswerColumn("Availability", allowed=("Yes", "No")),),
    template=TEMPLATE,
    question="Can you come?",
)
PEOPLE = (
    ("Ana", "ana@example.org", "09:40"),
    ("Ben", "ben@example.org", "09:45"),
    ("Cleo", "cleo@example.org", "09:50"),
)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run it to its end, also in the middle of a send that does something else meanwhile."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(asyncio.run, work).result()


@dataclass
class ScriptedInterpreter:
    """Reads a reply as it was told to; what it was not told is unclear."""

    readings: dict[str, Interpretation] = field(default_factory=dict)
    asked: list[ReadRequest] = field(default_factory=list)

    async def read(self, request: ReadRequest) -> Interpretation:
        self.asked.append(request)
        return self.readings.get(request.reply, interpreting.Interpretation(interpreting.Outcome.UNCLEAR))


@dataclass
class Stage:
    """One campaign and everything around it."""

    ledger: Ledger
    clock: FakeClock
    sheet: FakeSheet
    channel: FakeChannel = field(default_factory=FakeChannel)
    more: tuple[FakeChannel, ...] = ()
    attachments: FakeAttachments | None = None
    interpreter: Interpreter = field(default_factory=ScriptedInterpreter)
    drafter: Drafter = field(default_factory=OfflineDrafter)
    plan: Plan = PLAN
    instruction: str = ""
    campaign_id: str = ""
    owner: str = "w_1"
    pacer: Pacer | None = None
    pacers: dict[ChannelName, Pacer] = field(default_factory=dict)
    hours: Hours = field(default_factory=Hours)
    sure_at: float | None = None
    seen: str = ""
    stop: bool = False
    when_cells_are_asked: Callable[[], None] = lambda: None

    # the steps

    def create(self, rows: Sequence[str] = ("all",)) -> Campaign:
        campaign = planning.create(
            ledger=self.ledger,
            clock=self.clock,
            sheet=self.sheet,
            table=self.sheet.read(),
            instruction=self.instruction,
            plan=self.plan,
            rows=rows,
            who="Ana",
            header_row=None,
        )
        self.campaign_id = campaign.id
        return campaign

    def draft(self, rows: Sequence[str] = ("all",)) -> None:
        if not self.campaign_id:
            self.create(rows)
        planning.prepare(ledger=self.ledger, sheet=self.sheet, channel_of=self.channel_of, campaign=self.campaign)
        self.ledger.campaigns.move(self.campaign_id, CampaignState.DRAFTING)
        self.write_drafts()
        campaigning.advance(ledger=self.ledger, campaign=self.campaign)
        self.sync()

    def write_drafts(self, *, owner: str = "") -> None:
        for chunk in self.ledger.messages.chunks(self.campaign_id, [MessageState.CHOSEN]):
            asyncio.run(
                drafting.draft_chunk(
                    ledger=self.ledger,
                    sheet=self.sheet,
                    channel_of=self.channel_of,
                    clock=self.clock,
                    drafter=self.drafter,
                    campaign=self.campaign,
                    chunk=chunk,
                    owner=owner or self.owner,
                    stopping=lambda: self.stop,
                    attachments=self.attachments,
                )
            )

    def approve(self, keys: Sequence[str] | None = None, *, retry: bool = False) -> approving.Approvals:
        return approving.approve(
            ledger=self.ledger,
            sheet=self.sheet,
            channel_of=self.channel_of,
            clock=self.clock,
            campaign=self.campaign,
            keys=keys,
            who="Ana",
            retry=retry,
        )

    def start(self, undo_seconds: float = 0) -> None:
        begin = self.clock.now() + timedelta(seconds=undo_seconds)
        if not self.ledger.campaigns.move(self.campaign_id, CampaignState.SENDING, start_at=begin):
            raise CellbackError("It can't be sent.")

    def begin(self, wish: scheduling.Wish, undo_seconds: float = 0, who: str = "Ana") -> scheduling.Going:
        """Send as somebody wishes; who goes."""
        now, zone = self.clock.now(), self.hours.zone
        going = scheduling.going(
            ledger=self.ledger, sheet=self.sheet, campaign=self.campaign, wish=wish, now=now, zone=zone
        )
        start = scheduling.start_of(going, wish, now=now, undo_seconds=undo_seconds, who=who)
        self.ledger.campaigns.begin(self.campaign_id, start)
        return going

    def send(self, *, owner: str = "") -> list[Tried]:
        """Run every send job that the sweep would ask for, once."""
        jobs = [args for job, args in self.open_work() if job == sweeping.SEND]
        return [self.send_chunk(int(chunk), owner=owner or self.owner) for _, chunk in jobs]

    def send_chunk(self, chunk: int = 0, *, owner: str = "w_1") -> Tried:
        return asyncio.run(
            sending.send_chunk(
                ledger=self.ledger,
                sheet=self.sheet,
                channel_of=self.channel_of,
                clock=self.clock,
                campaign_id=self.campaign_id,
                chunk=chunk,
                owner=owner,
                stopping=lambda: self.stop,
                unsubscribe_url=lambda token: f"https://cellback.example/u/{token}",
                pacer_of=lambda channel: self.pacers.get(channel.name, self.pacer),
                hours=self.hours,
                attachments=self.attachments,
            )
        )

    def reconcile(self) -> int:
        return asyncio.run(
            reconciling.reconcile(
                ledger=self.ledger,
                channel_of=self.channel_of,
                clock=self.clock,
                campaign_id=self.campaign_id,
                unsubscribe_url=lambda token: f"https://cellback.example/u/{token}",
                attachments=self.attachments,
            )
        )

    def sync(self) -> writing.Synced:
        done = writing.sync(
            ledger=self.ledger,
            sheet=self.sheet,
            channel_of=self.channel_of,
            clock=self.clock,
            campaign_id=self.campaign_id,
            owner=self.owner,
            seen_version=self.seen,
        )
        self.seen = done.version
        return done

    def out(self) -> None:
        """From nothing to sent, with the sheet up to date."""
        self.draft()
        self.approve()
        self.start()
        self.send()
        self.sync()

    def post(self, *events: Event, provider: str = "") -> list[str]:
        """What a webhook does, and the jobs after it; ids of the replies that were read."""
        provider = provider or self.channel.provider
        stored = receiving.store(ledger=self.ledger, clock=self.clock, provider=provider, events=events)
        return self._receive(stored)

    def receive_waiting(self) -> list[str]:
        """What the sweep does about events that are not processed yet."""
        return self._receive(self.ledger.inbox.waiting(100))

    def _receive(self, event_ids: Sequence[str]) -> list[str]:
        read = []
        for event_id in event_ids:
            received = run(
                receiving.receive(ledger=self.ledger, clock=self.clock, channel_of=self.channel_of, event_id=event_id)
            )
            if received.reply_id:
                read.append(received.reply_id)
                self.interpret(received.reply_id)
        self.sync()
        return read

    def interpret(self, reply_id: str) -> None:
        run(
            interpreting.interpret(
                ledger=self.ledger,
                sheet=self.sheet,
                interpreter=self.interpreter,
                reply_id=reply_id,
                sure_at=self.sure_at,
                zone=self.hours.zone,
            )
        )

    def reply(self, name: str, text: str, *, event_id: str = "", **more: object) -> list[str]:
        message = self.of(name)
        fields: dict[str, object] = {"sender": message.address, "token": message.token, **more}
        return self.post(InboundMessage(event_id or f"{name}-{text}-{self.clock.now()}", text=text, **fields))  # type: ignore[arg-type]

    def channel_of(self, name: ChannelName | None, provider: str = "") -> FakeChannel:
        for channel in (self.channel, *self.more):
            if name in {None, channel.name} and provider in {"", channel.provider}:
                return channel
        raise InvalidInput(f"“{name} {provider}” can't be used here.")

    # what a test looks at

    @property
    def campaign(self) -> Campaign:
        return self.ledger.campaigns.get(self.campaign_id)

    def open_work(self) -> list[sweeping.Job]:
        return list(sweeping.open_work(ledger=self.ledger, clock=self.clock, changed=lambda _: False))

    def messages(self) -> list[Message]:
        return self.ledger.messages.of_campaign(self.campaign_id)

    def of(self, name: str) -> Message:
        return next(message for message in self.messages() if message.person == name)

    def cell(self, name: str, column: str) -> str:
        """What the row of that person shows."""
        return self.sheet.shown(self.sheet.find("Name", name), column)

    def type(self, name: str, column: str, text: str) -> None:
        """A person types into the row of that person."""
        self.sheet.type(self.sheet.find("Name", name), column, text)

    def states(self) -> Mapping[MessageState, int]:
        return self.ledger.messages.states(self.campaign_id)
