"""How many spoiled drafts the fact check catches, and how many good ones it doubts: measured, with a seed."""

from __future__ import annotations

from collections import Counter

import pytest

from server.domain.factcheck import ground, name_words, unfounded
from tests.domain.factcheck.corpus import TODAY, Case, cases

COUNT = 1000


def doubted(case: Case) -> tuple[str, ...]:
    """What the check names in a draft."""
    rests = ground(case.record, case.instruction, others=name_words(case.others), language=case.language, today=TODAY)
    return unfounded(case.text, rests)


@pytest.mark.parametrize("seed", [7, 2026])
def test_it_catches_98_of_100_spoiled_drafts_and_doubts_at_most_2_of_100_good_ones(seed: int) -> None:
    missed: Counter[str] = Counter()
    alarms: Counter[str] = Counter()
    for good, spoiled in cases(seed, COUNT):
        missed[spoiled.spoiled] += not doubted(spoiled)
        alarms[good.language] += bool(doubted(good))
    assert missed.total() <= 0.02 * COUNT, missed
    assert alarms.total() <= 0.02 * COUNT, alarms
