"""What the begin of a sending means for each approved message of its campaign, in the transaction of the begin."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from server.domain.machine import Scheduled
from server.domain.words import MessageState
from server.ports import Cipher, Start
from server.store.moves import IDS, Move, batched, happen
from server.store.schema import messages


def begin(connection: Connection, campaign_id: str, start: Start, cipher: Cipher, now: datetime) -> int:
    """Let each approved message's event happen: `start.events` by row key, `start.others` for all others.

    Messages come before their campaign, in the order in which claims hold them. How many are approved afterwards.
    """
    approved = (messages.c.campaign_id == campaign_id, messages.c.state == MessageState.APPROVED.value)
    shown = (*approved, messages.c.followed.is_(False))
    query = select(messages.c.id, messages.c.row_key, messages.c.due_at).where(*shown).order_by(messages.c.seq)
    moves: list[Move] = []
    for message_id, row_key, due_at in connection.execute(query):
        event = start.events.get(row_key, start.others)
        if due_at is not None or event != Scheduled(None):  # most leave with the others, and wait for nothing else
            moves.append((message_id, event))
    for some in batched(moves, IDS):
        happen(connection, some, cipher, now)
    return int(connection.execute(select(func.count()).select_from(messages).where(*shown)).scalar_one())
