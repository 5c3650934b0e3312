"""Use case of another WhatsApp template for drafts that are there already: whose drafts are written anew for it, and
whose stay. Until somebody said yes to one; before any draft a template is chosen with the rest of the plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

from server import plans, redrafts
from server.domain.campaign import Campaign
from server.domain.provider_templates import ProviderTemplate
from server.domain.words import CampaignState, ChannelName, MessageState
from server.errors import Conflict
from server.flow import drafting
from server.flow.outgoing import uses_template
from server.services import Services

UNSAID = redrafts.OPEN | {MessageState.SKIPPED}
"""Where messages are while nobody said yes to any, and none is being written."""


@dataclass(frozen=True, slots=True)
class Retemplated:
    """How many drafts are written anew for the plan's template, and how many stay because a person edited them."""

    count: int = 0
    edited: int = 0

    @property
    def sentence(self) -> str:
        """For whoever asked."""
        told = [f"WhatsApp drafts written anew: {self.count:,}." if self.count else "No draft is written anew."]
        told += [f"{self.edited} that you edited stay as they are."] if self.edited else []
        return " ".join(told)


def change(services: Services, campaign_id: str, template: ProviderTemplate | None, who: str = "") -> Retemplated:
    """Give the plan this template (None: none) and have the drafts that go by WhatsApp written anew with it, but for
    those that a person edited.

    Raises Conflict once something is approved or sent, and while drafts are being written; InvalidInput for a template
    that does not fit the sheet, NotFound.
    """
    ledger = services.ledger
    campaign = ledger.campaigns.get(campaign_id)
    _refuse(services, campaign)
    table = services.open_sheet(campaign.workbook, campaign.sheet, campaign.header_row).read(0)
    plan = plans.edited(services, campaign, {"whatsapp_template": template}, table)
    if plan == campaign.plan:
        return Retemplated()
    ledger.campaigns.save(replace(campaign, plan=plan))
    found = ledger.messages.of_campaign(campaign.id, states=redrafts.OPEN)
    gone = [one for one in found if one.channel is ChannelName.WHATSAPP]
    theirs = [one for one in gone if redrafts.is_edited(one) and not uses_template(one)]
    ours = [one for one in gone if one not in theirs]
    campaign = drafting.go_on(ledger=ledger, campaign_id=campaign.id)
    count = drafting.rewrite(ledger=ledger, messages=ours, who=who)
    if count:
        ledger.campaigns.move(campaign.id, CampaignState.DRAFTING, who=who)
    redrafts.wake(services, campaign)
    return Retemplated(count, len(theirs))


def _refuse(services: Services, campaign: Campaign) -> None:
    states = {state for state, count in services.ledger.messages.states(campaign.id).items() if count}
    if campaign.state is CampaignState.DRAFTED and states <= UNSAID:
        return
    raise Conflict(
        "The WhatsApp template can be changed while all drafts are there and none of them is approved or sent; for "
        "another template start a new campaign."
    )
