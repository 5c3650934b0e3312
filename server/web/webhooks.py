"""One route for all that providers post: verify, store, answer 2xx. Everything else happens in a job."""

from __future__ import annotations

import hashlib
import logging

from flask import Blueprint, Response, request

from server.domain.reply import Event, UnknownEvent, WebhookAnswer, WebhookRequest
from server.errors import NotFound, SignatureError, TemporaryError
from server.flow import receiving
from server.ports import Channel
from server.web.app import WebApp, here
from server.web.problems import problem

log = logging.getLogger(__name__)
routes = Blueprint("webhooks", __name__)

RAW = 1024 * 1024
"""Bytes that are kept of a body as it came: all of a mail's words, not all of its pictures."""


@routes.post("/webhooks/<provider>")
@routes.post("/webhooks/<provider>/inbound")
@routes.post("/webhooks/<provider>/inbound/mime")
def receive(provider: str) -> Response:
    """Take what a provider posts: 2xx only after it is stored, 5xx only when storing failed."""
    web = here()
    channel = _poster(web, provider)
    posted = _as_posted(web)
    try:
        _verify(channel, posted)
    except SignatureError as error:
        return problem(channel.refusal, "Not believed", error.sentence)
    if _store(web, provider, _events(channel, posted), posted):
        web.waker.wake()
    return _answer(channel, posted)


@routes.get("/webhooks/<provider>")
@routes.get("/webhooks/<provider>/inbound")
@routes.get("/webhooks/<provider>/inbound/mime")
def exists(provider: str) -> Response:
    """Some providers look whether the address is there before they post to it (HEAD), or ask for a word (GET)."""
    web = here()
    channel = _poster(web, provider)
    if request.method == "HEAD":
        return Response(status=200)
    said = channel.answer(_as_posted(web))
    return Response(said.body, content_type=said.content_type)


def _poster(web: WebApp, provider: str) -> Channel:
    channel = web.services.poster(provider)
    if channel is None:
        raise NotFound("There is no such provider here.")
    return channel


def _answer(channel: Channel, posted: WebhookRequest) -> Response:
    """It is stored by now: whatever happens while saying something nice, the provider hears 2xx."""
    try:
        said = channel.answer(posted)
    except Exception as error:
        log.error("webhook stored, its answer failed", extra={"provider": channel.provider}, exc_info=error)
        said = WebhookAnswer()
    return Response(said.body, content_type=said.content_type) if said.body else Response(status=204)


def _as_posted(web: WebApp) -> WebhookRequest:
    """Raw bytes and our configured public address: what a signature is computed over."""
    query = request.query_string.decode("ascii", "replace")
    return WebhookRequest(
        method=request.method,
        url=f"{web.settings.base_url}{request.path}" + (f"?{query}" if query else ""),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_data(cache=False),
        content_type=request.content_type or "",
    )


def _verify(channel: Channel, posted: WebhookRequest) -> None:
    """Fail closed: whatever happens while checking, it is not signed. Raises SignatureError."""
    try:
        channel.verify(posted)
    except SignatureError as error:
        log.warning("webhook refused", extra={"provider": channel.provider}, exc_info=error)
        raise SignatureError("The signature does not fit.") from error
    except Exception as error:
        log.error("webhook refused, its check failed", extra={"provider": channel.provider}, exc_info=error)
        raise SignatureError("The signature could not be checked.") from error


def _events(channel: Channel, posted: WebhookRequest) -> list[Event]:
    """The events of a verified request; a body that we can't read is kept as one that we do not know."""
    try:
        return channel.parse(posted)
    except Exception as error:
        # Not only InvalidInput: refusing a signed body for a fault of ours would lose it once retries end.
        log.error("webhook unreadable, kept as it is", extra={"provider": channel.provider}, exc_info=error)
        return [UnknownEvent(f"sha256:{hashlib.sha256(posted.body).hexdigest()}", "unreadable")]


def _store(web: WebApp, provider: str, events: list[Event], posted: WebhookRequest) -> list[str]:
    """Store every event, one row each; ids of the new ones. Raises TemporaryError when that fails."""
    try:
        return receiving.store(
            ledger=web.services.ledger,
            clock=web.services.clock,
            provider=provider,
            events=events,
            raw=posted.body[:RAW].decode("utf-8", "backslashreplace"),
        )
    except Exception as error:
        log.error("webhook not stored", extra={"provider": provider}, exc_info=error)
        raise TemporaryError("This could not be stored just now. Please post it again.", retry_after=5) from error
