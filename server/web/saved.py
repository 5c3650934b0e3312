"""Campaigns saved to use again: listed, saved from a campaign, renamed, removed. A session that is bound to a workbook
sees what its own person saved and what was saved in that workbook, and no more."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from server.domain.keys import new_id
from server.domain.saved import LONGEST_NAME, SavedCampaign, saved_from
from server.domain.words import ChannelName
from server.errors import InvalidInput
from server.web.api import CampaignPath
from server.web.app import here
from server.web.auth import who
from server.web.model import Model
from server.web.routes import blueprint
from server.web.schemas import Done, SheetPath
from server.web.sessions import bound_workbook
from server.web.workbooks import default_workbook

routes = blueprint("saved", "Campaigns")


class SavedPath(Model):
    """A saved campaign in the address."""

    saved_id: str


class SavedName(Model):
    """What people call a saved campaign."""

    name: Annotated[str, Field(max_length=LONGEST_NAME)]


class SavedView(Model):
    """What a new campaign can be begun with. Its fields go into `POST /api/campaigns` as they are."""

    id: str
    name: str
    instruction: str
    template: str
    subject: str
    channel: ChannelName | None
    provider: str
    answers: list[str] = Field(description="Column=Value|Value|..., as on the command line.")
    language: str
    tone: str
    counts: str
    remind_after: int
    who: str = Field(description="Who saved it.")
    mine: bool = Field(description="Saved by this person, who may rename and remove it.")
    here: bool = Field(description="Saved in this workbook.")
    since: datetime | None


class SavedList(Model):
    """Saved campaigns, newest first."""

    saved: list[SavedView]


@routes.get("/api/saved", responses={200: SavedList})
def list_saved(query: SheetPath) -> SavedList:
    """What this person saved, and what was saved in this workbook by anybody"""
    saved, workbook = here().services.ledger.saved, _workbook(query.workbook)
    mine = saved.owned(who())
    return SavedList(saved=[_view(one, workbook, mine) for one in saved.of(who(), workbook)])


@routes.post("/api/campaigns/<campaign_id>/save", responses={200: SavedView})
def save(path: CampaignPath, body: SavedName) -> SavedView:
    """Save a campaign's instruction and rules to use again, in place of what was saved under that name"""
    ledger = here().services.ledger
    campaign = ledger.campaigns.get(path.campaign_id)
    new = saved_from(campaign, saved_id=new_id("s"), name=_name(body.name), who=who())
    kept = ledger.saved.put(who(), new)
    return _view(kept, campaign.workbook, {kept.id})


@routes.patch("/api/saved/<saved_id>", responses={200: SavedView})
def rename(path: SavedPath, body: SavedName) -> SavedView:
    """Give one of one's own another name"""
    found = here().services.ledger.saved.rename(who(), path.saved_id, _name(body.name))
    return _view(found, _workbook(""), {found.id})


@routes.post("/api/saved/<saved_id>/remove", responses={200: Done})
def remove(path: SavedPath) -> Done:
    """Forget one of one's own"""
    here().services.ledger.saved.remove(who(), path.saved_id)
    return Done(changed=1)


def _workbook(named: str) -> str:
    return bound_workbook() or named or default_workbook(here())


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise InvalidInput("Give it a name, so that you find it again.", field="name")
    return name


def _view(one: SavedCampaign, workbook: str, mine: set[str]) -> SavedView:
    return SavedView(
        id=one.id,
        name=one.name,
        instruction=one.instruction,
        template=one.template,
        subject=one.subject,
        channel=one.channel,
        provider=one.provider,
        answers=list(one.answers),
        language=one.language,
        tone=one.tone,
        counts=one.counts,
        remind_after=one.remind_after,
        who=one.who,
        mine=one.id in mine,
        here=one.workbook == workbook,
        since=one.since,
    )
