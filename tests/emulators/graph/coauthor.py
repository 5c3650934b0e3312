"""The other person in the workbook: everything that people do to a list while somebody else writes into it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.emulators.graph import entry
from tests.emulators.graph.address import Area, parse
from tests.emulators.graph.authority import COLLEAGUE
from tests.emulators.graph.book import Book
from tests.emulators.graph.drive import Drive, Item
from tests.emulators.graph.faults import Step
from tests.emulators.graph.sheet import Sheet
from tests.emulators.graph.table import Column, Table

if TYPE_CHECKING:
    from tests.emulators.graph.emulator import GraphEmulator

STORM = ("sort", "insert", "copy", "cut", "type", "filter", "clear_filters")
"""What a storm does by itself; `delete` can be had too."""


@dataclass(frozen=True)
class Typed:
    """A cell that a person filled: the row's texts at that moment by column title, the column, the text."""

    record: dict[str, str]
    column: str
    text: str


class CoAuthor:
    """Acts on the first table of a workbook, by column titles and positions (the first record is 0).

    To act between two requests of a client: `graph.script.between(lambda: other.sort("Name"), "PATCH", "range")`.
    """

    def __init__(self, graph: GraphEmulator, item: Item) -> None:
        self._graph, self.item = graph, item
        self.typed: list[Typed] = []
        """What they typed, in order."""
        self.done: list[str] = []
        """What they did, in order."""

    @property
    def book(self) -> Book:
        assert self.item.book is not None
        return self.item.book

    @property
    def sheet(self) -> Sheet:
        """The tab of the first table, or the first tab."""
        return next((sheet for sheet, _ in self.book.tables()), self.book.sheets[0])

    @property
    def table(self) -> Table:
        """The first table, or what people would take for one where there is none: a header and what is below."""
        if found := self.book.tables():
            return found[0][1]
        area = self.sheet.used(values_only=True) or Area(0, 0, 1, 0)
        columns = [Column(str(index + 1)) for index in range(area.columns)]
        return Table("", area.top, area.left, max(area.rows - 1, 1), columns)

    def records(self) -> list[dict[str, str]]:
        """The table as people see it."""
        sheet, table = self.sheet, self.table
        titles, body = table.titles(sheet), table.body
        rows = range(body.top, body.bottom + 1)
        return [{title: sheet.look(row, body.left + n).text for n, title in enumerate(titles)} for row in rows]

    def sort(self, column: str, *, ascending: bool = True) -> None:
        """Sort the table by a column."""
        key = self.table.titles(self.sheet).index(column)
        self._act("sort", lambda: self.table.sort(self.sheet, [{"key": key, "ascending": ascending}]))

    def insert(self, index: int, values: Sequence[Any] = ()) -> None:
        """Insert a record, blank unless values are given."""

        def act() -> None:
            self.table.add_rows(self.sheet, index, 1)
            for column, given in enumerate(values, self.table.left):
                self._enter(self.table.first + index, column, given)

        self._act("insert", act)

    def delete(self, index: int) -> None:
        """Delete a record."""
        self._act("delete", lambda: self.table.delete_rows(self.sheet, index))

    def copy(self, source: int, target: int) -> None:
        """Copy a record and insert it at a position: its key is there twice from now on."""

        def act() -> None:
            self.table.add_rows(self.sheet, target, 1)
            moved = source + 1 if source >= target else source
            self.sheet.put_row(self.table.body, self.table.first + moved, self.table.first + target)

        self._act("copy", act)

    def cut(self, source: int, target: int) -> None:
        """Cut a record and insert it elsewhere."""

        def act() -> None:
            order = list(range(self.table.body.top, self.table.body.bottom + 1))
            row = order.pop(source)
            order.insert(target, row)
            rows = list(range(self.table.body.top, self.table.body.bottom + 1))
            hidden = [row in self.sheet.filtered for row in order]
            self.sheet.swap(self.table.body, rows, order)
            self.sheet.filtered.difference_update(rows)
            self.sheet.filtered.update(row for row, flag in zip(rows, hidden, strict=True) if flag)

        self._act("cut", act)

    def type(self, index: int, column: str, given: Any) -> None:
        """Type into a cell of a record."""
        record = self.records()[index]
        place = self.table.left + self.table.titles(self.sheet).index(column)
        self._act("type", lambda: self._enter(self.table.first + index, place, given))
        self.typed.append(Typed(record, column, self.records()[index][column]))

    def type_at(self, address: str, given: Any) -> None:
        """Type into any cell of the tab."""
        area = parse(address)
        self._act("type", lambda: self._enter(area.top, area.left, given))

    def rename_column(self, before: str, after: str) -> None:
        """Give a column another title."""
        place = self.table.left + self.table.titles(self.sheet).index(before)

        def act() -> None:
            self.sheet.cell(self.table.top, place).value = after
            for table in self.sheet.tables:
                table.settle_titles(self.sheet)

        self._act("rename column", act)

    def rename_table(self, name: str) -> None:
        """Give the table another name."""
        self._act("rename table", lambda: setattr(self.table, "name", name))

    def rename_sheet(self, name: str) -> None:
        """Give the tab another name."""
        self._act("rename sheet", lambda: setattr(self.sheet, "name", name))

    def remove_table(self) -> None:
        """Turn the table into plain cells."""
        self._act("remove table", lambda: self.sheet.tables.remove(self.table))

    def move_table(self, *, rows: int = 0, columns: int = 0) -> None:
        """Insert whole rows above the table, or whole columns before it."""

        def act() -> None:
            if rows:
                self.sheet.insert_rows(self.table.top, rows)
            if columns:
                self.sheet.insert_columns(self.table.left, columns)

        self._act("move table", act)

    def filter(self, column: str, values: Sequence[str]) -> None:
        """Show only the records with these texts in a column."""
        index = self.table.titles(self.sheet).index(column)

        def act() -> None:
            table = self.table
            table.columns[index].criteria = {"filterOn": "Values", "values": list(values)}
            table.reapply(self.sheet)

        self._act("filter", act)

    def merge(self, address: str) -> None:
        """Merge cells outside of tables: all but the first lose what they hold."""

        def act() -> None:
            area = parse(address)
            self.sheet.merges.append(area)
            for place in [p for p in self.sheet.cells if self.sheet.covered(*p)]:
                self.sheet.cells[place].clear()

        self._act("merge", act)

    def clear_filters(self) -> None:
        """Show all records again."""

        def act() -> None:
            table = self.table
            for column in table.columns:
                column.criteria = None
            table.reapply(self.sheet)

        self._act("clear filters", act)

    def protect(self, *, unlocked: Sequence[str] = ()) -> None:
        """Protect the tab; the cells of some columns may still be changed."""

        def act() -> None:
            titles = self.table.titles(self.sheet)
            for title in unlocked:
                place = self.table.left + titles.index(title)
                for row in range(self.table.body.top, self.table.body.bottom + 1):
                    self.sheet.cell(row, place).locked = False
            self.sheet.protected = True

        self._act("protect", act)

    def unprotect(self) -> None:
        """Lift the protection."""
        self._act("unprotect", lambda: setattr(self.sheet, "protected", False))

    def move_file(self, folder: str, name: str = "", drive: Drive | None = None) -> None:
        """Move the file to another folder, perhaps under another name. Its id stays, unless it moves to another drive:
        then the old one is found no more.
        """
        if drive is not None and drive is not self.item.drive:
            del self.item.drive.items[self.item.id]
            self._graph.sessions.end(self.item.id)
            self.item.drive, self.item.id = drive, self.item.id[::-1]
            drive.items[self.item.id] = self.item
        drive = self.item.drive
        found = [each for each in drive.children(drive.root) if each.name == folder]
        self.item.parent = found[0] if found else drive.add(folder, self._graph.now())
        self.item.name = name or self.item.name
        self.item.touch(self._graph.now(), COLLEAGUE, content=False)
        self.done.append("move file")

    def delete_file(self) -> None:
        """Throw the file away."""
        self.item.deleted = True
        self._graph.sessions.end(self.item.id)
        self.done.append("delete file")

    def storm(
        self,
        seed: int,
        *,
        rate: float = 0.2,
        acts: Sequence[str] = STORM,
        typing: Sequence[str] = (),
        method: str = "",
        path: str = "/workbook/",
    ) -> Step:
        """Act by chance before requests of a kind, until the script is cleared. They type into columns of `typing`."""
        chance = random.Random(seed)

        def perhaps() -> None:
            if chance.random() < rate:
                self.act(chance, acts, typing)

        return self._graph.script.between(perhaps, method, path, times=None)

    def act(self, chance: random.Random, acts: Sequence[str] = STORM, typing: Sequence[str] = ()) -> None:
        """Do one thing, by chance."""
        titles, count = self.table.titles(self.sheet), self.table.count
        one, other = chance.randrange(count), chance.randrange(count)
        act = chance.choice([each for each in acts if each != "type" or typing])
        if act == "sort":
            self.sort(chance.choice(titles), ascending=chance.random() < 0.5)
        elif act == "filter":
            column = chance.choice(titles)
            shown = sorted({record[column] for record in self.records()})
            self.filter(column, chance.sample(shown, max(1, len(shown) // 2)))
        elif act == "type":
            self.type(one, chance.choice(list(typing)), f"typed {len(self.typed) + 1}")
        elif act in ("copy", "cut"):
            getattr(self, act)(one, other)
        elif act in ("insert", "delete"):
            getattr(self, act)(one)
        else:
            self.clear_filters()

    def _enter(self, row: int, column: int, given: Any) -> None:
        entry.enter(given, self.sheet.cell(row, column), year=self._graph.now().year)

    def _act(self, name: str, act: Callable[[], Any]) -> None:
        with self._graph.lock:
            act()
            self.item.touch(self._graph.now(), COLLEAGUE, content=True)
            self.done.append(name)
