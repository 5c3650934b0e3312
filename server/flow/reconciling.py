"""in doubt -> known: ask the provider, where it can tell. Nothing is ever sent again from here.

A provider that never got a message makes it `Failed`, not sent anew: a process that was only held up may still be
about to hand it over, and only a person can take that risk (typing Retry).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from server.domain.campaign import Campaign
from server.domain.machine import Accepted, MessageEvent, Refused
from server.domain.message import Message, Receipt
from server.domain.plan import Route
from server.domain.routes import way_of
from server.domain.words import MessageState
from server.errors import InvalidInput, PermanentError, TemporaryError
from server.flow.files import load
from server.flow.outgoing import outgoing_of
from server.ports import Attachments, Channel, ChannelOf, Clock, Ledger

SETTLE = timedelta(seconds=90)
"""Longer than any send may take, so that what was under way has arrived, or never will."""

ASK_FOR = timedelta(days=1)
"""How long a provider is asked again, before a person is left to settle it."""

NEVER_CAME = "It never reached the provider. Type Retry to send it."


async def reconcile(
    *,
    ledger: Ledger,
    channel_of: ChannelOf,
    clock: Clock,
    campaign_id: str,
    unsubscribe_url: Callable[[str], str] = lambda _: "",
    attachments: Attachments | None = None,
) -> int:
    """Settle what can be settled of a campaign's doubtful sends; how many. A provider that can't be asked now is asked
    no more in this round, and keeps no other from being asked: then raises TemporaryError at the end.
    """
    now, settled = clock.now(), 0
    campaign = ledger.campaigns.get(campaign_id)
    silent: dict[Route, TemporaryError | InvalidInput] = {}
    for message in ledger.messages.of_campaign(campaign_id, states=[MessageState.IN_DOUBT]):
        way = way_of(campaign.plan, message)
        if way in silent or message.claimed_at is None or not SETTLE <= now - message.claimed_at <= ASK_FOR:
            continue
        try:
            channel = channel_of(way.channel, way.provider)
            event = await _ask(ledger, channel, clock, campaign, message, unsubscribe_url, attachments)
        except (TemporaryError, InvalidInput) as error:
            silent[way] = error
            continue
        if event is not None:
            settled += ledger.messages.move(message.id, event) is not None
    for why in silent.values():
        if isinstance(why, TemporaryError):
            raise why
    return settled


async def _ask(
    ledger: Ledger,
    channel: Channel,
    clock: Clock,
    campaign: Campaign,
    message: Message,
    unsubscribe_url: Callable[[str], str],
    attachments: Attachments | None,
) -> MessageEvent | None:
    limits = channel.limits()
    try:
        files = await load(attachments, message) if limits.files else ()
    except PermanentError:  # it can't be asked for in the same words any more: a person must find out
        return None
    known_as = ledger.contacts.known_as(channel.name, message.address) if limits.window is not None else ""
    url = unsubscribe_url(message.token)
    outgoing = outgoing_of(message, campaign.plan, limits, known_as=known_as, unsubscribe_url=url, attachments=files)
    found = await channel.reconcile(outgoing)
    if isinstance(found, Receipt):
        return Accepted(channel.provider, found.provider_id, clock.now(), found.known_as)
    return None if found else Refused(NEVER_CAME)
