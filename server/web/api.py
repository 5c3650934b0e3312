"""Campaigns and their messages for the panel. Each handler is one call of a use case."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated

from pydantic import Field

from server import sends
from server.domain.fingerprint import fingerprint
from server.domain.message import Message
from server.domain.reach import Stage
from server.domain.words import Command as CommandWord
from server.domain.words import Status
from server.errors import InvalidInput, NotFound
from server.identity.people import Deed
from server.ports import Sheet
from server.replies import rows_at
from server.services import is_online
from server.ways import Ways
from server.web import rights, sessions
from server.web.app import WebApp, here
from server.web.auth import who
from server.web.examples import examples
from server.web.routes import blueprint
from server.web.schemas import (
    CampaignList,
    CampaignView,
    ChannelView,
    Command,
    Done,
    EstimateView,
    History,
    HistoryEntry,
    Keys,
    MessageEdit,
    MessageList,
    MessageView,
    Model,
    NewCampaign,
    Session,
    SheetPath,
    TestMessage,
    ToDraft,
)
from server.web.sessions import bound_workbook
from server.web.views import campaign_view, estimate_view, message_view, template_choice
from server.web.workbooks import default_workbook, open_sheet

routes = blueprint("api", "Campaigns")


class CampaignPath(Model):
    """A campaign in the address."""

    campaign_id: str


class CampaignsQuery(SheetPath):
    """Campaigns of which sheet."""

    version: str = Field("", description="What is known already: while it is the present one nothing else is told.")


class MessagePath(CampaignPath):
    """A row of a campaign in the address, by its key."""

    key: str


class MessageQuery(Model):
    """Which messages: of one status word, of some rows, a page of them."""

    status: list[str] = Field([], description="Status words, each by itself or with commas between; none: all.")
    key: list[str] = Field([])
    stage: Stage | None = Field(None, description="Only rows that `reach` counts at that stage.")
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class SessionQuery(SheetPath):
    """Which sheet, and the language that the panel speaks."""

    language: str = Field("en", max_length=35, description="Of the examples, as a BCP 47 tag.")


@routes.get("/api/session", responses={200: Session})
def session(query: SessionQuery) -> Session:
    """What the panel needs to know once, at its start"""
    web = here()
    named = query.workbook or bound_workbook() or default_workbook(web)
    sheet = open_sheet(query.workbook, query.sheet) if named else None
    columns = web.tables.look(sheet)[1].columns if sheet else ()
    bound = bound_workbook()  # Google and Excel show their own tabs and titles
    return Session(
        host=sessions.host(),
        workbook=sheet.workbook if sheet else "",
        sheet=(sheet.name if bound else sheet.title) if sheet else "",
        sheets=web.services.sheet_names(sheet.workbook) if sheet and not bound else [],
        file_name=_file_name(sheet) if sheet and not bound else "",
        channels=[
            ChannelView(
                name=offer.name, provider=offer.provider, ready=offer.ready, hint=offer.hint, sender=offer.sender
            )
            for offer in web.services.offers()
        ],
        undo_seconds=web.settings.undo_seconds,
        time_zone=web.settings.time_zone,
        quiet_hours=web.settings.quiet_hours,
        offline_model=web.services.offline_model,
        examples=examples([column.title for column in columns if not column.hidden], query.language),
        who=who(),
        may=rights.may(),
    )


def _file_name(sheet: Sheet) -> str:
    """What people call the workbook; a spreadsheet's address says nothing to them."""
    return sheet.title if is_online(sheet.workbook) else PurePath(sheet.workbook).name


