"""Instructions offered for a sheet."""

from __future__ import annotations

import pytest

from server.web.examples import examples


def test_it_makes_instructions_from_the_columns() -> None:
    made = examples(["Name", "E-mail", "Start time", "Stage", "T-shirt"])
    assert made[0] == "Send each person their start time and ask them to confirm"
    assert "stage" in made[1]
    assert "t-shirt" in made[2]


@pytest.mark.parametrize("titles", [[], ["Name", "Email"], ["", "Row key", "Status", "Message"]])
def test_it_always_has_one(titles: list[str]) -> None:
    assert examples(titles) == ["Ask each person whether they can come, yes or no"]
