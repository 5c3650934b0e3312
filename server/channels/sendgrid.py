"""The email channel over SendGrid, both directions. Sources: sendgrid-oai, Twilio's "Event Webhook Reference" and
"Securing your Inbound Parse Webhooks" (2026), sendgrid-python 6.12.
"""

from __future__ import annotations

import binascii
import hmac
import json
import re
import time
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sendgrid.helpers.eventwebhook import EventWebhook, EventWebhookHeader

from server.channels.addresses import mail_address
from server.channels.base import Provider
from server.channels.fields import text_of
from server.channels.forms import Form, read_form
from server.channels.http import ANSWER_SECONDS, CONNECT_SECONDS, Http, Reply, unanswered
from server.channels.inbound_mail import header_lines, read_fields, read_mail
from server.channels.letterhead import Letterhead
from server.channels.sendgrid_events import read_event
from server.channels.sendgrid_mail import account, body, complaint, receipt
from server.domain.message import Limits, Outgoing, Receipt
from server.domain.reply import Event, WebhookRequest
from server.domain.words import ChannelName
from server.errors import ConfigError, InvalidInput, PermanentError, SignatureError

API_URL = "https://api.sendgrid.com"

OLDEST, EARLIEST = 25 * 3600.0, 300.0
"""Seconds that a signature may be old, or ahead of our clock. SendGrid posts again for a rolling 24 hours."""
_TIMESTAMP = re.compile(r"[0-9]{10}")
"""Nothing stands between timestamp and body in what is signed: any other length would let one pass for the other."""


