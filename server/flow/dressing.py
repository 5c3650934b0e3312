"""What our columns look like, once they are there: colours, words to choose from, notes. Never a reason to stop."""

from __future__ import annotations

import logging
from dataclasses import replace

from server.domain.campaign import Campaign
from server.domain.columns import looks_of
from server.domain.fingerprint import fingerprint
from server.errors import CellbackError, Conflict, PermanentError
from server.ports import Ledger, Sheet

log = logging.getLogger(__name__)

FAULT = "A fault in Cellback, told in its log."


def dress(*, ledger: Ledger, sheet: Sheet, campaign: Campaign) -> Campaign:
    """Give the campaign's columns their look, once, and again only when the plan gives them another one: what somebody
    takes off stays off.

    A sheet that is away for now is dressed the next time that columns are looked after. One that refuses for good
    (protected) stays as it is: the log says so, and the operator's `doctor`. Raises nothing of either.
    """
    looks = looks_of(campaign)
    wanted = fingerprint(*(repr(look) for look in looks))
    if campaign.dressed == wanted:
        return campaign
    why, done = "", wanted
    try:
        sheet.dress(looks)
    except CellbackError as error:
        why, done = error.sentence, wanted if isinstance(error, PermanentError) else campaign.dressed
        log.warning("columns of campaign %s stay without colours: %s", campaign.id, type(error).__name__)
    except Exception as error:  # a fault of ours, or a file that nobody has thought of: no reason to write nothing
        why, done = FAULT, wanted
        log.exception("columns of campaign %s stay without colours: %s", campaign.id, type(error).__name__)
    if (done, why) == (campaign.dressed, campaign.undressed):
        return campaign
    try:
        return ledger.campaigns.save(replace(campaign, dressed=done, undressed=why))
    except Conflict:  # somebody else just changed the campaign: the next time will find the columns dressed
        return ledger.campaigns.get(campaign.id)
