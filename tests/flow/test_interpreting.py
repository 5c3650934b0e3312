"""What a reply says, by whichever reader: the campaign's threshold, the day in the sheet's zone, the question asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from server.domain.confidence import SURE_AT, Doubt
from server.domain.plan import AnswerColumn, Plan
from server.domain.quiet import Hours
from server.domain.reply import InboundMessage, Interpretation
from server.domain.usage import Made, Usage
from server.domain.words import AnswerKind, Flag, Outcome
from server.flow.interpreting import BELOW
from server.llm.offline import OfflineInterpreter
from server.ports import ReadRequest
from tests.flow.stage import PLAN, ScriptedInterpreter, Stage

MakeStage = Callable[..., Stage]
YES = Interpretation(Outcome.CONFIRMED, {"Availability": "Yes"}, "yes", 0.9, Flag.SURE, "Reads as a yes.")


def scripted(stage: Stage) -> ScriptedInterpreter:
    assert isinstance(stage.interpreter, ScriptedInterpreter)
    return stage.interpreter


def asked(stage: Stage) -> ReadRequest:
    return scripted(stage).asked[-1]


def sent(make: MakeStage, **more: object) -> Stage:
    stage = make()
    for name, value in more.items():
        setattr(stage, name, value)
    stage.out()
    return stage


# the threshold


@pytest.mark.parametrize(("sure_at", "flag"), [(None, "sure"), (0.9, "sure"), (0.91, "check"), (0.99, "check")])
def test_what_is_below_the_campaigns_threshold_is_looked_at_whoever_read_it(
    make_stage: MakeStage, sure_at: float | None, flag: str
) -> None:
    stage = sent(make_stage, sure_at=sure_at)
    scripted(stage).readings["yes"] = YES
    stage.reply("Ana", "yes")
    assert stage.cell("Ana", "Flag") == flag
    assert stage.cell("Ana", "Availability") == ("Yes" if flag == "sure" else "")
    assert (BELOW in stage.cell("Ana", "Note")) is (flag == "check")


@pytest.mark.parametrize(("sure_at", "flag"), [(SURE_AT, "sure"), (0.98, "check")])
def test_the_offline_reader_keeps_to_the_threshold_as_well(make_stage: MakeStage, sure_at: float, flag: str) -> None:
    stage = sent(make_stage, sure_at=sure_at, interpreter=OfflineInterpreter())
    stage.reply("Ana", "Yes, I'll be there")
    assert stage.cell("Ana", "Flag") == flag


def test_the_campaigns_own_threshold_counts_where_none_is_given(make_stage: MakeStage) -> None:
    stage = sent(make_stage)
    stage.ledger.campaigns.save(replace(stage.campaign, sure_at=0.95))
    scripted(stage).readings["yes"] = YES
    stage.reply("Ana", "yes")
    assert asked(stage).sure_at == 0.95
    assert stage.cell("Ana", "Flag") == "check"


def test_a_low_threshold_makes_nothing_sure_that_its_reader_doubts(make_stage: MakeStage) -> None:
    stage = sent(make_stage, sure_at=0.6, interpreter=OfflineInterpreter())
    stage.reply("Ana", "great")
    assert 0.6 < float(stage.cell("Ana", "Confidence")) < 0.8
    assert stage.cell("Ana", "Flag") == "check"


@pytest.mark.parametrize("text", ["STOP", "yes"])
def test_no_threshold_makes_certain_things_uncertain(make_stage: MakeStage, text: str) -> None:
    stage = sent(make_stage, sure_at=0.99)
    stage.reply("Ana", text, **({} if text == "STOP" else {"button": "Yes"}))
    assert stage.cell("Ana", "Flag") == "sure"


# the day, the question, what made it


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", "2026-05-01"), ("America/Los_Angeles", "2026-04-30"), ("Pacific/Auckland", "2026-05-01")]
)
def test_tomorrow_is_counted_from_the_day_at_the_sheet_when_the_reply_came(
    make_stage: MakeStage, zone: str, day: str
) -> None:
    stage = sent(make_stage, hours=Hours(zone=zone))
    stage.clock.at = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)
    stage.reply("Ana", "tomorrow")
    assert asked(stage).today == day


def test_a_reply_that_is_read_days_later_is_read_as_of_its_own_day(make_stage: MakeStage) -> None:
    column = AnswerColumn("Day", AnswerKind.DATE)
    stage = make_stage(plan=replace(PLAN, answer_columns=(column,), question="Which day suits you?"))
    stage.interpreter = Late(stage)
    stage.out()
    came = stage.clock.now().date()
    stage.reply("Ana", "Tomorrow")
    assert stage.of("Ana").values == {"Day": came.replace(day=came.day + 1).isoformat()}


class Late(OfflineInterpreter):
    """Reads three days after it was asked."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def read(self, request: ReadRequest) -> Interpretation:
        self._stage.clock.advance(3 * 86_400)
        return await super().read(request)


