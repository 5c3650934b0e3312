"""The loop as a whole: what is drafted, approved, sent, answered and written."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from server.domain.machine import Accepted
from server.domain.quiet import Hours, QuietHours
from server.domain.reply import DeliveryEvent, InboundMessage, Interpretation
from server.domain.words import CampaignState, DeliveryStatus, Flag, MessageState, Outcome
from server.errors import PermanentError, SendInDoubt, TemporaryError
from tests.databases import BOTH
from tests.flow.stage import Stage

DATABASES = BOTH
YES = Interpretation(Outcome.CONFIRMED, {"Availability": "Yes"}, "yes", 0.95, Flag.SURE)
NO = Interpretation(Outcome.DECLINED, {"Availability": "No"}, "no", 0.95, Flag.SURE)
MAYBE = Interpretation(Outcome.CONFIRMED, {"Availability": "Yes"}, "maybe", 0.4, Flag.CHECK, "It says maybe.")


@pytest.fixture
def sent(stage: Stage) -> Stage:
    stage.interpreter.readings.update({"yes": YES, "no": NO, "maybe": MAYBE})  # type: ignore[attr-defined]
    stage.out()
    return stage


def test_it_puts_a_draft_into_every_row(stage: Stage) -> None:
    stage.draft()
    assert stage.sheet.column("Message") == [
        "Hello Ana, you start at 09:40. Can you come?",
        "Hello Ben, you start at 09:45. Can you come?",
        "Hello Cleo, you start at 09:50. Can you come?",
    ]
    assert stage.sheet.column("Status") == ["Draft"] * 3
    assert stage.sheet.titles == [
        *("Name", "Email", "Start"),
        *("Status", "Message", "Availability", "Reply", "Confidence", "Flag", "Note", "Row key"),
    ]


def test_it_sends_each_approved_message_once(sent: Stage) -> None:
    assert [one.address for one in sent.channel.arrived] == ["ana@example.org", "ben@example.org", "cleo@example.org"]
    assert sent.sheet.column("Status") == ["Sent"] * 3
    sent.send()
    sent.send_chunk(0, owner="w_2")
    assert len(sent.channel.sends) == 3
    assert {job for job, _ in sent.open_work()} <= {"jobs.writing.sync"}
    assert sent.campaign.state is CampaignState.DONE


def test_it_writes_a_sure_answer_into_its_row_and_no_other(sent: Stage) -> None:
    sent.reply("Ben", "yes")
    assert sent.sheet.column("Availability") == ["", "Yes", ""]
    assert sent.sheet.column("Status") == ["Sent", "Confirmed", "Sent"]
    assert (sent.cell("Ben", "Reply"), sent.cell("Ben", "Confidence"), sent.cell("Ben", "Flag")) == (
        "yes",
        "0.95",
        "sure",
    )


def test_it_flags_what_is_not_sure_and_keeps_the_answer_cell_empty(sent: Stage) -> None:
    sent.reply("Ana", "maybe")
    assert sent.cell("Ana", "Availability") == ""
    assert (sent.cell("Ana", "Status"), sent.cell("Ana", "Flag")) == ("Review", "check")
    assert "Availability = Yes" in sent.cell("Ana", "Note")


def test_it_takes_one_event_once_however_often_it_comes(sent: Stage) -> None:
    sent.reply("Ana", "yes", event_id="e1")
    assert sent.reply("Ana", "no", event_id="e1") == []
    assert sent.cell("Ana", "Availability") == "Yes"


def test_it_asks_a_person_when_somebody_changes_their_answer(sent: Stage) -> None:
    sent.reply("Ana", "yes")
    sent.reply("Ana", "no")
    assert (sent.cell("Ana", "Status"), sent.cell("Ana", "Flag")) == ("Review", "check")
    assert "earlier answer" in sent.cell("Ana", "Note")


def test_it_does_not_count_an_out_of_office_as_an_answer(sent: Stage) -> None:
    sent.reply("Ana", "I am away until Monday", headers={"auto-submitted": "auto-replied"})
    assert (sent.cell("Ana", "Status"), sent.cell("Ana", "Availability")) == ("Away", "")
    sent.reply("Ana", "yes")
    assert sent.cell("Ana", "Status") == "Confirmed"


def test_an_out_of_office_does_not_unsay_an_answer(sent: Stage) -> None:
    sent.reply("Ana", "yes")
    sent.reply("Ana", "I am away", headers={"auto-submitted": "auto-replied"})
    assert (sent.cell("Ana", "Status"), sent.cell("Ana", "Availability")) == ("Confirmed", "Yes")


def test_it_does_not_write_again_to_who_asked_to_stop(sent: Stage) -> None:
    sent.reply("Ana", "STOP")
    assert sent.cell("Ana", "Status") == "Opted out"
    sent.campaign_id = ""
    sent.seen = ""
    sent.out()
    assert [one.address for one in sent.channel.arrived].count("ana@example.org") == 1
    assert sent.of("Ana").state is MessageState.SKIPPED


@pytest.mark.parametrize("word", ["STOP", "Please take me off your list."])
def test_who_asks_to_stop_is_heard_even_if_it_can_not_be_told_in_which_campaign(sent: Stage, word: str) -> None:
    sent.campaign_id, sent.seen = "", ""
    sent.out()
    sent.post(InboundMessage("e1", "Ana <ana@example.org>", word))
    assert sent.of("Ana").outcome is Outcome.OPT_OUT
    sent.campaign_id, sent.seen = "", ""
    sent.out()
    assert [one.address for one in sent.channel.arrived].count("ana@example.org") == 2
    assert sent.of("Ana").state is MessageState.SKIPPED


def test_who_asks_to_stop_before_they_were_ever_written_to_is_never_written_to(stage: Stage) -> None:
    stage.draft()
    stage.approve()
    stage.post(InboundMessage("e1", "ana@example.org", "Please stop writing to me."))
    stage.start()
    stage.send()
    assert sorted(one.person for one in stage.channel.arrived) == ["Ben", "Cleo"]


def test_it_flags_an_answer_from_another_address(sent: Stage) -> None:
    sent.reply("Ana", "yes", sender="mallory@example.org")
    assert (sent.cell("Ana", "Status"), sent.cell("Ana", "Availability")) == ("Review", "")
    assert "another address" in sent.cell("Ana", "Note")


def test_it_finds_the_row_by_the_sender_when_nothing_else_tells(sent: Stage) -> None:
    sent.post(InboundMessage("e1", "Ben <ben@example.org>", "yes"))
    assert sent.cell("Ben", "Availability") == "Yes"


def test_a_second_word_is_not_taken_for_the_answer_to_an_older_campaign(sent: Stage) -> None:
    """Ben never answered the first campaign. His second word about the second one says nothing about the first."""
    first = sent.campaign_id
    sent.clock.advance(days=1)
    sent.campaign_id, sent.seen = "", ""
    sent.out()
    sent.reply("Ben", "yes")
    sent.post(InboundMessage("e2", "ben@example.org", "no"))
    older = next(message for message in sent.ledger.messages.of_campaign(first) if message.person == "Ben")
    assert not older.values
    assert [len(reply.candidates) for reply in sent.ledger.inbox.unmatched(10)] == [2]
    assert (sent.cell("Ben", "Status (Hello {{Name}}, you start at…)"), sent.of("Ben").values) == (
        "Review",
        {"Availability": "Yes"},
    )


def test_a_bare_reply_answers_the_newest_campaign_when_the_older_ones_are_answered(sent: Stage) -> None:
    sent.reply("Ben", "no")
    sent.clock.advance(days=1)
    sent.campaign_id, sent.seen = "", ""
    sent.out()
    sent.post(InboundMessage("e1", "ben@example.org", "yes"))
    assert sent.of("Ben").values == {"Availability": "Yes"}


def test_it_keeps_a_reply_that_fits_no_row(sent: Stage) -> None:
    sent.post(InboundMessage("e1", "stranger@example.org", "yes"))
    assert [reply.visible for reply in sent.ledger.inbox.unmatched(10)] == ["yes"]
    assert sent.sheet.column("Availability") == [""] * 3


def test_it_follows_deliveries_in_any_order(sent: Stage) -> None:
    ana = sent.of("Ana")
    sent.post(DeliveryEvent("d2", DeliveryStatus.READ, token=ana.token))
    sent.post(DeliveryEvent("d1", DeliveryStatus.DELIVERED, token=ana.token))
    assert sent.cell("Ana", "Status") == "Read"


def test_it_does_not_write_again_to_an_address_that_bounced_for_good(sent: Stage) -> None:
    ben = sent.of("Ben")
    sent.post(
        DeliveryEvent("b", DeliveryStatus.BOUNCED, provider_id=ben.provider_id, detail="no such box", permanent=True)
    )
    told = "Bounced: no such box. Correct the address, and write to this row in a new campaign."
    assert (sent.cell("Ben", "Status"), sent.cell("Ben", "Note")) == ("Bounced", told)
    sent.campaign_id, sent.seen = "", ""
    sent.out()
    assert [one.address for one in sent.channel.arrived].count("ben@example.org") == 1


def test_it_waits_for_a_receipt_that_its_report_outran(stage: Stage) -> None:
    stage.draft()
    with pytest.raises(TemporaryError):
        stage.post(DeliveryEvent("d", DeliveryStatus.DELIVERED, provider_id="fake-1"))
    assert len(stage.ledger.inbox.waiting(10)) == 1
    stage.approve()
    stage.start()
    stage.send()
    stage.receive_waiting()
    assert stage.cell("Ana", "Status") == "Delivered"
    assert stage.ledger.inbox.waiting(10) == []


def test_it_lets_go_of_a_report_about_nothing_we_sent(stage: Stage) -> None:
    stage.draft()
    with pytest.raises(TemporaryError):
        stage.post(DeliveryEvent("d", DeliveryStatus.DELIVERED, provider_id="somebody else's"))
    stage.clock.advance(minutes=3)
    stage.receive_waiting()
    assert stage.ledger.inbox.waiting(10) == []


def test_it_tries_again_what_the_provider_refused_for_now(stage: Stage) -> None:
    stage.channel.script("ben@example.org", TemporaryError("Greylisted."))
    stage.out()
    assert stage.cell("Ben", "Status") == "Approved"
    assert "tried again" in stage.cell("Ben", "Note")
    assert not stage.send()
    stage.clock.advance(5)
    stage.send()
    stage.sync()
    assert stage.sheet.column("Status") == ["Sent"] * 3
    assert len(stage.channel.to("ben@example.org")) == 1


def test_it_ends_with_a_word_when_the_provider_refuses_for_good(stage: Stage) -> None:
    stage.channel.script("ben@example.org", PermanentError("No such mailbox."))
    stage.out()
    assert (stage.cell("Ben", "Status"), stage.cell("Ben", "Note")) == ("Failed", "No such mailbox.")
    stage.open_work()
    assert stage.campaign.state is CampaignState.DONE


def test_it_pauses_when_every_message_would_be_refused(stage: Stage) -> None:
    stage.channel.script("ana@example.org", PermanentError("Wrong password.", whole_campaign=True))
    stage.channel.bears = stage.channel.bears.__class__(concurrency=1)
    stage.out()
    assert stage.campaign.state is CampaignState.PAUSED
    assert stage.campaign.note == "Wrong password."
    assert stage.channel.arrived == []
    assert stage.states() == {MessageState.APPROVED: 3}


def test_it_never_sends_again_by_itself_when_an_answer_was_lost(stage: Stage) -> None:
    stage.channel.lost = 1
    stage.out()
    assert stage.cell("Ana", "Status") == "In doubt"
    for _ in range(3):
        stage.clock.advance(hours=1)
        stage.send()
    assert len(stage.channel.to("ana@example.org")) == 1


def test_a_report_settles_what_was_in_doubt(stage: Stage) -> None:
    stage.channel.lost = 1
    stage.out()
    stage.post(DeliveryEvent("d", DeliveryStatus.DELIVERED, token=stage.of("Ana").token))
    assert stage.cell("Ana", "Status") == "Delivered"


def test_it_treats_a_fault_of_the_adapter_as_in_doubt(stage: Stage) -> None:
    stage.channel.script("ana@example.org", RuntimeError("a bug"))
    stage.out()
    assert stage.cell("Ana", "Status") == "In doubt"


def test_it_counts_every_approved_message_at_the_end(stage: Stage) -> None:
    stage.channel.script("ana@example.org", SendInDoubt("Lost."))
    stage.channel.script("ben@example.org", PermanentError("No."))
    stage.out()
    assert stage.states() == {MessageState.IN_DOUBT: 1, MessageState.FAILED: 1, MessageState.SENT: 1}


class FakePacer:
    """A pace without Redis: counts turns and holds, and lets so many through a day."""

    def __init__(self, per_day: int | None = None) -> None:
        self.turns, self.holds, self.left = 0, [], per_day

    async def turn(self) -> None:
        self.turns += 1

    def hold(self, seconds: float) -> None:
        self.holds.append(seconds)

    def take(self, day: str, used: object) -> bool:
        if self.left is None:
            return True
        self.left -= 1
        return self.left >= 0

    def give_back(self, day: str) -> None:
        if self.left is not None:
            self.left += 1


class TestPacing:
    def test_it_waits_for_a_turn_before_each_send(self, stage: Stage) -> None:
        stage.pacer = FakePacer()
        stage.out()
        assert stage.pacer.turns == 3

    def test_what_the_day_does_not_allow_goes_out_the_next_day(self, stage: Stage) -> None:
        stage.pacer = FakePacer(per_day=2)
        stage.out()
        assert sorted(stage.sheet.column("Status")) == ["Approved", "Sent", "Sent"]
        waiting = stage.sheet.column("Status").index("Approved")
        assert "limit is used up: goes out on 03 Mar" in stage.sheet.shown(waiting, "Note")
        assert "limit is used up" in stage.campaign.note
        stage.pacer = FakePacer()
        assert not stage.send()
        stage.clock.advance(days=1)
        stage.send()
        assert len(stage.channel.arrived) == 3

    def test_nothing_reaches_a_person_in_their_quiet_hours(self, stage: Stage) -> None:
        """09:00 UTC on the stage's clock: the middle of the evening in Tokyo, early morning in New York."""
        stage.hours = Hours(QuietHours(time(21), time(8)), "UTC")
        stage.channel.where = {"ben@example.org": ("America/New_York",)}
        stage.out()
        assert [one.person for one in stage.channel.arrived] == ["Ana", "Cleo"]
        assert "Quiet hours" in stage.cell("Ben", "Note")
        stage.clock.advance(hours=4)
        stage.send()
        assert len(stage.channel.to("ben@example.org")) == 1

    def test_a_retry_after_holds_all_workers(self, stage: Stage) -> None:
        stage.pacer = FakePacer()
        stage.channel.script("ana@example.org", TemporaryError("Slow down.", retry_after=7))
        stage.out()
        assert stage.pacer.holds == [7]


