"""When a row's message is to leave, by a cell of that row: a day and a time, a time of a day that was chosen, or a day
at a time that was chosen. Pure; what a cell says is read by `amounts`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from server.domain.amounts import moment_in
from server.domain.quiet import zone_of
from server.domain.table import Cell, Row, Table
from server.domain.words import CellKind

_EITHER_WAY = re.compile(r"(?<![\d/-])(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}(?!\d)")
MORNING = time(9)
"""When a day without a time begins for people, unless they say otherwise."""


@dataclass(frozen=True, slots=True)
class ByColumn:
    """The column that says when each row's message leaves, and what is meant where a cell says only half of it.

    `day` is for cells with a time alone, `at` for those with a day alone; both in the sheet's time `zone`.
    """

    column: str
    day: date
    at: time = MORNING
    zone: str = "UTC"

    def moment(self, cell: Cell) -> datetime | None:
        """The moment that a cell names, in UTC; None where nobody can tell for sure.

        A time that the clocks leave out counts as much later as they jump; one that comes twice is its first. A date
        such as 3/4/2026, typed as a text, may be two days: it is none.
        """
        if cell.kind is CellKind.TEXT and _two_days(cell.shown):
            return None
        found = moment_in(cell)
        if found is None:
            return None
        minute = self.at.hour * 60 + self.at.minute if found.minute is None else found.minute
        return wall(found.day or self.day, minute, self.zone)


def wall(day: date, minute: float, zone: str) -> datetime | None:
    """A minute of a day by the clocks of a time zone, in UTC; None beyond the calendar. `fold` is 0, so that a time
    that comes twice is its first, and one in a gap is as far behind the gap as it is in it."""
    try:
        local = datetime.combine(day, time(), tzinfo=ZoneInfo(zone_of(zone))) + timedelta(minutes=minute)
        return local.astimezone(UTC)
    except OverflowError:
        return None


def _two_days(text: str) -> bool:
    return any(int(one) != int(other) and max(int(one), int(other)) <= 12 for one, other in _EITHER_WAY.findall(text))


def day_meant(cells: Iterable[Cell], now: datetime, zone: str) -> date:
    """The day that times without one mean: today where each of them is still ahead, else tomorrow."""
    local = now.astimezone(ZoneInfo(zone_of(zone)))
    today = ByColumn("", local.date(), zone=zone)
    for cell in cells:
        found = moment_in(cell)
        if found is not None and found.day is None:
            at = today.moment(cell)
            if at is not None and at <= now:
                return local.date() + timedelta(days=1)
    return local.date()


@dataclass
class Times:
    """What a column says of some rows: their moments by row key, and the keys of rows that leave it open. `words` are
    how many cells say all, only a time, or only a day."""

    at: dict[str, datetime] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    past: list[str] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)

    @property
    def no_time(self) -> list[str]:
        """Rows that can't be sent by this column: nothing readable there, or a moment that is over."""
        return [*self.unreadable, *self.past]


def times_of(rows: Sequence[tuple[str, Cell]], by: ByColumn, now: datetime) -> Times:
    """The moments of rows (key, cell); a moment before `now` is none: nothing leaves because of an old date."""
    found = Times()
    for key, cell in rows:
        at = by.moment(cell)
        if at is None:
            found.unreadable.append(key)
            continue
        said = moment_in(cell)
        found.words["time" if said and said.day is None else "day" if said and said.minute is None else "both"] += 1
        if at <= now:
            found.past.append(key)
        else:
            found.at[key] = at
    return found


def cell_of(table: Table, row: Row, column: str) -> Cell | None:
    """The row's cell in that column, None where the sheet has no such column."""
    index = table.find(column)
    return row.cells[index] if index is not None and index < len(row.cells) else None


def told(at: datetime, zone: str) -> str:
    """A moment for a cell: "Mon 02 Mar 09:00", by the sheet's clocks."""
    return f"{at.astimezone(ZoneInfo(zone_of(zone))):%a %d %b %H:%M}"
