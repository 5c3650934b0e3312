"""Reminders and questions back: further steps of a row. Nobody who answered is reminded, nobody gets a step twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.machine import Accepted
from server.domain.message import Message
from server.domain.reply import DeliveryEvent, InboundMessage, Interpretation
from server.domain.words import (
    CampaignState,
    DeliveryStatus,
    Flag,
    MessageState,
    Outcome,
    Problem,
    SuppressionReason,
)
from server.errors import Conflict, InvalidInput, TemporaryError
from server.flow import asking_back, campaigning, drafting, following, interpreting, planning, receiving
from server.flow.observing import TAKEN_OUT
from server.ports import Step
from tests.fakes import FakeChannel
from tests.flow.stage import PLAN, ScriptedInterpreter, Stage

S = MessageState
YES = Interpretation(Outcome.CONFIRMED, {"Availability": "Yes"}, "Yes", 0.97, Flag.SURE, "A plain yes.")
NO = Interpretation(Outcome.DECLINED, {"Availability": "No"}, "No", 0.97, Flag.SURE, "A plain no.")
ASKS = Interpretation(Outcome.QUESTION, reason="They ask something.")
VAGUE = Interpretation(Outcome.UNCLEAR, reason="It is not clear.")


@pytest.fixture
def sent(stage: Stage) -> Stage:
    """Everybody was written to, and nobody has answered."""
    stage.out()
    campaigning.advance(ledger=stage.ledger, campaign=stage.campaign)
    assert stage.campaign.state is CampaignState.DONE
    assert isinstance(stage.interpreter, ScriptedInterpreter)
    stage.interpreter.readings |= {"Yes": YES, "No": NO, "Where is it?": ASKS, "Hm": VAGUE}
    return stage


def remind(stage: Stage, *names: str, text: str = "") -> following.Reminders:
    keys = [stage.of(name).row_key for name in names] if names else None
    return following.remind(
        ledger=stage.ledger, clock=stage.clock, campaign=stage.campaign, keys=keys, who="Ana", text=text
    )


def drafted(stage: Stage, *names: str, text: str = "") -> None:
    """Reminders that wait to be approved."""
    remind(stage, *names, text=text)
    stage.write_drafts()
    campaigning.advance(ledger=stage.ledger, campaign=stage.campaign)
    stage.sync()


def go(stage: Stage) -> None:
    """Approve what waits, and send it."""
    stage.approve()
    if stage.campaign.state is not CampaignState.SENDING:
        stage.start()
    stage.send()
    campaigning.advance(ledger=stage.ledger, campaign=stage.campaign)
    stage.sync()


def ask(stage: Stage, name: str, text: str = "Do you mean the first start?") -> Message:
    return asking_back.ask_back(
        ledger=stage.ledger,
        sheet=stage.sheet,
        channel_of=stage.channel_of,
        clock=stage.clock,
        campaign=stage.campaign,
        message_id=stage.of(name).id,
        text=text,
        subject="",
        who="Ana",
    )


def steps(stage: Stage, name: str) -> list[Message]:
    return stage.ledger.messages.steps(stage.campaign_id, stage.of(name).row_key)


def got(stage: Stage, name: str) -> list[str]:
    address = steps(stage, name)[0].address
    return [one.text for one in stage.channel.arrived if one.address == address]


class TestReminders:
    """Who has not answered is written to again."""

    def test_it_reminds_who_has_not_answered_and_nobody_else(self, sent: Stage) -> None:
        sent.reply("Ben", "Yes")
        assert remind(sent).count == 2
        assert sent.states() == {S.CHOSEN: 2, S.SENT: 1}
        sent.write_drafts()
        campaigning.advance(ledger=sent.ledger, campaign=sent.campaign)
        assert sent.campaign.state is CampaignState.DRAFTED
        sent.sync()
        assert [sent.cell(name, "Status") for name in ("Ana", "Ben", "Cleo")] == ["Draft", "Confirmed", "Draft"]
        assert "This is a reminder." in sent.cell("Ana", "Message")
        assert PLAN.question in sent.cell("Ana", "Message")
        assert got(sent, "Ana") == [steps(sent, "Ana")[0].text]  # nothing leaves before somebody approved it
        go(sent)
        assert [len(got(sent, name)) for name in ("Ana", "Ben", "Cleo")] == [2, 1, 2]
        assert sent.campaign.state.value == "done"
        assert sent.cell("Ana", "Status") == "Sent"
        assert len({one.token for one in steps(sent, "Ana")}) == 2

    def test_a_persons_own_text_is_filled_for_each_row(self, sent: Stage) -> None:
        drafted(sent, "Cleo", text="{{Name}}, please answer by noon: it is at {{Start}}.")
        assert sent.cell("Cleo", "Message") == "Cleo, please answer by noon: it is at 09:50."
        assert sent.cell("Cleo", "Status") == "Draft"

    def test_a_text_is_drafted_again_from_the_same_words(self, sent: Stage) -> None:
        drafted(sent, "Cleo", text="{{Name}}, please answer.")
        sent.type("Cleo", "Status", "Redraft")
        sent.sync()
        sent.write_drafts()
        sent.sync()
        assert sent.cell("Cleo", "Message") == "Cleo, please answer."

    def test_it_refuses_a_text_that_no_row_can_fill(self, sent: Stage) -> None:
        with pytest.raises(InvalidInput, match="Room"):
            remind(sent, text="Come to {{Room}}.")
        assert not sent.states().get(S.CHOSEN)

    def test_reminders_that_a_budget_stopped_are_drafted_when_somebody_reminds_again(self, sent: Stage) -> None:
        assert remind(sent).count == 3
        drafting.halt(ledger=sent.ledger, campaign_id=sent.campaign_id, why="The budget is used up.")
        sent.write_drafts()
        assert {sent.of(name).state for name in ("Ana", "Ben", "Cleo")} == {S.CHOSEN}
        assert remind(sent).count == 0
        sent.write_drafts()
        assert {sent.of(name).state for name in ("Ana", "Ben", "Cleo")} == {S.DRAFTED}

    def test_a_second_reminder_is_a_step_of_its_own(self, sent: Stage) -> None:
        drafted(sent, "Ana")
        go(sent)
        drafted(sent, "Ana")
        go(sent)
        assert [one.step for one in steps(sent, "Ana")] == [0, 1, 2]
        assert len(got(sent, "Ana")) == 3
        sent.reply("Ana", "Yes")
        assert sent.cell("Ana", "Status") == "Confirmed"

    def test_who_was_reminded_today_is_reminded_again_only_by_name(self, sent: Stage) -> None:
        drafted(sent)
        go(sent)
        again = remind(sent)
        assert (again.count, again.left) == (0, {following.REMINDED: 3})
        assert remind(sent, "Ana").count == 1
        sent.clock.advance(days=1)
        assert remind(sent).count == 2

    def test_two_people_who_press_remind_at_once_make_one_reminder(self, sent: Stage) -> None:
        assert remind(sent).count == 3
        again = remind(sent)
        assert again.count == 0
        drafted(sent)
        go(sent)
        assert [len(got(sent, name)) for name in ("Ana", "Ben", "Cleo")] == [2, 2, 2]

    def test_a_row_that_was_asked_for_says_why_it_is_not_reminded(self, sent: Stage) -> None:
        sent.reply("Ben", "Yes")
        left = remind(sent, "Ben")
        assert (left.count, left.sentence) == (0, "1 left: This row has its answer.")
        sent.sync()
        assert sent.cell("Ben", "Note") == "No reminder: This row has its answer."

    def test_it_does_not_remind_who_may_not_be_written_to(self, sent: Stage) -> None:
        sent.ledger.suppressions.add("ana@example.org", None, SuppressionReason.MANUAL)
        sent.post(DeliveryEvent("b", DeliveryStatus.BOUNCED, token=sent.of("Ben").token))
        assert remind(sent).count == 1
        assert sent.of("Cleo").step == 1

    def test_who_opted_out_meanwhile_gets_no_reminder(self, sent: Stage) -> None:
        drafted(sent)
        sent.approve()
        interpreting.unsubscribe(ledger=sent.ledger, token=steps(sent, "Ana")[0].token)
        sent.start()
        sent.send()
        sent.sync()
        assert len(got(sent, "Ana")) == 1
        assert sent.cell("Ana", "Status") == "Opted out"

    def test_an_opt_out_that_comes_while_the_reminder_is_on_its_way_stands(self, sent: Stage) -> None:
        drafted(sent, "Ana")
        sent.approve()
        sent.start()
        claimed = sent.ledger.messages.claim_soon(sent.of("Ana").id, "w", sent.clock.now()).result()
        assert claimed is not None
        assert interpreting.unsubscribe(ledger=sent.ledger, token=steps(sent, "Ana")[0].token)
        assert sent.of("Ana").outcome is Outcome.OPT_OUT

    def test_nobody_is_reminded_in_a_campaign_that_was_cancelled(self, sent: Stage) -> None:
        drafted(sent)
        campaigning.cancel(ledger=sent.ledger, campaign=sent.campaign)
        sent.sync()
        assert sent.cell("Ana", "Status") == "Sent"
        assert sent.states() == {S.SENT: 3}
        with pytest.raises(Conflict, match="cancelled"):
            remind(sent)

    def test_killed_before_the_draft_it_goes_on(self, sent: Stage) -> None:
        sent.ledger.messages.follow([Step(sent.of("Ana").id, following.next_step(sent.of("Ana")), "reminder", "Ana")])
        assert sent.campaign.state is CampaignState.DONE
        assert [job for job, _ in sent.open_work() if job.endswith("draft_chunk")]
        sent.write_drafts()
        campaigning.advance(ledger=sent.ledger, campaign=sent.campaign)
        sent.sync()
        assert sent.cell("Ana", "Status") == "Draft"

    def test_a_row_that_was_sorted_meanwhile_gets_its_own_reminder(self, sent: Stage) -> None:
        remind(sent, text="{{Name}}, please answer.")
        sent.sheet.sort("Name", reverse=True)
        drafted(sent)
        go(sent)
        assert [got(sent, name)[1] for name in ("Ana", "Ben", "Cleo")] == [
            f"{name}, please answer." for name in ("Ana", "Ben", "Cleo")
        ]

    def test_an_address_that_was_changed_meanwhile_is_looked_at_first(self, sent: Stage) -> None:
        sent.type("Ana", "Email", "other@example.org")
        drafted(sent, "Ana", "Ben")
        assert [sent.cell(name, "Status") for name in ("Ana", "Ben")] == ["Check draft", "Draft"]
        assert "address has changed" in sent.cell("Ana", "Note")

    def test_a_row_that_was_deleted_meanwhile_gets_none(self, sent: Stage) -> None:
        drafted(sent, "Ana")
        sent.sheet.delete_row(sent.sheet.find("Name", "Ana"))
        sent.approve()
        sent.start()
        sent.send()
        assert len(got(sent, "Ana")) == 1

    def test_a_step_is_no_duplicate_of_its_row_and_another_row_still_is(self, make_stage: Callable[..., Stage]) -> None:
        people = [("Ana", "ana@example.org", "09:40")]
        stage = make_stage(people)
        stage.out()
        drafted(stage, "Ana")
        assert stage.of("Ana").problem is Problem.NONE
        stage.sheet.insert_row(1, {"Name": "Ana", "Email": "ana@example.org", "Start": "10:00"})
        planning.prepare(ledger=stage.ledger, sheet=stage.sheet, channel_of=stage.channel_of, campaign=stage.campaign)
        stage.write_drafts()
        assert [one.problem for one in stage.messages()] == [Problem.NONE, Problem.DUPLICATE]


class TestAnswers:
    """An answer belongs to its row, whichever step it came to."""

    @pytest.mark.parametrize("approved", [False, True])
    def test_who_answers_the_first_message_is_not_reminded(self, sent: Stage, approved: bool) -> None:
        drafted(sent)
        if approved:
            sent.approve()
        first = steps(sent, "Ana")[0]
        sent.post(InboundMessage("e", "ana@example.org", "Yes", token=first.token))
        assert sent.of("Ana").id == first.id
        assert [sent.cell("Ana", column) for column in ("Status", "Availability", "Reply")] == [
            "Confirmed",
            "Yes",
            "Yes",
        ]
        assert sent.cell("Ana", "Message") == first.text
        go(sent)
        assert [len(got(sent, name)) for name in ("Ana", "Ben", "Cleo")] == [1, 2, 2]

    @pytest.mark.parametrize("way", ["token", "thread", "sender"])
    def test_an_answer_after_the_reminder_shows_on_the_row(self, sent: Stage, way: str) -> None:
        drafted(sent, "Ana")
        go(sent)
        first = steps(sent, "Ana")[0]
        how = {"token": {"token": first.token}, "thread": {"in_reply_to": (first.provider_id,)}, "sender": {}}[way]
        sent.post(InboundMessage("e", "ana@example.org", "Yes", **how))  # type: ignore[arg-type]
        assert sent.cell("Ana", "Status") == "Confirmed"
        assert sent.of("Ana").step == 1

    def test_thread_and_token_of_two_steps_are_one_row(self, sent: Stage) -> None:
        drafted(sent, "Ana")
        go(sent)
        first, second = steps(sent, "Ana")
        sent.post(InboundMessage("e", "ana@example.org", "Yes", token=second.token, in_reply_to=(first.provider_id,)))
        assert sent.cell("Ana", "Status") == "Confirmed"

    def test_an_answer_waits_while_the_reminder_is_on_its_way(self, sent: Stage) -> None:
        drafted(sent, "Ana")
        sent.approve()
        sent.start()
        first = steps(sent, "Ana")[0]
        reminder = sent.of("Ana")
        assert sent.ledger.messages.claim_soon(reminder.id, "w", sent.clock.now()).result()
        with pytest.raises(TemporaryError):
            sent.post(InboundMessage("e", "ana@example.org", "Yes", token=first.token))
        sent.ledger.messages.move(reminder.id, Accepted("fake", "p2", sent.clock.now()))
        sent.receive_waiting()
        assert sent.of("Ana").state is S.SENT
        assert sent.cell("Ana", "Status") == "Confirmed"

    def test_a_reminder_of_which_nobody_knows_whether_it_went_is_no_doubt_of_who_answered(self, sent: Stage) -> None:
        drafted(sent, "Ana")
        sent.approve()
        sent.start()
        assert sent.ledger.messages.claim_soon(sent.of("Ana").id, "dead", sent.clock.now()).result()
        sent.send_chunk()
        assert sent.of("Ana").state is S.IN_DOUBT
        first = steps(sent, "Ana")[0]
        sent.post(InboundMessage("e", "ana@example.org", "Yes", token=first.token))
        assert sent.cell("Ana", "Status") == "Confirmed"
        assert len(got(sent, "Ana")) == 1
        second = steps(sent, "Ana")[1]
        sent.post(DeliveryEvent("d", DeliveryStatus.DELIVERED, token=second.token))  # it had gone after all
        assert sent.cell("Ana", "Status") == "Confirmed"

    def test_an_answer_that_is_not_read_yet_keeps_its_row_from_a_reminder(self, sent: Stage) -> None:
        first = sent.of("Ana")
        [stored] = receiving.store(
            ledger=sent.ledger,
            clock=sent.clock,
            provider="fake",
            events=[InboundMessage("e", "ana@example.org", "Yes", token=first.token)],
        )
        received = asyncio.run(
            receiving.receive(ledger=sent.ledger, clock=sent.clock, channel_of=sent.channel_of, event_id=stored)
        )
        assert remind(sent, "Ana").count == 0
        sent.interpret(received.reply_id)
        assert sent.of("Ana").outcome is Outcome.CONFIRMED

    def test_an_answer_that_was_matched_before_the_reminder_was_asked_for_undoes_it(self, sent: Stage) -> None:
        class Slow(ScriptedInterpreter):
            async def read(self, request):  # type: ignore[no-untyped-def]
                old = sent.of("Ana")  # somebody else's ledger did not see the reply yet
                sent.ledger.messages.follow([Step(old.id, following.next_step(old), "reminder")])
                return YES

        sent.interpreter = Slow()
        sent.reply("Ana", "Yes")
        assert sent.cell("Ana", "Status") == "Confirmed"
        assert not sent.states().get(S.CHOSEN)

    def test_a_report_of_the_first_message_changes_only_that(self, sent: Stage) -> None:
        drafted(sent, "Ana")
        sent.post(DeliveryEvent("d", DeliveryStatus.READ, token=steps(sent, "Ana")[0].token))
        assert steps(sent, "Ana")[0].delivery is DeliveryStatus.READ
        assert sent.cell("Ana", "Status") == "Draft"

    def test_a_complaint_about_the_first_message_stops_the_reminder(self, sent: Stage) -> None:
        drafted(sent, "Ana")
        sent.approve()
        sent.post(DeliveryEvent("d", DeliveryStatus.COMPLAINED, token=steps(sent, "Ana")[0].token))
        sent.start()
        sent.send()
        assert len(got(sent, "Ana")) == 1


class TestNoAnswer:
    """A row says that nobody answered, once the plan's time for it is over."""

    @pytest.fixture
    def waiting(self, make_stage: Callable[..., Stage]) -> Stage:
        stage = make_stage(plan=replace(PLAN, remind_after=3))
        stage.out()
        assert isinstance(stage.interpreter, ScriptedInterpreter)
        stage.interpreter.readings["Yes"] = YES
        return stage

    def wait(self, stage: Stage, **time: float) -> None:
        stage.clock.advance(timedelta(**time).total_seconds())
        stage.open_work()
        stage.sync()

    def test_it_says_so_when_the_time_is_over_and_not_before(self, waiting: Stage) -> None:
        waiting.reply("Ben", "Yes")
        self.wait(waiting, days=2.99)
        assert waiting.cell("Ana", "Status") == "Sent"
        self.wait(waiting, days=0.02)
        assert [waiting.cell(name, "Status") for name in ("Ana", "Ben", "Cleo")] == [
            "No answer",
            "Confirmed",
            "No answer",
        ]
        assert waiting.cell("Ana", "Note") == "No answer for 3 days. Type Remind into Status to draft a reminder."
        tally = {one.status: one.count for one in waiting.ledger.messages.tally(waiting.campaign_id)}
        assert {str(word): count for word, count in tally.items()} == {"Confirmed": 1, "No answer": 2}

    def test_an_answer_that_comes_afterwards_counts(self, waiting: Stage) -> None:
        self.wait(waiting, days=4)
        waiting.reply("Ana", "Yes")
        assert waiting.cell("Ana", "Status") == "Confirmed"
        self.wait(waiting, days=4)
        assert waiting.cell("Ana", "Status") == "Confirmed"

    def test_it_is_never_said_where_the_plan_does_not_wait(self, stage: Stage) -> None:
        stage.out()
        self.wait(stage, days=25)
        assert stage.cell("Ana", "Status") == "Sent"

    def test_remind_typed_into_the_sheet_drafts_a_reminder(self, waiting: Stage) -> None:
        self.wait(waiting, days=4)
        waiting.type("Ana", "Status", "remind")
        waiting.sync()
        waiting.write_drafts()
        waiting.sync()
        assert [waiting.cell(name, "Status") for name in ("Ana", "Ben")] == ["Draft", "No answer"]
        self.wait(waiting, days=4)
        assert waiting.cell("Ana", "Status") == "Draft"

    def test_the_time_begins_anew_with_each_reminder(self, waiting: Stage) -> None:
        self.wait(waiting, days=4)
        drafted(waiting, "Ana")
        go(waiting)
        self.wait(waiting, days=2)
        assert waiting.cell("Ana", "Status") == "Sent"
        self.wait(waiting, days=2)
        assert waiting.cell("Ana", "Status") == "No answer"


