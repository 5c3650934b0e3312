"""A step that is broken off between any two lines, or meets another one: nothing is lost, nothing happens twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace

import pytest

from jobs import context
from jobs import writing as jobs_writing
from server.domain.message import Outgoing, Receipt
from server.domain.reply import Interpretation
from server.domain.table import CellEdit, NewColumn, Table
from server.domain.words import CampaignState, Flag, MessageState, Outcome
from server.errors import SheetUnavailable, TemporaryError
from server.flow import campaigning, sending
from server.queue import INTERPRET, SYNC
from server.sheets.google.values import wire
from tests import waiting
from tests.fakes import FakeSheet
from tests.flow.stage import PEOPLE, Stage

YES = Interpretation(Outcome.CONFIRMED, {"Availability": "Yes"}, "yes", 0.95, Flag.SURE)
NO = Interpretation(Outcome.DECLINED, {"Availability": "No"}, "no", 0.95, Flag.SURE)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def sent(stage: Stage) -> Stage:
    stage.interpreter.readings.update({"yes": YES, "no": NO})  # type: ignore[attr-defined]
    stage.out()
    return stage


def open_jobs(stage: Stage, name: str) -> list[tuple[str, ...]]:
    return [args for job, args in stage.open_work() if job == name]


class TestReplies:
    def test_a_reply_whose_reader_is_killed_before_it_reached_its_row_is_read_again(
        self, sent: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def killed(*_: object) -> None:
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(sent.ledger.messages, "move", killed)
            with pytest.raises(Killed):
                sent.reply("Ana", "yes")
        for (reply_id,) in open_jobs(sent, INTERPRET):
            sent.interpret(reply_id)
        sent.sync()
        assert sent.cell("Ana", "Status") == "Confirmed"

    def test_an_older_reply_that_is_taken_up_twice_does_not_unsay_a_newer_one(self, sent: Stage) -> None:
        (first,) = sent.reply("Ana", "yes")
        sent.reply("Ana", "no")
        sent.interpret(first)
        sent.sync()
        assert sent.cell("Ana", "Reply") == "no"

    def test_a_reply_is_read_without_the_row_when_the_sheet_can_not_be(self, sent: Stage) -> None:
        sent.sheet.unavailable = True
        with pytest.raises(SheetUnavailable):  # the sync behind it
            sent.reply("Ana", "yes")
        assert sent.of("Ana").outcome is Outcome.CONFIRMED


class TestSending:
    def test_trouble_with_the_provider_does_not_undo_a_pause(self, stage: Stage) -> None:
        def refuse(_: Outgoing) -> Receipt:
            if stage.campaign.state is CampaignState.SENDING:
                campaigning.pause(ledger=stage.ledger, campaign=stage.campaign)
            raise TemporaryError("Not now.")

        people = [(f"P{n}", f"p{n}@example.org", "10:00") for n in range(8)]
        stage.sheet = FakeSheet(("Name", "Email", "Start"), people)
        for _, address, _ in people:
            stage.channel.script(address, refuse)
        stage.out()
        assert stage.campaign.state is CampaignState.PAUSED

    def test_a_send_that_succeeds_after_trouble_does_not_undo_a_pause(self, stage: Stage) -> None:
        def accept(_: Outgoing) -> Receipt:
            campaigning.pause(ledger=stage.ledger, campaign=stage.campaign)
            return Receipt("1")

        stage.channel.bears = stage.channel.bears.__class__(concurrency=1)
        stage.channel.script("ana@example.org", accept)
        stage.draft()
        stage.approve()
        stage.start()
        stage.ledger.campaigns.move(stage.campaign_id, CampaignState.SENDING, note="The provider was away.")
        stage.send()
        assert stage.campaign.state is CampaignState.PAUSED
        assert len(stage.channel.arrived) == 1

    def test_a_refusal_for_now_ends_with_the_campaign_when_that_is_cancelled_meanwhile(self, stage: Stage) -> None:
        def refuse(_: Outgoing) -> Receipt:
            campaigning.cancel(ledger=stage.ledger, campaign=stage.campaign)
            raise TemporaryError("Not now.")

        stage.channel.bears = stage.channel.bears.__class__(concurrency=1)
        stage.channel.script("ana@example.org", refuse)
        stage.out()
        stage.open_work()
        assert stage.states() == {MessageState.CANCELLED: 3}

    def test_what_a_killed_cancel_left_is_cancelled_by_the_sweep(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def killed(*_: object) -> None:
            raise Killed

        stage.draft()
        stage.approve()
        with monkeypatch.context() as patch:
            patch.setattr(stage.ledger.messages, "move_many", killed)
            with pytest.raises(Killed):
                campaigning.cancel(ledger=stage.ledger, campaign=stage.campaign)
        stage.open_work()
        stage.sync()
        assert stage.sheet.column("Status") == ["Cancelled"] * 3

    def test_an_approval_that_meets_the_end_of_its_campaign_is_still_sent(self, sent: Stage) -> None:
        sent.sheet.insert_row(3, {"Name": "Dan", "Email": "dan@example.org", "Start": "10:00"})
        sent.draft()
        sent.ledger.campaigns.move(sent.campaign_id, CampaignState.SENDING)
        sent.open_work()
        assert sent.campaign.state is CampaignState.DONE
        sent.approve()  # and the process ends before it reopens the campaign
        sent.open_work()
        sent.send()
        assert [one.person for one in sent.channel.to("dan@example.org")] == ["Dan"]

    def test_a_chunk_stays_with_its_worker_however_long_the_first_look_takes(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stage.draft()
        stage.approve()
        stage.start()
        leases, read, taken = stage.ledger.leases, stage.sheet.read, list[str]()
        take, holders = leases.take, list[str | None]()

        def counted(name: str, owner: str, seconds: float) -> bool:
            taken.append(name)
            return take(name, owner, seconds)

        def slow(max_age: float = 0.0) -> Table:
            for _ in range(3):
                renewed = len(taken)
                stage.clock.advance(seconds=0.04)
                waiting.until(lambda renewed=renewed: len(taken) > renewed)  # type: ignore[misc]
            holders.append(leases.holder(f"send-{stage.campaign_id}-0"))
            return read(max_age)

        monkeypatch.setattr(sending, "LEASE_SECONDS", 0.06)
        monkeypatch.setattr(leases, "take", counted)
        monkeypatch.setattr(stage.sheet, "read", slow)
        assert stage.send_chunk(owner="w_1").sent == 3
        assert holders[0] == "w_1"


class TestOncePerPerson:
    def test_rows_that_lost_their_keys_do_not_get_a_second_message(self, sent: Stage) -> None:
        sent.sheet.delete_column("Row key")
        sent.draft()
        sent.approve()
        sent.ledger.campaigns.move(sent.campaign_id, CampaignState.SENDING)
        sent.send()
        assert len(sent.channel.arrived) == 3

    def test_a_row_inserted_above_for_the_same_person_is_the_duplicate(self, sent: Stage) -> None:
        sent.sheet.insert_row(0, {"Name": "Ana", "Email": "ANA@example.org", "Start": "09:40"})
        sent.draft()
        assert sent.approve().count == 0
        assert sent.sheet.shown(0, "Status") == "Duplicate"

    def test_two_rows_whose_same_address_is_filled_in_later_get_one_message(
        self, make_stage: Callable[..., Stage]
    ) -> None:
        stage = make_stage([*PEOPLE, ("Dan", "", "10:00"), ("Dan", "", "10:00")])
        stage.draft()
        stage.sheet.type(3, "Email", "dan@example.org")
        stage.sheet.type(4, "Email", "dan@example.org")
        stage.sync()
        stage.write_drafts()
        stage.sync()
        assert sorted(stage.sheet.column("Status")[3:]) == ["Draft", "Duplicate"]


class TestHands:
    def test_a_command_is_not_lost_when_the_sheet_goes_away_while_it_is_obeyed(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stage.draft()
        stage.type("Ana", "Status", "Approved")
        read, reads = stage.sheet.read, []

        def once(max_age: float = 0.0) -> object:
            reads.append(1)
            if len(reads) > 1:
                raise SheetUnavailable("Away.")
            return read(max_age)

        with monkeypatch.context() as patch:
            patch.setattr(stage.sheet, "read", once)
            with pytest.raises(SheetUnavailable):
                stage.sync()
        stage.sync()
        assert stage.of("Ana").state is MessageState.APPROVED

    def test_what_is_typed_between_our_write_and_our_look_at_it_is_obeyed(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stage.draft()
        stage.approve()
        read, writes = stage.sheet.read, len(stage.sheet.writes)

        def type_first(max_age: float = 0.0) -> object:
            if len(stage.sheet.writes) > writes:
                monkeypatch.undo()
                stage.type("Ana", "Status", "Skip")
                stage.type("Ben", "Message", "Dear Ben")
            return read(max_age)

        monkeypatch.setattr(stage.sheet, "read", type_first)
        stage.sync()
        assert (stage.of("Ana").state, stage.cell("Ana", "Status")) == (MessageState.SKIPPED, "Skipped")
        assert (stage.of("Ben").state, stage.of("Ben").text) == (MessageState.DRAFTED, "Dear Ben")

    def test_skip_typed_before_the_draft_was_shown_is_obeyed(self, stage: Stage) -> None:
        stage.sheet.meanwhile = None
        campaign = stage.create()
        from server.flow import planning

        planning.prepare(ledger=stage.ledger, sheet=stage.sheet, channel_of=stage.channel_of, campaign=campaign)
        stage.type("Ana", "Status", "Skip")
        stage.draft()
        assert (stage.of("Ana").state, stage.cell("Ana", "Status")) == (MessageState.SKIPPED, "Skipped")

    def test_it_says_in_the_row_why_an_approval_that_was_typed_does_not_count(self, stage: Stage) -> None:
        stage.draft()
        stage.type("Ana", "Message", "Hello {{Nmae}}")
        stage.type("Ana", "Status", "Approved")
        stage.sync()
        assert stage.cell("Ana", "Status") != "Approved"
        assert "The text still holds" in stage.cell("Ana", "Note")


class TestWriting:
    """A worker that is killed when its values stand in the sheet, and before the ledger heard of it."""

    @pytest.fixture
    def killed_after_write(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
        whole = stage.sync

        def sync() -> None:
            def killed(*_: object) -> None:
                if len(stage.sheet.writes) > writes:
                    raise Killed

            writes, settle = len(stage.sheet.writes), stage.ledger.cells.settle
            with monkeypatch.context() as patch:
                patch.setattr(stage.ledger.cells, "settle", lambda cells: killed() or settle(cells))
                with pytest.raises(Killed):
                    whole()
            stage.seen = ""

        return sync

    def test_what_it_wrote_is_not_taken_for_a_persons_word(
        self, stage: Stage, killed_after_write: Callable[[], None]
    ) -> None:
        stage.draft()
        stage.approve()
        killed_after_write()
        stage.start()
        stage.send()
        stage.sync()
        assert stage.sheet.column("Status") == ["Sent"] * 3
        assert "is yours" not in stage.cell("Ana", "Note")

    def test_its_word_approved_is_not_taken_for_a_persons_yes_to_another_text(
        self, stage: Stage, killed_after_write: Callable[[], None]
    ) -> None:
        stage.draft()
        stage.approve()
        stage.start()
        killed_after_write()
        stage.type("Ana", "Message", "Something else")
        stage.sync()
        stage.send()
        stage.sync()
        assert (stage.of("Ana").state, stage.cell("Ana", "Status")) == (MessageState.DRAFTED, "Draft")
        assert stage.channel.to("ana@example.org") == []

    def test_a_second_reply_still_reaches_its_cell(
        self, stage: Stage, killed_after_write: Callable[[], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stage.out()
        with monkeypatch.context() as patch:
            patch.setattr(stage, "sync", killed_after_write)
            stage.reply("Ana", "who is this?")
        stage.reply("Ana", "and when?")
        assert stage.cell("Ana", "Reply") == "and when?"

    def test_a_command_that_was_refused_leaves_a_status_that_moves_on(
        self, stage: Stage, killed_after_write: Callable[[], None]
    ) -> None:
        stage.draft()
        stage.type("Ana", "Message", "Hello {{Nmae}}")
        stage.type("Ana", "Status", "Approved")
        killed_after_write()
        stage.type("Ana", "Message", "Hello Ana")
        stage.approve()
        stage.start()
        stage.send()
        stage.sync()
        assert stage.cell("Ana", "Status") == "Sent"


@pytest.mark.parametrize("text", ["\x07", "\ud83d", "\x00\x7f", "\uffff"])
def test_a_reply_that_no_cell_can_show_is_not_written_again_and_again(
    sent: Stage, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply, writes = sent.sheet.apply, list[int]()

    def like_a_host(table: Table, edits: Sequence[CellEdit], new: Sequence[NewColumn] = ()) -> Table | None:
        writes.append(len(edits))
        return apply(table, [replace(one, value=wire(one.value) or None) for one in edits], new)

    monkeypatch.setattr(sent.sheet, "apply", like_a_host)
    sent.reply("Ana", text)
    assert sent.cell("Ana", "Status") == "Review"
    assert len(writes) == 1
    sent.reply("Ben", f"yes{text}")
    assert sent.cell("Ben", "Reply") == "yes"


def test_ten_thousand_rows_with_one_address_are_sorted_out_at_once(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage([(f"Person {n}", "office@example.org", "10:00") for n in range(10_000)])
    started = time.perf_counter()
    stage.create()
    from server.flow import planning

    found = planning.survey(stage.sheet.read(), stage.plan, stage.channel_of, ("all",))
    assert time.perf_counter() - started < 5
    assert max(len(one.why) for one in found.recipients) < 300


def test_a_look_at_a_sheet_that_another_worker_holds_is_asked_for_again(
    sent: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = SimpleNamespace(
        ledger=sent.ledger, clock=sent.clock, open_sheet=lambda *_: sent.sheet, channel_for=lambda *_: sent.channel
    )
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(context, "services", lambda: services)
    monkeypatch.setattr(context, "wake", lambda *job: asked.append(job))
    monkeypatch.setattr(jobs_writing, "BUSY_SECONDS", 0.0)
    sent.ledger.leases.take(f"sheet-{sent.campaign.workbook}", "another", 30)
    jobs_writing.sync(sent.campaign_id)
    assert asked == [(SYNC, sent.campaign_id)]
