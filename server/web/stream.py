"""Progress as server-sent events; the same view can be polled where no stream is to be had."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator

from flask import Response, request

from server.errors import CellbackError, TemporaryError
from server.web.api import CampaignPath, view
from server.web.app import WebApp, here
from server.web.routes import blueprint
from server.web.schemas import CampaignView
from server.web.speaking import language, speaking

log = logging.getLogger(__name__)
routes = blueprint("stream", "Campaigns")

LOOK_EVERY = 0.4
"""Seconds between two looks at a campaign's change token."""

KEEP_ALIVE = 15.0
"""Seconds of silence after which a comment is sent: proxies close what is silent for 30 to 60 s."""

LASTS = 55.0
"""Seconds until the stream ends and the client reconnects: a thread is never held for good."""


@routes.get(
    "/api/campaigns/<campaign_id>/events",
    responses={
        200: {
            "description": "`event: campaign` with a CampaignView as data, at once and at every change",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
def events(path: CampaignPath) -> Response:
    """A stream of the campaign; at most 8 at once, beyond them 503: poll instead"""
    web = here()
    first = _look(web, path.campaign_id)  # an unknown campaign is a problem, not an empty stream
    if not web.streams.acquire(blocking=False):
        raise TemporaryError("Too many pages follow a campaign at once; this one asks every few seconds instead.")
    line = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
    told = _follow(web, path.campaign_id, first, line, language())  # by then the request is not at hand any more
    response = Response(told, mimetype="text/event-stream")
    response.call_on_close(web.streams.release)  # called even if the generator was never started
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _look(web: WebApp, campaign_id: str) -> tuple[str, CampaignView]:
    """The change token and the view; the token is taken first, so that no change between the two is missed."""
    token = web.campaigns.version(campaign_id)
    return token, view(web, campaign_id)


def _follow(
    web: WebApp, campaign_id: str, first: tuple[str, CampaignView], line: socket.socket | None, tag: str
) -> Iterator[str]:
    token, seen = first
    yield _event(seen, tag)
    try:
        yield from _changes(web, campaign_id, token, line, tag)
    except CellbackError as error:  # the headers are out: end, and let the client's next request be told why
        log.info("stream ends", extra={"campaign": campaign_id}, exc_info=error)


def _changes(web: WebApp, campaign_id: str, token: str, line: socket.socket | None, tag: str) -> Iterator[str]:
    spoke = time.monotonic()
    end = spoke + LASTS
    while time.monotonic() < end and not _hung_up(line):
        time.sleep(LOOK_EVERY)
        if web.campaigns.version(campaign_id) != token:
            with speaking(tag):
                token, view = _look(web, campaign_id)
            spoke = time.monotonic()
            yield _event(view, tag)
        elif time.monotonic() - spoke >= KEEP_ALIVE:
            spoke = time.monotonic()
            yield ": still here\n\n"


def _hung_up(line: socket.socket | None) -> bool:
    """Whether the client is gone: a page that was reloaded must not hold its thread until the next write."""
    if line is None:
        return False
    try:
        return line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except (BlockingIOError, TimeoutError):
        return False
    except OSError:
        return True


def _event(view: CampaignView, tag: str) -> str:
    with speaking(tag):
        return f"event: campaign\nid: {view.version}\ndata: {view.model_dump_json()}\n\n"
