"""The picture of the state machines in docs/ is what the code does."""

from __future__ import annotations

from pathlib import Path

from server.domain.machine import MOVES, Noted
from server.domain.picture import document, events

PAGE = Path(__file__).parents[2] / "docs" / "states.md"


def test_the_page_is_what_the_code_gives() -> None:
    told = "docs/states.md is stale: python -m server.domain.picture > docs/states.md"
    assert PAGE.read_text(encoding="utf-8") == document(), told


def test_every_event_is_in_the_picture() -> None:
    assert {type(event) for event in events()} == set(MOVES) - {Noted}


def test_nothing_leads_from_a_possible_send_back_to_sending() -> None:
    for state in ("sent", "in_doubt"):
        assert f"    {state} --> approved" not in document()
        assert f"    {state} --> sending" not in document()
