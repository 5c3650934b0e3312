"""The stage that the flow's tests play on. A module that says `DATABASES = BOTH` plays on each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from server.domain.plan import Plan
from server.store import SqlLedger, open_ledger
from tests.databases import CIPHER, SQLITE
from tests.fakes import FakeClock, FakeSheet
from tests.flow.stage import PEOPLE, PLAN, Stage

__all__ = ["CIPHER"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test of a module once a database."""
    if "database" in metafunc.fixturenames:
        metafunc.parametrize("database", getattr(metafunc.module, "DATABASES", [SQLITE]))


@pytest.fixture
def stage_url(request: pytest.FixtureRequest, database: str) -> str:
    """URL of an empty ledger on the database that the test is for."""
    return str(request.getfixturevalue(f"{database}_url"))


@pytest.fixture
def make_stage(stage_url: str) -> Iterator[Callable[..., Stage]]:
    """`make_stage(rows)`: a stage with these rows of Name, Email, Start; once a test."""
    opened: list[SqlLedger] = []

    def make(people: Sequence[Sequence[str]] = PEOPLE, plan: Plan = PLAN) -> Stage:
        assert not opened, "One ledger a test: a second stage would share it."
        clock = FakeClock()
        opened.append(open_ledger(stage_url, CIPHER, clock=clock))
        return Stage(opened[0], clock, FakeSheet(("Name", "Email", "Start"), people), plan=plan)

    yield make
    for ledger in opened:
        ledger.close()


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    """Three people, nothing drafted yet."""
    return make_stage()
