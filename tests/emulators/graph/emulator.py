"""The emulator: what stands behind the wire, and the switches that a test may set."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.emulators.graph import contract, odata, tokens
from tests.emulators.graph.authority import CLIENT_ID, COLLEAGUE, ORGANISER, TENANT, Authority, Person
from tests.emulators.graph.book import Book
from tests.emulators.graph.call import Call, Reply
from tests.emulators.graph.coauthor import CoAuthor
from tests.emulators.graph.drive import Drive, Item, Links, share_token
from tests.emulators.graph.errors import GraphError, item_not_found
from tests.emulators.graph.faults import Script
from tests.emulators.graph.log import Log
from tests.emulators.graph.server import Listener
from tests.emulators.graph.sessions import Operation, Sessions
from tests.emulators.graph.way import Way

EXCEL_LIMIT = 1500
"""Requests that Microsoft allows an app to send to the Excel service of one tenant in ten seconds."""


@dataclass
class Limits:
    """What the service bears. The throttling counters are off unless set, since tests are quicker than a network."""

    per_app: int | None = None
    """Requests to workbooks in a window, from one app in one tenant."""
    window: float = 10.0
    body: int = 5_000_000
    cells: int = 5_000_000
    batch: int = 20


class GraphEmulator:
    """Microsoft Graph and the sign-in before it: `with GraphEmulator() as graph: ... graph.url ... graph.log`."""

    def __init__(self, *, port: int = 0, sign_in_port: int = 0, seed: int = 0) -> None:
        self.people = {
            ORGANISER: Person(ORGANISER, "Organiser", "organiser@contoso.example"),
            COLLEAGUE: Person(COLLEAGUE, "Colleague", "colleague@contoso.example"),
        }
        self.limits = Limits()
        self.over_filters = "shift"
        """Where a block lands over hidden rows: `shift`, `first` or `right` (see `writing.placed`)."""
        self.format_first = False
        """Whether number formats of a PATCH are in place before its values are read. Nobody documents it."""
        self.auto_extend = True
        """Whether a table takes in what is written right below or beside it."""
        self.app_only_workbooks = True
        """Whether the Excel service opens files for an app by itself; undocumented, so it may stop."""
        self.slow_operations = 0.0
        """Seconds that `Prefer: respond-async` takes; 0: it answers at once."""
        self.operation_error: GraphError | None = None
        """What such an operation comes to, instead of a result."""
        self.log, self.script, self.sessions, self.links = Log(), Script(), Sessions(), Links()
        self.drives: list[Drive] = []
        self.broken: list[str] = []
        """Faults of the emulator's own: leaving the `with` raises them."""
        self.authority = Authority(self.people, lambda: time.time() + self._ahead)
        self.lock = threading.RLock()
        self.chance = random.Random(seed)
        self._ahead = 0.0
        self._way = Way(self)
        self._graph = Listener(self._way.answer, port)
        self._sign_in = Listener(self._way.answer, sign_in_port, tls=True)
        tenant = "https://contoso"
        me = "organiser_contoso_example"
        self.business = self._drive("b!business", "business", f"{tenant}-my.sharepoint.com/personal/{me}/Documents")
        self.library = self._drive("b!library", "documentLibrary", f"{tenant}.sharepoint.com/sites/Events/Documents")
        self.library.site = f"contoso.sharepoint.com,{TENANT},{TENANT}"
        self.library.site_path = "contoso.sharepoint.com:/sites/Events"
        self.personal = self._drive("1a2b3c4d5e6f7a8b", "personal", "https://onedrive.live.com")
        self.personal.workbooks = False

    def __enter__(self) -> GraphEmulator:
        self._graph.start()
        self._sign_in.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._graph.stop()
        self._sign_in.stop()
        if self.broken and kind is None:
            raise AssertionError("The emulator failed:\n" + "\n".join(self.broken))

    # Addresses and credentials

    @property
    def url(self) -> str:
        """What MSGRAPH_BASE_URL would say."""
        return f"http://127.0.0.1:{self._graph.port}/v1.0"

    @property
    def authority_url(self) -> str:
        """The tenant's authority, over TLS since MSAL takes nothing else; trust `ca_file`."""
        return f"{self.sign_in}/{TENANT}"

    @property
    def sign_in(self) -> str:
        """The sign-in's host."""
        return f"https://localhost:{self._sign_in.port}"

    @property
    def ca_file(self) -> Path:
        """The certificate to trust, in PEM."""
        return self._sign_in.ca_file

    def access_token(
        self,
        audience: str = CLIENT_ID,
        scopes: tuple[str, ...] = ("access_as_user",),
        tenant: str = TENANT,
        oid: str = ORGANISER,
        *,
        expires_in: float = 3600,
        rogue: bool = False,
        **claims: Any,
    ) -> str:
        """A token for an app of our own, as its pane would bring it. `rogue` signs with a key nobody published.

        Further claims replace those that the authority would set (`iss`, `upn`, `ver`, ...); None leaves one out.
        """
        person = self.people.get(oid) or Person(oid, "Somebody", "somebody@contoso.example")
        token = self.authority.own_token(audience, list(scopes), person, self.sign_in, TENANT)
        found = tokens.claims_of(token) | {"tid": tenant, "iss": self.authority.issuer(self.sign_in, tenant)}
        found["exp"] = int(time.time() + self._ahead + expires_in)
        found = {name: value for name, value in (found | claims).items() if value is not None}
        return (tokens.Signer("rogue") if rogue else self.authority.signer).sign(found)

    def graph_token(
        self,
        scopes: tuple[str, ...] = ("Files.ReadWrite.All",),
        oid: str = ORGANISER,
        *,
        app_only: bool = False,
        expires_in: float = 3600,
    ) -> str:
        """A token for Graph, without the sign-in."""
        claims = tokens.graph_claims(
            tenant=TENANT,
            app=CLIENT_ID,
            oid="" if app_only else oid,
            upn=self.people[oid].upn,
            scopes=list(scopes),
            at=time.time() + self._ahead,
            lifetime=expires_in,
        )
        return self.authority.signer.sign(claims)

    # State

    def add(self, book: Book, name: str = "Contestants.xlsx", drive: Drive | None = None, folder: str = "") -> Item:
        """A workbook in a drive (the organiser's own unless said otherwise), in a folder that is made when missing."""
        drive = drive or self.business
        parent = drive.root
        for part in [part for part in folder.split("/") if part]:
            found = [each for each in drive.children(parent) if each.name == part]
            parent = found[0] if found else drive.add(part, self.now(), parent=parent)
        return drive.add(name, self.now(), parent=parent, book=book)

    def colleague(self, item: Item) -> CoAuthor:
        """The person who works in that workbook at the same time."""
        return CoAuthor(self, item)

    def clock(self) -> float:
        """Seconds that only run forward; `advance` moves them on."""
        return time.monotonic() + self._ahead

    def now(self) -> datetime:
        """The present moment as the service sees it."""
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def advance(self, seconds: float) -> None:
        """Let time pass at once: sessions and tokens expire."""
        self._ahead += seconds

    def drive(self, key: str) -> Drive:
        """By id, or GraphError."""
        for drive in self.drives:
            if drive.id == key:
                return drive
        raise item_not_found()

    def drive_of(self, oid: str) -> Drive:
        """The OneDrive of a person, or GraphError."""
        for drive in self.drives:
            if drive.kind == "business" and drive.owner == oid:
                return drive
        raise item_not_found()

    def person_id(self, key: str) -> str:
        """Of an object id or a sign-in name, or GraphError."""
        for person in self.people.values():
            if key.casefold() in (person.oid, person.upn):
                return person.oid
        raise item_not_found()

    def site(self, key: str) -> Drive:
        """The library of a site, by id or `host:/path`, or GraphError."""
        for drive in self.drives:
            if drive.site and key.rstrip(":").casefold() in (drive.site.casefold(), drive.site_path.casefold()):
                return drive
        raise item_not_found()

    def item_url(self, call: Call) -> str:
        """The address of the file that a request is about."""
        assert call.item is not None
        return f"{call.base}/drives/{call.item.drive.id}/items/{call.item.id}"

    def download_url(self, item: Item) -> str:
        """Where the bytes of a file are fetched, without a token."""
        return f"http://127.0.0.1:{self._graph.port}/download/{item.guid}"

    def share_id(self, url: str) -> str:
        """The share token of an address."""
        return share_token(url)

    def later(self, call: Call, resource: str, result: dict[str, Any]) -> Operation:
        """An operation that takes its time."""
        assert call.item is not None
        key = f"{self.chance.getrandbits(64):016x}"
        operation = Operation(key, call.item.id, self.clock() + self.slow_operations, resource, result)
        operation.error = self.operation_error
        self.sessions.operations[key] = operation
        return operation

    def operation_url(self, call: Call, operation: Operation) -> str:
        """Where to ask how it goes."""
        return f"{self.item_url(call)}/workbook/operations/{operation.id}"

    def collection(self, call: Call, kind: str, bodies: list[dict[str, Any]]) -> Reply:
        """A collection of a published type. Raises AssertionError when we got it wrong."""
        for body in bodies[:3]:
            wrong = contract.faults(kind, body)
            assert not wrong, wrong
        context = {"@odata.context": f"{call.base}/$metadata#{kind}"}
        return Reply(200, context | odata.page(bodies, call.query, call.base + quote(call.path, safe="/()=',:!$")))

    def _drive(self, key: str, kind: str, url: str) -> Drive:
        drive = Drive(key, kind, url, owner=ORGANISER if kind != "documentLibrary" else "")
        drive.add("root", self.now())
        self.drives.append(drive)
        return drive
