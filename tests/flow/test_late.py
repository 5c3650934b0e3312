"""What comes late, doubled or out of order about a send: it settles what it proves, and unsays nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.domain import machine
from server.domain.message import Outgoing, Receipt
from server.domain.reply import DeliveryEvent, Interpretation
from server.domain.words import DeliveryStatus, Flag, MessageState, Outcome
from server.errors import PermanentError, SendInDoubt
from tests.flow.stage import Stage

YES = Interpretation(Outcome.CONFIRMED, {"Availability": "Yes"}, "yes", 0.95, Flag.SURE)
NO = Interpretation(Outcome.DECLINED, {"Availability": "No"}, "no", 0.95, Flag.SURE)
PROOFS: dict[str, Callable[[Stage], object]] = {
    "an answer": lambda stage: stage.reply("Ana", "yes"),
    "a report": lambda stage: report(stage, DeliveryStatus.DELIVERED),
    "a receipt": lambda stage: receipt(stage),
}


def report(stage: Stage, status: DeliveryStatus) -> None:
    stage.post(DeliveryEvent(f"d-{status}", status, token=stage.of("Ana").token))


def receipt(stage: Stage) -> None:
    stage.ledger.messages.move(stage.of("Ana").id, machine.Accepted("fake", "p1", stage.clock.now()))


@pytest.fixture
def doubtful(stage: Stage) -> Stage:
    """Ana's message went, and nobody knows it; the others' were sent."""
    stage.interpreter.readings.update({"yes": YES, "no": NO})  # type: ignore[attr-defined]
    stage.channel.script("ana@example.org", SendInDoubt("The answer was lost."))
    stage.out()
    assert stage.of("Ana").state is MessageState.IN_DOUBT
    return stage


class TestTheFirstSendWentAfterAll:
    """In doubt, a person typed Retry, and then the first send shows itself."""

    @pytest.mark.parametrize("proof", PROOFS)
    def test_it_is_not_sent_again(self, doubtful: Stage, proof: str) -> None:
        doubtful.approve([doubtful.of("Ana").row_key], retry=True)
        assert doubtful.of("Ana").state is MessageState.APPROVED
        PROOFS[proof](doubtful)
        doubtful.start()
        doubtful.send()
        doubtful.sync()
        assert len([one for one in doubtful.channel.sends if one.person == "Ana"]) == 1
        assert doubtful.of("Ana").state is MessageState.SENT
        assert (
            doubtful.cell("Ana", "Status")
            == {
                "an answer": "Confirmed",
                "a report": "Delivered",
                "a receipt": "Sent",
            }[proof]
        )

    @pytest.mark.parametrize("word", ["Retry", "Redraft", "Skip"])
    @pytest.mark.parametrize("proof", PROOFS)
    def test_it_counts_wherever_the_row_stands_by_then(self, doubtful: Stage, proof: str, word: str) -> None:
        ana = doubtful.of("Ana").id
        steps: dict[str, list[machine.MessageEvent]] = {
            "Retry": [],
            "Redraft": [machine.Redrafting()],
            "Skip": [machine.Skipped("No.")],
        }
        for event in (machine.Retried(), *steps[word]):
            assert doubtful.ledger.messages.move(ana, event) is not None
        PROOFS[proof](doubtful)
        assert doubtful.of("Ana").state is MessageState.SENT

    @pytest.mark.parametrize("proof", ["a report", "a receipt"])
    def test_it_is_shown_when_the_second_send_is_under_way(self, doubtful: Stage, proof: str) -> None:
        def second(outgoing: Outgoing) -> Receipt:
            del outgoing
            PROOFS[proof](doubtful)
            return Receipt("p2")

        doubtful.approve([doubtful.of("Ana").row_key], retry=True)
        doubtful.channel.script("ana@example.org", second)
        doubtful.start()
        doubtful.send()
        doubtful.sync()
        assert doubtful.of("Ana").state is MessageState.SENT
        assert doubtful.cell("Ana", "Status") == ("Delivered" if proof == "a report" else "Sent")

    def test_a_bounce_of_the_first_send_does_not_stop_the_second(self, doubtful: Stage) -> None:
        doubtful.approve([doubtful.of("Ana").row_key], retry=True)
        report(doubtful, DeliveryStatus.BOUNCED)
        doubtful.start()
        doubtful.send()
        assert doubtful.of("Ana").state is MessageState.SENT
        assert len(doubtful.channel.to("ana@example.org")) == 1

    def test_nothing_is_proven_about_a_message_that_was_never_claimed(self, stage: Stage) -> None:
        stage.draft()
        report(stage, DeliveryStatus.DELIVERED)
        stage.reply("Ana", "yes")
        assert stage.of("Ana").state is MessageState.DRAFTED


def test_a_reply_to_a_message_that_was_called_failed_reaches_its_row(stage: Stage) -> None:
    stage.interpreter.readings["yes"] = YES  # type: ignore[attr-defined]
    stage.channel.script("ana@example.org", PermanentError("No such mailbox."))
    stage.out()
    assert stage.cell("Ana", "Status") == "Failed"
    stage.reply("Ana", "yes")
    assert (stage.cell("Ana", "Status"), stage.cell("Ana", "Reply")) == ("Confirmed", "yes")
    assert stage.cell("Ana", "Availability") == "Yes"
