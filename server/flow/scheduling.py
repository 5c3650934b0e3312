"""When approved messages leave: who goes, all at a moment or each at its row's own, and what an edit of that cell does.

Nothing is claimed here. Whoever is not among those that go is set aside: a draft again, with its text.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from server.domain.campaign import Campaign
from server.domain.machine import MessageEvent, Scheduled, SetAside
from server.domain.message import Message
from server.domain.moments import MORNING, ByColumn, Times, cell_of, day_meant, times_of, told
from server.domain.quiet import parse_quiet_hours, zone_of
from server.domain.rows import Locator
from server.domain.table import BLANK, Cell
from server.domain.words import MessageState
from server.errors import InvalidInput
from server.flow.records import Reader
from server.ports import Ledger, Sheet, Start

ASIDE = "Others were sent without it."
FURTHEST = timedelta(days=366)
"""How far ahead a sending may be put: an approval is of a text for these days."""

OVER = timedelta(hours=1)
"""For so long a moment that somebody writes into a cell may be over, and is meant: an older one has a slip in it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a person wants to send: whom (row keys; None: all that is approved), when (all at a moment; each at its row's
    own by a column, with a day for cells without one, and a time), in which hours ("": any; None: the settings')."""

    keys: Collection[str] | None = None
    at: datetime | None = None
    at_column: str = ""
    at_day: date | None = None
    at_time: time | None = None
    hours: str | None = None

    def refuse(self, now: datetime) -> None:
        """Raises InvalidInput for what can't be done."""
        try:
            parse_quiet_hours(self.hours or "")
        except ValueError as error:
            raise InvalidInput(str(error), field="hours") from None
        if self.at is None:
            return
        if self.at_column:
            raise InvalidInput("Either one time for all, or each row's own: not both.", field="at")
        if self.at.tzinfo is None:
            raise InvalidInput("This time needs its offset from UTC, such as 2026-05-31T09:00+02:00.", field="at")
        if self.at <= now:
            raise InvalidInput("This time is over. Choose a later one, or send now.", field="at")
        if self.at > now + FURTHEST:
            raise InvalidInput("This time is more than a year ahead.", field="at")


@dataclass(frozen=True, slots=True)
class Going:
    """Who goes: the approved messages (in outline) that were asked for, with their rows' own times where a column says
    them, and how many others stay. Those without a time stay as well."""

    messages: Sequence[Message]
    staying: int
    by: ByColumn | None = None
    times: Times | None = None

    def at(self, message: Message) -> datetime | None:
        """The message's own moment, None where it goes with the others."""
        return self.times.at.get(message.row_key) if self.times else None


def going(*, ledger: Ledger, sheet: Sheet, campaign: Campaign, wish: Wish, now: datetime, zone: str) -> Going:
    """Who would go by that wish, as the sheet stands now. Raises InvalidInput, SheetUnavailable."""
    wish.refuse(now)
    approved = ledger.messages.outlines(campaign.id, [MessageState.APPROVED])
    wanted = approved if wish.keys is None else _of(approved, wish.keys)
    if not wish.at_column:
        return Going(wanted, len(approved) - len(wanted))
    cells = _cells(sheet, wanted, wish.at_column)
    day = wish.at_day or day_meant((cell for _, cell in cells), now, zone)
    if day < now.astimezone(ZoneInfo(zone_of(zone))).date():
        raise InvalidInput("That day is over.", field="at_day")
    by = ByColumn(wish.at_column, day, wish.at_time or MORNING, zone)
    times = times_of(cells, by, now)
    those = [one for one in wanted if one.row_key in times.at]
    return Going(those, len(approved) - len(those), by, times)


def _of(messages: Sequence[Message], keys: Collection[str]) -> list[Message]:
    wanted = set(keys)
    return [one for one in messages if one.row_key in wanted]


def _cells(sheet: Sheet, messages: Sequence[Message], column: str) -> list[tuple[str, Cell]]:
    """Each message's cell in that column; blank where its row is not to be found. Raises InvalidInput."""
    table = sheet.read()
    if table.find(column) is None:
        titles = [one.title for one in table.columns if one.title and not one.hidden]
        raise InvalidInput(f"There is no column “{column}” in this sheet.", field="at_column", suggestions=titles[:5])
    rows = table.by_key()
    found = []
    for message in messages:
        there = rows.get(message.row_key, [])
        found.append((message.row_key, (cell_of(table, there[0], column) if len(there) == 1 else None) or BLANK))
    return found


def start_of(found: Going, wish: Wish, *, now: datetime, undo_seconds: float, who: str) -> Start:
    """The yes to it, for the ledger. Raises InvalidInput where nobody is left to go."""
    if not found.messages:
        raise InvalidInput("None of these rows can be sent like this: none is approved and has a time that is ahead.")
    begin = now + timedelta(seconds=undo_seconds)
    events: dict[str, MessageEvent] = {}
    if found.by is not None:
        for one in found.messages:
            at = found.at(one)
            events[one.row_key] = Scheduled(at, goes_out(at, found.by.zone) if at else "", who)
    elif wish.keys is not None:
        events = {one.row_key: Scheduled(None) for one in found.messages}
    all_go = wish.keys is None and found.by is None
    return Start(
        at=max(begin, wish.at or begin),
        who=who,
        events=events,
        others=Scheduled(None) if all_go else SetAside(who, ASIDE),
        scheduled_at=wish.at if wish.at and wish.at > begin else None,
        by=found.by,
        hours=wish.hours,
    )


def retimed(
    campaign: Campaign, reader: Reader, messages: Sequence[Message], now: datetime
) -> list[tuple[str, MessageEvent]]:
    """Messages whose row names another moment than when it was last looked at: that one counts, be it sooner or later.
    A cell that can't be read, or whose moment is long over, changes nothing until its time has come: then a person
    decides."""
    by = campaign.by
    if by is None:
        return []
    locator = Locator(reader.table, reader.identity)
    moves: list[tuple[str, MessageEvent]] = []
    for message in messages:
        if message.state is not MessageState.APPROVED or message.planned_at is None or message.step:
            continue
        row = locator.find(message.row_key, message.identity).row
        cell = cell_of(reader.table, row, by.column) if row is not None else None
        at = by.moment(cell) if cell is not None else None
        if at is not None and at != message.planned_at and not is_slip(message, at, now):
            moves.append((message.id, Scheduled(at, goes_out(at, by.zone))))
    return moves


def is_slip(message: Message, at: datetime, now: datetime) -> bool:
    """Whether the moment in a row's cell was put there since, and is over for so long that nobody can mean: at once."""
    return message.planned_at is not None and at != message.planned_at and at < now - OVER


def goes_out(at: datetime, zone: str) -> str:
    """What the row's Note says until then."""
    return f"Goes out {told(at, zone)}."
