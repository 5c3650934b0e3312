"""What the flow needs from outside, as Protocols. The contract is in the docstrings; `tests/contracts.py` holds it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from server.domain.approvals import ApprovedBy
from server.domain.audit import Entry
from server.domain.campaign import Campaign
from server.domain.confidence import SURE_AT
from server.domain.figures import Figures, QueueFigures
from server.domain.known import Known
from server.domain.labels import Label
from server.domain.look import Look
from server.domain.machine import MessageEvent, Scheduled
from server.domain.message import Attachment, Limits, Message, Outgoing, Receipt
from server.domain.moments import ByColumn
from server.domain.plan import Plan
from server.domain.provider_templates import ListedTemplate
from server.domain.reach import Reach, Stage
from server.domain.reply import (
    Event,
    InboundMessage,
    Interpretation,
    Reply,
    StoredEvent,
    WebhookAnswer,
    WebhookRequest,
)
from server.domain.saved import SavedCampaign
from server.domain.table import CellEdit, NewColumn, Table
from server.domain.timeline import Slice
from server.domain.usage import NOT_MADE, Made, Used
from server.domain.words import (
    CampaignState,
    CellWriteState,
    ChannelName,
    MessageState,
    Problem,
    Status,
    SuppressionReason,
)


class Clock(Protocol):
    """Time, so that tests may move it."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class Cipher(Protocol):
    """Encrypts personal data at rest, and blinds it for look-ups."""

    head: bytes
    """What everything that is sealed under the newest key begins with."""

    def seal(self, text: str) -> bytes:
        """Authenticated encryption under the newest key."""
        ...

    def open(self, sealed: bytes) -> str:
        """The text again. Raises ConfigError when no known key fits."""
        ...

    def blind(self, text: str) -> str:
        """A keyed digest (hex): equal for equal texts, telling nothing without the key."""
        ...


@dataclass(frozen=True, slots=True)
class Writes:
    """Writes of ours to a workbook. `count` grows by one with each begin and each end of any process, None while
    nobody can tell; `under_way` that one has begun and not ended."""

    count: int | None = None
    under_way: bool = False


class Budget(Protocol):
    """What a sheet's host lets one account do in a minute, shared by all our processes; and what those tell each
    other of their writes, so that nobody works with a table from before."""

    def take(self, kind: Literal["read", "write"]) -> None:
        """Wait for one call. Raises SheetUnavailable when that would take too long."""
        ...

    def hold(self, seconds: float) -> None:
        """No call for anybody before so many seconds are over: the host asked for it."""
        ...

    def begin(self, workbook: str, writer: str) -> Writes:
        """A write of ours begins there: until its `end` nobody else is to believe what they see."""
        ...

    def end(self, workbook: str, writer: str) -> Writes:
        """It is over: proven, put right, or never made. Forgotten by itself after some minutes."""
        ...

    def writes(self, workbook: str) -> Writes:
        """How it stands."""
        ...


class Sheet(Protocol):
    """One tab of one workbook. Knows nothing of campaigns: it reads a table and applies edits to it."""

    workbook: str
    """Where the workbook is, in the form that `services.open_sheet` takes."""
    name: str
    """The tab, in a form that `services.open_sheet` takes and that outlives a renaming where the host allows it."""
    look_seconds: float
    """How old a view of the sheet may be where nobody waits for it: 0 where a look costs nothing but time, some
    seconds where the host counts calls."""

    @property
    def title(self) -> str:
        """The tab's name as people see it. Raises NotFound, SheetUnavailable."""
        ...

    def version(self) -> str:
        """A cheap token that changes whenever the workbook does, at most `look_seconds` old.

        Raises SheetUnavailable.
        """
        ...

    def read(self, max_age: float = 0.0) -> Table:
        """The tab as it is now, or as it was at most `max_age` seconds ago (reading aside) where a look costs calls.

        An older view is never one from before a write of ours, whichever process made it.
        Raises InvalidInput when there is no table to read (no header, an empty tab, not a workbook), NotFound
        when workbook or tab is gone, SheetUnavailable when it can't be reached for now.
        """
        ...

    def apply(self, table: Table, edits: Sequence[CellEdit], new_columns: Sequence[NewColumn] = ()) -> Table | None:
        """Change exactly these cells of the table that was read, all or none, and nothing else.

        New columns go right of the last used one, in order; edits may refer to them by the indexes that follow
        the table's own. Strings land as text whatever they start with. Returns the table with what was proven to
        stand in the edited cells now, where the write's own answer proves it; else None: read again to know.
        Raises SheetChanged when the tab is no longer the one that was read, SheetUnavailable when it can't be
        written for now (open in Excel, locked), PermanentError when it never can (read-only), and ValueError for
        an edit of a formula or merged cell, which callers must leave out.
        """
        ...

    def views(self, column: str, wanted: Mapping[str, Collection[str]]) -> Mapping[str, str]:
        """Links to views of the sheet that show only rows with certain words in that column: name -> link.

        `wanted` maps names of views to their words. Made where they are missing; {} where the host has no such
        views, or the column is not there. Raises SheetUnavailable, PermanentError.
        """
        ...

    def dress(self, looks: Sequence[Look]) -> None:
        """Give columns of ours their look: colours of words that follow every sort and edit, words to choose from
        (none is ever refused), what the column is in words at its title, a width.

        No cell's content changes, nor anything that somebody else gave these columns or any other: a rule, a note, a
        width of theirs stays and stands before ours. Columns that are not there are left out; a repetition changes
        nothing; hosts leave out what they can't do. Raises SheetUnavailable, SheetChanged, PermanentError.
        """
        ...


