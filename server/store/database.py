"""The database under the ledger: address, connections, schema, key check. The same code on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import Pool

from server.errors import ConfigError, TemporaryError
from server.store import keys
from server.store.crypto import SecretCipher
from server.store.schema import REVISION
from server.store.writer import Handler, Writer, as_ours, is_busy

Item = TypeVar("Item")
Result = TypeVar("Result")

READ_MS = 5000
"""How long a reader waits for SQLite's lock (only while another process recovers or empties the log)."""
WRITE_MS = 0
"""A writer does not use SQLite's own waiting, whose steps grow: with two processes that write all the time, the
longest wait was 2.6 s with it and 0.16 s with the short random steps of `writer` (4 s, 8 threads each)."""
PG_LOCK_MS = 10_000
"""How long PostgreSQL lets us wait for a row that another process holds; then we try again."""
OPEN_SECONDS = 60.0
"""How long to wait at start for another process that is migrating the same database."""
_PG_LOCK = 0x63656C6C  # "cell": our advisory lock while migrating


class Database:
    """Readers on connections of their own, one writer thread, forgotten and made anew in a forked child."""

    cipher: SecretCipher

    def __init__(self, url: URL) -> None:
        self.sqlite = url.get_backend_name() == "sqlite"
        self.engine = _writing_engine(url)
        self._reading = _reading_engine(url)
        self._writer = Writer(self.engine)
        _open.add(self)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from; each statement sees what is committed. Raises TemporaryError."""
        try:
            with self._reading.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise as_ours(error) from None  # its text may hold values

    def raw_reading(self) -> Connection:
        """The same with the database's own errors, for opening."""
        return self._reading.connect()

    def submit(self, handler: Handler[Item, Result], item: Item) -> Future[Result]:
        """A change for the group commit (see `Writer.submit`)."""
        return self._writer.submit(handler, item)

    def write(self, change: Callable[[Connection], Result]) -> Result:
        """Make one change and wait until it is durable. Raises TemporaryError. `change` may be called again."""
        return self.write_soon(change).result()

    def write_soon(self, change: Callable[[Connection], Result]) -> Future[Result]:
        """The same through the group commit, without waiting."""
        handler: Handler[Callable[[Connection], Result], Result] = _one_by_one
        return self.submit(handler, change)

    def shed(self) -> None:
        """Let what was deleted leave the disk as well.

        SQLite fills deleted content with zeros (`secure_delete`), but its log still holds the pages as they were: it
        is emptied. PostgreSQL leaves that to its autovacuum. Raises TemporaryError.
        """
        if self.sqlite:
            self._writer.alone(lambda: _empty_log(self._reading)).result()

    def insert(self, table: Any) -> Any:
        """The dialect's INSERT, which knows ON CONFLICT."""
        return insert(table, sqlite=self.sqlite)

    def close(self) -> None:
        """Write what is queued and let go of all connections."""
        self._writer.close()
        self.engine.dispose()
        self._reading.dispose()

    def reset_after_fork(self) -> None:
        """The parent's connections are not ours to use, nor to close."""
        for engine in (self.engine, self._reading):
            _inherited.append(engine.pool)
            engine.dispose(close=False)
        self._writer.reset_after_fork()


