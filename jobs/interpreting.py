"""One reply, read."""

from __future__ import annotations

from jobs import context
from server.flow import interpreting
from server.queue import SYNC


def interpret(reply_id: str) -> None:
    """Read the reply and put it on its row."""
    services = context.services()
    reply = services.ledger.inbox.reply(reply_id)
    campaign = services.ledger.campaigns.get(reply.campaign_id) if reply.campaign_id else None
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
    if campaign_id:
        context.wake(SYNC, campaign_id)
