"""What a campaign's calls of the language model used and would use, and what bounds them."""

from __future__ import annotations

from server.domain.usage import shown
from server.web.api import CampaignPath, view
from server.web.app import here
from server.web.routes import blueprint
from server.web.schemas import Bounds, CampaignView, ModelUse

routes = blueprint("model", "Language model")


@routes.get("/api/campaigns/<campaign_id>/model", responses={200: ModelUse})
def model_use(path: CampaignPath) -> ModelUse:
    """What the model used so far, and what the rows without a text would use"""
    found = here().campaigns.spending(path.campaign_id)
    return ModelUse(
        model=found.model,
        calls=found.usage.calls,
        input=found.usage.input,
        cached=found.usage.cached,
        output=found.usage.output,
        cost=None if found.cost is None else shown(found.cost),
        most_tokens=found.most_tokens,
        most_cost=None if found.most_cost is None else float(found.most_cost),
        per_row=found.per_row,
        rest=found.rest,
        sentence=found.sentence,
    )


@routes.patch("/api/campaigns/<campaign_id>/bounds", responses={200: CampaignView})
def bound(path: CampaignPath, body: Bounds) -> CampaignView:
    """Change what bounds the campaign; fields that are left out stay, null is as the settings say"""
    web = here()
    web.campaigns.bound(path.campaign_id, {name: getattr(body, name) for name in body.model_fields_set})
    return view(web, path.campaign_id)
