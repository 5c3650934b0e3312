"""What people send on WhatsApp to a number at Meta's."""

from __future__ import annotations

import base64
import secrets
from typing import Any

from tests.emulators.providers.numbers import wa_id
from tests.emulators.providers.people import Item, Phone
from tests.emulators.providers.posts import Post
from tests.emulators.providers.provider import Provider
from tests.emulators.providers.twilio_inbound import pressed

UNSUPPORTED = {"code": 131051, "title": "Message type unknown", "message": "Message type unknown",
               "error_data": {"details": "Message type is currently not supported."}}  # fmt: skip


class MetaInbound(Provider):
    """The part of Meta's that brings what people write."""

    phone_number_id = ""
    display_number = ""

    def post_value(self, *values: dict[str, Any] | str) -> Post:
        """Post changes; see Meta."""
        raise NotImplementedError

    def whatsapp(self, number: str, text: str, *, answers: Item | None = None) -> Post:
        """The person writes a text; `answers`: as a quoted reply to what arrived."""
        message = {"type": "text", "text": {"body": text}}
        return self.post_value(self.message(number, message, text, answers=answers))

    def press(self, number: str, button: str, *, item: Item | None = None, context: bool = True) -> Post:
        """The person presses a button, named by its title or payload, of the newest message that has it.

        Of a template it comes as `button`, else as `interactive`. `context`: whether the message is named.
        Raises LookupError when there is none.
        """
        phone = self.world.phone(number)
        found, payload, title = pressed(phone, button, self.name, item)
        data = found.sent.data if found.sent else {}
        if data.get("type") == "template":
            message: dict[str, Any] = {"type": "button", "button": {"payload": payload, "text": title}}
        else:
            kind = "list_reply" if "sections" in data.get("interactive", {}).get("action", {}) else "button_reply"
            message = {"type": "interactive", "interactive": {"type": kind, kind: {"id": payload, "title": title}}}
        return self.post_value(self.message(number, message, title, answers=found, context=context))

    def react(self, number: str, emoji: str, item: Item | None = None) -> Post:
        """The person puts an emoji on a message (empty: takes it away)."""
        target = item or self.world.phone(number).last(provider=self.name)
        reaction = {"message_id": target.id, **({"emoji": emoji} if emoji else {})}
        return self.post_value(self.message(number, {"type": "reaction", "reaction": reaction}, emoji))

    def unsupported(self, number: str) -> Post:
        """Something that the Cloud API can't show, such as a poll."""
        return self.post_value(self.message(number, {"type": "unsupported", "errors": [UNSUPPORTED]}, ""))

    def odd(self, number: str, message: dict[str, Any]) -> Post:
        """A message of any form: `{"type": "interactive"}` without a body, an image, an order ..."""
        return self.post_value(self.message(number, message, ""))

    def message(self, number: str, content: dict[str, Any], shown: str, *, answers: Item | None = None,
                context: bool = True) -> dict[str, Any]:  # fmt: skip
        """The value of a change with one message; notes it on the phone and opens the 24 hours."""
        phone = self.world.phone(number)
        phone.windows[self.phone_number_id] = self.world.clock()
        made = f"wamid.{base64.b64encode(secrets.token_bytes(27)).decode()}"
        message: dict[str, Any] = {}
        if answers is not None and context:
            message["context"] = {"from": self.display_number, "id": answers.id}
        if not phone.number_hidden:
            message["from"] = wa_id(phone.address)
        message |= {"from_user_id": phone.user_id, "id": made, "timestamp": str(int(self.world.clock())), **content}
        with self.world.lock:
            self.world.people.put(phone, Item(
                self.name, "whatsapp", made, shown or content["type"], self.world.clock(), theirs=False,
                sender=phone.address, answers=answers.id if answers else ""))  # fmt: skip
        return {"contacts": [_contact(phone)], "messages": [message]}


def _contact(phone: Phone) -> dict[str, Any]:
    profile = {"name": phone.name or "Somebody"}
    if phone.number_hidden:
        return {"profile": {**profile, "username": "somebody"}, "user_id": phone.user_id}
    return {"profile": profile, "wa_id": wa_id(phone.address), "user_id": phone.user_id}
