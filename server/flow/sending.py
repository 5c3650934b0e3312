"""approve -> send: claimed once, sent once. What a crash leaves in doubt is what was in flight, and nothing more.

A chunk may hold messages of several channels: each goes by its own, at that one's pace (`carrying`), and trouble with
one provider holds up only what that one carries (`holding`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import monotonic

from server.domain.campaign import Campaign
from server.domain.machine import LostAnswer, MessageEvent
from server.domain.message import Attachment, Message
from server.domain.plan import Plan, Route
from server.domain.quiet import Hours
from server.domain.routes import way_of
from server.domain.words import CampaignState, MessageState
from server.errors import InvalidInput, TemporaryError
from server.flow.carrying import ANY_HOUR, CLAIM_LASTS, LOST, Carrier, Shared, Tried
from server.flow.freshness import Freshness
from server.flow.holding import hold_campaign, hold_ways
from server.flow.outgoing import as_test, outgoing_of
from server.ports import Attachments, Channel, ChannelOf, Clock, Ledger, Pacer, Sheet

LEASE_SECONDS = CLAIM_LASTS.total_seconds()
"""How long a chunk stays with a worker that says nothing more; renewed every third of it."""

MAX_IN_FLIGHT = 64
"""Sends in flight a worker: what one crash may leave in doubt (design, section 6)."""

PacerOf = Callable[[Channel], Pacer | None]


async def send_chunk(
    *,
    ledger: Ledger,
    sheet: Sheet,
    channel_of: ChannelOf,
    clock: Clock,
    campaign_id: str,
    chunk: int,
    owner: str,
    stopping: Callable[[], bool],
    unsubscribe_url: Callable[[str], str],
    pacer_of: PacerOf = lambda _: None,
    hours: Hours = ANY_HOUR,
    attachments: Attachments | None = None,
) -> Tried:
    """Send what is approved and due in this chunk; nothing when another worker holds it.

    Whoever holds the chunk's lease may call a claim of an earlier owner lost: that owner is dead or too late.
    Raises SheetUnavailable when the sheet can't be read: without a look at the row nothing leaves; InvalidInput when
    the only channel of the campaign is not set up here.
    """
    lease = f"send-{campaign_id}-{chunk}"
    tried = Tried()
    if not ledger.leases.take(lease, owner, LEASE_SECONDS):
        return tried
    try:
        tried.in_doubt += settle_lost(ledger=ledger, campaign_id=campaign_id, chunk=chunk)
        campaign = ledger.campaigns.get(campaign_id)
        now = clock.now()
        if campaign.state is not CampaignState.SENDING or (campaign.start_at and campaign.start_at > now):
            return tried
        due = [
            message
            for message in ledger.messages.of_campaign(campaign_id, states=[MessageState.APPROVED], chunk=chunk)
            if message.due_at is None or message.due_at <= now
        ]
        due.sort(key=lambda message: -message.attempts)  # so that waits grow while a provider is away
        if due:
            own = hours.but(campaign.hours)
            shared = Shared(ledger, clock, campaign.plan, owner, stopping, unsubscribe_url, own, attachments)
            carriers, trials = _share_out(shared, due, channel_of, pacer_of)
            look = partial(Freshness, sheet, campaign, channel_of, ledger, [message.row_key for message in due])
            await _Run(shared, lease, look, carriers).all()
            _settle(shared, campaign, chunk, trials, tried)
    finally:
        ledger.leases.release(lease, owner)
    return tried


def _share_out(
    shared: Shared, due: list[Message], channel_of: ChannelOf, pacer_of: PacerOf
) -> tuple[list[Carrier], dict[Route, Tried]]:
    """The messages by the provider that carries them, each with its own count; a provider that is not set up any more
    has stopped before it began. Raises InvalidInput where there is no other way."""
    groups: dict[Route, list[Message]] = {}
    for message in due:
        groups.setdefault(way_of(shared.plan, message), []).append(message)
    carriers, trials = [], {}
    for way, messages in groups.items():
        try:
            channel = channel_of(way.channel, way.provider)
        except InvalidInput as error:
            if len(shared.plan.ways) == 1:
                raise
            trials[way] = Tried(stop=error.sentence)
            continue
        carriers.append(Carrier(shared, way, channel, pacer_of(channel), messages))
        trials[way] = carriers[-1].tried
    return carriers, trials


def _settle(shared: Shared, campaign: Campaign, chunk: int, trials: dict[Route, Tried], tried: Tried) -> None:
    """Add up what was done, and write down what waits now."""
    for one in trials.values():
        tried.count_in(one)
    tried.hold, tried.hold_seconds = shared.hold or tried.hold, max(shared.hold_seconds, tried.hold_seconds)
    if len(campaign.plan.ways) == 1:
        hold_campaign(shared.ledger, shared.clock, campaign, tried)
        return
    hold_ways(shared.ledger, shared.clock, campaign, chunk, trials)
    if shared.hold:  # the sheet can't be read: that concerns all
        everything = Tried(hold=shared.hold, hold_seconds=shared.hold_seconds)
        hold_campaign(shared.ledger, shared.clock, shared.ledger.campaigns.get(campaign.id), everything)


def settle_lost(*, ledger: Ledger, campaign_id: str, chunk: int) -> int:
    """Claims that are left when a chunk's lease is taken become `in doubt`: never sent again by themselves.

    Whoever made them is gone or too late, be it an earlier job of this very process.
    """
    lost = ledger.messages.of_campaign(campaign_id, states=[MessageState.SENDING], chunk=chunk)
    moves: list[tuple[str, MessageEvent]] = [(one.id, LostAnswer(LOST)) for one in lost]
    return sum(one is not None for one in ledger.messages.move_many(moves)) if moves else 0


@dataclass
class _Run:
    """One pass over the due messages of a chunk, with bounded concurrency."""

    shared: Shared
    lease: str
    look: Callable[[], Freshness]
    carriers: list[Carrier]

    async def all(self) -> None:
        """Work through the lists; ends early on a stop, a lost lease, or trouble that meets every message.

        The first look takes longer than the lease where a host's calls are used up: in a thread, so that it is kept.
        """
        keeper = asyncio.create_task(self._keep_lease())
        try:
            self.shared.fresh = await asyncio.to_thread(self.look)
            await asyncio.gather(*(self._carry(one) for one in self.carriers))
        finally:
            keeper.cancel()
        if self.shared.broken is not None:
            raise self.shared.broken

    async def _carry(self, carrier: Carrier) -> None:
        """A provider's own lanes; together no more than what may be in flight."""
        wanted = sum(one.lanes for one in self.carriers)
        lanes = carrier.lanes if wanted <= MAX_IN_FLIGHT else max(1, carrier.lanes * MAX_IN_FLIGHT // wanted)
        waiting = iter(carrier.due)
        await asyncio.gather(*(carrier.lane(waiting) for _ in range(lanes)))

    async def _keep_lease(self) -> None:
        renewed, shared = monotonic(), self.shared
        while not shared.lost_lease:
            await asyncio.sleep(LEASE_SECONDS / 3)
            try:
                ours = await asyncio.to_thread(shared.ledger.leases.take, self.lease, shared.owner, LEASE_SECONDS)
            except TemporaryError:
                ours = monotonic() - renewed < LEASE_SECONDS  # not renewed, but not run out either
            else:
                renewed = monotonic()
            shared.lost_lease = not ours


async def send_test(
    *, channel: Channel, plan: Plan, message: Message, address: str, attachments: tuple[Attachment, ...] = ()
) -> str:
    """Send one row's message to oneself; touches no status and claims nothing. Returns the clean address.

    Raises AddressError, TemporaryError, PermanentError or SendInDoubt.
    """
    clean = channel.address(address)
    await channel.send(as_test(outgoing_of(message, plan, channel.limits(), attachments=attachments), clean))
    return clean
