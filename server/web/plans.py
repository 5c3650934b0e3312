"""The plan of a campaign for the panel: its fields, the text for all rows, approved templates."""

from __future__ import annotations

from typing import Any

from server import retemplating
from server.domain.plan import Route
from server.web.api import CampaignPath, view
from server.web.app import here
from server.web.auth import who
from server.web.plan_schemas import ListedTemplate, PlanEdit, Retemplated, TemplateList, TemplateView, TextWay
from server.web.routes import blueprint
from server.web.schemas import CampaignView
from server.web.views import answer_column, template_choice, template_view

routes = blueprint("plans", "Campaigns")


@routes.patch("/api/campaigns/<campaign_id>/plan", responses={200: CampaignView})
def edit_plan(path: CampaignPath, body: PlanEdit) -> CampaignView:
    """Change fields of the plan; those left out stay"""
    web = here()
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    changes = {name: value for name, value in changes.items() if value is not None}
    if body.read_columns is not None:
        changes["read_columns"] = tuple(body.read_columns)
    if body.answer_columns is not None:
        changes["answer_columns"] = tuple(answer_column(column) for column in body.answer_columns)
    if body.routes is not None:
        changes["routes"] = tuple(Route(way.channel, way.provider, way.address_column) for way in body.routes)
    if body.whatsapp_template is not None:
        changes["whatsapp_template"] = web.campaigns.template(path.campaign_id, template_choice(body.whatsapp_template))
    web.campaigns.edit_plan(path.campaign_id, changes)
    return view(web, path.campaign_id)


@routes.post("/api/campaigns/<campaign_id>/text", responses={200: CampaignView})
def write_text(path: CampaignPath, body: TextWay) -> CampaignView:
    """Have one text written for all rows, or take it away so that each row gets its own"""
    web = here()
    web.campaigns.write_text(path.campaign_id, body.way)
    return view(web, path.campaign_id)


@routes.get("/api/campaigns/<campaign_id>/templates", responses={200: TemplateList})
def list_templates(path: CampaignPath) -> TemplateList:
    """Templates that the plan's WhatsApp provider has approved, with what makes one unfit"""
    found = here().campaigns.templates(path.campaign_id)
    return TemplateList(
        templates=[ListedTemplate(**template_view(one.template).model_dump(), unfit=one.unfit) for one in found]
    )


@routes.post("/api/campaigns/<campaign_id>/template", responses={200: Retemplated})
def change_template(path: CampaignPath, body: TemplateView) -> Retemplated:
    """Another WhatsApp template (an empty name: none) for drafts that nobody approved; they are written anew with it"""
    web = here()
    template = web.campaigns.template(path.campaign_id, template_choice(body))
    done = retemplating.change(web.services, path.campaign_id, template, who())
    return Retemplated(changed=done.count, edited=done.edited, sentence=done.sentence)
