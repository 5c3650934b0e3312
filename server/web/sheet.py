"""What the panel asks of the sheet's host: whether we may work there, links to rows of a kind, and that it changed."""

from __future__ import annotations

from contextlib import suppress

from server import queue
from server.domain.words import CampaignState
from server.errors import TemporaryError
from server.services import is_online
from server.sheets.access import Standing
from server.web.api import CampaignPath
from server.web.app import here
from server.web.routes import blueprint
from server.web.schemas import AccessView, Done, Links, LinkView, SheetPath
from server.web.sessions import bound_workbook
from server.web.workbooks import default_workbook, open_sheet

routes = blueprint("sheet", "The live sheet")


@routes.get("/api/campaigns/<campaign_id>/links", responses={200: Links})
def links(path: CampaignPath) -> Links:
    """Links to views of the sheet that show rows of a kind (Review, No answer, ...); none where its host has no such"""
    found = here().campaigns.links(path.campaign_id)
    return Links(links=[LinkView(name=name, url=url) for name, url in found.items()])


@routes.post("/api/sheet/check", responses={200: AccessView})
def check_access(body: SheetPath) -> AccessView:
    """Whether Cellback may edit the spreadsheet, and else with whom to share it"""
    web = here()
    workbook = bound_workbook() or body.workbook or default_workbook(web)
    if not is_online(workbook):
        opened = open_sheet(body.workbook, body.sheet)
        return AccessView(standing=Standing.OK.value, sentence=f"“{opened.title}” can be opened.")
    found = web.services.check_access(workbook)
    return AccessView(standing=found.standing.value, sentence=found.sentence, account=found.address)


@routes.post("/api/sheet/changed", responses={200: Done})
def sheet_changed(body: SheetPath) -> Done:
    """Say that somebody changed the sheet: it is looked at soon. A hint only, with no data in it"""
    web, sheet = here(), open_sheet(body.workbook, body.sheet)
    told = 0
    for campaign in web.services.ledger.campaigns.of_sheet(sheet.workbook, sheet.name):
        if campaign.state is not CampaignState.CANCELLED:
            with suppress(TemporaryError):  # the sweep comes by
                web.services.queue.enqueue(queue.SYNC, campaign.id, "told")
                told += 1
    return Done(changed=told)
