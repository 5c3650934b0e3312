"""Lists of Twilio's 2010 API: filters by To, From and date, and pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.provider import json_answer
from tests.emulators.providers.twilio_errors import refused

PLAIN = frozenset(("To", "From", "Status", "PhoneNumber"))
DATES = {"DateSent": "date_sent", "StartTime": "start_time", "EndTime": "end_time"}
PAGING = frozenset(("PageSize", "Page", "PageToken"))


def page(request: Request, name: str, found: Sequence[dict[str, Any]], path: str) -> Answer:
    """The asked page of what the filters let through. `DateSent>=2026-05-04` comes as the parameter `DateSent>`."""
    for key, value in request.query:
        plain = key.rstrip("<>")
        if key in PAGING:
            continue
        if key in PLAIN:
            field = "phone_number" if key == "PhoneNumber" else key.lower()
            found = [each for each in found if each.get(field) == value]
        elif plain in DATES:
            found = [each for each in found if _fits(each.get(DATES[plain]), key[len(plain) :], value)]
        else:
            raise refused(20001, key)
    size = min(int(request.asked.get("PageSize", "50")), 1000)
    number = int(request.asked.get("Page", "0"))
    kept = [(key, value) for key, value in request.query if key not in PAGING]
    last = max(0, -(-len(found) // size) - 1)

    def uri(of: int) -> str:
        return f"{path}?{urlencode([*kept, ('PageSize', str(size)), ('Page', str(of))])}"

    chosen = list(found[number * size : (number + 1) * size])
    return json_answer({
        name: chosen, "page": number, "page_size": size, "start": number * size,
        "end": number * size + max(0, len(chosen) - 1), "uri": uri(number), "first_page_uri": uri(0),
        "next_page_uri": uri(number + 1) if number < last else None,
        "previous_page_uri": uri(number - 1) if number else None,
    })  # fmt: skip


def _fits(date: str | None, how: str, asked: str) -> bool:
    """Whether a date (RFC 2822) is on the asked day, or not before or after the asked moment, as `how` says."""
    if date is None:
        return False
    try:
        when = datetime.fromisoformat(asked.replace("Z", "+00:00"))
    except ValueError:
        raise refused(20001, "date") from None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    whole_day = len(asked) == 10
    given = parsedate_to_datetime(date)
    if how == ">":
        return given >= when
    if how == "<":
        return given < when + timedelta(days=1) if whole_day else given <= when
    return given.date() == when.date()
