"""What comes back: delivery events, inbound messages, and what we read in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from server.domain.usage import NOT_MADE, Made
from server.domain.words import ChannelName, DeliveryStatus, Flag, Outcome


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """An HTTP request as a provider posted it: raw bytes, lower-case header names, our configured public URL."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """A provider's report about one message. `permanent` tells a hard bounce from a passing one.

    `code` is the provider's own for what went wrong, `opted_out` that it says the person wants no more messages,
    `elsewhere` that nobody of that address is on this channel at all, so that another channel may reach them,
    `whole_campaign` that the fault is the account's, the sender's or the template's: every other message meets it too.
    """

    event_id: str
    status: DeliveryStatus
    token: str = ""
    provider_id: str = ""
    address: str = ""
    at: str = ""
    detail: str = ""
    permanent: bool = False
    code: str = ""
    opted_out: bool = False
    elsewhere: bool = False
    whole_campaign: bool = False


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message from a person (or their machine) to us, as the provider handed it over.

    `headers` are lower-case names to values, as far as they tell automatic mail from human mail and thread it.
    `button` is the code (see `domain.choices`) or the words of what was pressed, "" where nothing was. `channel` is
    None where the provider has only one. `ours` is the number or address of ours that it came to; `user_id` the
    provider's own id of the person (a BSUID), who may have no number that we may know. `files` are the names of what
    came along; `html` is the text as it was marked up, for providers that give no plain one. `fetch` is the id by which
    the rest is still to be fetched from the provider, "" when nothing is missing.
    """

    event_id: str
    sender: str
    text: str
    subject: str = ""
    token: str = ""
    in_reply_to: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    button: str = ""
    at: str = ""
    channel: ChannelName | None = None
    ours: str = ""
    user_id: str = ""
    files: tuple[str, ...] = ()
    html: str = ""
    fetch: str = ""


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """A correctly signed event that we do not know: stored, answered 2xx, otherwise left alone."""

    event_id: str
    name: str = ""


Event = DeliveryEvent | InboundMessage | UnknownEvent


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What a provider wants to hear once its request is stored: nothing, or some words of its own form."""

    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event in the ledger's inbox; (provider, event.event_id) is unique."""

    id: str
    provider: str
    event: Event
    received_at: datetime
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An inbound message that we took to a row, or could not (`message_id` None: an unmatched reply).

    `visible` is what the person wrote now, `quoted` what their mail program repeated. `candidates` are message
    ids that it may belong to when it could not be matched to exactly one, or when others of its sender are open beside
    the one it was taken to. `files` are the names of what came along.
    """

    id: str
    event_id: str
    channel: ChannelName
    sender: str
    visible: str
    received_at: datetime
    message_id: str | None = None
    campaign_id: str | None = None
    quoted: str = ""
    subject: str = ""
    automatic: bool = False
    button: str = ""
    matched_by: str = ""
    candidates: tuple[str, ...] = ()
    interpretation: Interpretation | None = None
    settled_by: str = ""
    files: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """What its row's cell shows: the words, and the names of the files."""
        named = named_files(self.files)
        return self.visible if named in self.visible else f"{self.visible}\n{named}"


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What a reply says: an outcome, values for answer columns, the quoted words it rests on, a confidence 0..1.

    `reason` is one sentence for the person who reviews it. `values` holds only values that the plan allows.
    """

    outcome: Outcome
    values: Mapping[str, str] = field(default_factory=dict)
    evidence: str = ""
    confidence: float = 0.0
    flag: Flag = Flag.CHECK
    reason: str = ""
    made: Made = NOT_MADE


MOST_FILES, LONGEST_NAME = 5, 60


def named_files(files: Sequence[str]) -> str:
    """“[2 files: a.pdf, b.jpg]”, "" for none. Names come from strangers: one line, short, and never a formula."""
    names = [_UNSAFE.sub(" ", name).strip()[:LONGEST_NAME] or "unnamed" for name in files]
    if not names:
        return ""
    more = f" and {len(names) - MOST_FILES} more" if len(names) > MOST_FILES else ""
    return f"[{len(names)} file{'s' if len(names) > 1 else ''}: {', '.join(names[:MOST_FILES])}{more}]"


_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\[\]]+")
"""Line ends, other control characters, those that turn the direction of reading, and our own brackets."""
