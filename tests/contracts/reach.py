"""What every ledger must count of how far messages got, and when: part of the contract of `ports.Messages`."""

from __future__ import annotations

from datetime import datetime, timedelta

from server.domain.machine import Answered, Delivery
from server.domain.message import Message
from server.domain.reach import Stage
from server.domain.reply import Interpretation
from server.domain.timeline import Slice
from server.domain.words import DeliveryStatus, Flag, MessageState, Outcome, Problem, Status
from server.ports import Ledger
from tests.contracts.ledger import AT, approved, message, reply, sending
from tests.contracts.steps import follow, further, sent

S = MessageState
LONG_AGO = AT - timedelta(days=9)
YES = {"outcome": Outcome.CONFIRMED, "flag": Flag.SURE}


def stages(ledger: Ledger, rested: datetime = LONG_AGO) -> dict[Stage, int]:
    found = ledger.messages.reach("c_1", rested)
    for stage in Stage:  # what is counted can be listed
        assert len(ledger.messages.rows_at("c_1", stage, rested)) == found.of(stage)
    assert ledger.messages.written_to("c_1") == found.of(Stage.SENT)
    assert sum(found.counts.values()) == found.of(Stage.SENT)
    return {stage: count for stage, count in found.stages.items() if count}


def again(ledger: Ledger, number: int = 1, **more: object) -> Message:
    made = follow(ledger, sent(number), further(number, **more))
    assert made is not None
    return made


class ReachContract:
    """Every row that was written to is counted once, whatever became of it since."""

    def test_what_never_left_is_counted_nowhere(self, ledger: Ledger) -> None:
        held = message(3, state=S.SKIPPED, problem=Problem.SUPPRESSED)
        sending(ledger, approved(1), message(2, state=S.FAILED), held, message(4, state=S.IN_DOUBT))
        assert stages(ledger) == {}
        assert ledger.messages.slices("c_1", 60) == []

    def test_who_opted_out_after_it_was_sent_was_sent_to(self, ledger: Ledger) -> None:
        stop = sent(2, outcome=Outcome.OPT_OUT, flag=Flag.SURE)
        sending(ledger, sent(1), stop, message(3, state=S.SKIPPED, problem=Problem.SUPPRESSED))
        assert stages(ledger) == {Stage.SENT: 2, Stage.DELIVERED: 1, Stage.SILENT: 1}
        assert ledger.messages.reach("c_1", LONG_AGO).counts == {Status.SENT: 1, Status.OPTED_OUT: 1}
        assert ledger.messages.rows_at("c_1", Stage.SENT, LONG_AGO) == {"r_1", "r_2"}

    def test_a_report_or_an_answer_says_that_it_arrived(self, ledger: Ledger) -> None:
        sending(ledger, sent(1), sent(2), sent(3, **YES), sent(4))
        ledger.messages.move(sent(1).id, Delivery(DeliveryStatus.DELIVERED))
        ledger.messages.move(sent(2).id, Delivery(DeliveryStatus.READ))
        ledger.messages.move(sent(4).id, Delivery(DeliveryStatus.BOUNCED))
        assert stages(ledger) == {Stage.SENT: 4, Stage.DELIVERED: 3, Stage.READ: 1, Stage.SILENT: 2}
        assert ledger.messages.rows_at("c_1", Stage.SILENT, LONG_AGO) == {"r_1", "r_2"}

    def test_a_row_that_is_written_to_again_stays_sent_and_delivered(self, ledger: Ledger) -> None:
        sending(ledger, sent(1), sent(2))
        ledger.messages.move(sent(1).id, Delivery(DeliveryStatus.READ))
        again(ledger, 1, state=S.DRAFTED)
        assert stages(ledger) == {Stage.SENT: 2, Stage.DELIVERED: 1, Stage.READ: 1, Stage.SILENT: 1}
        assert ledger.messages.reach("c_1", LONG_AGO).counts == {Status.DRAFT: 1, Status.SENT: 1}

    def test_only_a_reminder_that_was_sent_counts_and_it_rests_for_a_while(self, ledger: Ledger) -> None:
        sending(ledger, sent(1), sent(2), sent(3, outcome=Outcome.UNCLEAR, flag=Flag.CHECK))
        again(ledger, 1, state=S.SENT, claimed_at=AT, sent_at=AT)
        again(ledger, 2, state=S.DRAFTED)
        asked = follow(ledger, sent(3), further(3, state=S.SENT, claimed_at=AT, sent_at=AT), answered=True)
        assert asked is not None
        assert ledger.messages.rows_at("c_1", Stage.REMINDED, LONG_AGO) == {"r_1"}
        assert ledger.messages.rows_at("c_1", Stage.SILENT, AT) == {"r_1", "r_3"}
        assert ledger.messages.rows_at("c_1", Stage.RESTING, AT - timedelta(hours=1)) == {"r_1", "r_3"}

    def test_it_says_when_messages_went_and_when_rows_were_first_heard_of(self, ledger: Ledger) -> None:
        later = AT + timedelta(minutes=5)
        away = Interpretation(Outcome.AUTOMATIC, confidence=1.0, flag=Flag.SURE)
        sending(ledger, sent(1), sent(2, sent_at=AT + timedelta(seconds=59)), sent(3, sent_at=later))
        for number, at in ((1, later), (2, later + timedelta(seconds=1)), (3, later)):
            came = reply(number, message_id=sent(number).id, campaign_id="c_1", received_at=at)
            assert ledger.inbox.add_reply(came)
        second = reply(9, message_id=sent(1).id, campaign_id="c_1", received_at=later + timedelta(hours=1))
        assert ledger.inbox.add_reply(second)
        for number, reading in (
            (1, Interpretation(Outcome.CONFIRMED)),
            (2, Interpretation(Outcome.UNCLEAR)),
            (3, away),
        ):
            ledger.messages.move(sent(number).id, Answered(reading, "x", reading is away, later))
        assert ledger.messages.slices("c_1", 60) == [Slice(AT, 2, 0), Slice(later, 1, 2)]
        assert ledger.messages.slices("c_1", 900) == [Slice(AT, 3, 2)]
