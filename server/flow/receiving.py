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
    named_files,
)
from server.domain.stop import is_opt_out
from server.domain.usage import BY_RULE
from server.domain.visible import is_automatic, split
from server.domain.words import ChannelName, Outcome, SuppressionReason
from server.errors import AddressError, InvalidInput, PermanentError, TemporaryError
from server.flow.matching import ELSEWHERE, SENDER, Sender, match, moment, sender_of, still_open
from server.flow.stepping import standing
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


async def receive(
    *, ledger: Ledger, clock: Clock, channel_of: Callable[[ChannelName | None, str], Channel], event_id: str
) -> Received:
    """Process one stored event; safe to repeat. An event that can't be placed yet stays for the next sweep.

    Raises TemporaryError when it is too early, or what has to be fetched can't be had now; InvalidInput when its
    provider is not set up any more.
    """
    stored = ledger.inbox.get(event_id)
    match stored.event:
        case DeliveryEvent() as event:
            message = track(ledger=ledger, provider=stored.provider, event=event)
            if message is None and clock.now() - stored.received_at < PATIENCE:
                raise TemporaryError("This report is about a message whose receipt is not here yet.")
            ledger.inbox.done(event_id, "" if message else "no such message")
            return Received((message.campaign_id,) if message else ())
        case InboundMessage() as event:
            received, note = await _heard(ledger, channel_of, stored, event)
            ledger.inbox.done(event_id, note)
            return received
        case UnknownEvent(name=name):
            ledger.inbox.done(event_id, f"unknown: {name}"[:200])
    return Received()


async def _heard(
    ledger: Ledger, channel_of: Callable[[ChannelName | None, str], Channel], stored: StoredEvent, event: InboundMessage
) -> tuple[Received, str]:
    """A message from a person, complete: what became of it, and a note where its rest can't be had any more."""
    try:
        channel = channel_of(event.channel, stored.provider)
    except InvalidInput:  # the provider is known, that channel of it is not: the message is kept all the same
        channel = channel_of(None, stored.provider)
    try:
        whole = await channel.complete(event) if event.fetch else event
    except PermanentError as error:
        ledger.inbox.add_reply(_lost(channel, stored, event, error.sentence))
        return Received(), error.sentence
    return _take_in(ledger, channel, stored, whole), ""


def _lost(channel: Channel, stored: StoredEvent, event: InboundMessage, why: str) -> Reply:
    """What is known of a message whose text is gone: it belongs to no row, and a person sees that it came."""
    return Reply(
        id=new_id("a"),
        event_id=stored.id,
        channel=event.channel or channel.name,
        sender=_clean(channel, event.sender),
        visible=f"[{why}]",
        subject=event.subject,
        received_at=stored.received_at,
        files=event.files,
    )


def _take_in(ledger: Ledger, channel: Channel, stored: StoredEvent, event: InboundMessage) -> Received:
    """Find the row, keep the reply; several possible rows all go to review, and no cell is written.

    A plain wish for no more messages needs no row: its sender is blocked before anybody is asked.
    """
    name, sms = event.channel or channel.name, (event.channel or channel.name) is ChannelName.SMS
    who = sender_of(ledger=ledger, channel=name, event=event, clean=_clean(channel, event.sender))
    found, how = match(ledger=ledger, provider=stored.provider, channel=name, event=event, who=who)
    parts = split(event.text, our_text=found[0].text if len(found) == 1 else "")
    found = [standing(ledger=ledger, message=one) for one in found]
    message = found[0] if len(found) == 1 else None
    reply = Reply(
        id=new_id("a"),
        event_id=stored.id,
        channel=name,
        sender=who.address or event.user_id,
        visible=parts.visible if parts.visible.strip() else named_files(event.files),
        quoted=parts.quoted,
        subject=event.subject,
        received_at=stored.received_at,
        message_id=message.id if message else None,
        campaign_id=message.campaign_id if message else None,
        automatic=is_automatic(event.headers, event.subject),
        button=event.button,
        matched_by=how,
        candidates=_candidates(ledger, name, who, found, how),
        files=event.files,
    )
    if not reply.automatic:
        _remember(ledger, name, stored, event, who, message if message and not how.endswith(ELSEWHERE) else None)
    stop = message is None and is_opt_out(reply.visible, sms=sms)
    if stop and who.address:  # whichever row it is about, and even if it is about none
        ledger.suppressions.add(who.address, name, SuppressionReason.OPT_OUT)
    fresh = ledger.inbox.add_reply(reply)
    if len(found) > 1:
        _ask_about(ledger, found, reply, stop=stop)
        return Received(tuple({one.campaign_id for one in found}))
    return Received((), reply.id if fresh and message else "")


def _candidates(ledger: Ledger, channel: ChannelName, who: Sender, found: list[Message], how: str) -> tuple[str, ...]:
    """All messages that a reply may be about, where these are several."""
    if len(found) == 1 and how == SENDER:
        found = [*found, *still_open(ledger=ledger, channel=channel, who=who, taken=found[0])]
    return tuple(one.id for one in found) if len(found) > 1 else ()


def _remember(
    ledger: Ledger,
    channel: ChannelName,
    stored: StoredEvent,
    event: InboundMessage,
    who: Sender,
    message: Message | None,
) -> None:
    """That they wrote, to which number of ours, and by what name their provider knows them. Under the address that we
    write to, where we know it: the window is asked for by that one. Which of our mail addresses it was says nothing."""
    address = message.address if message else who.address
    ours = "" if channel in {ChannelName.EMAIL, ChannelName.OUTBOX} else event.ours
    at = min(moment(event.at) or stored.received_at, stored.received_at)
    ledger.contacts.heard(channel, ours, address, at, event.user_id)


def _clean(channel: Channel, sender: str) -> str:
    try:
        return channel.address(sender)
    except AddressError:
        return sender.strip()


def _ask_about(ledger: Ledger, messages: list[Message], reply: Reply, *, stop: bool) -> None:
    told = "nothing else tells them apart but its sender" if reply.matched_by == SENDER else "it points to each of them"
    reason = f"This reply may belong to {len(messages)} rows: {told}."
    reading = Interpretation(Outcome.OPT_OUT if stop else Outcome.UNCLEAR, reason=reason, made=BY_RULE)
    answered = Answered(reading, reply.shown, reply.automatic, reply.received_at, certain=False)
    ledger.messages.move_many([(one.id, answered) for one in messages])
