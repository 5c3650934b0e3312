"""Who is calling, and what of a sheet they may edit."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.emulators.sheets.a1 import Area, area
from tests.emulators.sheets.errors import PROTECTED, forbidden, invalid, not_found
from tests.emulators.sheets.grid import Sheet, Spreadsheet

SPREADSHEETS = "https://www.googleapis.com/auth/spreadsheets"
DRIVE_FILE = "https://www.googleapis.com/auth/drive.file"
FULL = frozenset({SPREADSHEETS, "https://www.googleapis.com/auth/drive"})


@dataclass(frozen=True)
class Caller:
    """The account behind a request, the Cloud project of its key, and the scopes of its token."""

    email: str
    project: str = "cellback-tests"
    scopes: frozenset[str] = field(default_factory=lambda: frozenset({SPREADSHEETS}))


def check(book: Spreadsheet | None, who: Caller, kind: str) -> Spreadsheet:
    """The spreadsheet, for a "read" or a "write". Raises ApiError (403, 404).

    A token that holds only drive.file sees what its user has picked for this application, and nothing else.
    """
    if book is None or book.deleted:
        raise not_found()
    only_picked = DRIVE_FILE in who.scopes and not who.scopes & FULL
    if only_picked and who.email not in book.picked:
        raise not_found()
    role = book.roles.get(who.email) or book.roles.get("anyone")
    if role is None or (kind == "write" and role == "reader"):
        raise forbidden()
    return book


def may_edit(book: Spreadsheet, protection: dict[str, object], who: str) -> bool:
    """Whether the account may edit what a protected range covers."""
    editors = protection.get("editors")
    listed = editors.get("users", []) if isinstance(editors, dict) else []
    return bool(protection.get("warningOnly")) or book.roles.get(who) == "owner" or who in listed


def check_edit(book: Spreadsheet, sheet: Sheet, part: Area, who: str) -> None:
    """Raises ApiError (400) when a part of it is protected against that account."""
    for each in sheet.protected_ranges:
        covered = area(each.get("range") or {"sheetId": sheet.id})
        if not covered.meets(part) or may_edit(book, each, who):
            continue
        spared = [area(free) for free in each.get("unprotectedRanges", [])]
        whole = part.within(sheet.row_count, sheet.column_count)
        if not any(_inside(whole, free) for free in spared):
            raise invalid(PROTECTED)


def _inside(part: Area, outer: Area) -> bool:
    assert part.bottom is not None
    assert part.right is not None
    return outer.holds(part.top, part.left) and outer.holds(part.bottom - 1, part.right - 1)
