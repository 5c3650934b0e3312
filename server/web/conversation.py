"""All that was said between us and the person of one row, and a reply to them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from server import replies
from server.domain.cells import status
from server.domain.conversation import Came, Happened, Sent, Turn
from server.domain.machine import has_answer
from server.domain.message import Message
from server.domain.reply import Interpretation
from server.domain.words import ChannelName, Flag, Outcome, Status
from server.errors import Conflict
from server.flow.outgoing import uses_template
from server.web.api import MessagePath
from server.web.app import here
from server.web.auth import who
from server.web.routes import blueprint
from server.web.schemas import MessageView, Model
from server.web.speaking import Sentence
from server.web.steps import DraftedQuestion
from server.web.views import message_view

routes = blueprint("conversation", "Reviews")


class ReadingView(Model):
    """How a reply was read. Without `made` by rules, or by the offline reader."""

    outcome: Outcome
    values: dict[str, str]
    confidence: float | None
    flag: Flag
    evidence: str
    reason: Sentence
    made: str


class TurnView(Model):
    """Something that was said, or happened. `at` is null for a message that has not left."""

    kind: Literal["sent", "came", "told"]
    at: datetime | None
    id: str = Field("", description="Of a message of ours.")
    step: int = 0
    text: str = Field("", description="Empty where it was removed.")
    quoted: str = ""
    subject: str = ""
    channel: ChannelName | None = None
    carrier: str = ""
    status: Status | None = Field(None, description="Of that very message, whatever came back.")
    note: Sentence = ""
    approved_by: str = ""
    approved_at: datetime | None = None
    template: bool = Field(False, description="An approved template was sent.")
    files: list[str] = Field([])
    reading: ReadingView | None = None
    what: Happened | None = None
    who: str = ""
    words: str = ""


class ConversationView(Model):
    """A row's conversation, oldest turn first. `why` says why nobody can reply now; `asks` that a reply is a question
    back, since their answer is not clear."""

    key: str
    message_id: str
    person: str
    address: str
    status: Status | None
    replied_at: datetime | None
    settled_by: str
    values: dict[str, str]
    turns: list[TurnView]
    why: Sentence
    asks: bool


class ReplyBody(Model):
    """A reply as a person sends it: to the message and the reply that they looked at."""

    message_id: str
    replied_at: datetime | None = None
    text: Annotated[str, Field(max_length=8000)]
    subject: Annotated[str, Field(max_length=500)] = ""


@routes.get("/api/campaigns/<campaign_id>/messages/<key>/conversation", responses={200: ConversationView})
def conversation(path: MessagePath) -> ConversationView:
    """All that was said between us and the person of one row"""
    services = here().services
    message, turns = replies.said(services, path.campaign_id, path.key)
    return ConversationView(
        key=message.row_key,
        message_id=message.id,
        person=message.person,
        address=message.address,
        status=status(message),
        replied_at=message.replied_at,
        settled_by=message.settled_by,
        values=dict(message.values),
        turns=[turn_view(turn) for turn in turns],
        why=replies.why_not(services, message),
        asks=not has_answer(message),
    )


@routes.post("/api/campaigns/<campaign_id>/messages/<key>/reply/draft", responses={200: DraftedQuestion})
def draft_reply(path: MessagePath) -> DraftedQuestion:
    """Draft a reply to the person of one row who has answered; nothing is sent"""
    drafted = replies.draft_reply(here().services, path.campaign_id, path.key)
    return DraftedQuestion(text=drafted.text, subject=drafted.subject, doubt=drafted.doubt)


@routes.post("/api/campaigns/<campaign_id>/messages/<key>/reply", responses={200: MessageView})
def reply(path: MessagePath, body: ReplyBody) -> MessageView:
    """Send exactly this text to that one person, as the next message of their row, which keeps its answer"""
    services = here().services
    if replies.of_row(services.ledger, path.campaign_id, path.key).id != body.message_id:
        raise Conflict("This row was written to again already: please look at it again.")
    new = replies.reply(services, path.campaign_id, body.message_id, body.text, body.subject, who(), body.replied_at)
    return message_view(new)


def turn_view(turn: Turn) -> TurnView:
    """One turn, field by field."""
    if isinstance(turn, Sent):
        return _sent(turn, turn.message)
    if isinstance(turn, Came):
        by = turn.reply
        return TurnView(
            kind="came",
            at=turn.at,
            text=turn.text,
            quoted=turn.quoted,
            subject=by.subject if by else "",
            channel=by.channel if by else None,
            files=list(by.files) if by else [],
            reading=_reading(turn.reading) if turn.reading else None,
        )
    return TurnView(kind="told", at=turn.at, what=turn.what, who=turn.who, words=turn.words)


def _sent(turn: Sent, message: Message) -> TurnView:
    yes, extras = message.approval, message.extras
    return TurnView(
        kind="sent",
        at=message.sent_at or message.claimed_at,
        id=message.id,
        step=message.step,
        text=message.text,
        subject=message.subject,
        channel=message.channel,
        carrier=message.carrier,
        status=turn.status,
        note="" if message.outcome else message.note,
        approved_by=yes.who if yes else "",
        approved_at=yes.at if yes else None,
        template=bool(extras.template and uses_template(message)),
        files=[extras.attachment] if extras.attachment else [],
    )


def _reading(found: Interpretation) -> ReadingView:
    made = found.made
    return ReadingView(
        outcome=found.outcome,
        values=dict(found.values),
        confidence=found.confidence,
        flag=found.flag,
        evidence=found.evidence,
        reason=found.reason,
        made=f"{made.prompt} · {made.model}" if made.prompt and made.model else "",
    )
