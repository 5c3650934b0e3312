"""What a model was asked, against what the ledger keeps of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from server.domain.audit import WHAT
from server.domain.machine import Drafted, Followed
from server.domain.message import Message
from server.domain.words import Flag, MessageState
from tests.chaos.show import Show
from tests.chaos.thinking import Asked, Thinker

if TYPE_CHECKING:
    from tests.chaos.driver import Driver
    from tests.chaos.invariants import Report

LATE_SECONDS = 1.5
"""How long a question may take from the worker to the model, and a text back and into the ledger, once it is known."""
WAKING_SECONDS = 5.0
"""A worker that slept past its lease sees that only after it went on: what it asks just then was asked before."""
Span = tuple[float, float]


def thoughts(rig: Driver, model: Thinker, report: Report) -> None:
    """Texts and readings that were paid for twice, orders that were obeyed, rows without a word about them."""
    asked = defaultdict(list)
    for one in list(model.asked):
        asked[one.form, one.whom].append(one)
    for show in rig.shows:
        if show.by_model:
            _texts(rig, show, {whom: found for (form, whom), found in asked.items() if form == "draft"}, report)
    refs = rig.recipients.refs
    read = Counter({whom: len(found) for (form, whom), found in asked.items() if form == "read" and whom in refs})
    report.counts["readings by the model"] += read.total()
    report.counts["read again"] += read.total() - len(read)
    _orders(rig, report)


def _texts(rig: Driver, show: Show, asked: dict[str, list[Asked]], report: Report) -> None:
    wanted: dict[str, list[Span]] = defaultdict(list)
    told: dict[str, list[str]] = defaultdict(list)
    for campaign_id in show.campaigns:
        campaign = rig.world.ledger.campaigns.get(campaign_id)
        for steps in rig.rows(campaign_id).values():
            bib = show.bib_of(steps[0])
            for step in steps:
                wanted[bib] += _without_text(rig, step)
                trail = rig.world.ledger.audit.of_message(step.id)
                told[bib] += [f"{one.at.timestamp():.2f} {one.what} -> {one.after}" for one in trail]
                untold = step.problem and not step.note and step.state is MessageState.DRAFTED
                if untold or (step.state is MessageState.DRAFTED and not step.text and not step.note):
                    report.add("untold", f"{bib} has no text, and its row says nothing")
                if step.state is MessageState.CHOSEN and not step.followed and not campaign.halted:
                    report.add("untold", f"{bib} waits for a text, and nobody says why")
    for bib, spans in wanted.items():
        mine = [one for one in asked.get(bib, ()) if one.at > rig.began_at]
        report.counts["texts by the model"] += len(mine)
        for one in mine:
            if not any(begin - LATE_SECONDS < one.at < end + LATE_SECONDS for begin, end in spans):
                woken = any(0 <= one.at - at < WAKING_SECONDS for at in rig.world.woken)
                report.counts["asked after a sleep"] += woken
                if not woken:
                    times = ", ".join(f"{each.at:.2f}" for each in mine)
                    report.add("asked twice", f"a text for {bib} at {one.at:.2f} of {times}; {', '.join(told[bib])}")


def _without_text(rig: Driver, message: Message) -> list[Span]:
    """When the message waited for a text, in seconds since the epoch."""
    ledger = rig.world.ledger
    before = ledger.audit.of_message(message.follows) if message.follows else []
    begin: float | None = max((one.at.timestamp() for one in before if one.what == WHAT[Followed]), default=0.0)
    spans = []
    for entry in ledger.audit.of_message(message.id):
        if begin is None and entry.after == MessageState.CHOSEN.value:
            begin = entry.at.timestamp()
        elif begin is not None and (entry.what == WHAT[Drafted] or entry.after != MessageState.CHOSEN.value):
            spans.append((begin, entry.at.timestamp()))
            begin = None
    return spans if begin is None else [*spans, (begin, float("inf"))]


def _orders(rig: Driver, report: Report) -> None:
    """No reading of an order is sure, whatever the model made of it."""
    for show in rig.shows:
        for campaign_id in show.campaigns:
            for reply in rig.world.ledger.inbox.replies(campaign_id):
                given = [ref for ref in rig.recipients.orders if ref in reply.visible]
                report.counts["orders"] += bool(given)
                if given and reply.interpretation is not None and reply.interpretation.flag is Flag.SURE:
                    report.add("orders obeyed", f"{given[0]}: {reply.visible!r} is sure: {reply.interpretation.reason}")
