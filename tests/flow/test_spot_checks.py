"""Decisions about readings: what a person's agreement leaves alone, what their correction changes, what is a label."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.domain.labels import Label
from server.domain.message import Message
from server.domain.reply import InboundMessage, Interpretation
from server.domain.words import Flag, Outcome
from server.errors import Conflict, TemporaryError
from server.flow import interpreting
from server.ports import Ledger, ReadRequest
from tests.flow.stage import Stage
from tests.flow.test_answers import said
from tests.flow.test_answers import sent as sent_by
from tests.flow.ways import ANA, BEN, ON_WHATSAPP, MakeWays, make_ways

__all__ = ["make_ways"]

YES = Interpretation(Outcome.CONFIRMED, {"Availability": "Yes"}, "yes", 0.95, Flag.SURE)
NO = Interpretation(Outcome.DECLINED, {"Availability": "No"}, "no", 0.95, Flag.SURE)
MAYBE = Interpretation(Outcome.CONFIRMED, {"Availability": "Yes"}, "maybe", 0.4, Flag.CHECK, "It says maybe.")


@pytest.fixture
def sent(stage: Stage) -> Stage:
    stage.interpreter.readings.update({"yes": YES, "no": NO, "maybe": MAYBE})  # type: ignore[attr-defined]
    stage.out()
    return stage


class Away:
    """A reader that nobody can reach."""

    async def read(self, request: ReadRequest) -> Interpretation:
        raise TemporaryError("The model can't be reached.")


def decide(stage: Stage, name: str, outcome: Outcome, **values: str) -> Message:
    found = interpreting.settle(
        ledger=stage.ledger,
        campaign=stage.campaign,
        message_id=stage.of(name).id,
        who="Kim",
        outcome=outcome,
        values=values,
    )
    stage.sync()
    return found


def row(stage: Stage, name: str) -> list[str]:
    return [stage.cell(name, column) for column in stage.sheet.titles]


def right(ledger: Ledger) -> list[tuple[bool, bool]]:
    return [(label.right, label.sampled) for label in ledger.labels.all()]


def test_who_agrees_with_a_sure_reading_changes_no_cell(sent: Stage) -> None:
    sent.reply("Ben", "yes")
    before, writes = row(sent, "Ben"), len(sent.sheet.writes)
    decide(sent, "Ben", Outcome.CONFIRMED, Availability="Yes")
    assert row(sent, "Ben") == before
    assert len(sent.sheet.writes) == writes
    assert right(sent.ledger) == [(True, True)]


def test_a_reply_after_an_agreement_is_read_as_ever_and_one_after_a_decision_waits_for_a_person(sent: Stage) -> None:
    for name in ("Ben", "Ana"):
        sent.reply(name, "yes")
    decide(sent, "Ben", Outcome.CONFIRMED, Availability="Yes")
    decide(sent, "Ana", Outcome.DECLINED, Availability="No")
    for name in ("Ben", "Ana"):
        sent.reply(name, "no", event_id=f"{name}-again")
    assert (sent.cell("Ben", "Status"), sent.of("Ben").outcome) == ("Review", Outcome.DECLINED)
    assert sent.cell("Ben", "Note").startswith("Proposed: Availability = No, on “no”. It differs")
    assert (sent.cell("Ana", "Status"), sent.cell("Ana", "Availability")) == ("Declined", "No")
    assert sent.cell("Ana", "Note") == "New reply after Kim settled this row: please read it."


def test_who_puts_a_sure_reading_right_settles_the_row(sent: Stage) -> None:
    sent.reply("Ben", "yes")
    decide(sent, "Ben", Outcome.DECLINED, Availability="No")
    assert [sent.cell("Ben", column) for column in ("Status", "Availability", "Flag")] == ["Declined", "No", ""]
    assert right(sent.ledger) == [(False, True)]


def test_a_reading_that_changed_meanwhile_is_to_be_looked_at_again(sent: Stage) -> None:
    sent.reply("Ben", "yes")
    shown = sent.of("Ben")
    sent.reply("Ben", "no", event_id="again")

    class Late:
        """The ledger as it was when the person looked, for the one look before the move."""

        def __init__(self) -> None:
            self.looks = [shown]

        def get(self, message_id: str) -> Message:
            return self.looks.pop() if self.looks else sent.ledger.messages.get(message_id)

        def __getattr__(self, name: str) -> object:
            return getattr(sent.ledger.messages, name)

    class Ledgers:
        messages = Late()
        suppressions = sent.ledger.suppressions

    with pytest.raises(Conflict, match="read its reply again"):
        interpreting.settle(
            ledger=Ledgers(),  # type: ignore[arg-type]
            campaign=sent.campaign,
            message_id=shown.id,
            who="Kim",
            outcome=Outcome.CONFIRMED,
            values={"Availability": "Yes"},
        )
    assert right(sent.ledger) == []


def test_a_correction_typed_into_the_cell_is_a_label_and_no_spot_check(sent: Stage) -> None:
    sent.reply("Ben", "yes")
    sent.type("Ben", "Availability", "No")
    sent.sync()
    label = Label(
        sent.of("Ben").id,
        sent.campaign.id,
        sent.clock.now(),
        0.95,
        Flag.SURE,
        Outcome.CONFIRMED,
        Outcome.DECLINED,
        False,
    )
    assert sent.ledger.labels.all() == [label]


@pytest.mark.parametrize(("typed", "kept"), [("Yes", True), ("No", False)])
def test_an_answer_typed_where_one_was_proposed_says_whether_it_was_right(sent: Stage, typed: str, kept: bool) -> None:
    sent.reply("Ben", "maybe")
    sent.type("Ben", "Availability", typed)
    sent.sync()
    assert right(sent.ledger) == [(kept, False)]


def test_a_flag_that_is_cleared_says_that_the_proposal_was_right(sent: Stage) -> None:
    sent.reply("Ben", "maybe")
    sent.type("Ben", "Flag", "ok")
    sent.sync()
    assert right(sent.ledger) == [(True, False)]


def test_an_answer_typed_without_any_reply_is_no_label(sent: Stage) -> None:
    sent.type("Ben", "Availability", "Yes")
    sent.sync()
    assert sent.cell("Ben", "Status") == "Confirmed"
    assert right(sent.ledger) == []


def test_what_nobody_could_read_is_no_label(sent: Stage) -> None:
    sent.interpreter = Away()
    sent.reply("Ben", "yes")
    assert sent.cell("Ben", "Status") == "Review"
    decide(sent, "Ben", Outcome.CONFIRMED, Availability="Yes")
    assert sent.cell("Ben", "Status") == "Confirmed"
    assert right(sent.ledger) == []


def test_a_digit_is_no_reading_even_where_a_person_has_to_look(make_ways: MakeWays) -> None:
    stage = sent_by(make_ways)
    said(stage, ANA, "1")
    decide(stage, "Ana", Outcome.DECLINED, Availability="No")
    assert stage.cell("Ana", "Availability") == "No"
    assert right(stage.ledger) == []
    assert stage.ledger.labels.to_check(stage.campaign.id, 9) == []


def test_a_stop_that_may_be_anybodys_was_read_by_nobody(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage([["Ana", "shared@example.org", "09:40"], ["Ben", "shared@example.org", "09:45"]])
    stage.draft()
    stage.approve([stage.of(name).row_key for name in ("Ana", "Ben")])
    stage.start()
    stage.send()
    stage.post(InboundMessage("stop", "shared@example.org", "STOP"))
    assert stage.of("Ana").outcome is Outcome.OPT_OUT
    decide(stage, "Ana", Outcome.CONFIRMED, Availability="Yes")
    assert stage.of("Ana").settled_by == "Kim"
    assert right(stage.ledger) == []


def test_a_button_that_somebody_else_pressed_is_no_reading_either(make_ways: MakeWays) -> None:
    stage = sent_by(make_ways, ON_WHATSAPP)
    said(stage, BEN, "No", provider="chats", button="No", token=stage.of("Ana").token)
    assert (stage.cell("Ana", "Status"), stage.of("Ana").confidence) == ("Review", 0.5)
    decide(stage, "Ana", Outcome.DECLINED, Availability="No")
    assert right(stage.ledger) == []
