"""A look at the row right before its message leaves: is it still what a person approved?"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from server.domain.campaign import Campaign
from server.domain.cells import tells_of_send
from server.domain.fingerprint import approval_of
from server.domain.machine import MessageEvent, Scheduled, TakenBack
from server.domain.message import Message
from server.domain.moments import cell_of
from server.domain.routes import way_of, way_word
from server.domain.rows import Locator
from server.domain.table import Row, fold
from server.domain.words import ChannelName, Role
from server.errors import AddressError
from server.flow.approving import SKIP_STANDS, cell_map, says_skip, seen_text
from server.flow.observing import SAYS_SENT
from server.flow.records import SHARED, Reader, title_of
from server.flow.scheduling import goes_out, is_slip
from server.ports import ChannelOf, Ledger, Sheet

FRESH_SECONDS = 2.0
"""How old our view of the sheet may be when a message leaves, reading time aside."""


@dataclass
class Freshness:
    """A view of the sheet that is renewed while a chunk is being sent, so that late edits are still seen.

    Where the host counts calls it is at most `Sheet.look_seconds` old (10 s for Google Sheets, reading time aside)
    when a message leaves: an edit made in those last seconds is not seen. Text, address and source are those of the
    approval all the same; what is sent was approved, be the row changed or not.
    """

    sheet: Sheet
    campaign: Campaign
    channel_of: ChannelOf
    ledger: Ledger
    keys: list[str]
    reader: Reader = field(init=False)
    locator: Locator = field(init=False)
    _read_at: float = field(init=False, default=0.0)
    _cost: float = field(init=False, default=0.0)
    _lock: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._renew()

    def _renew(self) -> None:
        start = monotonic()
        # What we wrote comes before what stands there: a write between the two must not look like a person's edit.
        self.cells = cell_map(self.ledger, self.campaign, self.keys)
        table = self.sheet.read(SHARED * self.sheet.look_seconds)
        self.reader = Reader(table, self.campaign.plan, self.channel_of)
        self.locator = Locator(self.reader.table, self.reader.identity)
        self._read_at = monotonic()
        self._cost = self._read_at - start

    async def renew_if_old(self) -> None:
        """Read again when the view is older than two seconds (or than five times what reading costs), or for a host
        that counts calls, than it allows.

        In a thread, so that answers to sends in flight are not kept waiting. Raises what `Sheet.read` raises.
        """
        async with self._lock:
            counted = (1 - SHARED) * self.sheet.look_seconds
            if monotonic() - self._read_at > (counted or max(FRESH_SECONDS, 5 * self._cost)):
                await asyncio.to_thread(self._renew)

    def difference(self, message: Message) -> str:
        """What differs from the approval, as a sentence for the cell, or ""."""
        place = self.locator.find(message.row_key, message.identity)
        if (row := place.row) is None:
            return f"Not sent. {place.why}"
        if word := self._sent_before(message, row):
            return SAYS_SENT.format(word)
        if says_skip(self.campaign, self.reader.table, self.cells, message, row):
            return f"Not sent: {SKIP_STANDS}"
        text, subject = seen_text(self.campaign, self.reader.table, self.cells, message, self.locator)
        if (text, subject) != (message.text, message.subject):
            return "Not sent: the message was changed after it was approved. Approve it again."
        try:
            bound = self.reader.bound(row, message.unreached)
        except AddressError as error:
            return f"Not sent: the address was changed after it was approved. {error.sentence}"
        source = self.reader.source(row)
        here = (bound.way.channel, bound.way.provider, bound.address)
        if here != self._bound(message) or source != message.source:
            return "Not sent: the row was changed after it was approved. Check the message and approve it again."
        seen = approval_of(text, subject, bound.address, source, way_word(self.campaign.plan, message))
        if message.approval is None or message.approval.fingerprint != seen:
            return "Not sent: the approval does not fit this message. Approve it again."
        return ""

    def own_time(self, message: Message, now: datetime) -> MessageEvent | None:
        """What the row's own time does to its message, where the sending goes by a column: it waits, or a person looks.
        What follows a message goes out when it is approved."""
        by = self.campaign.by
        if by is None or message.step:
            return None
        row = self.locator.find(message.row_key, message.identity).row
        cell = cell_of(self.reader.table, row, by.column) if row is not None else None
        at = by.moment(cell) if cell is not None else None
        if at is None:
            shown = f"“{cell.shown}” in {by.column}" if cell else f"The column “{by.column}” is gone, so its time"
            return TakenBack(f"Not sent: {shown} is no time that can be read for sure.")
        if cell is not None and is_slip(message, at, now):
            return TakenBack(f"Not sent: “{cell.shown}” in {by.column} is over.")
        return Scheduled(at, goes_out(at, by.zone)) if at > now else None

    def _bound(self, message: Message) -> tuple[ChannelName, str, str]:
        way = way_of(self.campaign.plan, message)
        return way.channel, message.carrier or way.provider, message.address

    def _sent_before(self, message: Message, row: Row) -> str:
        """The row's Status, where it tells of a send that this ledger knows nothing of, or ""."""
        title = title_of(self.campaign, Role.STATUS)
        index, written = self.reader.table.find(title), self.cells.get((message.row_key, fold(title)))
        if index is None or not tells_of_send(found := row.cells[index].shown):
            return ""
        return "" if written is not None and found in {written.expected, written.value} else found
