"""What the panel and the API say to each other. The OpenAPI document is made from these models."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from server.domain.confidence import LEAST_SURE_AT
from server.domain.words import CampaignState, ChannelName, Flag, Outcome, Status
from server.web.model import Model as Model
from server.web.plan_schemas import PlanView, TemplateView
from server.web.speaking import Sentence


class Problem(Model):
    """An error, after RFC 9457. `detail` is a sentence for people; `field` names what was wrong, where one was."""

    type: str = "about:blank"
    title: Sentence
    status: int
    detail: Sentence
    field: str = ""
    suggestions: list[str] = Field([])


class GoogleProblem(Problem):
    """What would help somebody who comes in from Google or Excel.

    `type` `urn:cellback:prove`: write `nonce` into the spreadsheet's metadata and ask again. `urn:cellback:share`:
    share the spreadsheet with `account`, or open `connect` (a path here) to permit it. `urn:cellback:not-allowed`.
    From Excel `urn:cellback:sign-in`: sign in with Microsoft. `urn:cellback:consent`: an administrator agrees at
    `connect` (an address of Microsoft's).
    """

    nonce: str = ""
    account: str = ""
    connect: str = ""


class Arrival(Model):
    """Somebody in the sidebar of a spreadsheet, as Google vouches for them."""

    identity_token: Annotated[str, Field(max_length=8192)]
    spreadsheet_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{10,100}$")]
    sheet_id: Annotated[int, Field(ge=0, le=2**31)]


class GoogleSession(Model):
    """A session for one spreadsheet. `token` is the bearer of all further calls; `connect` leads (as a path) to where
    the person may permit background work, "" where that is not set up."""

    token: str
    expires_in: int
    who: str
    workbook: str
    sheet: str
    account: str
    connect: str = ""


class ExcelArrival(Model):
    """Somebody in Excel's task pane: a token of Microsoft's for our API, and the address of what they have open."""

    access_token: Annotated[str, Field(max_length=16384)]
    document_url: Annotated[str, Field(max_length=4096, pattern=r"^https://[^\s]+$")]
    worksheet_id: Annotated[str, Field(pattern=r"^(\{[0-9A-Fa-f-]{36}\})?$")] = ""


class ExcelSession(Model):
    """A session for one workbook. `token` is the bearer of all further calls."""

    token: str
    expires_in: int
    who: str
    workbook: str
    sheet: str


class SheetPath(Model):
    """Which sheet is meant; without one, the one that `serve` was started with."""

    workbook: str = Field("", description="Path or URL of the workbook; empty: the one opened at start.")
    sheet: str = Field("", description="Tab; empty: its first visible one.")


class ChannelView(Model):
    """A channel that can be used here, and what to say when it can't."""

    name: ChannelName
    provider: str
    ready: bool
    hint: Sentence = Field("", description="What to set when it is not ready.")
    sender: str = Field("", description="From whom people get it: an address or a number of ours, where one is set.")


class Session(Model):
    """What the panel needs to know once, at its start."""

    host: Literal["desk", "google", "excel"]
    workbook: str
    sheet: str
    sheets: list[str]
    file_name: str
    channels: list[ChannelView]
    undo_seconds: int
    time_zone: str = Field("UTC", description="The sheet's time zone.")
    quiet_hours: str = Field("", description="The settings' quiet hours, empty for none.")
    offline_model: bool = Field(description="True while no model is configured: drafts and readings are simple.")
    examples: list[str] = Field(description="Instructions that would fit this sheet, made from its own columns.")
    who: str = Field(description="Who approves and settles, as shown to others.")
    may: list[Literal["edit", "approve", "send"]] = Field(description="What this person may do; anybody here may look.")


class GridColumn(Model):
    """A column of the desk's grid; `ours` marks the ones that Cellback added."""

    title: str
    letter: str
    ours: bool
    hidden: bool


class GridCell(Model):
    """A cell as shown. `locked` cells (formulas, merged, row keys) can't be edited on the desk."""

    shown: str
    locked: bool = False


class GridRow(Model):
    """A row; `position` is only good together with the grid's `version`."""

    position: int
    key: str
    hidden: bool
    cells: list[GridCell]


class Grid(Model):
    """A window on the live sheet. With `unchanged` the rest is empty: nothing moved since the version asked with."""

    version: str
    unchanged: bool = False
    columns: list[GridColumn] = Field([])
    rows: list[GridRow] = Field([])
    total: int = 0
    offset: int = 0
    warnings: list[Sentence] = Field([])


class GridEdit(Model):
    """A person's edit of one cell on the desk, refused (409) when the sheet moved on since `version`."""

    workbook: str = ""
    sheet: str = ""
    version: str
    position: int
    column: int = Field(description="Index in `columns`.")
    value: str


class Fault(Model):
    """Something that pre-flight found, worst kind first; `cells` lead to it (at most 100 of `count`)."""

    kind: str
    level: Literal["block", "ask", "warn"]
    sentence: Sentence
    count: int
    rows: int = Field(0, description="Rows that its cells stand in; 0 where it is about no cell.")
    columns: list[str] = Field([], description="What it is about, by titles of columns.")
    of: int = Field(0, description="Of so many rows, where it is said of some only.")
    cells: list[FaultCell] = Field([])


class FaultCell(Model):
    """Where a fault is: the row by its key (or "" for a header) and the column by its title."""

    key: str
    column: str
    row: int = Field(description="Row number at the moment of the check, for people only.")


class NewCampaign(SheetPath):
    """An instruction, or a template, for a sheet."""

    instruction: Annotated[str, Field(max_length=8000)] = ""
    template: Annotated[str, Field(max_length=8000)] = ""
    subject: Annotated[str, Field(max_length=500)] = ""
    channel: ChannelName | None = None
    provider: str = ""
    address_column: str = ""
    answers: list[str] = Field([], description="Column=Value|Value|..., as on the command line.")
    rows: list[str] = Field(["visible"], description='["visible"], ["all"] or row keys.')
    fallback: list[str] = Field([], max_length=8, description="CHANNEL[:PROVIDER][=COLUMN], as on the command line.")
    channel_column: str = ""
    attachment_column: str = ""
    cc_column: str = ""
    sender_column: str = ""
    reply_to_column: str = ""
    whatsapp_template: TemplateView | None = None
    language: Annotated[str, Field(max_length=20)] = ""
    tone: Annotated[str, Field(max_length=500)] = ""
    counts: Annotated[str, Field(max_length=1000)] = ""
    remind_after: Annotated[int, Field(ge=0, le=365)] = 0


class Count(Model):
    """How many rows stand at a status word."""

    status: Status
    count: int


class ChoicePart(Model):
    """A number in the sentence about a plan's rows."""

    kind: Literal["chosen", "all", "hidden", "other", "sent", "no_address"]
    count: int


class ProgressView(Model):
    """How a sending goes, by the ledger: the same for whoever opens the panel."""

    per_second: float | None = Field(description="Over the last minute; null while nothing left in it.")
    seconds_left: float | None = Field(description="Until what is due has left, at that pace.")
    due: int = Field(description="Approved, and nothing but the pace stands in the way.")
    later: int = Field(description="Approved, and waiting for their time: their own, quiet hours, a provider.")
    next_at: datetime | None = Field(description="When the next one may leave, where none may now.")


class CampaignView(Model):
    """A campaign as the panel shows it. `version` changes whenever anything in it does."""

    id: str
    name: str
    workbook: str
    sheet: str
    instruction: str
    state: CampaignState
    plan: PlanView
    columns: dict[str, str] = Field(
        {}, description="Title in the sheet of each role and answer column, once they are there."
    )
    choice: Sentence = Field(description='"37 of 120; 61 hidden, 14 already sent, 8 without an address"')
    choice_parts: list[ChoicePart] = Field(
        [], description="The numbers of `choice`, until there are drafts; GET .../left-out lists the rows of each kind."
    )
    faults: list[Fault] = Field([])
    rows: int
    chosen: int = Field(description="Rows that the plan means: more than `rows` while only some have a message.")
    trial: int = Field(0, description="So many rows are tried before the rest; 0: no trial, or it is over.")
    sure_at: float = Field(description="The confidence from which a reading is sure: its own, or the settings'.")
    drafted: int
    approved: int = Field(description="Approved and not yet sent.")
    approvable: int = Field(description="Plain drafts that `approve` without keys would take.")
    sent: int = Field(0, description="Rows that were written to, whatever became of them; `reach` counts the same.")
    counts: list[Count]
    reviews: int
    needs_person: int
    pending_cells: int = Field(description="Cell writes that wait for the sheet.")
    note: Sentence = ""
    started_by: str = ""
    started_at: datetime | None = Field(None, description="When Send was pressed.")
    scheduled: datetime | None = Field(None, description="The chosen moment it waits for; until then it can be undone.")
    time_zone: str = Field("UTC", description="The sheet's: by its clocks people read `scheduled`.")
    hours: str | None = Field(None, description="Its own quiet hours; empty: none; null: the settings'.")
    at_column: str = Field("", description="The column that says when each row's message leaves.")
    progress: ProgressView | None = Field(None, description="While it is being sent, or paused.")
    created_at: datetime
    start_at: datetime | None = Field(None, description="End of the undo window.")
    seconds_to_start: float | None = Field(None, description="Seconds left of the undo window.")
    version: str


class CampaignList(Model):
    """Campaigns of a sheet, newest first. With `unchanged` there are none in it: nothing moved since that version."""

    campaigns: list[CampaignView]
    version: str
    unchanged: bool = False


class OddView(Model):
    """A character that a plain SMS can't carry, and what could stand there (null: nothing)."""

    character: str
    name: str
    instead: str | None = None


class SmsView(Model):
    """A text as an SMS."""

    encoding: str = Field(description="GSM-7 or Unicode.")
    segments: int
    left: int = Field(description="Characters left in the last segment.")
    odd: list[OddView] = Field([])
    cost: Decimal | None = Field(None, description="What its segments cost; null where no price is set.")
    currency: str = ""


class EstimateView(Model):
    """What the SMS of a campaign come to, before they are sent; `sentence` is "" when there are none."""

    messages: int
    segments: int
    unicode: int = Field(description="How many need Unicode.")
    odd: list[OddView] = Field([])
    cost: Decimal | None = None
    currency: str = ""
    sentence: Sentence = ""


class TextBefore(Model):
    """The text that stood there before a redraft with a remark."""

    text: str
    subject: str = ""


class MessageView(Model):
    """One row's message and what came back. `step` counts from 0: a later one is a reminder, or asks back."""

    step: int = 0
    edited: bool = Field(False, description="A person wrote over the draft.")
    remark: str = Field("", description="What is remarked about the text, a line each time.")
    before: TextBefore | None = Field(None, description="Where one step back leads.")
    approved_by: str = Field("", description="Who said yes to exactly this text and address, while that counts.")
    approved_at: datetime | None = None
    message_id: str
    key: str
    person: str
    address: str
    channel: ChannelName | None = None
    carrier: str = Field("", description="The provider it is bound for.")
    template: str = Field("", description="The approved template that is sent, where one is.")
    files: str = Field("", description="What goes along, as the cell names it.")
    copies: list[str] = Field([])
    sms: SmsView | None = None
    subject: str
    text: str
    status: Status | None
    note: Sentence
    reply: str = ""
    outcome: Outcome | None = None
    values: dict[str, str] = Field({})
    confidence: float | None = None
    flag: Flag | None = None
    evidence: str = ""


class MessageList(Model):
    """A page of messages."""

    messages: list[MessageView]
    total: int


class HistoryEntry(Model):
    """One change of a message, its replies or its cells: who did what, when and why."""

    at: datetime
    who: str = Field(description="A person's name, a worker, a provider; else organiser, recipient, clock ...")
    what: str
    why: Sentence = ""


class History(Model):
    """All that happened to one row's message, oldest first."""

    entries: list[HistoryEntry]


class MessageEdit(Model):
    """A new text for one row (the same as editing its cell)."""

    text: Annotated[str, Field(max_length=20000)] | None = None
    subject: Annotated[str, Field(max_length=500)] | None = None


class Keys(Model):
    """Rows by their keys; without any, all that the action fits."""

    keys: list[str] | None = None


class ToDraft(Keys):
    """Rows by their keys, or so many of the plan's rows first, to look at their texts; without either all of them."""

    first: Annotated[int, Field(ge=1, le=1000)] | None = None


class Bounds(Model):
    """What bounds a campaign's use of the model. A field that is left out stays; null: as the settings say."""

    sure_at: Annotated[float, Field(ge=LEAST_SURE_AT, le=0.99)] | None = Field(
        None, description="The confidence from which a reading is sure."
    )
    most_tokens: Annotated[int, Field(ge=0, le=10**12)] | None = None
    most_cost: Annotated[float, Field(ge=0, le=10**9)] | None = Field(
        None, description="In the currency of the model's prices."
    )


class ModelUse(Model):
    """What a campaign's calls of the model used so far, and what the rows that have no text yet would use."""

    model: str = Field(description="Empty: no language model is set up.")
    calls: int
    input: int
    cached: int
    output: int
    cost: str | None = Field(description="None where the model's price is not known.")
    most_tokens: int | None
    most_cost: float | None
    per_row: int = Field(description="Tokens that a text took on average; an estimate before there is one.")
    rest: int = Field(description="Rows that have no text yet.")
    sentence: Sentence


class Command(Model):
    """What an organiser could also type into the Status cell."""

    keys: list[str]
    command: Literal["Approved", "Skip", "Retry", "Redraft", "Sent", "Remind"]


class Done(Model):
    """How many rows an action changed, and a sentence about those that it left."""

    changed: int
    sentence: Sentence = ""


class TestMessage(Model):
    """A test message to oneself with the data of one row (the first without a key)."""

    address: str
    key: str = ""


class ReviewItem(Model):
    """A reply that a person should look at, with the proposal."""

    message_id: str
    key: str
    person: str
    asked: str
    reply: str
    channel: ChannelName | None = Field(None, description="Which way the reply came.")
    outcome: Outcome | None
    values: dict[str, str]
    confidence: float | None
    evidence: str
    reason: Sentence
    made: str = Field("", description="The prompt and the model that read it; empty for the offline reader.")
    files: list[str] = Field([], description="Names of the files that came with the reply.")
    replied_at: datetime | None = Field(None, description="When it came; a decision about it says so.")


class ReviewList(Model):
    """What waits for a person, oldest first."""

    reviews: list[ReviewItem]
    unmatched: int = Field(description="Replies that fit no row.")


class Settle(Model):
    """A person's decision about a reply."""

    outcome: Outcome
    values: dict[str, str] = Field({})
    replied_at: datetime | None = Field(
        None, description="Of the reply that was decided about: refused (409) when another one has come since."
    )


class MailItem(Model):
    """A message in the local mailbox, as its recipient sees it."""

    id: str
    to: str
    person: str
    subject: str
    text: str
    at: datetime
    read: bool
    answers: list[str]
    channel: ChannelName = ChannelName.OUTBOX
    choices: list[str] = Field([], description="What can be pressed; on an SMS what the digits 1, 2, … mean.")


class Mailbox(Model):
    """The local mailbox, newest first."""

    mails: list[MailItem]
    total: int


class MailAnswer(Model):
    """An answer as the recipient; `automatic` makes it look like an out-of-office, `button` presses that choice."""

    text: Annotated[str, Field(max_length=20000)] = ""
    automatic: bool = False
    button: Annotated[int, Field(ge=0)] | None = None


class Opened(Model):
    """A workbook dropped on the desk, opened."""

    workbook: str
    sheet: str
    file_name: str
    note: Sentence = ""


class Health(Model):
    """Whether a part is well."""

    status: Literal["ok", "failing"]
    checks: dict[str, str] = Field({})


Fault.model_rebuild()


class LinkView(Model):
    """A view of the sheet under a name for people, as an address that their browser opens."""

    name: str
    url: str


class Links(Model):
    """Views of a campaign's sheet; none where its host has no such."""

    links: list[LinkView]


class AccessView(Model):
    """Whether Cellback may edit the sheet. `account` is the address to share it with, "" where there is none."""

    standing: Literal["ok", "not_shared", "view_only", "gone", "refused", "away"]
    sentence: Sentence
    account: str = ""
