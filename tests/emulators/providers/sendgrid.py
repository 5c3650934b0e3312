"""SendGrid: Mail Send v3 and the Event Webhook. Sources: sendgrid-oai, "Event Webhook Reference", its security page."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from tests.emulators.providers import forms, sendgrid_inbound, sendgrid_shape
from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.mail import File, bare, compose, decoded
from tests.emulators.providers.mail_provider import MailProvider
from tests.emulators.providers.people import Sent
from tests.emulators.providers.posts import Post, Rules, Signed
from tests.emulators.providers.provider import Refused, json_answer, json_object
from tests.emulators.providers.signing import SendGridKey, wrong_sendgrid_key

if TYPE_CHECKING:
    from tests.emulators.providers.world import Providers

MAX_BYTES = 30 * 1024 * 1024
RULES = Rules(waits=(30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0, 28800.0))
"""Growing intervals for a rolling 24 hours; the intervals themselves are not published."""
INBOUND_RULES = Rules(
    content=lambda status: 200 <= status < 500, waits=(60.0, 300.0, 900.0, 3600.0, *(4 * 3600.0,) * 17)
)
"""5xx and time-outs are tried again for 3 days; 4xx is given up at once. The intervals are not published."""
SIGNATURE, TIMESTAMP = "X-Twilio-Email-Event-Webhook-Signature", "X-Twilio-Email-Event-Webhook-Timestamp"
NGINX = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"
FATES: Mapping[str, tuple[tuple[str, Mapping[str, Any]], ...]] = {
    "delivered": (("processed", {}), ("delivered", {"response": "250 2.0.0 OK", "ip": "168.245.0.1", "tls": 1})),
    "bounced": (("processed", {}), ("bounce", {"type": "bounce", "status": "5.1.1", "ip": "168.245.0.1", "tls": 1,
                                               "bounce_classification": "Invalid Address"})),
    "deferred": (("processed", {}), ("deferred", {"response": "400 try again later", "attempt": "1"}),
                 ("delivered", {"response": "250 2.0.0 OK"})),
    "dropped": (("dropped", {"reason": "Bounced Address", "status": "5.0.0"}),),
    "complained": (("processed", {}), ("delivered", {"response": "250 2.0.0 OK"}), ("spamreport", {})),
}  # fmt: skip


class SendGrid(MailProvider):
    """`world.sendgrid`. `raw_inbound`: whether Inbound Parse posts "Send Raw"; `signs_inbound`: whether a security
    policy is attached to it."""

    name = "sendgrid"
    routes = (
        ("POST", "/v3/mail/send", "_send"),
        ("GET", "/v3/scopes", "_scopes"),
        ("GET", "/v3/verified_senders", "_verified_senders"),
        ("GET", "/v3/whitelabel/domains", "_domains"),
    )

    def __init__(self, world: Providers) -> None:
        self.key = f"SG.{secrets.token_urlsafe(16)}.{secrets.token_urlsafe(32)}"
        self.signing = SendGridKey()
        self.raw_inbound = False
        self.signs_inbound = False
        super().__init__(world)

    def environment(self) -> dict[str, str]:
        return {"SENDGRID_API_KEY": self.key, "SENDGRID_BASE_URL": self.url,
                "SENDGRID_WEBHOOK_PUBLIC_KEY": self.signing.public}  # fmt: skip

    def authenticate(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            raise _refused(401, "The provided authorization grant is invalid, expired, or revoked")

    def refusal(self, code: int, retry_after: int | None = None) -> Answer:
        if code != 429:
            words = {503: "503 Service Temporarily Unavailable"}.get(code, f"{code} Internal Server Error")
            return Answer(code, NGINX.format(words).encode(), {"Content-Type": "text/html"})
        headers = {"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "0",
                   "X-RateLimit-Reset": str(int(self.world.clock()) + (retry_after or 1))}  # fmt: skip
        return json_answer({"errors": [{"field": None, "message": "too many requests"}]}, 429, headers)

    def _scopes(self, _: Request) -> Answer:
        return json_answer({"scopes": ["mail.send", "mail.batch.create", "user.webhooks.event.settings.read"]})

    def _verified_senders(self, _: Request) -> Answer:
        address = bare(self.world.keys.sender)
        sender = {"id": 1, "nickname": "Cellback", "from_email": address, "from_name": "Cellback", "reply_to": address,
                  "verified": True, "locked": False}  # fmt: skip
        return json_answer({"results": [sender]})

    def _domains(self, _: Request) -> Answer:
        domain = bare(self.world.keys.sender).rpartition("@")[2]
        return json_answer([{"id": 1, "user_id": 7, "subdomain": "em", "domain": domain, "username": "cellback",
                             "ips": [], "custom_spf": False, "default": True, "legacy": False,
                             "automatic_security": True, "valid": domain not in self.unverified}])  # fmt: skip

    def _send(self, request: Request) -> Answer:
        if len(request.body) > MAX_BYTES:
            raise Refused(Answer(413, NGINX.format("413 Request Entity Too Large").encode(),
                                 {"Content-Type": "text/html"}))  # fmt: skip
        if request.content_type != "application/json":
            raise _refused(415, "Content-Type should be application/json.")
        try:
            body = json_object(request)
        except ValueError:
            raise _refused(400, "Bad Request") from None
        if errors := sendgrid_shape.errors(body, self.world.clock()):
            raise Refused(json_answer({"errors": errors}, 400))
        self._check_sender(body["from"]["email"])
        if body.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
            return Answer(200)
        made = secrets.token_urlsafe(16)
        for piece in body["personalizations"]:
            for person in piece["to"]:
                self._take(made, body, piece, person)
        return Answer(202, headers={"X-Message-Id": made})

    def _check_sender(self, address: str) -> None:
        if address.rpartition("@")[2].lower() in self.unverified:
            raise _refused(403, "The from address does not match a verified Sender Identity. Mail cannot be sent "
                           "until this error is resolved.", "from")  # fmt: skip

    def _take(self, made: str, body: dict[str, Any], piece: dict[str, Any], person: dict[str, str]) -> None:
        content = {block["type"]: block["value"] for block in body.get("content", [])}
        replies = body.get("reply_to_list") or ([body["reply_to"]] if "reply_to" in body else [])
        mail = compose(
            self.world.clock,
            sender=_shown(piece.get("from") or body["from"]),
            to=[_shown(person)],
            cc=[_shown(each) for each in piece.get("cc", [])],
            reply_to=[_shown(each) for each in replies],
            subject=piece.get("subject") or body.get("subject", ""),
            text=content.get("text/plain"),
            html=content.get("text/html"),
            headers={**body.get("headers", {}), **piece.get("headers", {})},
            files=[File(each["filename"], each.get("type", ""), decoded(each["content"]), each.get("content_id", ""))
                   for each in body.get("attachments", [])],
        )  # fmt: skip
        custom = {**body.get("custom_args", {}), **piece.get("custom_args", {})}
        self.arrive(made, person["email"], mail, body, custom, content.get("text/plain"))

    def deliver(self, *which: Sent) -> list[Post]:
        """One post with the events of all of them, as SendGrid gathers them in batches."""
        events = []
        chosen = self._open(which)
        for sent in chosen:
            box = self.world.mailbox(sent.to)
            for word, more in FATES[box.fate]:
                extra = {"reason": box.reason} if word == "bounce" else {}
                events.append(self.event(sent, word, **{**more, **extra}))
            sent.status = sent.history[-1]
        posts = [self.post_events(events)] if events else []
        return posts + [post for sent in chosen for post in self.aftermath(sent)]

    def event(self, sent: Sent, word: str, **more: Any) -> dict[str, Any]:
        """One event about a message: the vendor's fields first, then the custom arguments flat among them."""
        sent.history.append(word)
        event = {
            "email": sent.to,
            "timestamp": int(self.world.clock()),
            "smtp-id": f"<{sent.id}@geopod-ismtpd-3-0>",
            "event": word,
            "sg_event_id": secrets.token_urlsafe(22),
            "sg_message_id": f"{sent.id}.recvd-5d8f96c4b7-8zx5v-1-66A0F1B2-0.0",
            **more,
        }
        if categories := sent.data.get("categories"):
            event["category"] = categories
        return {**sent.custom, **event}

    def post_events(self, events: list[dict[str, Any]]) -> Post:
        """Post these, signed, in one array."""
        body = json.dumps(events, separators=(",", ":")).encode() + b"\r\n"

        def sign(now: float, rightly: bool) -> Signed:
            return self.signed_headers(body, now, rightly) | {"Content-Type": "application/json"}, body

        return self.world.posts.post(Post(self.name, "events", self.world.hook("sendgrid"), sign, RULES))

    def receive(self, mail: EmailMessage, sender: str, to: str) -> Post:
        """Inbound Parse: not signed unless asked for, so the address carries our secret."""
        form = sendgrid_inbound.raw if self.raw_inbound else sendgrid_inbound.parsed
        body, kind = forms.multipart(form(mail, sender, to))

        def sign(now: float, rightly: bool) -> Signed:
            headers = self.signed_headers(body, now, rightly) if self.signs_inbound else {}
            return {**headers, "Content-Type": kind}, body

        secret = self.world.keys.inbound_secret
        url = self.world.hook("sendgrid/inbound") + f"?secret={secret}"
        return self.world.posts.post(Post(self.name, "inbound", url, sign, INBOUND_RULES))

    def signed_headers(self, body: bytes, now: float, rightly: bool = True) -> dict[str, str]:
        """The two headers of a signed post."""
        key = self.signing if rightly else wrong_sendgrid_key()
        return {SIGNATURE: key.sign(str(int(now)), body), TIMESTAMP: str(int(now))}


def _shown(person: Mapping[str, str]) -> str:
    name = person.get("name", "").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{name}" <{person["email"]}>' if name else person["email"]


def _refused(code: int, message: str, field: str | None = None) -> Refused:
    return Refused(json_answer({"errors": [{"message": message, "field": field, "help": None}]}, code))
