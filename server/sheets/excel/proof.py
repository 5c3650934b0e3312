"""Which file an address leads a person to, and proof that they may edit it: Microsoft is asked in their own name."""

from __future__ import annotations

import time
from collections.abc import Callable

from server.errors import NotFound, NotShared
from server.sheets.excel import sentences
from server.sheets.excel.address import Address, share_id
from server.sheets.excel.book import Next, next_of, resolve
from server.sheets.excel.transport import Transport

TRIES = 3
SUFFIXES = (".xlsx", ".xlsm")


def find(transport: Transport, url: str) -> Address:
    """The file behind an address that a browser shows, or a sharing link.

    Raises InvalidInput for no workbook, NotShared, NotFound, PermanentError, SheetUnavailable, and what the
    credentials raise.
    """
    try:
        found = resolve(transport, f"/shares/{share_id(url)}/driveItem?$select=id,name,parentReference").body
    except NotShared as error:
        raise NotShared(
            "Microsoft does not let you open this workbook with the account that you signed in with. Ask its owner "
            "to share it with you, with editing.",
            detail=error.detail,
        ) from None
    except NotFound as error:
        raise NotFound(
            "Microsoft finds no workbook at this address that you may open. Save it in OneDrive for work or school, "
            "or in SharePoint, and open it there.",
            detail=error.detail,
        ) from None
    name, drive = str(found.get("name", "")), (found.get("parentReference") or {}).get("driveId")
    if not name.lower().endswith(SUFFIXES) or not drive or not found.get("id"):
        raise sentences.no_workbook(name or "This")
    return Address(str(drive), str(found["id"]))


def prove(transport: Transport, address: Address, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Open a session that may write, and close it: only who may edit the workbook gets one.

    Raises NotShared when they may only look, SheetUnavailable, PermanentError, and what the credentials raise.
    """
    path = f"{address.path}/workbook"
    for attempt in range(TRIES):
        reply = transport.send("POST", f"{path}/createSession", {"persistChanges": True})
        if reply.ok and reply.body.get("id"):
            transport.send("POST", f"{path}/closeSession", {}, {"workbook-session-id": str(reply.body["id"])})
            return
        if next_of(reply) is Next.STOP:
            raise sentences.refused(reply, write=True)
        if attempt < TRIES - 1:
            sleep(min(4.0, reply.after or 2.0**attempt))
    raise sentences.unavailable(sentences.AWAY)
