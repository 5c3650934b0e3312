"""How a text asks for a digit, and which words it must leave to the carrier."""

from __future__ import annotations

import pytest

from server.domain.asking import digits, line, names, taken_word, with_digits
from server.domain.message import Choice, Limits
from server.domain.plan import AnswerColumn, Plan
from server.domain.words import ChannelName

YES_NO = (Choice("1", "Yes"), Choice("2", "No"))
PLAN = Plan(ChannelName.SMS, "twilio", "Mobile", answer_columns=(AnswerColumn("Coming", allowed=("Yes", "No")),))


@pytest.mark.parametrize(
    ("channel", "limits", "asked"),
    [
        (ChannelName.SMS, Limits(choices=9), True),
        (ChannelName.WHATSAPP, Limits(choices=9), True),
        (ChannelName.WHATSAPP, Limits(choices=9, buttons=True), False),
        (ChannelName.VOICE, Limits(choices=9), False),
        (ChannelName.EMAIL, Limits(), False),
        (ChannelName.OUTBOX, Limits(), False),
    ],
)
def test_digits_are_asked_for_where_nothing_can_be_pressed(channel: ChannelName, limits: Limits, asked: bool) -> None:
    assert digits(PLAN, channel, limits) == (YES_NO if asked else ())


def test_nothing_is_asked_for_where_the_answer_is_no_choice() -> None:
    assert digits(Plan(ChannelName.SMS, "twilio", "Mobile"), ChannelName.SMS, Limits(choices=9)) == ()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Reply 1 for Yes, 2 for No."),
        ("en-GB", "Reply 1 for Yes, 2 for No."),
        ("de", "Antworten Sie mit 1 für Yes, 2 für No."),
        ("fr", "Répondez 1 pour Yes, 2 pour No."),
        ("es", "Responda 1 para Yes, 2 para No."),
        ("pt-BR", "Responda 1 para Yes, 2 para No."),
        ("it", "Risponda 1 per Yes, 2 per No."),
        ("nl", "Antwoord 1 voor Yes, 2 voor No."),
        ("xx", "Reply 1 for Yes, 2 for No."),
    ],
)
def test_it_asks_in_the_plans_language(language: str, said: str) -> None:
    assert line(YES_NO, language) == said
    assert with_digits("Can you come? ", YES_NO, language) == f"Can you come?\n{said}"
    assert taken_word(said) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Come at 9? Reply 1 for Yes, 2 for No.",
        "Text 1 if yes or 2 if no",
        "Yes: 1\nNo: 2",
        "1 = YES, 2 = NO",
        "Press 1) Yes 2) No",
    ],
)
def test_a_text_that_names_the_digits_itself_is_left_alone(text: str) -> None:
    assert names(text, YES_NO)
    assert with_digits(text, YES_NO, "en") == text


@pytest.mark.parametrize(
    "text", ["Race 1 starts at 2.", "Start 1:30. Yes or no?", "1 for Yes", "Number 12 for yes, no"]
)
def test_digits_that_mean_something_else_do_not_count(text: str) -> None:
    assert not names(text, YES_NO)
    assert with_digits(text, YES_NO, "en").endswith("Reply 1 for Yes, 2 for No.")


def test_no_digits_stand_under_no_text() -> None:
    assert with_digits(" ", YES_NO, "en") == " "
    assert with_digits("Hello", (), "en") == "Hello"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Reply YES to confirm", ""),
        ("Reply QUIT if you can't come", "QUIT"),
        ("Please text “CANCEL” if you can't come.", "CANCEL"),
        ("reply with stop to cancel your booking", "stop"),
        ("Send END when you are done", "END"),
        ("Reply STOP to opt out.", ""),
        ("Reply STOP to end these messages", ""),
        ("Text STOP", ""),
        ("Will you come, yes or no? We end at 5.", ""),
        ("Reply 1 for Confirm, 2 for Cancel.", ""),
    ],
)
def test_it_finds_words_that_the_carrier_would_take_for_itself(text: str, word: str) -> None:
    assert taken_word(text) == word