class TestReconciling:
    def test_a_provider_that_can_tell_settles_what_is_in_doubt(self, stage: Stage) -> None:
        stage.channel.tells = True
        stage.channel.lost = 1
        stage.channel.script("ben@example.org", SendInDoubt("Lost before it was taken."))
        stage.out()
        assert stage.reconcile() == 0, "it may still be on its way"
        stage.clock.advance(minutes=2)
        assert stage.reconcile() == 2
        stage.sync()
        assert (stage.cell("Ana", "Status"), stage.cell("Ben", "Status")) == ("Sent", "Failed")
        stage.send()
        assert stage.channel.to("ben@example.org") == []

    def test_where_the_provider_cannot_tell_it_stays_with_a_person(self, stage: Stage) -> None:
        stage.channel.lost = 1
        stage.out()
        stage.clock.advance(minutes=2)
        assert stage.reconcile() == 0
        assert stage.of("Ana").state is MessageState.IN_DOUBT


class TestCrashes:
    def test_a_claim_whose_owner_died_is_in_doubt_and_not_sent_again(self, stage: Stage) -> None:
        stage.draft()
        stage.approve()
        stage.start()
        stage.ledger.messages.claim_soon(stage.of("Ben").id, "w_dead", stage.clock.now()).result()
        stage.send()
        stage.sync()
        assert stage.cell("Ben", "Status") == "In doubt"
        assert stage.channel.to("ben@example.org") == []
        assert len(stage.channel.arrived) == 2

    def test_a_late_receipt_settles_what_was_called_lost(self, stage: Stage) -> None:
        stage.draft()
        stage.approve()
        stage.start()
        ben = stage.of("Ben")
        stage.ledger.messages.claim_soon(ben.id, "w_slow", stage.clock.now()).result()
        stage.send()
        stage.ledger.messages.move(ben.id, Accepted("fake", "fake-9", stage.clock.now()))
        stage.sync()
        assert stage.cell("Ben", "Status") == "Sent"

    def test_a_chunk_that_another_worker_holds_is_left_alone(self, stage: Stage) -> None:
        stage.draft()
        stage.approve()
        stage.start()
        assert stage.ledger.leases.take(f"send-{stage.campaign_id}-0", "w_other", 15)
        stage.send_chunk(0)
        assert stage.channel.sends == []
        stage.clock.advance(20)
        stage.send_chunk(0)
        assert len(stage.channel.sends) == 3

    def test_a_refusal_for_now_ends_after_a_day_of_tries(self, stage: Stage) -> None:
        stage.channel.unavailable = True
        stage.out()
        for _ in range(60):
            stage.clock.advance(hours=2)
            stage.send()
        stage.sync()
        assert stage.sheet.column("Status") == ["Failed"] * 3
        assert "Given up" in stage.cell("Ana", "Note")


