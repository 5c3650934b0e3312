"""Settings of the providers that carry messages, by their usual names."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_TWILIO_SENDER = re.compile(r"\+[1-9]\d{6,14}|MG\w{10,64}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}", re.ASCII)
"""A number, a messaging service, a short code, or a sender's name (alphanumeric, 11 characters: fewer than any
service's id)."""
_WRITTEN_NUMBER = re.compile(r"(?:tel:)?\s*(\+[\d\s().\u00a0/-]{7,30})")
_VERSION = re.compile(r"/v\d{1,2}(?:\.\d)?$")


def http_url(value: str) -> str:
    """The address without a slash at its end. Raises ValueError."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address such as https://cellback.example.org")
    return value.rstrip("/")


def _smtp_url(value: str) -> str:
    if not value:
        return value
    parts = urlsplit(value)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("must look like smtp://user:password@host:587 or smtps://host:465")
    return value


def _imap_url(value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    if value.get_secret_value() and (parts.scheme not in {"imap", "imaps"} or not parts.hostname):
        raise ValueError("must look like imaps://user:password@host/INBOX")
    return value


def _number(value: str) -> str:
    """A number as consoles and people write it, in E.164; anything else as it is."""
    found = _WRITTEN_NUMBER.fullmatch(value)
    return "+" + re.sub(r"\D", "", found[1]) if found else value


def _domain(value: str) -> str:
    """A domain, also where it was copied as an address of a page or of a mailbox."""
    return value.lower().removeprefix("https://").removeprefix("http://").rstrip("/.").rpartition("@")[2]


Url = Annotated[str, AfterValidator(http_url)]
ApiUrl = Annotated[str, AfterValidator(lambda value: _VERSION.sub("", http_url(value)))]
"""Vendors' pages show it with the version that stands in our paths already (api.eu.mailgun.net/v3)."""
Number = Annotated[str, AfterValidator(_number)]
Domain = Annotated[str, AfterValidator(_domain)]
NONE = SecretStr("")


