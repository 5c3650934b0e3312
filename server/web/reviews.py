"""Replies that a person should look at, and their decisions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from server.domain.cells import status
from server.domain.plan import Plan
from server.domain.words import BEYOND_SEND, Status
from server.errors import NotFound
from server.ports import Ledger
from server.web.api import CampaignPath
from server.web.app import here
from server.web.auth import who
from server.web.routes import blueprint
from server.web.schemas import MessageView, Model, ReviewItem, ReviewList, Settle
from server.web.sessions import bound_workbook
from server.web.views import message_view, review_item

routes = blueprint("reviews", "Reviews")

MOST = 500
"""Reviews (and unmatched replies) that the panel gets at once: it shows one at a time."""


LONG_AGO = datetime.min.replace(tzinfo=UTC)


class ReviewQuery(Model):
    """What waits, or some of what does not."""

    sample: Annotated[int, Field(ge=1, le=100)] | None = Field(
        None,
        description="So many sure readings that nobody looked at, in a random order that stays, in place of those that "
        "wait: decided one by one they tell how far the reader can be trusted (`python -m server calibrate`).",
    )


class ReviewPath(CampaignPath):
    """A message whose reply waits for a person."""

    message_id: str


@routes.get("/api/campaigns/<campaign_id>/reviews", responses={200: ReviewList})
def list_reviews(path: CampaignPath, query: ReviewQuery) -> ReviewList:
    """What waits for a person, oldest first; or a spot check of what does not"""
    ledger = here().services.ledger
    plan = ledger.campaigns.get(path.campaign_id).plan
    if query.sample is not None:
        return ReviewList(reviews=_spot_check(ledger, path.campaign_id, plan, query.sample), unmatched=0)
    replies = ledger.inbox.replies(path.campaign_id)
    came = {reply.message_id: reply.received_at for reply in replies}
    by = {reply.message_id: reply for reply in reversed(replies)}  # the newest is the one on show
    sent = ledger.messages.of_campaign(path.campaign_id, states=BEYOND_SEND)
    waiting = [message for message in sent if status(message) is Status.REVIEW]
    waiting.sort(key=lambda message: came.get(message.id, LONG_AGO))
    return ReviewList(
        reviews=[review_item(message, plan, by.get(message.id)) for message in waiting[:MOST]],
        # They are of no workbook, and so nothing for a sidebar that is bound to one.
        unmatched=0 if bound_workbook() else len(ledger.inbox.unmatched(MOST)),
    )


def _spot_check(ledger: Ledger, campaign_id: str, plan: Plan, count: int) -> list[ReviewItem]:
    """Sure readings that nobody settled or checked, with as many texts read as are shown."""
    found = []
    for message_id in ledger.labels.to_check(campaign_id, count):
        message = ledger.messages.get(message_id)
        replies = ledger.inbox.replies(campaign_id, row_key=message.row_key)
        by = next((reply for reply in replies if reply.message_id == message_id), None)
        found.append(review_item(message, plan, by))
    return found


@routes.post("/api/campaigns/<campaign_id>/reviews/<message_id>", responses={200: MessageView})
def settle(path: ReviewPath, body: Settle) -> MessageView:
    """A person's decision about a reply; it wins over any later reading

    Of a reading that is sure it is a spot check: who agrees with it changes nothing in the row, and a later reply is
    read as ever.
    """
    web = here()
    if web.services.ledger.messages.get(path.message_id).campaign_id != path.campaign_id:
        raise NotFound("There is no such message in this campaign.")
    settled = web.campaigns.settle(path.campaign_id, path.message_id, who(), body.outcome, body.values, body.replied_at)
    return message_view(settled)
