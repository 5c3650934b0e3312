"""webhook -> stored event -> the row it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from server.domain.keys import new_id
from server.domain.machine import Answered
from server.domain.message import Message
from server.domain.reply import (
    DeliveryEvent,
    Event,
    InboundMessage,
    Interpretation,
    Reply,
    StoredEvent,
    UnknownEvent,
)
from server.domain.visible import is_automatic, is_opt_out, split
from server.domain.words import ChannelName, Flag, MessageState, Outcome, SuppressionReason
from server.errors import AddressError, TemporaryError
from server.flow.tracking import track
from server.ports import Channel, Clock, Ledger

PATIENCE = timedelta(minutes=2)
"""How long a report about a message we do not know waits for its receipt: it may have been faster."""


def store(*, ledger: Ledger, clock: Clock, provider: str, events: Iterable[Event], raw: str = "") -> list[str]:
    """Keep each event once, durably, before the webhook is answered; ids of those that are new.

    The raw body stays with a single event, and with the first unknown one of a batch.
    """
    batch, now = list(events), clock.now()
    keeper = next((event for event in batch if len(batch) == 1 or isinstance(event, UnknownEvent)), None)
    return ledger.inbox.store(
        [StoredEvent(new_id("evt"), provider, event, now, raw if event is keeper else "") for event in batch]
    )


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an event: the campaign whose sheet has news, the reply to read."""

    campaign_ids: tuple[str, ...] = ()
    reply_id: str = ""


def receive(*, ledger: Ledger, clock: Clock, channel_of: Callable[[str], Channel], event_id: str) -> Received:
    """Process one stored event; safe to repeat. An event that can't be placed yet stays for the next sweep."""
    stored = ledger.inbox.get(event_id)
    match stored.event:
        case DeliveryEvent() as event:
            message = track(ledger=ledger, provider=stored.provider, event=event)
            if message is None and clock.now() - stored.received_at < PATIENCE:
                raise TemporaryError("This report is about a message whose receipt is not here yet.")
            ledger.inbox.done(event_id, "" if message else "no such message")
            return Received((message.campaign_id,) if message else ())
        case InboundMessage() as event:
            received = _take_in(ledger, channel_of(stored.provider), stored, event)
            ledger.inbox.done(event_id)
            return received
        case UnknownEvent(name=name):
            ledger.inbox.done(event_id, f"unknown: {name}"[:200])
    return Received()


def _take_in(ledger: Ledger, channel: Channel, stored: StoredEvent, event: InboundMessage) -> Received:
    """Find the row, keep the reply; several possible rows all go to review, and no cell is written.

    A plain wish for no more messages needs no row: its sender is blocked before anybody is asked.
    """
    sender = _clean(channel, event.sender)
    found, how = match(ledger=ledger, provider=stored.provider, channel=channel.name, event=event, sender=sender)
    message = found[0] if len(found) == 1 else None
    ours = message.text if message else ""
    parts = split(event.text, our_text=ours)
    reply = Reply(
        id=new_id("a"),
        event_id=stored.id,
        channel=channel.name,
        sender=sender,
        visible=parts.visible,
        quoted=parts.quoted,
        subject=event.subject,
        received_at=stored.received_at,
        message_id=message.id if message else None,
        campaign_id=message.campaign_id if message else None,
        automatic=is_automatic(event.headers, event.subject),
        button=event.button,
        matched_by=how,
        candidates=tuple(one.id for one in found) if len(found) > 1 else (),
    )
    stop = message is None and is_opt_out(reply.visible, sms=channel.name is ChannelName.SMS)
    if stop and sender:  # whichever row it is about, and even if it is about none
        ledger.suppressions.add(sender, channel.name, SuppressionReason.OPT_OUT)
    fresh = ledger.inbox.add_reply(reply)
    if len(found) > 1:
        _ask_about(ledger, found, reply, stop=stop)
        return Received(tuple({one.campaign_id for one in found}))
    return Received((), reply.id if fresh and message else "")


def match(
    *, ledger: Ledger, provider: str, channel: ChannelName, event: InboundMessage, sender: str
) -> tuple[list[Message], str]:
    """The message that a reply answers, and how that was found; several when it can't be told which.

    Certain first (facts/channels.md, rule 9): the token it brought back, the message it answers, and only then the
    address it came from.
    """
    if event.token and (message := ledger.messages.by_token(event.token)):
        return [message], _trusted("token", message, sender)
    for reference in event.in_reply_to:
        if message := ledger.messages.by_provider_id(provider, reference):
            return [message], _trusted("thread", message, sender)
    return _by_sender(ledger.messages.open_to(channel, sender) if sender else []), "sender"


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


def _trusted(how: str, message: Message, sender: str) -> str:
    return how if sender.casefold() == message.address.casefold() else f"{how} from another address"


def _clean(channel: Channel, sender: str) -> str:
    try:
        return channel.address(sender)
    except AddressError:
        return sender.strip()


def _ask_about(ledger: Ledger, messages: list[Message], reply: Reply, *, stop: bool) -> None:
    reason = f"This reply may belong to {len(messages)} rows: nothing else tells them apart but its sender."
    reading = Interpretation(Outcome.OPT_OUT if stop else Outcome.UNCLEAR, reason=reason, flag=Flag.CHECK)
    answered = Answered(reading, reply.visible, reply.automatic, reply.received_at, certain=False)
    ledger.messages.move_many([(one.id, answered) for one in messages])
