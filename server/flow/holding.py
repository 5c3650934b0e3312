"""What a provider's trouble does to its campaign: all of it waits where there is one way only, else that provider's
messages do, and the others go on."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from server.domain.campaign import Campaign
from server.domain.machine import MessageEvent, Postponed
from server.domain.plan import SHOWN, Route
from server.domain.routes import way_of
from server.domain.words import CampaignState, MessageState
from server.errors import Conflict
from server.flow.carrying import TROUBLE, Tried
from server.ports import Clock, Ledger

LOOK_AGAIN = timedelta(minutes=5)
"""How long messages of a provider wait that a person must mend, while others go on: it may be mended by then."""


def label(way: Route) -> str:
    """A way in `Campaign.stopped`."""
    return f"{way.channel.value} {way.provider}"


def hold_campaign(ledger: Ledger, clock: Clock, campaign: Campaign, tried: Tried) -> None:
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
    _save(ledger, told)


def hold_ways(ledger: Ledger, clock: Clock, campaign: Campaign, chunk: int, tried: Mapping[Route, Tried]) -> None:
    """The same for a campaign of several ways: what goes by a provider in trouble waits, and the note says so.

    When nothing is left but what a person must mend, the campaign stops as it does with one way.
    """
    now = ledger.campaigns.get(campaign.id)
    stopped = {
        one: why for one, why in now.stopped.items() if not any(label(w) == one and t.sent for w, t in tried.items())
    }
    stopped |= {label(way): f"{_name(way)} has stopped: {one.stop}" for way, one in tried.items() if one.stop}
    _put_off(ledger, clock, campaign, chunk, tried)
    if any(one.stop for one in tried.values()) and not _others(ledger, campaign, stopped):
        ledger.campaigns.move(campaign.id, CampaignState.PAUSED, note=" ".join(stopped.values()))
        return
    waits = [f"{_name(way)} waits: {one.hold}" for way, one in tried.items() if one.hold]
    waits += dict.fromkeys(one.waits for one in tried.values() if one.waits)
    sent = any(one.sent for one in tried.values())
    note = " ".join([*stopped.values(), *(["The other ways go on."] if stopped else []), *waits])
    if (note != now.note and (note or sent)) or stopped != dict(now.stopped):
        _save(ledger, replace(now, note=note, stopped=stopped))


def _others(ledger: Ledger, campaign: Campaign, stopped: Mapping[str, str]) -> bool:
    """Whether something is left that goes by a provider that has not stopped."""
    left = ledger.messages.ways(campaign.id, (MessageState.APPROVED, MessageState.SENDING))
    return any(f"{channel.value if channel else ''} {carrier}" not in stopped for channel, carrier in left)


def _put_off(ledger: Ledger, clock: Clock, campaign: Campaign, chunk: int, tried: Mapping[Route, Tried]) -> None:
    """What the providers in trouble had still to carry in this chunk, each with a day from now as if refused itself."""
    at = clock.now()
    moves: list[tuple[str, MessageEvent]] = []
    if not any(one.stop or one.hold for one in tried.values()):
        return
    for message in ledger.messages.of_campaign(campaign.id, states=[MessageState.APPROVED], chunk=chunk):
        one = tried.get(way_of(campaign.plan, message))
        if one is None or (message.due_at is not None and message.due_at > at):
            continue
        if one.stop:
            moves.append((message.id, Postponed(at + LOOK_AGAIN, one.stop)))
        elif one.hold:
            due = at + timedelta(seconds=one.hold_seconds)
            moves.append((message.id, Postponed(due, f"{one.hold} It will be tried again.", at)))
    ledger.messages.move_many(moves)


def _name(way: Route) -> str:
    name = SHOWN[way.channel].removeprefix("a ").removeprefix("the ")
    return f"{name[:1].upper()}{name[1:]} ({way.provider})"


def _save(ledger: Ledger, told: Campaign) -> None:
    if told.state is CampaignState.SENDING:
        with suppress(Conflict):  # somebody else changed the campaign just now: they have the word
            ledger.campaigns.save(told)
