"""ledger -> sheet, and the sheet's own news -> ledger: one read, one write, verified; one writer per workbook.

The sheet is a view of the ledger. What a cell should show is computed from its message (`domain.cells`), kept as a
cell write until it stands in the sheet, and never forced over what a person put there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from server.domain.campaign import Campaign
from server.domain.cells import cells_of, words_of
from server.domain.columns import new_column, renamed, tag_of
from server.domain.machine import Noted, Redrafting
from server.domain.message import Message
from server.domain.rows import GONE, Locator
from server.domain.table import CellEdit, Row, Table, fold
from server.domain.words import CampaignState, CellWriteState, MessageState, Role
from server.errors import Conflict, SheetChanged
from server.flow.approving import BY_HAND, approve, cell_map
from server.flow.drafting import go_on
from server.flow.following import remind
from server.flow.observing import carry_out, observe, settle
from server.flow.records import TOGETHER, Reader, title_of
from server.flow.scheduling import retimed
from server.ports import CellWrite, ChannelOf, Clock, Ledger, Sheet

LEASE_SECONDS = 180.0
"""Longer than one round over 100,000 rows; the lease of a process that is surely gone is freed at once."""
BATCH = 2000
"""Rows rendered and cells written in one go: API use follows time, not rows."""
SAME_LOOK = 5.0
"""Seconds: what a look found is carried out by that very look, where the host counts calls."""
ROUNDS = 12
"""Ends a sync that new results keep busy: the next one goes on."""


@dataclass
class Synced:
    """What a sync did. `moved` tells that the ledger changed (a person typed something), `busy` that another worker
    holds the workbook. `table` is the sheet as our last write proved it to be, for the next round."""

    written: int = 0
    conflicts: int = 0
    moved: bool = False
    busy: bool = False
    version: str = ""
    table: Table | None = None


def sync(
    *,
    ledger: Ledger,
    sheet: Sheet,
    channel_of: ChannelOf,
    clock: Clock,
    campaign_id: str,
    owner: str,
    seen_version: str = "",
    write: bool = True,
) -> Synced:
    """Read what people changed, write what is pending, until nothing is; without `write` only read.

    `seen_version` is the version that the caller looked at last (its own write, mostly): people's edits are not
    looked for in it again. Raises SheetUnavailable when the sheet can't be read or written for now (nothing is
    lost), and what else `Sheet` raises.
    """
    campaign = ledger.campaigns.get(campaign_id)
    lease, done = f"sheet-{campaign.workbook}", Synced(version=seen_version)
    if not ledger.leases.take(lease, owner, LEASE_SECONDS):
        done.busy = True
        return done
    try:
        for _ in range(ROUNDS):
            ledger.leases.take(lease, owner, LEASE_SECONDS)
            try:
                if not _round(ledger, sheet, channel_of, clock, campaign_id, done, write=write):
                    break
            except SheetChanged:
                done.table = None
                continue
    finally:
        ledger.leases.release(lease, owner)
    return done


def _round(
    ledger: Ledger, sheet: Sheet, channel_of: ChannelOf, clock: Clock, campaign_id: str, done: Synced, *, write: bool
) -> bool:
    """One read, one write; whether there may be more to do."""
    campaign = ledger.campaigns.get(campaign_id)
    table, done.table = done.table or sheet.read(TOGETHER), None
    campaign = _follow(ledger, campaign, table)
    if table.version != done.version:
        done.moved |= _look(ledger, sheet, channel_of, clock, campaign, table)
        done.version = table.version
    if not write:
        return False
    full = _render(ledger, campaign)
    pending = ledger.cells.pending(campaign.id, BATCH * 4)
    if not pending:
        return full
    conflicts = done.conflicts
    done.version = _flush(ledger, sheet, channel_of, campaign, table, pending, done)
    if done.conflicts > conflicts:
        done.version = ""  # people's values stand there that may be commands: look again
    return True


def _follow(ledger: Ledger, campaign: Campaign, table: Table) -> Campaign:
    """Keep up with columns that people renamed; what stood in a deleted one is wanted again."""
    tags = {role: tag_of(campaign, role) for role in campaign.columns}
    there = all(table.find(title) is not None for title in campaign.columns.values())
    if there and not renamed(table, campaign.columns, {}, tags):
        return campaign
    cells = cell_map(ledger, campaign, None)
    moved = renamed(table, campaign.columns, {place: one.expected for place, one in cells.items()}, tags)
    lost = {fold(title) for role, title in campaign.columns.items() if role not in moved and table.find(title) is None}
    again = [one for (_, folded), one in cells.items() if folded in lost]
    ledger.cells.settle([replace(one, state=CellWriteState.PENDING, expected="", note="") for one in again])
    if not moved:
        return campaign
    written = [one for (_, folded), one in cells.items() if folded in {fold(campaign.columns[role]) for role in moved}]
    titles = {fold(campaign.columns[role]): title for role, title in moved.items()}
    ledger.cells.want(campaign.id, {}, [replace(one, column=titles[fold(one.column)]) for one in written])
    return ledger.campaigns.save(replace(campaign, columns={**campaign.columns, **moved}))


def _look(ledger: Ledger, sheet: Sheet, channel_of: ChannelOf, clock: Clock, campaign: Campaign, table: Table) -> bool:
    """Obey and keep what people typed since we last looked."""
    cells = cell_map(ledger, campaign, None)
    if not cells:
        return False
    messages = ledger.messages.of_campaign(campaign.id)
    reader = Reader(table, campaign.plan, channel_of)
    seen = observe(
        clock=clock,
        campaign=campaign,
        reader=reader,
        messages=messages,
        cells=cells,
        wrote=lambda message: words_of(
            entry
            for step in ledger.messages.steps(campaign.id, message.row_key)
            for entry in ledger.audit.of_message(step.id)
        ),
    )
    _come_back(ledger, campaign, reader, messages, cells)
    carry_out(ledger=ledger, seen=seen)
    ledger.messages.move_many(retimed(campaign, reader, messages, clock.now()))
    if any(isinstance(event, Redrafting) for _, event in seen.moves):
        go_on(ledger=ledger, campaign_id=campaign.id)
    if seen.remind:
        _remind(ledger, clock, ledger.campaigns.get(campaign.id), seen.remind)
    for keys, retry in ((seen.approve, False), (seen.retry, True)):
        if keys:
            approve(
                ledger=ledger,
                sheet=sheet,
                channel_of=channel_of,
                clock=clock,
                campaign=campaign,
                keys=keys,
                who=BY_HAND,
                retry=retry,
                max_age=SAME_LOOK,
            )
            reopen(ledger=ledger, clock=clock, campaign=campaign)
    settle(ledger=ledger, seen=seen)
    return bool(seen.moves or seen.approve or seen.retry or seen.remind or seen.taken_out)


def _remind(ledger: Ledger, clock: Clock, campaign: Campaign, keys: Collection[str]) -> None:
    """Obey Remind in these rows. What stands against it is said there, and keeps nothing else from being written."""
    try:
        remind(ledger=ledger, clock=clock, campaign=campaign, keys=keys, who=BY_HAND)
    except Conflict as error:
        told = Noted(f"No reminder: {error.sentence}")
        ledger.messages.move_many([(one.id, told) for one in ledger.messages.of_campaign(campaign.id, keys=keys)])


def _come_back(
    ledger: Ledger,
    campaign: Campaign,
    reader: Reader,
    messages: list[Message],
    cells: Mapping[tuple[str, str], CellWrite],
) -> None:
    """Cells that had to be left alone, and need not be any more, are written after all.

    A deleted row is back, a copied one is alone again, keys are with their rows again, a person took a value back.
    """
    ours, blocked = _titles(campaign), {CellWriteState.GONE, CellWriteState.CONFLICT}
    left = [one for one in cells.values() if one.state in blocked and fold(one.column) in ours]
    if not left:
        return
    identities = {message.row_key: message.identity for message in messages}
    locator = Locator(reader.table, reader.identity)
    back = []
    for one in left:
        row, column = locator.find(one.row_key, identities.get(one.row_key, "")).row, reader.table.find(one.column)
        verdict = _judge(row, column, len(reader.table.columns), one) if row and column is not None else one
        if verdict is None or verdict.state is CellWriteState.WRITTEN:
            back.append(replace(one, state=CellWriteState.PENDING, note=""))
    if back:
        ledger.cells.settle(back)
        _mention(ledger, campaign, back)


def reopen(*, ledger: Ledger, clock: Clock, campaign: Campaign) -> None:
    """A campaign that was done goes on when a person approved something again."""
    fresh = ledger.campaigns.get(campaign.id)
    if fresh.state is CampaignState.DONE and ledger.messages.states(campaign.id).get(MessageState.APPROVED):
        ledger.campaigns.move(campaign.id, CampaignState.SENDING, start_at=clock.now())


def _render(ledger: Ledger, campaign: Campaign) -> bool:
    """Turn messages that changed into cell writes; whether there may be more of them."""
    dirty = ledger.messages.dirty(campaign.id, BATCH)
    if not dirty:
        return False
    cells = cell_map(ledger, campaign, [message.row_key for message in dirty])
    answers = [column.name for column in campaign.plan.answer_columns]
    writes = []
    for message in dirty:
        for role, value in _shown(message, answers, campaign, cells).items():
            if role not in campaign.columns:
                continue
            title = title_of(campaign, role)
            known = cells.get((message.row_key, fold(title)))
            if known.value != value if known else value:
                writes.append(CellWrite(campaign.id, message.row_key, title, value))
    ledger.cells.want(campaign.id, {message.id: message.version for message in dirty}, writes)
    return len(dirty) == BATCH


def _shown(
    message: Message, answers: list[str], campaign: Campaign, cells: Mapping[tuple[str, str], CellWrite]
) -> dict[str, str]:
    """The row's cells, with a word in Note about those that a person's value keeps us out of."""
    shown = cells_of(message, answers)
    offers = []
    for role, value in shown.items():
        known = cells.get((message.row_key, fold(title_of(campaign, role))))
        if role != Role.NOTE and value and known and known.state is CellWriteState.CONFLICT:
            offers.append(f"{title_of(campaign, role)} is yours; Cellback would write “{value}”.")
    if offers:
        shown[Role.NOTE] = " ".join([shown[Role.NOTE], *offers]).strip()
    return shown


def _flush(
    ledger: Ledger,
    sheet: Sheet,
    channel_of: ChannelOf,
    campaign: Campaign,
    table: Table,
    pending: list[CellWrite],
    done: Synced,
) -> str:
    """Write the pending cells of rows that are surely theirs, and read them back; the version afterwards."""
    new = [new_column(campaign, role) for role, title in campaign.columns.items() if table.find(title) is None]
    columns = {fold(column.title): table.find(column.title) for column in table.columns}
    columns |= {fold(column.title): len(table.columns) + index for index, column in enumerate(new)}
    identities = {
        one.row_key: one.identity
        for one in ledger.messages.of_campaign(campaign.id, keys={write.row_key for write in pending})
    }
    reader = Reader(table, campaign.plan, channel_of)
    locator = Locator(table, reader.identity)
    edits, settled, targets = [], [], []
    titles = _titles(campaign)
    for write in pending:
        if fold(write.column) not in titles:  # a column of that title may be another campaign's by now
            settled.append(replace(write, state=CellWriteState.GONE, note="Its column has another name now."))
            continue
        place = locator.find(write.row_key, identities.get(write.row_key, ""))
        column = columns.get(fold(write.column))
        if place.row is None or column is None:
            state = CellWriteState.GONE if place.why == GONE else CellWriteState.CONFLICT
            settled.append(replace(write, state=state, note=place.why))
            continue
        verdict = _judge(place.row, column, len(table.columns), write)
        if verdict is None:
            edits.append(CellEdit(place.row, column, write.value or None))
            targets.append(write)
        else:
            settled.append(verdict)
    after: tuple[list[CellWrite], str] = ([], table.version)
    if edits:
        done.table = sheet.apply(table, edits, new)
        ours = done.table.version if done.table else sheet.version()
        after = _verify(targets, done.table or sheet.read(), ours, proven=done.table is not None)
        if done.table is not None and new:  # made in a look of its own, which may show what people typed since ours
            after = after[0], ""
    conflicts = [one for one in settled if one.state is CellWriteState.CONFLICT]
    ledger.cells.settle([*settled, *after[0]])
    _mention(ledger, campaign, conflicts)
    done.written += len(targets)
    done.conflicts += len(conflicts)
    return after[1]


def _titles(campaign: Campaign) -> set[str]:
    """The folded titles that the campaign's columns have now."""
    return {fold(title) for title in campaign.columns.values()}


