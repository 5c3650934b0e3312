"""Opening a ledger: schema, keys, addresses, and several processes at once."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from server.errors import ConfigError, TemporaryError
from server.store import SqlLedger, open_ledger
from server.store.crypto import SecretCipher
from server.store.database import connect, parse_url
from server.store.migrate import newest
from server.store.schema import REVISION, metadata
from tests.contracts.ledger import campaign
from tests.store import SECRET

OTHER = SecretCipher("another secret of thirty-two characters")


def test_the_migrations_make_the_schema_that_the_code_expects(empty_url: str, cipher: SecretCipher) -> None:
    database = connect(empty_url, cipher)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()


def test_the_code_expects_the_newest_migration() -> None:
    assert newest() == REVISION


def test_several_processes_may_open_a_new_ledger_at_once(empty_url: str) -> None:
    program = [sys.executable, "-m", "tests.store.second", "open", empty_url]
    started = [subprocess.Popen(program, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate(timeout=30)[0].strip() for process in started] == ["open"] * 2


def test_several_threads_may_open_a_new_ledger_at_once(empty_url: str, cipher: SecretCipher) -> None:
    with ThreadPoolExecutor(4) as pool:
        ledgers = list(pool.map(lambda _: open_ledger(empty_url, cipher), range(4)))
    for ledger in ledgers:
        ledger.ping()
        ledger.close()


def test_what_was_written_is_there_when_it_is_opened_again(ledger_url: str, cipher: SecretCipher) -> None:
    first = open_ledger(ledger_url, cipher)
    first.campaigns.add(campaign())
    first.close()
    second = open_ledger(ledger_url, cipher)
    assert second.campaigns.get("c_1") == campaign()
    second.close()


def test_it_refuses_a_ledger_written_with_another_secret(ledger_url: str) -> None:
    with pytest.raises(ConfigError, match=r"another secret key.*CELLBACK_SECRET_KEY"):
        open_ledger(ledger_url, OTHER)


def test_it_takes_a_renewed_secret_that_names_the_old_one(ledger_url: str) -> None:
    renewed = "a new secret of thirty-two characters!!"
    open_ledger(ledger_url, SecretCipher(renewed, old=[SECRET])).close()
    open_ledger(ledger_url, SecretCipher(SECRET, old=[renewed])).close()  # in two steps: first all know the new one


def test_it_refuses_a_ledger_of_a_newer_version(empty_url: str, cipher: SecretCipher) -> None:
    database = connect(empty_url, cipher)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(ConfigError, match="newer Cellback"):
        open_ledger(empty_url, cipher)


def test_a_ledger_that_is_migrated_under_our_feet_is_not_ready(ledger_url: str, cipher: SecretCipher) -> None:
    ledger = open_ledger(ledger_url, cipher)
    database = connect(ledger_url, cipher)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        with pytest.raises(TemporaryError, match="Restart Cellback"):
            ledger.ping()
    finally:
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": REVISION})
        database.close()
        ledger.close()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "no database address"),
        ("mysql://me:hunter2@host/name", "mysql"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("postgres://me:hunter2@127.0.0.1:1/name", "can't be opened"),
        ("sqlite:////proc/nowhere/ledger.db", "can't be opened"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_in_one_sentence(url: str, sentence: str, cipher: SecretCipher) -> None:
    with pytest.raises(ConfigError, match=sentence) as caught:
        open_ledger(url, cipher)
    assert "DATABASE_URL" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_database_is_told_so(tmp_path: Path, cipher: SecretCipher) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Buy milk. " * 100)
    with pytest.raises(ConfigError, match=r"notes\.txt can't be opened: file is not a database"):
        open_ledger(f"sqlite:///{path}", cipher)
    assert path.read_text().startswith("Buy milk.")


@pytest.mark.parametrize("url", ["postgres://u@h/n", "postgresql://u@h/n", "postgresql+psycopg2://u@h/n"])
def test_any_postgres_address_goes_to_our_driver(url: str) -> None:
    assert parse_url(url).drivername == "postgresql+psycopg"


def test_only_its_owner_may_read_the_file(empty_sqlite: str, open_at: Callable[[str], SqlLedger]) -> None:
    ledger = open_at(empty_sqlite)
    ledger.campaigns.add(campaign())
    path = Path(empty_sqlite.removeprefix("sqlite:///"))
    for file in (path, Path(f"{path}-wal")):
        assert stat.S_IMODE(os.stat(file).st_mode) == 0o600


def test_every_connection_to_a_file_is_durable_and_careful(sqlite_url: str, cipher: SecretCipher) -> None:
    database = connect(sqlite_url, cipher)
    with database.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
        assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    database.close()
