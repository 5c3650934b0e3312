"""Templates that a provider has approved: each slot gets its column's value, or the row is told why not."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.message import Choice, FilledTemplate
from server.domain.provider_templates import (
    LONGEST,
    ProviderTemplate,
    body_faults,
    faults,
    fill,
    pressable,
    row_faults,
    shown,
    slots,
    suggest,
)

BODY = "Hi {{1}}, you start at {{2}}. Does that suit you, {{1}}?"
START = ProviderTemplate("start_time", "en_GB", BODY, {"1": "Name", "2": "Start time"}, ("Yes", "No"))
ANA = {"Name": "Ana", "Start time": "10:20", "Secret": "never"}


def test_it_fills_each_slot_from_its_column() -> None:
    filled = fill(START, ANA)
    assert filled == FilledTemplate("start_time", "en_GB", {"1": "Ana", "2": "10:20"})
    assert shown(BODY, filled.variables) == "Hi Ana, you start at 10:20. Does that suit you, Ana?"


def test_it_takes_named_slots() -> None:
    named = ProviderTemplate("start", "de", "Hallo {{name}}, Start {{start_time}} Uhr.", {"name": "Name"})
    columns = {**named.columns, "start_time": "start  TIME"}
    assert fill(replace(named, columns=columns), ANA).variables == {"name": "Ana", "start_time": "10:20"}


def test_it_fills_only_once_whatever_a_cell_holds() -> None:
    filled = fill(START, {"Name": "{{2}}", "Start time": "{{1}}"})
    assert shown(BODY, filled.variables) == "Hi {{2}}, you start at {{1}}. Does that suit you, {{2}}?"


def test_it_orders_numbered_slots_by_number() -> None:
    assert slots("{{10}} a {{2}} b {{1}} c {{2}}") == ("1", "2", "10")
    assert slots("{{when}} a {{ name }} b {{when}}") == ("when", "name")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("", "“Name” is empty"),
        ("  ", "“Name” is empty"),
        ("Ana\nLópez", "more than one line"),
        ("Ana\r\nLópez", "more than one line"),
        ("Ana\u2028López", "more than one line"),
        ("Ana\tLópez", "a tab"),
        ("Ana     López", "more than four spaces"),
        ("x" * LONGEST, "WhatsApp takes 1024"),
    ],
)
def test_it_says_why_a_row_can_not_be_sent(value: str, says: str) -> None:
    [fault] = row_faults(START, {**ANA, "Name": value})
    assert says in fault
    assert fault.endswith(".")
    with pytest.raises(ValueError, match=re.escape(fault)):
        fill(START, {**ANA, "Name": value})


def test_four_spaces_and_white_space_at_the_ends_are_allowed() -> None:
    assert fill(START, {**ANA, "Name": "\n Ana    López \t"}).variables["1"] == "Ana    López"


def test_it_names_a_slot_without_column_and_a_column_that_is_gone() -> None:
    assert row_faults(replace(START, columns={"1": "Name"}), ANA) == (
        "No column is chosen for the template's variable {{2}}.",
    )
    [gone] = row_faults(START, {"Name": "Ana"})
    assert "no column “Start time”" in gone


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", "has no text"),
        ("{{1}}, hello.", "starts or ends with a variable"),
        ("Hello {{1}}", "starts or ends with a variable"),
        ("Hello {{1}} \n", "starts or ends with a variable"),
        ("Hello {{1}}{{2}}.", "follow each other"),
        ("Hello {{1}} {{2}}.", "follow each other"),
        ("Hello {{1}}, {{3}}.", "without a gap"),
        ("Hello {{2}}.", "without a gap"),
        ("Hello {{1}} and {{name}}.", "mixes numbered and named"),
        ("Hello {{start time}}.", "braces that are no variable"),
        ("Hello {{1}.", "braces that are no variable"),
        ("x" * (LONGEST + 1), "1025 characters"),
    ],
)
def test_it_tells_what_whatsapp_would_not_approve(body: str, says: str) -> None:
    [fault] = body_faults(body)
    assert says in fault


@pytest.mark.parametrize("body", [BODY, "No variable at all.", "Hi {{name}}: {{what}}, {{name}}!", "x" * LONGEST])
def test_it_finds_nothing_wrong_with_a_good_body(body: str) -> None:
    assert body_faults(body) == ()


def test_it_tells_when_choosing_which_column_is_not_there_and_which_was_meant() -> None:
    assert faults(START, ANA) == ()
    [missing] = faults(START, ["Name", "Strat time"])
    assert "“Start time”" in missing
    assert "Is “Strat time” meant?" in missing
    [unmapped] = faults(replace(START, columns={"2": "Start time", "1": " "}), ANA)
    assert "{{1}}" in unmapped


def test_it_suggests_columns_by_their_names() -> None:
    assert suggest("{{start_time}} {{nmae}} {{horoscope}} {{1}}", ANA) == {
        "start_time": "Start time",
        "nmae": "Name",
        "horoscope": "",
        "1": "",
    }


YES, NO = Choice("1", "Yes"), Choice("2", "No")


def test_a_button_means_what_it_says_and_not_where_it_stands() -> None:
    """The template may have No before Yes: by its place, each person's answer would be written as the opposite."""
    assert pressable(replace(START, buttons=("No", " yes ")), (YES, NO)) == (NO, YES)


def test_a_button_that_is_no_answer_keeps_its_place() -> None:
    assert pressable(replace(START, buttons=("", "Yes", "Other", "No")), (YES, NO)) == (
        Choice("", ""),
        YES,
        Choice("", "Other"),
        NO,
    )


VALUES = st.text(alphabet="ab {}1\n\t", max_size=30)


@given(st.lists(st.sampled_from(["{{1}}", "{{2}}", "{{x}}", " ", "a", "{{", "}}"]), max_size=12), VALUES, VALUES)
def test_whatever_is_filled_is_what_whatsapp_takes(parts: list[str], one: str, two: str) -> None:
    template = ProviderTemplate("t", body="".join(parts), columns={"1": "One", "2": "Two", "x": "One"})
    record = {"One": one, "Two": two}
    if found := row_faults(template, record):
        assert all(fault.endswith(".") for fault in found)
        return
    filled = fill(template, record)
    assert tuple(filled.variables) == slots(template.body)
    for value in filled.variables.values():
        assert value
        assert value in (one.strip(), two.strip())
        assert not re.search(r"[\n\t]| {5,}", value)
        assert value in shown(template.body, filled.variables)


@settings(max_examples=50)
@given(st.text(alphabet="{} 12ax_\n", max_size=200))
def test_it_takes_any_body(body: str) -> None:
    template = ProviderTemplate("t", body=body, columns=suggest(body, ["a", "x"]))
    body_faults(body)
    faults(template, ["a", "x"])
    row_faults(template, {"a": "1", "x": "2"})
    assert shown(body, {slot: f"{{{{{slot}}}}}" for slot in slots(body)}).replace(" ", "") == body.replace(" ", "")


@pytest.mark.parametrize("body", ["{" * 20_000, "{{ " * 9_000, "{{1}}" * 9_000, "{{" + " " * 20_000, "{{a" * 9_000])
def test_it_never_hangs(body: str) -> None:
    began = time.process_time()
    body_faults(body)
    suggest(body, ["a"])
    assert time.process_time() - began < 1
