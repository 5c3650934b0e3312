"""One reply, read."""

from __future__ import annotations

import logging

from jobs import context
from server.errors import TemporaryError
from server.flow import interpreting
from server.queue import SYNC

log = logging.getLogger("jobs.interpreting")


def interpret(reply_id: str) -> None:
    """Read the reply and put it on its row."""
    services = context.services()
    reply = services.ledger.inbox.reply(reply_id)
    campaign = services.ledger.campaigns.get(reply.campaign_id) if reply.campaign_id else None
    try:
        campaign_id = context.run(
            interpreting.interpret(
                ledger=services.ledger,
                sheet=context.sheet_or_none(reply.campaign_id) if reply.campaign_id else None,
                interpreter=services.interpreter_for(campaign),
                reply_id=reply_id,
                sure_at=services.threshold(campaign),
                zone=services.hours.zone,
            )
        )
    except TemporaryError as error:  # the clock asks again
        log.info("reply waits", extra={"reply": reply_id, "why": error.sentence})
        return
    if campaign_id:
        context.wake(SYNC, campaign_id)
