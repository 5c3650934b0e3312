"""Our records as the panel sees them: domain words in, models of the contract out. Nothing is read or decided here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from server.campaigns import Overview
from server.domain.cells import note, status
from server.domain.estimate import Estimate
from server.domain.fingerprint import fingerprint
from server.domain.message import Message
from server.domain.plan import AnswerColumn, Plan
from server.domain.preflight import Fault as FoundFault
from server.domain.provider_templates import ProviderTemplate
from server.domain.reply import Reply
from server.domain.sms import Odd, Size, cost, segments
from server.domain.words import ChannelName
from server.flow.outgoing import uses_template
from server.redrafts import is_edited
from server.sends import Progress
from server.ways import TemplateChoice
from server.web.plan_said import plan_said
from server.web.plan_schemas import AnswerColumnView, PlanView, RouteView, TemplateView
from server.web.schemas import (
    CampaignView,
    ChoicePart,
    Count,
    EstimateView,
    Fault,
    FaultCell,
    MessageView,
    OddView,
    ProgressView,
    ReviewItem,
    SmsView,
    TextBefore,
)
from server.web.speaking import language

FAULT_CELLS = 100
"""Cells of one fault that the panel gets: enough to walk through, and the count says the rest."""


def campaign_view(
    seen: Overview,
    now: datetime,
    *,
    going: Progress | None = None,
    scheduled: datetime | None = None,
    zone: str = "UTC",
) -> CampaignView:
    """A campaign with its counts, at that moment."""
    campaign = seen.campaign
    left = (campaign.start_at - now).total_seconds() if campaign.start_at else 0.0
    return CampaignView(
        id=campaign.id,
        name=campaign.name,
        workbook=campaign.workbook,
        sheet=campaign.sheet,
        instruction=campaign.instruction,
        state=campaign.state,
        plan=plan_view(campaign.plan, plan_said(campaign.plan, language()) or seen.words),
        columns=dict(campaign.columns),
        choice=seen.choice,
        choice_parts=[ChoicePart(kind=kind, count=count) for kind, count in seen.choice_parts],
        faults=[fault_view(fault) for fault in seen.faults],
        rows=seen.rows,
        chosen=seen.chosen,
        trial=campaign.trial,
        sure_at=seen.sure_at,
        drafted=seen.drafted,
        approved=seen.approved,
        approvable=seen.approvable,
        sent=seen.sent,
        counts=[Count(status=word, count=count) for word, count in seen.counts.items()],
        reviews=seen.reviews,
        needs_person=seen.needs_person,
        pending_cells=seen.pending_cells,
        note=campaign.told,
        started_by=campaign.started_by,
        started_at=campaign.started_at,
        scheduled=scheduled,
        time_zone=zone,
        hours=campaign.hours,
        at_column=campaign.at_column,
        progress=progress_view(going) if going else None,
        created_at=campaign.created_at or now,
        start_at=campaign.start_at if left > 0 else None,
        seconds_to_start=round(left, 1) if left > 0 else None,
        version=fingerprint(seen.version),
    )


def progress_view(going: Progress) -> ProgressView:
    """How a sending goes."""
    return ProgressView(
        per_second=round(going.per_second, 2) if going.per_second is not None else None,
        seconds_left=round(going.seconds_left, 1) if going.seconds_left is not None else None,
        due=going.due,
        later=going.later,
        next_at=going.next_at,
    )


def plan_view(plan: Plan, words: str) -> PlanView:
    """A plan, field by field."""
    return PlanView(
        channel=plan.channel,
        provider=plan.provider,
        address_column=plan.address_column,
        name_column=plan.name_column,
        read_columns=list(plan.read_columns),
        answer_columns=[
            AnswerColumnView(name=column.name, kind=column.kind, allowed=list(column.allowed))
            for column in plan.answer_columns
        ],
        template=plan.template,
        subject=plan.subject,
        question=plan.question,
        language=plan.language,
        routes=[
            RouteView(channel=way.channel, provider=way.provider, address_column=way.address_column)
            for way in plan.routes
        ],
        channel_column=plan.channel_column,
        whatsapp_template=template_view(plan.whatsapp_template) if plan.whatsapp_template else None,
        attachment_column=plan.attachment_column,
        cc_column=plan.cc_column,
        sender_column=plan.sender_column,
        reply_to_column=plan.reply_to_column,
        tone=plan.tone,
        counts=plan.counts,
        remind_after=plan.remind_after,
        missing=list(plan.missing),
        left_out=list(plan.left_out),
        one_text=bool(plan.template),
        doubt=plan.doubt,
        version=plan.version,
        words=words,
    )


def template_view(template: ProviderTemplate) -> TemplateView:
    """An approved template, field by field."""
    return TemplateView(
        name=template.name,
        language=template.language,
        body=template.body,
        columns=dict(template.columns),
        buttons=list(template.buttons),
    )


def template_choice(view: TemplateView | None) -> TemplateChoice | None:
    """A template as a person chose it; None for none."""
    if view is None or not view.name.strip():
        return None
    return TemplateChoice(view.name.strip(), view.language, view.body, view.columns, tuple(view.buttons))


def answer_column(view: AnswerColumnView) -> AnswerColumn:
    """An answer column as a person edited it."""
    return AnswerColumn(view.name.strip(), view.kind, tuple(value.strip() for value in view.allowed if value.strip()))


def fault_view(fault: FoundFault) -> Fault:
    """A fault with the first of its cells."""
    cells = [FaultCell(key=cell.key, column=cell.column, row=cell.row) for cell in fault.cells[:FAULT_CELLS]]
    return Fault(
        kind=fault.kind,
        level=fault.level.value,
        sentence=fault.sentence,
        count=len(fault.cells),
        rows=fault.rows,
        columns=list(fault.columns),
        of=fault.of,
        cells=cells,
    )


def message_view(message: Message, price: Decimal | None = None, currency: str = "") -> MessageView:
    """One row's message and what came back; `price` is that of a segment of an SMS."""
    approval = message.approval
    return MessageView(
        approved_by=approval.who if approval else "",
        approved_at=approval.at if approval else None,
        message_id=message.id,
        key=message.row_key,
        step=message.step,
        edited=is_edited(message),
        remark=message.remark,
        before=TextBefore(text=message.former.text, subject=message.former.subject) if message.former.text else None,
        person=message.person,
        address=message.address,
        channel=message.channel,
        carrier=message.carrier,
        template=message.extras.template.name if message.extras.template and uses_template(message) else "",
        files=message.extras.attachment,
        copies=list(message.extras.cc),
        sms=sms_view(segments(message.text), price, currency) if message.channel is ChannelName.SMS else None,
        subject=message.subject,
        text=message.text,
        status=status(message),
        note=note(message),
        reply=message.reply,
        outcome=message.outcome,
        values=dict(message.values),
        confidence=message.confidence,
        flag=message.flag if message.outcome else None,
        evidence=message.evidence,
    )


