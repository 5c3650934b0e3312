"""A question back to somebody whose answer is not clear: a person's own words, sent as the next step of the row."""

from __future__ import annotations

from dataclasses import replace

from server.domain.campaign import Campaign
from server.domain.fingerprint import approval_of
from server.domain.machine import Approved, MessageEvent, Noted
from server.domain.message import Approval, Message
from server.domain.routes import way_of, way_word
from server.domain.rows import Locator
from server.domain.table import Row
from server.domain.words import CampaignState, Flag, MessageState, Outcome
from server.errors import AddressError, Conflict, InvalidInput, NotFound
from server.flow.composing import MAILS, by_template, extras_of, finished, last_heard, objections, said
from server.flow.following import LONGEST_TEXT, next_step
from server.flow.records import TOGETHER, Bound, Reader
from server.ports import Channel, ChannelOf, Clock, Drafter, DraftText, Ledger, ReadRequest, Sheet, Step

LONGEST_SUBJECT = 500
QUESTION_BACK = "question back"
LATER = {
    CampaignState.PAUSED: "This question back goes out when the campaign is resumed.",
    CampaignState.DRAFTING: "This question back goes out when the campaign is sent.",
    CampaignState.DRAFTED: "This question back goes out with the others, when the campaign is sent.",
}
"""Where it can't leave by itself: others are approved and wait for a person to say Send, or soon will be."""


def ask_back(
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
) -> Message:
    """Send exactly this text to that one person, in answer to what they wrote; the row's new message, approved.

    It goes the way that the last message went. Raises NotFound, InvalidInput for a text that can't be sent, Conflict
    with the reason where the row may not be asked (no answer yet, settled, changed, opted out, asked already).
    """
    message = _asked(ledger, campaign, message_id)
    reader = Reader(sheet.read(TOGETHER), campaign.plan, channel_of)
    row, bound = _whom(reader, message)
    channel = channel_of(bound.way.channel, bound.way.provider)
    new = _written(ledger, clock, reader, message, row, bound, channel, text, subject)
    here = way_word(campaign.plan, new)
    source = reader.source(row)
    alone = not ledger.messages.states(campaign.id).get(MessageState.APPROVED)
    at_once = campaign.state not in LATER or (campaign.state is CampaignState.DRAFTED and alone)
    yes = Approval(who, clock.now(), approval_of(new.text, new.subject, new.address, source, here))
    events: list[MessageEvent] = [
        Approved(yes, new.text, new.subject, new.address, source, new.identity, new.channel, new.carrier, new.extras)
    ]
    events += [] if at_once else [Noted(LATER[campaign.state])]
    [stands] = ledger.messages.follow([Step(message.id, new, QUESTION_BACK, who, answered=True, events=tuple(events))])
    if stands is None:
        raise Conflict("This row was asked already, or another reply has just come: please look at it again.")
    if at_once and campaign.state is not CampaignState.SENDING:
        ledger.campaigns.move(campaign.id, CampaignState.SENDING, start_at=clock.now(), who=who)
    return stands


async def clarify(
    *,
    ledger: Ledger,
    sheet: Sheet,
    channel_of: ChannelOf,
    campaign: Campaign,
    message_id: str,
    drafter: Drafter,
    today: str,
) -> DraftText:
    """A drafted question back, for a person to look at: nothing is sent, nothing is stored.

    Raises NotFound, Conflict where the row may not be asked, and what the drafter raises.
    """
    message = _asked(ledger, campaign, message_id)
    reader = Reader(sheet.read(TOGETHER), campaign.plan, channel_of)
    row, bound = _whom(reader, message)
    plan = campaign.plan.with_channel(bound.way.channel, bound.way.provider)
    record = reader.record(row)
    request = ReadRequest(
        reply=message.reply,
        question=message.question or plan.question or campaign.instruction,
        plan=plan,
        record={name: shown for name, shown in record.items() if name in {*plan.read_columns, plan.name_column}},
        today=today,
    )
    drafted = await drafter.clarify(request)
    channel = channel_of(bound.way.channel, bound.way.provider)
    subject = _reply_subject(message.subject or drafted.subject) if channel.name in MAILS else ""
    return replace(drafted, text=finished(drafted.text, plan, channel), subject=subject)