class TestCodeDisposes:
    """What a model says is held against the reply and the plan, whatever its confidence."""

    def test_evidence_that_is_not_in_the_reply_makes_it_a_check(self, sent: Stage) -> None:
        sent.interpreter.readings["sure thing"] = replace(YES, evidence="yes indeed")  # type: ignore[attr-defined]
        sent.reply("Ana", "sure thing")
        assert (sent.cell("Ana", "Flag"), sent.cell("Ana", "Availability")) == ("check", "")

    def test_an_answer_without_evidence_is_a_check(self, sent: Stage) -> None:
        sent.interpreter.readings["sure thing"] = replace(YES, evidence="")  # type: ignore[attr-defined]
        sent.reply("Ana", "sure thing")
        assert sent.cell("Ana", "Flag") == "check"

    @pytest.mark.parametrize(
        "values", [{"Availability": "Perhaps"}, {"Status": "Confirmed"}, {"Email": "x@example.org"}]
    )
    def test_a_value_that_the_plan_does_not_allow_is_dropped(self, sent: Stage, values: dict[str, str]) -> None:
        sent.interpreter.readings["yes!"] = replace(YES, values=values, evidence="yes!")  # type: ignore[attr-defined]
        sent.reply("Ana", "yes!")
        assert (sent.cell("Ana", "Flag"), sent.cell("Ana", "Availability")) == ("check", "")
        assert sent.cell("Ana", "Email") == "ana@example.org"
        assert "=" not in sent.cell("Ana", "Note")


