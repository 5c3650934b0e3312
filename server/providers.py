"""Which providers the settings switch on, and their channels. Part of the wiring: see `services.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from server.config import Settings
from server.domain.words import ChannelName
from server.errors import ConfigError
from server.ports import Channel
from server.provider_settings import words

Knows = Callable[[str, str], bool]
"""(provider, its id) -> whether the ledger has a message of that id."""


@dataclass(frozen=True, slots=True)
class Known:
    """A channel that Cellback knows how to go over; `hint` says what to set for it."""

    name: ChannelName
    provider: str
    hint: str
    is_set: Callable[[Settings], bool]
    make: Callable[[Settings, Knows], Channel]


def ready(settings: Settings, knows: Knows) -> list[Channel]:
    """Channels of all providers that are set up, in the order of `KNOWN`. Raises ConfigError with all their faults."""
    faults: list[str] = []
    made = []
    for one in KNOWN:
        if one.is_set(settings):
            try:
                made.append(one.make(settings, knows))
            except ConfigError as error:
                faults += error.faults
    if faults:
        raise ConfigError(list(dict.fromkeys(faults)))
    return made


def reachable(settings: Settings, provider_url: str) -> str:
    """Where a provider can post to us: our public address, or our own machine's for a provider on it; else ""."""
    here = urlsplit(provider_url).hostname in {"127.0.0.1", "localhost", "::1"}
    return settings.public_base_url or (settings.base_url if here else "")


def _sendgrid(settings: Settings, _: Knows) -> Channel:
    from server.channels.sendgrid import SendGridChannel

    return SendGridChannel(
        settings.sendgrid_api_key.get_secret_value(),
        settings.email_from,
        webhook_keys=words(settings.sendgrid_webhook_public_key),
        inbound_secrets=words(settings.inbound_webhook_secret),
        inbound_domain=settings.inbound_email_domain,
        base_url=settings.base_url,
        api_url=settings.sendgrid_base_url,
    )


def _resend(settings: Settings, _: Knows) -> Channel:
    from server.channels.resend import ResendChannel

    return ResendChannel(
        settings.resend_api_key.get_secret_value(),
        settings.email_from,
        webhook_secrets=words(settings.resend_webhook_secret),
        inbound_domain=settings.inbound_email_domain,
        base_url=settings.base_url,
        api_url=settings.resend_base_url,
    )


def _mailgun(settings: Settings, _: Knows) -> Channel:
    from server.channels.mailgun import MailgunChannel

    return MailgunChannel(
        settings.mailgun_api_key.get_secret_value(),
        settings.mailgun_domain,
        settings.email_from,
        signing_keys=words(settings.mailgun_webhook_signing_key),
        inbound_domain=settings.inbound_email_domain,
        base_url=settings.base_url,
        api_url=settings.mailgun_base_url,
    )


def _smtp(settings: Settings, _: Knows) -> Channel:
    from server.channels.smtp import SmtpChannel

    return SmtpChannel(
        settings.smtp_url,
        settings.email_from,
        inbound_domain=settings.inbound_email_domain,
        base_url=settings.base_url,
        imap_url=settings.imap_url.get_secret_value(),
    )


def _twilio_sms(settings: Settings, knows: Knows) -> Channel:
    from server.channels.twilio import TwilioSms

    return TwilioSms(
        settings.twilio_account_sid,
        words(settings.twilio_auth_token),
        settings.twilio_from,
        region=settings.default_region,
        base_url=settings.twilio_base_url,
        public_url=reachable(settings, settings.twilio_base_url),
        per_second=settings.twilio_sms_per_second,
        known=lambda sid: knows("twilio", sid),
    )


def _twilio_whatsapp(settings: Settings, knows: Knows) -> Channel:
    from server.channels.twilio import TwilioWhatsApp

    return TwilioWhatsApp(
        settings.twilio_account_sid,
        words(settings.twilio_auth_token),
        settings.twilio_whatsapp_from,
        region=settings.default_region,
        base_url=settings.twilio_base_url,
        public_url=reachable(settings, settings.twilio_base_url),
        known=lambda sid: knows("twilio", sid),
    )


def _voice_from(settings: Settings) -> str:
    """The number that calls come from; a messaging service or a short code can't call."""
    sms = settings.twilio_from if settings.twilio_from.startswith("+") else ""
    return settings.twilio_voice_from or sms


def _twilio_voice(settings: Settings, knows: Knows) -> Channel:
    from server.channels.twilio import TwilioVoice

    return TwilioVoice(
        settings.twilio_account_sid,
        words(settings.twilio_auth_token),
        _voice_from(settings),
        region=settings.default_region,
        base_url=settings.twilio_base_url,
        public_url=reachable(settings, settings.twilio_base_url),
        known=lambda sid: knows("twilio", sid),
    )


def _meta(settings: Settings, _: Knows) -> Channel:
    from server.channels.meta import MetaWhatsApp

    return MetaWhatsApp(
        settings.meta_access_token.get_secret_value(),
        settings.meta_phone_number_id,
        app_secrets=words(settings.meta_app_secret),
        verify_token=settings.meta_verify_token.get_secret_value(),
        waba_id=settings.meta_waba_id,
        region=settings.default_region,
        base_url=settings.meta_base_url,
    )


_MAIL = "Set EMAIL_FROM and one of SENDGRID_API_KEY, RESEND_API_KEY, MAILGUN_API_KEY or SMTP_URL."
_TWILIO = "Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and "

KNOWN: tuple[Known, ...] = (
    Known(ChannelName.EMAIL, "sendgrid", _MAIL, lambda s: bool(s.sendgrid_api_key.get_secret_value()), _sendgrid),
    Known(ChannelName.EMAIL, "resend", _MAIL, lambda s: bool(s.resend_api_key.get_secret_value()), _resend),
    Known(ChannelName.EMAIL, "mailgun", _MAIL, lambda s: bool(s.mailgun_api_key.get_secret_value()), _mailgun),
    Known(ChannelName.EMAIL, "smtp", _MAIL, lambda s: bool(s.smtp_url), _smtp),
    Known(
        ChannelName.WHATSAPP,
        "twilio",
        f"{_TWILIO}TWILIO_WHATSAPP_FROM, or META_ACCESS_TOKEN and META_PHONE_NUMBER_ID.",
        lambda s: bool(s.twilio_whatsapp_from),
        _twilio_whatsapp,
    ),
    Known(
        ChannelName.WHATSAPP,
        "meta",
        "Set META_ACCESS_TOKEN and META_PHONE_NUMBER_ID.",
        lambda s: bool(s.meta_phone_number_id),
        _meta,
    ),
    Known(ChannelName.SMS, "twilio", f"{_TWILIO}TWILIO_FROM.", lambda s: bool(s.twilio_from), _twilio_sms),
    Known(ChannelName.VOICE, "twilio", f"{_TWILIO}TWILIO_VOICE_FROM.", lambda s: bool(_voice_from(s)), _twilio_voice),
)
"""The preferred provider of a channel first."""


def sender(settings: Settings, known: Known) -> str:
    """From whom people get what goes over it: our address or number, "" where only the provider knows it (Meta's
    number, a messaging service). Never a secret."""
    if known.name is ChannelName.EMAIL:
        return settings.email_from
    if known.provider != "twilio":
        return ""
    numbers = {
        ChannelName.SMS: settings.twilio_from,
        ChannelName.WHATSAPP: settings.twilio_whatsapp_from.removeprefix("whatsapp:"),
        ChannelName.VOICE: _voice_from(settings),
    }
    found = numbers.get(known.name, "")
    return "" if found.startswith("MG") and len(found) == 34 else found
