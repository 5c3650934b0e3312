"""One reply, read."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from jobs import context
from server.errors import TemporaryError
from server.flow import interpreting
from server.queue import SYNC

log = logging.getLogger("jobs.interpreting")

LEASE_SECONDS = 120.0
"""How long a reply stays with a worker that is gone with its machine."""


def interpret(reply_id: str) -> None:
    """Read the reply and put it on its row: now, or beside other jobs where a model does it."""
    services = context.services()
    if services.offline_model:
        context.run(_interpret(reply_id))
        return
    row = services.ledger.inbox.reply(reply_id).message_id or ""
    context.readings().put(reply_id, row, lambda: _leased(reply_id))


async def _leased(reply_id: str) -> None:
    """Not by two processes at once: each would pay for it."""
    leases, lease = context.services().ledger.leases, f"read-{reply_id}"
    if not leases.take(lease, context.owner(), LEASE_SECONDS):
        return
    holding = asyncio.create_task(_hold(lease))
    try:
        await _interpret(reply_id)
    finally:
        holding.cancel()
        leases.release(lease, context.owner())


async def _hold(lease: str) -> None:
    """Renew it: a server that asks to slow down lets a reading wait for minutes."""
    while True:
        await asyncio.sleep(LEASE_SECONDS / 3)
        with contextlib.suppress(TemporaryError):
            context.services().ledger.leases.take(lease, context.owner(), LEASE_SECONDS)


async def _interpret(reply_id: str) -> None:
    services = context.services()
    reply = services.ledger.inbox.reply(reply_id)
    campaign = services.ledger.campaigns.get(reply.campaign_id) if reply.campaign_id else None
    try:
        campaign_id = await interpreting.interpret(
            ledger=services.ledger,
            sheet=context.sheet_or_none(reply.campaign_id) if reply.campaign_id else None,
            interpreter=services.interpreter_for(campaign),
            reply_id=reply_id,
            sure_at=services.threshold(campaign),
            zone=services.hours.zone,
        )
    except TemporaryError as error:  # the clock asks again
        log.info("reply waits", extra={"reply": reply_id, "why": error.sentence})
        return
    if campaign_id:
        context.wake(SYNC, campaign_id)
