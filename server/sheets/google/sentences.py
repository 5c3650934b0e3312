"""What Google says when it refuses, as one of our errors with a sentence that tells whom to ask for what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from server.errors import CellbackError, NotFound, NotShared, PermanentError, SheetUnavailable

AWAY = "Google Sheets does not answer for now."
BUSY = "Google Sheets allows only so many calls a minute, and they are used up."

_PROTECTED = re.compile(r"protected", re.IGNORECASE)
_FULL = re.compile(r"above the limit of \d+ cells|workbook above the limit", re.IGNORECASE)
_NO_TAB = re.compile(r"no grid with id|unable to parse range|no sheet with id", re.IGNORECASE)
_NO_FILE = re.compile(r"not supported for this document|office file", re.IGNORECASE)


class TabGone(NotFound):
    """The tab was deleted."""


def share_with(address: str) -> str:
    """What to do so that we may read and write; `address` is the service account's, "" for a person's permission."""
    if address:
        return f"Share the spreadsheet with {address} as Editor."
    return "Open Cellback in it and sign in with a Google account that may edit it."


def refused(status: int, error: Mapping[str, Any], address: str, *, write: bool) -> CellbackError:
    """The error for an answer that will not get better by asking again."""
    said = str(error.get("message", ""))
    detail = f"{status} {error.get('status', '')}"
    if status == 404:
        return NotShared(
            f"There is no such spreadsheet, or it is not shared with Cellback. {share_with(address)}",
            account=address,
            detail=detail,
        )
    if status == 403:
        return _forbidden(said, error, address, detail, write=write)
    if status == 401:
        return PermanentError(
            "Google does not accept Cellback's credentials any more. Ask the operator to renew them, "
            "or sign in again in the sidebar.",
            whole_campaign=True,
            detail=detail,
        )
    if _PROTECTED.search(said):
        return protected(address, detail)
    if _FULL.search(said):
        return PermanentError(
            "The spreadsheet has reached Google's limit of 10 million cells. Delete empty rows, columns or tabs, "
            "and go on.",
            whole_campaign=True,
            detail=detail,
        )
    if _NO_TAB.search(said):
        return tab_gone(detail)
    if _NO_FILE.search(said):
        return PermanentError(
            "This is an Excel file that Google only shows. Save it as a Google spreadsheet (File, Save as Google "
            "Sheets), and use that one's address.",
            whole_campaign=True,
            detail=detail,
        )
    return PermanentError(
        "Google Sheets refused the change. The operator finds the reason in the log.", detail=f"{detail} {shape(said)}"
    )


def tab_gone(detail: str = "") -> TabGone:
    """The tab that a campaign lives in is no longer there."""
    return TabGone("The tab was deleted from the spreadsheet. Bring it back (File, Version history).", detail=detail)


def _forbidden(said: str, error: Mapping[str, Any], address: str, detail: str, *, write: bool) -> CellbackError:
    reasons = {str(one.get("reason", "")) for one in error.get("details", ()) if isinstance(one, Mapping)}
    if reasons & {"SERVICE_DISABLED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}:
        return PermanentError(
            "The Google Sheets API is not switched on for Cellback's Google Cloud project, or its permission does not "
            "reach it. Ask the operator to switch it on.",
            whole_campaign=True,
            detail=f"{detail} {' '.join(sorted(reasons))}",
        )
    if _PROTECTED.search(said):
        return protected(address, detail)
    if write:
        return view_only(address, detail)
    return NotShared(
        f"The spreadsheet is not shared with Cellback. {share_with(address)}", account=address, detail=detail
    )


def view_only(address: str, detail: str = "") -> NotShared:
    """We may look and not write."""
    return NotShared(
        f"Cellback may only look at this spreadsheet. {share_with(address)}", account=address, detail=detail
    )


class Protected(PermanentError):
    """Somebody protected cells that we have to write to."""


def protected(address: str, detail: str = "") -> Protected:
    """That error, with whom to let in."""
    return Protected(
        "Cells that Cellback has to write to are protected in the spreadsheet (Data, Protect sheets and ranges). "
        f"Take that protection away, or let {address or 'the signed-in account'} edit there.",
        whole_campaign=True,
        detail=detail,
    )


def unavailable(sentence: str, retry_after: float | None, detail: str) -> SheetUnavailable:
    """Not now; nothing is lost."""
    return SheetUnavailable(sentence, retry_after=retry_after, detail=detail)


def shape(said: str) -> str:
    """A message of Google's for the log, without what it may quote: texts, addresses, numbers of more than 6 digits."""
    return re.sub(r'"[^"]*"|\'[^\']*\'|\S+@\S+|\d{7,}', "…", said)[:200]
