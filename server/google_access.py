"""Wiring of all that lets people in from Google, and lets us work on their spreadsheets when they are away."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from server.config import Settings
from server.errors import ConfigError, InvalidInput, NotAllowed, NotShared
from server.ports import Access
from server.roles import people
from server.sheets.google.address import canonical, parse

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

    from server.identity.google import GoogleIdentity
    from server.identity.google_oauth import GoogleOAuth
    from server.identity.people import People

SCOPE = "https://www.googleapis.com/auth/spreadsheets"
KEPT = 256
"""Permissions whose access token is kept: each is good for an hour."""

SWITCHED_OFF = "Nobody comes in from Google here: whoever runs Cellback must set GOOGLE_IDENTITY_AUDIENCE first."


def spreadsheet_id(workbook: str) -> str:
    """The id in a spreadsheet's address, in any form that browsers show; "" for anything else."""
    try:
        return parse(workbook).spreadsheet
    except (ValueError, InvalidInput):
        return ""


class GoogleAccess:
    """Who may come in, by which account a spreadsheet is opened, and what people permitted."""

    def __init__(self, settings: Settings, access: Callable[[], Access]) -> None:
        self._settings = settings
        self._access = access
        self._lock = threading.Lock()
        self._permissions: dict[tuple[str, str], Credentials] = {}

    @cached_property
    def identity(self) -> GoogleIdentity:
        """Checks identity tokens. Raises NotAllowed while nobody comes in from Google."""
        from server.identity.google import GoogleIdentity

        audiences = self._settings.google_identity_audience.split()
        if not audiences:
            raise NotAllowed(SWITCHED_OFF)
        return GoogleIdentity(audiences, self._settings.google_certs_url)

    @cached_property
    def people(self) -> People:
        """Who may come in, and as what."""
        return people(self._settings)

    @cached_property
    def oauth(self) -> GoogleOAuth | None:
        """Where people give their own permission; None where the operator set up no such client."""
        from server.identity.google_oauth import GoogleOAuth

        settings = self._settings
        if not settings.google_oauth_client_id:
            return None
        return GoogleOAuth(
            client_id=settings.google_oauth_client_id,
            client_secret=settings.google_oauth_client_secret.get_secret_value(),
            scope=settings.google_oauth_scope,
            auth_url=settings.google_oauth_auth_url,
            token_url=settings.google_oauth_token_url,
            redirect_url=f"{settings.base_url}/google/callback",
        )

    @cached_property
    def oauth_identity(self) -> GoogleIdentity:
        """Checks the identity tokens that come with a permission. Only where there is `oauth`."""
        from server.identity.google import GoogleIdentity

        return GoogleIdentity([self._settings.google_oauth_client_id], self._settings.google_certs_url)

    @property
    def ready(self) -> bool:
        """Whether there is any way to open a spreadsheet."""
        return bool(self._settings.google_application_credentials or self._settings.google_oauth_client_id)

    @cached_property
    def account(self) -> str:
        """The address that people share their spreadsheets with; "" without a service account."""
        return str(self._key.get("client_email", "")) if self._key else ""

    @cached_property
    def service_account(self) -> Credentials | None:
        """Its credentials. Raises ConfigError when the key file can't be used."""
        if not self._key:
            return None
        from google.oauth2.service_account import Credentials as ServiceAccount

        try:
            made: Credentials = ServiceAccount.from_service_account_info(  # type: ignore[no-untyped-call]
                self._key, scopes=[SCOPE]
            )
        except ValueError as error:
            raise ConfigError([f"GOOGLE_APPLICATION_CREDENTIALS: {_KEY_FAULT}"]) from error
        return made

    @cached_property
    def _key(self) -> dict[str, str]:
        path = self._settings.google_application_credentials
        if not path:
            return {}
        try:
            with open(path, encoding="utf-8") as file:
                found = json.load(file)
        except OSError as error:
            raise ConfigError([f"GOOGLE_APPLICATION_CREDENTIALS: {path} can't be read ({error.strerror})."]) from error
        except ValueError as error:
            raise ConfigError([f"GOOGLE_APPLICATION_CREDENTIALS: {_KEY_FAULT}"]) from error
        if not isinstance(found, dict) or found.get("type") != "service_account":
            raise ConfigError([f"GOOGLE_APPLICATION_CREDENTIALS: {_KEY_FAULT}"])
        return found

    def credentials(self, spreadsheet: str, person: str = "") -> Credentials:
        """By what a spreadsheet (its id) is opened: a permission given for it, else the service account.

        With `person` their own permission counts before they proved anything, and nobody else's. Raises NotShared
        when there is neither; using them raises SignInAgain once a permission has ended.
        """
        workbook = canonical(spreadsheet)
        token = self._access().permission(workbook, person) if self.oauth else None
        if token is not None:
            return self._permission(workbook, token)
        if self.service_account is None:
            raise self.not_shared()
        return self.service_account

    def not_shared(self) -> NotShared:
        """What to do about it, in words."""
        if self.account:
            return NotShared(f"Share this spreadsheet with {self.account} as Editor.", account=self.account)
        if self.oauth:
            return NotShared("Sign in with Google, so that Cellback may work on this spreadsheet for you.")
        return NotShared(
            "Cellback has no Google account of its own yet: whoever runs it must set GOOGLE_APPLICATION_CREDENTIALS."
        )

    def _permission(self, workbook: str, token: str) -> Credentials:
        assert self.oauth is not None  # noqa: S101 - without it nothing was permitted
        with self._lock:
            if (workbook, token) not in self._permissions:
                while len(self._permissions) >= KEPT:
                    self._permissions.pop(next(iter(self._permissions)))
                self._permissions[workbook, token] = self.oauth.credentials(
                    token, lambda: self._access().withdraw(workbook, token)
                )
            return self._permissions[workbook, token]


_KEY_FAULT = "this is no key file of a service account (JSON, made in the Google Cloud console)."
