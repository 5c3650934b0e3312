"""Mailgun: messages, the Events API, webhooks and routes. Sources: documentation.mailgun.com."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from tests.emulators.providers import forms, mailgun_shape, signing
from tests.emulators.providers.forms import Part
from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.mail import File, compose, files_of, text_of
from tests.emulators.providers.mail_provider import MailProvider
from tests.emulators.providers.mailgun_events import asked_events
from tests.emulators.providers.people import Sent
from tests.emulators.providers.posts import Post, Rules, Signed
from tests.emulators.providers.provider import Refused, json_answer
from tests.emulators.providers.replying import stripped

if TYPE_CHECKING:
    from tests.emulators.providers.world import Providers

WAITS = (300.0, 600.0, 900.0, 3600.0, 7200.0, 14400.0)
CONTENT = frozenset((200, 406))
"""Anything else is tried again, a 204 too. Source: user manual, "Webhook retries"."""
RULES = Rules(content=CONTENT.__contains__, waits=WAITS)
ONCE = Rules(content=CONTENT.__contains__)
"""Delivered is told once."""
FATES: Mapping[str, tuple[str, ...]] = {
    "delivered": ("accepted", "delivered"),
    "bounced": ("accepted", "failed"),
    "deferred": ("accepted", "delayed", "delivered"),
    "dropped": ("accepted", "suppressed"),
    "complained": ("accepted", "delivered", "complained"),
}
SILENT = frozenset(("accepted",))
"""In the Events API, and not posted."""


class Mailgun(MailProvider):
    """`world.mailgun`. `raw_inbound`: whether the route ends in "mime"."""

    name = "mailgun"
    routes = (
        ("POST", "/v3/(?P<domain>[^/]+)/messages", "_send"),
        ("GET", "/v3/(?P<domain>[^/]+)/events(/(?P<cursor>[^/]+))?", "_events"),
        ("GET", "/v3/domains/(?P<domain>[^/]+)", "_domain"),
        ("GET", "/v4/domains/(?P<domain>[^/]+)", "_domain"),
    )

    def __init__(self, world: Providers) -> None:
        self.key = f"{secrets.token_hex(16)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        self.signing_key = secrets.token_hex(16)
        self.domain = "mail.example.org"
        self.raw_inbound = False
        self.events: list[dict[str, Any]] = []
        """All events ever, oldest first, as the Events API lists them."""
        super().__init__(world)

    def clear(self) -> None:
        super().clear()
        self.events.clear()

    def environment(self) -> dict[str, str]:
        return {"MAILGUN_API_KEY": self.key, "MAILGUN_DOMAIN": self.domain, "MAILGUN_BASE_URL": self.url,
                "MAILGUN_WEBHOOK_SIGNING_KEY": self.signing_key}  # fmt: skip

    def authenticate(self, request: Request) -> None:
        expected = base64.b64encode(f"api:{self.key}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            raise Refused(Answer(401, b"Forbidden", {"Content-Type": "text/plain; charset=utf-8"}))

    def refusal(self, code: int, retry_after: int | None = None) -> Answer:
        if code != 429:
            return json_answer({"message": "Internal Server Error" if code == 500 else "Service Unavailable"}, code)
        wait = retry_after or 1
        return json_answer({"message": f"Too many requests. Please try again in {wait} seconds.",
                            "retry-seconds": wait}, 429, {"Retry-After": str(wait)})  # fmt: skip

    def _own(self, domain: str) -> None:
        if domain != self.domain:
            raise _refused(404, f"Domain not found: {domain}")

    def _domain(self, _: Request, domain: str) -> Answer:
        self._own(domain)
        return json_answer({"domain": {"name": domain, "state": "active", "type": "custom", "is_disabled": False},
                            "receiving_dns_records": [], "sending_dns_records": []})  # fmt: skip

    def _send(self, request: Request, domain: str) -> Answer:
        self._own(domain)
        try:
            given = forms.parts(request)
            form: dict[str, list[str]] = {}
            for part in given:
                if not part.filename:
                    form.setdefault(part.name, []).append(part.text)
        except ValueError:
            raise _refused(400, "The body could not be parsed as a form.") from None
        if wrong := mailgun_shape.wrong(form):
            raise _refused(400, wrong)
        files = [File(part.filename, part.content_type, part.data) for part in given if part.filename]
        made = self._take(form, files)
        return json_answer({"id": made, "message": "Queued. Thank you."})

    def _take(self, form: dict[str, list[str]], files: list[File]) -> str:
        headers = {name[2:]: values[0] for name, values in form.items() if name.startswith("h:")}
        replies = [headers.pop(name) for name in list(headers) if name.lower() == "reply-to"]
        own = next((value for name, value in headers.items() if name.lower() == "message-id"), "")
        made = own or f"<{self.world.clock.now():%Y%m%d%H%M%S}.{secrets.token_hex(8)}@{self.domain}>"
        text = form["text"][0] if "text" in form else None
        mail = compose(
            self.world.clock,
            sender=form["from"][0],
            to=mailgun_shape.everybody(form["to"]),
            cc=mailgun_shape.everybody(form.get("cc", [])),
            reply_to=mailgun_shape.everybody(replies),
            subject=form.get("subject", [""])[0],
            text=text,
            html=form["html"][0] if "html" in form else None,
            headers=headers,
            files=files,
            message_id=made,
        )
        custom = {name[2:]: values[0] for name, values in form.items() if name.startswith("v:")}
        data: dict[str, Any] = {name: values if name == "o:tag" else values[0] for name, values in form.items()}
        if form.get("o:testmode", ["no"])[0] in ("yes", "true"):
            return made
        for to in mailgun_shape.everybody(form["to"]):
            sent = self.arrive(made, to, mail, data, custom, text)
            self._note(sent, "accepted")
        return made

    def deliver(self, *which: Sent) -> list[Post]:
        """One post per event. Nothing is posted about what is merely accepted."""
        posts = []
        for sent in self._open(which):
            for word in FATES[self.world.mailbox(sent.to).fate]:
                post = self.event(sent, word) if word not in SILENT else None
                posts += [post] if post else []
            sent.status = sent.history[-1]
            posts += self.aftermath(sent)
        return posts

    def event(self, sent: Sent, word: str, **more: Any) -> Post:
        """Post one event about a message: "opened", "clicked", "unsubscribed" ... "delayed" and "suppressed" are
        kinds of `failed`."""
        return self.post_event(self._note(sent, word, **more))

    def _note(self, sent: Sent, word: str, **more: Any) -> dict[str, Any]:
        sent.history.append(word)
        box = self.world.mailbox(sent.to)
        kind, extra = _KINDS.get(word, lambda reason: (word, {}))(box.reason)
        event: dict[str, Any] = {
            "event": kind,
            "id": secrets.token_urlsafe(16),
            "timestamp": self.world.clock(),
            "log-level": "error" if kind == "failed" else "info",
            "recipient": sent.to,
            "recipient-domain": sent.to.rpartition("@")[2],
            "tags": sent.data.get("o:tag", []),
            "campaigns": [],
            "user-variables": sent.custom,
            "flags": {"is-routed": False, "is-authenticated": True, "is-system-test": False, "is-test-mode": False},
            "envelope": {"transport": "smtp", "sender": f"bounce+{secrets.token_hex(4)}@{self.domain}",
                         "targets": sent.to, "sending-ip": "209.61.154.250"},
            "message": {"headers": {"to": sent.to, "from": sent.sender, "subject": sent.subject,
                                    "message-id": sent.id.strip("<>")}, "attachments": [], "size": 512},
            **extra, **more,
        }  # fmt: skip
        with self.world.lock:
            self.events.append(event)
        return event

    def post_event(self, event: Mapping[str, Any]) -> Post:
        """Post an event, with its signature in the body. The token is the same at every try."""
        token = secrets.token_hex(25)

        def sign(now: float, rightly: bool) -> Signed:
            key = self.signing_key if rightly else "0" * 32
            stamp = str(int(now))
            signature = {"token": token, "timestamp": stamp, "signature": signing.mailgun(key, stamp, token)}
            body = json.dumps({"signature": signature, "event-data": event}).encode()
            return {"Content-Type": "application/json"}, body

        rules = ONCE if event.get("event") == "delivered" else RULES
        return self.world.posts.post(Post(self.name, str(event.get("event")), self.world.hook("mailgun"), sign, rules))

    def receive(self, mail: EmailMessage, sender: str, to: str) -> Post:
        """A route's forward(): parsed, or as MIME where the address ends so."""
        common = [("recipient", to), ("sender", sender), ("subject", str(mail["Subject"] or "")),
                  ("from", str(mail["From"] or ""))]  # fmt: skip
        parts = [Part(name, value.encode()) for name, value in common]
        if self.raw_inbound:
            raw = mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            parts.append(Part("body-mime", raw))
        else:
            parts += _parsed(mail)
        token = secrets.token_hex(25)

        def sign(now: float, rightly: bool) -> Signed:
            key, stamp = self.signing_key if rightly else "0" * 32, str(int(now))
            signature = {"timestamp": stamp, "token": token, "signature": signing.mailgun(key, stamp, token)}
            body, kind = forms.multipart([*parts, *(Part(name, value.encode()) for name, value in signature.items())])
            return {"Content-Type": kind}, body

        path = "mailgun/inbound/mime" if self.raw_inbound else "mailgun/inbound"
        return self.world.posts.post(Post(self.name, "inbound", self.world.hook(path), sign, RULES))

    def _events(self, request: Request, domain: str, cursor: str | None) -> Answer:
        self._own(domain)
        base = f"{self.url}/v3/{domain}/events"
        return asked_events(request, self.events, cursor, base)


