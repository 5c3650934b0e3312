"""A campaign that somebody saved to use again: what to say and by which way, and nothing of any recipient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from server.domain.campaign import Campaign
from server.domain.plan import AnswerColumn
from server.domain.words import AnswerKind, ChannelName

LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class SavedCampaign:
    """What a new campaign is begun with, on this sheet or on another one.

    `answers` are written as on the command line (`Column=Value|Value`). `who` saved it, in which `workbook`, as people
    are shown; both are filled in by the ledger when it is read.
    """

    id: str
    name: str
    instruction: str = ""
    template: str = ""
    subject: str = ""
    channel: ChannelName | None = None
    provider: str = ""
    answers: tuple[str, ...] = ()
    language: str = ""
    tone: str = ""
    counts: str = ""
    remind_after: int = 0
    who: str = ""
    workbook: str = ""
    since: datetime | None = None


def saved_from(campaign: Campaign, *, saved_id: str, name: str, who: str) -> SavedCampaign:
    """What of a campaign is worth using again. A text that was written from the instruction is written anew."""
    plan = campaign.plan
    written = bool(campaign.instruction.strip())
    return SavedCampaign(
        id=saved_id,
        name=name,
        instruction=campaign.instruction,
        template="" if written else plan.template,
        subject="" if written else plan.subject,
        channel=plan.channel,
        provider=plan.provider,
        answers=tuple(answer_text(column) for column in plan.answer_columns),
        language=plan.language,
        tone=plan.tone,
        counts=plan.counts,
        remind_after=plan.remind_after,
        who=who,
        workbook=campaign.workbook,
    )


def answer_text(column: AnswerColumn) -> str:
    """An answer column as `plan.parse_answer_column` reads it."""
    if column.kind is AnswerKind.CHOICE:
        return f"{column.name}={'|'.join(column.allowed)}"
    return f"{column.name}={column.kind.value}"
