"""Wiring of workbooks in OneDrive and SharePoint: where an address leads, who opens it, one adapter a tab."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from server.config import Settings
from server.errors import CellbackError, InvalidInput, NotShared
from server.sheets.access import Access, Standing
from server.sheets.excel import sentences
from server.sheets.excel.access import check
from server.sheets.excel.address import Address, parse, share_id
from server.sheets.excel.book import Book, resolve
from server.sheets.excel.sheet import ExcelSheet, tabs
from server.sheets.excel.transport import Credentials, Transport

PATIENCE, BACKGROUND_PATIENCE = 20.0, 90.0
"""Seconds that a call may wait for its turn and for an answer, with a person behind it and without."""
TROUBLE_SECONDS = 10.0
"""How long workers take a refusal for the answer before they ask again. People who wait always ask."""
CALLS_A_MINUTE = 600
"""Of one workbook: Microsoft allows an app 1,500 requests in 10 s, and a call of ours has 20 at most."""
SHEETS = 256
"""Tabs kept open, and addresses that are known: each tab remembers the tables that it read last."""
KINDS = (".xlsx", ".xlsm")
"""What Excel on the web opens for Graph; a .xlsm is kept as one, macros and all."""


class Workbooks:
    """Opens tabs of workbooks. `credentials_for` tells by whom a workbook (its address) is opened, the same object for
    the same one; `background` callers wait longer, and ask less often where they were refused."""

    def __init__(
        self, settings: Settings, credentials_for: Callable[[str], Credentials], redis_url: str, *, background: bool
    ) -> None:
        self._settings = settings
        self._credentials_for = credentials_for
        self._redis_url = redis_url
        self._background = background
        self._lock = threading.RLock()
        self._addresses: dict[str, Address] = {}
        self._transports: dict[Credentials, Transport] = {}
        self._books: dict[tuple[Address, Transport], Book] = {}
        self._sheets: dict[tuple[Book, str, int | None], ExcelSheet] = {}

    def open(self, workbook: str, tab: str, header_row: int | None) -> ExcelSheet:
        """The tab (its id as `id:{...}`, or its title), the first visible one without a name.

        Raises NotFound, InvalidInput, NotShared, PermanentError, SheetUnavailable.
        """
        book = self._book(workbook)
        key = (book, tab, header_row)
        with self._lock:
            found = self._sheets.get(key)
        if found is None:
            trouble = TROUBLE_SECONDS if self._background else 0.0
            made = ExcelSheet(book, tab, header_row=header_row, trouble_seconds=trouble)
            with self._lock:
                found = self._sheets.setdefault((book, made.name, header_row), made)
                self._sheets[key] = found
                while len(self._sheets) > SHEETS:
                    self._sheets.pop(next(iter(self._sheets)))
        return found

    def titles(self, workbook: str) -> list[str]:
        """Titles of the visible tabs. Raises what `open` raises."""
        return [title for _, title in tabs(self._book(workbook))]

    def check(self, workbook: str) -> Access:
        """Whether Cellback may work there, with a sentence."""
        try:
            return check(self._book(workbook))
        except NotShared as error:
            return Access(Standing.NOT_SHARED, error.sentence)
        except CellbackError as error:
            return Access(Standing.AWAY, error.sentence)

    def close(self) -> None:
        """End the sessions, and give back the connections."""
        with self._lock:
            books, transports = list(self._books.values()), list(self._transports.values())
            self._books.clear()
            self._transports.clear()
            self._sheets.clear()
        for book in books:
            with suppress(CellbackError, TimeoutError):
                book.close()
        for transport in transports:
            transport.close()

    def _book(self, workbook: str) -> Book:
        from server.pacing import RedisBudget

        credentials = self._credentials_for(workbook)
        with self._lock:
            known = self._transports.pop(credentials, None)
            transport = known or Transport(credentials, self._settings.msgraph_base_url)
            self._transports[credentials] = transport  # the last one used is the last one to go
            self._forget_oldest()
        address = self._address(transport, workbook)
        with self._lock:
            book = self._books.get((address, transport))
            if book is None:
                budget = RedisBudget(
                    self._redis_url,
                    f"{address.drive}/{address.item}",
                    background=self._background,
                    per_minute=CALLS_A_MINUTE,
                    host="Excel",
                )
                patience = BACKGROUND_PATIENCE if self._background else PATIENCE
                book = self._books[address, transport] = Book(transport, address, budget, patience=patience)
            return book

    def _forget_oldest(self) -> None:
        """Let go of who was not needed for longest: each person who permitted something is one."""
        while len(self._transports) > SHEETS:
            gone = self._transports.pop(next(iter(self._transports)))
            self._books = {key: book for key, book in self._books.items() if key[1] is not gone}
            self._sheets = {key: sheet for key, sheet in self._sheets.items() if key[0].transport is not gone}
            gone.close()

    def _address(self, transport: Transport, workbook: str) -> Address:
        """The file that an address leads to, asked once. Raises InvalidInput for a file of another kind."""
        known = parse(workbook) or self._addresses.get(workbook.strip())
        if known is not None:
            return known
        path = f"/shares/{share_id(workbook)}/driveItem?$select=id,name,parentReference,file,folder"
        found = resolve(transport, path).body
        name = str(found.get("name", ""))
        if "folder" in found:
            raise InvalidInput(f"“{name}” is a folder. Use the address of the workbook in it.", field="workbook")
        if not name.lower().endswith(KINDS):
            raise sentences.no_workbook(name)
        drive = str((found.get("parentReference") or {}).get("driveId", ""))
        with self._lock:
            self._addresses[workbook.strip()] = address = Address(drive, str(found.get("id", "")))
            while len(self._addresses) > SHEETS:
                self._addresses.pop(next(iter(self._addresses)))
        return address
