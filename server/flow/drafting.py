"""plan -> draft: one text per row, with the fingerprint of the cells it was made from."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache

from server.domain.campaign import Campaign
from server.domain.cells import showable
from server.domain.machine import MESSAGE_MOVES, Drafted, Redrafting, Reverted, Skipped
from server.domain.message import Message
from server.domain.plan import Plan
from server.domain.routes import instead
from server.domain.rows import GONE, Locator
from server.domain.steps import as_step
from server.domain.table import Row
from server.domain.usage import Usage
from server.domain.words import MessageState, Problem
from server.errors import AddressError, Conflict, PermanentError, TemporaryError
from server.flow.checking import Checker
from server.flow.composing import MAILS, by_template, extras_of, finished, last_heard, objections, said
from server.flow.composing import doubts as doubts_of
from server.flow.files import missing
from server.flow.records import SHARED, Bound, Reader, Written
from server.flow.tray import Tray
from server.ports import Attachments, ChannelOf, Clock, Drafter, DraftText, Ledger, Remark, Sheet

log = logging.getLogger(__name__)

CONCURRENCY = 64
"""Texts in the making at once in one worker; needed concurrency = rows a second x seconds a text."""

LEASE_SECONDS = 15.0
"""How long a chunk stays with a worker that says nothing more; renewed every third of it."""

TRIES = 5
"""How often a word about a campaign is written again that others are just changing."""

REVERTIBLE = MESSAGE_MOVES[Reverted][0]
"""Where a text may be that one step back leads to."""

AGAIN = "Type Redraft for another try."
MOVED_ON = "The address has changed since the last message: whoever has the new one did not get that."
HOW_ON = "Draft again, and it goes on with the rest."


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every draft of a chunk is made with: one look at the sheet, who is written to already, what is known."""

    ledger: Ledger
    clock: Clock
    reader: Reader
    locator: Locator
    checker: Checker
    written: Callable[[], Written]
    attachments: Attachments | None = None
    checkers: dict[tuple[str, str], Checker] = field(default_factory=dict)

    def checker_of(self, message: Message) -> Checker:
        """What holds the text of this message against its row: a further step may have words of its own, and what a
        person remarked is said by the organiser too. One for all rows that share these."""
        if not message.template and not message.remark:
            return self.checker
        known = (message.template, message.remark)
        if known not in self.checkers:
            plan, _ = as_step(self.reader.plan, "", replace(message, remark=""))
            plan = replace(plan, language=self.plan_of(message).language)
            said = "\n".join(part for part in (self.checker.instruction, message.remark) if part)
            reader = replace(self.reader, plan=plan)
            self.checkers[known] = replace(self.checker, reader=reader, instruction=said)
        return self.checkers[known]

    def plan_of(self, message: Message) -> Plan:
        """The plan with the language that a remark about this message names."""
        return replace(self.reader.plan, language=as_step(self.reader.plan, "", message)[0].language)


async def draft_chunk(
    *,
    ledger: Ledger,
    sheet: Sheet,
    channel_of: ChannelOf,
    clock: Clock,
    drafter: Drafter,
    campaign: Campaign,
    chunk: int,
    owner: str,
    stopping: Callable[[], bool],
    attachments: Attachments | None = None,
) -> int:
    """Write the texts of the chunk's chosen rows; how many: none while another worker holds the chunk.

    Safe to repeat: a drafted row is not drafted twice. Each is stored within a second. What every row would meet (a
    budget that is used up, a model that is away) ends the drafting of the whole campaign, until somebody asks again.
    """

    def look() -> _Desk:
        reader = Reader(sheet.read(SHARED * sheet.look_seconds), campaign.plan, channel_of)
        written = cache(lambda: Written(ledger.messages.of_campaign(campaign.id)))  # read once, where it is needed
        checker = Checker(reader, campaign.instruction, clock.now().date())
        return _Desk(ledger, clock, reader, Locator(reader.table, reader.identity), checker, written, attachments)

    lease = f"draft-{campaign.id}-{chunk}"
    if campaign.halted or not ledger.leases.take(lease, owner, LEASE_SECONDS):
        return 0
    keeper = asyncio.create_task(_keep(ledger, lease, owner))
    try:
        chosen = ledger.messages.of_campaign(campaign.id, states=[MessageState.CHOSEN], chunk=chunk)
        if not chosen:
            return 0
        tray = Tray(ledger)
        await _draft_chosen(look(), drafter, campaign, chosen, tray, lambda: stopping() or keeper.done())
        if tray.stopped:
            halt(ledger=ledger, campaign_id=campaign.id, why=tray.stopped)
        return tray.stored
    finally:
        keeper.cancel()
        ledger.leases.release(lease, owner)