def _failed(severity: str, code: int, reason: str) -> Any:
    def extra(text: str) -> tuple[str, dict[str, Any]]:
        status = {"code": code, "message": text, "description": "", "attempt-no": 1, "session-seconds": 0.4}
        status |= {"retry-seconds": 600} if severity == "temporary" else {}
        return "failed", {"severity": severity, "reason": reason, "delivery-status": status}

    return extra


_KINDS: Mapping[str, Any] = {
    "failed": _failed("permanent", 550, "bounce"),
    "delayed": _failed("temporary", 451, "generic"),
    "suppressed": _failed("permanent", 605, "suppress-bounce"),
    "delivered": lambda _: ("delivered", {"delivery-status": {
        "code": 250, "message": "OK", "description": "", "attempt-no": 1, "tls": True, "mx-host": "mx.example.net"}}),
}  # fmt: skip


def _parsed(mail: EmailMessage) -> list[Part]:
    plain, html = text_of(mail), text_of(mail, "html")
    text, signature = stripped(plain)
    fields = {name: str(value) for name, value in mail.items()}
    fields |= {"body-plain": plain.replace("\n", "\r\n"), "stripped-text": text, "stripped-signature": signature,
               "message-headers": json.dumps([[name, str(value)] for name, value in mail.items()])}  # fmt: skip
    fields |= {"body-html": html, "stripped-html": html} if html else {}
    files = files_of(mail)
    fields |= {"attachment-count": str(len(files))} if files else {}
    parts = [Part(name, value.encode()) for name, value in fields.items()]
    return parts + [
        Part(f"attachment-{index}", file.data, file.name, file.content_type) for index, file in enumerate(files, 1)
    ]


def _refused(code: int, message: str) -> Refused:
    return Refused(json_answer({"message": message}, code))