def insert(table: Any, *, sqlite: bool) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT."""
    return sqlite_insert(table) if sqlite else postgresql_insert(table)


_open: weakref.WeakSet[Database] = weakref.WeakSet()
_inherited: list[Pool] = []
"""Pools of a parent process, kept so that nothing closes their connections."""


def _after_fork() -> None:
    for database in list(_open):
        database.reset_after_fork()


os.register_at_fork(after_in_child=_after_fork)


def _one_by_one(connection: Connection, changes: Sequence[Callable[[Connection], Any]]) -> list[Any]:
    return [change(connection) for change in changes]


def _empty_log(engine: Engine) -> None:
    """Raises TemporaryError when somebody reads from the log all the time; the next purge does it."""
    until = time.monotonic() + OPEN_SECONDS
    while True:
        try:
            with engine.connect() as connection:
                if connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one() == 0:
                    return
        except DBAPIError as error:
            if not is_busy(error):
                raise
        if time.monotonic() > until:
            raise TemporaryError(
                "The purged texts are gone from the ledger, but its log could not be emptied because it is being "
                "read all the time. Run purge again when Cellback is quiet."
            )
        time.sleep(0.05)


def parse_url(url: str) -> URL:
    """SQLAlchemy's form of DATABASE_URL. Raises ConfigError that never shows a password."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError(
            ["DATABASE_URL is no database address. Write sqlite:////path/ledger.db or postgresql://user@host/name."]
        ) from None
    kind = parsed.get_backend_name()
    if kind in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise ConfigError([f"DATABASE_URL names {kind}: the ledger lives in SQLite or PostgreSQL."])
    if parsed.database in {None, "", ":memory:"}:
        raise ConfigError(["DATABASE_URL names a ledger in memory, which loses everything at the end. Name a file."])
    return parsed.set(drivername="sqlite")


def connect(url: str, cipher: SecretCipher) -> Database:
    """Open the database, bring its schema up to date, and check that it was written with a secret that we know.

    Its `cipher` blinds as this ledger does. Several processes may do so at once. Raises ConfigError.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        _make_file(Path(str(parsed.database)))
    database = Database(parsed)
    until = time.monotonic() + OPEN_SECONDS
    while True:
        try:
            database.cipher = prepare(database, cipher)
            return database
        except ConfigError:
            database.close()
            raise
        except DBAPIError as error:
            if not is_busy(error) or time.monotonic() > until:
                database.close()
                raise ConfigError([_unreachable(parsed, error)]) from error
        time.sleep(0.02)


def prepare(database: Database, cipher: SecretCipher) -> SecretCipher:
    """Migrate to the newest schema and check the key, under a lock that other processes wait for."""
    with database.raw_reading() as connection:
        if revision(connection) == REVISION and (ours := keys.known(connection, cipher)):
            return ours
    with database.engine.begin() as connection:
        if not database.sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _PG_LOCK})
        if revision(connection) != REVISION:
            # Alembic is only needed here, and takes longer to import than the ledger to open.
            from server.store.migrate import upgrade

            upgrade(connection)
        return keys.known(connection, cipher) or keys.keep(connection, cipher)


def revision(connection: Connection) -> str | None:
    """The schema that the database has, None when it is new."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def _writing_engine(url: URL) -> Engine:
    """One connection for the writer, one for a migration."""
    engine = _engine(url, WRITE_MS, pool_size=1, max_overflow=1)
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _reading_engine(url: URL) -> Engine:
    """A connection for each thread that reads at the same time, kept for the next one up to eight."""
    autocommit = {} if url.get_backend_name() == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
    return _engine(url, READ_MS, pool_size=8, max_overflow=56, pool_timeout=30, **autocommit)


def _engine(url: URL, busy_ms: int, **options: Any) -> Engine:
    options["hide_parameters"] = True
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": busy_ms / 1000}, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    connect_args = {"connect_timeout": 10, "application_name": "cellback"}
    engine = create_engine(url, connect_args=connect_args, pool_pre_ping=True, **options)
    event.listen(engine, "connect", _prepare_postgres)
    return engine


def _prepare_sqlite(raw: Any, _record: object) -> None:
    """FULL: a commit is on the disk before anyone acts on it. We begin transactions ourselves (see below)."""
    raw.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        raw.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once: one that upgrades from reading would fail instead of waiting."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare_postgres(raw: Any, _record: object) -> None:
    raw.execute(f"SET lock_timeout = {PG_LOCK_MS}")
    raw.commit()


def _make_file(path: Path) -> None:
    """A file that only its owner may read; SQLite gives its log the same rights."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise ConfigError(
            [f"The ledger {path} can't be opened ({error.strerror}). Set DATABASE_URL to a file that you may write to."]
        ) from error


def _unreachable(url: URL, error: DBAPIError) -> str:
    where = url.set(username=None, password=None, query={}).render_as_string()
    reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    return f"The ledger at {where} can't be opened: {reason}. Check DATABASE_URL and that the database runs."