def _judge(row: Row, column: int, width: int, write: CellWrite) -> CellWrite | None:
    """None: write it. Else the cell write as settled: it stands there already, or a person's value does."""
    if column >= width:
        return None
    cell = row.cells[column]
    if cell.formula or cell.merged:
        what = "a formula" if cell.formula else "part of a merged cell"
        return replace(write, state=CellWriteState.CONFLICT, note=f"The cell is {what}.")
    if cell.shown == write.value:
        return replace(write, state=CellWriteState.WRITTEN, expected=cell.shown, note="")
    if cell.shown == write.expected:
        return None
    return replace(write, state=CellWriteState.CONFLICT, note="A person's value stands there.")


def _verify(targets: list[CellWrite], table: Table, ours: str, *, proven: bool) -> tuple[list[CellWrite], str]:
    """Read back by key: what the row's cell holds now is what we expect to find next time; and the version seen.

    A sheet may show a text a little differently from how it was given (line ends, a cut at the cell's limit).
    A cell that does not hold what was written stays pending with what it held before, and is decided anew. So does
    one that differs in a version later than `ours`: somebody typed since we wrote, and is to be listened to. What the
    write itself has `proven` is what the sheet made of it, even if it looks as before.
    """
    rows, typed = table.by_key(), table.version != ours
    settled = []
    for write in targets:
        column = table.find(write.column)
        found = [row.shown(column) for row in rows.get(write.row_key, ())] if column is not None else []
        now = write.value if write.value in found else (found[0] if len(found) == 1 else None)
        if now is None or (now != write.value and (typed or (now == write.expected and not proven))):
            settled.append(replace(write, state=CellWriteState.PENDING))
        else:
            settled.append(replace(write, state=CellWriteState.WRITTEN, expected=now, note=""))
    return settled, ours


