"""A web server for the supervisor's tests: `app` answers, `broken` can't be started."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Says hello."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


def broken() -> None:
    """A factory that fails."""
    raise RuntimeError("no web today")