class Channel(Protocol):
    """One channel of one provider, both directions. Its methods stand in this order in every adapter.

    A provider may carry several channels (Twilio: sms, whatsapp, voice): each is an object of its own, and any of them
    verifies and parses what the provider posts, for all of them.
    """

    name: ChannelName
    provider: str
    refusal: int
    """HTTP status for what it posts and we do not believe: 401, or what makes the provider stop trying."""

    def address(self, text: str) -> str:
        """The normalised address in a cell's shown text (`Name <a@b>` and stray spaces become the clean address).

        Raises AddressError with the reason.
        """
        ...

    def limits(self) -> Limits:
        """How many sends it bears at once, and a second."""
        ...

    def zones(self, address: str) -> tuple[str, ...]:
        """Time zones in which the owner of the address may be (by the number's prefix); empty when nothing tells."""
        ...

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand one message to the provider, once, with a time limit; never retried inside.

        Returns when the provider took it. Raises TemporaryError only when it is proven that the provider did not
        take it and may later, PermanentError when it never will, SendInDoubt in every other case.
        """
        ...

    async def reconcile(self, outgoing: Outgoing) -> Receipt | bool:
        """What became of a send in doubt: its receipt; False when the provider surely never got it; True when it
        can't tell, and a person must. Raises TemporaryError.
        """
        ...

    async def missed(self, since: datetime) -> list[Event]:
        """What happened since then, as far as the provider lists it: for what its webhooks may have lost.

        Each event has the `event_id` that its webhook would have had, or may safely be processed twice. [] where the
        provider lists nothing. Raises TemporaryError, or PermanentError when the account may not ask.
        """
        ...

    async def complete(self, event: InboundMessage) -> InboundMessage:
        """The same message with what has to be fetched (`event.fetch`), as it is when nothing has.

        Raises TemporaryError; PermanentError when the provider no longer has it.
        """
        ...

    async def check(self) -> None:
        """Reach the provider and log in, and see that the sender may send, without sending anything.

        Raises TemporaryError, or PermanentError with what to do.
        """
        ...

    async def templates(self) -> list[ListedTemplate]:
        """The message templates that the provider has approved (or paused) for this account; [] where it has none.

        Raises TemporaryError; PermanentError with what to do where the account may not list them.
        """
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...

    def verify(self, request: WebhookRequest) -> None:
        """Check the signature over the raw bytes, in constant time. Raises SignatureError, nothing else."""
        ...

    def parse(self, request: WebhookRequest) -> list[Event]:
        """The events of a verified request, each with a stable `event_id`; what we do not know is UnknownEvent.

        Raises InvalidInput when the body is not of the provider's form.
        """
        ...

    def answer(self, request: WebhookRequest) -> WebhookAnswer:
        """What the provider wants to hear after its verified request was stored; for a GET: that the address is ours.

        Raises SignatureError for a GET that is not the provider's own question, NotFound where it asks none.
        """
        ...


ChannelOf = Callable[[ChannelName, str], Channel]
"""The channel of that name and provider (of any, without one). Raises InvalidInput, with what to set, where it is not
set up."""


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What a planner may know: the organiser's words, the header, a few rows, and what they fixed beforehand."""

    instruction: str
    table: Table
    channel: ChannelName | None = None
    provider: str = ""
    template: str = ""
    subject: str = ""
    address_column: str = ""
    answers: tuple[str, ...] = ()
    language: str = ""
    tone: str = ""


