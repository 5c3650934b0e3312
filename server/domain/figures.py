"""What an operator watches, in numbers: no text, no address, no name of a person or a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from server.domain.usage import Used
from server.domain.words import CampaignState, ChannelName, Status


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, and since when the one does that has waited longest."""

    count: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """The ledger in numbers. They come from what it holds, so that they survive every restart."""

    campaigns: Mapping[CampaignState, int] = field(default_factory=dict)
    messages: Mapping[tuple[ChannelName, Status | None], int] = field(default_factory=dict)
    """By channel and status word; None: chosen, not drafted yet."""
    due: int = 0
    """Approved, in a campaign that is being sent, and not put off: what should leave now."""
    stale: int = 0
    """Messages that changed and whose cells were not computed yet."""
    cells: Waiting = Waiting()
    """Cell writes that are not in their sheet yet."""
    events: Waiting = Waiting()
    """Webhook events that are stored and not processed yet."""
    replies: Waiting = Waiting()
    """Replies that belong to a row and were not read yet."""
    unmatched: int = 0
    """Replies that belong to no row."""
    reviews: Mapping[tuple[str, str, bool], int] = field(default_factory=dict)
    """What people decided about readings, by prompt and model ("": the offline reader), and whether they were right."""
    used: tuple[Used, ...] = ()
    """What all campaigns' calls of a model used, by prompt and model."""


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """One queue in numbers, in seconds where it is time."""

    waiting: int = 0
    oldest: float = 0.0
    """How long the first one waits."""
    heard: float | None = None
    """How long ago one of its workers was heard of; None when there is none."""
