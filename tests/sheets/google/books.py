"""Spreadsheets for the tests, on the emulator; and a budget that only counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from google.oauth2 import service_account

from server.ports import Writes
from server.sheets.google.client import Client
from server.sheets.google.sheet import GoogleSheet
from tests.contracts.sheet import Formula, Value
from tests.emulators.sheets import Emulator, Workbook

SCOPES = ["https://www.googleapis.com/auth/spreadsheets"]


@dataclass
class Open:
    """A budget without limits, that remembers what it was asked for."""

    taken: list[str] = field(default_factory=list)
    holds: list[float] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    writers: set[tuple[str, str]] = field(default_factory=set)

    def take(self, kind: Literal["read", "write"]) -> None:
        self.taken.append(kind)

    def hold(self, seconds: float) -> None:
        self.holds.append(seconds)

    def begin(self, workbook: str, writer: str) -> Writes:
        self.counts[workbook] = self.counts.get(workbook, 1) + 1
        self.writers.add((workbook, writer))
        return self.writes(workbook)

    def end(self, workbook: str, writer: str) -> Writes:
        self.counts[workbook] = self.counts.get(workbook, 1) + 1
        self.writers.discard((workbook, writer))
        return self.writes(workbook)

    def writes(self, workbook: str) -> Writes:
        return Writes(self.counts.setdefault(workbook, 1), any(book == workbook for book, _ in self.writers))


def client(google: Emulator, budget: Open | None = None, *, name: str = "cellback", patience: float = 60.0) -> Client:
    """A client with a service account of the emulator; it never really sleeps."""
    account = google.service_account(name)
    credentials = service_account.Credentials.from_service_account_info(account.info, scopes=SCOPES)
    return Client(credentials, budget or Open(), base_url=google.url, patience=patience, sleep=lambda _: None)


def spreadsheet(
    google: Emulator, rows: Sequence[Sequence[Any]], title: str = "People", height: int = 100, **more: Any
) -> Workbook:
    """A spreadsheet of one tab, shared with the service account."""
    share = {google.service_account().email: "writer"}
    return google.spreadsheet("Contest", {title: rows}, share=share, height=height, **more)


def opened(google: Emulator, book: Workbook, tab: str = "", *, budget: Open | None = None, **more: Any) -> GoogleSheet:
    """Its first tab (or another) as a Sheet."""
    return GoogleSheet(client(google, budget), book.id, tab, sleep=lambda _: None, **more)


class GoogleBench:
    """The contract's bench over the emulator. Nothing is kept and nothing trusted: the contract is about now."""

    def __init__(self, google: Emulator) -> None:
        self.google = google
        self.book: Workbook | None = None

    def make(self, rows: Sequence[Sequence[Value]], *, hidden: Sequence[int] = ()) -> GoogleSheet:
        plain = [[one.text if isinstance(one, Formula) else one for one in row] for row in rows]
        self.book = spreadsheet(self.google, [])
        sheet = self.book.sheet("People")
        for number, row in enumerate(plain):
            for column, value in enumerate(row):
                if value not in {None, ""}:
                    self.book.put(sheet, number, column, value)
        for number in hidden:
            sheet.row(number - 1).hidden_by_user = True
        return opened(self.google, self.book, look_seconds=0.0, trust_seconds=0.0)

    def change(self, row: int, column: int, value: Value) -> None:
        assert self.book is not None
        self.book.put(self.book.sheet("People"), row - 1, column - 1, value)