class Planner(Protocol):
    """Says what an instruction means for a sheet."""

    def plan(self, request: PlanRequest) -> Plan:
        """A plan. Raises InvalidInput when there is none to be made (no address column; a column that isn't there),
        TemporaryError or PermanentError when a model can't be asked."""
        ...


@dataclass(frozen=True, slots=True)
class DraftText:
    """A drafted text. `doubt` is a sentence when a person should look first, else ""."""

    text: str
    subject: str = ""
    doubt: str = ""
    made: Made = NOT_MADE


@dataclass(frozen=True, slots=True)
class Remark:
    """What a person wants otherwise about a text, in their words (a line each time they said something, the newest
    last), and the text and subject that they said it of."""

    words: str
    text: str = ""
    subject: str = ""


class Drafter(Protocol):
    """Writes texts: for one row, for all of them, and back to somebody whose answer is not clear."""

    async def draft(
        self, plan: Plan, instruction: str, record: Mapping[str, str], *, remark: Remark | None = None
    ) -> DraftText:
        """Text and subject from the plan's `read_columns` of this record, and nothing else. With a remark: written
        anew so that it is met; the plan then has no template, and the language that the remark names.

        Raises TemporaryError or PermanentError (`whole_campaign` where every other row would meet it too).
        """
        ...

    async def template(
        self, plan: Plan, instruction: str, *, empty: Collection[str] = (), remark: Remark | None = None
    ) -> DraftText:
        """One text with `{{placeholders}}` of the plan's `read_columns` for all rows; no cell is looked at.

        `empty` are titles of columns that are empty in some rows. With a remark: the one that it was said of, changed.
        Raises TemporaryError or PermanentError.
        """
        ...

    def objection(self, plan: Plan, instruction: str, remark: str) -> str:
        """Why it can't write such texts as this remark wants them, and what to do instead, in a sentence; "" when it
        can try. Asked before anything is changed."""
        ...

    async def clarify(self, request: ReadRequest) -> DraftText:
        """A short question back to somebody whose reply does not answer clearly, for a person to look at and send.

        It asks for what the plan's answer columns still need, and answers nothing that the reply asks. Raises
        TemporaryError or PermanentError.
        """
        ...

    async def acknowledge(self, request: ReadRequest, values: Mapping[str, str]) -> DraftText:
        """A short acknowledgement of a clear answer, for a person to look at and send: it says what was understood (the
        `values` of answer columns) and nothing else, and answers nothing that the reply asks.

        Raises TemporaryError or PermanentError.
        """
        ...


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """What an interpreter may know: what was asked, what came back, which answers the plan allows.

    `today` is the day in the sheet's time zone (YYYY-MM-DD). `sure_at` is the campaign's threshold. `several` tells
    that the reply may belong to more than one row, and was taken to the likeliest.
    """

    reply: str
    question: str
    plan: Plan
    record: Mapping[str, str]
    quoted: str = ""
    today: str = ""
    sure_at: float = SURE_AT
    several: bool = False


class Interpreter(Protocol):
    """Reads a reply."""

    async def read(self, request: ReadRequest) -> Interpretation:
        """An outcome, values allowed by the plan, evidence found in the reply, and an honest confidence.

        Raises TemporaryError or PermanentError.
        """
        ...


class Queue(Protocol):
    """Wakes workers. Nothing that it forgets is lost: the sweep finds all open work in the ledger."""

    def enqueue(self, job: str, *args: str) -> None:
        """Ask for a job of `queue.JOBS` with string arguments; a second one waiting for the same is no error.

        Raises TemporaryError when the queue can't be reached (callers may ignore it: the sweep will come by).
        """
        ...

    def ping(self) -> None:
        """Raises TemporaryError when the queue can't be reached."""
        ...

    def figures(self) -> Mapping[str, QueueFigures]:
        """Each queue in numbers, by its name. Raises TemporaryError when the queue can't be reached."""
        ...


class Attachments(Protocol):
    """Files and links that a cell names, to go along with a mail."""

    async def check(self, cell: str) -> None:
        """See that what the cell names is there and may go along, without keeping it.

        Raises PermanentError with a sentence for the cell when it is not, TemporaryError when that can't be told now.
        """
        ...

    async def load(self, cell: str) -> tuple[Attachment, ...]:
        """What the cell names, in order. Raises PermanentError or TemporaryError, as `check`."""
        ...


