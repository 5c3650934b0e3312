"""A new secret key: everything is sealed anew, at work, and after a death in the middle of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import LargeBinary, create_engine, select

from server.domain.machine import Noted
from server.domain.words import ChannelName, SuppressionReason
from server.errors import ConfigError
from server.store import SqlLedger, open_ledger
from server.store.crypto import SecretCipher
from server.store.database import parse_url
from server.store.schema import metadata
from tests.contracts.ledger import approved
from tests.fakes import FakeClock
from tests.store import SECRET
from tests.store.test_at_rest import fill

NEW = "a new secret of thirty-two characters!!"
BOTH = SecretCipher(NEW, [SECRET])
ONLY_NEW = SecretCipher(NEW)


@pytest.fixture
def url(ledger_url: str, clock: FakeClock) -> Iterator[str]:
    """A ledger with something sealed in every table, written with the former secret."""
    ledger = open_ledger(ledger_url, SecretCipher(SECRET), clock=clock)
    fill(ledger)
    ledger.close()
    yield ledger_url
    open_with(ledger_url, SecretCipher(SECRET, [NEW])).renew_keys()  # the key check stays for the next test


def open_with(url: str, cipher: SecretCipher) -> SqlLedger:
    return open_ledger(url, cipher)


def heads(url: str) -> set[bytes]:
    """What the sealed values in all tables begin with: one for each key."""
    engine = create_engine(parse_url(url))
    columns = [c for table in metadata.sorted_tables for c in table.columns if isinstance(c.type, LargeBinary)]
    with engine.connect() as connection:
        found = {bytes(v[:5]) for column in columns for v in connection.execute(select(column)).scalars() if v}
    engine.dispose()
    return found


def test_afterwards_the_former_secret_is_not_needed_any_more(url: str) -> None:
    ledger = open_with(url, BOTH)
    before = (ledger.messages.of_campaign("c_1"), ledger.audit.of_campaign("c_1", 999), ledger.inbox.replies("c_1"))
    assert ledger.renew_keys() > 60
    assert ledger.renew_keys() == 0
    ledger.close()
    assert heads(url) == {ONLY_NEW.head}
    ledger = open_with(url, ONLY_NEW)
    assert before == (
        ledger.messages.of_campaign("c_1"),
        ledger.audit.of_campaign("c_1", 999),
        ledger.inbox.replies("c_1"),
    )
    ledger.close()
    with pytest.raises(ConfigError, match="another secret key"):
        open_with(url, SecretCipher(SECRET))


def test_who_opted_out_is_still_known(url: str) -> None:
    ledger = open_with(url, BOTH)
    ledger.renew_keys()
    ledger.close()
    ledger = open_with(url, ONLY_NEW)
    assert ledger.suppressions.stands("zoe1@example.org", ChannelName.EMAIL) is SuppressionReason.OPT_OUT
    assert ledger.messages.open_to(ChannelName.EMAIL, "zoe1@example.org")
    ledger.close()


def test_killed_in_the_middle_it_goes_on_where_it_was(url: str) -> None:
    program = [sys.executable, "-m", "tests.store.second", "renew", url, "20", NEW]
    assert subprocess.run(program, timeout=60, capture_output=True, check=False).returncode == 9
    assert heads(url) == {ONLY_NEW.head, SecretCipher(SECRET).head}
    with pytest.raises(ConfigError, match="another secret key"):
        open_with(url, ONLY_NEW)  # not yet: the former one is still needed, and it says so before anything breaks
    ledger = open_with(url, BOTH)
    assert ledger.messages.get(approved(1).id).reply == "I'll be there, Zoë"
    left = ledger.renew_keys()
    assert left > 0
    ledger.close()
    assert heads(url) == {ONLY_NEW.head}


def test_workers_with_both_secrets_go_on_meanwhile(url: str) -> None:
    ledger, worker = open_with(url, BOTH), open_with(url, SecretCipher(SECRET, [NEW]))
    with ThreadPoolExecutor(1) as pool:
        renewing = pool.submit(ledger.renew_keys)
        moved = [worker.messages.move(approved(n).id, Noted(f"During {n}.")) for n in range(30)]
        renewing.result(30)
    assert all(moved)
    worker.close()
    ledger.renew_keys()  # what a worker with the former secret in front sealed meanwhile
    ledger.close()
    ledger = open_with(url, ONLY_NEW)
    assert ledger.messages.get(approved(7).id).note == "During 7."
    ledger.close()
