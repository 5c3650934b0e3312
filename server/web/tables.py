"""What was read and shown lately, per process: saves reads of a large sheet, and lets an edit find its row again."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from server.domain.table import Row, Table
from server.ports import Sheet

TABLES = 2
"""Tables kept: the desk shows one, a second browser tab another."""

WINDOWS = 64
"""Versions of sheets whose shown rows are remembered; some hundred rows each."""


REST = 3.0
"""How many times as long as a read took a sheet is left alone by onlookers: 100,000 rows take 15 s of a processor."""


@dataclass(frozen=True, slots=True)
class Known:
    """A table that was read, and until when that is new enough for somebody who only looks on."""

    version: str
    table: Table
    rests_until: float


@dataclass(slots=True)
class Shown:
    """Rows that were shown of one version of a sheet, by position, and the titles above them."""

    titles: tuple[str, ...]
    rows: dict[int, Row] = field(default_factory=dict)


class Tables:
    """Recent tables and recently shown rows. Forgetting either costs time, never truth."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        self._tables: OrderedDict[tuple[str, str], Known] = OrderedDict()
        self._shown: OrderedDict[tuple[str, str, str], Shown] = OrderedDict()

    def read(self, sheet: Sheet) -> tuple[str, Table]:
        """The sheet's version and its table as it is now, read only when the version is a new one.

        The version is taken before the read: the table is that new or newer, never older. Raises as Sheet.read.
        """
        if sheet.look_seconds:
            table = sheet.read()
            return table.version, table
        with self._reading:  # parsing is bound by the interpreter lock anyway, and two callers mostly want the same
            version = sheet.version()
            known = self._tables.get((sheet.workbook, sheet.name))
            if known is None or known.version != version:
                known = self._read(sheet, version)
            return known.version, known.table

    def look(self, sheet: Sheet) -> tuple[str, Table]:
        """The same for somebody who only looks on: a large sheet that is written to all the time is left to rest.

        Raises as Sheet.read.
        """
        if sheet.look_seconds:  # its adapter keeps what it read, and knows of writes by other processes
            table = sheet.read(sheet.look_seconds)
            return table.version, table
        known = self._tables.get((sheet.workbook, sheet.name))
        if known is not None and time.monotonic() < known.rests_until and known.version != sheet.version():
            return known.version, known.table
        return self.read(sheet)

    def _read(self, sheet: Sheet, version: str) -> Known:
        began = time.monotonic()
        table = sheet.read()
        ended = time.monotonic()
        known = self._tables[(sheet.workbook, sheet.name)] = Known(version, table, ended + REST * (ended - began))
        self._tables.move_to_end((sheet.workbook, sheet.name))
        while len(self._tables) > TABLES:
            self._tables.popitem(last=False)
        return known

    def show(self, sheet: Sheet, version: str, table: Table, rows: Iterable[Row]) -> None:
        """Remember which rows a person is looking at."""
        name = (sheet.workbook, sheet.name, version)
        with self._lock:
            shown = self._shown.setdefault(name, Shown(tuple(column.title for column in table.columns)))
            shown.rows.update((row.position, row) for row in rows)
            self._shown.move_to_end(name)
            while len(self._shown) > WINDOWS:
                self._shown.popitem(last=False)

    def shown(self, sheet: Sheet, version: str, position: int) -> tuple[tuple[str, ...], Row] | None:
        """Titles and the row as they were shown, or None when that is not remembered."""
        with self._lock:
            window = self._shown.get((sheet.workbook, sheet.name, version))
            row = window.rows.get(position) if window else None
            return (window.titles, row) if window and row else None
