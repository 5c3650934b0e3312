"""What may happen to a message, in words: the events of its state machine. What they do is in `messages`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from server.domain.message import NO_EXTRAS, Approval, Extras
from server.domain.reply import Interpretation
from server.domain.usage import NOT_MADE, Made
from server.domain.words import ChannelName, DeliveryStatus, Outcome, Problem


@dataclass(frozen=True, slots=True)
class Drafted:
    """A text was written for the row (or a reason found why a person must look first)."""

    text: str
    subject: str = ""
    address: str = ""
    person: str = ""
    problem: Problem = Problem.NONE
    note: str = ""
    source: str = ""
    identity: str = ""
    channel: ChannelName | None = None
    carrier: str = ""
    extras: Extras = NO_EXTRAS
    made: Made = NOT_MADE
    version: int | None = None
    """The message's, when its row was read: a text from before a change is not taken. None: whatever it is now."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A person changed the text or subject; an approval lapses, a `Check draft` counts as looked at."""

    text: str
    subject: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class Approved:
    """A person said yes to exactly this text, subject, address and channel."""

    approval: Approval
    text: str
    subject: str
    address: str
    source: str
    identity: str
    channel: ChannelName | None = None
    carrier: str = ""
    extras: Extras = NO_EXTRAS
    unsent: bool = False
    """Only while somebody has yet to say Send: whoever approved may not."""


@dataclass(frozen=True, slots=True)
class Lapsed:
    """An approval no longer holds: the draft needs another yes."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Redrafting:
    """Write the text anew. With a `batch` (a name for all that somebody asked for at once) the old text stays until the
    new one is there, and one step back leads to it; `remark` is then all that is remarked about it now."""

    who: str = ""
    remark: str = ""
    batch: str = ""
    version: int | None = None
    """The message's, when somebody chose it: words or a yes that a person gave it since stay. None: whatever it is."""


@dataclass(frozen=True, slots=True)
class Reverted:
    """One step back: the draft from before it was written anew with a remark."""

    who: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """The once-only mark before the provider is called."""

    owner: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it."""

    provider: str
    provider_id: str
    at: datetime
    known_as: str = ""


@dataclass(frozen=True, slots=True)
class Deferred:
    """The provider proved that it did not take it, for now: try again at `due`."""

    due: datetime
    note: str
    owner: str = ""
    """Whose claim it is about; "" for whoever holds it. A late word of an earlier owner changes nothing."""
    at: datetime | None = None
    """When it was refused; None where that is not the message's own trouble."""


@dataclass(frozen=True, slots=True)
class Postponed:
    """Not now, though nothing is wrong with it: quiet hours, the day's limit is used up, its provider takes nothing.
    Nothing was claimed."""

    due: datetime
    note: str
    at: datetime | None = None
    """When its provider refused others before it; None where no provider did."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """It leaves at a moment of its own, or with the others (None). Nothing was claimed."""

    at: datetime | None
    note: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class SetAside:
    """Others are sent without it: its approval ends, and it is a draft again, as it was."""

    who: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Released:
    """A claim is given back unused: the provider was never called."""

    owner: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider will not take it, ever."""

    note: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Rerouted:
    """Nobody of that address is on the channel, and the plan knows another: to be drafted for that one."""

    mark: str
    """`routes.mark` of the channel and address on which nobody is."""
    note: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """It can't leave as it was approved, and nothing in the row can tell why: a person decides."""

    note: str


@dataclass(frozen=True, slots=True)
class LostAnswer:
    """Nobody knows whether it went: the answer was lost, or the claim's owner died."""

    note: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class SourceChanged:
    """Text, address or source cells differ from the approval at the moment of sending."""

    note: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """A suppression stands against the address, or its provider says that the person wants no more."""

    note: str
    owner: str = ""
    """Whose claim it is about, where there was one."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A person does not want this row written to."""

    note: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The campaign was cancelled before this message left."""

    who: str = ""


@dataclass(frozen=True, slots=True)
class Retried:
    """A person wants another try of a failed, skipped, changed or doubtful send: back to a draft to approve."""

    who: str = ""
    only_failed: bool = False
    """What a provider refused for good, and nothing that may have gone out since somebody looked."""


@dataclass(frozen=True, slots=True)
class ConfirmedSent:
    """A person knows that a send in doubt went out."""

    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Doubted:
    """A draft that was fine needs another look (its source cells changed since)."""

    note: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A sentence for the person, and nothing else."""

    note: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A provider's report, already in our words."""

    status: DeliveryStatus
    note: str = ""
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply was read."""

    interpretation: Interpretation
    reply: str
    automatic: bool = False
    at: datetime | None = None
    """When the reply came: two of one row may be read at once, and end in any order."""
    certain: bool = True
    """False while it may be about another message: then it does not prove that this one went."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody answered for as long as the plan waits."""

    note: str


@dataclass(frozen=True, slots=True)
class Followed:
    """The row is written to again: a later step is shown in the place of this one."""

    note: str
    """What the later step is, in a word or two."""
    who: str = ""
    answered: bool = False
    """It may have an answer, if no sure one: the later step asks back. Else only who has not answered is written to."""
    kept: bool = False
    """It has its answer, and the later step, which only says something, takes that over."""
    heard: datetime | None = None
    """When the newest reply came that a person knew of; None where that does not matter."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A further step of the row, which nobody got for sure, is taken out of it."""

    note: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class Restored:
    """The step after this one was taken out of the row: this one is shown again."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """A person decided what the reply says; wins over any reading, earlier or later."""

    who: str
    outcome: Outcome
    values: Mapping[str, str]
    heard: datetime | None = None
    """When the reply came that they decided about; None: whichever is the newest. A later one is not settled by it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A person was shown a sure reading, drawn at random, and says what the reply says. Where they agree, nothing
    changes: the row is not settled, and a later reply counts as before. Where they do not, it is as `Settled`."""

    who: str
    outcome: Outcome
    values: Mapping[str, str]
    heard: datetime | None = None


MessageEvent = (
    Drafted
    | Edited
    | Approved
    | Lapsed
    | Redrafting
    | Reverted
    | Claimed
    | Accepted
    | Deferred
    | Postponed
    | Scheduled
    | SetAside
    | Released
    | Refused
    | Rerouted
    | TakenBack
    | LostAnswer
    | SourceChanged
    | Blocked
    | Skipped
    | Cancelled
    | Retried
    | ConfirmedSent
    | Doubted
    | Noted
    | Delivery
    | Answered
    | Settled
    | Checked
    | Unanswered
    | Followed
    | Withdrawn
    | Restored
)
