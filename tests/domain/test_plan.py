"""Plans: their routes, the words for channels, the columns that decide."""

from __future__ import annotations

import pytest

from server.domain.message import Message
from server.domain.plan import Plan, Route, channel_named
from server.domain.provider_templates import ProviderTemplate
from server.domain.routes import candidates, later, mark, way_of, way_word
from server.domain.words import ChannelName

WHATSAPP = Route(ChannelName.WHATSAPP, "meta", "Mobile")
SMS = Route(ChannelName.SMS, "twilio", "Mobile")
EMAIL = Route(ChannelName.EMAIL, "resend", "Email")
PLAN = Plan(ChannelName.WHATSAPP, "meta", "Mobile", "Name", ("Name", "Start"), routes=(SMS, EMAIL))


@pytest.mark.parametrize(
    ("words", "channel"),
    [
        (("email", "E-Mail", " mail ", "EMAIL"), ChannelName.EMAIL),
        (("WhatsApp", "whats app", "whatsapp"), ChannelName.WHATSAPP),
        (("SMS", "text", "Text  message"), ChannelName.SMS),
        (("call", "Voice", "phone call"), ChannelName.VOICE),
        (("fax", "", "pigeon", "emails please"), None),
    ],
)
def test_a_cell_names_a_channel_in_words_of_people(words: tuple[str, ...], channel: ChannelName | None) -> None:
    assert {channel_named(word) for word in words} == {channel}


def test_the_plans_own_way_comes_first() -> None:
    assert PLAN.ways == (WHATSAPP, SMS, EMAIL)
    assert PLAN.address_columns == ("Mobile", "Email")


def test_every_column_that_decides_about_a_row_is_known() -> None:
    template = ProviderTemplate("reminder", columns={"1": "Name", "2": "Start"})
    plan = Plan(
        ChannelName.WHATSAPP, "meta", "Mobile", "Name", routes=(EMAIL,), channel_column="How",
        whatsapp_template=template, attachment_column="File", cc_column="Copy", sender_column="From",
        reply_to_column="Back",
    )  # fmt: skip
    assert plan.row_columns == ("Name", "How", "Mobile", "Email", "File", "Copy", "From", "Back", "Start")
    assert Plan(ChannelName.EMAIL, "smtp", "Email").row_columns == ("Email",)


def test_a_row_that_names_no_channel_takes_the_order_of_the_plan() -> None:
    assert candidates(PLAN, " ") == (WHATSAPP, SMS, EMAIL)


def test_a_channel_that_a_row_names_is_the_only_one_until_nobody_is_there() -> None:
    assert candidates(PLAN, "text") == (SMS,)
    assert candidates(PLAN, "text", fallback=True) == (SMS, EMAIL)


@pytest.mark.parametrize(("word", "why"), [("fax", "“fax” is no channel"), ("call", "does not go by a call")])
def test_a_word_that_leads_nowhere_says_what_does(word: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as told:
        candidates(PLAN, word)
    assert str(told.value).endswith("Write one of: WhatsApp, SMS, email.")


def test_a_message_knows_its_way_and_what_is_left_behind_it() -> None:
    bound = Message("m", "c", "r", channel=ChannelName.SMS, carrier="twilio")
    assert way_of(PLAN, bound) == SMS
    assert later(PLAN, bound) == (EMAIL,)
    assert later(PLAN, Message("m", "c", "r", channel=ChannelName.EMAIL, carrier="resend")) == ()


def test_a_message_from_before_there_were_channels_goes_the_plans_own_way() -> None:
    for old in (Message("m", "c", "r"), Message("m", "c", "r", channel=ChannelName.WHATSAPP)):
        assert way_of(PLAN, old) == WHATSAPP
        assert way_word(PLAN, old) == ""
    assert way_word(PLAN, Message("m", "c", "r", channel=ChannelName.SMS, carrier="twilio")) == "sms twilio"


def test_a_mark_tells_no_address_and_knows_it_again() -> None:
    assert mark(ChannelName.SMS, "+41791234567") == mark(ChannelName.SMS, "+41791234567")
    assert mark(ChannelName.SMS, "+41791234567") != mark(ChannelName.WHATSAPP, "+41791234567")
    assert "4179" not in mark(ChannelName.SMS, "+41791234567")
