"""`remind`: who has not answered is written to again, without a browser; driven and told as `run`."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

from server import campaign_steps
from server.campaigns import CampaignService
from server.cli.run import drive
from server.domain.campaign import Campaign
from server.domain.words import CampaignState
from server.errors import NotFound
from server.services import workbook_name

WHO = "remind"


@dataclass(frozen=True, slots=True)
class Reminding:
    """The options of the command line; no rows are all that have not answered, no text is a drafted one."""

    workbook: str
    sheet: str = ""
    rows: tuple[str, ...] = ()
    text: str = ""
    approve_all: bool = False
    as_json: bool = False
    wait: float = 0.0

    @classmethod
    def of(cls, given: argparse.Namespace) -> Reminding:
        """From parsed arguments."""
        rows = tuple(key.strip() for key in given.rows.split(",") if key.strip())
        return cls(given.workbook, given.sheet, rows, given.text, given.approve_all, given.json)


def remind(asked: Reminding) -> int:
    """Remind in the newest campaign of the sheet that was begun; exit codes as those of `run`. Raises NotFound,
    InvalidInput, Conflict."""

    def begin(service: CampaignService, campaign_id: str) -> None:
        done = campaign_steps.remind(service.services, campaign_id, asked.rows or None, WHO, asked.text)
        rows = "1 row is" if done.count == 1 else f"{done.count} rows are"
        sys.stderr.write(f"{rows} to be reminded. {done.sentence}".strip() + "\n")

    return drive(asked.workbook, asked, find=lambda service, taken: _newest(service, taken, asked.sheet), begin=begin)


def _newest(service: CampaignService, workbook: str, sheet: str) -> Campaign:
    opened = service.services.open_sheet(workbook, sheet)
    for campaign in service.services.ledger.campaigns.of_sheet(opened.workbook, opened.name):
        if campaign.state not in {CampaignState.PLANNED, CampaignState.CANCELLED}:
            return campaign
    where = f"“{opened.title}” of {workbook_name(opened.workbook)}"
    raise NotFound(f"Nobody was written to from the sheet {where} yet: there is nothing to remind of.")
