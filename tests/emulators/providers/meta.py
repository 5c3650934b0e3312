"""WhatsApp Cloud API: sending and statuses. Sources: developers.facebook.com (WhatsApp Business Platform), PyWa."""

from __future__ import annotations

import base64
import json
import re
import secrets
from typing import TYPE_CHECKING, Any

from tests.emulators.providers import meta_shape, signing
from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.meta_errors import answer, refused, told
from tests.emulators.providers.meta_inbound import MetaInbound
from tests.emulators.providers.meta_templates import MetaTemplates
from tests.emulators.providers.numbers import wa_id
from tests.emulators.providers.people import Item, Phone, Sent
from tests.emulators.providers.posts import Post, Rules, Signed
from tests.emulators.providers.provider import json_answer, json_object
from tests.emulators.providers.shape import Wrong, check

if TYPE_CHECKING:
    from tests.emulators.providers.world import Providers

DAY = 24 * 3600
WAITS = (1.0, 5.0, 30.0, 300.0, 3600.0, 6 * 3600.0, DAY, DAY, DAY, DAY, DAY, DAY)
RULES = Rules(content=lambda status: status == 200, waits=WAITS)
"""Anything but 200 is tried again, ever more slowly, for 7 days; the intervals themselves are not published."""
CODES = {429: 130429, 500: 1, 503: 2}