class Pacer(Protocol):
    """The pace of one sender, shared by all workers: slots, holds, the day's limit."""

    async def turn(self) -> None:
        """Wait for the next slot."""
        ...

    def hold(self, seconds: float) -> None:
        """No slot for anybody before so many seconds are over: the provider asked for it."""
        ...

    def take(self, day: str, used: Callable[[], int]) -> bool:
        """One of that day's sends, or False when they are used up; `used` counts them in the ledger."""
        ...

    def give_back(self, day: str) -> None:
        """A send that was taken but not made."""
        ...


WITH_ALL = Scheduled(None)
"""What Send means for a message that waits for nothing of its own."""


@dataclass(frozen=True, slots=True)
class Start:
    """A person's yes to sending: nothing leaves before `at`.

    What it means for each approved message: the event in `events` by its row key, else `others`. `scheduled_at` is the
    moment that was chosen for all, `by` the column that says when each row's message leaves, `hours` the sending's own
    quiet span ("" for none; None: the settings').
    """

    at: datetime
    who: str = ""
    events: Mapping[str, MessageEvent] = field(default_factory=dict)
    others: MessageEvent = WITH_ALL
    scheduled_at: datetime | None = None
    by: ByColumn | None = None
    hours: str | None = None


class Campaigns(Protocol):
    """Campaigns in the ledger."""

    def add(self, campaign: Campaign) -> None:
        """Store a new campaign."""
        ...

    def get(self, campaign_id: str) -> Campaign:
        """Raises NotFound."""
        ...

    def of_sheet(self, workbook: str, sheet: str | None = None) -> list[Campaign]:
        """Campaigns of a workbook (and tab), newest first."""
        ...

    def revision(self, workbook: str, sheet: str) -> str:
        """A word that changes whenever a campaign of that tab does, or one is added: its fields, its messages, the
        cells that wait. Cheap: no text is read.
        """
        ...

    def live(self) -> list[Campaign]:
        """Campaigns that have not ended, or ended less than 30 days ago (CANCELLED ones too), newest first."""
        ...

    def save(self, campaign: Campaign) -> Campaign:
        """Store changed fields (all but id and state); returns it with its new version.

        Raises Conflict when `campaign.version` is no longer the stored one.
        """
        ...

    def move(
        self,
        campaign_id: str,
        to: CampaignState,
        *,
        start_at: datetime | None = None,
        note: str = "",
        who: str = "",
    ) -> bool:
        """Change the state if `machine.CAMPAIGN_MOVES` allows it from the stored one (or it is that one already).

        `start_at` is stored when given; `ended_at` is set on DONE and CANCELLED. `who` is the person who asked for
        it, for the audit. False when it is not allowed.
        """
        ...

    def begin(self, campaign_id: str, start: Start) -> Campaign:
        """Begin to send: the state, who started it and how, and each approved message's event, all or nothing.

        Of several at once one begins. Raises Conflict when it is being sent already, is in no state for it, or nothing
        would be left to send; NotFound.
        """
        ...


@dataclass(frozen=True, slots=True)
class Tally:
    """How many messages of a campaign stand at which word (None: chosen, not drafted yet)."""

    status: Status | None
    count: int


