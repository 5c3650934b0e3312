"""Labels and usage on both databases; what they cost a move, and what a new key leaves of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from server.domain.machine import Noted, Settled
from server.domain.usage import Usage, Used
from server.domain.words import Outcome
from server.store import SqlLedger, open_ledger
from server.store.crypto import SecretCipher
from tests.contracts.labels import LabelsContract, UsagesContract, answered
from tests.store import SECRET

NEW = "a new secret of thirty-two characters!!"


class TestSqlite(LabelsContract, UsagesContract):
    """On a file; `other` is a second process's view of it."""

    @pytest.fixture
    def ledger(self, sqlite_url: str, open_at: Callable[[str], SqlLedger]) -> SqlLedger:
        return open_at(sqlite_url)

    @pytest.fixture
    def other(self, ledger: SqlLedger, sqlite_url: str, open_at: Callable[[str], SqlLedger]) -> SqlLedger:
        return open_at(sqlite_url)


@pytest.mark.postgres
class TestPostgres(LabelsContract, UsagesContract):
    """On a server."""

    @pytest.fixture
    def ledger(self, postgres_url: str, open_at: Callable[[str], SqlLedger]) -> SqlLedger:
        return open_at(postgres_url)

    @pytest.fixture
    def other(self, ledger: SqlLedger, postgres_url: str, open_at: Callable[[str], SqlLedger]) -> SqlLedger:
        return open_at(postgres_url)


def test_two_processes_lose_no_call(ledger_url: str, open_at: Callable[[str], SqlLedger]) -> None:
    ledger = open_at(ledger_url)
    command = [sys.executable, "-m", "tests.store.second", "use", ledger_url, "30"]
    second = subprocess.Popen(command)
    for _ in range(30):
        ledger.usages.add("c_1", Used("read@1", "small", Usage(100, 20, 10, 1)))
    assert second.wait(60) == 0
    assert ledger.usages.of_campaign("c_1") == [Used("read@1", "small", Usage(6_000, 1_200, 600, 60))]


def test_a_new_key_leaves_labels_and_usage_as_they_are(ledger_url: str, open_at: Callable[[str], SqlLedger]) -> None:
    ledger = open_at(ledger_url)
    (one,) = answered(ledger, 1)
    ledger.messages.move(one, Settled("anna", Outcome.CONFIRMED, {"Coming": "Yes"}))
    ledger.usages.add("c_1", Used("read@1", "small", Usage(100, 20, 10, 1)))
    before = (ledger.labels.all(), ledger.usages.of_campaign("c_1"), ledger.messages.get(one))
    for newest, former in ((NEW, SECRET), (SECRET, NEW)):  # and back: the key check stays for the next test
        renewed = open_ledger(ledger_url, SecretCipher(newest, [former]))
        assert renewed.renew_keys() > 0
        assert (renewed.labels.all(), renewed.usages.of_campaign("c_1"), renewed.messages.get(one)) == before
        renewed.close()


@pytest.fixture
def said() -> Iterator[list[str]]:
    """The statements that any database was told."""
    heard: list[str] = []

    def hear(*given: Any) -> None:
        heard.append(given[2])

    event.listen(Engine, "before_cursor_execute", hear)
    yield heard
    event.remove(Engine, "before_cursor_execute", hear)


def test_a_move_that_decides_nothing_asks_the_database_nothing_more(
    sqlite_url: str, open_at: Callable[[str], SqlLedger], said: list[str]
) -> None:
    ledger = open_at(sqlite_url)
    (one,) = answered(ledger, 1)
    said.clear()
    ledger.messages.move(one, Noted("Looked at."))
    assert said
    assert not [statement for statement in said if "labels" in statement]
    ledger.messages.move(one, Settled("anna", Outcome.CONFIRMED, {"Coming": "Yes"}))
    assert len([statement for statement in said if "labels" in statement]) == 1


def test_no_text_is_read_to_draw_a_spot_check(
    sqlite_url: str, open_at: Callable[[str], SqlLedger], said: list[str]
) -> None:
    ledger = open_at(sqlite_url)
    answered(ledger, *range(30))
    said.clear()
    assert len(ledger.labels.to_check("c_1", 20)) == 20
    assert [statement.split("FROM")[0].split() for statement in said] == [["SELECT", "messages.id"]]
