"""What the vendors of mail share: a message lands in the mailbox, unless its fate is another."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from tests.emulators.providers.mail import bare, text_of
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

    def receive(self, mail: EmailMessage, sender: str, to: str) -> Post:
        """Mail for a domain whose MX is this vendor's: hand it to the product. `sender` and `to` are the envelope's."""
        raise NotImplementedError


def thread_of(mail: EmailMessage) -> str:
    """The Message-ID with which the conversation began."""
    references = str(mail["References"] or mail["In-Reply-To"] or mail["Message-ID"] or "").split()
    return references[0] if references else ""
