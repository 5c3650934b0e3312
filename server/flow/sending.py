"""approve -> send: claimed once, sent once. What a crash leaves in doubt is what was in flight, and nothing more."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from server.domain.campaign import Campaign
from server.domain.machine import (
    Accepted,
    Deferred,
    LostAnswer,
    MessageEvent,
    Postponed,
    Refused,
    Released,
    SourceChanged,
)
from server.domain.message import Message, Outgoing
from server.domain.quiet import Hours, day_of, next_day
from server.domain.words import CampaignState, MessageState
from server.errors import CellbackError, Conflict, PermanentError, SendInDoubt, TemporaryError
from server.flow.freshness import Freshness
from server.ports import Channel, ChannelOf, Clock, Ledger, Pacer, Sheet

log = logging.getLogger(__name__)

LEASE_SECONDS = 15.0
"""How long a chunk stays with a worker that says nothing more; renewed every third of it."""

MAX_IN_FLIGHT = 64
"""Sends in flight a worker: what one crash may leave in doubt (design, section 6)."""

FIRST_WAIT, LONGEST_WAIT = 2.0, 3600.0
"""Waits double from seconds to an hour."""

GIVE_UP_AFTER = timedelta(days=1)
"""How long a provider may put off a message."""

TROUBLE = 5
"""Refusals for now in a row, with no success between, after which the whole campaign waits."""

ANY_HOUR = Hours()

CLAIM_LASTS = timedelta(seconds=LEASE_SECONDS)
"""Older than that, a claim may have been called lost and tried again by a person: its owner must not send any more."""

RECEIPT_TRIES = 6
"""Tries to write down a receipt, over some 12 s, before the claim is left to become `in doubt`."""

LOST = "Nobody knows whether this went out: the program stopped in the middle. Ask, then type Sent or Retry."


def wait_before(attempt: int) -> float:
    """Seconds until the next try after that many: doubling, with jitter."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt - 1, 20)) * random.uniform(0.8, 1.2)


