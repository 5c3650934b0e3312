"""draft -> approve: a person's yes to that exact text and address, bound by a fingerprint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from server.domain.campaign import Campaign
from server.domain.fingerprint import approval_of
from server.domain.machine import Approved, Doubted, MessageEvent, Noted, Retried, Skipped
from server.domain.message import Approval, Message
from server.domain.routes import way_word
from server.domain.rows import Locator
from server.domain.table import Row, Table, fold
from server.domain.words import CampaignState, Command, MessageState, Problem, Role
from server.errors import AddressError
from server.flow.composing import extras_of, last_heard, objections, said
from server.flow.records import Reader, title_of
from server.ports import CellWrite, ChannelOf, Clock, Ledger, Sheet

APPROVABLE = (MessageState.DRAFTED, MessageState.CHANGED)

BY_HAND = "a person in the sheet"
"""Who approves, skips and settles when all we know is that it was typed into a cell."""

SKIP_STANDS = "Skip stands in Status."

LEAVING = (CampaignState.SENDING, CampaignState.DONE)
"""Where what is approved leaves by itself."""

BEGAN = "The sending has begun, so that it would leave at once. Ask somebody who may send to approve it."

AGAIN = (MessageState.FAILED, MessageState.IN_DOUBT, MessageState.SKIPPED, MessageState.CANCELLED)
"""Only a person's explicit Retry brings these back."""


@dataclass(frozen=True, slots=True)
class Approvals:
    """How many messages were approved, and why others were left, in words with their counts."""

    count: int
    left: Mapping[str, int]

    @property
    def sentence(self) -> str:
        """What a person should know about those that were left, "" when none were."""
        told = ((why, count) for why, count in self.left.items() if count)
        return " ".join(f"{count} left: {why}" for why, count in told)


def approve(
    *,
    ledger: Ledger,
    sheet: Sheet,
    channel_of: ChannelOf,
    clock: Clock,
    campaign: Campaign,
    keys: Sequence[str] | None,
    who: str,
    retry: bool = False,
    only_failed: bool = False,
    may_send: bool = True,
    max_age: float = 0.0,
) -> Approvals:
    """Approve these rows as they stand in the sheet now; without keys every plain draft, and nothing doubtful.

    With `retry` also failed, skipped and doubtful sends of these keys get another chance: only a person asks so. With
    `only_failed` of these only the failed ones, whatever became of the others since that person looked. Who may not
    send approves nothing once the campaign is being sent, be it since this very moment: it would leave.
    `max_age` is how old (in seconds) a look at the sheet may be, for whoever just looked.
    """
    states: Sequence[MessageState] = (*APPROVABLE, *AGAIN) if retry and keys is not None else APPROVABLE
    if only_failed:
        states = (MessageState.FAILED,)
    messages = ledger.messages.of_campaign(campaign.id, states=states, keys=keys)
    if keys is None:
        messages = [one for one in messages if one.state is MessageState.DRAFTED and one.problem is Problem.NONE]
    # What we wrote comes before what stands there: a write between the two must not look like a person's edit.
    cells = cell_map(ledger, campaign, [message.row_key for message in messages])
    reader = Reader(sheet.read(max_age), campaign.plan, channel_of)
    locator = Locator(reader.table, reader.identity)
    left: Counter[str] = Counter()
    moves: list[tuple[str, MessageEvent]] = []
    for message in messages:
        event = _decide(ledger, campaign, reader, locator, cells, message, clock, who, careful=keys is None)
        if isinstance(event, Approved):
            event = replace(event, unsent=not may_send)
        if isinstance(event, str):
            left[event] += 1
            if keys is not None:  # somebody asked for this very row: it says why not
                moves.append((message.id, Noted(event)))
            continue
        if isinstance(event, Skipped):
            left[SKIP_STANDS] += 1
        elif message.state in AGAIN:
            moves.append((message.id, Retried(who, only_failed)))
        moves.append((message.id, event))
    moved = ledger.messages.move_many(moves)
    done = sum(
        1 for (_, event), one in zip(moves, moved, strict=True) if isinstance(event, Approved) and one is not None
    )
    if not may_send and ledger.campaigns.get(campaign.id).state in LEAVING:
        left[BEGAN] += sum(isinstance(event, Approved) for _, event in moves) - done
    doubted = sum(isinstance(event, Doubted) for _, event in moves)
    if doubted:
        left["The row changed after its text was drafted. Type Redraft, or approve it by itself."] += doubted
    return Approvals(done, dict(left))


