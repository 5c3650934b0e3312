"""The rows behind the numbers of a plan: whom it means, who gets nothing and why, and every cell of a fault."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from server.left_out import Kind, rows_of
from server.web.api import CampaignPath
from server.web.app import here
from server.web.model import Model
from server.web.routes import blueprint
from server.web.schemas import FaultCell
from server.web.speaking import Sentence

routes = blueprint("left_out", "Campaigns")

PAGE = 500


class LeftOutQuery(Model):
    """Which rows of the plan: those that are meant (`chosen`), or those that get nothing, by the reason."""

    kind: Kind
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=PAGE)] = PAGE


class LeftOutRow(Model):
    """A row with the reason, and the column where it is seen."""

    key: str = Field(description="Empty while the row has none.")
    row: int = Field(description="Row number at this moment, for people only.")
    person: str
    reason: Sentence = Field(description="Why it gets nothing; of a row that is meant its address.")
    column: str


class LeftOutList(Model):
    """A page of them, in the order of the sheet."""

    rows: list[LeftOutRow]
    total: int


class FaultQuery(Model):
    """Which fault, and which part of its cells."""

    kind: str
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=PAGE)] = PAGE


class FaultCells(Model):
    """A page of a fault's cells; none when it is mended."""

    cells: list[FaultCell]
    total: int


@routes.get("/api/campaigns/<campaign_id>/left-out", responses={200: LeftOutList})
def left_out(path: CampaignPath, query: LeftOutQuery) -> LeftOutList:
    """Rows of the plan that get nothing, with the reason; or those that are meant"""
    web = here()
    campaign = web.services.ledger.campaigns.get(path.campaign_id)
    version, table = web.tables.look(web.campaigns.sheet(campaign))
    state = (campaign.id, campaign.version, version, query.kind)
    found = web.left_out.kept(state, lambda: rows_of(web.services, campaign, table, query.kind))
    page = found[query.offset : query.offset + query.limit]
    return LeftOutList(
        rows=[
            LeftOutRow(key=one.key, row=one.row, person=one.person, reason=one.reason, column=one.column)
            for one in page
        ],
        total=len(found),
    )


@routes.get("/api/campaigns/<campaign_id>/faults", responses={200: FaultCells})
def fault_cells(path: CampaignPath, query: FaultQuery) -> FaultCells:
    """All cells of a fault that pre-flight found, a page at a time"""
    web = here()
    sheet = web.campaigns.sheet(web.services.ledger.campaigns.get(path.campaign_id))
    state = (path.campaign_id, web.campaigns.version(path.campaign_id), web.tables.look(sheet)[0], "faults")
    faults = web.left_out.kept(state, lambda: web.campaigns.overview(path.campaign_id).faults)
    cells = [cell for fault in faults if fault.kind == query.kind for cell in fault.cells]
    page = cells[query.offset : query.offset + query.limit]
    return FaultCells(
        cells=[FaultCell(key=cell.key, column=cell.column, row=cell.row) for cell in page], total=len(cells)
    )
