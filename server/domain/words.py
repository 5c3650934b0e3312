"""The vocabulary of section 3 of the design: one word per thing, the same in code, cells, panel and docs."""

from __future__ import annotations

from enum import StrEnum


class ChannelName(StrEnum):
    """How a message travels. `outbox` is the local mailbox that needs no account."""

    OUTBOX = "outbox"
    EMAIL = "email"
    WHATSAPP = "whatsapp"
    SMS = "sms"
    VOICE = "voice"


class Status(StrEnum):
    """The one short word in the `Status` cell. People filter on these: never rename one."""

    DRAFT = "Draft"
    CHECK_DRAFT = "Check draft"
    APPROVED = "Approved"
    SENDING = "Sending"
    SENT = "Sent"
    DELIVERED = "Delivered"
    READ = "Read"
    CONFIRMED = "Confirmed"
    DECLINED = "Declined"
    ANSWERED = "Answered"
    REVIEW = "Review"
    AWAY = "Away"
    NO_ANSWER = "No answer"
    NO_ADDRESS = "No address"
    DUPLICATE = "Duplicate"
    SKIPPED = "Skipped"
    CHANGED = "Changed"
    BOUNCED = "Bounced"
    FAILED = "Failed"
    OPTED_OUT = "Opted out"
    IN_DOUBT = "In doubt"
    CANCELLED = "Cancelled"


TELLS_OF_SEND: frozenset[Status] = frozenset(
    {
        Status.SENT,
        Status.DELIVERED,
        Status.READ,
        Status.CONFIRMED,
        Status.DECLINED,
        Status.ANSWERED,
        Status.REVIEW,
        Status.AWAY,
        Status.NO_ANSWER,
        Status.BOUNCED,
        Status.OPTED_OUT,
        Status.IN_DOUBT,
    }
)
"""Where a row says one of these, its message went (or may have), or must not go, whatever an older ledger knows."""

NEEDS_PERSON: frozenset[Status] = frozenset(
    {
        Status.CHECK_DRAFT,
        Status.NO_ADDRESS,
        Status.DUPLICATE,
        Status.CHANGED,
        Status.IN_DOUBT,
        Status.FAILED,
        Status.BOUNCED,
        Status.REVIEW,
    }
)
"""Rows in these words make `run` exit with 3 (design, section 6)."""


class Command(StrEnum):
    """What an organiser may type into a `Status` cell (any case), or press in the panel."""

    APPROVED = "Approved"
    SKIP = "Skip"
    RETRY = "Retry"
    REDRAFT = "Redraft"
    SENT = "Sent"
    ACCEPT = "Accept"
    REMIND = "Remind"


class Outcome(StrEnum):
    """What a reply amounts to."""

    CONFIRMED = "confirmed"
    DECLINED = "declined"
    RESCHEDULE = "reschedule"
    ANSWERED = "answered"
    QUESTION = "question"
    WRONG_PERSON = "wrong_person"
    OPT_OUT = "opt_out"
    AUTOMATIC = "automatic"
    UNCLEAR = "unclear"


class Flag(StrEnum):
    """What the `Flag` cell shows."""

    SURE = "sure"
    CHECK = "check"


class DeliveryStatus(StrEnum):
    """Where a sent message stands, in our words; providers' words are mapped onto these."""

    NONE = ""
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNKNOWN = "unknown"


class Actor(StrEnum):
    """Who may cause a change of state. What a person or a provider says is carried out by a worker, and is theirs."""

    ORGANISER = "organiser"
    WORKER = "worker"
    PROVIDER = "provider"
    RECIPIENT = "recipient"
    CLOCK = "clock"
    """The sweep: a lease ran out, a step has nothing left to do."""
    OPERATOR = "operator"


class CampaignState(StrEnum):
    """Where a campaign stands. Legal moves are in `machine.CAMPAIGN_MOVES`."""

    PLANNED = "planned"
    DRAFTING = "drafting"
    DRAFTED = "drafted"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class MessageState(StrEnum):
    """Where one message stands. Legal moves are in `machine.MESSAGE_MOVES`."""

    CHOSEN = "chosen"
    """The row is chosen, nothing is drafted yet."""
    DRAFTED = "drafted"
    """There is a text; `problem` says whether a person must look at it first."""
    APPROVED = "approved"
    SENDING = "sending"
    """Claimed: from here on only the provider, or a person, can say whether it went."""
    SENT = "sent"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    CHANGED = "changed"
    """Text, address or source cells differed from the approval at the moment of sending."""


BEYOND_SEND = frozenset({MessageState.SENDING, MessageState.SENT, MessageState.IN_DOUBT})
"""A provider may have the message: never sent again by itself, never unsaid."""


class Problem(StrEnum):
    """Why a drafted message is not simply a `Draft`."""

    NONE = ""
    CHECK = "check"
    NO_ADDRESS = "no_address"
    DUPLICATE = "duplicate"
    SHARED_ADDRESS = "shared_address"
    SUPPRESSED = "suppressed"


class Role(StrEnum):
    """The columns we add, by what they are for; `Campaign.columns` says which title each one got."""

    STATUS = "Status"
    SUBJECT = "Subject"
    MESSAGE = "Message"
    REPLY = "Reply"
    CONFIDENCE = "Confidence"
    FLAG = "Flag"
    NOTE = "Note"


ROW_KEY_TITLE = "Row key"
"""Title of the hidden column that carries row keys in hosts without column metadata."""


class CellKind(StrEnum):
    """What a cell holds, as its host sees it."""

    BLANK = "blank"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    ERROR = "error"


class AnswerKind(StrEnum):
    """The type of an answer column."""

    CHOICE = "choice"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"


class SuppressionReason(StrEnum):
    """Why we do not write to an address any more."""

    OPT_OUT = "opt_out"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"


class CellWriteState(StrEnum):
    """A cell write is wanted, then written; or a person's value was found and kept; or the row is gone."""

    PENDING = "pending"
    WRITTEN = "written"
    CONFLICT = "conflict"
    GONE = "gone"


class ReplyState(StrEnum):
    """Where a reply stands; `machine.state_of` says it. RECEIVED is an event of the inbox that nobody looked at yet."""

    RECEIVED = "received"
    MATCHED = "matched"
    UNMATCHED = "unmatched"
    AMBIGUOUS = "ambiguous"
    """It may belong to several rows: a person says to which."""
    READ = "read"
    SETTLED = "settled"
