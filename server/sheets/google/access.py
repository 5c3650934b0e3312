"""Whether we may work in a spreadsheet, and what somebody has to do so that we may."""

from __future__ import annotations

from server.errors import CellbackError, NotFound, NotShared, PermanentError
from server.sheets.access import Access, Standing
from server.sheets.google import sentences
from server.sheets.google.client import Client, WriteInDoubt


def check(client: Client, spreadsheet: str) -> Access:
    """Read the title, then write nothing into one cell (`null` leaves it alone): only editors may do that."""
    try:
        answer = client.call("read", spreadsheet, "", None, fields="properties(title),sheets(properties(sheetId))")
        title = str(answer.get("properties", {}).get("title", ""))
        gid = answer["sheets"][0]["properties"].get("sheetId", 0)
        cell = {"sheetId": gid, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}
        nothing = {"valueInputOption": "RAW", "data": [{"dataFilter": {"gridRange": cell}, "values": [[None]]}]}
    except NotShared as error:
        return Access(Standing.NOT_SHARED, error.sentence, client.address)
    except NotFound as error:
        return Access(Standing.GONE, error.sentence, client.address)
    except PermanentError as error:
        return Access(Standing.REFUSED, error.sentence, client.address)
    except CellbackError as error:
        return Access(Standing.AWAY, error.sentence, client.address)
    try:
        client.call("write", spreadsheet, "/values:batchUpdateByDataFilter", nothing)
    except NotShared as error:
        return Access(Standing.VIEW_ONLY, error.sentence, client.address, title)
    except PermanentError as error:
        if not isinstance(error, sentences.Protected):
            return Access(Standing.REFUSED, error.sentence, client.address, title)
    except (CellbackError, WriteInDoubt):
        return Access(Standing.AWAY, f"{sentences.AWAY} Try again in a minute.", client.address, title)
    return Access(Standing.OK, f"Cellback may edit “{title}”.", client.address, title)
