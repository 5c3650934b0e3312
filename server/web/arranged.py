"""What people changed on the desk lately, so that each can take their own last change back. No routes here."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from server.domain.table import CellEdit, CellValue, Row, Table
from server.domain.words import CellKind
from server.errors import Conflict, InvalidInput, SheetChanged
from server.ports import Sheet
from server.sheets.bench import Bench, Shown
from server.sheets.order import serial
from server.sheets.xlsx import XlsxSheet
from server.web.tables import Tables

T = TypeVar("T")

TRIES = 6
"""Reads of a sheet that a worker is writing to at the same time, before a change is given back to its person."""
DEEP = 20
"""Changes of one person on one sheet that can be taken back, newest first."""
SHEETS = 16
MOST_BYTES = 64 * 2**20
"""Parts kept for taking a change back; a change of a larger sheet is taken back by its keys, or not at all."""

_MAC_DAYS = 1462
"""Between the first days of the two calendars that workbooks count from."""

LATE = "The sheet was changed since, by somebody else or by answers that came in, so that this can't be taken back."


@dataclass(slots=True)
class Change:
    """One change: `version` and `parts` (as they were) take it back exactly while nobody else wrote since; `back` does
    by row keys what is right later, too. `texts` are the texts that would be written again."""

    kind: str
    version: str = ""
    parts: Mapping[str, bytes] = field(default_factory=dict)
    back: Callable[[Table], None] | None = None
    texts: tuple[str, ...] = ()


class Changes:
    """The last changes by person and sheet, in this process's memory: a restart forgets them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, str], list[Change]] = OrderedDict()

    def add(self, sheet: Sheet, who: str, change: Change) -> None:
        """Remember a change that was made."""
        with self._lock:
            found = self._kept.setdefault((sheet.workbook, sheet.name, who), [])
            found.append(change)
            del found[:-DEEP]
            self._kept.move_to_end((sheet.workbook, sheet.name, who))
            while len(self._kept) > SHEETS:
                self._kept.popitem(last=False)

    def last(self, sheet: Sheet, who: str) -> Change | None:
        """The person's last change there that was not taken back."""
        with self._lock:
            found = self._kept.get((sheet.workbook, sheet.name, who))
            return found[-1] if found else None

    def drop(self, sheet: Sheet, who: str, change: Change) -> None:
        """It was taken back, or can't be any more."""
        with self._lock:
            found = self._kept.get((sheet.workbook, sheet.name, who), [])
            if change in found:
                found.remove(change)


def bench_of(sheet: Sheet) -> Bench:
    """What arranges that sheet. Raises InvalidInput for one that has an application of its own for it."""
    if not isinstance(sheet, XlsxSheet):
        raise InvalidInput("Sort, filter and add rows in the spreadsheet itself: Cellback follows.")
    return Bench(sheet)


def on(tables: Tables, sheet: Sheet, deed: Callable[[Table], T]) -> T:
    """Do something to the sheet as it is now, again and again while a worker writes in between. Raises SheetChanged."""
    for attempt in range(1, TRIES + 1):
        table = tables.read(sheet)[1]
        try:
            return deed(table)
        except SheetChanged:
            if attempt == TRIES:
                raise
    raise AssertionError("the last attempt returns or raises")


def take_back(tables: Tables, sheet: Sheet, change: Change) -> None:
    """Undo one change. Raises Conflict when the sheet has moved on too far, and what writing raises."""

    def back(table: Table) -> None:
        if change.parts and table.version == change.version:
            bench_of(sheet).put_back(table, change.parts)
        elif change.back:
            change.back(table)
        else:
            raise Conflict(LATE)

    on(tables, sheet, back)


def exact(kind: str, bench: Bench, back: Callable[[Table], None] | None = None) -> Change:
    """The change that the bench has just made."""
    small = sum(len(part) for part in bench.before.values()) <= MOST_BYTES
    return Change(kind, bench.version, bench.before if small else {}, back)


def order_again(bench: Bench, table: Table) -> Callable[[Table], None] | None:
    """How to put rows back into the order of `table` by their keys; rows that came since go last. None without keys."""
    places = {row.key: place for place, row in enumerate(table.rows)}
    if "" in places or len(places) != len(table.rows):
        return None

    def back(now: Table) -> None:
        bench.order(now, sorted(now.rows, key=lambda row: places.get(row.key, len(places))))

    return back


def filter_again(bench: Bench, filters: Sequence[Shown], table: Table) -> Callable[[Table], None]:
    """How to set the filters of `table` again, where their columns still have their titles."""
    titles = [column.title for column in table.columns]

    def back(now: Table) -> None:
        if [column.title for column in now.columns][: len(titles)] != titles:
            raise Conflict(LATE)
        bench.filter(now, filters)

    return back


@dataclass(frozen=True, slots=True)
class Was:
    """A cell before and after a person's edit: its row by key, else by number; its column by title."""

    row: Row
    title: str
    before: CellValue
    shown_before: str
    shown_after: str


def edit_again(sheet: Sheet, cells: Sequence[Was]) -> Change:
    """How to give cells back what they held, each only where it still shows what the person put there; in a row without
    a key, which may stand elsewhere by now, only while all of it shows what it did."""
    left: dict[int, dict[str, str]] = {}
    for was in cells:
        left.setdefault(was.row.position, {})[was.title] = was.shown_after

    def back(table: Table) -> None:
        edits = []
        for was in cells:
            rows = [row for row in table.rows if (row.key == was.row.key if was.row.key else
                                                  row.position == was.row.position)]  # fmt: skip
            column = table.find(was.title)
            if len(rows) != 1 or column is None or rows[0].shown(column) != was.shown_after:
                raise Conflict(LATE)
            if not was.row.key and not _same(table, rows[0], was.row, left[was.row.position]):
                raise Conflict(LATE)
            edits.append(CellEdit(rows[0], column, was.before))
        sheet.apply(table, edits)

    return Change("edit", back=back, texts=tuple(was.shown_before for was in cells))


def _same(table: Table, row: Row, was: Row, changed: Mapping[str, str]) -> bool:
    """Whether a row shows what another one did, beside what was changed in it by title; columns may have come since,
    right of all others."""
    pairs = zip(table.columns, row.cells, was.cells, strict=False)
    same = all(now.shown == before.shown for column, now, before in pairs if column.title not in changed)
    return same and len(row.cells) >= len(was.cells)


def value_of(sheet: Sheet, row: Row, column: int) -> CellValue:
    """What to write so that the cell is again what it is now: dates and times by their number, its format stays."""
    cell = row.cells[column]
    if cell.kind not in {CellKind.DATE, CellKind.TIME, CellKind.DATETIME}:
        return cell.raw
    value = serial(cell)
    if value is None or cell.kind is CellKind.TIME or not isinstance(sheet, XlsxSheet):
        return value
    return value - _MAC_DAYS if sheet.look_into(lambda book, _: book.date1904) else value
