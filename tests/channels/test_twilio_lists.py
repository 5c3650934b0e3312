"""What Twilio is asked: what became of doubtful sends, what its posts may have lost, whether all is in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.channels.twilio import TwilioSms, TwilioVoice, TwilioWhatsApp, account, standing
from server.domain.message import FilledTemplate, Outgoing, Receipt
from server.domain.reply import DeliveryEvent, Event, InboundMessage
from server.domain.words import ChannelName, DeliveryStatus
from server.errors import PermanentError, SendInDoubt, TemporaryError
from tests.channels.twilios import CALLERS, KINDS, PHONE, TEXT_TO_ANA, Twilio, ask, made, posted, shared, world
from tests.contracts.channel import send
from tests.emulators.providers.faults import Fault
from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.provider import json_answer
from tests.emulators.providers.world import Providers

__all__ = ["shared", "world"]
HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)


def settled(channel: Twilio, outgoing: Outgoing = TEXT_TO_ANA) -> Receipt | bool:
    return ask(channel, lambda: channel.reconcile(outgoing))


def missed(channel: Twilio, since: datetime = HOUR_AGO) -> list[Event]:
    return ask(channel, lambda: channel.missed(since))


@pytest.mark.parametrize("kind", KINDS)
def test_a_send_whose_answer_was_lost_is_found_again(world: Providers, kind: type[Twilio]) -> None:
    channel = made(kind, world)
    world.twilio.fault("accept-then-drop")
    [error] = send(channel, TEXT_TO_ANA)
    assert isinstance(error, SendInDoubt)
    assert settled(channel) == Receipt(world.twilio.sent[0].id)


@pytest.mark.parametrize("kind", KINDS)
def test_what_never_came_is_known_not_to_have_gone(world: Providers, kind: type[Twilio]) -> None:
    channel = made(kind, world)
    send(channel, replace(TEXT_TO_ANA, address="+447900900124"))
    world.twilio.fault("drop")
    [error] = send(channel, TEXT_TO_ANA)
    assert isinstance(error, SendInDoubt)
    assert settled(channel) is False


def test_a_template_is_found_by_the_text_that_it_makes(world: Providers) -> None:
    found = world.twilio.template("start", "Hi {{1}}, does that suit you?")
    channel = made(TwilioWhatsApp, world)
    outgoing = replace(TEXT_TO_ANA, template=FilledTemplate(found.sid, "en", {"1": "Ana"}))
    world.twilio.fault("accept-then-drop")
    send(channel, outgoing)
    assert settled(channel, replace(TEXT_TO_ANA, text="Hi Ana, does that suit you?")) == Receipt(
        world.twilio.sent[0].id
    )


def test_it_takes_no_other_rows_message_for_the_lost_one(world: Providers) -> None:
    """Two rows with one number and one text: the first went, the second did not."""
    channel = made(TwilioSms, world, known=lambda sid: sid == world.twilio.sent[0].id)
    send(channel, TEXT_TO_ANA)
    world.twilio.fault("drop")
    send(channel, TEXT_TO_ANA)
    assert settled(channel) is False


def test_it_is_found_under_the_number_that_whatsapp_made_of_it(world: Providers) -> None:
    channel = made(TwilioWhatsApp, world)
    send(channel, replace(TEXT_TO_ANA, address="+5215512345678"))
    assert settled(channel, replace(TEXT_TO_ANA, address="+525512345678")) == Receipt(world.twilio.sent[0].id)


def test_a_person_decides_where_two_could_be_it_or_another_text_went(world: Providers) -> None:
    channel = made(TwilioSms, world)
    send(channel, TEXT_TO_ANA)
    assert settled(channel, replace(TEXT_TO_ANA, text="Something else")) is True
    send(channel, TEXT_TO_ANA)
    assert settled(channel) is True


def test_a_message_of_last_week_is_not_the_lost_one(world: Providers) -> None:
    channel = made(TwilioSms, world, now=lambda: datetime.now(UTC) + timedelta(days=7))
    send(channel, TEXT_TO_ANA)
    assert settled(channel) is False


def test_when_a_send_began_tells_it_from_the_same_words_before(world: Providers) -> None:
    send(made(TwilioSms, world), TEXT_TO_ANA)
    hours_later = datetime.now(UTC) + timedelta(hours=3)
    channel = made(TwilioSms, world, now=lambda: hours_later + timedelta(minutes=10))
    assert settled(channel, replace(TEXT_TO_ANA, claimed_at=hours_later)) is False
    assert settled(channel, replace(TEXT_TO_ANA, claimed_at=datetime.now(UTC))) == Receipt(world.twilio.sent[0].id)


def test_what_is_not_listed_yet_may_still_come(world: Providers) -> None:
    claimed = replace(TEXT_TO_ANA, claimed_at=datetime.now(UTC))
    assert settled(made(TwilioSms, world), claimed) is True
    later = made(TwilioSms, world, now=lambda: datetime.now(UTC) + timedelta(minutes=6))
    assert settled(later, claimed) is False


def test_the_line_that_a_trial_puts_before_a_text_hides_it_not(world: Providers) -> None:
    channel = made(TwilioSms, world)
    send(channel, replace(TEXT_TO_ANA, text="Sent from your Twilio trial account - " + TEXT_TO_ANA.text))
    assert settled(channel) == Receipt(world.twilio.sent[0].id)


def test_a_reply_whose_post_was_lost_is_found_with_the_same_id(world: Providers) -> None:
    channel = made(TwilioSms, world)
    post = world.twilio.text(PHONE, "Yes, fine")
    assert post is not None
    [by_post], [by_list] = channel.parse(posted(post)), missed(channel)
    assert isinstance(by_list, InboundMessage)
    assert isinstance(by_post, InboundMessage)
    assert by_list.event_id == by_post.event_id
    assert (by_list.text, by_list.sender, by_list.channel, by_list.ours) == (
        "Yes, fine", PHONE, ChannelName.SMS, world.twilio.from_number
    )  # fmt: skip
    assert datetime.fromisoformat(by_list.at)


def test_a_report_whose_post_was_lost_is_found_with_the_same_id(world: Providers) -> None:
    channel = made(TwilioSms, world)
    world.phone(PHONE).reachable = False
    send(channel, TEXT_TO_ANA)
    posts = world.twilio.deliver()
    [event] = missed(channel)
    assert event.event_id == channel.parse(posted(posts[-1]))[0].event_id
    assert isinstance(event, DeliveryEvent)
    assert (event.status, event.code, event.provider_id) == (DeliveryStatus.FAILED, "30003", world.twilio.sent[0].id)


def test_what_is_still_under_way_is_no_news(world: Providers) -> None:
    send(made(TwilioSms, world), TEXT_TO_ANA)
    assert missed(made(TwilioSms, world)) == []


def test_each_channel_lists_its_own(world: Providers) -> None:
    world.twilio.text(PHONE, "by text")
    world.twilio.whatsapp(PHONE, "by WhatsApp")
    voice = made(TwilioVoice, world)
    send(voice, TEXT_TO_ANA)
    world.twilio.deliver()
    texts = {kind: [event.text for event in missed(made(kind, world)) if isinstance(event, InboundMessage)]
             for kind in KINDS}  # fmt: skip
    assert texts == {TwilioSms: ["by text"], TwilioWhatsApp: ["by WhatsApp"], TwilioVoice: []}
    [call] = missed(voice)
    assert isinstance(call, DeliveryEvent)
    assert call.event_id == f"{world.twilio.placed[0].sent.id}:completed"


def test_a_machine_that_took_a_call_is_known_from_the_list_too(world: Providers) -> None:
    voice = made(TwilioVoice, world)
    world.phone(PHONE).picks_up = "machine"
    send(voice, TEXT_TO_ANA)
    world.twilio.deliver()
    [call] = missed(voice)
    assert isinstance(call, DeliveryEvent)
    assert call.status is DeliveryStatus.FAILED
    assert "machine" in call.detail


def test_it_lists_what_came_to_a_messaging_service(world: Providers) -> None:
    channel = made(TwilioSms, world, world.twilio.messaging_service)
    send(channel, TEXT_TO_ANA)
    world.twilio.deliver()
    world.twilio.text(PHONE, "Yes")
    world.twilio.whatsapp(PHONE, "by WhatsApp")
    send(made(TwilioSms, world), TEXT_TO_ANA)  # another sender of the same account
    world.twilio.deliver()
    assert [type(event) for event in missed(channel)] == [InboundMessage, DeliveryEvent]


def test_what_has_only_just_happened_is_left_to_twilios_own_post(world: Providers) -> None:
    """That one knows which button it was, and carries our token: the list must not come first."""
    world.twilio.text(PHONE, "Yes")
    assert missed(made(TwilioSms, world, now=lambda: datetime.now(UTC))) == []


def test_it_reads_page_after_page_and_ends(world: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "PAGE", 2)
    for number in range(7):
        world.twilio.text(PHONE, f"number {number}")
    channel = made(TwilioSms, world)
    found = [event.text for event in missed(channel) if isinstance(event, InboundMessage)]
    assert sorted(found) == [f"number {number}" for number in range(7)]
    monkeypatch.setattr(account, "MOST_PAGES", 2)
    assert len(missed(channel)) == 4


@pytest.mark.parametrize(
    "answer",
    [{}, {"messages": None}, {"messages": [None, 7, {}, {"sid": 5}, {"sid": "SM" + "0" * 32, "direction": "inbound"}]},
     {"messages": [], "next_page_uri": "https://evil.example/2010-04-01/"}, {"messages": {"sid": "x"}}],
)  # fmt: skip
def test_an_odd_list_is_an_empty_one(world: Providers, monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    monkeypatch.setattr(world.twilio, "reserve", lambda request: json_answer(answer))
    assert missed(made(TwilioSms, world)) == []
    assert settled(made(TwilioSms, world)) in {False, True}


@pytest.mark.parametrize(
    ("status", "kind"), [(429, TemporaryError), (500, TemporaryError), (503, TemporaryError), (401, PermanentError)]
)
def test_a_question_without_an_answer_says_whether_to_ask_again(
    world: Providers, monkeypatch: pytest.MonkeyPatch, status: int, kind: type[Exception]
) -> None:
    monkeypatch.setattr(world.twilio, "reserve", lambda request: json_answer({"code": 0}, status))
    channel = made(TwilioSms, world)
    works: list[Callable[[], Any]] = [
        lambda: channel.reconcile(TEXT_TO_ANA), lambda: channel.missed(HOUR_AGO), channel.check
    ]  # fmt: skip
    for work in works:
        with pytest.raises(kind):
            ask(channel, work)


def test_it_sees_that_account_and_sender_are_in_order(world: Providers) -> None:
    for kind in CALLERS:
        channel = made(kind, world)
        ask_check(channel)
        assert channel.caution == ""


def answering(world: Providers, channel: Twilio, answers: dict[str, object]) -> None:
    """Check the channel; what the emulator has no words for is answered so, by the last word of the path."""
    carry_out = world.twilio._carried_out

    def carried_out(request: Request, fault: Fault) -> Answer:
        name = request.path.rpartition("/")[2].removesuffix(".json")
        return json_answer(answers[name]) if name in answers else carry_out(request, fault)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.twilio, "_carried_out", carried_out)
        ask_check(channel)


def test_a_trial_is_told_and_a_closed_account_is_refused(world: Providers) -> None:
    channel = made(TwilioSms, world)
    sid = world.twilio.account_sid
    answering(world, channel, {sid: {"status": "active", "type": "Trial"}})
    assert "trial" in channel.caution
    for state in ("suspended", "closed", None):
        with pytest.raises(PermanentError) as caught:
            answering(world, channel, {sid: {"status": state, "type": "Full"}})
        assert caught.value.whole_campaign


def test_a_number_of_somebody_else_is_told(world: Providers) -> None:
    for kind in CALLERS:
        with pytest.raises(PermanentError, match="no number of this Twilio account"):
            answering(world, made(kind, world, "+15005550001"), {"OutgoingCallerIds": {"outgoing_caller_ids": []}})


def test_a_number_that_can_not_do_it_is_told(world: Providers) -> None:
    numbers = {"incoming_phone_numbers": [{"capabilities": {"sms": False, "voice": False}}]}
    answers: dict[str, object] = {"IncomingPhoneNumbers": numbers}
    for kind, words in zip(CALLERS, ("send SMS", "make calls"), strict=True):
        with pytest.raises(PermanentError, match=words):
            answering(world, made(kind, world), answers)


def test_a_caller_id_that_was_verified_may_call(world: Providers) -> None:
    channel = made(TwilioVoice, world, "+15005550001")
    answering(world, channel, {"OutgoingCallerIds": {"outgoing_caller_ids": [{"phone_number": "+15005550001"}]}})


def test_a_service_can_not_call(world: Providers) -> None:
    with pytest.raises(PermanentError, match="TWILIO_VOICE_FROM"):
        ask_check(made(TwilioVoice, world, world.twilio.messaging_service))


def test_a_service_that_is_gone_is_told(world: Providers) -> None:
    channel = made(TwilioSms, world, "MG" + "0" * 32)
    with pytest.raises(PermanentError, match="no such messaging service"):
        ask_check(channel)
    answering(world, channel, {"MG" + "0" * 32: {"sid": "MG" + "0" * 32}})


def test_a_sender_with_a_name_gets_no_replies(world: Providers) -> None:
    channel = made(TwilioSms, world, "Race Office")
    ask_check(channel)
    assert "answered" in channel.caution


@pytest.mark.parametrize(("status", "words"), [("ONLINE", ""), ("ONLINE:UPDATING", ""), ("OFFLINE", "not online")])
def test_a_whatsapp_sender_is_looked_up(world: Providers, status: str, words: str) -> None:
    channel = made(TwilioWhatsApp, world, "+15005550009")
    senders = {"senders": [{"sender_id": "whatsapp:+15005550009", "status": status}]}
    answering(world, channel, {"Senders": senders})
    assert words in channel.caution if words else channel.caution == ""
    with pytest.raises(PermanentError, match="no WhatsApp sender"):
        answering(world, channel, {"Senders": {"senders": []}})


def test_the_sandbox_is_told(world: Providers) -> None:
    channel = made(TwilioWhatsApp, world)
    ask_check(channel)
    assert "sandbox" in channel.caution


@pytest.mark.parametrize(
    ("base", "messaging"),
    [("https://api.twilio.com", "https://messaging.twilio.com"),
     ("https://api.dublin.ie1.twilio.com", "https://messaging.dublin.ie1.twilio.com"),
     ("http://127.0.0.1:9/twilio", "http://127.0.0.1:9/twilio"), ("https://api.example.org", "https://api.example.org")],
)  # fmt: skip
def test_services_are_asked_for_where_the_account_is(base: str, messaging: str) -> None:
    assert standing.beside(base, "messaging") == messaging


def ask_check(channel: Twilio) -> None:
    ask(channel, channel.check)
