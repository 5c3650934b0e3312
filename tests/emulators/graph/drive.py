"""Drives, folders and files, with the tags that change, the links that lead to them, and who may do what."""

from __future__ import annotations

import base64
import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.emulators.graph.book import Book
from tests.emulators.graph.errors import GraphError, item_not_found, malformed

MIME = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    "xls": "application/vnd.ms-excel",
}


@dataclass
class Item:
    """A file (it has a book) or a folder. What a test may set is below the line."""

    name: str
    drive: Drive
    parent: Item | None
    id: str
    guid: str
    created: datetime
    changed: datetime
    by: str = ""
    book: Book | None = None
    folder: bool = False
    tags: int = 1
    content_tags: int = 1
    # What a test may set:
    deleted: bool = False
    read_only: bool = False
    """Writing is refused: a view link, or a reader's permission."""
    readers: set[str] | None = None
    """Object ids (of people or apps) that may open it; None: everybody."""
    checked_out_by: str = ""
    """The object id of the person who has it checked out; other people can't write."""
    locked: bool = False
    """Another client has it open for itself alone."""
    opened: int = 0
    """How many people have it open in Excel, beside the sessions; no upload passes then."""
    refuses: bool = False
    """FileOpenUserUnauthorized for whatever concerns the workbook."""
    password: bool = False
    megabytes: float = 0.02

    @property
    def etag(self) -> str:
        return f'"{{{self.guid}}},{self.tags}"'

    @property
    def ctag(self) -> str:
        return f'"c:{{{self.guid}}},{self.content_tags}"'

    @property
    def extension(self) -> str:
        return self.name.rpartition(".")[2].lower()

    @property
    def path(self) -> str:
        """Below the drive's root, from its first slash on; "" for the root."""
        return f"{self.parent.path}/{self.name}" if self.parent else ""

    @property
    def url(self) -> str:
        """`webUrl`: where it lies in the browser."""
        if self.drive.kind == "personal":
            return f"https://onedrive.live.com/edit.aspx?resid={self.id}"
        return self.drive.url + quote(self.path)

    def touch(self, now: datetime, by: str, *, content: bool) -> None:
        """Something changed: new tags."""
        self.tags += 1
        self.content_tags += content
        self.changed, self.by = now, by


@dataclass
class Drive:
    """`kind` is personal, business (OneDrive) or documentLibrary (SharePoint)."""

    id: str
    kind: str
    url: str
    owner: str = ""
    """Object id of the owner of a OneDrive."""
    site: str = ""
    """Site id of a library."""
    site_path: str = ""
    workbooks: bool = True
    """Whether the Excel service serves it at all."""
    grants: dict[str, str] = field(default_factory=dict)
    """App id -> role, for apps that have only a grant on this site."""
    items: dict[str, Item] = field(default_factory=dict)

    @property
    def root(self) -> Item:
        return next(item for item in self.items.values() if item.parent is None)

    def item(self, key: str) -> Item:
        """By id, or GraphError; `root` is the root."""
        found = self.root if key == "root" else self.items.get(key)
        if found is None or found.deleted:
            raise item_not_found()
        return found

    def at(self, path: str) -> Item:
        """By path below the root, or GraphError."""
        wanted = "/" + path.strip("/") if path.strip("/") else ""
        for item in self.items.values():
            if not item.deleted and item.path.casefold() == wanted.casefold():
                return item
        raise item_not_found()

    def children(self, folder: Item) -> list[Item]:
        """What lies in a folder."""
        return [item for item in self.items.values() if item.parent is folder and not item.deleted]

    def add(self, name: str, now: datetime, *, parent: Item | None = None, book: Book | None = None) -> Item:
        """A file when it has a book, else a folder."""
        guid = str(uuid.uuid4()).upper()
        token = base64.b32encode(hashlib.sha256(guid.encode()).digest()).decode()[:28]
        item_id = f"{self.id[:16].upper()}!{len(self.items) + 101}" if self.kind == "personal" else "01" + token
        folder = book is None
        parent = parent or (self.root if self.items else None)
        item = Item(name, self, parent, item_id, guid, now, now, self.owner, book, folder)
        self.items[item.id] = item
        return item


def share_token(url: str) -> str:
    """The `u!...` form in which /shares takes an address."""
    return "u!" + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


class Links:
    """Addresses that people paste: sharing links and what the browser's address bar shows."""

    def __init__(self) -> None:
        self._links: dict[str, Item] = {}
        self._needs: set[str] = set()

    def make(self, item: Item, *, redeem: bool = False) -> str:
        """A sharing link as the host of its drive writes them. With `redeem` it must be redeemed before it opens."""
        secret = hashlib.sha256(f"{item.guid}{len(self._links)}".encode()).hexdigest()
        parts = urlsplit(item.drive.url)
        if item.drive.kind == "personal":
            link = f"https://1drv.ms/x/s!A{secret[:20]}"
        elif item.drive.kind == "business":
            link = (
                f"https://{parts.netloc}/:x:/g/{parts.path.strip('/').rsplit('/', 1)[0]}/E{secret[:44]}?e={secret[:6]}"
            )
        else:
            site = parts.path.strip("/").rsplit("/", 1)[0].removeprefix("sites/")
            link = f"https://{parts.netloc}/:x:/s/{site}/E{secret[:44]}?e={secret[:6]}"
        self._links[_plain(link)] = item
        if redeem:
            self._needs.add(_plain(link))
        return link

    def addresses(self, item: Item) -> list[str]:
        """Where the browser shows the file."""
        if item.drive.kind == "personal":
            return [item.url, f"https://onedrive.live.com/redir?resid={quote(item.id)}&authkey=!A1"]
        site = item.drive.url.rsplit("/", 1)[0]
        name, guid = quote(item.name), quote("{" + item.guid + "}")
        return [
            item.url,
            item.url + "?web=1",
            f"{site}/_layouts/15/Doc.aspx?sourcedoc={guid}&file={name}&action=default&mobileredirect=true",
        ]

    def resolve(self, token: str, drives: list[Drive], *, redeem: bool) -> Item:
        """The item of a share token. Raises GraphError."""
        if not token.startswith("u!"):
            raise GraphError(400, "invalidRequest", "The sharing token is invalid.")
        try:
            body = token[2:]
            url = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True).decode()
        except ValueError:
            raise malformed("The sharing token is invalid.") from None
        plain = _plain(url)
        if plain in self._needs and not redeem:
            raise GraphError(403, "accessDenied", "The sharing link no longer exists, or you do not have permission.")
        found = self._links.get(plain) or self._direct(url, drives)
        if found is None or found.deleted:
            raise item_not_found("The sharing link no longer exists, or you do not have permission to access it.")
        return found

    def _direct(self, url: str, drives: list[Drive]) -> Item | None:
        query: dict[str, Any] = {key.lower(): value[0] for key, value in parse_qs(urlsplit(url).query).items()}
        for drive in drives:
            for item in drive.items.values():
                if drive.kind == "personal" and query.get("resid", "").casefold() == item.id.casefold():
                    return item
                if query.get("sourcedoc", "").strip("{}").casefold() == item.guid.casefold():
                    return item
                if not item.deleted and _plain(unquote(item.url)) == _plain(unquote(url)):
                    return item
        return None


def _plain(url: str) -> str:
    """An address without what does not matter in it."""
    parts = urlsplit(url)
    query = parts.query if "resid=" in parts.query or "sourcedoc=" in parts.query else ""
    return f"{parts.netloc.lower()}{parts.path.rstrip('/').casefold()}?{query}"
