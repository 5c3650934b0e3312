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
from typing import Any
from urllib.parse import quote, urlsplit

from server.channels import svix
from server.channels.addresses import mail_address
from server.channels.base import Provider
from server.channels.fields import text_of
from server.channels.http import Http, Reply, unanswered
from server.channels.inbound_mail import read_fields, read_mail
from server.channels.letterhead import Letterhead
from server.channels.resend_events import objects, read_event, read_received, texts
from server.channels.resend_mail import body, fault, key_of, refused
from server.domain.message import Limits, Outgoing, Receipt
from server.domain.reply import Event, InboundMessage, WebhookRequest
from server.domain.words import ChannelName
from server.errors import (
    ConfigError,
    InvalidInput,
    PermanentError,
    SendInDoubt,
    SignatureError,
    TemporaryError,
)

KEPT_SECONDS = 23 * 3600.0
"""How long after the claim a key still counts for sure: Resend keeps it for 24 hours (resend.com/docs, "Idempotency
Keys"), less an hour for clocks and waits."""
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
        self._head = Letterhead(sender, inbound_domain=inbound_domain, public_url=base_url)
        self._domain = self._head.address.rpartition("@")[2].lower()
        self._keys = _keys(webhook_secrets)
        self._inbound_domain = inbound_domain
        self._domains = {inbound_domain.lower(), self._domain}
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
        return Limits(concurrency=8, per_second=5.0, files=True, copies=True, subjects=True, sender_domain=self._domain)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand one mail over; the receipt bears Resend's id for it.

        Raises TemporaryError, PermanentError or SendInDoubt.
        """
        reply = await self._post(outgoing)
        if not reply.ok:
            raise refused(reply, outgoing)
        return _receipt(reply)

    async def reconcile(self, outgoing: Outgoing) -> Receipt | bool:
        """The same request again, with the same key: whoever has it already answers as the first time.

        Resend keeps a key for 24 hours: later, or when nobody knows how late it is, this could send a second mail, and
        a person must find out. Where the first request never came, the mail goes now, once. A key that was used with
        other bytes (settings changed meanwhile) proves that the mail went, if it is the key of this very send.
        Raises TemporaryError.
        """
        if outgoing.claimed_at is None or self._now() - outgoing.claimed_at.timestamp() > KEPT_SECONDS:
            return True
        try:
            reply = await self._post(outgoing)
            if reply.ok:
                return _receipt(reply)
        except SendInDoubt as doubt:
            raise TemporaryError("Resend did not answer yet.", detail=doubt.detail) from None
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
            listed = objects(page.get("data"))
            new = [one for one in listed if _when(one.get("created_at"), since) >= since]
            read = [read_received(one, text_of(one, "id"), self._inbound_domain, self._domains) for one in new]
            found += [one for one in read if isinstance(one, InboundMessage) and one.fetch]
            if not listed or len(new) < len(listed) or page.get("has_more") is not True:
                break
            after = {"after": text_of(listed[-1], "id")}
        return found

    async def complete(self, event: InboundMessage) -> InboundMessage:
        """The mail that was announced. Raises TemporaryError; PermanentError when Resend no longer has it."""
        if not event.fetch:
            return event
        mail = await self._asked(f"/emails/receiving/{quote(event.fetch, safe='')}", {"html_format": "cid"})
        raw = await self._raw(mail)
        to = [*texts(mail.get("to")), *texts(mail.get("cc")), event.ours]
        if raw:
            found = read_mail(raw, event_id=event.event_id, inbound_domain=self._inbound_domain, recipients=to)
        else:
            found = self._read(mail, event.event_id, to)
        if isinstance(found, InboundMessage):
            return replace(found, token=found.token or event.token, ours=event.ours, at=event.at, fetch="")
        # A report of a mail server: those go to Resend's own return path, so one of ours it can hardly be about.
        return replace(
            event, text=text_of(mail, "text"), headers={**event.headers, "auto-submitted": "auto-replied"}, fetch=""
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
        known = {text_of(one, "name").lower(): one for one in objects(page.get("data"))}
        domain = self._domain
        if domain == _TESTING:
            return
        if domain not in known:
            raise PermanentError(
                f"Resend does not know {domain}, the domain of EMAIL_FROM. Add it at resend.com/domains."
            )
        status = text_of(known[domain], "status")
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
        return [read_event(event, event_id, self._inbound_domain, self._domains)]

    def _read(self, mail: Mapping[str, Any], event_id: str, to: Sequence[str]) -> Event:
        """The mail as Resend took it apart."""
        headers = mail.get("headers")
        pairs = headers.items() if isinstance(headers, dict) else ()
        return read_fields(
            sender=text_of(mail, "from"),
            text=text_of(mail, "text"),
            html=text_of(mail, "html"),
            subject=text_of(mail, "subject"),
            recipients=to,
            headers=[(name, value) for name, values in pairs for value in texts(values)],
            files=[text_of(one, "filename") for one in objects(mail.get("attachments"))],
            event_id=event_id,
            inbound_domain=self._inbound_domain,
        )

    async def _raw(self, mail: Mapping[str, Any]) -> bytes:
        """The mail as it came, where Resend lends a link to it; b"" where not: its fields are nearly as good.

        The link leads to Resend's file server: our key is not told there.
        """
        raw = mail.get("raw")
        link = urlsplit(text_of(raw, "download_url") if isinstance(raw, dict) else "")
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
            content=body(self._head, outgoing),
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
    """Raises SendInDoubt for a yes that is not Resend's."""
    found = reply.json().get("id")
    if not isinstance(found, str) or not found:
        raise SendInDoubt("Resend did not answer clearly: the mail may have gone out, or not.", detail="no id")
    return Receipt(found)


def _when(text: object, otherwise: datetime) -> datetime:
    """A moment as Resend writes it; what can't be read counts as `otherwise`."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return otherwise
    return found if found.tzinfo else found.replace(tzinfo=UTC)
