"""The group commit: many callers, one transaction, and none who suffers for another."""

from __future__ import annotations

import sqlite3
import threading
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from server.errors import NotFound, PermanentError, TemporaryError
from server.store import writer as writer_module
from server.store.crypto import SecretCipher
from server.store.database import Database, connect


@pytest.fixture
def database(ledger_url: str, cipher: SecretCipher) -> Iterator[Database]:
    opened = connect(ledger_url, cipher)
    yield opened
    opened.close()


def lease(name: str, owner: str = "me") -> Any:
    """A change that adds a record, and fails when it is there."""

    def change(connection: Connection) -> str:
        insert = text("INSERT INTO leases (name, owner, until) VALUES (:name, :owner, 0)")
        connection.execute(insert, {"name": name, "owner": owner})
        return name

    return change


def names(database: Database) -> list[str]:
    with database.reading() as connection:
        return sorted(connection.execute(text("SELECT name FROM leases")).scalars())


def run(connection: Connection, changes: Sequence[Any]) -> list[Any]:
    return [change(connection) for change in changes]


class Held:
    """Keeps the writer busy until it is let go, so that what is queued meanwhile comes in one batch."""

    def __init__(self, database: Database) -> None:
        self._go = threading.Event()
        started = threading.Event()

        def wait(_: Connection) -> None:
            started.set()
            self._go.wait(10)

        self._future: Future[Any] = database.submit(run, wait)
        assert started.wait(10)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        self._go.set()
        self._future.result(10)


def test_what_is_queued_together_is_committed_together(database: Database) -> None:
    commits: list[None] = []
    event.listen(database.engine, "commit", lambda _: commits.append(None))
    with Held(database):
        futures = [database.submit(run, lease(f"{number:03}")) for number in range(100)]
    assert [future.result(10) for future in futures] == [f"{number:03}" for number in range(100)]
    assert len(commits) == 2
    assert len(names(database)) == 100


def test_a_change_that_fails_does_not_take_its_neighbours_along(database: Database) -> None:
    database.write(lease("taken"))

    def breaks(connection: Connection) -> None:
        lease("half done")(connection)
        raise ValueError("no")

    with Held(database):
        futures = [database.submit(run, change) for change in (lease("a"), lease("taken"), breaks, lease("b"))]
    assert futures[0].result(10) == "a"
    assert isinstance(futures[1].exception(10), PermanentError)
    assert isinstance(futures[2].exception(10), ValueError)
    assert futures[3].result(10) == "b"
    assert names(database) == ["a", "b", "taken"]


def test_an_error_in_a_results_place_fails_that_item_only(database: Database) -> None:
    def handler(connection: Connection, items: Sequence[str]) -> list[str | NotFound]:
        return [NotFound("gone") if item == "b" else lease(item)(connection) for item in items]

    with Held(database):
        futures = [database.submit(handler, item) for item in "abc"]
    assert isinstance(futures[1].exception(10), NotFound)
    assert (futures[0].result(10), futures[2].result(10)) == ("a", "c")


def test_neighbours_of_one_kind_are_handed_over_together_and_in_order(database: Database) -> None:
    calls: list[list[str]] = []

    def one(_: Connection, items: Sequence[str]) -> Sequence[str]:
        calls.append(["one", *items])
        return items

    def two(_: Connection, items: Sequence[str]) -> Sequence[str]:
        calls.append(["two", *items])
        return items

    with Held(database):
        for handler, item in ((one, "a"), (one, "b"), (two, "c"), (one, "d")):
            last = database.submit(handler, item)
    last.result(10)
    assert calls == [["one", "a", "b"], ["two", "c"], ["one", "d"]]


def test_a_caller_who_gave_up_in_time_changes_nothing(database: Database) -> None:
    with Held(database):
        kept, dropped = database.submit(run, lease("kept")), database.submit(run, lease("dropped"))
        assert dropped.cancel()
    kept.result(10)
    assert names(database) == ["kept"]


def test_an_error_tells_no_values(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    database.write(lease("zoe@example.org"))
    with pytest.raises(PermanentError) as caught:
        database.write(lease("zoe@example.org"))
    told = "".join(traceback.format_exception(caught.value)) + caught.value.detail + caplog.text
    assert "IntegrityError" in told or "UniqueViolation" in told
    assert "zoe" not in told.replace('lease("zoe@example.org")', "")


def test_a_writer_waits_for_another_process_and_then_gives_up(
    sqlite_url: str, cipher: SecretCipher, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = connect(sqlite_url, cipher)
    other = sqlite3.connect(Path(sqlite_url.removeprefix("sqlite:///")), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.2, other.rollback).start()
    assert opened.write(lease("waited")) == "waited"
    monkeypatch.setattr(writer_module, "PATIENCE", 0.1)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(TemporaryError):
        opened.write(lease("never"))
    other.rollback()
    assert names(opened) == ["waited"]
    other.close()
    opened.close()


@pytest.mark.postgres
def test_a_connection_that_was_cut_is_made_anew(postgres_url: str, cipher: SecretCipher) -> None:
    opened, other = connect(postgres_url, cipher), connect(postgres_url, cipher)
    opened.write(lease("before"))
    assert names(opened) == ["before"]
    with other.engine.begin() as connection:
        cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        connection.execute(text(f"{cut} AND datname = current_database()"))
    assert opened.write(lease("after")) == "after"
    assert names(opened) == ["after", "before"]
    opened.close()
    other.close()


def test_a_handler_that_forgets_a_result_commits_nothing_and_stops_nobody(database: Database) -> None:
    def forgets(connection: Connection, items: Sequence[str]) -> list[str]:
        for item in items:
            lease(item)(connection)
        return []

    with pytest.raises(RuntimeError, match="0 results for 1"):
        database.submit(forgets, "a").result(10)
    assert names(database) == []
    assert database.write(lease("b")) == "b"
