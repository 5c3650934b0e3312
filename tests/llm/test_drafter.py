"""The offline drafter: plain texts from named columns, and a doubt when something is missing."""

from __future__ import annotations

import asyncio
import re

import pytest

from server.domain.plan import Plan
from server.domain.words import ChannelName
from server.llm.offline import OfflineDrafter, OfflinePlanner
from server.ports import DraftText, PlanRequest
from tests.llm.sheet import table

RECORD = {
    "Contestant": "Ana Souza",
    "Start time": "09:40",
    "Room": "5",
    "Appointment date": "3 May",
    "Appointment time": "10:00",
}


def draft(instruction: str = "", template: str = "", subject: str = "", **cells: str) -> DraftText:
    plan = OfflinePlanner().plan(PlanRequest(instruction, table(), template=template, subject=subject))
    record = {**RECORD, **{name.replace("_", " "): shown for name, shown in cells.items()}}
    return asyncio.run(OfflineDrafter().draft(plan, instruction, record))


def test_it_writes_the_organisers_first_message() -> None:
    made = draft("Send each contestant their individual start time and ask them to confirm availability")
    assert made.text == (
        "Hello Ana Souza,\n\nYour start time is 09:40.\n\n"
        "Could you please confirm your availability? Just reply yes or no.\n\nThank you!"
    )
    assert made.subject == "Your start time"
    assert made.doubt == ""


@pytest.mark.parametrize(
    ("instruction", "said"),
    [
        ("Tell every guest which room they are in", "Your room is 5."),
        ("Let each contestant know their room", "Your room is 5."),
        ("Send the start time to each contestant", "The start time is 09:40."),
        ("Send all contestants their room for Saturday", "Your room for Saturday is 5."),
        ("Tell everyone that their bibs are ready", "Your bibs are ready."),
        ("Tell each contestant that they start at {{Start time}}", "You start at 09:40."),
        ("Invite all members to the party on 12 June", "You are invited to the party on 12 June."),
        ("Remind everyone about the briefing on 3 May", "This is a reminder of the briefing on 3 May."),
        ("Remind each contestant of their room", "This is a reminder. Your room is 5."),
        ("Thank each volunteer for their help", "Thank you for your help."),
        ("Ask them to bring their passport", "Please bring your passport."),
        ("Send each contestant their room and ask whether they need parking", "whether you need parking?"),
        ("Ask each contestant to confirm their start time", "Your start time is 09:40."),
        (
            "Send each contestant their start time and room",
            "Here are your start time and room:\n\nStart time: 09:40\nRoom: 5",
        ),
    ],
)
def test_it_speaks_to_the_recipient(instruction: str, said: str) -> None:
    made = draft(instruction)
    assert said in made.text
    assert made.doubt == ""


def test_it_lists_the_values_of_a_choice() -> None:
    assert "Please reply with S, M or L." in draft("Ask which T-shirt size they need (S, M or L)").text


def test_it_doubts_a_text_whose_cell_is_empty_and_leaves_the_sentence_out() -> None:
    made = draft("Send each contestant their start time and ask them to confirm", Start_time="")
    assert made.doubt == "“Start time” is empty in this row."
    assert "start time is" not in made.text


def test_it_doubts_a_text_whose_cell_shows_an_error() -> None:
    assert "“Start time” shows #REF!" in draft("Send each contestant their start time", Start_time="#REF!").doubt


def test_it_greets_without_a_name_when_there_is_none() -> None:
    made = draft("Send each contestant their room", Contestant=" ")
    assert made.text.startswith("Hello,\n")
    assert made.doubt == ""


@pytest.mark.parametrize("instruction", ["Make it fun", "Send each contestant their horoscope", "The quick brown fox"])
def test_it_admits_that_it_did_not_understand_and_never_sends_the_instruction(instruction: str) -> None:
    made = draft(instruction)
    assert "{{placeholders}}" in made.doubt
    assert instruction not in made.text


def test_it_names_the_part_of_a_list_that_no_column_is_called() -> None:
    assert "“the rules”" in draft("Send each contestant their room and the rules").doubt


def test_it_fills_a_template_and_its_subject() -> None:
    made = draft(template="Hi {{contestant|there}}, room {{ROOM}}.", subject="Room {{room}}")
    assert (made.text, made.subject, made.doubt) == ("Hi Ana Souza, room 5.", "Room 5", "")


def test_it_uses_the_fallback_of_an_empty_cell_and_doubts_an_empty_one_without() -> None:
    made = draft(template="Hi {{contestant|there}}, room {{room}}.", Contestant="", Room="")
    assert made.text == "Hi there, room ."
    assert made.doubt == "“Room” is empty in this row."


def test_it_doubts_a_template_with_a_mark_that_was_not_filled() -> None:
    assert "[Name]" in draft(template="Dear [Name], your room is {{room}}.").doubt


def test_it_uses_only_the_columns_of_the_plan() -> None:
    plan = Plan(ChannelName.OUTBOX, "outbox", "Email", "Contestant", ("Contestant",), template="Room {{Room}}")
    made = asyncio.run(OfflineDrafter().draft(plan, "", RECORD))
    assert "5" not in made.text
    assert made.doubt


def test_it_invents_no_number() -> None:
    instruction = "Send each contestant their start time and room and ask how many guests they bring by 3 June"
    made = draft(instruction)
    assert set(re.findall(r"\d+", made.text)) <= set(re.findall(r"\d+", instruction + " ".join(RECORD.values())))


def test_it_asks_the_question_of_the_plan_as_edited_by_a_person() -> None:
    instruction = "Send each contestant their room and ask them to confirm"
    plan = OfflinePlanner().plan(PlanRequest(instruction, table()))
    edited = Plan(plan.channel, "outbox", "Email", "Contestant", plan.read_columns, question="Shall we count on you?")
    assert "Shall we count on you?" in asyncio.run(OfflineDrafter().draft(edited, instruction, RECORD)).text


@pytest.mark.parametrize("channel", [ChannelName.SMS, ChannelName.WHATSAPP, ChannelName.VOICE])
def test_it_leaves_how_to_answer_to_digits_and_buttons_where_there_are_such(channel: ChannelName) -> None:
    """“Just reply yes or no” over “Reply 1 for Yes” would ask for two things."""
    asked = "Send each contestant their individual start time and ask them to confirm availability"
    plan = OfflinePlanner().plan(PlanRequest(asked, table()))
    mail, short = (
        asyncio.run(OfflineDrafter().draft(plan.with_channel(each, ""), asked, RECORD)).text
        for each in (ChannelName.EMAIL, channel)
    )
    assert "yes or no" not in short
    assert mail.replace(" Just reply yes or no.", "") == short != mail
