"""Further steps of a row, each in one transaction: a message takes another one's place in its row, or gives it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from server.domain.machine import WITHDRAWABLE, Followed, Restored, Withdrawn
from server.domain.message import Message
from server.domain.words import MessageState
from server.ports import Cipher, Step
from server.store.moves import IDS, Move, batched, happen
from server.store.rows import to_message, to_row
from server.store.schema import messages, replies

_PLACE = select(messages.c.campaign_id, messages.c.row_key)
_HELD = select(messages).order_by(messages.c.seq).with_for_update()


def follow(connection: Connection, steps: Sequence[Step], cipher: Cipher, now: datetime) -> list[Message | None]:
    """`ports.Messages.follow`: for each step the row's new message, None where its row may not be written to again."""
    before = {one.id: one for one in _rows_of(connection, [step.follows for step in steps], cipher)}
    wordless = _unread(connection, list(before.values()))
    shown = {(one.campaign_id, one.row_key): one for one in before.values() if not one.followed}
    last: dict[tuple[str, str], int] = {}
    for one in before.values():
        row = (one.campaign_id, one.row_key)
        last[row] = max(one.step, last.get(row, 0))
    results: list[Message | None] = []
    for step in steps:
        old = before.get(step.follows)
        row = (old.campaign_id, old.row_key) if old else ("", "")
        if old is None or shown.get(row) != old or row in wordless:
            results.append(None)
            continue
        followed = Followed(step.what, step.who, step.answered)
        if happen(connection, [(old.id, followed)], cipher, now)[0] is None:
            results.append(None)
            continue
        last[row] += 1
        new = replace(
            step.message,
            campaign_id=old.campaign_id,
            row_key=old.row_key,
            step=last[row],
            follows=old.id,
            followed=False,
        )
        shown[row] = new
        connection.execute(messages.insert().values(to_row(new, cipher)))
        moved = happen(connection, [(new.id, event) for event in step.events], cipher, now)
        results.append(next((one for one in reversed(moved) if isinstance(one, Message)), new))
    return results


def fall_back(connection: Connection, message_id: str, note: str, who: str, cipher: Cipher, now: datetime) -> Message:
    """`ports.Messages.fall_back`: the message that its row shows, once what surely reached nobody is taken out of it.

    The id must be of a message.
    """
    steps = _rows_of(connection, [message_id], cipher)
    while True:
        shown = next(one for one in reversed(steps) if not one.followed)
        earlier = [one for one in steps if one.id == shown.follows and one.state is MessageState.SENT]
        if shown.state not in WITHDRAWABLE or not earlier:
            return shown
        moves: list[Move] = [(shown.id, Withdrawn(note, who)), (earlier[0].id, Restored())]
        changed = [one for one in happen(connection, moves, cipher, now) if isinstance(one, Message)]
        now_are = {one.id: one for one in changed}
        steps = [now_are.get(one.id, one) for one in steps]


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
    waiting: set[tuple[str, str]] = set()
    for some in batched(sorted(rows), IDS):
        places = [and_(replies.c.campaign_id == rows[one][0], replies.c.message_id == one) for one in some]
        query = select(replies.c.message_id, func.count()).where(or_(*places), replies.c.interpreted.is_(False))
        waiting |= {rows[one] for one, _ in connection.execute(query.group_by(replies.c.message_id))}
    return waiting
