"""What every ledger must keep of people's decisions about readings, and of calls: `ports.Labels` and `ports.Usages`."""

from __future__ import annotations

import dataclasses
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.labels import Label, place
from server.domain.machine import Answered, Checked, Noted, Settled, Skipped
from server.domain.message import Message
from server.domain.reply import Interpretation
from server.domain.usage import BY_RULE, Made, Usage, Used
from server.domain.words import CampaignState, Flag, MessageState, Outcome
from server.ports import Ledger
from tests.contracts.ledger import AT, READING, message, sending
from tests.fakes import FakeClock

READ = {"outcome": READING.outcome, "confidence": 0.93, "flag": Flag.SURE, "reply": "Yes"}
MODEL = Made("read@1f0c", "a-model", Usage(900, 0, 40, 1), plan=2)


def sent(number: int = 1, campaign_id: str = "c_1", **changes: object) -> Message:
    return message(number, campaign_id, state=MessageState.SENT, **changes)


def answered(ledger: Ledger, *numbers: int, **changes: object) -> list[str]:
    """Messages of c_1 with a reading each; their ids."""
    reading = replace(READING, **{"made": MODEL, **changes})  # type: ignore[arg-type]
    sending(ledger, *(sent(number) for number in numbers))
    ids = [sent(number).id for number in numbers]
    ledger.messages.move_many([(one, Answered(reading, "Yes, I'll be there", at=AT)) for one in ids])
    return ids


