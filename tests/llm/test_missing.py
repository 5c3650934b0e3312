"""What an instruction asks for that no column holds: asked about before drafting, and never asked about for nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from server.domain.plan import Plan, Settled
from server.domain.words import ChannelName
from server.llm.offline import OfflineDrafter, OfflinePlanner
from server.ports import PlanRequest
from tests.llm.instructions import GIVES, LACKS, MISSED, SHEETS
from tests.llm.sheet import table


def cells(kind: str) -> tuple[str, ...]:
    """A row of that sheet."""
    mails, phones = {"Courriel", "Correo"}, {"Phone", "Mobile"}
    return tuple(
        "ana@example.org"
        if "mail" in title.lower() or title in mails
        else "+44 7700 900123"
        if title in phones
        else "Ana Souza"
        if at == 0
        else f"x{at}"
        for at, title in enumerate(SHEETS[kind])
    )


def plan(kind: str, instruction: str) -> Plan:
    request = PlanRequest(instruction, table(SHEETS[kind], cells(kind)), ChannelName.OUTBOX)
    return OfflinePlanner().plan(request)


def test_there_are_enough_to_tell() -> None:
    assert len(GIVES) >= 60
    assert len(LACKS) >= 50
    assert len(MISSED) / (len(LACKS) + len(MISSED)) < 0.1


@pytest.mark.parametrize(("kind", "instruction"), GIVES)
def test_it_does_not_ask_about_what_the_sheet_can_give(kind: str, instruction: str) -> None:
    assert plan(kind, instruction).missing == ()


@pytest.mark.parametrize(("kind", "instruction", "words"), LACKS)
def test_it_names_what_no_column_holds_in_the_instructions_words(
    kind: str, instruction: str, words: tuple[str, ...]
) -> None:
    assert plan(kind, instruction).missing == words
    assert all(each in instruction for each in words)


def test_a_template_asks_for_nothing_that_is_not_there() -> None:
    request = PlanRequest("", table(), template="Hello {{Contestant}}, your T-shirt size is known. Are you coming?")
    assert OfflinePlanner().plan(request).missing == ()


@pytest.mark.parametrize(
    ("kind", "instruction", "words"), [one for one in LACKS if one[0] not in {"verein", "club", "torneo"}]
)
def test_what_is_left_out_is_no_doubt_of_any_draft(kind: str, instruction: str, words: tuple[str, ...]) -> None:
    made = plan(kind, instruction)
    made = replace(made, missing=(), settled=tuple(Settled(each) for each in words))
    draft = asyncio.run(OfflineDrafter().draft(made, instruction, dict(zip(SHEETS[kind], cells(kind), strict=True))))
    assert not any(f"“{each}”" in draft.doubt for each in words)
    assert not any(each in draft.text for each in words)


def test_a_column_that_a_person_chose_is_told_in_its_place() -> None:
    instruction = "Send each guest their table and mention their T-shirt size"
    made = plan("wedding", instruction)
    made = replace(
        made, missing=(), settled=(Settled("T-shirt size", "Diet"),), read_columns=(*made.read_columns, "Diet")
    )
    draft = asyncio.run(
        OfflineDrafter().draft(made, instruction, dict(zip(SHEETS["wedding"], cells("wedding"), strict=True)))
    )
    assert "Your diet is x3." in draft.text
    assert draft.doubt == ""
