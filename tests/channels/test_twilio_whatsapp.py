"""WhatsApp over Twilio, against an emulator of its API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from server.channels.twilio import TwilioWhatsApp, messages
from server.domain.choices import MOST
from server.domain.message import Choice, FilledTemplate, Receipt
from server.domain.reply import DeliveryEvent, InboundMessage
from server.domain.words import ChannelName, DeliveryStatus
from server.errors import PermanentError
from tests.channels.twilios import PHONE, TEXT_TO_ANA, Emulated, ask, forms, made, posted, shared, world
from tests.contracts.channel import OVER_HTTP, SendContract, send
from tests.emulators.providers.provider import json_answer
from tests.emulators.providers.world import Providers

__all__ = ["shared", "world"]
CHOICES = (Choice("1", "Yes"), Choice("2", "No"))
BODY = "Hi {{1}}, you start at {{2}}. Does that suit you?"


class TestContract(SendContract):
    outcome = OVER_HTTP
    letter = TEXT_TO_ANA
    no_addresses = ("", "   ", "n/a", "call me", "=1+1", "4.479E+11")

    def nth_address(self, number: int) -> str:
        return f"+4479009001{number:02d}"

    @pytest.fixture
    def provider(self, world: Providers) -> Iterator[Emulated]:
        emulated = Emulated(world, TwilioWhatsApp)
        yield emulated
        emulated.behave()


def template(world: Providers) -> FilledTemplate:
    """An approved one with two buttons that bring back row and answer."""
    buttons = {f"v1.{{{{token}}}}.{choice.code}": choice.title for choice in CHOICES}
    return FilledTemplate(world.twilio.template("start_time", BODY, buttons).sid, "en", {"1": "Ana", "2": "10:20"})


def test_both_ends_are_named_as_whatsapp_numbers(world: Providers) -> None:
    send(made(TwilioWhatsApp, world), TEXT_TO_ANA)
    [form] = forms(world)
    assert (form["To"], form["From"]) == (f"whatsapp:{PHONE}", "whatsapp:+14155238886")
    assert form["Body"] == TEXT_TO_ANA.text
    assert "ValidityPeriod" not in form


def test_it_writes_to_the_number_under_which_whatsapp_knows_the_person(world: Providers) -> None:
    mexican = replace(TEXT_TO_ANA, address="+525512345678", known_as="+5215512345678")
    send(made(TwilioWhatsApp, world), mexican, replace(mexican, known_as="US.134912345678"))
    assert sorted(form["To"] for form in forms(world)) == ["whatsapp:+5215512345678", "whatsapp:+525512345678"]


def test_it_keeps_the_number_that_twilio_made_of_another(world: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    said = json_answer({"sid": "SM" + "0" * 32, "to": "whatsapp:+5215512345678"}, 201)
    monkeypatch.setattr(world.twilio, "reserve", lambda request: said)
    mexican = replace(TEXT_TO_ANA, address="+525512345678")
    [new, same] = send(made(TwilioWhatsApp, world), mexican, replace(mexican, address="+5215512345678"))
    assert (new, same) == (Receipt("SM" + "0" * 32, "+5215512345678"), Receipt("SM" + "0" * 32))


def test_a_template_goes_by_its_sid_with_its_variables_and_our_token_for_the_buttons(world: Providers) -> None:
    filled = template(world)
    send(made(TwilioWhatsApp, world), replace(TEXT_TO_ANA, template=filled, choices=CHOICES))
    [form] = forms(world)
    assert form["ContentSid"] == filled.name
    assert json.loads(form["ContentVariables"]) == {"1": "Ana", "2": "10:20", "token": TEXT_TO_ANA.token}
    assert "Body" not in form
    item = world.phone(PHONE).last()
    assert item.text == "Hi Ana, you start at 10:20. Does that suit you?"
    assert [title for _, title in item.buttons] == ["Yes", "No"]


def test_a_template_without_variables_is_sent_without_any(world: Providers) -> None:
    found = FilledTemplate(world.twilio.template("hello", "Hello there").sid)
    send(made(TwilioWhatsApp, world), replace(TEXT_TO_ANA, template=found))
    assert "ContentVariables" not in forms(world)[0]
    assert world.phone(PHONE).texts == ["Hello there"]


def test_a_pressed_button_leads_to_the_very_row_and_answer(world: Providers) -> None:
    channel = made(TwilioWhatsApp, world)
    send(channel, replace(TEXT_TO_ANA, template=template(world), choices=CHOICES))
    post = world.twilio.press(PHONE, "No", context=False)
    assert post is not None
    channel.verify(posted(post))
    [event] = channel.parse(posted(post))
    assert isinstance(event, InboundMessage)
    assert (event.token, event.button, event.text) == (TEXT_TO_ANA.token, "2", "No")
    assert (event.sender, event.channel, event.ours) == (PHONE, ChannelName.WHATSAPP, "+14155238886")


def test_a_button_means_what_it_says_where_the_plan_has_the_answers_in_another_order(world: Providers) -> None:
    """The template's first button is the plan's second answer: its id would name the first."""
    channel = made(TwilioWhatsApp, world)
    send(channel, replace(TEXT_TO_ANA, template=template(world), choices=(Choice("2", "Yes"), Choice("1", "No"))))
    post = world.twilio.press(PHONE, "Yes")
    assert post is not None
    [event] = channel.parse(posted(post))
    assert isinstance(event, InboundMessage)
    assert (event.token, event.button, event.in_reply_to) == ("", "Yes", (world.twilio.sent[0].id,))


def test_a_button_beside_the_answers_disturbs_none(world: Providers) -> None:
    choices = (Choice("", "Map"), *CHOICES)
    send(made(TwilioWhatsApp, world), replace(TEXT_TO_ANA, template=template(world), choices=choices))
    assert json.loads(forms(world)[0]["ContentVariables"])["token"] == TEXT_TO_ANA.token


def test_it_lists_the_templates_that_can_be_chosen(world: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "TEMPLATE_PAGE", 2)
    asked = world.twilio.template("start", BODY, {"v1.{{token}}.1": "Yes", "v1.{{token}}.2": "No"})
    paused = world.twilio.template("old", "Old words", approval="paused")
    for approval in ("unsubmitted", "received", "pending", "rejected", "disabled"):
        world.twilio.template(approval, "Not yet", approval=approval)
    card = world.twilio.template("card", "A card")
    card.types = {"twilio/card": {"title": "A card", "media": ["https://example.org/a.png"]}}
    channel = made(TwilioWhatsApp, world)
    found = {one.template.name: one for one in ask(channel, channel.templates)}
    assert found.keys() == {asked.sid, paused.sid, card.sid}
    first = found[asked.sid]
    assert (first.template.body, first.template.buttons, first.unfit) == (BODY, ("Yes", "No"), "")
    assert (first.status, first.category, first.template.language) == ("approved", "utility", "en")
    assert "paused" in found[paused.sid].unfit
    assert "pictures" in found[card.sid].unfit


@pytest.mark.parametrize(
    "answer", [{}, {"contents": 7}, {"contents": [None, {}, {"approval_requests": 5}], "meta": []}]
)
def test_an_odd_list_of_templates_is_an_empty_one(
    world: Providers, monkeypatch: pytest.MonkeyPatch, answer: object
) -> None:
    monkeypatch.setattr(world.twilio, "reserve", lambda request: json_answer(answer))
    channel = made(TwilioWhatsApp, world)
    assert ask(channel, channel.templates) == []


def test_a_button_that_is_not_ours_comes_back_in_its_words(world: Providers) -> None:
    buttons = {"other": "Call me back"}
    filled = FilledTemplate(world.twilio.template("call", "We have news. Interested?", buttons).sid)
    channel = made(TwilioWhatsApp, world)
    send(channel, replace(TEXT_TO_ANA, template=filled))
    post = world.twilio.press(PHONE, "Call me back")
    assert post is not None
    [event] = channel.parse(posted(post))
    assert isinstance(event, InboundMessage)
    assert (event.token, event.button, event.in_reply_to) == ("", "Call me back", (world.twilio.sent[0].id,))


def test_a_name_of_metas_is_no_template_of_twilios(world: Providers) -> None:
    [error] = send(made(TwilioWhatsApp, world), replace(TEXT_TO_ANA, template=FilledTemplate("start_time")))
    assert isinstance(error, PermanentError)
    assert error.whole_campaign
    assert "HX" in error.sentence
    assert not world.twilio.calls


def test_a_template_that_is_gone_stops_the_campaign(world: Providers) -> None:
    [error] = send(made(TwilioWhatsApp, world), replace(TEXT_TO_ANA, template=FilledTemplate("HX" + "0" * 32)))
    assert isinstance(error, PermanentError)
    assert error.whole_campaign


@pytest.mark.parametrize(
    ("approval", "words"), [("paused", "has paused it"), ("disabled", "approved"), ("pending", "approved")]
)
def test_a_template_that_whatsapp_does_not_let_through_is_told_in_words(
    world: Providers, approval: str, words: str
) -> None:
    channel = made(TwilioWhatsApp, world)
    found = FilledTemplate(world.twilio.template("hello", "Hello there", approval=approval).sid)
    send(channel, replace(TEXT_TO_ANA, template=found))
    assert words in last_report(channel, world).detail


def test_words_of_ones_own_fail_outside_the_24_hours_and_pass_inside(world: Providers) -> None:
    channel = made(TwilioWhatsApp, world)
    send(channel, TEXT_TO_ANA)
    closed = last_report(channel, world)
    assert (closed.status, closed.code) == (DeliveryStatus.FAILED, "63016")
    assert "template" in closed.detail
    world.twilio.whatsapp(PHONE, "Hello?")
    send(channel, TEXT_TO_ANA)
    assert last_report(channel, world).status is DeliveryStatus.DELIVERED


def test_who_is_not_on_whatsapp_can_be_reached_another_way(world: Providers) -> None:
    world.phone(PHONE).whatsapp = False
    channel = made(TwilioWhatsApp, world)
    send(channel, TEXT_TO_ANA)
    report = last_report(channel, world)
    assert (report.status, report.elsewhere, report.opted_out) == (DeliveryStatus.FAILED, True, False)
    assert report.address == PHONE


def test_it_says_that_free_words_have_a_window(world: Providers) -> None:
    limits = made(TwilioWhatsApp, world).limits()
    assert (limits.window, limits.per_second, limits.choices) == (24 * 3600, 80, MOST)
    assert not limits.buttons
    assert limits.ours == "+14155238886"


def last_report(channel: TwilioWhatsApp, world: Providers) -> DeliveryEvent:
    post = world.twilio.deliver()[-1]
    channel.verify(posted(post))
    [event] = channel.parse(posted(post))
    assert isinstance(event, DeliveryEvent)
    assert event.token == TEXT_TO_ANA.token
    return event
