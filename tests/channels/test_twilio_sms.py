"""SMS over Twilio, against an emulator of its API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from server.channels.twilio import TwilioSms
from server.domain.message import Receipt
from server.errors import ConfigError, PermanentError, SendInDoubt, TemporaryError
from tests.channels.twilios import PHONE, TEXT_TO_ANA, Emulated, forms, made, shared, world
from tests.contracts.channel import OVER_HTTP, SendContract, send
from tests.emulators.providers.provider import json_answer
from tests.emulators.providers.world import PUBLIC, Providers

__all__ = ["shared", "world"]


class TestContract(SendContract):
    outcome = OVER_HTTP
    letter = TEXT_TO_ANA
    no_addresses = ("", "   ", "n/a", "call me", "=1+1", "4.479E+11", "ana@example.org", "+447900900123, +447900900124")

    def nth_address(self, number: int) -> str:
        return f"+4479009001{number:02d}"

    @pytest.fixture
    def provider(self, world: Providers) -> Iterator[Emulated]:
        emulated = Emulated(world, TwilioSms)
        yield emulated
        emulated.behave()


def test_a_message_brings_along_where_to_report_to(world: Providers) -> None:
    [receipt] = send(made(TwilioSms, world), TEXT_TO_ANA)
    assert receipt == Receipt(world.twilio.sent[0].id)
    assert forms(world) == [
        {
            "To": PHONE,
            "From": world.twilio.from_number,
            "Body": TEXT_TO_ANA.text,
            "ValidityPeriod": "14400",
            "StatusCallback": f"{PUBLIC}/webhooks/twilio?token={TEXT_TO_ANA.token}#rc=3&rp=all",
        }
    ]


def test_it_names_no_address_for_reports_where_twilio_can_not_reach_us(world: Providers) -> None:
    send(made(TwilioSms, world, public_url=""), TEXT_TO_ANA)
    assert "StatusCallback" not in forms(world)[0]


def test_it_sends_by_a_messaging_service(world: Providers) -> None:
    send(made(TwilioSms, world, world.twilio.messaging_service), TEXT_TO_ANA)
    assert forms(world)[0]["MessagingServiceSid"] == world.twilio.messaging_service
    assert "From" not in forms(world)[0]


def test_a_text_longer_than_twilio_takes_never_leaves(world: Providers) -> None:
    [error] = send(made(TwilioSms, world), replace(TEXT_TO_ANA, text="a" * 1601))
    assert isinstance(error, PermanentError)
    assert "1601" in error.sentence
    assert not error.whole_campaign
    assert not world.twilio.calls


def test_half_a_character_does_not_stop_a_message(world: Providers) -> None:
    send(made(TwilioSms, world), replace(TEXT_TO_ANA, text="Hi \ud83d Ana"))
    assert world.phone(PHONE).texts == ["Hi \ufffd Ana"]


def test_a_person_who_said_stop_is_told_apart(world: Providers) -> None:
    world.twilio.text(PHONE, "STOP")
    [error] = send(made(TwilioSms, world), TEXT_TO_ANA)
    assert isinstance(error, PermanentError)
    assert error.opted_out
    assert not error.whole_campaign
    assert "STOP" in error.sentence


def test_a_landline_can_be_reached_another_way(world: Providers) -> None:
    world.phone(PHONE).landline = True
    [error] = send(made(TwilioSms, world), TEXT_TO_ANA)
    assert isinstance(error, PermanentError)
    assert (error.elsewhere, error.whole_campaign, error.code) == (True, False, "21614")


def test_a_closed_country_is_a_fault_of_the_row(world: Providers) -> None:
    world.twilio.closed_regions.add("+44")
    [error] = send(made(TwilioSms, world), TEXT_TO_ANA)
    assert isinstance(error, PermanentError)
    assert not error.whole_campaign
    assert "Geo permissions" in error.sentence


def test_a_sender_of_somebody_else_stops_the_campaign(world: Providers) -> None:
    [error] = send(made(TwilioSms, world, "+15005550001"), TEXT_TO_ANA)
    assert isinstance(error, PermanentError)
    assert error.whole_campaign
    assert "TWILIO_FROM" in error.sentence


def test_it_obeys_how_long_twilio_wants_to_be_left_alone(world: Providers) -> None:
    world.twilio.fault("429")
    [error] = send(made(TwilioSms, world), TEXT_TO_ANA)
    assert isinstance(error, TemporaryError)
    assert error.retry_after == 1.0


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"code": 30001}, TemporaryError),
        (400, {"code": 63018}, TemporaryError),
        (400, {"code": 99999, "message": f"about {PHONE}"}, PermanentError),
        (400, {}, PermanentError),
        (400, {"code": "x" * 500}, PermanentError),
        (403, {}, PermanentError),
        (502, {}, SendInDoubt),
        (302, {}, PermanentError),
        (404, {}, PermanentError),
        (408, {}, SendInDoubt),
        (201, {}, SendInDoubt),
        (201, {"sid": 7}, SendInDoubt),
    ],
)
def test_every_answer_means_exactly_one_thing(
    world: Providers, monkeypatch: pytest.MonkeyPatch, status: int, body: dict[str, object], kind: type[Exception]
) -> None:
    monkeypatch.setattr(world.twilio, "reserve", lambda request: json_answer(body, status))
    [error] = send(made(TwilioSms, world), TEXT_TO_ANA)
    assert type(error) is kind
    assert isinstance(error, (TemporaryError, PermanentError, SendInDoubt))
    assert PHONE not in error.sentence + error.detail
    assert error.sentence.endswith(".")


@pytest.mark.parametrize(
    ("sender", "pace"),
    [("+15005550006", 1.0), ("+18885550006", 3.0), ("12345", 10.0), ("Race Office", 10.0), ("MG" + "0" * 32, 1.0)],
)
def test_its_pace_is_that_of_the_sender(world: Providers, sender: str, pace: float) -> None:
    assert made(TwilioSms, world, sender).limits().per_second == pace
    assert made(TwilioSms, world, sender, per_second=25.0).limits().per_second == 25.0


def test_it_needs_keys_that_can_be_keys() -> None:
    for sid, tokens in (("", ["t"]), ("AC 12", ["t"]), ("AC" + "0" * 32, []), ("AC" + "0" * 32, ["tö"])):
        with pytest.raises(ConfigError):
            TwilioSms(sid, tokens, "+15005550006")


def test_it_knows_where_a_number_is_at_home(world: Providers) -> None:
    assert made(TwilioSms, world).zones("+493012345678") == ("Europe/Berlin",)
    assert made(TwilioSms, world).address("07900 900123") == "+447900900123"


def test_a_name_that_begins_like_a_service_is_a_name(world: Providers) -> None:
    sender = made(TwilioSms, world, "MGM Hotels")
    assert sender._from() == {"From": "MGM Hotels"}
    assert made(TwilioSms, world, "MG" + "0" * 32)._from() == {"MessagingServiceSid": "MG" + "0" * 32}
