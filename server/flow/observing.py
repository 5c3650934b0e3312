"""What people typed into our columns: commands and corrections, obeyed or kept, never lost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from server.domain.answers import outcome_of, refuse
from server.domain.campaign import Campaign
from server.domain.cells import tells_of_send
from server.domain.machine import (
    OPEN,
    WITHDRAWABLE,
    ConfirmedSent,
    Doubted,
    Edited,
    MessageEvent,
    Noted,
    Redrafting,
    Settled,
    Skipped,
)
from server.domain.message import Message
from server.domain.plan import Plan
from server.domain.routes import way_of
from server.domain.rows import Locator
from server.domain.table import Row, fold
from server.domain.words import (
    BEYOND_SEND,
    CellWriteState,
    ChannelName,
    Command,
    Flag,
    MessageState,
    Outcome,
    Problem,
    Role,
    Status,
    SuppressionReason,
)
from server.flow.approving import BY_HAND
from server.flow.deciding import accept, decide, waits
from server.flow.records import Reader, title_of
from server.ports import CellWrite, Clock, Ledger

UNSENT = OPEN | {MessageState.SKIPPED, MessageState.CANCELLED}
SAYS_SENT = "Not sent: Status says “{}”, of which Cellback knows nothing. Type Retry to send it all the same."
"""A ledger that was restored from a backup has forgotten what was sent since; its sheet has not."""
TAKEN_OUT = "Not sent: Status was put back to “{}”."
PUT_BACK = "Not sent: Status was put back to “{}”. Type Retry to send it all the same."


@dataclass
class Seen:
    """What a look at the sheet found: moves for the ledger, cells to settle, rows to approve or to try again."""

    moves: list[tuple[str, MessageEvent]] = field(default_factory=list)
    settled: list[CellWrite] = field(default_factory=list)
    approve: list[str] = field(default_factory=list)
    retry: list[str] = field(default_factory=list)
    remind: list[str] = field(default_factory=list)
    taken_out: list[tuple[str, str, Settled | None]] = field(default_factory=list)
    """Further steps to take out of their rows, with the reason, and what a person says of the row instead."""
    silenced: list[tuple[str, ChannelName]] = field(default_factory=list)
    """Addresses that a person said want no more messages on a channel."""

    def decide(self, plan: Plan, message: Message, decided: Settled | Noted) -> None:
        """What a person said of a reply."""
        self.moves.append((message.id, decided))
        if isinstance(decided, Settled) and decided.outcome is Outcome.OPT_OUT and message.address:
            self.silenced.append((message.address, way_of(plan, message).channel))


def observe(
    *,
    clock: Clock,
    campaign: Campaign,
    reader: Reader,
    messages: list[Message],
    cells: Mapping[tuple[str, str], CellWrite],
    wrote: Callable[[Message], Collection[str]],
) -> Seen:
    """Compare every cell of ours with what we last wrote there. Pure: the caller carries out what was found.

    `wrote` tells which words we may ever have put into a message's `Status` cell; it is asked seldom.
    """
    seen = Seen()
    locator = Locator(reader.table, reader.identity)
    for message in messages:
        if not message.token:  # purged or erased: what the sheet still says of this person is not taken in again
            continue
        row = locator.find(message.row_key, message.identity).row
        if row is None:
            continue
        for role in campaign.columns:
            written = cells.get((message.row_key, fold(title_of(campaign, role))))
            index = reader.table.find(title_of(campaign, role))
            if written is None and campaign.plan.answer(role) is not None:  # nothing of ours was ever there
                written = CellWrite(campaign.id, message.row_key, title_of(campaign, role), "")
            if written is None or index is None or row.cells[index].formula or row.cells[index].merged:
                continue
            found = row.cells[index].shown
            if found not in {written.expected, written.value}:
                _changed(seen, clock, campaign, message, role, written, found, wrote)
            elif found != written.expected and written.state is CellWriteState.PENDING:
                # Written by a worker that ended before it could say so. Else our own word would be a person's later.
                seen.settled.append(replace(written, state=CellWriteState.WRITTEN, expected=found, note=""))
        _stale(seen, reader, message, row)
    return seen


def _changed(
    seen: Seen,
    clock: Clock,
    campaign: Campaign,
    message: Message,
    role: str,
    written: CellWrite,
    found: str,
    wrote: Callable[[Message], Collection[str]],
) -> None:
    """A person changed one of our cells."""
    taken = replace(written, expected=found, state=CellWriteState.WRITTEN, note="")
    if role == Role.STATUS:
        _status(seen, clock, campaign, message, written, found, wrote)
    elif role in {Role.MESSAGE, Role.SUBJECT}:
        _edited(seen, message, role, taken, found)
    elif role == Role.FLAG:
        if message.flag is Flag.CHECK and fold(found) in {Flag.SURE.value, "ok", ""} and message.outcome:
            move = accept(campaign.plan, message)
            seen.settled.append(taken if isinstance(move, Settled) else replace(taken, state=CellWriteState.PENDING))
            seen.moves.append((message.id, move))
    elif campaign.plan.answer(role) is not None:
        _answered(seen, campaign, message, role, taken, found)


def _status(
    seen: Seen,
    clock: Clock,
    campaign: Campaign,
    message: Message,
    written: CellWrite,
    found: str,
    wrote: Callable[[Message], Collection[str]],
) -> None:
    """A command is obeyed, a former word of ours (an undo, a row pasted back) written over, any other word kept. Of a
    reply that waits for a person, our own words are their decision, unless it may be ours that stands there still."""
    cell = replace(written, expected=found, state=CellWriteState.WRITTEN, note="")
    ours_again = replace(cell, state=CellWriteState.PENDING)
    command, ours = _command(found), found in list(Status) and found in wrote(message)
    if waits(message) and (written.state is CellWriteState.WRITTEN or not ours):
        decided = accept(campaign.plan, message) if command is Command.ACCEPT else decide(campaign.plan, message, found)
        if decided is not None:
            seen.settled.append(ours_again)
            seen.decide(campaign.plan, message, decided)
            return
    if message.state in UNSENT and tells_of_send(found):
        if message.state in OPEN and message.step:  # of the step before: a Remind that was undone
            seen.taken_out.append((message.id, TAKEN_OUT.format(found), None))
        elif message.state in OPEN:
            seen.moves.append((message.id, Skipped((PUT_BACK if ours else SAYS_SENT).format(found))))
        if ours:  # else the cell stays: it knows more than this ledger
            seen.settled.append(ours_again)
    elif command is not None:
        seen.settled.append(ours_again)
        _obey(seen, clock, message, command)
    elif ours:
        seen.settled.append(ours_again)
    elif not found.strip():
        seen.settled.append(cell)  # cleared: stays empty until there is something new to say


def _obey(seen: Seen, clock: Clock, message: Message, command: Command) -> None:
    match command:
        case Command.APPROVED:
            seen.approve.append(message.row_key)
        case Command.RETRY if message.state in {
            MessageState.FAILED,
            MessageState.IN_DOUBT,
            MessageState.SKIPPED,
            MessageState.CHANGED,
            MessageState.CANCELLED,
        }:
            seen.retry.append(message.row_key)
        case Command.REMIND:
            seen.remind.append(message.row_key)
        case Command.SKIP if message.step and message.state in WITHDRAWABLE:
            seen.taken_out.append((message.id, "Skipped by hand.", None))
        case Command.SKIP if message.state not in BEYOND_SEND:
            seen.moves.append((message.id, Skipped("Skipped by hand. Type Retry to bring it back.", BY_HAND)))
        case Command.REDRAFT if message.state not in BEYOND_SEND:
            seen.moves.append((message.id, Redrafting(BY_HAND)))
        case Command.SENT if message.state is MessageState.IN_DOUBT:
            seen.moves.append((message.id, ConfirmedSent(BY_HAND, clock.now())))
        case Command.ACCEPT:
            seen.moves.append((message.id, Noted("“Accept” changes nothing here: no reply of this row waits for you.")))
        case _:
            why = f"“{command.value}” changes nothing here: the message is {message.state.value.replace('_', ' ')}."
            seen.moves.append((message.id, Noted(why)))


def _edited(seen: Seen, message: Message, role: str, cell: CellWrite, found: str) -> None:
    if message.state not in {MessageState.DRAFTED, MessageState.APPROVED, MessageState.CHANGED}:
        return  # it has left: the cell is the person's own, and our value is not forced on it
    text = found if role == Role.MESSAGE else message.text
    subject = found if role == Role.SUBJECT else message.subject
    seen.settled.append(cell)
    seen.moves.append((message.id, Edited(text, subject, BY_HAND)))


def _answered(seen: Seen, campaign: Campaign, message: Message, role: str, cell: CellWrite, found: str) -> None:
    """An answer typed by a person settles the row, whatever the reply said, or without any reply."""
    value = found.strip()
    waits_to_leave = message.step > 0 and message.state in WITHDRAWABLE
    if not value or not (message.state in {MessageState.SENT, MessageState.IN_DOUBT} or waits_to_leave):
        return
    values = {**message.values, role: value}
    if refuse(campaign.plan, {role: value}):
        return  # not among the allowed answers: theirs to write, but not a value of the plan
    seen.settled.append(cell)
    settled = Settled(BY_HAND, _outcome(message, values), values)
    if waits_to_leave:
        seen.taken_out.append((message.id, "A person typed the answer.", settled))
    else:
        seen.moves.append((message.id, settled))


def _outcome(message: Message, values: Mapping[str, str]) -> Outcome:
    if message.outcome and dict(message.values) == dict(values):
        return message.outcome
    return outcome_of(values)


def _stale(seen: Seen, reader: Reader, message: Message, row: Row) -> None:
    """A draft whose source cells changed needs another look; one that lacked an address gets its chance anew."""
    if message.state is not MessageState.DRAFTED or message.source == reader.source(row):
        return
    if message.problem is Problem.NO_ADDRESS:
        seen.moves.append((message.id, Redrafting()))
    elif message.problem is Problem.NONE:
        seen.moves.append(
            (
                message.id,
                Doubted("The row changed after its text was drafted. Type Redraft, or Approved if it is right."),
            )
        )


def _command(found: str) -> Command | None:
    return next((command for command in Command if fold(command.value) == fold(found)), None)


def carry_out(*, ledger: Ledger, seen: Seen) -> None:
    """Commit what the moves make of the messages; `settle` follows when approvals are carried out too."""
    for address, channel in seen.silenced:
        ledger.suppressions.add(address, channel, SuppressionReason.OPT_OUT)
    if seen.moves:
        ledger.messages.move_many(seen.moves)
    for message_id, why, settled in seen.taken_out:
        shown = ledger.messages.fall_back(message_id, why, BY_HAND)
        if settled is not None:
            ledger.messages.move(shown.id, settled)


def settle(*, ledger: Ledger, seen: Seen) -> None:
    """Count the cells as looked at, last of all: a command looked at twice is better than one that is lost."""
    if seen.settled:
        ledger.cells.settle(seen.settled)
