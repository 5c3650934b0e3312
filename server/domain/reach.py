"""How far a campaign's messages got, row by row. Pure; the ledger counts it without reading any text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from server.domain.words import Status


class Stage(StrEnum):
    """What happened to a row, whatever its status says by now: a row may have several of them."""

    SENT = "sent"
    """Something of ours was sent to it. Who opted out afterwards, or is written to again, was sent to all the same."""
    DELIVERED = "delivered"
    """A provider said so, or something came back."""
    READ = "read"
    """A provider said so."""
    REMINDED = "reminded"
    """A further message was sent to it that had no answer before."""
    SILENT = "silent"
    """A reminder would be drafted for it: it was sent to, nothing is known to be lost, nothing came back, and it was
    not reminded just now."""
    RESTING = "resting"
    """It would be, had it not been reminded just now."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How many rows each stage has, and at which words (None: to be drafted) those that were sent to stand now: these
    add up to the rows of SENT."""

    stages: Mapping[Stage, int] = field(default_factory=dict)
    counts: Mapping[Status | None, int] = field(default_factory=dict)

    def of(self, stage: Stage) -> int:
        """How many rows have that stage."""
        return self.stages.get(stage, 0)
