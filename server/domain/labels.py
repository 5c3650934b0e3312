"""Labels: what a person's decision says of a reading. They hold no personal data and outlive it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from server.domain.words import Flag, Outcome


@dataclass(frozen=True, slots=True)
class Label:
    """One reading that a person reviewed, once: `right` where they kept what it said. `prompt` and `model` made it
    ("": the offline reader), `confidence` and `flag` are what it came with."""

    message_id: str
    campaign_id: str
    at: datetime
    confidence: float
    flag: Flag
    read: Outcome
    settled: Outcome
    right: bool
    prompt: str = ""
    model: str = ""
