"""Reads the proof that somebody may edit a spreadsheet: words that the sidebar wrote into its metadata (R17)."""

from __future__ import annotations

import requests
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import AuthorizedSession

from server.errors import NotShared, SheetUnavailable

KEY = "cellback-proof"
TIMEOUT = (5, 30)
MOST = 50
"""Proofs looked at: the sidebar takes its own away again, so there are few."""

WAIT = "Google did not answer for this spreadsheet. Try again in a minute."


def proofs(credentials: Credentials, base_url: str, spreadsheet_id: str) -> list[str]:
    """The words under our key in the spreadsheet's own metadata, newest last.

    One read. Raises NotShared when these credentials may not open it, SheetUnavailable without an answer, and what
    the credentials raise when they have ended.
    """
    lookup = {"metadataKey": KEY, "locationType": "SPREADSHEET"}
    body = {"dataFilters": [{"developerMetadataLookup": lookup}]}
    url = f"{base_url}/v4/spreadsheets/{spreadsheet_id}/developerMetadata:search"
    with AuthorizedSession(credentials, max_refresh_attempts=1) as session:  # type: ignore[no-untyped-call]
        try:
            answer = session.post(url, json=body, timeout=TIMEOUT, allow_redirects=False)
            found = answer.json() if answer.status_code == 200 else {}
        except (requests.RequestException, GoogleAuthError, ValueError) as error:
            raise SheetUnavailable(WAIT, detail=type(error).__name__) from None
    if answer.status_code in {403, 404}:
        raise NotShared("This spreadsheet is not shared with Cellback.", detail=f"HTTP {answer.status_code}")
    if answer.status_code != 200:
        raise SheetUnavailable(WAIT, detail=f"HTTP {answer.status_code}")
    entries = [one.get("developerMetadata", {}) for one in found.get("matchedDeveloperMetadata", [])]
    words = [one.get("metadataValue") for one in entries if one.get("metadataKey") == KEY]
    return [word for word in words if isinstance(word, str)][-MOST:]