async def _keep(ledger: Ledger, lease: str, owner: str) -> None:
    """Renew the lease until it is another's; a ledger that is busy is asked again."""
    ours = True
    while ours:
        await asyncio.sleep(LEASE_SECONDS / 3)
        with suppress(TemporaryError):
            ours = await asyncio.to_thread(ledger.leases.take, lease, owner, LEASE_SECONDS)


async def _draft_chosen(
    desk: _Desk,
    drafter: Drafter,
    campaign: Campaign,
    chosen: Sequence[Message],
    tray: Tray,
    stopping: Callable[[], bool],
) -> None:
    """Work through the rows, many at once: a slow one keeps no other from being stored."""
    left = iter(chosen)

    async def work() -> None:
        for message in left:
            if stopping() or tray.stopped:
                return
            await _draft_one(desk, drafter, campaign, message, tray)
            if tray.full:
                await tray.flush()

    flusher = asyncio.create_task(tray.flush_now_and_then())
    try:
        ends = await asyncio.gather(*(work() for _ in range(min(CONCURRENCY, len(chosen)))), return_exceptions=True)
        tray.close()
        ends += await asyncio.gather(flusher, return_exceptions=True)
        await tray.flush()
    finally:
        flusher.cancel()
    for end in ends:  # only now: what the others wrote is stored
        if end is not None:
            raise end


async def _draft_one(desk: _Desk, drafter: Drafter, campaign: Campaign, message: Message, tray: Tray) -> None:
    """One row's text, into the tray."""
    place = desk.locator.find(message.row_key, message.identity)
    if (row := place.row) is None:
        tray.put(message.id, Skipped(GONE) if place.why == GONE else _unplaced(message, place.why))
        return
    bound, problem, note = _judge(desk, message, row)
    text, away = DraftText(""), ""
    if bound is None or not by_template(desk.reader.plan, bound.way.channel):
        try:
            plan, instruction = as_step(_plan(desk, bound), campaign.instruction, message)
            text = await _written(drafter, plan, instruction, desk.reader.record(row), message)
        except TemporaryError as error:
            away = error.sentence
            text = _as_it_was(message, f"{away} {AGAIN}")
        except PermanentError as error:
            if error.whole_campaign:
                tray.stop(error.sentence)
                return
            text = _as_it_was(message, error.sentence)
        except Exception as error:  # a fault of ours: this row must not meet it again and again
            log.exception("draft failed unexpectedly message=%s kind=%s", message.id, type(error).__name__)
            text = _as_it_was(message, f"The text could not be written: a fault in Cellback, told in its log. {AGAIN}")
    event = await _drafted(desk, message, row, text, bound, problem, note)
    if away:
        tray.put_off(message.id, event, away)
    else:
        tray.put(message.id, event)


async def _written(
    drafter: Drafter, plan: Plan, instruction: str, record: Mapping[str, str], message: Message
) -> DraftText:
    """The row's text; where a person remarked something about the one that stands there, from that one."""
    if not message.remark:
        return await drafter.draft(plan, instruction, record)
    remark = Remark(message.remark, message.text, message.subject)
    return await drafter.draft(plan, instruction, record, remark=remark)