class SendGridChannel(Provider):
    """Sends mail through SendGrid; hears of its fate at /webhooks/sendgrid, of replies at /webhooks/sendgrid/inbound.

    It has no idempotency key and gives no list of what it took: a send in doubt is settled by its events, or a person.
    """

    name = ChannelName.EMAIL
    provider = "sendgrid"

    def __init__(
        self,
        api_key: str,
        sender: str,
        *,
        webhook_keys: Sequence[str] = (),
        inbound_secrets: Sequence[str] = (),
        inbound_domain: str = "",
        base_url: str = "",
        api_url: str = API_URL,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        concurrency: int = 8,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`sender` is EMAIL_FROM, `base_url` our own address, for links, `api_url` SendGrid's.

        `webhook_keys` are the verification keys of signed webhooks, `inbound_secrets` the words that Inbound Parse may
        bring in its address; several of each while they are rotated, and without any nothing that is posted is
        believed. Raises ConfigError.
        """
        self._letterhead = Letterhead(sender, inbound_domain=inbound_domain, public_url=base_url)
        self._inbound_domain = inbound_domain
        self._keys = [_key(one) for one in webhook_keys]
        self._secrets = [one.encode() for one in inbound_secrets if one]
        self._concurrency = concurrency
        self._now = now
        self._http = Http(
            "SendGrid",
            api_url,
            headers={"Authorization": f"Bearer {api_key}"},
            connections=concurrency,
            connect_seconds=connect_seconds,
            answer_seconds=answer_seconds,
        )

    def address(self, text: str) -> str:
        """The mail address in a cell. Raises AddressError."""
        return mail_address(text)

    def limits(self) -> Limits:
        """No rate is published for Mail Send; a 429 slows everybody down. Texts arrive to the letter."""
        return Limits(
            concurrency=self._concurrency, files=True, copies=True, subjects=True, sender_domain=self._letterhead.domain
        )

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand one mail to SendGrid; the receipt bears its X-Message-Id.

        Raises TemporaryError, PermanentError or SendInDoubt.
        """
        content = body(self._letterhead, outgoing)
        reply = await self._http.post("/v3/mail/send", content=content, headers={"Content-Type": "application/json"})
        return receipt(reply, outgoing, self._now)

    async def check(self) -> None:
        """Ask what the key may do, and who may send. Raises TemporaryError or PermanentError."""
        reply = await self._http.get("/v3/scopes")
        if reply.status in {401, 403, 404, 405} or 300 <= reply.status < 400:
            raise account(reply, complaint(reply)[0])
        scopes = reply.json().get("scopes")
        if not reply.ok or not isinstance(scopes, list):
            raise unanswered("SendGrid", reply)
        if "mail.send" not in scopes:
            raise PermanentError(
                "The key in SENDGRID_API_KEY may not send mail. Give it “Mail Send” under Settings → API Keys.",
                whole_campaign=True,
            )
        await self._check_sender()

    async def close(self) -> None:
        """Hang up the connections of the running event loop."""
        await self._http.close()

    def verify(self, request: WebhookRequest) -> None:
        """Check the ECDSA signature over timestamp and raw body; for inbound mail the secret in the address will do.

        Raises SignatureError.
        """
        if _is_inbound(request) and self._knows_secret(request):
            return
        signature = request.headers.get(EventWebhookHeader.SIGNATURE.lower(), "")
        timestamp = request.headers.get(EventWebhookHeader.TIMESTAMP.lower(), "")
        if not signature or not _TIMESTAMP.fullmatch(timestamp):
            raise SignatureError("The signature or its timestamp is missing or malformed.")
        try:
            made = b64decode(signature, validate=True)
        except (binascii.Error, ValueError):
            raise SignatureError("The signature is not base64.") from None
        signed = timestamp.encode() + request.body
        if not any(_fits(key, made, signed) for key in self._keys):
            raise SignatureError("The signature does not fit the body.")
        if not -EARLIEST <= self._now() - int(timestamp) <= OLDEST:
            raise SignatureError("The signature is too old.")

    def parse(self, request: WebhookRequest) -> list[Event]:
        """The events of a batch in its order, or the one mail of Inbound Parse. Raises InvalidInput."""
        if _is_inbound(request):
            return [self._mail(read_form(request))]
        try:
            batch = json.loads(request.body.decode())
        except (ValueError, RecursionError) as error:
            raise InvalidInput("The webhook's body is not JSON in UTF-8.", detail=type(error).__name__) from None
        if not isinstance(batch, list) or not all(isinstance(event, dict) for event in batch):
            raise InvalidInput("The webhook's body is not a list of events.")
        return [read_event(event) for event in batch]

    async def _check_sender(self) -> None:
        """See that the sender is verified, where the key may know: most keys may not, and that is well so."""
        senders = await self._http.get("/v3/verified_senders", query={"limit": "500"})
        domains = await self._http.get("/v3/whitelabel/domains", query={"limit": "500"})
        if not senders.ok or not domains.ok:
            return
        own, domain = self._letterhead.address.lower(), self._letterhead.address.rpartition("@")[2].lower()
        if own in _verified(senders) or any(f".{domain}".endswith(f".{one}") for one in _authenticated(domains)):
            return
        raise PermanentError(
            f"SendGrid lets nobody send from {domain}. Authenticate the domain of EMAIL_FROM, or verify the address, "
            "under Settings → Sender Authentication.",
            whole_campaign=True,
        )

    def _knows_secret(self, request: WebhookRequest) -> bool:
        """In constant time for each of the secrets."""
        given = parse_qs(urlsplit(request.url).query).get("secret", [""])[0].encode("utf-8", "replace")
        return any(hmac.compare_digest(given, secret) for secret in self._secrets)

    def _mail(self, form: Form) -> Event:
        envelope = _object(form.text("envelope"))
        to, sender = envelope.get("to"), envelope.get("from")
        recipients = [one for one in to if isinstance(one, str)] if isinstance(to, list) else []
        envelope_sender = sender if isinstance(sender, str) else None
        if "email" in form:
            return read_mail(
                form.data("email"),
                inbound_domain=self._inbound_domain,
                recipients=recipients,
                envelope_sender=envelope_sender,
            )
        if not ({"headers", "from"} & form.raw.keys() and {"text", "html", "subject", "headers"} & form.raw.keys()):
            raise InvalidInput("The form holds no mail.")
        sets = _object(form.text("charsets"))

        def text(name: str) -> str:
            return form.text(name, text_of(sets, name))

        return read_fields(
            sender=text("from"),
            text=text("text"),
            html=text("html"),
            subject=text("subject"),
            recipients=[*recipients, text("to")],
            headers=header_lines(form.text("headers")),
            files=_files(form),
            inbound_domain=self._inbound_domain,
            envelope_sender=envelope_sender,
        )


def _is_inbound(request: WebhookRequest) -> bool:
    return urlsplit(request.url).path.rstrip("/").endswith("/inbound")


def _key(text: str) -> ec.EllipticCurvePublicKey:
    """The verification key as the console shows it. Raises ConfigError."""
    try:
        key = EventWebhook(text).public_key
    except Exception:  # whatever the library makes of a text that is no key
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ConfigError(["SENDGRID_WEBHOOK_PUBLIC_KEY is no verification key: copy it from the signed event webhook"])
    return key


def _fits(key: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    """Not by the SDK's `verify_signature`: it wants the body as text, and mails come in every character set."""
    try:
        key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _files(form: Form) -> list[str]:
    """Names of attachments; those in `attachment-info` are spelled as the sender did."""
    info = _object(form.text("attachment-info"))
    named = [text_of(one, "filename") or text_of(one, "name") for one in info.values() if isinstance(one, dict)]
    return [name for name in named if name] or list(form.files)


def _verified(reply: Reply) -> set[str]:
    results = reply.json().get("results")
    found = [one for one in results if isinstance(one, dict)] if isinstance(results, list) else []
    return {text_of(one, "from_email").lower() for one in found if one.get("verified") is True}


def _authenticated(reply: Reply) -> set[str]:
    return {text_of(one, "domain").lower() for one in reply.array() if one.get("valid") is True} - {""}
