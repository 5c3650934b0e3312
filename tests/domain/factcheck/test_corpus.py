"""How many spoiled drafts the flow's check catches, and how many good ones it doubts: measured, with a seed."""

from __future__ import annotations

import pytest

from tests.domain.factcheck.flow import measured

COUNT = 1000


@pytest.mark.parametrize("seed", [7, 2026])
def test_it_catches_98_of_100_spoiled_drafts_and_doubts_at_most_2_of_100_good_ones(seed: int) -> None:
    score = measured(seed, COUNT)
    assert score.spoiled.total() == score.good.total() == COUNT
    assert score.caught.total() >= 0.98 * COUNT, score
    assert score.alarms.total() <= 0.02 * COUNT, score
