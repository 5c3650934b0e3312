"""A message: what one row is told, how far it got, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from server.domain.usage import NOT_MADE, Made
from server.domain.words import ChannelName, DeliveryStatus, Flag, MessageState, Outcome, Problem


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's yes to that exact text and address: who, when, and the fingerprint of what they saw."""

    who: str
    at: datetime
    fingerprint: str


@dataclass(frozen=True, slots=True)
class FilledTemplate:
    """A message template that the provider has approved, with its variables filled for one row.

    `name` is Meta's template name or Twilio's ContentSid, `variables` the name or number of a slot -> its text.
    """

    name: str
    language: str = "en"
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extras:
    """What a row's own columns add to its message, as it was drafted (and approved): clean mail addresses, the file or
    link that goes along, as it stands in the cell, and the provider's template with `text`, what it reads filled."""

    cc: tuple[str, ...] = ()
    sender: str = ""
    reply_to: str = ""
    attachment: str = ""
    template: FilledTemplate | None = None
    text: str = ""


NO_EXTRAS = Extras()


@dataclass(frozen=True, slots=True)
class Former:
    """The draft that stood there before somebody had it written anew with a remark: one step back leads to it. `batch`
    names what was asked for at once."""

    text: str = ""
    subject: str = ""
    problem: Problem = Problem.NONE
    note: str = ""
    source: str = ""
    remark: str = ""
    made: Made = NOT_MADE
    batch: str = ""


NO_FORMER = Former()


@dataclass(frozen=True, slots=True)
class Message:
    """One row's message in one step of a campaign; (campaign_id, row_key, step) is unique in the ledger.

    `chunk` groups messages into jobs. `identity` fingerprints the row's person and address, so that a key torn
    from its row by a partial sort is noticed. `source` fingerprints the cells the text was made from. `token` is
    the opaque word that every send carries and every reply may bring back. `version` grows with every change;
    `rendered` is the version that the sheet's cells were last computed from. `replied_at` is when `reply` came,
    `refused_at` when its provider first would not take it for now, `planned_at` the moment that its row's own cell
    named when it was last looked at, where the sending goes by such a column.

    `channel` and `carrier` are what it is bound for, None and "" before it has an address; `provider` is who took it.
    `known_as` is how that provider calls the person. `unreached` holds `domain.routes.mark` of each route on which the
    provider said that nobody of that address is: it is not drafted for these again.

    A row may be written to again in a further `step` (a reminder, a question back): the earlier one is then `followed`,
    and the row shows the later one, made from the `template` where a person gave one. A later step that is taken out of
    the row again is `followed` too, and the one that it `follows` (an id) is shown. `unanswered` tells that the plan's
    time for an answer is over. `thread` is the provider's id of the message that this one answers, `question` what this
    step asks where that is not the plan's question. `drafted_by` and `read_by` say what made text and reading.
    `checked_by` is who found a sure reading right in a spot check, which settles nothing. `remark` is what a person
    wants otherwise about its text, a line each time, and `former` the draft before the last of these.
    """

    id: str
    campaign_id: str
    row_key: str
    step: int = 0
    chunk: int = 0
    state: MessageState = MessageState.CHOSEN
    problem: Problem = Problem.NONE
    note: str = ""
    person: str = ""
    address: str = ""
    subject: str = ""
    text: str = ""
    source: str = ""
    identity: str = ""
    approval: Approval | None = None
    owner: str = ""
    attempts: int = 0
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    due_at: datetime | None = None
    refused_at: datetime | None = None
    planned_at: datetime | None = None
    provider: str = ""
    provider_id: str = ""
    token: str = ""
    delivery: DeliveryStatus = DeliveryStatus.NONE
    outcome: Outcome | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    confidence: float | None = None
    flag: Flag | None = None
    reply: str = ""
    evidence: str = ""
    settled_by: str = ""
    replied_at: datetime | None = None
    version: int = 0
    rendered: int = -1
    channel: ChannelName | None = None
    carrier: str = ""
    known_as: str = ""
    unreached: tuple[str, ...] = ()
    extras: Extras = NO_EXTRAS
    followed: bool = False
    unanswered: bool = False
    follows: str = ""
    template: str = ""
    thread: str = ""
    question: str = ""
    drafted_by: Made = NOT_MADE
    read_by: Made = NOT_MADE
    checked_by: str = ""
    remark: str = ""
    former: Former = NO_FORMER


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that the recipient can give with one press: a button, a digit, a key. `code` is "1", "2", ... in the
    order of the plan's allowed values, `title` what it says."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along with a mail: its name (no folders), its media type, its bytes."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a channel is asked to send: exactly one recipient.

    `token` goes into every slot that the provider offers. `message_id` is ours and stable over retries, so that
    a provider with idempotency keys, or a search for it, can settle a send in doubt. `send_id` names this very
    send, the same over its retries, another one after a person approved it anew: an idempotency key. `thread` is the
    provider id of the message that this one answers, or "". `choices` are what can be pressed. With `template` the
    text is what the recipient will see, and the template is what is sent. `known_as` is how the provider calls this
    person where that differs from the address (Meta's wa_id, a BSUID). `language` is BCP 47, for speech. `cc`, `sender`
    and `reply_to` are clean mail addresses ("" or empty: the settings'). `claimed_at` is when it was handed over, known
    where its fate is asked for: a provider that lists nothing of it proves something only after a while.
    """

    message_id: str
    token: str
    address: str
    text: str
    subject: str = ""
    person: str = ""
    unsubscribe_url: str = ""
    thread: str = ""
    send_id: str = ""
    choices: tuple[Choice, ...] = ()
    template: FilledTemplate | None = None
    known_as: str = ""
    language: str = ""
    attachments: tuple[Attachment, ...] = ()
    cc: tuple[str, ...] = ()
    sender: str = ""
    reply_to: str = ""
    claimed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took it: its own id for the message, "" where it gives none. `known_as`: how it calls the person,
    where it says so."""

    provider_id: str
    known_as: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel bears: sends in flight per worker process, and sends a second over all (None: no limit).

    `longest` is the most characters of a text, `window` how many seconds after a person's last message they may be
    written to freely (None: always); later only an approved template reaches them. `choices` is how many answers can
    be offered to press or type (0: none), `buttons` that a free text bears them as something to press. `files`,
    `copies` and `subjects` say whether mails' attachments, cc and subject go. `ours` is the number that messages go
    out from, as `InboundMessage.ours` names it ("": any of ours), `sender_domain` the domain whose addresses a row may
    name as its mail's sender ("": none). `ask_every` is how many seconds pass between two questions for what its
    webhooks may have lost.
    """

    concurrency: int = 8
    per_second: float | None = None
    longest: int | None = None
    window: float | None = None
    choices: int = 0
    buttons: bool = False
    files: bool = False
    copies: bool = False
    subjects: bool = False
    ours: str = ""
    sender_domain: str = ""
    ask_every: float = 180.0
