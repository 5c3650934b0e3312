"""What comes late, doubled or out of order about a send: it settles what it proves, and unsays nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from server.domain import machine
from server.domain.message import Outgoing, Receipt
from server.domain.reply import DeliveryEvent, InboundMessage, Interpretation, UnknownEvent
from server.domain.words import CampaignState, DeliveryStatus, Flag, MessageState, Outcome
from server.errors import PermanentError, SendInDoubt, TemporaryError
from server.flow import campaigning, interpreting, receiving, sweeping
from server.ports import ReadRequest
from tests.fakes import FakeSheet
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


class Slow:
    """Reads when every reply has come to be read: what the one says is not known to the other."""

    def __init__(self, readings: dict[str, Interpretation], readers: int) -> None:
        self.readings, self.missing = readings, readers
        self.all_here = asyncio.Event()

    async def read(self, request: ReadRequest) -> Interpretation:
        self.missing -= 1
        if not self.missing:
            self.all_here.set()
        await self.all_here.wait()
        return self.readings[request.reply]


class TestTwoRepliesAtOnce:
    @pytest.fixture
    def sent(self, stage: Stage) -> Stage:
        stage.out()
        return stage

    def read(self, stage: Stage, *texts: str, order: Sequence[int]) -> None:
        """The replies come one after the other, are read at once, and end in that order."""
        ids = [self.receive(stage, text) for text in texts]
        readings = {"yes": YES, "no": NO, "where?": Interpretation(Outcome.QUESTION, reason="They ask something.")}
        readings["also yes"] = replace(YES, evidence="yes")

        async def both() -> None:
            slow = Slow(readings, len(ids))
            await asyncio.gather(*(self.interpret(stage, slow, ids[place]) for place in order))

        asyncio.run(both())
        stage.sync()

    def receive(self, stage: Stage, text: str) -> str:
        ana = stage.of("Ana")
        event = InboundMessage(f"event {text}", ana.address, text, token=ana.token)
        (stored,) = receiving.store(ledger=stage.ledger, clock=stage.clock, provider="fake", events=[event])
        stage.clock.advance(1)
        taken = asyncio.run(
            receiving.receive(ledger=stage.ledger, clock=stage.clock, channel_of=stage.channel_of, event_id=stored)
        )
        return taken.reply_id

    async def interpret(self, stage: Stage, reader: Slow, reply_id: str) -> None:
        await interpreting.interpret(ledger=stage.ledger, sheet=None, interpreter=reader, reply_id=reply_id)

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_two_that_differ_are_never_both_taken(self, sent: Stage, order: tuple[int, int]) -> None:
        self.read(sent, "yes", "no", order=order)
        assert (sent.cell("Ana", "Status"), sent.cell("Ana", "Flag")) == ("Review", "check")
        assert (sent.cell("Ana", "Reply"), sent.cell("Ana", "Availability")) == ("no", "")
        assert "differs from an earlier answer" in sent.cell("Ana", "Note")

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_two_that_agree_are_sure(self, sent: Stage, order: tuple[int, int]) -> None:
        self.read(sent, "yes", "also yes", order=order)
        assert (sent.cell("Ana", "Status"), sent.cell("Ana", "Reply")) == ("Confirmed", "also yes")

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_an_answer_is_kept_when_a_question_follows_it(self, sent: Stage, order: tuple[int, int]) -> None:
        self.read(sent, "yes", "where?", order=order)
        assert (sent.cell("Ana", "Status"), sent.cell("Ana", "Reply")) == ("Review", "where?")
        assert sent.cell("Ana", "Availability") == "Yes"
        assert "earlier answer stands" in sent.cell("Ana", "Note")

    @pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2)])
    def test_another_answer_after_a_question_is_asked_about(self, sent: Stage, order: tuple[int, ...]) -> None:
        self.read(sent, "yes", "where?", "no", order=order)
        assert (sent.cell("Ana", "Flag"), sent.cell("Ana", "Availability")) == ("check", "")

    def test_a_reply_that_is_read_twice_changes_nothing(self, sent: Stage) -> None:
        self.read(sent, "yes", "no", order=(0, 1))
        before = sent.of("Ana")
        at = sent.ledger.inbox.replies(sent.campaign_id)[0].received_at
        assert sent.ledger.messages.move(before.id, machine.Answered(NO, "no", at=at)) is None
        assert sent.of("Ana") == before


class TestSkipThatNobodyHasReadYet:
    """Typed into Status, and standing there when somebody approves."""

    @pytest.mark.parametrize("keys", ["all", "this one"])
    def test_it_wins(self, stage: Stage, keys: str) -> None:
        stage.draft()
        stage.type("Ana", "Status", "skip")
        done = stage.approve(None if keys == "all" else [stage.of("Ana").row_key])
        assert done.count == (2 if keys == "all" else 0)
        assert "Skip stands in Status" in done.sentence
        assert stage.of("Ana").state is MessageState.SKIPPED
        stage.sync()
        assert stage.cell("Ana", "Status") == "Skipped"

    def test_it_wins_over_a_retry_in_the_panel(self, stage: Stage) -> None:
        stage.channel.script("ana@example.org", PermanentError("No such mailbox."))
        stage.out()
        stage.type("Ana", "Status", "Skip")
        assert stage.approve([stage.of("Ana").row_key], retry=True).count == 0
        assert stage.of("Ana").state is MessageState.SKIPPED

    def test_what_was_skipped_before_may_be_tried_again(self, stage: Stage) -> None:
        stage.draft()
        stage.type("Ana", "Status", "Skip")
        stage.sync()
        assert stage.approve([stage.of("Ana").row_key], retry=True).count == 1


class TestEventsThatCanNotBeProcessed:
    """Of a provider that is not set up any more, or of a kind that nobody foresaw."""

    def store(self, stage: Stage, provider: str, count: int) -> list[str]:
        events = [UnknownEvent(f"{provider}-{number}-{stage.clock.now()}") for number in range(count)]
        return receiving.store(ledger=stage.ledger, clock=stage.clock, provider=provider, events=events)

    def jobs(self, stage: Stage, providers: Sequence[str] | None = ("fake",)) -> list[str]:
        work = sweeping.open_work(
            ledger=stage.ledger, clock=stage.clock, changed=lambda _: False, providers=providers, limit=5
        )
        asked, found = [job for job, _ in work].count(sweeping.RECEIVE), sweeping.to_receive(stage.ledger, providers, 5)
        assert asked == bool(found)
        return found

    def test_they_hide_none_of_another_provider(self, stage: Stage) -> None:
        self.store(stage, "gone", 20)
        new = self.store(stage, "fake", 1)
        assert self.jobs(stage) == new

    def test_they_do_not_hide_what_came_last(self, stage: Stage) -> None:
        self.store(stage, "fake", 20)
        stage.clock.advance(1)
        new = self.store(stage, "fake", 1)
        assert new
        assert set(new) <= set(self.jobs(stage))

    def test_they_are_let_go_after_a_week_and_stay_stored(self, stage: Stage) -> None:
        (old,) = self.store(stage, "gone", 1)
        stage.clock.advance(days=6)
        self.jobs(stage)
        assert stage.ledger.inbox.waiting(9) == [old]
        stage.clock.advance(days=2)
        self.jobs(stage)
        assert stage.ledger.inbox.waiting(9) == []
        assert stage.ledger.inbox.get(old).provider == "gone"

    def test_they_are_taken_in_when_their_provider_is_set_up_again(self, stage: Stage) -> None:
        old = self.store(stage, "gone", 1)
        stage.clock.advance(days=3)
        assert self.jobs(stage, ["fake", "gone"]) == old


class TestADayOfTries:
    """What a provider refuses for now ends within a day of its first refusal, however many rows wait with it."""

    def away(self, stage: Stage, hours: float, step: float = 0.5) -> float:
        """The provider is away so long; hours until nothing waited any more."""
        for tick in range(int(hours / step)):
            stage.clock.advance(hours=step)
            stage.send()
            if not stage.states().get(MessageState.APPROVED):
                return (tick + 1) * step
        return hours

    def test_it_ends_for_all_rows_of_a_long_list(self, make_stage: Callable[..., Stage]) -> None:
        people = [(f"P{number}", f"p{number}@example.org", "10:00") for number in range(260)]
        stage = make_stage(people)
        stage.channel.unavailable = True
        stage.out()
        assert 23 <= self.away(stage, 40, step=1) <= 26
        assert stage.states() == {MessageState.FAILED: 260}
        assert len({one.person for one in stage.channel.sends}) == 260

    def test_a_success_between_begins_the_day_anew(self, stage: Stage) -> None:
        people = [(f"P{number}", f"p{number}@example.org", "10:00") for number in range(20)]
        stage.sheet = FakeSheet(("Name", "Email", "Start"), people)
        stage.channel.unavailable = True
        stage.out()
        self.away(stage, 20)
        stage.channel.unavailable, stage.channel.bears = False, replace(stage.channel.bears, concurrency=1)
        stage.channel.script("p19@example.org", *[TemporaryError("Not now.")] * 30)
        stage.clock.advance(hours=2)
        stage.send()
        assert stage.states() == {MessageState.SENT: 19, MessageState.APPROVED: 1}
        self.away(stage, 20)
        assert stage.of("P19").state is MessageState.APPROVED

    def test_the_time_of_a_pause_does_not_count(self, stage: Stage) -> None:
        stage.channel.unavailable = True
        stage.out()
        campaigning.pause(ledger=stage.ledger, campaign=stage.campaign)
        stage.clock.advance(days=3)
        campaigning.resume(ledger=stage.ledger, clock=stage.clock, campaign=stage.campaign)
        stage.send()
        assert stage.states() == {MessageState.APPROVED: 3}

    def test_one_row_that_is_refused_ends_while_others_go_out(self, stage: Stage) -> None:
        stage.channel.script("ana@example.org", *[TemporaryError("Greylisted.")] * 99)
        stage.out()
        assert 23 <= self.away(stage, 40) <= 25.5
        assert stage.states() == {MessageState.SENT: 2, MessageState.FAILED: 1}


def test_a_reply_to_a_message_that_was_called_failed_reaches_its_row(stage: Stage) -> None:
    stage.interpreter.readings["yes"] = YES  # type: ignore[attr-defined]
    stage.channel.script("ana@example.org", PermanentError("No such mailbox."))
    stage.out()
    assert stage.cell("Ana", "Status") == "Failed"
    stage.reply("Ana", "yes")
    assert (stage.cell("Ana", "Status"), stage.cell("Ana", "Reply")) == ("Confirmed", "yes")
    assert stage.cell("Ana", "Availability") == "Yes"


class TestABareReply:
    """It names no message: nothing but its sender tells what it may be about."""

    @pytest.fixture
    def two(self, make_stage: Callable[..., Stage]) -> Stage:
        """Two people at one address: Ana's message was sent, it is not known whether Ben's went."""
        stage = make_stage([("Ana", "home@example.org", "09:40"), ("Ben", "home@example.org", "09:45")])
        stage.interpreter.readings.update({"yes": YES, "no": NO})  # type: ignore[attr-defined]
        stage.draft()
        stage.channel.script("home@example.org", Receipt("p1"), SendInDoubt("The answer was lost."))
        for name in ("Ana", "Ben"):
            stage.clock.advance(minutes=1)
            stage.approve([stage.of(name).row_key])
            stage.start()
            stage.send()
        stage.sync()
        assert [stage.of(name).state for name in ("Ana", "Ben")] == [MessageState.SENT, MessageState.IN_DOUBT]
        return stage

    def test_does_not_prove_that_a_message_went_which_it_may_not_be_about(self, two: Stage) -> None:
        two.reply("Ana", "yes", token="")
        assert (two.cell("Ana", "Status"), two.cell("Ben", "Status")) == ("Review", "In doubt")
        assert two.cell("Ben", "Reply") == "yes"
        receipt_of = machine.Accepted("fake", "p2", two.clock.now())
        two.ledger.messages.move(two.of("Ben").id, receipt_of)
        two.sync()
        assert two.cell("Ben", "Status") == "Review"

    def test_a_second_word_is_not_taken_for_the_answer_to_a_message_that_may_never_have_come(self, two: Stage) -> None:
        two.reply("Ana", "yes")
        assert two.cell("Ana", "Status") == "Confirmed"
        two.reply("Ana", "no", token="")
        assert (two.cell("Ben", "Status"), two.cell("Ben", "Availability")) == ("In doubt", "")
        assert two.cell("Ana", "Status") == "Review"

    def test_a_send_that_is_put_off_meanwhile_is_made_all_the_same(self, two: Stage) -> None:
        def put_off(outgoing: Outgoing) -> Receipt:
            two.reply("Ana", "yes", token="")
            raise TemporaryError(f"Not now, {outgoing.person}.")

        two.approve([two.of("Ben").row_key], retry=True)
        two.channel.script("home@example.org", put_off)
        two.start()
        two.send()
        assert two.of("Ben").state is MessageState.APPROVED
        two.clock.advance(hours=1)
        two.send()
        assert two.of("Ben").state is MessageState.SENT
        assert [one.person for one in two.channel.sends] == ["Ana", "Ben", "Ben", "Ben"]


def test_a_fault_of_the_account_that_comes_late_stops_what_would_meet_it_too(stage: Stage) -> None:
    stage.out()
    stage.ledger.campaigns.move(stage.campaign_id, CampaignState.SENDING, start_at=stage.clock.now())
    why = "Meta has paused the template"
    report = DeliveryEvent(
        "d-1", DeliveryStatus.FAILED, token=stage.of("Ana").token, detail=why, permanent=True, whole_campaign=True
    )
    stage.post(replace(report, event_id="d-0", whole_campaign=False, token=stage.of("Ben").token))
    assert stage.campaign.state is CampaignState.SENDING
    stage.post(report)
    assert (stage.campaign.state, stage.campaign.note) == (CampaignState.PAUSED, f"Not delivered: {why}.")
    assert stage.cell("Ana", "Status") == "Failed"


def test_what_was_sent_before_a_person_went_on_stops_nothing_again(stage: Stage) -> None:
    stage.out()
    stage.ledger.campaigns.move(stage.campaign_id, CampaignState.PAUSED)
    stage.clock.advance(60)
    stage.ledger.campaigns.move(stage.campaign_id, CampaignState.SENDING, start_at=stage.clock.now())
    stage.post(DeliveryEvent("d-1", DeliveryStatus.FAILED, token=stage.of("Ana").token, whole_campaign=True))
    assert stage.campaign.state is CampaignState.SENDING