class Meta(MetaTemplates, MetaInbound):
    """`world.meta`. `batch`: how many statuses `deliver` puts into one post; `subscribed`: whether an app listens."""

    name = "meta"
    routes = (
        ("POST", r"(/v\d+\.\d+)?/(?P<node>\d+)/messages", "_send"),
        ("GET", r"(/v\d+\.\d+)?/(?P<node>\d+)/message_templates", "_templates"),
        ("GET", r"(/v\d+\.\d+)?/(?P<node>\d+)/subscribed_apps", "_apps"),
        ("GET", r"(/v\d+\.\d+)?/(?P<node>\d+)", "_node"),
    )

    def __init__(self, world: Providers) -> None:
        self.token = f"EAA{secrets.token_hex(40)}"
        self.phone_number_id = "106540352242922"
        self.waba_id = "102290129340398"
        self.display_number = "15550783881"
        self.app_secret = secrets.token_hex(16)
        self.verify_token = secrets.token_urlsafe(16)
        self.batch = 1
        self.subscribed = True
        super().__init__(world)

    def environment(self) -> dict[str, str]:
        return {"META_ACCESS_TOKEN": self.token, "META_PHONE_NUMBER_ID": self.phone_number_id,
                "META_APP_SECRET": self.app_secret, "META_VERIFY_TOKEN": self.verify_token,
                "META_WABA_ID": self.waba_id, "META_BASE_URL": self.url}  # fmt: skip

    def authenticate(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise refused(190)

    def refusal(self, code: int, retry_after: int | None = None) -> Answer:
        return answer(CODES.get(code, 1))

    def unknown(self, request: Request) -> Answer:
        return answer(100, "Unknown path components")

    def _node(self, _: Request, node: str) -> Answer:
        if node != self.phone_number_id:
            raise _no_object(node)
        return json_answer({"id": node, "display_phone_number": f"+{self.display_number}", "quality_rating": "GREEN",
                            "verified_name": "Cellback", "code_verification_status": "VERIFIED",
                            "platform_type": "CLOUD_API", "throughput": {"level": "STANDARD"}})  # fmt: skip

    def _apps(self, _: Request, node: str) -> Answer:
        if node != self.waba_id:
            raise _no_object(node)
        app = {
            "link": "https://www.facebook.com/games/?app_id=670843887433847",
            "name": "Cellback",
            "id": "670843887433847",
        }
        return json_answer({"data": [{"whatsapp_business_api_data": app}] if self.subscribed else []})

    def _send(self, request: Request, node: str) -> Answer:
        if node != self.phone_number_id:
            raise _no_object(node)
        body = self._checked(request)
        if "status" in body:
            return json_answer({"success": True})
        phone, given = self._recipient(body)
        template = self.template_of(body) if body["type"] == "template" else None
        text, buttons = template.rendered(body["template"]) if template else _shown(body)
        code = self._failure(phone, templated=template is not None)
        sent = Sent(self.name, f"wamid.{base64.b64encode(secrets.token_bytes(27)).decode()}", given, text, body,
                    self.world.clock(), self.phone_number_id, kind="whatsapp", error=str(code or ""),
                    custom={"biz_opaque_callback_data": body.get("biz_opaque_callback_data", "")})  # fmt: skip
        if not code:
            self.world.people.put(phone, Item(self.name, "whatsapp", sent.id, text, sent.at,
                                              sender=self.display_number, buttons=buttons, sent=sent))  # fmt: skip
        contact = {"input": given, "wa_id": wa_id(phone.address)}
        if "recipient" in body:
            contact = {"input": given, "user_id": phone.user_id}
        message = {"id": sent.id, **({"message_status": "accepted"} if template else {})}
        self.took(sent)
        return json_answer({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]})

    def _checked(self, request: Request) -> dict[str, Any]:
        try:
            body = json_object(request)
        except ValueError:
            raise refused(100, "The request body is not valid JSON.") from None
        if not isinstance(body, dict):
            raise refused(100, "The request body must be an object.")
        for wrong in check(meta_shape.READ if "status" in body else meta_shape.MESSAGE, body):
            raise refused(*_worded(wrong))
        if "status" in body:
            return body
        body.setdefault("type", "text")
        if body["type"] not in body:
            raise refused(131008, f"The parameter {body['type']} is required.")
        if body["type"] == "interactive" and _broken(body["interactive"]):
            raise refused(131009, "The action does not fit the type of the interactive message, or ids repeat.")
        return body

    def _recipient(self, body: dict[str, Any]) -> tuple[Phone, str]:
        if "to" in body:
            if not re.fullmatch(r"\+?[1-9]\d{6,14}", body["to"]):
                raise refused(131009, "The parameter to is not a valid phone number.")
            return self.world.phone(body["to"]), body["to"]
        for phone in self.world.people.phones.values():
            if phone.user_id == body.get("recipient"):
                return phone, body["recipient"]
        raise refused(131008 if "recipient" not in body else 131026, "The parameter to is required.")

    def _failure(self, phone: Phone, *, templated: bool) -> int:
        """The number of what will go wrong with a message on its way; 0 when nothing will."""
        if not phone.whatsapp or not phone.reachable:
            return 131026
        open_window = self.world.clock() - phone.windows.get(self.phone_number_id, 0.0) < DAY
        return 0 if templated or open_window else 131047

    def deliver(self, *which: Sent) -> list[Post]:
        """Posts of statuses, `batch` in each."""
        statuses = []
        for sent in self._open(which):
            read = ["read"] if self._phone(sent).reads else []
            for word in ["failed"] if sent.error else ["sent", "delivered", *read]:
                statuses.append(self.status(sent, word))
            sent.status = sent.history[-1]
        size = max(1, self.batch)
        return [self.post_statuses(statuses[at : at + size]) for at in range(0, len(statuses), size)]

    def event(self, sent: Sent, word: str) -> Post:
        """Post one status: "read", "delivered", "failed" ..."""
        return self.post_statuses([self.status(sent, word)])

    def status(self, sent: Sent, word: str) -> dict[str, Any]:
        """One status of a message."""
        sent.history.append(word)
        phone = self._phone(sent)
        found: dict[str, Any] = {"id": sent.id, "status": word, "timestamp": str(int(self.world.clock()))}
        if not phone.number_hidden:
            found["recipient_id"] = wa_id(phone.address)
        found["recipient_user_id"] = phone.user_id
        if data := sent.custom["biz_opaque_callback_data"]:
            found["biz_opaque_callback_data"] = data
        if word == "failed":
            found["errors"] = [told(int(sent.error or 131000))]
        else:
            kind = "utility" if sent.data["type"] == "template" else "service"
            found["conversation"] = {"id": secrets.token_hex(16), "origin": {"type": kind}}
            found["pricing"] = {"billable": kind != "service", "pricing_model": "PMP", "category": kind}
        return found

    def post_statuses(self, statuses: list[dict[str, Any]]) -> Post:
        """Several statuses in one post."""
        return self.post_value({"statuses": statuses}, "statuses")

    def post_value(self, *values: dict[str, Any] | str) -> Post:
        """Post changes, one for each value, in one entry; a last text names the kind of the post."""
        kind = values[-1] if isinstance(values[-1], str) else "messages"
        changes = [{"value": {**self._metadata(), **value}, "field": "messages"} for value in values
                   if isinstance(value, dict)]  # fmt: skip
        entry = {"id": self.waba_id, "changes": changes}
        return self.post_body({"object": "whatsapp_business_account", "entry": [entry]}, kind)

    def post_body(self, content: dict[str, Any], kind: str) -> Post:
        """Post anything, signed. Meta signs the escaped form: non-ASCII characters as \\uXXXX."""
        body = json.dumps(content, separators=(",", ":")).encode()

        def sign(_: float, rightly: bool) -> Signed:
            secret = self.app_secret if rightly else "0" * 32
            return {"Content-Type": "application/json", "X-Hub-Signature-256": signing.meta(secret, body)}, body

        return self.world.posts.post(Post(self.name, kind, self.world.hook("meta"), sign, RULES))

    def handshake(self, token: str | None = None) -> Post:
        """Ask for the challenge, as when a webhook is set up; right when `post.answer` is what was asked for."""
        challenge = str(secrets.randbelow(10**10))
        given = self.verify_token if token is None else token
        query = f"hub.mode=subscribe&hub.challenge={challenge}&hub.verify_token={given}"

        def sign(_: float, __: bool) -> Signed:
            return {"X-Challenge": challenge}, b""

        once = Rules(content=lambda status: status == 200)
        url = f"{self.world.hook('meta')}?{query}"
        return self.world.posts.post(Post(self.name, "handshake", url, sign, once, method="GET"))

    def _metadata(self) -> dict[str, Any]:
        return {"messaging_product": "whatsapp", "metadata": {
            "display_phone_number": self.display_number, "phone_number_id": self.phone_number_id}}  # fmt: skip

    def _phone(self, sent: Sent) -> Phone:
        found = next((each for each in self.world.people.phones.values() if each.user_id == sent.to), None)
        return found or self.world.phone(sent.to)


