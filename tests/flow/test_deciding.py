"""Review in the sheet: a proposal accepted, corrected or settled by a word typed into a cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from server.domain.cells import in_short
from server.domain.plan import AnswerColumn
from server.domain.reply import Interpretation
from server.domain.words import CellWriteState, Flag, Outcome, SuppressionReason
from tests.flow.stage import PLAN, ScriptedInterpreter, Stage

MakeStage = Callable[..., Stage]

PROPOSED = Interpretation(
    Outcome.CONFIRMED, {"Availability": "Yes"}, "works for me", 0.47, Flag.CHECK, "They ask something as well."
)
LATER = Interpretation(Outcome.RESCHEDULE, {}, "could we make it 10:30", 0.4, Flag.CHECK, "Asks for another time.")
NO = Interpretation(Outcome.DECLINED, {"Availability": "No"}, "can't", 0.4, Flag.CHECK)
UNSURE_NO = Interpretation(Outcome.DECLINED, {}, "rather not", 0.4, Flag.CHECK)
ASKS = Interpretation(Outcome.QUESTION, {}, "Where is it?", 0.4, Flag.CHECK, "Asks something.")


@pytest.fixture
def sent(stage: Stage) -> Stage:
    stage.out()
    return stage


def answered(stage: Stage, reading: Interpretation, text: str = "", name: str = "Ana") -> None:
    assert isinstance(stage.interpreter, ScriptedInterpreter)
    text = text or f"Well, {reading.evidence}"
    stage.interpreter.readings[text] = reading
    stage.reply(name, text)
    assert stage.cell(name, "Status") == "Review"


def typed(stage: Stage, word: str, column: str = "Status", name: str = "Ana") -> None:
    stage.type(name, column, word)
    stage.sync()


def shown(stage: Stage, name: str = "Ana") -> tuple[str, str, str]:
    return stage.cell(name, "Status"), stage.cell(name, "Availability"), stage.cell(name, "Flag")


@pytest.mark.parametrize("word", ["Accept", "accept", " ACCEPT "])
def test_accept_takes_the_proposal_as_settled(sent: Stage, word: str) -> None:
    answered(sent, PROPOSED)
    typed(sent, word)
    assert shown(sent) == ("Confirmed", "Yes", "")
    assert sent.of("Ana").settled_by
    assert sent.cell("Ana", "Note") == ""
    assert shown(sent, "Ben") == ("Sent", "", "")


def test_an_accepted_row_stays_as_it_is_when_they_write_again(sent: Stage) -> None:
    answered(sent, PROPOSED)
    typed(sent, "Accept")
    sent.reply("Ana", "rather not")
    assert shown(sent)[:2] == ("Confirmed", "Yes")
    assert "read it" in sent.cell("Ana", "Note")


@pytest.mark.parametrize(
    ("reading", "status", "value"), [(NO, "Declined", "No"), (UNSURE_NO, "Declined", "No"), (LATER, "Answered", "")]
)
def test_accept_takes_whatever_is_proposed(sent: Stage, reading: Interpretation, status: str, value: str) -> None:
    answered(sent, reading)
    typed(sent, "Accept")
    assert shown(sent) == (status, value, "")


def test_accept_without_a_proposal_says_what_to_type(sent: Stage) -> None:
    answered(sent, ASKS)
    typed(sent, "Accept")
    assert shown(sent) == ("Review", "", "check")
    assert "Type the answer into “Availability” (Yes or No)" in sent.cell("Ana", "Note")
    assert not sent.of("Ana").settled_by
    typed(sent, "Yes", "Availability")
    assert shown(sent) == ("Confirmed", "Yes", "")


def test_a_question_after_an_answer_accepted_leaves_the_answer(sent: Stage) -> None:
    assert isinstance(sent.interpreter, ScriptedInterpreter)
    sent.interpreter.readings["yes"] = replace(PROPOSED, evidence="yes", flag=Flag.SURE, confidence=0.95)
    sent.reply("Ana", "yes")
    sent.clock.advance(60)
    answered(sent, ASKS)
    assert sent.cell("Ana", "Availability") == "Yes"
    typed(sent, "Accept")
    assert shown(sent) == ("Confirmed", "Yes", "")


@pytest.mark.parametrize("name", ["Ana", "Ben"])
def test_accept_where_nothing_waits_changes_nothing_and_says_so(sent: Stage, name: str) -> None:
    sent.type(name, "Status", "Accept")
    sent.sync()
    assert sent.cell(name, "Status") == "Sent"
    assert "no reply of this row waits" in sent.cell(name, "Note")


@pytest.mark.parametrize(
    ("word", "status", "value"),
    [("Confirmed", "Confirmed", "Yes"), ("declined", "Declined", "No"), ("Answered", "Answered", "")],
)
@pytest.mark.parametrize("reading", [ASKS, LATER])
def test_a_word_of_ours_typed_into_status_settles_a_row_in_review(
    sent: Stage, reading: Interpretation, word: str, status: str, value: str
) -> None:
    answered(sent, reading)
    typed(sent, word)
    assert shown(sent) == (status, value, "")
    assert sent.of("Ana").settled_by


@pytest.mark.parametrize(("word", "value"), [("Confirmed", "Yes"), ("Declined", "No")])
@pytest.mark.parametrize("reading", [PROPOSED, NO])
def test_the_word_wins_over_the_proposal(sent: Stage, reading: Interpretation, word: str, value: str) -> None:
    answered(sent, reading)
    typed(sent, word)
    assert shown(sent) == (word, value, "")


def test_of_two_answers_that_differ_the_word_chooses(sent: Stage) -> None:
    assert isinstance(sent.interpreter, ScriptedInterpreter)
    sent.interpreter.readings["yes"] = replace(PROPOSED, evidence="yes", flag=Flag.SURE, confidence=0.95)
    sent.reply("Ana", "yes")
    sent.clock.advance(60)
    answered(sent, replace(NO, evidence="no", flag=Flag.SURE, confidence=0.95), "no")
    typed(sent, "Confirmed")
    assert shown(sent) == ("Confirmed", "Yes", "")


def test_our_own_word_that_a_crash_left_in_the_cell_decides_nothing(sent: Stage) -> None:
    """It stands there, and the ledger does not know it yet: the later reading is written, nobody has said a word."""
    assert isinstance(sent.interpreter, ScriptedInterpreter)
    sent.interpreter.readings["yes"] = replace(PROPOSED, evidence="yes", flag=Flag.SURE, confidence=0.95)
    sent.reply("Ana", "yes")
    (cell,) = (one for one in sent.ledger.cells.of_campaign(sent.campaign_id) if one.value == "Confirmed")
    sent.ledger.cells.settle([replace(cell, state=CellWriteState.PENDING, expected="Sent")])
    sent.clock.advance(60)
    answered(sent, replace(NO, evidence="no", flag=Flag.SURE, confidence=0.95), "no")
    assert not sent.of("Ana").settled_by


def test_opted_out_typed_by_the_organiser_stops_what_comes_later(sent: Stage) -> None:
    answered(sent, ASKS)
    typed(sent, "Opted out")
    assert sent.cell("Ana", "Status") == "Opted out"
    ana = sent.of("Ana")
    assert sent.ledger.suppressions.stands(ana.address, sent.channel.name) is SuppressionReason.OPT_OUT


def test_a_yes_to_what_asks_for_more_needs_its_answer(make_stage: MakeStage) -> None:
    column = AnswerColumn("Shirt", allowed=("Small", "Large"))
    stage = make_stage(plan=replace(PLAN, answer_columns=(column,), question="Which size?"))
    stage.out()
    answered(stage, ASKS)
    typed(stage, "Confirmed")
    assert stage.cell("Ana", "Status") == "Review"
    assert "Type the answer into “Shirt” (Small or Large)" in stage.cell("Ana", "Note")


@pytest.mark.parametrize("word", ["sure", "ok", ""])
def test_a_flag_cleared_takes_the_proposal_or_says_that_there_is_none(sent: Stage, word: str) -> None:
    answered(sent, PROPOSED)
    answered(sent, ASKS, name="Ben")
    typed(sent, word, "Flag")
    typed(sent, word, "Flag", "Ben")
    assert shown(sent) == ("Confirmed", "Yes", "")
    assert shown(sent, "Ben") == ("Review", "", "check")
    assert "Type the answer" in sent.cell("Ben", "Note")


# what is kept of it


@pytest.mark.parametrize(("word", "column", "right"), [("Accept", "Status", True), ("No", "Availability", False)])
def test_what_is_accepted_or_corrected_in_the_sheet_is_kept_as_a_label(
    sent: Stage, word: str, column: str, right: bool
) -> None:
    answered(sent, PROPOSED)
    typed(sent, word, column)
    (label,) = sent.ledger.labels.all(sent.campaign_id)
    assert (label.right, label.read, label.flag, label.confidence) == (right, Outcome.CONFIRMED, Flag.CHECK, 0.47)


# the words it rests on


def test_the_note_of_a_row_in_review_names_the_words_it_rests_on(sent: Stage) -> None:
    answered(sent, PROPOSED)
    assert sent.cell("Ana", "Note") == ("Proposed: Availability = Yes, on “works for me”. They ask something as well.")


def test_words_that_are_not_in_the_reply_are_not_shown_as_its_own(sent: Stage) -> None:
    answered(sent, PROPOSED, "fine, but where?")
    assert "on “" not in sent.cell("Ana", "Note")


@pytest.mark.parametrize(
    ("words", "short"),
    [
        ("works\n\n for me", "works for me"),
        ('=HYPERLINK("https://evil.example","x")', 'HYPERLINK("…'),
        ("@SUM(A1)", "SUM(A1)"),
        ("-- yes", "yes"),
        ("yes, see www.evil.example/x", "yes, see …"),
        ("yes, see evil.example", "yes, see …"),
        ("write to a@evil.example please", "write to … please"),
        ("y\u200bes \u202eno", "y es no"),
        ("“yes”. Availability = No", "yes . Availability = No"),
        ("x" * 500, "x" * 79 + "…"),
        ("a" * 200_000, "a" * 79 + "…"),
        ("at 9.40 on 3.5.", "at 9.40 on 3.5."),
    ],
)
def test_words_of_strangers_stay_short_plain_and_without_links(words: str, short: str) -> None:
    assert in_short(words) == short
