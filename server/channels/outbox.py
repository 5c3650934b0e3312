"""The outbox channel: a provider on one's own desk, with a mailbox instead of people and real, signed webhooks.

`OutboxChannel` is our side, as with any provider; `Recipient` is the other one: it posts what a person does.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from server.channels.addresses import any_address, phone_number, zones_of
from server.channels.base import Provider
from server.channels.mailbox import PHONES
from server.channels.mailbox import Mail as Mail
from server.channels.mailbox import Mailbox as Mailbox
from server.domain.choices import MOST
from server.domain.keys import new_id
from server.domain.message import Limits, Outgoing, Receipt
from server.domain.reply import DeliveryEvent, Event, InboundMessage, UnknownEvent, WebhookRequest
from server.domain.words import ChannelName, DeliveryStatus
from server.errors import InvalidInput, SignatureError, TemporaryError

SIGNATURE_HEADER = "X-Outbox-Signature"
TOLERANCE_SECONDS = 300.0
"""How old or how early a signature may be; within it the ledger's unique event ids stop replays."""

_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")
_STATUSES = {"delivered": DeliveryStatus.DELIVERED, "opened": DeliveryStatus.READ, "bounced": DeliveryStatus.BOUNCED}
"""The provider's words -> ours."""
_BATCH = 500
_POST_SECONDS = 10.0


class OutboxChannel(Provider):
    """Sends into the local mailbox; hears of deliveries, openings and answers by webhook."""

    name: ChannelName = ChannelName.OUTBOX
    provider = "outbox"

    def __init__(
        self, mailbox: Mailbox, secret: str, *, region: str = "US", now: Callable[[], float] = time.time
    ) -> None:
        """`secret` signs the webhooks, `region` is the country of phone numbers written without one."""
        self._mailbox = mailbox
        self._key = signing_key(secret)
        self._region = region
        self._now = now

    def address(self, text: str) -> str:
        """The mail address or phone number in a cell. Raises AddressError."""
        return any_address(text, self._region)

    def limits(self) -> Limits:
        """As careful as with a real provider, so that a crash leaves no more in doubt than there."""
        return Limits(concurrency=8)

    def zones(self, address: str) -> tuple[str, ...]:
        """Time zones of a phone number; nothing tells for a mail address."""
        return zones_of(address)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Put the message into the mailbox. Raises TemporaryError when that can't be; then it is not there."""
        return Receipt(provider_id=await asyncio.to_thread(self._mailbox.put, outgoing, self.name))

    async def reconcile(self, outgoing: Outgoing) -> Receipt | bool:
        """Look into the mailbox: what is not there was never put there. Raises TemporaryError."""
        mail_id = await asyncio.to_thread(self._mailbox.find, outgoing.message_id)
        return Receipt(mail_id) if mail_id else False

    async def check(self) -> None:
        """Open the mailbox. Raises TemporaryError when its file can't be used."""
        await asyncio.to_thread(self._mailbox.list, 1, 0)

    def verify(self, request: WebhookRequest) -> None:
        """Check HMAC-SHA256 over timestamp, a dot and the raw body. Raises SignatureError."""
        found = _SIGNATURE.fullmatch(request.headers.get(SIGNATURE_HEADER.lower(), ""))
        if found is None:
            raise SignatureError(f"The {SIGNATURE_HEADER} header is missing or malformed.")
        if not hmac.compare_digest(signature(self._key, found[1], request.body), found[2]):
            raise SignatureError("The signature does not fit the body.")
        if abs(self._now() - int(found[1])) > TOLERANCE_SECONDS:
            raise SignatureError("The signature is too old.")

    def parse(self, request: WebhookRequest) -> list[Event]:
        """The events of a batch, in its order. Raises InvalidInput when the body is no JSON list of objects."""
        try:
            batch = json.loads(request.body.decode())
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise InvalidInput("The webhook's body is not JSON in UTF-8.", detail=type(error).__name__) from None
        if not isinstance(batch, list) or not all(isinstance(event, dict) for event in batch):
            raise InvalidInput("The webhook's body is not a list of events.")
        return [_event(event) for event in batch]


class _Phone(OutboxChannel):
    """A channel that reaches phones, here those beside the mailbox."""

    def address(self, text: str) -> str:
        """The phone number in a cell, as E.164. Raises AddressError."""
        return phone_number(text, self._region)


class OutboxSms(_Phone):
    """SMS to the phones on the desk: as long as a real one may be, nothing to press, and nothing tells it was read."""

    name = ChannelName.SMS

    def limits(self) -> Limits:
        """As with a real provider of SMS (1,600 characters): answers can be typed as digits."""
        return Limits(concurrency=8, longest=1600, choices=MOST)


class OutboxWhatsApp(_Phone):
    """WhatsApp to the phones on the desk. No template is needed here: nobody of Meta's has approved any."""

    name = ChannelName.WHATSAPP

    def limits(self) -> Limits:
        """As with WhatsApp itself (4,096 characters): a text bears its choices as buttons."""
        return Limits(concurrency=8, longest=4096, choices=MOST, buttons=True)


