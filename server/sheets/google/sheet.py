"""One tab of a Google spreadsheet as a Sheet: few calls, and no value in the wrong row."""

from __future__ import annotations

import logging
import random
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from server.domain.look import Look
from server.domain.table import CellEdit, NewColumn, Table, fold
from server.errors import CellbackError, NotFound, SheetChanged, SheetUnavailable
from server.ports import Writes
from server.sheets.google import columns, dressing, repair, sentences, views, writing
from server.sheets.google.address import canonical, tab_name, tab_number, view_link
from server.sheets.google.client import Client, Json, WriteInDoubt
from server.sheets.google.reading import FIELDS, Picture, picture
from server.sheets.google.values import wire
from server.sheets.lines import Line, differs, lines_of
from server.sheets.new_columns import grown, is_key, made, narrow, refuse_taken

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
"""How old a view may be where nobody waits for it: 60 reads a minute are all that one account has, for all sheets."""
TRUST_SECONDS = 2.0
"""A table younger than this (reading time aside) is written from without another look: the write proves itself."""
TRIES = 4
"""Tries of a write whose answer is lost, each after a look; and depth of repairs."""

CALM_SECONDS, CALM_LOOK_SECONDS = 30.0, 0.05
"""How long a look waits for writes of other processes to be proven, and how often it asks."""

REPAIRS = 12
"""Looks at a sheet that keeps moving while a wrong hit is put right, before that is given up and logged."""

PICTURES = 4
"""Tables kept to write from: the newest, and those that somebody is deciding over."""

VALUES = "/values:batchUpdateByDataFilter"


