"""Looks at one tab: which range holds its table, and what is in it now. As few calls as it takes, mostly one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from server.errors import SheetChanged
from server.sheets.address import Range
from server.sheets.excel import sentences
from server.sheets.excel.book import Book, Part, tag_of
from server.sheets.excel.reading import (
    BARE,
    SHOWN,
    TABLES,
    ExcelTable,
    Look,
    Picture,
    picture,
    table_path,
    tables_of,
    visible,
)
from server.sheets.excel.shot import Entry, Shot, block_of, shot_of
from server.sheets.excel.shot import entry as entry_of
from server.sheets.excel.transport import Reply
from server.sheets.excel.writing import range_path

Done = Callable[[Picture], bool]
"""Whether a look shows that something was done."""

VIEW = "/visibleView?$select=cellAddresses"


class Eye:
    """Looks at a tab. It remembers which table it found, and whether anything was hidden, to ask for it at once."""

    def __init__(self, book: Book, tab: str, header_row: int | None) -> None:
        self._book = book
        self._header_row = header_row
        self._sheet = f"/workbook/worksheets/{quote(tab, safe='')}"
        self._tab = quote(tab, safe="")
        self._table: ExcelTable | None = None
        self._shown_column = 0
        self._asks: tuple[str, ...] = ()

    def look(self) -> Picture:
        """The tab now. Raises TabGone, NotFound, InvalidInput, PermanentError, SheetUnavailable."""
        for _ in range(3):
            found = self._once()
            if found is not None:
                return found
        raise SheetChanged("The tables of the sheet keep changing. Wait for the others to finish, then try again.")

    def bare(self, was: Picture) -> Part:
        """The request for what is compared around a write."""
        return Part("GET", f"{self._range(was.inside)}?{BARE}")

    def shot(self, was: Picture, reply: Reply) -> Shot | None:
        """Its answer; None when there is none."""
        if not reply.ok:
            return None
        return shot_of(reply.body, was.shot.header, was.shot.titles())

    def shot_now(self, was: Picture) -> Shot:
        """The same in a call of its own; where the table is gone, the whole tab."""
        for table in (was.inside, None):
            reply = self._book.read([Part("GET", f"{self._range(table)}?{BARE}")])[0]
            if reply.ok:
                return shot_of(reply.body, was.shot.header, was.shot.titles())
            if reply.status != 404:
                raise sentences.refused(reply)
        raise sentences.tab_gone()

    def cell(self, place: tuple[int, int]) -> Entry:
        """One cell of the tab, by row and column number."""
        area = Range(place[1], place[0], place[1], place[0])
        reply = self._book.read([Part("GET", f"{range_path(self._tab, area)}?{BARE}")])[0]
        if not reply.ok:
            raise sentences.refused(reply)
        return entry_of(reply.body["values"][0][0], reply.body["formulas"][0][0])

    def is_protected(self) -> bool:
        """Whether the tab is protected."""
        reply = self._book.read([Part("GET", f"{self._sheet}/protection?$select=protected")])[0]
        return bool(reply.body.get("protected"))

    def _range(self, table: ExcelTable | None) -> str:
        return f"{table_path(table)}/range" if table else f"{self._sheet}/usedRange(valuesOnly=true)"

    def _once(self) -> Picture | None:
        """One look; None when the range turned out to be another one."""
        source, table = self._range(self._table), self._table
        parts = [
            Part("GET", "?$select=id,cTag,eTag"),
            Part("GET", f"{self._sheet}?$select=id,name,visibility"),
            Part("GET", f"{self._sheet}/tables?{TABLES}"),
            Part("GET", f"{source}?{SHOWN}"),
        ]
        replies = self._book.read([*parts, *(self._view(source, name) for name in self._asks)])
        bad = next((index for index, reply in enumerate(replies) if not reply.ok), None)
        if bad == 3 and table is not None and replies[3].status == 404:
            self._table = None
            return None
        if bad is not None and bad < len(parts):
            raise sentences.tab_gone() if bad == 1 and replies[1].status == 404 else sentences.refused(replies[bad])
        tag, sheet, tables, cells = replies[:4]
        there = tables_of(tables.body)
        right = self._right(there)
        if (right.id if right else "") != (table.id if table else ""):
            self._table = right
            return None
        if right is not None:
            self._table = right
        rows, columns = self._hidden(source, cells, dict(zip(self._asks, replies[4:], strict=True)))
        seen = Look(str(sheet.body.get("name", "")), there, right, cells.body, rows, columns)
        found = picture(seen, workbook=self._book.workbook, header_row=self._header_row)
        return replace(found, tag=tag_of(tag))

    def _right(self, there: tuple[ExcelTable, ...]) -> ExcelTable | None:
        """The table that is meant: the one we know, the only one, the one with the given row of titles, or the
        largest."""
        known = next((one for one in there if self._table is not None and one.id == self._table.id), None)
        if known is not None or not there:
            return known
        if len(there) == 1 and self._header_row is None:
            return there[0]
        asked = [Part("GET", f"{table_path(one)}/range?$select=address") for one in there[:20]]
        blocks = [block_of(reply.body) for reply in self._book.read(asked) if reply.ok]
        if len(blocks) != len(asked):
            raise SheetChanged("The tables of the sheet are just being changed: it is read again.")
        found = list(zip(there, blocks, strict=False))
        if self._header_row is not None:
            return next((one for one, block in found if block.top == self._header_row), None)
        return max(found, key=lambda one: (one[1].bottom - one[1].top + 1) * (one[1].right - one[1].left + 1))[0]

    def _view(self, source: str, name: str) -> Part:
        """The request for what is visible: the cells of a row, or of a column that is not hidden itself."""
        line = "row(row=0)" if name == "columns" else f"column(column={self._shown_column})"
        return Part("GET", f"{source}/{line}{VIEW}")

    def _hidden(
        self, source: str, cells: Reply, given: dict[str, Reply]
    ) -> tuple[frozenset[int] | None, frozenset[int] | None]:
        """Numbers of visible rows and columns, where some are hidden and some are not; `given` was asked for with the
        cells."""
        found: dict[str, frozenset[int] | None] = {"columns": None, "rows": None}
        mixed = [name for name, flag in (("columns", "columnHidden"), ("rows", "rowHidden"))
                 if cells.body.get(flag, False) is None]  # fmt: skip
        for name in mixed:
            reply = given.get(name)
            if reply is None or not reply.ok:
                reply = self._book.read([self._view(source, name)])[0]
            seen = visible(reply.body) if reply.ok else []
            found[name] = frozenset(one.left if name == "columns" else one.top for one in seen) or None
            if name == "columns" and found[name]:
                self._shown_column = min(one.left for one in seen) - block_of(cells.body).left
        self._asks = tuple(mixed)
        return found["rows"], found["columns"]
