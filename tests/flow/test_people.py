"""What people do in the sheet is obeyed or kept, never lost; and no value lands in another person's row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from server.domain.plan import AnswerColumn
from server.domain.reply import DeliveryEvent, Interpretation
from server.domain.table import Cell
from server.domain.words import CellKind, DeliveryStatus, Flag, MessageState, Outcome, Problem
from server.errors import InvalidInput, PermanentError, SheetUnavailable
from server.flow import campaigning, sweeping
from server.queue import SYNC
from tests.databases import BOTH
from tests.fakes import FakeSheet
from tests.flow.stage import PEOPLE, PLAN, Stage

DATABASES = BOTH
YES = Interpretation(Outcome.CONFIRMED, {"Availability": "Yes"}, "yes", 0.95, Flag.SURE)
MAYBE = Interpretation(Outcome.CONFIRMED, {"Availability": "Yes"}, "maybe", 0.4, Flag.CHECK, "It says maybe.")


@pytest.fixture
def sent(stage: Stage) -> Stage:
    stage.interpreter.readings.update({"yes": YES, "maybe": MAYBE})  # type: ignore[attr-defined]
    stage.out()
    return stage


class TestApproving:
    def test_it_sends_what_was_edited_in_the_cell_before_approval(self, stage: Stage) -> None:
        stage.draft()
        stage.type("Ana", "Message", "Dear Ana, 09:40 it is.")
        stage.approve()
        stage.start()
        stage.send()
        assert stage.channel.to("ana@example.org")[0].text == "Dear Ana, 09:40 it is."

    def test_an_approval_lapses_when_the_cell_is_edited(self, stage: Stage) -> None:
        stage.draft()
        stage.approve()
        stage.sync()
        stage.type("Ana", "Message", "Something else")
        stage.sync()
        assert (stage.of("Ana").state, stage.of("Ana").approval) == (MessageState.DRAFTED, None)
        assert stage.cell("Ana", "Status") == "Draft"

    def test_it_does_not_send_what_was_edited_after_approval(self, stage: Stage) -> None:
        stage.draft()
        stage.approve()
        stage.sync()
        stage.start()
        stage.type("Ana", "Message", "Something else")
        stage.send()
        stage.sync()
        assert stage.channel.to("ana@example.org") == []
        assert stage.cell("Ana", "Status") in {"Changed", "Draft"}

    @pytest.mark.parametrize(("column", "text"), [("Start", "10:40"), ("Email", "other@example.org"), ("Name", "Anna")])
    def test_it_does_not_send_when_the_row_changed_after_approval(self, stage: Stage, column: str, text: str) -> None:
        stage.draft()
        stage.approve()
        stage.sync()
        stage.start()
        stage.sheet.type(0, column, text)
        stage.send()
        stage.sync()
        assert [one.address for one in stage.channel.arrived] == ["ben@example.org", "cleo@example.org"]
        assert stage.sheet.shown(0, "Status") == "Changed"

    def test_it_leaves_a_draft_whose_row_changed_since(self, stage: Stage) -> None:
        stage.draft()
        stage.type("Ana", "Start", "10:40")
        done = stage.approve()
        assert done.count == 2
        assert stage.of("Ana").problem is Problem.CHECK
        stage.sync()
        assert stage.cell("Ana", "Status") == "Check draft"

    def test_it_does_not_approve_an_empty_message_or_a_leftover_placeholder(self, stage: Stage) -> None:
        stage.draft()
        stage.type("Ana", "Message", "")
        stage.type("Ben", "Message", "Hello {{Nmae}}")
        done = stage.approve()
        assert done.count == 1
        assert "The message is empty." in done.sentence
        assert "{{" in done.sentence

    def test_rows_without_an_address_are_named_and_not_sent(self, make_stage: Callable[..., Stage]) -> None:
        stage = make_stage([*PEOPLE, ("Dan", "", "10:00"), ("Eve", "eve at example", "10:05")])
        stage.out()
        assert (stage.cell("Dan", "Status"), stage.cell("Eve", "Status")) == ("No address", "No address")
        assert len(stage.channel.arrived) == 3

    def test_an_address_that_is_filled_in_makes_the_row_a_draft(self, make_stage: Callable[..., Stage]) -> None:
        stage = make_stage([*PEOPLE, ("Dan", "", "10:00")])
        stage.draft()
        stage.type("Dan", "Email", "dan@example.org")
        stage.sync()
        stage.write_drafts()
        stage.sync()
        assert stage.cell("Dan", "Status") == "Draft"

    def test_the_same_person_twice_gets_one_message(self, make_stage: Callable[..., Stage]) -> None:
        stage = make_stage([*PEOPLE, ("Ana", "ANA@example.org", "11:00")])
        stage.out()
        assert stage.sheet.column("Status") == ["Sent", "Sent", "Sent", "Duplicate"]

    def test_people_who_share_an_address_are_asked_about(self, make_stage: Callable[..., Stage]) -> None:
        stage = make_stage([*PEOPLE, ("Bea", "ben@example.org", "11:00")])
        stage.out()
        assert stage.sheet.column("Status") == ["Sent", "Check draft", "Sent", "Check draft"]
        stage.type("Ben", "Status", "approved")
        stage.type("Bea", "Status", "Approved")
        stage.sync()
        stage.send()
        assert len(stage.channel.to("ben@example.org")) == 2

    def test_hidden_rows_are_left_alone(self, stage: Stage) -> None:
        stage.sheet.hide(1)
        stage.draft(rows=("visible",))
        stage.approve()
        stage.start()
        stage.send()
        stage.sync()
        assert [one.person for one in stage.channel.arrived] == ["Ana", "Cleo"]
        assert stage.cell("Ben", "Message") == ""


class TestCommands:
    def test_skip_keeps_a_row_from_being_sent(self, stage: Stage) -> None:
        stage.draft()
        stage.approve()
        stage.sync()
        stage.type("Ben", "Status", "skip")
        stage.sync()
        stage.start()
        stage.send()
        stage.sync()
        assert (stage.cell("Ben", "Status"), stage.channel.to("ben@example.org")) == ("Skipped", [])

    def test_skip_holds_at_the_last_moment_too(self, stage: Stage) -> None:
        stage.draft()
        stage.approve()
        stage.sync()
        stage.start()
        stage.type("Ben", "Status", "Skip")
        stage.send()
        stage.sync()
        assert (stage.cell("Ben", "Status"), stage.channel.to("ben@example.org")) == ("Skipped", [])

    def test_retry_sends_a_failed_row_again_and_only_that(self, stage: Stage) -> None:
        stage.channel.script("ben@example.org", PermanentError("Mailbox full."))
        stage.out()
        stage.open_work()
        stage.type("Ben", "Status", "Retry")
        stage.sync()
        stage.send()
        stage.sync()
        assert stage.cell("Ben", "Status") == "Sent"
        assert len(stage.channel.arrived) == 3

    def test_retry_of_a_sent_row_changes_nothing_and_says_so(self, sent: Stage) -> None:
        sent.type("Ben", "Status", "Retry")
        sent.sync()
        sent.send()
        sent.sync()
        assert len(sent.channel.to("ben@example.org")) == 1
        assert sent.cell("Ben", "Status") == "Sent"
        assert "changes nothing" in sent.cell("Ben", "Note")

    def test_a_person_settles_a_doubtful_send_by_typing(self, stage: Stage) -> None:
        stage.channel.lost = 2
        stage.out()
        stage.type("Ana", "Status", "Sent")
        stage.type("Ben", "Status", "Retry")
        stage.sync()
        stage.send()
        stage.sync()
        assert (stage.cell("Ana", "Status"), stage.cell("Ben", "Status")) == ("Sent", "Sent")
        assert (len(stage.channel.to("ana@example.org")), len(stage.channel.to("ben@example.org"))) == (1, 2)

    def test_redraft_writes_the_text_anew_from_the_row_as_it_is_now(self, stage: Stage) -> None:
        stage.draft()
        stage.type("Ana", "Start", "10:40")
        stage.type("Ana", "Status", "Redraft")
        stage.sync()
        stage.write_drafts()
        stage.sync()
        assert stage.cell("Ana", "Message") == "Hello Ana, you start at 10:40. Can you come?"
        assert stage.cell("Ana", "Status") == "Draft"

    def test_a_cleared_status_does_not_send_again(self, sent: Stage) -> None:
        for name in ("Ana", "Ben", "Cleo"):
            sent.type(name, "Status", "")
        sent.sync()
        sent.approve()
        sent.send()
        assert len(sent.channel.arrived) == 3
        sent.reply("Ana", "yes")
        assert sent.cell("Ana", "Status") == "Confirmed"

    def test_a_word_of_ones_own_in_status_stays(self, sent: Stage) -> None:
        sent.type("Ana", "Status", "called her")
        sent.sync()
        sent.reply("Ana", "yes")
        assert sent.cell("Ana", "Status") == "called her"
        assert "Confirmed" in sent.cell("Ana", "Note")

    @pytest.mark.parametrize("word", ["Declined", "Failed", "Opted out", "Duplicate"])
    def test_a_word_of_our_list_that_we_never_wrote_there_is_a_persons_too(self, sent: Stage, word: str) -> None:
        sent.type("Ana", "Status", word)
        sent.sync()
        sent.reply("Ana", "yes")
        assert sent.cell("Ana", "Status") == word
        assert "Confirmed" in sent.cell("Ana", "Note")

    def test_a_former_word_of_ours_that_comes_back_with_its_row_is_written_over(self, stage: Stage) -> None:
        stage.draft()
        rows = {name: replace(line, cells=[*line.cells]) for name, line in zip("ABC", stage.sheet._lines, strict=True)}
        stage.approve()
        stage.start()
        stage.sync()
        stage.send()
        stage.sync()
        stage.sheet.delete_row(0)
        stage.sync()
        stage.sheet._lines.append(rows["A"])  # the row as a person cut it out, long before
        stage.sheet._revision += 1
        stage.sync()
        assert (stage.cell("Ana", "Status"), stage.cell("Ben", "Status")) == ("Sent", "Sent")
        assert stage.cell("Ana", "Note") == ""

    def test_every_former_word_is_known_again(self, sent: Stage) -> None:
        token = sent.of("Ana").token
        sent.post(DeliveryEvent("d", DeliveryStatus.DELIVERED, token=token))
        sent.post(DeliveryEvent("r", DeliveryStatus.READ, token=token))
        sent.reply("Ana", "maybe")
        sent.reply("Ana", "yes")
        for word in ("Draft", "Sending", "Delivered", "Read", "Review"):
            sent.type("Ana", "Status", word)
            sent.sync()
            assert sent.cell("Ana", "Status") == "Confirmed", word

    def test_a_retry_that_is_undone_before_it_was_sent_is_not_sent(self, stage: Stage) -> None:
        stage.channel.lost = 1
        stage.out()
        doubtful = next(one.person for one in stage.messages() if one.state is MessageState.IN_DOUBT)
        before = len(stage.channel.arrived)
        stage.type(doubtful, "Status", "Retry")
        stage.sync()
        stage.type(doubtful, "Status", "In doubt")
        stage.sync()
        stage.send()
        stage.sync()
        assert len(stage.channel.arrived) == before
        assert stage.cell(doubtful, "Status") == "Skipped"
        assert "put back" in stage.cell(doubtful, "Note")


class TestAnswers:
    def test_a_value_that_a_person_typed_is_not_overwritten(self, sent: Stage) -> None:
        sent.type("Ana", "Availability", "only mornings")
        sent.sync()
        sent.reply("Ana", "yes")
        assert sent.cell("Ana", "Availability") == "only mornings"
        assert "Cellback would write “Yes”" in sent.cell("Ana", "Note")

    def test_an_allowed_answer_that_a_person_types_settles_the_row(self, sent: Stage) -> None:
        sent.reply("Ana", "maybe")
        sent.type("Ana", "Availability", "No")
        sent.sync()
        assert (sent.cell("Ana", "Status"), sent.cell("Ana", "Flag")) == ("Declined", "")
        assert sent.of("Ana").settled_by

    def test_an_answer_taken_by_telephone_counts_without_a_reply(self, sent: Stage) -> None:
        sent.type("Ben", "Availability", "Yes")
        sent.sync()
        assert sent.cell("Ben", "Status") == "Confirmed"

    def test_a_person_accepts_a_proposal_in_the_flag_cell(self, sent: Stage) -> None:
        sent.reply("Ana", "maybe")
        sent.type("Ana", "Flag", "sure")
        sent.sync()
        assert (sent.cell("Ana", "Status"), sent.cell("Ana", "Availability")) == ("Confirmed", "Yes")

    def test_a_settled_row_stays_settled(self, sent: Stage) -> None:
        sent.type("Ana", "Availability", "No")
        sent.sync()
        sent.reply("Ana", "yes")
        assert (sent.cell("Ana", "Availability"), sent.cell("Ana", "Status")) == ("No", "Declined")
        assert "read it" in sent.cell("Ana", "Note")

    @pytest.mark.parametrize("shown", ["maybe", ""], ids=["that shows something", "that shows nothing"])
    def test_it_never_writes_over_a_formula(self, sent: Stage, shown: str) -> None:
        sent.type("Ana", "Availability", Cell(shown, shown, CellKind.TEXT, formula=True))
        sent.reply("Ana", "yes")
        assert sent.sheet._lines[0].cells[sent.sheet._index("Availability")].formula


class TestTheRightRow:
    """Each test moves the sheet between sending and answering."""

    @pytest.mark.parametrize(
        "move",
        [
            lambda sheet: sheet.sort("Name", reverse=True),
            lambda sheet: sheet.insert_row(0, {"Name": "Zoe", "Email": "zoe@example.org"}),
            lambda sheet: sheet.delete_row(2),
            lambda sheet: sheet.move_column("Availability", 0),
            lambda sheet: sheet.insert_column(0, "Remarks"),
            lambda sheet: (sheet.hide(0), sheet.sort("Start", reverse=True)),
        ],
        ids=["sort", "insert", "delete", "move column", "insert column", "hide and sort"],
    )
    def test_an_answer_finds_its_row(self, sent: Stage, move: Callable[[FakeSheet], None]) -> None:
        move(sent.sheet)
        sent.reply("Ana", "yes")
        assert sent.cell("Ana", "Availability") == "Yes"
        assert sent.sheet.column("Availability").count("Yes") == 1

    def test_it_decides_anew_when_the_sheet_is_sorted_in_the_middle_of_a_write(self, sent: Stage) -> None:
        sent.sheet.meanwhile = lambda sheet: sheet.sort("Name", reverse=True)
        sent.reply("Ana", "yes")
        assert sent.cell("Ana", "Availability") == "Yes"
        assert sent.sheet.column("Availability").count("Yes") == 1

    def test_a_copied_row_is_no_second_recipient(self, sent: Stage) -> None:
        sent.sheet.copy_row(0, 3)
        sent.sheet.type(3, "Name", "Dora")
        sent.sheet.type(3, "Email", "dora@example.org")
        sent.reply("Ana", "yes")
        assert sent.sheet.column("Availability") == ["Yes", "", "", ""]

    def test_a_second_campaign_leaves_a_copied_rows_key_to_the_row_that_the_first_one_knows(self, sent: Stage) -> None:
        first = sent.campaign_id
        sent.sheet.copy_row(0, 0)
        sent.sheet.type(0, "Name", "Dora")
        sent.sheet.type(0, "Email", "dora@example.org")
        sent.campaign_id, sent.seen = "", ""
        sent.draft()
        sent.campaign_id, sent.seen = first, ""
        sent.reply("Ana", "yes")
        assert sent.sheet.column("Availability") == ["", "Yes", "", ""]
        assert len(set(sent.sheet.column("Row key"))) == 4

    def test_keys_that_were_sorted_apart_from_their_rows_are_noticed(self, sent: Stage) -> None:
        keys = sent.sheet.column("Row key")
        for row, key in enumerate(reversed(keys)):
            sent.sheet.type(row, "Row key", key)
        sent.reply("Ana", "yes")
        assert sent.sheet.column("Availability") == ["", "", ""]

    def test_it_goes_on_when_the_sort_without_keys_is_undone(self, sent: Stage) -> None:
        keys = sent.sheet.column("Row key")
        for row, key in enumerate(reversed(keys)):
            sent.sheet.type(row, "Row key", key)
        sent.reply("Ana", "yes")
        for row, key in enumerate(keys):
            sent.sheet.type(row, "Row key", key)
        sent.sync()
        assert sent.sheet.column("Availability") == ["Yes", "", ""]
        assert sent.cell("Ana", "Status") == "Confirmed"
        assert "is yours" not in sent.cell("Ana", "Note")

    def test_it_goes_on_when_the_copy_of_a_row_is_deleted(self, sent: Stage) -> None:
        sent.sheet.copy_row(0, 3)
        sent.reply("Ana", "yes")
        assert sent.sheet.column("Availability") == ["", "", "", ""]
        sent.sheet.delete_row(3)
        sent.sync()
        assert sent.sheet.column("Availability") == ["Yes", "", ""]

    def test_what_a_copied_row_kept_from_a_cancelled_campaign_is_written_once_the_copy_is_gone(
        self, stage: Stage
    ) -> None:
        stage.draft()
        stage.sync()
        stage.sheet.copy_row(0, 3)
        campaigning.cancel(ledger=stage.ledger, campaign=stage.campaign)
        stage.sync()
        assert stage.sheet.column("Status")[0] == "Draft"
        stage.sheet.delete_row(3)
        work = sweeping.open_work(ledger=stage.ledger, clock=stage.clock, changed=lambda _: True)
        assert (SYNC, (stage.campaign_id,)) in list(work)
        stage.sync()
        assert stage.sheet.column("Status")[0] == "Cancelled"

    def test_it_goes_on_when_a_person_takes_their_value_back(self, sent: Stage) -> None:
        sent.type("Ana", "Status", "called her")
        sent.reply("Ana", "yes")
        assert "is yours" in sent.cell("Ana", "Note")
        sent.type("Ana", "Status", "Sent")
        sent.sync()
        assert sent.cell("Ana", "Status") == "Confirmed"
        assert "is yours" not in sent.cell("Ana", "Note")

    def test_a_corrected_address_is_still_the_same_row(self, sent: Stage) -> None:
        sent.type("Ana", "Email", "ana.souza@example.org")
        sent.reply("Ana", "yes")
        assert sent.cell("Ana", "Availability") == "Yes"

    def test_a_renamed_column_is_followed(self, sent: Stage) -> None:
        sent.reply("Ben", "yes")
        sent.sheet.rename_column("Availability", "Kommt?")
        sent.reply("Ana", "yes")
        assert sent.sheet.column("Kommt?") == ["Yes", "Yes", ""]
        assert "Availability" not in sent.sheet.titles

    def test_a_deleted_column_is_made_again_with_what_stood_in_it(self, sent: Stage) -> None:
        sent.reply("Ben", "yes")
        sent.sheet.delete_column("Availability")
        sent.sync()
        assert sent.sheet.column("Availability") == ["", "Yes", ""]

    def test_a_row_that_was_deleted_and_comes_back_gets_its_answer(self, sent: Stage) -> None:
        line = sent.sheet._lines[0]
        sent.sheet.delete_row(0)
        ana = sent.of("Ana")
        assert ana.row_key
        sent.reply("Ana", "yes")
        sent.sheet._lines.append(line)
        sent.sheet._revision += 1
        sent.sync()
        assert sent.cell("Ana", "Availability") == "Yes"

    def test_what_waited_under_an_old_title_is_not_written_into_a_new_column_of_that_title(self, sent: Stage) -> None:
        sent.reply("Ben", "yes")
        line = sent.sheet._lines[0]
        sent.sheet.delete_row(0)
        sent.reply("Ana", "yes")
        sent.sheet.rename_column("Reply", "Antwort")
        sent.sync()
        sent.sheet.insert_column(len(sent.sheet.titles), "Reply")  # somebody's own, or another campaign's
        sent.sheet._lines.append(line)
        sent.sheet._revision += 1
        sent.sync()
        assert sent.cell("Ana", "Antwort") == "yes"
        assert sent.sheet.column("Reply") == ["", "", ""]

    def test_writes_wait_while_the_sheet_is_locked_and_nothing_is_lost(self, sent: Stage) -> None:
        sent.sheet.locked = True
        with pytest.raises(SheetUnavailable):
            sent.reply("Ana", "yes")
        sent.sheet.locked = False
        sent.sync()
        assert sent.cell("Ana", "Availability") == "Yes"

    def test_a_strangers_text_lands_as_text(self, sent: Stage) -> None:
        sent.reply("Ana", "=HYPERLINK(1)")
        assert sent.cell("Ana", "Reply") == "=HYPERLINK(1)"

    def test_a_second_campaign_leaves_the_first_ones_columns_alone(self, sent: Stage) -> None:
        before = {title: sent.sheet.column(title) for title in sent.sheet.titles}
        sent.campaign_id, sent.seen = "", ""
        sent.draft()
        assert all(sent.sheet.column(title) == texts for title, texts in before.items())
        assert len([title for title in sent.sheet.titles if title.startswith("Status")]) == 2


class TestRemarks:
    """What follows an answer without taking it back."""

    @pytest.fixture
    def asked(self, sent: Stage) -> Stage:
        question = Interpretation(Outcome.QUESTION, {}, "where", 0.6, Flag.CHECK, "They ask something.")
        sent.interpreter.readings["where do I park?"] = question  # type: ignore[attr-defined]
        sent.reply("Ana", "yes")
        sent.reply("Ana", "where do I park?")
        return sent

    def test_a_question_after_an_answer_is_shown_and_the_answer_stays(self, asked: Stage) -> None:
        assert (asked.cell("Ana", "Status"), asked.cell("Ana", "Flag")) == ("Review", "check")
        assert (asked.cell("Ana", "Availability"), asked.cell("Ana", "Reply")) == ("Yes", "where do I park?")
        assert "earlier answer stands" in asked.cell("Ana", "Note")

    def test_accepting_it_settles_the_row_with_the_earlier_answer(self, asked: Stage) -> None:
        asked.type("Ana", "Flag", "ok")
        asked.sync()
        assert (asked.cell("Ana", "Availability"), asked.cell("Ana", "Flag")) == ("Yes", "")

    def test_an_answer_column_may_not_be_named_like_one_of_ours(self, make_stage: Callable[..., Stage]) -> None:
        stage = make_stage(plan=replace(PLAN, answer_columns=(AnswerColumn("status", allowed=("Yes", "No")),)))
        with pytest.raises(InvalidInput, match="fills itself"):
            stage.create()
