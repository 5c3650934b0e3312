"""Whose message it is, and which row's: certain first, and never a guess between two (facts/channels.md, rule 9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from server.domain.choices import read_payload
from server.domain.message import Message
from server.domain.numbers import variants
from server.domain.reply import InboundMessage
from server.domain.words import ChannelName, Flag, MessageState, Outcome
from server.ports import Ledger

ELSEWHERE = "from another address"
"""How a match ends that only the sender speaks against."""

SENDER = "sender"
"""How a match is called that nothing but the sender speaks for."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote: their address ("" when only the provider knows them), all addresses and names they may be known by,
    and whether the provider gave nothing but a name of its own that leads nowhere yet."""

    address: str
    known: frozenset[str]
    nameless: bool = False

    def may_be(self, message: Message) -> bool:
        """Whether the message was written to them."""
        theirs = {message.address.casefold(), message.known_as.casefold()} - {""}
        return bool(theirs & self.known)


def sender_of(*, ledger: Ledger, channel: ChannelName, event: InboundMessage, clean: str) -> Sender:
    """Who wrote, from their clean address and the provider's own id of them: under any form of their number, and under
    the address that we know them by."""
    names = [name for name in (clean, clean.removeprefix("+"), event.user_id) if name]
    led = [address for name in dict.fromkeys(names) if (address := ledger.contacts.address_of(channel, name))]
    address = clean or next(iter(led), "")
    forms = [form for one in (clean, *led) if one for form in variants(one)]
    known = frozenset(name.casefold() for name in (*names, *forms))
    return Sender(address, known, nameless=bool(event.user_id) and not clean and not led)


def match(
    *, ledger: Ledger, provider: str, channel: ChannelName, event: InboundMessage, who: Sender
) -> tuple[list[Message], str]:
    """The message that a reply answers, and how that was found; several when it can't be told which.

    In this order: the token that a button brought back, the message that it answers, the token of its address or
    thread, and only then who wrote it. Where two of these lead to different rows, a person says which.
    """
    payload = read_payload(event.button)
    token = payload[0] if payload else event.token
    by_token = ledger.messages.by_token(token) if token else None
    if event.button and by_token:
        return [by_token], _trusted("button", by_token, who)
    thread = _first(ledger.messages.by_provider_id(provider, reference) for reference in event.in_reply_to)
    if thread and by_token and _row(thread) != _row(by_token):
        return [thread, by_token], "thread and token"
    if thread:
        return [thread], _trusted("thread", thread, who)
    if by_token:
        return [by_token], _trusted("token", by_token, who)
    return _by_sender(_open_to(ledger, channel, who)), SENDER


def _first(found: Iterable[Message | None]) -> Message | None:
    return next((message for message in found if message is not None), None)


def _open_to(ledger: Ledger, channel: ChannelName, who: Sender) -> list[Message]:
    """What went to any form of their address on that channel, newest first: of each row the newest step that surely
    went, or the newest one."""
    found = {one.id: one for name in sorted(who.known) for one in ledger.messages.open_to(channel, name)}
    never = datetime.min.replace(tzinfo=UTC)
    newest = sorted(found.values(), key=lambda one: one.sent_at or one.claimed_at or never, reverse=True)
    of_row: dict[tuple[str, str], Message] = {}
    for one in newest:
        known = of_row.setdefault(_row(one), one)
        if known.state is not MessageState.SENT and one.state is MessageState.SENT:
            of_row[_row(one)] = one
    return [one for one in newest if of_row[_row(one)] is one]


def still_open(*, ledger: Ledger, channel: ChannelName, who: Sender, taken: Message) -> list[Message]:
    """Other rows of theirs that a bare reply may go on about, though it was taken to its newest message: a person still
    has to answer them there, only a machine has answered, or they wrote there since the newest one left."""
    rest = [one for one in _open_to(ledger, channel, who) if (one.campaign_id, one.row_key) != _row(taken)]
    return [one for one in rest if not one.settled_by and (_waits(one) or _written_since(one, taken))]


def _row(message: Message) -> tuple[str, str]:
    return message.campaign_id, message.row_key


def _waits(message: Message) -> bool:
    return message.outcome is None or message.outcome is Outcome.AUTOMATIC or message.flag is Flag.CHECK


def _written_since(message: Message, taken: Message) -> bool:
    return bool(message.replied_at and taken.sent_at and message.replied_at > taken.sent_at)


def _by_sender(found: list[Message]) -> list[Message]:
    """Of the messages to a sender, newest first: the one that a bare reply answers, else all that it may answer.

    It answers the newest one as long as that surely went and is the only one without an answer. A second word from
    somebody must not be taken for the answer to an older campaign that they never answered, nor to a newer one that
    may never have reached them.
    """
    went = next((message for message in found if message.state is MessageState.SENT), None)
    unanswered = [message for message in found if message.outcome is None]
    if len(found) <= 1 or (unanswered == found[:1] and found[0] is went):
        return found[:1]
    return [message for message in found if message in (found[0], went) or message.outcome is None]


def _trusted(how: str, message: Message, who: Sender) -> str:
    """A nameless person answers in the chat that only the recipient has: the row tells who they are."""
    return how if who.may_be(message) or who.nameless else f"{how} {ELSEWHERE}"


def moment(text: str) -> datetime | None:
    """The moment that a provider wrote, in ISO 8601 or as mails do; None for anything else, or without a time zone."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text.strip())
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return found.astimezone(UTC) if found.tzinfo else None
    return None
