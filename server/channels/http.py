"""HTTP to providers: pooled per event loop, with time limits, and with an honest word on what became of a request.

What goes wrong before a request has left proves that nothing was taken; what goes wrong later proves nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import httpx

from server.errors import CellbackError, ConfigError, SendInDoubt, TemporaryError, Unanswered

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # they log addresses of requests, and headers at DEBUG

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 20.0
LONGEST_WAIT = 3600.0
"""The longest a provider's Retry-After is obeyed at once; after that it is asked again."""

_MEGABYTE = 1024 * 1024

_NOT_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,  # a proxy would not let us through to the provider
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    httpx.LocalProtocolError,  # the request itself can't be put on the wire
)
_GATEWAY = frozenset({502, 504, 520, 521, 522, 523, 524, 525, 526, 527})
"""Answers of something between us and the provider, which may have taken the request all the same."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a provider answered; `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """The body as a JSON object, {} when it is none: gateways answer HTML."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def array(self) -> list[dict[str, Any]]:
        """The objects of a body that is a JSON array, [] when it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return []
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


class Http:
    """One provider's API. Every request goes to `base_url` and nowhere else: redirects are not followed."""

    def __init__(
        self,
        provider: str,
        base_url: str,
        *,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        connections: int = 8,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        """`provider` is its name as people know it, for sentences. `auth` is (user, password) for basic
        authentication, `headers` go along with each request. Nothing of them is ever in an error or a log.
        `answer_seconds` bounds each wait of a request, and twice that the whole of it, with a second more for each
        megabyte that it carries. Raises ConfigError for headers that can't be sent.
        """
        if not all(value.isascii() and value.isprintable() for value in (headers or {}).values()):
            raise ConfigError([f"The key for {provider} has characters that no key has: copy it again."])
        self.provider = provider
        self._base_url = base_url.rstrip("/")
        self._auth = auth
        self._headers = dict(headers or {})
        self._timeout = httpx.Timeout(answer_seconds, connect=connect_seconds, pool=answer_seconds)
        self._limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()
        self._lock = threading.Lock()
        self._answer_seconds = answer_seconds

    async def post(
        self,
        path: str,
        *,
        content: bytes | None = None,
        form: Mapping[str, str | Sequence[str]] | None = None,
        files: Sequence[tuple[str, tuple[str, bytes, str]]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Hand something over, once.

        `content` is a body of one's own (give its Content-Type in `headers`), `form` a form, with `files` a multipart
        one: (field, (name, bytes, media type)). Raises TemporaryError when it never left, SendInDoubt when nobody
        knows; any answer at all is returned.
        """
        more: dict[str, Any] = {"data": dict(form)} if form is not None else {"content": content}
        if files:
            more["files"] = list(files)
        return await self._request("POST", path, SendInDoubt, headers=headers, **more)

    async def get(self, path: str, *, query: Mapping[str, str] | None = None) -> Reply:
        """Ask for something. Raises TemporaryError when there was no answer."""
        return await self._request("GET", path, TemporaryError, headers=None, params=query)

    async def close(self) -> None:
        """Hang up the connections of the running event loop."""
        with self._lock:
            client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    async def _request(
        self, method: str, path: str, lost: type[CellbackError], *, headers: Mapping[str, str] | None, **more: Any
    ) -> Reply:
        """`lost` is raised for what happened after the request had begun to leave."""
        left, client = _Left(), self._client()
        # The time limits of the client hold between bytes; this one holds over all, against a slow trickle.
        patience = 2 * self._answer_seconds + _size(more) / _MEGABYTE
        try:
            async with asyncio.timeout(patience):
                answer = await client.request(
                    method, self._base_url + path, headers=headers, extensions={"trace": left.note}, **more
                )
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            if isinstance(error, _NOT_LEFT) or not left.begun:
                raise TemporaryError(
                    f"{self.provider} can't be reached just now.", detail=f"{type(error).__name__} before the request"
                ) from None
            raise lost(self._lost(lost), detail=f"{type(error).__name__} after the request") from None
        return Reply(
            answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content
        )

    def _lost(self, lost: type[CellbackError]) -> str:
        if lost is SendInDoubt:
            return f"{self.provider} did not answer: the message may have gone out, or not."
        return f"{self.provider} did not answer."

    def _client(self) -> httpx.AsyncClient:
        """The running loop's own connections: a connection can't be carried from one loop to another."""
        loop = asyncio.get_running_loop()
        with self._lock:
            client = self._clients.get(loop)
            if client is None:
                auth = httpx.BasicAuth(*self._auth) if self._auth else None
                client = self._clients[loop] = httpx.AsyncClient(
                    auth=auth,
                    headers=self._headers,
                    timeout=self._timeout,
                    limits=self._limits,
                    verify=_trusted(),
                    trust_env=True,
                )
        return client


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that are believed (those in SSL_CERT_FILE, where it is set). Read once: it takes 50 ms."""
    return httpx.create_ssl_context()


class _Left:
    """Whether anything of a request has left us: httpcore tells of its steps (its docs, "Extensions", `trace`)."""

    def __init__(self) -> None:
        self.begun = False

    async def note(self, step: str, _: Mapping[str, Any]) -> None:
        if step.endswith("send_request_headers.started"):
            self.begun = True


def _size(given: Mapping[str, Any]) -> int:
    """About how many bytes a request carries."""
    files = sum(len(data) for _, (_, data, _) in given.get("files", ()))
    return files + len(given.get("content") or b"")


def not_taken(provider: str, reply: Reply, *, said: str = "") -> CellbackError | None:
    """What an answer of 429 or 5xx means for a send, None for any other.

    The provider's own 429, 500 and 503 say that it did not take the message (facts/channels.md, rule 2); an answer of
    a gateway on the way says nothing about that. `said` goes to the log only.
    """
    detail = f"HTTP {reply.status} {said}".strip()
    if reply.status == 429:
        return TemporaryError(
            f"{provider} asks us to slow down.", retry_after=retry_after(reply.headers), detail=detail
        )
    if reply.status in _GATEWAY:
        return SendInDoubt(f"{provider} did not answer clearly: the message may have gone out, or not.", detail=detail)
    if reply.status >= 500:
        return TemporaryError(
            f"{provider} has trouble of its own just now.", retry_after=retry_after(reply.headers), detail=detail
        )
    return None


def unanswered(provider: str, reply: Reply) -> Unanswered:
    """A question (never a send) that was answered by anything but yes, and may be asked again."""
    return Unanswered(
        f"{provider} did not answer as expected (HTTP {reply.status}).", retry_after=retry_after(reply.headers)
    )


def retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds to wait by Retry-After (whole, fractional, or a date), at most an hour; None where it says nothing."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            until = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        seconds = (until - (now or datetime.now(UTC))).total_seconds()
    if seconds != seconds:  # "nan" is a float too
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)
