"""What is open in the ledger, as jobs: run at start, every second and after every loss of Redis, it forgets nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta

from server.domain.campaign import Campaign
from server.domain.words import CampaignState, MessageState
from server.flow.campaigning import advance
from server.flow.following import mark_silent
from server.ports import Clock, Ledger
from server.queue import DRAFT, INTERPRET, RECEIVE, RECONCILE, SEND, SYNC

Job = tuple[str, tuple[str, ...]]

WATCHED = frozenset(CampaignState) - {CampaignState.PLANNED}
"""While a campaign is in one of these, what people type into its sheet is looked for. After a cancel too: a cell that
could not be written then (its row was copied, say) is written once it can be."""

LONGEST_WAIT = timedelta(days=7)
NEVER_PLACED = "Given up after a week: it could not be processed, or its provider is not set up any more."
"""How long an event waits, and what is noted about it then."""


def open_work(
    *,
    ledger: Ledger,
    clock: Clock,
    changed: Callable[[Campaign], bool],
    ask_again: Callable[[Campaign], bool] = lambda _: True,
    providers: Collection[str] | None = None,
    limit: int = 500,
) -> Iterator[Job]:
    """Jobs for everything that is open now; enqueueing one twice is harmless, each job looks for itself.

    `changed` tells (cheaply) whether a campaign's sheet moved since it was last looked at, `ask_again` whether it is
    time to ask its provider about sends in doubt. `providers` are those that are set up: what others brought waits
    for them, at most for a week, and nothing waits behind it.
    """
    now = clock.now()
    ledger.inbox.end(now - LONGEST_WAIT, NEVER_PLACED)
    if to_receive(ledger, providers, 1):
        yield RECEIVE, ()
    for reply_id in ledger.inbox.unread(limit):
        yield INTERPRET, (reply_id,)
    to_write = {*ledger.messages.dirty_campaigns(), *ledger.cells.waiting()}
    for campaign in ledger.campaigns.live():
        advance(ledger=ledger, campaign=campaign)
        if mark_silent(ledger=ledger, clock=clock, campaign=campaign):
            to_write.add(campaign.id)
        yield from _texts_and_sends(ledger, campaign, now)
        if ledger.messages.chunks(campaign.id, [MessageState.IN_DOUBT]) and ask_again(campaign):
            yield RECONCILE, (campaign.id,)
        if campaign.id in to_write or (campaign.state in WATCHED and changed(campaign)):
            yield SYNC, (campaign.id,)
            to_write.discard(campaign.id)
    for campaign_id in to_write:  # cancelled campaigns still show their last words
        yield SYNC, (campaign_id,)


def to_receive(ledger: Ledger, providers: Collection[str] | None, limit: int) -> list[str]:
    """Events to process: the oldest ones, and when there are more, the newest too, whatever holds the oldest up."""
    oldest = ledger.inbox.waiting(limit, providers=providers)
    if len(oldest) < limit:
        return oldest
    return [*oldest, *ledger.inbox.waiting(limit, providers=providers, newest_first=True)]


def _texts_and_sends(ledger: Ledger, campaign: Campaign, now: datetime) -> Iterator[Job]:
    if campaign.state not in {CampaignState.PLANNED, CampaignState.CANCELLED} and not campaign.halted:
        for chunk in ledger.messages.chunks(campaign.id, [MessageState.CHOSEN]):
            if ledger.leases.holder(f"draft-{campaign.id}-{chunk}") is None:
                yield DRAFT, (campaign.id, str(chunk))
    chunks = set(ledger.messages.chunks(campaign.id, [MessageState.SENDING]))
    if campaign.state is CampaignState.SENDING and not (campaign.start_at and campaign.start_at > now):
        chunks |= set(ledger.messages.chunks(campaign.id, [MessageState.APPROVED], due=now))
    for chunk in sorted(chunks):
        if ledger.leases.holder(f"send-{campaign.id}-{chunk}") is None:
            yield SEND, (campaign.id, str(chunk))