def _decide(
    ledger: Ledger,
    campaign: Campaign,
    reader: Reader,
    locator: Locator,
    cells: Mapping[tuple[str, str], CellWrite],
    message: Message,
    clock: Clock,
    who: str,
    *,
    careful: bool,
) -> MessageEvent | str:
    """The event, or a sentence why not. `careful`: approving many at once, so a stale draft is not among them."""
    place = locator.find(message.row_key, message.identity)
    if (row := place.row) is None:
        return place.why
    if says_skip(campaign, reader.table, cells, message, row):
        return Skipped(SKIP_STANDS, BY_HAND)
    text, subject = seen_text(campaign, reader.table, cells, message, locator)
    if not text.strip():
        return "The message is empty."
    if found := reader.leftover(row, text, subject):
        return f"The text still holds “{found}”."
    try:
        bound = reader.bound(row, message.unreached)
    except AddressError as error:
        return error.sentence
    channel = reader.channel_of(bound.way.channel, bound.way.provider)
    extras, wrong = extras_of(reader, row, bound, channel)
    seen = replace(message, text=text, extras=extras)
    wrong += objections(seen, channel, last_heard(ledger, channel, bound.address), clock.now())
    if wrong:
        return said(wrong)
    source = reader.source(row)
    if careful and source != message.source:
        return Doubted("The row changed after its text was drafted. Type Redraft, or Approved if it is right as it is.")
    here = replace(message, channel=bound.way.channel, carrier=bound.way.provider)
    yes = approval_of(text, subject, bound.address, source, way_word(campaign.plan, here))
    approval = Approval(who, clock.now(), yes)
    return Approved(
        approval,
        text,
        subject,
        bound.address,
        source,
        reader.identity(row),
        here.channel,
        here.carrier,
        extras,
    )


def says_skip(
    campaign: Campaign, table: Table, cells: Mapping[tuple[str, str], CellWrite], message: Message, row: Row
) -> bool:
    """Somebody typed Skip into Status, and it has not been obeyed yet."""
    title = title_of(campaign, Role.STATUS)
    index, written = table.find(title), cells.get((message.row_key, fold(title)))
    found = row.cells[index].shown if index is not None else ""
    return fold(found) == fold(Command.SKIP.value) and (written is None or found != written.value)


def cell_map(ledger: Ledger, campaign: Campaign, keys: Sequence[str] | None) -> dict[tuple[str, str], CellWrite]:
    """What we wrote to the sheet so far: (row key, folded column title) -> cell write."""
    return {(one.row_key, fold(one.column)): one for one in ledger.cells.of_campaign(campaign.id, keys)}


def seen_text(
    campaign: Campaign,
    table: Table,
    cells: Mapping[tuple[str, str], CellWrite],
    message: Message,
    locator: Locator,
) -> tuple[str, str]:
    """Text and subject as a person sees them in the sheet; our own, where the cells were not written yet."""
    row = locator.find(message.row_key, message.identity).row
    shown = {}
    for role, ours in ((Role.MESSAGE, message.text), (Role.SUBJECT, message.subject)):
        title = title_of(campaign, role)
        index, written = table.find(title), cells.get((message.row_key, fold(title)))
        shown[role] = ours
        if row is not None and index is not None and written is not None:
            found = row.cells[index].shown
            if found != written.expected:
                shown[role] = found
    return shown[Role.MESSAGE], shown[Role.SUBJECT]