def _reply_subject(subject: str) -> str:
    return subject if not subject or subject.casefold().startswith("re:") else f"Re: {subject}"


def _asked(ledger: Ledger, campaign: Campaign, message_id: str) -> Message:
    """The message whose answer is not clear, where its row may be asked back. Raises NotFound, Conflict."""
    message = ledger.messages.get(message_id)
    if message.campaign_id != campaign.id:
        raise NotFound("There is no such message in this campaign.")
    if campaign.state is CampaignState.CANCELLED:
        raise Conflict("This campaign was cancelled: nobody is written to any more.")
    if message.settled_by:
        raise Conflict(f"{message.settled_by} settled this row: there is nothing left to ask.")
    if message.followed:
        raise Conflict("This row was written to again already: please look at it again.")
    if message.state is not MessageState.SENT or not message.token:
        raise Conflict("This row can't be asked back: nothing that was sent to it has an answer.")
    if message.outcome in {None, Outcome.AUTOMATIC}:
        raise Conflict("There is no answer to ask about yet. A reminder is what asks again.")
    if message.flag is Flag.SURE and message.outcome is not Outcome.OPT_OUT:
        raise Conflict("Their answer is clear by now: another reply has come. Please look at this row again.")
    if message.outcome is Outcome.OPT_OUT or _stopped(ledger, campaign, message):
        raise Conflict("This address asked not to be written to again.")
    return message


def _stopped(ledger: Ledger, campaign: Campaign, message: Message) -> bool:
    return ledger.suppressions.stands(message.address, way_of(campaign.plan, message).channel) is not None


def _whom(reader: Reader, message: Message) -> tuple[Row, Bound]:
    """The row as it is now, and its way: the one that the last message went. Raises Conflict where these differ."""
    place = Locator(reader.table, reader.identity).find(message.row_key, message.identity)
    if place.row is None:
        raise Conflict(place.why)
    try:
        bound = reader.bound(place.row, message.unreached)
    except AddressError as error:
        raise Conflict(error.sentence) from None
    way = way_of(reader.plan, message)
    if (bound.address, bound.way.channel) != (message.address, way.channel):
        raise Conflict("The row's address has changed since: write to the new one in a message of its own.")
    return place.row, bound


def _written(
    ledger: Ledger,
    clock: Clock,
    reader: Reader,
    message: Message,
    row: Row,
    bound: Bound,
    channel: Channel,
    text: str,
    subject: str,
) -> Message:
    """The new message with this text. Raises InvalidInput where it can't be sent."""
    if not text.strip():
        raise InvalidInput("Write what you want to ask.", field="text")
    if len(text) > LONGEST_TEXT or len(subject) > LONGEST_SUBJECT:
        raise InvalidInput(f"That is too long: at most {LONGEST_TEXT:,} characters.", field="text")
    if found := reader.leftover(row, text, subject):
        raise InvalidInput(f"The text still holds “{found}”.", field="text")
    extras, wrong = extras_of(reader, row, bound, channel)
    if by_template(reader.plan, channel.name):  # they wrote: for a day no template is needed, and none says this
        extras, wrong = replace(extras, template=None, text=""), []
    new = next_step(
        message,
        state=MessageState.DRAFTED,
        text=text,
        subject=subject if channel.name in MAILS else "",
        channel=bound.way.channel,
        carrier=bound.way.provider,
        identity=reader.identity(row),
        extras=replace(extras, attachment=""),
        template=text,
        question=text,
    )
    wrong += objections(new, channel, last_heard(ledger, channel, new.address), clock.now())
    if wrong:
        raise InvalidInput(said(wrong), field="text")
    return new
