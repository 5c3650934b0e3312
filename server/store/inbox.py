"""Events that webhooks brought, each once, and the replies found in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Row, Select, and_, select, text, update

from server.domain.audit import Entry, Kind
from server.domain.machine import may_become, state_of
from server.domain.machine.replies import MOVERS
from server.domain.reply import Event, Reply, StoredEvent
from server.domain.words import ReplyState
from server.errors import NotFound
from server.ports import Cipher, Clock
from server.store import codec
from server.store.audit import note
from server.store.database import Database
from server.store.schema import events, messages, replies

_WAITING = text("NOT done")
_UNREAD = text("message_id IS NOT NULL AND NOT interpreted")
_UNMATCHED = text("message_id IS NULL")


class SqlInbox:
    """`ports.Inbox` on a database."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock

    def store(self, brought: Iterable[StoredEvent]) -> list[str]:
        """Store each event once by (provider, event_id); ids of the new ones. Durable when it returns."""
        rows = [self._values(event) for event in brought]
        return self._database.submit(self._store, rows).result() if rows else []

    def get(self, event_id: str) -> StoredEvent:
        """By our own id. Raises NotFound."""
        with self._database.reading() as connection:
            row = connection.execute(select(events).where(events.c.id == event_id)).first()
        if row is None:
            raise _missing("event", event_id)
        event = codec.loads(cast("type[Event]", Event), self._cipher.open(row.event))
        raw = self._cipher.open(row.raw) if row.raw else ""
        return StoredEvent(row.id, row.provider, event, codec.moment(row.received_at), raw)

    def waiting(self, limit: int, *, providers: Collection[str] | None = None, newest_first: bool = False) -> list[str]:
        """Ids of events (of these providers) that are not processed yet, oldest first."""
        query = select(events.c.id).where(_WAITING)
        if providers is not None:
            query = query.where(events.c.provider.in_(sorted(providers)))
        return self._ids(query.order_by(events.c.seq.desc() if newest_first else events.c.seq).limit(limit))

    def end(self, before: datetime, note: str) -> int:
        """Let go of events received before that moment and still not processed; how many. They stay stored."""
        old = and_(_WAITING, events.c.received_at < codec.micros(before))
        with self._database.reading() as connection:  # nearly always there are none: no need to write
            if connection.execute(select(events.c.seq).where(old).limit(1)).first() is None:
                return 0
        ended = update(events).where(old).values(done=True, note=self._cipher.seal(note))
        return self._database.write(lambda connection: connection.execute(ended).rowcount)

    def done(self, event_id: str, note: str = "") -> None:
        """The event is processed. Raises NotFound."""
        values = {"done": True, "note": self._cipher.seal(note) if note else None}

        def change(connection: Connection) -> int:
            return connection.execute(update(events).where(events.c.id == event_id).values(values)).rowcount

        if not self._database.write(change):
            raise _missing("event", event_id)

    def add_reply(self, reply: Reply) -> bool:
        """Store a reply once by its `event_id`; False when it was there."""
        statement = self._database.insert(replies).on_conflict_do_nothing(index_elements=["event_id"])
        values = {"id": reply.id, "event_id": reply.event_id} | self._reply_values(reply)

        def change(connection: Connection) -> bool:
            if connection.execute(statement.returning(replies.c.seq), values).first() is None:
                return False
            self._note(connection, ReplyState.RECEIVED, reply)
            return True

        return self._database.write(change)

    def reply(self, reply_id: str) -> Reply:
        """Raises NotFound."""
        with self._database.reading() as connection:
            row = connection.execute(select(replies).where(replies.c.id == reply_id)).first()
        if row is None:
            raise _missing("reply", reply_id)
        return self._reply(row)

    def save_reply(self, reply: Reply) -> bool:
        """Store what changed, if the machine allows it from the stored state. Raises NotFound.

        A reading that comes after a person settled the reply is left out: False.
        """
        values = self._reply_values(reply)

        def change(connection: Connection) -> bool:
            row = connection.execute(select(replies).where(replies.c.id == reply.id).with_for_update()).first()
            if row is None:
                raise _missing("reply", reply.id)
            old = self._reply(row)
            if not may_become(old, reply):
                return False
            guard = and_(replies.c.seq == row.seq, replies.c.reply == row.reply)
            connection.execute(update(replies).where(guard).values(values))
            if state_of(old) is not state_of(reply):
                self._note(connection, state_of(old), reply)
            return True

        return self._database.write(change)

    def unread(self, limit: int) -> list[str]:
        """Ids of matched replies without an interpretation, oldest first."""
        return self._ids(select(replies.c.id).where(_UNREAD).order_by(replies.c.seq).limit(limit))

    def replies(self, campaign_id: str, *, row_key: str | None = None) -> list[Reply]:
        """Replies of a campaign (of one row), newest first."""
        query = select(replies).where(replies.c.campaign_id == campaign_id)
        if row_key is not None:
            query = query.join(messages, messages.c.id == replies.c.message_id).where(messages.c.row_key == row_key)
        return self._replies(query.order_by(replies.c.received_at.desc(), replies.c.seq.desc()))

    def unmatched(self, limit: int) -> list[Reply]:
        """Replies that belong to no row, newest first."""
        query = select(replies).where(_UNMATCHED)
        return self._replies(query.order_by(replies.c.received_at.desc(), replies.c.seq.desc()).limit(limit))

    def _store(self, connection: Connection, batches: Sequence[Sequence[dict[str, Any]]]) -> list[list[str]]:
        """All callers' events in one statement; each learns which of its own were new."""
        statement = self._database.insert(events).on_conflict_do_nothing(index_elements=["provider", "blind"])
        rows = [row for batch in batches for row in batch]
        new = set(connection.execute(statement.returning(events.c.id), rows).scalars())
        return [[row["id"] for row in batch if row["id"] in new] for batch in batches]

    def _note(self, connection: Connection, old: ReplyState, reply: Reply) -> None:
        """What became of a reply; its words are not repeated here."""
        new, why = state_of(reply), reply.matched_by
        if reply.interpretation is not None:
            why = f"{reply.interpretation.outcome.value}: {reply.interpretation.reason}".strip(": ")
        actor = MOVERS[old, new][0]
        entry = Entry(
            self._clock.now(),
            Kind.REPLY,
            actor,
            new.value,
            reply.settled_by,
            why,
            old.value,
            new.value,
            reply.campaign_id,
            reply.message_id,
            reply.id,
        )
        note(connection, [entry], self._cipher)

    def _values(self, event: StoredEvent) -> dict[str, Any]:
        return {
            "id": event.id,
            "provider": event.provider,
            "blind": self._cipher.blind(event.event.event_id),
            "received_at": codec.micros(event.received_at),
            "event": self._cipher.seal(codec.dumps(event.event)),
            "raw": self._cipher.seal(event.raw) if event.raw else None,
        }

    def _reply_values(self, reply: Reply) -> dict[str, Any]:
        return {
            "campaign_id": reply.campaign_id,
            "message_id": reply.message_id,
            "received_at": codec.micros(reply.received_at),
            "interpreted": reply.interpretation is not None,
            "reply": self._cipher.seal(codec.dumps(reply)),
        }

    def _reply(self, row: Row[Any]) -> Reply:
        stored = codec.loads(Reply, self._cipher.open(row.reply))
        return replace(stored, id=row.id, event_id=row.event_id)

    def _ids(self, query: Select[Any]) -> list[str]:
        with self._database.reading() as connection:
            return list(connection.execute(query).scalars())

    def _replies(self, query: Select[Any]) -> list[Reply]:
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [self._reply(row) for row in rows]


def _missing(what: str, name: str) -> NotFound:
    return NotFound(f"The {what} {name} is not in the ledger: it was purged, or belongs to another data folder.")