def _shown(body: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    kind = body["type"]
    if kind != "interactive":
        found = body[kind]
        return found.get("body") or found.get("caption") or found.get("emoji") or found.get("filename", ""), []
    action = body["interactive"]["action"]
    replies = [each["reply"] for each in action.get("buttons", [])]
    rows = [row for section in action.get("sections", []) for row in section["rows"]]
    return body["interactive"]["body"]["text"], [(each["id"], each["title"]) for each in replies + rows]


def _broken(interactive: dict[str, Any]) -> bool:
    action = interactive["action"]
    if interactive["type"] == "button":
        replies = [button["reply"] for button in action.get("buttons", [])]
        if len(interactive["body"]["text"]) > 1024:  # under a list there is room for 4096
            return True
        return not replies or any(len({each[name] for each in replies}) < len(replies) for name in ("id", "title"))
    rows = [row["id"] for section in action.get("sections", []) for row in section["rows"]]
    return not rows or len(rows) > 10 or len(set(rows)) < len(rows) or "button" not in action


def _worded(wrong: Wrong) -> tuple[int, str]:
    above, _, name = wrong.path.rpartition(".")
    if wrong.why == "unknown":
        return 100, f'Unexpected key "{name}" on param "{above or "root"}".'
    if wrong.why == "required":
        return 131008, f"The parameter {wrong.path} is required."
    return 131009 if wrong.why != "type" else 100, f"The parameter {wrong.path} is not valid: {wrong.detail}."


def _no_object(node: str) -> Exception:
    return refused(100, f"Unsupported request. Object with ID '{node}' does not exist, cannot be loaded due to missing "
                   "permissions, or does not support this operation.")  # fmt: skip
