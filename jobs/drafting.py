"""Drafts for one chunk of a campaign."""

from __future__ import annotations

from jobs import context, worker
from server.flow import campaigning, drafting
from server.queue import SYNC


def draft_chunk(campaign_id: str, chunk: str) -> None:
    """Write the texts that are missing in this chunk."""
    services = context.services()
    campaign = services.ledger.campaigns.get(campaign_id)
    with context.telling(campaign_id):
        context.run(
            drafting.draft_chunk(
                ledger=services.ledger,
                sheet=services.open_sheet(campaign.workbook, campaign.sheet, campaign.header_row),
                channel_of=services.channel_for,
                clock=services.clock,
                drafter=services.drafter_for(campaign),
                campaign=campaign,
                chunk=int(chunk),
                owner=context.owner(),
                stopping=worker.stopping,
                attachments=services.attachments,
            )
        )
    campaigning.advance(ledger=services.ledger, campaign=services.ledger.campaigns.get(campaign_id))
    context.wake(SYNC, campaign_id)