@dataclass(frozen=True, slots=True)
class Pace:
    """How a sending goes: `went` were handed over since a moment, `due` may leave now, `later` wait for their time, the
    first of them for `next_at`."""

    went: int
    due: int
    later: int
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A row is to be written to again: `message` (the ledger sets its campaign, row key, step and what it follows) in
    the place of the one that it `follows`. That one may have an answer where the step asks back (`answered`); where it
    only says something (`kept`), that one has its answer, and the ledger copies it into the new message. `heard` is
    when the newest reply came that `who` knew of (None: any). `events` happen to the new message in the same
    transaction. `what` says in a word or two what it is, `who` wants it."""

    follows: str
    message: Message
    what: str
    who: str = ""
    answered: bool = False
    kept: bool = False
    heard: datetime | None = None
    events: tuple[MessageEvent, ...] = ()


class Messages(Protocol):
    """Messages in the ledger. (campaign, row key, step) is unique. A row shows one of its messages; those in whose
    place another one is shown are found by id, token, provider's id and address, and counted and listed nowhere."""

    def add(self, messages: Iterable[Message]) -> int:
        """Store new messages, leaving out those whose (campaign, row key, step) is there already; how many were new."""
        ...

    def get(self, message_id: str) -> Message:
        """Raises NotFound."""
        ...

    def of_row(self, campaign_id: str, row_key: str) -> Message | None:
        """The message that a row shows, or None."""
        ...

    def steps(self, campaign_id: str, row_key: str) -> list[Message]:
        """All messages of a row in the order of their steps, with those in whose place another one is shown."""
        ...

    def follow(self, wanted: Sequence[Step]) -> list[Message | None]:
        """Write to rows again. For each in one transaction: the message is its row's shown one and may be followed
        (`machine.Followed`), no suppression stands against its address, and every reply of the row was read; then it is
        marked, the new one stands in the row as the next step, and its events happen. The new messages as they are
        then, None where that may not be.
        """
        ...

    def fall_back(self, message_id: str, note: str = "", who: str = "") -> Message:
        """Take further steps that nobody got for sure out of the row of that message, until it shows one that went, is
        under way, or is its first; that one. In one transaction. What is taken out stays in the ledger, `followed`,
        with the note, and can't leave any more. Raises NotFound.
        """
        ...

    def fall_back_all(self, message_ids: Sequence[str], note: str = "", who: str = "") -> list[Message]:
        """The same for many known messages, in their order: some hundreds a transaction."""
        ...

    def silent(self, campaign_id: str, before: datetime, limit: int) -> list[str]:
        """Ids of shown messages that went out before that moment, may have arrived, and have no answer nor the mark
        that there is none, oldest first.
        """
        ...

    def of_campaign(
        self,
        campaign_id: str,
        *,
        states: Iterable[MessageState] | None = None,
        chunk: int | None = None,
        keys: Iterable[str] | None = None,
        words: Collection[Status | None] | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Message]:
        """Messages (in these states, of these rows, at these status words) in the order they were added."""
        ...

    def outlines(self, campaign_id: str, states: Iterable[MessageState]) -> list[Message]:
        """Messages in these states, in the order they were added, without what is sealed (text, address, person, note
        and the like are empty): for whoever only has to know which rows they are and what carries them."""
        ...

    def tally(self, campaign_id: str) -> list[Tally]:
        """Counts per status word, without reading any text."""
        ...

    def states(self, campaign_id: str) -> dict[MessageState, int]:
        """Counts per state, without reading any text."""
        ...

    def problems(self, campaign_id: str) -> dict[Problem, list[str]]:
        """The row keys of drafts that have a problem, in the order they were added, without reading any text."""
        ...

    def ways(self, campaign_id: str, states: Iterable[MessageState]) -> dict[tuple[ChannelName | None, str], int]:
        """How many messages in these states are bound for each channel and carrier, without reading any text."""
        ...

    def chunks(self, campaign_id: str, states: Iterable[MessageState], *, due: datetime | None = None) -> list[int]:
        """Chunks that hold messages in these states (with `due`: whose `due_at` is not later), in order."""
        ...

    def revision(self, campaign_id: str) -> int:
        """A number that grows with every change of any message of the campaign."""
        ...

    def pace(self, campaign_id: str, since: datetime, now: datetime) -> Pace:
        """How many were claimed since then and not given back, and how many are approved: due now, due later; without
        reading any text."""
        ...

    def approvals(self, campaign_id: str) -> list[ApprovedBy]:
        """Who approved how many of the messages (in all steps) that are approved or have left, the last one first."""
        ...

    def next_due(self, campaign_id: str) -> datetime | None:
        """The earliest `due_at` among APPROVED messages that wait for another try, or None."""
        ...

    def move(self, message_id: str, event: MessageEvent) -> Message | None:
        """Let the event happen in one guarded UPDATE; the message after it, or None when it may not happen.

        Durable when it returns. Raises NotFound.
        """
        ...

    def move_soon(self, message_id: str, event: MessageEvent) -> Future[Message | None]:
        """The same through the group commit, for many callers at once."""
        ...

    def move_many(self, moves: Sequence[tuple[str, MessageEvent]]) -> list[Message | None]:
        """The same for many messages in one transaction; each stands or falls by itself."""
        ...

    def claim_soon(self, message_id: str, owner: str, at: datetime) -> Future[Message | None]:
        """Claim for sending. In one transaction: the campaign is SENDING, the message APPROVED and due, and no
        suppression stands against its address on its channel; else None (a suppressed one becomes SKIPPED).
        """
        ...

    def by_token(self, token: str) -> Message | None:
        """The message that carries the token."""
        ...

    def by_provider_id(self, provider: str, provider_id: str) -> Message | None:
        """The message that a provider knows by that id."""
        ...

    def open_to(self, channel: ChannelName, address: str) -> list[Message]:
        """Sent (or doubtful) messages to that address that went over that channel, newest first; all steps of a row."""
        ...

    def claimed_since(self, channel: ChannelName, since: datetime) -> int:
        """How many messages were claimed on that channel since then, over all campaigns."""
        ...

    def reach(self, campaign_id: str, rested: datetime) -> Reach:
        """How far the campaign's messages got, row by row, without reading any text. Whoever was reminded after
        `rested` is not reminded again by itself.
        """
        ...

    def rows_at(self, campaign_id: str, stage: Stage, rested: datetime) -> set[str]:
        """The keys of the rows that `reach` counts at that stage."""
        ...

    def written_to(self, campaign_id: str) -> int:
        """How many rows `reach` counts as sent: cheap enough for every glance at the campaign."""
        ...

    def slices(self, campaign_id: str, seconds: int) -> list[Slice]:
        """What was sent (all steps) and which rows were first heard of that have an answer by now, in slices of so
        many seconds since 1970 in UTC, oldest first, without reading any text. Empty slices are left out.
        """
        ...

    def addressed(self, campaign_id: str) -> dict[str, list[str]]:
        """Blinded address -> message ids of the campaign, for finding duplicates."""
        ...

    def dirty(self, campaign_id: str, limit: int) -> list[Message]:
        """Messages whose cells have not been computed since their last change (`version` > `rendered`)."""
        ...

    def dirty_campaigns(self) -> list[str]:
        """Campaigns that have dirty messages."""
        ...


