"""The confidence of a reading: one formula in which nothing can raise what the model's own certainty gives."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import confidence as formulas
from server.domain.confidence import (
    AGREES,
    FAILED,
    LEAST_SURE_AT,
    MOST,
    SAID,
    SURE_AT,
    Agreement,
    Doubt,
    Source,
    confidence,
    flag,
    own,
    sentences,
    together,
)
from server.domain.words import Flag

certainties = st.floats(0.0, 1.0)
sources = st.sampled_from(Source)
agreements = st.sampled_from(Agreement)
doubts = st.frozensets(st.sampled_from(Doubt))
anything = st.floats(allow_nan=True, allow_infinity=True)


@given(certainties, sources, agreements, doubts, st.sampled_from(Doubt))
def test_a_failed_check_never_raises_it(
    certainty: float, source: Source, agreement: Agreement, failed: frozenset[Doubt], one: Doubt
) -> None:
    more = confidence(certainty, source, agreement, failed | {one})
    assert more <= confidence(certainty, source, agreement, failed)
    assert one in failed or more <= 0.5


@given(certainties, certainties, sources, agreements, doubts)
def test_a_surer_model_never_lowers_it(
    one: float, other: float, source: Source, agreement: Agreement, failed: frozenset[Doubt]
) -> None:
    low, high = sorted((one, other))
    assert confidence(low, source, agreement, failed) <= confidence(high, source, agreement, failed)


@given(certainties, sources, doubts)
def test_a_second_reader_can_lower_it_and_never_raise_it(
    certainty: float, source: Source, failed: frozenset[Doubt]
) -> None:
    order = [Agreement.DIFFERS, Agreement.SILENT, Agreement.LEANS, Agreement.SAME]
    levels = [confidence(certainty, source, one, failed) for one in order]
    assert levels == sorted(levels)
    assert levels[-1] <= certainty


@given(anything, sources, agreements, doubts, anything)
def test_whatever_a_model_says_it_is_a_number_below_one(
    certainty: float, source: Source, agreement: Agreement, failed: frozenset[Doubt], threshold: float
) -> None:
    level = confidence(certainty, source, agreement, failed)
    assert 0.0 <= level <= 0.99
    if failed or level < LEAST_SURE_AT:
        assert flag(level, failed, sure_at=threshold) is Flag.CHECK


@given(st.lists(certainties))
def test_several_decisions_are_no_surer_than_the_least_of_them(probabilities: list[float]) -> None:
    assert together(probabilities) <= min(probabilities, default=1.0)


@pytest.mark.parametrize(("agreement", "source"), list(itertools.product(Agreement, Source)))
def test_no_model_is_sure_alone(agreement: Agreement, source: Source) -> None:
    """The figures that docs/model.md names."""
    surest = flag(confidence(1.0, source, agreement))
    sure = agreement is Agreement.SAME or (agreement is Agreement.LEANS and source is Source.TOKENS)
    assert (surest is Flag.SURE) is sure


def test_it_is_cut_and_never_rounded_up_over_the_threshold() -> None:
    assert confidence(0.8599, Source.TOKENS, Agreement.SAME) == 0.85
    assert confidence(0.8499, Source.TOKENS, Agreement.SAME) == 0.84
    assert flag(0.84) is Flag.CHECK
    assert flag(SURE_AT) is Flag.SURE


def test_no_campaign_may_have_a_threshold_that_a_failed_check_reaches() -> None:
    assert flag(0.5, sure_at=0.1) is Flag.CHECK
    assert flag(0.65, sure_at=0.1) is Flag.SURE
    assert flag(0.99, {Doubt.STEERS}, sure_at=0.1) is Flag.CHECK


def test_what_is_no_probability_counts_for_nothing() -> None:
    assert own(math.nan, Source.TOKENS) == own(-1.0, Source.SAID) == own(1.5, Source.SAID) == 0.0
    assert together([0.9, math.nan]) == 0.0


def test_the_person_reads_at_most_three_reasons_in_a_steady_order() -> None:
    assert sentences(set()) == ""
    told = sentences({Doubt.ASKS, Doubt.STEERS, Doubt.NO_EVIDENCE, Doubt.LONG})
    assert told.startswith(Doubt.NO_EVIDENCE)
    assert Doubt.LONG not in told


def test_the_page_tells_the_very_formula_and_its_figures() -> None:
    page = " ".join((Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8").split())
    formula = re.search(r"confidence = .*", str(formulas.__doc__))
    assert formula is not None
    assert formula[0].replace(" x ", " × ").replace("never above", "at most") in page
    same, leans, silent, differs = (f"{AGREES[one]:g}" for one in Agreement)
    assert f"**agreement**: {same} when" in page
    assert f"{leans} when it leans to the same" in page
    assert f"{silent} when it can't tell, {differs} when it reads otherwise" in page
    assert f"From {SURE_AT:g} on a reading is `sure`" in page
    assert f"({LEAST_SURE_AT:g} at the least" in page
    assert FAILED == 0.5
    assert MOST == 0.99
    assert SAID == 0.9
    assert "nine tenths of what it states" in page