class TestAtOnce:
    """Another worker writes the cells while this one compares them with what it knows."""

    @pytest.fixture
    def drafted(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
        sync = stage.sync
        monkeypatch.setattr(stage, "sync", lambda: None)
        stage.draft()
        monkeypatch.undo()
        asked, written = stage.ledger.cells.of_campaign, []

        def of_campaign(*args: object) -> object:
            if not written:
                written.append(True)
                sync()
            return asked(*args)  # type: ignore[arg-type]

        stage.when_cells_are_asked = lambda: monkeypatch.setattr(stage.ledger.cells, "of_campaign", of_campaign)
        return stage

    def test_drafts_that_are_written_meanwhile_are_approved(self, drafted: Stage) -> None:
        drafted.when_cells_are_asked()
        assert drafted.approve().count == 3

    def test_drafts_that_are_written_meanwhile_are_sent(self, drafted: Stage) -> None:
        drafted.approve()
        drafted.start()
        drafted.when_cells_are_asked()
        drafted.send()
        assert len(drafted.channel.arrived) == 3

    def test_an_owner_that_was_held_up_after_its_claim_does_not_send(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Meanwhile the claim may have been called lost, and a person may have typed Retry."""
        stage.draft()
        stage.approve()
        stage.start()
        claim = stage.ledger.messages.claim_soon

        def held_up(*args: object) -> object:
            claimed = claim(*args)  # type: ignore[arg-type]
            claimed.result()
            stage.clock.advance(minutes=5)
            return claimed

        monkeypatch.setattr(stage.ledger.messages, "claim_soon", held_up)
        stage.send()
        assert stage.channel.sends == []
        monkeypatch.undo()
        stage.send()
        assert len(stage.channel.arrived) == 3
