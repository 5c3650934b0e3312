"""Microsoft Graph's drive items and Excel workbooks, and the sign-in, on this machine. See README.md."""

from tests.emulators.graph.authority import CLIENT_ID, CLIENT_SECRET, COLLEAGUE, ORGANISER, TENANT, App, SignInError
from tests.emulators.graph.book import Book, from_rows, texts
from tests.emulators.graph.coauthor import CoAuthor
from tests.emulators.graph.drive import Drive, Item, share_token
from tests.emulators.graph.emulator import EXCEL_LIMIT, GraphEmulator
from tests.emulators.graph.files import from_xlsx, to_xlsx
from tests.emulators.graph.sample import contest

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "COLLEAGUE",
    "EXCEL_LIMIT",
    "ORGANISER",
    "TENANT",
    "App",
    "Book",
    "CoAuthor",
    "Drive",
    "GraphEmulator",
    "Item",
    "SignInError",
    "contest",
    "from_rows",
    "from_xlsx",
    "share_token",
    "texts",
    "to_xlsx",
]
