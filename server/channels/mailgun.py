"""The email channel over Mailgun, both directions. Source: documentation.mailgun.com (2026)."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from server.channels.addresses import mail_address
from server.channels.base import Provider
from server.channels.fields import text_of
from server.channels.forms import Form, read_form
from server.channels.http import ANSWER_SECONDS, CONNECT_SECONDS, Http, Reply, unanswered
from server.channels.inbound_mail import header_pairs, read_fields, read_mail
from server.channels.letterhead import Letterhead
from server.channels.mail import wire_address
from server.channels.mailgun_events import listed_id, mail_id_of, read_event, variable
from server.channels.mailgun_mail import MESSAGE, TOKEN, account, complaint, form, receipt
from server.channels.said import said
from server.domain.message import Limits, Outgoing, Receipt
from server.domain.reply import Event, UnknownEvent, WebhookAnswer, WebhookRequest
from server.domain.words import ChannelName
from server.errors import InvalidInput, PermanentError, SignatureError

API_URL = "https://api.mailgun.net"

_MISSED = "delivered OR failed OR rejected OR complained OR unsubscribed"

OLDEST, EARLIEST = 9 * 3600.0, 300.0
"""Seconds that a signature may be old, or ahead of our clock. Mailgun posts again for 8 hours."""
LATE = timedelta(minutes=30)
"""By how much events may come into its list after they happened (user manual, "Event Polling")."""
KEPT = timedelta(hours=20)
"""How long even a free account's events are surely kept; the manual says a day."""
PAGE, PAGES = 300, 40
"""Events of a page, which is the most there may be, and how many pages are asked for at once."""

_TIMESTAMP = re.compile(r"[0-9]{10}")
"""Nothing stands between timestamp and token in what is signed: any other length would let one pass for the other."""
_TOKEN = re.compile(r"[0-9A-Za-z_-]{1,100}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")


