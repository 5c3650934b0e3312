"""What a row's message is made of on the channel it goes by: its text finished, what goes along, and what stands
against it. A sentence for each thing that a person must look at first; the same ones when it is approved."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from email.utils import getaddresses

from server.domain.asking import digits, taken_word, with_digits
from server.domain.message import NO_EXTRAS, Extras, Limits, Message
from server.domain.numbers import variants
from server.domain.plan import Plan
from server.domain.provider_templates import fill, shown
from server.domain.table import Row
from server.domain.window import MARGIN, refusal
from server.domain.words import ChannelName
from server.errors import AddressError
from server.flow.outgoing import uses_template
from server.flow.records import Bound, Reader
from server.ports import Channel, Ledger

MAILS = frozenset({ChannelName.EMAIL, ChannelName.OUTBOX})
"""Channels whose messages have a subject."""


def by_template(plan: Plan, channel: ChannelName) -> bool:
    """Whether the provider's template is the text there: no other one is drafted."""
    return channel is ChannelName.WHATSAPP and plan.whatsapp_template is not None


def finished(text: str, plan: Plan, channel: Channel) -> str:
    """A drafted text with what it still needs there: how to answer by a digit."""
    return with_digits(text, digits(plan, channel.name, channel.limits()), plan.language)


def extras_of(reader: Reader, row: Row, bound: Bound, channel: Channel) -> tuple[Extras, list[str]]:
    """What the row's own columns add to a message that goes this way, and what is wrong with them."""
    wrong: list[str] = []
    if by_template(reader.plan, bound.way.channel):
        return _template(reader, row, wrong), wrong
    if bound.way.channel is not ChannelName.EMAIL:
        return NO_EXTRAS, wrong
    plan, limits = reader.plan, channel.limits()
    copies = reader.shown(row, plan.cc_column) if limits.copies else ""
    back = reader.shown(row, plan.reply_to_column)
    extras = Extras(
        cc=tuple(_addresses(copies, plan.cc_column, channel, wrong)),
        sender=_sender(reader.shown(row, plan.sender_column), channel, limits, wrong),
        reply_to=next(iter(_addresses(back, plan.reply_to_column, channel, wrong)), ""),
        attachment=reader.shown(row, plan.attachment_column) if limits.files else "",
    )
    return extras, wrong


def _template(reader: Reader, row: Row, wrong: list[str]) -> Extras:
    template = reader.plan.whatsapp_template
    if template is None:
        return NO_EXTRAS
    try:
        filled = fill(template, reader.record(row))
    except ValueError as error:
        wrong.append(str(error))
        return NO_EXTRAS
    return Extras(template=filled, text=shown(template.body, filled.variables))


def _addresses(cell: str, column: str, channel: Channel, wrong: list[str]) -> list[str]:
    """The clean addresses of a cell, apart by commas, semicolons or lines."""
    found: dict[str, None] = {}
    for name, address in getaddresses([cell.replace(";", ",").replace("\n", ",")]) if cell else ():
        try:
            if name or address:
                found.setdefault(channel.address(address or name))
        except AddressError as error:
            wrong.append(f"“{column}”: {error.sentence}")
    if cell and not found and not wrong:
        wrong.append(f"“{column}” holds no usable address.")
    return list(found)


def _sender(cell: str, channel: Channel, limits: Limits, wrong: list[str]) -> str:
    """Only of our own domain: a provider refuses mail in others' names, or mail programs take it for spam."""
    if not cell:
        return ""
    try:
        sender = channel.address(cell)
    except AddressError as error:
        wrong.append(f"The sender: {error.sentence}")
        return ""
    domain = limits.sender_domain.casefold()
    if not domain:
        wrong.append("A row can't name its sender here: mail leaves from the address in the settings (EMAIL_FROM).")
    elif sender.rpartition("@")[2].casefold() != domain:
        wrong.append(f"“{sender}” can't be the sender: mail from here leaves from addresses of {domain} only.")
    else:
        return sender
    return ""


def objections(message: Message, channel: Channel, heard: datetime | None, now: datetime) -> list[str]:
    """What stands against sending this text there now, whoever says yes: it is too long, or its person may not be
    written to freely at this hour."""
    limits = channel.limits()
    found = []
    if limits.longest is not None and len(message.text) > limits.longest and not uses_template(message):
        found.append(f"The text has {len(message.text)} characters: at most {limits.longest} can be sent there.")
    if closed := closed_window(message, limits, heard, now):
        found.append(closed)
    return found


def doubts(text: str, channel: Channel) -> list[str]:
    """What a person should look at first, and may find right as it is: it asks for a word that the carrier takes."""
    word = taken_word(text) if channel.name is ChannelName.SMS else ""
    if not word:
        return []
    return [
        f"The text asks for the answer “{word}”, which the carrier takes for itself: who sends it may get no more "
        "messages at all. Ask for 1 and 2 instead."
    ]


def closed_window(message: Message, limits: Limits, heard: datetime | None, now: datetime) -> str:
    """Why this message can't go to this person now, in a sentence; "" when it can, or its template goes."""
    if limits.window is None or uses_template(message):
        return ""
    closed = refusal(now, heard, limits.window)
    if closed and message.extras.template is not None:
        return "Its text was changed, and outside WhatsApp's window the approved template goes as it is: type Redraft."
    return closed


def last_heard(ledger: Ledger, channel: Channel, address: str) -> datetime | None:
    """When the owner of the address last wrote to the number that we send from, under any form of theirs; None where
    the channel has no window."""
    limits = channel.limits()
    if limits.window is None or not address:
        return None
    heard = (ledger.contacts.last_heard(channel.name, limits.ours, form) for form in variants(address))
    return max((at for at in heard if at is not None), default=None)


def silent(ledger: Ledger, channel: Channel, addresses: Collection[str], now: datetime) -> set[str]:
    """Those of the addresses whose owners may not be written to freely there now, however many they are."""
    limits = channel.limits()
    if limits.window is None:
        return set()
    forms = {form: address for address in addresses for form in variants(address)}
    since = now - timedelta(seconds=limits.window) + MARGIN
    heard = ledger.contacts.heard_since(channel.name, limits.ours, since, forms)
    return set(addresses) - {forms[form] for form in heard}


def said(sentences: Iterable[str]) -> str:
    """The sentences in one."""
    return " ".join(dict.fromkeys(sentence for sentence in sentences if sentence))
