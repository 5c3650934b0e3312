"""Doubtful sends of one campaign: ask the provider."""

from __future__ import annotations

import logging

from jobs import context
from server.errors import TemporaryError
from server.flow import reconciling
from server.queue import SYNC

log = logging.getLogger("jobs.reconciling")


def reconcile(campaign_id: str) -> None:
    """Settle what the provider can tell."""
    services = context.services()
    try:
        settled = context.run(
            reconciling.reconcile(
                ledger=services.ledger,
                channel_of=services.channel_for,
                clock=services.clock,
                campaign_id=campaign_id,
                unsubscribe_url=services.unsubscribe_url,
                attachments=services.attachments,
            )
        )
    except TemporaryError as error:
        log.warning("provider does not tell now", extra={"campaign": campaign_id, "kind": type(error).__name__})
        return
    if settled:
        context.wake(SYNC, campaign_id)
