"""Wiring of spreadsheets in Google Sheets: which account opens one, its budget, and one adapter a tab."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from server.config import Settings
from server.errors import CellbackError, NotShared, SignInAgain
from server.google_access import GoogleAccess
from server.sheets.access import Access, Standing
from server.sheets.google import access
from server.sheets.google.address import parse
from server.sheets.google.client import Client
from server.sheets.google.sheet import GoogleSheet, tabs

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

PATIENCE, BACKGROUND_PATIENCE = 20.0, 90.0
"""Seconds that a call may wait for its turn and for an answer, with a person behind it and without."""

TROUBLE_SECONDS = 10.0
"""How long workers take a refusal for the answer before they ask again. People who wait always ask."""

SHEETS = 256
"""Tabs kept open: each remembers the tables that it read last."""


class Spreadsheets:
    """Opens tabs of spreadsheets. `background` callers leave part of the budget to people who wait."""

    def __init__(self, settings: Settings, google: GoogleAccess, redis_url: str, *, background: bool) -> None:
        self._settings = settings
        self._google = google
        self._redis_url = redis_url
        self._background = background
        self._lock = threading.RLock()
        self._clients: dict[int, tuple[Credentials, Client]] = {}
        self._sheets: dict[tuple[str, str, int | None, int | None], GoogleSheet] = {}

    def open(self, workbook: str, tab: str, header_row: int | None) -> GoogleSheet:
        """The tab (its number as `gid:7`, or its title); without one the one that the address names, else the first.

        Raises NotFound, NotShared, SheetUnavailable.
        """
        spreadsheet, gid = parse(workbook)
        client, key = self.client(spreadsheet), (spreadsheet, tab, None if tab else gid, header_row)
        with self._lock:
            found = self._sheets.get(key)
        if found is None:
            trouble = TROUBLE_SECONDS if self._background else 0.0
            made = GoogleSheet(client, spreadsheet, tab, gid=gid, header_row=header_row, trouble_seconds=trouble)
            named = (spreadsheet, made.name, None, header_row)
            with self._lock:
                found = self._sheets.setdefault(named, made)
                self._sheets[key] = found
                while len(self._sheets) > SHEETS:
                    self._sheets.pop(next(iter(self._sheets)))
        found.client = client  # whose permission counts may have changed since
        return found

    def titles(self, workbook: str) -> list[str]:
        """Titles of the visible tabs. Raises NotShared, SheetUnavailable."""
        spreadsheet = parse(workbook).spreadsheet
        return [title for _, title in tabs(self.client(spreadsheet), spreadsheet)]

    def check(self, workbook: str) -> Access:
        """Whether Cellback may work there, with a sentence. Raises InvalidInput for what is no address."""
        spreadsheet = parse(workbook).spreadsheet
        try:
            return access.check(self.client(spreadsheet), spreadsheet)
        except NotShared as error:
            return Access(Standing.NOT_SHARED, error.sentence, error.account)
        except CellbackError as error:
            return Access(Standing.AWAY, error.sentence, self._google.account)

    def client(self, spreadsheet: str) -> Client:
        """Calls by whatever account opens that spreadsheet now. Raises NotShared."""
        return self._by(self._google.credentials(spreadsheet), spreadsheet)

    def proofs(self, spreadsheet: str, person: str) -> list[str]:
        """The words that sidebars wrote into the spreadsheet, read for that person. Raises NotShared, SignInAgain,
        SheetUnavailable."""
        from server.sheets.google.proof import proofs

        theirs, ours = self._google.credentials(spreadsheet, person), self._google.service_account
        with suppress(NotShared, SignInAgain):
            return proofs(self._by(theirs, spreadsheet), spreadsheet)
        # Their permission does not reach it (drive.file) or has ended: it may be shared with our own account.
        if ours is None or theirs is ours:
            raise self._google.not_shared()
        try:
            return proofs(self._by(ours, spreadsheet), spreadsheet)
        except NotShared:
            raise self._google.not_shared() from None

    def _by(self, credentials: Credentials, spreadsheet: str) -> Client:
        from server.pacing import RedisBudget

        with self._lock:
            known = self._clients.get(id(credentials))
            if known is None:
                account = str(getattr(credentials, "service_account_email", "") or "")
                name = account or str(getattr(credentials, "refresh_token", "")) or spreadsheet
                known = self._clients[id(credentials)] = (
                    credentials,
                    Client(
                        credentials,
                        RedisBudget(self._redis_url, name, background=self._background),
                        base_url=self._settings.google_sheets_base_url,
                        patience=BACKGROUND_PATIENCE if self._background else PATIENCE,
                    ),
                )
            return known[1]
