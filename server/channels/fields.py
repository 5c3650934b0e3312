"""Fields of what a provider posts: of the kind that is expected, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def text_of(event: Mapping[str, Any], field: str) -> str:
    """A field's text, "" for anything else; without half characters, which no ledger can keep."""
    value = event.get(field)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def moment(timestamp: object) -> str:
    """Seconds since 1970 as ISO 8601 in UTC, "" for anything else."""
    if not isinstance(timestamp, int | float) or isinstance(timestamp, bool):
        return ""
    try:
        return datetime.fromtimestamp(timestamp, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return ""
