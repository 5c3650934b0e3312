"""The WhatsApp channel over Meta's Cloud API. See docs/channels/meta-whatsapp.md for setting it up."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from server.channels.addresses import phone_number, zones_of
from server.channels.base import Provider
from server.channels.http import ANSWER_SECONDS, CONNECT_SECONDS, Http, Reply, unanswered
from server.channels.meta import events, standing
from server.channels.meta.errors import error_of, log_line, refused
from server.channels.meta.requests import LONGEST, ROWS, request
from server.channels.meta.templates import page
from server.domain.message import Limits, Outgoing, Receipt
from server.domain.provider_templates import ListedTemplate
from server.domain.reply import Event, WebhookAnswer, WebhookRequest
from server.domain.words import ChannelName
from server.errors import PermanentError, SendInDoubt, SignatureError, TemporaryError

VERSION = "v25.0"
"""Of the Graph API: of February 2026, answered until July 2028 (Graph API changelog, "Versions")."""
BASE_URL = "https://graph.facebook.com"
SIGNATURE_HEADER = "X-Hub-Signature-256"
WINDOW = 24 * 3600.0
PER_SECOND = 80.0
"""Messages a second that Meta takes of a number, unless it has raised or (Business app) lowered that ("Throughput")."""

_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{1,200}", re.ASCII)
_CONNECTIONS = 16
_PAGES = 50


class MetaWhatsApp(Provider):
    """WhatsApp messages from one number of a WhatsApp Business Account, and what comes back to it.

    `caution` is what `check` found that does not stop sending: a falling quality, limits, that nothing would come back.
    """

    name = ChannelName.WHATSAPP
    provider = "meta"

    def __init__(
        self,
        access_token: str,
        phone_number_id: str,
        *,
        app_secrets: Sequence[str] = (),
        verify_token: str = "",
        waba_id: str = "",
        region: str = "US",
        base_url: str = BASE_URL,
        per_second: float = PER_SECOND,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        """`access_token` of a system user, `phone_number_id` the id of the number that sends (not the number).

        `app_secrets` sign the webhooks (several while one is replaced), `verify_token` is our own word that Meta
        repeats when the webhook is set up; without them nothing posted is believed. `waba_id` names the account whose
        templates are listed. `region` is the country of phone numbers written without one. Raises ConfigError for a
        token that can't be one.
        """
        self._http = Http(
            "Meta",
            base_url,
            headers={"Authorization": f"Bearer {access_token}"},
            connections=_CONNECTIONS,
            connect_seconds=connect_seconds,
            answer_seconds=answer_seconds,
        )
        self._number_id = phone_number_id
        self._app_secrets = [secret.encode() for secret in app_secrets if secret]
        self._verify_token = verify_token.encode()
        self._waba_id = waba_id
        self._region = region
        self._per_second = per_second
        self.caution = ""

    def address(self, text: str) -> str:
        """The phone number in a cell, in E.164. Raises AddressError."""
        return phone_number(text, self._region)

    def limits(self) -> Limits:
        """80 a second, unless the setting says otherwise; freely worded only within 24 hours of the last word."""
        return Limits(
            concurrency=_CONNECTIONS,
            per_second=self._per_second,
            longest=LONGEST,
            window=WINDOW,
            choices=ROWS,
            ours=self._number_id,
        )

    def zones(self, address: str) -> tuple[str, ...]:
        """By the number's prefix."""
        return zones_of(address)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Post the message, once. Raises TemporaryError, PermanentError, SendInDoubt."""
        reply = await self._http.post(
            f"/{VERSION}/{quote(self._number_id, safe='')}/messages",
            content=json.dumps(request(outgoing)).encode(),
            headers={"Content-Type": "application/json"},
        )
        if not reply.ok:
            raise refused(reply)
        return _receipt(reply)

    async def check(self) -> None:
        """See that the token is good and the number may send. Raises TemporaryError, PermanentError."""
        number = await self._number()
        standing.refuse(number)
        self.caution = " ".join([*standing.warnings(number), *await self._unheard()])

    async def templates(self) -> list[ListedTemplate]:
        """The account's approved templates, and the paused ones, by name and language.

        Raises TemporaryError; PermanentError where META_WABA_ID is not set or the token may not see them.
        """
        if not self._waba_id:
            raise PermanentError("Set META_WABA_ID to choose among the templates of your WhatsApp account.")
        found: list[ListedTemplate] = []
        path = f"{self._account()}/message_templates"
        query = {"fields": "name,language,status,category,components", "limit": "100"}
        for _ in range(_PAGES):
            reply = await self._http.get(path, query=query)
            listed, after = page(_answered(reply, "Meta knows no such account for this token: look at META_WABA_ID."))
            found += listed
            if not after:
                break
            query["after"] = after
        return sorted(found, key=lambda one: (one.template.name, one.template.language))

    async def close(self) -> None:
        """Give back connections."""
        await self._http.close()

    def verify(self, request: WebhookRequest) -> None:
        """Check HMAC-SHA256 over the raw body with one of the app secrets. Raises SignatureError.

        Meta signs no time: only the unique event ids stop a replay.
        """
        found = _SIGNATURE.fullmatch(request.headers.get(SIGNATURE_HEADER.lower(), ""))
        if found is None:
            raise SignatureError(f"The {SIGNATURE_HEADER} header is missing or malformed.")
        fits = [
            hmac.compare_digest(hmac.new(secret, request.body, hashlib.sha256).hexdigest(), found[1])
            for secret in self._app_secrets
        ]
        if not any(fits):
            raise SignatureError("The signature does not fit the body.")

    def parse(self, request: WebhookRequest) -> list[Event]:
        """The messages and statuses of a batch, in its order. Raises InvalidInput when the body is none."""
        return events.read(request.body, self._number_id)

    def answer(self, request: WebhookRequest) -> WebhookAnswer:
        """A word for a POST: Meta asks for exactly 200, which an answer without one is not (Graph API, "Webhooks,
        getting started"). For its GET, when the webhook is set up: its challenge, if it knows our own word.

        Raises SignatureError. Only a plain word is repeated, so that nobody can have us say anything else.
        """
        if request.method != "GET":
            return WebhookAnswer("ok")
        challenge = _challenge(request.url, self._verify_token)
        if not challenge:
            raise SignatureError("This is not how Meta asks for this address, or META_VERIFY_TOKEN is another one.")
        return WebhookAnswer(challenge)

    def _account(self) -> str:
        return f"/{VERSION}/{quote(self._waba_id, safe='')}"

    async def _unheard(self) -> tuple[str, ...]:
        """That nothing would come back, where that can be asked."""
        if not self._waba_id:
            return ()
        reply = await self._http.get(f"{self._account()}/subscribed_apps")
        return standing.unsubscribed(reply.json()) if reply.ok else ()

    async def _number(self) -> dict[str, Any]:
        path = f"/{VERSION}/{quote(self._number_id, safe='')}"
        reply = await self._http.get(path, query={"fields": standing.FIELDS})
        if error_of(reply).get("code") == 100:  # perhaps not the number, but a field that not every one has
            reply = await self._http.get(path, query={"fields": standing.PLAIN_FIELDS})
        found = _answered(reply, "Meta knows no such number for this token: set META_PHONE_NUMBER_ID, an id.")
        if not found.get("id"):
            raise unanswered("Meta", reply)
        return found


def _challenge(url: str, verify_token: bytes) -> str:
    """The word that Meta wants to hear, "" when it is not Meta who asks."""
    try:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query, max_num_fields=20).items()}
    except ValueError:
        return ""
    given, challenge = asked.get("hub.verify_token", "").encode("utf-8", "replace"), asked.get("hub.challenge", "")
    known = bool(verify_token) and hmac.compare_digest(given, verify_token)
    return challenge if known and asked.get("hub.mode") == "subscribe" and _CHALLENGE.fullmatch(challenge) else ""


def _answered(reply: Reply, missing: str) -> dict[str, Any]:
    """The answer to a question, which may be asked again. Raises TemporaryError, PermanentError."""
    if reply.ok:
        return reply.json()
    if error_of(reply).get("code") == 100:
        raise PermanentError(missing, whole_campaign=True, detail=log_line(reply))
    error = refused(reply) if error_of(reply) or reply.status < 500 else unanswered("Meta", reply)
    raise TemporaryError("Meta did not answer clearly.") if isinstance(error, SendInDoubt) else error


def _receipt(reply: Reply) -> Receipt:
    """Meta's id of the message, and how it calls the person: a number, or a BSUID where it was sent to one."""
    body = reply.json()
    messages, contacts = body.get("messages"), body.get("contacts")
    message = messages[0] if isinstance(messages, list) and messages else None
    contact = contacts[0] if isinstance(contacts, list) and contacts else None
    message_id = message.get("id") if isinstance(message, dict) else None
    if not isinstance(message_id, str) or not message_id:
        raise SendInDoubt("Meta did not answer clearly: the message may have gone out, or not.", detail="no message id")
    names = [contact.get(key) for key in ("wa_id", "user_id")] if isinstance(contact, dict) else []
    return Receipt(message_id, known_as=next((name for name in names if isinstance(name, str) and name), ""))
