"""The sheet of one campaign: what people typed, and what waits to be written."""

from __future__ import annotations

import logging
import time

from jobs import context
from server.errors import CellbackError
from server.flow import writing
from server.queue import SYNC

log = logging.getLogger("jobs.writing")

_seen: dict[str, str] = {}
"""Campaign -> version of its sheet that this process looked at last. Forgetting it costs a look."""

_rest: dict[str, float] = {}
"""Campaign -> when its sheet may be written again (monotonic seconds)."""

REST, LONGEST_REST = 1.0, 20.0
"""Rest after a sync, as a multiple of what it took, and at most: a sheet of 100,000 rows takes seconds to write, and
whoever reads it next has to read it all again. What comes meanwhile is written in one go; the clock asks again. People
are listened to all the time."""

BUSY_SECONDS = 0.5
"""Wait before asking again for a sheet that another worker holds."""


def sync(campaign_id: str) -> None:
    """Read people's edits, write what is pending; what can't be written now waits, and the campaign says why."""
    started = time.monotonic()
    write = started >= _rest.get(campaign_id, 0.0)
    services = context.services()
    try:
        campaign = services.ledger.campaigns.get(campaign_id)
        done = writing.sync(
            ledger=services.ledger,
            sheet=services.open_sheet(campaign.workbook, campaign.sheet, campaign.header_row),
            channel=services.channel_for(campaign.plan.channel, campaign.plan.provider),
            clock=services.clock,
            campaign_id=campaign_id,
            owner=context.owner(),
            seen_version=_seen.get(campaign_id, ""),
            write=write,
        )
    except CellbackError as error:
        writing.say(ledger=services.ledger, campaign_id=campaign_id, why=error.sentence)
        log.warning("sheet waits", extra={"campaign": campaign_id, "kind": type(error).__name__})
        return
    if done.busy:  # what moved the sheet was seen by the clock, and is not told again: somebody must look
        time.sleep(BUSY_SECONDS)
        context.wake(SYNC, campaign_id)
        return
    _seen[campaign_id] = done.version
    if write:
        _rest[campaign_id] = time.monotonic() + min(LONGEST_REST, REST * (time.monotonic() - started))
        writing.say(ledger=services.ledger, campaign_id=campaign_id, why="")
