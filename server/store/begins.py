"""What the begin of a sending means for each approved message of its campaign, in the transaction of the begin."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from server.domain.machine import Scheduled
from server.domain.words import MessageState
from server.errors import Conflict
from server.ports import Cipher, Start
from server.store.moves import IDS, Move, batched, happen
from server.store.schema import messages

LATE = "Something was approved at this very moment. Look at what is approved, then send again."


def begin(connection: Connection, campaign_id: str, start: Start, cipher: Cipher, now: datetime) -> set[str]:
    """Let each approved message's event happen: `start.events` by row key, `start.others` for all others; the ids of
    all of them.

    Messages come before their campaign, in the order in which claims hold them.
    """
    query = select(messages.c.id, messages.c.row_key, messages.c.due_at).where(*_approved(campaign_id))
    moves: list[Move] = []
    known: set[str] = set()
    for message_id, row_key, due_at in connection.execute(query.order_by(messages.c.seq)):
        known.add(message_id)
        event = start.events.get(row_key, start.others)
        if due_at is not None or event != Scheduled(None):  # most leave with the others, and wait for nothing else
            moves.append((message_id, event))
    for some in batched(moves, IDS):
        happen(connection, some, cipher, now)
    return known


def left(connection: Connection, campaign_id: str, start: Start, known: set[str]) -> int:
    """How many are approved after `begin`, once the campaign is held and nothing more can be. Raises Conflict when
    others than the `known` ones were approved in between, and not all that is approved is to go."""
    going = set(connection.execute(select(messages.c.id).where(*_approved(campaign_id))).scalars())
    if start.others != Scheduled(None) and not going <= known:
        raise Conflict(LATE)
    return len(going)


def _approved(campaign_id: str) -> tuple[ColumnElement[bool], ...]:
    state = messages.c.state == MessageState.APPROVED.value
    return messages.c.campaign_id == campaign_id, state, messages.c.followed.is_(False)
