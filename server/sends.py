"""Sending as a person asks for it: who goes and when, told before, begun once, watched, tried again where it failed."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.domain.campaign import Campaign
from server.domain.forecast import Forecast, Sender, Waiting, forecast
from server.domain.message import Message
from server.domain.plan import Route
from server.domain.quiet import Hours, day_of
from server.domain.routes import way_of
from server.domain.words import CampaignState, ChannelName, MessageState
from server.errors import Conflict, InvalidInput
from server.flow import approving, campaigning, writing
from server.flow.scheduling import Going, Wish, going, start_of
from server.ports import Pace, Sheet, Start
from server.queue import SEND, SYNC
from server.services import Services

ALL_NOW = Wish()
AT_WORK = frozenset({CampaignState.SENDING, CampaignState.PAUSED})
MINUTE = timedelta(minutes=1)

__all__ = [
    "ALL_NOW",
    "Progress",
    "Refusals",
    "Told",
    "Wish",
    "progress",
    "refusals",
    "retry",
    "scheduled",
    "start",
    "tell",
]


def start(
    services: Services, campaign_id: str, wish: Wish, who: str = "", *, undo_seconds: float | None = None
) -> Campaign:
    """Begin to send by that wish: nothing leaves before the undo window is over. Of two at once one begins.

    Raises Conflict, InvalidInput, SheetUnavailable (where rows' own times are looked up).
    """
    ledger, zone = services.ledger, services.hours.zone
    campaign = ledger.campaigns.get(campaign_id)
    if campaign.state in AT_WORK:
        raise Conflict(campaign.at_work(zone))
    if not ledger.messages.states(campaign_id).get(MessageState.APPROVED):
        raise Conflict("Nothing is approved yet: approve the drafts first.")
    wait = services.settings.undo_seconds if undo_seconds is None else undo_seconds
    try:
        begun = ledger.campaigns.begin(campaign_id, _yes(services, campaign, wish, who, wait))
    except Conflict:
        campaign = ledger.campaigns.get(campaign_id)
        if campaign.state in AT_WORK:
            raise Conflict(campaign.at_work(zone)) from None
        raise
    services.wake(SYNC, campaign_id)
    if not wait and not wish.at:
        for chunk in ledger.messages.chunks(campaign_id, [MessageState.APPROVED]):
            services.wake(SEND, campaign_id, str(chunk))
    return begun


def _yes(services: Services, campaign: Campaign, wish: Wish, who: str, wait: float) -> Start:
    """What is asked of the ledger. All that is approved goes without anything being read for it."""
    now = services.clock.now()
    if wish.keys is None and not wish.at_column:
        wish.refuse(now)
        begin = now + timedelta(seconds=wait)
        late = wish.at if wish.at and wish.at > begin else None
        return Start(late or begin, who, scheduled_at=late, hours=wish.hours)
    return start_of(_going(services, campaign, wish, now), wish, now=now, undo_seconds=wait, who=who)


def _going(services: Services, campaign: Campaign, wish: Wish, now: datetime) -> Going:
    sheet, zone = _sheet(services, campaign), services.hours.zone
    return going(ledger=services.ledger, sheet=sheet, campaign=campaign, wish=wish, now=now, zone=zone)


def _sheet(services: Services, campaign: Campaign) -> Sheet:
    return services.open_sheet(campaign.workbook, campaign.sheet, campaign.header_row)


@dataclass(frozen=True, slots=True)
class Told:
    """A sending told beforehand: who goes, what leaves when, and what bounds it. `left_today` is None without a daily
    limit, `per_second` None without a pace; `zones` how many recipients live in which, where a number tells."""

    going: Going
    forecast: Forecast
    hours: Hours
    per_second: float | None = None
    left_today: int | None = None
    zones: tuple[tuple[str, int], ...] = ()


def tell(services: Services, campaign_id: str, wish: Wish) -> Told:
    """What would leave when. Nothing is changed. Raises InvalidInput, NotFound, SheetUnavailable."""
    now, campaign = services.clock.now(), services.ledger.campaigns.get(campaign_id)
    found = _going(services, campaign, wish, now)
    hours = services.hours.but(wish.hours)
    begin = now + timedelta(seconds=services.settings.undo_seconds)
    begin = max(begin, wish.at or begin)
    ways = {one.id: way_of(campaign.plan, one) for one in found.messages}
    senders = {way: _sender(services, way, now, hours) for way in set(ways.values())}
    zones = _zones(services, campaign, ways)
    waiting = [
        Waiting(one.row_key, found.at(one), zones.get(one.id, ()), _name(ways[one.id])) for one in found.messages
    ]
    named = {_name(way): sender for way, sender in senders.items()}
    told = forecast(waiting, now=now, start=begin, hours=hours, senders=named)
    rates = [one.per_second for one in senders.values()]
    left = [one.left_today for one in senders.values() if one.left_today is not None]
    slowest = sum(rate for rate in rates if rate) if rates and all(rates) else None
    lives = Counter(one.zones[0] for one in waiting if one.zones)
    return Told(found, told, hours, slowest, min(left, default=None), tuple(lives.items()))


def _name(way: Route) -> str:
    return f"{way.channel.value} {way.provider}"


def _sender(services: Services, way: Route, now: datetime, hours: Hours) -> Sender:
    try:
        channel = services.channel_for(way.channel, way.provider)
    except InvalidInput:  # not set up any more: told where it is sent
        return Sender()
    rate, day = services.pace_of(channel)
    if day is None:
        return Sender(rate)
    used = services.ledger.messages.claimed_since(channel.name, day_of(now, hours.zone))
    return Sender(rate, day, max(0, day - used))


MAILS = frozenset({ChannelName.EMAIL, ChannelName.OUTBOX})
"""Channels whose addresses tell nothing of where somebody is."""


def _zones(services: Services, campaign: Campaign, ways: Mapping[str, Route]) -> dict[str, tuple[str, ...]]:
    """Message id -> the zones of its recipient, where a number tells; addresses are read for these alone."""
    phones = {message_id: way for message_id, way in ways.items() if way.channel not in MAILS}
    if not phones:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for one in services.ledger.messages.of_campaign(campaign.id, states=[MessageState.APPROVED]):
        if (way := phones.get(one.id)) is not None:
            with contextlib.suppress(InvalidInput):  # not set up any more: told where it is sent
                found[one.id] = services.channel_for(way.channel, way.provider).zones(one.address)
    return found


@dataclass(frozen=True, slots=True)
class Progress:
    """How a sending goes: sends a second over the last minute (None before the first), seconds until what is due has
    left (None while nobody can tell), how many wait for their time, the first of them for `next_at`."""

    per_second: float | None
    seconds_left: float | None
    due: int
    later: int
    next_at: datetime | None


def progress(services: Services, campaign: Campaign) -> Progress | None:
    """How it goes now; None while nothing is being sent."""
    if campaign.state not in AT_WORK:
        return None
    now = services.clock.now()
    pace = services.ledger.messages.pace(campaign.id, now - MINUTE, now)
    over = max(1.0, min(60.0, (now - (campaign.begun_at or now)).total_seconds()))
    rate = pace.went / over if pace.went else None
    left = pace.due / rate if rate and campaign.state is CampaignState.SENDING else None
    return Progress(rate, left, pace.due, pace.later, _next(campaign, pace, now))


def _next(campaign: Campaign, pace: Pace, now: datetime) -> datetime | None:
    """When something leaves next, where nothing may before."""
    if campaign.state is not CampaignState.SENDING:
        return None
    if campaign.start_at and campaign.start_at > now:
        return campaign.start_at
    return pace.next_at if not pace.due else None


def scheduled(services: Services, campaign: Campaign) -> datetime | None:
    """The chosen moment that a sending waits for, while it can be taken back; None where it waits for none."""
    if campaign.state is not CampaignState.SENDING:
        return None
    ledger, clock = services.ledger, services.clock
    if campaign.scheduled_at and campaign.scheduled_at > clock.now():
        return campaign.scheduled_at
    if campaign.at_column and campaigning.to_undo(ledger=ledger, clock=clock, campaign=campaign):
        return ledger.messages.next_due(campaign.id)
    return None


_FIGURES = re.compile(r"[\w.+-]+@[\w.-]+|\+?\d[\d ()-]{5,}\d|<[^>]*>|“[^”]*”")


@dataclass(frozen=True, slots=True)
class Refusals:
    """What failed for good: row keys, and how many for each reason, the most frequent first."""

    keys: tuple[str, ...]
    reasons: tuple[tuple[str, int], ...]


def refusals(services: Services, campaign_id: str) -> Refusals:
    """The failed ones with their reasons; what may have gone out is none of them."""
    failed = _failed(services, campaign_id)
    reasons = Counter(_reason(one) for one in failed)
    return Refusals(tuple(one.row_key for one in failed), tuple(reasons.most_common()))


def _failed(services: Services, campaign_id: str) -> list[Message]:
    return services.ledger.messages.of_campaign(campaign_id, states=[MessageState.FAILED])


def _reason(message: Message) -> str:
    """The first sentence of its Note, without the address that makes each one differ."""
    sentence = message.note.split(". ")[0].rstrip(".")
    return _FIGURES.sub("…", sentence).strip() or "No reason was given"


def retry(services: Services, campaign_id: str, keys: Collection[str] | None, who: str) -> tuple[int, str]:
    """Try the failed ones again (of these rows), and nothing that may have gone out; how many, and what was left.

    Raises Conflict when the campaign was cancelled.
    """
    ledger, campaign = services.ledger, services.ledger.campaigns.get(campaign_id)
    if campaign.state is CampaignState.CANCELLED:
        raise Conflict("This campaign was cancelled. Start a new one.")
    wanted = None if keys is None else set(keys)
    failed = [one.row_key for one in _failed(services, campaign_id) if wanted is None or one.row_key in wanted]
    if not failed:
        raise Conflict("Nothing has failed here any more.")
    done = approving.approve(
        ledger=ledger,
        sheet=_sheet(services, campaign),
        channel_of=services.channel_for,
        clock=services.clock,
        campaign=campaign,
        keys=failed,
        who=who,
        retry=True,
        only_failed=True,
    )
    writing.reopen(ledger=ledger, clock=services.clock, campaign=campaign)
    services.wake(SYNC, campaign_id)
    return done.count, done.sentence
