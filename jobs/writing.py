"""The sheet of one campaign: what people typed, and what waits to be written."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from jobs import context
from server.errors import CellbackError
from server.flow import writing
from server.ports import Sheet
from server.queue import SYNC
from server.services import is_online

log = logging.getLogger("jobs.writing")

REST, LONGEST_REST = 1.0, 20.0
"""Rest after a sync, as a multiple of what it took, and at most: a sheet of 100,000 rows takes seconds to write, and
whoever reads it next has to read it all again. What comes meanwhile is written in one go; the clock asks again. People
are listened to all the time."""

FIRST_REST = 2.5
"""Seconds of rest after a write to a sheet whose host counts calls: whatever is wanted by itself is written at once.
Writes that follow each other double it, up to `Sheet.look_seconds`: calls then follow time, and not rows."""

TROUBLE_REST = 30.0
"""Longest rest after an error of such a host: a sheet that is not shared must not use up the calls of the others."""

SOON = 2.0
"""Seconds between two looks when somebody says that the sheet was changed."""

BUSY_SECONDS = 0.5
"""Wait before asking again for a sheet that another worker holds."""


@dataclass
class _Kept:
    """What this process knows of a campaign's sheet. Forgetting it costs a look.

    `seen` is the version that was looked at last, `looked` and `rests_until` are in monotonic seconds.
    """

    seen: str = ""
    looked: float = float("-inf")
    rests_until: float = 0.0
    rest: float = 0.0


_kept: dict[str, _Kept] = {}


def sync(campaign_id: str, told: str = "") -> None:
    """Read people's edits, write what is pending; what can't be written now waits, and the campaign says why.

    `told` is not empty when somebody says that the sheet was changed: then it is looked at whatever its host counts.
    """
    started, kept = time.monotonic(), _kept.setdefault(campaign_id, _Kept())
    write = started >= kept.rests_until
    services = context.services()
    campaign = services.ledger.campaigns.get(campaign_id)
    try:
        sheet = services.open_sheet(campaign.workbook, campaign.sheet, campaign.header_row)
        if sheet.look_seconds and told:
            time.sleep(max(0.0, kept.looked + SOON - started))
        elif _may_wait(sheet, kept, started, write=write and services.ledger.cells.backlog(campaign_id) > 0):
            return
        done = writing.sync(
            ledger=services.ledger,
            sheet=sheet,
            channel_of=services.channel_for,
            clock=services.clock,
            campaign_id=campaign_id,
            owner=context.owner(),
            seen_version=kept.seen,
            write=write,
        )
    except CellbackError as error:
        writing.say(ledger=services.ledger, campaign_id=campaign_id, why=error.sentence)
        log.warning("sheet waits", extra={"campaign": campaign_id, "kind": type(error).__name__})
        if is_online(campaign.workbook):
            kept.rest = min(TROUBLE_REST, max(2 * kept.rest, FIRST_REST))
            kept.looked = time.monotonic()
            kept.rests_until = kept.looked + max(kept.rest, getattr(error, "retry_after", None) or 0.0)
        return
    if done.busy:  # what moved the sheet was seen by the clock, and is not told again: somebody must look
        time.sleep(BUSY_SECONDS)
        context.wake(SYNC, campaign_id)
        return
    kept.seen, kept.looked = done.version, started
    if write:
        _rest(sheet, kept, started, wrote=done.written > 0)
        writing.say(ledger=services.ledger, campaign_id=campaign_id, why="")


def _may_wait(sheet: Sheet, kept: _Kept, now: float, *, write: bool) -> bool:
    """Whether a sheet whose host counts calls can do without this look: there is nothing to write, or not yet, and it
    was looked at just now or is about to be when its rest is over."""
    about_to = kept.rests_until - 0.3 * sheet.look_seconds <= now < kept.rests_until
    return not write and (now < kept.looked + 0.9 * sheet.look_seconds or about_to)


def _rest(sheet: Sheet, kept: _Kept, started: float, *, wrote: bool) -> None:
    now = time.monotonic()
    if not sheet.look_seconds:
        kept.rests_until = now + min(LONGEST_REST, REST * (now - started))
    elif wrote:
        follows = started < kept.rests_until + FIRST_REST
        kept.rest = min(sheet.look_seconds, 2 * kept.rest) if follows and kept.rest else FIRST_REST
        kept.rests_until = now + kept.rest
