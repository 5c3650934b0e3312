"""The ledger as one thing: opens the database and hands out its parts."""

from __future__ import annotations

from datetime import UTC, datetime

from server.domain.figures import Figures
from server.errors import TemporaryError
from server.ports import Cipher, Clock
from server.store.campaigns import SqlCampaigns
from server.store.cell_writes import SqlCellWrites
from server.store.database import Database, connect, revision
from server.store.figures import figures
from server.store.inbox import SqlInbox
from server.store.leases import SqlLeases
from server.store.messages import SqlMessages
from server.store.purge import purge
from server.store.schema import REVISION
from server.store.suppressions import SqlSuppressions


class _SystemClock:
    """The time of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SqlLedger:
    """`ports.Ledger` on SQLite or PostgreSQL. Safe to use from many threads; a forked child may go on using it."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock
        self.campaigns = SqlCampaigns(database, cipher, clock)
        self.messages = SqlMessages(database, cipher)
        self.cells = SqlCellWrites(database, cipher, clock)
        self.inbox = SqlInbox(database, cipher)
        self.suppressions = SqlSuppressions(database, cipher, clock)
        self.leases = SqlLeases(database, clock)

    def purge(self, before: datetime) -> int:
        """Remove what is personal of campaigns that ended before that moment, and of events received before it."""
        return purge(self._database, self._cipher, before)

    def ping(self) -> None:
        """Raises TemporaryError when the ledger can't be reached or its schema is not the expected one."""
        with self._database.reading() as connection:
            found = revision(connection)
        if found != REVISION:
            raise TemporaryError(
                "The ledger's schema is not the one of this version of Cellback. Restart Cellback to migrate it.",
                detail=f"revision {found}, expected {REVISION}",
            )

    def figures(self) -> Figures:
        """What it holds, in numbers, without reading any text. Raises TemporaryError."""
        return figures(self._database, self._clock.now())

    def close(self) -> None:
        """Finish what is being written and let go of the database. Closing twice is no error."""
        self._database.close()


def open_ledger(url: str, cipher: Cipher, *, clock: Clock | None = None) -> SqlLedger:
    """The ledger at that SQLAlchemy URL (`sqlite:///...`, `postgresql://...`), its schema brought up to date.

    Safe when several processes open it at once. Raises ConfigError when it can't be reached, was written by a newer
    Cellback, or with another secret key.
    """
    return SqlLedger(connect(url, cipher), cipher, clock or _SystemClock())
