"""Labels in the ledger: what people decided about readings, and which ones to ask them about."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from sqlalchemy import Connection, exists, select

from server.domain.labels import CERTAIN, Label, place
from server.domain.words import Flag, MessageState, Outcome
from server.store import codec
from server.store.database import Database, insert
from server.store.schema import labels, messages

_AS_THEY_ARE = ("message_id", "campaign_id", "confidence", "right", "prompt", "model", "sampled")


class SqlLabels:
    """`ports.Labels` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, campaign_id: str = "") -> list[Label]:
        """Labels (of one campaign), oldest first."""
        query = select(labels).order_by(labels.c.seq)
        if campaign_id:
            query = query.where(labels.c.campaign_id == campaign_id)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [
            Label(
                at=codec.moment(row.at),
                flag=Flag(row.flag),
                read=Outcome(row.read),
                settled=Outcome(row.settled),
                **{name: getattr(row, name) for name in _AS_THEY_ARE},
            )
            for row in rows
        ]

    def to_check(self, campaign_id: str, count: int) -> list[str]:
        """Ids of messages whose reading is sure and that nobody settled or checked, the first so many by their `place`.

        No text is read for it. What is purged, what a later step of its row follows, and what no reader read is left
        out, and automatic replies, which are nobody's answer.
        """
        query = select(messages.c.id).where(
            messages.c.campaign_id == campaign_id,
            messages.c.state == MessageState.SENT.value,
            messages.c.flag == Flag.SURE.value,
            messages.c.settled.is_(False),
            messages.c.followed.is_(False),
            messages.c.outcome != Outcome.AUTOMATIC.value,
            messages.c.confidence < CERTAIN,
            messages.c.answer.is_not(None),
            ~exists().where(labels.c.message_id == messages.c.id),
        )
        with self._database.reading() as connection:
            return heapq.nsmallest(count, connection.execute(query).scalars(), key=place)


def keep(connection: Connection, found: Sequence[Label]) -> None:
    """Store labels, each message's first one only."""
    if not found:
        return
    rows = [
        {name: getattr(one, name) for name in _AS_THEY_ARE}
        | {"at": codec.micros(one.at), "flag": one.flag.value, "read": one.read.value, "settled": one.settled.value}
        for one in found
    ]
    new = insert(labels, sqlite=connection.dialect.name == "sqlite")
    connection.execute(new.on_conflict_do_nothing(index_elements=["message_id"]), rows)
