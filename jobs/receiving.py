"""One stored event: a report or a reply."""

from __future__ import annotations

import logging

from jobs import context
from server.errors import InvalidInput, TemporaryError
from server.flow import receiving
from server.queue import INTERPRET, SYNC

log = logging.getLogger("jobs.receiving")


def receive(event_id: str) -> None:
    """Take the event to its row."""
    services = context.services()
    try:
        received = receiving.receive(
            ledger=services.ledger,
            clock=services.clock,
            channel_of=lambda provider: services.channel_for(None, provider),
            event_id=event_id,
        )
    except (TemporaryError, InvalidInput) as error:  # its provider may not be set up just now
        log.info("event waits", extra={"event": event_id, "why": error.sentence})
        return
    if received.reply_id:
        context.wake(INTERPRET, received.reply_id)
    for campaign_id in received.campaign_ids:
        context.wake(SYNC, campaign_id)
