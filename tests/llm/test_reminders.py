"""When an instruction wants people reminded; what it reminds them of is another matter."""

from __future__ import annotations

import pytest

from server.llm.offline import OfflinePlanner, reminders
from server.ports import PlanRequest
from tests.llm.sheet import table

ASKS = (
    ("Ask them to confirm and remind them after 3 days", 3),
    ("Send each their room. Remind in a week.", 7),
    ("If nobody answers within 2 days, remind them", 2),
    ("Remind everyone who has not replied after five days", 5),
    ("Remind those who did not answer 4 days later", 4),
    ("After two weeks without a reply, remind them", 14),
    ("Ask if they come, wait 3 days, then remind them", 3),
    ("Ask if they come and follow up after 10 days", 10),
    ("Ask them to confirm; send a reminder after 3 days if there is no answer", 3),
    ("Frage, ob sie kommen, und erinnere sie nach 3 Tagen", 3),
    ("Bitte um Bestätigung. Wer nicht antwortet, nach einer Woche erinnern.", 7),
    ("Demande de confirmer et relance-les après une semaine", 7),
    ("Pide que confirmen y recuérdales después de 3 días", 3),
)
ASKS_NOT = (
    "Remind them of the deadline in 3 days",
    "Remind guests that the party is in a week",
    "Remind each contestant of their room",
    "Remind them that they pay within 7 days",
    "Remind them all about the trip in two weeks",
    "Tell them that after 3 days the offer ends",
    "Remind them about the 3 days of the camp",
    "Remind them after 900 days",
    "Erinnere sie an das Treffen in 3 Tagen",
    "Rappelle-leur le rendez-vous dans 3 jours",
    "Recuérdales la cita de 3 días",
)


@pytest.mark.parametrize(("instruction", "days"), ASKS)
def test_it_finds_after_how_many_days(instruction: str, days: int) -> None:
    assert reminders.days(instruction) == days
    assert OfflinePlanner().plan(PlanRequest(instruction, table())).remind_after == days


@pytest.mark.parametrize("instruction", ASKS_NOT)
def test_what_people_are_reminded_of_is_no_wait(instruction: str) -> None:
    assert reminders.days(instruction) == 0


@pytest.mark.parametrize("tail", ["; remind them after 3 days", " and remind them in a week if they do not answer"])
def test_the_reminder_is_no_part_of_the_text(tail: str) -> None:
    asked = "Send each contestant their room and ask them to confirm"
    plain, more = (OfflinePlanner().plan(PlanRequest(text, table())) for text in (asked, asked + tail))
    assert (more.read_columns, more.question, more.subject) == (plain.read_columns, plain.question, plain.subject)