class TestTyped:
    """What people type into a row that is to be written to again."""

    def test_skip_takes_the_reminder_out_and_nothing_else(self, sent: Stage) -> None:
        drafted(sent, "Ana")
        sent.type("Ana", "Status", "Skip")
        sent.sync()
        assert sent.cell("Ana", "Status") == "Sent"
        assert sent.cell("Ana", "Message") == steps(sent, "Ana")[0].text
        go_again = remind(sent, "Ana")
        assert go_again.count == 1

    def test_remind_in_a_cancelled_campaign_is_answered_there_and_keeps_nothing_from_the_sheet(
        self, sent: Stage
    ) -> None:
        drafted(sent, "Ben")
        campaigning.cancel(ledger=sent.ledger, campaign=sent.campaign)
        sent.type("Ana", "Status", "Remind")
        sent.reply("Ben", "Yes")
        sent.sync()
        assert sent.cell("Ana", "Status") == "Sent"
        assert "cancelled" in sent.cell("Ana", "Note")
        assert sent.cell("Ben", "Status") == "Confirmed"
        assert len(steps(sent, "Ana")) == 1

    def test_undoing_remind_undoes_it(self, sent: Stage) -> None:
        drafted(sent, "Ana")
        sent.type("Ana", "Status", "Sent")
        sent.sync()
        assert sent.cell("Ana", "Status") == "Sent"
        assert steps(sent, "Ana")[1].note == TAKEN_OUT.format("Sent")

    def test_an_answer_typed_while_a_reminder_waits_settles_the_row(self, sent: Stage) -> None:
        drafted(sent, "Ana")
        sent.approve()
        sent.type("Ana", "Availability", "Yes")
        sent.sync()
        assert sent.cell("Ana", "Status") == "Confirmed"
        assert sent.of("Ana").settled_by
        go(sent)
        assert len(got(sent, "Ana")) == 1


