"""A plan in plain words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain.plan import Plan, Route, Settled, parse_answer_column
from server.domain.plan_words import words
from server.domain.words import ChannelName

PLAN = Plan(
    ChannelName.EMAIL,
    "smtp",
    "Email",
    "Name",
    ("Name", "Start time"),
    (parse_answer_column("Coming=Yes|No"), parse_answer_column("Guests=number")),
)


def test_it_says_to_whom_from_what_and_where_answers_go() -> None:
    assert words(PLAN) == (
        "Writes to “Email” by email, using Name and Start time. Answers go to Coming (Yes / No) and Guests (number)."
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"routes": (Route(ChannelName.SMS, "twilio", "Phone"),)},
            "to “Email” by email, else to “Phone” by SMS, using",
        ),
        ({"template": "Hi {{Name}}"}, "using Name and Start time; one text for all rows."),
        ({"tone": "warm and short"}, "The text is warm and short in tone."),
        ({"language": "de", "tone": "formal"}, "The text is in German, formal in tone."),
        ({"language": "ja"}, "The text is in the language “ja”."),
        ({"counts": "A yes or a no"}, "A yes or a no."),
        ({"remind_after": 1}, "After a day without an answer the row says No answer"),
        ({"remind_after": 14}, "After 14 days without an answer the row says No answer"),
        ({"settled": (Settled("shoe size"), Settled("fee"))}, "It leaves out “shoe size” and “fee”."),
        ({"settled": (Settled("size", "Kit"), Settled("fee"))}, "It takes “size” from “Kit” and leaves out “fee”."),
        ({"version": 4}, "Version 4 of the plan."),
        ({"answer_columns": ()}, "No answer is asked for."),
    ],
)
def test_it_says_what_a_person_changed(change: dict[str, object], said: str) -> None:
    assert said in words(replace(PLAN, **change))  # type: ignore[arg-type]


def test_an_instruction_is_told_with_the_columns_that_were_chosen() -> None:
    asked = "Mention their T-Shirt\n size and their fee, T-shirt size again"
    plan = replace(PLAN, settled=(Settled("T-shirt size", "Kit"), Settled("fee")))
    assert plan.told(asked) == "Mention their kit and their fee, T-shirt size again"
    assert replace(plan, language="de").told(asked).startswith("Mention their Kit and")
    assert replace(PLAN, settled=(Settled("fee", r"A\1 (x)"),)).told("the fee?") == r"the A\1 (x)?"
