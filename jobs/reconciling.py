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
    campaign = services.ledger.campaigns.get(campaign_id)
    try:
        settled = context.run(
            reconciling.reconcile(
                ledger=services.ledger,
                channel=services.channel_for(campaign.plan.channel, campaign.plan.provider),
                clock=services.clock,
                campaign_id=campaign_id,
            )
        )
    except TemporaryError as error:
        log.warning("provider does not tell now", extra={"campaign": campaign_id, "kind": type(error).__name__})
        return
    if settled:
        context.wake(SYNC, campaign_id)
