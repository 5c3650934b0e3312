"""The audit: an entry for every change of state, written in the transaction of the change itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from server.domain.audit import Entry, Kind
from server.domain.words import Actor
from server.ports import Cipher
from server.store import codec
from server.store.database import Database
from server.store.schema import audit

_ADD = audit.insert()
_PLAIN = frozenset({Actor.WORKER, Actor.PROVIDER, Actor.CLOCK})
"""Whose names tell nothing about a person."""


class SqlAudit:
    """`ports.Audit` on a database."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def of_message(self, message_id: str) -> list[Entry]:
        """All that happened to a message, its replies and its cells, oldest first."""
        query = select(audit).where(audit.c.message_id == message_id)
        return self._read(query.order_by(audit.c.seq))

    def of_campaign(self, campaign_id: str, limit: int) -> list[Entry]:
        """What happened last in a campaign, newest first."""
        query = select(audit).where(audit.c.campaign_id == campaign_id)
        return self._read(query.order_by(audit.c.seq.desc()).limit(limit))

    def _read(self, query: Select[Any]) -> list[Entry]:
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [to_entry(row, self._cipher) for row in rows]


def note(connection: Connection, entries: Sequence[Entry], cipher: Cipher) -> None:
    """Add the entries: one statement, whatever their number. What may name people is sealed."""
    if entries:
        rows = [_to_row(entry, cipher) for entry in entries]
        connection.execute(_ADD, rows if len(rows) > 1 else rows[0])


def _to_row(entry: Entry, cipher: Cipher) -> dict[str, Any]:
    plain = entry.who if entry.actor in _PLAIN else ""
    said = entry.why or entry.who != plain
    return {
        "at": codec.micros(entry.at),
        "kind": entry.kind.value,
        "actor": entry.actor.value,
        "what": entry.what,
        "before": entry.before,
        "after": entry.after,
        "campaign_id": entry.campaign_id,
        "message_id": entry.message_id,
        "entity": entry.entity,
        "who": plain,
        "words": cipher.seal(codec.to_json(["" if plain else entry.who, entry.why])) if said else None,
    }


def to_entry(row: Row[Any], cipher: Cipher) -> Entry:
    """The entry of a record."""
    who, why = json.loads(cipher.open(row.words)) if row.words else ("", "")
    return Entry(
        at=codec.moment(row.at),
        kind=Kind(row.kind),
        actor=Actor(row.actor),
        what=row.what,
        who=row.who or who,
        why=why,
        before=row.before,
        after=row.after,
        campaign_id=row.campaign_id,
        message_id=row.message_id,
        entity=row.entity,
    )
