"""Calls over Twilio: an emulator places them, plays what we say and presses keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.channels.twilio import TwilioVoice, speech
from server.channels.twilio.hearing import XML
from server.domain.message import Choice, Outgoing
from server.domain.reply import DeliveryEvent, Event, InboundMessage, UnknownEvent
from server.domain.words import ChannelName, DeliveryStatus
from server.errors import PermanentError
from tests.channels.twilios import PHONE, TEXT_TO_ANA, Emulated, forms, made, posted, shared, world
from tests.contracts.channel import OVER_HTTP, SendContract, send
from tests.emulators.providers import twiml
from tests.emulators.providers.posts import Attempt, Post
from tests.emulators.providers.world import Providers

__all__ = ["shared", "world"]
CHOICES = (Choice("1", "Yes"), Choice("2", "No & never"))
ASKING = replace(TEXT_TO_ANA, text="Hi Ana, you start at 10:20.", choices=CHOICES, language="en-GB")


class Heard(Emulated):
    def read(self, text: str) -> str:
        return twiml.parse(text)[0].text


class TestContract(SendContract):
    outcome = OVER_HTTP
    letter = TEXT_TO_ANA
    no_addresses = ("", "   ", "n/a", "call me", "=1+1", "4.479E+11")

    def nth_address(self, number: int) -> str:
        return f"+4479009001{number:02d}"

    def arrives(self, text: str) -> str:
        """Nobody hears white space, and no instruction may hold control characters."""
        return text.replace("\x0c", " ").replace("\x07", " ").strip()

    @pytest.fixture
    def provider(self, world: Providers) -> Iterator[Emulated]:
        emulated = Heard(world, TwilioVoice)
        yield emulated
        emulated.behave()


@pytest.fixture
def answering(world: Providers, monkeypatch: pytest.MonkeyPatch) -> Providers:
    """The emulator, hearing what the channel answers to what it posts."""
    channel = made(TwilioVoice, world)
    post_it = world.posts.post

    def heard(post: Post) -> Post:
        post_it(post)
        request = posted(post)
        channel.verify(request)
        said = channel.answer(request)
        post.attempts.append(Attempt(200 if said.body else 204, {}, post.body, said.body.encode(), said.content_type))
        return post

    monkeypatch.setattr(world.posts, "post", heard)
    return world


def called(world: Providers, outgoing: Outgoing = ASKING) -> tuple[list[str], list[Event]]:
    """What the person hears of a call, and the events that it makes."""
    channel = made(TwilioVoice, world)
    send(channel, outgoing)
    posts = world.twilio.deliver()
    assert not [each for each in world.twilio.placed[-1].warnings if each]
    return world.twilio.placed[-1].heard, [event for post in posts for event in channel.parse(posted(post))]


def test_a_call_says_the_text_and_what_can_be_pressed_twice_and_ends(answering: Providers) -> None:
    heard, events = called(answering)
    said = "Hi Ana, you start at 10:20.\nPress 1 for Yes. Press 2 for No & never."
    assert heard == [said, said, "Goodbye."]
    assert set(answering.twilio.placed[-1].languages) == {"en-GB"}
    [ended] = events
    assert isinstance(ended, DeliveryEvent)
    assert (ended.status, ended.token, ended.address) == (DeliveryStatus.DELIVERED, ASKING.token, PHONE)


def test_a_pressed_key_is_an_answer_and_is_thanked_for(answering: Providers) -> None:
    answering.phone(PHONE).keys = "2"
    heard, events = called(answering)
    assert heard[-1] == "No & never.\nThank you.\nGoodbye."
    assert len(heard) == 2
    answer = events[0]
    assert isinstance(answer, InboundMessage)
    assert (answer.button, answer.text, answer.token) == ("2", "No & never", ASKING.token)
    assert (answer.sender, answer.channel, answer.ours) == (PHONE, ChannelName.VOICE, answering.twilio.from_number)
    assert answer.in_reply_to == (answering.twilio.sent[0].id,)


def test_a_wrong_key_is_no_answer_and_the_choices_are_said_again(answering: Providers) -> None:
    answering.phone(PHONE).keys = "71"
    heard, events = called(answering)
    assert heard[1] == "That key is not one of the choices.\nPress 1 for Yes. Press 2 for No & never."
    assert isinstance(events[0], UnknownEvent)
    assert isinstance(events[1], InboundMessage)
    assert events[1].button == "1"


def test_a_call_ends_after_a_second_wrong_key(answering: Providers) -> None:
    answering.phone(PHONE).keys = "7*91"
    heard, events = called(answering)
    assert heard[-2:] == ["That key is not one of the choices.", "Goodbye."]
    assert not any(isinstance(event, InboundMessage) for event in events)


@pytest.mark.parametrize(
    ("picks_up", "words"),
    [
        ("machine", "Reached a machine"),
        ("busy", "busy"),
        ("no-answer", "Nobody answered"),
        ("nobody", "number may not"),
    ],
)
def test_a_call_that_no_person_heard_is_not_delivered(world: Providers, picks_up: str, words: str) -> None:
    phone = world.phone(PHONE)
    phone.reachable, phone.picks_up = picks_up != "nobody", picks_up
    [ended] = called(world)[1]
    assert isinstance(ended, DeliveryEvent)
    assert ended.status is DeliveryStatus.FAILED
    assert words in ended.detail
    assert not ended.detail.endswith(".")
    assert not ended.elsewhere


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Drücken Sie 1 für Yes."),
        ("de-AT", "Drücken Sie 1 für Yes."),
        ("fr", "Appuyez sur 1 pour Yes."),
        ("es-419", "Pulse 1 para Yes."),
        ("pt", "Pressione 1 para Yes."),
        ("it", "Prema 1 per Yes."),
        ("nl", "Druk op 1 voor Yes."),
        ("sv", "1: Yes."),
        ("", "Press 1 for Yes."),
    ],
)
def test_choices_are_offered_in_the_language_of_the_text(answering: Providers, language: str, said: str) -> None:
    answering.phone(PHONE).keys = "1"
    heard, _ = called(answering, replace(ASKING, language=language))
    assert said in heard[0]
    assert len(heard) == 2


@pytest.mark.parametrize(
    ("language", "spoken"),
    [("en", "en-US"), ("EN_gb", "en-GB"), ("pt", "pt-BR"), ("pt-PT", "pt-PT"), ("zh-Hant-TW", "cmn-CN"),
     ("no", "nb-NO"), ("es-AR", "es-ES"), ("ar", "arb")],
)  # fmt: skip
def test_a_language_is_spoken_by_a_voice_of_its_own(language: str, spoken: str) -> None:
    assert speech.locale(language) == spoken


def test_a_language_without_a_voice_stops_the_campaign_before_any_call(world: Providers) -> None:
    [error] = send(made(TwilioVoice, world), replace(ASKING, language="sw"))
    assert isinstance(error, PermanentError)
    assert error.whole_campaign
    assert "“sw”" in error.sentence
    assert not world.twilio.calls


def test_what_is_said_when_twilio_can_not_reach_us_asks_for_no_key(world: Providers) -> None:
    channel = made(TwilioVoice, world, public_url="")
    send(channel, ASKING)
    [form] = forms(world, "Calls")
    assert "Gather" not in form["Twiml"]
    assert "StatusCallback" not in form
    assert (channel.limits().choices, channel.limits().buttons) == (0, False)
    assert made(TwilioVoice, world).limits().buttons


def test_a_long_text_is_said_once_and_one_too_long_is_not_sent(world: Providers) -> None:
    channel = made(TwilioVoice, world)
    send(channel, replace(ASKING, text="word " * 450))
    [form] = forms(world, "Calls")
    assert form["Twiml"].count("word ") == 449
    assert len(form["Twiml"]) <= 4000
    assert form["Twiml"].count("Press 1") == 2
    [error] = send(channel, replace(ASKING, text="&" * 1400))
    assert isinstance(error, PermanentError)
    assert not error.whole_campaign
    assert len(world.twilio.placed) == 1


def test_a_text_as_long_as_allowed_leaves_room_for_nine_choices() -> None:
    nine = [Choice(str(n), "a title of some length") for n in range(1, 10)]
    said = speech.call("ü" * speech.LONGEST, "fr", nine, "https://cellback.example.org/webhooks/twilio?" + "x" * 800)
    assert len(said) <= speech.LONGEST_TWIML


@settings(deadline=None)
@given(st.text(max_size=300), st.lists(st.text(min_size=1, max_size=20), min_size=2, max_size=9))
def test_no_text_changes_what_a_call_does(text: str, titles: Sequence[str]) -> None:
    """Whatever stands in a cell is said, never obeyed."""
    choices = [Choice(str(n), title) for n, title in enumerate(titles, start=1)]
    for document in (
        speech.call(text, "en", choices, "https://cellback.example.org/?a=1&b=2"),
        speech.thanks("en", text),
        speech.wrong_key("en", choices, "https://cellback.example.org/"),
    ):
        root = ElementTree.fromstring(document)
        assert {each.tag for each in root.iter()} <= {"Response", "Gather", "Say", "Pause", "Hangup"}
        assert {each.get("action") for each in root.iter("Gather")} <= {
            "https://cellback.example.org/?a=1&b=2", "https://cellback.example.org/"
        }  # fmt: skip


def test_somebody_who_calls_us_is_turned_away_at_no_cost(world: Providers) -> None:
    channel = made(TwilioVoice, world)
    call = {
        "CallSid": "CA" + "0" * 32,
        "CallStatus": "ringing",
        "Direction": "inbound",
        "From": PHONE,
        "To": "+15005550006",
    }
    request = posted(world.twilio.post(world.hook("twilio"), call, "call"))
    said = channel.answer(request)
    assert (said.content_type, twiml.parse(said.body)[0].name) == (XML, "Reject")
    assert isinstance(channel.parse(request)[0], UnknownEvent)


def test_a_call_costs_no_more_than_one_a_second_unless_told(world: Providers) -> None:
    assert made(TwilioVoice, world).limits().per_second == 1.0
    assert made(TwilioVoice, world, per_second=5.0).limits().per_second == 5.0
