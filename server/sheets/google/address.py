"""Addresses of spreadsheets and tabs: what people paste, what we keep, what leads back to a place in them."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from server.errors import InvalidInput

HOST = "docs.google.com"
_PATH = re.compile(r"/(?:a/[^/]+/)?spreadsheets/(?:u/\d+/)?d/(?:e/)?([\w-]+)", re.ASCII)
_GID = re.compile(r"gid[:=](\d{1,10})", re.ASCII)


class Address(NamedTuple):
    """A spreadsheet, and the tab that was open when its address was copied (None when it does not say)."""

    spreadsheet: str
    gid: int | None = None


def is_google(workbook: str) -> bool:
    """Whether that text is meant to be the address of a spreadsheet in Google Sheets."""
    try:
        parts = urlsplit(workbook.strip())
    except ValueError:  # brackets or letters that no address has
        return False
    return parts.scheme in {"http", "https"} and parts.hostname == HOST


def parse(workbook: str) -> Address:
    """The address in any of its forms (/edit#gid=7, ?gid=7#gid=7, /u/1/d/..., /copy). Raises InvalidInput."""
    parts = urlsplit(workbook.strip())
    found = _PATH.match(parts.path)
    if parts.hostname != HOST or not found:
        raise InvalidInput(
            "This is no address of a Google spreadsheet. Open it in the browser and copy the address from there: "
            "https://docs.google.com/spreadsheets/d/…",
            field="workbook",
        )
    if parts.path[found.start(1) - 2 : found.start(1)] == "e/":
        raise InvalidInput(
            "This address is a published copy, which can't be written to. Copy the address of the spreadsheet itself.",
            field="workbook",
        )
    gid = _GID.search(parts.fragment) or _GID.search(f"gid={parse_qs(parts.query).get('gid', [''])[0]}")
    return Address(found[1], int(gid[1]) if gid else None)


def canonical(spreadsheet: str) -> str:
    """The one form in which a spreadsheet is kept in the ledger."""
    return f"https://{HOST}/spreadsheets/d/{spreadsheet}"


def tab_name(gid: int) -> str:
    """The form in which a tab is kept: it outlives a renaming."""
    return f"gid:{gid}"


def tab_number(name: str) -> int | None:
    """The tab's number in `gid:7`, None for any other text (a title)."""
    found = _GID.fullmatch(name.strip())
    return int(found[1]) if found else None


def view_link(spreadsheet: str, gid: int, view: int) -> str:
    """Where a person sees the tab through one of its filter views."""
    return f"{canonical(spreadsheet)}/edit#gid={gid}&fvid={view}"
