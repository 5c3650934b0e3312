"""All that is known about one address, as it is given to the person who asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from server.domain.audit import Entry
from server.domain.message import Message
from server.domain.reply import Reply, StoredEvent
from server.domain.words import ChannelName, SuppressionReason


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A suppression that stands against the address, on one channel or on all (None)."""

    channel: ChannelName | None
    reason: SuppressionReason
    since: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """What is kept of the owner of an address on one channel: when they last wrote to us (to each number of ours by
    itself, without telling which), or what a provider calls them."""

    channel: ChannelName
    at: datetime
    known_as: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger holds about one address, each in the order in which it came."""

    messages: tuple[Message, ...] = ()
    replies: tuple[Reply, ...] = ()
    events: tuple[StoredEvent, ...] = ()
    suppressions: tuple[Suppressed, ...] = ()
    audit: tuple[Entry, ...] = ()
    contacts: tuple[Contact, ...] = ()