@dataclass(frozen=True, slots=True)
class CellWrite:
    """One change of one cell: the value we want there, the value we expect to find (what we last wrote).

    `column` is the column's title in the sheet. `note` says what was found instead on a CONFLICT.
    """

    campaign_id: str
    row_key: str
    column: str
    value: str
    expected: str = ""
    state: CellWriteState = CellWriteState.PENDING
    note: str = ""


class CellWrites(Protocol):
    """The outbox to the sheet: one record a cell, coalesced."""

    def want(self, campaign_id: str, rendered: Mapping[str, int], writes: Iterable[CellWrite]) -> None:
        """Make these cells PENDING with their new value (`expected` stays what was last written, and is taken
        from `writes` for a cell that is new here), and note in the same transaction that the messages in
        `rendered` (message id -> version) have been computed. A CONFLICT or GONE cell stays so, with the new value.
        """
        ...

    def pending(self, campaign_id: str, limit: int) -> list[CellWrite]:
        """PENDING cells, oldest first."""
        ...

    def waiting(self) -> list[str]:
        """Campaigns that have PENDING cells."""
        ...

    def backlog(self, campaign_id: str) -> int:
        """PENDING cells of a campaign, and messages whose cells were not computed yet; without reading any text."""
        ...

    def of_campaign(self, campaign_id: str, keys: Iterable[str] | None = None) -> list[CellWrite]:
        """All cells we have ever wanted there (of those rows)."""
        ...

    def settle(self, writes: Iterable[CellWrite]) -> None:
        """Store the outcome of a flush, cell by cell: `state`, `expected` (what the cell now holds) and `note`.

        A cell whose `value` was wanted anew meanwhile stays PENDING, with the new `expected`. What
        `machine.CELL_MOVES` does not allow from the stored state is left out.
        """
        ...


class Inbox(Protocol):
    """Events that webhooks brought, and the replies found in them."""

    def store(self, events: Iterable[StoredEvent]) -> list[str]:
        """Store each event once by (provider, event_id); ids of the new ones. Durable when it returns."""
        ...

    def get(self, event_id: str) -> StoredEvent:
        """By our own id. Raises NotFound."""
        ...

    def waiting(self, limit: int, *, providers: Collection[str] | None = None, newest_first: bool = False) -> list[str]:
        """Ids of events (of these providers) that are not processed yet, oldest first."""
        ...

    def end(self, before: datetime, note: str) -> int:
        """Let go of events that were received before that moment and are still not processed, with a note that says
        why; how many. They stay stored.
        """
        ...

    def done(self, event_id: str, note: str = "") -> None:
        """The event is processed."""
        ...

    def add_reply(self, reply: Reply) -> bool:
        """Store a reply once by its `event_id`; False when it was there."""
        ...

    def reply(self, reply_id: str) -> Reply:
        """Raises NotFound."""
        ...

    def save_reply(self, reply: Reply) -> bool:
        """Store what changed: match, interpretation, who settled it; False when `machine.may_become` does not allow
        it from the stored reply (a reading that comes after a person settled it). Raises NotFound.
        """
        ...

    def unread(self, limit: int) -> list[str]:
        """Ids of matched replies without an interpretation, oldest first."""
        ...

    def replies(self, campaign_id: str, *, row_key: str | None = None) -> list[Reply]:
        """Replies of a campaign (of one row), newest first."""
        ...

    def unmatched(self, limit: int) -> list[Reply]:
        """Replies that belong to no row, newest first."""
        ...


