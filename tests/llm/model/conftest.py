"""An emulated model server for each test that asks for one, and what is asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest

from server.llm.client import ModelClient
from tests.emulators.openai import ModelServer

R = TypeVar("R")


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as found:
        yield found


async def no_wait(_: float) -> None:
    """Time that does not pass."""


def client_of(server: ModelServer, **more: object) -> ModelClient:
    given: dict[str, object] = {"key": server.key, "model": server.model, "base_url": server.url, "sleep": no_wait}
    return ModelClient(**{**given, **more})  # type: ignore[arg-type]


def run(client: ModelClient, work: Callable[[], Awaitable[R]]) -> R:
    """On a loop of its own, with the connections hung up behind it."""

    async def whole() -> R:
        try:
            return await work()
        finally:
            await client.close()

    return asyncio.run(whole())
