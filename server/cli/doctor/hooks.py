"""Webhooks: what to paste where, and whether our address answers there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from server.cli.doctor.finding import Finding, fail, ok, warn
from server.config import Settings

SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Hook:
    """An address that a provider posts to, and where in its console it is pasted. `secret` is the setting (and
    `variable` its name) without which nothing posted there is believed, "" where that is a key that is always set.
    """

    path: str
    where: str
    secret: str = ""
    variable: str = ""


HOOKS: dict[str, tuple[Hook, ...]] = {
    "sendgrid": (
        Hook(
            "/webhooks/sendgrid",
            "Settings > Mail Settings > Event Webhooks, with Signature Verification",
            "sendgrid_webhook_public_key",
            "SENDGRID_WEBHOOK_PUBLIC_KEY",
        ),
        Hook(
            "/webhooks/sendgrid/inbound?secret=INBOUND_WEBHOOK_SECRET",
            "Settings > Inbound Parse, with “POST the raw, full MIME message”",
            "inbound_webhook_secret",
            "INBOUND_WEBHOOK_SECRET",
        ),
    ),
    "resend": (
        Hook(
            "/webhooks/resend",
            "resend.com/webhooks, for all events that begin with email.",
            "resend_webhook_secret",
            "RESEND_WEBHOOK_SECRET",
        ),
    ),
    "mailgun": (
        Hook(
            "/webhooks/mailgun",
            "Sending > Webhooks, for every event",
            "mailgun_webhook_signing_key",
            "MAILGUN_WEBHOOK_SIGNING_KEY",
        ),
        Hook(
            "/webhooks/mailgun/inbound/mime",
            "Receiving > Routes, as a forward",
            "mailgun_webhook_signing_key",
            "MAILGUN_WEBHOOK_SIGNING_KEY",
        ),
    ),
    "twilio": (Hook("/webhooks/twilio", "the number's (or messaging service's) “A message comes in”, HTTP POST"),),
    "meta": (Hook("/webhooks/meta", "the app's WhatsApp > Configuration, with META_VERIFY_TOKEN, for “messages”"),),
}
"""By provider; SMTP has none."""


def look(settings: Settings, providers: Iterable[str]) -> Iterator[Finding]:
    """A line for each address of each of these providers."""
    for provider in sorted(providers):
        hooks = HOOKS.get(provider, ())
        trouble = _trouble(settings, provider) if hooks else None
        if trouble is not None:
            yield trouble
            continue
        yield from (_line(settings, provider, hook) for hook in hooks)


def _line(settings: Settings, provider: str, hook: Hook) -> Finding:
    """It answers: what to paste where, unless what is posted there can't be believed."""
    name, value = f"{provider} hook", getattr(settings, hook.secret) if hook.secret else "set"
    paste = f"{_base(settings)}{hook.path} answers; it belongs into {hook.where}"
    if value.get_secret_value() if isinstance(value, SecretStr) else value:
        return ok(name, paste)
    return warn(name, f"{paste}. But {hook.variable} is not set: nothing that is posted there is believed")


def _base(settings: Settings) -> str:
    return settings.public_base_url or settings.base_url


def _trouble(settings: Settings, provider: str) -> Finding | None:
    """Why the provider can't reach us, None when it can, as far as can be seen from here."""
    name = f"{provider} hook"
    at_home = _is_local(str(getattr(settings, f"{provider}_base_url", "")))
    if not settings.public_base_url and not at_home:
        return warn(
            name,
            "PUBLIC_BASE_URL is not set: deliveries and answers can't be told to this machine. Set it to an https "
            "address that leads here",
        )
    base = _base(settings)
    if not at_home and _is_local(base):
        return fail(name, f"PUBLIC_BASE_URL is {base}: no provider can reach that. Set a public https address")
    if not at_home and not base.startswith("https://"):
        return fail(name, f"PUBLIC_BASE_URL is {base}: answers would travel in the open. Set an https address")
    said = _answer(f"{base}/webhooks/{provider}")
    return fail(name, said) if said else None


def _answer(address: str) -> str:
    """What is wrong with how our address answers, "" when nothing is."""
    try:
        status = httpx.head(address, timeout=SECONDS, follow_redirects=False).status_code
    except httpx.TimeoutException:
        return f"{address} did not answer within {SECONDS:.0f} s: is Cellback running, and does the address lead to it?"
    except httpx.HTTPError as error:
        kind = "its certificate is not trusted" if "CERTIFICATE_VERIFY_FAILED" in str(error) else type(error).__name__
        return f"{address} can't be reached ({kind}): is Cellback running, and does the address lead to it?"
    if status == 200:
        return ""
    if 300 <= status < 400:
        return f"{address} leads elsewhere ({status}); providers don't follow: set PUBLIC_BASE_URL to where it leads"
    if status == 404:
        return f"{address} is not known there (404): does PUBLIC_BASE_URL lead to a Cellback with these settings?"
    return f"{address} answers {status}: something before Cellback keeps providers out"


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback or ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local"))
