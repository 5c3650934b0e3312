"""What the panel and the API say to each other about plans."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictInt

from server.domain.words import AnswerKind, ChannelName
from server.web.model import Model
from server.web.speaking import Sentence


class AnswerColumnView(Model):
    """A column that replies may fill."""

    name: str
    kind: AnswerKind = AnswerKind.CHOICE
    allowed: list[str] = Field([])


class RouteView(Model):
    """A way to reach people; an empty provider is the one that is set up, an empty column the one of such addresses."""

    channel: ChannelName
    provider: str = ""
    address_column: str = ""


class TemplateView(Model):
    """A WhatsApp template that the provider has approved; `columns` says from which column each slot is filled."""

    name: str = Field(description="Meta's template name, or Twilio's ContentSid.", max_length=512)
    language: str = Field("en", max_length=20)
    body: str = Field("", max_length=4096, description="Empty: asked of the provider.")
    columns: dict[str, str] = Field({})
    buttons: list[str] = Field([])


class Retemplated(Model):
    """How many WhatsApp drafts are written anew for another template, and how many a person edited: these stay."""

    changed: int
    edited: int = 0
    sentence: Sentence


class ListedTemplate(TemplateView):
    """A template as its provider lists it; `unfit` says why it can't be sent, "" when it can."""

    unfit: Sentence = ""


class TemplateList(Model):
    """Approved templates, by name."""

    templates: list[ListedTemplate]


class PlanView(Model):
    """The plan, field by field; `words` says it in one or two sentences."""

    channel: ChannelName
    provider: str
    address_column: str
    name_column: str = ""
    read_columns: list[str] = Field([])
    answer_columns: list[AnswerColumnView] = Field([])
    template: str = ""
    subject: str = ""
    question: str = ""
    language: str = "en"
    routes: list[RouteView] = Field([], description="Where to turn, in order, for a row that can't be reached.")
    channel_column: str = Field("", description="Column that names each row's channel.")
    whatsapp_template: TemplateView | None = None
    attachment_column: str = ""
    cc_column: str = ""
    sender_column: str = ""
    reply_to_column: str = ""
    tone: str = Field("", description="How the texts sound, in a few words.")
    counts: str = Field("", description="What counts as an answer, in a sentence.")
    remind_after: int = Field(0, description="Days without an answer until a row says so; 0: never.")
    missing: list[str] = Field(
        [], description="Asked for by the instruction, and held by no column: to be settled first."
    )
    left_out: list[str] = Field([], description="Words of the instruction that a person chose to leave out.")
    one_text: bool = Field(False, description="One text is filled for all rows; else each row gets its own.")
    doubt: Sentence = Field("", description="What to look at in the text for all rows.")
    version: int = Field(1, description="Grows with each change.")
    words: str = ""


class PlanEdit(Model):
    """Changed fields of a plan; those left out stay.

    `missing` names what is still to be settled: words taken off it are left out of the texts, or taken from the
    columns that the same change adds to `read_columns`; `held` says it word by word. `counts` and `remind_after` may be
    changed at any time.
    """

    channel: ChannelName | None = None
    provider: str | None = None
    address_column: str | None = None
    name_column: str | None = None
    read_columns: list[str] | None = None
    answer_columns: list[AnswerColumnView] | None = None
    template: str | None = None
    subject: str | None = None
    question: str | None = None
    routes: list[RouteView] | None = None
    channel_column: str | None = None
    whatsapp_template: TemplateView | None = Field(None, description="An empty name takes the template away.")
    attachment_column: str | None = None
    cc_column: str | None = None
    sender_column: str | None = None
    reply_to_column: str | None = None
    tone: str | None = None
    counts: str | None = None
    remind_after: StrictInt | None = Field(None, description="Whole days, 0 (never) to 365.")
    missing: list[str] | None = None
    held: dict[str, str] | None = Field(None, description="Words of `missing` -> the column that holds them after all.")
    language: str | None = Field(None, description="Two letters.")


class TextWay(Model):
    """`one`: one text is written for all rows, once; `each`: each row gets its own."""

    way: Literal["one", "each"]
