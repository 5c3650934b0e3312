"""What a cell says about when a message leaves: read for sure or not at all, by the clocks of the sheet."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.moments import ByColumn, day_meant, times_of, told, wall
from server.domain.table import BLANK, Cell
from server.domain.words import CellKind

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]


def text(shown: str) -> Cell:
    return Cell(shown, shown, CellKind.TEXT)


def by(zone: str = "UTC") -> ByColumn:
    return ByColumn("Start", DAY, zone=zone)


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        (Cell("02/03/2026 14:30", "2026-03-02T14:30:00", CellKind.DATETIME), "2026-03-02T14:30+00:00"),
        (Cell("14:30", "14:30:00", CellKind.TIME), "2026-03-02T14:30+00:00"),
        (Cell("03/02/2026", "2026-03-02", CellKind.DATE), "2026-03-02T09:00+00:00"),
        (text("2026-03-05 07:15"), "2026-03-05T07:15+00:00"),
        (text("5.3.2026 7:15"), "2026-03-05T07:15+00:00"),
        (text("9:30 pm"), "2026-03-02T21:30+00:00"),
        (text("13/3/2026"), "2026-03-13T09:00+00:00"),
    ],
)
def test_it_reads_what_people_write(cell: Cell, moment: str) -> None:
    assert by().moment(cell) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    "cell",
    [
        BLANK,
        text("soon"),
        text("3/4/2026 09:00"),
        text("2026-03-05 or 2026-03-06"),
        text("25:00"),
        text("2026-02-30"),
        Cell("9", 9, CellKind.NUMBER),
        Cell("TRUE", True, CellKind.BOOLEAN),
        Cell("#REF!", "#REF!", CellKind.ERROR),
    ],
)
def test_what_may_mean_two_moments_or_none_is_none(cell: Cell) -> None:
    assert by().moment(cell) is None


@given(
    st.datetimes(NOW.replace(year=2024, tzinfo=None), NOW.replace(year=2030, tzinfo=None)).map(
        lambda at: at.replace(second=0, microsecond=0)
    ),
    st.sampled_from(ZONES),
)
def test_a_moment_reads_the_same_on_the_clocks_of_its_zone_but_in_a_gap(at: datetime, zone: str) -> None:
    found = by(zone).moment(Cell("", at.isoformat(), CellKind.DATETIME))
    assert found is not None
    there = found.astimezone(ZoneInfo(zone))
    local = at.replace(tzinfo=ZoneInfo(zone))
    gap = local.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != at
    assert there.replace(tzinfo=None) == at or (
        gap and timedelta() < there.replace(tzinfo=None) - at <= timedelta(days=1)
    )


def test_a_time_that_the_clocks_leave_out_is_later_by_as_much_as_they_jump() -> None:
    assert wall(date(2026, 3, 29), 2 * 60 + 30, "Europe/Berlin") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 03:30


def test_a_time_that_comes_twice_is_its_first() -> None:
    assert wall(date(2026, 10, 25), 2 * 60 + 30, "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_moment_beyond_the_calendar_is_none() -> None:
    assert wall(date(9999, 12, 31), 24 * 60 + 1, "UTC") is None


@pytest.mark.parametrize(("shown", "day"), [(("09:01", "23:00"), DAY), (("08:59", "23:00"), DAY + timedelta(days=1))])
def test_times_without_a_day_mean_one_day_for_all(shown: tuple[str, ...], day: date) -> None:
    assert day_meant([text(one) for one in shown], NOW, "UTC") == day


def test_today_is_the_sheets() -> None:
    assert day_meant([], datetime(2026, 3, 2, 23, 30, tzinfo=UTC), "Asia/Tokyo") == date(2026, 3, 3)


def test_rows_without_a_time_ahead_are_named() -> None:
    rows = [("a", text("2026-03-02 09:01")), ("b", text("2026-03-02 09:00")), ("c", text("soon")), ("d", text("10:00"))]
    found = times_of(rows, ByColumn("Start", DAY, time(9)), NOW)
    assert set(found.at) == {"a", "d"}
    assert (found.past, found.unreadable, found.no_time) == (["b"], ["c"], ["c", "b"])
    assert found.words == {"both": 2, "time": 1}


@given(st.text(max_size=40), st.sampled_from(ZONES))
def test_no_text_breaks_it(shown: str, zone: str) -> None:
    found = by(zone).moment(text(shown))
    assert found is None or found.tzinfo is UTC


def test_it_says_a_moment_by_the_sheets_clocks() -> None:
    assert told(NOW, "Europe/Berlin") == "Mon 02 Mar 10:00"
