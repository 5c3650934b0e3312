"""The email channel over Resend, both directions. Sources: resend-openapi (2026-08), resend.com/docs, docs.svix.com.

Resend hands over to Amazon SES, which sets Message-ID itself (SES developer guide, "Header fields"): a reply is known
by the token in its Reply-To address, never by In-Reply-To.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import getaddresses
from typing import Any
from urllib.parse import quote, urlsplit

from server.channels import svix
from server.channels.addresses import mail_address
from server.channels.base import Provider
from server.channels.http import Http, Reply, unanswered
from server.channels.inbound_mail import read_fields, read_mail, token_in
from server.channels.resend_mail import TOKEN, Writer, fault, key_of, refused, tag
from server.domain.message import Limits, Outgoing, Receipt
from server.domain.reply import DeliveryEvent, Event, InboundMessage, UnknownEvent, WebhookRequest
from server.domain.words import ChannelName, DeliveryStatus
from server.errors import (
    ConfigError,
    InvalidInput,
    PermanentError,
    SendInDoubt,
    SignatureError,
    TemporaryError,
)

STATUSES = {
    "email.sent": DeliveryStatus.ACCEPTED,
    "email.scheduled": DeliveryStatus.ACCEPTED,
    "email.delivery_delayed": DeliveryStatus.ACCEPTED,
    "email.delivered": DeliveryStatus.DELIVERED,
    "email.opened": DeliveryStatus.READ,
    "email.clicked": DeliveryStatus.READ,
    "email.bounced": DeliveryStatus.BOUNCED,
    "email.failed": DeliveryStatus.FAILED,
    "email.suppressed": DeliveryStatus.FAILED,
    "email.complained": DeliveryStatus.COMPLAINED,
}
"""Resend's words -> ours (resend-openapi, "Webhook Events"). `email.received` is a message; the rest is unknown."""

_PAGE, _PAGES = 100, 50
_VERIFIED = frozenset({"verified", "partially_verified", "partially_failed"})
_TESTING = "resend.dev"
"""Resend's own domain, from which anybody may write to their own address."""