class GoogleSheet:
    """One tab, by its number: it may be renamed and moved.

    `tab` is `gid:7`, a title, or "" for the first visible tab; `gid` what the address said. `header_row` fixes the
    row of titles, else it is found as in files. `trouble_seconds`: for so long an error is simply told again, so that
    workers who ask every second for a sheet that is not shared leave the calls to others. Raises NotFound when there
    is no such tab.
    """

    def __init__(
        self,
        client: Client,
        spreadsheet: str,
        tab: str = "",
        *,
        gid: int | None = None,
        header_row: int | None = None,
        look_seconds: float = LOOK_SECONDS,
        trust_seconds: float = TRUST_SECONDS,
        trouble_seconds: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.workbook = canonical(spreadsheet)
        self.look_seconds = look_seconds
        self.header_row = header_row
        self.client = client
        self._spreadsheet = spreadsheet
        self._trust_seconds = trust_seconds
        self._trouble_seconds = trouble_seconds
        self._trouble: tuple[float, CellbackError] | None = None
        self._sleep = sleep
        self._lock = threading.RLock()
        self._last: Picture | None = None
        self._pictures: OrderedDict[str, Picture] = OrderedDict()
        self._debts: list[tuple[Picture, list[writing.Hit]]] = []
        self._title = ""
        self._writer = secrets.token_hex(8)
        self._gid = self._find(tab, gid)
        self.name = tab_name(self._gid)

    # reading

    @property
    def title(self) -> str:
        """The tab's name as it was seen last."""
        if not self._title:
            self._title = next((title for gid, title in tabs(self.client, self._spreadsheet) if gid == self._gid), "")
            if not self._title:
                raise sentences.tab_gone()
        return self._title

    def version(self) -> str:
        """Names the tab's content as of at most `look_seconds` ago: there is no cheaper token than a read."""
        return self.read(self.look_seconds).version

    def read(self, max_age: float = 0.0) -> Table:
        """The tab in one call, or the last one's table where that is young enough and nothing of ours came since."""
        return self._picture(max_age).table

    def _picture(self, max_age: float) -> Picture:
        asked = time.monotonic()
        with self._lock:
            self._settle_debts()
            last = self._last
            if last is not None and self._is_newest(last):
                age = time.monotonic() - last.came_at if max_age else max_age
                if last.asked_at >= asked or (max_age and age <= max_age):
                    return last
            return self._fetch()

    def _is_newest(self, last: Picture) -> bool:
        return last.written is not None and Writes(last.written) == self.client.budget.writes(self.workbook)

    def _fetch(self, *, amid: bool = False) -> Picture:
        return self._keep(self._look(amid=amid))

    def _look(self, *, amid: bool = False) -> Picture:
        """The tab now; `amid` a write of our own, which is not proven yet."""
        if self._trouble is not None and time.monotonic() < self._trouble[0]:
            raise self._trouble[1].with_traceback(None)
        try:
            found = self._ask() if amid else self._ask_calmly()
        except CellbackError as error:
            self._trouble = (time.monotonic() + self._trouble_seconds, error)
            raise
        self._trouble = None
        return found

    def _ask_calmly(self) -> Picture:
        """A look that no write of another process falls into: one that hit a wrong row is put right again before
        anybody takes what stands there for a person's word."""
        until = time.monotonic() + CALM_SECONDS
        while time.monotonic() < until:
            before = self.client.budget.writes(self.workbook)
            if before.under_way:
                time.sleep(CALM_LOOK_SECONDS)
                continue
            found = self._ask()
            if self.client.budget.writes(self.workbook) == before:
                return replace(found, written=before.count)
        raise sentences.unavailable("The sheet is being written to. It is read again in a moment.", None, "not calm")

    def _ask(self) -> Picture:
        asked = time.monotonic()
        body = {"dataFilters": [{"gridRange": {"sheetId": self._gid}}]}
        answer = self.client.call("read", self._spreadsheet, ":getByDataFilter", body, fields=FIELDS)
        found = picture(answer, workbook=self.workbook, gid=self._gid, header_row=self.header_row)
        self._title = found.title
        return replace(found, asked_at=asked, came_at=time.monotonic())

    def _find(self, tab: str, gid: int | None) -> int:
        number = tab_number(tab) if tab else gid
        if number is not None:
            return number
        found = tabs(self.client, self._spreadsheet)
        for gid, title in found:
            if not tab or fold(title) == fold(tab):
                self._title = title
                return gid
        names = ", ".join(f"“{title}”" for _, title in found) or "none"
        wanted = f"no sheet called “{tab}”" if tab else "no visible sheet"
        raise NotFound(f"The spreadsheet has {wanted}. Its sheets: {names}.")

    # writing

    def apply(self, table: Table, edits: Sequence[CellEdit], new_columns: Sequence[NewColumn] = ()) -> Table | None:
        """Write the cells as text, proven by the echo of each row's key; texts are cut at 50,000 characters.

        More than 1.5 MB go in several requests: a fault between them leaves the first ones written, which a
        repetition completes. Where a row moved meanwhile, that is put right again and SheetChanged raised.
        """
        if table.workbook != self.workbook:
            raise ValueError("the table was read from another spreadsheet")
        if not edits and not new_columns:
            return None
        with self._lock:
            self._settle_debts()
            was = self._seen(table)
            lines = lines_of(was.table, edits, wire, len(new_columns))
            refuse_taken(table, new_columns)
            if time.monotonic() - was.came_at > self._trust_seconds or not self._is_newest(was):
                now = self._fetch()
                if differs(was.table, now.table, lines):
                    raise SheetChanged("The spreadsheet was changed meanwhile: it is read again.")
                was = replace(was, asked_at=now.asked_at, came_at=now.came_at, written=now.written)
            if new_columns:
                return self._with_columns(was, edits, lines, new_columns)
            return self._write(was, lines)

    def _seen(self, table: Table) -> Picture:
        found = self._pictures.get(table.version)
        if found is None:
            raise SheetChanged("The spreadsheet was changed meanwhile: it is read again.")
        return replace(found, table=table)

    def _keep(self, found: Picture) -> Picture:
        self._last = self._pictures[found.table.version] = found
        self._pictures.move_to_end(found.table.version)
        while len(self._pictures) > PICTURES:
            self._pictures.popitem(last=False)
        return found

    def _with_columns(
        self, was: Picture, edits: Sequence[CellEdit], lines: Sequence[Line], new: Sequence[NewColumn]
    ) -> Table | None:
        """Make the columns (with their row keys) in one request, look where they are, and write the rest."""
        width = len(was.table.columns)
        key = next((width + index for index, column in enumerate(new) if is_key(column)), None)
        keys = {edit.row.position: str(wire(edit.value)) for edit in edits if edit.column == key}
        self._batch(columns.requests(self._gid, was, new, keys), lambda now: made(now.table, new))
        now = self._fetch()
        rest = [edit for edit in edits if edit.column != key]
        if not rest:
            return now.table
        if not grown(was.table, now.table, new) or differs(was.table, narrow(now.table, width), lines):
            raise SheetChanged("The spreadsheet was changed meanwhile: it is read again.")
        rows = {row.position: row for row in now.table.rows}
        moved = [CellEdit(rows[edit.row.position], edit.column, edit.value) for edit in rest]
        return self._write(now, lines_of(now.table, moved, wire))

    def _write(self, was: Picture, lines: Sequence[Line]) -> Table | None:
        """Write, hold every echo against what was meant, and put right what hit another row."""
        found = writing.Echo()
        with self._alone() as begun:
            for stretches in writing.chunks(was, [line for line in lines if line.values]):
                one = self._put(was, stretches)
                found.shown |= one.shown
                found.wrong += one.wrong
                found.complete &= one.complete
            if found.wrong:
                log.warning("google sheet was sorted during a write rows=%d", len(found.wrong))
                self._debts.append((was, found.wrong))
                self._settle_debts()
                raise SheetChanged("Somebody sorted or moved rows during the write: it is read again.")
        if not found.complete:
            self._last = None
            return None
        ours = was.written is not None and begun == Writes(was.written + 1, under_way=True)
        table = writing.after(was, lines, found)
        return self._keep(was.later(table, was.written + 2 if ours and was.written is not None else None)).table

    @contextmanager
    def _alone(self) -> Iterator[Writes]:
        """Let nobody believe what they see until the write is proven, or put right. What is still owed stays closed
        to others until it is paid, or the budget forgets this writer."""
        begun = self.client.budget.begin(self.workbook, self._writer)
        try:
            yield begun
        finally:
            if not self._debts:
                self.client.budget.end(self.workbook, self._writer)

    def _put(self, was: Picture, stretches: Sequence[writing.Stretch]) -> writing.Echo:
        """One request and its echo. A lost answer is looked for in the sheet before anything is written again (R7).

        Raises SheetChanged, SheetUnavailable, PermanentError.
        """
        lines = [line for stretch in stretches for line in stretch.lines]
        body = writing.body(self._gid, was, stretches)
        for attempt in range(TRIES):
            try:
                answer = self.client.call("write", self._spreadsheet, VALUES, body)
            except WriteInDoubt:
                self._sleep(random.uniform(0.0, 2.0**attempt))
                now = self._look(amid=True)
                if writing.stands(was, now, lines):
                    return writing.read_back(now, lines)
                if differs(was.table, now.table, lines):
                    self._debts.append((was, [writing.Hit(line.row.position, "", line.values, None) for line in lines]))
                    self._settle_debts()
                    raise SheetChanged("The spreadsheet was changed meanwhile: it is read again.") from None
            else:
                return writing.echo(was, stretches, answer)
        raise _away()

    def _batch(self, requests: Sequence[Json], done: Callable[[Picture], bool]) -> Json:
        """One `batchUpdate`; `done` tells from a look at the tab whether a lost answer was a yes."""
        with self._alone():
            for attempt in range(TRIES):
                try:
                    return self.client.call("write", self._spreadsheet, ":batchUpdate", {"requests": list(requests)})
                except WriteInDoubt:
                    self._sleep(random.uniform(0.0, 2.0**attempt))
                    if done(self._look(amid=True)):
                        return {}
        raise _away()

    def _settle_debts(self) -> None:
        """Put back what our writes hit by mistake; what can't be put back now is owed, and paid before any look."""
        if not self._debts:
            return
        self.client.budget.begin(self.workbook, self._writer)
        self._pay()
        self.client.budget.end(self.workbook, self._writer)

    def _pay(self) -> None:
        """Look and put back, until a look finds nothing more: rows may be moved and copied meanwhile as well."""
        for _ in range(REPAIRS):
            if not self._debts:
                return
            was, hits = self._debts[0]
            now = self._look(amid=True)
            found = repair.remedy(was, now, hits)
            if not (found.edits or found.formulas or found.numbers):
                self._debts.pop(0)
                continue
            wrong: list[writing.Hit] = []
            for stretches in writing.chunks(now, lines_of(now.table, found.edits, wire)):
                wrong += self._put_back(now, stretches)
            if found.formulas or found.numbers:
                self._batch(columns.restored(self._gid, found.formulas, found.numbers), lambda _: True)
            self._debts[0] = (was, [*hits, *wrong])  # what stood there before all of it is in the first table still
        log.error("google sheet keeps moving: values of %d rows may be out of place", len(self._debts[0][1]))
        self._debts.clear()

    def _put_back(self, now: Picture, stretches: Sequence[writing.Stretch]) -> list[writing.Hit]:
        """Rows that the restored values missed; a lost answer needs no second try, the next look sees the rest."""
        try:
            answer = self.client.call("write", self._spreadsheet, VALUES, writing.body(self._gid, now, stretches))
        except WriteInDoubt as error:
            raise _away() from error
        return writing.echo(now, stretches, answer).wrong

    # views

    def views(self, column: str, wanted: Mapping[str, Collection[str]]) -> Mapping[str, str]:
        """Links to filter views, as the last read saw them; those that are missing are made in one request."""
        with self._lock:
            seen = self._last or self._picture(self.look_seconds)
            names = {name: views.title(name, column) for name in wanted}
            if seen.table.find(column) is None or not set(names.values()) <= seen.views.keys():
                seen = self._picture(self.look_seconds)
            place = seen.table.find(column)
            if place is None:
                return {}
            missing = [name for name, title in names.items() if title not in seen.views]
            if missing:
                asked = [views.request(self._gid, seen, place, names[name], wanted[name]) for name in missing]
                answer = self._batch(asked, lambda now: set(names.values()) <= now.views.keys())
                made = views.made(answer) or self._fetch().views
                seen = self._keep(replace(seen, views={**seen.views, **made}))
            return {
                name: view_link(self._spreadsheet, self._gid, seen.views[title])
                for name, title in names.items()
                if title in seen.views
            }

    def dress(self, looks: Sequence[Look]) -> None:
        """One look at the row of titles and all rules, and one batch of what is missing; no batch when nothing is."""
        with self._lock:
            header = (self._last or self._picture(self.look_seconds)).table.header_row
            asked = self._dressing(header, looks)
            if asked:
                self._batch(asked, lambda _: not self._dressing(header, looks))

    def _dressing(self, header: int, looks: Sequence[Look]) -> list[Json]:
        """What is missing of the looks now. Columns are found anew: somebody may have moved them."""
        body = dressing.rows(self._gid, header)
        answer = self.client.call("read", self._spreadsheet, ":getByDataFilter", body, fields=dressing.FIELDS)
        return dressing.requests(self._gid, header, looks, dressing.seen(answer, self._gid, header))


def tabs(client: Client, spreadsheet: str) -> list[tuple[int, str]]:
    """Number and title of every visible tab with a grid, from left to right. Raises NotFound, PermanentError."""
    answer = client.call("read", spreadsheet, "", None, fields="sheets(properties(sheetId,title,hidden,sheetType))")
    properties = [one["properties"] for one in answer.get("sheets", ())]
    return [
        (int(one.get("sheetId", 0)), str(one.get("title", "")))
        for one in properties
        if not one.get("hidden") and one.get("sheetType", "GRID") == "GRID"
    ]


def _away() -> SheetUnavailable:
    return sentences.unavailable(f"{sentences.AWAY} Nothing is lost: it is tried again.", None, "answer lost")
