"""Campaigns that people saved to use again. Who saved one, and its name for look-ups, are blinded; its words sealed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, or_, select, update

from server.domain.saved import SavedCampaign
from server.domain.table import fold
from server.errors import Conflict, InvalidInput, NotFound
from server.ports import Cipher, Clock
from server.store import codec
from server.store.database import Database
from server.store.rows import blind
from server.store.schema import saved

MOST = 100
"""What one person may keep in one workbook."""


class SqlSaved:
    """`ports.Saved` on a database."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock

    def put(self, person: str, one: SavedCampaign) -> SavedCampaign:
        """Keep it for that person in its workbook, in place of what they saved there under that name."""
        now = self._clock.now()
        here = self._of(person, one.workbook)
        same = and_(*here, saved.c.name == self._name(one.name))
        values = {"name": self._name(one.name), "words": self._sealed(one), "since": codec.micros(now)}

        def change(connection: Connection) -> str:
            found = connection.execute(select(saved.c.id).where(same).with_for_update()).scalar()
            if found is not None:
                connection.execute(update(saved).where(saved.c.id == found).values(**values))
                return str(found)
            if len(connection.execute(select(saved.c.seq).where(*here).limit(MOST)).all()) == MOST:
                raise InvalidInput(f"{MOST} campaigns are saved here already. Remove one first.", field="name")
            owner = {"id": one.id, "blind": self._blind(person), "workbook": one.workbook}
            connection.execute(saved.insert(), {**owner, **values})
            return one.id

        return replace(one, id=self._database.write(change), since=now)

    def of(self, person: str, workbook: str) -> list[SavedCampaign]:
        """What that person saved anywhere, and what anybody saved in that workbook, newest first."""
        query = select(saved).where(self._seen(person, workbook)).order_by(saved.c.since.desc(), saved.c.seq.desc())
        with self._database.reading() as connection:
            return [self._opened(row) for row in connection.execute(query)]

    def owned(self, person: str) -> set[str]:
        """Ids of what that person saved."""
        query = select(saved.c.id).where(saved.c.blind == self._blind(person))
        with self._database.reading() as connection:
            return set(connection.execute(query).scalars())

    def rename(self, person: str, saved_id: str, name: str) -> SavedCampaign:
        """Give what that person saved another name. Raises NotFound; Conflict where they have one of it there."""
        mine = and_(saved.c.id == saved_id, saved.c.blind == self._blind(person))

        def change(connection: Connection) -> SavedCampaign:
            row = connection.execute(select(saved).where(mine).with_for_update()).first()
            if row is None:
                raise _not_theirs()
            digest = self._name(name)
            others = (*self._of(person, row.workbook), saved.c.name == digest, saved.c.id != saved_id)
            if connection.execute(select(saved.c.seq).where(*others)).first() is not None:
                raise Conflict(f"“{name}” is saved here already. Choose another name.")
            new = replace(self._opened(row), name=name)
            connection.execute(update(saved).where(mine).values(name=digest, words=self._sealed(new)))
            return new

        return self._database.write(change)

    def remove(self, person: str, saved_id: str) -> None:
        """Forget what that person saved. Raises NotFound."""
        statement = delete(saved).where(saved.c.id == saved_id, saved.c.blind == self._blind(person))

        def change(connection: Connection) -> bool:
            return bool(connection.execute(statement.returning(saved.c.seq)).first())

        if not self._database.write(change):
            raise _not_theirs()
        self._database.shed()

    def _seen(self, person: str, workbook: str) -> Any:
        here = and_(saved.c.workbook == workbook, saved.c.workbook != "")
        return or_(saved.c.blind == self._blind(person), here)

    def _of(self, person: str, workbook: str) -> tuple[Any, ...]:
        return saved.c.blind == self._blind(person), saved.c.workbook == workbook

    def _opened(self, row: Row[Any]) -> SavedCampaign:
        words = codec.loads(SavedCampaign, self._cipher.open(row.words))
        return replace(words, id=row.id, workbook=row.workbook, since=codec.moment(row.since))

    def _sealed(self, one: SavedCampaign) -> bytes:
        return self._cipher.seal(codec.dumps(replace(one, id="", workbook="", since=None)))

    def _name(self, name: str) -> str:
        return blind(self._cipher, fold(name))

    def _blind(self, person: str) -> str:
        return blind(self._cipher, person)


def _not_theirs() -> NotFound:
    return NotFound("You have saved no such campaign: it was removed, or somebody else saved it.")
