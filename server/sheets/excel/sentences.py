"""What Graph says when it refuses, as one of our errors with a sentence that tells whom to ask for what."""

from __future__ import annotations

from server.errors import CellbackError, InvalidInput, NotFound, NotShared, PermanentError, SheetUnavailable
from server.sheets.excel.transport import Reply

AWAY = "Excel does not answer for now."
BUSY = "Microsoft asks for a pause: there were too many requests to this workbook."
LATER = "Nothing is lost: it is tried again."


class TabGone(NotFound):
    """The tab was deleted."""


class WorkbookGone(NotFound):
    """The file was deleted, or moved to another drive."""


class Protected(PermanentError):
    """Cells that we have to write to are locked."""


def unavailable(sentence: str, after: float | None = None, detail: str = "") -> SheetUnavailable:
    """Not now; nothing is lost."""
    return SheetUnavailable(f"{sentence} {LATER}", retry_after=after, detail=detail)


def refused(reply: Reply, *, write: bool = False) -> CellbackError:
    """The error for an answer that will not get better by asking again."""
    codes = reply.codes
    detail = f"{reply.status} {' '.join(codes)}"[:200]
    if _says(codes, "fileopenuserunauthorized") or "WAC access token" in reply.message:
        return open_unauthorized(detail)
    if reply.status == 401:
        return PermanentError(
            "Microsoft does not accept Cellback's credentials. Ask the operator to look at the app registration and "
            "its secret, or sign in again in the panel.",
            whole_campaign=True,
            detail=detail,
        )
    if _says(codes, "accessconflict") or _says(codes, "sessionaccessconflict") or reply.status == 423:
        return locked(detail)
    if _says(codes, "unsupportedworkbook"):
        return PermanentError(
            "Excel on the web can't open this workbook: it has a password, is larger than 100 MB, is of an old kind, "
            "or lies in a personal OneDrive. Save a copy without a password as .xlsx in OneDrive for work or school, "
            "or in SharePoint, and use that one.",
            whole_campaign=True,
            detail=detail,
        )
    if reply.status == 403:
        return view_only(detail) if write else not_shared(detail)
    if reply.status in {404, 410}:
        return gone(detail)
    if _says(codes, "insertdeleteconflict"):
        return PermanentError(
            "There is no room right of the table: another table or a filter is in the way. Move it, and go on.",
            whole_campaign=True,
            detail=detail,
        )
    if reply.status == 413 or _says(codes, "rangeexceedslimit"):
        return PermanentError(
            "The sheet is too large to be read in one piece. Delete the empty rows and columns around the table.",
            whole_campaign=True,
            detail=detail,
        )
    return PermanentError("Excel refused the change. The operator finds the reason in the log.", detail=detail)


def open_unauthorized(detail: str = "") -> NotShared:
    """`FileOpenUserUnauthorized`: the Excel service opens this file not for this identity."""
    return NotShared(
        "Excel on the web does not open this workbook for Cellback's account (FileOpenUserUnauthorized). An account "
        "without an Excel licence, an app that works without a signed-in person (which Microsoft does not document "
        "for workbooks), and a file that may not be opened in the browser all come to this. Open it in Excel on the "
        "web once as that person, or sign in with an account that may edit it there.",
        detail=detail,
    )


def not_shared(detail: str = "") -> NotShared:
    """We may not look."""
    return NotShared(
        "Cellback may not open this workbook. Share it with the account that Cellback works as, with editing; for an "
        "app with Sites.Selected the operator grants it the site.",
        detail=detail,
    )


def view_only(detail: str = "") -> NotShared:
    """We may look and not write."""
    return NotShared(
        "Cellback may only look at this workbook: it is read-only for the account that Cellback works as. Share it "
        "again with editing, and use that link.",
        detail=detail,
    )


def locked(detail: str = "") -> SheetUnavailable:
    """Somebody has it for themselves alone."""
    return unavailable(
        "Somebody has the workbook checked out, or open in a program that locks it. Check it in, or close it there.",
        None,
        detail,
    )


def protected(detail: str = "") -> Protected:
    """The sheet is protected."""
    return Protected(
        "Cells that Cellback has to write to are locked: the sheet is protected (Review, Unprotect Sheet). Take the "
        "protection away, or unlock Cellback's columns.",
        whole_campaign=True,
        detail=detail,
    )


def gone(detail: str = "") -> WorkbookGone:
    """No such file for us."""
    return WorkbookGone(
        "The workbook is not where it was: it was deleted, or moved to another library. Bring it back, or open it in "
        "its new place and start from there.",
        detail=detail,
    )


def tab_gone(detail: str = "") -> TabGone:
    """The tab that a campaign lives in is no longer there."""
    return TabGone(
        "The sheet was deleted from the workbook. Bring it back (File, Info, Version History).", detail=detail
    )


def no_workbook(name: str) -> InvalidInput:
    """A file of another kind."""
    return InvalidInput(
        f"“{name}” is no .xlsx workbook. Open it in Excel, save it as .xlsx, and use that file's address.",
        field="workbook",
    )


def _says(codes: list[str], word: str) -> bool:
    return any(code == word or code.endswith(word) for code in codes)
