"""Workbooks for the tests, on the emulator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from server.sheets.excel.address import Address
from server.sheets.excel.book import Book
from server.sheets.excel.sheet import ExcelSheet
from server.sheets.excel.transport import Transport
from tests.contracts.sheet import Formula, Value
from tests.emulators.graph import CoAuthor, GraphEmulator, Item, from_rows
from tests.emulators.graph.address import cell_name
from tests.sheets.google.books import Open


class Token:
    """Credentials that need no sign-in: one token after the other."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)
        self.renewed = 0

    async def get_authorization_token(self, uri: str, context: dict[str, Any] | None = None) -> str:
        return self.tokens[0]

    def renew(self) -> None:
        self.renewed += 1
        if len(self.tokens) > 1:
            self.tokens.pop(0)


MADE: list[Transport] = []
"""What a test made, to be closed when it is over."""


def transport(graph: GraphEmulator, *tokens: str) -> Transport:
    """Calls with these tokens, or with one of the organiser."""
    MADE.append(Transport(Token(*(tokens or (graph.graph_token(),))), graph.url))
    return MADE[-1]


def book(graph: GraphEmulator, item: Item, budget: Open | None = None, *, patience: float = 60.0, **more: Any) -> Book:
    """Calls about a workbook; they never really sleep."""
    more.setdefault("sleep", lambda _: None)
    address = Address(item.drive.id, item.id)
    return Book(more.pop("transport", None) or transport(graph), address, budget or Open(), patience=patience, **more)


def opened(graph: GraphEmulator, item: Item, tab: str = "", *, budget: Open | None = None, **more: Any) -> ExcelSheet:
    """Its first tab (or another) as a Sheet."""
    return ExcelSheet(book(graph, item, budget), tab, **more)


class ExcelBench:
    """The contract's bench over the emulator, in an Excel Table or beside none. Nothing is kept and nothing trusted:
    the contract is about now."""

    def __init__(self, graph: GraphEmulator, *, table: bool) -> None:
        self.graph = graph
        self.table = table
        self.other: CoAuthor | None = None

    def make(self, rows: Sequence[Sequence[Value]], *, hidden: Sequence[int] = ()) -> ExcelSheet:
        plain = [[one.text if isinstance(one, Formula) else one for one in row] for row in rows]
        item = self.graph.add(from_rows(plain, tab="People", table="People" if self.table and len(rows) > 1 else ""))
        self.other = self.graph.colleague(item)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, Formula):
                    cell = self.other.book.sheets[0].cell(number, column)
                    cell.formula, cell.value = value.text, value.result
        self.other.book.sheets[0].hidden_rows.update(number - 1 for number in hidden)
        return opened(self.graph, item, look_seconds=0.0, trust_seconds=0.0)

    def change(self, row: int, column: int, value: Value) -> None:
        assert self.other is not None
        self.other.type_at(cell_name(row - 1, column - 1), value)
