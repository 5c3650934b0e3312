"""Who approved what of a campaign, in numbers: of what is approved and waits, and of what has left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ApprovedBy:
    """One person's approvals: how many messages, and when the last one was approved."""

    who: str
    count: int
    last_at: datetime


def approved_by(found: Iterable[tuple[str, datetime]]) -> list[ApprovedBy]:
    """Who and when of each approval -> one record a person, who approved last first."""
    counts: dict[str, int] = {}
    last: dict[str, datetime] = {}
    for who, at in found:
        counts[who] = counts.get(who, 0) + 1
        last[who] = max(last.get(who, at), at)
    return sorted(
        (ApprovedBy(who, counts[who], last[who]) for who in counts), key=lambda one: one.last_at, reverse=True
    )
