"""Use cases of drafting, shared by the command line and the API: a few rows first, the rest, the same rows again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from server.domain.campaign import Campaign
from server.domain.rows import choose
from server.domain.table import Table
from server.domain.words import CampaignState, MessageState
from server.flow import drafting, planning
from server.ports import Sheet
from server.queue import DRAFT
from server.services import Services


def ask(
    services: Services,
    sheet: Sheet,
    campaign: Campaign,
    *,
    keys: Sequence[str] | None = None,
    first: int | None = None,
    who: str = "",
) -> Campaign:
    """Ask for drafts: of all chosen rows (or so many of them first), or new ones of the rows with these keys.

    Whatever stopped an earlier drafting is tried again. Raises SheetUnavailable when our columns can't be made now.
    """
    ledger = services.ledger
    campaign = drafting.go_on(ledger=ledger, campaign_id=campaign.id)
    if keys is not None:
        drafting.redraft(ledger=ledger, campaign=campaign, keys=keys, who=who)
    else:
        campaign = _prepared(services, sheet, campaign, first, who)
    for chunk in ledger.messages.chunks(campaign.id, [MessageState.CHOSEN]):
        services.wake(DRAFT, campaign.id, str(chunk))
    return ledger.campaigns.get(campaign.id)


def _prepared(services: Services, sheet: Sheet, campaign: Campaign, first: int | None, who: str) -> Campaign:
    ledger, tried = services.ledger, campaign.trial
    begun = any(ledger.messages.states(campaign.id).values())
    campaign = planning.prepare(
        ledger=ledger, sheet=sheet, channel_of=services.channel_for, campaign=campaign, first=first
    )
    trial = 0 if first is None else first if tried or not begun else tried
    if trial != tried:
        campaign = ledger.campaigns.save(replace(campaign, trial=trial))
    if tried:
        drafting.redraft_outdated(ledger=ledger, campaign=campaign, who=who)
    fresh = ledger.messages.states(campaign.id).get(MessageState.CHOSEN)
    if campaign.state is CampaignState.PLANNED or fresh:
        ledger.campaigns.move(campaign.id, CampaignState.DRAFTING, who=who)
    return campaign


def chosen(services: Services, campaign: Campaign, table: Table) -> int:
    """How many rows the plan means, those that have no message yet among them."""
    known = {message.row_key for message in services.ledger.messages.of_campaign(campaign.id)}
    return len(known) + sum(row.key not in known for row in choose(table, campaign.rows).rows)
