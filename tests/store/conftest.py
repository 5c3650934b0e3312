"""Ledgers to open; the databases under them are in `tests.databases`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from server.store import SqlLedger, open_ledger
from server.store.crypto import SecretCipher
from tests.fakes import FakeClock


@pytest.fixture
def open_at(cipher: SecretCipher, clock: FakeClock) -> Iterator[Callable[[str], SqlLedger]]:
    """Opens ledgers that are closed at the end."""
    opened: list[SqlLedger] = []

    def open_(url: str) -> SqlLedger:
        opened.append(open_ledger(url, cipher, clock=clock))
        return opened[-1]

    yield open_
    for ledger in opened:
        ledger.close()
