"""plan -> draft: one text per row, with the fingerprint of the cells it was made from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache

from server.domain.campaign import Campaign
from server.domain.machine import Drafted, MessageEvent, Redrafting, Skipped
from server.domain.message import Message
from server.domain.rows import GONE, Locator
from server.domain.table import Row
from server.domain.templates import leftovers
from server.domain.words import MessageState, Problem
from server.errors import AddressError, PermanentError, TemporaryError
from server.flow.records import SHARED, Bound, Reader, Written
from server.ports import ChannelOf, Drafter, DraftText, Ledger, Sheet

CONCURRENCY = 64
"""Texts in the making at once in one worker; needed concurrency = rows a second x seconds a text."""

LEASE_SECONDS = 15.0
"""How long a chunk stays with a worker that says nothing more; renewed every third of it."""

BATCH = 50
"""Drafts a transaction: they appear in the cells while the rest is still being written."""


async def draft_chunk(
    *,
    ledger: Ledger,
    sheet: Sheet,
    channel_of: ChannelOf,
    drafter: Drafter,
    campaign: Campaign,
    chunk: int,
    owner: str,
    stopping: Callable[[], bool],
) -> int:
    """Write the texts of the chunk's chosen rows; how many: none while another worker holds the chunk.

    Safe to repeat: a drafted row is not drafted twice.
    """
    lease = f"draft-{campaign.id}-{chunk}"
    if not ledger.leases.take(lease, owner, LEASE_SECONDS):
        return 0
    keeper = asyncio.create_task(_keep(ledger, lease, owner))
    try:
        return await _draft_chosen(
            ledger, sheet, channel_of, drafter, campaign, chunk, lambda: stopping() or keeper.done()
        )
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
    ledger: Ledger,
    sheet: Sheet,
    channel_of: ChannelOf,
    drafter: Drafter,
    campaign: Campaign,
    chunk: int,
    stopping: Callable[[], bool],
) -> int:
    chosen = ledger.messages.of_campaign(campaign.id, states=[MessageState.CHOSEN], chunk=chunk)
    if not chosen:
        return 0
    reader = Reader(sheet.read(SHARED * sheet.look_seconds), campaign.plan, channel_of)
    locator = Locator(reader.table, reader.identity)
    written = cache(lambda: Written(ledger.messages.of_campaign(campaign.id)))  # read once, where it is needed at all
    done = 0
    for start in range(0, len(chosen), BATCH):
        if stopping():
            break
        batch = chosen[start : start + BATCH]
        events = await _draft_all(reader, written, locator, drafter, campaign, batch)
        moved = ledger.messages.move_many([(one.id, event) for one, event in zip(batch, events, strict=True)])
        done += sum(one is not None for one in moved)
    return done


async def _draft_all(
    reader: Reader,
    written: Callable[[], Written],
    locator: Locator,
    drafter: Drafter,
    campaign: Campaign,
    batch: Sequence[Message],
) -> list[MessageEvent]:
    gate = asyncio.Semaphore(CONCURRENCY)

    async def one(message: Message) -> MessageEvent:
        place = locator.find(message.row_key, message.identity)
        if (row := place.row) is None:
            return Skipped(GONE) if place.why == GONE else _unplaced(message, place.why)
        record = reader.record(row)
        try:
            async with gate:
                text = await drafter.draft(campaign.plan, campaign.instruction, record)
        except (TemporaryError, PermanentError) as error:  # type Redraft for another try: nothing loops by itself
            text = DraftText("", doubt=error.sentence)
        return _drafted(reader, written, message, row, record, text)

    return list(await asyncio.gather(*(one(message) for message in batch)))


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


def _drafted(
    reader: Reader,
    written: Callable[[], Written],
    message: Message,
    row: Row,
    record: Mapping[str, str],
    text: DraftText,
) -> Drafted:
    bound, problem, note = _judge(reader, written, message, row)
    doubt = text.doubt or _leftover(text, record)
    if problem is Problem.NONE and doubt:
        problem, note = Problem.CHECK, doubt
    return Drafted(
        text=text.text,
        subject=text.subject,
        address=bound.address if bound else "",
        person=reader.person(row),
        problem=problem,
        note=note,
        source=reader.source(row),
        identity=reader.identity(row),
        channel=bound.way.channel if bound else None,
        carrier=bound.way.provider if bound else "",
        version=message.version,
    )


def _leftover(text: DraftText, record: Mapping[str, str]) -> str:
    """A sentence about what must never leave (an unfilled placeholder, `#REF!`, `undefined`), or ""."""
    found = leftovers(f"{text.subject}\n{text.text}", tuple(record))
    return f"The text still holds “{found[0]}”." if found else ""


def _judge(
    reader: Reader, written: Callable[[], Written], message: Message, row: Row
) -> tuple[Bound | None, Problem, str]:
    """Where the row's message goes as it is now, and its problem; what was found at the start holds while the address
    does."""
    try:
        bound = reader.bound(row, message.unreached)
    except AddressError as error:
        return None, Problem.NO_ADDRESS, error.sentence
    if bound.address == message.address:
        return bound, message.problem, message.note if message.problem is not Problem.NONE else ""
    problem, why = written().stands(bound.address, reader.person(row), besides=message.id)
    written().add(message.id, bound.address, reader.person(row))
    return bound, problem, why


def redraft(*, ledger: Ledger, campaign: Campaign, keys: Sequence[str] | None, who: str = "") -> int:
    """Ask for new texts for these rows (all drafts without keys); how many will be written anew."""
    states = [MessageState.DRAFTED, MessageState.CHANGED] if keys is None else None
    messages = ledger.messages.of_campaign(campaign.id, states=states, keys=keys)
    moved = ledger.messages.move_many([(message.id, Redrafting(who)) for message in messages])
    return sum(one is not None for one in moved)