class MailgunChannel(Provider):
    """Sends mail through a domain at Mailgun; hears of its fate at /webhooks/mailgun, of replies, by a route, at
    /webhooks/mailgun/inbound or /webhooks/mailgun/inbound/mime.

    Its signature covers no content. So the id of everything that is posted comes from the signed token: who got hold of
    one signature can't say anything else with it, since the ledger takes each id once.
    """

    name = ChannelName.EMAIL
    provider = "mailgun"

    def __init__(
        self,
        api_key: str,
        domain: str,
        sender: str,
        *,
        signing_keys: Sequence[str] = (),
        inbound_domain: str = "",
        base_url: str = "",
        api_url: str = API_URL,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        concurrency: int = 8,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`domain` is MAILGUN_DOMAIN, `sender` EMAIL_FROM, `base_url` our own address, for links, `api_url` Mailgun's.

        `signing_keys` are the webhook signing keys, several while they are rotated; without any nothing that is posted
        is believed. Raises ConfigError.
        """
        self._letterhead = Letterhead(sender, inbound_domain=inbound_domain, public_url=base_url)
        self._domain = domain
        self._path = f"/v3/{quote(domain, safe='')}"
        self._inbound_domain = inbound_domain
        self._keys = [one.encode() for one in signing_keys if one]
        self._concurrency = concurrency
        self._now = now
        self._http = Http(
            "Mailgun",
            api_url,
            auth=("api", api_key),
            connections=concurrency,
            connect_seconds=connect_seconds,
            answer_seconds=answer_seconds,
        )

    def address(self, text: str) -> str:
        """The mail address in a cell. Raises AddressError."""
        return mail_address(text)

    def limits(self) -> Limits:
        """No rate is published; a 429 slows everybody down. Texts arrive to the letter."""
        return Limits(
            concurrency=self._concurrency, files=True, copies=True, subjects=True, sender_domain=self._letterhead.domain
        )

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand one mail to Mailgun; the receipt bears its Message-ID, with angle brackets.

        Raises TemporaryError, PermanentError or SendInDoubt.
        """
        fields, files = form(self._letterhead, outgoing)
        return receipt(await self._http.post(f"{self._path}/messages", form=fields, files=files), outgoing)

    async def reconcile(self, outgoing: Outgoing) -> Receipt | bool:
        """Look for it among the events: by its Message-ID, else by our variable among this person's.

        That there are none proves something only once they can't be late any more, and not yet be forgotten. A key that
        may only send proves nothing. Raises TemporaryError.
        """
        try:
            return await self._looked_for(outgoing)
        except PermanentError:
            return True

    async def missed(self, since: datetime) -> list[Event]:
        """How mails ended since then: reports of delivery are posted once and never again.

        At most 12,000 events, the oldest; their ids differ from those of webhooks, and to read both changes nothing.
        Raises TemporaryError; PermanentError when the key may not ask.
        """
        query = {"begin": f"{(since - LATE).timestamp():.0f}", "ascending": "yes", "limit": str(PAGE)}
        found: list[Event] = []
        page: str | None = f"{self._path}/events"
        for number in range(PAGES):
            if not page:
                break
            reply = await self._http.get(page, query=None if number else {**query, "event": _MISSED})
            items = self._items(reply)
            found += [read_event(one, listed_id(one)) for one in items if variable(one, TOKEN)]
            page = self._next(reply) if items else None
        return found

    async def check(self) -> None:
        """Ask how the domain stands. Raises TemporaryError or PermanentError."""
        reply = await self._http.get(f"/v4/domains/{quote(self._domain, safe='')}")
        if reply.status == 403:
            raise PermanentError(
                "The key in MAILGUN_API_KEY may not look at the domain. A sending key can send, but neither be checked "
                "nor asked what became of a mail: take an account key.",
                whole_campaign=True,
            )
        if reply.status in {401, 404, 405} or 300 <= reply.status < 400:
            raise account(reply, complaint(reply))
        domain = reply.json().get("domain")
        if not reply.ok or not isinstance(domain, dict):
            raise unanswered("Mailgun", reply)
        if domain.get("state") != "active" or domain.get("is_disabled") is True:
            raise PermanentError(
                f"Mailgun has not verified {self._domain}, or has switched it off. Enter the DNS records that its "
                "domain settings show, press Verify there, and see whether the account is in order.",
                whole_campaign=True,
            )

    async def close(self) -> None:
        """Hang up the connections of the running event loop."""
        await self._http.close()

    def verify(self, request: WebhookRequest) -> None:
        """Check HMAC-SHA256 over timestamp and token. Raises SignatureError."""
        timestamp, token, signature = _signature(request)
        if not (_TIMESTAMP.fullmatch(timestamp) and _TOKEN.fullmatch(token) and _SIGNATURE.fullmatch(signature)):
            raise SignatureError("The signature, its timestamp or its token is missing or malformed.")
        signed = f"{timestamp}{token}".encode()
        if not any(hmac.compare_digest(hmac.new(key, signed, "sha256").hexdigest(), signature) for key in self._keys):
            raise SignatureError("The signature does not fit.")
        if not -EARLIEST <= self._now() - int(timestamp) <= OLDEST:
            raise SignatureError("The signature is too old.")

    def parse(self, request: WebhookRequest) -> list[Event]:
        """The one event that was posted, or the one mail of a route. Raises InvalidInput."""
        token = _signature(request)[1]
        event_id = f"token:{token}" if _TOKEN.fullmatch(token) else _digest(request.body)
        if _is_form(request):
            return [self._mail(read_form(request), event_id)]
        event = _json(request.body).get("event-data")
        if not isinstance(event, dict):
            raise InvalidInput("The webhook's body holds no event.")
        return [read_event(event, event_id)]

    def answer(self, request: WebhookRequest) -> WebhookAnswer:
        """It takes nothing but 200 for an answer, 204 neither. Raises NotFound for a GET."""
        super().answer(request)
        return WebhookAnswer("stored\n")

    def _mail(self, found: Form, event_id: str) -> Event:
        envelope_sender = found.text("sender") if "sender" in found else None
        recipients = [found.text("recipient"), found.text("To")]
        if "body-mime" in found:
            return read_mail(
                found.data("body-mime"),
                event_id=event_id,
                inbound_domain=self._inbound_domain,
                recipients=recipients,
                envelope_sender=envelope_sender,
            )
        if not {"body-plain", "body-html", "message-headers"} & found.raw.keys():
            return UnknownEvent(event_id, said(found.text("event"), longest=60) or "form without a mail")
        # `stripped-text` is left alone: what it takes for a signature may be the whole of a short answer.
        return read_fields(
            sender=found.text("from") or found.text("From"),
            text=found.text("body-plain"),
            html=found.text("body-html"),
            subject=found.text("subject"),
            recipients=recipients,
            headers=header_pairs(found.text("message-headers")),
            files=found.files,
            event_id=event_id,
            inbound_domain=self._inbound_domain,
            envelope_sender=envelope_sender,
        )

    async def _looked_for(self, outgoing: Outgoing) -> Receipt | bool:
        sent = outgoing.claimed_at
        begin = (sent or self._moment() - timedelta(days=1)) - timedelta(minutes=5)
        query = {"begin": f"{begin.timestamp():.0f}", "ascending": "yes", "limit": str(PAGE)}
        mail_id = self._letterhead.mail_id(outgoing)
        if outgoing.token and await self._events({**query, "message-id": mail_id.strip("<>")}):
            return Receipt(mail_id)
        for event in await self._events({**query, "recipient": wire_address(outgoing.address).text}):
            if variable(event, MESSAGE) == outgoing.message_id:
                return Receipt(mail_id_of(event))
        return not (sent is not None and LATE < self._moment() - sent < KEPT)

    async def _events(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        return self._items(await self._http.get(f"{self._path}/events", query=query))

    def _items(self, reply: Reply) -> list[dict[str, Any]]:
        items = reply.json().get("items")
        if reply.status in {401, 403}:
            raise PermanentError("The key in MAILGUN_API_KEY may not ask what became of mails: take an account key.")
        if not reply.ok or not isinstance(items, list):
            raise unanswered("Mailgun", reply)
        return [one for one in items if isinstance(one, dict)]

    def _next(self, reply: Reply) -> str:
        """The path of the next page, below our own base URL whatever host it names; "" when there is none."""
        paging = reply.json().get("paging")
        named = paging.get("next") if isinstance(paging, dict) else ""
        found = re.search(rf"{re.escape(self._path)}/events/[\w.~%=+-]+", named if isinstance(named, str) else "")
        return found[0] if found else ""

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)


def _is_form(request: WebhookRequest) -> bool:
    return request.content_type.partition(";")[0].strip().lower() != "application/json"


def _signature(request: WebhookRequest) -> tuple[str, str, str]:
    """(timestamp, token, signature), each "" where it is missing. Raises nothing."""
    try:
        if _is_form(request):
            posted = read_form(request)
            return posted.word("timestamp"), posted.word("token"), posted.word("signature")
        given = _json(request.body).get("signature")
    except InvalidInput:
        return "", "", ""
    found = given if isinstance(given, dict) else {}
    timestamp = found.get("timestamp")
    stamp = str(timestamp) if isinstance(timestamp, int) else text_of(found, "timestamp")
    return stamp, text_of(found, "token"), text_of(found, "signature")


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The webhook's body is not JSON in UTF-8.", detail=type(error).__name__) from None
    if not isinstance(found, dict):
        raise InvalidInput("The webhook's body is no JSON object.")
    return found


def _digest(body: bytes) -> str:
    return "sha_" + hashlib.sha256(body).hexdigest()[:32]