class LabelsContract:
    """Everything that is promised of labels."""

    def test_the_first_decision_about_a_reading_is_kept_and_no_later_one(
        self, ledger: Ledger, clock: FakeClock
    ) -> None:
        (one,) = answered(ledger, 1, flag=Flag.CHECK, confidence=0.7)
        ledger.messages.move(one, Settled("anna", Outcome.CONFIRMED, {"Coming": "yes"}))
        clock.advance(60)
        ledger.messages.move(one, Settled("bert", Outcome.DECLINED, {"Coming": "No"}))
        assert ledger.labels.all() == [
            Label(one, "c_1", AT, 0.7, Flag.CHECK, Outcome.CONFIRMED, Outcome.CONFIRMED, True, "read@1f0c", "a-model")
        ]

    @pytest.mark.parametrize(
        ("outcome", "values", "right"),
        [
            (Outcome.CONFIRMED, {"Coming": "Yes"}, True),
            (Outcome.CONFIRMED, {"Coming": "YES "}, True),
            (Outcome.CONFIRMED, {"Coming": "Yes", "Time": ""}, True),
            (Outcome.ANSWERED, {"Coming": "Yes"}, True),
            (Outcome.CONFIRMED, {"Coming": "No"}, False),
            (Outcome.CONFIRMED, {"Coming": "Yes", "Time": "10:00"}, False),
            (Outcome.CONFIRMED, {}, False),
        ],
    )
    def test_a_reading_is_right_where_its_values_are_kept(
        self, ledger: Ledger, outcome: Outcome, values: dict[str, str], right: bool
    ) -> None:
        (one,) = answered(ledger, 1)
        ledger.messages.move(one, Settled("anna", outcome, values))
        assert [found.right for found in ledger.labels.all()] == [right]

    @pytest.mark.parametrize(("outcome", "right"), [(Outcome.RESCHEDULE, True), (Outcome.DECLINED, False)])
    def test_without_values_its_outcome_counts(self, ledger: Ledger, outcome: Outcome, right: bool) -> None:
        (one,) = answered(ledger, 1, outcome=Outcome.RESCHEDULE, values={})
        ledger.messages.move(one, Settled("anna", outcome, {}))
        assert [found.right for found in ledger.labels.all()] == [right]

    def test_of_what_was_never_read_there_is_nothing_to_say(self, ledger: Ledger) -> None:
        sending(ledger, sent(1))
        assert ledger.messages.move(sent(1).id, Settled("anna", Outcome.CONFIRMED, {"Coming": "Yes"}))
        assert ledger.labels.all() == []

    @pytest.mark.parametrize(
        "reading",
        [
            Interpretation(Outcome.CONFIRMED, {"Coming": "Yes"}, "1", 1.0, Flag.SURE, "Pressed a button."),
            Interpretation(Outcome.CONFIRMED, {"Coming": "Yes"}, "1", 0.5, Flag.CHECK, "From elsewhere.", BY_RULE),
            Interpretation(Outcome.UNCLEAR, {}, "", 0.0, Flag.CHECK, "It could not be read.", BY_RULE),
        ],
    )
    def test_a_press_and_what_no_reader_read_flatter_no_reader(self, ledger: Ledger, reading: Interpretation) -> None:
        sending(ledger, sent(1))
        ledger.messages.move(sent(1).id, Answered(reading, "1"))
        assert ledger.messages.move(sent(1).id, Settled("anna", Outcome.CONFIRMED, {"Coming": "Yes"}))
        assert ledger.labels.all() == []

    def test_an_answer_behind_a_remark_has_no_confidence_to_judge(self, ledger: Ledger) -> None:
        (one,) = answered(ledger, 1)
        asks = Interpretation(Outcome.QUESTION, {}, "Where?", 0.4, Flag.CHECK, "They ask something.")
        ledger.messages.move(one, Answered(asks, "Where?", at=AT + timedelta(minutes=1)))
        ledger.messages.move(one, Settled("anna", Outcome.CONFIRMED, {"Coming": "Yes"}))
        assert ledger.labels.all() == []

    def test_labels_are_told_by_campaign(self, ledger: Ledger) -> None:
        answered(ledger, 1, 2)
        sending(ledger, sent(1, "c_2"), campaign_id="c_2")
        ledger.messages.move(sent(1, "c_2").id, Answered(READING, "Yes", at=AT))
        ids = [sent(2).id, sent(1, "c_2").id, sent(1).id]
        ledger.messages.move_many([(one, Settled("anna", Outcome.CONFIRMED, {"Coming": "Yes"})) for one in ids])
        assert [found.message_id for found in ledger.labels.all()] == ids
        assert [found.message_id for found in ledger.labels.all("c_2")] == [sent(1, "c_2").id]
        assert [found.model for found in ledger.labels.all()] == ["a-model", "", "a-model"]

    def test_labels_outlive_purge_and_erasure_and_name_nobody(self, ledger: Ledger, clock: FakeClock) -> None:
        ids = answered(ledger, 1, 2)
        ledger.messages.move_many([(one, Settled("anna", Outcome.CONFIRMED, {"Coming": "Yes"})) for one in ids])
        ledger.usages.add("c_1", Used("read@1f0c", "a-model", Usage(900, 0, 40, 1)))
        before = ledger.labels.all()
        words = {str(getattr(one, part.name)) for one in before for part in dataclasses.fields(one)}
        assert not any(piece in word for word in words for piece in ("anna", "zoe", "Zoë", "Yes", "be there"))
        ledger.erase("zoe1@example.org")
        ledger.campaigns.move("c_1", CampaignState.DONE)
        clock.advance(days=400)
        assert ledger.purge(clock.now() - timedelta(days=30)) == 1
        assert ledger.labels.all() == before
        assert ledger.usages.of_campaign("c_1")[0].usage.tokens == 940

    # spot checks

    def test_who_agrees_in_a_spot_check_leaves_the_row_as_it_was(self, ledger: Ledger) -> None:
        (one,) = answered(ledger, 1)
        before = ledger.messages.get(one)
        after = ledger.messages.move(one, Checked("anna", Outcome.CONFIRMED, {"Coming": "Yes"}))
        assert after == replace(before, checked_by="anna", version=before.version + 1)
        assert [(found.right, found.sampled) for found in ledger.labels.all()] == [(True, True)]
        later = replace(READING, outcome=Outcome.DECLINED, values={"Coming": "No"})
        ledger.messages.move(one, Answered(later, "Sorry, no", at=AT + timedelta(hours=1)))
        found = ledger.messages.get(one)
        assert (found.reply, found.outcome, found.flag, found.checked_by) == (
            "Sorry, no",
            Outcome.DECLINED,
            Flag.CHECK,
            "",
        )
        assert found.note.startswith("It differs from an earlier answer.")

    def test_who_differs_in_a_spot_check_settles_the_row(self, ledger: Ledger) -> None:
        (one,) = answered(ledger, 1)
        after = ledger.messages.move(one, Checked("anna", Outcome.DECLINED, {"Coming": "No"}))
        assert after
        assert (after.outcome, dict(after.values), after.settled_by) == (Outcome.DECLINED, {"Coming": "No"}, "anna")
        assert [(found.right, found.sampled) for found in ledger.labels.all()] == [(False, True)]

    def test_another_outcome_with_the_same_values_is_no_agreement(self, ledger: Ledger) -> None:
        (one,) = answered(ledger, 1)
        after = ledger.messages.move(one, Checked("anna", Outcome.RESCHEDULE, {"Coming": "Yes"}))
        assert after
        assert (after.outcome, after.settled_by) == (Outcome.RESCHEDULE, "anna")

    def test_what_is_no_longer_sure_can_not_be_spot_checked(self, ledger: Ledger) -> None:
        (one,) = answered(ledger, 1)
        no = replace(READING, outcome=Outcome.DECLINED, values={"Coming": "No"})
        ledger.messages.move(one, Answered(no, "Sorry, no", at=AT + timedelta(hours=1)))
        assert ledger.messages.move(one, Checked("anna", Outcome.CONFIRMED, {"Coming": "Yes"})) is None
        assert ledger.labels.all() == []

    def test_what_a_person_settled_is_not_checked(self, ledger: Ledger) -> None:
        (one,) = answered(ledger, 1)
        ledger.messages.move(one, Settled("anna", Outcome.CONFIRMED, {"Coming": "Yes"}))
        assert ledger.messages.move(one, Checked("bert", Outcome.DECLINED, {"Coming": "No"})) is None

    def test_who_agrees_a_second_time_changes_nothing(self, ledger: Ledger) -> None:
        (one,) = answered(ledger, 1)
        ledger.messages.move(one, Checked("anna", Outcome.CONFIRMED, {"Coming": "Yes"}))
        assert ledger.messages.move(one, Checked("bert", Outcome.CONFIRMED, {"Coming": "Yes"})) is None
        assert ledger.messages.get(one).checked_by == "anna"

    @pytest.mark.parametrize("event", [Checked, Settled])
    def test_a_correction_after_a_spot_check_is_the_second_word_and_no_second_label(
        self, ledger: Ledger, event: type[Checked | Settled]
    ) -> None:
        (one,) = answered(ledger, 1)
        ledger.messages.move(one, Checked("anna", Outcome.CONFIRMED, {"Coming": "Yes"}))
        after = ledger.messages.move(one, event("by hand", Outcome.DECLINED, {"Coming": "No"}))
        assert after
        assert (after.outcome, after.settled_by) == (Outcome.DECLINED, "by hand")
        assert [found.right for found in ledger.labels.all()] == [True]

    def test_spot_checks_come_in_a_random_order_that_stays(self, ledger: Ledger) -> None:
        ids = answered(ledger, *range(40))
        order = sorted(ids, key=place)
        assert order != ids
        assert ledger.labels.to_check("c_1", 10) == order[:10]
        assert ledger.labels.to_check("c_1", 99) == order
        ledger.messages.move(order[2], Checked("anna", Outcome.CONFIRMED, {"Coming": "Yes"}))
        ledger.messages.move(order[5], Settled("by hand", Outcome.DECLINED, {"Coming": "No"}))
        assert ledger.labels.to_check("c_1", 5) == [order[at] for at in (0, 1, 3, 4, 6)]

    def test_only_what_a_reader_was_sure_of_is_drawn(self, ledger: Ledger) -> None:
        sending(ledger, *(sent(number) for number in range(8)), sent(8, followed=True, **READ))
        readings = [
            READING,
            replace(READING, flag=Flag.CHECK, confidence=0.7),
            replace(READING, confidence=1.0),
            replace(READING, outcome=Outcome.AUTOMATIC, values={}),
            replace(READING, outcome=Outcome.OPT_OUT, values={}),
        ]
        moves = [(sent(at).id, Answered(one, "Yes", at=AT)) for at, one in enumerate(readings)]
        ledger.messages.move_many(moves)
        assert set(ledger.labels.to_check("c_1", 99)) == {sent(0).id, sent(4).id}
        assert ledger.labels.to_check("c_2", 99) == []

    def test_nothing_is_drawn_that_was_purged_or_erased(self, ledger: Ledger, clock: FakeClock) -> None:
        answered(ledger, 1, 2)
        ledger.erase("zoe1@example.org")
        assert ledger.labels.to_check("c_1", 99) == [sent(2).id]
        ledger.campaigns.move("c_1", CampaignState.DONE)
        clock.advance(days=400)
        ledger.purge(clock.now() - timedelta(days=30))
        assert ledger.labels.to_check("c_1", 99) == []

    def test_no_other_change_of_a_message_is_a_label(self, ledger: Ledger) -> None:
        (one,) = answered(ledger, 1)
        ledger.messages.move_many([(one, Noted("Looked at.")), (one, Skipped())])
        assert ledger.labels.all() == []


