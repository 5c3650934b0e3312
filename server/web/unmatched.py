"""Replies that fit no row, and the row that a person says they belong to."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from server.domain.machine import state_of
from server.domain.words import ChannelName, ReplyState
from server.errors import NotFound
from server.flow.belonging import belongs
from server.queue import INTERPRET
from server.web.api import CampaignPath
from server.web.app import here
from server.web.routes import blueprint
from server.web.schemas import Done, Model
from server.web.sessions import bound_workbook

routes = blueprint("unmatched", "Reviews")

MOST = 100
"""Unmatched replies that the panel gets at once, the newest ones."""


class UnmatchedPath(CampaignPath):
    """An unmatched reply, seen from a campaign."""

    reply_id: str


class UnmatchedReply(Model):
    """What came, from whom and when."""

    id: str
    sender: str
    text: str
    subject: str
    channel: ChannelName
    at: datetime
    files: list[str]
    several: bool = Field(description="It may belong to several rows, and waits for a decision on each of them.")


class UnmatchedList(Model):
    """Replies that fit no row, newest first."""

    replies: list[UnmatchedReply]


class Belongs(Model):
    """The row that a reply belongs to, by its key."""

    key: str


@routes.get("/api/campaigns/<campaign_id>/unmatched", responses={200: UnmatchedList})
def list_unmatched(path: CampaignPath) -> UnmatchedList:
    """Replies that fit no row, of whatever workbook; nothing for a panel that is bound to one"""
    ledger = here().services.ledger
    ledger.campaigns.get(path.campaign_id)
    found = [] if bound_workbook() else ledger.inbox.unmatched(MOST)
    return UnmatchedList(
        replies=[
            UnmatchedReply(
                id=one.id,
                sender=one.sender,
                text=one.visible,
                subject=one.subject,
                channel=one.channel,
                at=one.received_at,
                files=list(one.files),
                several=state_of(one) is ReplyState.AMBIGUOUS,
            )
            for one in found
        ]
    )


@routes.post("/api/campaigns/<campaign_id>/unmatched/<reply_id>", responses={200: Done})
def put(path: UnmatchedPath, body: Belongs) -> Done:
    """Say to which row of the campaign a reply belongs: it is read there as any other"""
    if bound_workbook():
        raise NotFound("There is no such reply in this workbook.")
    services = here().services
    campaign = services.ledger.campaigns.get(path.campaign_id)
    taken = belongs(ledger=services.ledger, campaign=campaign, row_key=body.key, reply_id=path.reply_id)
    services.wake(INTERPRET, taken.id)
    return Done(changed=1)
