"""The stage that the flow's tests play on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from server.domain.plan import Plan
from server.store import open_ledger
from server.store.crypto import SecretCipher
from tests.fakes import FakeClock, FakeSheet
from tests.flow.stage import PEOPLE, PLAN, Stage

CIPHER = SecretCipher("a secret key for the tests, 32 characters or more")


@pytest.fixture
def make_stage(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """`make_stage(rows)`: a stage with these rows of Name, Email, Start."""
    opened = []

    def make(people: Sequence[Sequence[str]] = PEOPLE, plan: Plan = PLAN) -> Stage:
        clock = FakeClock()
        ledger = open_ledger(f"sqlite:///{tmp_path / f'ledger{len(opened)}.db'}", CIPHER, clock=clock)
        opened.append(ledger)
        sheet = FakeSheet(("Name", "Email", "Start"), people)
        return Stage(ledger, clock, sheet, plan=plan)

    yield make
    for ledger in opened:
        ledger.close()


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    """Three people, nothing drafted yet."""
    return make_stage()
