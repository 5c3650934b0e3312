"""What webhooks may have lost -> the inbox: each channel is asked, now and then and after downtime, what it lists.

A provider that could not reach us gives up after hours or days, and some do not try again at all (facts/channels.md,
rule 16). What is listed twice is stored once.
"""

from __future__ import annotations

from datetime import timedelta

from server.flow import receiving
from server.ports import Channel, Clock, Ledger

OVERLAP = timedelta(minutes=20)
"""How far behind the last question the next one begins: a provider lists some things late."""

FIRST = timedelta(hours=1)
"""How far back the first question goes: nobody knows since when this channel is in use."""

LONGEST = timedelta(days=7)
"""How far back any question goes: no provider posts for longer, and events are not kept waiting for longer."""

LEASE_SECONDS = 300.0
"""Longer than a provider's whole list takes; the lease of a process that is surely gone is freed at once."""


async def catch_up(*, ledger: Ledger, clock: Clock, channel: Channel, owner: str) -> int:
    """Store what a channel lists since it was last asked with success; how many events were new.

    Nothing while another worker asks it. Raises TemporaryError, or PermanentError when the account may not ask: then
    the next question begins where this one did.
    """
    name = f"missed-{channel.name}-{channel.provider}"
    if not ledger.leases.take(name, owner, LEASE_SECONDS):
        return 0
    try:
        now, last = clock.now(), ledger.marks.get(name)
        since = max(last - OVERLAP, now - LONGEST) if last else now - FIRST
        events = await channel.missed(since)
        fresh = receiving.store(ledger=ledger, clock=clock, provider=channel.provider, events=events) if events else []
        ledger.marks.keep(name, now)  # last: what could not be stored is asked for again
    finally:
        ledger.leases.release(name, owner)
    return len(fresh)
