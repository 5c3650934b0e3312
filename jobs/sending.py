"""Sends for one chunk of a campaign."""

from __future__ import annotations

from jobs import context, worker
from server.flow import campaigning, sending
from server.queue import SYNC


def send_chunk(campaign_id: str, chunk: str) -> None:
    """Send what is approved and due in this chunk; settle what an earlier owner left."""
    services = context.services()
    campaign = services.ledger.campaigns.get(campaign_id)
    with context.telling(campaign_id):
        context.run(
            sending.send_chunk(
                ledger=services.ledger,
                sheet=services.open_sheet(campaign.workbook, campaign.sheet, campaign.header_row),
                channel_of=services.channel_for,
                clock=services.clock,
                campaign_id=campaign_id,
                chunk=int(chunk),
                owner=context.owner(),
                stopping=worker.stopping,
                unsubscribe_url=services.unsubscribe_url,
                pacer_of=services.pacer_for,
                hours=services.hours,
                attachments=services.attachments,
            )
        )
    campaigning.advance(ledger=services.ledger, campaign=services.ledger.campaigns.get(campaign_id))
    context.wake(SYNC, campaign_id)
