"""Use cases of further steps of a row, shared by the command line and the API: reminders, questions back."""

from __future__ import annotations

from collections.abc import Collection

from server.domain.machine import WITHDRAWABLE
from server.domain.message import Message
from server.domain.quiet import day_of
from server.domain.words import MessageState
from server.flow import asking_back, following
from server.ports import DraftText
from server.queue import DRAFT, SEND, SYNC
from server.services import Services


def remind(
    services: Services, campaign_id: str, keys: Collection[str] | None, who: str, text: str = ""
) -> following.Reminders:
    """Let reminders be drafted for rows without an answer (of these keys); how many, and why others were left.

    Raises Conflict, InvalidInput, NotFound.
    """
    ledger = services.ledger
    campaign = ledger.campaigns.get(campaign_id)
    done = following.remind(
        ledger=ledger, clock=services.clock, campaign=campaign, keys=keys, who=who, text=text.strip()
    )
    for chunk in ledger.messages.chunks(campaign_id, [MessageState.CHOSEN]):
        services.wake(DRAFT, campaign_id, str(chunk))
    services.wake(SYNC, campaign_id)
    return done


def clarify(services: Services, campaign_id: str, message_id: str) -> DraftText:
    """A drafted question back about an answer that is not clear; nothing is sent. Raises NotFound, Conflict, and what
    the drafter raises."""
    campaign = services.ledger.campaigns.get(campaign_id)
    return services.models.wait_for(
        lambda: asking_back.clarify(
            ledger=services.ledger,
            sheet=services.open_sheet(campaign.workbook, campaign.sheet, campaign.header_row),
            channel_of=services.channel_for,
            campaign=campaign,
            message_id=message_id,
            drafter=services.drafter_for(campaign, waited=True),
            today=day_of(services.clock.now(), services.hours.zone).date().isoformat(),
        )
    )


def ask_back(services: Services, campaign_id: str, message_id: str, text: str, subject: str, who: str) -> Message:
    """Send exactly this text to that one person, as the next step of their row. Raises NotFound, Conflict,
    InvalidInput."""
    campaign = services.ledger.campaigns.get(campaign_id)
    asked = asking_back.ask_back(
        ledger=services.ledger,
        sheet=services.open_sheet(campaign.workbook, campaign.sheet, campaign.header_row),
        channel_of=services.channel_for,
        clock=services.clock,
        campaign=campaign,
        message_id=message_id,
        text=text,
        subject=subject,
        who=who,
    )
    services.wake(SEND, campaign_id, str(asked.chunk))
    services.wake(SYNC, campaign_id)
    return asked


def take_out(services: Services, found: Collection[Message], who: str) -> int:
    """Skip further steps that have not left: their rows show again what was sent before. How many."""
    waiting = [message.id for message in found if message.step and message.state in WITHDRAWABLE]
    shown = services.ledger.messages.fall_back_all(waiting, f"Skipped by {who}.", who)
    return sum(one.id != message_id for one, message_id in zip(shown, waiting, strict=True))