@routes.get("/api/campaigns", responses={200: CampaignList})
def list_campaigns(query: CampaignsQuery) -> CampaignList:
    """Campaigns of a sheet, newest first; nothing of them where no one changed since that version"""
    web, sheet = here(), open_sheet(query.workbook, query.sheet)
    campaigns = web.services.ledger.campaigns
    version = fingerprint(campaigns.revision(sheet.workbook, sheet.name))  # first: it may be older than what is told
    if query.version == version:
        return CampaignList(campaigns=[], version=version, unchanged=True)
    found = campaigns.of_sheet(sheet.workbook, sheet.name)
    return CampaignList(campaigns=[view(web, campaign.id) for campaign in found], version=version)


@routes.post("/api/campaigns", responses={200: CampaignView})
def create_campaign(body: NewCampaign) -> CampaignView:
    """Plan a campaign from an instruction or a template; nothing is drafted yet"""
    web, sheet = here(), open_sheet(body.workbook, body.sheet)
    campaign = web.campaigns.create(
        sheet.workbook,
        sheet.name,
        instruction=body.instruction,
        template=body.template,
        subject=body.subject,
        channel=body.channel,
        provider=body.provider,
        address_column=body.address_column,
        answers=body.answers,
        language=body.language,
        tone=body.tone,
        rows=body.rows,
        ways=Ways(
            fallback=tuple(body.fallback),
            channel_column=body.channel_column,
            attachment_column=body.attachment_column,
            cc_column=body.cc_column,
            sender_column=body.sender_column,
            reply_to_column=body.reply_to_column,
            template=template_choice(body.whatsapp_template),
        ),
        who=who(),
    )
    if body.counts.strip() or body.remind_after:
        web.campaigns.edit_plan(campaign.id, {"counts": body.counts, "remind_after": body.remind_after})
    return view(web, campaign.id)


@routes.get("/api/campaigns/<campaign_id>", responses={200: CampaignView})
def get_campaign(path: CampaignPath) -> CampaignView:
    """A campaign as it stands"""
    return view(here(), path.campaign_id)


@routes.get("/api/campaigns/<campaign_id>/estimate", responses={200: EstimateView})
def estimate(path: CampaignPath) -> EstimateView:
    """What the SMS that would leave now come to: segments, encoding, cost"""
    return estimate_view(here().campaigns.estimate(path.campaign_id))


@routes.post("/api/campaigns/<campaign_id>/draft", responses={200: CampaignView})
def draft(path: CampaignPath, body: ToDraft) -> CampaignView:
    """Draft these rows, or all that the plan chooses, or the first of them"""
    web = here()
    web.campaigns.draft(path.campaign_id, body.keys, who(), first=body.first)
    return view(web, path.campaign_id)


@routes.post("/api/campaigns/<campaign_id>/approve", responses={200: Done})
def approve(path: CampaignPath, body: Keys) -> Done:
    """Say yes to exactly these texts and addresses (without keys: to every plain draft)"""
    may_send = Deed.SEND in rights.may()
    changed, sentence = here().campaigns.approve(path.campaign_id, body.keys, who(), may_send=may_send)
    return Done(changed=changed, sentence=sentence)


@routes.post("/api/campaigns/<campaign_id>/undo", responses={200: CampaignView})
def undo(path: CampaignPath) -> CampaignView:
    """Take the sending back while the undo window is open"""
    web = here()
    web.campaigns.undo(path.campaign_id, who())
    return view(web, path.campaign_id)


@routes.post("/api/campaigns/<campaign_id>/pause", responses={200: CampaignView})
def pause(path: CampaignPath) -> CampaignView:
    """Let no further message leave"""
    web = here()
    web.campaigns.pause(path.campaign_id, who())
    return view(web, path.campaign_id)


@routes.post("/api/campaigns/<campaign_id>/resume", responses={200: CampaignView})
def resume(path: CampaignPath) -> CampaignView:
    """Go on after a pause"""
    web = here()
    web.campaigns.resume(path.campaign_id, who())
    return view(web, path.campaign_id)


@routes.post("/api/campaigns/<campaign_id>/cancel", responses={200: CampaignView})
def cancel(path: CampaignPath) -> CampaignView:
    """Stop for good; what has left has left"""
    web = here()
    web.campaigns.cancel(path.campaign_id, who())
    return view(web, path.campaign_id)


