"""What a sender may put into a webhook's fields: each one missing, empty, huge, or of another type."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

OTHERS: tuple[Any, ...] = (None, True, -1e308, "", "\ud800", "9" * 400, [], {"x": [1]})


def altered(body: bytes) -> Iterator[bytes]:
    """The body with one of its fields at a time changed: JSON at every depth, url-encoded forms; nothing else."""
    try:
        value = json.loads(body)
    except ValueError:
        yield from _altered_form(body)
        return
    for other in _altered_json(value):
        yield json.dumps(other).encode()


def _altered_json(value: Any) -> Iterator[Any]:
    yield from OTHERS
    if isinstance(value, dict):
        for name, each in value.items():
            rest = {key: kept for key, kept in value.items() if key != name}
            yield rest
            for other in _altered_json(each):
                yield {**rest, name: other}
    elif isinstance(value, list):
        for index, each in enumerate(value):
            for other in _altered_json(each):
                yield [*value[:index], other, *value[index + 1 :]]


def _altered_form(body: bytes) -> Iterator[bytes]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    except ValueError:
        return
    for index, (name, _) in enumerate(pairs):
        rest = [pair for place, pair in enumerate(pairs) if place != index]
        yield urlencode(rest).encode()
        yield urlencode([*pairs, pairs[index]]).encode()
        for other in ("", "x", "\x00", "9" * 400, "[]", "{"):
            yield urlencode([*rest, (name, other)]).encode()
