"""What people write to our numbers: inbound SMS and WhatsApp, STOP and its kin."""

from __future__ import annotations

import secrets

from tests.emulators.providers.people import Item, Phone, Sent
from tests.emulators.providers.posts import Post
from tests.emulators.providers.twilio_base import TwilioBase

STOP = frozenset(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"))
START = frozenset(("START", "YES", "UNSTOP"))
HELP = frozenset(("HELP", "INFO"))
STOPPED = (
    "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe."
)


class TwilioInbound(TwilioBase):
    """The part of Twilio's that brings what people write."""

    advanced_opt_out = False
    """Whether posts carry OptOutType, as with Advanced Opt-Out."""
    delivers_inbound = True
    """False: inbound posts are lost, as in an outage; the message is listed all the same."""

    def text(self, number: str, body: str, *, to: str = "", media: tuple[str, ...] = ()) -> Post | None:
        """The person sends an SMS to our number."""
        phone, ours = self.world.phone(number), to or self.from_number
        word = body.strip().upper()
        params = self._params(phone, ours, body, "sms", media) | {"FromCountry": "US", "ToCountry": "US"}
        if word in STOP | START | HELP and self.advanced_opt_out:
            params["OptOutType"] = "STOP" if word in STOP else "START" if word in START else "HELP"
        self._arrived(phone, params, "sms")
        if word in STOP:
            phone.opted_out.add(ours)
            self.world.people.put(phone, Item("twilio", "sms", "", STOPPED, self.world.clock(), sender=ours,
                                              note="by Twilio"))  # fmt: skip
        elif word in START:
            phone.opted_out.discard(ours)
        return self._hand_over(params)

    def whatsapp(
        self, number: str, body: str, *, answers: Item | None = None, media: tuple[str, ...] = ()
    ) -> Post | None:
        """The person writes on WhatsApp; `answers`: as a quoted reply to what arrived."""
        phone = self.world.phone(number)
        params = self._whatsapp_params(phone, body, media)
        if answers is not None:
            params |= {"OriginalRepliedMessageSid": answers.id, "OriginalRepliedMessageSender": self.whatsapp_from}
        return self._whatsapp(phone, params, answers)

    def press(self, number: str, button: str, *, item: Item | None = None, context: bool = True) -> Post | None:
        """The person presses a button, named by its title or payload, of the newest message that has it.

        Raises LookupError when there is none. `context`: whether the post names the message with the button.
        """
        phone = self.world.phone(number)
        found, payload, title = pressed(phone, button, "twilio", item)
        params = self._whatsapp_params(phone, title, ()) | {"ButtonText": title, "ButtonPayload": payload,
                                                            "MessageType": "button"}  # fmt: skip
        if context:
            params |= {"OriginalRepliedMessageSid": found.id, "OriginalRepliedMessageSender": self.whatsapp_from}
        return self._whatsapp(phone, params, found)

    def _whatsapp_params(self, phone: Phone, body: str, media: tuple[str, ...]) -> dict[str, str]:
        params = self._params(phone, self.whatsapp_from, body, "whatsapp", media)
        return params | {"WaId": phone.address[1:], "ProfileName": phone.name or "Somebody", "MessageType": "text",
                         "ChannelMetadata": "{}"}  # fmt: skip

    def _whatsapp(self, phone: Phone, params: dict[str, str], answers: Item | None) -> Post | None:
        phone.windows[self.whatsapp_from] = self.world.clock()
        self._arrived(phone, params, "whatsapp", answers)
        return self._hand_over(params)

    def _params(self, phone: Phone, ours: str, body: str, kind: str, media: tuple[str, ...]) -> dict[str, str]:
        sid = ("MM" if media else "SM") + secrets.token_hex(16)
        prefix = "whatsapp:" if kind == "whatsapp" else ""
        params = {
            "AccountSid": self.account_sid, "ApiVersion": "2010-04-01", "Body": body, "From": prefix + phone.address,
            "To": ours, "MessageSid": sid, "SmsMessageSid": sid, "SmsSid": sid, "SmsStatus": "received",
            "NumMedia": str(len(media)), "NumSegments": "1",
        }  # fmt: skip
        for index, url in enumerate(media):
            params |= {f"MediaUrl{index}": url, f"MediaContentType{index}": "image/jpeg"}
        return params

    def _arrived(self, phone: Phone, params: dict[str, str], kind: str, answers: Item | None = None) -> None:
        sent = Sent("twilio", params["MessageSid"], params["To"], params["Body"],
                    {"direction": "inbound", "date": self.world.clock.rfc2822()}, self.world.clock(),
                    params["From"], kind=kind, status="received")  # fmt: skip
        with self.world.lock:
            self.inbound.append(sent)
            self.world.people.put(phone, Item(
                "twilio", kind, sent.id, sent.text, sent.at, theirs=False, sender=phone.address, sent=sent,
                answers=answers.id if answers else ""))  # fmt: skip

    def _hand_over(self, params: dict[str, str]) -> Post | None:
        if not self.delivers_inbound:
            return None
        return self.post(self.world.hook("twilio"), params, "inbound")


def pressed(phone: Phone, button: str, provider: str, item: Item | None) -> tuple[Item, str, str]:
    """The message, payload and title of a button. Raises LookupError."""
    for each in [item] if item else reversed(phone.items):
        for payload, title in each.buttons:
            if each.provider == provider and button in (payload, title):
                return each, payload, title
    raise LookupError(f"There is no button {button!r} on {phone.address}.")
