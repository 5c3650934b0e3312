"""What is open in the ledger, as jobs: run at start, every second and after every loss of Redis, it forgets nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from server.domain.campaign import Campaign
from server.domain.words import CampaignState, MessageState
from server.flow.campaigning import advance
from server.ports import Clock, Ledger
from server.queue import DRAFT, INTERPRET, RECEIVE, RECONCILE, SEND, SYNC

Job = tuple[str, tuple[str, ...]]

WATCHED = frozenset(
    {CampaignState.DRAFTING, CampaignState.DRAFTED, CampaignState.SENDING, CampaignState.PAUSED, CampaignState.DONE}
)
"""While a campaign is in one of these, what people type into its sheet is looked for."""


def open_work(
    *,
    ledger: Ledger,
    clock: Clock,
    changed: Callable[[Campaign], bool],
    ask_again: Callable[[Campaign], bool] = lambda _: True,
    limit: int = 500,
) -> Iterator[Job]:
    """Jobs for everything that is open now; enqueueing one twice is harmless, each job looks for itself.

    `changed` tells (cheaply) whether a campaign's sheet moved since it was last looked at, `ask_again` whether it is
    time to ask its provider about sends in doubt.
    """
    now = clock.now()
    for event_id in ledger.inbox.waiting(limit):
        yield RECEIVE, (event_id,)
    for reply_id in ledger.inbox.unread(limit):
        yield INTERPRET, (reply_id,)
    to_write = {*ledger.messages.dirty_campaigns(), *ledger.cells.waiting()}
    for campaign in ledger.campaigns.live():
        advance(ledger=ledger, campaign=campaign)
        yield from _texts_and_sends(ledger, campaign, now)
        if ledger.messages.chunks(campaign.id, [MessageState.IN_DOUBT]) and ask_again(campaign):
            yield RECONCILE, (campaign.id,)
        if campaign.id in to_write or (campaign.state in WATCHED and changed(campaign)):
            yield SYNC, (campaign.id,)
            to_write.discard(campaign.id)
    for campaign_id in to_write:  # cancelled campaigns still show their last words
        yield SYNC, (campaign_id,)


def _texts_and_sends(ledger: Ledger, campaign: Campaign, now: datetime) -> Iterator[Job]:
    if campaign.state not in {CampaignState.PLANNED, CampaignState.CANCELLED}:
        for chunk in ledger.messages.chunks(campaign.id, [MessageState.CHOSEN]):
            if ledger.leases.holder(f"draft-{campaign.id}-{chunk}") is None:
                yield DRAFT, (campaign.id, str(chunk))
    chunks = set(ledger.messages.chunks(campaign.id, [MessageState.SENDING]))
    if campaign.state is CampaignState.SENDING and not (campaign.start_at and campaign.start_at > now):
        chunks |= set(ledger.messages.chunks(campaign.id, [MessageState.APPROVED], due=now))
    for chunk in sorted(chunks):
        if ledger.leases.holder(f"send-{campaign.id}-{chunk}") is None:
            yield SEND, (campaign.id, str(chunk))
