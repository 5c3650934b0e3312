"""Access tokens for Graph, by MSAL: on behalf of a person who came in, renewed when they are away; or as our own app.

No token made here ever leaves the server. `to_error` is the one place that knows what Microsoft's refusals mean.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msal
import requests

from server.errors import SheetUnavailable, SignInToMicrosoft
from server.identity.microsoft_refusals import Registration, ended, to_error, unreachable
from server.identity.published import Fetched, Unreachable

logging.getLogger("msal").setLevel(logging.INFO)  # below that it writes people's ids into the log

TIMEOUT = (5.0, 30.0)
EARLY = 300.0
"""Seconds before its end that a token is used no more."""

AGAIN = "Microsoft no longer lets Cellback work on this workbook. Open Cellback in the workbook and sign in again."


class Http:
    """What MSAL asks of a client: no redirects (they would carry our secret along), and a limit to every wait.

    `verify` names certificates to trust in place of the usual ones.
    """

    def __init__(self, verify: str | bool = True) -> None:
        self._verify = verify

    def get(self, url: str, **more: Any) -> requests.Response:
        """GET."""
        return requests.get(url, timeout=TIMEOUT, allow_redirects=False, verify=self._verify, **more)

    def post(self, url: str, **more: Any) -> requests.Response:
        """POST."""
        return requests.post(url, timeout=TIMEOUT, allow_redirects=False, verify=self._verify, **more)

    def close(self) -> None:
        """Nothing is kept open."""

    def fetch(self, url: str) -> Fetched:
        """GET what is published there. Raises Unreachable."""
        try:
            answer = self.get(url)
        except requests.RequestException as error:
            raise Unreachable from error
        return Fetched(answer.status_code, answer.headers, answer.content)


@dataclass(frozen=True, slots=True)
class Kept:
    """Where what renews one account is kept between processes: `load`, `keep` (they came in), `renew`, `forget`."""

    load: Callable[[], str | None]
    keep: Callable[[str], None] = field(repr=False)
    renew: Callable[[str], None] = field(repr=False)
    forget: Callable[[str], None] = field(repr=False)


class _Token(ABC):
    """A token at hand. `get_authorization_token` and `renew` are what Microsoft's client for Graph asks for."""

    def __init__(
        self, registration: Registration, tenant: str, http: Http, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._registration = registration
        self._tenant = tenant
        self._http = http
        self._clock = clock
        self._lock = threading.RLock()
        self._held: tuple[str, float] = ("", float("-inf"))
        self._refused = False

    def token(self) -> str:
        """An access token for Graph that is good for minutes. Raises SignInToMicrosoft, ConsentNeeded, SheetUnavailable
        with a sentence."""
        with self._lock:
            token, until = self._held
            if self._clock() >= until:
                token = self._take(self._fresh())
            return token

    async def get_authorization_token(
        self, uri: str, additional_authentication_context: dict[str, Any] | None = None
    ) -> str:
        """The same for who must not wait on the spot; "" for any other address than Graph's."""
        del additional_authentication_context  # claims that Graph may ask for: nobody is there to answer them
        parts, graph = urlsplit(uri), urlsplit(self._registration.graph)
        if (parts.scheme, parts.netloc) != (graph.scheme, graph.netloc):
            return ""
        return await asyncio.to_thread(self.token)

    def renew(self) -> None:
        """Use the token at hand no longer: Graph refused it."""
        with self._lock:
            self._held = ("", float("-inf"))
            self._refused = True

    def _take(self, found: dict[str, Any] | None) -> str:
        if found is None:
            raise ended(AGAIN)
        if "access_token" not in found:
            raise to_error(found, self._registration, self._tenant)
        lasts = max(60.0, float(found.get("expires_in", 0)) - EARLY)
        self._held, self._refused = (str(found["access_token"]), self._clock() + lasts), False
        return self._held[0]

    @abstractmethod
    def _fresh(self) -> dict[str, Any] | None:
        """MSAL's answer to a new question; None when there is nobody to ask for."""

    def _ask(self, question: Callable[[msal.ConfidentialClientApplication], Any], cache: msal.TokenCache) -> Any:
        """Ask Microsoft. A new application each time: MSAL remembers refusals for a minute, and who has just agreed
        must not wait for that."""
        registration = self._registration
        try:
            return question(
                msal.ConfidentialClientApplication(
                    registration.client_id,
                    client_credential=registration.client_secret,
                    authority=f"{registration.authority}/{self._tenant}",
                    token_cache=cache,
                    http_client=self._http,
                    instance_discovery=False,  # the operator named the authority: nobody else is asked about it
                )
            )
        except (requests.RequestException, msal.exceptions.MsalError, RuntimeError) as error:
            raise unreachable(type(error).__name__) from None
        except (ValueError, KeyError) as error:
            raise SheetUnavailable(
                "Microsoft knows no such directory: whoever runs Cellback must look at MSGRAPH_TENANT_ID and "
                "MSGRAPH_AUTHORITY_URL.",
                detail=type(error).__name__,
            ) from None


class Delegated(_Token):
    """What one person lets us do: theirs and ours together, and never more than they may do themselves."""

    def __init__(
        self,
        registration: Registration,
        tenant: str,
        kept: Kept,
        http: Http,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(registration, tenant, http, clock)
        self._kept = kept

    def open(self, assertion: str) -> None:
        """They came in with this access token for our API: have a token for Graph, made of it where none is kept.

        Raises SignedOut, SignInToMicrosoft, ConsentNeeded, SheetUnavailable.
        """
        with self._lock:
            if self._kept.load() is None:  # a worker found that it had ended, whatever we still have at hand
                self._exchange(assertion)
                return
            try:
                self.token()
            except SignInToMicrosoft:
                self._exchange(assertion)

    def _exchange(self, assertion: str) -> None:
        cache, scopes = msal.SerializableTokenCache(), [self._registration.scope]
        found = self._ask(lambda app: app.acquire_token_on_behalf_of(assertion, scopes), cache)
        self._take(found)
        self._kept.keep(cache.serialize())

    def _fresh(self) -> dict[str, Any] | None:
        """By what is kept, whichever process renewed it last."""
        kept = self._kept.load()
        if kept is None:
            return None
        cache = msal.SerializableTokenCache()
        cache.deserialize(kept)

        def silently(app: msal.ConfidentialClientApplication) -> Any:
            accounts = app.get_accounts()
            scopes = [self._registration.scope]
            first = accounts[0] if accounts else None
            return first and app.acquire_token_silent_with_error(scopes, first, force_refresh=self._refused)

        found: dict[str, Any] | None = self._ask(silently, cache)
        if found and "access_token" in found:
            if cache.has_state_changed:
                self._kept.renew(cache.serialize())
        elif not found or isinstance(to_error(found, self._registration, self._tenant), SignInToMicrosoft):
            self._kept.forget(kept)
        return found


class AppOnly(_Token):
    """Our app by itself, with the grants that an administrator gave it. Microsoft documents no workbooks for it."""

    def _fresh(self) -> dict[str, Any]:
        scopes = [f"{self._registration.resource}/.default"]
        found: dict[str, Any] = self._ask(lambda app: app.acquire_token_for_client(scopes), msal.TokenCache())
        return found
