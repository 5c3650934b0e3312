"""Labels in the ledger: what people decided about readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from server.domain.labels import Label
from server.domain.machine import MessageEvent, Settled
from server.domain.message import Message
from server.domain.table import fold
from server.domain.words import Flag, Outcome
from server.store import codec
from server.store.database import Database, insert
from server.store.schema import labels


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
                row.message_id,
                row.campaign_id,
                codec.moment(row.at),
                row.confidence,
                Flag(row.flag),
                Outcome(row.read),
                Outcome(row.settled),
                row.right,
                row.prompt,
                row.model,
            )
            for row in rows
        ]


def label_of(old: Message, event: MessageEvent, at: datetime) -> Label | None:
    """What a decision says of the reading that it is about; None where there was none, or a person had decided."""
    if not isinstance(event, Settled) or old.settled_by:
        return None
    if old.outcome is None or old.confidence is None or old.flag is None:
        return None
    said, kept = _folded(old.values), _folded(event.values)
    # A value typed into the cell settles the values; its outcome is then only what code makes of them.
    right = said == kept and (old.outcome is event.outcome or bool(said))
    made = old.read_by
    return Label(
        old.id,
        old.campaign_id,
        at,
        old.confidence,
        old.flag,
        old.outcome,
        event.outcome,
        right,
        made.prompt,
        made.model,
    )


def _folded(values: Mapping[str, str]) -> dict[str, str]:
    return {name: fold(value) for name, value in values.items() if value}


def keep(connection: Connection, found: Sequence[Label]) -> None:
    """Store labels, each message's first one only."""
    if not found:
        return
    rows = [
        {name: getattr(one, name) for name in ("message_id", "campaign_id", "confidence", "right", "prompt", "model")}
        | {"at": codec.micros(one.at), "flag": one.flag.value, "read": one.read.value, "settled": one.settled.value}
        for one in found
    ]
    connection.execute(
        insert(labels, sqlite=connection.dialect.name == "sqlite").on_conflict_do_nothing(
            index_elements=["message_id"]
        ),
        rows,
    )
