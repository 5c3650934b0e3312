"""Every draft is held against its row, whoever wrote it; what the organiser or the row says is never doubted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from server.domain.machine import Edited
from server.domain.message import Message
from server.domain.plan import Plan
from server.domain.usage import Made, Usage
from server.domain.words import CampaignState, MessageState, Problem
from server.flow import drafting, planning
from server.llm.offline import OfflineDrafter
from server.ports import DraftText
from tests.flow import ways
from tests.flow.stage import PLAN, TEMPLATE, Stage
from tests.flow.ways import MakeWays, make_ways

__all__ = ["make_ways"]

WRITTEN = replace(PLAN, template="", read_columns=("Name", "Start"))
GOOD = "Hello Ana,\n\nyou start at 9:40 AM. Can you come?"
MADE = Made("draft@1", "m-1", Usage(100, 0, 20, 1))


@dataclass
class Says:
    """Writes the same text for every row, or what the row's name is given."""

    text: str = GOOD
    subject: str = ""
    of: Mapping[str, str] | None = None

    async def draft(self, plan: Plan, instruction: str, record: Mapping[str, str]) -> DraftText:
        del plan, instruction
        text = self.text if self.of is None else self.of[record["Name"]]
        return DraftText(text, self.subject, made=MADE)


Draft = Callable[..., Message]


def work(stage: Stage, drafter: Any) -> None:
    asyncio.run(
        drafting.draft_chunk(
            ledger=stage.ledger,
            sheet=stage.sheet,
            channel_of=stage.channel_of,
            clock=stage.clock,
            drafter=drafter,
            campaign=stage.campaign,
            chunk=0,
            owner="w_1",
            stopping=lambda: False,
        )
    )


def prepare(stage: Stage, instruction: str = "") -> None:
    campaign = stage.create()
    if instruction:
        stage.ledger.campaigns.save(replace(campaign, instruction=instruction))
    planning.prepare(ledger=stage.ledger, sheet=stage.sheet, channel_of=stage.channel_of, campaign=stage.campaign)
    stage.ledger.campaigns.move(stage.campaign_id, CampaignState.DRAFTING)


@pytest.fixture
def drafted(make_stage: Callable[..., Stage]) -> Draft:
    """Ana's message, after that drafter wrote to everybody under that plan."""

    def draft(drafter: Any = None, *, plan: Plan = WRITTEN, instruction: str = "", **cells: str) -> Message:
        stage = make_stage(plan=plan)
        for column, shown in cells.items():
            stage.type("Ana", column, shown)
        prepare(stage, instruction)
        work(stage, drafter or Says())
        return next(one for one in stage.messages() if one.address == "ana@example.org" or one.person == "Ana")

    return draft


def test_a_text_that_says_what_its_row_says_is_a_draft_and_knows_what_made_it(drafted: Draft) -> None:
    message = drafted(Says(subject="Your Start Time"), plan=replace(WRITTEN, version=4))
    assert (message.problem, message.note) == (Problem.NONE, "")
    assert message.drafted_by == replace(MADE, plan=4)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (GOOD.replace("9:40", "9:45"), "“9:45 AM”"),
        (GOOD + " The fee is 50 EUR.", "“50”"),
        (GOOD + " See https://evil.example/pay", "“https://evil.example/pay”"),
        (GOOD + " Write to pay@evil.example", "“pay@evil.example”"),
        (GOOD + " See you on 3 May 2027.", "“3 May 2027”"),
        (GOOD.replace("Ana", "Ben"), "“Ben”"),
        (GOOD.replace("Ana", "Benedikt"), "“Benedikt”"),
        ("Ben, you start at 9:40.", "“Ben”"),
        ("Hallo Ben,\n\nnach Cleo bist du dran.", "“Ben” and “Cleo”"),
        ("Hi B\u200ben, you start at 9:40.", "“Ben”"),
        ("Hi Ana, you start at 9:4\u20605.", "“9:45”"),
        (GOOD + " {{Room}}", "{{"),
        (GOOD + " [Name]", "“[Name]”"),
        (GOOD + " Room: undefined", "“undefined”"),
        (GOOD + " Room: #REF!", "“#REF!”"),
        (GOOD + " Room: NA", "“NA”"),
        ("", "There is no text"),
        (" \n ", "There is no text"),
        ("Hi Ana. " + "Please come. " * 4000, "characters"),
        (GOOD + " \u202e0000", "turns letters round"),
    ],
)
def test_what_rests_on_nothing_is_named_and_looked_at(drafted: Draft, text: str, word: str) -> None:
    message = drafted(Says(text))
    assert message.problem is Problem.CHECK
    assert word in message.note


@pytest.mark.parametrize(("subject", "word"), [("Your slot at 11:15", "“11:15”"), ("Your Time, Ben", "“Ben”")])
def test_an_invented_subject_is_named_too(drafted: Draft, subject: str, word: str) -> None:
    assert word in drafted(Says(subject=subject)).note