def _as_it_was(message: Message, doubt: str) -> DraftText:
    """No new text: where the old one was kept for a remark, it stays, and says that nothing came of it."""
    kept = message.text if message.remark else ""
    return DraftText(kept, message.subject if kept else "", doubt, replace(message.drafted_by, usage=Usage()))


def _plan(desk: _Desk, bound: Bound | None) -> Plan:
    """The plan as a drafter is to see it: over the channel that this row's message goes by."""
    plan = desk.reader.plan
    return plan if bound is None else plan.with_channel(bound.way.channel, bound.way.provider)


def _unplaced(message: Message, why: str) -> Drafted:
    """No text without a sure row; whom the row is about is kept, so that it can be found again."""
    return Drafted(
        text="",
        address=message.address,
        person=message.person,
        problem=Problem.CHECK,
        note=why,
        source=message.source,
        identity=message.identity,
        version=message.version,
    )


async def _drafted(
    desk: _Desk, message: Message, row: Row, text: DraftText, bound: Bound | None, problem: Problem, note: str
) -> Drafted:
    reader, plan = desk.reader, desk.reader.plan
    written = replace(text, text=_shown(text.text), subject=_shown(text.subject))
    drafted = Drafted(
        text=written.text,
        subject=written.subject,
        address=bound.address if bound else "",
        person=reader.person(row),
        problem=problem,
        note=note,
        source=reader.source(row),
        identity=reader.identity(row),
        made=replace(text.made, plan=plan.version),
        version=message.version,
    )
    doubts = [text.doubt, *desk.checker_of(message).doubts(row, written.text, written.subject)]
    if bound is not None:
        drafted, found = await _composed(desk, drafted, row, bound, desk.plan_of(message))
        doubts += found
    doubts.append(desk.checker.leftover(row, drafted.text, drafted.subject))
    if not drafted.text.strip() and not any(doubts):
        doubts.append(f"There is no text for this row. {AGAIN}")
    if problem is Problem.NONE and (doubt := said(doubts)):
        return replace(drafted, problem=Problem.CHECK, note=doubt)
    return drafted


def _shown(text: str) -> str:
    """A text as a cell holds it: what people see there is what is sent."""
    return showable(text.replace("\r\n", "\n").replace("\r", "\n"))


async def _composed(desk: _Desk, drafted: Drafted, row: Row, bound: Bound, plan: Plan) -> tuple[Drafted, list[str]]:
    """The draft as it goes over its channel, and what a person must look at first."""
    channel = desk.reader.channel_of(bound.way.channel, bound.way.provider)
    extras, wrong = extras_of(desk.reader, row, bound, channel)
    text = extras.text if by_template(plan, channel.name) else finished(drafted.text, plan, channel)
    drafted = replace(
        drafted,
        text=text,
        subject=drafted.subject if channel.name in MAILS else "",
        channel=bound.way.channel,
        carrier=bound.way.provider,
        extras=extras,
    )
    seen = Message("", "", "", text=text, extras=extras)
    heard = last_heard(desk.ledger, channel, bound.address)
    wrong.append(await missing(desk.attachments, extras.attachment))
    return drafted, [*wrong, *objections(seen, channel, heard, desk.clock.now()), *doubts_of(text, channel)]


def _judge(desk: _Desk, message: Message, row: Row) -> tuple[Bound | None, Problem, str]:
    """Where the row's message goes as it is now, and its problem; what was found at the start holds while the address
    does. One that goes another way because nobody was at the first one waits for a person."""
    try:
        bound = desk.reader.bound(row, message.unreached)
    except AddressError as error:
        return None, Problem.NO_ADDRESS, error.sentence
    problem, note = message.problem, message.note if message.problem is not Problem.NONE else ""
    if bound.address != message.address:
        written = desk.written()
        problem, note = written.stands(bound.address, desk.reader.person(row), besides=message.id)
        written.add(message.id, bound.address, desk.reader.person(row))
        if message.step and problem is Problem.NONE:
            problem, note = Problem.CHECK, MOVED_ON
    if message.unreached and message.channel not in {None, bound.way.channel}:
        note = said([instead(message.channel or bound.way.channel, bound.way.channel), note])
        problem = Problem.CHECK if problem is Problem.NONE else problem
    return bound, problem, note