def review_item(message: Message, plan: Plan, reply: Reply | None) -> ReviewItem:
    """A reply that waits for a person, with what was asked, what is proposed, which way it came and what made the
    reading."""
    made = message.read_by
    return ReviewItem(
        message_id=message.id,
        key=message.row_key,
        person=message.person,
        asked=message.question or plan.question or message.text,
        reply=message.reply,
        channel=reply.channel if reply else None,
        outcome=message.outcome,
        values=dict(message.values),
        confidence=message.confidence,
        evidence=message.evidence,
        reason=message.note,
        made=f"{made.prompt} · {made.model}" if made.prompt and made.model else "",
        files=list(reply.files) if reply else [],
        replied_at=message.replied_at,
    )


def sms_view(size: Size, price: Decimal | None = None, currency: str = "") -> SmsView:
    """A text as an SMS, with what it costs where a segment has a price."""
    return SmsView(
        encoding=size.encoding.value,
        segments=size.segments,
        left=size.left,
        odd=_odd(size.odd),
        cost=None if price is None else cost(size.segments, price),
        currency=currency if price is not None else "",
    )


def estimate_view(found: Estimate) -> EstimateView:
    """What SMS come to."""
    return EstimateView(
        messages=found.messages,
        segments=found.segments,
        unicode=found.unicode,
        odd=_odd(found.odd),
        cost=found.cost,
        currency=found.currency,
        sentence=found.sentence,
    )


def _odd(found: Iterable[Odd]) -> list[OddView]:
    return [OddView(character=one.character, name=one.name, instead=one.instead) for one in found]
