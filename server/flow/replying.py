"""A person's own words to somebody who answered: a plain reply, which keeps the row's answer, as its next step."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from server.domain.campaign import Campaign
from server.domain.machine import has_answer
from server.domain.message import Message
from server.domain.words import CampaignState, MessageState, Outcome
from server.errors import Conflict, NotFound
from server.flow import asking_back
from server.flow.records import TOGETHER, Reader
from server.ports import ChannelOf, Clock, Drafter, DraftText, Ledger, Sheet, Step

REPLY = "reply"


def reply(
    *,
    ledger: Ledger,
    sheet: Sheet,
    channel_of: ChannelOf,
    clock: Clock,
    campaign: Campaign,
    message_id: str,
    text: str,
    subject: str,
    who: str,
    heard: datetime | None = None,
) -> Message:
    """Send exactly this text to that one person, threaded to what was sent before; the row's new message, approved.

    Where their answer stands (sure, or settled by a person), the row keeps it: what comes back is read as a further
    word of theirs, so that a mere thanks changes nothing and a contradiction is shown. A text that asks something is
    what the next word is read against. Where their answer is not clear, it is a question back, as `ask_back` says.
    `heard` is when the newest reply came that `who` knew of. Raises NotFound, InvalidInput for a text that can't be
    sent, Conflict with the reason where the row may not be written to.
    """
    message = _of(ledger, campaign, message_id)
    _refuse(ledger, campaign, message)
    if not has_answer(message):
        return asking_back.ask_back(
            ledger=ledger,
            sheet=sheet,
            channel_of=channel_of,
            clock=clock,
            campaign=campaign,
            message_id=message_id,
            text=text,
            subject=subject,
            who=who,
            heard=heard,
        )
    asking_back.refuse_older(message, heard)
    reader = Reader(sheet.read(TOGETHER), campaign.plan, channel_of)
    row, bound = asking_back.whom(reader, message)
    new = asking_back.written(ledger, channel_of, clock, reader, message, row, bound, text, subject)
    new = replace(new, question=text if asks(text) else "")
    step = Step(message.id, new, REPLY, who, kept=True, heard=message.replied_at)
    return asking_back.follow_at_once(ledger, clock, campaign, reader.source(row), step)


async def draft_reply(
    *,
    ledger: Ledger,
    sheet: Sheet,
    channel_of: ChannelOf,
    campaign: Campaign,
    message_id: str,
    drafter: Drafter,
    today: str,
) -> DraftText:
    """A drafted reply, for a person to look at: what was understood, or a question back where it is not clear. Nothing
    is sent, nothing is stored. Raises NotFound, Conflict as `reply` does, and what the drafter raises."""
    message = _of(ledger, campaign, message_id)
    _refuse(ledger, campaign, message)
    if not has_answer(message):
        return await asking_back.clarify(
            ledger=ledger,
            sheet=sheet,
            channel_of=channel_of,
            campaign=campaign,
            message_id=message_id,
            drafter=drafter,
            today=today,
        )
    reader = Reader(sheet.read(TOGETHER), campaign.plan, channel_of)
    row, bound = asking_back.whom(reader, message)
    request = asking_back.request_of(campaign, message, reader, row, bound, today)
    drafted = await drafter.acknowledge(request, {name: said for name, said in message.values.items() if said})
    return asking_back.to_look_at(drafted, message, request.plan, channel_of(bound.way.channel, bound.way.provider))


def refusal(*, ledger: Ledger, campaign: Campaign, message: Message) -> str:
    """Why nobody can reply to this row now, a sentence; "" when they can, as far as the ledger knows."""
    try:
        _refuse(ledger, campaign, message)
    except Conflict as error:
        return error.sentence
    return ""


def asks(text: str) -> bool:
    """Whether a text asks something."""
    return any(mark in text for mark in "?？؟")


def _of(ledger: Ledger, campaign: Campaign, message_id: str) -> Message:
    message = ledger.messages.get(message_id)
    if message.campaign_id != campaign.id:
        raise NotFound("There is no such message in this campaign.")
    return message


def _refuse(ledger: Ledger, campaign: Campaign, message: Message) -> None:
    """Raise Conflict where the row may not be written to in answer to what they wrote."""
    if campaign.state is CampaignState.CANCELLED:
        raise Conflict("This campaign was cancelled: nobody is written to any more.")
    if message.followed:
        raise Conflict("This row was written to again already: please look at it again.")
    if not message.token:
        raise Conflict("What was known of this person was removed.")
    if message.state is not MessageState.SENT:
        raise Conflict("Nothing was sent to this row yet, or something is under way.")
    if message.outcome is Outcome.OPT_OUT or asking_back.stopped(ledger, campaign, message):
        raise Conflict("This address asked not to be written to again.")
    if message.outcome in {None, Outcome.AUTOMATIC}:
        raise Conflict("There is no answer to reply to yet. A reminder is what asks again.")