def test_what_is_not_a_column_of_the_plan_gives_nothing(drafted: Draft) -> None:
    message = drafted(Says("Hello Ana, you start at 9:40."), plan=replace(WRITTEN, read_columns=("Name",)))
    assert "“9:40”" in message.note


def test_the_organisers_own_words_are_never_doubted(drafted: Draft) -> None:
    plan = replace(WRITTEN, question="Will you join Maria at 18:30?", tone="like Asterix")
    text = "Hello Ana, you start at 9:40; the fee is €20, see race.example.org. Maria waits at 6:30 PM. Like Asterix!"
    said = "Send each their start. The fee is 20 EUR, everything is on https://race.example.org"
    assert drafted(Says(text), plan=plan, instruction=said).note == ""


def test_the_persons_own_address_may_be_said(drafted: Draft) -> None:
    assert drafted(Says("Hello Ana, we write to ana@example.org.")).note == ""


@pytest.mark.parametrize(
    "template",
    [
        TEMPLATE,
        "Hi {{Name}}, code {{Start}}{{Name}}7, see https://x.example/{{Start}}?who={{Name}}",
        "{{Name}}: ask Cleo, 50 EUR, at noon on 3 May; {{Start}}.{{Start}}",
    ],
)
def test_a_template_filled_from_its_row_is_never_doubted(drafted: Draft, template: str) -> None:
    assert drafted(OfflineDrafter(), plan=replace(PLAN, template=template, subject="For {{Name}}7")).note == ""


def test_a_broken_cell_in_a_template_is_named(drafted: Draft) -> None:
    message = drafted(OfflineDrafter(), plan=PLAN, Start="#REF!")
    assert message.problem is Problem.CHECK
    assert "#REF!" in message.note


def test_a_template_filled_from_another_row_is_noticed(drafted: Draft) -> None:
    message = drafted(Says("Hello Ben, you start at 09:45. Can you come?"), plan=PLAN)
    assert "“Ben” and “09:45”" in message.note


def test_the_offline_drafters_own_texts_are_never_doubted(drafted: Draft) -> None:
    said = "Send each their start time and ask them to confirm"
    assert drafted(OfflineDrafter(), instruction=said).note == ""


def test_digits_that_a_text_gives_for_answers_are_known(drafted: Draft) -> None:
    assert drafted(Says("Hello Ana, can you come? Reply 1 for Yes, 2 for No.")).note == ""


def test_digits_that_we_add_are_ours(make_ways: MakeWays) -> None:
    stage = make_ways(replace(ways.PLAN, template=""), ways.PEOPLE[:1])
    prepare(stage)
    work(stage, Says())
    assert stage.of("Ana").text.endswith("Reply 1 for Yes, 2 for No.")
    assert stage.of("Ana").note == ""


def test_the_providers_template_is_not_doubted(make_ways: MakeWays) -> None:
    body = replace(ways.TEMPLATE, body="Hello {{1}}, ask Maria at 17:00 about {{2}}.")
    stage = make_ways(replace(ways.ON_WHATSAPP, template="", whatsapp_template=body), ways.PEOPLE[:1])
    prepare(stage)
    work(stage, Says("never asked"))
    assert stage.of("Ana").text == "Hello Ana, ask Maria at 17:00 about 09:40."
    assert stage.of("Ana").note == ""


def test_a_persons_own_text_is_theirs(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(plan=WRITTEN)
    prepare(stage)
    work(stage, Says())
    ana = stage.of("Ana")
    stage.ledger.messages.move(ana.id, Edited("Ask Maria at 17:00", "", "Kim"))
    stage.approve([ana.row_key])
    assert (stage.of("Ana").state, stage.of("Ana").text) == (MessageState.APPROVED, "Ask Maria at 17:00")


def test_a_text_is_kept_as_a_cell_can_show_it(drafted: Draft) -> None:
    message = drafted(Says("Hello Ana,\r\nyou start\x00 at\x07 9:40.\ud800"))
    assert (message.text, message.note) == ("Hello Ana,\nyou start at 9:40.", "")


@pytest.mark.parametrize(
    "cell", ["=HYPERLINK(A1)", "+1+1", "\u200fAna\u200e", "שרה כהן", "x" * 200_000, "a.b" * 60_000]
)
def test_odd_cells_are_borne(drafted: Draft, cell: str) -> None:
    message = drafted(OfflineDrafter(), plan=PLAN, Start=cell)
    assert message.text == TEMPLATE.replace("{{Name}}", "Ana").replace("{{Start}}", cell)
    assert message.note == ""


def test_a_drafter_that_mixes_rows_up_is_caught_at_each_of_them(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(plan=WRITTEN)
    prepare(stage)
    mixed = {"Ana": "Hi Ben, 9:45?", "Ben": "Hi Cleo, 9:50?", "Cleo": "Hi Ana, 9:40?"}
    work(stage, Says(of=mixed))
    assert {one.problem for one in stage.messages()} == {Problem.CHECK}
