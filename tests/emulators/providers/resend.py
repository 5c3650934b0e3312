"""Resend: sending with idempotency keys, reading back, webhooks by Svix. Sources: resend-openapi, resend.com/docs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from tests.emulators.providers import resend_shape, signing
from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.mail import File, bare, compose, decoded, files_of, text_of
from tests.emulators.providers.mail_provider import MailProvider
from tests.emulators.providers.people import Sent
from tests.emulators.providers.posts import Post, Rules, Signed
from tests.emulators.providers.provider import Refused, json_answer, json_object

if TYPE_CHECKING:
    from tests.emulators.providers.world import Providers

KEPT = 24 * 3600
RULES = Rules(waits=(5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 36000.0))
"""Svix: at once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h."""
WRONG_SECRET = "whsec_" + base64.b64encode(b"somebody else's secret..").decode()
BOUNCE = {"type": "Permanent", "subType": "General"}
FATES: Mapping[str, tuple[str, ...]] = {
    "delivered": ("sent", "delivered"),
    "bounced": ("sent", "bounced"),
    "deferred": ("sent", "delivery_delayed", "delivered"),
    "dropped": ("suppressed",),
    "complained": ("sent", "delivered", "complained"),
}


@dataclass
class Key:
    """An idempotency key; `answer` is None while its request is under way."""

    digest: str
    at: float
    answer: Answer | None = None


@dataclass
class Received:
    """A mail that came in for us."""

    id: str
    at: str
    mail: EmailMessage
    sender: str
    to: str


class Resend(MailProvider):
    """`world.resend`."""

    name = "resend"
    routes = (
        ("POST", "/emails", "_send"),
        ("POST", "/emails/batch", "_batch"),
        ("GET", "/emails/receiving", "_received"),
        ("GET", "/emails/receiving/(?P<email_id>[^/]+)", "_receiving"),
        ("GET", "/emails/receiving/(?P<email_id>[^/]+)/attachments", "_attachments"),
        ("GET", "/emails/receiving/(?P<email_id>[^/]+)/attachments/(?P<part>[^/]+)", "_attachment"),
        ("GET", "/emails/(?P<email_id>[^/]+)", "_read"),
        ("GET", "/domains", "_domains"),
    )

    def __init__(self, world: Providers) -> None:
        self.key = f"re_{secrets.token_hex(4)}_{secrets.token_urlsafe(18)}"
        self.webhook_secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
        self.keys: dict[str, Key] = {}
        self.received: list[Received] = []
        super().__init__(world)

    def clear(self) -> None:
        super().clear()
        self.keys.clear()
        self.received.clear()

    def environment(self) -> dict[str, str]:
        return {"RESEND_API_KEY": self.key, "RESEND_BASE_URL": self.url, "RESEND_WEBHOOK_SECRET": self.webhook_secret}

    def authenticate(self, request: Request) -> None:
        given = request.headers.get("authorization", "")
        if not given:
            raise refused(401, "missing_api_key", "Missing API Key")
        if given != f"Bearer {self.key}":
            raise refused(403, "invalid_api_key", "API key is invalid")

    def refusal(self, code: int, retry_after: int | None = None) -> Answer:
        if code == 429:
            headers = {"ratelimit-limit": "5", "ratelimit-remaining": "0", "ratelimit-reset": "1",
                       "retry-after": str(retry_after or 1)}  # fmt: skip
            words = "Too many requests. You can only make 5 requests per second."
            return _error(429, "rate_limit_exceeded", words, headers)
        return _error(code, "internal_server_error" if code == 500 else "application_error",
                      "An unexpected error occurred.")  # fmt: skip

    def unknown(self, request: Request) -> Answer:
        known = any(pattern.fullmatch(request.path) for _, pattern, _ in self._routes)
        if known:
            return _error(405, "method_not_allowed", "Method is not allowed for the requested path")
        return _error(404, "not_found", "The requested endpoint does not exist")

    def reserve(self, request: Request) -> Answer | None:
        """Keys count for 24 hours, per path; an empty or overlong one is refused."""
        given = request.headers.get("idempotency-key")
        if given is None or request.method != "POST":
            return None
        if not 1 <= len(given) <= 256:
            raise refused(400, "invalid_idempotency_key", "The key must be between 1-256 chars.")
        digest = hashlib.sha256(request.body).hexdigest()
        with self.world.lock:
            known = self.keys.get(f"{request.path} {given}")
            if known is None or known.at + KEPT <= self.world.clock():
                self.keys[f"{request.path} {given}"] = Key(digest, self.world.clock())
                return None
        if known.digest != digest:
            raise refused(409, "invalid_idempotent_request", "This idempotency key has been used with this HTTP "
                          "method and endpoint within the last 24 hours, but the request body was modified and "
                          "doesn't match the original request.")  # fmt: skip
        if known.answer is None:
            raise refused(409, "concurrent_idempotent_requests", "There is another request in progress with the "
                          "same idempotency key.")  # fmt: skip
        return known.answer

    def settle(self, request: Request, answer: Answer | None) -> None:
        given = request.headers.get("idempotency-key")
        with self.world.lock:
            if given and answer is None:
                self.keys.pop(f"{request.path} {given}", None)
            elif given and f"{request.path} {given}" in self.keys:
                self.keys[f"{request.path} {given}"].answer = answer

    def _send(self, request: Request) -> Answer:
        return json_answer({"id": self._take(self._checked(request, resend_shape.MAIL))})

    def _batch(self, request: Request) -> Answer:
        mails = self._checked(request, resend_shape.BATCH)
        return json_answer({"data": [{"id": self._take(mail)} for mail in mails]})

    def _checked(self, request: Request, shape: Mapping[str, Any]) -> Any:
        try:
            body = json_object(request)
        except ValueError:
            raise refused(400, "validation_error", "The request body is not valid JSON.") from None
        if wrong := resend_shape.wrong(shape, body):
            raise refused(*wrong)
        for mail in body if isinstance(body, list) else [body]:
            if bare(mail["from"]).rpartition("@")[2].lower() in self.unverified:
                domain = bare(mail["from"]).rpartition("@")[2]
                raise refused(403, "validation_error", f"The {domain} domain is not verified. Please, add and verify "
                              "your domain on https://resend.com/domains")  # fmt: skip
        return body

    def _take(self, body: dict[str, Any]) -> str:
        """Resend hands over to Amazon SES, which sets Message-ID itself (SES developer guide, "Header fields")."""
        made = str(uuid.uuid4())
        mail = compose(
            self.world.clock,
            sender=body["from"],
            to=_many(body["to"]),
            cc=_many(body.get("cc")),
            reply_to=_many(body.get("reply_to")),
            subject=body["subject"],
            text=body.get("text"),
            html=body.get("html"),
            headers=body.get("headers", {}),
            files=[File(each.get("filename", "file"), each.get("content_type", ""), decoded(each["content"]))
                   for each in body.get("attachments", []) if "content" in each],
            message_id=f"<0102{secrets.token_hex(8)}-{made}-000000@eu-west-1.amazonses.com>",
        )  # fmt: skip
        tags = {tag["name"]: tag["value"] for tag in body.get("tags", [])}
        for to in _many(body["to"]):
            self.arrive(made, to, mail, {**body, "to": to}, tags, body.get("text"))
        return made

    def _read(self, _: Request, email_id: str) -> Answer:
        sent = next((each for each in self.sent if each.id == email_id), None)
        if sent is None:
            raise refused(404, "not_found", "Email not found")
        last = sent.history[-1] if sent.history else "queued"
        return json_answer({
            "object": "email", "id": sent.id, "to": [sent.to], "from": sent.data["from"], "subject": sent.subject,
            "html": sent.data.get("html"), "text": sent.data.get("text"), "bcc": [], "cc": [],
            "reply_to": _many(sent.data.get("reply_to")), "created_at": self.world.clock.iso(), "last_event": last,
        })  # fmt: skip

    def _domains(self, _: Request) -> Answer:
        domain = bare(self.world.keys.sender).rpartition("@")[2]
        return json_answer({"object": "list", "has_more": False, "data": [{
            "id": str(uuid.uuid4()), "name": domain, "status": "verified", "region": "eu-west-1",
            "created_at": self.world.clock.iso(),
            "capabilities": {"sending": "enabled", "receiving": "enabled"}}]})  # fmt: skip

    def deliver(self, *which: Sent) -> list[Post]:
        """One post per event."""
        posts = []
        for sent in self._open(which):
            box = self.world.mailbox(sent.to)
            for word in FATES[box.fate]:
                extra = {"bounce": {**BOUNCE, "message": box.reason, "diagnosticCode": [f"smtp; {box.reason}"]}}
                posts.append(self.event(sent, word, **(extra if word == "bounced" else {})))
            sent.status = sent.history[-1]
            posts += self.aftermath(sent)
        return posts

    def event(self, sent: Sent, word: str, **more: Any) -> Post:
        """Post one event about a message: "opened", "clicked", "complained", "failed" ..."""
        sent.history.append(word)
        data: dict[str, Any] = {"email_id": sent.id, "created_at": self.world.clock.iso(), "from": sent.data["from"],
                                "to": [sent.data["to"]], "subject": sent.subject, **more}  # fmt: skip
        if sent.custom:
            data["tags"] = sent.custom
        if headers := sent.data.get("headers"):
            data["headers"] = [{"name": name, "value": value} for name, value in headers.items()]
        return self.post_event(f"email.{word}", data)

    def post_event(self, kind: str, data: Mapping[str, Any]) -> Post:
        """Post an event of any kind, signed. The id stays the same over all tries, the timestamp does not."""
        message_id = f"msg_{secrets.token_urlsafe(20)}"
        body = json.dumps({"type": kind, "created_at": self.world.clock.iso(), "data": data}).encode()

        def sign(now: float, rightly: bool) -> Signed:
            secret = self.webhook_secret if rightly else WRONG_SECRET
            return {
                "Content-Type": "application/json",
                "svix-id": message_id,
                "svix-timestamp": str(int(now)),
                "svix-signature": signing.svix(secret, message_id, str(int(now)), body),
            }, body

        return self.world.posts.post(Post(self.name, kind, self.world.hook("resend"), sign, RULES))

    def receive(self, mail: EmailMessage, sender: str, to: str) -> Post:
        """Keep the mail, and post that it is there: the body has to be fetched."""
        received = Received(str(uuid.uuid4()), self.world.clock.iso(), mail, sender, to)
        self.received.append(received)
        return self.post_event("email.received", {**_metadata(received), "email_id": received.id})

    def _received(self, request: Request) -> Answer:
        """Newest first; `after` and `before` are ids."""
        asked = request.asked
        limit = int(asked.get("limit", 20)) if asked.get("limit", "20").isdigit() else 0
        if not 1 <= limit <= 100:
            raise refused(422, "validation_error", "The `limit` must be a number between 1 and 100.")
        found = self.received[::-1]
        ids = [each.id for each in found]
        if asked.get("after") in ids:
            found = found[ids.index(asked["after"]) + 1 :]
        elif asked.get("before") in ids:
            found = found[: ids.index(asked["before"])][-limit:]
        data = [{"id": each.id, **_metadata(each)} for each in found[:limit]]
        return json_answer({"object": "list", "has_more": len(found) > limit, "data": data})

    def _found(self, email_id: str) -> Received:
        found = next((each for each in self.received if each.id == email_id), None)
        if found is None:
            raise refused(404, "not_found", "Email not found")
        return found

    def _receiving(self, _: Request, email_id: str) -> Answer:
        received = self._found(email_id)
        headers: dict[str, str] = {}
        for name, value in received.mail.items():
            headers.setdefault(name.lower(), str(value))
        return json_answer({
            "object": "email", "id": received.id, **_metadata(received), "headers": headers,
            "html": text_of(received.mail, "html") or None, "text": text_of(received.mail) or None,
            "reply_to": _many(str(received.mail["Reply-To"]) if received.mail["Reply-To"] else None),
            "raw": None,
        })  # fmt: skip

    def _attachments(self, _: Request, email_id: str) -> Answer:
        received = self._found(email_id)
        data = [self._link(received, index) for index, _ in enumerate(files_of(received.mail))]
        return json_answer({"object": "list", "has_more": False, "data": data})

    def _attachment(self, _: Request, email_id: str, part: str) -> Answer:
        received = self._found(email_id)
        found = [self._link(received, index) for index, _ in enumerate(files_of(received.mail))]
        chosen = next((each for each in found if each["id"] == part), None)
        if chosen is None:
            raise refused(404, "not_found", "Attachment not found")
        return json_answer({"object": "attachment", **chosen})

    def _link(self, received: Received, index: int) -> dict[str, Any]:
        made = _metadata(received)["attachments"][index]
        return {**made, "size": len(files_of(received.mail)[index].data), "expires_at": self.world.clock.iso(),
                "download_url": f"{self.world.url}/download/{received.id}/{made['id']}"}  # fmt: skip


def _metadata(received: Received) -> dict[str, Any]:
    mail = received.mail
    attachments = [
        {"id": str(uuid.uuid5(uuid.UUID(received.id), str(index))), "filename": file.name,
         "content_type": file.content_type, "content_disposition": "attachment", "content_id": file.content_id or None}
        for index, file in enumerate(files_of(mail))
    ]  # fmt: skip
    return {"created_at": received.at, "from": str(mail["From"] or received.sender), "to": [received.to],
            "bcc": [], "cc": _many(str(mail["Cc"]) if mail["Cc"] else None), "subject": str(mail["Subject"] or ""),
            "message_id": str(mail["Message-ID"] or ""), "attachments": attachments}  # fmt: skip


def _many(given: str | list[str] | None) -> list[str]:
    if given is None:
        return []
    return re.split(r",\s*(?![^<]*>)", given) if isinstance(given, str) else given


def _error(code: int, name: str, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    return json_answer({"statusCode": code, "name": name, "message": message}, code, headers)


def refused(code: int, name: str, message: str) -> Refused:
    """An error in Resend's form."""
    return Refused(_error(code, name, message))
