"""Use cases of looking drafts over before they are approved: which look unlike the rest, and how one arrives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain import unlike as likeness
from server.domain.campaign import Campaign
from server.domain.message import Choice, Message
from server.domain.rows import Locator
from server.domain.table import fold
from server.domain.unlike import Odd, Text
from server.domain.words import ChannelName, MessageState
from server.errors import InvalidInput, NotFound
from server.flow.outgoing import outgoing_of, uses_template
from server.flow.records import Reader
from server.redrafts import is_edited
from server.services import Services

KEPT = 8
"""Campaigns whose oddities are remembered until one of their messages changes."""


@dataclass(frozen=True, slots=True)
class Unlike:
    """Drafts that look unlike the rest, the oddest first, of so many that were compared."""

    rows: tuple[Odd, ...]
    of: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a recipient sees beside the text. `pressed`: the choices are buttons or keys, else digits to type."""

    channel: ChannelName
    sender: str
    to: str
    copies: tuple[str, ...] = ()
    reply_to: str = ""
    choices: tuple[Choice, ...] = ()
    pressed: bool = False
    unsubscribe: bool = False


_known: dict[tuple[str, str], tuple[str, Unlike]] = {}


def unlike(services: Services, campaign_id: str) -> Unlike:
    """Drafts that nobody approved or edited and that look unlike all the others. Raises NotFound, SheetUnavailable."""
    ledger = services.ledger
    campaign = ledger.campaigns.get(campaign_id)
    place = (services.settings.ledger_url, campaign_id)
    now = f"{campaign.version}-{ledger.messages.revision(campaign_id)}"
    if (known := _known.get(place)) and known[0] == now:
        return known[1]
    found = _compared(services, campaign)
    while len(_known) >= KEPT and place not in _known:
        _known.pop(next(iter(_known)), None)
    _known[place] = (now, found)
    return found


def _compared(services: Services, campaign: Campaign) -> Unlike:
    written = [MessageState.DRAFTED, MessageState.CHANGED, MessageState.APPROVED]
    messages = [one for one in services.ledger.messages.of_campaign(campaign.id, states=written) if one.text]
    to_read = {one.row_key for one in messages if one.state is not MessageState.APPROVED and not is_edited(one)}
    sheet = services.open_sheet(campaign.workbook, campaign.sheet, campaign.header_row)
    reader = Reader(sheet.read(sheet.look_seconds), campaign.plan, services.channel_for)
    found = likeness.odd(_texts(messages, reader, Locator(reader.table, reader.identity)))
    return Unlike(tuple(one for one in found if one.key in to_read), len(messages))


def _texts(messages: Sequence[Message], reader: Reader, locator: Locator) -> list[Text]:
    plan, texts = reader.plan, []
    columns = tuple(dict.fromkeys((*plan.read_columns, *plan.row_columns)))
    for one in messages:
        row = locator.find(one.row_key, one.identity).row
        values = tuple(shown for name in columns if (shown := reader.shown(row, name))) if row is not None else ()
        texts.append(
            Text(one.row_key, one.text, one.subject, (*values, one.person), one.person or one.address, row is not None)
        )
    return texts


def find(services: Services, campaign_id: str, text: str, limit: int) -> tuple[list[tuple[int, Message]], int]:
    """Messages whose person or address holds the text, each with its place among all (from 0): the first so many, and
    how many there are. Raises NotFound."""
    services.ledger.campaigns.get(campaign_id)
    sought = fold(text)
    messages = services.ledger.messages.of_campaign(campaign_id)
    found = [(at, one) for at, one in enumerate(messages) if sought in fold(f"{one.person} {one.address}")]
    return found[:limit], len(found)


def preview(services: Services, campaign_id: str, key: str) -> Preview:
    """How the message of a row arrives. Raises NotFound."""
    campaign = services.ledger.campaigns.get(campaign_id)
    message = services.ledger.messages.of_row(campaign_id, key)
    if message is None:
        raise NotFound("This row has no message in this campaign.")
    name = message.channel or campaign.plan.channel
    try:
        channel = services.channel_for(name, message.carrier or ("" if message.channel else campaign.plan.provider))
    except InvalidInput:  # no longer set up here: what is known without it
        return Preview(name, message.extras.sender, message.address, message.extras.cc, message.extras.reply_to)
    limits = channel.limits()
    out = outgoing_of(message, campaign.plan, limits, unsubscribe_url=services.unsubscribe_url(message.token))
    pressed = name is ChannelName.VOICE or uses_template(message) or limits.buttons
    return Preview(
        name,
        out.sender or _sender(services, name, limits.ours),
        message.address,
        out.cc,
        out.reply_to,
        out.choices,
        pressed,
        name is ChannelName.EMAIL and bool(out.unsubscribe_url),
    )


def _sender(services: Services, name: ChannelName, ours: str) -> str:
    settings = services.settings
    if name is ChannelName.EMAIL:
        return settings.email_from
    if name is ChannelName.SMS:
        return ours or settings.twilio_from
    if name is ChannelName.VOICE:
        return ours or settings.twilio_voice_from or settings.twilio_from
    return ours if name is ChannelName.WHATSAPP else ""
