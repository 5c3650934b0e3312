"""Who approved what of a campaign, for those who work on it together."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from server.web.api import CampaignPath
from server.web.app import here
from server.web.model import Model
from server.web.routes import blueprint

routes = blueprint("approvals", "Campaigns")


class ApprovedView(Model):
    """One person's approvals."""

    who: str
    count: int = Field(description="Messages that are approved and wait, or have left.")
    last_at: datetime


class ApprovalList(Model):
    """Who approved, the last one first."""

    approvals: list[ApprovedView]


@routes.get("/api/campaigns/<campaign_id>/approvals", responses={200: ApprovalList})
def approvals(path: CampaignPath) -> ApprovalList:
    """Who approved what is approved, and what has left"""
    ledger = here().services.ledger
    ledger.campaigns.get(path.campaign_id)
    found = ledger.messages.approvals(path.campaign_id)
    return ApprovalList(approvals=[ApprovedView(who=one.who, count=one.count, last_at=one.last_at) for one in found])