class Suppressions(Protocol):
    """Addresses that must not be written to. They outlive rows, campaigns and purges (as blinded digests)."""

    def add(self, address: str, channel: ChannelName | None, reason: SuppressionReason) -> None:
        """Block an address on one channel, or on all (None)."""
        ...

    def stands(self, address: str, channel: ChannelName) -> SuppressionReason | None:
        """Why the address is blocked on that channel, or None."""
        ...


class Contacts(Protocol):
    """What we must know of a person on a channel beyond campaigns. Addresses and names are kept sealed and blinded."""

    def heard(self, channel: ChannelName, ours: str, address: str, at: datetime, user_id: str = "") -> None:
        """Somebody wrote to a number of ours at that moment; an older word changes nothing, nor one of nobody (""). The
        provider's own id of them leads to their address from now on.
        """
        ...

    def last_heard(self, channel: ChannelName, ours: str, address: str) -> datetime | None:
        """When they last wrote to that number of ours (to any, without one), or None."""
        ...

    def heard_since(self, channel: ChannelName, ours: str, since: datetime, addresses: Collection[str]) -> set[str]:
        """Those of the addresses whose owners wrote to that number of ours (to any, without one) since then."""
        ...

    def called(self, channel: ChannelName, address: str, known_as: str) -> None:
        """The provider took a message to that address, and calls its owner so (`Receipt.known_as`)."""
        ...

    def address_of(self, channel: ChannelName, user_id: str) -> str:
        """The address of whom a provider calls so, be it heard or called; "" when nobody is known by that name."""
        ...

    def known_as(self, channel: ChannelName, address: str) -> str:
        """How the provider last called who has that address when it took a message to them, or ""."""
        ...


class Marks(Protocol):
    """Moments to remember, by a name of ours."""

    def get(self, name: str) -> datetime | None:
        """The moment that was kept under that name, or None."""
        ...

    def keep(self, name: str, at: datetime) -> None:
        """Keep a moment under a name, in place of an earlier one; a later one stays."""
        ...


class Usages(Protocol):
    """What campaigns' calls of a model used."""

    def add(self, campaign_id: str, used: Used) -> None:
        """Count a call (or several) in; durable when it returns."""
        ...

    def add_soon(self, campaign_id: str, used: Used) -> Future[None]:
        """The same through the group commit, for many callers at once."""
        ...

    def of_campaign(self, campaign_id: str) -> list[Used]:
        """All of it, one record for each prompt and model, in the order of their first use."""
        ...


class Labels(Protocol):
    """What people decided about readings. A label is written by the ledger itself, in the transaction of the first
    `Settled` or `Checked` of a message that was read."""

    def all(self, campaign_id: str = "") -> list[Label]:
        """Labels (of one campaign), oldest first."""
        ...

    def to_check(self, campaign_id: str, count: int) -> list[str]:
        """Ids of messages whose reading is sure and that nobody settled or checked: the first so many in the random
        order of `labels.place`, which is always the same. No text is read for it."""
        ...


class Saved(Protocol):
    """Campaigns that people saved to use again, each for its person (by their name or address) and its workbook."""

    def put(self, person: str, one: SavedCampaign) -> SavedCampaign:
        """Keep it for that person in `one.workbook`, in place of what they saved there under that name (whose id it
        then has). Raises InvalidInput when they keep too many there.
        """
        ...

    def of(self, person: str, workbook: str) -> list[SavedCampaign]:
        """What that person saved anywhere, and what anybody saved in that workbook, newest first."""
        ...

    def owned(self, person: str) -> set[str]:
        """Ids of what that person saved: what they may rename and remove."""
        ...

    def rename(self, person: str, saved_id: str, name: str) -> SavedCampaign:
        """Give what that person saved another name. Raises NotFound; Conflict where they have one of it there."""
        ...

    def remove(self, person: str, saved_id: str) -> None:
        """Forget what that person saved. Raises NotFound."""
        ...


