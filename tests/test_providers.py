"""Which settings switch on which channels, and what is said about those that are off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server.config import Settings
from server.domain.words import ChannelName
from server.errors import ConfigError, InvalidInput, PermanentError
from server.providers import KNOWN, reachable
from server.services import Services

E, W, S, V = ChannelName.EMAIL, ChannelName.WHATSAPP, ChannelName.SMS, ChannelName.VOICE
SID = "AC" + "0" * 32
TWILIO = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": "t" * 32}
META = {"META_ACCESS_TOKEN": "token", "META_PHONE_NUMBER_ID": "123456789012345"}
FROM = {"EMAIL_FROM": "Race office <office@example.org>"}
EVERYTHING = {
    **FROM,
    **TWILIO,
    **META,
    "SENDGRID_API_KEY": "SG.key",
    "RESEND_API_KEY": "re_key",
    "MAILGUN_API_KEY": "key",
    "MAILGUN_DOMAIN": "mg.example.org",
    "SMTP_URL": "smtp://127.0.0.1:2525",
    "TWILIO_FROM": "+15005550006",
    "TWILIO_WHATSAPP_FROM": "whatsapp:+14155238886",
}

Make = Callable[..., Services]


@pytest.fixture
def services(settings: Callable[..., Settings]) -> Iterator[Make]:
    made: list[Services] = []

    def make(**variables: Any) -> Services:
        made.append(Services(settings(**variables)))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize(
    ("variables", "ready"),
    [
        ({}, []),
        ({**FROM, "SENDGRID_API_KEY": "SG.key"}, [(E, "sendgrid")]),
        ({**FROM, "RESEND_API_KEY": "re_key"}, [(E, "resend")]),
        ({**FROM, "MAILGUN_API_KEY": "key", "MAILGUN_DOMAIN": "mg.example.org"}, [(E, "mailgun")]),
        ({**FROM, "SMTP_URL": "smtp://127.0.0.1:2525"}, [(E, "smtp")]),
        ({**TWILIO, "TWILIO_FROM": "+15005550006"}, [(S, "twilio"), (V, "twilio")]),
        ({**TWILIO, "TWILIO_FROM": "MG" + "0" * 32}, [(S, "twilio")]),
        ({**TWILIO, "TWILIO_WHATSAPP_FROM": "+14155238886"}, [(W, "twilio")]),
        ({**TWILIO, "TWILIO_VOICE_FROM": "+15005550006"}, [(V, "twilio")]),
        (META, [(W, "meta")]),
    ],
)
def test_it_switches_a_channel_on_by_its_keys(
    services: Make, variables: dict[str, str], ready: list[tuple[ChannelName, str]]
) -> None:
    made = services(**variables)
    phones = [(name, "outbox") for name in (S, W) if name not in {name for name, _ in ready}]
    assert list(made.channels) == [(ChannelName.OUTBOX, "outbox"), *ready, *phones]
    assert {(offer.name, offer.provider) for offer in made.offers() if offer.ready} == set(made.channels)
    assert all(offer.hint for offer in made.offers() if not offer.ready)


def test_phones_of_the_desk_stand_in_only_on_a_desk_that_nobody_else_can_reach(services: Make) -> None:
    made = services()
    with pytest.raises(InvalidInput):
        made.channel_for(S)
    assert made.channel_for(S, "outbox").name is S
    made.desk = True
    assert (made.channel_for(S).provider, made.channel_for(W).provider) == ("outbox", "outbox")
    public = services(PUBLIC_BASE_URL="https://cellback.example.org")
    public.desk = True
    assert list(public.channels) == [(ChannelName.OUTBOX, "outbox")]


def test_it_knows_every_channel_there_is_and_prefers_the_first(services: Make) -> None:
    made = services(**EVERYTHING)
    assert {(one.name, one.provider) for one in KNOWN} < set(made.channels)
    preferred = {name: made.channel_for(name).provider for name in (E, W, S, V)}
    assert preferred == {E: "sendgrid", W: "twilio", S: "twilio", V: "twilio"}
    assert made.channel_for(W, "meta").provider == "meta"
    assert made.channel_for(V, "twilio").name is V
    assert made.providers == {"outbox", "sendgrid", "resend", "mailgun", "smtp", "twilio", "meta"}
    assert all(made.poster(provider) is not None for provider in made.providers)
    assert made.poster("pigeon") is None


def test_it_gives_each_sender_a_pace_of_its_own(services: Make) -> None:
    made = services(**EVERYTHING, REDIS_URL="redis://127.0.0.1:1/0")
    pacers = [made.pacer_for(channel) for channel in made.channels.values()]
    assert len(set(map(id, pacers))) == len(pacers)
    assert made.pacer_for(made.channel_for(S)) is made.pacer_for(made.channel_for(S))


@pytest.mark.parametrize(("name", "said"), [(S, "TWILIO_FROM"), (W, "META_ACCESS_TOKEN"), (E, "SMTP_URL")])
def test_it_says_what_to_set_for_a_channel_that_is_off(services: Make, name: ChannelName, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        services().channel_for(name)
    assert said in caught.value.sentence


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SENDGRID_API_KEY": "SG.key"}, "EMAIL_FROM"),
        ({**FROM, "MAILGUN_API_KEY": "key"}, "MAILGUN_DOMAIN"),
        ({"META_ACCESS_TOKEN": "token"}, "META_PHONE_NUMBER_ID"),
        ({"TWILIO_ACCOUNT_SID": SID}, "TWILIO_AUTH_TOKEN"),
        (TWILIO, "TWILIO_FROM"),
        ({**TWILIO, "TWILIO_FROM": "phone!"}, "phone!"),
        ({**TWILIO, "TWILIO_WHATSAPP_FROM": "MG123"}, "TWILIO_WHATSAPP_FROM"),
        ({"INBOUND_WEBHOOK_SECRET": "short"}, "INBOUND_WEBHOOK_SECRET"),
        ({"IMAP_URL": "imaps://a:b@127.0.0.1/INBOX"}, "SMTP_URL"),
        ({"IMAP_URL": "http://127.0.0.1"}, "IMAP_URL"),
        ({"RESEND_BASE_URL": "api.resend.com"}, "RESEND_BASE_URL"),
    ],
)
def test_it_refuses_settings_that_do_not_go_together(services: Make, variables: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        services(**variables)
    assert said in str(caught.value)


def test_it_shows_no_secret_of_the_settings(settings: Callable[..., Settings]) -> None:
    secrets = {"SENDGRID_API_KEY": "SG.word1", "RESEND_API_KEY": "word2", "TWILIO_AUTH_TOKEN": "word3"}
    secrets |= {"META_ACCESS_TOKEN": "word4", "INBOUND_WEBHOOK_SECRET": "word5word5", "MAILGUN_API_KEY": "word6"}
    shown = repr(settings(**{**EVERYTHING, **secrets})) + str(settings(**{**EVERYTHING, **secrets}))
    assert not [secret for secret in secrets.values() if secret in shown]


def test_a_provider_on_this_machine_reaches_us_without_a_public_address(settings: Callable[..., Settings]) -> None:
    here, away = "http://127.0.0.1:9/twilio", "https://api.twilio.com"
    assert reachable(settings(PORT=5999), here) == "http://127.0.0.1:5999"
    assert reachable(settings(PORT=5999), away) == ""
    public = settings(PUBLIC_BASE_URL="https://cellback.example.org")
    assert reachable(public, away) == reachable(public, here) == "https://cellback.example.org"


def test_rows_name_files_of_the_folder_in_the_settings(services: Make, tmp_path: Path) -> None:
    (tmp_path / "bill.pdf").write_bytes(b"%PDF bill")
    attachments = services(CELLBACK_ATTACHMENTS_DIR=str(tmp_path)).attachments
    assert attachments is not None
    [file] = asyncio.run(attachments.load("bill.pdf"))
    assert file.data == b"%PDF bill"


def test_without_a_folder_it_says_which_setting_names_one(services: Make) -> None:
    attachments = services().attachments
    assert attachments is not None
    with pytest.raises(PermanentError, match="CELLBACK_ATTACHMENTS_DIR"):
        asyncio.run(attachments.check("bill.pdf"))


@pytest.mark.parametrize(
    ("variable", "written", "meant"),
    [
        ("TWILIO_FROM", " +1 (500) 555-0006\n", "+15005550006"),
        ("TWILIO_FROM", "MGtest1234567890", "MGtest1234567890"),
        ("TWILIO_WHATSAPP_FROM", "whatsapp:+1 415 523 8886", "+14155238886"),
        ("TWILIO_WHATSAPP_FROM", "whatsapp:+14155238886", "+14155238886"),
        ("MAILGUN_BASE_URL", "https://api.eu.mailgun.net/v3/", "https://api.eu.mailgun.net"),
        ("META_BASE_URL", "https://graph.facebook.com/v23.0", "https://graph.facebook.com"),
        ("RESEND_BASE_URL", "", "https://api.resend.com"),
        ("SMTP_PER_SECOND", "", None),
        ("CELLBACK_ATTACHMENTS_DIR", "", None),
        ("MAILGUN_DOMAIN", "https://MG.example.org/", "mg.example.org"),
        ("INBOUND_EMAIL_DOMAIN", "@Reply.example.org", "reply.example.org"),
        ("META_PHONE_NUMBER_ID", " 123456789012345 ", "123456789012345"),
        ("PUBLIC_BASE_URL", " https://example.org/cellback/ ", "https://example.org/cellback"),
    ],
)
def test_it_takes_settings_as_people_and_consoles_write_them(
    settings: Callable[..., Settings], variable: str, written: str, meant: object
) -> None:
    made = settings(**{**EVERYTHING, variable: written})
    field = next(name for name, field in Settings.model_fields.items() if field.validation_alias == variable)
    assert getattr(made, field) == meant


def test_it_says_which_setting_the_number_of_whatsapp_belongs_into(settings: Callable[..., Settings]) -> None:
    with pytest.raises(ConfigError, match="set TWILIO_WHATSAPP_FROM"):
        settings(**TWILIO, TWILIO_FROM="whatsapp:+14155238886")


def test_a_secret_key_stays_as_it_was_given(settings: Callable[..., Settings]) -> None:
    key = settings(CELLBACK_SECRET_KEY=f" {'k' * 32} ").secret_key
    assert key is not None
    assert key.get_secret_value() == f" {'k' * 32} "


def test_a_public_address_is_no_page_with_a_query(settings: Callable[..., Settings]) -> None:
    with pytest.raises(ConfigError, match="PUBLIC_BASE_URL"):
        settings(PUBLIC_BASE_URL="https://example.org/?lang=en")


def test_rows_may_name_senders_of_our_own_domain_with_every_mail_provider(services: Make) -> None:
    mails = [channel for channel in services(**EVERYTHING).channels.values() if channel.name is E]
    assert len(mails) == 4
    assert {channel.limits().sender_domain for channel in mails} == {"example.org"}


def test_a_sid_of_what_stands_in_for_twilio_is_fine(services: Make) -> None:
    assert services(**{**TWILIO, "TWILIO_ACCOUNT_SID": "ACtest123", "TWILIO_FROM": "+15005550006"}).channel_for(S)


def test_the_panel_is_told_from_whom_people_get_it_and_no_secret(services: Make) -> None:
    numbers = {"TWILIO_FROM": "+15005550006", "TWILIO_WHATSAPP_FROM": "whatsapp:+14155238886"}
    offers = services(**TWILIO, **numbers).offers()
    found = {(one.name, one.provider): one.sender for one in offers}
    assert found[S, "twilio"] == found[V, "twilio"] == "+15005550006"
    assert found[W, "twilio"] == "+14155238886"
    assert not any(one.sender for one in offers if not one.ready)
    hidden = services(**TWILIO, TWILIO_FROM="MG" + "0" * 32).offers()
    assert not any(one.sender for one in hidden)
