"""Who may come into which workbook, single-use words, and permissions for background work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from server.store import SqlLedger
from server.store.access import SqlAccess
from server.store.database import parse_url
from tests.fakes import FakeClock

ANN, BOB = "Ann@Example.org", "bob@example.org"
BOOK, OTHER = "https://docs.google.com/spreadsheets/d/one", "https://docs.google.com/spreadsheets/d/two"
DAY = timedelta(days=1)


@pytest.fixture
def access(empty_url: str, open_at: Callable[[str], SqlLedger]) -> SqlAccess:
    return open_at(empty_url).access


def test_a_link_counts_for_one_person_one_workbook_and_a_while(access: SqlAccess, clock: FakeClock) -> None:
    access.link(ANN, BOOK, clock.now() + DAY)
    assert access.linked(" ann@example.ORG", BOOK)
    assert not access.linked(BOB, BOOK)
    assert not access.linked(ANN, OTHER)
    clock.advance(days=1)
    assert not access.linked(ANN, BOOK)
    access.link(ANN, BOOK, clock.now() + DAY)
    assert access.linked(ANN, BOOK)


def test_a_word_is_spent_once(access: SqlAccess, clock: FakeClock) -> None:
    assert access.spend("word", clock.now() + DAY)
    assert not access.spend("word", clock.now() + DAY)
    assert access.spend("another", clock.now() + DAY)


def test_a_permission_counts_for_all_once_its_giver_may_edit(access: SqlAccess, clock: FakeClock) -> None:
    access.permit(ANN, BOOK, "t1")
    assert access.permission(BOOK) is None
    assert access.permission(BOOK, ANN) == "t1"
    assert access.permission(BOOK, BOB) is None
    access.link(ANN, BOOK, clock.now() + DAY)
    assert access.permission(BOOK) == "t1"
    assert access.permission(OTHER) is None
    clock.advance(days=2)
    assert access.permission(BOOK) == "t1", "work in the background outlives the session"


def test_a_newer_permission_takes_the_place_of_the_older(access: SqlAccess, clock: FakeClock) -> None:
    for person, token in ((ANN, "t1"), (BOB, "t2"), (ANN, "t3")):
        access.link(person, BOOK, clock.now() + DAY)
        access.permit(person, BOOK, token)
        clock.advance(1)
    assert access.permission(BOOK) == "t3"
    access.withdraw(BOOK, "t3")
    assert access.permission(BOOK) == "t2"
    assert access.permission(BOOK, ANN) is None


def test_neither_address_nor_permission_can_be_read_in_the_database(
    empty_url: str, open_at: Callable[[str], SqlLedger], clock: FakeClock
) -> None:
    access = open_at(empty_url).access
    access.link(ANN, BOOK, clock.now() + DAY)
    access.permit(ANN, BOOK, "1//refresh")
    access.spend("a-word", clock.now() + DAY)
    engine = create_engine(parse_url(empty_url))
    with engine.connect() as connection:
        for table in ("links", "permissions", "spent"):
            held = str(connection.execute(text(f"SELECT * FROM {table}")).all()).casefold()
            assert len(held) > 10
            for secret in ("ann@", "refresh", "a-word"):
                assert secret not in held
    engine.dispose()


def test_links_of_long_ago_leave_with_the_purge(
    empty_url: str, open_at: Callable[[str], SqlLedger], clock: FakeClock
) -> None:
    ledger = open_at(empty_url)
    ledger.access.link(ANN, BOOK, clock.now() + DAY)
    clock.advance(days=90)
    ledger.purge(clock.now() - DAY)
    engine = create_engine(parse_url(empty_url))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT * FROM links")).all() == []
    engine.dispose()


def test_an_erased_person_has_to_prove_and_permit_anew(
    empty_url: str, open_at: Callable[[str], SqlLedger], clock: FakeClock
) -> None:
    ledger = open_at(empty_url)
    for person in (ANN, BOB):
        ledger.access.link(person, BOOK, clock.now() + DAY)
        ledger.access.permit(person, BOOK, person)
    ledger.erase(ANN)
    assert not ledger.access.linked(ANN, BOOK)
    assert ledger.access.permission(BOOK, ANN) is None
    assert ledger.access.linked(BOB, BOOK)
    assert ledger.access.permission(BOOK) == BOB


WORKBOOK, ACCOUNT, OTHER_ACCOUNT = "https://graph.microsoft.com/v1.0/drives/d/items/i", "tenant.ann", "tenant.bob"


def test_who_may_edit_a_workbook_is_told_in_the_order_they_came(access: SqlAccess, clock: FakeClock) -> None:
    for person in (ACCOUNT, OTHER_ACCOUNT):
        access.permit(person, WORKBOOK, person)
    assert access.holders(WORKBOOK) == []
    for person in (OTHER_ACCOUNT, ACCOUNT):
        access.link(person, WORKBOOK, clock.now() + DAY)
    assert access.holders(WORKBOOK) == [ACCOUNT, OTHER_ACCOUNT]
    clock.advance(days=30)
    access.permit(ACCOUNT, WORKBOOK, ACCOUNT)
    assert access.holders(WORKBOOK)[0] == OTHER_ACCOUNT, "without a fresh proof it does not count"
    assert access.holders(BOOK) == []


def test_what_renews_an_account_is_kept_replaced_and_forgotten_only_if_it_is_the_one(access: SqlAccess) -> None:
    assert access.kept(ACCOUNT) is None
    access.keep(ACCOUNT, ANN, "c1")
    access.keep(OTHER_ACCOUNT, BOB, "c2")
    access.renew(ACCOUNT, "c3")
    assert access.kept(ACCOUNT) == "c3"
    access.forget(ACCOUNT, "c1")
    assert access.kept(ACCOUNT) == "c3"
    access.forget(ACCOUNT, "c3")
    assert access.kept(ACCOUNT) is None
    access.renew(ACCOUNT, "c4")
    assert access.kept(ACCOUNT) is None, "who was forgotten does not come back by a worker's hand"
    assert access.kept(OTHER_ACCOUNT) == "c2"


def test_an_erased_address_takes_its_account_along(
    empty_url: str, open_at: Callable[[str], SqlLedger], clock: FakeClock
) -> None:
    ledger = open_at(empty_url)
    for account, address in ((ACCOUNT, ANN), (OTHER_ACCOUNT, BOB)):
        ledger.access.keep(account, address, "cache")
        ledger.access.link(account, WORKBOOK, clock.now() + DAY)
        ledger.access.permit(account, WORKBOOK, account)
    ledger.erase(" ann@example.ORG ")
    assert ledger.access.kept(ACCOUNT) is None
    assert not ledger.access.linked(ACCOUNT, WORKBOOK)
    assert ledger.access.holders(WORKBOOK) == [OTHER_ACCOUNT]
    assert ledger.access.kept(OTHER_ACCOUNT) == "cache"


def test_an_account_can_not_be_read_in_the_database(empty_url: str, open_at: Callable[[str], SqlLedger]) -> None:
    open_at(empty_url).access.keep(ACCOUNT, ANN, "refresh-token")
    engine = create_engine(parse_url(empty_url))
    with engine.connect() as connection:
        held = str(connection.execute(text("SELECT * FROM accounts")).all()).casefold()
    engine.dispose()
    assert len(held) > 10
    for secret in ("tenant", "ann@", "refresh"):
        assert secret not in held


def test_an_account_that_nobody_used_for_months_leaves_with_the_purge(
    empty_url: str, open_at: Callable[[str], SqlLedger], clock: FakeClock
) -> None:
    ledger = open_at(empty_url)
    for account in (ACCOUNT, OTHER_ACCOUNT):
        ledger.access.keep(account, ANN, "cache")
    clock.advance(days=60)
    ledger.access.renew(OTHER_ACCOUNT, "renewed")
    ledger.purge(clock.now() - DAY)
    assert ledger.access.kept(ACCOUNT) == "cache", "a quiet month is not the end"
    clock.advance(days=31)
    ledger.purge(clock.now() - DAY)
    assert ledger.access.kept(ACCOUNT) is None
    assert ledger.access.kept(OTHER_ACCOUNT) == "renewed"
