"""Pacing on a real Redis: shared by all, obeying Retry-After, and holding while Redis is away."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from datetime import time as clock_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from server.domain.quiet import QuietHours, next_day, parse_quiet_hours
from server.errors import SheetUnavailable
from server.pacing import ALONE, BURST, RESERVE, RedisBudget, RedisPacer
from server.ports import Writes


def take_turns(pacer: RedisPacer, count: int) -> list[float]:
    """When each of so many turns came, in seconds from now."""
    began = time.monotonic()

    async def one() -> float:
        await pacer.turn()
        return time.monotonic() - began

    async def every() -> list[float]:
        return [await one() for _ in range(count)]

    return asyncio.run(every())


def test_it_spreads_the_turns_of_two_senders_processes_over_one_rate(redis_db: str) -> None:
    """Two pacers stand for two processes: together they keep the rate that each was told."""
    with ThreadPoolExecutor(2) as pool:
        turns = list(pool.map(lambda _: take_turns(RedisPacer(redis_db, "a", 50), 10), range(2)))
    came = sorted(turns[0] + turns[1])
    assert came[-1] >= 19 / 50 - 0.05


def test_senders_do_not_wait_for_each_other(redis_db: str) -> None:
    take_turns(RedisPacer(redis_db, "a", 2), 1)
    assert take_turns(RedisPacer(redis_db, "b", 2), 1)[0] < 0.4


@pytest.mark.parametrize("rate", [None, 1000.0])
def test_a_hold_stops_every_worker(redis_db: str, rate: float | None) -> None:
    RedisPacer(redis_db, "a", rate).hold(0.3)
    assert take_turns(RedisPacer(redis_db, "a", rate), 1)[0] >= 0.25


def test_it_keeps_the_rate_by_itself_while_redis_is_away() -> None:
    pacer = RedisPacer("redis://127.0.0.1:1/0", "a", 50)
    assert take_turns(pacer, 6)[-1] >= 5 / 50 - 0.02


def test_it_gives_no_more_than_the_day_allows(redis_db: str) -> None:
    pacers = [RedisPacer(redis_db, "a", None, 10) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda index: pacers[index % 2].take("d1", lambda: 3), range(40)))
    assert sum(taken) == 7
    assert pacers[0].take("d2", lambda: 0)


def test_the_day_is_counted_anew_from_the_ledger_after_a_wipe(redis_db: str) -> None:
    pacer = RedisPacer(redis_db, "a", None, 10)
    assert pacer.take("d1", lambda: 0)
    with Redis.from_url(redis_db) as redis:
        redis.flushall()
    assert not pacer.take("d1", lambda: 10)


def test_what_was_not_sent_after_all_is_given_back(redis_db: str) -> None:
    pacer = RedisPacer(redis_db, "a", None, 1)
    assert pacer.take("d1", lambda: 0)
    assert not pacer.take("d1", lambda: 0)
    pacer.give_back("d1")
    assert pacer.take("d1", lambda: 0)


NIGHT = QuietHours(clock_time(21), clock_time(8))


@pytest.mark.parametrize(
    ("now", "zone", "until"),
    [
        ("2026-03-02T22:30:00+00:00", "UTC", "2026-03-03T08:00:00+00:00"),
        ("2026-03-02T03:00:00+00:00", "UTC", "2026-03-02T08:00:00+00:00"),
        ("2026-03-02T12:00:00+00:00", "UTC", None),
        ("2026-03-02T12:00:00+00:00", "Asia/Tokyo", "2026-03-02T23:00:00+00:00"),
        ("2026-03-02T08:00:00+00:00", "UTC", None),
        ("2026-03-02T12:00:00+00:00", "No/Such", None),
    ],
)
def test_it_is_quiet_at_night_where_the_recipient_is(now: str, zone: str, until: str | None) -> None:
    found = NIGHT.until(datetime.fromisoformat(now), zone)
    assert (found.astimezone(UTC) if found else None) == (datetime.fromisoformat(until) if until else None)


@given(
    st.datetimes(timezones=st.just(UTC)).filter(lambda now: 1970 < now.year < 2100),
    st.times(),
    st.times(),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
)
def test_when_the_quiet_is_over_it_is_not_quiet(now: datetime, begin: clock_time, end: clock_time, zone: str) -> None:
    hours = QuietHours(begin.replace(tzinfo=None), end.replace(tzinfo=None))
    until = hours.until(now, zone)
    if until is not None:
        assert until >= now
        assert hours.until(until, zone) is None


@pytest.mark.parametrize("text", ["21-8", "25:00-08:00", "night", "21:00"])
def test_it_says_how_quiet_hours_are_written(text: str) -> None:
    with pytest.raises(ValueError, match="21:00-08:00"):
        parse_quiet_hours(text)


def test_the_next_day_begins_at_midnight_there() -> None:
    found = next_day(datetime(2026, 3, 2, 23, 30, tzinfo=UTC), "Europe/Berlin")
    assert found == datetime(2026, 3, 4, tzinfo=ZoneInfo("Europe/Berlin"))


def test_calls_of_an_account_are_held_to_the_minute_by_all_processes(redis_db: str) -> None:
    budgets = [RedisBudget(redis_db, "a", background=False, per_minute=6000) for _ in range(2)]
    began = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda budget: [budget.take("read") for _ in range(20)], budgets))
    assert time.monotonic() - began >= (40 - BURST) / 100 - 0.05


def test_work_in_the_background_leaves_calls_to_people_who_wait(redis_db: str) -> None:
    workers, person = (RedisBudget(redis_db, "a", background=one, per_minute=60) for one in (True, False))
    for _ in range(BURST - RESERVE):
        workers.take("read")
    began = time.monotonic()
    for _ in range(RESERVE):
        person.take("read")
    assert time.monotonic() - began < 0.5


def test_reads_and_writes_are_counted_apart_and_accounts_too(redis_db: str) -> None:
    budget = RedisBudget(redis_db, "a", background=False, per_minute=60)
    began = time.monotonic()
    for _ in range(BURST):
        budget.take("read")
        budget.take("write")
    RedisBudget(redis_db, "b", background=False, per_minute=60).take("read")
    assert time.monotonic() - began < 0.5


def test_a_refusal_of_the_host_holds_everybody_and_too_long_a_wait_is_told(redis_db: str) -> None:
    RedisBudget(redis_db, "a", background=True).hold(300)
    with pytest.raises(SheetUnavailable) as caught:
        RedisBudget(redis_db, "a", background=False).take("write")
    assert 280 < (caught.value.retry_after or 0) < 320


@pytest.mark.parametrize("url", ["", "redis://127.0.0.1:1/0"])
def test_without_redis_each_process_takes_a_part_and_nothing_is_known_of_writes(url: str) -> None:
    budget = RedisBudget(url, "a", background=False, per_minute=6000)
    began = time.monotonic()
    for _ in range(BURST + 5):
        budget.take("read")
    assert time.monotonic() - began >= 5 * ALONE / 100 - 0.05
    assert budget.begin("book", "w") == budget.writes("book") == Writes()


def test_writes_are_counted_and_seen_by_other_processes_until_they_end(redis_db: str) -> None:
    one, other = (RedisBudget(redis_db, "a", background=True) for _ in range(2))
    before = other.writes("book")
    assert not before.under_way
    assert one.begin("book", "w") == other.writes("book") == Writes((before.count or 0) + 1, under_way=True)
    assert one.end("book", "w") == other.writes("book") == Writes((before.count or 0) + 2)
    assert other.writes("another") != other.writes("book")


def test_a_wiped_redis_never_repeats_an_earlier_count(redis_db: str) -> None:
    budget = RedisBudget(redis_db, "a", background=True)
    before = budget.end("book", "w").count or 0
    Redis.from_url(redis_db).flushdb()
    assert (budget.writes("book").count or 0) > before