def _mention(ledger: Ledger, campaign: Campaign, changed: list[CellWrite]) -> None:
    """Rows where a conflict came or went get their Note anew, so that the person reads what was not written."""
    keys = {one.row_key for one in changed if one.value}
    if not keys:
        return
    title = title_of(campaign, Role.NOTE)
    answers = [column.name for column in campaign.plan.answer_columns]
    cells = cell_map(ledger, campaign, list(keys))
    writes = []
    for message in ledger.messages.of_campaign(campaign.id, keys=keys):
        text = _shown(message, answers, campaign, cells)[Role.NOTE]
        known = cells.get((message.row_key, fold(title)))
        if known.value != text and known.state is not CellWriteState.CONFLICT if known else text:
            writes.append(CellWrite(campaign.id, message.row_key, title, text))
    if writes:
        ledger.cells.want(campaign.id, {}, writes)


WAITS = "The sheet waits: "
"""How a campaign's note begins while its cells can't be written."""


def say(*, ledger: Ledger, campaign_id: str, why: str) -> None:
    """Tell in the campaign's note why its sheet is not up to date, or no longer. Nothing else is lost or stopped."""
    campaign = ledger.campaigns.get(campaign_id)
    note = f"{WAITS}{why}" if why else ""
    if campaign.note == note or (campaign.note and not campaign.note.startswith(WAITS)):
        return
    with suppress(Conflict):  # somebody else changed the campaign just now: the next sync tells
        ledger.campaigns.save(replace(campaign, note=note))
