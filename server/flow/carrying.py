"""One provider's part of a chunk: its pace, its quiet hours, its trouble. A message is claimed once and sent once."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from server.domain.machine import (
    Accepted,
    Blocked,
    Deferred,
    LostAnswer,
    MessageEvent,
    Postponed,
    Refused,
    Released,
    Rerouted,
    SourceChanged,
    TakenBack,
)
from server.domain.message import Attachment, Limits, Message, Outgoing
from server.domain.plan import Plan, Route
from server.domain.quiet import Hours, day_of, next_day
from server.domain.routes import instead, later, mark
from server.domain.words import SuppressionReason
from server.errors import PermanentError, SendInDoubt, TemporaryError
from server.flow.composing import closed_window, last_heard
from server.flow.files import load
from server.flow.freshness import Freshness
from server.flow.outgoing import outgoing_of
from server.ports import Attachments, Channel, Clock, Ledger, Pacer

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 2.0, 3600.0
"""Waits double from seconds to an hour."""

GIVE_UP_AFTER = timedelta(days=1)
"""How long a provider may put off a message."""

TROUBLE = 5
"""Refusals for now in a row, with no success between, after which all that the provider carries waits."""

CLAIM_LASTS = timedelta(seconds=15)
"""As long as a chunk's lease. Older than that, a claim may have been called lost and tried again by a person: its owner
must not send any more."""

RECEIPT_TRIES = 6
"""Tries to write down a receipt, over some 12 s, before the claim is left to become `in doubt`."""

LOST = "Nobody knows whether this went out: the program stopped in the middle. Ask, then type Sent or Retry."
ANY_HOUR = Hours()


def wait_before(attempt: int) -> float:
    """Seconds until the next try after that many: doubling, with jitter."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt - 1, 20)) * random.uniform(0.8, 1.2)


