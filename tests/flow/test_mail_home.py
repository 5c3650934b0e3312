"""What mail brings home by itself: absences with their end, bounces of whoever got a copy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.channels.inbound_mail import read_mail
from server.domain.plan import Plan
from server.domain.reply import DeliveryEvent, InboundMessage
from server.domain.words import DeliveryStatus
from tests.flow.ways import EMAIL, PEOPLE, PLAN, MakeWays, Ways, make_ways

__all__ = ["make_ways"]

BY_MAIL: Plan = replace(PLAN, channel=EMAIL, provider="mails", address_column="Email", routes=())
DOMAIN = "in.example.org"


@pytest.fixture
def sent(make_ways: MakeWays) -> Ways:
    """All sent by mail."""
    stage = make_ways(BY_MAIL, PEOPLE)
    stage.begin()
    stage.send()
    stage.sync()
    return stage


def away(stage: Ways, text: str, number: int = 1) -> None:
    """Ana's mail program answers."""
    raw = (
        f"From: Ana <ana@example.org>\nTo: <r+{stage.of('Ana').token}@{DOMAIN}>\nSubject: Automatic reply: Start\n"
        f"Message-ID: <{number}@example.org>\nAuto-Submitted: auto-replied\n\n{text}\n"
    )
    event = read_mail(raw.encode(), inbound_domain=DOMAIN)
    assert isinstance(event, InboundMessage)
    stage.post(event, provider="mails")
    stage.sync()


def test_it_notes_until_when_somebody_is_away(sent: Ways) -> None:
    year = sent.clock.now().year + 1
    away(sent, f"I am out of the office until 3 March {year}.")
    assert sent.cell("Ana", "Status") == "Away"
    assert sent.cell("Ana", "Note") == f"Away until 3 March {year}."
    assert sent.interpreter.asked == []  # type: ignore[attr-defined]


def test_it_says_nothing_of_a_day_that_is_not_told(sent: Ways) -> None:
    away(sent, "I am out of the office. Call +49 30 123456.")
    assert (sent.cell("Ana", "Status"), sent.cell("Ana", "Note")) == ("Away", "An automatic reply: no answer yet.")


def bounce(address: str) -> DeliveryEvent:
    return DeliveryEvent(f"b {address}", DeliveryStatus.BOUNCED, address=address, permanent=True, detail="no such box")


def test_a_bounce_of_a_copy_neither_bounces_the_row_nor_blocks_its_address(sent: Ways) -> None:
    sent.post(replace(bounce("boss@example.org"), token=sent.of("Ana").token), provider="mails")
    sent.sync()
    assert sent.cell("Ana", "Status") == "Sent"
    assert "not the address of this row" in sent.cell("Ana", "Note")
    assert sent.ledger.suppressions.stands("ana@example.org", EMAIL) is None


def test_a_bounce_of_the_row_itself_does(sent: Ways) -> None:
    sent.post(replace(bounce("Ana@Example.org"), token=sent.of("Ana").token), provider="mails")
    sent.sync()
    assert sent.cell("Ana", "Status") == "Bounced"
    assert sent.ledger.suppressions.stands("ana@example.org", EMAIL) is not None


@pytest.mark.parametrize(
    "done",
    [
        {"status": DeliveryStatus.COMPLAINED},
        {"status": DeliveryStatus.DELIVERED, "opted_out": True},
        {"status": DeliveryStatus.READ},
    ],
)
def test_what_somebody_does_with_a_copy_is_not_done_by_the_rows_person(
    make_ways: MakeWays, done: dict[str, object]
) -> None:
    people = [(name, mobile, mail, "boss@example.org", start) for name, mobile, mail, _, start in PEOPLE]
    stage = make_ways(replace(BY_MAIL, cc_column="How"), people)
    stage.begin()
    stage.send()
    stage.sync()
    report = DeliveryEvent("d", token=stage.of("Ana").token, address="Boss@example.org", **done)  # type: ignore[arg-type]
    stage.post(report, provider="mails")
    stage.sync()
    assert stage.cell("Ana", "Status") == "Sent"
    assert stage.ledger.suppressions.stands("ana@example.org", EMAIL) is None
