"""Twilio: messages (SMS, WhatsApp), calls, content templates. Sources: twilio-oai, twilio.com/docs."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.emulators.providers import forms, signing, twilio_messages
from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.people import Item, Phone, Sent
from tests.emulators.providers.posts import Post, Rules, Signed
from tests.emulators.providers.provider import Provider, json_answer
from tests.emulators.providers.twilio_content import Content, TwilioContent
from tests.emulators.providers.twilio_errors import LATER, answer, refused
from tests.emulators.providers.twilio_inbound import TwilioInbound
from tests.emulators.providers.twilio_listing import page

if TYPE_CHECKING:
    from tests.emulators.providers.world import Providers

DAY = 24 * 3600
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "I-Twilio-Idempotency-Token": ""}
ACCOUNT = "/2010-04-01/Accounts/(?P<account>[^/]+)"


class Twilio(TwilioInbound, TwilioContent, Provider):
    """`world.twilio`. `closed_regions`: prefixes of numbers that the account may not write to (21408)."""

    name = "twilio"
    routes = (
        ("POST", f"{ACCOUNT}/Messages.json", "_send"),
        ("GET", f"{ACCOUNT}/Messages.json", "_list"),
        ("GET", f"{ACCOUNT}/Messages/(?P<sid>[^/]+).json", "_read"),
        ("GET", f"{ACCOUNT}.json", "_account"),
        ("GET", f"{ACCOUNT}/IncomingPhoneNumbers.json", "_numbers"),
        *TwilioContent.routes,
    )

    def __init__(self, world: Providers) -> None:
        self.account_sid = f"AC{secrets.token_hex(16)}"
        self.auth_token = secrets.token_hex(16)
        self.from_number = "+15005550006"
        self.whatsapp_from = "whatsapp:+14155238886"
        self.messaging_service = f"MG{secrets.token_hex(16)}"
        self.numbers = {self.from_number, self.whatsapp_from}
        self.closed_regions: set[str] = set()
        self.contents: dict[str, Content] = {}
        self.inbound: list[Sent] = []
        super().__init__(world)

    def environment(self) -> dict[str, str]:
        return {"TWILIO_ACCOUNT_SID": self.account_sid, "TWILIO_AUTH_TOKEN": self.auth_token,
                "TWILIO_FROM": self.from_number, "TWILIO_WHATSAPP_FROM": self.whatsapp_from,
                "TWILIO_BASE_URL": self.url}  # fmt: skip

    def authenticate(self, request: Request) -> None:
        expected = base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            raise refused(20003)
        if (found := re.match(ACCOUNT, request.path)) and found["account"].removesuffix(".json") != self.account_sid:
            raise refused(20404, request.path)

    def refusal(self, code: int, retry_after: int | None = None) -> Answer:
        headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
        return answer({429: 20429, 503: 20503}.get(code, 20500), headers=headers)

    def unknown(self, request: Request) -> Answer:
        return answer(20404, request.path)

    def _account(self, _: Request, account: str) -> Answer:
        return json_answer({"sid": account, "status": "active", "type": "Full", "friendly_name": "Emulated account",
                            "date_created": self.world.clock.rfc2822()})  # fmt: skip

    def _numbers(self, request: Request, account: str) -> Answer:
        found = [{"sid": f"PN{secrets.token_hex(16)}", "account_sid": account, "phone_number": number,
                  "capabilities": {"sms": True, "mms": True, "voice": True, "fax": False},
                  "sms_url": self.world.hook("twilio"), "voice_url": ""}
                 for number in sorted(self.numbers) if number[0] == "+"]  # fmt: skip
        return page(
            request, "incoming_phone_numbers", found, f"/2010-04-01/Accounts/{account}/IncomingPhoneNumbers.json"
        )

    def _send(self, request: Request, account: str) -> Answer:
        form = twilio_messages.checked(self, _fields(request))
        whatsapp = form["To"].startswith("whatsapp:")
        content = self.contents.get(form.get("ContentSid", ""))
        text, buttons = content.rendered(form.get("ContentVariables", "{}")) if content else (form.get("Body", ""), [])
        sender = form.get("From") or (self.whatsapp_from if whatsapp else self.from_number)
        sid = ("MM" if form.get("MediaUrl") else "SM") + secrets.token_hex(16)
        form["date"] = self.world.clock.rfc2822()
        sent = Sent("twilio", sid, form["To"], text, form, self.world.clock(), sender,
                    kind="whatsapp" if whatsapp else "sms")  # fmt: skip
        sent.error = self._failure(sent, content)
        if not sent.error:
            self.world.people.put(self.world.phone(sent.to), Item(
                "twilio", sent.kind, sid, text, sent.at, sender=sender, buttons=buttons, sent=sent))  # fmt: skip
        answered = json_answer(twilio_messages.resource(self, sent), 201)
        self.took(sent)
        return answered

    def _failure(self, sent: Sent, content: Content | None) -> str:
        """The number of what will go wrong with it on its way; empty when nothing will."""
        phone = self.world.phone(sent.to)
        if sent.kind == "sms":
            return "30034" if not phone.registered else "" if phone.reachable else "30003"
        if not phone.whatsapp:
            return "63003"
        if content is not None and content.is_template:
            return content.failure
        window = self.world.clock() - phone.windows.get(sent.sender, 0.0) < DAY
        return "" if window else "63016"

    def _list(self, request: Request, account: str) -> Answer:
        found = [twilio_messages.resource(self, each)
                 for each in sorted(self.sent + self.inbound, key=lambda each: -each.at) if each.kind != "voice"]  # fmt: skip
        return page(request, "messages", found, f"/2010-04-01/Accounts/{account}/Messages.json")

    def _read(self, request: Request, account: str, sid: str) -> Answer:
        for each in self.sent + self.inbound:
            if each.id == sid:
                return json_answer(twilio_messages.resource(self, each))
        raise refused(20404, request.path)

    def deliver(self, *which: Sent) -> list[Post]:
        """One post per status, to the StatusCallback of the message; none where it has none."""
        posts = []
        for sent in self._open(which):
            first = ["queued"] if sent.data.get("MessagingServiceSid") else []
            read = ["read"] if sent.kind == "whatsapp" and self.world.phone(sent.to).reads else []
            if sent.error:
                words = [*first, "failed" if sent.error.startswith("63") else "undelivered"]
                words[-1:-1] = ["sent"] if words[-1] == "undelivered" else []
            else:
                words = [*first, "sent", "delivered", *read]
            posts += [post for word in words if (post := self.event(sent, word))]
            sent.status = words[-1]
        return posts

    def event(self, sent: Sent, word: str) -> Post | None:
        """Tell one status; None where nobody wants to know."""
        sent.history.append(word)
        url = sent.data.get("StatusCallback")
        if not url:
            return None
        params = {"AccountSid": self.account_sid, "ApiVersion": "2010-04-01", "From": sent.sender, "To": sent.to,
                  "MessageSid": sent.id, "MessageStatus": word, "SmsSid": sent.id, "SmsStatus": word}  # fmt: skip
        if sent.kind == "whatsapp":
            params |= {"ChannelPrefix": "whatsapp", "ChannelInstallSid": f"XE{self.account_sid[2:]}",
                       "ChannelToAddress": sent.to}  # fmt: skip
            params |= {"EventType": word.upper()} if word in ("delivered", "read") else {}
        elif word == "delivered":
            params["RawDlrDoneDate"] = self.world.clock.now().strftime("%y%m%d%H%M")
        if service := sent.data.get("MessagingServiceSid"):
            params["MessagingServiceSid"] = service
        if word in ("failed", "undelivered"):
            params |= {"ErrorCode": sent.error, "ErrorMessage": LATER[int(sent.error)]}
        return self.post(url, params, word)

    def post(self, url: str, params: dict[str, str] | Sequence[tuple[str, str]], kind: str) -> Post:
        """Post a form to an address as Twilio does: signed over the address without its fragment."""
        pairs = list(params.items()) if isinstance(params, dict) else list(params)
        body = urlencode(pairs).encode()
        called, _, fragment = url.partition("#")

        def sign(_: float, rightly: bool) -> Signed:
            token = self.auth_token if rightly else "0" * 32
            headers = {**FORM, "X-Twilio-Signature": signing.twilio(token, called, pairs),
                       "I-Twilio-Idempotency-Token": token_of_post}  # fmt: skip
            return headers, body

        token_of_post = secrets.token_hex(16)
        return self.world.posts.post(Post(self.name, kind, called, sign, _rules(fragment)))


def _fields(request: Request) -> dict[str, list[str]]:
    try:
        return forms.fields(request)
    except ValueError:
        raise refused(20001, "body") from None


def _rules(fragment: str) -> Rules:
    """Connection overrides in the fragment: rc (tries again), rp (when), ct and rt (time-outs, ms). By default once
    again, and only where there was no connection. Source: "Webhooks Connection Overrides"."""
    given = dict(each.split("=", 1) for each in fragment.split("&") if "=" in each)
    count = min(int(given.get("rc", "1")), 5) if given.get("rc", "1").isdigit() else 1
    policies = set(given.get("rp", "ct").split(","))
    timeout = min(int(given.get("rt", "15000")), 15000) / 1000 if given.get("rt", "1").isdigit() else 15.0
    return Rules(
        content=lambda status: 200 <= status < 400 or (400 <= status < 500 and not policies & {"4xx", "all"}),
        waits=(0.1,) * count,
        timeout=timeout,
        only_unconnected=not policies & {"all", "4xx", "5xx", "rt"},
    )
