"""The openai package's client as we use it: no retries and no redirects of its own, bounded in time and size."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import httpx2
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

if TYPE_CHECKING:
    from httpx2 import Response

CONNECT_SECONDS = 5.0
CONNECTIONS = 128
"""More than that in one process makes the client slower, not faster (facts/reliability.md, section 3)."""
LARGEST = 8_000_000
"""Bytes of an answer, which with the probabilities of all its tokens has some 300,000."""


def connect(key: str, base_url: str, answer_seconds: float) -> AsyncOpenAI:
    """A client with connections of its own."""
    for name in ("openai", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)  # at DEBUG they log whole requests
    timeout = httpx2.Timeout(answer_seconds, connect=min(CONNECT_SECONDS, answer_seconds))
    limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    hooks = {"response": [_bounded]}
    http = DefaultAsyncHttpxClient(timeout=timeout, limits=limits, follow_redirects=False, event_hooks=hooks)
    return AsyncOpenAI(api_key=key, base_url=base_url, max_retries=0, timeout=timeout, http_client=http)


async def _bounded(response: Response) -> None:
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream)


class TooMuch(httpx2.DecodingError):
    """A body that is none of a model's answer."""


class _Bounded(httpx2.AsyncByteStream):
    """A body that ends with an error where it would not end."""

    def __init__(self, whole: httpx2.AsyncByteStream) -> None:
        self._whole = whole

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._whole:
            size += len(part)
            if size > LARGEST:
                raise TooMuch(f"more than {LARGEST:,} bytes")
            yield part

    async def aclose(self) -> None:
        await self._whole.aclose()