@routes.post("/api/campaigns/<campaign_id>/command", responses={200: Done})
def command(path: CampaignPath, body: Command) -> Done:
    """What an organiser could also type into the Status cells of these rows"""
    word, may_send = CommandWord(body.command), Deed.SEND in rights.may()
    changed, sentence = here().campaigns.command(path.campaign_id, body.keys, word, who(), may_send=may_send)
    return Done(changed=changed, sentence=sentence)


@routes.post("/api/campaigns/<campaign_id>/test", responses={200: Done})
def test_message(path: CampaignPath, body: TestMessage) -> Done:
    """Send a test message to oneself; no Status moves"""
    sentence = here().campaigns.test_message(path.campaign_id, body.address, body.key)
    return Done(changed=0, sentence=sentence)


@routes.get("/api/campaigns/<campaign_id>/messages", responses={200: MessageList})
def list_messages(path: CampaignPath, query: MessageQuery) -> MessageList:
    """Messages in the order of their rows"""
    web = here()
    web.services.ledger.campaigns.get(path.campaign_id)
    keys, words = _listed(query.key), [_word(text) for text in _listed(query.status)]
    messages = web.services.ledger.messages
    if query.stage:
        there = rows_at(web.services, path.campaign_id, query.stage)
        keys = [key for key in keys if key in there] if keys else sorted(there)
    if keys or query.stage:
        found = messages.of_campaign(path.campaign_id, words=words or None, keys=keys)
        total, page = len(found), found[query.offset : query.offset + query.limit]
    else:
        total = sum(one.count for one in messages.tally(path.campaign_id) if not words or one.status in words)
        page = messages.of_campaign(path.campaign_id, words=words or None, limit=query.limit, offset=query.offset)
    return MessageList(messages=[_seen(web, message) for message in page], total=total)


@routes.patch("/api/campaigns/<campaign_id>/messages/<key>", responses={200: MessageView})
def edit_message(path: MessagePath, body: MessageEdit) -> MessageView:
    """A new text for one row, the same as editing its cell"""
    web = here()
    return _seen(web, web.campaigns.edit_message(path.campaign_id, path.key, body.text, body.subject, who()))


@routes.get("/api/campaigns/<campaign_id>/messages/<key>/history", responses={200: History})
def message_history(path: MessagePath) -> History:
    """Who did what to a row's message, when and why"""
    ledger = here().services.ledger
    message = ledger.messages.of_row(path.campaign_id, path.key)
    if message is None:
        raise NotFound("There is no message of that row in this campaign.")
    told = [
        entry for one in ledger.messages.steps(path.campaign_id, path.key) for entry in ledger.audit.of_message(one.id)
    ]
    told.sort(key=lambda entry: entry.at)
    return History(entries=[HistoryEntry(at=one.at, who=one.shown, what=one.what, why=one.why) for one in told])


def view(web: WebApp, campaign_id: str) -> CampaignView:
    """A campaign as it stands now."""
    seen = web.campaigns.overview(campaign_id)
    going = sends.progress(web.services, seen.campaign)
    waits = sends.scheduled(web.services, seen.campaign)
    return campaign_view(seen, web.services.clock.now(), going=going, scheduled=waits, zone=web.settings.time_zone)


def _seen(web: WebApp, message: Message) -> MessageView:
    """A message, with what its text costs as an SMS."""
    return message_view(message, web.settings.sms_price, web.settings.sms_currency)


def _listed(parts: list[str]) -> list[str]:
    return [one.strip() for part in parts for one in part.split(",") if one.strip()]


def _word(text: str) -> Status:
    """A status word. Raises InvalidInput."""
    try:
        return Status(text)
    except ValueError:
        raise InvalidInput(f"“{text[:40]}” is no status.", field="status", suggestions=list(Status)) from None
