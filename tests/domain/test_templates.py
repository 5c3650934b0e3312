"""Templates: placeholders are found, checked and filled; nothing unfilled leaves."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.templates import Unknown, check, leftovers, placeholders, render

TITLES = ("Name", "Start time", "Room")


@pytest.mark.parametrize(
    "text",
    [
        "{{Start time}}",
        "{{ Start time }}",
        "{Start time}",
        "{{start  TIME}}",
        "{{Start time|soon}}",
        "{{\u00a0Start time}}",
    ],
)
def test_it_accepts_the_ways_that_people_write_a_placeholder(text: str) -> None:
    assert check(text, TITLES) == ()
    assert render(f"At {text}.", {"Start time": "09:40"}).text == "At 09:40."


def test_it_lists_each_placeholder_once_in_order() -> None:
    assert placeholders("{{Room}} {{name}} {{ROOM}}") == ("Room", "name")


def test_it_suggests_the_title_that_was_meant() -> None:
    assert check("{{Strat time}} {{Horoscope}}", TITLES) == (
        Unknown("Strat time", "Start time"),
        Unknown("Horoscope", ""),
    )


def test_it_names_the_columns_whose_cells_were_empty() -> None:
    rendered = render("Hi {{name}}, room {{room}}", {"Name": " ", "Room": "5"})
    assert (rendered.text, rendered.empty) == ("Hi , room 5", ("Name",))


def test_it_uses_a_fallback_only_for_an_empty_cell() -> None:
    assert render("Hi {{Name|there}}", {"Name": ""}) == render("Hi there", {})
    assert render("Hi {{Name|there}}", {"Name": "Ana"}).text == "Hi Ana"
    assert render("Hi{{Name|}}", {"Name": ""}).empty == ()


def test_it_fills_a_cell_only_once_whatever_the_cell_holds() -> None:
    assert render("{{Name}}", {"Name": "{{Room}}", "Room": "5"}).text == "{{Room}}"


def test_it_leaves_an_unknown_placeholder_to_be_found() -> None:
    assert leftovers(render("Hi {{Nmae}}", {"Name": "Ana"}).text) == ("{{", "}}")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Dear [Name],", ("[Name]",)),
        ("Dear <<Room>>,", ("<<Room>>",)),
        ("at #REF! or #N/A", ("#REF!", "#N/A")),
        ("Hello undefined, NaN", ("undefined", "NaN")),
        ("Room NA, None, null", ("NA", "None", "null")),
        ("in {Room}", ("{Room}",)),
        ("######## o'clock", ("########",)),
    ],
)
def test_it_finds_what_must_never_leave(text: str, found: tuple[str, ...]) -> None:
    assert leftovers(text, TITLES) == found


@pytest.mark.parametrize(
    "text", ["None of us can come.", "Nana, Nulle, [sic], {ok}", "Bring a banana", "see #3 and 1 < 2"]
)
def test_it_leaves_plain_language_alone(text: str) -> None:
    assert leftovers(text, TITLES) == ()


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="{}[]<>|Na e\n«»#", max_size=300))
def test_it_takes_any_text(text: str) -> None:
    rendered = render(text, {"Na": "x"})
    check(text, ["Na"])
    leftovers(rendered.text, ["Na"])


@pytest.mark.parametrize("text", ["{" * 20_000, "{a " * 6_600, "[" * 20_000, "«a" * 10_000, "{{a|" * 5_000])
def test_it_never_hangs(text: str) -> None:
    start = time.process_time()
    render(text, {"a": "x"})
    check(text, ["a"])
    leftovers(text, ["a"])
    assert time.process_time() - start < 1


def test_an_answer_that_people_may_choose_is_no_broken_cell() -> None:
    asked = "Any allergies? Reply with Nuts, None or NA."
    assert leftovers(asked, (), ("Any allergies?", "Nuts", "None", "NA")) == ()
    assert leftovers(asked, (), ("Nuts", "None")) == ("NA",)
    assert leftovers("Hello #REF!", (), ("#REF!",)) == ("#REF!",)
