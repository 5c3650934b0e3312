"""Drafts written anew with a remark: whose, how, what stays, and one step back. With the offline model."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from server import redrafts
from server.domain.campaign import Campaign
from server.domain.machine import Approved, Edited
from server.domain.message import Approval, Message
from server.domain.words import CampaignState, MessageState
from server.errors import InvalidInput, PermanentError
from server.flow import campaigning, drafting, writing
from server.llm.offline import OfflineDrafter
from server.ports import Drafter
from tests.fakes import FakeSheet
from tests.web.conftest import StageServices

INSTRUCTION = "Send each person their time and ask them to confirm"


class Refusing(OfflineDrafter):
    """Knows what to write and is told that it may not."""

    async def draft(self, *_: object, **__: object) -> object:  # type: ignore[override]
        raise PermanentError("No.")


def work(services: StageServices, campaign: Campaign, drafter: Drafter | None = None) -> None:
    """What the workers do about drafts."""
    campaign = services.ledger.campaigns.get(campaign.id)
    for chunk in services.ledger.messages.chunks(campaign.id, [MessageState.CHOSEN]):
        asyncio.run(
            drafting.draft_chunk(
                ledger=services.ledger,
                sheet=services.open_sheet(campaign.workbook),
                channel_of=services.channel_for,
                clock=services.clock,
                drafter=drafter or OfflineDrafter(),
                campaign=campaign,
                chunk=chunk,
                owner="w_1",
                stopping=lambda: False,
            )
        )
    campaigning.advance(ledger=services.ledger, campaign=services.ledger.campaigns.get(campaign.id))


@pytest.fixture
def written(services: StageServices, planned: Campaign, sheet: FakeSheet) -> Campaign:
    """A campaign whose three drafts were written by the offline model, each by itself."""
    from server import drafts

    plan = replace(planned.plan, template="", question="Could you please confirm?")
    campaign = services.ledger.campaigns.save(replace(planned, plan=plan, instruction=INSTRUCTION))
    drafts.ask(services, sheet, campaign)
    work(services, campaign)
    return services.ledger.campaigns.get(campaign.id)


def of(services: StageServices, campaign: Campaign, person: str = "Ada") -> Message:
    return next(one for one in services.ledger.messages.of_campaign(campaign.id) if one.person == person)


def test_shorter_drops_what_may_go_and_keeps_the_facts(services: StageServices, written: Campaign) -> None:
    before = of(services, written)
    done = redrafts.ask(services, written.id, None, "  shorter ", "Kim")
    assert (done.count, done.one_text) == (3, False)
    waiting = of(services, written)
    assert (waiting.state, waiting.text) == (MessageState.CHOSEN, before.text), "the old one until the new one is there"
    assert services.ledger.campaigns.get(written.id).state is CampaignState.DRAFTING
    work(services, written)
    after = of(services, written)
    assert len(after.text) < len(before.text)
    assert "09:00" in after.text
    assert (after.remark, after.former.text, after.state) == ("shorter", before.text, MessageState.DRAFTED)


def test_what_a_person_does_while_it_is_asked_for_stays(
    services: StageServices, written: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model takes its time over the text for all: somebody edits one draft meanwhile, and approves another."""
    ada, ben = of(services, written), of(services, written, "Ben")
    go_on = drafting.go_on

    def meanwhile(**given: Any) -> Campaign:
        services.ledger.messages.move(ada.id, Edited("Hi Ada, 9 sharp!", "", "Ada's friend"))
        yes = Approval("Kim", services.clock.now(), "f")
        services.ledger.messages.move(ben.id, Approved(yes, ben.text, "", ben.address, ben.source, ben.identity))
        return go_on(**given)

    monkeypatch.setattr("server.flow.drafting.go_on", meanwhile)
    assert redrafts.ask(services, written.id, None, "shorter", "Kim").count == 1
    work(services, written)
    assert of(services, written).text == "Hi Ada, 9 sharp!"
    assert of(services, written, "Ben").state is MessageState.APPROVED


