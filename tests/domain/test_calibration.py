"""The mathematics of calibration: what is counted, how sure it is, and which threshold follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import calibration
from server.domain.calibration import Point, above, bins, calibration_error, needed, propose, taken, wilson
from server.domain.confidence import LEAST_SURE_AT
from server.domain.labels import Label, place
from server.domain.words import Flag, Outcome

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEVELS = st.integers(0, 100).map(lambda level: level / 100)
GROUPS = st.tuples(LEVELS, st.booleans(), st.integers(1, 400))
MANY = st.lists(GROUPS, max_size=8).map(lambda groups: [(at, right) for at, right, n in groups for _ in range(n)])


def label(number: int = 1, **changes: object) -> Label:
    base = Label(f"m_{number}", "c_1", AT, 0.9, Flag.SURE, Outcome.CONFIRMED, Outcome.CONFIRMED, True)
    return replace(base, **changes)  # type: ignore[arg-type]


def in_order(count: int) -> list[str]:
    """Ids of messages as spot checks come to them."""
    return sorted((f"m_{number}" for number in range(count)), key=place)


# what is counted


def test_corrections_alone_do_not_make_sure_readings_look_wrong() -> None:
    corrected = [label(number, right=False) for number in range(50)]
    found = taken(corrected)
    assert (found.points, found.beside) == ((), 50)


def test_a_correction_counts_where_the_spot_checks_had_come_to_its_place() -> None:
    ids = in_order(1000)
    checked = [label(message_id=one, sampled=True) for one in ids[:200] if one != ids[40]]
    corrected = [label(message_id=ids[at], right=False) for at in (40, 500, 700, 999)]
    found = taken([*corrected, *checked])
    assert (found.sampled, found.among, found.beside) == (199, 1, 3)
    assert above(found.points, 0.85) == calibration.Above(0.85, 200, 1)


def test_spot_checks_of_one_campaign_say_nothing_of_anothers_corrections() -> None:
    ids = in_order(3)
    checked = label(message_id=ids[2], sampled=True)
    found = taken([checked, label(message_id=ids[0], right=False, campaign_id="c_2")])
    assert (found.sampled, found.among, found.beside) == (1, 0, 1)


def test_what_was_retyped_and_right_is_no_spot_check() -> None:
    ids = in_order(3)
    found = taken([label(message_id=ids[2], sampled=True), label(message_id=ids[0])])
    assert (found.sampled, found.beside) == (1, 1)


def test_what_waited_for_a_person_counts_and_what_is_no_answer_does_not() -> None:
    waited = [label(number, flag=Flag.CHECK, confidence=0.7) for number in range(3)]
    remark = label(9, flag=Flag.CHECK, read=Outcome.QUESTION, right=False, confidence=0.7)
    found = taken([*waited, remark])
    assert (found.waited, found.remarks, len(found.points)) == (3, 1, 3)


def test_what_people_notice_by_themselves_does_not_bend_the_share() -> None:
    """Of 20,000 sure readings 400 are wrong; of these people notice three in four, before anybody draws a sample."""
    ids = in_order(20_000)
    wrong = {one for one in ids if int(one[2:]) % 50 == 0}
    noticed = {one for one in wrong if int(one[2:]) % 200}
    drawn = [one for one in ids if one not in noticed][:4000]
    labels = [label(message_id=one, right=False) for one in noticed]
    labels += [label(message_id=one, right=one not in wrong, sampled=True) for one in drawn]
    found = above(taken(labels).points, 0.85)
    assert found.share == pytest.approx(0.02, abs=0.005)
    assert wilson(found.wrong, found.count)[0] < 0.02 < found.at_most


LABELS = st.lists(
    st.builds(
        label,
        number=st.integers(0, 500),
        campaign_id=st.sampled_from(["c_1", "c_2"]),
        confidence=st.sampled_from([0.5, 0.62, 0.7, 0.86, 0.9, 0.97]),
        flag=st.sampled_from(Flag),
        right=st.booleans(),
        sampled=st.booleans(),
        read=st.sampled_from([Outcome.CONFIRMED, Outcome.DECLINED, Outcome.QUESTION]),
    ),
    max_size=120,
)


@given(LABELS, LABELS)
def test_more_labels_of_wrong_readings_never_lower_the_threshold(labels: list[Label], more: list[Label]) -> None:
    worse = [*labels, *(replace(one, right=False) for one in more)]
    before, after = (propose(taken(some).points, 0.3).proven for some in (labels, worse))
    if after is not None:
        assert before is not None
        assert before.threshold <= after.threshold


@given(LABELS.flatmap(lambda labels: st.tuples(st.just(labels), st.permutations(labels))))
def test_the_order_of_labels_changes_nothing(both: tuple[list[Label], list[Label]]) -> None:
    first, second = (taken(labels) for labels in both)
    assert sorted(first.points) == sorted(second.points)
    assert replace(first, points=()) == replace(second, points=())


# bounds


def test_the_bounds_are_those_of_the_textbook() -> None:
    low, high = wilson(2, 412)
    assert (low, high) == (pytest.approx(0.00133, abs=1e-5), pytest.approx(0.01752, abs=1e-5))
    assert wilson(0, 10) == (0.0, pytest.approx(0.2775, abs=1e-4))


@given(st.integers(0, 2000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_bounds_lie_around_the_share_and_between_0_and_1(seen: tuple[int, int]) -> None:
    some, of = seen
    low, high = wilson(some, of)
    assert 0.0 <= low <= (some / of if of else 0.5) <= high <= 1.0


@given(st.integers(0, 300).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_one_more_wrong_reading_never_lowers_the_upper_bound(seen: tuple[int, int]) -> None:
    some, of = seen
    assert wilson(some + 1, of + 1)[1] >= wilson(some, of)[1] or of == 0


def test_one_in_a_hundred_takes_381_reviews_without_a_wrong_one() -> None:
    assert needed(0, 0) == 381
    assert needed(120, 0) == 261
    assert needed(381, 0) == 0


@given(st.integers(0, 500), st.integers(0, 5))
def test_so_many_more_prove_it_and_one_less_does_not(count: int, wrong: int) -> None:
    wrong = min(wrong, count)
    more = needed(count, wrong)
    assert wilson(wrong, count + more)[1] <= 0.01
    assert more == 0 or wilson(wrong, count + more - 1)[1] > 0.01


# the table


@given(MANY)
def test_every_reading_is_in_one_bin_and_all_shares_are_shares(points: list[Point]) -> None:
    found = bins(points)
    assert sum(one.count for one in found) == len(points)
    assert all(one.low <= one.confidence <= one.high and 0 <= one.right <= one.count for one in found)
    assert all(0.0 <= one.bounds[0] <= one.share <= one.bounds[1] <= 1.0 for one in found)
    assert 0.0 <= calibration_error(found) <= 1.0


@given(
    st.lists(st.tuples(LEVELS, st.booleans()), max_size=60).flatmap(lambda p: st.tuples(st.just(p), st.permutations(p)))
)
def test_the_order_of_reviews_changes_nothing(both: tuple[list[Point], list[Point]]) -> None:
    points, mixed = both
    assert bins(points) == bins(mixed)
    assert propose(points, 0.2) == propose(mixed, 0.2)


def test_the_calibration_error_is_the_mean_distance_of_confidence_and_share() -> None:
    points = [(0.9, True)] * 9 + [(0.9, False)] + [(0.7, True)] * 5 + [(0.7, False)] * 5
    assert calibration_error(bins(points)) == pytest.approx((10 * 0.0 + 10 * 0.2) / 20)
    assert calibration_error([]) == 0.0


# the threshold


def test_it_proposes_the_lowest_threshold_that_is_proven() -> None:
    points = [(0.92, True)] * 600 + [(0.82, True)] * 40 + [(0.75, True)] * 30 + [(0.75, False)] * 10
    found = propose(points)
    assert found.proven == calibration.Above(0.82, 640, 0)
    assert above(points, 0.82).at_most <= 0.01 < above(points, 0.75).share


def test_it_proposes_nothing_that_few_reviews_can_not_prove_and_says_how_many_would() -> None:
    found = propose([(0.9, True)] * 120)
    assert found == calibration.Proposal(None, calibration.Above(0.9, 120, 0), 261)


def test_it_proposes_no_threshold_where_all_of_them_are_too_wrong() -> None:
    found = propose([(0.95, True)] * 900 + [(0.95, False)] * 50)
    assert (found.proven, found.likely) == (None, None)


def test_it_does_not_go_where_nothing_was_seen_to_be_right() -> None:
    points = [(0.95, True)] * 1000
    assert propose([*points, (0.65, False)]).proven == above(points, 0.95)
    assert propose([*points, *[(0.65, True)] * 9]).proven == above(points, 0.95)
    lower = propose([*points, *[(0.65, True)] * 10]).proven
    assert lower == above([*points, *[(0.65, True)] * 10], 0.65)


@given(MANY, st.lists(LEVELS, max_size=30), st.sampled_from([0.01, 0.05, 0.2]))
def test_more_wrong_readings_never_lower_the_threshold(points: list[Point], wrong: list[float], most: float) -> None:
    before, after = (propose(some, most).proven for some in (points, [*points, *((level, False) for level in wrong)]))
    if after is not None:
        assert before is not None
        assert before.threshold <= after.threshold


@given(MANY, st.data())
def test_a_reading_that_turns_out_wrong_never_lowers_the_threshold(points: list[Point], data: st.DataObject) -> None:
    turned = data.draw(st.sets(st.integers(0, max(0, len(points) - 1)), max_size=30))
    worse = [(level, right and at not in turned) for at, (level, right) in enumerate(points)]
    before, after = propose(points, 0.05).proven, propose(worse, 0.05).proven
    if after is not None:
        assert before is not None
        assert before.threshold <= after.threshold


@given(MANY)
def test_what_is_proposed_is_a_threshold_that_a_campaign_may_have_and_keeps_the_promise(points: list[Point]) -> None:
    found = propose(points).proven
    if found is not None:
        assert LEAST_SURE_AT <= found.threshold < 1.0
        assert found.share <= found.at_most <= 0.01
