"""Who may come into which workbook from outside, and the permissions that people gave us for work in the background.

A person is a blinded digest of their address, or of their account with Microsoft; what we were given to act for them
is sealed.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import Connection, Select, delete, select, update

from server.ports import Cipher, Clock
from server.store import codec
from server.store.database import Database
from server.store.rows import blind
from server.store.schema import accounts, links, permissions, spent


class SqlAccess:
    """`ports.Access` on a database."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock

    def link(self, person: str, workbook: str, until: datetime) -> None:
        """Remember until then that a person proved that they may edit a workbook; a permission of theirs counts now."""
        digest = self._blind(person)
        statement = self._database.insert(links).values(blind=digest, workbook=workbook, until=codec.micros(until))
        statement = statement.on_conflict_do_update(
            index_elements=["blind", "workbook"], set_={"until": codec.micros(until)}
        )

        def change(connection: Connection) -> None:
            connection.execute(statement)
            theirs = (permissions.c.blind == digest, permissions.c.workbook == workbook)
            connection.execute(update(permissions).where(*theirs).values(proven=True))

        self._database.write(change)

    def linked(self, person: str, workbook: str) -> bool:
        """Whether such a proof stands."""
        query = self._link(self._blind(person), workbook, codec.micros(self._clock.now()))
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def spend(self, word: str, until: datetime) -> bool:
        """Use up a single-use word; False when it was used before. It is forgotten after `until`."""
        now = codec.micros(self._clock.now())
        digest = hashlib.sha256(word.encode()).hexdigest()
        statement = self._database.insert(spent).values(digest=digest, until=codec.micros(until))

        def change(connection: Connection) -> bool:
            connection.execute(delete(spent).where(spent.c.until <= now))
            once = statement.on_conflict_do_nothing(index_elements=["digest"]).returning(spent.c.digest)
            return connection.execute(once).first() is not None

        return self._database.write(change)

    def permit(self, person: str, workbook: str, refresh_token: str) -> None:
        """Keep what a person gave us for a workbook, sealed, in place of what they gave before."""
        digest, now = self._blind(person), codec.micros(self._clock.now())
        sealed = self._cipher.seal(refresh_token)

        def change(connection: Connection) -> None:
            proven = connection.execute(self._link(digest, workbook, now)).first() is not None
            values = {"token": sealed, "proven": proven, "since": now}
            statement = self._database.insert(permissions).values(blind=digest, workbook=workbook, **values)
            statement = statement.on_conflict_do_update(index_elements=["blind", "workbook"], set_=values)
            connection.execute(statement)

        self._database.write(change)

    def permission(self, workbook: str, person: str = "") -> str | None:
        """The newest refresh token for a workbook of somebody who proved that they may edit it, or None.

        With `person` theirs, proven or not: it is what the proof itself is read with.
        """
        query = select(permissions.c.token).where(permissions.c.workbook == workbook)
        query = query.where(permissions.c.blind == self._blind(person) if person else permissions.c.proven)
        with self._database.reading() as connection:
            sealed = connection.execute(query.order_by(permissions.c.since.desc()).limit(1)).scalar()
        return None if sealed is None else self._cipher.open(sealed)

    def withdraw(self, workbook: str, refresh_token: str) -> None:
        """Forget a permission that has ended, whoever's it was."""

        def change(connection: Connection) -> None:
            query = select(permissions.c.seq, permissions.c.token).where(permissions.c.workbook == workbook)
            ended = [row.seq for row in connection.execute(query) if self._cipher.open(row.token) == refresh_token]
            connection.execute(delete(permissions).where(permissions.c.seq.in_(ended)))

        self._database.write(change)

    def holders(self, workbook: str) -> list[str]:
        """What everybody gave us for a workbook who proved that they may edit it, the first one first."""
        query = select(permissions.c.token).where(permissions.c.workbook == workbook, permissions.c.proven)
        with self._database.reading() as connection:
            found = connection.execute(query.order_by(permissions.c.seq)).scalars().all()
        return [self._cipher.open(sealed) for sealed in found]

    def keep(self, account: str, address: str, cache: str) -> None:
        """Keep what renews the access of an account, sealed, in place of what was kept before."""
        now = codec.micros(self._clock.now())
        values = {"address": self._blind(address), "cache": self._cipher.seal(cache), "since": now}
        statement = self._database.insert(accounts).values(blind=self._blind(account), **values)
        statement = statement.on_conflict_do_update(index_elements=["blind"], set_=values)

        def change(connection: Connection) -> None:
            connection.execute(statement)

        self._database.write(change)

    def renew(self, account: str, cache: str) -> None:
        """The same for an account that is still known; one that was forgotten or erased meanwhile stays so."""
        values = {"cache": self._cipher.seal(cache), "since": codec.micros(self._clock.now())}
        statement = update(accounts).where(accounts.c.blind == self._blind(account)).values(**values)

        def change(connection: Connection) -> None:
            connection.execute(statement)

        self._database.write(change)

    def kept(self, account: str) -> str | None:
        """What renews the access of an account, or None."""
        query = select(accounts.c.cache).where(accounts.c.blind == self._blind(account))
        with self._database.reading() as connection:
            sealed = connection.execute(query).scalar()
        return None if sealed is None else self._cipher.open(sealed)

    def forget(self, account: str, cache: str) -> None:
        """Forget it, if it is still the one that has ended."""
        digest = self._blind(account)

        def change(connection: Connection) -> None:
            sealed = connection.execute(select(accounts.c.cache).where(accounts.c.blind == digest)).scalar()
            if sealed is not None and self._cipher.open(sealed) == cache:
                connection.execute(delete(accounts).where(accounts.c.blind == digest))

        self._database.write(change)

    @staticmethod
    def _link(digest: str, workbook: str, now: int) -> Select[tuple[int]]:
        return select(links.c.until).where(links.c.blind == digest, links.c.workbook == workbook, links.c.until > now)

    def _blind(self, person: str) -> str:
        return blind(self._cipher, person)
