"""One call to Graph, through Microsoft's request adapter and authentication, with nothing else of the SDK around it.

Its builders lack the PATCH of ranges, its batches send no order, and its retries ignore fractions of seconds and
repeat what must not be (facts/excel.md, 1.10): so requests are made by hand, and the client has no middleware.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
from kiota_abstractions.authentication.base_bearer_token_authentication_provider import (
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_http.middleware.options import ResponseHandlerOption
from msgraph.graph_request_adapter import GraphRequestAdapter

from server.sheets.excel import loop

CONNECT_SECONDS, READ_SECONDS, CALL_SECONDS = 5.0, 60.0, 90.0
LONGEST_WAIT = 600.0
"""Seconds of a Retry-After that are believed."""

LOST, NEVER_LEFT = 0, -1
"""Statuses of a call whose answer was lost, and of one that never reached the host."""

Json = dict[str, Any]


class Credentials(Protocol):
    """By whom a workbook is opened: kiota's AccessTokenProvider, and a way to say that its token was refused."""

    async def get_authorization_token(
        self, uri: str, additional_authentication_context: dict[str, Any] | None = None
    ) -> str:
        """A token for Graph that is good for now. Raises CellbackError with a sentence for people."""
        ...

    def renew(self) -> None:
        """Keep the token at hand no longer: Graph refused it."""
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: `after` are the seconds of Retry-After, `location` where an operation is asked about."""

    status: int
    body: Json = field(default_factory=dict)
    after: float | None = None
    location: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300

    @property
    def codes(self) -> list[str]:
        """Codes of the error in small letters, the second level first: that is the one to decide on (rule 9)."""
        found: list[str] = []
        error = self.body.get("error")
        while isinstance(error, dict):
            found.append(str(error.get("code", "")).lower())
            error = error.get("innerError") or error.get("innererror")
        return found[1:] + found[:1]

    @property
    def message(self) -> str:
        """What the error says, which is not stable and may quote: never for people or the log."""
        error = self.body.get("error")
        return str(error.get("message", "")) if isinstance(error, dict) else ""


class OneHost(AccessTokenProvider):
    """Gives the bearer to one host alone, whatever address an answer may have led us to (rule 13)."""

    def __init__(self, credentials: Credentials, base_url: str) -> None:
        self._credentials = credentials
        parts = urlsplit(base_url)
        self._origin = (parts.scheme, parts.netloc)
        self._hosts = AllowedHostsValidator([parts.hostname or ""])

    async def get_authorization_token(
        self, uri: str, additional_authentication_context: dict[str, Any] | None = None
    ) -> str:
        """The token, "" for any other host."""
        parts = urlsplit(uri)
        if (parts.scheme, parts.netloc) != self._origin:
            return ""
        return await self._credentials.get_authorization_token(uri, additional_authentication_context or {})

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        """The one host."""
        return self._hosts


class Transport:
    """Calls as one identity. Safe to use from many threads, and after a fork."""

    def __init__(self, credentials: Credentials, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.credentials = credentials
        self._lock = threading.Lock()
        self._adapter: tuple[int, GraphRequestAdapter, httpx.AsyncClient] | None = None

    def send(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask once; `path` is what follows the version. Raises what the credentials raise.

        A token that ended before its time (a new password, a rule of the organisation) is renewed, and the question
        asked again: with a 401 nothing was done.
        """
        reply = self._ask(method, path, body, headers)
        if reply.status == 401:
            self.credentials.renew()
            reply = self._ask(method, path, body, headers)
        return reply

    def _ask(self, method: str, path: str, body: Any, headers: Mapping[str, str] | None) -> Reply:
        info = RequestInformation(Method(method))
        info.url = path if path.startswith(self.base_url) else f"{self.base_url}{path}"
        for name, value in {"Accept": "application/json", **(headers or {})}.items():
            info.headers.try_add(name, value)
        if body is not None:
            content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
            info.set_stream_content(content, "application/json")
        info.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
        try:
            answer = loop.run(self._send(info), CALL_SECONDS)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return Reply(NEVER_LEFT)
        except (httpx.HTTPError, TimeoutError):
            return Reply(LOST)
        return _reply(answer)

    def close(self) -> None:
        """Give back the connections."""
        with self._lock:
            known, self._adapter = self._adapter, None
        if known is not None and known[0] == os.getpid():
            loop.run(known[2].aclose(), CALL_SECONDS)

    async def _send(self, info: RequestInformation) -> httpx.Response:
        found: Any = await self._at().send_no_response_content_async(info, None)
        return found  # type: ignore[no-any-return]

    def _at(self) -> GraphRequestAdapter:
        with self._lock:
            if self._adapter is None or self._adapter[0] != os.getpid():
                client = httpx.AsyncClient(timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS))
                authentication = BaseBearerTokenAuthenticationProvider(OneHost(self.credentials, self.base_url))
                adapter = GraphRequestAdapter(authentication, client)
                adapter.base_url = self.base_url
                self._adapter = (os.getpid(), adapter, client)
            return self._adapter[1]


def _reply(answer: httpx.Response) -> Reply:
    try:
        found = answer.json() if answer.content else {}
    except ValueError:
        found = {}
    headers = answer.headers
    body = found if isinstance(found, dict) else {}
    return Reply(answer.status_code, body, seconds(headers.get("Retry-After")), headers.get("Location", ""))


def seconds(after: str | None) -> float | None:
    """Retry-After in seconds: a whole number, a fraction, or a date."""
    if not after:
        return None
    try:
        found = float(after)
    except ValueError:
        try:
            found = parsedate_to_datetime(after).timestamp() - time.time()
        except ValueError:
            return None
    return max(0.0, min(found, LONGEST_WAIT))
