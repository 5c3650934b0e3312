"""One text for all rows, offline: filled for a row it is what the row's own draft says."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from server.domain.words import ChannelName
from server.llm.offline import OfflineDrafter, OfflinePlanner
from server.ports import PlanRequest
from tests.llm.instructions import GIVES, LACKS, SHEETS
from tests.llm.sheet import table

ALL = [(kind, text) for kind, text, *_ in (*GIVES, *LACKS)]
CELLS = ("Ana Souza", "ana@example.org", "3 p.m.", "Hall 5!", "09:40", "12,50 €")


def rows(kind: str) -> list[dict[str, str]]:
    """A full row, one that ends in full stops, and one without a name and with spaces around its cells."""
    titles = SHEETS[kind]
    full = {title: "ana@example.org" if "mail" in title.lower() else f"x{at}" for at, title in enumerate(titles)}
    stopped = {title: CELLS[at % len(CELLS)] for at, title in enumerate(titles)}
    nameless = {title: f"  {shown} " for title, shown in full.items()} | {titles[0]: " "}
    return [full, stopped, nameless]


@pytest.mark.parametrize("channel", [ChannelName.EMAIL, ChannelName.SMS])
@pytest.mark.parametrize(("kind", "instruction"), ALL)
def test_filled_for_a_row_it_is_the_rows_own_draft(kind: str, instruction: str, channel: ChannelName) -> None:
    lines = [tuple(row.values()) for row in rows(kind)[:1]]
    request = PlanRequest(instruction, table(SHEETS[kind], *lines), ChannelName.OUTBOX)
    plan, drafter = OfflinePlanner().plan(request).with_channel(channel, ""), OfflineDrafter()
    one = asyncio.run(drafter.template(plan, instruction))
    for row in rows(kind):
        own = asyncio.run(drafter.draft(plan, instruction, row))
        if not one.text:
            assert (own.text, bool(own.doubt), bool(one.doubt)) == ("", True, True)
            continue
        filled = asyncio.run(drafter.draft(replace(plan, template=one.text, doubt=one.doubt), instruction, row))
        assert own.doubt or (filled.text, filled.subject, filled.doubt) == (own.text, own.subject, "")
        assert not one.doubt or one.doubt in filled.doubt


def test_a_fallback_in_the_instruction_stays_one() -> None:
    plan = OfflinePlanner().plan(PlanRequest("Tell each contestant that they are in {{Room|the hall}}", table()))
    made = asyncio.run(OfflineDrafter().template(plan, "Tell each contestant that they are in {{Room|the hall}}"))
    assert "{{Room|the hall}}" in made.text


def test_what_a_person_must_look_at_in_it_is_a_doubt_of_every_row() -> None:
    request = PlanRequest("", table(), template="Hi {{Contestant}}, your room is {{Room}}. Coming?")
    plan = replace(OfflinePlanner().plan(request), doubt="Look at “the hall”.")
    draft = asyncio.run(OfflineDrafter().draft(plan, "", {"Contestant": "Ana", "Room": "5"}))
    assert draft.doubt == "Look at “the hall”."
