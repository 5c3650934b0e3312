"""in doubt -> known: ask the provider, where it can tell. Nothing is ever sent again from here.

A provider that never got a message makes it `Failed`, not sent anew: a process that was only held up may still be
about to hand it over, and only a person can take that risk (typing Retry).
"""

from __future__ import annotations

from datetime import timedelta

from server.domain.machine import Accepted, MessageEvent, Refused
from server.domain.message import Message, Outgoing, Receipt
from server.domain.words import MessageState
from server.ports import Channel, Clock, Ledger

SETTLE = timedelta(seconds=90)
"""Longer than any send may take, so that what was under way has arrived, or never will."""

ASK_FOR = timedelta(days=1)
"""How long a provider is asked again, before a person is left to settle it."""

NEVER_CAME = "It never reached the provider. Type Retry to send it."


async def reconcile(*, ledger: Ledger, channel: Channel, clock: Clock, campaign_id: str) -> int:
    """Settle what can be settled of a campaign's doubtful sends; how many. Raises TemporaryError."""
    now, settled = clock.now(), 0
    for message in ledger.messages.of_campaign(campaign_id, states=[MessageState.IN_DOUBT]):
        if message.claimed_at is None or not SETTLE <= now - message.claimed_at <= ASK_FOR:
            continue
        event = await _ask(channel, clock, message)
        if event is not None:
            settled += ledger.messages.move(message.id, event) is not None
    return settled


async def _ask(channel: Channel, clock: Clock, message: Message) -> MessageEvent | None:
    found = await channel.reconcile(
        Outgoing(
            message.id,
            message.token,
            message.address,
            message.text,
            message.subject,
            message.person,
            claimed_at=message.claimed_at,
        )
    )
    if isinstance(found, Receipt):
        return Accepted(channel.provider, found.provider_id, clock.now())
    return None if found else Refused(NEVER_CAME)
