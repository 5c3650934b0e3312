"""A plain reply to somebody who answered: the row keeps its answer, nothing leaves twice, later words count as ever."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from server.domain.machine import Delivery, Retried
from server.domain.message import Limits, Message
from server.domain.reply import Interpretation
from server.domain.words import CampaignState, DeliveryStatus, Flag, MessageState, Outcome, SuppressionReason
from server.errors import Conflict, InvalidInput, NotFound
from server.flow import campaigning, interpreting, replying
from tests.flow.stage import ScriptedInterpreter, Stage

S = MessageState
YES = Interpretation(Outcome.CONFIRMED, {"Availability": "Yes"}, "Yes", 0.97, Flag.SURE, "A plain yes.")
NO = Interpretation(Outcome.DECLINED, {"Availability": "No"}, "No", 0.97, Flag.SURE, "A plain no.")


@pytest.fixture
def sent(stage: Stage) -> Stage:
    """Everybody was written to, and nobody has answered."""
    stage.out()
    campaigning.advance(ledger=stage.ledger, campaign=stage.campaign)
    assert isinstance(stage.interpreter, ScriptedInterpreter)
    stage.interpreter.readings |= {"Yes": YES, "No": NO}
    return stage


def say(
    stage: Stage, name: str, text: str = "Great, see you.", *, heard: datetime | None = None, to: Message | None = None
) -> Message:
    message = to or stage.of(name)
    return replying.reply(
        ledger=stage.ledger,
        sheet=stage.sheet,
        channel_of=stage.channel_of,
        clock=stage.clock,
        campaign=stage.campaign,
        message_id=message.id,
        text=text,
        subject="",
        who="Kim",
        heard=heard,
    )


def out(stage: Stage) -> None:
    stage.send()
    campaigning.advance(ledger=stage.ledger, campaign=stage.campaign)
    stage.sync()


def shown(stage: Stage, name: str) -> list[str]:
    return [stage.cell(name, column) for column in ("Status", "Availability", "Flag", "Reply")]


def got(stage: Stage, name: str) -> list[str]:
    return [one.text for one in stage.channel.arrived if one.address == stage.of(name).address]


def test_behind_a_chosen_moment_it_waits_and_says_so(sent: Stage) -> None:
    sent.reply("Ana", "Yes")
    sent.ledger.messages.move(sent.of("Ben").id, Retried("Kim"))
    at = sent.clock.now() + timedelta(hours=3)
    sent.ledger.campaigns.save(replace(sent.campaign, scheduled_at=at))
    assert sent.ledger.campaigns.move(sent.campaign_id, CampaignState.SENDING, start_at=at)
    assert say(sent, "Ana").note == "This reply goes out with the others, at the time that was chosen for them."
    out(sent)
    assert len(got(sent, "Ana")) == 1
    sent.clock.advance(hours=3)
    out(sent)
    assert len(got(sent, "Ana")) == 2


def test_a_sure_answer_stays_as_it_is_and_the_reply_is_threaded(sent: Stage) -> None:
    sent.reply("Ana", "Yes")
    before = sent.of("Ana")
    say(sent, "Ana")
    sent.sync()
    assert sent.cell("Ana", "Status") == "Approved"
    out(sent)
    assert shown(sent, "Ana") == ["Confirmed", "Yes", "sure", "Yes"]
    assert got(sent, "Ana")[-1] == "Great, see you."
    assert len(got(sent, "Ana")) == 2
    assert sent.channel.arrived[-1].thread == before.provider_id
    assert sent.campaign.state is CampaignState.DONE
    approval = sent.of("Ana").approval
    assert approval is not None
    assert approval.who == "Kim"


def test_what_a_person_settled_stays_settled_whatever_comes_back(sent: Stage) -> None:
    sent.reply("Ana", "Hm")
    sent.type("Ana", "Availability", "Yes")
    sent.sync()
    say(sent, "Ana")
    out(sent)
    sent.clock.advance(60)
    sent.reply("Ana", "No")
    assert shown(sent, "Ana")[:2] == ["Confirmed", "Yes"]
    assert "please read it" in sent.cell("Ana", "Note")


@pytest.mark.parametrize(("later", "status"), [("Yes", "Confirmed"), ("No", "Review"), ("Hm", "Review")])
def test_a_later_word_is_held_against_the_answer_that_stands(sent: Stage, later: str, status: str) -> None:
    sent.reply("Ana", "Yes")
    say(sent, "Ana")
    out(sent)
    sent.clock.advance(60)
    sent.reply("Ana", later)
    assert sent.cell("Ana", "Status") == status
    assert sent.cell("Ana", "Availability") == ("" if later == "No" else "Yes")


def test_what_a_reply_asks_is_what_the_next_word_is_read_against(sent: Stage) -> None:
    sent.reply("Ana", "Yes")
    say(sent, "Ana", "Can you bring a chair?")
    out(sent)
    sent.clock.advance(60)
    sent.reply("Ana", "Of course")
    sent.reply("Ben", "Hm")
    assert isinstance(sent.interpreter, ScriptedInterpreter)
    assert [one.question for one in sent.interpreter.asked] == [
        "Can you come?",
        "Can you bring a chair?",
        "Can you come?",
    ]


def test_somebody_can_be_written_to_again_and_again_but_never_twice_by_one_press(sent: Stage) -> None:
    sent.reply("Ana", "Yes")
    first = sent.of("Ana")
    say(sent, "Ana", "One")
    with pytest.raises(Conflict, match="again"):
        say(sent, "Ana", "One", to=first)
    with pytest.raises(Conflict, match="under way"):
        say(sent, "Ana", "Two")  # the first one has not left
    out(sent)
    say(sent, "Ana", "Two")
    out(sent)
    assert got(sent, "Ana")[1:] == ["One", "Two"]
    assert [one.step for one in sent.ledger.messages.steps(sent.campaign_id, first.row_key)] == [0, 1, 2]


def test_a_reply_to_an_older_word_of_theirs_is_refused(sent: Stage) -> None:
    sent.reply("Ana", "Yes")
    known = sent.of("Ana").replied_at
    sent.clock.advance(60)
    sent.reply("Ana", "Yes")
    with pytest.raises(Conflict, match="just come"):
        say(sent, "Ana", heard=known)
    say(sent, "Ana", heard=sent.of("Ana").replied_at)


def test_a_decision_about_an_older_word_of_theirs_is_refused(sent: Stage) -> None:
    sent.reply("Ana", "Hm")
    known = sent.of("Ana")
    sent.clock.advance(60)
    sent.reply("Ana", "Hm, or not")
    decision = {"who": "Kim", "outcome": Outcome.CONFIRMED, "values": {"Availability": "Yes"}}
    with pytest.raises(Conflict, match="Another reply"):
        interpreting.settle(
            ledger=sent.ledger, campaign=sent.campaign, message_id=known.id, heard=known.replied_at, **decision
        )
    assert sent.cell("Ana", "Status") == "Review"
    now = sent.of("Ana").replied_at
    interpreting.settle(ledger=sent.ledger, campaign=sent.campaign, message_id=known.id, heard=now, **decision)
    assert sent.of("Ana").settled_by == "Kim"


def test_an_answer_that_comes_before_it_left_keeps_it_from_leaving(sent: Stage) -> None:
    sent.reply("Ana", "Yes")
    first = sent.of("Ana")
    say(sent, "Ana")
    sent.clock.advance(60)
    sent.reply("Ana", "No", token=first.token)
    out(sent)
    assert len(got(sent, "Ana")) == 1
    assert sent.of("Ana").id == first.id
    assert sent.cell("Ana", "Status") == "Review"


def test_an_unclear_answer_is_asked_about(sent: Stage) -> None:
    sent.reply("Ana", "Hm")
    say(sent, "Ana", "Do you mean yes?")
    out(sent)
    assert shown(sent, "Ana")[0] == "Sent"
    assert sent.cell("Ana", "Note") == "Asked back: it is their turn."


def test_a_bounce_of_the_reply_takes_nothing_back(sent: Stage) -> None:
    sent.reply("Ana", "Yes")
    say(sent, "Ana")
    out(sent)
    sent.ledger.messages.move(sent.of("Ana").id, Delivery(DeliveryStatus.BOUNCED, "Bounced."))
    sent.sync()
    assert shown(sent, "Ana")[:2] == ["Confirmed", "Yes"]


class TestRefusals:
    """Each is a sentence, and nothing leaves."""

    def test_nobody_without_an_answer(self, sent: Stage) -> None:
        with pytest.raises(Conflict, match="no answer to reply to"):
            say(sent, "Ana")

    def test_nobody_who_opted_out(self, sent: Stage) -> None:
        sent.reply("Ana", "Yes")
        sent.ledger.suppressions.add("ana@example.org", sent.plan.channel, SuppressionReason.OPT_OUT)
        with pytest.raises(Conflict, match="not to be written to again"):
            say(sent, "Ana")
        assert "not to be written" in replying.refusal(
            ledger=sent.ledger, campaign=sent.campaign, message=sent.of("Ana")
        )

    def test_nobody_whose_address_changed(self, sent: Stage) -> None:
        sent.reply("Ana", "Yes")
        sent.type("Ana", "Email", "other@example.org")
        with pytest.raises(Conflict):
            say(sent, "Ana")

    def test_nobody_outside_the_window(self, sent: Stage) -> None:
        sent.reply("Ana", "Yes")
        sent.channel.bears = replace(sent.channel.bears, window=86_400.0)
        sent.ledger.contacts.heard(sent.plan.channel, "", "ana@example.org", sent.clock.now())
        sent.clock.advance(days=2)
        with pytest.raises(InvalidInput, match="24-hour window"):
            say(sent, "Ana")
        sent.channel.bears = Limits()

    def test_nobody_of_another_campaign_or_a_cancelled_one(self, sent: Stage) -> None:
        sent.reply("Ana", "Yes")
        with pytest.raises(NotFound):
            say(sent, "Ana", to=replace(sent.of("Ana"), id="m_none"))
        over = replace(sent.campaign, state=CampaignState.CANCELLED)
        assert "cancelled" in replying.refusal(ledger=sent.ledger, campaign=over, message=sent.of("Ana"))

    @pytest.mark.parametrize("text", ["  ", "x" * 9000, "Dear {{Nome}}"])
    def test_no_text_that_must_not_leave(self, sent: Stage, text: str) -> None:
        sent.reply("Ana", "Yes")
        with pytest.raises(InvalidInput):
            say(sent, "Ana", text)
        assert len(got(sent, "Ana")) == 1


def test_a_draft_says_what_was_understood_and_nothing_is_sent_by_it(sent: Stage) -> None:
    sent.reply("Ana", "Yes")

    def draft(name: str) -> str:
        return asyncio.run(
            replying.draft_reply(
                ledger=sent.ledger,
                sheet=sent.sheet,
                channel_of=sent.channel_of,
                campaign=sent.campaign,
                message_id=sent.of(name).id,
                drafter=sent.drafter,
                today="2026-03-02",
            )
        ).text

    assert draft("Ana") == "Hello Ana,\n\nThank you for your answer.\n\nWe have noted: Availability: Yes."
    assert sent.of("Ana").step == 0
    sent.reply("Ben", "Hm")
    assert "Can you come?" in draft("Ben")
