"""`status`: how the campaigns of a workbook stand."""

from __future__ import annotations

import json
import sys

from server.campaigns import CampaignService, Overview
from server.config import load_settings
from server.errors import NotFound
from server.services import Services, build, take_workbook, workbook_name


def show_status(workbook: str, sheet: str, *, as_json: bool) -> int:
    """Print the newest campaign of the sheet (all of them, as text). Raises NotFound when there is none."""
    services = build(load_settings())
    try:
        taken, _ = take_workbook(workbook)
        opened = services.open_sheet(taken, sheet)
        found = services.ledger.campaigns.of_sheet(opened.workbook, opened.name)
        if not found:
            where = f"“{opened.title}” of {workbook_name(opened.workbook)}"
            raise NotFound(f"There is no campaign on the sheet {where} yet.")
        service = CampaignService(services)
        views = [service.overview(campaign.id) for campaign in found]
        if as_json:
            sys.stdout.write(json.dumps(summary(views[0]), ensure_ascii=False) + "\n")
        else:
            told = [(view, _spent(services, service, view)) for view in views]
            sys.stdout.write("\n".join(_lines(told)) + "\n")
        return 0
    finally:
        services.close()


def summary(view: Overview) -> dict[str, object]:
    """The JSON object of `run` and `status`: the state of the campaign.

    Every row stands at one word of `status`; those that have none before they are drafted are `undrafted`.
    """
    told = {"campaign": view.campaign.id, "rows": view.chosen, "status": view.statuses}
    return told | ({"undrafted": left} if (left := _undrafted(view)) else {})


def _undrafted(view: Overview) -> int:
    return view.chosen - sum(view.counts.values())


def _spent(services: Services, service: CampaignService, view: Overview) -> str:
    """What its calls of the model used, "" where it has none."""
    return "" if services.offline_model else service.spending(view.campaign.id).sentence


def _lines(views: list[tuple[Overview, str]]) -> list[str]:
    """Each campaign with what its model used, "" where it asks none."""
    lines = []
    for view, spent in views:
        campaign = view.campaign
        lines.append(f"{campaign.name}  ({campaign.id}, {campaign.state.value}, {view.chosen} rows)")
        lines += [f"  {count:>6}  {word}" for word, count in view.statuses.items()]
        if left := _undrafted(view):
            lines.append(f"  {left:>6}  not drafted yet")
        if campaign.told:
            lines.append(f"  {campaign.told}")
        if spent:
            lines.append(f"  {spent}")
        if view.pending_cells:
            lines.append(f"  {view.pending_cells} cells wait to be written")
    return lines
