"""What Mailgun posts: samples of its documentation ("Webhook Payloads", "Receiving Messages via HTTP"), scrubbed and
with our variables.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from server.channels.mailgun import MailgunChannel
from server.domain.reply import WebhookRequest
from tests.channels.sendgrid_samples import CONTENT_TYPE, RAW_MAIL, form
from tests.emulators.providers import signing

API_KEY = "0123456789abcdef0123456789abcdef-01234567-89abcdef"
SIGNING_KEY = "fedcba9876543210fedcba9876543210"
URL = "https://cellback.example.org/webhooks/mailgun"
DOMAIN = "mail.example.org"
SENDER = "Race Office <hello@mail.example.org>"
NOWHERE = "http://127.0.0.1:1"
URL_ENCODED = "application/x-www-form-urlencoded"
TOKEN = "abcdefghjkmnpqrstuvwxyz2"


def channel_at(api_url: str = NOWHERE, **more: Any) -> MailgunChannel:
    """A channel that believes `SIGNING_KEY`."""
    options: dict[str, Any] = {
        "signing_keys": [SIGNING_KEY],
        "inbound_domain": "reply.example.org",
        "base_url": "https://cellback.example.org",
        "answer_seconds": 5.0,
    }
    return MailgunChannel(API_KEY, DOMAIN, SENDER, api_url=api_url, **{**options, **more})


def signature(content: bytes, *, key: str = "right", age: float = 0.0) -> dict[str, str]:
    """Timestamp, token and signature; the token is another one for another content, as with Mailgun."""
    stamp, token = str(int(time.time() - age)), hashlib.sha512(content).hexdigest()[:50]
    secret = SIGNING_KEY if key == "right" else "0" * 32
    return {"timestamp": stamp, "token": token, "signature": signing.mailgun(secret, stamp, token)}


def posted(event: Mapping[str, Any], *, key: str = "right", age: float = 0.0) -> WebhookRequest:
    """An event as it is posted."""
    given = signature(json.dumps(event).encode(), key=key, age=age)
    body = json.dumps({"signature": given, "event-data": event}).encode()
    return WebhookRequest("POST", URL, {"content-type": "application/json"}, body, "application/json")


def routed(
    fields: Mapping[str, bytes | str],
    files: Mapping[str, tuple[str, bytes]] | None = None,
    *,
    encoded: bool = False,
    key: str = "right",
    age: float = 0.0,
) -> WebhookRequest:
    """A mail as a route forwards it: multipart, or (`encoded`) url-encoded, as it is without attachments."""
    whole = {**fields, **signature(repr(fields).encode(), key=key, age=age)}
    body, kind = (urlencode(whole).encode(), URL_ENCODED) if encoded else (form(whole, files), CONTENT_TYPE)
    path = "inbound/mime" if "body-mime" in fields else "inbound"
    return WebhookRequest("POST", f"{URL}/{path}", {"content-type": kind}, body, kind)


COMMON: dict[str, Any] = {
    "id": "CCXMjJ7nQi2N3BPigGOdgQ",
    "timestamp": 1795255200.372891,
    "log-level": "info",
    "recipient": "ana.lopez@example.org",
    "recipient-domain": "example.org",
    "account": {"id": "1234567890303a4bd1f33898"},
    "domain": {"name": "mail.example.org"},
    "envelope": {"sender": "hello@mail.example.org", "targets": "ana.lopez@example.org", "transport": "smtp"},
    "flags": {"is-authenticated": True, "is-test-mode": False},
    "message": {
        "headers": {
            "from": "Race Office <hello@mail.example.org>",
            "message-id": "msg_7f3k9w2m4qabcdef.abcdefghjkmnpqrstuvwxyz2@mail.example.org",
            "subject": "Your start time",
            "to": "ana.lopez@example.org",
        },
        "size": 341,
    },
    "tags": [],
    "user-variables": {"cellback-token": TOKEN, "cellback-message": "msg_7f3k9w2m4qabcdef"},
}


def event(kind: str, **more: Any) -> dict[str, Any]:
    """One event; underscores in names stand for dashes."""
    return {**COMMON, "event": kind, **{name.replace("_", "-"): value for name, value in more.items()}}


ACCEPTED = event("accepted", method="HTTP")
DELIVERED = event("delivered", delivery_status={"attempt-no": 1, "code": 250, "message": "OK", "tls": True})
HARD = event(
    "failed",
    severity="permanent",
    reason="bounce",
    delivery_status={
        "code": 550,
        "enhanced-code": "5.1.1",
        "message": "5.1.1 <ana.lopez@example.org>: The email account that you tried to reach does not exist.",
        "description": None,
        "bounce-type": "hard",
    },
)


def given_up(reason: str, **delivery: Any) -> dict[str, Any]:
    """A mail that Mailgun tries no more."""
    status = {name.replace("_", "-"): value for name, value in delivery.items()}
    return event("failed", severity="permanent", reason=reason, delivery_status=status)


SOFT = given_up("bounce", code=552, message="Full", bounce_type="soft")
OLD = given_up("old", code=602, message="Too old")
SPAM = given_up("generic", code=554, message="Looks like spam")
NOBODY = given_up("generic", code=550, message="No such user")
LATER = event(
    "failed",
    severity="temporary",
    reason="generic",
    delivery_status={"code": 421, "message": "4.7.0 Try again later", "retry-seconds": 600},
)
KNOWN_BAD = given_up("suppress-bounce", code=605)
KNOWN_OUT = given_up("suppress-unsubscribe", code=606)
KNOWN_SPAM = given_up("suppress-complaint", code=607)
REJECTED = event("rejected", reject={"reason": "Sandbox subdomains are for test purposes only", "description": ""})
OPENED = event("opened", ip="192.0.2.10", client_info={"client-name": "Chrome", "device-type": "desktop", "bot": ""})
BOT = event("opened", client_info={"client-name": "unknown", "bot": "apple"})
CLICKED = event("clicked", url="https://example.org/report", client_info={"client-name": "Chrome Mobile"})
UNSUBSCRIBED = event("unsubscribed", tags=["*"])
COMPLAINED = event("complained", log_level="warn")
STORED = event("stored", storage={"key": "x"})

HEADERS = [
    ["X-Mailgun-Spf", "Pass"],
    ["X-Envelope-From", "<ana.lopez@example.org>"],
    ["Received", "from mail.example.org by mxa.mailgun.org ..."],
    ["From", "Ana =?utf-8?q?L=C3=B3pez?= <ana.lopez@example.org>"],
    ["Date", "Wed, 11 Oct 2026 18:31:04 -0700"],
    ["Message-Id", "<CAEPk3R+4Zr@mail.example.org>"],
    ["In-Reply-To", f"<msg_7f3k9w2m4qabcdef.{TOKEN}@mail.example.org>"],
    ["Subject", "Re: Your start time"],
    ["To", f"r+{TOKEN}@reply.example.org"],
    ["Content-Type", 'text/plain; charset="utf-8"'],
]
PARSED: dict[str, bytes | str] = {
    "recipient": f"r+{TOKEN}@reply.example.org",
    "sender": "ana.lopez@example.org",
    "subject": "Re: Your start time",
    "from": "Ana López <ana.lopez@example.org>",
    "message-headers": json.dumps(HEADERS),
    "body-plain": "Best, would be 5pm\r\nOn Mon we wrote:\r\n> Does that suit you?\r\n",
    "stripped-text": "",
    "stripped-signature": "Best, would be 5pm",
}
RAW: dict[str, bytes | str] = {
    "recipient": f"r+{TOKEN}@reply.example.org",
    "sender": "ben@example.org",
    "subject": "Re: Your start time",
    "from": "Ben <ben@example.org>",
    "body-mime": RAW_MAIL,
}
