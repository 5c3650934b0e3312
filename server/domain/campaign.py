"""A campaign: one sheet, its column map, an instruction, a channel and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from server.domain.plan import Plan
from server.domain.words import CampaignState


@dataclass(frozen=True, slots=True)
class Campaign:
    """One run of one instruction over one sheet.

    `columns` maps a role (`Status`, `Message`, ...) or the name of an answer column to the title that its column
    got in the sheet. `rows` is what was chosen: "all", "visible" or keys. `start_at` is the end of the undo
    window. `begun_at` is when sending was last begun or resumed, `refused_since` since when its provider takes nothing
    for now. `stopped` says of ways why they stopped until a person mends them, while others go on, by `holding.label`.
    `note` is a sentence for people about what the campaign waits for.

    `halted` says why drafting stopped before its end and how far it came, "" while nothing keeps it: nothing wakes it
    until somebody asks for drafts again. `trial` is how many rows are tried before the rest (0: no trial, or it is
    over). `sure_at` is the confidence from which a reading is sure; `most_tokens` and `most_cost` (in the currency of
    the prices) bound what its calls of a model may use. None: as the settings say.
    """

    id: str
    workbook: str
    sheet: str
    name: str
    instruction: str
    plan: Plan
    state: CampaignState = CampaignState.PLANNED
    header_row: int | None = None
    rows: tuple[str, ...] = ("visible",)
    columns: Mapping[str, str] = field(default_factory=dict)
    started_by: str = ""
    created_at: datetime | None = None
    start_at: datetime | None = None
    ended_at: datetime | None = None
    begun_at: datetime | None = None
    refused_since: datetime | None = None
    stopped: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    halted: str = ""
    trial: int = 0
    sure_at: float | None = None
    most_tokens: int | None = None
    most_cost: float | None = None
    version: int = 0

    @property
    def told(self) -> str:
        """What people are told about it: what it waits for, or why not all of its rows are drafted."""
        return self.note or self.halted