def _event(event: Mapping[str, Any]) -> Event:
    """One event in our words; one that lacks what it needs is as unknown as one of a kind we don't know."""
    event_id, kind = _text(event, "id") or _digest(event), _text(event, "type")
    if kind in _STATUSES and _text(event, "mail"):
        return DeliveryEvent(
            event_id=event_id,
            status=_STATUSES[kind],
            token=_text(event, "token"),
            provider_id=_text(event, "mail"),
            address=_text(event, "address"),
            at=_text(event, "at"),
            detail=_text(event, "detail"),
            permanent=kind == "bounced",
        )
    if kind == "answer" and _text(event, "address"):
        return InboundMessage(
            event_id=event_id,
            sender=_text(event, "address"),
            text=_text(event, "text"),
            subject=_text(event, "subject"),
            token=_text(event, "token"),
            in_reply_to=(_text(event, "mail"),) if _text(event, "mail") else (),
            headers=_headers(event),
            at=_text(event, "at"),
            button=_text(event, "button"),
            channel=next((name for name in PHONES if name == _text(event, "channel")), None),
        )
    return UnknownEvent(event_id, name=kind)


def _text(event: Mapping[str, Any], field: str) -> str:
    value = event.get(field)
    return value if isinstance(value, str) else ""


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    headers = event.get("headers")
    if not isinstance(headers, dict):
        return {}
    return {name.lower(): value for name, value in headers.items() if isinstance(value, str)}


def _digest(event: Mapping[str, Any]) -> str:
    """An id for an event that came without one: the same for the same event."""
    return "sha_" + hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()[:32]


def signing_key(secret: str) -> bytes:
    """The webhooks' own key, so that what signs them opens nothing else."""
    return hmac.digest(secret.encode(), b"cellback outbox webhook", "sha256")


def signature(key: bytes, timestamp: str, body: bytes) -> str:
    """Hex HMAC-SHA256 over timestamp, a dot and the raw body."""
    return hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class Recipient:
    """The other side of the outbox: what the people there do, posted to us as a provider would."""

    def __init__(self, mailbox: Mailbox, secret: str, webhook_url: str) -> None:
        """`webhook_url` is our own `<base>/webhooks/outbox`, reached by real HTTP."""
        self._mailbox = mailbox
        self._key = signing_key(secret)
        self._url = webhook_url

    def deliver(self) -> int:
        """Report the delivery of all mails not yet reported, oldest first; how many. Raises TemporaryError."""
        count = 0
        while ids := self._mailbox.unreported(_BATCH):
            self.delivered(ids)
            count += len(ids)
        return count

    def delivered(self, mail_ids: Sequence[str]) -> None:
        """Report these deliveries in one batch. Raises NotFound, TemporaryError."""
        mails = [self._mailbox.get(mail_id) for mail_id in mail_ids]
        if mails:
            self.post([_report("delivered", mail) for mail in mails])
            self._mailbox.reported(mail_ids)

    def opened(self, mail_id: str) -> Mail:
        """Open the mail and report it; nobody hears of an SMS that it was read. Raises NotFound, TemporaryError."""
        mail = self._mailbox.open(mail_id)
        if mail.channel is not ChannelName.SMS:
            self.post([_report("opened", mail)])
        return mail

    def answer(self, mail_id: str, text: str, automatic: bool = False, *, button: int | None = None) -> str:
        """Answer as the recipient, or as their out-of-office, or press the button of that index; the event's id.

        What is typed on a phone says nothing of the message it answers, as with real phones: its number has to do.
        Raises NotFound, and TemporaryError when our server can't be reached: then the answer is not kept.
        """
        mail = self._mailbox.get(mail_id)
        pressed = mail.choices[button] if button is not None and button < len(mail.choices) else None
        words = pressed[0] if pressed else text
        event = {**_report("answer", mail), "id": new_id("answer"), "text": words, **_said(mail, automatic)}
        if pressed:
            event |= {"button": pressed[1], "mail": mail.id}
        self.post([event])
        self._mailbox.note_answer(mail_id, words)
        return str(event["id"])

    def post(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Sign a batch and post it. Raises TemporaryError unless the answer is 2xx."""
        body = json.dumps(list(events), ensure_ascii=False).encode("utf-8", "replace")
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            SIGNATURE_HEADER: f"t={timestamp},v1={signature(self._key, timestamp, body)}",
        }
        import requests  # here: every process knows this channel, and only the mailbox posts

        try:
            with requests.Session() as session:
                session.trust_env = False  # it is our own server: no proxy stands between
                answer = session.post(
                    self._url, data=body, headers=headers, timeout=_POST_SECONDS, allow_redirects=False
                )
        except requests.RequestException as error:
            raise TemporaryError(
                "The answer could not be handed over: Cellback's web server is not reachable. Is it running?",
                detail=type(error).__name__,
            ) from None
        if answer.status_code // 100 != 2:
            raise TemporaryError(f"Cellback's web server did not take the answer (HTTP {answer.status_code}).")


def _said(mail: Mail, automatic: bool) -> dict[str, Any]:
    """What goes along with the words of an answer, by how the message came."""
    if mail.channel in PHONES:
        return {"channel": mail.channel.value, "token": "", "mail": ""}
    return {
        "subject": f"{'Automatic reply' if automatic else 'Re'}: {mail.subject or 'your message'}",
        "headers": {"auto-submitted": "auto-replied"} if automatic else {},
    }


def _report(kind: str, mail: Mail) -> dict[str, Any]:
    """An event about one mail. Its id is the same however often it is reported."""
    return {
        "id": f"{kind}:{mail.id}",
        "type": kind,
        "mail": mail.id,
        "token": mail.token,
        "address": mail.address,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
