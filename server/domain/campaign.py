"""A campaign: one sheet, its column map, an instruction, a channel and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from server.domain.moments import ByColumn, told
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

    `started_at` is when somebody pressed Send, `scheduled_at` the moment they chose for it, if any: nothing leaves
    before it. With `at_column` each row's own cell says when its message leaves: `at_day` (ISO) is the day of cells
    with a time alone, `at_time` (HH:MM) the time of those with a day alone, by the clocks of `at_zone`. `hours` is the
    sending's own quiet span ("" for none; None: as the settings say).

    `adopted` names the answers whose columns are the organiser's own (None: nobody wrote that down), `dressed` is the
    fingerprint of the looks that our columns got, and `undressed` says why they could not get them.

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
    started_at: datetime | None = None
    scheduled_at: datetime | None = None
    at_column: str = ""
    at_day: str = ""
    at_time: str = ""
    at_zone: str = ""
    hours: str | None = None
    adopted: tuple[str, ...] | None = None
    dressed: str = ""
    undressed: str = ""
    version: int = 0

    @property
    def by(self) -> ByColumn | None:
        """How a column says when each row's message leaves, where one does."""
        if not self.at_column:
            return None
        day, at = date.fromisoformat(self.at_day), time.fromisoformat(self.at_time)
        return ByColumn(self.at_column, day, at, self.at_zone)

    def at_work(self, zone: str) -> str:
        """Who began to send it and when, in a sentence for whoever would like to as well."""
        who = f" It was started by {self.started_by}" if self.started_by else ""
        when = f" on {told(self.started_at, zone)}" if who and self.started_at else ""
        return f"This campaign is being sent already.{who}{when}{'.' if who else ''}"

    @property
    def told(self) -> str:
        """What people are told about it: what it waits for, or why not all of its rows are drafted."""
        return self.note or self.halted
