"""Twilio: messages (SMS, WhatsApp) and the account; calls and templates are its other parts. Source: twilio-oai."""

from __future__ import annotations

import secrets
import threading

from tests.emulators.providers import twilio_messages
from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.people import Item, Sent
from tests.emulators.providers.posts import Post
from tests.emulators.providers.provider import json_answer
from tests.emulators.providers.twilio_base import ACCOUNT, fields
from tests.emulators.providers.twilio_calls import TwilioCalls
from tests.emulators.providers.twilio_content import Content, TwilioContent
from tests.emulators.providers.twilio_errors import LATER, refused
from tests.emulators.providers.twilio_inbound import TwilioInbound
from tests.emulators.providers.twilio_listing import page

DAY = 24 * 3600


class Twilio(TwilioInbound, TwilioCalls, TwilioContent):
    """`world.twilio`. `closed_regions`: prefixes of numbers that the account may not write to (21408)."""

    routes = (
        ("POST", f"{ACCOUNT}/Messages.json", "_send"),
        ("GET", f"{ACCOUNT}/Messages.json", "_list"),
        ("GET", f"{ACCOUNT}/Messages/(?P<sid>[^/]+).json", "_read"),
        ("GET", f"{ACCOUNT}.json", "_account"),
        ("GET", f"{ACCOUNT}/IncomingPhoneNumbers.json", "_numbers"),
        ("GET", "/v1/Services/(?P<sid>MG[0-9a-f]{32})", "_service"),
        ("GET", "/v2/Channels/Senders", "_senders"),
        *TwilioCalls.routes,
        *TwilioContent.routes,
    )

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

    def _service(self, request: Request, sid: str) -> Answer:
        if sid != self.messaging_service:
            raise refused(20404, request.path)
        return json_answer({"sid": sid, "account_sid": self.account_sid, "friendly_name": "Cellback",
                            "inbound_request_url": self.world.hook("twilio"), "inbound_method": "POST",
                            "status_callback": None, "use_inbound_webhook_on_number": False,
                            "usecase": "notifications", "us_app_to_person_registered": True})  # fmt: skip

    def _senders(self, request: Request) -> Answer:
        sender = {"sid": f"XE{self.account_sid[2:]}", "sender_id": self.whatsapp_from, "status": "ONLINE",
                  "webhook": {"callback_url": self.world.hook("twilio"), "callback_method": "POST"}}  # fmt: skip
        return self.listed(request, "senders", [sender])

    def _send(self, request: Request, account: str) -> Answer:
        form = twilio_messages.checked(self, fields(request))
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
        newest = sorted(self.sent + self.inbound, key=lambda each: -each.at)
        found = [twilio_messages.resource(self, each) for each in newest if each.kind != "voice"]
        return page(request, "messages", found, f"/2010-04-01/Accounts/{account}/Messages.json")

    def _read(self, request: Request, account: str, sid: str) -> Answer:
        for each in self.sent + self.inbound:
            if each.id == sid:
                return json_answer(twilio_messages.resource(self, each))
        raise refused(20404, request.path)

    def deliver(self, *which: Sent) -> list[Post]:
        """One post per status, to the StatusCallback of the message; none where it has none. Calls are played."""
        posts = []
        for sent in self._open(which):
            if sent.kind == "voice":
                call = next(each for each in self.placed if each.sent is sent)
                if self.patience:
                    threading.Thread(target=self.play, args=(call,), daemon=True).start()
                else:
                    posts += self.play(call)
                continue
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