class UsagesContract:
    """Everything that is promised of usage."""

    def test_calls_add_up_by_prompt_and_model(self, ledger: Ledger) -> None:
        sending(ledger)
        for prompt, model in (("read@1", "small"), ("draft@1", "small"), ("read@1", "large"), ("read@1", "small")):
            ledger.usages.add("c_1", Used(prompt, model, Usage(100, 20, 10, 1)))
        ledger.usages.add("c_2", Used("read@1", "small", Usage(7, 0, 1, 1)))
        assert ledger.usages.of_campaign("c_1") == [
            Used("read@1", "small", Usage(200, 40, 20, 2)),
            Used("draft@1", "small", Usage(100, 20, 10, 1)),
            Used("read@1", "large", Usage(100, 20, 10, 1)),
        ]
        assert ledger.usages.of_campaign("c_9") == []

    def test_more_tokens_than_a_small_number_holds_are_counted(self, ledger: Ledger) -> None:
        for _ in range(2):
            ledger.usages.add("c_1", Used("read@1", "small", Usage(3_000_000_000, 0, 1, 1)))
        assert ledger.usages.of_campaign("c_1")[0].usage.input == 6_000_000_000

    def test_nothing_is_lost_when_many_count_at_once(self, ledger: Ledger, other: Ledger) -> None:
        def count(mine: Ledger, prompt: str) -> None:
            for _ in range(25):
                mine.usages.add("c_1", Used(prompt, "small", Usage(100, 20, 10, 1)))

        threads = [
            threading.Thread(target=count, args=(mine, prompt))
            for mine in (ledger, other)
            for prompt in ("read@1", "read@1", "draft@1")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = {one.prompt: one.usage for one in ledger.usages.of_campaign("c_1")}
        assert found == {"read@1": Usage(10_000, 2_000, 1_000, 100), "draft@1": Usage(5_000, 1_000, 500, 50)}