@dataclass
class Tried:
    """What one run over a chunk did. Sentences: `hold` when a provider (or all) should wait, `stop` when a person must
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

    def count_in(self, other: Tried) -> None:
        """Add another run's numbers, and its sentences where there are none yet."""
        for name in ("sent", "failed", "deferred", "in_doubt", "changed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("in_a_row", "hold_seconds"):
            setattr(self, name, max(getattr(self, name), getattr(other, name)))
        for name in ("hold", "stop", "waits"):
            setattr(self, name, getattr(self, name) or getattr(other, name))


@dataclass
class Shared:
    """What all providers of one run share: the look at the sheet, the chunk's lease, and what ends them all."""

    ledger: Ledger
    clock: Clock
    plan: Plan
    owner: str
    stopping: Callable[[], bool]
    unsubscribe_url: Callable[[str], str]
    hours: Hours
    attachments: Attachments | None = None
    fresh: Freshness = field(init=False)
    lost_lease: bool = False
    broken: Exception | None = None
    hold: str = ""
    hold_seconds: float = 0.0

    @property
    def over(self) -> bool:
        """Whether nothing more is to be claimed in this run."""
        return self.lost_lease or self.broken is not None or bool(self.hold) or self.stopping()


@dataclass
class Carrier:
    """The due messages of one channel of one provider."""

    shared: Shared
    way: Route
    channel: Channel
    pacer: Pacer | None
    due: list[Message]
    tried: Tried = field(default_factory=Tried)
    limits: Limits = field(init=False)

    def __post_init__(self) -> None:
        self.limits = self.channel.limits()

    @property
    def lanes(self) -> int:
        """How many of its sends may be in flight at once."""
        return max(1, min(self.limits.concurrency, len(self.due)))

    async def lane(self, waiting: Iterator[Message]) -> None:
        """Take one message after the other, until there are none, or trouble meets every one.

        A fault in one lane lets the others finish what they have in flight: cancelling a send would put it in doubt.
        """
        for message in waiting:
            if self.shared.over or self.tried.hold or self.tried.stop:
                return
            try:
                await self._one(message)
            except TemporaryError as error:  # the sheet can't be read: without a look at the row nothing leaves
                self.shared.hold, self.shared.hold_seconds = error.sentence, error.retry_after or 5.0
            except Exception as error:
                self.shared.broken = error

    async def _one(self, message: Message) -> None:
        if await self._not_now(message):
            return
        if self.pacer is not None:
            await self.pacer.turn()
        await self.shared.fresh.renew_if_old()
        if why := self.shared.fresh.difference(message):
            self.tried.changed += await self._move(message, SourceChanged(why))
            return
        if event := self.shared.fresh.own_time(message, self.shared.clock.now()):
            self.tried.changed += await self._move(message, event)
            return
        if why := self._closed(message):
            self.tried.changed += await self._move(message, TakenBack(why))
            return
        files = await self._files(message)
        if files is None or not await self._within_the_day(message):
            return
        now, owner = self.shared.clock.now(), self.shared.owner
        claimed = await asyncio.wrap_future(self.shared.ledger.messages.claim_soon(message.id, owner, now))
        if claimed is None:  # paused, cancelled, suppressed or taken meanwhile
            self._give_back()
            return
        now = self.shared.clock.now()
        if self.shared.lost_lease or now - (claimed.claimed_at or now) > CLAIM_LASTS:
            await self._move(claimed, Released(owner))  # held up since: others may have settled this claim
            return
        await self._send(claimed, files)

    def _closed(self, message: Message) -> str:
        """Why this person may not be written to freely any more, in a sentence, or ""."""
        heard = last_heard(self.shared.ledger, self.channel, message.address)
        return closed_window(message, self.limits, heard, self.shared.clock.now())

    async def _files(self, message: Message) -> tuple[Attachment, ...] | None:
        """What goes along; None when it can't be had: the message went back to a person, or waits."""
        try:
            return await load(self.shared.attachments, message)
        except TemporaryError as error:
            now = self.shared.clock.now()
            event: MessageEvent = TakenBack(f"Not sent, after a day of tries: {error.sentence}")
            if now < self._refused_since(message, now) + GIVE_UP_AFTER:
                due = now + timedelta(seconds=error.retry_after or wait_before(5))
                event = Postponed(due, f"{error.sentence} It will be tried again.", now)
            await self._move(message, event)
        except PermanentError as error:
            self.tried.changed += await self._move(message, TakenBack(f"Not sent: {error.sentence}"))
        return None

    async def _not_now(self, message: Message) -> bool:
        """Whether the recipient's quiet hours stand against it; then it waits for their end, and says so."""
        until = self.shared.hours.until(self.shared.clock.now(), self.channel.zones(message.address))
        if until is None:
            return False
        self.tried.waits = f"Quiet hours: goes out from {until:%H:%M} on."
        await self._move(message, Postponed(until, self.tried.waits))
        return True

    async def _within_the_day(self, message: Message) -> bool:
        """Take one of the day's sends; when they are used up, the message waits for the next day, and says so."""
        if self.pacer is None:
            return True
        now, zone = self.shared.clock.now(), self.shared.hours.zone
        today = day_of(now, zone)

        def used() -> int:
            return self.shared.ledger.messages.claimed_since(self.channel.name, today)

        if await asyncio.to_thread(self.pacer.take, today.date().isoformat(), used):
            return True
        tomorrow = next_day(now, zone)
        self.tried.waits = f"Today's limit is used up: goes out on {tomorrow:%d %b} from {tomorrow:%H:%M} on."
        await self._move(message, Postponed(tomorrow, self.tried.waits))
        return False

    def _give_back(self) -> None:
        if self.pacer is not None:
            self.pacer.give_back(day_of(self.shared.clock.now(), self.shared.hours.zone).date().isoformat())

    def _outgoing(self, message: Message, files: tuple[Attachment, ...]) -> Outgoing:
        windowed = self.limits.window is not None
        contacts, address = self.shared.ledger.contacts, message.address
        return outgoing_of(
            message,
            self.shared.plan,
            self.limits,
            known_as=contacts.known_as(self.channel.name, address) if windowed else "",
            unsubscribe_url=self.shared.unsubscribe_url(message.token),
            attachments=files,
        )

    async def _send(self, message: Message, files: tuple[Attachment, ...]) -> None:
        outgoing, owner = self._outgoing(message, files), self.shared.owner
        event: MessageEvent
        try:
            receipt = await self.channel.send(outgoing)
        except TemporaryError as error:
            event = self._deferred(message, error)
        except PermanentError as error:
            event = await self._refused(message, error)
        except SendInDoubt as error:
            self.tried.in_doubt += 1
            event = LostAnswer(error.sentence, owner)
        except Exception as error:  # whatever it was, nobody knows whether the message went
            log.exception("send failed unexpectedly message=%s kind=%s", message.id, type(error).__name__)
            self.tried.in_doubt += 1
            event = LostAnswer(LOST, owner)
        else:
            self.tried.sent += 1
            self.tried.in_a_row = 0
            now = self.shared.clock.now()
            event = Accepted(self.channel.provider, receipt.provider_id, now, receipt.known_as)
            await self._move(message, event)
            await self._called(message, receipt.known_as, outgoing.known_as)
            return
        await self._move(message, event)

    async def _called(self, message: Message, name: str, known: str) -> None:
        """Remember how the provider calls them, where that tells more than their address."""
        if name and name not in {known, message.address, message.address.removeprefix("+")}:
            with suppress(TemporaryError):  # it will say so again
                await asyncio.to_thread(self.shared.ledger.contacts.called, self.channel.name, message.address, name)

    def _deferred(self, message: Message, error: TemporaryError) -> MessageEvent:
        now = self.shared.clock.now()
        end = self._refused_since(message, now) + GIVE_UP_AFTER
        if now >= end:
            self.tried.failed += 1
            return Refused(f"Given up after a day of tries. {error.sentence}", self.shared.owner)
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
        return Deferred(due, f"{error.sentence} It will be tried again.", self.shared.owner, now)

    def _refused_since(self, message: Message, now: datetime) -> datetime:
        """Since when it is refused for now: by itself, or with the whole campaign, behind which it had to wait."""
        campaign, moments = self.shared.fresh.campaign, [now]
        if message.refused_at is not None:
            moments.append(message.refused_at)
        if campaign.refused_since is not None and message.approval is not None and not self.tried.sent:
            moments.append(max(campaign.refused_since, message.approval.at))
        return max(min(moments), campaign.begun_at or min(moments))

    async def _refused(self, message: Message, error: PermanentError) -> MessageEvent:
        owner = self.shared.owner
        if error.whole_campaign:
            self.tried.stop = error.sentence
            return Deferred(self.shared.clock.now(), error.sentence, owner)
        if error.opted_out:
            add = self.shared.ledger.suppressions.add
            await asyncio.to_thread(add, message.address, self.channel.name, SuppressionReason.OPT_OUT)
            self.tried.failed += 1
            return Blocked(error.sentence, owner)
        left = later(self.shared.plan, message)
        if error.elsewhere and left:
            gone = mark(self.channel.name, message.address)
            return Rerouted(gone, instead(self.channel.name, left[0].channel), owner)
        self.tried.failed += 1
        return Refused(error.sentence, owner)

    async def _move(self, message: Message, event: MessageEvent) -> int:
        """Write down what happened; a receipt is worth some patience with a ledger that is busy."""
        for attempt in range(RECEIPT_TRIES):
            try:
                moved = await asyncio.wrap_future(self.shared.ledger.messages.move_soon(message.id, event))
            except TemporaryError:
                if attempt == RECEIPT_TRIES - 1:
                    raise
                await asyncio.sleep(0.2 * 2**attempt)
            else:
                return int(moved is not None)
        return 0
