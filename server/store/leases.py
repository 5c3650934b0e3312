"""Who works on what, for a short while. Time is our own clock's: hosts that share a ledger keep theirs in step."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, delete, or_, select

from server.ports import Clock
from server.store import codec
from server.store.database import Database
from server.store.schema import leases


class SqlLeases:
    """`ports.Leases` on a database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def take(self, name: str, owner: str, seconds: float) -> bool:
        """Take or renew the lease, in one statement; False while another owner's has not run out."""
        now = self._clock.now()
        until = codec.micros(now + timedelta(seconds=seconds))
        statement = self._database.insert(leases).values(name=name, owner=owner, until=until)
        statement = statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"owner": owner, "until": until},
            where=or_(leases.c.owner == owner, leases.c.until <= codec.micros(now)),
        )

        def change(connection: Connection) -> bool:
            return connection.execute(statement.returning(leases.c.owner)).first() is not None

        return self._database.write(change)

    def release(self, name: str, owner: str) -> None:
        """Give it back, if it is still ours."""

        def change(connection: Connection) -> None:
            connection.execute(delete(leases).where(leases.c.name == name, leases.c.owner == owner))

        self._database.write(change)

    def holder(self, name: str) -> str | None:
        """Who holds it now, or None."""
        now = codec.micros(self._clock.now())
        query = select(leases.c.owner).where(leases.c.name == name, leases.c.until > now)
        with self._database.reading() as connection:
            owner: str | None = connection.execute(query).scalar()
        return owner

    def held(self) -> list[tuple[str, str]]:
        """(lease, owner) of all leases that have not run out."""
        query = select(leases.c.name, leases.c.owner).where(leases.c.until > codec.micros(self._clock.now()))
        with self._database.reading() as connection:
            return [(name, owner) for name, owner in connection.execute(query.order_by(leases.c.name))]
