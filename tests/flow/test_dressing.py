"""Our columns get their look once they are there, and nothing of a campaign waits for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain.plan import AnswerColumn
from server.errors import SheetUnavailable
from server.flow import planning
from tests.flow.stage import PEOPLE, Stage


def prepared(stage: Stage) -> None:
    """Columns, keys and messages, as asking for drafts makes them."""
    planning.prepare(ledger=stage.ledger, sheet=stage.sheet, channel_of=stage.channel_of, campaign=stage.campaign)


def test_each_of_our_columns_gets_its_look_and_none_of_theirs(stage: Stage) -> None:
    stage.create()
    prepared(stage)
    ours = {*stage.campaign.columns.values(), "Row key"}
    assert set(stage.sheet.looks) == ours
    assert not ours & {"Name", "Email", "Start"}
    assert stage.sheet.looks["Availability"].choices == ("Yes", "No")


def test_it_is_given_once_so_that_what_somebody_takes_off_stays_off(stage: Stage) -> None:
    stage.create()
    prepared(stage)
    prepared(stage)
    assert stage.sheet.dressings == 1


def test_other_answers_in_the_plan_are_offered_from_then_on(stage: Stage) -> None:
    stage.create()
    prepared(stage)
    campaign = stage.campaign
    plan = replace(campaign.plan, answer_columns=(AnswerColumn("Availability", allowed=("Yes", "No", "Later")),))
    stage.ledger.campaigns.save(replace(campaign, plan=plan))
    prepared(stage)
    assert stage.sheet.dressings == 2
    assert stage.sheet.looks["Availability"].choices == ("Yes", "No", "Later")


def test_an_empty_column_that_the_organiser_made_for_the_answers_stays_as_they_made_it(stage: Stage) -> None:
    stage.sheet.insert_column(3, "Availability")
    stage.create()
    prepared(stage)
    assert stage.campaign.columns["Availability"] == "Availability"
    assert "Availability" not in stage.sheet.looks
    assert "Status" in stage.sheet.looks


def test_a_protected_sheet_is_written_to_without_colours_and_the_campaign_says_why(stage: Stage) -> None:
    stage.sheet.undressable = True
    stage.create()
    prepared(stage)
    assert "protected" in stage.campaign.undressed
    assert len(stage.ledger.messages.of_campaign(stage.campaign_id)) == len(PEOPLE)
    prepared(stage)
    assert stage.sheet.dressings == 0


def test_a_fault_of_ours_holds_up_nothing_and_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(_: object) -> None:
        raise KeyError("dxfs")

    monkeypatch.setattr(stage.sheet, "dress", stumble)
    stage.create()
    prepared(stage)
    assert len(stage.ledger.messages.of_campaign(stage.campaign_id)) == len(PEOPLE)
    assert stage.campaign.undressed == "A fault in Cellback, told in its log."
    assert "stay without colours: KeyError" in caplog.text


def test_what_can_not_be_done_now_is_done_the_next_time(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise SheetUnavailable("It is open.")

    stage.create()
    with monkeypatch.context() as patch:
        patch.setattr(stage.sheet, "dress", refuse)
        prepared(stage)
        assert stage.campaign.undressed == "It is open."
    prepared(stage)
    assert stage.sheet.dressings == 1
    assert stage.campaign.undressed == ""