def test_a_step_that_asks_something_of_its_own_is_read_against_that(make_stage: MakeStage) -> None:
    stage = sent(make_stage)
    message = stage.of("Ana")
    assert message.question == ""
    stage.reply("Ana", "at noon")
    assert asked(stage).question == PLAN.question


def test_what_made_a_reading_stays_with_its_row(make_stage: MakeStage) -> None:
    stage = sent(make_stage)
    made = Made("read@0123456789ab", "some-model", Usage(900, 800, 40, 1))
    scripted(stage).readings["yes"] = replace(YES, made=made)
    reply_id = stage.reply("Ana", "yes")[0]
    kept = replace(made, plan=stage.campaign.plan.version)
    assert stage.of("Ana").read_by == kept
    reading = stage.ledger.inbox.reply(reply_id).interpretation
    assert reading is not None
    assert reading.made == kept


# whose it is


def again(stage: Stage, make_plan: Plan = PLAN) -> Stage:
    """Another campaign to the same people."""
    later = replace(stage, campaign_id="", seen="", plan=replace(make_plan, question="Will you bring a cake?"))
    later.sheet.name = "Cakes"
    stage.clock.advance(3_600)
    later.out()
    return later


def bare(stage: Stage, name: str, text: str) -> None:
    """A text message that says nothing but who sent it."""
    stage.post(InboundMessage(f"{name} {text}", stage.of(name).address, text))


def test_a_bare_yes_answers_the_newest_message_when_nothing_else_is_open(make_stage: MakeStage) -> None:
    first = sent(make_stage)
    scripted(first).readings["yes"] = YES
    first.reply("Ana", "yes")
    later = again(first)
    bare(later, "Ana", "yes")
    assert (later.of("Ana").outcome, later.of("Ana").flag) == (Outcome.CONFIRMED, Flag.SURE)


@pytest.mark.parametrize("case", ["a person still has to look", "only a machine answered"])
def test_a_bare_yes_is_looked_at_while_another_row_of_theirs_is_open(make_stage: MakeStage, case: str) -> None:
    first = sent(make_stage)
    scripted(first).readings["yes"] = YES
    headers = {} if case.startswith("a person") else {"auto-submitted": "auto-replied"}
    first.reply("Ana", "well, that depends", headers=headers)
    later = again(first)
    bare(later, "Ana", "yes")
    ana = later.of("Ana")
    assert (ana.flag, dict(ana.values)) == (Flag.CHECK, {"Availability": "Yes"})
    assert asked(later).several
    assert Doubt.SEVERAL_ROWS.value in ana.note


def test_what_a_person_has_settled_is_open_no_more(make_stage: MakeStage) -> None:
    first = sent(make_stage)
    scripted(first).readings["yes"] = YES
    first.reply("Ana", "well, that depends")
    first.type("Ana", "Availability", "No")
    first.sync()
    later = again(first)
    bare(later, "Ana", "yes")
    assert later.of("Ana").flag is Flag.SURE


def test_a_reply_in_its_thread_belongs_to_one_row_whatever_else_is_open(make_stage: MakeStage) -> None:
    first = sent(make_stage)
    scripted(first).readings["yes"] = YES
    first.reply("Ana", "well, that depends")
    later = again(first)
    later.reply("Ana", "yes")
    assert not asked(later).several
    assert later.of("Ana").flag is Flag.SURE