class TestAskingBack:
    """Whose answer is not clear is asked, in a person's own words."""

    def test_it_sends_exactly_these_words_to_that_one_person(self, sent: Stage) -> None:
        sent.reply("Ana", "Hm")
        new = ask(sent, "Ana")
        assert new.state is S.APPROVED
        assert new.approval is not None
        assert new.approval.who == "Ana"
        assert sent.campaign.state is CampaignState.SENDING
        sent.send()
        sent.sync()
        assert got(sent, "Ana")[1:] == ["Do you mean the first start?"]
        assert len(sent.channel.arrived) == 4
        assert sent.channel.arrived[-1].thread == steps(sent, "Ana")[0].provider_id
        assert [sent.cell("Ana", column) for column in ("Status", "Reply", "Note")] == [
            "Sent",
            "Hm",
            "Asked back: it is their turn.",
        ]

    def test_the_next_answer_is_read_against_what_was_asked(self, sent: Stage) -> None:
        sent.reply("Ana", "Hm")
        ask(sent, "Ana")
        sent.send()
        sent.reply("Ana", "Yes")
        assert isinstance(sent.interpreter, ScriptedInterpreter)
        assert sent.interpreter.asked[-1].question == "Do you mean the first start?"
        assert [sent.cell("Ana", column) for column in ("Status", "Availability", "Note")] == [
            "Confirmed",
            "Yes",
            "A plain yes.",
        ]

    def test_an_earlier_sure_answer_stays_in_its_cell(self, sent: Stage) -> None:
        sent.reply("Ana", "Yes")
        sent.clock.advance(60)
        sent.reply("Ana", "Where is it?")
        assert sent.cell("Ana", "Status") == "Review"
        ask(sent, "Ana", "In the hall. Is that all right?")
        sent.send()
        sent.sync()
        assert [sent.cell("Ana", column) for column in ("Status", "Availability", "Flag")] == ["Sent", "Yes", ""]
        assert sent.cell("Ana", "Note") == "Asked back: the earlier answer stands until they answer."
        sent.clock.advance(60)
        sent.reply("Ana", "Where is it?")
        assert sent.cell("Ana", "Availability") == "Yes"
        sent.clock.advance(60)
        sent.reply("Ana", "No")  # another answer than before: a person looks
        assert sent.cell("Ana", "Status") == "Review"

    def test_who_settled_the_row_is_not_overruled(self, sent: Stage) -> None:
        sent.reply("Ana", "Hm")
        sent.type("Ana", "Availability", "Yes")
        sent.sync()
        with pytest.raises(Conflict, match="settled"):
            ask(sent, "Ana")

    def test_two_people_who_ask_at_once_ask_once(self, sent: Stage) -> None:
        sent.reply("Ana", "Hm")
        first = sent.of("Ana")
        ask(sent, "Ana")
        with pytest.raises(Conflict, match="again"):
            asking_back.ask_back(
                ledger=sent.ledger,
                sheet=sent.sheet,
                channel_of=sent.channel_of,
                clock=sent.clock,
                campaign=sent.campaign,
                message_id=first.id,
                text="And you?",
                subject="",
                who="Ben",
            )
        sent.send()
        assert len(got(sent, "Ana")) == 2

    def test_nobody_is_asked_whose_next_reply_was_clear(self, sent: Stage) -> None:
        sent.reply("Ana", "Hm")
        sent.clock.advance(60)
        sent.reply("Ana", "Yes")  # while a person still reads the first one
        with pytest.raises(Conflict, match="another reply"):
            ask(sent, "Ana")
        assert sent.cell("Ana", "Status") == "Confirmed"

    @pytest.mark.parametrize(
        ("text", "said"), [("  ", "Write"), ("Dear {{Nome}}, yes?", "still holds"), ("x" * 9000, "too long")]
    )
    def test_it_sends_no_text_that_must_not_leave(self, sent: Stage, text: str, said: str) -> None:
        sent.reply("Ana", "Hm")
        with pytest.raises(InvalidInput, match=said):
            ask(sent, "Ana", text)
        assert len(steps(sent, "Ana")) == 1

    def test_nobody_is_asked_who_did_not_answer_or_wants_no_more(self, sent: Stage) -> None:
        with pytest.raises(Conflict, match="no answer"):
            ask(sent, "Ana")
        sent.reply("Ben", "Hm")
        sent.ledger.suppressions.add("ben@example.org", None, SuppressionReason.OPT_OUT)
        with pytest.raises(Conflict, match="not to be written to"):
            ask(sent, "Ben")

    def test_an_address_that_was_changed_since_is_not_written_to(self, sent: Stage) -> None:
        sent.reply("Ana", "Hm")
        sent.type("Ana", "Email", "other@example.org")
        with pytest.raises(Conflict, match="address"):
            ask(sent, "Ana")

    def test_it_waits_where_others_would_leave_with_it(self, sent: Stage) -> None:
        sent.reply("Ana", "Hm")
        drafted(sent, "Ben", "Cleo")
        sent.approve()
        ask(sent, "Ana")
        sent.sync()
        assert sent.campaign.state is CampaignState.DRAFTED
        assert sent.cell("Ana", "Status") == "Approved"
        assert "when the campaign is sent" in sent.cell("Ana", "Note")
        sent.start()
        sent.send()
        assert [len(got(sent, name)) for name in ("Ana", "Ben", "Cleo")] == [2, 2, 2]

    def test_an_answer_that_comes_before_the_question_left_takes_it_back(self, sent: Stage) -> None:
        sent.reply("Ana", "Hm")
        first = sent.of("Ana")
        ask(sent, "Ana")
        sent.clock.advance(60)
        sent.post(InboundMessage("e", "ana@example.org", "Yes", token=first.token))
        sent.send()
        assert len(got(sent, "Ana")) == 1
        assert sent.cell("Ana", "Status") == "Confirmed"

    def test_it_goes_the_way_that_the_last_message_went(self, sent: Stage) -> None:
        other = FakeChannel(provider="other")
        sent.more = (other,)
        sent.post(InboundMessage("e", "ana@example.org", "Hm", token=sent.of("Ana").token), provider="other")
        assert sent.cell("Ana", "Status") == "Review"
        ask(sent, "Ana")
        sent.send()
        assert len(got(sent, "Ana")) == 2
        assert other.arrived == []
