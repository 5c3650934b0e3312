"""What is told of a sending before it is begun. That it is what a worker does is in tests/flow/test_scheduling.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.domain.forecast import Sender, Waiting, Why, forecast
from server.domain.quiet import Hours, parse_quiet_hours

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
NIGHT = Hours(parse_quiet_hours("20:00-09:00"), "UTC")
ANY = Hours()
ZONES = [(), ("Asia/Tokyo",), ("America/New_York", "America/Chicago")]


def some(count: int) -> list[Waiting]:
    return [Waiting(f"r{number}") for number in range(count)]


def told(waiting: list[Waiting], hours: Hours = ANY, **sender: object) -> list[tuple[int, datetime, Why]]:
    senders = {"": Sender(**sender)}  # type: ignore[arg-type]
    found = forecast(waiting, now=NOW, start=NOW, hours=hours, senders=senders)
    return [(part.count, part.at, part.why) for part in found.parts]


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def test_what_fits_today_goes_now_and_the_rest_when_the_next_day_may_begin() -> None:
    assert told(some(49), NIGHT, per_day=500, left_today=37) == [(37, NOW, Why.NOW), (12, at(3, 9), Why.LIMIT)]


def test_what_the_pace_brings_into_quiet_hours_waits_for_their_end() -> None:
    assert told(some(3 * 3600), NIGHT, per_second=1.0) == [(7200, NOW, Why.NOW), (3600, at(3, 9), Why.QUIET)]


def test_each_recipients_own_day_counts() -> None:
    abroad = [Waiting("a"), Waiting("b", zones=("Asia/Tokyo",))]
    assert told(abroad, NIGHT) == [(1, NOW, Why.NOW), (1, at(3, 0), Why.QUIET)]


def test_rows_of_their_own_time_are_told_by_it() -> None:
    own = [Waiting("a", at(2, 19)), Waiting("b", at(4, 12)), Waiting("c", at(4, 12))]
    assert told(own) == [(1, at(2, 19), Why.TIME), (2, at(4, 12), Why.TIME)]


def test_two_senders_do_not_wait_for_each_other() -> None:
    both = [Waiting("a", sender="slow"), Waiting("b", sender="slow"), Waiting("c", sender="fast")]
    senders = {"slow": Sender(per_day=1, left_today=0), "fast": Sender()}
    found = forecast(both, now=NOW, start=NOW, hours=Hours(), senders=senders)
    assert [(part.keys, part.at) for part in found.parts] == [(("c",), NOW), (("a",), at(3, 0)), (("b",), at(4, 0))]


def test_todays_limit_says_nothing_of_a_sending_that_begins_tomorrow() -> None:
    senders = {"": Sender(per_day=5, left_today=0)}
    found = forecast(some(5), now=NOW, start=at(3, 10), hours=Hours(), senders=senders)
    assert [(part.count, part.at, part.why) for part in found.parts] == [(5, at(3, 10), Why.START)]


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.sampled_from(ZONES)), max_size=60),
    st.one_of(st.none(), st.integers(1, 9)),
    st.one_of(st.none(), st.floats(0.001, 5)),
    st.sampled_from(["", "20:00-09:00", "12:00-13:00"]),
)
def test_everybody_is_told_once_in_hours_that_may_be_and_no_day_gets_too_many(
    rows: list[tuple[int, tuple[str, ...]]], per_day: int | None, rate: float | None, quiet: str
) -> None:
    waiting = [
        Waiting(f"r{number}", NOW + timedelta(minutes=minutes) if minutes else None, zones)
        for number, (minutes, zones) in enumerate(rows)
    ]
    hours, by = Hours(parse_quiet_hours(quiet), "UTC"), {one.key: one for one in waiting}
    senders = {"": Sender(rate, per_day, per_day)}
    found = forecast(waiting, now=NOW, start=NOW, hours=hours, senders=senders)
    assert sorted(key for part in found.parts for key in part.keys) == sorted(by)
    for part in found.parts:
        for key in part.keys:
            assert part.at >= (by[key].at or NOW)
            assert hours.until(part.at, by[key].zones) is None or rate is not None or per_day is not None
