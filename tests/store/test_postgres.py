"""What only happens where two writers can be at work in the same moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, text

from server.domain.machine import Approved, Skipped
from server.domain.words import CampaignState, MessageState
from server.ports import CellWrite
from server.store import SqlLedger
from server.store.crypto import SecretCipher
from server.store.database import Database, connect
from tests.contracts.ledger import AT, approved, claim, message, sending
from tests.store import SECRET
from tests.waiting import until

pytestmark = pytest.mark.postgres


@pytest.fixture
def other(postgres_url: str, cipher: SecretCipher) -> Iterator[Database]:
    """Another process, as far as the server can tell."""
    opened = connect(postgres_url, cipher)
    yield opened
    opened.close()


@pytest.fixture
def ledger(postgres_url: str, open_at: Callable[[str], SqlLedger]) -> SqlLedger:
    return open_at(postgres_url)


def waits(database: Database) -> bool:
    """Whether somebody waits for a lock."""
    with database.reading() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return bool(connection.execute(text(query)).scalar())


def test_who_may_not_send_approves_nothing_in_the_moment_of_a_begin(ledger: SqlLedger, other: Database) -> None:
    sending(ledger, message(state=MessageState.DRAFTED), state=CampaignState.DRAFTED)
    one = approved()
    assert one.approval
    yes = Approved(one.approval, "Yes", "", one.address, one.source, one.identity, unsent=True)
    with other.engine.begin() as connection:
        connection.execute(text("UPDATE campaigns SET state = 'sending'"))
        future = ledger.messages.move_soon(one.id, yes)
        until(lambda: waits(other), what="the approval to wait")
    assert future.result(10) is None
    assert ledger.messages.get(one.id).state is MessageState.DRAFTED


def test_a_claim_waits_for_a_pause_that_is_being_written(ledger: SqlLedger, other: Database) -> None:
    sending(ledger, approved())
    with other.engine.begin() as connection:
        connection.execute(text("UPDATE campaigns SET state = 'paused'"))
        future = ledger.messages.claim_soon(approved().id, "w", AT)
        until(lambda: waits(other), what="the claim to wait")
        assert not future.done()
    assert future.result(10) is None
    assert ledger.messages.states("c_1") == {MessageState.APPROVED: 1}


def test_a_claim_waits_for_another_one_of_the_same_message(ledger: SqlLedger, other: Database) -> None:
    sending(ledger, approved())
    with other.engine.begin() as connection:
        connection.execute(text("UPDATE messages SET state = 'sending', owner = 'first', version = version + 1"))
        future = ledger.messages.claim_soon(approved().id, "second", AT)
        until(lambda: waits(other), what="the claim to wait")
        assert not future.done()
    assert future.result(10) is None
    assert ledger.messages.get(approved().id).owner == "first"


def test_a_cell_that_another_process_adds_meanwhile_takes_the_later_value(ledger: SqlLedger, other: Database) -> None:
    sending(ledger)
    first, second = (CellWrite("c_1", "r_1", "Status", value) for value in ("Sent", "Read"))

    def insert(connection: Connection) -> None:
        seal = SecretCipher(SECRET).seal
        values = {"value": seal(first.value), "expected": seal("")}
        connection.execute(
            text(
                'INSERT INTO cell_writes (campaign_id, row_key, "column", state, value, expected, wanted_at) '
                "VALUES ('c_1', 'r_1', 'Status', 'pending', :value, :expected, 0)"
            ),
            values,
        )

    with ThreadPoolExecutor(1) as pool:
        with other.engine.begin() as connection:
            insert(connection)
            future = pool.submit(ledger.cells.want, "c_1", {}, [second])
            until(lambda: waits(other), what="the second to wait")
        future.result(10)
    assert ledger.cells.pending("c_1", 9) == [second]


def test_two_writers_in_a_ring_both_get_through(ledger: SqlLedger, other: Database) -> None:
    sending(ledger, approved(1), approved(2))
    with ThreadPoolExecutor(1) as pool:
        with other.engine.begin() as connection:
            hold = "UPDATE messages SET chunk = chunk + 1 WHERE row_key = :key"
            connection.execute(text(hold), {"key": "r_2"})
            moves = [(approved(number).id, Skipped()) for number in (1, 2)]
            future = pool.submit(ledger.messages.move_many, moves)
            until(lambda: waits(other), what="the moves to wait")
            connection.execute(text("SET LOCAL deadlock_timeout = '10s'"))  # theirs, not ours, is broken off
            connection.execute(text(hold), {"key": "r_1"})
        assert all(future.result(10))
    assert ledger.messages.states("c_1") == {MessageState.SKIPPED: 2}


def test_a_campaign_is_moved_once_by_two_who_press_at_once(ledger: SqlLedger, other: Database) -> None:
    sending(ledger, approved())
    with ThreadPoolExecutor(1) as pool:
        with other.engine.begin() as connection:
            connection.execute(text("UPDATE campaigns SET state = 'cancelled', version = version + 1"))
            future = pool.submit(ledger.campaigns.move, "c_1", CampaignState.PAUSED)
            until(lambda: waits(other), what="the move to wait")
        assert future.result(10) is False
    assert claim(ledger, approved()) is None