class ProviderSettings(BaseSettings):
    """What sends and what comes back. A provider is set up when its keys are there; nothing else switches it on."""

    smtp_url: Annotated[str, AfterValidator(_smtp_url)] = Field("", validation_alias="SMTP_URL")
    email_from: str = Field("", validation_alias="EMAIL_FROM")
    smtp_per_second: float | None = Field(None, gt=0, validation_alias="SMTP_PER_SECOND")
    """Mails a second over all workers; empty: as fast as the server takes them."""
    smtp_per_day: int | None = Field(None, gt=0, validation_alias="SMTP_PER_DAY")
    """Mails a day over all campaigns; the rest goes out the next day. Empty: no limit."""
    inbound_email_domain: Domain = Field("", validation_alias="INBOUND_EMAIL_DOMAIN")
    """Replies to mail go to r+<token>@ this domain; empty: to EMAIL_FROM."""
    imap_url: Annotated[SecretStr, AfterValidator(_imap_url)] = Field(NONE, validation_alias="IMAP_URL")
    """Mailbox that replies to mail sent over SMTP are read from; empty: they are not read."""
    inbound_webhook_secret: SecretStr = Field(NONE, validation_alias="INBOUND_WEBHOOK_SECRET")
    """Word in the address of inbound mail that a provider does not sign, several apart by spaces; empty: no such."""
    attachments_dir: Path | None = Field(None, validation_alias="CELLBACK_ATTACHMENTS_DIR")
    """Folder of files that rows name as attachments; empty: only links can be attached."""

    sendgrid_api_key: SecretStr = Field(NONE, validation_alias="SENDGRID_API_KEY")
    sendgrid_webhook_public_key: str = Field("", validation_alias="SENDGRID_WEBHOOK_PUBLIC_KEY")
    """Verification keys of the signed event webhook, apart by spaces; empty: no reports are believed."""
    sendgrid_base_url: ApiUrl = Field("https://api.sendgrid.com", validation_alias="SENDGRID_BASE_URL")

    resend_api_key: SecretStr = Field(NONE, validation_alias="RESEND_API_KEY")
    resend_webhook_secret: SecretStr = Field(NONE, validation_alias="RESEND_WEBHOOK_SECRET")
    """Signing secrets (whsec_...) of the webhook, apart by spaces; empty: nothing posted is believed."""
    resend_base_url: ApiUrl = Field("https://api.resend.com", validation_alias="RESEND_BASE_URL")

    mailgun_api_key: SecretStr = Field(NONE, validation_alias="MAILGUN_API_KEY")
    mailgun_domain: Domain = Field("", validation_alias="MAILGUN_DOMAIN")
    mailgun_webhook_signing_key: SecretStr = Field(NONE, validation_alias="MAILGUN_WEBHOOK_SIGNING_KEY")
    """Webhook signing keys, apart by spaces; empty: nothing posted is believed."""
    mailgun_base_url: ApiUrl = Field("https://api.mailgun.net", validation_alias="MAILGUN_BASE_URL")
    """https://api.eu.mailgun.net for domains in the EU region."""

    twilio_account_sid: str = Field("", validation_alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: SecretStr = Field(NONE, validation_alias="TWILIO_AUTH_TOKEN")
    """The account's token; while it is rotated both, apart by a space, the one in use first."""
    twilio_from: Number = Field("", validation_alias="TWILIO_FROM")
    """Number, messaging service (MG...) or short code that SMS come from; a number of it calls as well."""
    twilio_whatsapp_from: Annotated[str, AfterValidator(lambda value: _number(value.removeprefix("whatsapp:")))] = (
        Field("", validation_alias="TWILIO_WHATSAPP_FROM")
    )
    """Number that WhatsApp messages come from, such as +14155238886."""
    twilio_voice_from: Number = Field("", validation_alias="TWILIO_VOICE_FROM")
    """Number that calls come from; empty: TWILIO_FROM, where that is a number."""
    twilio_sms_per_second: float | None = Field(None, gt=0, validation_alias="TWILIO_SMS_PER_SECOND")
    """SMS a second over all workers; empty: what the kind of sender bears."""
    twilio_base_url: ApiUrl = Field("https://api.twilio.com", validation_alias="TWILIO_BASE_URL")
    sms_price: Decimal | None = Field(None, ge=0, validation_alias="CELLBACK_SMS_PRICE")
    """What a segment of an SMS costs, for the estimate before a campaign is sent; empty: only segments are shown."""
    sms_currency: str = Field("USD", min_length=3, max_length=3, validation_alias="CELLBACK_SMS_CURRENCY")

    meta_access_token: SecretStr = Field(NONE, validation_alias="META_ACCESS_TOKEN")
    meta_phone_number_id: str = Field("", validation_alias="META_PHONE_NUMBER_ID")
    meta_app_secret: SecretStr = Field(NONE, validation_alias="META_APP_SECRET")
    """Signs what Meta posts; several apart by spaces; empty: nothing posted is believed."""
    meta_verify_token: SecretStr = Field(NONE, validation_alias="META_VERIFY_TOKEN")
    """A word of one's own, given to Meta together with the webhook's address."""
    meta_waba_id: str = Field("", validation_alias="META_WABA_ID")
    """WhatsApp Business Account whose templates can be chosen; empty: templates are typed in."""
    meta_base_url: ApiUrl = Field("https://graph.facebook.com", validation_alias="META_BASE_URL")

    @model_validator(mode="before")
    @classmethod
    def _as_meant(cls, given: Any) -> Any:
        """Without the spaces and line ends that copying adds; what is empty is not set, numbers and addresses too."""
        if not isinstance(given, dict):
            return given
        plain = {
            name: value.strip() if isinstance(value, str) and not str(name).upper().endswith("SECRET_KEY") else value
            for name, value in given.items()
        }
        return {name: value for name, value in plain.items() if value != ""}

    def provider_faults(self) -> list[str]:
        """What is wrong between these settings, a sentence each."""
        faults = []
        mail = [name for name, key in self._mail_keys().items() if key]
        if mail and "@" not in self.email_from:
            faults.append(f"EMAIL_FROM must be set to a sender's address when {mail[0]} is")
        faults += _together(self._pairs())
        faults += self._twilio_faults()
        if any(len(secret) < 8 for secret in words(self.inbound_webhook_secret)):
            faults.append("INBOUND_WEBHOOK_SECRET must have 8 characters or more")
        if self.imap_url.get_secret_value() and not self.smtp_url:
            faults.append("IMAP_URL reads replies to mail sent over SMTP: set SMTP_URL too, or leave it out")
        return faults

    def _mail_keys(self) -> dict[str, str]:
        return {
            "SMTP_URL": self.smtp_url,
            "SENDGRID_API_KEY": self.sendgrid_api_key.get_secret_value(),
            "RESEND_API_KEY": self.resend_api_key.get_secret_value(),
            "MAILGUN_API_KEY": self.mailgun_api_key.get_secret_value(),
        }

    def _pairs(self) -> list[dict[str, str]]:
        """Settings that need each other."""
        return [
            {"MAILGUN_API_KEY": self.mailgun_api_key.get_secret_value(), "MAILGUN_DOMAIN": self.mailgun_domain},
            {
                "TWILIO_ACCOUNT_SID": self.twilio_account_sid,
                "TWILIO_AUTH_TOKEN": self.twilio_auth_token.get_secret_value(),
            },
            {
                "META_ACCESS_TOKEN": self.meta_access_token.get_secret_value(),
                "META_PHONE_NUMBER_ID": self.meta_phone_number_id,
            },
        ]

    def _twilio_faults(self) -> list[str]:
        faults = []
        senders = (self.twilio_from, self.twilio_whatsapp_from, self.twilio_voice_from)
        if self.twilio_account_sid and not any(senders):
            faults.append("TWILIO_ACCOUNT_SID needs a sender: TWILIO_FROM, TWILIO_WHATSAPP_FROM or TWILIO_VOICE_FROM")
        if any(senders) and not self.twilio_account_sid:
            faults.append("TWILIO_FROM and its like need TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
        if self.twilio_from.startswith("whatsapp:"):
            faults.append(
                "TWILIO_FROM is for SMS: set TWILIO_WHATSAPP_FROM to the number that WhatsApp messages come from"
            )
        elif self.twilio_from and not _TWILIO_SENDER.fullmatch(self.twilio_from):
            faults.append(f"TWILIO_FROM: “{self.twilio_from}” is neither a number such as +15005550006 nor MG...")
        faults += [
            f"{name}: “{value}” must be a number such as +14155238886"
            for name, value in (
                ("TWILIO_WHATSAPP_FROM", self.twilio_whatsapp_from),
                ("TWILIO_VOICE_FROM", self.twilio_voice_from),
            )
            if value and not _NUMBER.fullmatch(value)
        ]
        return faults


def _together(pairs: list[dict[str, str]]) -> list[str]:
    """A sentence for each group of which only a part is set."""
    return [
        f"{' and '.join(name for name, value in pair.items() if value)} also "
        f"need{'s' if sum(map(bool, pair.values())) == 1 else ''} "
        f"{' and '.join(name for name, value in pair.items() if not value)}"
        for pair in pairs
        if any(pair.values()) and not all(pair.values())
    ]


def words(setting: SecretStr | str) -> tuple[str, ...]:
    """The words of a setting that may hold several, for rotation."""
    return tuple((setting if isinstance(setting, str) else setting.get_secret_value()).split())
