"""Use cases of answers, shared by whoever serves them: how far messages got, when, what was said, a reply to one."""

from __future__ import annotations

from datetime import datetime

from server.domain.conversation import Turn, conversation
from server.domain.message import Message
from server.domain.quiet import day_of
from server.domain.reach import Reach, Stage
from server.domain.timeline import COARSE, Timeline, slice_for, timeline, zone_of
from server.errors import NotFound
from server.flow import replying
from server.flow.following import REST
from server.ports import DraftText, Ledger
from server.queue import SEND, SYNC
from server.services import Services


def reach(services: Services, campaign_id: str) -> Reach:
    """How far the messages of a campaign got, row by row. Raises NotFound."""
    campaign = services.ledger.campaigns.get(campaign_id)
    return services.ledger.messages.reach(campaign.id, services.clock.now() - REST)


def rows_at(services: Services, campaign_id: str, stage: Stage) -> set[str]:
    """The keys of the rows that `reach` counts at that stage."""
    return services.ledger.messages.rows_at(campaign_id, stage, services.clock.now() - REST)


def over_time(services: Services, campaign_id: str, zone: str) -> Timeline:
    """What was sent and what came back, in as many buckets as a chart shows; days are those of the time zone (an
    unknown one is UTC). Raises NotFound."""
    messages = services.ledger.messages
    found = messages.slices(services.ledger.campaigns.get(campaign_id).id, COARSE)
    if found and (fine := slice_for(found[-1].at - found[0].at)) != COARSE:
        found = messages.slices(campaign_id, fine)
    return timeline(found, zone_of(zone))


def said(services: Services, campaign_id: str, key: str) -> tuple[Message, list[Turn]]:
    """The message that a row shows, and all that was said between us and its person. Raises NotFound."""
    ledger = services.ledger
    message = of_row(ledger, campaign_id, key)
    steps = ledger.messages.steps(campaign_id, key)
    trail = [entry for step in steps for entry in ledger.audit.of_message(step.id)]
    return message, conversation(steps, ledger.inbox.replies(campaign_id, row_key=key), trail)


def of_row(ledger: Ledger, campaign_id: str, key: str) -> Message:
    """The message that a row shows. Raises NotFound."""
    message = ledger.messages.of_row(ledger.campaigns.get(campaign_id).id, key)
    if message is None:
        raise NotFound("There is no message of that row in this campaign.")
    return message


def why_not(services: Services, message: Message) -> str:
    """Why nobody can reply to that row now, a sentence; "" when they can."""
    campaign = services.ledger.campaigns.get(message.campaign_id)
    return replying.refusal(ledger=services.ledger, campaign=campaign, message=message)


def draft_reply(services: Services, campaign_id: str, key: str) -> DraftText:
    """A drafted reply to the person of a row; nothing is sent. Raises NotFound, Conflict, and what the drafter
    raises."""
    campaign = services.ledger.campaigns.get(campaign_id)
    message = of_row(services.ledger, campaign_id, key)
    return services.models.wait_for(
        lambda: replying.draft_reply(
            ledger=services.ledger,
            sheet=services.open_sheet(campaign.workbook, campaign.sheet, campaign.header_row),
            channel_of=services.channel_for,
            campaign=campaign,
            message_id=message.id,
            drafter=services.drafter_for(campaign, waited=True),
            today=day_of(services.clock.now(), services.hours.zone).date().isoformat(),
        )
    )


def reply(
    services: Services,
    campaign_id: str,
    message_id: str,
    text: str,
    subject: str,
    who: str,
    heard: datetime | None = None,
) -> Message:
    """Send exactly this text to that one person, as the next step of their row. Raises NotFound, Conflict,
    InvalidInput."""
    campaign = services.ledger.campaigns.get(campaign_id)
    new = replying.reply(
        ledger=services.ledger,
        sheet=services.open_sheet(campaign.workbook, campaign.sheet, campaign.header_row),
        channel_of=services.channel_for,
        clock=services.clock,
        campaign=campaign,
        message_id=message_id,
        text=text,
        subject=subject,
        who=who,
        heard=heard,
    )
    for job in ((SEND, campaign_id, str(new.chunk)), (SYNC, campaign_id)):
        services.wake(*job)
    return new
