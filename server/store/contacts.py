"""What is known of a person on a channel beyond campaigns: when they last wrote to us, what a provider calls them.

Who they are is a blinded digest of their address; the name and the address behind it are sealed. And moments to
remember by a name, which say nothing of anybody.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, select

from server.domain.words import ChannelName
from server.ports import Cipher, Clock
from server.store import codec
from server.store.database import Database
from server.store.moves import IDS, batched
from server.store.rows import blind
from server.store.schema import contacts, marks, names


class SqlContacts:
    """`ports.Contacts` on a database."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock

    def heard(self, channel: ChannelName, ours: str, address: str, at: datetime, user_id: str = "") -> None:
        """Somebody wrote to a number of ours at that moment; an older word changes nothing."""
        digest = blind(self._cipher, address)
        if not digest:
            return
        values = {"channel": channel.value, "ours": blind(self._cipher, ours), "blind": digest}
        insert = self._database.insert(contacts).values(heard_at=codec.micros(at), **values)
        statement = insert.on_conflict_do_update(
            index_elements=["channel", "ours", "blind"],
            set_={"heard_at": insert.excluded.heard_at},
            where=contacts.c.heard_at < insert.excluded.heard_at,
        )

        def change(connection: Connection) -> None:
            connection.execute(statement)
            if user_id:
                self._name(connection, channel, address, user_id, called=False)

        self._database.write(change)

    def last_heard(self, channel: ChannelName, ours: str, address: str) -> datetime | None:
        """When they last wrote to that number of ours (to any, without one), or None."""
        query = select(func.max(contacts.c.heard_at)).where(
            contacts.c.blind == blind(self._cipher, address), contacts.c.channel == channel.value
        )
        if ours:
            query = query.where(contacts.c.ours == blind(self._cipher, ours))
        with self._database.reading() as connection:
            return codec.moment_or_none(connection.execute(query).scalar())

    def heard_since(self, channel: ChannelName, ours: str, since: datetime, addresses: Collection[str]) -> set[str]:
        """Those of the addresses whose owners wrote to that number of ours (to any, without one) since then."""
        digests = {blind(self._cipher, address): address for address in addresses}
        query = select(contacts.c.blind).where(
            contacts.c.channel == channel.value, contacts.c.heard_at >= codec.micros(since)
        )
        if ours:
            query = query.where(contacts.c.ours == blind(self._cipher, ours))
        found: set[str] = set()
        with self._database.reading() as connection:
            for some in batched(sorted(digests), IDS):
                found |= {digests[row] for row in connection.execute(query.where(contacts.c.blind.in_(some))).scalars()}
        return found

    def called(self, channel: ChannelName, address: str, known_as: str) -> None:
        """The provider took a message to that address, and calls its owner so."""
        if known_as and blind(self._cipher, address):
            self._database.write(lambda connection: self._name(connection, channel, address, known_as, called=True))

    def address_of(self, channel: ChannelName, user_id: str) -> str:
        """The address of whom a provider calls so, "" when nobody is known by that name."""
        query = select(names.c.words).where(
            names.c.channel == channel.value, names.c.name == blind(self._cipher, user_id)
        )
        with self._database.reading() as connection:
            sealed = connection.execute(query).scalar()
        return "" if sealed is None else str(json.loads(self._cipher.open(sealed))["address"])

    def known_as(self, channel: ChannelName, address: str) -> str:
        """How the provider last called who has that address when it took a message to them, or ""."""
        query = select(names.c.words).where(names.c.blind == blind(self._cipher, address), names.c.called)
        query = query.where(names.c.channel == channel.value).order_by(names.c.since.desc(), names.c.seq.desc())
        with self._database.reading() as connection:
            sealed = connection.execute(query.limit(1)).scalar()
        return "" if sealed is None else str(json.loads(self._cipher.open(sealed))["name"])

    def _name(self, connection: Connection, channel: ChannelName, address: str, name: str, *, called: bool) -> None:
        """A name has one owner: the last one it was said of. What was once said of a send stays so."""
        values = {
            "blind": blind(self._cipher, address),
            "since": codec.micros(self._clock.now()),
            "words": self._cipher.seal(codec.to_json({"name": name, "address": address})),
        }
        insert = self._database.insert(names).values(
            channel=channel.value, name=blind(self._cipher, name), called=called, **values
        )
        raised = {"called": True} if called else {}
        connection.execute(insert.on_conflict_do_update(index_elements=["channel", "name"], set_={**values, **raised}))


class SqlMarks:
    """`ports.Marks` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> datetime | None:
        """The moment that was kept under that name, or None."""
        with self._database.reading() as connection:
            return codec.moment_or_none(connection.execute(select(marks.c.at).where(marks.c.name == name)).scalar())

    def keep(self, name: str, at: datetime) -> None:
        """Keep a moment under a name, in place of an earlier one; a later one stays."""
        insert = self._database.insert(marks).values(name=name, at=codec.micros(at))
        statement = insert.on_conflict_do_update(
            index_elements=["name"], set_={"at": insert.excluded.at}, where=marks.c.at < insert.excluded.at
        )

        def change(connection: Connection) -> None:
            connection.execute(statement)

        self._database.write(change)
