"""The ledger as one thing: opens the database and hands out its parts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from server.domain.figures import Figures
from server.domain.known import Known
from server.errors import TemporaryError
from server.ports import Clock
from server.store import keys
from server.store.access import SqlAccess
from server.store.audit import SqlAudit
from server.store.campaigns import SqlCampaigns
from server.store.cell_writes import SqlCellWrites
from server.store.contacts import SqlContacts, SqlMarks
from server.store.crypto import SecretCipher
from server.store.database import Database, connect, revision
from server.store.erasure import erase, known
from server.store.figures import figures
from server.store.inbox import SqlInbox
from server.store.labels import SqlLabels
from server.store.leases import SqlLeases
from server.store.messages import SqlMessages
from server.store.purge import purge
from server.store.saved import SqlSaved
from server.store.schema import REVISION
from server.store.suppressions import SqlSuppressions
from server.store.usages import SqlUsages


class _SystemClock:
    """The time of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SqlLedger:
    """`ports.Ledger` on SQLite or PostgreSQL. Safe to use from many threads; a forked child may go on using it."""

    def __init__(self, database: Database, cipher: SecretCipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock
        self.campaigns = SqlCampaigns(database, cipher, clock)
        self.messages = SqlMessages(database, cipher, clock)
        self.cells = SqlCellWrites(database, cipher, clock)
        self.inbox = SqlInbox(database, cipher, clock)
        self.suppressions = SqlSuppressions(database, cipher, clock)
        self.leases = SqlLeases(database, clock)
        self.audit = SqlAudit(database, cipher)
        self.access = SqlAccess(database, cipher, clock)
        self.contacts = SqlContacts(database, cipher, clock)
        self.marks = SqlMarks(database)
        self.usages = SqlUsages(database)
        self.labels = SqlLabels(database)
        self.saved = SqlSaved(database, cipher, clock)

    def purge(self, before: datetime) -> int:
        """Remove what is personal of campaigns that ended before that moment, and of events received before it."""
        return purge(self._database, self._cipher, before, self._clock.now())

    def renew_keys(self, progress: Callable[[int], object] = lambda _: None) -> int:
        """Seal everything anew that is not sealed under the newest key; how many records that were.

        In short transactions, so that workers who know both keys go on meanwhile; broken off, it goes on where it was
        when it is called again. The marks come last: until then the ledger does not open without the former key.
        `progress` hears of every batch. Raises TemporaryError, and ConfigError for what no known key opens.
        """
        done = 0
        while found := self._renew_once(progress):  # again, for what a worker sealed behind our back
            done += found
        self._database.write(lambda connection: keys.renew_marks(connection, self._cipher))
        if done:
            self._database.shed()
        return done

    def _renew_once(self, progress: Callable[[int], object]) -> int:
        done = 0
        for table, names in keys.sealed_tables():
            count, last = self._database.write(keys.renewal(table, names, self._cipher, 0))
            while count:
                done += count
                progress(done)
                count, last = self._database.write(keys.renewal(table, names, self._cipher, last))
        return done

    def known(self, address: str) -> Known:
        """All that is about an address, in clear. Raises TemporaryError."""
        return known(self._database, self._cipher, address)

    def erase(self, address: str) -> Known:
        """Remove texts and addresses of all that is about an address; what there was. Counts, states and suppressions
        stay. Raises Conflict while a message to it is on its way."""
        return erase(self._database, self._cipher, address, self._clock.now())

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


def open_ledger(url: str, cipher: SecretCipher, *, clock: Clock | None = None) -> SqlLedger:
    """The ledger at that SQLAlchemy URL (`sqlite:///...`, `postgresql://...`), its schema brought up to date.

    Safe when several processes open it at once. Raises ConfigError when it can't be reached, was written by a newer
    Cellback, or with another secret key.
    """
    database = connect(url, cipher)
    return SqlLedger(database, database.cipher, clock or _SystemClock())
