"""Further steps of a row, each in one transaction: a message takes another one's place in its row, or gives it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, and_, select

from server.domain.machine import WITHDRAWABLE, Followed, Restored, Withdrawn, with_answer_of
from server.domain.message import Message
from server.domain.words import MessageState
from server.ports import Cipher, Step
from server.store.moves import IDS, Move, batched, gate_of, happen
from server.store.rows import to_message, to_row
from server.store.schema import messages, replies

_PLACE = select(messages.c.campaign_id, messages.c.row_key)
_HELD = select(messages).order_by(messages.c.seq).with_for_update()


def follow(connection: Connection, steps: Sequence[Step], cipher: Cipher, now: datetime) -> list[Message | None]:
    """`ports.Messages.follow`: for each step the row's new message, None where its row may not be written to again."""
    rows: dict[tuple[str, str], list[Message]] = {}
    for one in _rows_of(connection, [step.follows for step in steps], cipher):
        rows.setdefault((one.campaign_id, one.row_key), []).append(one)
    unread = _unread(connection, [one for row in rows.values() for one in row])
    shown = {one.id: row for row, found in rows.items() for one in found if not one.followed and row not in unread}
    olds = {one.id: one for row in rows.values() for one in row if one.id in shown}
    gate = gate_of(connection, list(olds.values()), cipher)
    wanted = [step for step in steps if step.follows in shown and gate.reason(olds[step.follows], cipher) is None]
    moves: list[Move] = [
        (step.follows, Followed(step.what, step.who, step.answered, step.kept, step.heard)) for step in wanted
    ]
    marked = happen(connection, moves, cipher, now)  # of two for one message the second finds it followed
    made: dict[str, Message] = {}
    for step, old in zip(wanted, marked, strict=True):
        if isinstance(old, Message):
            last = max(one.step for one in rows[shown[old.id]])
            said = with_answer_of(step.message, old) if step.kept else step.message
            new = replace(said, campaign_id=old.campaign_id, row_key=old.row_key, step=last + 1)
            made[new.id] = replace(new, follows=old.id, followed=False)
    if made:
        connection.execute(messages.insert(), [to_row(new, cipher) for new in made.values()])
    begun = [(step.message.id, event) for step in wanted if step.message.id in made for event in step.events]
    made |= {one.id: one for one in happen(connection, begun, cipher, now) if isinstance(one, Message)}
    return [made.get(step.message.id) for step in steps]


def fall_back(
    connection: Connection, ids: Sequence[str], note: str, who: str, cipher: Cipher, now: datetime
) -> list[Message]:
    """`ports.Messages.fall_back` for many: for each id the message that its row shows, once what surely reached nobody
    is taken out of it.

    The ids must be of messages.
    """
    stand = {one.id: one for one in _rows_of(connection, ids, cipher)}
    while True:
        shown = _shown(stand.values())
        moves: list[Move] = []
        for one in shown.values():
            earlier = stand.get(one.follows)
            if one.state in WITHDRAWABLE and earlier is not None and earlier.state is MessageState.SENT:
                moves += [(one.id, Withdrawn(note, who)), (earlier.id, Restored())]
        if not moves:
            return [shown[_row(stand[message_id])] for message_id in ids]
        stand |= {one.id: one for one in happen(connection, moves, cipher, now) if isinstance(one, Message)}


def _shown(found: Iterable[Message]) -> dict[tuple[str, str], Message]:
    """The message that each row shows."""
    return {_row(one): one for one in sorted(found, key=lambda one: one.step) if not one.followed}


def _row(message: Message) -> tuple[str, str]:
    return message.campaign_id, message.row_key


def _rows_of(connection: Connection, ids: Sequence[str], cipher: Cipher) -> list[Message]:
    """All messages of the rows of these messages, in the order of their steps, held to the end of the transaction."""
    keys: dict[str, set[str]] = {}
    for some in batched(sorted(set(ids)), IDS):
        for campaign_id, row_key in connection.execute(_PLACE.where(messages.c.id.in_(some))):
            keys.setdefault(campaign_id, set()).add(row_key)
    found: list[Message] = []
    for campaign_id in sorted(keys):
        for some in batched(sorted(keys[campaign_id]), IDS):
            of_rows = _HELD.where(messages.c.campaign_id == campaign_id, messages.c.row_key.in_(some))
            found += [to_message(row, cipher) for row in connection.execute(of_rows)]
    return sorted(found, key=lambda one: one.step)


def _unread(connection: Connection, found: Iterable[Message]) -> set[tuple[str, str]]:
    """Rows for which a reply has come that nobody has read yet: what it says decides whether they are written to."""
    rows = {one.id: (one.campaign_id, one.row_key) for one in found}
    of: dict[str, list[str]] = {}
    for message_id, (campaign_id, _) in rows.items():
        of.setdefault(campaign_id, []).append(message_id)
    waiting: set[tuple[str, str]] = set()
    for campaign_id, ids in of.items():
        for some in batched(sorted(ids), IDS):
            here = and_(replies.c.campaign_id == campaign_id, replies.c.message_id.in_(some))
            query = select(replies.c.message_id).where(here, replies.c.interpreted.is_(False))
            waiting |= {rows[one] for one in connection.execute(query).scalars()}
    return waiting