class ResendChannel(Provider):
    """Sends through Resend's API; hears of deliveries and replies by webhook, and fetches what a reply says."""

    name = ChannelName.EMAIL
    provider = "resend"

    def __init__(
        self,
        api_key: str,
        sender: str,
        *,
        webhook_secrets: Sequence[str] = (),
        inbound_domain: str = "",
        base_url: str = "",
        api_url: str = "https://api.resend.com",
        connect_seconds: float = 5.0,
        answer_seconds: float = 20.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`api_key` is RESEND_API_KEY, `sender` EMAIL_FROM, `webhook_secrets` the words of RESEND_WEBHOOK_SECRET (all
        of them are believed; without any nothing is), `inbound_domain` INBOUND_EMAIL_DOMAIN, `base_url` our public
        address, `api_url` RESEND_BASE_URL. Raises ConfigError.
        """
        self._writer = Writer(sender, inbound_domain=inbound_domain, base_url=base_url)
        self._keys = _keys(webhook_secrets)
        self._inbound_domain = inbound_domain
        self._domains = {inbound_domain.lower(), self._writer.sender.rpartition("@")[2].lower()}
        self._api_url, self._now = api_url, now
        self._http = Http(
            "Resend",
            api_url,
            headers={"Authorization": f"Bearer {api_key}"},
            connect_seconds=connect_seconds,
            answer_seconds=answer_seconds,
        )

    def address(self, text: str) -> str:
        """The mail address in a cell. Raises AddressError."""
        return mail_address(text)

    def limits(self) -> Limits:
        """Five requests a second for a team, all its keys together (resend.com/docs/api-reference/rate-limit)."""
        return Limits(concurrency=8, per_second=5.0, files=True, copies=True, subjects=True)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand one mail over; the receipt bears Resend's id for it.

        Raises TemporaryError, PermanentError or SendInDoubt.
        """
        reply = await self._post(outgoing)
        if not reply.ok:
            raise refused(reply, outgoing)
        return _receipt(reply)

    async def reconcile(self, outgoing: Outgoing) -> Receipt | bool:
        """The same request again, with the same key: who has it already answers as the first time.

        Resend keeps a key for 24 hours from the first request, so this must not be asked later: the mail would go
        twice. Where the first request never came, the mail goes now, once. A key that was used with other bytes
        (settings changed meanwhile) proves that the mail went, if it is the key of this very send.
        Raises TemporaryError.
        """
        try:
            reply = await self._post(outgoing)
        except SendInDoubt as doubt:
            raise TemporaryError("Resend did not answer yet.", detail=doubt.detail) from None
        if reply.ok:
            return _receipt(reply)
        if fault(reply) == "invalid_idempotent_request":
            return Receipt("") if outgoing.send_id else True
        if reply.status == 409 or reply.status == 429 or reply.status >= 500:
            raise unanswered("Resend", reply)
        return True

    async def missed(self, since: datetime) -> list[Event]:
        """Mails that came in since then. Raises TemporaryError; PermanentError when the key may only send."""
        found: list[Event] = []
        after: dict[str, str] = {}
        for _ in range(_PAGES if self._inbound_domain else 0):
            page = await self._asked("/emails/receiving", {"limit": str(_PAGE), **after})
            listed = _objects(page.get("data"))
            new = [one for one in listed if _when(one.get("created_at"), since) >= since]
            found += [self._received(one, _text(one, "id")) for one in new if _text(one, "id")]
            if not listed or len(new) < len(listed) or page.get("has_more") is not True:
                break
            after = {"after": _text(listed[-1], "id")}
        return found

    async def complete(self, event: InboundMessage) -> InboundMessage:
        """The mail that was announced. Raises TemporaryError; PermanentError when Resend no longer has it."""
        if not event.fetch:
            return event
        mail = await self._asked(f"/emails/receiving/{quote(event.fetch, safe='')}", {"html_format": "cid"})
        raw = await self._raw(mail)
        to = [*_texts(mail.get("to")), *_texts(mail.get("cc")), event.ours]
        if raw:
            found = read_mail(raw, event_id=event.event_id, inbound_domain=self._inbound_domain, recipients=to)
        else:
            found = self._read(mail, event.event_id, to)
        if isinstance(found, InboundMessage):
            return replace(found, token=found.token or event.token, ours=event.ours, at=event.at, fetch="")
        # A report of a mail server: those go to Resend's own return path, so one of ours it can hardly be about.
        return replace(
            event, text=_text(mail, "text"), headers={**event.headers, "auto-submitted": "auto-replied"}, fetch=""
        )

    async def check(self) -> None:
        """Ask with the key for the sending domains, and look for the sender's among them.

        Raises TemporaryError, or PermanentError with what to do. A key that may only send is good enough where
        nobody answers to Resend.
        """
        try:
            page = await self._asked("/domains", {"limit": str(_PAGE)})
        except PermanentError as error:
            if error.code == "restricted_api_key" and not self._inbound_domain:
                return
            raise
        domain = self._writer.sender.rpartition("@")[2].lower()
        known = {_text(one, "name").lower(): one for one in _objects(page.get("data"))}
        if domain == _TESTING:
            return
        if domain not in known:
            raise PermanentError(
                f"Resend does not know {domain}, the domain of EMAIL_FROM. Add it at resend.com/domains."
            )
        status = _text(known[domain], "status")
        if status not in _VERIFIED:
            raise PermanentError(
                f"Resend has not verified {domain} yet (“{status}”). Put its records into the domain's DNS, then press "
                "“Verify” at resend.com/domains."
            )

    async def close(self) -> None:
        """Hang up the connections of the running event loop."""
        await self._http.close()

    def verify(self, request: WebhookRequest) -> None:
        """Check Svix's HMAC-SHA256 over id, timestamp and raw body. Raises SignatureError, whatever happens."""
        if not self._keys:
            raise SignatureError("RESEND_WEBHOOK_SECRET is not set: nothing posted is believed.")
        svix.verify(request, self._keys, self._now())

    def parse(self, request: WebhookRequest) -> list[Event]:
        """The one event of a post. Raises InvalidInput when the body is no JSON object."""
        try:
            event = json.loads(request.body.decode())
        except (UnicodeDecodeError, ValueError, RecursionError) as error:
            raise InvalidInput("The webhook's body is not JSON in UTF-8.", detail=type(error).__name__) from None
        if not isinstance(event, dict):
            raise InvalidInput("The webhook's body is not an event.")
        event_id = request.headers.get("svix-id") or f"sha_{hashlib.sha256(request.body).hexdigest()[:32]}"
        return [self._event(event, event_id)]

    def _event(self, event: Mapping[str, Any], event_id: str) -> Event:
        """In our words; one that lacks what it needs is as unknown as one of a kind that we do not know."""
        kind, data = _text(event, "type"), event.get("data")
        mail_id = _text(data, "email_id") if isinstance(data, dict) else ""
        if not isinstance(data, dict) or not mail_id:
            return UnknownEvent(event_id, kind)
        if kind == "email.received":
            return self._received(data, mail_id)
        if kind in STATUSES:
            return _report(kind, data, event_id, _text(event, "created_at"))
        return UnknownEvent(event_id, kind)

    def _received(self, data: Mapping[str, Any], mail_id: str) -> Event:
        """A mail that came in, of which only the outside is known yet.

        Mail to other domains of the same account is nobody's answer to us, and not ours to read.
        """
        event_id, sender = f"received:{mail_id}", _addresses(_texts(data.get("from")))
        to = _addresses([*_texts(data.get("to")), *_texts(data.get("cc")), *_texts(data.get("received_for"))])
        ours = [one for one in to if one.rpartition("@")[2].lower() in self._domains]
        if not sender or (to and not ours):
            return UnknownEvent(event_id, "email.received")
        mail_id_of_theirs = _text(data, "message_id")
        return InboundMessage(
            event_id=event_id,
            sender=sender[0],
            text="",
            subject=_text(data, "subject"),
            token=token_in(ours, self._inbound_domain),
            headers={"message-id": mail_id_of_theirs} if mail_id_of_theirs else {},
            at=_text(data, "created_at"),
            ours=next(iter(ours), ""),
            files=tuple(_text(one, "filename") for one in _objects(data.get("attachments"))),
            fetch=mail_id,
        )

    def _read(self, mail: Mapping[str, Any], event_id: str, to: Sequence[str]) -> Event:
        """The mail as Resend took it apart."""
        headers = mail.get("headers")
        pairs = headers.items() if isinstance(headers, dict) else ()
        return read_fields(
            sender=_text(mail, "from"),
            text=_text(mail, "text"),
            html=_text(mail, "html"),
            subject=_text(mail, "subject"),
            recipients=to,
            headers=[(name, value) for name, values in pairs for value in _texts(values)],
            files=[_text(one, "filename") for one in _objects(mail.get("attachments"))],
            event_id=event_id,
            inbound_domain=self._inbound_domain,
        )

    async def _raw(self, mail: Mapping[str, Any]) -> bytes:
        """The mail as it came, where Resend lends a link to it; b"" where not: its fields are nearly as good.

        The link leads to Resend's file server: our key is not told there.
        """
        raw = mail.get("raw")
        link = urlsplit(_text(raw, "download_url") if isinstance(raw, dict) else "")
        if not link.netloc or link.scheme not in {"https", urlsplit(self._api_url).scheme}:
            return b""
        files = Http("Resend", f"{link.scheme}://{link.netloc}")
        try:
            reply = await files.get(f"{link.path}?{link.query}")
        except TemporaryError:
            return b""
        finally:
            await files.close()
        return reply.body if reply.ok else b""

    async def _post(self, outgoing: Outgoing) -> Reply:
        return await self._http.post(
            "/emails",
            content=self._writer.body(outgoing),
            headers={"Content-Type": "application/json", "Idempotency-Key": key_of(outgoing)},
        )

    async def _asked(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """The answer to a question, as an object. Raises TemporaryError, PermanentError."""
        reply = await self._http.get(path, query=query)
        if reply.ok:
            return reply.json()
        name = fault(reply)
        if name == "restricted_api_key":
            raise PermanentError(
                "RESEND_API_KEY may only send: replies can't be fetched with it, nor the domains looked at. Make a key "
                "with “Full access” at resend.com/api-keys.",
                code=name,
            )
        if reply.status in {401, 403}:
            raise PermanentError("Resend refused RESEND_API_KEY. Make a new key at resend.com/api-keys.", code=name)
        if reply.status == 404:
            raise PermanentError("Resend no longer has this mail.", code=name)
        raise unanswered("Resend", reply)


def _keys(secrets: Sequence[str]) -> tuple[bytes, ...]:
    try:
        return svix.keys_of(secrets)
    except ValueError:
        raise ConfigError(["RESEND_WEBHOOK_SECRET must be what Resend shows as Signing secret: whsec_..."]) from None


def _receipt(reply: Reply) -> Receipt:
    found = reply.json().get("id")
    return Receipt(found if isinstance(found, str) else "")


def _report(kind: str, data: Mapping[str, Any], event_id: str, at: str) -> DeliveryEvent:
    """What became of a mail. A transient bounce is one that a later mail may not meet."""
    more: Mapping[str, Any] = next(iter(_objects([data.get(one) for one in ("bounce", "suppressed", "failed")])), {})
    codes = " ".join(_texts(more.get("diagnosticCode")))
    to = _addresses(_texts(data.get("to")))
    return DeliveryEvent(
        event_id=event_id,
        status=STATUSES[kind],
        token=tag(data, TOKEN),
        provider_id=_text(data, "email_id"),
        address=to[0] if len(to) == 1 else "",
        at=at or _text(data, "created_at"),
        detail=codes or _text(more, "message") or _text(more, "reason"),
        permanent=kind == "email.suppressed" or _text(more, "type") == "Permanent",
        code=_text(more, "subType") or _text(more, "reason") or _text(more, "type"),
        opted_out=_text(more, "reason") == "previous_complaint",
    )


def _when(text: object, otherwise: datetime) -> datetime:
    """A moment as Resend writes it; what can't be read counts as `otherwise`."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return otherwise
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _addresses(texts: Sequence[str]) -> list[str]:
    """The bare addresses in `Name <address>` texts."""
    return [address for _, address in getaddresses(texts) if "@" in address]


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [one.encode("utf-8", "replace").decode() for one in values if isinstance(one, str)]


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(event: Mapping[str, Any], field: str) -> str:
    """A field's text, "" for anything else; without half characters, which no ledger can keep."""
    value = event.get(field)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