def test_one_step_back_leads_to_the_text_and_its_remarks_from_before(
    services: StageServices, written: Campaign
) -> None:
    before = of(services, written)
    done = redrafts.ask(services, written.id, None, "shorter", "Kim")
    work(services, written)
    alone = redrafts.ask(services, written.id, [of(services, written, "Ben").row_key], "more formal", "Kim")
    work(services, written)
    assert of(services, written, "Ben").text.startswith("Dear Ben,")
    assert redrafts.step_back(services, written.id, batch=done.batch) == 2, "Ben’s last redraft was another one"
    after = of(services, written)
    assert (after.text, after.remark, after.former.text) == (before.text, "", "")
    assert redrafts.step_back(services, written.id, batch=alone.batch) == 1
    assert of(services, written, "Ben").remark == "shorter"
    assert redrafts.step_back(services, written.id, [after.row_key]) == 0
    with pytest.raises(InvalidInput):
        redrafts.step_back(services, written.id)


def test_a_step_back_while_it_is_being_written_wins(services: StageServices, written: Campaign) -> None:
    before = of(services, written)
    redrafts.ask(services, written.id, None, "shorter", "Kim")
    assert redrafts.step_back(services, written.id, [before.row_key], who="Kim") == 1
    work(services, written)
    assert of(services, written).text == before.text


@pytest.mark.parametrize("remark", ["mention the parking", "in Klingon", "in Spanish if they like", "in Polish"])
def test_what_the_offline_model_cannot_do_is_refused_before_anything_changes(
    services: StageServices, written: Campaign, remark: str
) -> None:
    revision = services.ledger.messages.revision(written.id)
    with pytest.raises(InvalidInput) as refused:
        redrafts.ask(services, written.id, None, remark, "Kim")
    assert "OPENAI_API_KEY" in refused.value.sentence, "it says what to do instead"
    assert services.ledger.messages.revision(written.id) == revision


def test_a_language_is_written_where_a_column_says_so(
    services: StageServices, sheet: FakeSheet, written: Campaign
) -> None:
    ben = of(services, written, "Ben").text
    done = redrafts.ask(services, written.id, None, "in Spanish where the name is Ada", "Kim")
    assert (done.count, done.unmet, done.column, done.value) == (1, 2, "Name", "Ada")
    assert "“Name” does not show “Ada”" in done.sentence
    work(services, written)
    assert of(services, written).text.startswith("Hola, Ada:")
    assert "¿Podría confirmarlo?" in of(services, written).text
    assert of(services, written, "Ben").text == ben


def test_each_row_s_own_language(services: StageServices, sheet: FakeSheet, written: Campaign) -> None:
    sheet.type(0, "Number", "German")
    sheet.type(1, "Number", "fr")
    done = redrafts.ask(services, written.id, None, "in the language of the column Number", "Kim")
    assert (done.count, done.unmet) == (2, 1)
    work(services, written)
    assert of(services, written).text.startswith("Guten Tag Ada,")
    assert of(services, written, "Ben").text.startswith("Bonjour Ben,")
    assert of(services, written).remark == "in German"


def test_what_a_person_edited_or_approved_stays_and_is_said(services: StageServices, written: Campaign) -> None:
    ada, ben = of(services, written), of(services, written, "Ben")
    services.ledger.messages.move(ada.id, Edited("Mine.", "", "Kim"))
    yes = Approval("Kim", services.clock.now(), "f")
    services.ledger.messages.move(ben.id, Approved(yes, ben.text, "", ben.address, ben.source, ben.identity))
    done = redrafts.ask(services, written.id, [ada.row_key, ben.row_key], "shorter", "Kim")
    assert (done.count, done.edited, done.approved, done.batch) == (0, 1, 1, "")
    assert "1 that you edited stay as they are." in done.sentence
    assert of(services, written).text == "Mine."
    assert redrafts.ask(services, written.id, [ada.row_key], "shorter", "Kim", edited=True).count == 1
    assert redrafts.ask(services, written.id, [ben.row_key], "shorter", "Kim").count == 1, "named alone, it was meant"
    assert of(services, written, "Ben").approval is None


