"""Drafts written anew with a remark, one step back, and the drafts that look unlike the rest."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from server import looking_over, redrafts
from server.domain.sms import segments
from server.web.api import CampaignPath, MessagePath
from server.web.app import here
from server.web.auth import who
from server.web.model import Model
from server.web.routes import blueprint
from server.web.schemas import Done, SmsView
from server.web.speaking import Sentence
from server.web.views import sms_view

routes = blueprint("redrafts", "Campaigns")


class RemarkOn(Model):
    """What should be different about the drafts of these rows (null: of all that nobody approved)."""

    keys: list[str] | None = None
    remark: Annotated[str, Field(max_length=500, description="“shorter”, “in Spanish where Country is Spain”.")]
    edited: bool = Field(False, description="Also those that a person edited; else these stay as they are.")


class Redrafted(Model):
    """How many drafts are written anew, how, and how many of those that were meant stay as they are."""

    changed: int
    sentence: Sentence
    batch: str = Field("", description="Names this redraft, for one step back; empty: nothing was changed.")
    one_text: bool = Field(description="The text for all rows was changed; else each row gets its own.")
    column: str = Field("", description="The condition: this column shows `value`.")
    value: str = ""
    edited: int = 0
    approved: int = 0
    unmet: int = Field(0, description="Rows that do not meet the condition, or name no known language.")
    fixed: int = Field(0, description="Rows whose text is an approved template.")


class StepBack(Model):
    """The rows (or the batch of a redraft) whose texts from before are to be put back."""

    keys: list[str] | None = None
    batch: str = ""


class Reason(Model):
    """Why a draft looks unlike the rest: a kind, and what it is about. `sentence` says it in English."""

    kind: str
    words: str = ""
    amount: int = 0
    sentence: Sentence


class UnlikeRow(Model):
    """A draft to look at first."""

    key: str
    person: str
    reason: Reason


class Unlike(Model):
    """Drafts that look unlike the rest, the oddest first; `of` so many that were compared."""

    rows: list[UnlikeRow]
    of: int


class HowMany(Model):
    """At most so many."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 50


class Sought(Model):
    """Part of a name or an address."""

    text: Annotated[str, Field(min_length=1, max_length=200)]
    limit: Annotated[int, Field(ge=1, le=50)] = 8


class FoundRow(Model):
    """A message, and where it stands in the list of all (from 0)."""

    key: str
    person: str
    address: str
    at: int


class FoundRows(Model):
    """Those that were found, in the order of their rows; `total` of them altogether."""

    rows: list[FoundRow]
    total: int


class TextToWeigh(Model):
    """A text as it is being typed."""

    text: Annotated[str, Field(max_length=20000)]


class ChoiceView(Model):
    """An answer that can be given with one press."""

    code: str
    title: str


class Preview(Model):
    """What of a message its recipient sees beside its text."""

    channel: str
    sender: str = Field("", description="Name and address, or number, that it comes from; empty where nobody said.")
    to: str
    copies: list[str] = Field([])
    reply_to: str = ""
    choices: list[ChoiceView] = Field([])
    pressed: bool = Field(description="The choices are buttons (or keys); else they are typed.")
    unsubscribe: bool = Field(description="It goes with a link to unsubscribe.")


@routes.post("/api/campaigns/<campaign_id>/redraft", responses={200: Redrafted})
def redraft(path: CampaignPath, body: RemarkOn) -> Redrafted:
    """Have drafts written anew as a person remarks; the old texts stay until the new ones are there"""
    done = redrafts.ask(here().services, path.campaign_id, body.keys, body.remark, who(), edited=body.edited)
    return Redrafted(
        changed=done.count,
        sentence=done.sentence,
        batch=done.batch,
        one_text=done.one_text,
        column=done.column,
        value=done.value,
        edited=done.edited,
        approved=done.approved,
        unmet=done.unmet,
        fixed=done.fixed,
    )


@routes.post("/api/campaigns/<campaign_id>/redraft/undo", responses={200: Done})
def step_back(path: CampaignPath, body: StepBack) -> Done:
    """One step back: the texts from before a redraft with a remark"""
    count = redrafts.step_back(here().services, path.campaign_id, body.keys, body.batch, who())
    return Done(changed=count)


@routes.get("/api/campaigns/<campaign_id>/unlike", responses={200: Unlike})
def unlike(path: CampaignPath, query: HowMany) -> Unlike:
    """Drafts that look unlike the rest, the oddest first, each with its reason"""
    found = looking_over.unlike(here().services, path.campaign_id)
    rows = [
        UnlikeRow(
            key=one.key,
            person=one.person,
            reason=Reason(kind=one.kind, words=one.words, amount=one.amount, sentence=one.sentence),
        )
        for one in found.rows[: query.limit]
    ]
    return Unlike(rows=rows, of=found.of)


@routes.get("/api/campaigns/<campaign_id>/find", responses={200: FoundRows})
def find(path: CampaignPath, query: Sought) -> FoundRows:
    """The messages of people whose name or address holds a text"""
    found, total = looking_over.find(here().services, path.campaign_id, query.text, query.limit)
    rows = [FoundRow(key=one.row_key, person=one.person, address=one.address, at=at) for at, one in found]
    return FoundRows(rows=rows, total=total)


@routes.post("/api/campaigns/<campaign_id>/weigh", responses={200: SmsView})
def weigh(path: CampaignPath, body: TextToWeigh) -> SmsView:
    """What a text that is being typed comes to as an SMS; nothing is stored"""
    web = here()
    web.services.ledger.campaigns.get(path.campaign_id)
    return sms_view(segments(body.text), web.settings.sms_price, web.settings.sms_currency)


@routes.get("/api/campaigns/<campaign_id>/messages/<key>/preview", responses={200: Preview})
def preview(path: MessagePath) -> Preview:
    """A message as its recipient will see it: from whom, to whom, what can be pressed"""
    seen = looking_over.preview(here().services, path.campaign_id, path.key)
    return Preview(
        channel=seen.channel,
        sender=seen.sender,
        to=seen.to,
        copies=list(seen.copies),
        reply_to=seen.reply_to,
        choices=[ChoiceView(code=one.code, title=one.title) for one in seen.choices],
        pressed=seen.pressed,
        unsubscribe=seen.unsubscribe,
    )
