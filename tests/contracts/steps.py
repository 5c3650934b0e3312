"""What every ledger must do with further steps of a row: part of the contract of `ports.Messages`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.machine import Accepted, Answered, Approved, Claimed, Delivery, Edited, Restored, Retried, Settled
from server.domain.message import Approval, Message
from server.domain.reply import Interpretation
from server.domain.words import (
    ChannelName,
    DeliveryStatus,
    Flag,
    MessageState,
    Outcome,
    Status,
    SuppressionReason,
)
from server.errors import NotFound
from server.ports import Ledger, Step, Tally
from tests.contracts.ledger import AT, READING, approved, claim, message, reply, sending

S = MessageState


def sent(number: int = 1, **changes: object) -> Message:
    base = approved(number, claimed_at=AT, sent_at=AT, provider="smtp", provider_id=f"p{number}")
    return replace(base, **{"state": S.SENT, **changes})  # type: ignore[arg-type]


def further(number: int = 1, name: str = "b", **changes: object) -> Message:
    base = message(number, token=f"token-{name}{number}", template="Once more, {{Name}}")
    return replace(base, id=f"m_{name}{number}", **changes)  # type: ignore[arg-type]


def follow(ledger: Ledger, old: Message, new: Message, **more: object) -> Message | None:
    return ledger.messages.follow([Step(old.id, new, "reminder", "Ana", **more)])[0]  # type: ignore[arg-type]


def yes(new: Message) -> Approved:
    return Approved(Approval("Ana", AT, "f"), new.text, new.subject, new.address, new.source, new.identity)


class StepsContract:
    """A row shows one of its messages, whatever steps it has; what left stays known, and nothing leaves twice."""

    def test_it_shows_and_counts_the_newest_step_only(self, ledger: Ledger) -> None:
        sending(ledger, sent(1), sent(2))
        new = follow(ledger, sent(1), further(state=S.DRAFTED))
        assert new is not None
        assert (new.step, new.follows, new.row_key, new.followed) == (1, sent(1).id, "r_1", False)
        assert ledger.messages.get(new.id) == new
        assert ledger.messages.of_row("c_1", "r_1") == new
        assert [one.id for one in ledger.messages.steps("c_1", "r_1")] == [sent(1).id, new.id]
        assert [one.id for one in ledger.messages.of_campaign("c_1")] == [sent(2).id, new.id]
        assert ledger.messages.of_campaign("c_1", keys=["r_1"]) == [new]
        assert ledger.messages.states("c_1") == {S.SENT: 1, S.DRAFTED: 1}
        assert ledger.messages.tally("c_1") == [Tally(Status.DRAFT, 1), Tally(Status.SENT, 1)]
        assert sum(ledger.messages.ways("c_1", [S.SENT]).values()) == 1
        assert list(ledger.messages.addressed("c_1").values()) == [[sent(2).id], [new.id]]
        assert sum(ledger.figures().messages.values()) == 2
        assert ledger.messages.chunks("c_1", [S.DRAFTED]) == [0]

    def test_a_step_that_only_says_something_takes_the_answer_over_as_it_stands(self, ledger: Ledger) -> None:
        sure = sent(1, outcome=Outcome.CONFIRMED, flag=Flag.SURE, values={"Coming": "Yes"}, confidence=0.9)
        settled = sent(2, outcome=Outcome.DECLINED, settled_by="Ana", values={"Coming": "No"})
        vague, stop = (
            sent(3, outcome=Outcome.UNCLEAR, flag=Flag.CHECK),
            sent(4, outcome=Outcome.OPT_OUT, settled_by="A"),
        )
        sending(ledger, replace(sure, reply="Yes", replied_at=AT, evidence="Yes"), settled, vague, stop, sent(5))
        for number in (3, 4, 5):
            assert follow(ledger, sent(number), further(number), kept=True) is None
        one, two = (follow(ledger, sent(number), further(number, state=S.SENT), kept=True) for number in (1, 2))
        assert one is not None
        assert two is not None
        assert (one.outcome, one.flag, one.values, one.confidence) == (
            Outcome.CONFIRMED,
            Flag.SURE,
            {"Coming": "Yes"},
            0.9,
        )
        assert (one.reply, one.replied_at, one.evidence) == ("Yes", AT, "Yes")
        assert (two.outcome, two.settled_by, two.values) == (Outcome.DECLINED, "Ana", {"Coming": "No"})
        assert Tally(Status.CONFIRMED, 1) in ledger.messages.tally("c_1")
        assert ledger.messages.get(one.id) == one

    def test_nothing_is_decided_or_said_about_a_reply_that_another_one_followed(self, ledger: Ledger) -> None:
        seen, newer = AT, AT + timedelta(seconds=1)
        sending(ledger, sent(1, outcome=Outcome.UNCLEAR, flag=Flag.CHECK, replied_at=newer))
        assert ledger.messages.move(sent(1).id, Settled("Ana", Outcome.CONFIRMED, {}, seen)) is None
        assert follow(ledger, sent(1), further(), answered=True, heard=seen) is None
        assert ledger.messages.move(sent(1).id, Settled("Ana", Outcome.CONFIRMED, {}, newer)) is not None
        assert follow(ledger, sent(1), further(), kept=True, heard=newer) is not None

    def test_what_was_sent_is_still_found_by_all_that_may_come_back(self, ledger: Ledger) -> None:
        sending(ledger, sent(1))
        follow(ledger, sent(1), further())
        old = ledger.messages.get(sent(1).id)
        assert old.followed
        assert ledger.messages.by_token(old.token) == old
        assert ledger.messages.by_provider_id("smtp", "p1") == old
        assert ledger.messages.open_to(old.channel, old.address) == [old]  # type: ignore[arg-type]

    def test_what_becomes_known_of_the_earlier_send_changes_nothing_but_that(self, ledger: Ledger) -> None:
        sending(ledger, sent(1))
        new = follow(ledger, sent(1), further(state=S.DRAFTED))
        assert new is not None
        ledger.cells.want("c_1", {new.id: new.version}, [])
        before = ledger.messages.revision("c_1")
        assert ledger.messages.move(sent(1).id, Delivery(DeliveryStatus.DELIVERED)) is not None
        assert ledger.messages.move(sent(1).id, Accepted("smtp", "p9", AT + timedelta(seconds=1))) is not None
        assert ledger.messages.revision("c_1") == before + 2
        assert ledger.messages.dirty("c_1", 9) == []
        assert ledger.messages.dirty_campaigns() == []
        assert ledger.cells.backlog("c_1") == 0
        assert ledger.figures().stale == 0
        assert ledger.messages.of_row("c_1", "r_1") == replace(new, rendered=new.version)

    @pytest.mark.parametrize(
        "event", [Answered(READING, "Yes"), Settled("Ana", Outcome.CONFIRMED, {}), Edited("x", "y"), Retried("Ana")]
    )
    def test_nobody_can_do_anything_else_to_a_message_that_is_not_shown(self, ledger: Ledger, event: object) -> None:
        sending(ledger, sent(1))
        follow(ledger, sent(1), further())
        assert ledger.messages.move(sent(1).id, event) is None  # type: ignore[arg-type]

    def test_it_writes_again_only_to_whom_it_wrote_and_who_has_not_answered(self, ledger: Ledger) -> None:
        answer = {"outcome": Outcome.CONFIRMED, "flag": Flag.CHECK}
        away, settled = sent(3, outcome=Outcome.AUTOMATIC), sent(4, settled_by="Ana", outcome=Outcome.CONFIRMED)
        clear = sent(6, outcome=Outcome.CONFIRMED, flag=Flag.SURE)
        sending(ledger, approved(1), sent(2, **answer), away, settled, sent(5, state=S.IN_DOUBT), clear)
        wanted = [Step(one.id, further(number), "r") for number, one in enumerate((approved(1), sent(2), away), 1)]
        assert [one and one.row_key for one in ledger.messages.follow(wanted)] == [None, None, "r_3"]
        assert follow(ledger, settled, further(4), answered=True) is None
        assert follow(ledger, sent(5), further(5)) is None
        assert follow(ledger, sent(9), further(9)) is None
        assert follow(ledger, clear, further(6), answered=True) is None
        asked = follow(ledger, sent(2), further(2), answered=True)
        assert asked is not None
        assert asked.step == 1

    def test_it_writes_again_to_nobody_who_must_not_be_written_to(self, ledger: Ledger) -> None:
        sending(ledger, sent(1), sent(2), sent(3))
        ledger.suppressions.add(sent(1).address, None, SuppressionReason.OPT_OUT)
        ledger.suppressions.add(sent(2).address, ChannelName.EMAIL, SuppressionReason.BOUNCE)
        ledger.suppressions.add(sent(3).address, ChannelName.SMS, SuppressionReason.OPT_OUT)
        done = ledger.messages.follow([Step(sent(number).id, further(number), "reminder") for number in (1, 2, 3)])
        assert [one is not None for one in done] == [False, False, True]

    def test_of_two_that_follow_the_same_message_one_does(self, ledger: Ledger) -> None:
        sending(ledger, sent(1), sent(2))
        wanted = [Step(sent(1).id, further(1, name), "reminder") for name in "bc"]
        assert [one is not None for one in ledger.messages.follow(wanted)] == [True, False]
        assert follow(ledger, sent(1), further(1, "d")) is None
        assert len(ledger.messages.steps("c_1", "r_1")) == 2

    def test_it_does_not_write_again_before_what_came_back_was_read(self, ledger: Ledger) -> None:
        sending(ledger, sent(1))
        came = reply(1, message_id=sent(1).id, campaign_id="c_1", candidates=())
        ledger.inbox.add_reply(came)
        assert follow(ledger, sent(1), further()) is None
        ledger.inbox.save_reply(replace(came, interpretation=Interpretation(Outcome.AUTOMATIC)))
        assert follow(ledger, sent(1), further()) is not None

    def test_what_it_begins_with_happens_in_the_same_transaction(self, ledger: Ledger) -> None:
        sending(ledger, sent(1))
        new = further(state=S.DRAFTED)
        stands = follow(ledger, sent(1), new, events=(yes(new),))
        assert stands is not None
        assert stands.state is S.APPROVED
        assert ledger.messages.get(new.id) == stands
        assert [entry.what for entry in ledger.audit.of_message(new.id)] == ["approved"]
        told = ledger.audit.of_message(sent(1).id)[-1]
        assert (told.what, told.who, told.why) == ("followed", "Ana", "reminder")

    @pytest.mark.parametrize("state", [S.CHOSEN, S.DRAFTED, S.APPROVED, S.CHANGED, S.SKIPPED, S.CANCELLED, S.FAILED])
    def test_what_nobody_got_is_taken_out_of_the_row_again(self, ledger: Ledger, state: MessageState) -> None:
        sending(ledger, sent(1))
        new = follow(ledger, sent(1), further(state=state, approval=Approval("Ana", AT, "f")))
        assert new is not None
        ledger.cells.want("c_1", {one.id: one.version for one in ledger.messages.dirty("c_1", 9)}, [])
        shown = ledger.messages.fall_back(sent(1).id, "They answered.")
        assert (shown.id, shown.followed) == (sent(1).id, False)
        assert [one.id for one in ledger.messages.dirty("c_1", 9)] == [sent(1).id]
        gone = ledger.messages.get(new.id)
        assert gone.followed
        assert (gone.approval, gone.note) == (None, "They answered.")
        assert gone.state is (state if state in {S.SKIPPED, S.CANCELLED, S.FAILED} else S.SKIPPED)
        assert claim(ledger, gone) is None
        assert ledger.messages.move(gone.id, Retried("Ana")) is None
        assert ledger.messages.states("c_1") == {S.SENT: 1}
        assert ledger.messages.fall_back(new.id) == shown

    @pytest.mark.parametrize("state", [S.SENDING, S.SENT])
    def test_what_somebody_may_have_stays(self, ledger: Ledger, state: MessageState) -> None:
        sending(ledger, sent(1))
        new = follow(ledger, sent(1), further(state=state, claimed_at=AT))
        assert ledger.messages.fall_back(sent(1).id) == new

    def test_it_takes_many_out_at_once_each_as_it_stands(self, ledger: Ledger) -> None:
        rows = range(1, 502)  # more than one transaction
        sending(ledger, *(sent(number) for number in rows))
        new = [further(number, state=S.SENDING if number == 3 else S.APPROVED) for number in rows]
        ledger.messages.follow([Step(sent(number).id, one, "r") for number, one in zip(rows, new, strict=True)])
        shown = ledger.messages.fall_back_all([one.id for one in new], "Cancelled.", "Ana")
        assert [one.id for one in shown] == [new[2].id if number == 3 else sent(number).id for number in rows]
        assert ledger.messages.states("c_1") == {S.SENT: 500, S.SENDING: 1}

    def test_a_first_message_stays_whatever_became_of_it(self, ledger: Ledger) -> None:
        sending(ledger, message(1, state=S.DRAFTED))
        assert ledger.messages.fall_back(message(1).id) == message(1, state=S.DRAFTED)
        with pytest.raises(NotFound):
            ledger.messages.fall_back("m_nobody")

    def test_a_row_is_written_to_again_after_a_step_was_taken_out(self, ledger: Ledger) -> None:
        sending(ledger, sent(1))
        doubtful = follow(ledger, sent(1), further(state=S.IN_DOUBT, claimed_at=AT))
        assert doubtful is not None
        ledger.messages.fall_back(sent(1).id)
        ledger.messages.move(doubtful.id, Delivery(DeliveryStatus.DELIVERED))  # it had gone, after all
        third = follow(ledger, sent(1), further(name="c", state=S.DRAFTED))
        assert third is not None
        assert third.step == 2
        assert ledger.messages.fall_back(sent(1).id).id == sent(1).id  # not to the one that was taken out before

    def test_only_a_message_that_is_not_shown_is_restored(self, ledger: Ledger) -> None:
        sending(ledger, sent(1))
        assert ledger.messages.move(sent(1).id, Restored()) is None

    def test_a_further_step_is_claimed_and_sent_as_any_other(self, ledger: Ledger) -> None:
        sending(ledger, sent(1))
        new = further(state=S.DRAFTED)
        follow(ledger, sent(1), new, events=(yes(new),))
        assert claim(ledger, new, AT) is not None
        assert claim(ledger, new, AT) is None
        assert claim(ledger, sent(1)) is None
        assert ledger.messages.move(sent(1).id, Claimed("w", AT)) is None

    def test_it_finds_who_has_not_answered_for_long(self, ledger: Ledger) -> None:
        late, read = sent(2, claimed_at=AT + timedelta(days=2)), sent(3, outcome=Outcome.AUTOMATIC)
        back, marked = sent(4, delivery=DeliveryStatus.BOUNCED), sent(5, unanswered=True)
        sending(ledger, sent(1), late, read, back, marked, approved(6))
        assert ledger.messages.silent("c_1", AT + timedelta(days=1), 9) == [sent(1).id]
        assert ledger.messages.silent("c_1", AT + timedelta(days=3), 9) == [sent(1).id, late.id]
        assert ledger.messages.silent("c_1", AT + timedelta(days=3), 1) == [sent(1).id]
        follow(ledger, sent(1), further())
        assert ledger.messages.silent("c_1", AT + timedelta(days=1), 9) == []

    def test_a_purge_an_erasure_and_all_that_is_known_reach_every_step(self, ledger: Ledger) -> None:
        sending(ledger, sent(1))
        new = follow(ledger, sent(1), further(state=S.DRAFTED))
        assert new is not None
        assert {one.id for one in ledger.known(new.address).messages} == {sent(1).id, new.id}
        ledger.erase(new.address)
        for one in ledger.messages.steps("c_1", "r_1"):
            assert (one.text, one.address, one.token, one.template) == ("", "", "", "")
        assert ledger.messages.get(new.id).state is S.SKIPPED
        assert ledger.messages.states("c_1") == {S.SKIPPED: 1}
