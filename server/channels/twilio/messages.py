"""SMS and WhatsApp over Twilio's Messages: one resource, two kinds of address."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime

from server.channels.twilio import content, events, standing
from server.channels.twilio.account import BEFORE, SERVICE, Item, Twilio, asked, day_and_time
from server.domain.choices import MOST
from server.domain.message import Choice, Limits, Outgoing, Receipt
from server.domain.numbers import variants
from server.domain.provider_templates import ListedTemplate
from server.domain.reply import Event
from server.domain.words import ChannelName
from server.errors import PermanentError

LONGEST = 1600
"""Characters of a text (twilio.com/docs/api/errors/21617)."""
VALID_SECONDS = 4 * 3600
"""How long Twilio tries to send an SMS: what is asked about a day must not come in the middle of the night."""
WINDOW = 24 * 3600.0
WHATSAPP_PER_SECOND = 80.0

NOBODYS = "-"
"""No token of ours: a payload with it is none (Twilio takes no empty variable)."""
TEMPLATE_PAGE, TEMPLATE_PAGES = 100, 20

_TOLL_FREE = re.compile(r"\+1(800|833|844|855|866|877|888)\d{7}")
_TEMPLATE = re.compile(r"HX[0-9A-Za-z]{1,64}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")


class _Messages(Twilio):
    """What SMS and WhatsApp share. `prefix` stands before the numbers of a channel."""

    prefix = ""

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Post the message, once. Raises TemporaryError, PermanentError, SendInDoubt."""
        form = {"To": self._to(outgoing), **self._from(), **self._content(outgoing)}
        if callback := self._callback(outgoing.token):
            form["StatusCallback"] = callback
        return await self._hand_over("Messages", form)

    async def reconcile(self, outgoing: Outgoing) -> Receipt | bool:
        """Look for it among what this person was sent lately. Raises TemporaryError, PermanentError."""
        mine = self._sendable(outgoing.text).strip()

        def fits(item: Item) -> bool:
            body = item.get("body")
            return isinstance(body, str) and body.removeprefix(standing.TRIAL_LINE).strip() == mine

        to = dict.fromkeys([self._to(outgoing), *(self.prefix + each for each in self._numbers(outgoing.address))])
        return await self._settled("Messages", outgoing, to, fits)

    async def missed(self, since: datetime) -> list[Event]:
        """Texts from people, and how our messages ended. A pressed button comes as its words only, which is all that
        Twilio lists. Raises TemporaryError, PermanentError."""
        sent = {"DateSent>": day_and_time(since - BEFORE)}
        ours = self.prefix + self._sender
        queries = [sent] if self._is_service else [{**sent, "To": ours}, {**sent, "From": ours}]
        return await self._gone_by("Messages", queries, self._read)

    def _read(self, item: Item) -> Event | None:
        """An event of this channel and sender."""
        service = item.get("messaging_service_sid") or (self._sender if item.get("direction") == "inbound" else "")
        if self._is_service and service != self._sender:
            return None
        here = str(item.get("to", "")).startswith("whatsapp:") is bool(self.prefix)
        return events.listed_message(item) if here else None

    def _to(self, outgoing: Outgoing) -> str:
        return self.prefix + outgoing.address

    def _numbers(self, address: str) -> tuple[str, ...]:
        """Under which numbers Twilio may list what went to an address."""
        return (address,)

    def _from(self) -> dict[str, str]:
        return {"MessagingServiceSid": self._sender} if self._is_service else {"From": self.prefix + self._sender}

    def _content(self, outgoing: Outgoing) -> dict[str, str]:
        return {"Body": self._sendable(outgoing.text)}

    def _sendable(self, text: str) -> str:
        """The text as it goes out: a half of a character, which no request can carry, becomes U+FFFD."""
        if len(text) > LONGEST:
            raise PermanentError(f"The text has {len(text)} characters: Twilio takes {LONGEST}. Shorten it.")
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class TwilioSms(_Messages):
    """SMS over Twilio. Answers are digits in the text itself: nothing can be pressed in an SMS."""

    name = ChannelName.SMS

    def limits(self) -> Limits:
        """As many a second as this kind of sender bears (facts/channels.md, "Twilio"), unless it is configured."""
        pace = self._per_second or _pace(self._sender)
        return Limits(per_second=pace, longest=LONGEST, choices=MOST, ours=self._ours)

    async def check(self) -> None:
        """See that account and sender may send. Raises TemporaryError, PermanentError."""
        self.caution = await standing.of_account(self._ask, self._account)
        if self._is_service:
            self.caution = await standing.of_service(self._ask_messaging, self._sender) or self.caution
        else:
            self.caution = await standing.of_number(self._ask, self._account, self._sender, "sms") or self.caution

    def _content(self, outgoing: Outgoing) -> dict[str, str]:
        return {**super()._content(outgoing), "ValidityPeriod": str(VALID_SECONDS)}


