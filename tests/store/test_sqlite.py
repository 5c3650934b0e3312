"""The ledger on SQLite: the contract, and what is particular to a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.store import SqlLedger, open_ledger
from server.store.crypto import SecretCipher
from tests.contracts.ledger import LedgerContract
from tests.fakes import FakeClock

SECRET = "a secret of thirty-two characters or more"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture
def ledger(url: str, clock: FakeClock) -> Iterator[SqlLedger]:
    opened = open_ledger(url, SecretCipher(SECRET), clock=clock)
    yield opened
    opened.close()


class TestSqlite(LedgerContract):
    """The contract on a file."""
