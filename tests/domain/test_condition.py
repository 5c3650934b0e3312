"""Conditions on a column: what people write in cells and conditions is compared as they mean it."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import amounts
from server.domain.condition import Condition, Test, fault, matching, parsed, values
from server.domain.table import Cell, Column, Row, Table
from server.domain.words import CellKind


def text(shown: str) -> Cell:
    return Cell(shown, shown, CellKind.TEXT) if shown else Cell()


def held(cells: list[Cell], test: Test, value: str = "") -> list[int]:
    """Which of the cells of one column pass, by their number."""
    rows = tuple(Row(number, f"k{number}", (cell,)) for number, cell in enumerate(cells))
    table = Table("book", "Sheet1", (Column("Here", "A"),), rows, "v1")
    return [row.position for row in matching(table, Condition("Here", test, value), rows)]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1.200,50 €", "1200.50"),
        ("€1,200.50", "1200.50"),
        ("1 200,5", "1200.5"),
        ("1\u202f200,5 €", "1200.5"),
        ("1'200.50", "1200.50"),
        ("1,200", "1200"),
        ("1.200.000", "1200000"),
        ("0.125", "0.125"),
        (".5", "0.5"),
        ("2,5 kg", "2.5"),
        ("-4 %", "-4"),
        ("\u22124", "-4"),
        ("USD 30", "30"),
    ],
)
def test_a_number_is_read_with_its_unit_and_its_locale(written: str, number: str) -> None:
    assert amounts.number(written) == Decimal(number)


@pytest.mark.parametrize("written", ["", "none", "3 to 5", "x" * 500 + "1"])
def test_what_is_no_single_number_is_none(written: str) -> None:
    assert amounts.number(written) is None


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2), st.sampled_from([("", "."), (",", "."), (".", ",")]))
def test_every_number_with_cents_is_read_as_it_was_written(value: Decimal, marks: tuple[str, str]) -> None:
    group, point = marks
    written = f"{value:,.2f}".replace(",", "G").replace(".", point).replace("G", group)
    assert amounts.number(f"{written} €") == value


@given(st.dates(datetime.date(1950, 1, 1), datetime.date(2090, 12, 31)), st.integers(0, 23), st.integers(0, 59))
def test_every_day_and_time_is_read_as_it_was_written(day: datetime.date, hour: int, minute: int) -> None:
    moment = amounts.Moment(day, hour * 60 + minute)
    assert amounts.moment(f"{day:%Y-%m-%d} {hour:02}:{minute:02}") == moment
    assert amounts.moment(f"{day.day}.{day.month}.{day.year} {hour:02}:{minute:02}") == moment
    assert amounts.moment(f"{day:%m/%d/%Y}", days_first=False) == amounts.Moment(day)
    assert amounts.moment(f"{day:%d/%m/%Y}") == amounts.Moment(day)


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(Test))
def test_no_text_breaks_a_condition_and_is_and_is_not_part_every_row(shown: str, value: str, test: Test) -> None:
    cells = [text(shown), text(value), text("")]
    assert set(held(cells, test, value)) <= {0, 1, 2}
    assert sorted(held(cells, Test.IS, value) + held(cells, Test.IS_NOT, value)) == [0, 1, 2]
    assert sorted(held(cells, Test.EMPTY) + held(cells, Test.FILLED)) == [0, 1, 2]


def test_texts_compare_without_case_and_spaces() -> None:
    cells = [text("Spain"), text(" SPAIN  "), text("Spanish"), text("")]
    assert held(cells, Test.IS, "spain") == [0, 1]
    assert held(cells, Test.CONTAINS, "span") == [2]
    assert held(cells, Test.IS_NOT, "Spain") == [2, 3]


def test_numbers_compare_by_what_they_are_and_not_by_how_they_look() -> None:
    cells = [text("9 €"), text("30,00 €"), Cell("1,200", 1200, CellKind.NUMBER), text("free"), text("")]
    assert held(cells, Test.MORE, "29.5") == [1, 2]
    assert held(cells, Test.LESS, "30") == [0]
    assert held(cells, Test.IS, "1200") == [2]
    assert held([Cell("30%", 0.3, CellKind.NUMBER)], Test.MORE, "20") == [0]


def test_a_word_with_a_number_in_it_is_not_that_number() -> None:
    assert held([text("7"), text("Room 7")], Test.IS, "Room 7") == [1]
    assert held([text("8")], Test.IS, "Room 8") == []


def test_dates_and_times_compare_in_every_form() -> None:
    may = Cell("5/1/2026", "2026-05-01", CellKind.DATE)
    cells = [may, text("31.12.2025"), text("June 3, 2026"), text("soon"), Cell("09:30", "09:30:00", CellKind.TIME)]
    assert held(cells, Test.BEFORE, "2026-05-02") == [0, 1]
    assert held(cells, Test.AFTER, "1 May 2026") == [2]
    assert held(cells, Test.AFTER, "5/1/2026") == [2], "what is shown in a cell is that cell's day"
    assert held(cells, Test.BEFORE, "10:00") == [4]
    assert held([text("9:30 pm"), text("21:10")], Test.AFTER, "21:20") == [0]


def test_the_other_dates_of_a_column_say_whether_the_day_comes_first() -> None:
    assert held([text("13/4/2026"), text("3/4/2026")], Test.BEFORE, "2026-04-04") == [1]
    assert held([text("4/13/2026"), text("3/4/2026")], Test.BEFORE, "2026-04-01") == [1]


@pytest.mark.parametrize(
    ("test", "value"), [(Test.IS, " "), (Test.MORE, "much"), (Test.BEFORE, "soon"), (Test.CONTAINS, "")]
)
def test_a_condition_that_can_not_be_asked_says_why(test: Test, value: str) -> None:
    assert fault(Condition("Here", test, value)).endswith(".")
    assert not fault(Condition("Here", Test.EMPTY))


def test_a_column_that_is_gone_holds_for_no_row() -> None:
    table = Table("book", "Sheet1", (Column("Here", "A"),), (Row(1, "k", (text("a"),)),), "v1")
    assert matching(table, Condition("There", Test.IS_NOT, "b"), table.rows) == []


def test_values_are_offered_by_how_often_they_stand_there() -> None:
    rows = tuple(Row(n, "", (text(one),)) for n, one in enumerate(["Spain", "France", "spain ", "", "Italy"]))
    table = Table("book", "Sheet1", (Column("Here", "A"),), rows, "v1")
    assert values(table, "here", rows, 2) == ([("Spain", 2), ("France", 1)], 3)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Country=Spain", Condition("Country", Test.IS, "Spain")),
        ("country != new zealand", Condition("Country", Test.IS_NOT, "new zealand")),
        ("Fee>30", Condition("Fee", Test.MORE, "30")),
        ("Fee paid < 1,5", Condition("Fee paid", Test.LESS, "1,5")),
        ("Fee ~ €", Condition("Fee", Test.CONTAINS, "€")),
        ("Fee paid is empty", Condition("Fee paid", Test.EMPTY)),
        ("Fee is not empty", Condition("Fee", Test.FILLED)),
        ("Fee is not 30", Condition("Fee", Test.IS_NOT, "30")),
        ("Start before 10:00", Condition("Start", Test.BEFORE, "10:00")),
        ("Start AFTER 1 May 2026", Condition("Start", Test.AFTER, "1 May 2026")),
        ("Feeling=fine", None),
        ("Country", None),
        ("Fee is emptyish", Condition("Fee", Test.IS, "emptyish")),
    ],
)
def test_a_condition_is_read_from_the_command_line(written: str, meant: Condition | None) -> None:
    assert parsed(written, ["Country", "Fee", "Fee paid", "Start"]) == meant