def halt(*, ledger: Ledger, campaign_id: str, why: str) -> None:
    """Write down that drafting has ended before its end, and how far it came; nothing wakes it before `go_on`."""
    states = ledger.messages.states(campaign_id)
    rows, left = sum(states.values()), states.get(MessageState.CHOSEN, 0)
    sentence = f"{why} {rows - left:,} of {rows:,} rows are drafted. {HOW_ON}"
    _say(ledger, campaign_id, sentence)


def go_on(*, ledger: Ledger, campaign_id: str) -> Campaign:
    """Somebody asks for drafts again: what stopped them may be mended. Raises Conflict."""
    campaign = ledger.campaigns.get(campaign_id)
    return _say(ledger, campaign_id, "") if campaign.halted else campaign


def _say(ledger: Ledger, campaign_id: str, sentence: str) -> Campaign:
    """Raises Conflict when the campaign keeps being changed by others."""
    for _ in range(TRIES):
        with suppress(Conflict):
            return ledger.campaigns.save(replace(ledger.campaigns.get(campaign_id), halted=sentence))
    return ledger.campaigns.save(replace(ledger.campaigns.get(campaign_id), halted=sentence))


def redraft(*, ledger: Ledger, campaign: Campaign, keys: Sequence[str] | None, who: str = "") -> int:
    """Ask for new texts for these rows (all drafts without keys); how many will be written anew."""
    states = [MessageState.DRAFTED, MessageState.CHANGED] if keys is None else None
    messages = ledger.messages.of_campaign(campaign.id, states=states, keys=keys)
    moved = ledger.messages.move_many([(message.id, Redrafting(who)) for message in messages])
    return sum(one is not None for one in moved)


def reword(*, ledger: Ledger, messages: Sequence[Message], wanted: Mapping[str, str], batch: str, who: str = "") -> int:
    """Have texts written anew with a remark: id of a message -> all that is remarked about it now; how many will be.
    One that a person edited, approved or sent since it was looked at stays. `batch` names this wish, for the way back.
    """
    found = [one for one in messages if one.id in wanted]
    moves = [(one.id, Redrafting(who, wanted[one.id], batch, one.version)) for one in found]
    return sum(one is not None for one in ledger.messages.move_many(moves))


def rewrite(*, ledger: Ledger, messages: Sequence[Message], who: str = "") -> int:
    """Have these texts written anew by the plan as it is now; how many will be. One that a person edited, approved or
    sent since it was looked at stays."""
    moves = [(one.id, Redrafting(who, version=one.version)) for one in messages]
    return sum(one is not None for one in ledger.messages.move_many(moves))


def step_back(
    *, ledger: Ledger, campaign: Campaign, keys: Sequence[str] | None = None, batch: str = "", who: str = ""
) -> int:
    """Put back the texts from before a remark (of these rows, or of all that were in the batch); how many."""
    messages = ledger.messages.of_campaign(campaign.id, states=None if keys is not None else REVERTIBLE, keys=keys)
    found = [one for one in messages if one.former.text and batch in {"", one.former.batch}]
    moved = ledger.messages.move_many([(one.id, Reverted(who)) for one in found])
    return sum(one is not None for one in moved)


def redraft_outdated(*, ledger: Ledger, campaign: Campaign, who: str = "") -> int:
    """Ask for new texts where the plan was edited after a row was tried, and nobody edited its text; how many."""
    drafted = ledger.messages.of_campaign(campaign.id, states=[MessageState.DRAFTED])
    old = [one for one in drafted if one.drafted_by.plan not in {0, campaign.plan.version}]
    moved = ledger.messages.move_many([(one.id, Redrafting(who)) for one in old])
    return sum(one is not None for one in moved)