class Leases(Protocol):
    """Who works on what, for a short while, in the ledger."""

    def take(self, name: str, owner: str, seconds: float) -> bool:
        """Take or renew the lease; False while another owner's has not run out."""
        ...

    def release(self, name: str, owner: str) -> None:
        """Give it back, if it is still ours."""
        ...

    def holder(self, name: str) -> str | None:
        """Who holds it now, or None."""
        ...

    def held(self) -> list[tuple[str, str]]:
        """(lease, owner) of all leases that have not run out."""
        ...


class Audit(Protocol):
    """Who did what, when and why: an entry for each change of state, written in the transaction of the change."""

    def of_message(self, message_id: str) -> list[Entry]:
        """All that happened to a message, its replies and its cells, oldest first."""
        ...

    def of_campaign(self, campaign_id: str, limit: int) -> list[Entry]:
        """What happened last in a campaign, newest first."""
        ...


class Access(Protocol):
    """Who may come into which workbook from outside, and what people permitted us to do there in the background."""

    def link(self, person: str, workbook: str, until: datetime) -> None:
        """Remember until then that a person (their address) proved that they may edit a workbook (its address); a
        permission of theirs counts from now on.
        """
        ...

    def linked(self, person: str, workbook: str) -> bool:
        """Whether such a proof stands."""
        ...

    def spend(self, word: str, until: datetime) -> bool:
        """Use up a single-use word; False when it was used before. It may be forgotten after `until`."""
        ...

    def permit(self, person: str, workbook: str, refresh_token: str) -> None:
        """Keep what a person gave us for a workbook, in place of what they gave before."""
        ...

    def permission(self, workbook: str, person: str = "") -> str | None:
        """The newest refresh token for a workbook of somebody who proved that they may edit it, or None. With `person`
        theirs, proven or not.
        """
        ...

    def withdraw(self, workbook: str, refresh_token: str) -> None:
        """Forget a permission that has ended."""
        ...

    def holders(self, workbook: str) -> list[str]:
        """What everybody gave us for a workbook (by `permit`) who proved that they may edit it, the first one first."""
        ...

    def keep(self, account: str, address: str, cache: str) -> None:
        """Keep what renews the access of an account, in place of what was kept before. An erasure finds it by the
        address."""
        ...

    def renew(self, account: str, cache: str) -> None:
        """The same for an account that is still known; one that was forgotten or erased meanwhile stays so."""
        ...

    def kept(self, account: str) -> str | None:
        """What renews the access of an account, or None."""
        ...

    def forget(self, account: str, cache: str) -> None:
        """Forget it, if it is still the one that has ended."""
        ...


class Ledger(Protocol):
    """What we must know that the sheet cannot."""

    @property
    def campaigns(self) -> Campaigns: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def cells(self) -> CellWrites: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def suppressions(self) -> Suppressions: ...
    @property
    def leases(self) -> Leases: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def access(self) -> Access: ...
    @property
    def contacts(self) -> Contacts: ...
    @property
    def marks(self) -> Marks: ...
    @property
    def usages(self) -> Usages: ...
    @property
    def labels(self) -> Labels: ...
    @property
    def saved(self) -> Saved: ...

    def purge(self, before: datetime) -> int:
        """Remove texts, addresses and replies of campaigns that ended before that moment (or were left planned, drafted
        or paused, and not touched since, nor on the last day), and of events received before it; counts, states and
        suppressions stay. How many messages were emptied.
        """
        ...

    def known(self, address: str) -> Known:
        """All that is about an address, in clear. Raises TemporaryError."""
        ...

    def erase(self, address: str) -> Known:
        """Remove texts and addresses of all that is about an address; what there was. Counts, states and suppressions
        stay; what had not left is skipped. Raises Conflict while a message to it is on its way.
        """
        ...

    def renew_keys(self, progress: Callable[[int], object] = ...) -> int:
        """Seal everything anew that is not sealed under the newest key; how many records. Safe beside workers that
        know both keys, and to repeat when it was broken off. `progress` hears of every batch.
        """
        ...

    def ping(self) -> None:
        """Raises TemporaryError when the ledger can't be reached or its schema is not the expected one."""
        ...

    def figures(self) -> Figures:
        """What it holds, in numbers, without reading any text. Raises TemporaryError."""
        ...

    def close(self) -> None:
        """Finish what is being written and let go of the database."""
        ...