class TwilioWhatsApp(_Messages):
    """WhatsApp over Twilio: free text within 24 hours of what a person wrote, an approved template at any time."""

    name = ChannelName.WHATSAPP
    prefix = "whatsapp:"

    def limits(self) -> Limits:
        """80 a second; buttons only by templates (at Twilio a template has its own, see `_content`)."""
        pace = self._per_second or WHATSAPP_PER_SECOND
        return Limits(per_second=pace, longest=LONGEST, window=WINDOW, choices=MOST, ours=self._ours)

    async def check(self) -> None:
        """See that account and sender may send. Raises TemporaryError, PermanentError."""
        self.caution = await standing.of_account(self._ask, self._account)
        if self._is_service:
            self.caution = await standing.of_service(self._ask_messaging, self._sender) or self.caution
        else:
            self.caution = await standing.of_whatsapp(self._ask_messaging, self._sender) or self.caution

    async def templates(self) -> list[ListedTemplate]:
        """Templates that WhatsApp has approved, and paused ones. Raises TemporaryError, PermanentError."""
        found: list[ListedTemplate] = []
        for number in range(TEMPLATE_PAGES):
            query = {"PageSize": str(TEMPLATE_PAGE), "Page": str(number)}
            body = asked(await self._content_api.get("/v1/ContentAndApprovals", query=query))
            found += content.page(body)
            meta = body.get("meta")
            if not isinstance(meta, dict) or not meta.get("next_page_url"):
                break
        return found

    def _to(self, outgoing: Outgoing) -> str:
        """How WhatsApp knows the person, where that is another form of the number."""
        return self.prefix + (outgoing.known_as if _E164.fullmatch(outgoing.known_as) else outgoing.address)

    def _numbers(self, address: str) -> tuple[str, ...]:
        return variants(address)

    def _content(self, outgoing: Outgoing) -> dict[str, str]:
        """The text; or the template with its variables. The buttons are the template's own, each with the id
        `v1.{{token}}.<code>`: what fills that variable makes a press lead to this very row."""
        if outgoing.template is None:
            return super()._content(outgoing)
        if not _TEMPLATE.fullmatch(outgoing.template.name):
            raise PermanentError(
                f"“{outgoing.template.name[:40]}” is no template of Twilio's: copy its Content SID (HX…) from the "
                "Content Template Builder.",
                whole_campaign=True,
            )
        variables = dict(outgoing.template.variables)
        if outgoing.choices:
            variables["token"] = outgoing.token if _in_order(outgoing.choices) and outgoing.token else NOBODYS
        filled = {"ContentVariables": json.dumps(variables)} if variables else {}
        return {"ContentSid": outgoing.template.name, **filled}


def _in_order(choices: Sequence[Choice]) -> bool:
    """Whether the template's answer buttons are the plan's first, second ... answers, as the ids of a template count.

    Where the plan has them in another order an id would name the wrong answer: then the button's words decide.
    """
    codes = [choice.code for choice in choices if choice.code]
    return codes == [str(number) for number in range(1, len(codes) + 1)]


def _pace(sender: str) -> float:
    """Messages a second of a long code, a toll-free number, a short code; of a service nobody knows: the slowest."""
    if _TOLL_FREE.fullmatch(sender):
        return 3.0
    return 1.0 if sender.startswith("+") or SERVICE.fullmatch(sender) else 10.0
