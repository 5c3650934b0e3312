"""Lists by status words on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.store import SqlLedger
from tests.contracts.status_words import StatusWordsContract


class TestSqlite(StatusWordsContract):
    """On a file."""

    @pytest.fixture
    def ledger(self, sqlite_url: str, open_at: Callable[[str], SqlLedger]) -> SqlLedger:
        return open_at(sqlite_url)


@pytest.mark.postgres
class TestPostgres(StatusWordsContract):
    """On a server."""

    @pytest.fixture
    def ledger(self, postgres_url: str, open_at: Callable[[str], SqlLedger]) -> SqlLedger:
        return open_at(postgres_url)
