"""Answers given with one press: what is offered, what comes back, and what must never be taken for a press."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.choices import MOST, digit, meant, offered, payload, read_payload
from server.domain.keys import new_token
from server.domain.message import Choice
from server.domain.plan import AnswerColumn, Plan, parse_answer_column
from server.domain.words import AnswerKind, ChannelName


def plan(*columns: str | AnswerColumn) -> Plan:
    made = tuple(one if isinstance(one, AnswerColumn) else parse_answer_column(one) for one in columns)
    return Plan(ChannelName.SMS, "twilio", "Phone", answer_columns=made)


def test_it_offers_the_values_of_the_first_answer_column_in_order() -> None:
    column, choices = offered(plan("Coming=Yes|No|Later", "Meal=Fish|Meat")) or (None, ())
    assert column is not None
    assert column.name == "Coming"
    assert choices == (Choice("1", "Yes"), Choice("2", "No"), Choice("3", "Later"))


@pytest.mark.parametrize(
    "columns",
    [
        (),
        ("Coming",),
        ("Seats=number", "Coming=Yes|No"),
        ("Coming=Yes",),
        ("Day=" + "|".join(f"day {n}" for n in range(MOST + 1)),),
        (AnswerColumn("Seats", AnswerKind.NUMBER, ("one", "two")),),
        (AnswerColumn("Coming", AnswerKind.CHOICE, ("Yes", "yes ")),),
        (AnswerColumn("Coming", AnswerKind.CHOICE, ("Yes", " ")),),
    ],
)
def test_it_offers_nothing_where_a_press_could_not_say_it(columns: tuple[str | AnswerColumn, ...]) -> None:
    assert offered(plan(*columns)) is None
    assert meant(plan(*columns), "1") is None


@pytest.mark.parametrize("values", ["5|4|3|2|1", "0|1|2", "2|3", "10|20", "+1|2"])
def test_a_typed_number_is_never_taken_for_another_value(values: str) -> None:
    """“5” would be a value, and the fifth of them: who gave the best mark would get the worst."""
    assert offered(plan(f"Mark={values}")) is None


@pytest.mark.parametrize("values", ["1|2|3|4|5", "1|2|More", "10:00|11:00", "1 seat|2 seats"])
def test_numbers_in_their_own_places_can_be_pressed(values: str) -> None:
    first = values.split("|")[0]
    assert meant(plan(f"Mark={values}"), "1") == ("Mark", first)


def test_nine_values_are_the_most() -> None:
    nine = plan("Day=" + "|".join(f"day {n}" for n in range(1, 10)))
    assert meant(nine, "9") == ("Day", "day 9")
    assert [meant(nine, code) for code in ("0", "10", "", "x")] == [None] * 4


@given(st.builds(new_token), st.integers(1, 9))
def test_a_payload_brings_back_row_and_answer(token: str, number: int) -> None:
    made = payload(token, Choice(str(number), "Yes"))
    assert len(made) <= 128
    assert read_payload(made) == (token, str(number))
    assert read_payload(f" {made}\n") == (token, str(number))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v1",
        "v1..1",
        "v1.abc.0",
        "v1.abc.10",
        "v1.abc.1.2",
        "v1.ABC.1",
        "v2.abc.1",
        "v1.abc.１",
        "v1.a b.1",
        "x v1.abc.1",
        "v1.abc.1 x",
        "v1." + "a" * 65 + ".1",
        "V1.abc.1",
    ],
)
def test_it_reads_no_payload_but_ours(text: str) -> None:
    assert read_payload(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1", "1"),
        (" 2. ", "2"),
        ("(3)", "3"),
        ("[4]", "4"),
        ("#5", "5"),
        ("*6*", "6"),
        ("_7_", "7"),
        ("“8”", "8"),
        ("9!", "9"),
        ("1,", "1"),
        ("2:", "2"),
        ("\n\n3\n", "3"),
        ("1️⃣", "1"),
        ("２", "2"),
        ("③", "3"),
        ("٢", "2"),
        ("۳", "3"),
        ("\u200e1\u200f", "1"),
        ("1\u00a0", "1"),
        ("\ufeff2", "2"),
    ],
)
def test_a_digit_alone_is_a_press(text: str, code: str) -> None:
    assert digit(text) == code


@pytest.mark.parametrize(
    "text",
    [
        *["", " ", "0", "10", "1 2", "1/2", "½", "-1", "+1", "1?", "1 please", "no 1", "1.5", "1:30", "I", "l", "one"],
        *["1st", "👍", "1👍", "€1", "1" * 41, "1" + " " * 40, "1\n\nSent from my phone", "v1.abc.1", "²³"],
    ],
)
def test_a_digit_among_words_is_none(text: str) -> None:
    assert digit(text) == ""


@given(st.text(max_size=60))
def test_it_takes_any_text(text: str) -> None:
    assert digit(text) in {"", *"123456789"}
    read_payload(text)


@pytest.mark.parametrize("text", ["(" * 1_000_000, "v1." + "a" * 1_000_000, " " * 1_000_000 + "1"])
def test_it_never_hangs(text: str) -> None:
    began = time.process_time()
    assert digit(text) == ""
    assert read_payload(text) is None
    assert time.process_time() - began < 0.5
