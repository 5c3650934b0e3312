"""The options of `run`, read into one record."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from server.domain.campaign import Campaign
from server.domain.plan import parse_answer_column
from server.domain.table import fold
from server.domain.words import CampaignState, ChannelName
from server.errors import InvalidInput
from server.ways import TemplateChoice, Ways


@dataclass(frozen=True, slots=True)
class Request:
    """The options of the command line; what was not given is empty."""

    workbook: str
    sheet: str
    instruction: str
    template: str
    subject: str
    channel: ChannelName | None
    provider: str
    address_column: str
    answers: tuple[str, ...]
    language: str
    tone: str
    remind_after: int | None
    one_text: bool
    leave_out: tuple[str, ...]
    rows: tuple[str, ...]
    ways: Ways
    header_row: int | None
    approve_all: bool
    wait: float
    as_json: bool
    first: int | None = None
    where: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: argparse.Namespace) -> Request:
        """From parsed arguments."""
        return cls(
            workbook=given.workbook,
            sheet=given.sheet,
            instruction=given.instruction,
            template=given.template,
            subject=given.subject,
            channel=given.channel,
            provider=given.provider,
            address_column=given.address_column,
            answers=tuple(given.answers),
            language=given.language.strip(),
            tone=given.tone.strip(),
            remind_after=given.remind_after,
            one_text=given.one_text,
            leave_out=tuple(given.leave_out),
            rows=tuple(key.strip() for key in given.rows.split(",") if key.strip()),
            ways=_ways(given),
            header_row=given.header_row,
            approve_all=given.approve_all,
            wait=max(0.0, given.wait),
            as_json=given.json,
            where=tuple(given.where),
            first=given.first,
        )


def _ways(given: argparse.Namespace) -> Ways:
    """How else people may be reached. Raises InvalidInput for a slot without a column."""
    slots = dict[str, str]()
    for text in given.whatsapp_slot:
        slot, equals, column = text.partition("=")
        if not (slot.strip() and equals and column.strip()):
            raise InvalidInput(f"“{text}” is no slot. Write it as 1=Column.", field="whatsapp_slot")
        slots[slot.strip().strip("{}")] = column.strip()
    template = TemplateChoice(
        given.whatsapp_template, given.whatsapp_language, given.whatsapp_body, slots, tuple(given.whatsapp_button)
    )
    return Ways(
        fallback=tuple(given.fallback),
        channel_column=given.channel_column,
        attachment_column=given.attachment_column,
        cc_column=given.cc_column,
        sender_column=given.sender_column,
        reply_to_column=given.reply_to_column,
        template=template if template.name else None,
    )


def others(known: Campaign, request: Request) -> list[str]:
    """Options that were given and differ from what the campaign was begun with: they change nothing now."""
    plan, columns = known.plan, {column.name: column for column in known.plan.answer_columns}
    begun = known.state is not CampaignState.PLANNED
    asked = [parse_answer_column(text) for text in request.answers if text.partition("=")[0].strip()]
    differ = {
        "--subject": bool(request.subject) and request.subject != plan.subject,
        "--address-column": bool(request.address_column) and fold(request.address_column) != fold(plan.address_column),
        "--answers": bool(asked) and {column.name: column for column in asked} != columns,
        "--language": begun and bool(request.language) and fold(request.language) != plan.language,
        "--tone": begun and bool(request.tone) and fold(request.tone) != fold(plan.tone),
        "--rows": bool(request.rows) and set(request.rows) != set(known.rows),
    }
    return [option for option, is_so in differ.items() if is_so]


def edits(campaign: Campaign, request: Request) -> dict[str, object]:
    """What the options change in the plan of a campaign that is there: once it was begun, only when to remind."""
    given: dict[str, object] = {} if request.remind_after is None else {"remind_after": request.remind_after}
    if campaign.state is CampaignState.PLANNED:
        given |= {name: text for name, text in (("language", request.language), ("tone", request.tone)) if text}
    return given
