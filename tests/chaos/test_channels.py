"""A short storm over all channels in every run of the tests. `python -m tests.chaos.channels` is the long one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.chaos.channels.storm import Fury, storm


@pytest.mark.usefixtures("forked_starts")
@pytest.mark.timeout(120)
def test_every_channel_carries_its_messages_once_and_brings_each_answer_to_its_row() -> None:
    """Mail over four providers, WhatsApp over two, SMS and calls, with faults on; the seed is fixed."""
    brief = Fury(hangs=0, mails=1, lose=False, again=False, doubt=timedelta(0), listed=0.0, patience=60, quiet=0.8)
    fury = replace(brief, kill=5.0, sort=0.6)
    outcome = storm(40, 6, "sqlite", fury)
    assert not outcome.violations, "\n".join([outcome.table, *outcome.violations])
    assert outcome.ways["all"]["sent"] >= 28, outcome.table
    assert outcome.ways["all"]["right row"] >= 15, outcome.table
    unused = [way for way, counts in outcome.ways.items() if not counts["requests"] and way != "all"]
    assert len(outcome.ways) == 9, outcome.table
    assert not unused, outcome.table
