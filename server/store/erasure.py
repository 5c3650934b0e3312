"""What the ledger knows of one address, and its erasure: what is emptied, and what stays (counts, states, opt-outs)."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Row, delete, func, or_, select, update

from server.domain.audit import Entry, Kind
from server.domain.known import Contact, Known, Suppressed
from server.domain.machine import OPEN, Skipped
from server.domain.message import Message
from server.domain.reply import DeliveryEvent, Event, InboundMessage, Reply, StoredEvent, UnknownEvent
from server.domain.words import Actor, ChannelName, MessageState, SuppressionReason
from server.errors import Conflict
from server.ports import Cipher
from server.store import codec
from server.store.audit import note, to_entry
from server.store.database import Database
from server.store.moves import IDS, batched, happen
from server.store.rows import blind, to_message
from server.store.schema import (
    accounts,
    audit,
    cell_writes,
    contacts,
    events,
    links,
    messages,
    names,
    permissions,
    replies,
    saved,
    suppressions,
)

_SURELY_NOT_SENT = OPEN | {MessageState.FAILED}


def _may_leave(message: Message) -> bool:
    """It has surely not been sent, and still could be: nothing leaves any more that its row no longer shows."""
    return message.state in _SURELY_NOT_SENT and not message.followed


def known(database: Database, cipher: Cipher, address: str) -> Known:
    """All that is about the address. Replies and events are sealed, so each of them is opened: some 10 000 a second."""
    with database.reading() as connection:
        return _known(connection, cipher, address)


def erase(database: Database, cipher: Cipher, address: str, now: datetime) -> Known:
    """Empty all that is about the address; what there was. Raises Conflict while a message to it is on its way.

    What has not left is skipped first, so that nothing is sent without the text that was approved. Events stay as
    empty records: a webhook that is posted again must not bring the reply back.
    """

    def change(connection: Connection) -> Known:
        found = _known(connection, cipher, address)
        if any(message.state is MessageState.SENDING for message in found.messages):
            raise Conflict("A message to this address is on its way just now. Repeat this in a minute.")
        unsent = [one.id for one in found.messages if _may_leave(one)]
        happen(connection, [(message_id, Skipped("Erased.")) for message_id in unsent], cipher, now)
        _empty(connection, cipher, found)
        _shut_out(connection, blind(cipher, address))
        _forget(connection, blind(cipher, address))
        _tell(connection, cipher, found, now)
        return found

    found = database.write(change)
    database.shed()
    return found


def _known(connection: Connection, cipher: Cipher, address: str) -> Known:
    digest, folded = blind(cipher, address), address.strip().casefold()
    if not folded:
        return Known()  # nobody's: an empty text would be found in everything
    query = select(messages).where(messages.c.blind == digest, messages.c.blind != "").order_by(messages.c.seq)
    found = [to_message(row, cipher) for row in connection.execute(query)]
    ids = {message.id for message in found}
    known_as = list(_contacts(connection, cipher, digest))
    called = {folded, *(one.known_as.casefold() for one in known_as if one.known_as)}
    answered = [reply for reply in _replies(connection, cipher) if _is_about(reply, ids, called)]
    brought = {reply.event_id for reply in answered}
    heard = [one for one in _events(connection, cipher) if one.id in brought or _tells_of(one, found, called)]
    blocks = connection.execute(select(suppressions).where(suppressions.c.blind == digest, suppressions.c.blind != ""))
    return Known(
        messages=tuple(found),
        replies=tuple(answered),
        events=tuple(heard),
        suppressions=tuple(_suppressed(row) for row in blocks),
        audit=tuple(_audit(connection, cipher, ids)),
        contacts=tuple(known_as),
    )


def _replies(connection: Connection, cipher: Cipher) -> Iterable[Reply]:
    for row in connection.execute(select(replies).order_by(replies.c.seq)):
        yield codec.loads(Reply, cipher.open(row.reply))


def _is_about(reply: Reply, ids: set[str], called: Collection[str]) -> bool:
    return reply.message_id in ids or reply.sender.strip().casefold() in called


def _events(connection: Connection, cipher: Cipher) -> Iterable[StoredEvent]:
    for row in connection.execute(select(events).order_by(events.c.seq)):
        event = codec.loads(cast("type[Event]", Event), cipher.open(row.event))
        raw = cipher.open(row.raw) if row.raw else ""
        yield StoredEvent(row.id, row.provider, event, codec.moment(row.received_at), raw)


def _tells_of(stored: StoredEvent, found: Iterable[Message], called: Collection[str]) -> bool:
    """By its address (or a provider's name for its owner), by what it carries of a message, or by one of these anywhere
    in what was posted."""
    match stored.event:
        case DeliveryEvent(token=token, provider_id=provider_id, address=address):
            named = address
        case InboundMessage(token=token, sender=sender, user_id=user_id):
            provider_id, named = "", f"{sender}\n{user_id}"
        case UnknownEvent():
            token = provider_id = named = ""
    # Not as a part of another address: ann@x.org is not in joann@x.org.
    any_of = "|".join(re.escape(name) for name in sorted(called))
    if re.search(rf"(?<![\w.+-])(?:{any_of})(?![\w-]|\.\w)", f"{named}\n{stored.raw}".casefold()):
        return True
    return any((token and token == m.token) or (provider_id and provider_id == m.provider_id) for m in found)


def _audit(connection: Connection, cipher: Cipher, ids: set[str]) -> Iterable[Entry]:
    for some in batched(sorted(ids), IDS):
        for row in connection.execute(select(audit).where(audit.c.message_id.in_(some)).order_by(audit.c.seq)):
            yield to_entry(row, cipher)


def _contacts(connection: Connection, cipher: Cipher, digest: str) -> Iterable[Contact]:
    for row in connection.execute(select(contacts).where(contacts.c.blind == digest).order_by(contacts.c.heard_at)):
        yield Contact(ChannelName(row.channel), codec.moment(row.heard_at))
    theirs = or_(names.c.blind == digest, names.c.name == digest)
    for row in connection.execute(select(names).where(theirs).order_by(names.c.seq)):
        name = json.loads(cipher.open(row.words))["name"]
        yield Contact(ChannelName(row.channel), codec.moment(row.since), name)


def _suppressed(row: Row[Any]) -> Suppressed:
    channel = ChannelName(row.channel) if row.channel else None
    return Suppressed(channel, SuppressionReason(row.reason), codec.moment(row.since))


def _empty(connection: Connection, cipher: Cipher, found: Known) -> None:
    ids = [message.id for message in found.messages]
    bare = {"draft": None, "answer": None, "note": None, "blind": "", "token": "", "provider_id": ""}
    version = func.coalesce(messages.c.version, 0) + 1  # the panels look again; the sheet is not touched
    for some in batched(ids, IDS):
        here = messages.c.id.in_(some)
        connection.execute(update(messages).where(here).values(**bare, version=version, rendered=version))
        connection.execute(update(audit).where(audit.c.message_id.in_(some)).values(words=None))
    for message in found.messages:
        of_row = (cell_writes.c.campaign_id == message.campaign_id, cell_writes.c.row_key == message.row_key)
        connection.execute(delete(cell_writes).where(*of_row))
    for some in batched([reply.id for reply in found.replies], IDS):
        connection.execute(delete(replies).where(replies.c.id.in_(some)))
        connection.execute(update(audit).where(audit.c.entity.in_(some)).values(words=None))
    for some in batched([event.id for event in found.events], IDS):
        nothing = cipher.seal(codec.dumps(UnknownEvent("", "erased")))
        values = {"event": nothing, "raw": None, "note": None, "done": True}
        connection.execute(update(events).where(events.c.id.in_(some)).values(values))


def _shut_out(connection: Connection, digest: str) -> None:
    """Take away the access of a person who came in from a sheet's host, by their address or under an account."""
    held = select(accounts.c.blind).where(accounts.c.address == digest)
    theirs = [digest, *connection.execute(held).scalars()] if digest else []
    for table in (links, permissions, accounts, saved):
        connection.execute(delete(table).where(table.c.blind.in_(theirs)))


def _forget(connection: Connection, digest: str) -> None:
    """When they last wrote to us, and what providers call them, be the address theirs or such a name itself."""
    connection.execute(delete(contacts).where(contacts.c.blind == digest))
    connection.execute(delete(names).where(or_(names.c.blind == digest, names.c.name == digest)))


def _tell(connection: Connection, cipher: Cipher, found: Known, now: datetime) -> None:
    """That it was erased, and when, is all that is told of it from now on."""
    entries = []
    for one in found.messages:
        state = MessageState.SKIPPED.value if _may_leave(one) else one.state.value
        place = {"campaign_id": one.campaign_id, "message_id": one.id}
        entries.append(Entry(now, Kind.MESSAGE, Actor.OPERATOR, "erased", before=state, after=state, **place))
    note(connection, entries, cipher)
