"""Writing to a row again: reminders, and questions back to somebody whose answer is not clear."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from server import campaign_steps
from server.web.api import CampaignPath
from server.web.app import here
from server.web.auth import who
from server.web.reviews import ReviewPath
from server.web.routes import blueprint
from server.web.schemas import Done, MessageView, Model
from server.web.views import message_view

routes = blueprint("steps", "Reviews")


class Remind(Model):
    """Whom to remind (null: everybody who was written to and has not answered), and with what text (null: drafted)."""

    keys: list[str] | None = None
    text: Annotated[str, Field(max_length=8000, description="May hold {{placeholders}}.")] | None = None


class QuestionBack(Model):
    """A question back, as a person sends it."""

    text: Annotated[str, Field(max_length=8000)]
    subject: Annotated[str, Field(max_length=500)] = ""


class DraftedQuestion(Model):
    """A question back as it was drafted: nothing was sent. `doubt` says what to look at first."""

    text: str
    subject: str = ""
    doubt: str = ""


@routes.post("/api/campaigns/<campaign_id>/remind", responses={200: Done})
def remind(path: CampaignPath, body: Remind) -> Done:
    """Draft reminders for rows without an answer; they are approved and sent as any message"""
    done = campaign_steps.remind(here().services, path.campaign_id, body.keys, who(), body.text or "")
    return Done(changed=done.count, sentence=done.sentence)


@routes.post("/api/campaigns/<campaign_id>/reviews/<message_id>/clarify", responses={200: DraftedQuestion})
def clarify(path: ReviewPath) -> DraftedQuestion:
    """Draft a question back to somebody whose answer is not clear; nothing is sent"""
    drafted = campaign_steps.clarify(here().services, path.campaign_id, path.message_id)
    return DraftedQuestion(text=drafted.text, subject=drafted.subject, doubt=drafted.doubt)


@routes.post("/api/campaigns/<campaign_id>/reviews/<message_id>/ask", responses={200: MessageView})
def ask(path: ReviewPath, body: QuestionBack) -> MessageView:
    """Send exactly this text to that one person, as the next message of their row"""
    services = here().services
    asked = campaign_steps.ask_back(services, path.campaign_id, path.message_id, body.text, body.subject, who())
    return message_view(asked)
