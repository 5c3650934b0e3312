"""Addresses of workbooks in OneDrive and SharePoint, and of their tabs: what people paste, what we keep."""

from __future__ import annotations

import base64
import re
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from server.errors import InvalidInput

GRAPH = "graph.microsoft.com"
_HOSTS = {"1drv.ms", "onedrive.live.com", GRAPH}
_DOMAINS = (".sharepoint.com", ".sharepoint.us", ".sharepoint.cn", ".sharepoint-mil.us")
_ITEM = re.compile(r"/v1\.0/drives/([^/]+)/items/([^/]+)")
_TAB = re.compile(r"id:(\{[0-9A-Fa-f-]{36}\})")


class Address(NamedTuple):
    """A workbook as a file in a drive."""

    drive: str
    item: str

    @property
    def path(self) -> str:
        """Its path at Graph: never through a person's own drive, which the Excel service refuses (facts, 1.1)."""
        return f"/drives/{quote(self.drive, safe='!')}/items/{quote(self.item, safe='!')}"


def is_excel(workbook: str) -> bool:
    """Whether that text is meant to be the address of a file in OneDrive or SharePoint."""
    try:
        parts = urlsplit(workbook.strip())
    except ValueError:  # brackets or letters that no address has
        return False
    host = (parts.hostname or "").lower()
    return parts.scheme in {"http", "https"} and (host in _HOSTS or host.endswith(_DOMAINS))


def canonical(address: Address) -> str:
    """The one form in which a workbook is kept in the ledger."""
    return f"https://{GRAPH}/v1.0{address.path}"


def parse(workbook: str) -> Address | None:
    """The file that the form we keep names; None for any other address, which has to be resolved by Graph."""
    parts = urlsplit(workbook.strip())
    found = _ITEM.fullmatch(parts.path.rstrip("/"))
    if parts.hostname != GRAPH:
        return None
    if found is None:
        raise InvalidInput(
            "This is no address of a workbook. Open it in the browser and copy the address from there.",
            field="workbook",
        )
    return Address(unquote(found[1]), unquote(found[2]))


def share_id(url: str) -> str:
    """An address as Graph's /shares takes it (the guide “Accessing shared items”)."""
    plain = url.strip().partition("#")[0]
    return "u!" + base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def tab_name(worksheet: str) -> str:
    """The form in which a tab is kept: it outlives a renaming."""
    return f"id:{worksheet}"


def tab_id(name: str) -> str:
    """The worksheet's id in that form, "" for any other text (a title)."""
    found = _TAB.fullmatch(name.strip())
    return found[1] if found else ""
