"""Wiring of all that lets people in from Excel, and lets us work on their workbooks when they are away."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from server.config import Settings
from server.errors import CellbackError, NotAllowed, NotFound, NotShared, SignInToMicrosoft
from server.ports import Access, Clock
from server.roles import people

if TYPE_CHECKING:
    from server.identity.microsoft import Account, MicrosoftIdentity
    from server.identity.microsoft_permission import AppOnly, Delegated, Http
    from server.identity.microsoft_refusals import Registration
    from server.identity.people import People, PersonRole
    from server.sheets.excel.address import Address
    from server.sheets.excel.transport import Transport

LINK_MINUTES = 60
"""Minutes until a person who comes in proves again that they may edit a workbook. A session of theirs lasts as long."""

KEPT = 256
"""People whose access token is kept at hand: each is good for about an hour."""

SWITCHED_OFF = (
    "Nobody comes in from Excel here: whoever runs Cellback must set MSGRAPH_CLIENT_ID, MSGRAPH_CLIENT_SECRET and "
    "MSGRAPH_TENANT_ID first."
)
NOBODY = "Cellback may not work on this workbook for anybody yet. Open Cellback in the workbook and sign in."


class MicrosoftAccess:
    """Who may come in, by which account a workbook is opened, and what people permitted."""

    def __init__(self, settings: Settings, access: Callable[[], Access], clock: Clock) -> None:
        self._settings = settings
        self._access = access
        self._clock = clock
        self._lock = threading.Lock()
        self._people: dict[str, Delegated] = {}
        self._transports: dict[Delegated, Transport] = {}

    @property
    def ready(self) -> bool:
        """Whether all is set that it takes."""
        settings = self._settings
        return bool(settings.msgraph_client_id and settings.msgraph_client_secret.get_secret_value() and self.tenants)

    @property
    def tenants(self) -> list[str]:
        """Directories whose people may come in. The first one is the home of our app, where it works by itself."""
        return self._settings.msgraph_tenant_id.casefold().split()

    @cached_property
    def http(self) -> Http:
        """How Microsoft's sign-in is reached."""
        from server.identity.microsoft_permission import Http

        return Http()

    @cached_property
    def identity(self) -> MicrosoftIdentity:
        """Checks access tokens for our API. Raises NotAllowed while nobody comes in from Excel."""
        from server.identity.microsoft import MicrosoftIdentity

        if not self.ready:
            raise NotAllowed(SWITCHED_OFF)
        settings, client = self._settings, self._settings.msgraph_client_id
        ours = {client, f"api://{client}", f"api://{urlsplit(settings.base_url).netloc}/{client}"}
        further = settings.msgraph_audience.split()
        return MicrosoftIdentity({*ours, *further}, self.tenants, settings.msgraph_authority_url, self.http.fetch)

    @cached_property
    def people(self) -> People:
        """Who may come in, and as what."""
        return people(self._settings)

    @cached_property
    def registration(self) -> Registration:
        """Our app with Microsoft. Raises NotAllowed while it is not set up."""
        from server.identity.microsoft_refusals import Registration

        if not self.ready:
            raise NotAllowed(SWITCHED_OFF)
        settings = self._settings
        base, scope = urlsplit(settings.msgraph_base_url), settings.msgraph_scope
        # The emulator answers for Graph under the name that tokens are made for.
        resource = f"https://{base.netloc}" if base.scheme == "https" else "https://graph.microsoft.com"
        return Registration(
            client_id=settings.msgraph_client_id,
            client_secret=settings.msgraph_client_secret.get_secret_value(),
            authority=settings.msgraph_authority_url,
            graph=settings.msgraph_base_url,
            resource=resource,
            scope=scope if "://" in scope else f"{resource}/{scope}",
            back=f"{settings.base_url}/excel/signed-in",
        )

    def role(self, tenant: str, name: str) -> PersonRole | None:
        """As what somebody who came in once may do so now; None: no more."""
        return self.people.role_by_email(name) if tenant in self.tenants else None

    def enter(self, account: Account, access_token: str, url: str) -> str:
        """Let a person work on the workbook that is open in front of them, now and when they are away; its one form.

        Microsoft is asked in their own name which file that address is, and whether they may edit it. Raises NotShared,
        NotFound, InvalidInput, SignedOut, SignInToMicrosoft, ConsentNeeded, SheetUnavailable, PermanentError.
        """
        from server.sheets.excel.address import canonical
        from server.sheets.excel.proof import find, prove

        permission, access = self.permission(account), self._access()
        permission.open(access_token)
        transport = self._transport(permission)
        address: Address = find(transport, url)
        workbook = canonical(address)
        if not access.linked(account.key, workbook):
            prove(transport, address)
            access.link(account.key, workbook, self._clock.now() + timedelta(minutes=LINK_MINUTES))
            self._make_way(account, address)
        holder = _holder(account)
        if holder not in access.holders(workbook):
            access.permit(account.key, workbook, holder)
        return workbook

    def _make_way(self, account: Account, address: Address) -> None:
        """Work there no longer as those who came before and may edit it no more: this person is next."""
        from server.sheets.excel.address import canonical
        from server.sheets.excel.proof import prove

        workbook = canonical(address)
        for holder in self._access().holders(workbook):
            earlier = _account(holder)
            if earlier.key == account.key:
                return
            try:
                prove(self._transport(self.permission(earlier)), address)
                return
            except (NotShared, NotFound, SignInToMicrosoft):
                self._access().withdraw(workbook, holder)
            except CellbackError:
                return  # a bad moment says nothing

    def credentials(self, workbook: str) -> Delegated | AppOnly:
        """By what a workbook (in the form that we keep) is opened: by the permission of who came in there first and
        still may, or by our app alone where the operator chose that.

        Raises SignInToMicrosoft when there is nobody; using them may raise ConsentNeeded too, and SheetUnavailable.
        """
        if self._settings.msgraph_app_only:
            return self.app
        access = self._access()
        for holder in access.holders(workbook):
            account = _account(holder)
            if self.role(account.tenant, account.name) is not None and access.kept(account.key) is not None:
                return self.permission(account)
        raise SignInToMicrosoft(NOBODY)

    @cached_property
    def app(self) -> AppOnly:
        """Our app by itself."""
        from server.identity.microsoft_permission import AppOnly

        return AppOnly(self.registration, self.tenants[0], self.http)

    def check(self) -> str:
        """Ask Microsoft for a token in each directory, which tells whether app, secret and directory are right; where
        administrators agree. Raises NotAllowed for what is not set, SheetUnavailable that says what is wrong."""
        from server.identity.microsoft_permission import AppOnly

        registration = self.registration
        pages = [registration.consent_page(tenant) for tenant in self.tenants]
        if not self.people:
            raise NotAllowed(
                "CELLBACK_ALLOWED is empty, and so are CELLBACK_VIEWERS, CELLBACK_EDITORS and CELLBACK_SENDERS: nobody "
                "may come in from Excel."
            )
        for tenant in self.tenants:
            AppOnly(registration, tenant, self.http).token()
        return f"the app is known in its directory; if that is not done, an administrator agrees at {' '.join(pages)}"

    def permission(self, account: Account) -> Delegated:
        """What an account lets us do. Raises NotAllowed while nobody comes in from Excel."""
        from server.identity.microsoft_permission import Delegated, Kept

        key, access = account.key, self._access()
        with self._lock:
            known = self._people.pop(key, None)
            if known is None:
                kept = Kept(
                    load=lambda: access.kept(key),
                    keep=lambda cache: access.keep(key, account.name, cache),
                    renew=lambda cache: access.renew(key, cache),
                    forget=lambda cache: access.forget(key, cache),
                )
                known = Delegated(self.registration, account.tenant, kept, self.http)
            self._people[key] = known  # the last one used is the last one to go
            while len(self._people) > KEPT:
                gone = self._transports.pop(self._people.pop(next(iter(self._people))), None)
                if gone is not None:
                    gone.close()
            return known

    def close(self) -> None:
        """Give back connections."""
        with self._lock:
            for transport in self._transports.values():
                transport.close()
            self._transports.clear()

    def _transport(self, permission: Delegated) -> Transport:
        from server.sheets.excel.transport import Transport

        with self._lock:
            if permission not in self._transports:
                self._transports[permission] = Transport(permission, self._settings.msgraph_base_url)
            return self._transports[permission]


def _holder(account: Account) -> str:
    return json.dumps([account.tenant, account.oid, account.name])


def _account(holder: str) -> Account:
    from server.identity.microsoft import Account

    return Account(*json.loads(holder))
