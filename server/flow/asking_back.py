"""A question back to somebody whose answer is not clear: a person's own words, sent as the next step of the row."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from server.domain.campaign import Campaign
from server.domain.fingerprint import approval_of
from server.domain.machine import Approved, MessageEvent, Noted
from server.domain.message import Approval, Message
from server.domain.plan import Plan
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
    CampaignState.PAUSED: "This {} goes out when the campaign is resumed.",
    CampaignState.DRAFTING: "This {} goes out when the campaign is sent.",
    CampaignState.DRAFTED: "This {} goes out with the others, when the campaign is sent.",
}
"""Where it can't leave by itself: others are approved and wait for a person to say Send, or soon will be."""
CHOSEN = "This {} goes out with the others, at the time that was chosen for them."


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
    heard: datetime | None = None,
) -> Message:
    """Send exactly this text to that one person, in answer to what they wrote; the row's new message, approved.

    It goes the way that the last message went. `heard` is when the newest reply came that `who` knew of. Raises
    NotFound, InvalidInput for a text that can't be sent, Conflict with the reason where the row may not be asked (no
    answer yet, settled, changed, opted out, asked already).
    """
    message = _asked(ledger, campaign, message_id)
    refuse_older(message, heard)
    reader = Reader(sheet.read(TOGETHER), campaign.plan, channel_of)
    row, bound = whom(reader, message)
    new = written(ledger, channel_of, clock, reader, message, row, bound, text, subject)
    step = Step(message.id, new, QUESTION_BACK, who, answered=True, heard=heard)
    return follow_at_once(ledger, clock, campaign, reader.source(row), step)


def refuse_older(message: Message, heard: datetime | None) -> None:
    """Raise Conflict where another reply has come than the one that a person knew of."""
    if heard is not None and heard != message.replied_at:
        raise Conflict("Another reply of theirs has just come: please read it first.")


def follow_at_once(ledger: Ledger, clock: Clock, campaign: Campaign, source: str, step: Step) -> Message:
    """Let the step stand in its row, approved by who wrote it, and be sent; the message as it stands then. `source` is
    the fingerprint of the row. Raises Conflict where its row may not be written to now."""
    new, who = step.message, step.who
    here = way_word(campaign.plan, new)
    alone = not ledger.messages.states(campaign.id).get(MessageState.APPROVED)
    at_once = campaign.state not in LATER or (campaign.state is CampaignState.DRAFTED and alone)
    yes = Approval(who, clock.now(), approval_of(new.text, new.subject, new.address, source, here))
    events: list[MessageEvent] = [
        Approved(yes, new.text, new.subject, new.address, source, new.identity, new.channel, new.carrier, new.extras)
    ]
    if waits := CHOSEN if _put_off(campaign, clock) else "" if at_once else LATER[campaign.state]:
        events.append(Noted(waits.format(step.what)))
    [stands] = ledger.messages.follow([replace(step, events=tuple(events))])
    if stands is None:
        raise Conflict("This row was written to already, or another reply has just come: please look at it again.")
    if at_once and campaign.state is not CampaignState.SENDING:
        ledger.campaigns.move(campaign.id, CampaignState.SENDING, start_at=clock.now(), who=who)
    return stands


def _put_off(campaign: Campaign, clock: Clock) -> bool:
    """Whether nothing of the campaign leaves before a moment that is ahead."""
    chosen = campaign.scheduled_at
    return campaign.state is CampaignState.SENDING and chosen is not None and chosen > clock.now()


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
    row, bound = whom(reader, message)
    request = request_of(campaign, message, reader, row, bound, today)
    drafted = await drafter.clarify(request)
    return to_look_at(drafted, message, request.plan, channel_of(bound.way.channel, bound.way.provider))


def request_of(campaign: Campaign, message: Message, reader: Reader, row: Row, bound: Bound, today: str) -> ReadRequest:
    """What a drafter may know of somebody who is to be written to in answer to their reply."""
    plan = campaign.plan.with_channel(bound.way.channel, bound.way.provider)
    record = reader.record(row)
    return ReadRequest(
        reply=message.reply,
        question=message.question or plan.question or campaign.instruction,
        plan=plan,
        record={name: shown for name, shown in record.items() if name in {*plan.read_columns, plan.name_column}},
        today=today,
    )


def to_look_at(drafted: DraftText, message: Message, plan: Plan, channel: Channel) -> DraftText:
    """A drafted text as its person would get it on that channel."""
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
    if message.outcome is Outcome.OPT_OUT or stopped(ledger, campaign, message):
        raise Conflict("This address asked not to be written to again.")
    return message


def stopped(ledger: Ledger, campaign: Campaign, message: Message) -> bool:
    """Whether the message's address must not be written to on its channel."""
    return ledger.suppressions.stands(message.address, way_of(campaign.plan, message).channel) is not None


def whom(reader: Reader, message: Message) -> tuple[Row, Bound]:
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


def written(
    ledger: Ledger,
    channel_of: ChannelOf,
    clock: Clock,
    reader: Reader,
    message: Message,
    row: Row,
    bound: Bound,
    text: str,
    subject: str,
) -> Message:
    """The new message with this text. Raises InvalidInput where it can't be sent."""
    channel = channel_of(bound.way.channel, bound.way.provider)
    if not text.strip():
        raise InvalidInput("Write what you want to tell or ask them.", field="text")
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
