"""Mailgun's Events API: filters, order and pages. Source: API reference, "Events"."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.provider import Refused, json_answer

FILTERS = {"event": "event", "recipient": "recipient", "severity": "severity", "id": "id"}
DEEP = {"message-id": ("message", "headers", "message-id"), "subject": ("message", "headers", "subject"),
        "from": ("message", "headers", "from"), "to": ("message", "headers", "to")}  # fmt: skip
OTHER = frozenset(("begin", "end", "ascending", "limit", "list", "attachment", "size", "tags", "pretty"))


def asked_events(request: Request, events: Sequence[dict[str, Any]], cursor: str | None, base: str) -> Answer:
    """A page of the events that the request asks for; the cursor of a page holds its question."""
    asked, start = _unpacked(cursor) if cursor else (request.asked, 0)
    try:
        limit = min(int(asked.get("limit", "100")), 300)
        found = [event for event in events if _fits(event, asked)]
        ascending = _ascending(asked)
    except (ValueError, TypeError) as error:
        raise _refused(str(error)) from None
    found = found if ascending else found[::-1]
    start = max(0, start)

    def link(of: int) -> str:
        return f"{base}/{_packed(asked, of)}"

    paging = {"first": link(0), "previous": link(start - limit), "next": link(start + limit),
              "last": link(max(0, len(found) - limit))}  # fmt: skip
    return json_answer({"items": found[start : start + limit], "paging": paging})


def _fits(event: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
    begin, end = (_moment(asked[name]) if name in asked else None for name in ("begin", "end"))
    if begin is not None and end is not None and begin > end:
        begin, end = end, begin
    if (begin is not None and event["timestamp"] < begin) or (end is not None and event["timestamp"] > end):
        return False
    for name, value in asked.items():
        if name in OTHER:
            continue
        if name in FILTERS:
            actual = event.get(FILTERS[name])
        elif name in DEEP:
            actual = event
            for step in DEEP[name]:
                actual = actual.get(step, {}) if isinstance(actual, dict) else None
        elif name.startswith("user-variables"):
            actual = event["user-variables"].get(name.partition(".")[2])
        else:
            raise ValueError(f"{name} is not a supported filter")
        if str(actual) not in [each.strip() for each in value.split(" OR ")]:
            return False
    tags = asked.get("tags")
    return not tags or any(tag in event["tags"] for tag in tags.split(" OR "))


def _ascending(asked: Mapping[str, str]) -> bool:
    """Newest first, unless only `begin` is given or `ascending` says otherwise."""
    if "ascending" in asked:
        return asked["ascending"] in ("yes", "true")
    return "begin" in asked and "end" not in asked


def _moment(text: str) -> float:
    """Seconds since 1970, or RFC 2822."""
    try:
        return float(text)
    except ValueError:
        return parsedate_to_datetime(text).timestamp()


def _packed(asked: Mapping[str, str], start: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([asked, start]).encode()).decode()


def _unpacked(cursor: str) -> tuple[dict[str, str], int]:
    try:
        asked, start = json.loads(base64.urlsafe_b64decode(cursor))
    except (ValueError, binascii.Error):
        raise _refused("invalid page") from None
    return asked, start


def _refused(message: str) -> Refused:
    return Refused(json_answer({"message": message}, 400))
