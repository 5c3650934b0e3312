"""What the vendors of mail share: a message lands in the mailbox, unless its fate is another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from tests.emulators.providers import replying
from tests.emulators.providers.mail import address_list, bare, text_of
from tests.emulators.providers.people import Item, Sent
from tests.emulators.providers.posts import Post
from tests.emulators.providers.provider import Provider

if TYPE_CHECKING:
    from tests.emulators.providers.world import Providers

KEPT_OUT = frozenset(("bounced", "dropped"))


class MailProvider(Provider):
    """`unverified`: sender domains that this vendor does not let us use."""

    def __init__(self, world: Providers) -> None:
        self.unverified: set[str] = set()
        super().__init__(world)

    def clear(self) -> None:
        super().clear()
        self.unverified.clear()

    def arrive(
        self, made: str, to: str, mail: EmailMessage, data: dict[str, Any], custom: Mapping[str, str],
        text: str | None = None,
    ) -> Sent:  # fmt: skip
        """Note a message as taken, and put it into the mailbox. `text`: exactly as the API was given it."""
        if text is None:
            text = text_of(mail) or text_of(mail, "html")
        sender, subject = str(mail["From"]), str(mail["Subject"] or "")
        sent = Sent(self.name, made, bare(to), text, data, self.world.clock(), sender, subject, "mail", mail,
                    dict(custom))  # fmt: skip
        box = self.world.mailbox(sent.to)
        if box.fate not in KEPT_OUT:
            self.world.people.put(box, Item(
                self.name, "mail", made, text, sent.at, subject=subject, sender=sender, mail=mail, sent=sent,
                thread=thread_of(mail), buttons=[],
            ))  # fmt: skip
        return self.took(sent)

    def aftermath(self, sent: Sent) -> list[Post]:
        """What the person's program does by itself once a mail is there."""
        box = self.world.mailbox(sent.to)
        if not box.away or box.fate in KEPT_OUT:
            return []
        return [self.away(sent.to, box.away, to=next(each for each in box.items if each.sent is sent))]

    def reply(self, address: str, text: str, *, to: Item | None = None, **how: Any) -> Post:
        """The person answers a mail of this vendor's (the newest, unless named), in their program's manner.

        `how` as in `replying.reply`: style, linked, charset, files, subject; `author`: answer from another address.
        Raises LookupError when nothing has arrived.
        """
        answer = replying.reply(self.world.clock, *self._asked(address, to, how), text, **how)
        return self.hand_in(address, answer, text)

    def away(self, address: str, text: str = replying.AWAY, *, to: Item | None = None, **how: Any) -> Post:
        """The person's program answers that they are away; `exchange=False`: as Gmail does it."""
        answer = replying.away(self.world.clock, *self._asked(address, to, how), text, **how)
        return self.hand_in(address, answer, text, "out of office")

    def bounce(self, address: str, reason: str = "", *, envelope: str = "", permanent: bool = True) -> Post:
        """A mail server sends the newest mail back to the envelope's sender (its Reply-To, unless named)."""
        box = self.world.mailbox(address)
        mail, _ = self._asked(address, None, {})
        target = envelope or address_list(str(mail["Reply-To"] or mail["From"]))[0]
        answer = replying.bounce(self.world.clock, mail, address, target, reason or box.reason, permanent=permanent)
        return self.hand_in(address, answer, reason or box.reason, "bounce")

    def unsubscribe(self, address: str) -> Post:
        """The person presses their mail program's "Unsubscribe": one click (RFC 8058), without a cookie or a page.

        Raises LookupError when the newest mail does not offer it.
        """
        mail, _ = self._asked(address, None, {})
        found = re.search(r"<(https?://[^>]+)>", str(mail["List-Unsubscribe"] or ""))
        if found is None or str(mail["List-Unsubscribe-Post"] or "").strip() != "List-Unsubscribe=One-Click":
            raise LookupError("The newest mail offers no one-click unsubscribing.")
        body, headers = b"List-Unsubscribe=One-Click", {"Content-Type": "application/x-www-form-urlencoded"}
        return self.world.posts.post(Post("mail program", "unsubscribe", found[1], lambda _, __: (headers, body)))

    def _asked(self, address: str, to: Item | None, how: dict[str, Any]) -> tuple[EmailMessage, str]:
        """The mail that is answered, and by whom."""
        box = self.world.mailbox(address)
        item = to or box.last(provider=self.name)
        assert item.mail is not None
        return item.mail, how.pop("author", "") or (f"{box.name} <{address}>" if box.name else address)

    def hand_in(self, address: str, answer: replying.Answer, text: str, note: str = "") -> Post:
        """Note what was sent in the person's mailbox, and bring it to us."""
        made, subject = str(answer.mail["Message-ID"] or ""), str(answer.mail["Subject"] or "")
        with self.world.lock:
            self.world.people.put(self.world.mailbox(address), Item(
                self.name, "mail", made, text, self.world.clock(), theirs=False, subject=subject,
                sender=answer.sender, mail=answer.mail, thread=thread_of(answer.mail), note=note,
                answers=str(answer.mail["In-Reply-To"] or "")))  # fmt: skip
        return self.receive(answer.mail, answer.sender, answer.to)

    def receive(self, mail: EmailMessage, sender: str, to: str) -> Post:
        """Mail for a domain whose MX is this vendor's: hand it to the product. `sender` and `to` are the envelope's."""
        raise NotImplementedError


def thread_of(mail: EmailMessage) -> str:
    """The Message-ID with which the conversation began."""
    references = str(mail["References"] or mail["In-Reply-To"] or mail["Message-ID"] or "").split()
    return references[0] if references else ""
