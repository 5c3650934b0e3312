"""One tab of a workbook in OneDrive or SharePoint as a Sheet: no value in the wrong row, nothing believed unread."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from server.domain.look import Look
from server.domain.table import CellEdit, NewColumn, Table, fold
from server.errors import CellbackError, NotFound, SheetChanged, SheetUnavailable
from server.ports import Writes
from server.sheets.excel import columns, looking, sentences, writing
from server.sheets.excel.address import tab_id, tab_name
from server.sheets.excel.book import BATCH, Book, Next, Part, next_of
from server.sheets.excel.judging import Judge, Verdict
from server.sheets.excel.reading import Picture
from server.sheets.excel.shot import Entry, Place, Shot
from server.sheets.excel.transport import Reply
from server.sheets.excel.values import in_format, wire, written
from server.sheets.excel.writing import Block, Row
from server.sheets.lines import Line, after, differs, lines_of
from server.sheets.new_columns import grown, made, narrow, refuse_taken
from server.sheets.turns import Turns

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
"""How old a view may be where nobody waits for it: the Excel service is asked no more often than it bears."""
TRUST_SECONDS = 2.0
"""A table younger than this is written from without another look: the looks around the write tell what it hit."""
TRIES = 6
"""Tries of a write that was not done or not kept, each after a look; and depth of repairs."""
OWED_SECONDS = 150.0
"""What could not be put right for so long is left as it is: others write again by then (pacing.WRITE_SECONDS)."""
PICTURES = 4
"""Tables kept to write from: the newest, and those that somebody is deciding over."""


class ExcelSheet:
    """One tab, by its id: it may be renamed and moved.

    `tab` is `id:{...}`, a title, or "" for the first visible tab. `header_row` fixes the row of titles where there is
    no Excel Table, or tells which one is meant. `trouble_seconds`: for so long an error is simply told again. Raises
    NotFound when there is no such tab.
    """

    def __init__(
        self,
        book: Book,
        tab: str = "",
        *,
        header_row: int | None = None,
        look_seconds: float | None = None,
        trust_seconds: float = TRUST_SECONDS,
        trouble_seconds: float = 0.0,
    ) -> None:
        self.book = book
        self.workbook = book.workbook
        self.look_seconds = LOOK_SECONDS * random.uniform(0.85, 1.15) if look_seconds is None else look_seconds
        self.header_row = header_row
        self._trust_seconds = trust_seconds
        self._trouble_seconds = trouble_seconds
        self._trouble: tuple[float, CellbackError] | None = None
        self._lock = threading.RLock()
        self._last: Picture | None = None
        self._pictures: OrderedDict[str, Picture] = OrderedDict()
        self._debts: list[tuple[Picture, Shot, Sequence[Row]]] = []
        self._polled = self._tried = float("-inf")
        self._turns = Turns(book.budget, book.workbook)
        self._title = ""
        self._tab = tab_id(tab) or self._find(tab)
        self._quoted = quote(self._tab, safe="")
        self.name = tab_name(self._tab)
        self._eye = looking.Eye(book, self._tab, header_row)

    # reading

    @property
    def title(self) -> str:
        """The tab's name as it was seen last."""
        if not self._title:
            self._title = next((title for key, title in tabs(self.book) if key == self._tab), "")
            if not self._title:
                raise sentences.tab_gone()
        return self._title

    def version(self) -> str:
        """Names the tab's content as of at most `look_seconds` ago, by the tag of the file where that tells enough."""
        return self.read(self.look_seconds, cheap=True).version

    def read(self, max_age: float = 0.0, *, cheap: bool = False) -> Table:
        """The tab in one call, or the last one's table where that is young enough and nothing of ours came since.

        Where a view of `look_seconds` will do (or with `cheap`), the tag of the file's content decides first whether
        the cells are read: others' edits show in it when they are saved, some seconds later.
        """
        asked = time.monotonic()
        with self._lock:
            self._settle_debts()
            last = self._last
            if last is not None and self._turns.is_newest(last.written):
                cheap = cheap or max_age >= self.look_seconds > 0
                if max(last.asked_at, self._polled if cheap else 0.0) >= asked - max_age:
                    return last.table
                if cheap and last.tag and last.tag == self.book.tag():
                    self._polled = asked
                    return last.table
            return self._fetch().table

    def _fetch(self) -> Picture:
        if self._trouble is not None and time.monotonic() < self._trouble[0]:
            raise self._trouble[1].with_traceback(None)
        try:
            found, count = self._turns.calmly(self._look)
        except CellbackError as error:
            self._trouble = (time.monotonic() + self._trouble_seconds, error)
            raise
        self._trouble = None
        self._title = found.title
        return self._keep(replace(found, written=count))

    def _look(self) -> Picture:
        asked = time.monotonic()
        return replace(self._eye.look(), asked_at=asked)

    def _keep(self, found: Picture) -> Picture:
        self._last = self._pictures[found.table.version] = found
        self._pictures.move_to_end(found.table.version)
        while len(self._pictures) > PICTURES:
            self._pictures.popitem(last=False)
        return found

    def _find(self, tab: str) -> str:
        found = tabs(self.book)
        for key, title in found:
            if not tab or fold(title) == fold(tab):
                self._title = title
                return key
        names = ", ".join(f"“{title}”" for _, title in found) or "none"
        wanted = f"no sheet called “{tab}”" if tab else "no visible sheet"
        raise NotFound(f"The workbook has {wanted}. Its sheets: {names}.")

    # writing

    def apply(self, table: Table, edits: Sequence[CellEdit], new_columns: Sequence[NewColumn] = ()) -> Table | None:
        """Write the cells, proven by reading them back by their rows' keys; texts are cut at 32,767 characters.

        What needs more than one call is written in several: a fault between them leaves the first ones written,
        which a repetition completes. Where a row moved meanwhile, that is put right again and SheetChanged raised.
        """
        if table.workbook != self.workbook:
            raise ValueError("the table was read from another workbook")
        if not edits and not new_columns:
            return None
        with self._lock:
            self._settle_debts()
            was = self._seen(table)
            lines = lines_of(table, edits, wire, len(new_columns))
            refuse_taken(table, new_columns)
            if time.monotonic() - was.asked_at > self._trust_seconds or not self._turns.is_newest(was.written):
                now = self._fetch()
                if differs(was.table, now.table, lines):
                    raise _changed()
                was = replace(now, table=table)
            self.book.must_write()
            if new_columns:
                return self._with_columns(was, edits, lines, new_columns)
            return self._write(was, lines)

    def _seen(self, table: Table) -> Picture:
        found = self._pictures.get(table.version)
        if found is None:
            raise _changed()
        return replace(found, table=table)

    def _with_columns(
        self, was: Picture, edits: Sequence[CellEdit], lines: Sequence[Line], new: Sequence[NewColumn]
    ) -> Table | None:
        """Make the columns, look where they are, and write into them."""
        width = len(was.table.columns)
        with self._turns.alone(self._owes):
            if was.inside is not None:
                self._add_in_table(was, new)
            else:
                self._do(columns.beside(self._quoted, was, new), lambda now: made(now.table, new))
        now = self._fetch()
        if not grown(was.table, now.table, new) or differs(was.table, narrow(now.table, width), lines):
            raise _changed()
        rows = {row.position: row for row in now.table.rows}
        moved = [CellEdit(rows[edit.row.position], edit.column, edit.value) for edit in edits]
        return self._write(now, lines_of(now.table, moved, wire)) if moved else now.table

    def _add_in_table(self, was: Picture, new: Sequence[NewColumn]) -> None:
        """Each column once: what an answer leaves open is looked for before it is asked for again."""
        assert was.inside is not None  # noqa: S101 - the caller looked
        missing = list(new)
        for attempt in range(TRIES):
            replies = self._ask(columns.in_table(was.inside, missing), attempt)
            answered = zip(missing, replies, strict=True)
            done = {str(reply.body.get("id", "")): one for one, reply in answered if reply.ok}
            looks = columns.looks_in_table(was.inside, done)
            if looks:
                self._ask(looks)
            self._refuse(replies)
            if len(done) == len(missing):
                return
            now = self._fetch()
            missing = [one for one in missing if now.table.find(one.title) is None]
            if not missing:
                return
        raise _away()

    def _do(self, parts: Sequence[Part], done: looking.Done) -> None:
        """Requests that a look tells the end of, and that may be made twice."""
        for attempt in range(TRIES):
            replies = self._ask(parts, attempt)
            if all(reply.ok for reply in replies):
                return
            self._refuse(replies)
            if done(self._fetch()):
                return
        raise _away()

    def _ask(self, parts: Sequence[Part], attempt: int = 0) -> list[Reply]:
        """Write in as many calls as it takes."""
        found: list[Reply] = []
        for start in range(0, len(parts), BATCH):
            found += self.book.write(parts[start : start + BATCH], attempt)
        return found

    def _refuse(self, replies: Sequence[Reply]) -> None:
        """Raise what a refusal among the answers means."""
        bad = next((reply for reply in replies if next_of(reply) is Next.STOP), None)
        if bad is None:
            return
        if bad.status == 403 and self._eye.is_protected():
            raise sentences.protected(f"{bad.status} {' '.join(bad.codes)}")
        if bad.status == 404:
            raise _changed()
        raise sentences.refused(bad, write=True)

    def _write(self, was: Picture, lines: Sequence[Line]) -> Table:
        """Write, look what it did, and once more what was not done or not kept."""
        wanted = [
            replace(line, values={c: in_format(v, self._code(was, line, c)) for c, v in line.values.items()})
            for line in lines
            if line.values
        ]
        columns_of_text = was.columns_of_text()
        todo = [
            Row(one.row.position, {c: Entry(v, in_text=c in columns_of_text) for c, v in one.values.items()}, one.proof)
            for one in wanted
        ]
        exact = False
        with self._turns.alone(self._owes) as begun:
            for attempt in range(TRIES):
                todo, exact = self._round(was, todo, attempt, exact=exact)
                if not todo:
                    break
        if not todo:
            ours = was.written is not None and begun == Writes(was.written + 1, under_way=True)
            return self._proven(was, wanted, was.written + 2 if ours and was.written is not None else None)
        raise sentences.unavailable("Excel takes the values and does not keep them.", None, "writes not kept")

    def _code(self, was: Picture, line: Line, number: int) -> str:
        return was.formats.get((line.row.position, number), "General")

    def _owes(self) -> bool:
        return bool(self._debts)

    def _proven(self, was: Picture, lines: Sequence[Line], count: int | None) -> Table:
        """The table that was read with what stands in it now, when so many writes of ours were counted."""
        proven = {
            (line.row.position, number): written(value, self._code(was, line, number))
            for line in lines
            for number, value in line.values.items()
        }
        contents = {
            (line.row.position, number): Entry(value) for line in lines for number, value in line.values.items()
        }
        shot = replace(was.shot, changed={**was.shot.changed, **contents})
        return self._keep(was.later(after(was.table, lines, proven), shot, count)).table

    def _round(self, was: Picture, rows: Sequence[Row], attempt: int, *, exact: bool) -> tuple[list[Row], bool]:
        """Write every row once; those that do not stand yet, and whether cells beside ours have to be left out. Raises
        SheetChanged when somebody moved or typed what the rows are about."""
        at = {row.number: row for row in rows}
        still: list[Row] = []
        for blocks in writing.calls(rows, together=was.all_visible, exact=exact):
            numbers = dict.fromkeys(row.number for block in blocks for row in block.rows)
            verdict, refusal = self._put(was, blocks, [at[number].part_of(blocks) for number in numbers], attempt)
            if verdict.wrong or (verdict.open and verdict.moved):
                self._settle_debts()
                raise SheetChanged("Somebody sorted or moved rows during the write: it is read again.")
            self._debts.pop()
            if refusal is not None and (exact or refusal.status != 403):
                self._refuse([refusal])
            exact = exact or refusal is not None
            still += verdict.open
        return still, exact

    def _put(
        self, was: Picture, blocks: Sequence[Block], rows: Sequence[Row], attempt: int = 0
    ) -> tuple[Verdict, Reply | None]:
        """One call: look, write, look. What it did, and the first refusal; it is owed until somebody says otherwise."""
        look = self._eye.bare(was)
        self._debts.append((was, was.shot, rows))
        self._tried = time.monotonic()
        replies = self._ask([look, *(block.part(self._quoted) for block in blocks), look], attempt)
        before = self._eye.shot(was, replies[0]) or was.shot
        self._debts[-1] = (was, before, rows)
        now = self._eye.shot(was, replies[-1]) or self._eye.shot_now(was)
        refusal = next((one for one in replies[1:-1] if next_of(one) is Next.STOP), None)
        return self._judge(was, before, now, rows), refusal

    def _judge(self, was: Picture, before: Shot, now: Shot, rows: Sequence[Row]) -> Verdict:
        key = was.table.key_column
        title = was.table.columns[key].title if key is not None else ""
        return Judge(title, was.shot, before, now, rows).verdict()

    # putting right

    def _settle_debts(self) -> None:
        """Put back what our writes hit by mistake; what can't be put back now is owed, and paid before any look.

        A putting back is a write too: it is owed itself until a look shows that it hit what it should. Raises
        SheetUnavailable while somebody keeps moving what is to be put right.
        """
        if not self._debts:
            return
        if time.monotonic() - self._tried > OWED_SECONDS:
            log.error("excel workbook was away too long: %d writes may have hit other rows", len(self._debts))
            self._debts.clear()
            return
        with self._turns.alone(self._owes):
            for attempt in range(2 * TRIES):
                self._tried = time.monotonic()
                self._pay(exact=attempt % 2 == 1)
                if not self._debts:
                    return
        raise sentences.unavailable("Somebody keeps moving rows in the workbook.", None, f"{len(self._debts)} owed")

    def _pay(self, *, exact: bool) -> None:
        """One look at the last debt, and one try to settle it."""
        was, before, rows = self._debts[-1]
        now = self._eye.shot_now(was)
        verdict = self._judge(was, before, now, rows)
        mended = self._mend(verdict.beside)
        if not verdict.back:
            if not mended:
                self._debts.pop()
            return
        self._last = None
        log.warning("excel workbook was changed during a write cells=%d", len(verdict.back))
        at = {row.number: row for row in verdict.rows()}
        for blocks in writing.calls(list(at.values()), together=now.visible, exact=exact):
            numbers = dict.fromkeys(row.number for block in blocks for row in block.rows)
            found, _ = self._put(replace(was, shot=now), blocks, [at[number].part_of(blocks) for number in numbers])
            if found.wrong or found.open:
                return
            self._debts.pop()

    def _mend(self, places: Mapping[Place, tuple[Entry, Entry]]) -> bool:
        """Put back titles, and clear what lies beyond the table because rows of it moved, where it is still ours;
        whether there was any."""
        rows = [
            Row(place[0], {place[1]: old}) for place, (ours, old) in places.items() if self._eye.cell(place).same(ours)
        ]
        for start in range(0, len(rows), writing.PATCHES):
            self._ask([Block((row,)).part(self._quoted) for row in rows[start : start + writing.PATCHES]])
        return bool(rows)

    # views

    def views(self, column: str, wanted: Mapping[str, Collection[str]]) -> Mapping[str, str]:  # noqa: ARG002
        """None: Graph has no views of a sheet with a link."""
        return {}

    def dress(self, looks: Sequence[Look]) -> None:
        """Nothing: Graph knows neither conditional formats nor validations. The pane in Excel does it (dressing.js)."""


def tabs(book: Book) -> list[tuple[str, str]]:
    """Id and title of every visible tab, from left to right. Raises NotFound, NotShared, PermanentError."""
    reply = book.read([Part("GET", "/workbook/worksheets?$select=id,name,position,visibility")])[0]
    if not reply.ok:
        raise sentences.refused(reply)
    found = sorted(reply.body.get("value", ()), key=lambda one: int(one.get("position", 0)))
    return [(str(one["id"]), str(one["name"])) for one in found if one.get("visibility", "Visible") == "Visible"]


def _changed() -> SheetChanged:
    return SheetChanged("The workbook was changed meanwhile: it is read again.")


def _away() -> SheetUnavailable:
    return sentences.unavailable(sentences.AWAY, None, "answer lost")
