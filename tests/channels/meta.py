"""Meta for tests: a channel bound to the emulator, and what it posts as requests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from server.channels.meta import MetaWhatsApp
from server.domain.reply import Event, WebhookRequest
from tests.emulators.providers.http import Answer
from tests.emulators.providers.posts import Post
from tests.emulators.providers.world import Providers

T = TypeVar("T")
ANA = "+447900900123"


def channel(world: Providers, **options: Any) -> MetaWhatsApp:
    """Set up as its settings would be."""
    meta = world.meta
    given: dict[str, Any] = {
        "app_secrets": [meta.app_secret],
        "verify_token": meta.verify_token,
        "waba_id": meta.waba_id,
        "region": "GB",
        "base_url": meta.url,
    }
    token = options.pop("access_token", meta.token)
    number_id = options.pop("phone_number_id", meta.phone_number_id)
    return MetaWhatsApp(token, number_id, **(given | options))


def empty(world: Providers) -> Providers:
    """The emulator as at its start."""
    behave(world)
    for kept in (world.meta.sent, world.meta.templates, world.people.phones, world.calls, world.posts.all):
        kept.clear()
    return world


def ask(of: MetaWhatsApp, work: Callable[[MetaWhatsApp], Awaitable[T]]) -> T:
    """On an event loop of its own, as a job does."""

    async def all_of_it() -> T:
        try:
            return await work(of)
        finally:
            await of.close()

    return asyncio.run(all_of_it())


def answers(world: Providers, answer: Answer) -> None:
    """From now on every request gets this answer: what the emulator itself has no reason to say."""
    world.meta.__dict__["reserve"] = lambda request: answer


def behave(world: Providers) -> None:
    """From now on all goes well."""
    world.meta.faults.clear()
    world.meta.__dict__.pop("reserve", None)


def posted(post: Post) -> WebhookRequest:
    """A post as our route hands it to the channel."""
    headers = {name.lower(): value for name, value in post.headers.items()}
    return WebhookRequest(post.method, post.url, headers, post.body, headers.get("content-type", ""))


def events(world: Providers, *posts: Post) -> list[Event]:
    """What the channel reads in them, once their signatures are believed."""
    found: list[Event] = []
    for post in posts:
        request = posted(post)
        assert urlsplit(request.url).path == "/webhooks/meta"
        channel(world).verify(request)
        found += channel(world).parse(request)
    return found