@dataclass
class Tried:
    """What one run over a chunk did. Sentences: `hold` when the whole campaign should wait, `stop` when a person must
    mend something, `waits` when messages were put off to a better hour or day."""

    sent: int = 0
    failed: int = 0
    deferred: int = 0
    in_doubt: int = 0
    changed: int = 0
    in_a_row: int = 0
    hold: str = ""
    hold_seconds: float = 0.0
    stop: str = ""
    waits: str = ""


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
    pacer: Pacer | None = None,
    hours: Hours = ANY_HOUR,
) -> Tried:
    """Send what is approved and due in this chunk; nothing when another worker holds it.

    Whoever holds the chunk's lease may call a claim of an earlier owner lost: that owner is dead or too late.
    Raises SheetUnavailable when the sheet can't be read: without a look at the row nothing leaves.
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
            channel = channel_of(campaign.plan.channel, campaign.plan.provider)
            look = partial(Freshness, sheet, campaign, channel_of, ledger, [message.row_key for message in due])
            run = _Run(ledger, channel, clock, look, owner, lease, stopping, unsubscribe_url, pacer, hours, tried)
            await run.all(due)
            _hold(ledger, clock, campaign, tried)
    finally:
        ledger.leases.release(lease, owner)
    return tried


def settle_lost(*, ledger: Ledger, campaign_id: str, chunk: int) -> int:
    """Claims that are left when a chunk's lease is taken become `in doubt`: never sent again by themselves.

    Whoever made them is gone or too late, be it an earlier job of this very process.
    """
    lost = ledger.messages.of_campaign(campaign_id, states=[MessageState.SENDING], chunk=chunk)
    moves: list[tuple[str, MessageEvent]] = [(one.id, LostAnswer(LOST)) for one in lost]
    return sum(one is not None for one in ledger.messages.move_many(moves)) if moves else 0


def _hold(ledger: Ledger, clock: Clock, campaign: Campaign, tried: Tried) -> None:
    """Write down why the whole campaign waits, or that it no longer does; a pause that came meanwhile stands."""
    if tried.stop:
        ledger.campaigns.move(campaign.id, CampaignState.PAUSED, note=tried.stop)
        return
    now = ledger.campaigns.get(campaign.id)
    if tried.hold:
        later = clock.now() + timedelta(seconds=tried.hold_seconds)
        told = replace(now, start_at=later, note=tried.hold)
        if tried.in_a_row >= TROUBLE and (tried.sent or now.refused_since is None):
            told = replace(told, refused_since=clock.now())
    elif tried.waits or ((campaign.note or campaign.refused_since) and tried.sent):
        told = replace(now, note=tried.waits, refused_since=None if tried.sent else now.refused_since)
    else:
        return
    if now.state is CampaignState.SENDING:
        with suppress(Conflict):  # somebody else changed the campaign just now: they have the word
            ledger.campaigns.save(told)


@dataclass
class _Run:
    """One pass over the due messages of a chunk, with bounded concurrency."""

    ledger: Ledger
    channel: Channel
    clock: Clock
    look: Callable[[], Freshness]
    owner: str
    lease: str
    stopping: Callable[[], bool]
    unsubscribe_url: Callable[[str], str]
    pacer: Pacer | None
    hours: Hours
    tried: Tried
    fresh: Freshness = field(init=False)
    lost_lease: bool = False
    broken: Exception | None = None

    async def all(self, due: list[Message]) -> None:
        """Work through the list; ends early on a stop, a lost lease, or trouble that meets every message.

        A fault in one lane lets the others finish what they have in flight: cancelling a send would put it in doubt.
        The first look takes longer than the lease where a host's calls are used up: in a thread, so that it is kept.
        """
        waiting = iter(due)
        keeper = asyncio.create_task(self._keep_lease())
        lanes = max(1, min(self.channel.limits().concurrency, MAX_IN_FLIGHT, len(due)))
        try:
            self.fresh = await asyncio.to_thread(self.look)
            await asyncio.gather(*(self._lane(waiting) for _ in range(lanes)))
        finally:
            keeper.cancel()
        if self.broken is not None:
            raise self.broken

    async def _lane(self, waiting: Iterator[Message]) -> None:
        for message in waiting:
            if self.lost_lease or self.broken or self.stopping() or self.tried.hold or self.tried.stop:
                return
            try:
                await self._one(message)
            except TemporaryError as error:  # the sheet can't be read: without a look at the row nothing leaves
                self.tried.hold, self.tried.hold_seconds = error.sentence, error.retry_after or 5.0
            except Exception as error:
                self.broken = error

    async def _keep_lease(self) -> None:
        renewed = monotonic()
        while not self.lost_lease:
            await asyncio.sleep(LEASE_SECONDS / 3)
            try:
                ours = await asyncio.to_thread(self.ledger.leases.take, self.lease, self.owner, LEASE_SECONDS)
            except TemporaryError:
                ours = monotonic() - renewed < LEASE_SECONDS  # not renewed, but not run out either
            else:
                renewed = monotonic()
            self.lost_lease = not ours

    async def _one(self, message: Message) -> None:
        if await self._not_now(message):
            return
        if self.pacer is not None:
            await self.pacer.turn()
        await self.fresh.renew_if_old()
        if why := self.fresh.difference(message):
            self.tried.changed += await self._move(message, SourceChanged(why))
            return
        if not await self._within_the_day(message):
            return
        claim = self.ledger.messages.claim_soon(message.id, self.owner, self.clock.now())
        claimed = await asyncio.wrap_future(claim)
        if claimed is None:  # paused, cancelled, suppressed or taken meanwhile
            self._give_back()
            return
        if self.lost_lease or self.clock.now() - (claimed.claimed_at or self.clock.now()) > CLAIM_LASTS:
            await self._move(claimed, Released(self.owner))  # held up since: others may have settled this claim
            return
        await self._move(message, await self._send(claimed))

    async def _not_now(self, message: Message) -> bool:
        """Whether the recipient's quiet hours stand against it; then it waits for their end, and says so."""
        until = self.hours.until(self.clock.now(), self.channel.zones(message.address))
        if until is None:
            return False
        self.tried.waits = f"Quiet hours: goes out from {until:%H:%M} on."
        await self._move(message, Postponed(until, self.tried.waits))
        return True

    async def _within_the_day(self, message: Message) -> bool:
        """Take one of the day's sends; when they are used up, the message waits for the next day, and says so."""
        if self.pacer is None:
            return True
        now, zone = self.clock.now(), self.hours.zone
        today = day_of(now, zone)

        def used() -> int:
            return self.ledger.messages.claimed_since(self.channel.name, today)

        if await asyncio.to_thread(self.pacer.take, today.date().isoformat(), used):
            return True
        tomorrow = next_day(now, zone)
        self.tried.waits = f"Today's limit is used up: goes out on {tomorrow:%d %b} from {tomorrow:%H:%M} on."
        await self._move(message, Postponed(tomorrow, self.tried.waits))
        return False

    def _give_back(self) -> None:
        if self.pacer is not None:
            self.pacer.give_back(day_of(self.clock.now(), self.hours.zone).date().isoformat())

    async def _send(self, message: Message) -> MessageEvent:
        outgoing = Outgoing(
            message_id=message.id,
            token=message.token,
            address=message.address,
            text=message.text,
            subject=message.subject,
            person=message.person,
            unsubscribe_url=self.unsubscribe_url(message.token),
        )
        try:
            receipt = await self.channel.send(outgoing)
        except TemporaryError as error:
            return self._deferred(message, error)
        except PermanentError as error:
            return self._refused(error)
        except SendInDoubt as error:
            self.tried.in_doubt += 1
            return LostAnswer(error.sentence, self.owner)
        except Exception as error:  # whatever it was, nobody knows whether the message went
            log.exception("send failed unexpectedly message=%s kind=%s", message.id, type(error).__name__)
            self.tried.in_doubt += 1
            return LostAnswer(LOST, self.owner)
        self.tried.sent += 1
        self.tried.in_a_row = 0
        return Accepted(self.channel.provider, receipt.provider_id, self.clock.now())

    def _deferred(self, message: Message, error: TemporaryError) -> MessageEvent:
        now = self.clock.now()
        end = self._refused_since(message, now) + GIVE_UP_AFTER
        if now >= end:
            self.tried.failed += 1
            return Refused(f"Given up after a day of tries. {error.sentence}", self.owner)
        ours = min(wait_before(message.attempts), (end - now).total_seconds())
        wait = max(ours, error.retry_after or 0.0)  # never sooner than the provider says
        self._give_back()
        if error.retry_after and self.pacer is not None:
            self.pacer.hold(error.retry_after)
        self.tried.deferred += 1
        self.tried.in_a_row += 1
        if self.tried.in_a_row >= TROUBLE:
            self.tried.hold = error.sentence
            self.tried.hold_seconds = max(self.tried.hold_seconds, wait)
        due = now + timedelta(seconds=wait)
        return Deferred(due, f"{error.sentence} It will be tried again.", self.owner, now)

    def _refused_since(self, message: Message, now: datetime) -> datetime:
        """Since when it is refused for now: by itself, or with the whole campaign, behind which it had to wait."""
        campaign, moments = self.fresh.campaign, [now]
        if message.refused_at is not None:
            moments.append(message.refused_at)
        if campaign.refused_since is not None and message.approval is not None and not self.tried.sent:
            moments.append(max(campaign.refused_since, message.approval.at))
        return max(min(moments), campaign.begun_at or min(moments))

    def _refused(self, error: PermanentError) -> MessageEvent:
        if error.whole_campaign:
            self.tried.stop = error.sentence
            return Deferred(self.clock.now(), error.sentence, self.owner)
        self.tried.failed += 1
        return Refused(error.sentence, self.owner)

    async def _move(self, message: Message, event: MessageEvent) -> int:
        """Write down what happened; a receipt is worth some patience with a ledger that is busy."""
        for attempt in range(RECEIPT_TRIES):
            try:
                moved = await asyncio.wrap_future(self.ledger.messages.move_soon(message.id, event))
            except TemporaryError:
                if attempt == RECEIPT_TRIES - 1:
                    raise
                await asyncio.sleep(0.2 * 2**attempt)
            else:
                return int(moved is not None)
        return 0


def start(*, ledger: Ledger, clock: Clock, campaign: Campaign, undo_seconds: float, who: str = "") -> datetime:
    """Open the undo window: the first message leaves when it is over. Returns its end.

    Raises CellbackError when the campaign is in no state to be sent.
    """
    begin = clock.now() + timedelta(seconds=undo_seconds)
    if not ledger.campaigns.move(campaign.id, CampaignState.SENDING, start_at=begin, note="", who=who):
        raise CellbackError(f"This campaign is {campaign.state.value}: it can't be sent.")
    return begin


async def send_test(*, channel: Channel, message: Message, address: str) -> str:
    """Send one row's message to oneself; touches no status and claims nothing. Returns the clean address.

    Raises AddressError, TemporaryError, PermanentError or SendInDoubt.
    """
    clean = channel.address(address)
    await channel.send(
        Outgoing(
            message_id=f"test-{message.id}",
            token="",
            address=clean,
            text=message.text,
            subject=f"[Test] {message.subject}" if message.subject else "",
        )
    )
    return clean