def test_a_text_that_could_not_be_written_leaves_the_old_one_and_says_so(
    services: StageServices, written: Campaign
) -> None:
    before = of(services, written)
    redrafts.ask(services, written.id, None, "shorter", "Kim")
    work(services, written, Refusing())  # type: ignore[arg-type]
    after = of(services, written)
    assert (after.text, after.note) == (before.text, "No.")


def test_an_edit_after_a_redraft_is_not_taken_back(services: StageServices, written: Campaign) -> None:
    redrafts.ask(services, written.id, None, "shorter", "Kim")
    work(services, written)
    ada = of(services, written)
    services.ledger.messages.move(ada.id, Edited("Mine.", "", "Kim"))
    assert redrafts.step_back(services, written.id, [ada.row_key]) == 0
    assert of(services, written).text == "Mine."


def test_the_cell_keeps_the_old_text_until_the_new_one_is_there(
    services: StageServices, sheet: FakeSheet, written: Campaign
) -> None:
    def sync() -> None:
        writing.sync(
            ledger=services.ledger,
            sheet=sheet,
            channel_of=services.channel_for,
            clock=services.clock,
            campaign_id=written.id,
            owner="w_1",
        )

    sync()
    before = sheet.shown(0, "Message")
    assert before == of(services, written).text
    redrafts.ask(services, written.id, None, "shorter", "Kim")
    sync()
    assert sheet.shown(0, "Message") == before
    work(services, written)
    sync()
    assert sheet.shown(0, "Message") == of(services, written).text != before


class TestOneText:
    """One text stands for all rows."""

    @pytest.fixture
    def one(self, services: StageServices, written: Campaign) -> Campaign:
        text = asyncio.run(OfflineDrafter().template(written.plan, INSTRUCTION)).text
        plan = replace(written.plan, template=text, own_subject=written.plan.subject)
        campaign = services.ledger.campaigns.save(replace(written, plan=plan))
        drafting.redraft(ledger=services.ledger, campaign=campaign, keys=None)
        work(services, campaign)
        return services.ledger.campaigns.get(campaign.id)

    def test_a_remark_changes_it_once_and_fills_it_again(self, services: StageServices, one: Campaign) -> None:
        before, text = of(services, one), one.plan.template
        done = redrafts.ask(services, one.id, None, "shorter and in Spanish", "Kim")
        assert (done.count, done.one_text) == (3, True)
        plan = services.ledger.campaigns.get(one.id).plan
        assert plan.template.startswith("Hola, {{Name}}:")
        assert (plan.language, plan.remark) == ("es", "shorter and in Spanish")
        work(services, one)
        assert of(services, one).text.startswith("Hola, Ada:")
        assert of(services, one).remark == ""
        assert redrafts.step_back(services, one.id, batch=done.batch) == 3
        back = services.ledger.campaigns.get(one.id).plan
        assert (back.template, back.language, back.remark, back.former) == (text, "en", "", ())
        assert of(services, one).text == before.text

    def test_a_condition_gives_those_rows_a_text_of_their_own(self, services: StageServices, one: Campaign) -> None:
        ben = of(services, one, "Ben").text
        done = redrafts.ask(services, one.id, None, "more formal where name is Ada", "Kim")
        assert (done.count, done.one_text) == (1, False)
        work(services, one)
        assert of(services, one).text.startswith("Dear Ada,")
        assert of(services, one, "Ben").text == ben
        assert services.ledger.campaigns.get(one.id).plan.template == one.plan.template

    def test_the_organiser_s_own_text_is_not_rewritten_offline(self, services: StageServices, one: Campaign) -> None:
        services.ledger.campaigns.save(replace(one, plan=replace(one.plan, template="Hi {{Name}}, {{Time}}!")))
        with pytest.raises(InvalidInput, match="your own words"):
            redrafts.ask(services, one.id, None, "shorter", "Kim")
